//! Part of a line: some of its pairs, or of what changes for them.

use std::sync::Arc;

use np_model::Model;
use np_model::addr::AddrSet;
use np_model::conn::ConnSet;
use np_model::ir::Direction;
use np_model::refine::Aligned;

use super::unit::pairs;
use super::{Alone, Between, Isolated, Line, Risk, Unit, What, known, relation, risk};
use crate::diff::{Change, Group, Passing};

impl Line {
    /// The same for some of its sources and destinations (of lines with one end, `units` for `from`), and for what
    /// changes of some connections. Counts and risks are those of the part; `None` if there is nothing in it.
    #[must_use]
    pub fn part(
        &self,
        models: [&Model; 2],
        from: &[Unit],
        to: &[Unit],
        connections: &ConnSet,
    ) -> Option<Self> {
        let (what, risks) = match &self.what {
            What::Between(between) => {
                let part = of_between(models, between, from, to, connections)?;
                let is_dns = self.risks.contains(&Risk::Dns) && known::closes_dns(models, &part.change);
                let risks = risk::between(models, &part.change, [&part.from, &part.to], is_dns);
                (What::Between(part), risks)
            }
            What::Alone(alone) => {
                let alone = Alone { units: units(from)?, ..alone.clone() };
                (What::Alone(of_alone(models, alone)), self.risks.clone())
            }
            What::Isolation(isolated) => {
                (What::Isolation(Isolated { units: units(from)?, ..isolated.clone() }), self.risks.clone())
            }
        };
        Some(Self { what, risks, ..self.clone() })
    }
}

fn units(units: &[Unit]) -> Option<Arc<[Unit]>> {
    (!units.is_empty()).then(|| units.into())
}

fn of_between(
    models: [&Model; 2],
    between: &Between,
    from: &[Unit],
    to: &[Unit],
    connections: &ConnSet,
) -> Option<Between> {
    let (from, to) = (units(from)?, units(to)?);
    let only = |passing: &Passing| Passing {
        passes: passing.passes.and(connections),
        open: passing.open.and(connections),
    };
    let Change { situation, before, after, .. } = &between.change;
    let mut change = Change {
        from: Arc::new(group(&from)),
        to: Arc::new(group(&to)),
        situation: *situation,
        before: only(before),
        after: only(after),
        count: 0,
    };
    let is_product = relation::meet(models, &mut change);
    let (from, to) = (cut(&from, &change.from), cut(&to, &change.to));
    let pairs = pairs(models, &from, &to, *situation, change.count);
    (change.before != change.after && pairs > 0).then_some(Between { change, from, to, pairs, is_product })
}

/// Units cut to the pods and nodes that are in a group.
fn cut(units: &[Unit], group: &Group) -> Arc<[Unit]> {
    let has = |pod: &Aligned<_>| group.pods.binary_search(pod).is_ok();
    let of = |unit: &Unit| match unit {
        Unit::External(_) => Some(unit.clone()),
        Unit::Node(node) => group.nodes.binary_search(node).is_ok().then(|| unit.clone()),
        Unit::Pod(pod) => has(pod).then(|| unit.clone()),
        Unit::Workload { workload, pods, is_whole } => {
            let met: Vec<_> = pods.iter().copied().filter(has).collect();
            let is_whole = *is_whole && met.len() == pods.len();
            (!met.is_empty()).then(|| Unit::Workload { workload: *workload, pods: met, is_whole })
        }
    };
    units.iter().filter_map(of).collect()
}

/// With its talks cut to its units.
fn of_alone(models: [&Model; 2], mut alone: Alone) -> Alone {
    let all = Arc::new(group(&alone.units));
    alone.pairs = 0;
    for talk in &mut alone.talks {
        let is_from = talk.direction == Direction::Egress;
        let end = if is_from { &mut talk.change.from } else { &mut talk.change.to };
        *end = Arc::clone(&all);
        relation::meet(models, &mut talk.change);
        talk.peers = cut(&talk.peers, if is_from { &talk.change.to } else { &talk.change.from });
        let (from, to) = if is_from { (&alone.units, &talk.peers) } else { (&talk.peers, &alone.units) };
        if !talk.is_itself() {
            alone.pairs += pairs(models, from, to, talk.change.situation, talk.change.count);
        }
    }
    alone.talks.retain(|talk| talk.change.count > 0);
    alone
}

/// The members of units.
fn group(units: &[Unit]) -> Group {
    let mut group = Group::default();
    for unit in units {
        match unit {
            Unit::External(addresses) => group.addresses = group.addresses.or(addresses),
            Unit::Node(node) => group.nodes.push(*node),
            Unit::Workload { .. } | Unit::Pod(_) => group.pods.extend_from_slice(unit.pods()),
        }
    }
    group.pods.sort_unstable();
    group.nodes.sort_unstable();
    group
}

impl Unit {
    /// The part of a unit in some addresses and the rest of it; one that is no addresses is never in any.
    pub fn split(&self, range: &AddrSet) -> [Option<Self>; 2] {
        match self {
            Self::External(addresses) => [addresses.and(range), addresses.minus(range)]
                .map(|part| (!part.is_empty()).then_some(Self::External(part))),
            other => [None, Some(other.clone())],
        }
    }
}
