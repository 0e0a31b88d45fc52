//! Selectors as `-l` takes them: what one is written as is read as the same, and selects the same.

use std::collections::BTreeMap;

use np_model::facts::Labels;
use np_model::selector::{Requirement, Selector};
use np_model::truth::Truth;

/// Reads each line as a selector.
///
/// # Panics
/// If np breaks a promise.
pub fn labels(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut both: Option<Selector> = None;
    for line in text.lines() {
        let selector = match line.parse::<Selector>() {
            Ok(selector) => selector,
            Err(error) => {
                assert!(!error.to_string().is_empty(), "an error without words");
                continue;
            }
        };
        let written = selector.to_string();
        assert_eq!(written.parse().as_ref(), Ok(&selector), "`{line}` is written as `{written}`");
        for requirement in selector.requirements() {
            agrees(requirement);
        }
        // A list of two selectors asks for both.
        if let Some(before) = both.replace(selector.clone())
            && !before.is_everything()
            && !selector.is_everything()
        {
            let together = [before.requirements(), selector.requirements()].concat();
            assert_eq!(format!("{before},{selector}").parse(), Ok(Selector::new(together)));
        }
    }
}

/// A requirement holds or not for labels that have its key with each of its values, with another, and
/// not at all; its opposite says the opposite.
fn agrees(requirement: &Requirement) {
    let key = requirement.key().to_owned();
    let values = requirement.values().into_iter().flatten().map(String::as_str);
    let with = |value: &str| Labels::complete(BTreeMap::from([(key.clone(), value.to_owned())]));
    let mut all: Vec<Labels> = values.chain(["other/"]).map(with).collect();
    all.push(Labels::default());
    let opposite = match requirement.clone() {
        Requirement::In(key, values) => Requirement::NotIn(key, values),
        Requirement::NotIn(key, values) => Requirement::In(key, values),
        Requirement::Exists(key) => Requirement::DoesNotExist(key),
        Requirement::DoesNotExist(key) => Requirement::Exists(key),
    };
    for labels in all {
        let both = (requirement.matches(&labels), opposite.matches(&labels));
        assert!(
            matches!(both, (Truth::Yes, Truth::No) | (Truth::No, Truth::Yes)),
            "`{requirement}` and `{opposite}` of {labels:?}: {both:?}"
        );
    }
}
