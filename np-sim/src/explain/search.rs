//! The rules that nearly allow what a direction blocks: each is compared with the pair, peer by peer.

use std::cmp::Ordering;

use np_model::Model;
use np_model::addr::Families;
use np_model::conn::ConnSet;
use np_model::facts::Labels;
use np_model::ir::{Direction, Namespaces, Peer, Policy, PolicyId, Rule, Tier};
use np_model::model::{ClassKind, NamespaceId, PodId};
use np_model::selector::Requirement;
use np_model::truth::Truth;

use super::End;
use super::gap::{Gap, LabelGap, Miss};
use super::{labels, peer, ports, rank};

/// Rules that fail by more facts come nowhere near.
const GAPS: usize = 3;

/// How many misses are looked at closely.
const LOOKED_AT: usize = 48;

/// How many misses there are at most.
const MOST: usize = 12;

/// How many misses there are of one rule at most.
const OF_RULE: usize = 3;

/// How many bits of an address a wide range leaves open.
const WIDE: u8 = 16;

/// What is searched for: rules of `direction` that would allow some of the `blocked`.
pub(super) struct Search<'a> {
    pub(super) model: &'a Model,
    pub(super) direction: Direction,
    pub(super) subject: &'a End<'a>,
    pub(super) other: &'a End<'a>,
    /// One of the two.
    pub(super) destination: &'a End<'a>,
    pub(super) blocked: &'a ConnSet,
}

impl Search<'_> {
    /// The misses, most likely first.
    pub(super) fn misses(&self) -> Vec<Miss> {
        let (model, mut misses) = (self.model, Vec::new());
        let is_pod = model.class(self.subject.class).kind == ClassKind::Pods;
        let Some(pod) = self.subject.pod.filter(|_| is_pod && !self.blocked.is_empty()) else {
            return misses;
        };
        let home = model.pod(pod).namespace;
        for Tier::AnyAllow(policies) in &model.rules().tiers {
            for id in policies {
                if model.policy(*id).namespace == model.namespace(home).name {
                    self.at_home(*id, pod, &mut misses);
                } else {
                    self.misplaced(*id, pod, home, &mut misses);
                }
            }
        }
        misses.sort_by(rank::compare);
        misses.truncate(LOOKED_AT);
        for miss in &mut misses {
            self.look_closely(miss, pod);
        }
        misses.sort_by(rank::compare);
        let mut kept: Vec<Miss> = Vec::new();
        for miss in misses {
            let is_same = |known: &&Miss| {
                (known.policy, known.rule, known.is_inert()) == (miss.policy, miss.rule, miss.is_inert())
            };
            let before = kept.iter().filter(is_same).count();
            let is_worse = kept.iter().find(is_same).is_some_and(|best| best.gaps.len() < miss.gaps.len());
            if before < OF_RULE && !is_worse && kept.len() < MOST {
                kept.push(miss);
            }
        }
        kept
    }

    /// Compares the rules of a policy in the subject's namespace.
    fn at_home(&self, id: PolicyId, subject: PodId, misses: &mut Vec<Miss>) {
        let policy = self.model.policy(id);
        let subject: Vec<Gap> = labels::gaps(&policy.subject, &self.model.pod(subject).labels)
            .into_iter()
            .map(Gap::Subject)
            .collect();
        if subject.len() > GAPS {
            return;
        }
        let inert = [subject.clone(), vec![Gap::Direction]].concat();
        let in_force = policy.rules(self.direction).unwrap_or_default();
        let rules = in_force.iter().zip(0..).map(|rule| (rule, &subject));
        let inert_rules = policy.inert_rules(self.direction).iter().zip(0..).map(|rule| (rule, &inert));
        for ((rule, index), gaps) in rules.chain(inert_rules) {
            self.of_rule(policy, rule, gaps, |peer, gaps, opens| {
                misses.push(self.miss(id, index, peer, gaps, opens));
            });
        }
    }

    /// Compares the rules of a policy in another namespace, which would select the subject in its own: only if
    /// nothing else fails.
    fn misplaced(&self, id: PolicyId, subject: PodId, home: NamespaceId, misses: &mut Vec<Miss>) {
        let policy = self.model.policy(id);
        let selects = |labels: &Labels| policy.subject.matches(labels) == Truth::Yes;
        if policy.subject.is_everything() || !selects(&self.model.pod(subject).labels) {
            return;
        }
        for (rule, index) in policy.rules(self.direction).unwrap_or_default().iter().zip(0..) {
            let opens = ports::opens(rule.ports.as_deref(), self.destination_pod()).and(self.blocked);
            let home_name = &self.model.namespace(home).name;
            // Of the first peer that fits, for what it can let pass.
            let fits = |peer: &Peer| {
                let alternatives = peer::gaps(self.model, peer, home_name, self.other);
                let opens = opens.within(families_of(peer));
                (!opens.is_empty() && alternatives.iter().any(Vec::is_empty)).then_some(opens)
            };
            let found = match &rule.peers {
                None => Some((None, opens.clone())),
                Some(peers) => {
                    let mut numbered = peers.iter().zip(0..);
                    numbered.find_map(|(item, at)| Some((Some(at), fits(&item.peer)?)))
                }
            };
            if let Some((peer, opens)) = found.filter(|(_, opens)| !opens.is_empty()) {
                misses.push(self.miss(id, index, peer, vec![Gap::PolicyNamespace(home)], opens));
            }
        }
    }

    /// Calls `each` with the peer, the gaps and what would open, for each peer and each explanation.
    fn of_rule(
        &self,
        policy: &Policy,
        rule: &Rule,
        before: &[Gap],
        mut each: impl FnMut(Option<u32>, Vec<Gap>, ConnSet),
    ) {
        let mut opens = ports::opens(rule.ports.as_deref(), self.destination_pod()).and(self.blocked);
        let mut port = None;
        if opens.is_empty() {
            let items = rule.ports.as_deref().unwrap_or_default();
            let pod = self.destination_pod().and(self.destination.pod);
            port = ports::gap(self.model, items, self.blocked, pod);
            if port.is_none() {
                return;
            }
            opens = self.blocked.clone();
        }
        let Some(peers) = &rule.peers else {
            let gaps: Vec<Gap> = before.iter().cloned().chain(port).collect();
            if !gaps.is_empty() {
                each(None, gaps, opens);
            }
            return;
        };
        let mut found = Vec::new();
        for (item, at) in peers.iter().zip(0..) {
            let opens = opens.within(families_of(&item.peer));
            if opens.is_empty() {
                continue;
            }
            for gaps in peer::gaps(self.model, &item.peer, &policy.namespace, self.other) {
                let gaps: Vec<Gap> = before.iter().chain(&gaps).chain(&port).cloned().collect();
                if gaps.is_empty() {
                    // The rule matches, or may: what it leaves blocked, it was not meant to allow.
                    return;
                }
                if gaps.len() <= GAPS {
                    found.push((at, gaps, opens.clone()));
                }
            }
        }
        for (at, gaps, opens) in found {
            each(Some(at), gaps, opens);
        }
    }

    fn miss(&self, policy: PolicyId, rule: u32, peer: Option<u32>, gaps: Vec<Gap>, opens: ConnSet) -> Miss {
        Miss { policy, direction: self.direction, rule, peer, gaps, opens, is_idle: false, is_broad: false }
    }

    /// The pod that port names are looked up in: a node has none.
    fn destination_pod(&self) -> Option<&np_model::model::Pod> {
        let is_pod = self.model.class(self.destination.class).kind == ClassKind::Pods;
        self.destination.pod.filter(|_| is_pod).map(|pod| self.model.pod(pod))
    }

    /// Finds what takes longer to find: whether what fails here is met elsewhere, and whether the rule is idle.
    fn look_closely(&self, miss: &mut Miss, subject: PodId) {
        let (model, policy) = (self.model, self.model.policy(miss.policy));
        miss.is_idle = selects_nobody(model, policy) || self.matches_nobody(miss);
        let peer = miss.peer.and_then(|at| {
            let rule = miss.rule_of(model);
            rule.peers.as_ref().map(|peers| &peers[at as usize].peer)
        });
        miss.is_broad = peer.is_some_and(|peer| is_broad(peer, &miss.gaps));
        let at =
            |requirements: &[Requirement], gap: &LabelGap| requirements[gap.requirement as usize].clone();
        for gap in &mut miss.gaps {
            match (gap, peer, self.other.pod) {
                (Gap::Subject(gap), ..) => {
                    let requirement = at(policy.subject.requirements(), gap);
                    gap.is_met_elsewhere = is_met_by_another(model, subject, &requirement);
                }
                (Gap::Pod(gap), Some(Peer::Pods { pods, .. }), Some(pod)) => {
                    let requirement = at(pods.requirements(), gap);
                    gap.is_met_elsewhere = is_met_by_another(model, pod, &requirement);
                }
                (
                    Gap::Namespace(gap),
                    Some(Peer::Pods { namespaces: Namespaces::Matching(selector), .. }),
                    _,
                ) => {
                    let requirement = at(selector.requirements(), gap);
                    let meets = |labels: &Labels| requirement.matches(labels) == Truth::Yes;
                    gap.is_met_elsewhere = model.namespaces().iter().any(|one| meets(&one.labels));
                }
                _ => {}
            }
        }
    }

    /// Whether the peer of a miss matches nobody at all.
    fn matches_nobody(&self, miss: &Miss) -> bool {
        if miss.is_inert() {
            return false;
        }
        let rule = &self.model.indexed_rules(miss.policy, miss.direction)[miss.rule as usize];
        let peer = miss.peer.and_then(|at| rule.peers.as_ref().map(|peers| peers[at as usize]));
        peer.is_some_and(|peer| {
            let found = self.model.peer_match(peer);
            found.yes.is_empty() && found.maybe.is_empty()
        })
    }
}

/// Whether a peer says little of whom it means.
fn is_broad(peer: &Peer, gaps: &[Gap]) -> bool {
    match peer {
        Peer::Pods { pods, .. } => pods.is_everything(),
        Peer::Block(block) => gaps.iter().any(|gap| match gap {
            Gap::Except(at) => {
                let except = block.except()[*at as usize];
                except.max_prefix_len() - except.prefix_len() >= WIDE
            }
            _ => false,
        }),
    }
}

/// The families that a peer lets pass.
fn families_of(peer: &Peer) -> Families {
    match peer {
        Peer::Block(block) => Families::only(block.family()),
        Peer::Pods { .. } => Families::BOTH,
    }
}

/// Whether a policy selects no pod.
pub(super) fn selects_nobody(model: &Model, policy: &Policy) -> bool {
    let pods = pods_of(model, &policy.namespace);
    !pods.iter().any(|pod| policy.subject.matches(&pod.labels) != Truth::No)
}

/// Whether another pod of a pod's namespace meets a requirement.
pub(super) fn is_met_by_another(model: &Model, pod: PodId, requirement: &Requirement) -> bool {
    let namespace = &model.namespace(model.pod(pod).namespace).name;
    pods_of(model, namespace).iter().any(|other| requirement.matches(&other.labels) == Truth::Yes)
}

/// The pods of a namespace, which stand together.
pub(super) fn pods_of<'m>(model: &'m Model, namespace: &str) -> &'m [np_model::model::Pod] {
    let compare = |pod: &np_model::model::Pod| model.namespace(pod.namespace).name.as_str().cmp(namespace);
    let first = model.pods().partition_point(|pod| compare(pod) == Ordering::Less);
    let count = model.pods()[first..].partition_point(|pod| compare(pod) == Ordering::Equal);
    &model.pods()[first..first + count]
}
