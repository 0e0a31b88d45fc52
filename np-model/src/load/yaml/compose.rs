//! Builds nodes from the parser's events: anchors copied, merges done, keys made strings.
//!
//! An explicit stack holds the lists and maps that are still open, so that no document can exhaust
//! the real one.

use std::borrow::Cow;

use libyaml_safer::{Event, EventData, MappingStyle, ScalarStyle, SequenceStyle};

use super::anchor::{Anchors, Size};
use super::feed::Swaps;
use super::scalar::{Scalar, as_whole, float_key, resolve};
use crate::diag::{Code, Diagnostic};
use crate::load::map::MapBuilder;
use crate::load::node::{Entry, Node, Value};
use crate::load::reading::{Failed, Reading, borrowed, node};

/// One document as far as its events have come.
pub(super) struct Composer<'r, 'a> {
    reading: &'r mut Reading<'a>,
    /// Where the document's text starts and ends in the whole text.
    base: usize,
    end: usize,
    swaps: &'r Swaps,
    open: Vec<Open<'a>>,
    anchors: Anchors<'a>,
    /// Whether the text has a `*` anywhere, without which anchors need not be kept.
    aliases: bool,
    root: Option<Node<'a>>,
    duplicates: Vec<Diagnostic>,
}

/// A list or map whose end has not been reached.
struct Open<'a> {
    at: usize,
    /// Its anchor, with the number that it was given.
    anchor: Option<(String, usize)>,
    size: Size,
    /// How many of the lists and maps around it, itself counted, are in flow style.
    flow: usize,
    kind: Kind<'a>,
}

/// How deep brackets and braces may nest. The parser looks through all of them for each token, so
/// that more would let a short text take long.
const FLOW_DEPTH: usize = 200;

enum Kind<'a> {
    List(Vec<Node<'a>>),
    Map(MapBuilder<'a>, Option<Key<'a>>),
}

/// A key that waits for its value.
enum Key<'a> {
    Plain(Cow<'a, str>, usize),
    /// `<<`, whose value is merged into the map.
    Merge(usize),
}

impl<'r, 'a> Composer<'r, 'a> {
    pub(super) fn new(reading: &'r mut Reading<'a>, base: usize, end: usize, swaps: &'r Swaps) -> Self {
        let aliases = reading.text[base..end].contains('*');
        let anchors = Anchors::default();
        Self {
            reading,
            base,
            end,
            swaps,
            open: Vec::new(),
            anchors,
            aliases,
            root: None,
            duplicates: Vec::new(),
        }
    }

    /// What the events have come to: the document and its duplicate keys.
    pub(super) fn finish(self) -> (Option<Node<'a>>, Vec<Diagnostic>) {
        (self.root, self.duplicates)
    }

    /// Takes the next event of the document.
    pub(super) fn event(&mut self, event: Event) -> Result<(), Failed> {
        let start = self.offset(event.start_mark.index);
        match event.data {
            EventData::Scalar { anchor, tag, value, plain_implicit, style, .. } => {
                let end = self.offset(event.end_mark.index);
                let at = self.content(start, anchor.is_some() || tag.is_some(), end);
                self.question_mark(&value, style, at)?;
                let value = self.swaps.restore(value);
                self.scalar(anchor, tag.as_deref(), value, plain_implicit, at)
            }
            EventData::SequenceStart { anchor, tag, style, .. } => {
                let at = self.content(start, anchor.is_some() || tag.is_some(), self.end);
                self.start(anchor, style == SequenceStyle::Flow, at, Kind::List(Vec::new()))
            }
            EventData::MappingStart { anchor, tag, style, .. } => {
                let at = self.content(start, anchor.is_some() || tag.is_some(), self.end);
                self.start(anchor, style == MappingStyle::Flow, at, Kind::Map(MapBuilder::default(), None))
            }
            EventData::SequenceEnd | EventData::MappingEnd => self.close(),
            EventData::Alias { anchor } => self.alias(&anchor, start),
            _ => Ok(()),
        }
    }

    /// A byte of the whole text from one that the parser counted.
    pub(super) fn offset(&self, index: u64) -> usize {
        let read = usize::try_from(index).unwrap_or(usize::MAX);
        self.base.saturating_add(self.swaps.offset(read)).min(self.end)
    }

    /// What is wrong with the document, and where.
    pub(super) fn error(&self, message: impl Into<String>, at: usize) -> Failed {
        Box::new(Diagnostic::error(Code::YamlSyntax, message).at(self.reading.place(at)))
    }

    /// The same, with advice.
    pub(super) fn advise(&self, message: impl Into<String>, at: usize, help: &str) -> Failed {
        Box::new(self.error(message, at).help(help))
    }

    fn count(&mut self, at: usize) -> Result<(), Failed> {
        self.anchors.count().map_err(|message| self.error(message, at))?;
        self.reading.count(1, at)
    }

    /// Where a value starts whose anchor and tag start at `start`.
    fn content(&self, start: usize, has_properties: bool, end: usize) -> usize {
        if !has_properties {
            return start;
        }
        let bytes = &self.reading.text.as_bytes()[..end];
        let mut at = start;
        while let Some(byte) = bytes.get(at) {
            let is_anchor = byte == &b'&';
            let part_of = |byte: &u8| !(byte.is_ascii_whitespace() || is_anchor && b",]}".contains(byte));
            match byte {
                b'&' | b'!' => at += bytes[at..].iter().take_while(|byte| part_of(byte)).count(),
                b'#' => at += bytes[at..].iter().take_while(|byte| !matches!(byte, b'\n' | b'\r')).count(),
                byte if byte.is_ascii_whitespace() => at += 1,
                _ => return at,
            }
        }
        // Properties of nothing: the value is where they are.
        start
    }

    /// Go's yaml ends a plain scalar in a flow collection at `?`, and then does not understand it.
    fn question_mark(&self, value: &str, style: ScalarStyle, at: usize) -> Result<(), Failed> {
        let in_flow = self.open.last().is_some_and(|open| open.flow > 0);
        if in_flow && style == ScalarStyle::Plain && value.contains('?') {
            let problem = "`?` in a value without quotes, between brackets or braces";
            return Err(self.advise(problem, at, "the API server does not read this; quote the value"));
        }
        Ok(())
    }

    fn scalar(
        &mut self,
        anchor: Option<String>,
        tag: Option<&str>,
        text: String,
        plain: bool,
        at: usize,
    ) -> Result<(), Failed> {
        let key_expected = matches!(self.open.last(), Some(Open { kind: Kind::Map(_, None), .. }));
        let is_merge = || text == "<<" && (plain || tag == Some("tag:yaml.org,2002:merge"));
        if key_expected && is_merge() {
            self.key(Key::Merge(at));
            return Ok(());
        }
        self.count(at)?;
        let scalar = resolve(tag, plain, &text).map_err(|message| self.error(message, at))?;
        let key = key_expected.then(|| self.scalar_key(&scalar, &text, at));
        let value = match scalar {
            Scalar::Null => Value::Null,
            Scalar::Bool(value) => Value::Bool(value),
            Scalar::Int(whole) => Value::Int(whole),
            #[expect(clippy::cast_precision_loss, reason = "nothing in the API is that large")]
            Scalar::Big(whole) => Value::Float(whole as f64),
            Scalar::Float(float) if !float.is_finite() && !key_expected => {
                let problem = format!("{text} is no number that an object can hold");
                return Err(self.advise(problem, at, "quote it if it is meant as a string"));
            }
            Scalar::Float(float) => as_whole(float).map_or(Value::Float(float), Value::Int),
            Scalar::Decoded(value) => Value::Str(Cow::Owned(value)),
            Scalar::Text => match self.literal(&text, at) {
                Some(found) => Value::Str(Cow::Borrowed(found)),
                None => Value::Str(Cow::Owned(text)),
            },
        };
        let made = node(self.reading, value, at);
        if let Some(anchor) = anchor.filter(|_| self.aliases) {
            let number = self.anchors.open(&anchor);
            self.keep((anchor, number), &made, Size::LEAF, at)?;
        }
        if let Some(key) = key {
            self.key(Key::Plain(key?, at));
            return Ok(());
        }
        self.put(made, Size::LEAF)
    }

    /// A string as it stands in the text, if it does so without escapes and line breaks.
    fn literal(&self, value: &str, at: usize) -> Option<&'a str> {
        let quoted = usize::from(matches!(self.reading.text.as_bytes().get(at), Some(b'"' | b'\'')));
        borrowed(self.reading.text, at + quoted, value)
    }

    fn scalar_key(&self, scalar: &Scalar, text: &str, at: usize) -> Result<Cow<'a, str>, Failed> {
        match scalar {
            Scalar::Text => {
                Ok(self.literal(text, at).map_or_else(|| Cow::Owned(text.to_owned()), Cow::Borrowed))
            }
            Scalar::Decoded(text) => Ok(Cow::Owned(text.clone())),
            Scalar::Int(whole) => Ok(Cow::Owned(whole.to_string())),
            Scalar::Float(float) => Ok(Cow::Owned(float_key(*float))),
            Scalar::Bool(value) => Ok(Cow::Borrowed(if *value { "true" } else { "false" })),
            Scalar::Null | Scalar::Big(_) => Err(self.bad_key(text, at)),
        }
    }

    fn bad_key(&self, what: &str, at: usize) -> Failed {
        let what = if what.is_empty() { "nothing" } else { what };
        self.advise(format!("{what} as the key of a map"), at, "a key must be a string; quote it")
    }

    fn start(&mut self, anchor: Option<String>, flow: bool, at: usize, kind: Kind<'a>) -> Result<(), Failed> {
        self.count(at)?;
        if let Some(Open { kind: Kind::Map(_, None), .. }) = self.open.last() {
            let what = if matches!(kind, Kind::List(_)) { "a list" } else { "a map" };
            return Err(self.bad_key(what, at));
        }
        if self.open.len() == self.reading.limits.depth {
            return Err(self.reading.too_deep(at));
        }
        let flow = if flow { self.open.last().map_or(0, |open| open.flow) + 1 } else { 0 };
        if flow > FLOW_DEPTH {
            let problem = format!("brackets and braces nested deeper than {FLOW_DEPTH} levels");
            let problem = Diagnostic::error(Code::LimitExceeded, problem).at(self.reading.place(at));
            return Err(Box::new(
                problem.help("no Kubernetes object is that deep; the document is not read"),
            ));
        }
        let anchor = anchor.filter(|_| self.aliases).map(|anchor| {
            let number = self.anchors.open(&anchor);
            (anchor, number)
        });
        self.open.push(Open { at, anchor, size: Size::EMPTY, flow, kind });
        Ok(())
    }

    fn close(&mut self) -> Result<(), Failed> {
        let Some(Open { at, anchor, size, kind, .. }) = self.open.pop() else {
            return Ok(());
        };
        let value = match kind {
            Kind::List(items) => Value::Seq(items),
            Kind::Map(map, _) => map.finish(),
        };
        let made = node(self.reading, value, at);
        if let Some(anchor) = anchor {
            self.keep(anchor, &made, size, at)?;
        }
        self.put(made, size)
    }

    fn keep(
        &mut self,
        (anchor, number): (String, usize),
        made: &Node<'a>,
        size: Size,
        at: usize,
    ) -> Result<(), Failed> {
        if self.anchors.close(self.reading, &anchor, number, made, size) {
            Ok(())
        } else {
            Err(self.reading.full(at))
        }
    }

    fn alias(&mut self, anchor: &str, at: usize) -> Result<(), Failed> {
        let (target, size) = match self.anchors.alias(self.reading, anchor) {
            Ok((target, size)) => (target.clone(), size),
            Err(_) if self.reading.is_full() => {
                return Err(self.reading.full(at));
            }
            Err(message) => return Err(self.error(message, at)),
        };
        if self.open.len() + size.depth > self.reading.limits.depth {
            return Err(self.reading.too_deep(at));
        }
        self.reading.count(size.values, at)?;
        match self.open.last() {
            Some(Open { kind: Kind::Map(_, None), .. }) => {
                let key = match target.value {
                    Value::Str(text) => text,
                    Value::Bool(value) => Cow::Borrowed(if value { "true" } else { "false" }),
                    Value::Int(whole) => Cow::Owned(whole.to_string()),
                    Value::Float(float) => Cow::Owned(float_key(float)),
                    Value::Null | Value::Seq(_) | Value::Map(_) => {
                        return Err(self.bad_key(target.kind(), at));
                    }
                };
                self.key(Key::Plain(key, at));
                Ok(())
            }
            Some(Open { kind: Kind::Map(_, Some(Key::Merge(_))), .. })
                if !matches!(target.value, Value::Map(_)) =>
            {
                Err(self.bad_merge(at))
            }
            _ => self.put(target, size),
        }
    }

    fn bad_merge(&self, at: usize) -> Failed {
        self.error("`<<` merges maps: its value must be a map, an alias of one, or a list of these", at)
    }

    /// Takes the key of an open map.
    fn key(&mut self, key: Key<'a>) {
        if let Some(Open { kind: Kind::Map(_, waiting), .. }) = self.open.last_mut() {
            *waiting = Some(key);
        }
    }

    /// Puts a finished value where it belongs.
    fn put(&mut self, made: Node<'a>, size: Size) -> Result<(), Failed> {
        let Some(open) = self.open.last_mut() else {
            self.root = Some(made);
            return Ok(());
        };
        open.size.add(size);
        match &mut open.kind {
            Kind::List(items) => items.push(made),
            Kind::Map(map, waiting) => match waiting.take() {
                Some(Key::Plain(key, at)) => {
                    open.size.values += 1;
                    let entry = Entry { key, key_at: self.reading.place(at), value: made };
                    self.duplicates.extend(map.insert(self.reading, entry, None));
                }
                Some(Key::Merge(at)) => {
                    for entry in merged(made).ok_or(at).map_err(|at| self.bad_merge(at))? {
                        if let Some(Open { kind: Kind::Map(map, _), .. }) = self.open.last_mut() {
                            self.duplicates.extend(map.insert(self.reading, entry, Some(at)));
                        }
                    }
                }
                // A list or map as a key has been refused where it starts.
                None => {}
            },
        }
        Ok(())
    }
}

/// The entries that a merged value gives a map, in the order in which Go's yaml sets them: of a
/// list the last map first.
fn merged(value: Node<'_>) -> Option<Vec<Entry<'_>>> {
    match value.value {
        Value::Map(entries) => Some(entries),
        Value::Seq(maps) => {
            let mut all = Vec::new();
            for map in maps.into_iter().rev() {
                match map.value {
                    Value::Map(entries) => all.extend(entries),
                    _ => return None,
                }
            }
            Some(all)
        }
        _ => None,
    }
}
