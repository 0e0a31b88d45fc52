//! Lines and columns for many locations: the lines of a text are found once, however many places
//! in it are shown.

use std::cell::RefCell;
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

/// The texts of an input, by line.
#[derive(Debug)]
pub(crate) struct Places<'s> {
    sources: &'s Sources,
    /// The lines of each text that a place has been shown of.
    lines: RefCell<FxHashMap<SourceId, Rc<Lines>>>,
}

impl<'s> Places<'s> {
    /// Over these texts.
    pub(crate) fn new(sources: &'s Sources) -> Self {
        Self { sources, lines: RefCell::default() }
    }

    /// File, line and column of a location.
    pub(crate) fn place(&self, at: Location) -> Place {
        let text = self.sources.text(at.source);
        let (line, column) = self.lines(at.source, text).place(text, at.offset as usize);
        Place { file: clean(self.sources.name(at.source)).into_owned(), line, column }
    }

    /// The line of a location: its number from 1, and its text before and behind the location.
    pub(crate) fn line(&self, at: Location) -> (usize, &'s str, &'s str) {
        let text: &'s str = self.sources.text(at.source);
        let offset = text.floor_char_boundary(at.offset as usize);
        let lines = self.lines(at.source, text);
        let end = text[offset..].find(['\n', '\r']).map_or(text.len(), |end| offset + end);
        (lines.line(offset), &text[lines.start(offset)..offset], &text[offset..end])
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
        let text = "\u{feff}a: ü\r\nb: 🎉c\u{feff}d\r\n\n";
        let source = sources.add("x\u{1b}.yaml", text.into()).unwrap();
        let places = Places::new(&sources);
        for offset in 0..=30 {
            let at = Location { source, offset };
            let (place, expected) = (places.place(at), sources.position(at));
            assert_eq!(
                (place.line, place.column),
                (expected.line as usize, expected.column as usize),
                "{offset}"
            );
            assert_eq!(place.file, "x\\u{1b}.yaml");
        }
    }
}
