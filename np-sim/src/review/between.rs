//! Lines about endpoints that both models have: identical changes for one cause as one line.
//!
//! What closes towards cluster DNS is told apart from what else closes with it: a workload that cannot look up
//! names reaches nobody.

use std::sync::Arc;

use np_model::addr::Families;
use np_model::conn::ConnSet;
use np_model::delta::{DeltaId, Deltas};
use np_model::refine::Aligned;
use rustc_hash::FxHashMap;

use super::decide::Decided;
use super::unit::{Units, pairs};
use super::{Between, Line, What, decide, known, relation, risk};
use crate::cause::Caused;
use crate::diff::{Change, Group, Passing, Situation};
use crate::reach::Relation;

/// What changes that become one line have in common.
type Key<'c> = (Situation, [bool; 2], &'c Passing, &'c Passing, (&'c [DeltaId], bool), bool);

/// Sources and destinations.
type Product = (Arc<Group>, Arc<Group>);

/// The lines, in no order.
pub(super) fn lines(deltas: &Deltas<'_>, units: &Units<'_>, caused: &[Caused]) -> Vec<Line> {
    let mut alike: FxHashMap<Key<'_>, Vec<Product>> = FxHashMap::default();
    let is_told =
        |change: &Change| !is_alone(&change.from) && !is_alone(&change.to) && !change.situation.is_divided();
    let caused = caused.iter().filter(|one| is_told(&one.change));
    let parts: Vec<(Change, &Caused)> =
        caused.flat_map(|one| by_certainty(&one.change).into_iter().map(move |part| (part, one))).collect();
    for (change, one) in &parts {
        let Change { from, to, situation, before, after, .. } = change;
        for (to, is_dns) in by_dns(units, change, to) {
            let is_outside = [from, &to].map(|group| !group.addresses.is_empty());
            let cause = (one.cause.as_slice(), one.is_smallest);
            let key = (*situation, is_outside, before, after, cause, is_dns);
            alike.entry(key).or_default().push((Arc::clone(from), to));
        }
    }
    let mut lines = Vec::new();
    for ((situation, _, before, after, cause, is_dns), groups) in alike {
        for (from, to) in united(situation, groups) {
            let change =
                Change { from, to, situation, before: before.clone(), after: after.clone(), count: 0 };
            for (change, is_product) in relation::products(units.models, change) {
                lines.push(line(deltas, units, (change, is_product), cause, is_dns));
            }
        }
    }
    lines
}

fn line(
    deltas: &Deltas<'_>,
    units: &Units<'_>,
    (change, is_product): (Change, bool),
    (cause, is_smallest): (&[DeltaId], bool),
    is_dns: bool,
) -> Line {
    let [from, to] = [&change.from, &change.to].map(|group| units.group(group));
    let pairs = pairs(units.models, &from, &to, change.situation, change.count);
    let Decided { by: deciders, with } = decide::between(deltas, &change, cause);
    let risks = risk::between(units.models, &change, [&from, &to], is_dns);
    let what = What::Between(Between { change, from, to, pairs, is_product });
    Line { what, cause: cause.to_vec(), is_smallest, deciders, with, risks }
}

/// What is unknown now, and what else changes for the same pairs, each for itself: the one does not hide the other.
fn by_certainty(change: &Change) -> Vec<Change> {
    let unknown = change.unknown();
    let only = |connections: &ConnSet| {
        let of = |passing: &Passing| Passing {
            passes: passing.passes.and(connections),
            open: passing.open.and(connections),
        };
        Change { before: of(&change.before), after: of(&change.after), ..change.clone() }
    };
    let parts = [only(&unknown), only(&ConnSet::all(Families::BOTH).minus(&unknown))];
    if parts.iter().all(|part| part.before != part.after) { parts.into() } else { vec![change.clone()] }
}

/// Whether the members of a group are in one model only.
pub(super) fn is_alone(group: &Group) -> bool {
    let pod = group.pods.first().is_some_and(|pod| !matches!(pod, Aligned::Both(..)));
    pod || group.nodes.first().is_some_and(|node| !matches!(node, Aligned::Both(..)))
}

/// The destinations, those that are cluster DNS apart if the change closes its ports.
fn by_dns(units: &Units<'_>, change: &Change, to: &Arc<Group>) -> Vec<(Arc<Group>, bool)> {
    let lost = known::lost(change);
    if lost.is_empty() {
        return vec![(Arc::clone(to), false)];
    }
    let is_dns = |pod: &Aligned<_>| known::is_dns_on(units.models, *pod, &lost);
    let (dns, others): (Vec<_>, Vec<_>) = to.pods.iter().partition(|pod| is_dns(pod));
    if dns.is_empty() {
        return vec![(Arc::clone(to), false)];
    }
    let others = Group { pods: others, ..Group::clone(to) };
    let dns = Group { pods: dns, ..Group::default() };
    let both = [(dns, true), (others, false)];
    both.into_iter()
        .filter(|(group, _)| !group.is_empty())
        .map(|(group, is_dns)| (Arc::new(group), is_dns))
        .collect()
}

impl Situation {
    /// Whether one pod becomes several, or several one: what a pod may say to itself is nothing that opens or closes.
    pub fn is_divided(self) -> bool {
        let is_itself = |relation: Option<Relation>| relation == Some(Relation::Itself);
        is_itself(self.base) != is_itself(self.head) && self.base.is_some() && self.head.is_some()
    }
}

/// Unites products: those to the same destinations, and then those from the same sources. Of pairs of ends with
/// themselves, both groups are the same.
fn united(situation: Situation, groups: Vec<Product>) -> Vec<Product> {
    if groups.len() == 1 {
        return groups;
    }
    if situation.is_identity() {
        let all = groups.iter().fold(Group::default(), |all, (from, _)| all.or(from));
        let all = Arc::new(all);
        return vec![(Arc::clone(&all), all)];
    }
    let by_source = unite(groups);
    let by_destination = unite(by_source.into_iter().map(|(from, to)| (to, from)).collect());
    by_destination.into_iter().map(|(to, from)| (from, to)).collect()
}

/// Unites the second groups of those that have the same first one, in the order of the first ones.
fn unite(groups: Vec<Product>) -> Vec<Product> {
    let mut united: Vec<(Arc<Group>, Group)> = Vec::new();
    let mut sorted = groups;
    sorted.sort_unstable();
    for (one, other) in sorted {
        match united.last_mut() {
            Some((last, all)) if *last == one => *all = all.or(&other),
            _ => united.push((one, Group::clone(&other))),
        }
    }
    united.into_iter().map(|(one, all)| (one, Arc::new(all))).collect()
}

impl Group {
    /// The members of either, each once, in order.
    fn or(&self, other: &Self) -> Self {
        fn merged<T: Copy + Ord>(a: &[T], b: &[T]) -> Vec<T> {
            let mut all: Vec<T> = a.iter().chain(b).copied().collect();
            all.sort_unstable();
            all.dedup();
            all
        }
        Self {
            addresses: self.addresses.or(&other.addresses),
            nodes: merged(&self.nodes, &other.nodes),
            pods: merged(&self.pods, &other.pods),
        }
    }
}
