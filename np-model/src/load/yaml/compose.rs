//! Builds a tree from the parser's events: anchors copied, merges done, keys made strings.
//!
//! An explicit stack holds the lists and maps that are still open, so that no document can exhaust
//! the real one.

use libyaml_safer::{Event, EventData, MappingStyle, ScalarStyle, SequenceStyle};
use rustc_hash::FxHashMap;

use super::anchor::{Anchored, Anchors, Size};
use super::feed::Swaps;
use super::scalar::{Scalar, float_key, resolve};
use crate::diag::{Code, Diagnostic};
use crate::load::reading::{Failed, Reading, literal, offset, twice};
use crate::load::tree::{KeyId, Tree, What};

/// One document as far as its events have come.
pub(super) struct Composer<'r, 'a> {
    reading: &'r mut Reading<'a>,
    /// Where the document's text starts and ends in the whole text.
    base: usize,
    end: usize,
    pub(super) swaps: &'r Swaps,
    /// A comma that was replaced and must not have been.
    pub(super) misplaced: Option<usize>,
    tree: Tree<'a>,
    open: Vec<Open>,
    anchors: Anchors,
    /// Whether the text has a `*` anywhere, without which anchors need not be kept.
    aliases: bool,
    duplicates: Vec<Diagnostic>,
    /// Which keys came from a merge, and the byte of its `<<`.
    merged: FxHashMap<KeyId, usize>,
}

/// A list or map whose end has not been reached.
struct Open {
    at: usize,
    slot: usize,
    /// Its anchor, with the number that it was given.
    anchor: Option<(String, usize)>,
    size: Size,
    /// How many of the lists and maps around it, itself counted, are in flow style.
    flow: usize,
    kind: Kind,
}

/// How deep brackets and braces may nest. The parser looks through all of them for each token, so
/// that more would let a short text take long.
const FLOW_DEPTH: usize = 200;

/// What is to come next.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// An item of a list.
    List,
    /// A key of a map.
    Key,
    /// The value of a key.
    Value,
    /// What the `<<` at this byte merges into the map, which will be in this slot.
    Merge(usize, usize),
}

impl<'r, 'a> Composer<'r, 'a> {
    pub(super) fn new(reading: &'r mut Reading<'a>, base: usize, end: usize, swaps: &'r Swaps) -> Self {
        let aliases = reading.text[base..end].contains('*');
        let (anchors, tree) = (Anchors::default(), reading.tree());
        Self {
            reading,
            base,
            end,
            swaps,
            misplaced: None,
            tree,
            open: Vec::new(),
            anchors,
            aliases,
            duplicates: Vec::new(),
            merged: FxHashMap::default(),
        }
    }

    /// What the events have come to: the document and its duplicate keys.
    pub(super) fn finish(self) -> (Tree<'a>, Vec<Diagnostic>) {
        (self.tree, self.duplicates)
    }

    /// Takes the next event of the document.
    pub(super) fn event(&mut self, event: Event) -> Result<(), Failed> {
        let start = self.offset(event.start_mark.index);
        match event.data {
            EventData::Scalar { anchor, tag, value, plain_implicit, style, .. } => {
                let end = self.offset(event.end_mark.index);
                let at = self.content(start, anchor.is_some() || tag.is_some(), end);
                self.plain_in_flow(&value, style, at)?;
                let value = self.swaps.restore(value);
                self.scalar(anchor, tag.as_deref(), &value, plain_implicit, at)
            }
            EventData::SequenceStart { anchor, tag, style, .. } => {
                let at = self.content(start, anchor.is_some() || tag.is_some(), self.end);
                self.start(anchor, style == SequenceStyle::Flow, at, Kind::List)
            }
            EventData::MappingStart { anchor, tag, style, .. } => {
                let at = self.content(start, anchor.is_some() || tag.is_some(), self.end);
                self.start(anchor, style == MappingStyle::Flow, at, Kind::Key)
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

    /// Go's yaml ends a plain scalar in a flow collection at `?`, and then does not understand it. And a
    /// comma always ends one.
    fn plain_in_flow(&mut self, value: &str, style: ScalarStyle, at: usize) -> Result<(), Failed> {
        let in_flow = self.open.last().is_some_and(|open| open.flow > 0);
        if !in_flow || style != ScalarStyle::Plain {
            return Ok(());
        }
        if self.swaps.is_in(value) {
            self.misplaced = self.swaps.behind(at - self.base);
            let problem = "`!` directly before a comma, between brackets or braces";
            return Err(self.advise(problem, at, "quote the value, or put a blank before the comma"));
        }
        if value.contains('?') {
            let problem = "`?` in a value without quotes, between brackets or braces";
            return Err(self.advise(problem, at, "the API server does not read this; quote the value"));
        }
        Ok(())
    }

    fn scalar(
        &mut self,
        anchor: Option<String>,
        tag: Option<&str>,
        text: &str,
        plain: bool,
        at: usize,
    ) -> Result<(), Failed> {
        let key_expected = self.key_expected();
        let is_merge = || text == "<<" && (plain || tag == Some("tag:yaml.org,2002:merge"));
        if key_expected && is_merge() {
            self.tree.hidden_key(offset(at));
            self.expect(Kind::Merge(at, self.tree.len()));
            return Ok(());
        }
        self.count(at)?;
        let scalar = resolve(tag, plain, text).map_err(|message| self.error(message, at))?;
        let what = match &scalar {
            Scalar::Float(float) if !float.is_finite() && !key_expected => {
                let problem = format!("{text} is no number that an object can hold");
                return Err(self.advise(problem, at, "quote it if it is meant as a string"));
            }
            Scalar::Decoded(value) => self.tree.respell(value),
            other => other.what().unwrap_or_else(|| self.string(text, at)),
        };
        let number = anchor.filter(|_| self.aliases).map(|anchor| {
            let number = self.anchors.open(&anchor);
            (anchor, number)
        });
        let value =
            if key_expected { Anchored::Key(what, offset(at)) } else { Anchored::Value(self.tree.len()) };
        if let Some(anchor) = number {
            self.keep(anchor, value, Size::LEAF, at)?;
        }
        if key_expected {
            let key = self.scalar_key(&scalar, what, text, at)?;
            self.key(key, at);
            return Ok(());
        }
        self.tree.scalar(offset(at), what);
        self.put(Size::LEAF)
    }

    /// A string: the piece of the text that it is, if it stands there without escapes and line breaks.
    fn string(&mut self, value: &str, at: usize) -> What {
        let quoted = usize::from(matches!(self.reading.text.as_bytes().get(at), Some(b'"' | b'\'')));
        let start = at + quoted;
        if literal(self.reading.text, start, value) {
            What::Text { start: offset(start), len: offset(value.len()) }
        } else {
            self.tree.respell(value)
        }
    }

    /// A key as JSON spells it; `what` is its value.
    fn scalar_key(&mut self, scalar: &Scalar, what: What, text: &str, at: usize) -> Result<What, Failed> {
        match (scalar, scalar.spelled()) {
            (Scalar::Text | Scalar::Decoded(_), _) => Ok(what),
            (_, Some(key)) => Ok(self.tree.respell(&key)),
            _ => Err(self.bad_key(text, at)),
        }
    }

    fn key_expected(&self) -> bool {
        self.open.last().is_some_and(|open| open.kind == Kind::Key)
    }

    fn expect(&mut self, kind: Kind) {
        if let Some(open) = self.open.last_mut() {
            open.kind = kind;
        }
    }

    fn bad_key(&self, what: &str, at: usize) -> Failed {
        let what = if what.is_empty() { "nothing" } else { what };
        self.advise(format!("{what} as the key of a map"), at, "a key must be a string; quote it")
    }

    fn start(&mut self, anchor: Option<String>, flow: bool, at: usize, kind: Kind) -> Result<(), Failed> {
        self.count(at)?;
        if self.key_expected() {
            let what = if kind == Kind::List { "a list" } else { "a map" };
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
        self.open.push(Open { at, slot: self.tree.len(), anchor, size: Size::EMPTY, flow, kind });
        if kind == Kind::List {
            self.tree.open_list(offset(at));
        } else {
            self.tree.open_map(offset(at));
        }
        Ok(())
    }

    fn close(&mut self) -> Result<(), Failed> {
        let Some(Open { at, slot, anchor, size, .. }) = self.open.pop() else {
            return Ok(());
        };
        self.tree.close();
        if let Some(anchor) = anchor {
            self.keep(anchor, Anchored::Value(slot), size, at)?;
        }
        self.put(size)
    }

    fn keep(
        &mut self,
        (anchor, number): (String, usize),
        value: Anchored,
        size: Size,
        at: usize,
    ) -> Result<(), Failed> {
        if self.anchors.close(self.reading, &anchor, number, value, size) {
            Ok(())
        } else {
            Err(self.reading.full(at))
        }
    }

    fn alias(&mut self, anchor: &str, at: usize) -> Result<(), Failed> {
        let (target, size) = match self.anchors.alias(self.reading, anchor) {
            Ok(found) => found,
            Err(_) if self.reading.is_full() => {
                return Err(self.reading.full(at));
            }
            Err(message) => return Err(self.error(message, at)),
        };
        if self.open.len() + size.depth > self.reading.limits.depth {
            return Err(self.reading.too_deep(at));
        }
        self.reading.count(size.values, at)?;
        let what = match target {
            Anchored::Value(slot) => self.tree.what(slot),
            Anchored::Key(what, _) => what,
        };
        match self.open.last().map(|open| open.kind) {
            Some(Kind::Key) => {
                let key = match what {
                    What::Bool(value) => self.tree.respell(if value { "true" } else { "false" }),
                    What::Int(whole) => self.tree.respell(&whole.to_string()),
                    What::Float(float) => self.tree.respell(&float_key(float)),
                    What::Null | What::List { .. } | What::Map { .. } => {
                        return Err(self.bad_key(what.kind(), at));
                    }
                    text => text,
                };
                self.key(key, at);
                return Ok(());
            }
            Some(Kind::Merge(..)) if !matches!(what, What::Map { .. }) => {
                return Err(self.bad_merge(at));
            }
            _ => {}
        }
        match target {
            Anchored::Value(slot) => self.tree.copy(slot),
            Anchored::Key(what, at) => self.tree.scalar(at, what),
        }
        self.put(size)
    }

    fn bad_merge(&self, at: usize) -> Failed {
        self.error("`<<` merges maps: its value must be a map, an alias of one, or a list of these", at)
    }

    /// Takes the key of an open map.
    fn key(&mut self, key: What, at: usize) {
        let added = KeyId::at(self.tree.len());
        let found = self.tree.any_key(offset(at), key);
        self.note_twice(added, found, None);
        self.expect(Kind::Value);
    }

    /// Reports a key just added if the map had it already, as `found` says. `merge` is the
    /// byte of the `<<` that brought it.
    fn note_twice(&mut self, key: KeyId, found: Option<KeyId>, merge: Option<usize>) {
        if let Some(found) = found {
            let first = (self.tree.key_offset(found), self.merged.get(&found).copied());
            let again = (self.tree.key_offset(key), merge);
            self.duplicates.push(twice(self.reading, self.tree.key_text(key), first, again));
        }
        if let Some(merge) = merge {
            self.merged.insert(key, merge);
        }
    }

    /// Goes on behind a value that is whole.
    fn put(&mut self, size: Size) -> Result<(), Failed> {
        let Some(open) = self.open.last_mut() else { return Ok(()) };
        open.size.add(size);
        match open.kind {
            Kind::Value => {
                open.size.values += 1;
                open.kind = Kind::Key;
            }
            Kind::Merge(at, slot) => {
                open.kind = Kind::Key;
                self.merge(at, slot)?;
            }
            // A list or map as a key has been refused where it starts.
            Kind::List | Kind::Key => {}
        }
        Ok(())
    }

    /// Gives the map the entries of the value in `slot`, in the order in which Go's yaml sets them: of a
    /// list the last map first. The value itself stays unseen.
    fn merge(&mut self, at: usize, slot: usize) -> Result<(), Failed> {
        let maps = match self.tree.what(slot) {
            What::Map { .. } => vec![slot],
            What::List { .. } => self.tree.items_of(slot).collect(),
            _ => return Err(self.bad_merge(at)),
        };
        if maps.iter().any(|map| !matches!(self.tree.what(*map), What::Map { .. })) {
            return Err(self.bad_merge(at));
        }
        for map in maps.into_iter().rev() {
            let keys: Vec<KeyId> = self.tree.keys_of(map).collect();
            for key in keys {
                let added = KeyId::at(self.tree.len());
                let found = self.tree.copy_entry(key);
                self.note_twice(added, found, Some(at));
            }
        }
        Ok(())
    }
}
