//! The verdict: what the policies in force, and the rules no policy can change, say of one connection.
//!
//! [`Cluster::between`] looks at everything that does not hang on the port, [`Between::at`] at the rest.

use crate::address::{Block, Family};
use crate::bounds::{Bound, Bounds};
use crate::cluster::{Cluster, End, namespace_of};
use crate::party::{Party, Role};
use crate::ports::{Point, opens};
use crate::truth::Truth;
use crate::unevaluated::{Beside, Effect, Unevaluated};
use k8s_openapi::api::networking::v1::{NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort};

/// Two ends, with all that can be said of them before the port is known.
#[derive(Debug)]
pub struct Between<'a> {
    from: Party<'a>,
    to: Party<'a>,
    is_self: bool,
    /// Whether the two are one pod, or a pod and its own node: then no NetworkPolicy has a say.
    at_home: Truth,
    egress: Side<'a>,
    ingress: Side<'a>,
}

/// What may decide one direction.
#[derive(Debug)]
struct Side<'a> {
    selecting: Vec<Selecting<'a>>,
    beside: Beside,
}

/// A policy that concerns a direction and selects its subject, at least perhaps.
#[derive(Debug)]
struct Selecting<'a> {
    selects: Truth,
    items: Vec<Item<'a>>,
}

/// One peer item of one rule, with the rule's ports.
#[derive(Debug)]
struct Item<'a> {
    /// The only family the item speaks of, if there is one.
    family: Option<Family>,
    matches: Truth,
    ports: &'a [NetworkPolicyPort],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Direction {
    Ingress,
    Egress,
}

impl Cluster {
    /// What is between two ends; None where the cluster lacks one of them, or both are external.
    pub fn between(&self, from: &End, to: &End) -> Option<Between<'_>> {
        let is_self = from == to;
        let (from, to) = (self.party(from)?, self.party(to)?);
        if matches!((&from.role, &to.role), (Role::External, Role::External)) {
            return None;
        }
        let at_home = if is_self { Truth::Yes } else { on_own_node(&from.role, &to.role) };
        let egress = self.side(&from, &to, Direction::Egress);
        let ingress = self.side(&to, &from, Direction::Ingress);
        Some(Between { from, to, is_self, at_home, egress, ingress })
    }

    /// The bounds at one point; None where [`Cluster::between`] is, or an end lacks the point's family.
    pub fn ask(&self, from: &End, to: &End, point: Point) -> Option<Bounds> {
        self.between(from, to)?.at(point)
    }

    fn side(&self, subject: &Party<'_>, other: &Party<'_>, direction: Direction) -> Side<'_> {
        let concerned = |policy: &&Unevaluated| match direction {
            Direction::Ingress => policy.ingress && policy.may_select(&subject.role),
            Direction::Egress => policy.egress && policy.may_select(&subject.role),
        };
        let unevaluated: Vec<_> = self.unevaluated.iter().filter(concerned).collect();
        let mut selecting = self.selecting(subject, other, direction);
        // One more policy: it may select the subject, and it may allow anything.
        let anything = || Item { family: None, matches: Truth::Maybe, ports: &[] };
        let joining = unevaluated.iter().filter(|policy| policy.effect == Effect::Joins);
        selecting.extend(joining.map(|_| Selecting { selects: Truth::Maybe, items: vec![anything()] }));
        Side { selecting, beside: Beside::of(&unevaluated) }
    }

    fn selecting(&self, subject: &Party<'_>, other: &Party<'_>, direction: Direction) -> Vec<Selecting<'_>> {
        let Role::Pod { namespace, labels, .. } = &subject.role else { return Vec::new() };
        let mut selecting = Vec::new();
        for policy in &self.policies {
            if namespace_of(&policy.metadata) != *namespace || !concerns(policy, direction) {
                continue;
            }
            let selector = policy.spec.as_ref().and_then(|spec| spec.pod_selector.as_ref());
            let selects = selector.map_or(Truth::Yes, |selector| labels.match_selector(selector));
            if selects > Truth::No {
                selecting.push(Selecting { selects, items: self.items(policy, other, direction) });
            }
        }
        selecting
    }

    fn items<'a>(&self, policy: &'a NetworkPolicy, other: &Party<'_>, direction: Direction) -> Vec<Item<'a>> {
        let mut items = Vec::new();
        for (peers, ports) in rules(policy, direction) {
            if peers.is_empty() {
                items.push(Item { family: None, matches: Truth::Yes, ports });
            }
            for peer in peers {
                let (family, matches) = self.match_peer(peer, namespace_of(&policy.metadata), other);
                items.push(Item { family, matches, ports });
            }
        }
        items
    }

    /// Whether a peer item matches the other end, and the family it is about if it is about one only.
    fn match_peer(&self, peer: &NetworkPolicyPeer, own: &str, other: &Party<'_>) -> (Option<Family>, Truth) {
        if let Some(block) = &peer.ip_block {
            let Some(block) = Block::of(block) else { return (None, Truth::No) };
            return (Some(block.family), other.is_in(&block));
        }
        let Role::Pod { namespace, labels, .. } = &other.role else { return (None, Truth::No) };
        let in_namespace = match &peer.namespace_selector {
            Some(selector) => self.namespace_labels(namespace).match_selector(selector),
            None => (*namespace == own).into(),
        };
        let selector = peer.pod_selector.as_ref();
        let is_pod = selector.map_or(Truth::Yes, |selector| labels.match_selector(selector));
        (None, in_namespace.and(is_pod))
    }
}

/// Whether one end is a pod and the other its own node, or a pod in its own node's network.
fn on_own_node(one: &Role<'_>, other: &Role<'_>) -> Truth {
    match (one, other) {
        (Role::Pod { node: pod, .. }, Role::Host { node: host })
        | (Role::Host { node: host }, Role::Pod { node: pod, .. }) => match (pod, host) {
            (Some(pod), Some(host)) => (pod == host).into(),
            _ => Truth::Maybe,
        },
        _ => Truth::No,
    }
}

/// Whether a policy has this direction among its types, given or defaulted.
fn concerns(policy: &NetworkPolicy, direction: Direction) -> bool {
    let spec = policy.spec.as_ref();
    let types = spec.and_then(|spec| spec.policy_types.as_deref()).unwrap_or_default();
    match direction {
        Direction::Ingress => types.is_empty() || types.iter().any(|one| one == "Ingress"),
        Direction::Egress if types.is_empty() => !rules(policy, Direction::Egress).is_empty(),
        Direction::Egress => types.iter().any(|one| one == "Egress"),
    }
}

/// A direction's rules, each as its peers and its ports; absent lists are empty ones.
fn rules(policy: &NetworkPolicy, direction: Direction) -> Vec<(&[NetworkPolicyPeer], &[NetworkPolicyPort])> {
    let Some(spec) = &policy.spec else { return Vec::new() };
    let ingress = spec.ingress.iter().flatten().map(|rule| (&rule.from, &rule.ports));
    let egress = spec.egress.iter().flatten().map(|rule| (&rule.to, &rule.ports));
    let both: Vec<_> = match direction {
        Direction::Ingress => ingress.collect(),
        Direction::Egress => egress.collect(),
    };
    let lists = both.into_iter();
    lists
        .map(|(peers, ports)| (peers.as_deref().unwrap_or_default(), ports.as_deref().unwrap_or_default()))
        .collect()
}

impl Between<'_> {
    /// The bounds at one point, or None where one end has no address of the point's family.
    pub fn at(&self, point: Point) -> Option<Bounds> {
        if !self.from.places.contains_key(&point.family) || !self.to.places.contains_key(&point.family) {
            return None;
        }
        let direction = |side: &Side<'_>| {
            let bound = match (self.at_home, self.direction(&side.selecting, point)) {
                (Truth::Yes, _) => Bound::ALL,
                (Truth::Maybe, by_policy) => Bound { possible: true, ..by_policy },
                (Truth::No, by_policy) => by_policy,
            };
            match side.beside {
                // What a pod sends to itself never leaves it.
                _ if self.is_self => bound,
                Beside { may_deny, may_allow } => {
                    Bound { certain: bound.certain && !may_deny, possible: bound.possible || may_allow }
                }
            }
        };
        Some(Bounds { egress: direction(&self.egress), ingress: direction(&self.ingress) })
    }

    /// What the policies that select the subject of a direction say, for certain or perhaps.
    fn direction(&self, policies: &[Selecting<'_>], point: Point) -> Bound {
        let allows = |policy: &Selecting<'_>, least: Truth| {
            policy.items.iter().any(|item| {
                item.matches >= least
                    && item.family.is_none_or(|family| family == point.family)
                    && opens(item.ports, &self.to.role, point)
            })
        };
        let certain = |policy: &Selecting<'_>| allows(policy, Truth::Yes);
        let possible = |policy: &Selecting<'_>| allows(policy, Truth::Maybe);
        let (surely, perhaps): (Vec<_>, Vec<_>) =
            policies.iter().partition(|policy| policy.selects == Truth::Yes);
        if surely.is_empty() {
            // Perhaps isolated by any of these, and then by any number of them.
            return Bound { certain: perhaps.into_iter().all(certain), possible: true };
        }
        Bound {
            certain: surely.iter().any(|policy| certain(policy)),
            possible: surely.iter().chain(&perhaps).any(|policy| possible(policy)),
        }
    }
}
