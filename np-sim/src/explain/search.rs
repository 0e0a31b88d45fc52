//! The rules that nearly allow what a direction blocks: each is compared with the pair, peer by peer.

use std::cmp::Ordering;

use np_model::Model;
use np_model::addr::Families;
use np_model::conn::ConnSet;
use np_model::facts::Labels;
use np_model::ir::{Direction, Namespaces, Peer, PeerItem, Policy, PolicyId, Rule, Tier};
use np_model::model::{ClassKind, NamespaceId, PodId};
use np_model::selector::{Requirement, Selector};
use np_model::truth::Truth;
use rustc_hash::FxHashMap;

use super::End;
use super::gap::{Gap, Half, LabelGap, Miss};
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
    /// What of the asked passes in this direction.
    pub(super) passing: &'a ConnSet,
}

impl Search<'_> {
    /// The misses, most likely first. Those with few gaps come before all that have more, so that these are only looked for
    /// where there is room for them.
    pub(super) fn misses(&self) -> Vec<Miss> {
        let model = self.model;
        let is_pod = model.class(self.subject.class).kind == ClassKind::Pods;
        let Some(pod) = self.subject.pod.filter(|_| is_pod && !self.blocked.is_empty()) else {
            return Vec::new();
        };
        let (mut kept, mut left, mut seen) = (Vec::new(), LOOKED_AT, Seen::default());
        for count in 1..=GAPS {
            let mut misses = self.with(count, pod);
            for miss in &mut misses {
                self.tell(miss, pod);
            }
            misses.sort_by(rank::compare);
            let plausible = misses.into_iter().filter(|miss| self.is_plausible(miss));
            let mut misses: Vec<Miss> = plausible.take(left).collect();
            left -= misses.len();
            for miss in &mut misses {
                self.look_closely(miss, pod, &mut seen);
            }
            misses.sort_by(rank::compare);
            for miss in misses {
                keep(&mut kept, miss);
            }
            if kept.len() == MOST || left == 0 {
                break;
            }
        }
        kept
    }

    /// The misses with so many gaps, in the order of policies and rules; of labels that fail it is not told what the pod has.
    fn with(&self, count: usize, pod: PodId) -> Vec<Miss> {
        let (model, mut misses) = (self.model, Vec::new());
        let home = model.pod(pod).namespace;
        for Tier::AnyAllow(policies) in &model.rules().tiers {
            for id in policies {
                if model.policy(*id).namespace == model.namespace(home).name {
                    self.at_home(*id, pod, count, &mut misses);
                } else if count == 1 {
                    self.misplaced(*id, pod, home, &mut misses);
                }
            }
        }
        misses
    }

    /// Compares the rules of a policy in the subject's namespace.
    fn at_home(&self, id: PolicyId, subject: PodId, count: usize, misses: &mut Vec<Miss>) {
        let policy = self.model.policy(id);
        let labels = &self.model.pod(subject).labels;
        if labels::count(&policy.subject, labels) > count {
            return;
        }
        let subject: Vec<Gap> = labels::gaps(&policy.subject, labels).into_iter().map(Gap::Subject).collect();
        for (rule, index) in policy.rules(self.direction).unwrap_or_default().iter().zip(0..) {
            self.of_rule(policy, rule, &subject, count, |peer, gaps, opens| {
                misses.push(self.miss(id, index, peer, gaps, opens));
            });
        }
        let inert_rules = policy.inert_rules(self.direction);
        if inert_rules.is_empty() {
            return;
        }
        let inert = [subject, vec![Gap::Direction]].concat();
        for (rule, index) in inert_rules.iter().zip(0..) {
            self.of_rule(policy, rule, &inert, count, |peer, gaps, opens| {
                misses.push(self.miss(id, index, peer, gaps, opens));
            });
        }
    }

    /// Compares the rules of a policy in another namespace, which would select the subject in its own: only if
    /// nothing else fails.
    fn misplaced(&self, id: PolicyId, subject: PodId, home: NamespaceId, misses: &mut Vec<Miss>) {
        let policy = self.model.policy(id);
        let rules = policy.rules(self.direction).unwrap_or_default();
        let selects = |labels: &Labels| policy.subject.matches(labels) == Truth::Yes;
        if rules.is_empty() || policy.subject.is_everything() || !selects(&self.model.pod(subject).labels) {
            return;
        }
        let home_name = &self.model.namespace(home).name;
        let may_fit = |item: &PeerItem| peer::at_least(self.model, &item.peer, home_name, self.other) == 0;
        for (rule, index) in rules.iter().zip(0..) {
            if rule.peers.as_ref().is_some_and(|peers| !peers.iter().any(may_fit)) {
                continue;
            }
            let opens = ports::opens(rule.ports.as_deref(), self.destination_pod()).and(self.blocked);
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

    /// Calls `each` with the peer, the gaps and what would open, for each peer and each explanation with so many gaps.
    fn of_rule(
        &self,
        policy: &Policy,
        rule: &Rule,
        before: &[Gap],
        count: usize,
        mut each: impl FnMut(Option<u32>, Vec<Gap>, ConnSet),
    ) {
        let Some(more) = count.checked_sub(before.len()) else { return };
        // What takes little time comes first: most rules are not this near.
        let is_near = |peer: &Peer| peer::at_least(self.model, peer, &policy.namespace, self.other) <= more;
        if rule.peers.as_ref().is_some_and(|peers| !peers.iter().any(|item| is_near(&item.peer))) {
            return;
        }
        let all = ports::opens(rule.ports.as_deref(), self.destination_pod());
        let mut opens = all.and(self.blocked);
        let mut port = None;
        if opens.is_empty() {
            // A rule that is for other ports that were asked was not meant for these.
            if more == 0 || !all.and(self.passing).is_empty() {
                return;
            }
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
            if gaps.len() == count {
                each(None, gaps, opens);
            }
            return;
        };
        let mut found = Vec::new();
        for (item, at) in peers.iter().zip(0..) {
            let opens = opens.within(families_of(&item.peer));
            if opens.is_empty() || !is_near(&item.peer) {
                continue;
            }
            for gaps in peer::gaps(self.model, &item.peer, &policy.namespace, self.other) {
                let gaps: Vec<Gap> = before.iter().chain(&gaps).chain(&port).cloned().collect();
                if gaps.is_empty() {
                    // The rule matches, or may: what it leaves blocked, it was not meant to allow.
                    return;
                }
                if gaps.len() == count {
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

    /// Tells what there is instead of the labels that fail.
    fn tell(&self, miss: &mut Miss, subject: PodId) {
        let (model, policy) = (self.model, self.model.policy(miss.policy));
        let peer = self.peer_of(miss);
        for gap in &mut miss.gaps {
            let (gap, selector, labels) = match (gap, peer, self.other.pod.map(|id| model.pod(id))) {
                (Gap::Subject(gap), ..) => (gap, &policy.subject, &model.pod(subject).labels),
                (Gap::Pod(gap), Some(Peer::Pods { pods, .. }), Some(pod)) => (gap, pods, &pod.labels),
                (
                    Gap::Namespace(gap),
                    Some(Peer::Pods { namespaces: Namespaces::Matching(selector), .. }),
                    Some(pod),
                ) => (gap, selector, &model.namespace(pod.namespace).labels),
                _ => continue,
            };
            labels::tell(gap, &selector.requirements()[gap.requirement as usize], labels);
        }
    }

    /// The peer that a miss is about; `None` if its rule is for everyone.
    fn peer_of(&self, miss: &Miss) -> Option<&Peer> {
        let (at, rule) = (miss.peer?, miss.rule_of(self.model));
        rule.peers.as_ref().map(|peers| &peers[at as usize].peer)
    }

    /// Finds what takes longer to find: whether what fails here is met elsewhere, and whether the rule is idle.
    fn look_closely<'m>(&'m self, miss: &mut Miss, subject: PodId, seen: &mut Seen<'m>) {
        let (model, policy) = (self.model, self.model.policy(miss.policy));
        let selects_nobody = *seen.idle.entry(miss.policy).or_insert_with(|| selects_nobody(model, policy));
        miss.is_idle = selects_nobody || self.matches_nobody(miss);
        let peer = self.peer_of(miss);
        miss.is_broad = peer.is_some_and(|peer| is_broad(peer, &miss.gaps));
        let mut is_met = |pod: PodId, selector: &'m Selector, gap: &LabelGap| {
            let requirement = &selector.requirements()[gap.requirement as usize];
            let met = seen.met.entry((model.pod(pod).namespace, requirement));
            *met.or_insert_with(|| is_met_by_another(model, pod, requirement))
        };
        for gap in &mut miss.gaps {
            match (gap, peer, self.other.pod) {
                (Gap::Subject(gap), ..) => {
                    gap.is_met_elsewhere = is_met(subject, &policy.subject, gap);
                }
                (Gap::Pod(gap), Some(Peer::Pods { pods, .. }), Some(pod)) => {
                    gap.is_met_elsewhere = is_met(pod, pods, gap);
                }
                (
                    Gap::Namespace(gap),
                    Some(Peer::Pods { namespaces: Namespaces::Matching(selector), .. }),
                    _,
                ) => {
                    let requirement = &selector.requirements()[gap.requirement as usize];
                    let meets = |labels: &Labels| requirement.matches(labels) == Truth::Yes;
                    gap.is_met_elsewhere = model.namespaces().iter().any(|one| meets(&one.labels));
                }
                _ => {}
            }
        }
    }

    /// Whether nothing speaks against it: where a dash would make two peers of two selectors, as the namespaceSelector
    /// matches, the podSelector must mean somebody too. Alone, it means pods of the policy's own namespace.
    fn is_plausible(&self, miss: &Miss) -> bool {
        let (model, home) = (self.model, &self.model.policy(miss.policy).namespace);
        miss.gaps.iter().all(|gap| match (gap, self.peer_of(miss)) {
            (Gap::Joined(Half::Namespaces), Some(Peer::Pods { pods, .. })) => {
                pods_of(model, home).iter().any(|pod| pods.matches(&pod.labels) != Truth::No)
            }
            _ => true,
        })
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

/// What looking closely has found already.
#[derive(Default)]
struct Seen<'m> {
    /// Whether a policy selects no pod.
    idle: FxHashMap<PolicyId, bool>,
    /// Whether a pod of a namespace meets a requirement.
    met: FxHashMap<(NamespaceId, &'m Requirement), bool>,
}

/// Keeps a miss if there is room for it, and for its rule.
fn keep(kept: &mut Vec<Miss>, miss: Miss) {
    let is_same = |known: &&Miss| {
        (known.policy, known.rule, known.is_inert()) == (miss.policy, miss.rule, miss.is_inert())
    };
    let before = kept.iter().filter(is_same).count();
    let is_worse = kept.iter().find(is_same).is_some_and(|best| best.gaps.len() < miss.gaps.len());
    if before < OF_RULE && !is_worse && kept.len() < MOST {
        kept.push(miss);
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
pub(crate) fn selects_nobody(model: &Model, policy: &Policy) -> bool {
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
