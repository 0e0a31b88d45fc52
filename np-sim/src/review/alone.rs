//! Lines about workloads that only one model has: one for all that may talk to the same peers.

use std::sync::Arc;

use np_model::delta::{Delta, DeltaId, Deltas};
use np_model::ir::Direction;
use np_model::model::{NodeId, PodId};
use np_model::refine::Aligned;
use rustc_hash::FxHashMap;

use super::between::is_alone;
use super::unit::{Units, pairs};
use super::{Alone, Line, Presence, Talk, Unit, What, decide, relation, risk};
use crate::cause::Caused;
use crate::diff::{Change, Difference, Group};

/// Workloads of one line.
pub(super) struct Seen {
    pub(super) presence: Presence,
    pub(super) units: Arc<[Unit]>,
}

/// A pod or node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Member {
    Pod(Aligned<PodId>),
    Node(Aligned<NodeId>),
}

/// The changes that a member takes part in, by position, and on which end.
type Part = Vec<(usize, Direction)>;

/// The lines, in no order.
pub(super) fn lines(
    deltas: &Deltas<'_>,
    units: &Units<'_>,
    difference: &Difference,
    caused: &[Caused],
) -> Vec<Line> {
    let comings = comings(deltas);
    let mut parts: FxHashMap<Member, Part> = FxHashMap::default();
    for group in [&difference.added, &difference.removed] {
        parts.extend(members(group).map(|member| (member, Vec::new())));
    }
    for (at, one) in caused.iter().enumerate() {
        for (group, direction) in
            [(&one.change.from, Direction::Egress), (&one.change.to, Direction::Ingress)]
        {
            if is_alone(group) {
                for member in members(group) {
                    parts.entry(member).or_default().push((at, direction));
                }
            }
        }
    }
    let mut alike: FxHashMap<(Presence, Part), Group> = FxHashMap::default();
    let mut parts: Vec<_> = parts.into_iter().collect();
    parts.sort_unstable();
    for (member, part) in parts {
        let presence = |is_base: bool| if is_base { Presence::Removed } else { Presence::Added };
        match member {
            Member::Pod(pod) => {
                alike.entry((presence(pod.head().is_none()), part)).or_default().pods.push(pod);
            }
            Member::Node(node) => {
                alike.entry((presence(node.head().is_none()), part)).or_default().nodes.push(node);
            }
        }
    }
    alike
        .into_iter()
        .map(|((presence, part), group)| line(units, &comings, caused, (presence, &part), group))
        .collect()
}

/// The changes of the input by which members come or go.
fn comings(deltas: &Deltas<'_>) -> FxHashMap<Member, DeltaId> {
    let mut comings = FxHashMap::default();
    for id in deltas.ids() {
        match deltas.get(id) {
            Delta::Pods(pods) => comings.extend(pods.iter().map(|pod| (Member::Pod(*pod), id))),
            Delta::Node(node) => {
                comings.insert(Member::Node(*node), id);
            }
            _ => {}
        }
    }
    comings
}

fn members(group: &Group) -> impl Iterator<Item = Member> {
    let nodes = group.nodes.iter().copied().map(Member::Node);
    group.pods.iter().copied().map(Member::Pod).chain(nodes)
}

fn line(
    units: &Units<'_>,
    comings: &FxHashMap<Member, DeltaId>,
    caused: &[Caused],
    (presence, part): (Presence, &[(usize, Direction)]),
    group: Group,
) -> Line {
    let group = Arc::new(group);
    let seen = Seen { presence, units: units.group(&group) };
    let mut own: Vec<DeltaId> = members(&group).filter_map(|member| comings.get(&member)).copied().collect();
    own.sort_unstable();
    own.dedup();
    let (mut talks, mut cause, mut all, mut is_smallest) = (Vec::new(), own.clone(), 0, true);
    for (at, direction) in part {
        let Caused { change, cause: its, is_smallest: its_is } = &caused[*at];
        let mut change = Change { count: 0, ..change.clone() };
        *match direction {
            Direction::Egress => &mut change.from,
            Direction::Ingress => &mut change.to,
        } = Arc::clone(&group);
        relation::meet(units.models, &mut change);
        // All pairs of a group are those of its other members, if these are with this one alone.
        if change.count == 0 {
            continue;
        }
        let peers = match direction {
            Direction::Egress => &change.to,
            Direction::Ingress => &change.from,
        };
        let peers = units.group_of(usize::from(presence == Presence::Added), peers);
        is_smallest &= its_is;
        if !change.situation.is_identity() {
            all += pairs(units.models, &seen.units, &peers, change.situation, change.count);
        }
        talks.push(Talk { direction: *direction, peers, change });
        cause.extend_from_slice(its);
    }
    cause.sort_unstable();
    cause.dedup();
    let deciders = decide::of_cause(if own.is_empty() { &cause } else { &own });
    let risks = risk::alone(units.models, &seen, &talks);
    let Seen { presence, units } = seen;
    Line {
        what: What::Alone(Alone { presence, units, talks, pairs: all }),
        cause,
        is_smallest,
        deciders,
        with: Vec::new(),
        risks,
    }
}
