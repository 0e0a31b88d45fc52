//! Maps in the making, which notice a key given twice.

use std::borrow::Cow;

use rustc_hash::FxHashMap;

use super::node::{Entry, Value};
use super::reading::{Reading, quoted};
use crate::diag::{Code, Diagnostic};

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
