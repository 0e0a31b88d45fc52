//! Which pairs of two groups a change is about: those that stand in its situation, told from where their ends are. Found
//! from groups and never one by one.

use std::sync::Arc;

use np_model::Model;
use np_model::addr::AddrSet;
use np_model::model::{ClassKind, NodeId, PodId};
use np_model::refine::Aligned;
use rustc_hash::FxHashMap;

use crate::diff::{Change, Group, Situation};
use crate::reach::Relation;

/// A change as products of those that have partners in its situation, each with whether it is about all pairs of its
/// groups, but for members with themselves. It is one, but where some pods and hosts are left out for being on one node:
/// then the pairs of a pod and a host are told apart from all others.
pub(super) fn products(models: [&Model; 2], mut change: Change) -> Vec<(Change, bool)> {
    if meet(models, &mut change) {
        return vec![(change, true)];
    }
    let [from, to] = [&change.from, &change.to].map(|group| by_host(models, group));
    let pairs = from.iter().flat_map(|from| to.iter().map(move |to| (from, to)));
    let parts = pairs.map(|(from, to)| {
        let mut part = Change { from: Arc::clone(from), to: Arc::clone(to), ..change.clone() };
        let is_product = meet(models, &mut part);
        (part, is_product)
    });
    parts.filter(|(part, _)| part.count > 0).collect()
}

/// Cuts the groups of a change to the members that have a partner in its situation, and counts the pairs; gives whether
/// these are all pairs of the groups, but for members with themselves.
pub(super) fn meet(models: [&Model; 2], change: &mut Change) -> bool {
    let [from, to] = [(&change.from, &change.to), (&change.to, &change.from)]
        .map(|(group, other)| partnered(models, group, other, change.situation));
    (change.from, change.to) = (from, to);
    change.count = count(models, change);
    change.situation.is_identity() || change.count == product(models, &change.from, &change.to)
}

/// The members of a group: hosts and nodes, and all others.
fn by_host(models: [&Model; 2], group: &Arc<Group>) -> Vec<Arc<Group>> {
    let (hosts, pods): (Vec<_>, Vec<_>) = group.pods.iter().partition(|pod| is_host(&spot(models, **pod)));
    let hosts = Group { addresses: AddrSet::default(), nodes: group.nodes.clone(), pods: hosts };
    let others = Group { addresses: group.addresses.clone(), nodes: Vec::new(), pods };
    [hosts, others].into_iter().filter(|group| !group.is_empty()).map(Arc::new).collect()
}

/// The members of a group that have a partner among the others.
fn partnered(models: [&Model; 2], group: &Arc<Group>, others: &Group, situation: Situation) -> Arc<Group> {
    let mut met = Group::clone(group);
    if situation.is_identity() {
        met.pods.retain(|pod| of_itself(models, *pod) == situation && others.pods.binary_search(pod).is_ok());
        met.nodes.retain(|node| others.nodes.binary_search(node).is_ok());
    } else {
        // Nobody is a stranger to itself.
        let is_strange = situation.is_strange();
        let is_node_itself = |node: &Aligned<NodeId>| is_strange && others.nodes.binary_search(node).is_ok();
        let is_pod_itself = |pod: &Aligned<PodId>| {
            is_strange && others.pods.binary_search(pod).is_ok() && is_one(models, *pod)
        };
        let are_placed = [&**group, others].into_iter().any(|group| has_hosts(models, group));
        let partners = are_placed.then(|| Partners::of(models, others));
        let all = ends(others);
        let count =
            |spot: Spot<'_>| partners.as_ref().map_or(all, |partners| partners.count(&spot, situation));
        met.nodes.retain(|node| count(spot_of_node(models, *node)) > u64::from(is_node_itself(node)));
        met.pods.retain(|pod| count(spot(models, *pod)) > u64::from(is_pod_itself(pod)));
    }
    if met == **group { Arc::clone(group) } else { Arc::new(met) }
}

/// How many pairs of pods and nodes a change is about, external addresses as one.
fn count(models: [&Model; 2], change: &Change) -> u64 {
    let (from, to) = (&change.from, &change.to);
    if change.situation.is_identity() {
        let of = |pod: &&Aligned<PodId>| of_itself(models, **pod) == change.situation;
        let pods = from.pods.iter().filter(of).filter(|pod| to.pods.binary_search(pod).is_ok());
        let nodes = from.nodes.iter().filter(|node| to.nodes.binary_search(node).is_ok());
        return (pods.count() + nodes.count()) as u64;
    }
    if [from, to].into_iter().all(|group| !has_hosts(models, group)) {
        return product(models, from, to);
    }
    let destinations = Partners::of(models, to);
    let partners = |(spot, these): (&Spot<'_>, &u64)| these * destinations.count(spot, change.situation);
    let all: u64 = spots(models, from).iter().map(partners).sum();
    // A host and itself are strangers by their places, and so is a pod.
    if change.situation.is_strange() { all - themselves(models, from, to) } else { all }
}

/// How many pairs two groups make, but for members with themselves.
fn product(models: [&Model; 2], from: &Group, to: &Group) -> u64 {
    ends(from) * ends(to) - themselves(models, from, to)
}

/// How many pods and nodes there are, addresses as one.
fn ends(group: &Group) -> u64 {
    (group.pods.len() + group.nodes.len() + usize::from(!group.addresses.is_empty())) as u64
}

impl Situation {
    /// Whether its ends are strangers in either model that has both.
    fn is_strange(self) -> bool {
        [self.base, self.head].iter().all(|one| matches!(one, None | Some(Relation::Strangers)))
    }
}

/// What a pod and itself are to each other: several that are told as one are strangers.
pub(super) fn of_itself(models: [&Model; 2], pod: Aligned<PodId>) -> Situation {
    let relation = |side: usize| {
        let is_several = models[side].pod(pod.sides()[side]?).is_several();
        Some(if is_several { Relation::Strangers } else { Relation::Itself })
    };
    Situation { base: relation(0), head: relation(1) }
}

/// How many pods and nodes are on both sides and cannot talk to themselves as strangers.
fn themselves(models: [&Model; 2], from: &Group, to: &Group) -> u64 {
    // The members of a group are sorted by name, and so by id on either side.
    let pods = from.pods.iter().filter(|pod| to.pods.binary_search(pod).is_ok() && is_one(models, **pod));
    let nodes = from.nodes.iter().filter(|node| to.nodes.binary_search(node).is_ok());
    (pods.count() + nodes.count()) as u64
}

/// Whether a pod is one in some model, and no stranger to itself.
fn is_one(models: [&Model; 2], pod: Aligned<PodId>) -> bool {
    let sides = [0, 1].map(|side| pod.sides()[side].map(|id| models[side].pod(id).is_several()));
    sides.contains(&Some(false))
}

/// Where a member is in one model, as far as it matters to what two of them are to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Place<'m> {
    Outside,
    Pod(Option<&'m str>),
    Host(Option<&'m str>),
}

/// The same in either model; `None` in one that lacks it.
pub(super) type Spot<'m> = [Option<Place<'m>>; 2];

fn is_host(spot: &Spot<'_>) -> bool {
    spot.iter().any(|place| matches!(place, Some(Place::Host(_))))
}

fn spots<'m>(models: [&'m Model; 2], group: &Group) -> FxHashMap<Spot<'m>, u64> {
    let mut spots = FxHashMap::default();
    let mut add = |spot: Spot<'m>| *spots.entry(spot).or_insert(0) += 1;
    if !group.addresses.is_empty() {
        add([Some(Place::Outside); 2]);
    }
    group.nodes.iter().for_each(|node| add(spot_of_node(models, *node)));
    group.pods.iter().for_each(|pod| add(spot(models, *pod)));
    spots
}

pub(super) fn spot(models: [&Model; 2], pod: Aligned<PodId>) -> Spot<'_> {
    [0, 1].map(|side| {
        let pod = models[side].pod(pod.sides()[side]?);
        let node = pod.node_name.as_deref();
        let is_host = models[side].class(pod.class).kind == ClassKind::Hosts;
        Some(if is_host { Place::Host(node) } else { Place::Pod(node) })
    })
}

fn spot_of_node(models: [&Model; 2], node: Aligned<NodeId>) -> Spot<'_> {
    [0, 1].map(|side| Some(Place::Host(Some(&models[side].node(node.sides()[side]?).name))))
}

pub(super) fn has_hosts(models: [&Model; 2], group: &Group) -> bool {
    !group.nodes.is_empty() || group.pods.iter().any(|pod| is_host(&spot(models, *pod)))
}

/// Members of a group by where they are, to be counted as partners without a look at each.
struct Partners<'m>(FxHashMap<Form, Named<'m>>);

/// What a place is, and whether its node is known.
type Form = [Option<(Is, bool)>; 2];

/// How many there are: in all, and by the names of their nodes in the base, in the head, and in both.
#[derive(Default)]
struct Named<'m> {
    all: u64,
    by_side: [FxHashMap<&'m str, u64>; 2],
    by_both: FxHashMap<[&'m str; 2], u64>,
}

/// What the node of a partner must be in one model.
#[derive(Clone, Copy, PartialEq)]
enum Wanted {
    Any,
    Same,
    Other,
}

impl Place<'_> {
    fn form(self) -> (Is, bool) {
        match self {
            Self::Outside => (Is::Outside, false),
            Self::Pod(node) => (Is::Pod, node.is_some()),
            Self::Host(node) => (Is::Host, node.is_some()),
        }
    }
}

/// What is somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Is {
    Outside,
    Pod,
    Host,
}

impl<'m> Partners<'m> {
    fn of(models: [&'m Model; 2], group: &Group) -> Self {
        let mut forms: FxHashMap<Form, Named<'m>> = FxHashMap::default();
        for (spot, count) in spots(models, group) {
            let named = forms.entry(spot.map(|place| place.map(Place::form))).or_default();
            let nodes = nodes(&spot);
            named.all += count;
            for (by_name, node) in named.by_side.iter_mut().zip(nodes) {
                *by_name.entry(node).or_default() += count;
            }
            *named.by_both.entry(nodes).or_default() += count;
        }
        Self(forms)
    }

    /// How many of them are in a situation with a member in this place.
    fn count(&self, spot: &Spot<'_>, situation: Situation) -> u64 {
        let nodes = nodes(spot);
        let of_form = |(form, named): (&Form, &Named<'_>)| {
            let relations = [situation.base, situation.head];
            let wanted = |side: usize| wanted(spot[side].map(Place::form), form[side], relations[side]);
            let (Some(base), Some(head)) = (wanted(0), wanted(1)) else { return 0 };
            let same = |side: usize| named.by_side[side].get(nodes[side]).copied().unwrap_or(0);
            let both = || named.by_both.get(&nodes).copied().unwrap_or(0);
            match (base, head) {
                (Wanted::Any, Wanted::Any) => named.all,
                (Wanted::Same, Wanted::Any) => same(0),
                (Wanted::Any, Wanted::Same) => same(1),
                (Wanted::Same, Wanted::Same) => both(),
                (Wanted::Other, Wanted::Any) => named.all - same(0),
                (Wanted::Any, Wanted::Other) => named.all - same(1),
                (Wanted::Same, Wanted::Other) => same(0) - both(),
                (Wanted::Other, Wanted::Same) => same(1) - both(),
                (Wanted::Other, Wanted::Other) => named.all + both() - same(0) - same(1),
            }
        };
        self.0.iter().map(of_form).sum()
    }
}

/// The nodes of a place in either model; nothing where none is known.
fn nodes<'m>(spot: &Spot<'m>) -> [&'m str; 2] {
    spot.map(|place| match place {
        Some(Place::Pod(Some(node)) | Place::Host(Some(node))) => node,
        _ => "",
    })
}

/// What the node of a partner of this form must be for a relation, in one model; `None` if it is never in that.
fn wanted(own: Option<(Is, bool)>, other: Option<(Is, bool)>, relation: Option<Relation>) -> Option<Wanted> {
    let (Some((own, is_known)), Some((other, is_known_too))) = (own, other) else {
        return relation.is_none().then_some(Wanted::Any);
    };
    let is_mixed = matches!((own, other), (Is::Pod, Is::Host) | (Is::Host, Is::Pod));
    match relation? {
        Relation::Strangers if !is_mixed => Some(Wanted::Any),
        Relation::Strangers if is_known && is_known_too => Some(Wanted::Other),
        Relation::OwnNode if is_mixed && is_known && is_known_too => Some(Wanted::Same),
        Relation::MaybeOwnNode if is_mixed && !(is_known && is_known_too) => Some(Wanted::Any),
        _ => None,
    }
}

/// What two different members in these places are to each other.
pub(super) fn relate(a: &Spot<'_>, b: &Spot<'_>) -> Situation {
    let relation = |side: usize| {
        Some(match (a[side]?, b[side]?) {
            (Place::Pod(a), Place::Host(b)) | (Place::Host(a), Place::Pod(b)) => match (a, b) {
                (Some(a), Some(b)) if a == b => Relation::OwnNode,
                (Some(_), Some(_)) => Relation::Strangers,
                _ => Relation::MaybeOwnNode,
            },
            _ => Relation::Strangers,
        })
    };
    Situation { base: relation(0), head: relation(1) }
}
