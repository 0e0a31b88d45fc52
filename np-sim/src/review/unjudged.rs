//! Changes of the input that answers cannot show: where something was unknown and still is, what changed about it stays
//! in the dark. Whoever relies on "nothing changes" must hear of them.

use std::rc::Rc;

use np_model::Model;
use np_model::addr::{Families, Family};
use np_model::conn::ConnTable;
use np_model::delta::{Delta, DeltaId, Deltas};
use np_model::ir::{Direction, Peer, PolicyId, Rule, RuleId, UnevaluatedId};
use np_model::model::{ClassId, ClassKind, ClassSet, Interference, PodId, WorkloadId};
use np_model::refine::{Aligned, Refinement};
use np_model::truth::Truth;
use rustc_hash::{FxHashMap, FxHashSet};

use super::relabel::is_all_known;
use crate::diff::Difference;
use crate::rows::{Bounds, Builder};

/// A change of which the answers do not show what it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Unjudged {
    /// It bears on pairs that are unknown in both models: what they hang on may be something else now.
    Unknown(DeltaId),
    /// Its policy names addresses of a family that endpoints are taken not to have, as the input shows no family.
    Family(DeltaId, Family),
    /// The template of a workload of the head is another, and pods of the input stand for it as they are.
    Template(WorkloadId),
    /// A policy that is not evaluated in either model says something else: it makes the same answers unknown as before.
    Unread(Aligned<UnevaluatedId>),
}

/// All changes from a base to a head that no answer shows, in order: see [`Unjudged`]. Hardly any time where nothing is
/// unknown; else a row for each class that a changed policy selects. The difference is that of the models of the deltas.
pub fn unjudged(deltas: &Deltas<'_>, difference: &Difference) -> Vec<Unjudged> {
    let mut open = Open::of(deltas);
    let (mut found, hiding) = (Vec::new(), hiding(deltas, difference));
    for id in deltas.ids() {
        let is_hidden = hiding.contains(&id) || open.is_hidden(id);
        found.extend(is_hidden.then_some(Unjudged::Unknown(id)));
        found.extend(family(deltas, id).map(|family| Unjudged::Family(id, family)));
    }
    found.extend(deltas.covered_templates().into_iter().map(Unjudged::Template));
    let edits = deltas.unread_edits().into_iter();
    found.extend(edits.filter(|edit| concerns_somebody(deltas, *edit)).map(Unjudged::Unread));
    found
}

/// Whether the answers show everything that makes two models differ: nothing that is unknown in both is something else.
pub fn shows_all(base: &Model, head: &Model, difference: &Difference) -> bool {
    unjudged(&Deltas::of(base, head), difference).is_empty()
}

/// The changes behind what pods say otherwise of connections that are as unknown as before: those of policies that select
/// the pods, and of the pods themselves. All changes, if it is none of these.
fn hiding(deltas: &Deltas<'_>, difference: &Difference) -> FxHashSet<DeltaId> {
    let mut found = FxHashSet::default();
    for (direction, group) in Direction::BOTH.into_iter().zip(&difference.hidden) {
        if group.is_empty() {
            continue;
        }
        let pods: FxHashSet<Aligned<PodId>> = group.pods.iter().copied().collect();
        let classes = [0, 1].map(|side| -> FxHashSet<ClassId> {
            let class = |pod: &Aligned<PodId>| Some(deltas.models[side].pod(pod.sides()[side]?).class);
            pods.iter().filter_map(class).collect()
        });
        let is_behind = |id: &DeltaId| match (About::of(deltas, *id), deltas.get(*id)) {
            (Some(About { policies, directions, .. }), _) => {
                directions.contains(&direction)
                    && (0..2).any(|side| {
                        let selected = subjects(deltas.models[side], policies[side], direction);
                        !selected.is_disjoint(&classes[side])
                    })
            }
            (None, Delta::PodLabel(own, _) | Delta::Pods(own)) => own.iter().any(|pod| pods.contains(pod)),
            _ => false,
        };
        let before = found.len();
        found.extend(deltas.ids().filter(is_behind));
        if found.len() == before {
            found.extend(deltas.ids());
        }
    }
    found
}

/// Whether a policy that is not evaluated may select anybody in the head, or could in the base.
fn concerns_somebody(deltas: &Deltas<'_>, policy: Aligned<UnevaluatedId>) -> bool {
    (0..2).any(|side| {
        let model = deltas.models[side];
        let is_met = |id: UnevaluatedId| {
            let mut classes = model.class_ids();
            classes.any(|class| Direction::BOTH.iter().any(|of| concerns(model, id, class, *of)))
        };
        policy.sides()[side].is_some_and(is_met)
    })
}

fn concerns(model: &Model, policy: UnevaluatedId, class: ClassId, direction: Direction) -> bool {
    model.selecting(class, direction).unevaluated.contains(&policy)
}

/// What a change of a policy is about.
struct About {
    /// The policy in either model.
    policies: [Option<PolicyId>; 2],
    /// The rule in either model, if it is about one.
    rules: Option<[Option<RuleId>; 2]>,
    directions: Vec<Direction>,
}

impl About {
    fn of(deltas: &Deltas<'_>, id: DeltaId) -> Option<Self> {
        let (rules, directions) = match deltas.get(id) {
            Delta::Rule(rule) => {
                let direction = rule.sides().into_iter().flatten().next()?.direction;
                (Some(rule.sides()), vec![direction])
            }
            Delta::Type(_, _, direction) => (None, vec![*direction]),
            _ => (None, Direction::BOTH.to_vec()),
        };
        Some(Self { policies: deltas.policy(id)?.sides(), rules, directions })
    }
}

/// The family that a change names in either model, and that this model is taken not to have.
fn family(deltas: &Deltas<'_>, id: DeltaId) -> Option<Family> {
    let About { policies, rules, directions } = About::of(deltas, id)?;
    [1, 0].into_iter().find_map(|side| {
        let model = deltas.models[side];
        let lacks = |family: &Family| model.families_assumed() && !model.families().contains(*family);
        let policy = model.policy(policies[side].filter(|_| Families::BOTH.iter().any(|one| lacks(&one)))?);
        let mut named = directions.iter().flat_map(|direction| {
            let all = policy.rules(*direction).unwrap_or_default().iter().zip(0_u32..);
            let is_meant = move |index: u32| match rules {
                Some(sides) => sides[side].is_some_and(|rule| rule.index == index),
                None => true,
            };
            all.filter(move |(_, index)| is_meant(*index)).flat_map(|(rule, _)| families(rule))
        });
        named.find(lacks)
    })
}

fn families(rule: &Rule) -> impl Iterator<Item = Family> {
    let blocks = rule.peers.iter().flatten().filter_map(|item| match &item.peer {
        Peer::Block(block) => Some(block.addresses().families()),
        Peer::Pods { .. } => None,
    });
    blocks.flat_map(|families| families.iter().collect::<Vec<_>>())
}

/// What is unknown in either model.
pub(super) struct Open<'d> {
    pub(super) deltas: &'d Deltas<'d>,
    table: ConnTable,
    /// Made when the first row is asked for: most changes are in doubt of nothing.
    builders: Option<[Builder<'d>; 2]>,
    /// The pods that both models have; found when they are needed.
    pods: Option<Rc<[(PodId, PodId)]>>,
    /// Their classes.
    classes: Option<Rc<FxHashSet<(ClassId, ClassId)>>>,
    known: FxHashMap<(usize, ClassId, Direction), Rc<ClassSet>>,
    /// Whether nothing is unknown in one of the models; found when it is needed.
    all_known: Option<bool>,
}

impl<'d> Open<'d> {
    fn of(deltas: &'d Deltas<'d>) -> Self {
        let table = ConnTable::default();
        let known = FxHashMap::default();
        Self { deltas, table, builders: None, pods: None, classes: None, known, all_known: None }
    }

    /// Whether a change bears on pods some of whose pairs are unknown before and after, and may be for its sake.
    fn is_hidden(&mut self, id: DeltaId) -> bool {
        let deltas = self.deltas;
        if let Delta::Unevaluated(policy) = deltas.get(id) {
            return self.is_hidden_among_others(*policy);
        }
        let Some(About { policies, rules, directions }) = About::of(deltas, id) else {
            return self.is_hidden_relabel(id);
        };
        directions.into_iter().any(|direction| {
            let subjects = [0, 1].map(|side| subjects(deltas.models[side], policies[side], direction));
            let is_doubtful = |side: usize| {
                let model = deltas.models[side];
                let is_interfered = |class: &ClassId| {
                    model.selecting(*class, direction).interference != Interference::default()
                };
                let is_named = rules.is_none_or(|rules| rules[side].is_some());
                let of_rules = rules.and_then(|rules| rules[side]);
                subjects[side].iter().any(is_interfered)
                    || is_named
                        && policies[side]
                            .is_some_and(|policy| is_doubtful(model, policy, of_rules, direction))
            };
            (is_doubtful(0) || is_doubtful(1)) && self.are_open(&subjects, direction)
        })
    }

    /// The same of one that is not evaluated: whether what it may decide is unknown without it.
    fn is_hidden_among_others(&mut self, policy: Aligned<UnevaluatedId>) -> bool {
        let models = self.deltas.models;
        Direction::BOTH.into_iter().any(|direction| {
            let subjects = [0, 1].map(|side| {
                let Some(id) = policy.sides()[side] else { return FxHashSet::default() };
                let met = |class: &ClassId| concerns(models[side], id, *class, direction);
                models[side].class_ids().filter(met).collect()
            });
            self.are_open(&subjects, direction)
        })
    }

    /// Whether a pod of these classes has pairs that are unknown in both models.
    fn are_open(&mut self, subjects: &[FxHashSet<ClassId>; 2], direction: Direction) -> bool {
        let classes = self.classes();
        let mut meant = classes.iter().filter(|(a, b)| subjects[0].contains(a) || subjects[1].contains(b));
        meant.any(|(a, b)| {
            !self.peers(0, *a, direction).is_empty() && !self.peers(1, *b, direction).is_empty()
        })
    }

    /// Whether nothing is unknown in one of the models, so that nothing is in both.
    pub(super) fn is_all_known(&mut self) -> bool {
        let models = self.deltas.models;
        *self.all_known.get_or_insert_with(|| models.into_iter().any(is_all_known))
    }

    /// The pods that both models have.
    pub(super) fn pods(&mut self) -> Rc<[(PodId, PodId)]> {
        let [base, head] = self.deltas.models;
        Rc::clone(self.pods.get_or_insert_with(|| {
            let refinement = Refinement::of(base, head);
            refinement.pods().iter().filter_map(|pod| Some((pod.base()?, pod.head()?))).collect()
        }))
    }

    /// Their classes.
    pub(super) fn classes(&mut self) -> Rc<FxHashSet<(ClassId, ClassId)>> {
        let ([base, head], pods) = (self.deltas.models, self.pods());
        let class = |(a, b): &(PodId, PodId)| (base.pod(*a).class, head.pod(*b).class);
        Rc::clone(self.classes.get_or_insert_with(|| Rc::new(pods.iter().map(class).collect())))
    }

    /// The peers with which it is unknown what the policies of a class let pass.
    pub(super) fn peers(&mut self, side: usize, class: ClassId, direction: Direction) -> Rc<ClassSet> {
        if let Some(known) = self.known.get(&(side, class, direction)) {
            return Rc::clone(known);
        }
        let Self { deltas, table, builders, .. } = self;
        let builders = builders.get_or_insert_with(|| deltas.models.map(|model| Builder::new(model, table)));
        let row = builders[side].row(table, class, direction);
        let is_open = |bounds: Bounds| bounds.certain != bounds.possible;
        let others = if is_open(row.rest) { deltas.models[side].class_ids().len() } else { 0 };
        let mut open = ClassSet::range(0..others);
        for layer in &row.layers {
            if is_open(layer.bounds) {
                open.unite(&layer.classes);
            } else {
                open.remove(&layer.classes);
            }
        }
        let open = Rc::new(open);
        self.known.insert((side, class, direction), Rc::clone(&open));
        open
    }
}

/// The classes that a policy selects, or may, in a direction.
fn subjects(model: &Model, policy: Option<PolicyId>, direction: Direction) -> FxHashSet<ClassId> {
    let Some(policy) = policy else { return FxHashSet::default() };
    let is_selected = |class: &ClassId| {
        let selecting = model.selecting(*class, direction);
        model.class(*class).kind == ClassKind::Pods
            && (selecting.certain.contains(&policy) || selecting.maybe.contains(&policy))
    };
    model.class_ids().filter(is_selected).collect()
}

/// Whether some peer of a policy's rules, or of one of them, may match a class, and that is not known.
fn is_doubtful(model: &Model, policy: PolicyId, rule: Option<RuleId>, direction: Direction) -> bool {
    let rules = model.indexed_rules(policy, direction).iter().zip(0..);
    let meant = rules.filter(|(_, index)| rule.is_none_or(|rule| rule.index == *index));
    let mut peers = meant.flat_map(|(rule, _)| rule.peers.iter().flatten());
    peers.any(|peer| model.class_ids().any(|class| model.peer_truth(*peer, class) == Truth::Maybe))
}
