//! The smallest sets of changes that give pairs what the head gives them: by size, fewest first.

use std::collections::BTreeSet;
use std::rc::Rc;

use np_model::delta::{Delta, DeltaId, Deltas};
use np_model::ir::{Direction, PolicyId, Rule};
use np_model::refine::Aligned;
use rustc_hash::FxHashMap;

use super::concern::Switch;
use super::divide::Share;
use super::region::Region;
use super::try_out::Trial;
use crate::diff::{Change, Comparer};

/// How many sets of changes are tried at most; one that takes a compile counts as several.
const MOST: usize = 256;

/// As how many.
const COMPILE: usize = 8;

/// How much is looked at, at most, to make trials and to divide pairs by them: pods, members of groups, and each class for
/// each rule that changes with a set. This bounds the time where very much changes, and does not depend on the clock.
pub(super) const WORK: u64 = 1 << 23;

/// Of how many changes all sets are tried.
const FEW: usize = 6;

/// How many trials are kept.
const KEPT: usize = 64;

/// Tries sets of changes, each once as long as it is kept.
pub(super) struct Search<'m> {
    deltas: &'m Deltas<'m>,
    /// Rows of the base are built once for all trials.
    comparer: Comparer<'m>,
    trials: FxHashMap<Vec<DeltaId>, Rc<Trial>>,
    /// How many of [`MOST`].
    tried: usize,
    work: u64,
    /// How much work may be done.
    most_work: u64,
}

/// A part of a change with its cause, and whether that is proven to be the smallest.
type Found = (Vec<DeltaId>, bool, Region);

/// What a cause is looked for among: all together do it.
#[derive(Clone, Copy)]
struct Among<'s> {
    some: &'s [DeltaId],
    /// All that can concern the pairs.
    all: &'s [DeltaId],
    /// Those that every cause has.
    must: &'s [DeltaId],
    switches: &'s [Switch],
}

impl<'m> Search<'m> {
    pub(super) fn new(deltas: &'m Deltas<'m>, most_work: u64) -> Self {
        let comparer = Comparer::new(deltas.models[0]);
        Self { deltas, comparer, trials: FxHashMap::default(), tried: 0, work: 0, most_work }
    }

    /// Divides some pairs of a change by cause.
    pub(super) fn causes(&mut self, change: &Change, share: Share, found: &mut Vec<Found>) {
        let Share { region, some, must, switches, is_settled, is_coarse } = share;
        if is_settled || some.len() <= must.len().max(1) && !some.is_empty() {
            found.push((some, true, region));
        } else if is_coarse {
            found.push((some, false, region));
        } else {
            let some = if some.is_empty() { self.deltas.ids().collect() } else { some };
            self.within(
                change,
                region,
                Among { some: &some, all: &some, must: &must, switches: &switches },
                found,
            );
        }
    }

    /// The same among changes of which all together do it.
    fn within(&mut self, change: &Change, region: Region, among: Among<'_>, found: &mut Vec<Found>) {
        let Among { some, must, switches, .. } = among;
        let free: Vec<DeltaId> = some.iter().copied().filter(|id| !must.contains(id)).collect();
        let mut left = vec![region];
        if free.len() > FEW {
            return self.shrink(change, left, among, found);
        }
        for size in usize::from(must.is_empty())..free.len() {
            for chosen in subsets(free.len(), size) {
                if left.is_empty() {
                    return;
                }
                let chosen = chosen.into_iter().map(|at| free[at]).chain(must.iter().copied());
                let set: Vec<DeltaId> = chosen.collect::<BTreeSet<_>>().into_iter().collect();
                if switches.iter().any(|switch| switch.is_idle(&set)) {
                    continue;
                }
                let Some(trial) = self.trial(&set, among) else {
                    found.extend(left.into_iter().map(|region| (some.to_vec(), false, region)));
                    return;
                };
                let mut rest = Vec::new();
                for region in left {
                    let [met, others] = trial.carve(self.deltas.models, change, region, &mut self.work);
                    found.extend(met.into_iter().map(|region| (set.clone(), true, region)));
                    rest.extend(others);
                }
                left = rest;
            }
        }
        found.extend(left.into_iter().map(|region| (some.to_vec(), true, region)));
    }

    /// Leaves one change after the other away as long as that does it too, and looks into what is left.
    fn shrink(&mut self, change: &Change, regions: Vec<Region>, among: Among<'_>, found: &mut Vec<Found>) {
        let Among { some, must, .. } = among;
        let mut open: Vec<(Vec<Region>, Vec<DeltaId>, usize)> = vec![(regions, some.to_vec(), 0)];
        while let Some((regions, set, at)) = open.pop() {
            if regions.is_empty() {
                continue;
            }
            let Some(next) = (at..set.len()).find(|at| !must.contains(&set[*at])) else {
                for region in regions {
                    if set.len() - must.len() <= FEW {
                        self.within(change, region, Among { some: &set, ..among }, found);
                    } else {
                        found.push((set.clone(), false, region));
                    }
                }
                continue;
            };
            let mut less = set.clone();
            less.remove(next);
            let Some(trial) = self.trial(&less, among) else {
                found.extend(regions.into_iter().map(|region| (set.clone(), false, region)));
                continue;
            };
            let (mut met, mut left) = (Vec::new(), Vec::new());
            for region in regions {
                let [done, others] = trial.carve(self.deltas.models, change, region, &mut self.work);
                met.extend(done);
                left.extend(others);
            }
            open.push((left, set, next + 1));
            open.push((met, less, next));
        }
    }

    /// Tries a set of changes, with others that cannot concern the pairs; `None` if too many were tried.
    fn trial(&mut self, set: &[DeltaId], among: Among<'_>) -> Option<Rc<Trial>> {
        if self.work >= self.most_work {
            return None;
        }
        let mut set = set.to_vec();
        if !among.must.is_empty() {
            // With everybody who comes, other pairs can be told by the same trial.
            let comes = |id: &DeltaId| match self.deltas.get(*id) {
                Delta::Pods(pods) => pods.iter().all(|pod| matches!(pod, Aligned::Head(_))),
                Delta::Node(node) => matches!(node, Aligned::Head(_)),
                _ => false,
            };
            set.extend(self.deltas.ids().filter(comes).filter(|id| among.all.binary_search(id).is_err()));
            set.sort_unstable();
        }
        if let Some(known) = self.trials.get(&set) {
            return Some(Rc::clone(known));
        }
        let is_compiled = |id: &DeltaId| {
            let delta = self.deltas.get(*id);
            matches!(delta, Delta::Pods(_) | Delta::Node(_) | Delta::Unevaluated(_) | Delta::Rest)
        };
        let cost = if set.iter().any(is_compiled) { COMPILE } else { 1 };
        if self.tried + cost > MOST {
            return None;
        }
        self.tried += cost;
        if self.trials.len() == KEPT {
            self.trials.clear();
        }
        let [base, head] = self.deltas.models;
        let pods = (base.pods().len() + head.pods().len()) as u64;
        self.work += pods * cost as u64 + base.class_ids().len() as u64 * self.rules(&set);
        let trial = Rc::new(Trial::of(self.deltas, &mut self.comparer, &set, &mut self.work));
        self.trials.insert(set, Rc::clone(&trial));
        Some(trial)
    }

    /// How many rules are read again where a set of changes is made: those of each policy that it touches; one for any other
    /// change.
    fn rules(&self, set: &[DeltaId]) -> u64 {
        let policies: BTreeSet<_> = set.iter().filter_map(|id| self.deltas.policy(*id)).collect();
        let of_side = |side: usize, policy: Option<PolicyId>| {
            let policy = policy.map(|id| self.deltas.models[side].policy(id));
            let rules =
                |direction| policy.and_then(|policy| policy.rules(direction)).map_or(0, <[Rule]>::len);
            Direction::BOTH.into_iter().map(rules).sum::<usize>()
        };
        let of = |policy: Aligned<PolicyId>| {
            let [base, head] = policy.sides();
            of_side(0, base).max(of_side(1, head))
        };
        (set.len() + policies.into_iter().map(of).sum::<usize>()) as u64
    }
}

/// The subsets of one size of `0..count`, in order.
fn subsets(count: usize, size: usize) -> Vec<Vec<usize>> {
    let mut all = vec![Vec::new()];
    for _ in 0..size {
        let longer = all.into_iter().flat_map(|set: Vec<usize>| {
            let first = set.last().map_or(0, |last| last + 1);
            (first..count).map(move |at| [&set[..], &[at]].concat())
        });
        all = longer.collect();
    }
    all
}

#[cfg(test)]
mod tests {
    use super::subsets;

    #[test]
    fn subsets_of_each_size() {
        assert_eq!(subsets(3, 0), [Vec::<usize>::new()]);
        assert_eq!(subsets(3, 2), [[0, 1], [0, 2], [1, 2]]);
        assert_eq!(subsets(3, 3), [[0, 1, 2]]);
    }
}
