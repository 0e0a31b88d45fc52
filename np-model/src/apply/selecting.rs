//! Who selects the classes of the namespaces whose policies change, and by which ids.
//!
//! A set of policies with any in it is one of a namespace, so that sets of other namespaces change at most
//! by the ids in them.

use std::collections::BTreeSet;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::policies::Merged;
use super::slots::Slots;
use crate::ir::{Direction, PolicyId};
use crate::model::{ClassId, Match, Model, NamespaceId, Selecting, SelectingId};
use crate::truth::Truth;

/// By class and direction, each set of policies once.
pub(super) struct Selected {
    pub(super) of_class: Vec<[SelectingId; 2]>,
    pub(super) sets: Vec<Arc<Selecting>>,
}

/// Edits the sets. `subjects` has the classes of each new policy; `externals` says how many classes of
/// external addresses there are, if they are others.
pub(super) fn edit(
    model: &Model,
    merged: &Merged,
    namespaces: &BTreeSet<NamespaceId>,
    subjects: &[Match],
    externals: Option<usize>,
) -> Selected {
    let mut of_class = model.selecting.to_vec();
    let mut sets = model.selecting_sets.clone();
    let ranges: Vec<_> = namespaces.iter().map(|id| model.of_namespace[id.index()].clone()).collect();
    let mut used = vec![false; sets.len()];
    let mut next = 0;
    for range in &ranges {
        of_class[next..range.start.max(next)].iter().flatten().for_each(|id| used[id.index()] = true);
        next = range.end.max(next);
    }
    of_class[next..].iter().flatten().for_each(|id| used[id.index()] = true);
    if merged.is_shifted() {
        for (set, _) in sets.iter_mut().zip(&used).filter(|(set, is_used)| **is_used && has_any(set)) {
            *set = Arc::new(renamed(set, merged));
        }
    }
    // Sets without a policy that can be evaluated belong to no namespace.
    let common = (0..).zip(&sets).zip(&used).filter(|((_, set), is_used)| **is_used && !has_any(set));
    let mut ids: FxHashMap<Arc<Selecting>, SelectingId> =
        common.map(|((at, set), _)| (Arc::clone(set), SelectingId::at(at))).collect();
    let mut slots = Slots::of(used);
    let mut id_of = |sets: &mut Vec<Arc<Selecting>>, set: Selecting| {
        *ids.entry(Arc::new(set)).or_insert_with_key(|set| SelectingId::at(slots.put(sets, Arc::clone(set))))
    };
    for class in ranges.into_iter().flatten() {
        for direction in Direction::BOTH {
            let mut set = renamed(model.selecting(ClassId::at(class), direction), merged);
            for (id, subject) in merged.fresh.iter().zip(subjects) {
                if merged.all[id.index()].rules(direction).is_some() {
                    match subject.of(ClassId::at(class)) {
                        Truth::Yes => set.certain.push(*id),
                        Truth::Maybe => set.maybe.push(*id),
                        Truth::No => {}
                    }
                }
            }
            set.certain.sort_unstable();
            set.maybe.sort_unstable();
            of_class[class][direction as usize] = id_of(&mut sets, set);
        }
    }
    if let Some(externals) = externals {
        let nobody = id_of(&mut sets, Selecting::default());
        of_class.truncate(model.classes.len());
        of_class.resize(model.classes.len() + externals, [nobody; 2]);
    }
    Selected { of_class, sets }
}

/// Nobody selects external addresses: as many classes of them as there are now.
pub(super) fn cover_externals(model: &mut Model) {
    let sets = &mut model.selecting_sets;
    let is_nobody = |set: &Arc<Selecting>| **set == Selecting::default();
    let at = sets.iter().position(is_nobody).unwrap_or(sets.len());
    if at == sets.len() {
        sets.push(Arc::default());
    }
    let of_class = Arc::make_mut(&mut model.selecting);
    of_class.truncate(model.classes.len());
    of_class.resize(model.classes.len() + model.externals.len(), [SelectingId::at(at); 2]);
}

fn has_any(set: &Selecting) -> bool {
    !(set.certain.is_empty() && set.maybe.is_empty())
}

/// The set with the ids that its policies have now, without those that are gone.
fn renamed(set: &Selecting, merged: &Merged) -> Selecting {
    let rename = |ids: &[PolicyId]| ids.iter().filter_map(|id| merged.moved[id.index()]).collect();
    Selecting { certain: rename(&set.certain), maybe: rename(&set.maybe), ..set.clone() }
}
