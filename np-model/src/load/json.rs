//! Reads JSON: one value or several, one behind the other, as `kubectl` reads a stream.
//!
//! Most JSON that np meets is a dump of a cluster, so this is the fast path: strings without
//! escapes are borrowed from the text. The reading is iterative, so that no input can exhaust the
//! stack.

use std::borrow::Cow;
use std::ops::Range;

use jiter::{Jiter, JiterError, Peek};

use super::map::MapBuilder;
use super::node::{Entry, Node, Value};
use super::reading::{Document, Failed, Reading, borrowed, node};
use crate::diag::{Code, Diagnostic};

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
    let text = &reading.text[base..range.end];
    let mut reader =
        JsonReader { jiter: Jiter::new(text.as_bytes()), text, base, reading, duplicates: Vec::new() };
    let mut first = true;
    loop {
        let failed = |problem: Failed| {
            if first && problem.code == Code::JsonSyntax {
                Failure::NotJson(problem)
            } else {
                Failure::Broken(problem)
            }
        };
        let root = reader.value().map_err(failed)?;
        let next = reader.skip_blanks();
        if let Some(byte) = next
            && !matches!(byte, b'{' | b'[')
        {
            return Err(failed(
                reader.problem("something behind the end of the value", reader.jiter.current_index()),
            ));
        }
        each(Document { root, duplicates: std::mem::take(&mut reader.duplicates) });
        if next.is_none() {
            return Ok(());
        }
        first = false;
    }
}

struct JsonReader<'r, 'a> {
    jiter: Jiter<'a>,
    text: &'a str,
    /// Where `text` starts in the whole text.
    base: usize,
    reading: &'r mut Reading<'a>,
    duplicates: Vec<Diagnostic>,
}

/// A list or map whose end has not been reached.
enum Open<'a> {
    List { items: Vec<Node<'a>>, at: usize },
    Map { map: MapBuilder<'a>, at: usize, key: Cow<'a, str>, key_at: usize },
}

impl<'a> JsonReader<'_, 'a> {
    /// Reads one value with all that is in it.
    fn value(&mut self) -> Result<Node<'a>, Failed> {
        let mut open: Vec<Open<'a>> = Vec::new();
        let mut peek = self.peek()?;
        loop {
            let start = self.jiter.current_index();
            self.reading.count(1, self.base + start)?;
            let value = match peek {
                Peek::Array | Peek::Object if open.len() == self.reading.limits.depth => {
                    return Err(self.reading.too_deep(self.base + start));
                }
                Peek::Array => match self.jiter.known_array().map_err(|error| self.syntax(&error))? {
                    Some(first) => {
                        open.push(Open::List { items: Vec::new(), at: start });
                        peek = first;
                        continue;
                    }
                    None => Value::Seq(Vec::new()),
                },
                Peek::Object => match self.key(start + 1, true)? {
                    Some((key, key_at)) => {
                        open.push(Open::Map { map: MapBuilder::default(), at: start, key, key_at });
                        peek = self.peek()?;
                        continue;
                    }
                    None => Value::Map(Vec::new()),
                },
                scalar => self.scalar(scalar, start)?,
            };
            let mut done = node(self.reading, value, self.base + start);
            // Put it where it belongs, and close all that ends with it.
            loop {
                match open.pop() {
                    None => return Ok(done),
                    Some(Open::List { mut items, at }) => {
                        items.push(done);
                        if let Some(next) = self.jiter.array_step().map_err(|error| self.syntax(&error))? {
                            open.push(Open::List { items, at });
                            peek = next;
                            break;
                        }
                        done = node(self.reading, Value::Seq(items), self.base + at);
                    }
                    Some(Open::Map { mut map, at, key, key_at }) => {
                        let entry =
                            Entry { key, key_at: self.reading.place(self.base + key_at), value: done };
                        self.duplicates.extend(map.insert(self.reading, entry, None));
                        if let Some((key, key_at)) = self.key(self.jiter.current_index(), false)? {
                            open.push(Open::Map { map, at, key, key_at });
                            peek = self.peek()?;
                            break;
                        }
                        done = node(self.reading, map.finish(), self.base + at);
                    }
                }
            }
        }
    }

    fn peek(&mut self) -> Result<Peek, Failed> {
        self.jiter.peek().map_err(|error| self.syntax(&error))
    }

    /// The next key of a map with its place, or nothing at the map's end.
    fn key(&mut self, from: usize, first: bool) -> Result<Option<(Cow<'a, str>, usize)>, Failed> {
        let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b',');
        let at = from + self.text.as_bytes()[from..].iter().take_while(|byte| blank(byte)).count();
        let text = self.text;
        let key = if first { self.jiter.known_object() } else { self.jiter.next_key() };
        match key {
            Ok(key) => Ok(key.map(|key| (string(text, at, key), at))),
            Err(error) => Err(self.syntax(&error)),
        }
    }

    fn scalar(&mut self, peek: Peek, start: usize) -> Result<Value<'a>, Failed> {
        let text = self.text;
        let value = match peek {
            Peek::Null => self.jiter.known_null().map(|()| Value::Null),
            Peek::True | Peek::False => self.jiter.known_bool(peek).map(Value::Bool),
            Peek::String => self.jiter.known_str().map(|value| Value::Str(string(text, start, value))),
            _ => match self.jiter.known_number_bytes(peek) {
                Ok(_) => return self.number(start),
                Err(error) => Err(error),
            },
        };
        value.map_err(|error| self.syntax(&error))
    }

    fn number(&self, start: usize) -> Result<Value<'a>, Failed> {
        let number = &self.text[start..self.jiter.current_index()];
        if let Ok(whole) = number.parse() {
            return Ok(Value::Int(whole));
        }
        match number.parse::<f64>() {
            Ok(float) if float.is_finite() => Ok(Value::Float(float)),
            _ => Err(self.problem("a number beyond 64 bits of floating point", start)),
        }
    }

    fn skip_blanks(&mut self) -> Option<u8> {
        self.jiter.peek().ok().map(Peek::into_inner)
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

/// A decoded string, borrowed from the text if it has no escapes. `quote` is where it starts.
fn string<'a>(text: &'a str, quote: usize, value: &str) -> Cow<'a, str> {
    let end = quote + 1 + value.len();
    match borrowed(text, quote + 1, value) {
        Some(found) if text.as_bytes().get(end) == Some(&b'"') => Cow::Borrowed(found),
        _ => Cow::Owned(value.to_owned()),
    }
}
