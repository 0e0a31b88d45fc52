//! Label selectors that cannot be wrong: each operator carries exactly its operands.
//!
//! The rule is `LabelSelector` of `meta/v1`: requirements are AND-ed, `matchLabels` is shorthand
//! for `In` with one value, and `NotIn` and `DoesNotExist` hold where the key is absent. Selectors
//! are kept in one canonical form, so equal meanings written in another order are equal values.

mod text;

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::facts::{Labels, Lookup};
use crate::truth::Truth;

pub use text::SelectorError;

/// A conjunction of requirements; without any, it matches everything.
///
/// ```
/// use np_model::facts::Labels;
/// use np_model::selector::{Requirement, Selector};
/// use np_model::truth::Truth;
///
/// let not_prod = Selector::new([Requirement::NotIn("env".into(), ["prod".into()].into())]);
/// assert_eq!(not_prod.matches(&Labels::default()), Truth::Yes); // an absent key is not in the set
/// assert_eq!("env notin (prod)".parse(), Ok(not_prod));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Selector {
    /// Shared by copies, and by most selectors of a text that say the same.
    requirements: Arc<[Requirement]>,
}

/// One condition on one label key.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Requirement {
    /// The key is there with one of these values.
    In(String, BTreeSet<String>),
    /// The key is absent, or has none of these values.
    NotIn(String, BTreeSet<String>),
    /// The key is there.
    Exists(String),
    /// The key is absent.
    DoesNotExist(String),
}

impl Selector {
    /// The conjunction of `requirements`, whose order and repetition mean nothing.
    pub fn new(requirements: impl IntoIterator<Item = Requirement>) -> Self {
        let mut sorted: Vec<Requirement> = requirements.into_iter().collect();
        sorted.sort();
        sorted.dedup();
        Self { requirements: sorted.into() }
    }

    /// A number that selectors have in common only if they are equal, as long as both are there. Equal
    /// selectors mostly have it in common, but need not.
    pub(crate) fn content_id(&self) -> usize {
        // Without content nothing need be shared to be equal.
        if self.is_everything() { 0 } else { Arc::as_ptr(&self.requirements).cast::<Requirement>().addr() }
    }

    /// The conditions, sorted.
    pub fn requirements(&self) -> &[Requirement] {
        &self.requirements
    }

    /// Whether a condition is about the label with this key.
    pub fn asks_for(&self, key: &str) -> bool {
        self.requirements.iter().any(|one| one.key() == key)
    }

    /// Whether it matches whatever the labels.
    pub fn is_everything(&self) -> bool {
        self.requirements.is_empty()
    }

    /// Whether it matches `labels`, requirement by requirement.
    pub fn matches(&self, labels: &Labels) -> Truth {
        self.requirements
            .iter()
            .fold(Truth::Yes, |so_far, requirement| so_far.and(requirement.matches(labels)))
    }
}

impl Requirement {
    /// The label key it is about.
    pub fn key(&self) -> &str {
        match self {
            Self::In(key, _) | Self::NotIn(key, _) | Self::Exists(key) | Self::DoesNotExist(key) => key,
        }
    }

    /// The values it names, if any.
    pub fn values(&self) -> Option<&BTreeSet<String>> {
        match self {
            Self::In(_, values) | Self::NotIn(_, values) => Some(values),
            Self::Exists(_) | Self::DoesNotExist(_) => None,
        }
    }

    /// Whether it holds for `labels`; `Maybe` where the label is unknown.
    pub fn matches(&self, labels: &Labels) -> Truth {
        match (self, labels.get(self.key())) {
            (_, Lookup::Unknown) => Truth::Maybe,
            (Self::In(_, values), Lookup::Value(value)) => values.contains(value).into(),
            (Self::NotIn(_, values), Lookup::Value(value)) => (!values.contains(value)).into(),
            (Self::In(..) | Self::Exists(_), Lookup::Absent) | (Self::DoesNotExist(_), Lookup::Value(_)) => {
                Truth::No
            }
            (Self::Exists(_), Lookup::Value(_))
            | (Self::NotIn(..) | Self::DoesNotExist(_), Lookup::Absent) => Truth::Yes,
        }
    }
}
