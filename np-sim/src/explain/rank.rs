//! How likely a rule that nearly allows was meant to: the order of near misses.
//!
//! Fewest gaps come first. Of as many, those come first whose gaps are most like a slip: each kind has a weight, from 0
//! (surely a slip) to 100 (surely another rule's business). A value that nobody has is a slip more likely than one that
//! another pod has, and so is a rule that has no effect as it is.

use std::cmp::{Ordering, Reverse};

use np_model::addr::Family;
use np_model::conn::{ConnSet, PortSet, Protocol};

use super::gap::{Gap, Half, LabelGap, Miss, Near, PortGap};

/// Below this, the gaps of a rule together are taken for slips.
pub(super) const LIKELY: u32 = 40;

/// Orders misses by how likely each is meant, then by how much it opens; equal ones stay in the order of policies
/// and rules.
pub(super) fn compare(a: &Miss, b: &Miss) -> Ordering {
    let key = |miss: &Miss| (miss.gaps.len(), weight(miss), Reverse(size(&miss.opens)));
    key(a).cmp(&key(b))
}

/// How many ports of both families are in a set.
fn size(set: &ConnSet) -> u32 {
    let slots =
        Family::BOTH.into_iter().flat_map(|family| Protocol::ALL.map(|protocol| set.slot(family, protocol)));
    let ranges = slots.flat_map(PortSet::ranges);
    ranges.map(|(first, last)| u32::from(last - first) + 1).sum()
}

/// Whether a miss is likely meant.
pub(super) fn is_likely(miss: &Miss) -> bool {
    weight(miss) < LIKELY
}

fn weight(miss: &Miss) -> u32 {
    let weight = |gap: &Gap| match gap {
        Gap::Except(_) if miss.is_broad => 30,
        Gap::OtherNamespace(_) if miss.is_broad => 60,
        gap => self::gap(gap, miss.is_idle),
    };
    miss.gaps.iter().map(weight).sum()
}

/// How little a gap looks like a slip, in a rule that is idle or not.
pub(super) fn gap(gap: &Gap, is_idle: bool) -> u32 {
    match gap {
        Gap::Direction => 5,
        Gap::Except(_) => 12,
        Gap::Joined(_) if is_idle => 12,
        Gap::PolicyNamespace(_) | Gap::OtherNamespace(_) if is_idle => 15,
        Gap::HostNetwork => 30,
        Gap::OtherNamespace(_) => 36,
        Gap::Joined(Half::Pods) => 38,
        Gap::Joined(Half::Namespaces) => 48,
        Gap::PolicyNamespace(_) => 45,
        Gap::Block => 60,
        Gap::Port { how, .. } => port(how),
        Gap::Subject(gap) | Gap::Pod(gap) | Gap::Namespace(gap) => label(gap, is_idle),
    }
}

/// How little a requirement on labels looks like a slip.
fn label(gap: &LabelGap, is_idle: bool) -> u32 {
    let likeness = match (&gap.near, &gap.has) {
        (Some(Near::Value(_)), _) => 8,
        (Some(Near::Key(_)), None) => 10,
        (Some(Near::Key(_)), Some(_)) => 20,
        (None, None) => 40,
        (None, Some(_)) => 60,
    };
    match (gap.is_met_elsewhere, is_idle) {
        (true, false) => likeness + 32,
        (true, true) => likeness + 20,
        (false, true) => likeness * 3 / 4,
        (false, false) => likeness,
    }
}

/// How little a port looks like a slip.
pub(super) fn port(how: &PortGap) -> u32 {
    match how {
        PortGap::Protocol => 5,
        PortGap::Service(_) => 6,
        PortGap::Name { near: Some(_), .. } | PortGap::Number { distance: 0..=1, is_declared: false } => 8,
        PortGap::Name { leads_to, .. } if leads_to.is_empty() => 20,
        PortGap::Number { distance: 0..=10, is_declared: false } => 16,
        // Another port of the same destination may well be meant.
        PortGap::Number { distance: 0..=1, .. } => 42,
        PortGap::Number { is_declared: false, .. } => 44,
        PortGap::Number { .. } | PortGap::Name { .. } => 56,
    }
}
