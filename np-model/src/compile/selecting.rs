//! Which policies select each class in each direction, and those that may and cannot be evaluated.

use rustc_hash::FxHashMap;

use super::classes::Classes;
use super::rules::Vocabulary;
use crate::ir::{Direction, Policy, PolicyId, Scope, Unevaluated, UnevaluatedId};
use crate::model::{Class, ClassId, ClassKind, ClassSet, Match, NamespaceId, Selecting, SelectingId};

/// By class and direction, each set of policies once.
#[derive(Debug)]
pub(super) struct Selected {
    pub(super) of_class: Vec<[SelectingId; 2]>,
    /// By [`SelectingId`].
    pub(super) sets: Vec<Selecting>,
}

/// Finds the policies. `matches` has the pods of each selector, as far as it is meant for them.
pub(super) fn select(
    policies: &[Policy],
    unevaluated: &[Unevaluated],
    vocabulary: &Vocabulary<'_>,
    matches: &[Match],
    classes: &Classes,
    namespace_id: impl Fn(&str) -> Option<NamespaceId>,
) -> Selected {
    let mut lists = vec![<[Selecting; 2]>::default(); classes.all.len()];
    let in_namespace = |id: NamespaceId| ClassSet::range(classes.of_namespace[id.index()].clone());
    // One tier, one variant: another of either brings its evaluator with it, and starts here.
    for ((policy, (namespace, subject)), id) in
        policies.iter().zip(&vocabulary.subjects).zip((0..).map(PolicyId::at))
    {
        let inside = in_namespace(*namespace);
        let Match { yes, maybe } = &matches[subject.index()];
        for direction in Direction::BOTH.into_iter().filter(|direction| policy.rules(*direction).is_some()) {
            for class in yes.and(&inside).iter() {
                lists[class.index()][direction as usize].certain.push(id);
            }
            for class in maybe.and(&inside).iter() {
                lists[class.index()][direction as usize].maybe.push(id);
            }
        }
    }
    for (policy, id) in unevaluated.iter().zip((0..).map(UnevaluatedId::at)) {
        let concerned: ClassSet = match &policy.scope {
            Scope::Namespace(name) => namespace_id(name).map(in_namespace).unwrap_or_default(),
            Scope::Cluster => {
                let all = classes.all.iter().zip((0..).map(ClassId::at));
                all.filter(|(class, _)| may_select(policy, class)).map(|(_, id)| id).collect()
            }
        };
        for direction in Direction::BOTH.into_iter().filter(|direction| policy.concerns(*direction)) {
            for class in concerned.iter() {
                let selecting = &mut lists[class.index()][direction as usize];
                selecting.unevaluated.push(id);
                selecting.interference = selecting.interference.with(policy.effect);
            }
        }
    }
    let mut ids: FxHashMap<Selecting, SelectingId> = FxHashMap::default();
    let mut sets = Vec::new();
    let mut id_of = |selecting: Selecting| {
        let next = SelectingId::at(sets.len());
        *ids.entry(selecting).or_insert_with_key(|selecting| {
            sets.push(selecting.clone());
            next
        })
    };
    let of_class = lists.into_iter().map(|both| both.map(&mut id_of)).collect();
    Selected { of_class, sets }
}

fn may_select(policy: &Unevaluated, class: &Class) -> bool {
    match class.kind {
        ClassKind::Pods => true,
        ClassKind::Hosts => policy.may_select_hosts(),
        ClassKind::External => false,
    }
}
