//! Which policies select each class in each direction, and those that may and cannot be evaluated.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::classes::Classes;
use super::rules::Vocabulary;
use crate::groups::Groups;
use crate::ir::{Direction, Policy, PolicyId, Scope, Unevaluated, UnevaluatedId};
use crate::model::{
    Class, ClassId, ClassKind, ClassSet, Interference, Match, NamespaceId, Selecting, SelectingId,
};

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
#[derive(Debug, Clone, Copy)]
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
        yes.within(inside).for_each(|class| found.push((class, By::Certain(id))));
        maybe.within(inside).for_each(|class| found.push((class, By::Maybe(id))));
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
        found: Default::default(),
    };
    // What selects a class, in the order of `found`.
    let by_class = Groups::of(classes.all.len(), &found, |(class, by)| (class.index(), *by));
    for of_class in by_class.iter() {
        let both = interner.ids(of_class);
        interner.selected.of_class.push(both);
    }
    interner.selected
}

struct Interner<'r> {
    policies: Policies<'r>,
    selected: Selected,
    /// By policy: the directions that it concerns.
    concerns: Vec<[bool; 2]>,
    ids: FxHashMap<Arc<Selecting>, SelectingId>,
    /// Used again for class after class: by direction.
    found: [Selecting; 2],
}

impl Interner<'_> {
    /// The sets of a class, one for each direction.
    fn ids(&mut self, all: &[By]) -> [SelectingId; 2] {
        for found in &mut self.found {
            found.certain.clear();
            found.maybe.clear();
            found.unevaluated.clear();
            found.interference = Interference::default();
        }
        for by in all {
            for (direction, found) in Direction::BOTH.into_iter().zip(&mut self.found) {
                let concerns = |id: &PolicyId| self.concerns[id.index()][direction as usize];
                match by {
                    By::Certain(id) if concerns(id) => found.certain.push(*id),
                    By::Maybe(id) if concerns(id) => found.maybe.push(*id),
                    By::Certain(_) | By::Maybe(_) => {}
                    By::Unevaluated(id) => {
                        let policy = &self.policies.unevaluated[id.index()];
                        if policy.concerns(direction) {
                            found.unevaluated.push(*id);
                            found.interference = found.interference.with(policy.effect);
                        }
                    }
                }
            }
        }
        let Self { found, ids, selected: Selected { sets, .. }, .. } = self;
        found.each_ref().map(|found| {
            if let Some(known) = ids.get(found) {
                return *known;
            }
            let (set, id) = (Arc::new(found.clone()), SelectingId::at(sets.len()));
            sets.push(Arc::clone(&set));
            ids.insert(set, id);
            id
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
