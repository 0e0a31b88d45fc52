//! Groups of pairs by what can concern them.

use std::collections::BTreeSet;
use std::hash::Hash;
use std::rc::Rc;
use std::sync::Arc;

use np_model::addr::AddrSet;
use np_model::delta::DeltaId;
use np_model::ir::Direction;
use np_model::model::NodeId;
use np_model::model::PodId;
use np_model::refine::Aligned;
use rustc_hash::{FxHashMap, FxHashSet};

use super::concern::{Concern, Concerns, Switch};
use super::region::{Region, partition};
use crate::diff::{Change, End, Group};

/// Into how many parts all groups together are divided at most.
const MANY: usize = 1 << 12;

/// Rules that are told apart, for one group; what is beyond counts as if it meant everybody.
const RULES: usize = 1 << 10;

/// The same where every rule may divide addresses.
const BLOCKS: usize = 64;

/// Which of some rules may mean the members of a part, as bits; beyond them, any may.
type Meant = Rc<[u64]>;

/// Whether a rule may mean them, by position.
fn is_meant(meant: &Meant, at: usize) -> bool {
    meant.get(at / 64).is_none_or(|word| word & 1 << (at % 64) != 0)
}

/// The bits of rules, and those behind them up to the end of the word.
fn meant(rules: impl Iterator<Item = bool>) -> Vec<u64> {
    let mut words = Vec::new();
    for (at, is_meant) in rules.enumerate() {
        if at % 64 == 0 {
            words.push(u64::MAX);
        }
        if !is_meant {
            words[at / 64] &= !(1 << (at % 64));
        }
    }
    words
}

/// Some pairs of a change, and what can concern them.
pub(super) struct Share {
    pub(super) region: Region,
    /// What can concern them, ascending.
    pub(super) some: Vec<DeltaId>,
    /// Those of it without which an end would not be there.
    pub(super) must: Vec<DeltaId>,
    /// Policies that select an end in one of the two models only.
    pub(super) switches: Vec<Switch>,
    /// Whether `some` is already all that can be said.
    pub(super) is_settled: bool,
    /// Whether the groups were not divided any further.
    pub(super) is_coarse: bool,
}

/// What some members of a group have in common.
type Parts = Vec<(usize, Arc<Group>)>;

/// A group and its parts.
type Divided = Arc<(Arc<Group>, Parts)>;

/// Divides changes.
pub(super) struct Divide<'m> {
    concerns: &'m Concerns<'m>,
    known: Vec<Concern>,
    numbers: FxHashMap<Concern, usize>,
    /// By direction.
    of_pods: [FxHashMap<Aligned<PodId>, usize>; 2],
    of_nodes: [FxHashMap<Aligned<NodeId>, usize>; 2],
    of_groups: [FxHashMap<*const Group, Divided>; 2],
    shares: usize,
}

impl<'m> Divide<'m> {
    pub(super) fn new(concerns: &'m Concerns<'m>) -> Self {
        Self {
            concerns,
            known: vec![Concern::default()],
            numbers: std::iter::once((Concern::default(), 0)).collect(),
            of_pods: Default::default(),
            of_nodes: Default::default(),
            of_groups: Default::default(),
            shares: 0,
        }
    }

    /// The pairs of a change in parts.
    pub(super) fn shares(&mut self, change: &Change) -> Vec<Share> {
        if let Some(gone) = self.gone(change) {
            return gone;
        }
        let from = self.parts(Direction::Egress, &change.from);
        let to = self.parts(Direction::Ingress, &change.to);
        let mut shares = Vec::new();
        for (a, sources) in &from.1 {
            for (b, destinations) in &to.1 {
                if self.shares + shares.len() >= MANY {
                    return vec![self.coarse(change, &from.1, &to.1)];
                }
                self.meet(change, (*a, sources), (*b, destinations), &mut shares);
            }
        }
        self.shares += shares.len();
        shares
    }

    /// All of a change as one.
    fn coarse(&self, change: &Change, from: &Parts, to: &Parts) -> Share {
        let all = from.iter().chain(to).map(|(concern, _)| &self.known[*concern]);
        let all = all.flat_map(|concern| [&concern.own, &concern.policies, &concern.rules]).flatten();
        let some: BTreeSet<DeltaId> = all.copied().collect();
        Share {
            region: Region { from: Arc::clone(&change.from), to: Arc::clone(&change.to) },
            some: some.into_iter().collect(),
            must: Vec::new(),
            switches: Vec::new(),
            is_settled: false,
            is_coarse: true,
        }
    }

    /// Where an end has gone, that alone is the cause.
    fn gone(&self, change: &Change) -> Option<Vec<Share>> {
        if change.situation.head.is_some() {
            return None;
        }
        let is_gone = |group: &Group| {
            group
                .ends()
                .next()
                .is_some_and(|end| matches!(end, End::Pod(Aligned::Base(_)) | End::Node(Aligned::Base(_))))
        };
        let is_source = is_gone(&change.from);
        let group = if is_source { &change.from } else { &change.to };
        let mut found: FxHashMap<DeltaId, BTreeSet<End<'_>>> = FxHashMap::default();
        for end in group.ends() {
            found.entry(self.concerns.presence(end)?).or_default().insert(end);
        }
        let mut found: Vec<_> = found.into_iter().collect();
        found.sort_unstable_by_key(|(id, _)| *id);
        let share = |(id, ends): (DeltaId, BTreeSet<End<'_>>)| {
            let is_node = |node: &Aligned<NodeId>| ends.contains(&End::Node(*node));
            let is_pod = |pod: &Aligned<PodId>| ends.contains(&End::Pod(*pod));
            let [part, _] = partition(group, &AddrSet::default(), is_node, is_pod);
            let (from, to) = if change.situation.is_identity() {
                (Arc::clone(&part), part)
            } else if is_source {
                (part, Arc::clone(&change.to))
            } else {
                (Arc::clone(&change.from), part)
            };
            Share {
                region: Region { from, to },
                some: vec![id],
                must: Vec::new(),
                switches: Vec::new(),
                is_settled: true,
                is_coarse: false,
            }
        };
        Some(found.into_iter().map(share).collect())
    }

    /// A group by what can concern its members as subjects; each group is divided once.
    fn parts(&mut self, direction: Direction, group: &Arc<Group>) -> Divided {
        let key = Arc::as_ptr(group);
        if let Some(known) = self.of_groups[direction as usize].get(&key) {
            return Arc::clone(known);
        }
        let parts = split(group, |end| self.number(direction, end));
        // The group is held, so that no other has its place.
        let made = Arc::new((Arc::clone(group), parts));
        self.of_groups[direction as usize].insert(key, Arc::clone(&made));
        made
    }

    fn number(&mut self, direction: Direction, end: End<'_>) -> usize {
        let at = direction as usize;
        let known = match end {
            End::External(_) => return 0,
            End::Node(node) => self.of_nodes[at].get(&node),
            End::Pod(pod) => self.of_pods[at].get(&pod),
        };
        if let Some(known) = known {
            return *known;
        }
        let concern = self.concerns.of_end(direction, end);
        let Self { known, numbers, .. } = self;
        let number = *numbers.entry(concern).or_insert_with_key(|concern| {
            known.push(concern.clone());
            known.len() - 1
        });
        match end {
            End::External(_) => {}
            End::Node(node) => drop(self.of_nodes[at].insert(node, number)),
            End::Pod(pod) => drop(self.of_pods[at].insert(pod, number)),
        }
        number
    }

    /// The pairs of two parts, by the rules that may mean the other end.
    fn meet(
        &self,
        change: &Change,
        (a, sources): (usize, &Arc<Group>),
        (b, destinations): (usize, &Arc<Group>),
        shares: &mut Vec<Share>,
    ) {
        let (source, destination) = (&self.known[a], &self.known[b]);
        let met_sources = self.by_rules(sources, source, &destination.rules);
        let met_destinations = self.by_rules(destinations, destination, &source.rules);
        for (ingress, from) in &met_sources {
            for (egress, to) in &met_destinations {
                let (mut from, mut to) = (Arc::clone(from), Arc::clone(to));
                if change.situation.is_identity() {
                    from = common(&from, &to);
                    to = Arc::clone(&from);
                }
                if from.is_empty() {
                    continue;
                }
                let mut some: BTreeSet<DeltaId> = BTreeSet::new();
                for concern in [source, destination] {
                    some.extend(concern.own.iter().chain(&concern.policies));
                }
                let met = |rules: &[DeltaId], bits: &Meant| -> Vec<DeltaId> {
                    (0..rules.len()).filter(|at| is_meant(bits, *at)).map(|at| rules[at]).collect()
                };
                some.extend(met(&destination.rules, ingress));
                some.extend(met(&source.rules, egress));
                let must: BTreeSet<DeltaId> =
                    [source, destination].iter().filter_map(|concern| concern.presence).collect();
                shares.push(Share {
                    region: Region { from, to },
                    some: some.into_iter().collect(),
                    must: must.into_iter().collect(),
                    switches: [source, destination].map(|one| one.switches.clone()).concat(),
                    is_settled: false,
                    is_coarse: false,
                });
            }
        }
    }

    /// A part of a group by which of some rules may mean its members.
    fn by_rules(&self, group: &Arc<Group>, concern: &Concern, rules: &[DeltaId]) -> Vec<(Meant, Arc<Group>)> {
        if rules.is_empty() || !concern.own.is_empty() {
            return vec![(Meant::default(), Arc::clone(group))];
        }
        if !group.addresses.is_empty() {
            return self.addresses_by_rules(group, &rules[..rules.len().min(BLOCKS)]);
        }
        let rules = &rules[..rules.len().min(RULES)];
        let mut found: Vec<Meant> = Vec::new();
        let mut numbers: FxHashMap<Meant, usize> = FxHashMap::default();
        let parts = split(group, |end| {
            let bits: Meant = meant(rules.iter().map(|rule| self.concerns.may_mean(*rule, end))).into();
            *numbers.entry(bits).or_insert_with_key(|bits| {
                found.push(Rc::clone(bits));
                found.len() - 1
            })
        });
        parts.into_iter().map(|(number, part)| (Rc::clone(&found[number]), part)).collect()
    }

    fn addresses_by_rules(&self, group: &Arc<Group>, rules: &[DeltaId]) -> Vec<(Meant, Arc<Group>)> {
        let mut parts = vec![(Vec::new(), group.addresses.clone())];
        for rule in rules {
            let reach = self.concerns.addresses(*rule);
            let divided = parts.into_iter().flat_map(|(bits, addresses): (Vec<bool>, AddrSet)| {
                let with = |is_meant: bool| bits.iter().copied().chain([is_meant]).collect();
                [(with(true), addresses.and(&reach)), (with(false), addresses.minus(&reach))]
            });
            parts = divided.filter(|(_, addresses)| !addresses.is_empty()).collect();
        }
        let group = |addresses| Arc::new(Group { addresses, ..Group::default() });
        let told = |bits: Vec<bool>| meant(bits.into_iter()).into();
        parts.into_iter().map(|(bits, addresses)| (told(bits), group(addresses))).collect()
    }
}

/// The pods and nodes that are in both of two groups.
fn common(a: &Arc<Group>, b: &Group) -> Arc<Group> {
    let (nodes, pods): (FxHashSet<_>, FxHashSet<_>) = (b.nodes.iter().collect(), b.pods.iter().collect());
    let [both, _] = partition(a, &AddrSet::default(), |node| nodes.contains(node), |pod| pods.contains(pod));
    both
}

/// A group divided by a key of its members; the parts in the order of their first members.
pub(super) fn split<K: Eq + Hash + Copy>(
    group: &Arc<Group>,
    mut key: impl FnMut(End<'_>) -> K,
) -> Vec<(K, Arc<Group>)> {
    let mut parts: Vec<(K, Group)> = Vec::new();
    let mut places: FxHashMap<K, usize> = FxHashMap::default();
    for end in group.ends() {
        let key = key(end);
        let at = *places.entry(key).or_insert_with(|| {
            parts.push((key, Group::default()));
            parts.len() - 1
        });
        let part = &mut parts[at].1;
        match end {
            End::External(addresses) => part.addresses = addresses.clone(),
            End::Node(node) => part.nodes.push(node),
            End::Pod(pod) => part.pods.push(pod),
        }
    }
    if let [(key, _)] = &parts[..] {
        return vec![(*key, Arc::clone(group))];
    }
    parts.into_iter().map(|(key, part)| (key, Arc::new(part))).collect()
}
