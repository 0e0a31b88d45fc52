//! What two ends are to each other in either model, and how many pairs of two teams are so.
//!
//! A pod and itself, and a pod and its own node, are single pairs among many. They are counted from the
//! members that both sides have in common, and from how many are on each node.

use np_model::Model;
use np_model::model::{ClassId, ClassKind, ClassSet, NodeId, PodId};
use np_model::refine::{Aligned, Refinement};
use rustc_hash::FxHashMap;

use super::teams::Team;
use super::{End, Situation};
use crate::reach::Relation;

/// An end in one model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Spot {
    External,
    Node(NodeId),
    Pod(PodId),
}

/// What two ends are to each other.
pub(crate) fn situation(models: [&Model; 2], from: End<'_>, to: End<'_>) -> Situation {
    let spots = |end: End<'_>| match end {
        End::External(_) => [Some(Spot::External); 2],
        End::Node(node) => node.sides().map(|id| id.map(Spot::Node)),
        End::Pod(pod) => pod.sides().map(|id| id.map(Spot::Pod)),
    };
    let (from, to) = (spots(from), spots(to));
    let relation = |side: usize| Some(relation(models[side], from[side]?, to[side]?));
    Situation { base: relation(0), head: relation(1) }
}

fn relation(model: &Model, a: Spot, b: Spot) -> Relation {
    match (a, b) {
        (Spot::Pod(a), Spot::Pod(b)) if a == b => of_itself(model, a),
        (Spot::Node(a), Spot::Node(b)) if a == b => Relation::Itself,
        (Spot::External, _) | (_, Spot::External) => Relation::Strangers,
        _ => match (host(model, a), host(model, b)) {
            ((a, is_host), (b, is_too)) if is_host != is_too => of_places(a, b),
            _ => Relation::Strangers,
        },
    }
}

fn of_itself(model: &Model, pod: PodId) -> Relation {
    if model.pod(pod).is_several() { Relation::Strangers } else { Relation::Itself }
}

/// A pod on one node and a host on another.
fn of_places<T: PartialEq>(a: Option<T>, b: Option<T>) -> Relation {
    match (a, b) {
        (Some(a), Some(b)) if a == b => Relation::OwnNode,
        (Some(_), Some(_)) => Relation::Strangers,
        _ => Relation::MaybeOwnNode,
    }
}

/// The node that a pod or node is on, if that is known, and whether it is a host.
fn host(model: &Model, spot: Spot) -> (Option<&str>, bool) {
    match spot {
        Spot::External => (None, false),
        Spot::Node(node) => (Some(&model.node(node).name), true),
        Spot::Pod(pod) => {
            let pod = model.pod(pod);
            (pod.node_name.as_deref(), model.class(pod.class).kind == ClassKind::Hosts)
        }
    }
}

/// The nodes that a member is on in either model, by number; 0 is nowhere that is known.
type Places = [u32; 2];

/// Counts the pairs of refined classes by situation.
pub(super) struct Relations<'m> {
    models: [&'m Model; 2],
    refinement: &'m Refinement<'m>,
    numbers: FxHashMap<&'m str, u32>,
    placed: FxHashMap<ClassId, Vec<(Places, u64)>>,
}

impl<'m> Relations<'m> {
    pub(super) fn new(models: [&'m Model; 2], refinement: &'m Refinement<'m>) -> Self {
        Self { models, refinement, numbers: FxHashMap::default(), placed: FxHashMap::default() }
    }

    /// The situations of the pairs of some classes of two teams, with how many pairs are in each; external
    /// addresses count as one. None is empty.
    pub(super) fn count(
        &mut self,
        (from, sources): (&Team, &ClassSet),
        (to, destinations): (&Team, &ClassSet),
    ) -> Vec<(Situation, u64)> {
        let mixed = [0, 1].map(|side| {
            let kinds = (from.look.kinds[side], to.look.kinds[side]);
            matches!(
                kinds,
                (Some(ClassKind::Pods), Some(ClassKind::Hosts))
                    | (Some(ClassKind::Hosts), Some(ClassKind::Pods))
            )
        });
        let strangers = [0, 1].map(|side| {
            let are_there = from.look.kinds[side].is_some() && to.look.kinds[side].is_some();
            are_there.then_some(Relation::Strangers)
        });
        let counts = if mixed == [false; 2] {
            self.count_identical(strangers, (from, sources), (to, destinations))
        } else {
            self.count_placed(strangers, mixed, sources, destinations)
        };
        let mut counts: Vec<_> = counts.into_iter().filter(|(_, count)| *count > 0).collect();
        counts.sort_unstable();
        counts
    }

    /// Of ends that can be one another.
    fn count_identical(
        &self,
        strangers: [Option<Relation>; 2],
        (from, sources): (&Team, &ClassSet),
        (to, destinations): (&Team, &ClassSet),
    ) -> FxHashMap<Situation, u64> {
        let size = |team: &Team, classes: &ClassSet| {
            if team.look.kinds.contains(&Some(ClassKind::External)) {
                return 1;
            }
            classes.iter().map(|id| self.members(id)).sum()
        };
        let all = size(from, sources) * size(to, destinations);
        let mut identical = 0;
        let mut counts: FxHashMap<Situation, u64> = FxHashMap::default();
        for class in sources.and(destinations).iter() {
            for pod in self.refinement.pods_of(class).iter() {
                let sides = self.refinement.pods()[*pod as usize].sides();
                let of = |side: usize| sides[side].map(|id| of_itself(self.models[side], id));
                *counts.entry(Situation { base: of(0), head: of(1) }).or_default() += 1;
                identical += 1;
            }
            for node in self.refinement.nodes_of(class).iter() {
                let sides = self.refinement.nodes()[*node as usize].sides();
                let [base, head] = sides.map(|id| id.map(|_| Relation::Itself));
                *counts.entry(Situation { base, head }).or_default() += 1;
                identical += 1;
            }
        }
        *counts.entry(Situation { base: strangers[0], head: strangers[1] }).or_default() += all - identical;
        counts
    }

    /// Of pods on the one side and hosts on the other, in one model at least.
    fn count_placed(
        &mut self,
        strangers: [Option<Relation>; 2],
        mixed: [bool; 2],
        sources: &ClassSet,
        destinations: &ClassSet,
    ) -> FxHashMap<Situation, u64> {
        let [from, to] = [sources, destinations].map(|classes| {
            let mut all: FxHashMap<Places, u64> = FxHashMap::default();
            for class in classes.iter() {
                for (places, count) in self.placed(class) {
                    *all.entry(*places).or_default() += count;
                }
            }
            all
        });
        let known = |place: u32| (place > 0).then_some(place);
        let mut counts: FxHashMap<Situation, u64> = FxHashMap::default();
        for (a, sources) in &from {
            for (b, destinations) in &to {
                let [base, head] = [0, 1].map(|side| {
                    let placed = || of_places(known(a[side]), known(b[side]));
                    if mixed[side] { Some(placed()) } else { strangers[side] }
                });
                *counts.entry(Situation { base, head }).or_default() += sources * destinations;
            }
        }
        counts
    }

    fn members(&self, class: ClassId) -> u64 {
        (self.refinement.pods_of(class).len() + self.refinement.nodes_of(class).len()) as u64
    }

    /// How many members of a class are where.
    fn placed(&mut self, class: ClassId) -> &[(Places, u64)] {
        let Self { models, refinement, numbers, placed } = self;
        placed.entry(class).or_insert_with(|| {
            let mut number = |name: Option<&'m str>| {
                let next = u32::try_from(numbers.len() + 1).expect("no more names than endpoints");
                name.map_or(0, |name| *numbers.entry(name).or_insert(next))
            };
            let mut counts: FxHashMap<Places, u64> = FxHashMap::default();
            for pod in refinement.pods_of(class).iter() {
                let sides: [Option<PodId>; 2] = Aligned::sides(refinement.pods()[*pod as usize]);
                let name = |side: usize| models[side].pod(sides[side]?).node_name.as_deref();
                let places = [number(name(0)), number(name(1))];
                *counts.entry(places).or_default() += 1;
            }
            for node in refinement.nodes_of(class).iter() {
                let sides = refinement.nodes()[*node as usize].sides();
                let name = |side: usize| Some(models[side].node(sides[side]?).name.as_str());
                let places = [number(name(0)), number(name(1))];
                *counts.entry(places).or_default() += 1;
            }
            counts.into_iter().collect()
        })
    }
}
