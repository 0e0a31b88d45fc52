//! The base with some of the changes, and which pairs then have what the head gives them.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use np_model::Model;
use np_model::addr::AddrSet;
use np_model::delta::{Delta, DeltaId, Deltas};
use np_model::model::{ClassKind, NodeId, PodId};
use np_model::refine::Aligned;
use rustc_hash::FxHashMap;

use super::divide::split;
use super::region::{Region, partition};
use crate::diff::{Change, Comparer, End, Group, Passing};
use crate::reach::Relation;

/// What the base with some changes differs in from the base.
pub(super) struct Trial {
    /// By what the ends are to each other in the base, and what passes after the changes.
    found: BTreeMap<(Option<Relation>, Passing), Vec<Outcome>>,
    /// Pods whose place may be another than in the base; `None` where they are not there.
    moved: FxHashMap<Aligned<PodId>, Option<Place>>,
    /// Nodes that come or go.
    nodes: FxHashMap<Aligned<NodeId>, bool>,
}

/// Pairs that then have the same.
struct Outcome {
    relation: Option<Relation>,
    from: Rc<Members>,
    to: Rc<Members>,
}

/// The members of a group, by their ids in base and head.
struct Members {
    addresses: AddrSet,
    nodes: Vec<Aligned<NodeId>>,
    pods: Bits,
}

/// Pods: those of the base by position, behind them those that only the head has.
struct Bits(Vec<u64>);

impl Bits {
    fn insert(&mut self, at: usize) {
        self.0[at / 64] |= 1 << (at % 64);
    }

    fn contains(&self, at: usize) -> bool {
        self.0[at / 64] & (1 << (at % 64)) != 0
    }
}

/// What decides what a pod and others are to each other.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Place {
    is_host: bool,
    node: Option<String>,
    is_several: bool,
}

impl Place {
    fn of(model: &Model, id: PodId) -> Self {
        let pod = model.pod(id);
        Self {
            is_host: model.class(pod.class).kind == ClassKind::Hosts,
            node: pod.node_name.as_deref().map(str::to_owned),
            is_several: pod.is_several(),
        }
    }
}

impl Trial {
    /// Makes some changes to the base, which the comparer is of, and compares. Members of groups are counted in `work`.
    pub(super) fn of(
        deltas: &Deltas<'_>,
        comparer: &mut Comparer<'_>,
        some: &[DeltaId],
        work: &mut u64,
    ) -> Self {
        let [base, head] = deltas.models;
        let model = deltas.apply(some);
        let translate = Translate { models: [base, head], model: &model };
        let mut known: FxHashMap<*const Group, Rc<Members>> = FxHashMap::default();
        let mut members = |group: &Arc<Group>| {
            let members = known.entry(Arc::as_ptr(group));
            Rc::clone(members.or_insert_with(|| {
                *work += group.len();
                Rc::new(translate.members(group))
            }))
        };
        let mut found: BTreeMap<(Option<Relation>, Passing), Vec<Outcome>> = BTreeMap::new();
        let difference = comparer.diff(&model);
        for change in &difference.changes {
            let (from, to) = (members(&change.from), members(&change.to));
            let outcome = Outcome { relation: change.situation.head, from, to };
            found.entry((change.situation.base, change.after.clone())).or_default().push(outcome);
        }
        let mut trial = Self { found, moved: FxHashMap::default(), nodes: FxHashMap::default() };
        for id in some {
            match deltas.get(*id) {
                Delta::Pods(pods) => trial.move_pods(&translate, pods.iter().copied()),
                Delta::Rest => {
                    let templates = base.pod_ids().filter(|id| base.pod(*id).template.is_some());
                    trial.move_pods(&translate, templates.map(|id| translate.of_base(id)));
                }
                Delta::Node(Aligned::Base(node)) => drop(trial.nodes.insert(Aligned::Base(*node), false)),
                Delta::Node(Aligned::Head(node)) => drop(trial.nodes.insert(Aligned::Head(*node), true)),
                _ => {}
            }
        }
        trial
    }

    fn move_pods(&mut self, translate: &Translate<'_>, pods: impl Iterator<Item = Aligned<PodId>>) {
        for pod in pods {
            let place = translate.find(pod).map(|id| Place::of(translate.model, id));
            self.moved.insert(pod, place);
        }
    }

    /// Divides some pairs of a change into those that the changes give exactly what the head gives them, and the others.
    /// Members of groups are counted in `work`.
    pub(super) fn carve(
        &self,
        models: [&Model; 2],
        change: &Change,
        region: Region,
        work: &mut u64,
    ) -> [Vec<Region>; 2] {
        *work += region.from.len() + region.to.len();
        let found = self.found.get(&(change.situation.base, change.after.clone()));
        let Some(found) = found else { return [Vec::new(), vec![region]] };
        let (mut met, mut left) = (Vec::new(), Vec::new());
        for (relation, region) in self.by_relation(models, change, region) {
            // An end that has come or gone in the head must have so here.
            if relation.is_some() != change.situation.head.is_some() {
                left.push(region);
                continue;
            }
            let mut rest = vec![region];
            for outcome in found.iter().filter(|outcome| outcome.relation == relation) {
                rest = rest
                    .into_iter()
                    .flat_map(|region| {
                        *work += region.from.len() + region.to.len();
                        outcome.carve(models[0], change, region, &mut met)
                    })
                    .collect();
            }
            left.extend(rest);
        }
        [met, left]
    }

    /// Pairs by what both ends are to each other after the changes.
    fn by_relation(
        &self,
        models: [&Model; 2],
        change: &Change,
        region: Region,
    ) -> Vec<(Option<Relation>, Region)> {
        let is_moved = |group: &Group| {
            !self.moved.is_empty() && group.pods.iter().any(|pod| self.moved.contains_key(pod))
                || !self.nodes.is_empty() && group.nodes.iter().any(|node| self.nodes.contains_key(node))
        };
        if !is_moved(&region.from) && !is_moved(&region.to) {
            let are_there = |group: &Group| {
                group.ends().next().is_none_or(|end| match end {
                    End::External(_) => true,
                    End::Node(node) => node.base().is_some(),
                    End::Pod(pod) => pod.base().is_some(),
                })
            };
            let relation = change.situation.base;
            let are_there = are_there(&region.from) && are_there(&region.to);
            return vec![(relation.filter(|_| are_there), region)];
        }
        let places = [&region.from, &region.to].map(|group| self.by_place(models, group));
        let is_identity = change.situation.is_identity();
        let mut found = Vec::new();
        for (a, from) in &places[0] {
            for (b, to) in &places[1] {
                if is_identity {
                    if a == b {
                        let relation = a.itself();
                        found.push((relation, Region { from: Arc::clone(from), to: Arc::clone(from) }));
                    }
                    continue;
                }
                let relation = a.relation(b);
                found.push((relation, Region { from: Arc::clone(from), to: Arc::clone(to) }));
            }
        }
        found
    }

    /// A group by where its members are after the changes.
    fn by_place(&self, models: [&Model; 2], group: &Arc<Group>) -> Vec<(Spot, Arc<Group>)> {
        let mut spots: Vec<Spot> = Vec::new();
        let mut numbers: FxHashMap<Spot, usize> = FxHashMap::default();
        let parts = split(group, |end| {
            let spot = self.spot(models, end);
            let next = spots.len();
            *numbers.entry(spot).or_insert_with_key(|spot| {
                spots.push(spot.clone());
                next
            })
        });
        parts.into_iter().map(|(at, part)| (spots[at].clone(), part)).collect()
    }

    fn spot(&self, models: [&Model; 2], end: End<'_>) -> Spot {
        match end {
            End::External(_) => Spot::External,
            End::Node(node) => {
                let is_there = self.nodes.get(&node).copied().unwrap_or(node.base().is_some());
                let name = match node {
                    Aligned::Both(id, _) | Aligned::Base(id) => &models[0].node(id).name,
                    Aligned::Head(id) => &models[1].node(id).name,
                };
                let node = Some(name.to_string());
                if is_there {
                    Spot::At(Place { is_host: true, node, is_several: false }, None)
                } else {
                    Spot::Gone
                }
            }
            End::Pod(pod) => {
                let base = || pod.base().map(|id| Place::of(models[0], id));
                let place = self.moved.get(&pod).cloned().unwrap_or_else(base);
                // One that stands for several pods elsewhere and not here is a pair of its own.
                let is_several =
                    |side: usize| pod.sides()[side].is_some_and(|id| models[side].pod(id).is_several());
                let is_odd = |place: &Place| !place.is_several && (is_several(0) || is_several(1));
                place.map_or(Spot::Gone, |place| {
                    let odd = is_odd(&place).then_some(pod);
                    Spot::At(place, odd)
                })
            }
        }
    }
}

/// Where an end is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Spot {
    External,
    Gone,
    /// A pod or node; one that must be told from all others.
    At(Place, Option<Aligned<PodId>>),
}

impl Spot {
    /// What a member and itself are to each other.
    fn itself(&self) -> Option<Relation> {
        match self {
            Self::External => Some(Relation::Strangers),
            Self::Gone => None,
            Self::At(place, _) if place.is_several => Some(Relation::Strangers),
            Self::At(..) => Some(Relation::Itself),
        }
    }

    /// What two are that are not one and the same.
    fn relation(&self, other: &Self) -> Option<Relation> {
        match (self, other) {
            (Self::Gone, _) | (_, Self::Gone) => None,
            (Self::At(a, one), Self::At(b, another)) => Some(match (&a.node, &b.node) {
                _ if one.is_some() && one == another => Relation::Itself,
                _ if a.is_host == b.is_host => Relation::Strangers,
                (Some(a), Some(b)) if a == b => Relation::OwnNode,
                (Some(_), Some(_)) => Relation::Strangers,
                _ => Relation::MaybeOwnNode,
            }),
            _ => Some(Relation::Strangers),
        }
    }
}

impl Outcome {
    /// The pairs that it has are met; the others come back.
    fn carve(&self, base: &Model, change: &Change, region: Region, met: &mut Vec<Region>) -> Vec<Region> {
        let Region { from, to } = region;
        let [sources, others] = self.from.split(base, &from);
        if change.situation.is_identity() {
            let [both, rest] = self.to.split(base, &sources);
            let whole = |group: Arc<Group>| Region { from: Arc::clone(&group), to: group };
            met.extend((!both.is_empty()).then(|| whole(both)));
            return [others, rest].into_iter().filter(|group| !group.is_empty()).map(whole).collect();
        }
        let [destinations, beyond] = self.to.split(base, &to);
        if sources.is_empty() || destinations.is_empty() {
            return vec![Region { from, to }];
        }
        met.push(Region { from: Arc::clone(&sources), to: destinations });
        let left = [Region { from: others, to }, Region { from: sources, to: beyond }];
        left.into_iter().filter(|region| !region.from.is_empty() && !region.to.is_empty()).collect()
    }
}

impl Members {
    fn split(&self, base: &Model, group: &Arc<Group>) -> [Arc<Group>; 2] {
        let is_node = |node: &Aligned<NodeId>| self.nodes.contains(node);
        let is_pod = |pod: &Aligned<PodId>| self.pods.contains(position(base, *pod));
        partition(group, &self.addresses, is_node, is_pod)
    }
}

fn position(base: &Model, pod: Aligned<PodId>) -> usize {
    match pod {
        Aligned::Both(id, _) | Aligned::Base(id) => id.index(),
        Aligned::Head(id) => base.pods().len() + id.index(),
    }
}

/// From the ids of a base and a model that it was changed to, to those of base and head.
struct Translate<'m> {
    models: [&'m Model; 2],
    model: &'m Model,
}

impl Translate<'_> {
    fn members(&self, group: &Group) -> Members {
        let [base, head] = self.models;
        let all = base.pods().len() + head.pods().len();
        let mut pods = Bits(vec![0; all.div_ceil(64)]);
        for pod in &group.pods {
            let at = match *pod {
                Aligned::Both(id, _) | Aligned::Base(id) => Some(id.index()),
                Aligned::Head(id) => head.same_pod(self.model, id).map(|id| base.pods().len() + id.index()),
            };
            if let Some(at) = at {
                pods.insert(at);
            }
        }
        let nodes = group.nodes.iter().filter_map(|node| match *node {
            Aligned::Both(id, _) | Aligned::Base(id) => {
                Some(head.same_node(base, id).map_or(Aligned::Base(id), |other| Aligned::Both(id, other)))
            }
            Aligned::Head(id) => head.same_node(self.model, id).map(Aligned::Head),
        });
        Members { addresses: group.addresses.clone(), nodes: nodes.collect(), pods }
    }

    /// A pod of the base, with its id in the head.
    fn of_base(&self, id: PodId) -> Aligned<PodId> {
        let [base, head] = self.models;
        head.same_pod(base, id).map_or(Aligned::Base(id), |other| Aligned::Both(id, other))
    }

    /// A pod of base or head in the changed model.
    fn find(&self, pod: Aligned<PodId>) -> Option<PodId> {
        match pod {
            Aligned::Both(id, _) | Aligned::Base(id) => self.model.same_pod(self.models[0], id),
            Aligned::Head(id) => self.model.same_pod(self.models[1], id),
        }
    }
}
