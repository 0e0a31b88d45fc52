//! Labels of a namespace or pod, with what is not known about them.

use std::collections::BTreeMap;

use crate::fields::Field;
use crate::load::foreign::unfinished;

/// A set of labels, some of which may be unknown.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Labels {
    /// What the input says.
    pub known: BTreeMap<String, String>,
    /// Which other keys may be there with a value that the input does not show.
    pub unknown: UnknownKeys,
}

/// Which keys, beyond the known ones, an object may carry.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum UnknownKeys {
    /// None: the labels are complete.
    #[default]
    None,
    /// These: a controller sets them on the pods it makes, and only the pods show the values.
    These(&'static [&'static str]),
    /// Any: the object is only referred to.
    Any,
}

/// What is known about one label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lookup<'a> {
    /// The object has the key with this value.
    Value(&'a str),
    /// The object does not have the key.
    Absent,
    /// It may have the key, with any value.
    Unknown,
}

impl Labels {
    /// Complete labels.
    pub fn complete(known: BTreeMap<String, String>) -> Self {
        Self { known, unknown: UnknownKeys::None }
    }

    /// What is known about `key`.
    pub fn get(&self, key: &str) -> Lookup<'_> {
        match (self.known.get(key), self.unknown) {
            (Some(value), _) => Lookup::Value(value),
            (None, UnknownKeys::Any) => Lookup::Unknown,
            (None, UnknownKeys::These(keys)) if keys.contains(&key) => Lookup::Unknown,
            (None, _) => Lookup::Absent,
        }
    }
}

/// Reads `metadata.labels`; a value that is no string is reported, `null` is the empty string.
/// What a template or encryption left unfinished is reported too.
pub(super) fn read(metadata: &Field<'_>) -> BTreeMap<String, String> {
    let labels = metadata.get("labels");
    let label = |(key, value): (&str, Field<'_>)| {
        let text = value.text().unwrap_or_default();
        if let Some(problem) = unfinished(text) {
            value.report(problem);
        } else if let Some(problem) = unfinished(key) {
            value.report(problem.at(value.key_at()));
        }
        (key.to_owned(), text.to_owned())
    };
    labels.labels().map(label).collect()
}

/// What controllers outside the API are told about an object, by key.
pub type Annotations = BTreeMap<String, String>;

/// The annotation in which kubectl keeps the whole manifest: long, and no fact.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Reads `metadata.annotations`.
pub(super) fn annotations(metadata: &Field<'_>) -> Annotations {
    let annotations = metadata.get("annotations");
    let told = annotations.entries().filter(|(key, _)| *key != LAST_APPLIED);
    told.map(|(key, value)| (key.to_owned(), value.text().unwrap_or_default().to_owned())).collect()
}
