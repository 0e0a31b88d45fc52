//! The differences as groups of endpoints with one change each, sorted.

use std::sync::Arc;

use np_model::addr::AddrSet;
use np_model::conn::ConnTable;
use np_model::ir::Direction;
use np_model::model::{ClassKind, ClassSet, Selecting};
use np_model::refine::{Aligned, Refinement};
use rustc_hash::FxHashMap;

use super::cells::{Alike, Compare, Pairs};
use super::{Change, Difference, Group, Isolation, IsolationChange, Passing};
use crate::rows::Bounds;

/// Compares, and collects what differs; `None` if that is seen to be more than is wanted.
pub(super) fn difference(refinement: &Refinement<'_>, mut compare: Compare<'_, '_>) -> Option<Difference> {
    let found = compare.differences()?;
    let mut groups = Groups { refinement, known: FxHashMap::default() };
    let mut changes: Vec<(Rank, Change)> = Vec::new();
    for (alike, pairs) in found {
        for Pairs { from, to, count } in merge(alike, pairs) {
            let ((a, from), (b, to)) = (groups.of(&from), groups.of(&to));
            let [before, after] =
                [alike.before, alike.after].map(|bounds| passing(&compare.base.table, bounds));
            let change = Change { from, to, situation: alike.situation, before, after, count };
            changes.push(((a, b), change));
        }
    }
    changes.sort_by(|(a, one), (b, other)| {
        let rest = |change: &Change| (change.situation, change.before.clone(), change.after.clone());
        a.cmp(b).then_with(|| rest(one).cmp(&rest(other)))
    });
    let isolation = isolation(&compare, &mut groups);
    let hidden = compare.hidden.each_ref().map(|classes| groups.of(classes).1);
    let [removed, added] = alone(refinement);
    let changes = changes.into_iter().map(|(_, change)| change).collect();
    Some(Difference { changes, isolation, hidden, added, removed })
}

/// What groups are sorted by: those of both ends.
type Rank = (Key, Key);

/// Addresses, and positions of nodes and pods.
type Key = Arc<(AddrSet, Vec<u32>, Vec<u32>)>;

fn passing(table: &ConnTable, Bounds { certain, possible }: Bounds) -> Passing {
    let passes = table.get(certain).clone();
    Passing { open: table.get(possible).minus(&passes), passes }
}

/// Unites pairs that change alike: those to the same destinations, and then those from the same sources.
fn merge(alike: Alike, pairs: Vec<Pairs>) -> Vec<Pairs> {
    let is_external = |end: usize| alike.kinds[end].contains(&Some(ClassKind::External));
    if alike.situation.is_identity() {
        let mut all = Pairs { from: ClassSet::default(), to: ClassSet::default(), count: 0 };
        for one in pairs {
            all.from.unite(&one.from);
            all.count += one.count;
        }
        all.to = all.from.clone();
        return vec![all];
    }
    let mut by_destination: FxHashMap<ClassSet, (ClassSet, u64)> = FxHashMap::default();
    for Pairs { from, to, count } in pairs {
        let (all, sum) = by_destination.entry(to).or_default();
        all.unite(&from);
        *sum = if is_external(0) { count } else { *sum + count };
    }
    let mut by_source: FxHashMap<ClassSet, (ClassSet, u64)> = FxHashMap::default();
    for (to, (from, count)) in by_destination {
        let (all, sum) = by_source.entry(from).or_default();
        all.unite(&to);
        *sum = if is_external(1) { count } else { *sum + count };
    }
    by_source.into_iter().map(|(from, (to, count))| Pairs { from, to, count }).collect()
}

/// Groups of endpoints, each made once.
struct Groups<'m> {
    refinement: &'m Refinement<'m>,
    known: FxHashMap<ClassSet, (Key, Arc<Group>)>,
}

impl Groups<'_> {
    fn of(&mut self, classes: &ClassSet) -> (Key, Arc<Group>) {
        if let Some((key, group)) = self.known.get(classes) {
            return (Arc::clone(key), Arc::clone(group));
        }
        let refinement = self.refinement;
        let (mut addresses, mut nodes, mut pods) = (AddrSet::default(), Vec::new(), Vec::new());
        for class in classes.iter() {
            addresses = addresses.or(&refinement.addresses_of(class));
            nodes.extend_from_slice(&refinement.nodes_of(class));
            pods.extend_from_slice(&refinement.pods_of(class));
        }
        nodes.sort_unstable();
        pods.sort_unstable();
        let group = Group {
            addresses: addresses.clone(),
            nodes: nodes.iter().map(|at| refinement.nodes()[*at as usize]).collect(),
            pods: pods.iter().map(|at| refinement.pods()[*at as usize]).collect(),
        };
        let made = (Arc::new((addresses, nodes, pods)), Arc::new(group));
        self.known.insert(classes.clone(), made.clone());
        made
    }
}

/// Who is isolated otherwise.
fn isolation(compare: &Compare<'_, '_>, groups: &mut Groups<'_>) -> Vec<IsolationChange> {
    let of = |selecting: &Selecting| {
        if !selecting.certain.is_empty() {
            Isolation::Isolated
        } else if selecting.may_isolate() {
            Isolation::Maybe
        } else {
            Isolation::None
        }
    };
    let mut found = Vec::new();
    for (direction, teams) in Direction::BOTH.into_iter().zip(&compare.changed) {
        let mut classes: FxHashMap<(Isolation, Isolation), ClassSet> = FxHashMap::default();
        for (team, of_team) in teams {
            let sides = [0, 1].map(|side| team.selecting(compare.models, side).map(of));
            if let [Some(before), Some(after)] = sides
                && before != after
            {
                classes.entry((before, after)).or_default().unite(of_team);
            }
        }
        let mut classes: Vec<_> = classes.into_iter().collect();
        classes.sort_unstable_by_key(|(change, _)| *change);
        let changes = classes.into_iter().map(|((before, after), classes)| IsolationChange {
            direction,
            pods: groups.of(&classes).1,
            before,
            after,
        });
        // A model may have classes that nobody is in any more.
        found.extend(changes.filter(|change| !change.pods.is_empty()));
    }
    found
}

/// The endpoints of either model alone.
fn alone(refinement: &Refinement<'_>) -> [Group; 2] {
    fn only<Id: Copy>(all: &[Aligned<Id>], is_it: impl Fn(&Aligned<Id>) -> bool) -> Vec<Aligned<Id>> {
        all.iter().copied().filter(is_it).collect()
    }
    let addresses = AddrSet::default;
    [
        Group {
            addresses: addresses(),
            nodes: only(refinement.nodes(), |one| one.head().is_none()),
            pods: only(refinement.pods(), |one| one.head().is_none()),
        },
        Group {
            addresses: addresses(),
            nodes: only(refinement.nodes(), |one| one.base().is_none()),
            pods: only(refinement.pods(), |one| one.base().is_none()),
        },
    ]
}
