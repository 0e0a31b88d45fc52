//! Lists of objects in JSON, for reading in parts.

use std::ops::Range;

use jiter::Peek;

use super::JsonReader;
use crate::load::list::{Behind, Format, Items, List, Shared};
use crate::load::reading::{Reading, offset};
use crate::load::tree::{Node, Tree};

/// How much of the text between two items is looked for again.
const PATTERN: usize = 128;

/// Reads a list; nothing if the text is none, or is not to be read in parts.
pub(crate) fn read<'t, T: Send, R: FnMut(Node<'_>) -> Option<T>, F: Fn() -> R + Sync>(
    shared: &Shared<'t, F>,
) -> Option<List<'t, T>> {
    let text = shared.text;
    let start = text.len() - text.trim_start().len();
    let mut reading = shared.reading();
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
                let done = shared.items(&Json, json.base + json.jiter.current_index())?;
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

/// Items between commas.
struct Json;

/// Where the items of a part are being read.
struct JsonItems<'r, 't> {
    json: JsonReader<'r, 't>,
    tree: Tree<'t>,
    /// What value comes next.
    peek: Peek,
}

impl Format for Json {
    type Items<'r, 't: 'r> = JsonItems<'r, 't>;

    fn items<'r, 't>(&self, reading: &'r mut Reading<'t>, range: Range<usize>) -> Option<JsonItems<'r, 't>> {
        let tree = reading.tree();
        let until = reading.text.len();
        let mut json = JsonReader::new(reading, range.start..until);
        json.around = 2;
        let peek = json.peek().ok()?;
        Some(JsonItems { json, tree, peek })
    }

    fn between<'t>(&self, mut reading: Reading<'t>, first: usize) -> Option<(&'t str, usize)> {
        let text = reading.text;
        let mut tree = reading.tree();
        let mut json = JsonReader::new(&mut reading, first..text.len());
        json.around = 2;
        let peek = json.peek().ok()?;
        json.value(&mut tree, peek).ok()?;
        let end = first + json.jiter.current_index();
        json.item().ok()??;
        let second = first + json.jiter.current_index();
        // The last byte of the item before, so that what is found lies between two values; and the first
        // key of the item, or two where no indentation tells items from what is inside them.
        let between = text.get(end - 1..second)?;
        let quotes = if between.contains('\n') { 2 } else { 6 };
        let (last, _) = text[second..].match_indices('"').nth(quotes - 1)?;
        let pattern = text.get(end - 1..=second + last)?;
        (pattern.len() <= PATTERN).then_some((pattern, between.len()))
    }
}

impl Items for JsonItems<'_, '_> {
    fn next(&mut self) -> Option<Behind> {
        self.tree.clear();
        self.json.value(&mut self.tree, self.peek).ok()?;
        if !self.json.duplicates.is_empty() {
            return None;
        }
        let next = self.json.item().ok()?;
        let at = self.json.base + self.json.jiter.current_index();
        Some(match next {
            None => Behind::End(at),
            Some(peek) => {
                self.peek = peek;
                Behind::Item(at)
            }
        })
    }

    fn tree(&self) -> &Tree<'_> {
        &self.tree
    }

    fn values(&self) -> usize {
        self.json.reading.values()
    }
}
