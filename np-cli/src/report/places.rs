//! Lines and columns for many locations: the lines of a text are found once, however many places
//! in it are shown.

use std::cell::RefCell;
use std::rc::Rc;

use np_model::origin::{Location, SourceId, Sources};
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
    /// Where the lines of a text start.
    starts: RefCell<FxHashMap<SourceId, Rc<Vec<usize>>>>,
}

impl<'s> Places<'s> {
    /// Over these texts.
    pub(crate) fn new(sources: &'s Sources) -> Self {
        Self { sources, starts: RefCell::default() }
    }

    /// File, line and column of a location.
    pub(crate) fn place(&self, at: Location) -> Place {
        let (line, before, _) = self.line(at);
        let column = before.chars().count() + 1;
        Place { file: clean(self.sources.name(at.source)).into_owned(), line, column }
    }

    /// The line of a location: its number from 1, and its text before and behind the location.
    pub(crate) fn line(&self, at: Location) -> (usize, &'s str, &'s str) {
        let text: &'s str = self.sources.text(at.source);
        let mut offset = text.len().min(at.offset as usize);
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        let starts = self.starts(at.source, text);
        let line = starts.partition_point(|start| *start <= offset);
        let start = line.checked_sub(1).map_or(0, |index| starts[index]);
        let end = text[offset..].find(['\n', '\r']).map_or(text.len(), |end| offset + end);
        (line, &text[start..offset], &text[offset..end])
    }

    fn starts(&self, source: SourceId, text: &str) -> Rc<Vec<usize>> {
        let mut known = self.starts.borrow_mut();
        let starts = known.entry(source).or_insert_with(|| {
            let newlines = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
            Rc::new(std::iter::once(0).chain(newlines.map(|(at, _)| at + 1)).collect())
        });
        Rc::clone(starts)
    }
}

#[cfg(test)]
mod tests {
    use np_model::origin::{Location, Sources};

    use super::Places;

    #[test]
    fn agrees_with_the_model() {
        let mut sources = Sources::default();
        let text = "a: ü\nb: 🎉c\n\n";
        let source = sources.add("x\u{1b}.yaml", text.into()).unwrap();
        let places = Places::new(&sources);
        for offset in 0..=20 {
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
