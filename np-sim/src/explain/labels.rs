//! Which requirements of a selector some labels do not meet, and what was probably meant.

use np_model::facts::{Labels, Lookup};
use np_model::selector::{Requirement, Selector};
use np_model::truth::Truth;

use super::gap::{LabelGap, Near};
use super::near::alike;

/// The requirements that certainly fail.
pub(super) fn gaps(selector: &Selector, labels: &Labels) -> Vec<LabelGap> {
    let numbered = selector.requirements().iter().zip(0..);
    let failing = numbered.filter(|(requirement, _)| requirement.matches(labels) == Truth::No);
    failing
        .map(|(requirement, at)| LabelGap {
            requirement: at,
            has: match labels.get(requirement.key()) {
                Lookup::Value(value) => Some(value.to_owned()),
                Lookup::Absent | Lookup::Unknown => None,
            },
            near: near(requirement, labels),
            is_met_elsewhere: false,
        })
        .collect()
}

/// What the labels have that is much like what is required.
fn near(requirement: &Requirement, labels: &Labels) -> Option<Near> {
    let (key, wanted) = match requirement {
        Requirement::In(key, values) => (key, Some(values)),
        Requirement::Exists(key) => (key, None),
        Requirement::NotIn(..) | Requirement::DoesNotExist(_) => return None,
    };
    if let (Some(values), Some(has)) = (wanted, labels.known(key)) {
        let like = values.iter().filter_map(|value| Some((alike(value, has)?, value)));
        if let Some((_, value)) = like.min() {
            return Some(Near::Value(value.clone()));
        }
    }
    let others = labels.iter().filter(|(other, _)| other != key);
    let fitting = others.filter_map(|(other, value)| {
        let is_like = alike(key, other);
        match wanted {
            Some(values) if values.contains(value) => Some((is_like.unwrap_or(u32::MAX), other)),
            Some(_) => None,
            None => Some((is_like?, other)),
        }
    });
    fitting.min().map(|(_, other)| Near::Key(other.to_owned()))
}
