//! Cuts a text into documents as kubectl does: at lines that start `---`.
//!
//! kubectl cuts before anything knows YAML, so a separator is one wherever it stands, and nothing
//! but a comment may follow it on its line. One exception is made for what the API server itself
//! reads: the `---` that ends a `%YAML` directive does not cut.

use std::ops::Range;

/// What stands between, or at, separators.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// Bytes of the text that are one document, or several of JSON, or nothing.
    Document(Range<usize>),
    /// Something that is no comment stands behind `---`, at this byte.
    BadSeparator(usize),
}

/// The pieces of a part of a text, in order. It starts and ends at separators, or where the text does.
pub(super) fn pieces(text: &str, part: Range<usize>) -> Pieces<'_> {
    Pieces { text: &text[..part.end], start: Some(part.start), bad: None }
}

/// Where the first separator behind a byte starts; nothing if directives stand before it, which may not be over
/// yet. A text can be cut there: nothing before says how to read what comes behind.
pub(super) fn cut(text: &str, from: usize) -> Option<usize> {
    let at = from + text[from..].find(SEPARATOR)? + 1;
    let line = text[..at - 1].rfind(SEPARATOR).map_or(0, |before| before + 1);
    let between = &text[line..at];
    let document = if between.starts_with("---") { between.split_once('\n')?.1 } else { between };
    (!is_directives(document)).then_some(at)
}

/// What a separator's line starts with, behind another line.
const SEPARATOR: &str = "\n---";

/// See [`pieces`].
pub(super) struct Pieces<'a> {
    text: &'a str,
    /// Where the next document starts; nothing when all is said.
    start: Option<usize>,
    bad: Option<usize>,
}

impl Iterator for Pieces<'_> {
    type Item = Piece;

    fn next(&mut self) -> Option<Piece> {
        if let Some(at) = self.bad.take() {
            return Some(Piece::BadSeparator(at));
        }
        let start = self.start?;
        let Some(separator) = self.separator(start) else {
            self.start = None;
            return Some(Piece::Document(start..self.text.len()));
        };
        let behind = separator + 3;
        let line_end = self.text[behind..].find('\n').map_or(self.text.len(), |at| behind + at + 1);
        let rest = self.text[behind..line_end].trim_start();
        if rest.is_empty() || rest.starts_with('#') {
            self.start = Some(line_end);
        } else {
            let at = line_end - rest.len();
            self.bad = Some(at);
            self.start = Some(at);
        }
        Some(Piece::Document(start..separator))
    }
}

impl Pieces<'_> {
    /// The first separator at or behind `start`, which is where a document starts.
    fn separator(&self, start: usize) -> Option<usize> {
        let first = self.line_starting(start)?;
        if is_directives(&self.text[start..first]) { self.line_starting(first + 3) } else { Some(first) }
    }

    /// The first line at or behind `from` that starts `---`.
    fn line_starting(&self, from: usize) -> Option<usize> {
        let at_line_start = from == 0 || self.text.as_bytes()[from - 1] == b'\n';
        if at_line_start && self.text[from..].starts_with("---") {
            return Some(from);
        }
        self.text[from..].find(SEPARATOR).map(|at| from + at + 1)
    }
}

/// Whether all that stands here, comments aside, is a directive, and so no document yet.
fn is_directives(text: &str) -> bool {
    let mut lines = text
        .trim_start_matches('\u{feff}')
        .lines()
        .filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    lines.next().is_some_and(|line| line.starts_with('%')) && lines.all(|line| line.starts_with('%'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let found: Vec<_> = pieces(text, 0..text.len())
            .map(|piece| match piece {
                Piece::Document(range) => text[range].to_owned(),
                Piece::BadSeparator(at) => format!("bad at {at}"),
            })
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn separators() {
        check("", &[""]);
        check("a: 1", &["a: 1"]);
        check("a: 1\n---\nb: 2\n", &["a: 1\n", "b: 2\n"]);
        check("---\na: 1\n---", &["", "a: 1\n", ""]);
        check("---\r\na: 1\r\n--- # two\r\nb: 2", &["", "a: 1\r\n", "b: 2"]);
        check("a: 1\n ---\n", &["a: 1\n ---\n"]);
        check("a: 1\r---\rb: 2", &["a: 1\r---\rb: 2"]);
    }

    #[test]
    fn what_stands_behind_a_separator_is_read_and_reported() {
        check("---apiVersion: v1\nkind: A\n", &["", "bad at 3", "apiVersion: v1\nkind: A\n"]);
        check("a: 1\n--- {b: 2}\n---\nc", &["a: 1\n", "bad at 9", "{b: 2}\n", "c"]);
        check("------\n", &["", "bad at 3", "---\n"]);
    }

    #[test]
    fn a_directive_is_no_document() {
        check("%YAML 1.1\n---\na: 1\n---\nb: 2", &["%YAML 1.1\n---\na: 1\n", "b: 2"]);
        check("# one\n%YAML 1.1\n\n--- # two\na: 1", &["# one\n%YAML 1.1\n\n--- # two\na: 1"]);
        check("%a\nb: 1\n---\nc: 2", &["%a\nb: 1\n", "c: 2"]);
    }

    proptest! {
        #[test]
        fn cut_texts_have_the_same_pieces(
            lines in prop::collection::vec(
                prop::sample::select(&["", "---", "--- # b", "--- c", "----", "%YAML 1.1", "# d", "e: 1"][..]),
                0..12,
            ),
            from in 0_usize..60,
        ) {
            let text = lines.join("\n");
            let all: Vec<_> = pieces(&text, 0..text.len()).collect();
            // What is no separator leaves a text to be read whole.
            if let Some(at) = cut(&text, from.min(text.len()))
                && !all.iter().any(|piece| matches!(piece, Piece::BadSeparator(_)))
            {
                let parts = [0..at, at..text.len()].map(|part| pieces(&text, part).collect::<Vec<_>>());
                // The second starts with the separator, before which there is nothing.
                prop_assert_eq!(&parts[1][0], &Piece::Document(at..at));
                prop_assert_eq!([&parts[0][..], &parts[1][1..]].concat(), all, "{:?} at {}", text, at);
            }
        }
    }
}
