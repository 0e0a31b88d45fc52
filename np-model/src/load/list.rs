//! Reads a text that is one list of objects, as `kubectl get -o json` or `-o yaml` writes it, in parts: an
//! item is handed on and forgotten, and several threads can take part.
//!
//! Where an item starts in the middle of a text is a guess: what stands between the first two items
//! is looked for again. The guess holds if the reader of the part before arrives there, as it then stands
//! where the part's own reader started: between two items. Nothing is taken before the text has been
//! read to its end. Whatever is out of the ordinary (an error, a key given twice, a limit, anything behind
//! the list) leaves the text to be read whole, which says what is wrong with it.

use std::num::NonZero;
use std::ops::Range;

use super::reading::Reading;
use super::tree::{Node, Tree};
use super::{Limits, json, yaml};
use crate::origin::SourceId;
use crate::parallel;

/// A list that has been read.
pub(crate) struct List<'t, T> {
    /// The list with no items: what stands around them.
    pub(crate) header: Tree<'t>,
    /// What came of the items of each part, in order.
    pub(crate) parts: Vec<Vec<T>>,
}

/// From how many bytes on a text is shared among threads.
pub(super) const LARGE: usize = 1 << 20;

/// Reads a list. `reader` gives what reads the items on a thread, which gives nothing for one that leaves
/// the text to be read whole.
pub(crate) fn read<'t, T: Send, R: FnMut(Node<'_>) -> Option<T>>(
    source: SourceId,
    text: &'t str,
    limits: &Limits,
    threads: NonZero<usize>,
    reader: impl Fn() -> R + Sync,
) -> Option<List<'t, T>> {
    let shared = Shared { source, text, limits: *limits, threads, reader };
    if text.trim_start().starts_with('{') { json::read_list(&shared) } else { yaml::read_list(&shared) }
}

/// Reads the items of a list one after the other.
pub(super) trait Items {
    /// Reads the next item, which is the root of the tree then; gives what comes behind it.
    fn next(&mut self) -> Option<Behind>;
    /// The item just read.
    fn tree(&self) -> &Tree<'_>;
    /// How many values have been counted.
    fn values(&self) -> usize;
}

/// What comes behind an item, and where.
pub(super) enum Behind {
    Item(usize),
    End(usize),
}

/// How the items of a list are read.
pub(super) trait Format: Sync {
    /// What reads them.
    type Items<'r, 't: 'r>: Items;
    /// Reads items of which the first starts here; the range is where those of its part start.
    fn items<'r, 't>(&self, reading: &'r mut Reading<'t>, range: Range<usize>)
    -> Option<Self::Items<'r, 't>>;
    /// What stands before each item but the first, which starts here, if that can be told; and how much of
    /// that is before where the item starts.
    fn between<'t>(&self, reading: Reading<'t>, first: usize) -> Option<(&'t str, usize)>;
}

/// What all threads need.
pub(super) struct Shared<'t, F> {
    source: SourceId,
    pub(super) text: &'t str,
    limits: Limits,
    threads: NonZero<usize>,
    reader: F,
}

/// The items of the list.
pub(super) struct Read<T> {
    pub(super) parts: Vec<Vec<T>>,
    /// Where the text goes on behind them.
    pub(super) end: usize,
    /// How many values they have.
    pub(super) values: usize,
}

/// Some items, and how their reader stopped.
struct Part<T> {
    items: Vec<T>,
    values: usize,
    /// Where the list ended, if it did; else the reader is at the part's end.
    list_end: Option<usize>,
}

impl<'t, T: Send, R: FnMut(Node<'_>) -> Option<T>, F: Fn() -> R + Sync> Shared<'t, F> {
    /// The text, of which nothing has been read.
    pub(super) fn reading(&self) -> Reading<'t> {
        Reading::new(self.source, self.text, self.limits)
    }

    /// Reads the items, of which the first starts here.
    pub(super) fn items(&self, format: &impl Format, first: usize) -> Option<Read<T>> {
        let starts = if self.text.len() < LARGE { vec![first] } else { self.starts(format, first) };
        let ends = starts[1..].iter().copied().chain([self.text.len()]);
        let ranges: Vec<Range<usize>> = starts.iter().zip(ends).map(|(start, end)| *start..end).collect();
        let parts = parallel::each(&ranges, |range| self.part(format, range.clone()));
        let last = parts.len() - 1;
        let mut read = Read { parts: Vec::new(), end: 0, values: 0 };
        for (at, part) in parts.into_iter().enumerate() {
            let part = part?;
            // A list that ends before the last part was no guess about this list.
            if part.list_end.is_some() != (at == last) {
                return None;
            }
            read.end = part.list_end.unwrap_or_default();
            read.values += part.values;
            read.parts.push(part.items);
        }
        Some(read)
    }

    /// Where parts start: the first item, and about as many more as there are threads, evenly apart.
    fn starts(&self, format: &impl Format, first: usize) -> Vec<usize> {
        let mut starts = vec![first];
        let Some((pattern, until_item)) = format.between(self.reading(), first) else { return starts };
        let size = (self.text.len() - first) / self.threads;
        for thread in 1..self.threads.get() {
            let from = self.text.ceil_char_boundary(first + thread * size);
            let Some(found) = self.text[from..].find(pattern) else { break };
            let start = from + found + until_item;
            if starts.last().is_some_and(|last| *last < start) {
                starts.push(start);
            }
        }
        starts
    }

    /// Reads the items that start in a range.
    fn part(&self, format: &impl Format, range: Range<usize>) -> Option<Part<T>> {
        let mut reader = (self.reader)();
        let mut reading = self.reading();
        let mut items = format.items(&mut reading, range.clone())?;
        let mut part = Part { items: Vec::new(), values: 0, list_end: None };
        loop {
            let behind = items.next()?;
            part.items.push(reader(items.tree().root()?)?);
            match behind {
                Behind::End(at) => {
                    part.list_end = Some(at);
                    break;
                }
                Behind::Item(at) if at < range.end => {}
                // It must be at the very start of the next part.
                Behind::Item(at) if at > range.end => return None,
                Behind::Item(_) => break,
            }
        }
        part.values = items.values();
        Some(part)
    }
}
