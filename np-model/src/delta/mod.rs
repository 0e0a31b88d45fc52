//! What tells two models apart, as the smallest changes of the input that can be made one by one.
//!
//! A difference of answers has a cause among these: some of them, made to the base, bring it about.

use std::sync::Arc;

use crate::apply::Changes;
use crate::ir::{Direction, PolicyId, RuleId};
use crate::model::{Model, NamespaceId, NodeId, PodId};
use crate::origin::{Location, ObjectRef};
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
    /// A rule of a policy that both have: gone, new, or another in its place.
    Rule(Aligned<RuleId>),
    /// A label, by its key, of a namespace that both have.
    NamespaceLabel(NamespaceId, NamespaceId, String),
    /// A label, by its key, of pods that both have, and which get it alike: those of one workload, or a single pod.
    PodLabel(Vec<Aligned<PodId>>, String),
    /// Pods of one workload, or a single pod, that only one of the two has, or that differ in anything but labels: addresses,
    /// ports, the node.
    Pods(Vec<Aligned<PodId>>),
    /// A node that only one of the two has, or that has other addresses.
    Node(Aligned<NodeId>),
    /// All else that may matter: policies that np does not evaluate, where pods lie that do not say so, objects that are
    /// broken. It cannot be divided.
    Rest,
}

/// All changes from one model to another.
#[derive(Debug, Clone)]
pub struct Deltas<'m> {
    /// The base and the head.
    pub models: [&'m Model; 2],
    /// The changes, sorted.
    pub all: Vec<Delta>,
}

impl<'m> Deltas<'m> {
    /// The changes from a base to a head. Making all of them to the base gives a model that answers as the head does.
    pub fn of(base: &'m Model, head: &'m Model) -> Self {
        let models = [base, head];
        let mut all = Vec::new();
        let policies = models.map(|model| model.rules().policies.iter().enumerate());
        let [bases, heads] = policies;
        for (at, policy) in bases {
            match head.find_policy(&policy.namespace, &policy.name) {
                None => all.push(Delta::Policy(Aligned::Base(PolicyId::at(at)))),
                Some(other)
                    if policy.as_ref().clone().without_places()
                        != head.policy(other).clone().without_places() =>
                {
                    all.push(Delta::Policy(Aligned::Both(PolicyId::at(at), other)));
                }
                Some(_) => {}
            }
        }
        for (at, policy) in heads {
            if base.find_policy(&policy.namespace, &policy.name).is_none() {
                all.push(Delta::Policy(Aligned::Head(PolicyId::at(at))));
            }
        }
        all.sort();
        Self { models, all }
    }

    /// The ids of [`Self::all`].
    pub fn ids(&self) -> impl ExactSizeIterator<Item = DeltaId> + use<> {
        (0..self.all.len()).map(DeltaId::at)
    }

    /// One change.
    pub fn get(&self, id: DeltaId) -> &Delta {
        &self.all[id.index()]
    }

    /// Some of the changes, to be applied to the base.
    pub fn changes(&self, some: &[DeltaId]) -> Changes {
        let mut changes = Changes::default();
        let [base, head] = self.models;
        for id in some {
            match self.get(*id) {
                Delta::Policy(Aligned::Base(id)) => {
                    let policy = base.policy(*id);
                    changes.remove(ObjectRef {
                        kind: "NetworkPolicy".to_owned(),
                        namespace: Some(policy.namespace.to_string()),
                        name: policy.name.to_string(),
                    });
                }
                Delta::Policy(Aligned::Head(id) | Aligned::Both(_, id)) => {
                    changes.put(Arc::unwrap_or_clone(Arc::clone(&head.rules().policies[id.index()])));
                }
                _ => {}
            }
        }
        changes
    }

    /// Where a change stands in the text of the base and in that of the head.
    pub fn places(&self, id: DeltaId) -> [Option<Location>; 2] {
        let [base, head] = self.models;
        match self.get(id) {
            Delta::Policy(policy) => [
                policy.base().and_then(|id| base.policy(id).at),
                policy.head().and_then(|id| head.policy(id).at),
            ],
            _ => [None, None],
        }
    }
}
