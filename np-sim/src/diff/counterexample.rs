//! One connection that shows that two models do not answer alike: the least that refutes it.

use std::net::IpAddr;

use np_model::Model;
use np_model::addr::{Families, Family};
use np_model::conn::{ConnSet, Protocol};
use np_model::model::{NodeId, PodId};
use np_model::refine::Aligned;

use super::{Change, Difference, End, Passing};
use crate::verdict::Verdict;

/// One connection of one pair whose answer differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counterexample {
    /// Where it starts.
    pub from: Example,
    /// Where it goes.
    pub to: Example,
    /// One port of one protocol, in the families for which its answer differs alike.
    pub connection: ConnSet,
    /// The families that both ends have.
    pub families: Families,
    /// The answer of the base; `None` if one of the ends is not in it.
    pub before: Option<Verdict>,
    /// The answer of the head; `None` if one of the ends is not in it.
    pub after: Option<Verdict>,
}

/// A single end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Example {
    /// An external address.
    Address(IpAddr),
    /// A node.
    Node(Aligned<NodeId>),
    /// A pod, or a template.
    Pod(Aligned<PodId>),
}

/// The first connection that a difference of two models is about: of pods rather than nodes, and these rather
/// than addresses outside, by name; the lowest port. `None` if and only if nothing differs.
pub fn counterexample(base: &Model, head: &Model, difference: &Difference) -> Option<Counterexample> {
    // A pair is there for every change, or it would be none.
    difference.changes.iter().find_map(|change| of_change([base, head], change))
}

fn of_change(models: [&Model; 2], change: &Change) -> Option<Counterexample> {
    let (from, to) = change.pairs(models[0], models[1]).next()?;
    let families = families(models, from).and(families(models, to));
    let kinds = [
        change.before.passes.minus(&change.after.passes),
        change.after.passes.minus(&change.before.passes),
        change.before.open.minus(&change.after.open),
        change.after.open.minus(&change.before.open),
    ];
    let one = kinds.iter().find_map(lowest)?;
    let answers =
        |connection: &ConnSet| [&change.before, &change.after].map(|passing| verdict(passing, connection));
    // If the other family is answered alike, it is meant as well.
    let wide = widened(&one).within(families);
    let connection = if answers(&wide) == answers(&one) { wide } else { one };
    let [before, after] = answers(&connection);
    let example = |end: End<'_>| match end {
        End::External(addresses) => addresses.ranges().next().map(|(first, _)| Example::Address(first)),
        End::Node(node) => Some(Example::Node(node)),
        End::Pod(pod) => Some(Example::Pod(pod)),
    };
    Some(Counterexample {
        from: example(from)?,
        to: example(to)?,
        connection,
        families,
        before: change.situation.base.map(|_| before),
        after: change.situation.head.map(|_| after),
    })
}

/// The lowest port of a set, in one family.
fn lowest(set: &ConnSet) -> Option<ConnSet> {
    let slots = Protocol::ALL.into_iter().flat_map(|protocol| Family::BOTH.map(|family| (protocol, family)));
    let ports = slots.filter_map(|(protocol, family)| {
        let (port, _) = *set.slot(family, protocol).ranges().first()?;
        Some((protocol, port, family))
    });
    let (protocol, port, family) = ports.min_by_key(|(protocol, port, _)| (*protocol, *port))?;
    Some(ConnSet::ports(Families::only(family), protocol, port, port))
}

/// The same ports in both families.
fn widened(set: &ConnSet) -> ConnSet {
    let slots = Protocol::ALL.into_iter().flat_map(|protocol| Family::BOTH.map(|family| (protocol, family)));
    slots.fold(ConnSet::none(), |all, (protocol, family)| {
        all.or(&ConnSet::of_ports(Families::BOTH, protocol, set.slot(family, protocol)))
    })
}

/// What becomes of one connection.
fn verdict(passing: &Passing, connection: &ConnSet) -> Verdict {
    if passing.open.covers(connection) {
        Verdict::Unknown
    } else if passing.passes.covers(connection) {
        Verdict::Allowed
    } else if connection.and(&passing.passes.or(&passing.open)).is_empty() {
        Verdict::Denied
    } else {
        // The families are answered differently.
        Verdict::Partial
    }
}

/// The families that an end has in either model.
fn families(models: [&Model; 2], end: End<'_>) -> Families {
    let of_pod = |side: usize, pod: Aligned<PodId>| pod.sides()[side].map(|id| models[side].pod(id).families);
    let of_node =
        |side: usize, node: Aligned<NodeId>| node.sides()[side].map(|id| models[side].node(id).families);
    let either = |of: &dyn Fn(usize) -> Option<Families>| {
        [0, 1].into_iter().filter_map(of).fold(Families::NONE, Families::or)
    };
    match end {
        End::External(addresses) => addresses.families(),
        End::Node(node) => either(&|side| of_node(side, node)),
        End::Pod(pod) => either(&|side| of_pod(side, pod)),
    }
}
