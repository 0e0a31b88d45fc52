//! Everything that changes with some policies, besides what was asked for: exact, pair by pair of classes.
//!
//! Only those whom the changed policies select have other answers, and of their peers only those with whom these
//! policies let something else pass. So most pairs are passed over after a look at a few rules.

use rustc_hash::{FxHashMap, FxHashSet};

use np_model::Model;
use np_model::addr::{AddrSet, Families};
use np_model::conn::ConnSet;
use np_model::ir::{Direction, PolicyId};
use np_model::model::{ClassId, ClassKind, NodeId, PodId};
use np_model::truth::Truth;

use crate::endpoint::Endpoint;
use crate::members::Part;
use crate::reach::{Members, Pair, Relation, answer};

/// What changes besides what was asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Effects {
    /// The changes, those of most pairs first.
    pub all: Vec<Effect>,
    /// For how many pairs something passes that did not.
    pub opened: u64,
    /// For how many pairs something is blocked that was not.
    pub closed: u64,
    /// For how many pairs something has become unknown.
    pub unsure: u64,
}

/// The same change of several pairs: those of each source with each destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effect {
    /// The sources.
    pub from: Members,
    /// The destinations.
    pub to: Members,
    /// What the two ends are to each other; only pairs that are that are meant.
    pub relation: Relation,
    /// How many pairs they are; the addresses of a range count as one.
    pub pairs: u64,
    /// What passes now and did not for certain.
    pub opened: ConnSet,
    /// What is blocked now and was not for certain.
    pub closed: ConnSet,
    /// What may pass now, and did or did not for certain.
    pub unsure: ConnSet,
}

/// A policy that changes: where it is in either model, if it is.
pub(super) struct Touched {
    pub(super) base: Option<PolicyId>,
    pub(super) head: Option<PolicyId>,
}

/// Endpoints that are alike in both models.
struct Group {
    base: Part,
    head: Part,
    /// Whether they are those that were asked about, as source and as destination.
    is_from: bool,
    is_to: bool,
}

/// What the models, which have the same pods, nodes and namespaces, differ in, besides the asked connections of the
/// asked pairs.
pub(super) fn effects(
    base: &Model,
    head: &Model,
    touched: &[Touched],
    (from, to, asked): (&Endpoint, &Endpoint, &ConnSet),
) -> Effects {
    let groups = groups(base, head, from, to);
    let (mut seen, mut effects) = (FxHashSet::default(), Effects::default());
    for direction in Direction::BOTH {
        for (subject, group) in groups.iter().enumerate() {
            let Some(is_steady) = affected(base, head, touched, group, direction) else { continue };
            for (other, peer) in groups.iter().enumerate() {
                if is_steady && same_shares(base, head, touched, group, peer, direction) {
                    continue;
                }
                let (a, b) = match direction {
                    Direction::Egress => (subject, other),
                    Direction::Ingress => (other, subject),
                };
                if seen.insert((a, b)) {
                    compare(base, head, &groups[a], &groups[b], asked, &mut effects.all);
                }
            }
        }
    }
    for effect in &effects.all {
        let count = |set: &ConnSet| if set.is_empty() { 0 } else { effect.pairs };
        effects.opened += count(&effect.opened);
        effects.closed += count(&effect.closed);
        effects.unsure += count(&effect.unsure);
    }
    effects.all.sort_by(|a, b| {
        let first = |members: &Members| (members.pods.first().copied(), members.nodes.first().copied());
        let key = |effect: &Effect| {
            (std::cmp::Reverse(effect.pairs), first(&effect.from), first(&effect.to), effect.relation)
        };
        key(a).cmp(&key(b))
    });
    effects
}

/// The endpoints of both models, divided by the classes of either and by what was asked about.
fn groups(base: &Model, head: &Model, from: &Endpoint, to: &Endpoint) -> Vec<Group> {
    let part = |class| Part { class, pods: Vec::new(), nodes: Vec::new(), addresses: AddrSet::default() };
    let is_in = |endpoint: &Endpoint| -> FxHashSet<PodId> { endpoint.pods(base).into_iter().collect() };
    let (sources, destinations) = (is_in(from), is_in(to));
    let mut places: FxHashMap<(ClassId, ClassId, bool, bool), usize> = FxHashMap::default();
    let mut groups: Vec<Group> = Vec::new();
    let mut group = |key: (ClassId, ClassId, bool, bool)| {
        *places.entry(key).or_insert_with(|| {
            let (base, head, is_from, is_to) = key;
            groups.push(Group { base: part(base), head: part(head), is_from, is_to });
            groups.len() - 1
        })
    };
    let (mut pods, mut nodes): (Vec<(usize, PodId)>, Vec<(usize, NodeId)>) = Default::default();
    for pod in base.pod_ids() {
        let (is_from, is_to) = (sources.contains(&pod), destinations.contains(&pod));
        pods.push((group((base.pod(pod).class, head.pod(pod).class, is_from, is_to)), pod));
    }
    for node in base.node_ids() {
        let is = |endpoint: &Endpoint| *endpoint == Endpoint::Node(node);
        nodes.push((group((base.node(node).class, head.node(node).class, is(from), is(to))), node));
    }
    for (at, pod) in pods {
        groups[at].base.pods.push(pod);
        groups[at].head.pods.push(pod);
    }
    for (at, node) in nodes {
        groups[at].base.nodes.push(node);
        groups[at].head.nodes.push(node);
    }
    let none = AddrSet::default();
    let addresses = |endpoint: &Endpoint| match endpoint {
        Endpoint::External(external) => external.addresses.clone(),
        _ => none.clone(),
    };
    let (sources, destinations) = (addresses(from), addresses(to));
    for (a, b, addresses) in ranges(base, head) {
        let cuts = [(true, true), (true, false), (false, true), (false, false)];
        for (is_from, is_to) in cuts {
            let cut = |set: &AddrSet, asked: &AddrSet, is_in: bool| {
                if is_in { set.and(asked) } else { set.minus(asked) }
            };
            let addresses = cut(&cut(&addresses, &sources, is_from), &destinations, is_to);
            if !addresses.is_empty() {
                let of = |class| Part { addresses: addresses.clone(), ..part(class) };
                groups.push(Group { base: of(a), head: of(b), is_from, is_to });
            }
        }
    }
    groups
}

/// External addresses by the class that they have in either model.
fn ranges(base: &Model, head: &Model) -> Vec<(ClassId, ClassId, AddrSet)> {
    let external = |model: &Model| -> Vec<ClassId> {
        model.class_ids().filter(|id| model.class(*id).kind == ClassKind::External).collect()
    };
    let known = base.known_addresses();
    let (a, b) = (external(base), external(head));
    let is_same = a.len() == b.len()
        && a.iter().zip(&b).all(|(a, b)| base.class(*a).addresses == head.class(*b).addresses);
    let pairs: Vec<(ClassId, ClassId)> = if is_same {
        a.into_iter().zip(b).collect()
    } else {
        a.iter().flat_map(|a| b.iter().map(|b| (*a, *b))).collect()
    };
    let cut = |(a, b): (ClassId, ClassId)| {
        let addresses = base.class(a).addresses.and(&head.class(b).addresses).minus(known);
        (!addresses.is_empty()).then_some((a, b, addresses))
    };
    pairs.into_iter().filter_map(cut).collect()
}

/// How a policy selects a class: certainly, perhaps, or not.
fn selects(model: &Model, policy: Option<PolicyId>, class: ClassId, direction: Direction) -> Truth {
    let selecting = model.selecting(class, direction);
    match policy {
        Some(policy) if selecting.certain.contains(&policy) => Truth::Yes,
        Some(policy) if selecting.maybe.contains(&policy) => Truth::Maybe,
        _ => Truth::No,
    }
}

/// Whether other policies isolate the group whatever the touched ones do; `None` if these do not select it at all.
fn affected(
    base: &Model,
    head: &Model,
    touched: &[Touched],
    group: &Group,
    direction: Direction,
) -> Option<bool> {
    let sides = |policy: &Touched| {
        [
            selects(base, policy.base, group.base.class, direction),
            selects(head, policy.head, group.head.class, direction),
        ]
    };
    if touched.iter().all(|policy| sides(policy) == [Truth::No; 2]) {
        return None;
    }
    let others = |model: &Model, class, is_touched: &dyn Fn(&PolicyId) -> bool| {
        model.selecting(class, direction).certain.iter().any(|policy| !is_touched(policy))
    };
    let in_base = |policy: &PolicyId| touched.iter().any(|touched| touched.base == Some(*policy));
    let in_head = |policy: &PolicyId| touched.iter().any(|touched| touched.head == Some(*policy));
    Some(others(base, group.base.class, &in_base) && others(head, group.head.class, &in_head))
}

/// What a policy that selects the subject lets pass with a peer, for certain and possibly.
fn share(
    model: &Model,
    policy: Option<PolicyId>,
    subject: ClassId,
    other: ClassId,
    direction: Direction,
) -> (ConnSet, ConnSet) {
    let mut share = (ConnSet::none(), ConnSet::none());
    let selected = selects(model, policy, subject, direction);
    let (Some(policy), true) = (policy, selected != Truth::No) else { return share };
    let destination = if direction == Direction::Egress { other } else { subject };
    for rule in model.indexed_rules(policy, direction) {
        let peers = rule.peers.iter().flatten();
        let matched = peers.map(|peer| (model.peer_truth(*peer, other), model.peer_families(*peer)));
        let everyone = rule.peers.is_none().then_some((Truth::Yes, Families::BOTH));
        for (truth, families) in matched.chain(everyone) {
            if truth == Truth::No {
                continue;
            }
            let opens = model.opens(rule.ports, destination).within(families);
            if selected == Truth::Yes && truth == Truth::Yes {
                share.0 = share.0.or(&opens);
            }
            share.1 = share.1.or(&opens);
        }
    }
    share
}

fn same_shares(
    base: &Model,
    head: &Model,
    touched: &[Touched],
    subject: &Group,
    peer: &Group,
    direction: Direction,
) -> bool {
    touched.iter().all(|policy| {
        share(base, policy.base, subject.base.class, peer.base.class, direction)
            == share(head, policy.head, subject.head.class, peer.head.class, direction)
    })
}

/// Adds what changes between two groups.
fn compare(base: &Model, head: &Model, from: &Group, to: &Group, asked: &ConnSet, effects: &mut Vec<Effect>) {
    let is_external = |group: &Group| base.class(group.base.class).kind == ClassKind::External;
    if is_external(from) && is_external(to) {
        return;
    }
    let all = ConnSet::all(Families::BOTH);
    let ask = |model: &Model, a: &Part, b: &Part| {
        answer(model, std::slice::from_ref(a), &[(vec![b.clone()], all.clone())]).pairs
    };
    let after: Vec<Pair> = ask(head, &from.head, &to.head);
    for pair in ask(base, &from.base, &to.base) {
        let Some(now) = after.iter().find(|other| other.relation == pair.relation) else { continue };
        let besides = |set: ConnSet| if from.is_from && to.is_to { set.minus(asked) } else { set };
        let opened = besides(now.outcome.passes.minus(&pair.outcome.passes));
        let closed = besides(now.outcome.blocked.minus(&pair.outcome.blocked));
        let unsure = besides(now.outcome.open.minus(&pair.outcome.open));
        if opened.is_empty() && closed.is_empty() && unsure.is_empty() {
            continue;
        }
        let pairs = count(&pair);
        let Pair { from, to, relation, .. } = pair;
        effects.push(Effect { from, to, relation, pairs, opened, closed, unsure });
    }
}

/// How many pairs two groups have, those of a pod with itself left out.
fn count(pair: &Pair) -> u64 {
    let size = |members: &Members| {
        (members.pods.len() + members.nodes.len() + usize::from(!members.addresses.is_empty())) as u64
    };
    let own = if pair.from.pods.first() == pair.to.pods.first() { pair.from.pods.len() as u64 } else { 0 };
    (size(&pair.from) * size(&pair.to)).saturating_sub(own).max(1)
}
