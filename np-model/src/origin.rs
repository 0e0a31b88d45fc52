//! Where things come from: the texts that were read, and places in them.
//!
//! A [`Location`] is a source and a byte offset, eight bytes that every policy, rule, peer and
//! port can afford to carry; line and column are computed when something is shown. Objects that
//! were handed over typed have no text and so no location, but they always have an object and a
//! field path.

use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;

/// Names a text among the [`Sources`] of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SourceId(NonZeroU32);

impl SourceId {
    fn index(self) -> usize {
        self.0.get() as usize - 1
    }
}

/// A place in a text: indexes [`Sources`], then a byte in that text (UTF-8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Location {
    /// Which text.
    pub source: SourceId,
    /// How many bytes of it come before.
    pub offset: u32,
}

/// A place as people write it: name, line and column, both counted from 1, columns in characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Position {
    /// The name that the source was given.
    pub file: Arc<str>,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// The texts that were read, by [`SourceId`].
#[derive(Debug, Clone, Default)]
pub struct Sources {
    texts: Vec<Source>,
}

#[derive(Debug, Clone)]
struct Source {
    name: Arc<str>,
    text: Arc<String>,
}

/// A text that is too long for 32-bit offsets, or one source too many for 32-bit ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooMuchText;

impl fmt::Display for TooMuchText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("more text than can be addressed: 4 GiB a source, 4 billion sources")
    }
}

impl std::error::Error for TooMuchText {}

impl Sources {
    /// Keeps a text under a name and gives the id that locations in it carry.
    ///
    /// # Errors
    /// If the text is 4 GiB or longer.
    pub fn add(&mut self, name: &str, text: impl Into<String>) -> Result<SourceId, TooMuchText> {
        let text = text.into();
        let id = u32::try_from(self.texts.len() + 1).ok().and_then(NonZeroU32::new).ok_or(TooMuchText)?;
        u32::try_from(text.len()).map_err(|_| TooMuchText)?;
        self.texts.push(Source { name: name.into(), text: Arc::new(text) });
        Ok(SourceId(id))
    }

    /// The name a source was given.
    pub fn name(&self, source: SourceId) -> &str {
        &self.texts[source.index()].name
    }

    /// The whole text of a source.
    pub fn text(&self, source: SourceId) -> &str {
        &self.texts[source.index()].text
    }

    /// The same to keep, without a copy.
    pub fn shared_text(&self, source: SourceId) -> Arc<String> {
        Arc::clone(&self.texts[source.index()].text)
    }

    /// How many sources there are.
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Whether nothing was read from text.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// Line and column of a location; linear in the text before it. [`Lines`] are for many.
    pub fn position(&self, location: Location) -> Position {
        let source = &self.texts[location.source.index()];
        let end = source.text.floor_char_boundary(location.offset as usize);
        let before = &source.text[..end];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        let column = columns(before, line_start) + 1;
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Position { file: Arc::clone(&source.name), line: count(line), column: count(column) }
    }
}

/// How many characters stand between the start of a line and the end of `before`.
fn columns(before: &str, line_start: usize) -> usize {
    let line = &before[line_start..];
    let mark = line_start == 0 && line.starts_with('\u{feff}');
    line.chars().count() - usize::from(mark)
}

/// Where the lines of a text start. A line ends with its line feed, a carriage return before that
/// included, and nothing else ends one. A byte order mark that starts the text is no character;
/// anywhere else it is one.
///
/// ```
/// use np_model::origin::Lines;
///
/// let text = "a\r\nü: b";
/// assert_eq!(Lines::of(text).place(text, 7), (2, 4)); // the b
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lines {
    starts: Box<[u32]>,
}

impl Lines {
    /// Finds the lines of a text, of which only the first 4 GiB count.
    pub fn of(text: &str) -> Self {
        let feeds = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let starts = feeds.filter_map(|(at, _)| u32::try_from(at + 1).ok());
        Self { starts: std::iter::once(0).chain(starts).collect() }
    }

    /// The line of a byte, from 1.
    pub fn line(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start as usize <= offset)
    }

    /// Where the line of a byte starts.
    pub fn start(&self, offset: usize) -> usize {
        self.line(offset).checked_sub(1).map_or(0, |line| self.starts[line] as usize)
    }

    /// Where the line of a byte ends in the text that this was made of, its line feed left out.
    pub fn end(&self, text: &str, offset: usize) -> usize {
        self.starts.get(self.line(offset)).map_or(text.len(), |next| *next as usize - 1)
    }

    /// Line and column of a byte of the text that this was made of, both from 1.
    pub fn place(&self, text: &str, offset: usize) -> (usize, usize) {
        let end = text.floor_char_boundary(offset);
        (self.line(end), columns(&text[..end], self.start(end)) + 1)
    }
}

/// An API object by kind, namespace (if it has one) and name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectRef {
    /// The API kind, such as `NetworkPolicy`.
    pub kind: String,
    /// The namespace; `None` for kinds that have none.
    pub namespace: Option<String>,
    /// `metadata.name`; empty where the object does not say.
    pub name: String,
}

impl fmt::Display for ObjectRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, namespace, name } = self;
        match (namespace, name.as_str()) {
            (Some(namespace), "") => write!(f, "a {kind} of namespace {namespace} without a name"),
            (None, "") => write!(f, "a {kind} without a name"),
            (Some(namespace), name) => write!(f, "{kind} {namespace}/{name}"),
            (None, name) => write!(f, "{kind} {name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ObjectRef;

    #[test]
    fn objects_by_name_and_without() {
        for (namespace, name, expected) in [
            (Some("x"), "p", "Pod x/p"),
            (None, "p", "Pod p"),
            (Some("x"), "", "a Pod of namespace x without a name"),
            (None, "", "a Pod without a name"),
        ] {
            let namespace = namespace.map(str::to_owned);
            let object = ObjectRef { kind: "Pod".to_owned(), namespace, name: name.to_owned() };
            assert_eq!(object.to_string(), expected);
        }
    }
}
