//! Label selectors over labels of which some may be unknown.

use crate::truth::Truth;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use std::collections::{BTreeMap, BTreeSet};

/// The labels of a pod or of a namespace, as far as they are known.
#[derive(Clone, Debug)]
pub(crate) struct Labels {
    pub(crate) known: BTreeMap<String, String>,
    pub(crate) rest: Rest,
}

/// What is to be thought of a key that is not among the known labels.
#[derive(Clone, Debug)]
pub(crate) enum Rest {
    /// It is absent.
    Absent,
    /// It may be there with any value if it is one of these, else it is absent.
    UnknownKeys(BTreeSet<&'static str>),
    /// It may be there with any value.
    Unknown,
}

/// What is known of one label.
enum Label<'a> {
    Is(&'a str),
    Absent,
    Unknown,
}

impl Labels {
    fn get(&self, key: &str) -> Label<'_> {
        if let Some(value) = self.known.get(key) {
            return Label::Is(value);
        }
        match &self.rest {
            Rest::Unknown => Label::Unknown,
            Rest::UnknownKeys(keys) if keys.contains(key) => Label::Unknown,
            Rest::UnknownKeys(_) | Rest::Absent => Label::Absent,
        }
    }

    /// Whether the selector selects an object with these labels: all of its requirements hold.
    pub(crate) fn match_selector(&self, selector: &LabelSelector) -> Truth {
        let labels = selector.match_labels.iter().flatten();
        let equal = labels.map(|(key, value)| self.requirement(key, "In", std::slice::from_ref(value)));
        let expressions = selector.match_expressions.iter().flatten();
        let expressed = expressions.map(|requirement| {
            let values = requirement.values.as_deref().unwrap_or_default();
            self.requirement(&requirement.key, &requirement.operator, values)
        });
        Truth::all(equal.chain(expressed))
    }

    fn requirement(&self, key: &str, operator: &str, values: &[String]) -> Truth {
        let listed = |value: &str| values.iter().any(|one| one == value);
        match (operator, self.get(key)) {
            (_, Label::Unknown) => Truth::Maybe,
            ("In", Label::Is(value)) => listed(value).into(),
            ("NotIn", Label::Is(value)) => (!listed(value)).into(),
            ("Exists", Label::Is(_)) | ("NotIn" | "DoesNotExist", Label::Absent) => Truth::Yes,
            // `In` and `Exists` without the key, `DoesNotExist` with it; there is no other operator.
            _ => Truth::No,
        }
    }
}
