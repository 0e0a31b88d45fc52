//! Labels of a namespace or pod, with what is not known about them.

use std::collections::BTreeMap;
use std::sync::Arc;

use smol_str::SmolStr;

use super::Pool;
use crate::fields::Field;
use crate::load::foreign::unfinished;

/// A set of labels, some of which may be unknown. Copies share their content, and so do the labels
/// of most pods of a workload.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Labels {
    /// What the input says, by key, each once.
    known: Arc<[Label]>,
    unknown: UnknownKeys,
}

/// How many labels are looked through one by one.
const FEW: usize = 8;

/// A key with its value.
pub(super) type Label = (SmolStr, SmolStr);

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
    /// Complete labels; of a key given twice, the later value.
    pub fn complete<T: Into<SmolStr>>(known: impl IntoIterator<Item = (T, T)>) -> Self {
        let known = known.into_iter().map(|(key, value)| (key.into(), value.into()));
        let known: BTreeMap<SmolStr, SmolStr> = known.collect();
        Self { known: known.into_iter().collect(), unknown: UnknownKeys::None }
    }

    /// The same, not complete.
    #[must_use]
    pub fn with_unknown(self, unknown: UnknownKeys) -> Self {
        Self { unknown, ..self }
    }

    /// The same with these labels as well, as far as it does not have their keys.
    #[must_use]
    pub fn or(&self, others: impl IntoIterator<Item = (SmolStr, SmolStr)>) -> Self {
        let all = others.into_iter().chain(self.known.iter().cloned());
        Self::complete(all).with_unknown(self.unknown)
    }

    /// The same with this value of a label, or without it; a key that may be there with any value then still
    /// may.
    #[must_use]
    pub fn with(&self, key: &str, value: Option<&str>) -> Self {
        let others = self.known.iter().filter(|(other, _)| other != key).cloned();
        let own = value.map(|value| (SmolStr::new(key), SmolStr::new(value)));
        Self::complete(others.chain(own)).with_unknown(self.unknown)
    }

    /// What is known about `key`: as long as [`Self::known`] takes.
    pub fn get(&self, key: &str) -> Lookup<'_> {
        match (self.known(key), self.unknown) {
            (Some(value), _) => Lookup::Value(value),
            (None, UnknownKeys::Any) => Lookup::Unknown,
            (None, UnknownKeys::These(keys)) if keys.contains(&key) => Lookup::Unknown,
            (None, _) => Lookup::Absent,
        }
    }

    /// The value that the input gives a key; logarithmic in the number of labels.
    pub fn known(&self, key: &str) -> Option<&str> {
        // Most of few keys are ruled out by their length, without a look at their letters.
        if self.known.len() <= FEW {
            let mut labels = self.known.iter();
            return labels.find(|(known, _)| known.as_str() == key).map(|(_, value)| value.as_str());
        }
        let at = self.known.binary_search_by(|(known, _)| known.as_str().cmp(key));
        at.ok().map(|at| self.known[at].1.as_str())
    }

    /// The labels that the input says, sorted by key.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.known.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// Which other keys may be there with a value that the input does not show.
    pub fn unknown(&self) -> UnknownKeys {
        self.unknown
    }

    /// A number that labels have in common only if they are known to be equal, as long as both are
    /// there. Equal labels mostly have it in common, but need not.
    pub fn content_id(&self) -> usize {
        // Without content nothing need be shared to be equal.
        if self.known.is_empty() { 0 } else { Arc::as_ptr(&self.known).cast::<Label>().addr() }
    }
}

/// Reads `metadata.labels`; a value that is no string is reported, `null` is the empty string.
/// What a template or encryption left unfinished is reported too.
pub(super) fn read(metadata: &Field<'_>, pool: &mut Pool) -> Labels {
    let labels = metadata.get("labels");
    let mut known: Vec<(&str, &str)> = Vec::new();
    for (key, value) in labels.labels() {
        let text = value.text().unwrap_or_default();
        if let Some(problem) = unfinished(text) {
            value.report(problem);
        } else if let Some(problem) = unfinished(key) {
            value.report(problem.at(value.key_at()));
        }
        known.push((key, text));
    }
    known.sort_unstable();
    Labels { known: pool.labels(&known), unknown: UnknownKeys::None }
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

#[cfg(test)]
mod tests {
    use super::{Labels, Lookup, UnknownKeys};

    fn labels(known: &[(&str, &str)]) -> Labels {
        Labels::complete(known.iter().copied())
    }

    #[test]
    fn looked_up_by_key_whatever_the_order() {
        let labels = labels(&[("tier", "web"), ("app", "old"), ("zone", ""), ("app", "shop")]);
        assert_eq!(labels.iter().collect::<Vec<_>>(), [("app", "shop"), ("tier", "web"), ("zone", "")]);
        assert_eq!(labels.get("app"), Lookup::Value("shop"));
        assert_eq!(labels.get("zone"), Lookup::Value(""));
        assert_eq!(labels.get("ap"), Lookup::Absent);
        assert_eq!(labels.with_unknown(UnknownKeys::These(&["ap"])).get("ap"), Lookup::Unknown);
    }

    #[test]
    fn what_is_there_already_stays() {
        let more = labels(&[("a", "1")]).or([("a".into(), "2".into()), ("b".into(), "2".into())]);
        assert_eq!(more, labels(&[("a", "1"), ("b", "2")]));
    }

    #[test]
    fn one_label_changes() {
        let two = labels(&[("a", "1"), ("b", "2")]).with_unknown(UnknownKeys::These(&["c"]));
        let of = |known| labels(known).with_unknown(UnknownKeys::These(&["c"]));
        assert_eq!(two.with("a", Some("3")), of(&[("a", "3"), ("b", "2")]));
        assert_eq!(two.with("c", Some("")), of(&[("a", "1"), ("b", "2"), ("c", "")]));
        assert_eq!(two.with("b", None).with("b", None), of(&[("a", "1")]));
    }

    #[test]
    fn content_in_common_is_equal() {
        let one = labels(&[("a", "1")]);
        assert_eq!(one.content_id(), one.clone().content_id());
        assert_ne!(one.content_id(), labels(&[("a", "2")]).content_id());
        assert_eq!(Labels::default().content_id(), labels(&[]).content_id());
    }
}
