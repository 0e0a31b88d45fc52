//! What can concern one end of a pair: nothing else that changes can change what it is to others.
//!
//! Too much does no harm, as it is tried out; too little would.

use std::collections::BTreeMap;

use np_model::Model;
use np_model::addr::AddrSet;
use np_model::delta::{Delta, DeltaId, Deltas};
use np_model::facts::Labels;
use np_model::ir::{Direction, Peer, PolicyId, Rule, RuleId, Scope, UnevaluatedId, Why};
use np_model::model::{ClassId, NamespaceId, NodeId, PodId, Whereabouts};
use np_model::refine::Aligned;
use np_model::truth::Truth;
use rustc_hash::FxHashMap;

use crate::diff::End;

/// What can concern an end as a source (egress) or as a destination (ingress), each list ascending.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct Concern {
    /// That without which it would not be there, or would still be.
    pub(super) presence: Option<DeltaId>,
    /// What changes about the end itself.
    pub(super) own: Vec<DeltaId>,
    /// Policies that select it, but for their rules.
    pub(super) policies: Vec<DeltaId>,
    /// Rules of policies that select it.
    pub(super) rules: Vec<DeltaId>,
    /// Policies that select it in one of the two models only.
    pub(super) switches: Vec<Switch>,
}

/// Changes by which a policy begins to select an end, or no longer does.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Switch {
    /// Without one of these, all is as in the base.
    by: Vec<DeltaId>,
    /// Whether the policy selects the end then.
    is_on: bool,
    /// Rules of the policy, which mean nothing while it does not select the end.
    rules: Vec<DeltaId>,
}

impl Switch {
    /// Whether a set of changes does no more than a smaller one: it has rules that mean nothing.
    pub(super) fn is_idle(&self, set: &[DeltaId]) -> bool {
        self.by.iter().any(|id| set.contains(id)) != self.is_on
            && self.rules.iter().any(|id| set.contains(id))
    }
}

/// Finds what can concern whom.
pub(super) struct Concerns<'m> {
    pub(super) deltas: &'m Deltas<'m>,
    /// By side.
    pods: [FxHashMap<PodId, Vec<DeltaId>>; 2],
    namespaces: [FxHashMap<NamespaceId, Vec<DeltaId>>; 2],
    nodes: [FxHashMap<NodeId, DeltaId>; 2],
    policies: [FxHashMap<PolicyId, Vec<DeltaId>>; 2],
    /// Changes of policies by the namespace.
    within: FxHashMap<&'m str, Vec<DeltaId>>,
    unevaluated: Vec<(DeltaId, Aligned<UnevaluatedId>)>,
    /// What may change where those lie that do not say so.
    space: Vec<DeltaId>,
    rest: Option<DeltaId>,
}

impl<'m> Concerns<'m> {
    pub(super) fn of(deltas: &'m Deltas<'m>) -> Self {
        let mut concerns = Self {
            deltas,
            pods: Default::default(),
            namespaces: Default::default(),
            nodes: Default::default(),
            policies: Default::default(),
            within: FxHashMap::default(),
            unevaluated: Vec::new(),
            space: Vec::new(),
            rest: None,
        };
        for id in deltas.ids() {
            concerns.add(id);
        }
        concerns
    }

    fn add(&mut self, id: DeltaId) {
        let models = self.deltas.models;
        if let Some(policy) = self.deltas.policy(id) {
            for (side, of) in policy.sides().into_iter().enumerate() {
                if let Some(of) = of {
                    self.policies[side].entry(of).or_default().push(id);
                }
            }
            let (side, of) = either(policy);
            self.within.entry(models[side].policy(of).namespace.as_str()).or_default().push(id);
        }
        match self.deltas.get(id) {
            Delta::Namespace(namespace) => self.add_namespace(namespace.sides(), id),
            Delta::NamespaceLabel(a, b, _) => self.add_namespace([Some(*a), Some(*b)], id),
            Delta::PodLabel(pods, _) => self.add_pods(pods, id),
            Delta::Pods(pods) => {
                self.add_pods(pods, id);
                let is_placed = |side: usize, id: PodId| {
                    let pod = models[side].pod(id);
                    pod.node_name.is_some() || matches!(pod.whereabouts, Whereabouts::At(_))
                };
                let is_placed = |pod: &Aligned<PodId>| {
                    (0..2).any(|side| pod.sides()[side].is_some_and(|id| is_placed(side, id)))
                };
                if pods.iter().any(is_placed) {
                    self.space.push(id);
                }
            }
            Delta::Node(node) => {
                self.space.push(id);
                for (side, node) in node.sides().into_iter().enumerate() {
                    self.nodes[side].extend(node.map(|node| (node, id)));
                }
            }
            Delta::Unevaluated(policy) => {
                self.unevaluated.push((id, *policy));
                let is_broad = |side: usize, id| {
                    let policy = models[side].unevaluated(id);
                    policy.why == Why::Broken && policy.scope == Scope::Cluster
                };
                if (0..2).any(|side| policy.sides()[side].is_some_and(|id| is_broad(side, id))) {
                    self.space.push(id);
                }
            }
            Delta::Rest => {
                self.rest = Some(id);
                self.space.push(id);
            }
            Delta::Policy(_) | Delta::Subject(..) | Delta::Type(..) | Delta::Rule(_) => {}
        }
    }

    fn add_namespace(&mut self, sides: [Option<NamespaceId>; 2], id: DeltaId) {
        let models = self.deltas.models;
        let Some((of, id_of)) = [0, 1].into_iter().find_map(|side| Some((side, sides[side]?))) else {
            return;
        };
        for side in 0..2 {
            // One without an object may still be referred to.
            let found = models[side].same_namespace(models[of], id_of);
            if let Some(found) = found {
                self.namespaces[side].entry(found).or_default().push(id);
            }
        }
    }

    fn add_pods(&mut self, pods: &[Aligned<PodId>], id: DeltaId) {
        for pod in pods {
            for (side, pod) in pod.sides().into_iter().enumerate() {
                if let Some(pod) = pod {
                    self.pods[side].entry(pod).or_default().push(id);
                }
            }
        }
    }

    /// The change by which an end comes or goes.
    pub(super) fn presence(&self, end: End<'_>) -> Option<DeltaId> {
        let found = match end {
            End::Pod(Aligned::Base(id)) => self.pods[0].get(&id)?,
            End::Pod(Aligned::Head(id)) => self.pods[1].get(&id)?,
            End::Node(Aligned::Base(id)) => return self.nodes[0].get(&id).copied(),
            End::Node(Aligned::Head(id)) => return self.nodes[1].get(&id).copied(),
            _ => return None,
        };
        found.iter().copied().find(|id| matches!(self.deltas.get(*id), Delta::Pods(_)))
    }

    /// What can concern an end that others are asked about in a direction.
    pub(super) fn of_end(&self, direction: Direction, end: End<'_>) -> Concern {
        let mut concern = Concern { presence: self.presence(end), ..Concern::default() };
        match end {
            End::External(_) => {}
            End::Node(node) => {
                for (side, id) in node.sides().into_iter().enumerate() {
                    let Some(id) = id else { continue };
                    concern.own.extend(self.nodes[side].get(&id));
                    if !matches!(self.deltas.models[side].node(id).whereabouts, Whereabouts::At(_)) {
                        concern.own.extend(&self.space);
                    }
                }
                self.add_unevaluated(None, direction, &mut concern);
            }
            End::Pod(pod) => {
                for (side, id) in pod.sides().into_iter().enumerate() {
                    if let Some(id) = id {
                        self.add_pod(side, id, &mut concern);
                    }
                }
                self.add_selecting(pod, direction, &mut concern);
                // With some of its labels, or where it is new, other policies may select it.
                let (side, id) = either(pod);
                let model = self.deltas.models[side];
                let namespace = model.namespace(model.pod(id).namespace).name.as_str();
                let is_other = side == 1 || self.pods[side].contains_key(&id);
                for part in self.within.get(namespace).into_iter().flatten().filter(|_| is_other) {
                    if matches!(pod, Aligned::Both(..)) || self.may_select(*part, &model.pod(id).labels) {
                        self.add_policies(&[*part], direction, &mut concern);
                    }
                }
                self.add_turned(namespace, &model.pod(id).labels, direction, &mut concern);
                self.add_unevaluated(Some(namespace), direction, &mut concern);
            }
        }
        for list in [&mut concern.own, &mut concern.policies, &mut concern.rules] {
            list.sort_unstable();
            list.dedup();
        }
        concern
    }

    fn add_pod(&self, side: usize, id: PodId, concern: &mut Concern) {
        let model = self.deltas.models[side];
        let pod = model.pod(id);
        concern.own.extend(self.pods[side].get(&id).into_iter().flatten());
        concern.own.extend(self.namespaces[side].get(&pod.namespace).into_iter().flatten());
        // A pod on its node's network is where its node is, if that is there.
        if pod.host_network || !matches!(pod.whereabouts, Whereabouts::At(_)) {
            concern.own.extend(&self.space);
        }
        if pod.template.is_some() || model.namespace(pod.namespace).inferred {
            concern.own.extend(self.rest);
        }
    }

    /// The policies that select a pod.
    fn add_selecting(&self, pod: Aligned<PodId>, direction: Direction, concern: &mut Concern) {
        if self.within.is_empty() {
            return;
        }
        // By the first change of each: whether it certainly selects the pod.
        let mut selecting: BTreeMap<DeltaId, (&[DeltaId], [Option<bool>; 2])> = BTreeMap::new();
        for side in 0..2 {
            let (model, Some(id)) = (self.deltas.models[side], pod.sides()[side]) else { continue };
            let all = model.selecting(model.pod(id).class, direction);
            let all = all.certain.iter().map(|id| (id, true)).chain(all.maybe.iter().map(|id| (id, false)));
            for (policy, is_certain) in all {
                if let Some(parts) = self.policies[side].get(policy) {
                    selecting.entry(parts[0]).or_insert((parts, [None; 2])).1[side] = Some(is_certain);
                }
            }
        }
        let is_settled = concern.own.is_empty();
        for (parts, selects) in selecting.into_values() {
            let is_subject = |id: &&DeltaId| matches!(self.deltas.get(**id), Delta::Subject(..));
            let is_switch = |id: &&DeltaId| match self.deltas.get(**id) {
                Delta::Type(_, _, of) => *of == direction,
                _ => is_subject(id),
            };
            if is_settled && selects == [Some(true); 2] {
                // Whom else it selects does not concern this one.
                let others: Vec<DeltaId> = parts.iter().filter(|id| !is_subject(id)).copied().collect();
                self.add_policies(&others, direction, concern);
                continue;
            }
            self.add_policies(parts, direction, concern);
            let by: Vec<DeltaId> = parts.iter().filter(is_switch).copied().collect();
            let is_on = selects[0].is_none();
            if is_settled && selects.contains(&None) && (is_on || by.len() == 1) {
                let is_rule = |id: &&DeltaId| match self.deltas.get(**id) {
                    Delta::Rule(rule) => either(*rule).1.direction == direction,
                    _ => false,
                };
                let rules: Vec<DeltaId> = parts.iter().filter(is_rule).copied().collect();
                if !rules.is_empty() {
                    concern.switches.push(Switch { by, is_on, rules });
                }
            }
        }
    }

    /// Policies that select others and concern a direction in one model only: with one of the two changes, they may select a
    /// pod that they select in neither model.
    fn add_turned(&self, namespace: &str, labels: &Labels, direction: Direction, concern: &mut Concern) {
        for part in self.within.get(namespace).into_iter().flatten() {
            let Delta::Type(policy, _, of) = self.deltas.get(*part) else { continue };
            let parts = &self.policies[0][policy];
            let is_turned = parts.iter().any(|id| matches!(self.deltas.get(*id), Delta::Subject(..)));
            if *of == direction && is_turned && self.may_select(*part, labels) {
                self.add_policies(parts, direction, concern);
            }
        }
    }

    /// Whether the policy that a change is about selects a pod with some labels in either model.
    fn may_select(&self, part: DeltaId, labels: &Labels) -> bool {
        let Some(policy) = self.deltas.policy(part) else { return true };
        let selects =
            |side: usize, id| self.deltas.models[side].policy(id).subject.matches(labels) != Truth::No;
        (0..2).any(|side| policy.sides()[side].is_some_and(|id| selects(side, id)))
    }

    fn add_policies(&self, parts: &[DeltaId], direction: Direction, concern: &mut Concern) {
        for id in parts {
            match self.deltas.get(*id) {
                Delta::Rule(rule) if either(*rule).1.direction == direction => concern.rules.push(*id),
                Delta::Type(_, _, of) if *of == direction => concern.policies.push(*id),
                Delta::Policy(_) | Delta::Subject(..) => concern.policies.push(*id),
                _ => {}
            }
        }
    }

    /// Of those policies whose scope is the cluster, or a namespace.
    fn add_unevaluated(&self, namespace: Option<&str>, direction: Direction, concern: &mut Concern) {
        for (id, policy) in &self.unevaluated {
            let is_met = |side: usize, id: UnevaluatedId| {
                let policy = self.deltas.models[side].unevaluated(id);
                policy.concerns(direction)
                    && match &policy.scope {
                        Scope::Cluster => true,
                        Scope::Namespace(name) => namespace == Some(name.as_str()),
                    }
            };
            if (0..2).any(|side| policy.sides()[side].is_some_and(|id| is_met(side, id))) {
                concern.policies.push(*id);
            }
        }
    }

    /// Whether a rule that changes may mean an end, of which nothing changes.
    pub(super) fn may_mean(&self, rule: DeltaId, end: End<'_>) -> bool {
        let Delta::Rule(rule) = self.deltas.get(rule) else { return true };
        let models = self.deltas.models;
        (0..2).any(|side| {
            let class = match end {
                End::External(_) => return true,
                End::Node(node) => node.sides()[side].map(|id| models[side].node(id).class),
                End::Pod(pod) => pod.sides()[side].map(|id| models[side].pod(id).class),
            };
            match (rule.sides()[side], class) {
                (Some(rule), Some(class)) => means(models[side], rule, class),
                _ => false,
            }
        })
    }

    /// The addresses that a rule that changes may mean.
    pub(super) fn addresses(&self, rule: DeltaId) -> AddrSet {
        let Delta::Rule(rule) = self.deltas.get(rule) else { return AddrSet::everything() };
        let of = |side: usize| rule.sides()[side].map(|id| self.deltas.models[side].rule(id));
        [of(0), of(1)].into_iter().flatten().fold(AddrSet::default(), |all, rule| all.or(&reach(rule)))
    }
}

fn means(model: &Model, id: RuleId, class: ClassId) -> bool {
    let rules = model.indexed_rules(id.policy, id.direction);
    // A rule that is inert is in no index.
    let Some(rule) = rules.get(id.index as usize) else { return true };
    let mut peers = rule.peers.iter().flatten();
    rule.peers.is_none() || peers.any(|peer| model.peer_truth(*peer, class) != Truth::No)
}

fn reach(rule: &Rule) -> AddrSet {
    let Some(peers) = &rule.peers else { return AddrSet::everything() };
    let blocks = peers.iter().filter_map(|item| match &item.peer {
        Peer::Block(block) => Some(block.addresses()),
        Peer::Pods { .. } => None,
    });
    blocks.fold(AddrSet::default(), |all, block| all.or(&block))
}

/// A side that has it, and its id there.
fn either<Id: Copy>(aligned: Aligned<Id>) -> (usize, Id) {
    match aligned {
        Aligned::Both(id, _) | Aligned::Base(id) => (0, id),
        Aligned::Head(id) => (1, id),
    }
}
