//! How many pairs keep their answers, from groups and never one by one.

use std::sync::Arc;

use np_model::Model;
use np_model::model::PodId;
use np_model::refine::Aligned;
use rustc_hash::{FxHashMap, FxHashSet};

use super::relation::{Place, Spot, has_hosts, of_itself, relate, spot};
use crate::diff::{Change, Difference, Group};

/// How many pairs of workloads keep their answers, as [`super::Review::unchanged`] counts them.
pub(super) fn unchanged(base: &Model, head: &Model, difference: &Difference) -> u64 {
    let parties = Parties::of(base, head);
    parties.all().saturating_sub(parties.changed(difference))
}

/// Who forms pairs: workloads, pods of none, and last the addresses outside, as one.
struct Parties<'m> {
    models: [&'m Model; 2],
    /// By pod of either model, its party.
    of_pod: [Vec<u32>; 2],
    /// By party, whether it can talk to itself.
    is_several: Vec<bool>,
    /// How many there are in both models, in the base alone, in the head alone.
    counts: [u64; 3],
}

impl<'m> Parties<'m> {
    fn of(base: &'m Model, head: &'m Model) -> Self {
        /// A party by name.
        type Name<'m> = (&'m str, Option<np_model::facts::WorkloadKind>, &'m str);
        fn name(model: &Model, id: PodId) -> Name<'_> {
            let pod = model.pod(id);
            let namespace = model.namespace(pod.namespace).name.as_str();
            match pod.workload.map(|workload| model.workload(workload)) {
                Some(workload) => (namespace, Some(workload.kind), workload.name.as_str()),
                None => (namespace, None, pod.name.as_str()),
            }
        }
        let mut parties: FxHashMap<Name<'_>, u32> = FxHashMap::default();
        let mut pods: Vec<[u32; 2]> = Vec::new();
        let mut several: Vec<bool> = Vec::new();
        let of_pod = [base, head].map(|model| {
            let mut of_pod = Vec::with_capacity(model.pods().len());
            for id in model.pod_ids() {
                let next = u32::try_from(parties.len()).expect("no more parties than pods");
                let party = *parties.entry(name(model, id)).or_insert(next);
                if party == next {
                    pods.push([0; 2]);
                    several.push(false);
                }
                let side = usize::from(std::ptr::eq(model, head));
                pods[party as usize][side] += 1;
                several[party as usize] |= model.pod(id).is_several() || pods[party as usize][side] > 1;
                of_pod.push(party);
            }
            of_pod
        });
        let count = |is_it: fn(&[u32; 2]) -> bool| pods.iter().filter(|sides| is_it(sides)).count() as u64;
        let counts = [count(|[a, b]| *a > 0 && *b > 0), count(|[_, b]| *b == 0), count(|[a, _]| *a == 0)];
        Self { models: [base, head], of_pod, is_several: several, counts }
    }

    /// How many pairs they form, of those that are in one model together.
    fn all(&self) -> u64 {
        let [both, of_base, of_head] = self.counts;
        // The addresses outside are in both.
        let both = both + 1;
        let distinct = |count: u64| count * count.saturating_sub(1);
        let themselves = self.is_several.iter().filter(|is_several| **is_several).count() as u64;
        distinct(both) + distinct(of_base) + distinct(of_head) + 2 * both * (of_base + of_head) + themselves
    }

    /// How many of them are in a change. Sources that are in the same changes are looked at once.
    fn changed(&self, difference: &Difference) -> u64 {
        let mut whole: FxHashMap<*const Group, (FxHashSet<u32>, PartySet)> = FxHashMap::default();
        let mut reached: Vec<(FxHashSet<u32>, PartySet)> = Vec::new();
        // Parties of several pods that change towards each other.
        let mut themselves: FxHashSet<u32> = FxHashSet::default();
        for change in &difference.changes {
            let (from, to) = (&change.from, &change.to);
            self.inside(change, &mut themselves);
            if change.situation.is_identity() {
                continue;
            }
            if [from, to].into_iter().all(|group| !has_hosts(self.models, group)) {
                let new = || (self.members(from), PartySet::default());
                let (_, set) = whole.entry(Arc::as_ptr(from)).or_insert_with(new);
                self.members(to).into_iter().for_each(|party| set.insert(party));
                continue;
            }
            let (sources, destinations) = (self.placed(from), self.placed(to));
            for (a, parties) in sources {
                let met = destinations.iter().filter(|(b, _)| relate(&a, b) == change.situation);
                let mut set = PartySet::default();
                met.flat_map(|(_, parties)| parties).for_each(|party| set.insert(*party));
                reached.push((parties, set));
            }
        }
        reached.extend(whole.into_values());
        let mut groups: FxHashMap<u32, Vec<usize>> = FxHashMap::default();
        for (at, (from, _)) in reached.iter().enumerate() {
            for party in from {
                groups.entry(*party).or_default().push(at);
            }
        }
        let mut alike: FxHashMap<&[usize], Vec<u32>> = FxHashMap::default();
        for (party, groups) in &groups {
            alike.entry(groups).or_default().push(*party);
        }
        let mut changed = 0;
        for (groups, parties) in alike {
            let mut all = PartySet::default();
            for at in groups {
                all.unite(&reached[*at].1);
            }
            let count = all.len();
            changed += parties.iter().map(|party| count - u64::from(all.has(*party))).sum::<u64>();
        }
        changed + themselves.len() as u64
    }

    /// Adds the parties of which some pod changes towards another one, or one that stands for several towards itself.
    fn inside(&self, change: &Change, changed: &mut FxHashSet<u32>) {
        let pods = |group: &Group| {
            let mut pods: FxHashMap<u32, Vec<Aligned<PodId>>> = FxHashMap::default();
            for pod in &group.pods {
                let party = self.party(*pod).filter(|party| self.is_several[*party as usize]);
                if let Some(party) = party.filter(|party| !changed.contains(party)) {
                    pods.entry(party).or_default().push(*pod);
                }
            }
            pods
        };
        let (sources, destinations) = (pods(&change.from), pods(&change.to));
        for (party, these) in sources {
            let Some(those) = destinations.get(&party) else { continue };
            let is_met = |a: Aligned<PodId>, b: Aligned<PodId>| {
                let found = if a == b {
                    of_itself(self.models, a)
                } else {
                    relate(&spot(self.models, a), &spot(self.models, b))
                };
                found == change.situation
            };
            if these.iter().any(|a| those.iter().any(|b| is_met(*a, *b))) {
                changed.insert(party);
            }
        }
    }

    fn party(&self, pod: Aligned<PodId>) -> Option<u32> {
        let of = |side: usize| pod.sides()[side].map(|id| self.of_pod[side][id.index()]);
        of(1).or(of(0))
    }

    /// The parties of a group, each once.
    fn members(&self, group: &Group) -> FxHashSet<u32> {
        self.placed(group).into_values().flatten().collect()
    }

    /// The same by where they are.
    fn placed(&self, group: &Group) -> FxHashMap<Spot<'m>, FxHashSet<u32>> {
        let mut placed: FxHashMap<Spot<'m>, FxHashSet<u32>> = FxHashMap::default();
        if !group.addresses.is_empty() {
            let outside = u32::try_from(self.is_several.len()).expect("no more parties than pods");
            placed.entry([Some(Place::Outside); 2]).or_default().insert(outside);
        }
        for pod in &group.pods {
            placed.entry(spot(self.models, *pod)).or_default().extend(self.party(*pod));
        }
        placed
    }
}

/// A set of parties, as bits.
#[derive(Debug, Default)]
struct PartySet(Vec<u64>);

impl PartySet {
    fn insert(&mut self, party: u32) {
        let (word, bit) = (party as usize / 64, party % 64);
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        self.0[word] |= 1 << bit;
    }

    fn has(&self, party: u32) -> bool {
        self.0.get(party as usize / 64).is_some_and(|word| word >> (party % 64) & 1 == 1)
    }

    fn unite(&mut self, other: &Self) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        for (word, other) in self.0.iter_mut().zip(&other.0) {
            *word |= other;
        }
    }

    fn len(&self) -> u64 {
        self.0.iter().map(|word| u64::from(word.count_ones())).sum()
    }
}
