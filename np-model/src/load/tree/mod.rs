//! One document of any format as a flat list of slots in the order of the text, which readers build
//! front to back and which is used again for the next one.
//!
//! ```text
//!   {"a": [1, null]}   Map(3 below) · key a · List(2 below) · 1 · null
//! ```
//!
//! A value needs no allocation of its own: a slot says what it is, where it stands, and, of a list or
//! map, how many slots are below it. Strings are pieces of the text unless they had to be respelled.
//! [`Node`]s are views of it.

#![cfg_attr(
    not(any(feature = "yaml", feature = "k8s-openapi")),
    expect(dead_code, reason = "trees are built by formats and from typed objects")
)]

pub mod node;

use std::hash::BuildHasher;

use rustc_hash::{FxBuildHasher, FxHashMap};

pub use self::node::Node;
use self::node::Slot;
pub(super) use self::node::What;
use crate::origin::{Location, SourceId};

/// A document, whole or still being read.
///
/// Readers call `Tree::open_map`, `Tree::key`, `Tree::text` and so on in the order of the text:
/// in a map a key before each value, and `Tree::close` for each list and map that was opened.
#[derive(Debug, Clone, Default)]
pub struct Tree<'t> {
    /// What strings are pieces of.
    text: &'t str,
    /// Whose places these are; `None` for what came without text.
    source: Option<SourceId>,
    slots: Vec<Slot>,
    /// Strings that do not stand in the text as they are meant, one behind the other.
    respelled: String,
    open: Vec<Open>,
    /// The keys of all open maps, those of the innermost last.
    keys: Vec<Key>,
}

/// A list or map whose end has not been reached.
#[derive(Debug, Clone)]
struct Open {
    slot: u32,
    is_list: bool,
    /// How many items or entries it has.
    len: u32,
    /// Where its keys start.
    first_key: u32,
    /// Its keys by the hash of their spelling, once there are too many to look through.
    index: Option<Box<FxHashMap<u64, u32>>>,
}

/// A key of an open map. Keys with different marks differ.
#[derive(Debug, Clone, Copy)]
struct Key {
    mark: u32,
    slot: u32,
}

/// A key's slot in the tree that it was added to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyId(u32);

impl KeyId {
    /// The key in this slot.
    pub(super) fn at(slot: usize) -> Self {
        Self(count(slot))
    }
}

/// From how many keys on looking one up by hash is faster than looking through all.
const MANY: usize = 16;

impl<'t> Tree<'t> {
    /// Nothing yet, with strings that are pieces of this text.
    pub fn new(text: &'t str, source: Option<SourceId>) -> Self {
        Self { text, source, ..Self::default() }
    }

    /// Forgets the document and keeps the room that it took.
    pub fn clear(&mut self) {
        self.slots.clear();
        self.respelled.clear();
        self.open.clear();
        self.keys.clear();
    }

    /// The document, once it has been read whole.
    pub fn root(&self) -> Option<Node<'_>> {
        (!self.slots.is_empty()).then(|| Node::at(self, 0))
    }

    /// How many slots there are: where the next value will be.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether nothing has been read.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// How many lists and maps are open.
    pub fn depth(&self) -> usize {
        self.open.len()
    }

    /// Whether the innermost that is open is a list; `None` if nothing is open.
    pub(super) fn in_list(&self) -> Option<bool> {
        self.open.last().map(|open| open.is_list)
    }

    /// Adds a value that is neither string, list nor map, at this byte of the text.
    pub(super) fn scalar(&mut self, at: u32, what: What) {
        self.count_item();
        self.slots.push(Slot { at, what });
    }

    /// Adds a string that stands in the text as it is meant.
    #[cfg(test)]
    pub(super) fn text(&mut self, at: u32, start: u32, len: u32) {
        self.scalar(at, What::Text { start, len });
    }

    /// Adds a string that is spelled otherwise in the text, or not at all.
    #[cfg(feature = "k8s-openapi")]
    pub(super) fn respelled(&mut self, at: u32, text: &str) {
        let what = self.respell(text);
        self.scalar(at, what);
    }

    /// Opens a list.
    pub(super) fn open_list(&mut self, at: u32) {
        self.open(at, true);
    }

    /// Opens a map.
    pub(super) fn open_map(&mut self, at: u32) {
        self.open(at, false);
    }

    /// Closes the innermost list or map.
    pub(super) fn close(&mut self) {
        let Some(open) = self.open.pop() else { return };
        self.keys.truncate(open.first_key as usize);
        let (below, len) = (count(self.slots.len()) - open.slot - 1, open.len);
        self.slots[open.slot as usize].what =
            if open.is_list { What::List { below, len } } else { What::Map { below, len } };
    }

    /// Adds a key that stands in the text as it is meant; its value must follow. If the innermost map
    /// has the key already, that entry is taken out of it and given back.
    pub(super) fn key(&mut self, at: u32, start: u32, len: u32) -> Option<KeyId> {
        self.push_key(at, What::Text { start, len })
    }

    /// The same for a string that has been kept.
    pub(super) fn any_key(&mut self, at: u32, what: What) -> Option<KeyId> {
        self.push_key(at, what)
    }

    /// The same for a key that is spelled otherwise.
    pub(super) fn respelled_key(&mut self, at: u32, text: &str) -> Option<KeyId> {
        let what = self.respell(text);
        self.push_key(at, what)
    }

    /// Adds a key that is a copy of another, place included, with a copy of its value.
    pub(super) fn copy_entry(&mut self, key: KeyId) -> Option<KeyId> {
        let Slot { at, what } = self.slots[key.0 as usize];
        let found = self.push_key(at, what);
        self.copy(key.0 as usize + 1);
        found
    }

    /// Adds a key that does not count, for a value that is not to be seen.
    pub(super) fn hidden_key(&mut self, at: u32) {
        self.slots.push(Slot { at, what: What::Gone { start: 0, len: 0 } });
    }

    /// Adds a copy of a value that is whole, places included.
    pub(super) fn copy(&mut self, slot: usize) {
        self.count_item();
        let end = self.behind(count(slot)) as usize;
        self.slots.extend_from_within(slot..end);
    }

    /// The keys of a map that is whole.
    pub(super) fn keys_of(&self, map: usize) -> impl Iterator<Item = KeyId> {
        let below = self.slots[map].what.below();
        let inside = count(map) + 1..count(map) + 1 + below;
        self.entries(inside).filter(|key| !self.slots[*key as usize].is_gone()).map(KeyId)
    }

    /// The slots of the items of a list that is whole.
    pub(super) fn items_of(&self, list: usize) -> impl Iterator<Item = usize> {
        let end = self.behind(count(list));
        let next = move |slot: &u32| Some(self.behind(*slot)).filter(|next| *next < end);
        let first = Some(count(list) + 1).filter(|first| *first < end);
        std::iter::successors(first, next).map(|slot| slot as usize)
    }

    /// What a value is.
    pub(super) fn what(&self, slot: usize) -> What {
        self.slots[slot].what
    }

    /// The byte of the text at which a key stands.
    pub(super) fn key_offset(&self, key: KeyId) -> usize {
        self.slots[key.0 as usize].at as usize
    }

    /// A key's spelling; of one that was given again later, nothing.
    pub(super) fn key_text(&self, key: KeyId) -> &str {
        self.string(self.slots[key.0 as usize].what)
    }

    /// A byte of the text as a place.
    pub(super) fn place(&self, at: u32) -> Option<Location> {
        self.source.map(|source| Location { source, offset: at })
    }

    /// The string that a slot holds; nothing if it holds none.
    pub(super) fn string(&self, what: What) -> &str {
        let (from, start, len) = match what {
            What::Text { start, len } => (self.text, start, len),
            What::Respelled { start, len } | What::Gone { start, len } => (&*self.respelled, start, len),
            _ => return "",
        };
        &from[start as usize..start as usize + len as usize]
    }

    /// Whether a slot holds this key, and not one that is gone.
    fn is_key(&self, slot: u32, key: &str) -> bool {
        let (from, start, len) = match self.slots[slot as usize].what {
            What::Text { start, len } => (self.text, start, len),
            What::Respelled { start, len } => (&*self.respelled, start, len),
            _ => return false,
        };
        let (start, len) = (start as usize, len as usize);
        len == key.len() && from.as_bytes().get(start..start + len) == Some(key.as_bytes())
    }

    /// The slot behind a value and all that is below it.
    fn behind(&self, slot: u32) -> u32 {
        slot + 1 + self.slots[slot as usize].what.below()
    }

    fn open(&mut self, at: u32, is_list: bool) {
        self.count_item();
        let slot = count(self.slots.len());
        self.open.push(Open { slot, is_list, len: 0, first_key: count(self.keys.len()), index: None });
        self.slots.push(Slot { at, what: What::Null });
    }

    /// Counts a value that is an item; entries are counted by their keys.
    fn count_item(&mut self) {
        if let Some(Open { is_list: true, len, .. }) = self.open.last_mut() {
            *len += 1;
        }
    }

    /// Keeps a string that does not stand in the text as it is meant.
    pub(super) fn respell(&mut self, text: &str) -> What {
        let start = count(self.respelled.len());
        self.respelled.push_str(text);
        What::Respelled { start, len: count(text.len()) }
    }

    fn push_key(&mut self, at: u32, what: What) -> Option<KeyId> {
        let slot = count(self.slots.len());
        let mark = mark(self.string(what).as_bytes());
        self.slots.push(Slot { at, what });
        let found = self.find(mark, slot);
        if let Some(found) = found {
            self.slots[found as usize].what = What::Gone { start: 0, len: 0 };
        } else if let Some(open) = self.open.last_mut() {
            open.len += 1;
        }
        self.keys.push(Key { mark, slot });
        found.map(KeyId)
    }

    /// The slot of the key in the innermost map that is spelled like the one in `slot`.
    fn find(&mut self, mark: u32, slot: u32) -> Option<u32> {
        let first = self.open.last()?.first_key as usize;
        let is_same = |tree: &Self, key: &Key| {
            let known = tree.slots[key.slot as usize];
            let same = || tree.string(known.what) == tree.string(tree.slots[slot as usize].what);
            key.mark == mark && !known.is_gone() && same()
        };
        if self.keys.len() - first >= MANY {
            let mut index = self.open.last_mut()?.index.take().unwrap_or_else(|| {
                let known = self.keys[first..].iter().filter(|key| !self.slots[key.slot as usize].is_gone());
                Box::new(known.map(|key| (self.hash(key.slot), key.slot)).collect())
            });
            let other = index.insert(self.hash(slot), slot);
            self.open.last_mut()?.index = Some(index);
            // Most keys are new, and then no other has the hash; most others are the same key.
            let other = Key { mark, slot: other? };
            if is_same(self, &other) {
                return Some(other.slot);
            }
        }
        self.keys[first..].iter().find(|key| is_same(self, key)).map(|key| key.slot)
    }

    fn hash(&self, key: u32) -> u64 {
        FxBuildHasher.hash_one(self.string(self.slots[key as usize].what))
    }

    /// The slots of the keys in a range that holds entries only.
    fn entries(&self, range: std::ops::Range<u32>) -> impl Iterator<Item = u32> {
        let next = move |key: &u32| Some(self.behind(*key + 1)).filter(|next| *next < range.end);
        std::iter::successors(Some(range.start).filter(|start| *start < range.end), next)
    }
}

/// A number that differs for most keys that differ: the length, the first and the last bytes.
fn mark(key: &[u8]) -> u32 {
    let byte = |at: Option<&u8>| u32::from(at.copied().unwrap_or_default());
    let ends = byte(key.first()) | byte(key.last()) << 8 | byte(key.get(key.len() / 2)) << 16;
    ends | (count(key.len()) & 0xff) << 24
}

/// Texts and trees of theirs have fewer than 2³² bytes and slots.
fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::node::Value;
    use super::{KeyId, Node, Tree, What};

    #[test]
    fn built_front_to_back() {
        let text = r#"{"a": [1, null], "b": "x"}"#;
        let mut tree = Tree::new(text, None);
        tree.open_map(0);
        assert_eq!(tree.key(1, 2, 1), None);
        tree.open_list(6);
        tree.scalar(7, What::Int(1));
        tree.scalar(10, What::Null);
        tree.close();
        assert_eq!(tree.key(17, 18, 1), None);
        tree.text(22, 23, 1);
        tree.close();
        let root = tree.root().expect("a document");
        let list = root.get("a").expect("an entry");
        let Value::Seq(items) = list.value() else { panic!("a list") };
        assert_eq!(items.map(Node::kind).collect::<Vec<_>>(), ["a whole number", "null"]);
        assert_eq!(root.get("b").and_then(Node::as_str), Some("x"));
        assert_eq!(root.get("c"), None);
    }

    #[test]
    fn of_a_key_given_twice_the_later_counts() {
        for others in [0, 1, 14, 15, 16, 40] {
            let mut tree = Tree::new("", None);
            tree.open_map(0);
            for number in 0..others {
                assert_eq!(tree.respelled_key(0, &format!("k{number}")), None);
                tree.scalar(0, What::Null);
            }
            let first = KeyId::at(tree.len());
            assert_eq!(tree.respelled_key(0, "twice"), None);
            tree.open_list(0);
            tree.close();
            let again = KeyId::at(tree.len());
            assert_eq!(tree.respelled_key(0, "twice"), Some(first));
            tree.scalar(0, What::Bool(true));
            assert_eq!(tree.respelled_key(0, "twice"), Some(again));
            tree.scalar(0, What::Int(7));
            tree.close();
            let root = tree.root().expect("a document");
            assert_eq!(root.get("twice").map(Node::value), Some(Value::Int(7)));
            let Value::Map(entries) = root.value() else { panic!("a map") };
            assert_eq!((entries.len(), entries.count()), (others + 1, others + 1));
        }
    }
}
