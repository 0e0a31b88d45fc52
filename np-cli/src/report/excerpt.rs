//! The line that a place is on, with what stands there marked, and remarks below it: drawn by
//! rustc's own renderer.

use annotate_snippets::{AnnotationKind, Element, Group, Level, Snippet};
use np_model::diag::{Code, Severity};
use np_model::origin::Location;

use super::clean::clean_line;
use super::paint::Paint;
use super::places::{Line, Places};
use super::token::token;

/// How many characters of a line are handed to the renderer on each side of a place. It shows 140
/// columns around the mark and writes `...` where it cuts, so more would never be seen.
const AROUND: usize = 150;

/// How many characters are marked at most, so that a mark does not take the line for itself.
const MARKED: usize = 100;

/// Draws the line with the remarks below it, each a line; without text, the remarks alone.
pub(super) fn draw(
    paint: Paint,
    places: &Places<'_>,
    (at, code, severity): (Location, Code, Severity),
    (note, help): (Option<&str>, Option<&str>),
) -> String {
    let level = match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let line = places.line(at);
    let note = note.map(|text| Element::from(Level::NOTE.message(text)));
    let help = help.map(|text| Element::from(Level::HELP.message(text)));
    let length = |before: &str, behind: &str| marked(code, before, behind);
    let snippet = (!places.is_empty(at)).then(|| snippet(&line, length, None));
    let elements: Vec<_> = [snippet, note, help].into_iter().flatten().collect();
    if elements.is_empty() {
        return String::new();
    }
    paint.renderer().render(&[Group::with_level(level).elements(elements)]) + "\n"
}

/// The part of the line around the place, cleaned before the renderer sees it: piece by piece, so
/// that the mark stays where it belongs.
fn snippet(
    line: &Line<'_>,
    length: impl FnOnce(&str, &str) -> usize,
    label: Option<&str>,
) -> Element<'static> {
    let start = line.before.char_indices().rev().nth(AROUND - 1).map_or(0, |(at, _)| at);
    let before = line.before[start..].trim_start_matches('\u{feff}');
    let behind = &line.behind[..characters(line.behind, AROUND)];
    let behind = behind.split(['\n', '\r']).next().unwrap_or_default();
    let (marked, rest) = behind.split_at(length(before, behind));
    let [before, marked, rest] = [before, marked, rest].map(clean_line);
    let span = before.len()..before.len() + marked.len();
    let mark = AnnotationKind::Primary.span(span).label(label.map(str::to_owned));
    Snippet::source(format!("{before}{marked}{rest}")).line_start(line.number).annotation(mark).into()
}

/// Draws the line of a place with so many bytes marked from there, a remark behind the mark; line by line, nothing without
/// text.
pub(super) fn mark(
    paint: Paint,
    places: &Places<'_>,
    (at, length): (Location, usize),
    remark: Option<&str>,
) -> Vec<String> {
    if places.is_empty(at) {
        return Vec::new();
    }
    let bytes = |_: &str, behind: &str| {
        let most = characters(behind, MARKED).min(length);
        behind.floor_char_boundary(most)
    };
    let snippet = snippet(&places.line(at), bytes, remark);
    let drawn = paint.renderer().render(&[Group::with_level(Level::ERROR).element(snippet)]);
    // An empty gutter comes first.
    drawn.lines().skip(1).map(str::to_owned).collect()
}

/// How many columns of a line of a block are shown.
const SHOWN: usize = 100;

/// The lines of what starts at a place and is indented deeper than it, at most so many, each with its number; comments
/// are left out. Nothing without text.
pub(super) fn block(places: &Places<'_>, at: Location, most: usize) -> Vec<(usize, String)> {
    let is_comment = |text: &str| text.trim_start().starts_with('#');
    let lines = places.lines_from(at).filter(|(_, text)| !is_comment(text)).take(most + 1);
    let indent = |text: &str| text.len() - text.trim_start().len();
    let mut shown: Vec<(usize, String)> = Vec::new();
    let mut first = None;
    for (number, text) in lines {
        let deep = indent(text);
        match first {
            None => first = Some(deep),
            Some(_) if text.trim().is_empty() => break,
            Some(first) if deep <= first => break,
            Some(_) if shown.len() == most => {
                shown.push((number, format!("{:deep$}…", "")));
                break;
            }
            Some(_) => {}
        }
        let text: String = text.chars().take(SHOWN).collect();
        shown.push((number, clean_line(text.trim_end_matches(['\r', '\u{feff}']))));
    }
    shown
}

/// How many bytes are marked: the token that the problem is about, else one character.
fn marked(code: Code, before: &str, behind: &str) -> usize {
    let is_about_keys = matches!(code, Code::UnknownField | Code::DuplicateKey);
    let token = match code {
        // The place is where reading stopped, which need not be where a token starts.
        Code::YamlSyntax | Code::JsonSyntax | Code::LimitExceeded => None,
        _ => token(before, behind).filter(|token| token.is_key == is_about_keys),
    };
    match token {
        Some(token) => characters(&behind[..token.length], MARKED),
        None => characters(behind, 1),
    }
}

/// How many bytes the first `most` characters have.
fn characters(text: &str, most: usize) -> usize {
    text.char_indices().nth(most).map_or(text.len(), |(at, _)| at)
}

#[cfg(test)]
mod tests {
    use np_model::diag::{Code, Severity};
    use np_model::origin::{Location, Sources};

    use super::draw;
    use crate::report::paint::Paint;
    use crate::report::places::Places;

    /// The line of an invalid value at the mark `¦`, and the line with its marks.
    #[track_caller]
    fn drawn(text: &str) -> (String, String) {
        let mut sources = Sources::default();
        let offset = u32::try_from(text.find('¦').unwrap()).unwrap();
        let source = sources.add("a", text.replace('¦', "")).unwrap();
        let at = (Location { source, offset }, Code::InvalidValue, Severity::Error);
        let text = draw(Paint::Off, &Places::new(&sources), at, (None, None));
        let lines: Vec<&str> = text.lines().collect();
        let [_, line, marks] = lines[..] else { panic!("{text}") };
        (line.to_owned(), marks.to_owned())
    }

    /// What is above the marks, where every character takes a column.
    #[track_caller]
    fn check(text: &str, line: &str, marked: &str) {
        let (shown, marks) = drawn(text);
        assert_eq!(shown, line);
        let skip = marks.find('^').unwrap();
        let above: String = shown.chars().skip(skip).take(marks.len() - skip).collect();
        assert_eq!(above.trim_end(), marked, "{shown}\n{marks}");
    }

    #[test]
    fn marks_what_stands_there() {
        check("a: 1\nb: ¦tcp # x\nc: 2", "2 | b: tcp # x", "tcp");
        check("{a: ¦\"ü\", b: c}\r\n", "1 | {a: \"ü\", b: c}", "\"ü\"");
        check("a:\n  ¦b: c\n", "2 |   b: c", "b");
        check("a\n¦", "2 |", "");
    }

    #[test]
    fn tabs_and_wide_characters_keep_the_mark_in_place() {
        check("a:\t¦b", "1 | a:    b", "b");
        // Each of these takes two columns.
        let (line, marks) = drawn("{漢字: 🎉, a: ¦b}");
        assert_eq!(line, "1 | {漢字: 🎉, a: b}");
        assert_eq!(marks, format!("  | {}^", " ".repeat("{____: __, a: ".len())));
    }

    #[test]
    fn harmful_characters_are_written_out_before_and_in_the_mark() {
        check("{\"\u{1b}\u{202e}\": ¦x\u{200b}y}", r#"1 | {"\u{1b}\u{202e}": x\u{200b}y}"#, r"x\u{200b}y");
    }

    #[test]
    fn a_long_line_is_cut_around_the_mark() {
        for (before, behind) in [("漢", "a"), ("a", "漢"), ("\u{1b}", "\u{1b}"), ("[", "]"), ("\t", "\t")] {
            let text = format!("{}{{a: ¦THIS}}{}", before.repeat(100_000), behind.repeat(100_000));
            let (line, marks) = drawn(&text);
            assert!(line.starts_with("1 | ...") && line.ends_with("...") && line.len() < 450, "{line}");
            assert_eq!(marks.matches('^').count(), 4, "{line}\n{marks}");
            let columns = |character: char| if character == '漢' { 2 } else { 1 };
            let (left, _) = line.split_once("THIS").unwrap();
            assert_eq!(marks.find('^'), Some(left.chars().map(columns).sum()), "{line}\n{marks}");
        }
        let (line, marks) = drawn(&format!("a: ¦{}", "b".repeat(100_000)));
        assert!(line.len() < 150 && marks.len() < 150, "{line}\n{marks}");
    }
}
