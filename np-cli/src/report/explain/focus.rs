//! What of a line a fact is about: a value behind its key, as far as the line shows it.

use np_model::origin::Location;

use crate::report::places::Places;
use crate::report::token::token;

/// A part of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Focus {
    /// Where it starts.
    pub(crate) at: Location,
    /// How many bytes it has; at least what stands there is meant.
    pub(crate) length: usize,
}

/// The first place behind `at` on its line where `text` stands as a word, the key `skipped` left aside that may stand at
/// `at`; without such a place, the token at `at`.
pub(crate) fn focus(places: &Places<'_>, at: Location, skipped: &str, text: Option<&str>) -> Focus {
    let line = places.line(at);
    let key = line.behind.trim_start_matches(['"', '\'']);
    let from = if !skipped.is_empty() && key.starts_with(skipped) {
        line.behind.len() - key.len() + skipped.len()
    } else {
        0
    };
    let found =
        text.and_then(|text| word(&line.behind[from..], text).map(|found| (from + found, text.len())));
    let whole = || token(line.before, line.behind).map_or(1, |token| token.length);
    let (skip, length) = found.unwrap_or_else(|| (0, whole()));
    let offset = at.offset.saturating_add(u32::try_from(skip).unwrap_or(0));
    Focus { at: Location { offset, ..at }, length }
}

/// Where a text stands in a line, with nothing around it that would make it part of a longer word.
fn word(line: &str, text: &str) -> Option<usize> {
    let is_part = |character: char| character.is_alphanumeric() || "-_./:".contains(character);
    let is_whole = |at: &usize| {
        let (before, behind) = (&line[..*at], &line[at + text.len()..]);
        !before.ends_with(is_part) && !behind.starts_with(is_part)
    };
    let mut found = line.match_indices(text).map(|(at, _)| at);
    if text.is_empty() { None } else { found.find(is_whole) }
}

#[cfg(test)]
mod tests {
    use np_model::origin::{Location, Sources};

    use super::focus;
    use crate::report::places::Places;

    /// What is in focus of a line with the mark `¦`.
    #[track_caller]
    fn check(line: &str, skipped: &str, text: Option<&str>, expected: &str) {
        let mut sources = Sources::default();
        let offset = u32::try_from(line.find('¦').unwrap()).unwrap();
        let plain = line.replace('¦', "");
        let source = sources.add("a", plain.clone()).unwrap();
        let found = focus(&Places::new(&sources), Location { source, offset }, skipped, text);
        let start = found.at.offset as usize;
        assert_eq!(&plain[start..start + found.length], expected, "{line}");
    }

    #[test]
    fn the_value_behind_its_key() {
        check("  ¦app: app", "app", Some("app"), "app");
        check("  ¦app: front-end # front", "app", Some("front-end"), "front-end");
        check("{¦\"app\": \"front-end\"}", "app", Some("front-end"), "front-end");
        check("- ¦{key: app, values: [a, app-b, b]}", "", Some("b"), "b");
    }

    #[test]
    fn else_what_stands_there() {
        check("  ¦app: front-end", "app", Some("front"), "app");
        check("  ¦app: front-end", "", None, "app");
        check("- port: ¦5433", "", Some("5433"), "5433");
    }
}
