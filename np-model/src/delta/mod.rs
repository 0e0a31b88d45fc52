//! What tells two models apart, as the smallest changes of the input that can be made one by one.
//!
//! A difference of answers has a cause among these: some of them, made to the base, bring it about.
//!
//! ```text
//!   policies   a policy in both: its subject, its directions, its rules
//!   objects    namespaces, pods, workloads and nodes: what is new, gone, or different
//!   mix        the base with some of the changes
//!   places     where a change stands in either text (`reread`: found by reading again)
//!   templates  templates that change while their pods are there
//!   unread     what changes in policies that are not evaluated
//! ```
//!
//! Any of them can be made without the others. Rules of a direction that a policy then does not concern are inert,
//! as ever; a workload without its pods stands for them.

mod mix;
mod objects;
mod places;
mod policies;
#[cfg_attr(not(feature = "yaml"), path = "no_text.rs")]
mod reread;
mod templates;
mod unread;

use std::sync::Arc;

use self::objects::Objects;
use crate::ir::{Direction, PolicyId, RuleId, UnevaluatedId};
use crate::model::{Model, NamespaceId, NodeId, PodId};
use crate::refine::Aligned;

/// Names one change: indexes [`Deltas::all`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DeltaId(u32);

impl DeltaId {
    /// The position that it stands for.
    pub fn index(self) -> usize {
        self.0 as usize
    }

    fn at(index: usize) -> Self {
        Self(u32::try_from(index).expect("fewer than 2^32 changes"))
    }
}

/// One change of the input from a base to a head. Ids are of the model on whose side they stand.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Delta {
    /// A policy that only one of the two has.
    Policy(Aligned<PolicyId>),
    /// A policy selects others (`spec.podSelector`).
    Subject(PolicyId, PolicyId),
    /// A policy concerns a direction in one of the two only (`spec.policyTypes`, as defaulted).
    Type(PolicyId, PolicyId, Direction),
    /// A rule of a policy that both have: gone, new, or another in its place. On the side that does not concern the
    /// direction, it is one of the inert rules.
    Rule(Aligned<RuleId>),
    /// The object of a namespace that only one of the two has; to the other it may be known by name.
    Namespace(Aligned<NamespaceId>),
    /// A label, by its key, of a namespace that has an object in both.
    NamespaceLabel(NamespaceId, NamespaceId, String),
    /// A label, by its key, of pods that both have, and which get it alike: those of one workload, or a single pod.
    PodLabel(Vec<Aligned<PodId>>, String),
    /// Pods of one workload, or a single pod, that only one of the two has, or that differ in anything but labels: addresses,
    /// ports, the node.
    Pods(Vec<Aligned<PodId>>),
    /// A node that only one of the two has, or that has other addresses.
    Node(Aligned<NodeId>),
    /// A policy that np does not evaluate: only one of the two has it, or it may do something else.
    Unevaluated(Aligned<UnevaluatedId>),
    /// All else that may matter: where pods lie that do not say so, addresses of Services, autoscalers, and workloads whose
    /// pods are there. It cannot be divided.
    Rest,
}

/// All changes from one model to another.
#[derive(Debug, Clone)]
pub struct Deltas<'m> {
    /// The base and the head.
    pub models: [&'m Model; 2],
    /// The changes, sorted.
    pub all: Vec<Delta>,
    /// By position among `all`: the facts that a change of pods or their labels is about.
    objects: Vec<Objects>,
}

impl<'m> Deltas<'m> {
    /// The changes from a base to a head. Making all of them to the base gives a model that answers as the head does.
    /// A step for each policy and each object of either model, hardly any for what the two share.
    pub fn of(base: &'m Model, head: &'m Model) -> Self {
        let models = [base, head];
        let mut found: Vec<(Delta, Objects)> = Vec::new();
        found.extend(policies::deltas(models).into_iter().map(|delta| (delta, Objects::default())));
        found.extend(objects::deltas(models));
        found.sort_by(|(a, _), (b, _)| a.cmp(b));
        let (all, objects) = found.into_iter().unzip();
        Self { models, all, objects }
    }

    /// The ids of [`Self::all`].
    pub fn ids(&self) -> impl ExactSizeIterator<Item = DeltaId> + use<> {
        (0..self.all.len()).map(DeltaId::at)
    }

    /// One change.
    pub fn get(&self, id: DeltaId) -> &Delta {
        &self.all[id.index()]
    }

    /// The policy that a change is about or part of, in the model that has it: in the base, if both have.
    pub fn policy(&self, id: DeltaId) -> Option<Aligned<PolicyId>> {
        let [base, head] = self.models;
        let base_of = |id: PolicyId| {
            let policy = head.policy(id);
            base.find_policy(&policy.namespace, &policy.name).map(|base| Aligned::Both(base, id))
        };
        let head_of = |id: PolicyId| {
            let policy = base.policy(id);
            head.find_policy(&policy.namespace, &policy.name).map(|head| Aligned::Both(id, head))
        };
        match self.get(id) {
            Delta::Policy(policy) => Some(*policy),
            Delta::Subject(base, head) | Delta::Type(base, head, _) => Some(Aligned::Both(*base, *head)),
            Delta::Rule(Aligned::Both(base, head)) => Some(Aligned::Both(base.policy, head.policy)),
            Delta::Rule(Aligned::Base(rule)) => head_of(rule.policy),
            Delta::Rule(Aligned::Head(rule)) => base_of(rule.policy),
            _ => None,
        }
    }
}

/// Whether two models share something.
fn is_shared<T>(a: &Arc<T>, b: &Arc<T>) -> bool {
    Arc::ptr_eq(a, b)
}
