//! Changes to anything but NetworkPolicies, pods and namespaces: new objects of every other kind, and objects
//! that go with all that they made. All is compiled again then.

use std::collections::BTreeSet;

use crate::facts::{Entries, Facts, Owner, WorkloadKind};
use crate::ir::Unevaluated;

/// Kind, namespace (empty for objects that are in none) and name.
type Key = (String, String, String);

/// What is new, and what goes.
#[derive(Debug, Clone, Default)]
pub(super) struct Others {
    /// Without pods and namespaces.
    facts: Facts,
    unevaluated: Vec<Unevaluated>,
    gone: BTreeSet<Key>,
}

impl Others {
    /// New objects; pods and namespaces among them do not count.
    pub(super) fn new(facts: Facts, unevaluated: Vec<Unevaluated>) -> Self {
        Self {
            facts: Facts { pods: Vec::new(), namespaces: Vec::new(), ..facts },
            unevaluated,
            gone: BTreeSet::new(),
        }
    }

    /// Takes a workload, node or Service away; `false` for other kinds.
    pub(super) fn remove(&mut self, kind: &str, namespace: Option<String>, name: String) -> bool {
        let is_placed = WorkloadKind::ALL.iter().any(|known| known.api() == kind) || kind == "Service";
        let is_known = (is_placed && namespace.is_some()) || (kind == "Node" && namespace.is_none());
        if is_known {
            self.gone.insert((kind.to_owned(), namespace.unwrap_or_default(), name));
        }
        is_known
    }

    /// Whether nothing changes.
    pub(super) fn is_empty(&self) -> bool {
        let Facts { workloads, autoscalers, nodes, .. } = &self.facts;
        self.gone.is_empty()
            && self.unevaluated.is_empty()
            && (workloads.is_empty() && autoscalers.is_empty() && nodes.is_empty())
            && self.facts.without_endpoints().next().is_none()
    }

    /// The policies that cannot be evaluated, given those that there were.
    pub(super) fn unevaluated(&self, before: &[Unevaluated]) -> Vec<Unevaluated> {
        let is_new = |policy: &Unevaluated| {
            policy.object.is_some() && self.unevaluated.iter().any(|new| new.object == policy.object)
        };
        let mut all: Vec<_> = before.iter().filter(|policy| !is_new(policy)).cloned().collect();
        all.extend(self.unevaluated.iter().cloned());
        all.sort();
        all
    }

    /// Makes the changes to facts.
    pub(super) fn make(&self, facts: &mut Facts) {
        if self.is_empty() {
            return;
        }
        self.cascade(facts);
        let new = &self.facts;
        let key = |kind: &str, namespace: &str, name: &str| {
            (kind.to_owned(), namespace.to_owned(), name.to_owned())
        };
        self.replace(&mut facts.workloads, &new.workloads, |one| {
            key(one.kind.api(), &one.namespace, &one.name)
        });
        self.replace(&mut facts.nodes, &new.nodes, |one| key("Node", "", &one.name));
        self.replace(&mut facts.services, &new.services, |one| key("Service", &one.namespace, &one.name));
        self.replace(&mut facts.endpoint_slices, &new.endpoint_slices, |one| {
            key(&format!("{:?}", one.kind), &one.namespace, &one.name)
        });
        // They say only that there may be several pods, so that nothing comes of one too many.
        facts.autoscalers.extend(new.autoscalers.iter().cloned());
        let (all, new): (&mut Entries, &Entries) = (&mut facts.entries, &new.entries);
        self.replace(&mut all.ingresses, &new.ingresses, |one| key("", &one.namespace, &one.name));
        self.replace(&mut all.ingress_classes, &new.ingress_classes, |one| key("", "", &one.name));
        self.replace(&mut all.gateways, &new.gateways, |one| key("", &one.namespace, &one.name));
        self.replace(&mut all.gateway_classes, &new.gateway_classes, |one| key("", "", &one.name));
        self.replace(&mut all.listener_sets, &new.listener_sets, |one| key("", &one.namespace, &one.name));
        self.replace(&mut all.gateway_routes, &new.gateway_routes, |one| {
            key(one.kind.api(), &one.namespace, &one.name)
        });
        self.replace(&mut all.reference_grants, &new.reference_grants, |one| {
            key("", &one.namespace, &one.name)
        });
        self.replace(&mut all.routes, &new.routes, |one| key("", &one.namespace, &one.name));
        facts.sort();
    }

    /// What goes takes what it made with it: ReplicaSets and pods name their owners.
    fn cascade(&self, facts: &mut Facts) {
        let mut gone = self.gone.clone();
        if gone.is_empty() {
            return;
        }
        let is_of = |gone: &BTreeSet<Key>, namespace: &str, owner: Option<&Owner>| {
            owner.is_some_and(|owner| {
                gone.contains(&(owner.kind.api().to_owned(), namespace.to_owned(), owner.name.to_string()))
            })
        };
        loop {
            let before = facts.workloads.len();
            facts.workloads.retain(|one| {
                let key = (one.kind.api().to_owned(), one.namespace.to_string(), one.name.to_string());
                let goes = gone.contains(&key) || is_of(&gone, &one.namespace, one.owner.as_ref());
                if goes {
                    gone.insert(key);
                }
                !goes
            });
            if facts.workloads.len() == before {
                break;
            }
        }
        facts.pods.retain(|pod| !is_of(&gone, &pod.namespace, pod.owner.as_ref()));
    }

    /// Puts the new objects in the place of those with their names, and takes away those that go.
    fn replace<T: Clone>(&self, all: &mut Vec<T>, new: &[T], key: impl Fn(&T) -> Key) {
        let names: BTreeSet<Key> = new.iter().map(&key).collect();
        if !names.is_empty() || !self.gone.is_empty() {
            all.retain(|one| {
                let key = key(one);
                !names.contains(&key) && !self.gone.contains(&key)
            });
            all.extend(new.iter().cloned());
        }
    }
}
