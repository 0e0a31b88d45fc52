//! One tree for every text format: what a document says, and where it says it.
//!
//! YAML and JSON are read into the same [`Node`]s, scalars already resolved as the API server
//! resolves them (YAML 1.1 booleans, numbers and null). Everything downstream decodes nodes and
//! knows no format. Typed API objects become nodes too, without places.

use std::borrow::Cow;

use crate::origin::Location;

/// A value and the place of its first character; `None` for objects that came without text.
#[derive(Debug, Clone, PartialEq)]
pub struct Node<'a> {
    /// What stands there.
    pub value: Value<'a>,
    /// Where it starts: for a list item, behind its dash; for a string, at its quote if it has one.
    pub at: Option<Location>,
}

/// A value as the API server would see it after turning YAML into JSON.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    /// `null`, `~`, or nothing at all.
    Null,
    /// A YAML 1.1 boolean: `true`, `yes`, `on`, `y` and their kin.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number, among them whole ones beyond 64 bits.
    Float(f64),
    /// A string.
    Str(Cow<'a, str>),
    /// A list.
    Seq(Vec<Node<'a>>),
    /// A map, in the order written; where a key stood twice the later value is kept and the
    /// reader has said so.
    Map(Vec<Entry<'a>>),
}

/// A key of a map with its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry<'a> {
    /// The key; scalars other than strings are spelled as JSON spells them (`true`, `1`).
    pub key: Cow<'a, str>,
    /// Where the key starts.
    pub key_at: Option<Location>,
    /// The value under the key.
    pub value: Node<'a>,
}

impl<'a> Node<'a> {
    /// The value under `key`, if this is a map that has it.
    pub fn get(&self, key: &str) -> Option<&Node<'a>> {
        match &self.value {
            Value::Map(entries) => entries.iter().find(|entry| entry.key == key).map(|entry| &entry.value),
            _ => None,
        }
    }

    /// The string itself, if this is one.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::Str(text) => Some(text),
            _ => None,
        }
    }

    /// What kind of value this is, in the words of an error message.
    pub fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Int(_) => "a whole number",
            Value::Float(_) => "a number",
            Value::Str(_) => "a string",
            Value::Seq(_) => "a list",
            Value::Map(_) => "a map",
        }
    }
}
