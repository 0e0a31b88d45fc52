//! Lines and columns for many locations: the lines of a text are found once, however many places
//! in it are shown.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use np_model::origin::{Lines, Location, SourceId, Sources};
use rustc_hash::FxHashMap;
use serde::Serialize;

use super::clean::clean;

/// A place as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Place {
    /// The name of the text.
    pub(crate) file: String,
    /// The line, from 1.
    pub(crate) line: usize,
    /// The column in characters, from 1.
    pub(crate) column: usize,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// The line that a location is on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Line<'s> {
    /// Its number, from 1.
    pub(crate) number: usize,
    /// Where it starts in the text.
    start: usize,
    /// Its text before the location.
    pub(crate) before: &'s str,
    /// Its text behind the location, which may end with a carriage return.
    pub(crate) behind: &'s str,
}

/// The texts of an input, by line.
#[derive(Debug)]
pub(crate) struct Places<'s> {
    sources: &'s Sources,
    /// The lines of each text that a place has been shown of.
    lines: RefCell<FxHashMap<SourceId, Rc<Lines>>>,
    /// The place counted last: text, byte and column. Places come in order, so that a file that is
    /// all one line is counted once.
    counted: Cell<Option<(SourceId, usize, usize)>>,
}

impl<'s> Places<'s> {
    /// Over these texts.
    pub(crate) fn new(sources: &'s Sources) -> Self {
        Self { sources, lines: RefCell::default(), counted: Cell::default() }
    }

    /// File, line and column of a location.
    pub(crate) fn place(&self, at: Location) -> Place {
        let line = self.line(at);
        let file = clean(self.sources.name(at.source)).into_owned();
        Place { file, line: line.number, column: self.column(at.source, &line) }
    }

    /// Whether the text of a location has nothing to show, for it was none.
    pub(crate) fn is_empty(&self, at: Location) -> bool {
        self.sources.text(at.source).is_empty()
    }

    /// The line of a location.
    pub(crate) fn line(&self, at: Location) -> Line<'s> {
        let text: &'s str = self.sources.text(at.source);
        let offset = text.floor_char_boundary(at.offset as usize);
        let lines = self.lines(at.source, text);
        let (number, start) = (lines.line(offset), lines.start(offset));
        let (before, behind) = (&text[start..offset], &text[offset..lines.end(text, offset)]);
        Line { number, start, before, behind }
    }

    /// The line of a location and those below it, each with its number from 1; none if the text has none.
    pub(crate) fn lines_from(&self, at: Location) -> impl Iterator<Item = (usize, &'s str)> + use<'s> {
        let text: &'s str = self.sources.text(at.source);
        let line = self.line(at);
        text[line.start..].lines().enumerate().map(move |(below, text)| (line.number + below, text))
    }

    /// The column in characters, from 1.
    fn column(&self, source: SourceId, line: &Line<'_>) -> usize {
        let offset = line.start + line.before.len();
        let (from, column) = match self.counted.get() {
            Some((text, byte, column)) if text == source && (line.start..=offset).contains(&byte) => {
                (byte - line.start, column)
            }
            _ => (0, 1),
        };
        // As the model counts: a byte order mark that starts the text is no character.
        let mark = line.start == 0 && from == 0 && line.before.starts_with('\u{feff}');
        let column = column + line.before[from..].chars().count() - usize::from(mark);
        self.counted.set(Some((source, offset, column)));
        column
    }

    fn lines(&self, source: SourceId, text: &str) -> Rc<Lines> {
        let mut known = self.lines.borrow_mut();
        Rc::clone(known.entry(source).or_insert_with(|| Rc::new(Lines::of(text))))
    }
}

#[cfg(test)]
mod tests {
    use np_model::origin::{Location, Sources};

    use super::Places;

    #[test]
    fn agrees_with_the_model() {
        let mut sources = Sources::default();
        let texts = ["\u{feff}a: ü\r\nb: 🎉c\u{feff}d\n\n", "", "\r\nä b: c\r\n", "ö".repeat(9).leak()];
        let sources_of = texts.map(|text| sources.add("x\u{1b}.yaml", text).unwrap());
        let places = Places::new(&sources);
        // In order, and then back.
        for offset in (0..=30).chain((0..=30).rev()) {
            for source in sources_of {
                let at = Location { source, offset };
                let (place, expected) = (places.place(at), sources.position(at));
                let expected = (expected.line as usize, expected.column as usize);
                assert_eq!((place.line, place.column), expected, "{source:?} {offset}");
                assert_eq!(place.file, "x\\u{1b}.yaml");
            }
        }
    }
}
