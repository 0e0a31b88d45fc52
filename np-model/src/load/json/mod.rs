//! Reads JSON: one value or several, one behind the other, as `kubectl` reads a stream.
//!
//! Most JSON that np meets is a dump of a cluster, so this is the fast path: strings without
//! escapes are pieces of the text. The reading is iterative, so that no input can exhaust the
//! stack.

mod list;

use std::ops::Range;

use jiter::{Jiter, JiterError, Peek};

use super::reading::{Document, Failed, Reading, offset, twice};
use super::tree::{KeyId, Tree, What};
use crate::diag::{Code, Diagnostic};

pub(crate) use list::read as read_list;

/// Why a piece of text could not be read.
pub(super) enum Failure {
    /// It is not JSON, and nothing has been handed on: it may still be YAML.
    NotJson(Failed),
    /// It is JSON, but not to be read, or no more.
    Broken(Failed),
}

/// Reads the values in `range` of the text and hands on each.
pub(super) fn read(
    reading: &mut Reading<'_>,
    range: Range<usize>,
    each: &mut dyn FnMut(Document<'_>),
) -> Result<(), Failure> {
    let mut base = range.start;
    if reading.text[range.clone()].starts_with('\u{feff}') {
        base += '\u{feff}'.len_utf8();
    }
    let mut tree = reading.tree();
    let mut reader = JsonReader::new(reading, base..range.end);
    let mut first = true;
    loop {
        let failed = |problem: Failed| {
            if first && problem.code == Code::JsonSyntax {
                Failure::NotJson(problem)
            } else {
                Failure::Broken(problem)
            }
        };
        tree.clear();
        let peek = reader.peek().map_err(failed)?;
        reader.value(&mut tree, peek).map_err(failed)?;
        let next = reader.next_byte();
        if let Some(byte) = next
            && !matches!(byte, b'{' | b'[')
        {
            return Err(failed(
                reader.problem("something behind the end of the value", reader.jiter.current_index()),
            ));
        }
        if let Some(root) = tree.root() {
            each(Document { root, duplicates: std::mem::take(&mut reader.duplicates) });
        }
        if next.is_none() {
            return Ok(());
        }
        first = false;
    }
}

/// Reads values one at a time, wherever in a text they stand.
pub(super) struct JsonReader<'r, 'a> {
    jiter: Jiter<'a>,
    text: &'a str,
    /// Where `text` starts in the whole text.
    base: usize,
    reading: &'r mut Reading<'a>,
    /// How many lists and maps are around the values that are read.
    pub(super) around: usize,
    /// An error for each key given twice so far.
    pub(super) duplicates: Vec<Diagnostic>,
}

impl<'r, 'a> JsonReader<'r, 'a> {
    /// At the start of a part of the text.
    pub(super) fn new(reading: &'r mut Reading<'a>, range: Range<usize>) -> Self {
        let (text, base) = (&reading.text[range.clone()], range.start);
        let jiter = Jiter::new(text.as_bytes());
        Self { jiter, text, base, reading, around: 0, duplicates: Vec::new() }
    }

    /// Adds to the tree the value that starts here, with all that is in it.
    pub(super) fn value(&mut self, tree: &mut Tree<'a>, mut peek: Peek) -> Result<(), Failed> {
        let outside = tree.depth();
        let deepest = self.reading.limits.depth - self.around.min(self.reading.limits.depth);
        loop {
            let start = self.jiter.current_index();
            let at = self.base + start;
            self.reading.count(1, at)?;
            match peek {
                Peek::Array | Peek::Object if tree.depth() - outside == deepest => {
                    return Err(self.reading.too_deep(at));
                }
                Peek::Array => {
                    tree.open_list(offset(at));
                    if let Some(first) = self.jiter.known_array().map_err(|error| self.syntax(&error))? {
                        peek = first;
                        continue;
                    }
                    tree.close();
                }
                Peek::Object => {
                    tree.open_map(offset(at));
                    if self.key(tree, start + 1, true)?.is_some() {
                        peek = self.peek()?;
                        continue;
                    }
                    tree.close();
                }
                scalar => {
                    let what = self.scalar(tree, scalar, start)?;
                    tree.scalar(offset(at), what);
                }
            }
            // What follows in the list or map around it, and close all that ends with it.
            while tree.depth() > outside {
                let next = if tree.in_list() == Some(true) {
                    self.item()?
                } else {
                    let key = self.key(tree, self.jiter.current_index(), false)?;
                    if key.is_some() { Some(self.peek()?) } else { None }
                };
                if let Some(next) = next {
                    peek = next;
                    break;
                }
                tree.close();
            }
            if tree.depth() == outside {
                return Ok(());
            }
        }
    }

    /// What value starts here.
    pub(super) fn peek(&mut self) -> Result<Peek, Failed> {
        self.jiter.peek().map_err(|error| self.syntax(&error))
    }

    /// The next byte that is no blank.
    pub(super) fn next_byte(&mut self) -> Option<u8> {
        self.jiter.peek().ok().map(Peek::into_inner)
    }

    /// The next item of a list, or nothing behind the list's end.
    pub(super) fn item(&mut self) -> Result<Option<Peek>, Failed> {
        self.jiter.array_step().map_err(|error| self.syntax(&error))
    }

    /// Adds the next key of a map. If it is not a piece of the text, it starts at `from` or behind blanks.
    fn key(&mut self, tree: &mut Tree<'a>, from: usize, first: bool) -> Result<Option<KeyId>, Failed> {
        let text = self.text;
        let key = if first { self.jiter.known_object() } else { self.jiter.next_key() };
        let added = KeyId::at(tree.len());
        let found = match key {
            Ok(None) => return Ok(None),
            Ok(Some(key)) => {
                if let Some(start) = piece(text, key) {
                    let start = self.base + start;
                    tree.key(offset(start - 1), offset(start), offset(key.len()))
                } else {
                    let blank = |byte: &&u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b',');
                    let start = from + text.as_bytes()[from..].iter().take_while(blank).count();
                    tree.respelled_key(offset(self.base + start), key)
                }
            }
            Err(error) => return Err(self.syntax(&error)),
        };
        if let Some(found) = found {
            let first = (tree.key_offset(found), None);
            let again = (tree.key_offset(added), None);
            self.duplicates.push(twice(self.reading, tree.key_text(added), first, again));
        }
        Ok(Some(added))
    }

    fn scalar(&mut self, tree: &mut Tree<'a>, peek: Peek, start: usize) -> Result<What, Failed> {
        let text = self.text;
        let value = match peek {
            Peek::Null => self.jiter.known_null().map(|()| What::Null),
            Peek::True | Peek::False => self.jiter.known_bool(peek).map(What::Bool),
            Peek::String => self.jiter.known_str().map(|value| match piece(text, value) {
                Some(start) => What::Text { start: offset(self.base + start), len: offset(value.len()) },
                None => tree.respell(value),
            }),
            _ => match self.jiter.known_number_bytes(peek) {
                Ok(_) => return self.number(start),
                Err(error) => Err(error),
            },
        };
        value.map_err(|error| self.syntax(&error))
    }

    fn number(&self, start: usize) -> Result<What, Failed> {
        let number = &self.text[start..self.jiter.current_index()];
        if let Ok(whole) = number.parse() {
            return Ok(What::Int(whole));
        }
        match number.parse::<f64>() {
            Ok(float) if float.is_finite() => Ok(What::Float(float)),
            _ => Err(self.problem("a number beyond 64 bits of floating point", start)),
        }
    }

    fn syntax(&self, error: &JiterError) -> Failed {
        let message = match &error.error_type {
            jiter::JiterErrorType::JsonError(problem) => problem.to_string(),
            jiter::JiterErrorType::WrongType { .. } => "expected value".to_owned(),
        };
        let lower = message.strip_prefix("EOF").map(|rest| format!("the text ends{rest}"));
        self.problem(lower.unwrap_or(message), error.index)
    }

    fn problem(&self, message: impl std::fmt::Display, at: usize) -> Failed {
        let place = self.reading.place(self.base + at);
        Box::new(Diagnostic::error(Code::JsonSyntax, format!("not JSON: {message}")).at(place))
    }
}

/// Where in the text a decoded string lies: it does unless it has escapes, which are decoded elsewhere.
fn piece(text: &str, value: &str) -> Option<usize> {
    let start = value.as_ptr().addr().wrapping_sub(text.as_ptr().addr());
    (start > 0 && start < text.len()).then_some(start)
}
