//! Products of two groups: common parts, what is left, and how many pairs there are.

use std::collections::BTreeMap;
use std::sync::Arc;

use np_model::Model;
use np_model::delta::DeltaId;
use np_model::model::{ClassKind, PodId};
use np_model::refine::Aligned;
use rustc_hash::{FxHashMap, FxHashSet};

use super::Caused;
use crate::diff::{Change, End, Group, Situation, situation};

/// Pairs of a change: those of the two groups that are in its situation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Region {
    pub(super) from: Arc<Group>,
    pub(super) to: Arc<Group>,
}

impl Group {
    /// How many members it has, addresses counted as one.
    pub(super) fn len(&self) -> u64 {
        (self.pods.len() + self.nodes.len() + 1) as u64
    }
}

/// The members of a group that are so, and the others, each in the same order.
pub(super) fn partition(
    group: &Arc<Group>,
    addresses: &np_model::addr::AddrSet,
    is_node: impl Fn(&Aligned<np_model::model::NodeId>) -> bool,
    is_pod: impl Fn(&Aligned<PodId>) -> bool,
) -> [Arc<Group>; 2] {
    let within = group.addresses.and(addresses);
    let (nodes, other_nodes): (Vec<_>, Vec<_>) = group.nodes.iter().partition(|node| is_node(node));
    let (pods, other_pods): (Vec<_>, Vec<_>) = group.pods.iter().partition(|pod| is_pod(pod));
    if within == group.addresses && other_nodes.is_empty() && other_pods.is_empty() {
        return [Arc::clone(group), Arc::default()];
    }
    let rest = group.addresses.minus(&within);
    [
        Arc::new(Group { addresses: within, nodes, pods }),
        Arc::new(Group { addresses: rest, nodes: other_nodes, pods: other_pods }),
    ]
}

/// The parts of a change with their causes, united where these are the same, and counted; sorted by cause.
pub(super) fn collect(
    models: [&Model; 2],
    change: &Change,
    parts: Vec<(Vec<DeltaId>, bool, Region)>,
) -> Vec<Caused> {
    let mut by_cause: BTreeMap<(Vec<DeltaId>, bool), Vec<Region>> = BTreeMap::new();
    for (cause, is_smallest, region) in parts {
        by_cause.entry((cause, is_smallest)).or_default().push(region);
    }
    let is_identity = change.situation.is_identity();
    let mut found = Vec::new();
    for ((cause, is_smallest), regions) in by_cause {
        for Region { from, to } in unite(change, regions, is_identity) {
            let is_all = *from == *change.from && *to == *change.to;
            let count = if is_all { change.count } else { count(models, &from, &to, change.situation) };
            let change = Change { from, to, count, ..change.clone() };
            if count > 0 {
                found.push(Caused { change, cause: cause.clone(), is_smallest });
            }
        }
    }
    found
}

/// Unites products with a side in common; none of them meets another.
fn unite(change: &Change, regions: Vec<Region>, is_identity: bool) -> Vec<Region> {
    if regions.len() < 2 {
        return regions;
    }
    if is_identity {
        let all = together(&change.from, regions.iter().map(|region| &*region.from));
        return vec![Region { from: Arc::clone(&all), to: all }];
    }
    let mut by_destination: BTreeMap<Arc<Group>, Vec<Arc<Group>>> = BTreeMap::new();
    for Region { from, to } in regions {
        by_destination.entry(to).or_default().push(from);
    }
    let mut by_source: BTreeMap<Arc<Group>, Vec<Arc<Group>>> = BTreeMap::new();
    for (to, all) in by_destination {
        let from = together(&change.from, all.iter().map(|group| &**group));
        by_source.entry(from).or_default().push(to);
    }
    let united = by_source.into_iter().map(|(from, all)| {
        let to = together(&change.to, all.iter().map(|group| &**group));
        Region { from, to }
    });
    united.collect()
}

/// Disjoint parts of a group as one, in its order.
fn together<'g>(whole: &Arc<Group>, mut parts: impl Iterator<Item = &'g Group>) -> Arc<Group> {
    let Some(first) = parts.next() else { return Arc::default() };
    let mut addresses = first.addresses.clone();
    let mut nodes: FxHashSet<_> = first.nodes.iter().copied().collect();
    let mut pods: FxHashSet<_> = first.pods.iter().copied().collect();
    for part in parts {
        addresses = addresses.or(&part.addresses);
        nodes.extend(part.nodes.iter().copied());
        pods.extend(part.pods.iter().copied());
    }
    let [all, _] = partition(whole, &addresses, |node| nodes.contains(node), |pod| pods.contains(pod));
    all
}

/// How many pairs of two groups are in a situation; external addresses count as one end. The members of each group are of
/// one kind in either model.
pub(super) fn count(models: [&Model; 2], from: &Group, to: &Group, wanted: Situation) -> u64 {
    let is_it = |a: End<'_>, b: End<'_>| situation(models, a, b) == wanted;
    let (Some(a), Some(b)) = (from.ends().next(), to.ends().next()) else { return 0 };
    let is_mixed = (0..2).any(|side| match [a, b].map(|end| is_host(models, end, side)) {
        [Some(a), Some(b)] => a != b,
        _ => false,
    });
    if is_mixed {
        // Where they are decides.
        let [from, to] = [from, to].map(|group| by_place(models, group));
        let mut count = 0;
        for (a, sources) in from.values() {
            for (b, destinations) in to.values() {
                count += if is_it(*a, *b) { sources * destinations } else { 0 };
            }
        }
        return count;
    }
    let pods: FxHashSet<_> = from.pods.iter().collect();
    let nodes: FxHashSet<_> = from.nodes.iter().collect();
    let common = to.ends().filter(|end| match end {
        End::External(_) => false,
        End::Node(node) => nodes.contains(node),
        End::Pod(pod) => pods.contains(pod),
    });
    let (mut same, mut count) = (0, 0);
    for end in common {
        same += 1;
        count += u64::from(is_it(end, end));
    }
    let others = from.ends().count() as u64 * to.ends().count() as u64 - same;
    let other = from.ends().find_map(|a| to.ends().find(|b| *b != a).map(|b| (a, b)));
    count + other.filter(|(a, b)| is_it(*a, *b)).map_or(0, |_| others)
}

/// Whether an end is a host in a model; `None` if it is not there, or no endpoint of the cluster.
fn is_host(models: [&Model; 2], end: End<'_>, side: usize) -> Option<bool> {
    match end {
        End::External(_) => None,
        End::Node(node) => node.sides()[side].map(|_| true),
        End::Pod(pod) => {
            let model = models[side];
            pod.sides()[side].map(|id| model.class(model.pod(id).class).kind == ClassKind::Hosts)
        }
    }
}

/// The members of a group by the nodes that they are on in either model: one of them, and how many.
fn by_place<'g>(models: [&'g Model; 2], group: &'g Group) -> FxHashMap<[Option<&'g str>; 2], (End<'g>, u64)> {
    let mut found: FxHashMap<_, (End<'g>, u64)> = FxHashMap::default();
    for end in group.ends() {
        let place = [0, 1].map(|side| match end {
            End::External(_) => None,
            End::Node(node) => node.sides()[side].map(|id| models[side].node(id).name.as_str()),
            End::Pod(pod) => pod.sides()[side].and_then(|id| models[side].pod(id).node_name.as_deref()),
        });
        found.entry(place).or_insert((end, 0)).1 += 1;
    }
    found
}
