//! What a document says, and where: views of a [`Tree`], whatever format it was read from.
//!
//! YAML and JSON are read into the same trees, scalars already resolved as the API server
//! resolves them (YAML 1.1 booleans, numbers and null). Everything downstream decodes nodes and
//! knows no format. Typed API objects become nodes too, without places.

use std::fmt;

use super::Tree;
use crate::origin::Location;

/// A value in a document.
#[derive(Clone, Copy)]
pub struct Node<'t> {
    tree: &'t Tree<'t>,
    slot: u32,
}

/// A value as the API server would see it after turning YAML into JSON.
#[derive(Debug, Clone)]
pub enum Value<'t> {
    /// `null`, `~`, or nothing at all.
    Null,
    /// A YAML 1.1 boolean: `true`, `yes`, `on`, `y` and their kin.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number, among them whole ones beyond 64 bits.
    Float(f64),
    /// A string.
    Str(&'t str),
    /// A list.
    Seq(Items<'t>),
    /// A map, in the order written; of a key that stood twice the later entry.
    Map(Entries<'t>),
}

/// A key of a map with its value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Entry<'t> {
    /// The key; scalars other than strings are spelled as JSON spells them (`true`, `1`).
    pub key: &'t str,
    /// Where the key starts.
    pub key_at: Option<Location>,
    /// The value under the key.
    pub value: Node<'t>,
}

/// A value of a [`Tree`], or a key.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slot {
    /// The byte of the text where it starts.
    pub(super) at: u32,
    pub(super) what: What,
}

/// What a slot holds. `below` counts the slots of everything inside, which follow.
#[derive(Debug, Clone, Copy)]
pub(in crate::load) enum What {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    /// Bytes of the text.
    Text {
        start: u32,
        len: u32,
    },
    /// Bytes of what was respelled.
    Respelled {
        start: u32,
        len: u32,
    },
    /// A key that was given again later; its value is still there.
    Gone {
        start: u32,
        len: u32,
    },
    /// `len` items.
    List {
        below: u32,
        len: u32,
    },
    /// `len` entries, those that are gone not counted.
    Map {
        below: u32,
        len: u32,
    },
}

impl Slot {
    pub(super) fn is_gone(&self) -> bool {
        matches!(self.what, What::Gone { .. })
    }
}

impl What {
    /// What kind of value this is, in the words of an error message.
    pub(in crate::load) fn kind(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Int(_) => "a whole number",
            Self::Float(_) => "a number",
            Self::Text { .. } | Self::Respelled { .. } | Self::Gone { .. } => "a string",
            Self::List { .. } => "a list",
            Self::Map { .. } => "a map",
        }
    }

    pub(super) fn below(self) -> u32 {
        match self {
            Self::List { below, .. } | Self::Map { below, .. } => below,
            _ => 0,
        }
    }
}

impl<'t> Node<'t> {
    pub(super) fn at(tree: &'t Tree<'t>, slot: u32) -> Self {
        Self { tree, slot }
    }

    fn slot(self) -> &'t Slot {
        &self.tree.slots[self.slot as usize]
    }

    /// What stands there.
    pub fn value(self) -> Value<'t> {
        match self.slot().what {
            What::Null => Value::Null,
            What::Bool(flag) => Value::Bool(flag),
            What::Int(whole) => Value::Int(whole),
            What::Float(number) => Value::Float(number),
            what @ (What::Text { .. } | What::Respelled { .. } | What::Gone { .. }) => {
                Value::Str(self.tree.string(what))
            }
            What::List { len, .. } => {
                Value::Seq(Items { tree: Some(self.tree), next: self.slot + 1, left: len })
            }
            What::Map { len, .. } => {
                Value::Map(Entries { tree: Some(self.tree), next: self.slot + 1, left: len })
            }
        }
    }

    /// Where it starts: for a list item, behind its dash; for a string, at its quote if it has one.
    /// `None` for objects that came without text.
    pub fn place(self) -> Option<Location> {
        self.tree.place(self.slot().at)
    }

    /// Whether it is `null`.
    pub fn is_null(self) -> bool {
        matches!(self.slot().what, What::Null)
    }

    /// The entries of a map; of anything else, none.
    pub fn entries(self) -> Entries<'t> {
        match self.value() {
            Value::Map(entries) => entries,
            _ => Entries::default(),
        }
    }

    /// The items of a list; of anything else, none.
    pub fn items(self) -> Items<'t> {
        match self.value() {
            Value::Seq(items) => items,
            _ => Items::default(),
        }
    }

    /// The value under `key`, if this is a map that has it; linear in its entries.
    pub fn get(self, key: &str) -> Option<Self> {
        let What::Map { below, .. } = self.slot().what else { return None };
        let end = self.slot + below;
        let mut at = self.slot + 1;
        while at <= end {
            if self.tree.is_key(at, key) {
                return Some(Self::at(self.tree, at + 1));
            }
            at = self.tree.behind(at + 1);
        }
        None
    }

    /// The string itself, if this is one.
    pub fn as_str(self) -> Option<&'t str> {
        match self.value() {
            Value::Str(text) => Some(text),
            _ => None,
        }
    }

    /// What kind of value this is, in the words of an error message.
    pub fn kind(self) -> &'static str {
        self.slot().what.kind()
    }
}

/// The items of a list, in order.
#[derive(Clone, Default)]
pub struct Items<'t> {
    /// `None` if there is no list.
    tree: Option<&'t Tree<'t>>,
    next: u32,
    left: u32,
}

impl<'t> Iterator for Items<'t> {
    type Item = Node<'t>;

    fn next(&mut self) -> Option<Node<'t>> {
        let tree = self.tree?;
        self.left = self.left.checked_sub(1)?;
        let slot = self.next;
        self.next = tree.behind(slot);
        Some(Node::at(tree, slot))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left as usize, Some(self.left as usize))
    }
}

impl ExactSizeIterator for Items<'_> {}

/// The entries of a map, in order.
#[derive(Clone, Default)]
pub struct Entries<'t> {
    /// `None` if there is no map.
    tree: Option<&'t Tree<'t>>,
    next: u32,
    left: u32,
}

impl<'t> Iterator for Entries<'t> {
    type Item = Entry<'t>;

    fn next(&mut self) -> Option<Entry<'t>> {
        let tree = self.tree?;
        self.left = self.left.checked_sub(1)?;
        loop {
            let key = self.next;
            self.next = tree.behind(key + 1);
            let slot = &tree.slots[key as usize];
            if !slot.is_gone() {
                let (key_at, value) = (tree.place(slot.at), Node::at(tree, key + 1));
                return Some(Entry { key: tree.string(slot.what), key_at, value });
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left as usize, Some(self.left as usize))
    }
}

impl ExactSizeIterator for Entries<'_> {}

/// Whether both say the same at the same places.
impl PartialEq for Node<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.place() == other.place() && self.value() == other.value()
    }
}

/// Whether both say the same, lists and maps also at the same places and in the same order.
impl PartialEq for Value<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Int(a), Self::Int(b)) => a == b,
            (Self::Float(a), Self::Float(b)) => a == b,
            (Self::Str(a), Self::Str(b)) => a == b,
            (Self::Seq(a), Self::Seq(b)) => a.clone().eq(b.clone()),
            (Self::Map(a), Self::Map(b)) => a.clone().eq(b.clone()),
            _ => false,
        }
    }
}

impl fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Node").field("at", &self.place()).field("value", &self.value()).finish()
    }
}

impl fmt::Debug for Items<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}

impl fmt::Debug for Entries<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pairs = self.clone().map(|entry| (entry.key, entry.key_at, entry.value));
        f.debug_list().entries(pairs).finish()
    }
}
