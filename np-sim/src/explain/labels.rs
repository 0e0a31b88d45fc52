//! Which requirements of a selector some labels do not meet, and what was probably meant.

use np_model::facts::{Labels, Lookup};
use np_model::selector::{Requirement, Selector};
use np_model::truth::Truth;

use super::gap::{LabelGap, Near};
use super::near::alike;

/// The requirements that certainly fail, of which no more is told than which they are.
pub(super) fn gaps(selector: &Selector, labels: &Labels) -> Vec<LabelGap> {
    let gap = |requirement| LabelGap { requirement, has: None, near: None, is_met_elsewhere: false };
    failing(selector, labels).map(gap).collect()
}

/// How many requirements certainly fail.
pub(super) fn count(selector: &Selector, labels: &Labels) -> usize {
    failing(selector, labels).count()
}

/// The places of the requirements that certainly fail.
fn failing(selector: &Selector, labels: &Labels) -> impl Iterator<Item = u32> {
    let numbered = selector.requirements().iter().zip(0..);
    numbered.filter(|(requirement, _)| requirement.matches(labels) == Truth::No).map(|(_, at)| at)
}

/// Tells of a gap what the labels have instead.
pub(super) fn tell(gap: &mut LabelGap, requirement: &Requirement, labels: &Labels) {
    gap.has = match labels.get(requirement.key()) {
        Lookup::Value(value) => Some(value.to_owned()),
        Lookup::Absent | Lookup::Unknown => None,
    };
    gap.near = near(requirement, labels);
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
    let fitting = others.filter_map(|(other, value)| match wanted {
        Some(values) if values.contains(value) => Some((alike(key, other).unwrap_or(u32::MAX), other)),
        Some(_) => None,
        None => Some((alike(key, other)?, other)),
    });
    fitting.min().map(|(_, other)| Near::Key(other.to_owned()))
}
