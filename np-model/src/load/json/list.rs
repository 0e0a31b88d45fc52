//! Reads a text that is one list of objects, as `kubectl get -o json` writes it, in parts: an item is
//! handed on and forgotten, and several threads can take part.
//!
//! Where an item starts in the middle of a text is a guess: what stands between the first two items
//! is looked for again. The guess holds if the reader of the part before arrives there, as it then stands
//! where the part's own reader started: between two items. Nothing is taken before the text has been
//! read to its end. Whatever is out of the ordinary (an error, a key given twice, a limit, anything behind
//! the list) leaves the text to be read whole, which says what is wrong with it.

use std::num::NonZero;
use std::ops::Range;
use std::thread;

use jiter::Peek;

use super::JsonReader;
use crate::load::Limits;
use crate::load::reading::{Reading, offset};
use crate::load::tree::{Node, Tree};
use crate::origin::SourceId;

/// A list that has been read.
pub(crate) struct List<'t, T> {
    /// The list with no items: what stands around them.
    pub(crate) header: Tree<'t>,
    /// What came of the items of each part, in order.
    pub(crate) parts: Vec<Vec<T>>,
}

/// From how many bytes on a text is shared among threads.
const LARGE: usize = 1 << 20;

/// How much of the text between two items is looked for again.
const PATTERN: usize = 128;

/// Reads a list. `reader` gives what reads the items on a thread, which gives nothing for one that leaves
/// the text to be read whole.
pub(crate) fn read<'t, T: Send, R: FnMut(Node<'_>) -> Option<T>>(
    source: SourceId,
    text: &'t str,
    limits: &Limits,
    threads: NonZero<usize>,
    reader: impl Fn() -> R + Sync,
) -> Option<List<'t, T>> {
    let start = text.len() - text.trim_start().len();
    if !text[start..].starts_with('{') {
        return None;
    }
    let mut reading = Reading::new(source, text, *limits);
    let mut header = reading.tree();
    let mut json = JsonReader::new(&mut reading, 0..text.len());
    json.reading.count(2, start).ok()?;
    let mut parts = Vec::new();
    json.peek().ok()?;
    header.open_map(offset(start));
    let mut key = json.key(&mut header, start + 1, true).ok()?;
    while let Some(found) = key {
        let value = json.peek().ok()?;
        if header.key_text(found) == "items" && value == Peek::Array {
            let items = json.jiter.current_index();
            header.open_list(offset(items));
            header.close();
            if json.jiter.known_array().ok()?.is_some() {
                let shared = Shared { source, text, limits: *limits, reader: &reader };
                let done = shared.items(json.base + json.jiter.current_index(), threads)?;
                parts = done.parts;
                json.reading.count(done.values, start).ok()?;
                if !json.duplicates.is_empty() {
                    return None;
                }
                json = JsonReader::new(&mut reading, done.end..text.len());
            }
        } else {
            json.around = 1;
            json.value(&mut header, value).ok()?;
        }
        let from = json.jiter.current_index();
        key = json.key(&mut header, from, false).ok()?;
    }
    header.close();
    (json.next_byte().is_none() && json.duplicates.is_empty()).then_some(List { header, parts })
}

/// What all threads need.
struct Shared<'s, 't, F> {
    source: SourceId,
    text: &'t str,
    limits: Limits,
    reader: &'s F,
}

/// The items of the list.
struct Items<T> {
    parts: Vec<Vec<T>>,
    /// Where the text goes on behind them.
    end: usize,
    /// How many values they have.
    values: usize,
}

/// Some items, and how their reader stopped.
struct Part<T> {
    items: Vec<T>,
    values: usize,
    /// Where the list ended, if it did; else the reader is at the part's end.
    list_end: Option<usize>,
}

impl<T: Send, R: FnMut(Node<'_>) -> Option<T>, F: Fn() -> R + Sync> Shared<'_, '_, F> {
    /// Reads the items, of which the first starts here.
    fn items(&self, first: usize, threads: NonZero<usize>) -> Option<Items<T>> {
        let starts = if self.text.len() < LARGE { vec![first] } else { self.starts(first, threads) };
        let ends = starts[1..].iter().copied().chain([self.text.len()]);
        let ranges: Vec<Range<usize>> = starts.iter().zip(ends).map(|(start, end)| *start..end).collect();
        let parts: Vec<Option<Part<T>>> = thread::scope(|scope| {
            let others: Vec<_> =
                ranges[1..].iter().map(|range| scope.spawn(|| self.part(range.clone()))).collect();
            let mut parts = vec![self.part(ranges[0].clone())];
            for other in others {
                parts.push(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            }
            parts
        });
        let last = parts.len() - 1;
        let mut items = Items { parts: Vec::new(), end: 0, values: 0 };
        for (at, part) in parts.into_iter().enumerate() {
            let part = part?;
            // A list that ends before the last part was no guess about this list.
            if part.list_end.is_some() != (at == last) {
                return None;
            }
            items.end = part.list_end.unwrap_or_default();
            items.values += part.values;
            items.parts.push(part.items);
        }
        Some(items)
    }

    /// Where parts start: the first item, and about as many more as there are threads, evenly apart.
    fn starts(&self, first: usize, threads: NonZero<usize>) -> Vec<usize> {
        let mut starts = vec![first];
        let Some((pattern, until_item)) = self.between_items(first) else { return starts };
        let size = (self.text.len() - first) / threads;
        for thread in 1..threads.get() {
            let from = self.text.ceil_char_boundary(first + thread * size);
            let Some(found) = self.text[from..].find(pattern) else { break };
            let start = from + found + until_item;
            if starts.last().is_some_and(|last| *last < start) {
                starts.push(start);
            }
        }
        starts
    }

    /// What stands between the first two items, with the start of the second, and how far into it that is.
    fn between_items(&self, first: usize) -> Option<(&str, usize)> {
        let mut reading = Reading::new(self.source, self.text, self.limits);
        let mut tree = reading.tree();
        let mut json = JsonReader::new(&mut reading, first..self.text.len());
        json.around = 2;
        let peek = json.peek().ok()?;
        json.value(&mut tree, peek).ok()?;
        let end = first + json.jiter.current_index();
        json.item().ok()??;
        let second = first + json.jiter.current_index();
        // The last byte of the item before, so that what is found lies between two values; and the first
        // key of the item, or two where no indentation tells items from what is inside them.
        let between = self.text.get(end - 1..second)?;
        let quotes = if between.contains('\n') { 2 } else { 6 };
        let (last, _) = self.text[second..].match_indices('"').nth(quotes - 1)?;
        let pattern = self.text.get(end - 1..=second + last)?;
        (pattern.len() <= PATTERN).then_some((pattern, between.len()))
    }

    /// Reads the items that start in a range.
    fn part(&self, range: Range<usize>) -> Option<Part<T>> {
        let mut reader = (self.reader)();
        let mut reading = Reading::new(self.source, self.text, self.limits);
        let mut tree = reading.tree();
        let mut json = JsonReader::new(&mut reading, range.start..self.text.len());
        json.around = 2;
        let mut part = Part { items: Vec::new(), values: 0, list_end: None };
        let mut peek = json.peek().ok()?;
        loop {
            tree.clear();
            json.value(&mut tree, peek).ok()?;
            if !json.duplicates.is_empty() {
                return None;
            }
            part.items.push(reader(tree.root()?)?);
            match json.item().ok()? {
                None => {
                    part.list_end = Some(range.start + json.jiter.current_index());
                    break;
                }
                Some(next) => peek = next,
            }
            let at = range.start + json.jiter.current_index();
            if at >= range.end {
                // It must be at the very start of the next part.
                if at > range.end {
                    return None;
                }
                break;
            }
        }
        part.values = json.reading.values();
        Some(part)
    }
}
