//! Reads YAML as the Kubernetes API server and kubectl do, over the events of a port of libyaml.
//!
//! Most documents are plain, and `quick` reads them in one pass; `read_any` is its judge, and reads the rest.
//!
//! Both sides descend from libyaml: Go's yaml.v2 and libyaml-safer are ports of it, so what is
//! well formed is settled by the same code. What the events mean is Go's reading of YAML 1.1 and
//! is done here: `scalar` resolves, `anchor` and `compose` build.

mod anchor;
mod compose;
mod feed;
mod quick;
mod scalar;
pub(crate) mod spans;

use std::ops::Range;

use libyaml_safer::{Encoding, Error, ErrorKind, Event, EventData, Parser};

use self::compose::Composer;
use self::feed::{Feed, Swaps};
use super::reading::{Document, Failed, Reading};
use super::tree::Tree;
use crate::diag::{Code, Diagnostic};

pub(super) use quick::read_list;

/// How many bytes are read again at most on account of commas behind what turns out to be no tag.
const AGAIN: usize = 4 << 20;

/// A parser that is used for one document after the other.
pub(super) struct Reader<'a> {
    parser: Parser<Feed<'a>>,
    /// The room of the plain document that was read last; nothing if plain ones are no exception.
    room: Option<Tree<'a>>,
}

impl<'a> Reader<'a> {
    pub(super) fn new() -> Self {
        Self { parser: Parser::new(), room: Some(Tree::default()) }
    }

    /// One that reads every document over events.
    pub(super) fn strict() -> Self {
        Self { parser: Parser::new(), room: None }
    }

    /// Reads the document in `range` of the text, if there is one, and hands it on.
    pub(super) fn read(
        &mut self,
        reading: &mut Reading<'a>,
        range: Range<usize>,
        each: &mut dyn FnMut(Document<'_>),
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Result<(), Failed> {
        if let Some(room) = self.room.take() {
            let room = if room.is_empty() { reading.tree() } else { room };
            let (tree, is_read) = quick::read(reading, range.clone(), room);
            if is_read {
                reading.count(tree.len(), range.end)?;
                if let Some(root) = tree.root() {
                    each(Document { root, duplicates: Vec::new() });
                }
            }
            self.room = Some(tree);
            if is_read {
                return Ok(());
            }
        }
        self.read_any(reading, range, each, diagnostics)
    }

    /// The same for a document of any kind.
    fn read_any(
        &mut self,
        reading: &mut Reading<'a>,
        range: Range<usize>,
        each: &mut dyn FnMut(Document<'_>),
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Result<(), Failed> {
        let whole = reading.text;
        let text = whole[range.clone()].trim_start_matches('\u{feff}');
        let base = range.end - text.len();
        if let Some(at) = inner_mark(text) {
            let problem = Diagnostic::error(Code::YamlSyntax, "a byte order mark within the text");
            let help = "the API server takes it for a letter; remove it";
            return Err(problem.at(reading.place(base + at)).help(help).into());
        }
        let mut swaps = Swaps::find(text);
        let before = reading.counted();
        // Reading again takes time, so a large text is read less often.
        let mut again = AGAIN / text.len().max(AGAIN / 1_000);
        loop {
            let mut misplaced = None;
            let read = self.compose(reading, (text, base), &swaps, &mut misplaced);
            let rest = match (read, misplaced) {
                (Err(_), Some(comma)) if again > 0 => {
                    again -= 1;
                    swaps.leave(comma);
                    reading.count_from(before);
                    continue;
                }
                (read, _) => read?,
            };
            let Some((tree, duplicates, rest)) = rest else { return Ok(()) };
            if let Some(root) = tree.root() {
                each(Document { root, duplicates });
            }
            diagnostics.extend(rest.map(|at| {
                let problem = "something behind the end of the document, which hides what it is";
                Diagnostic::error(Code::YamlSyntax, problem)
                    .at(reading.place(at))
                    .help("separate documents by a line `---`")
            }));
            return Ok(());
        }
    }

    /// Reads a document: what it says, the keys that stand twice, and where something is behind it; nothing
    /// if there is none. `misplaced` becomes a comma that was replaced and must not be, if this fails for it.
    #[expect(clippy::type_complexity, reason = "what a document is made of, for one caller")]
    fn compose(
        &mut self,
        reading: &mut Reading<'a>,
        (text, base): (&'a str, usize),
        swaps: &Swaps,
        misplaced: &mut Option<usize>,
    ) -> Result<Option<(Tree<'a>, Vec<Diagnostic>, Option<usize>)>, Failed> {
        self.parser.reset();
        self.parser.set_input(Feed::new(text, swaps.clone()));
        self.parser.set_encoding(Encoding::Utf8);

        let mut composer = Composer::new(reading, base, base + text.len(), swaps);
        loop {
            let event = self.next(&mut composer, text, base);
            let event = event.inspect_err(|_| *misplaced = composer.misplaced)?;
            match event.data {
                EventData::StreamEnd => return Ok(None),
                EventData::DocumentStart { version_directive: Some(version), .. } if version.minor != 1 => {
                    let at = composer.offset(event.start_mark.index);
                    let problem =
                        format!("YAML {}.{}, which Kubernetes does not read", version.major, version.minor);
                    return Err(composer.advise(problem, at, "leave the `%YAML` line out"));
                }
                EventData::DocumentEnd { .. } => break,
                _ => composer.event(event).inspect_err(|_| *misplaced = composer.misplaced)?,
            }
        }
        // Behind `...` kubectl reads no further, behind a value of JSON it goes on: neither is meant.
        let rest = match self.next(&mut composer, text, base) {
            Ok(Event { data: EventData::StreamEnd, .. }) => None,
            Ok(event) => composer.offset(event.start_mark.index).into(),
            Err(problem) => Some(problem.at.map_or(base, |at| at.offset as usize)),
        };
        let (tree, duplicates) = composer.finish();
        Ok(Some((tree, duplicates, rest)))
    }

    fn next(&mut self, composer: &mut Composer<'_, '_>, text: &str, base: usize) -> Result<Event, Failed> {
        self.parser.parse().map_err(|error| {
            composer.misplaced = misplaced(&error, composer, base);
            explain(&error, composer, text, base)
        })
    }
}

/// The replaced comma at which the parser stopped, as what came before it was whole and no tag.
fn misplaced(error: &Error, composer: &Composer<'_, '_>, base: usize) -> Option<usize> {
    let is_plain = error.context() == Some("while scanning a plain scalar");
    let mark = match error.kind() {
        ErrorKind::Parser => error.problem_mark(),
        _ if is_plain => error.context_mark(),
        _ => None,
    }?;
    let at = composer.offset(mark.index).checked_sub(base)?;
    composer.swaps.behind(at).filter(|comma| *comma == at)
}

/// Where a line starts with a byte order mark. libyaml skips it, Go's yaml reads it.
fn inner_mark(text: &str) -> Option<usize> {
    // Hardly any text has the mark's first byte, and looking for a byte is much faster.
    if !text.as_bytes().contains(&0xef) {
        return None;
    }
    let mut marks = text.match_indices('\u{feff}').map(|(at, _)| at);
    marks.find(|at| text[..*at].ends_with(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']))
}

/// What the parser could not read, in np's words as far as they help.
fn explain(error: &Error, composer: &Composer<'_, '_>, text: &str, base: usize) -> Failed {
    if error.kind() == ErrorKind::Reader {
        let at = text.find(|c| !is_allowed(c)).unwrap_or(0);
        let c = text[at..].chars().next().unwrap_or_default();
        let problem = format!("a control character, U+{:04X}", u32::from(c));
        let help = "YAML allows none; in double quotes it can be written as an escape";
        return composer.advise(problem, base + at, help);
    }
    // What the text ends without is missing behind its last word, not where the next document is.
    let end = base + text.trim_end().len();
    let at = error.problem_mark().map_or(base, |mark| composer.offset(mark.index)).min(end);
    let problem = error.problem();
    let message = match (error.context(), error.context_mark()) {
        (Some(context), Some(mark)) => {
            let start = composer.offset(mark.index);
            let lines =
                text[..at - base].matches('\n').count() - text[..start.min(at) - base].matches('\n').count();
            match lines {
                0 => format!("{problem} {context}"),
                1 => format!("{problem} {context} that starts on the line before"),
                lines => format!("{problem} {context} that starts {lines} lines before"),
            }
        }
        _ => problem.to_owned(),
    };
    match help(problem, text[at - base..].chars().next()) {
        Some(help) => composer.advise(message, at, help),
        None => composer.error(message, at),
    }
}

fn help(problem: &str, there: Option<char>) -> Option<&'static str> {
    Some(match (problem, there) {
        ("found character that cannot start any token", Some('\t')) => "indent with blanks, not with tabs",
        ("found character that cannot start any token" | "found unexpected ':'", _) => "quote the value",
        ("mapping values are not allowed in this context", _) => {
            "check the indentation, and quote a value that has `: ` in it"
        }
        ("did not find expected key" | "did not find expected '-' indicator", _) => {
            "check the indentation of this line"
        }
        ("could not find expected ':'", _) => "a key needs a `:` behind it; check the indentation",
        ("found unexpected end of stream", _) => "a quote is missing its partner",
        ("did not find expected ',' or '}'" | "did not find expected ',' or ']'", _) => {
            "a brace or bracket is not closed, or a comma is missing"
        }
        ("did not find expected alphabetic or numeric character", _) => {
            "quote the value if its `*` or `&` is meant as it stands"
        }
        _ => return None,
    })
}

/// Whether a character may stand in YAML.
fn is_allowed(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{fffd}' | '\u{10000}'..)
}
