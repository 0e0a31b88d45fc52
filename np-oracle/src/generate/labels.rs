//! Labels and selectors from a vocabulary so small that they collide all the time.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, LabelSelectorRequirement};
use proptest::prelude::*;
use proptest::{collection, option, sample};
use std::collections::BTreeMap;

/// Keys, and the values that go with each.
pub(crate) type Vocabulary = &'static [(&'static str, &'static [&'static str])];

/// What pods are labelled with.
pub(crate) const PODS: Vocabulary =
    &[("app", &["", "a", "b"]), ("role", &["", "a", "b"]), ("env", &["", "a"])];

/// What policies ask of pods: also the labels that controllers add.
pub(crate) const ASKED_OF_PODS: Vocabulary = &[
    ("app", &["", "a", "b"]),
    ("app", &["", "a", "b"]),
    ("role", &["", "a", "b"]),
    ("env", &["", "a"]),
    ("pod-template-hash", &["a", "b"]),
    ("job-name", &["w0", "w1"]),
];

/// What namespaces are labelled with.
pub(crate) const NAMESPACES: Vocabulary = &[("team", &["", "a", "b"]), ("env", &["", "a"])];

/// What policies ask of namespaces.
pub(crate) const ASKED_OF_NAMESPACES: Vocabulary = &[
    ("team", &["", "a", "b"]),
    ("env", &["", "a"]),
    ("kubernetes.io/metadata.name", &["red", "blue", "green", "nowhere"]),
];

fn label(vocabulary: Vocabulary) -> impl Strategy<Value = (String, String)> {
    (sample::select(vocabulary), any::<sample::Index>())
        .prop_map(|((key, values), index)| (key.to_owned(), (*index.get(values)).to_owned()))
}

/// A set of labels.
pub(crate) fn labels(vocabulary: Vocabulary) -> impl Strategy<Value = BTreeMap<String, String>> {
    collection::vec(label(vocabulary), 0..3).prop_map(|labels| labels.into_iter().collect())
}

fn requirement(vocabulary: Vocabulary) -> impl Strategy<Value = LabelSelectorRequirement> {
    let indexes = collection::vec(any::<sample::Index>(), 1..3);
    (0..6_u8, sample::select(vocabulary), indexes, any::<bool>()).prop_map(
        |(operator, (key, values), indexes, absent)| {
            let listed = || Some(indexes.iter().map(|index| (*index.get(values)).to_owned()).collect());
            let none = || if absent { None } else { Some(Vec::new()) };
            let (operator, values) = match operator {
                0 | 1 => ("In", listed()),
                2 | 3 => ("NotIn", listed()),
                4 => ("Exists", none()),
                _ => ("DoesNotExist", none()),
            };
            LabelSelectorRequirement { key: key.to_owned(), operator: operator.to_owned(), values }
        },
    )
}

/// A selector: often empty, sometimes contradictory.
pub(crate) fn selector(vocabulary: Vocabulary) -> impl Strategy<Value = LabelSelector> {
    let equal = collection::vec(label(vocabulary), 0..2).prop_map(|labels| labels.into_iter().collect());
    let expressions = collection::vec(requirement(vocabulary), 0..3);
    let full = (option::weighted(0.5, equal), option::weighted(0.5, expressions))
        .prop_map(|(match_labels, match_expressions)| LabelSelector { match_expressions, match_labels });
    prop_oneof![1 => Just(LabelSelector::default()), 4 => full]
}
