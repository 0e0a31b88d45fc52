//! One direction of a pair: what the subject's policies say about the other end.

use np_model::Model;
use np_model::conn::ConnSet;
use np_model::ir::{Direction, Effect, PolicyId, RuleId, UnevaluatedId};
use np_model::model::{ClassId, ClassKind, Interference, Selecting};
use np_model::truth::Truth;

use crate::verdict::Outcome;

/// What one direction does to the connections asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// What happens to them, as far as this direction goes.
    pub outcome: Outcome,
    /// Who decides which of them. Several rules may allow the same connection.
    pub decisions: Vec<Decided>,
}

/// A decision and the connections it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// Who decides.
    pub decision: Decision,
    /// What, of the connections asked about.
    pub connections: ConnSet,
}

/// Who decides a direction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// A rule allows.
    Rule(RuleId),
    /// The subject is isolated by these policies, and none of their rules allows.
    Isolated(Vec<PolicyId>),
    /// No policy selects the subject in this direction, so everything passes.
    NotIsolated,
    /// The subject is a node, or a pod that shares a node's network: policies do not select it.
    Host,
    /// The subject is an external address: it has no policy of its own.
    External,
    /// Both ends are the same pod.
    Itself,
    /// One end is the node that the other runs on.
    OwnNode,
    /// The ends have no IP family in common.
    NoCommonFamily,
    /// Nobody: these facts are missing.
    Unknown(Vec<Doubt>),
}

/// A fact that the input does not show and an answer depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Doubt {
    /// Whether the other end's address is in a rule's block: the rule, and its peer from 0.
    Address(RuleId, u32),
    /// Whether the labels of the other end's namespace match a rule's peer: the namespace has no
    /// object in the input.
    NamespaceLabels(RuleId, u32),
    /// Whether the labels that a controller adds to the other end match a rule's peer.
    PodLabels(RuleId, u32),
    /// Whether a policy selects the subject: it depends on labels that a controller adds.
    Subject(PolicyId),
    /// Whether one end runs on the node that the other is.
    Placement,
    /// What a policy says about the subject that cannot be evaluated.
    Unevaluated(UnevaluatedId),
}

/// What a rule contributes to a pair.
struct Share {
    rule: RuleId,
    certain: ConnSet,
    possible: ConnSet,
}

/// What a policy contributes to a pair: the union of its rules' shares.
#[derive(Debug, Clone, Default)]
pub(crate) struct PolicyShare {
    certain: ConnSet,
    possible: ConnSet,
}

impl PolicyShare {
    /// Adds what a rule gives; what is certain is possible too.
    pub(crate) fn add(&mut self, certain: &ConnSet, possible: &ConnSet) {
        self.certain = self.certain.or(certain);
        self.possible = self.possible.or(certain).or(possible);
    }
}

/// What the policies of a direction do to `asked`, given what each gives: those that certainly select
/// the subject, and those that may.
pub(crate) fn settle(
    selecting: &Selecting,
    asked: &ConnSet,
    certain: &[PolicyShare],
    maybe: &[PolicyShare],
) -> Outcome {
    let union = |shares: &[PolicyShare], of: fn(&PolicyShare) -> &ConnSet| {
        shares.iter().fold(ConnSet::none(), |set, share| set.or(of(share)))
    };
    let Interference { joins, restricts, permits } = selecting.interference;
    let (passes, may_pass) = if certain.is_empty() {
        // Isolated by some of the policies that may select it, or by none.
        let all_allow = maybe.iter().fold(asked.clone(), |set, share| set.and(&share.certain));
        (if joins { ConnSet::none() } else { all_allow }, asked.clone())
    } else {
        let possible = union(certain, |share| &share.possible).or(&union(maybe, |share| &share.possible));
        let possible = if joins { asked.clone() } else { possible };
        (union(certain, |share| &share.certain), possible)
    };
    let passes = if restricts { ConnSet::none() } else { passes };
    Outcome::of(asked, &passes, if permits { asked } else { &may_pass })
}

impl Side {
    /// A direction that one thing decides.
    pub(super) fn decided(decision: Decision, passes: &ConnSet, asked: &ConnSet) -> Self {
        let outcome = Outcome::of(asked, passes, passes);
        Self { outcome, decisions: vec![Decided { decision, connections: asked.clone() }] }
    }

    /// What `subject`'s policies in `direction` do to `asked` with `other`, which share a family.
    pub(super) fn of(
        model: &Model,
        subject: ClassId,
        other: ClassId,
        direction: Direction,
        asked: &ConnSet,
    ) -> Self {
        let selecting = model.selecting(subject, direction);
        if selecting.is_empty() {
            return Self::decided(default(model, subject), asked, asked);
        }
        let destination = match direction {
            Direction::Egress => other,
            Direction::Ingress => subject,
        };
        let mut doubts = Vec::new();
        let mut shares = Vec::new();
        let mut of_policy = |policy: PolicyId| {
            let mut total = PolicyShare::default();
            for share in shares_of(model, policy, other, destination, direction, asked, &mut doubts) {
                total.add(&share.certain, &share.possible);
                shares.push(share);
            }
            total
        };
        let certain: Vec<PolicyShare> = selecting.certain.iter().map(|policy| of_policy(*policy)).collect();
        let possible: Vec<PolicyShare> = selecting.maybe.iter().map(|policy| of_policy(*policy)).collect();
        // Beside a policy that is certain to isolate, one that may not even select the subject decides nothing.
        if !selecting.certain.is_empty() {
            shares.retain(|share| selecting.certain.contains(&share.rule.policy));
        }

        let outcome = settle(selecting, asked, &certain, &possible);

        let mut decisions = Vec::new();
        if !selecting.may_isolate() && !outcome.passes.is_empty() {
            decisions
                .push(Decided { decision: default(model, subject), connections: outcome.passes.clone() });
        }
        for share in shares {
            let connections = share.certain.and(&outcome.passes);
            if !connections.is_empty() {
                decisions.push(Decided { decision: Decision::Rule(share.rule), connections });
            }
        }
        if !outcome.open.is_empty() {
            let relevant =
                doubts.into_iter().filter(|(_, connections)| !connections.and(&outcome.open).is_empty());
            let mut doubts: Vec<Doubt> = relevant.map(|(doubt, _)| doubt).collect();
            doubts.extend(selecting.maybe.iter().map(|policy| Doubt::Subject(*policy)));
            doubts.extend(selecting.unevaluated.iter().map(|policy| Doubt::Unevaluated(*policy)));
            doubts.sort_unstable();
            doubts.dedup();
            decisions
                .push(Decided { decision: Decision::Unknown(doubts), connections: outcome.open.clone() });
        }
        if !outcome.blocked.is_empty() {
            let isolated = Decision::Isolated(selecting.certain.clone());
            decisions.push(Decided { decision: isolated, connections: outcome.blocked.clone() });
        }
        Self { outcome, decisions }
    }

    /// What `subject` has to say about its own node, or its own pod: nothing may come between the
    /// two but policies that cannot be evaluated and are no NetworkPolicies.
    pub(super) fn of_own_node(
        model: &Model,
        subject: ClassId,
        direction: Direction,
        asked: &ConnSet,
    ) -> Self {
        let selecting = model.selecting(subject, direction);
        if !may_come_between(selecting) {
            return Self::decided(Decision::OwnNode, asked, asked);
        }
        let is_other = |id: &UnevaluatedId| model.unevaluated(*id).effect != Effect::Joins;
        let others = selecting.unevaluated.iter().copied().filter(is_other);
        let decision = Decision::Unknown(others.map(Doubt::Unevaluated).collect());
        Self {
            outcome: Outcome::of(asked, &ConnSet::none(), asked),
            decisions: vec![Decided { decision, connections: asked.clone() }],
        }
    }

    /// The same, where the ends may be a pod and its own node: what is blocked becomes open.
    pub(super) fn maybe_own_node(mut self) -> Self {
        if self.outcome.blocked.is_empty() {
            return self;
        }
        let blocked = std::mem::take(&mut self.outcome.blocked);
        self.outcome.open = self.outcome.open.or(&blocked);
        self.decisions.retain(|decided| !matches!(decided.decision, Decision::Isolated(_)));
        self.decisions
            .push(Decided { decision: Decision::Unknown(vec![Doubt::Placement]), connections: blocked });
        self
    }
}

/// Whether a policy may decide even what passes between a pod and its own node, which is beyond
/// the reach of NetworkPolicies.
pub(crate) fn may_come_between(selecting: &Selecting) -> bool {
    selecting.interference.restricts
}

/// Who decides for a subject that no policy isolates.
fn default(model: &Model, subject: ClassId) -> Decision {
    match model.class(subject).kind {
        ClassKind::Pods => Decision::NotIsolated,
        ClassKind::Hosts => Decision::Host,
        ClassKind::External => Decision::External,
    }
}

fn shares_of(
    model: &Model,
    policy: PolicyId,
    other: ClassId,
    destination: ClassId,
    direction: Direction,
    asked: &ConnSet,
    doubts: &mut Vec<(Doubt, ConnSet)>,
) -> Vec<Share> {
    let mut shares = Vec::new();
    for (rule, index) in model.indexed_rules(policy, direction).iter().zip(0..) {
        let rule_id = RuleId { policy, direction, index };
        let opens = model.opens(rule.ports, destination).and(asked);
        let mut share = Share { rule: rule_id, certain: ConnSet::none(), possible: ConnSet::none() };
        match &rule.peers {
            None => share.certain = opens.clone(),
            Some(peers) => {
                for (peer, at) in peers.iter().zip(0..) {
                    let connections = opens.within(model.peer_families(*peer));
                    match model.peer_truth(*peer, other) {
                        Truth::Yes => share.certain = share.certain.or(&connections),
                        Truth::Maybe if !connections.is_empty() => {
                            share.possible = share.possible.or(&connections);
                            let reasons = doubts_of(model, rule_id, at, other);
                            doubts.extend(reasons.into_iter().map(|doubt| (doubt, connections.clone())));
                        }
                        Truth::Maybe | Truth::No => {}
                    }
                }
            }
        }
        share.possible = share.possible.or(&share.certain);
        if !share.possible.is_empty() {
            shares.push(share);
        }
    }
    shares
}

/// Why it is not known whether a rule's peer matches a class.
fn doubts_of(model: &Model, rule: RuleId, item: u32, other: ClassId) -> Vec<Doubt> {
    use np_model::ir::{Namespaces, Peer};
    let peers = model.rule(rule).peers.as_deref().unwrap_or_default();
    let (Some(peer), Some(pod)) = (peers.get(item as usize), model.class(other).pods.first()) else {
        return vec![Doubt::Address(rule, item)];
    };
    let pod = model.pod(*pod);
    match &peer.peer {
        Peer::Block(_) => vec![Doubt::Address(rule, item)],
        Peer::Pods { namespaces, pods } => {
            let namespace = &model.namespace(pod.namespace).labels;
            let is_namespace_open = match namespaces {
                Namespaces::Named(_) => false,
                Namespaces::Matching(selector) => selector.matches(namespace) == Truth::Maybe,
            };
            let mut doubts = Vec::new();
            if is_namespace_open {
                doubts.push(Doubt::NamespaceLabels(rule, item));
            }
            if pods.matches(&pod.labels) == Truth::Maybe {
                doubts.push(Doubt::PodLabels(rule, item));
            }
            doubts
        }
    }
}
