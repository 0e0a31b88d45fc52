//! Which policies select each class in each direction, and those that may and cannot be evaluated.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::classes::Classes;
use super::rules::Vocabulary;
use crate::ir::{Direction, Policy, PolicyId, Scope, Unevaluated, UnevaluatedId};
use crate::model::{Class, ClassId, ClassKind, ClassSet, Match, NamespaceId, Selecting, SelectingId};

/// By class and direction, each set of policies once.
#[derive(Debug, Default)]
pub(super) struct Selected {
    pub(super) of_class: Vec<[SelectingId; 2]>,
    /// By [`SelectingId`].
    pub(super) sets: Vec<Arc<Selecting>>,
}

impl Selected {
    /// Adds classes that come behind the others, and whom nobody selects.
    pub(super) fn add_unselected(&mut self, classes: usize) {
        if classes > 0 {
            let none = self.sets.iter().position(|set| **set == Selecting::default());
            let none = SelectingId::at(none.unwrap_or(self.sets.len()));
            if none.index() == self.sets.len() {
                self.sets.push(Arc::default());
            }
            self.of_class.extend(std::iter::repeat_n([none; 2], classes));
        }
    }
}

/// A policy that selects a class, or may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum By {
    Certain(PolicyId),
    Maybe(PolicyId),
    Unevaluated(UnevaluatedId),
}

/// What the policies are.
#[derive(Clone, Copy)]
pub(super) struct Policies<'r> {
    pub(super) evaluated: &'r [Arc<Policy>],
    pub(super) unevaluated: &'r [Unevaluated],
}

/// Finds the policies. `matches` has the pods of each selector, as far as it is meant for them.
pub(super) fn select(
    policies: Policies<'_>,
    vocabulary: &Vocabulary<'_>,
    matches: &[Match],
    classes: &Classes,
    namespace_id: impl Fn(&str) -> Option<NamespaceId>,
) -> Selected {
    let mut found = Vec::new();
    let in_namespace = |id: NamespaceId| ClassSet::range(classes.of_namespace[id.index()].clone());
    // One tier, one variant: another of either brings its evaluator with it, and starts here.
    for ((namespace, subject), id) in vocabulary.subjects.iter().zip((0..).map(PolicyId::at)) {
        let inside = &classes.of_namespace[namespace.index()];
        let Match { yes, maybe } = &matches[subject.index()];
        found.extend(yes.within(inside).map(|class| (class, By::Certain(id))));
        found.extend(maybe.within(inside).map(|class| (class, By::Maybe(id))));
    }
    for (policy, id) in policies.unevaluated.iter().zip((0..).map(UnevaluatedId::at)) {
        let concerned: ClassSet = match &policy.scope {
            Scope::Namespace(name) => namespace_id(name).map(in_namespace).unwrap_or_default(),
            Scope::Cluster => {
                let all = classes.all.iter().zip((0..).map(ClassId::at));
                all.filter(|(class, _)| may_select(policy, class)).map(|(_, id)| id).collect()
            }
        };
        found.extend(concerned.iter().map(|class| (class, By::Unevaluated(id))));
    }
    let concerns = policies.evaluated.iter();
    let concerns = concerns.map(|policy| Direction::BOTH.map(|direction| policy.rules(direction).is_some()));
    let mut interner = Interner {
        policies,
        concerns: concerns.collect(),
        selected: Selected::default(),
        ids: FxHashMap::default(),
    };
    let mut known: FxHashMap<Box<[By]>, [SelectingId; 2]> = FxHashMap::default();
    let (sorted, ends) = by_class(&found, classes.all.len());
    for range in ends.windows(2) {
        let of_class = &sorted[range[0]..range[1]];
        let both = known.get(of_class).copied().unwrap_or_else(|| {
            let both = interner.ids(of_class);
            known.insert(of_class.into(), both);
            both
        });
        interner.selected.of_class.push(both);
    }
    interner.selected
}

/// What selects the classes, one behind the other, each in the order of `found`; and where each ends.
fn by_class(found: &[(ClassId, By)], classes: usize) -> (Vec<By>, Vec<usize>) {
    let mut ends = vec![0; classes + 1];
    for (class, _) in found {
        ends[class.index() + 1] += 1;
    }
    for at in 0..classes {
        ends[at + 1] += ends[at];
    }
    let mut next = ends.clone();
    let mut sorted = vec![By::Certain(PolicyId::at(0)); found.len()];
    for (class, by) in found {
        sorted[next[class.index()]] = *by;
        next[class.index()] += 1;
    }
    (sorted, ends)
}

struct Interner<'r> {
    policies: Policies<'r>,
    selected: Selected,
    /// By policy: the directions that it concerns.
    concerns: Vec<[bool; 2]>,
    ids: FxHashMap<Arc<Selecting>, SelectingId>,
}

impl Interner<'_> {
    /// The sets of a class, one for each direction.
    fn ids(&mut self, all: &[By]) -> [SelectingId; 2] {
        Direction::BOTH.map(|direction| {
            let concerns = |id: &PolicyId| self.concerns[id.index()][direction as usize];
            let of_direction = |by: &&By| matches!(by, By::Certain(id) if concerns(id));
            let mut selecting = Selecting {
                certain: Vec::with_capacity(all.iter().filter(of_direction).count()),
                ..Selecting::default()
            };
            for by in all {
                match by {
                    By::Certain(id) if concerns(id) => selecting.certain.push(*id),
                    By::Maybe(id) if concerns(id) => selecting.maybe.push(*id),
                    By::Certain(_) | By::Maybe(_) => {}
                    By::Unevaluated(id) => {
                        let policy = &self.policies.unevaluated[id.index()];
                        if policy.concerns(direction) {
                            selecting.unevaluated.push(*id);
                            selecting.interference = selecting.interference.with(policy.effect);
                        }
                    }
                }
            }
            let sets = &mut self.selected.sets;
            let next = SelectingId::at(sets.len());
            *self.ids.entry(Arc::new(selecting)).or_insert_with_key(|selecting| {
                sets.push(Arc::clone(selecting));
                next
            })
        })
    }
}

fn may_select(policy: &Unevaluated, class: &Class) -> bool {
    match class.kind {
        ClassKind::Pods => true,
        ClassKind::Hosts => policy.may_select_hosts(),
        ClassKind::External => false,
    }
}
