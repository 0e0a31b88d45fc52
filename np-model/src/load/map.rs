//! What both formats share while reading: places, counted limits, and maps that notice a key given
//! twice.

use std::borrow::Cow;
use std::fmt::Write as _;

use rustc_hash::FxHashMap;

use super::node::{Entry, Node, Value};
use super::text::Limits;
use crate::diag::{Code, Diagnostic};
use crate::origin::{Location, SourceId};

/// Why reading stops; boxed, as every step of reading may fail and hardly any does.
pub(super) type Failed = Box<Diagnostic>;

/// A text being read, and what has been read of it.
pub(super) struct Reading<'a> {
    pub(super) text: &'a str,
    pub(super) limits: Limits,
    /// Values copied by aliases so far.
    pub(super) copies: usize,
    nodes: usize,
    source: SourceId,
    /// Where lines start, once a line has been asked for.
    lines: Vec<usize>,
}

impl<'a> Reading<'a> {
    pub(super) fn new(source: SourceId, text: &'a str, limits: Limits) -> Self {
        Self { text, limits, copies: 0, nodes: 0, source, lines: Vec::new() }
    }

    /// The place of a byte of the text.
    pub(super) fn place(&self, offset: usize) -> Option<Location> {
        let offset = u32::try_from(offset.min(self.text.len())).ok()?;
        Some(Location { source: self.source, offset })
    }

    /// The line of a byte of the text, from 1.
    pub(super) fn line(&mut self, offset: usize) -> usize {
        if self.lines.is_empty() {
            self.lines.push(0);
            self.lines
                .extend(self.text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(at, _)| at + 1));
        }
        self.lines.partition_point(|start| *start <= offset)
    }

    /// Counts values that were read.
    ///
    /// # Errors
    /// If the text holds too many.
    pub(super) fn count(&mut self, nodes: usize) -> Result<(), Failed> {
        self.nodes = self.nodes.saturating_add(nodes);
        if self.is_full() { Err(self.full(0)) } else { Ok(()) }
    }

    /// Whether the text holds more values than it may.
    pub(super) fn is_full(&self) -> bool {
        self.nodes > self.limits.nodes || self.copies > self.limits.copies
    }

    /// The error of a text that holds too much.
    pub(super) fn full(&self, documents: usize) -> Failed {
        let message = if documents > self.limits.documents {
            format!("more than {} documents in one text", self.limits.documents)
        } else if self.copies > self.limits.copies {
            format!("aliases copy more than {} values in one text", self.limits.copies)
        } else {
            format!("more than {} values in one text", self.limits.nodes)
        };
        Box::new(
            Diagnostic::error(Code::LimitExceeded, message).help("the rest is not read; split the input"),
        )
    }

    /// The error of a value that is nested too deep.
    pub(super) fn too_deep(&self, levels: usize, offset: usize) -> Failed {
        let message = format!("nested deeper than {levels} levels");
        let problem = Diagnostic::error(Code::LimitExceeded, message).at(self.place(offset));
        Box::new(problem.help("no Kubernetes object is that deep; the document is not read"))
    }
}

/// A map whose keys are still coming in.
#[derive(Default)]
pub(super) struct MapBuilder<'a> {
    entries: Vec<Entry<'a>>,
    /// Where each key is, once there are too many to look through.
    index: Option<Box<FxHashMap<Cow<'a, str>, usize>>>,
    /// Which entries came from a merge, and from where.
    merged: Option<Box<FxHashMap<usize, usize>>>,
}

/// From how many keys on looking one up by hash is faster than looking through all.
const MANY: usize = 16;

impl<'a> MapBuilder<'a> {
    /// Adds a key and its value. `merge` is the place of the `<<` that brings them.
    ///
    /// If the key is there already its value is replaced, and the error of that is returned.
    pub(super) fn insert(
        &mut self,
        reading: &mut Reading<'a>,
        entry: Entry<'a>,
        merge: Option<usize>,
    ) -> Option<Diagnostic> {
        let Some(found) = self.find(&entry.key) else {
            let at = self.entries.len();
            if let Some(index) = &mut self.index {
                index.insert(entry.key.clone(), at);
            }
            if let Some(merge) = merge {
                self.merged.get_or_insert_default().insert(at, merge);
            }
            self.entries.push(entry);
            return None;
        };
        let problem = self.twice(reading, found, &entry, merge);
        self.entries[found] = entry;
        if let Some(merge) = merge {
            self.merged.get_or_insert_default().insert(found, merge);
        } else if let Some(merged) = &mut self.merged {
            merged.remove(&found);
        }
        Some(problem)
    }

    /// The map itself.
    pub(super) fn finish(self) -> Value<'a> {
        Value::Map(self.entries)
    }

    fn find(&mut self, key: &str) -> Option<usize> {
        if self.entries.len() < MANY {
            return self.entries.iter().position(|entry| entry.key == key);
        }
        let entries = &self.entries;
        let index = self.index.get_or_insert_with(|| {
            Box::new(entries.iter().enumerate().map(|(at, entry)| (entry.key.clone(), at)).collect())
        });
        index.get(key).copied()
    }

    fn twice(
        &self,
        reading: &mut Reading<'a>,
        found: usize,
        again: &Entry<'a>,
        merge: Option<usize>,
    ) -> Diagnostic {
        let key = quoted(&again.key);
        let first_merge = self.merged.as_ref().and_then(|merged| merged.get(&found)).copied();
        let first = self.entries[found].key_at.map_or(0, |at| at.offset as usize);
        let line = reading.line(first_merge.unwrap_or(first));
        let message = match (first_merge, merge) {
            (None, None) => format!("key {key} stands twice in this map, first at line {line}"),
            (Some(_), None) => format!("key {key} was already merged into this map, by `<<` at line {line}"),
            (None, Some(_)) => format!("`<<` merges in key {key}, which this map already has at line {line}"),
            (Some(_), Some(_)) => format!("`<<` merges in key {key}, which `<<` at line {line} already did"),
        };
        let help = if first_merge.is_some() || merge.is_some() {
            "to Kubernetes a merge gives its keys: the API server refuses one given twice, and kubectl keeps \
             the later; write the map out"
        } else {
            "the API server refuses it and kubectl keeps the later; remove one"
        };
        let at = merge.map_or(again.key_at, |at| reading.place(at));
        Diagnostic::error(Code::DuplicateKey, message).at(at).help(help)
    }
}

/// A key as a message shows it: on one line, in quotes, not longer than a label may be.
pub(super) fn quoted(text: &str) -> String {
    let mut shown = String::from("\"");
    for (i, c) in text.chars().enumerate() {
        if i == 63 {
            shown.push('…');
            break;
        }
        let _ = write!(shown, "{}", c.escape_debug());
    }
    shown.push('"');
    shown
}

/// A string, borrowed from `text` if it stands there literally at `start`.
pub(super) fn borrowed<'a>(text: &'a str, start: usize, value: &str) -> Option<&'a str> {
    text.get(start..start.checked_add(value.len())?).filter(|found| *found == value)
}

/// A node at a byte of the text.
pub(super) fn node<'a>(reading: &Reading<'a>, value: Value<'a>, at: usize) -> Node<'a> {
    Node { value, at: reading.place(at) }
}
