//! The base with some of the changes.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::objects::Object;
use super::{Delta, DeltaId, Deltas, policies};
use crate::apply::{Changes, Merged};
use crate::compile::build;
use crate::facts::{Facts, Labels, Namespace, Pod, Workload, WorkloadKind};
use crate::ir::{PolicyId, Unevaluated, UnevaluatedId};
use crate::model::{Model, NodeId};
use crate::refine::Aligned;

/// What changes of facts beside pods, namespaces and the labels of templates.
#[derive(Default)]
struct More {
    workloads: BTreeMap<(String, WorkloadKind, String), Option<Workload>>,
    nodes: Vec<Aligned<NodeId>>,
    unevaluated: Vec<Aligned<UnevaluatedId>>,
    is_rest: bool,
}

impl Deltas<'_> {
    /// The base with some of the changes. Its places are those of the texts of whichever model a thing is from, so that they
    /// mean nothing; answers do. Costs what [`Model::apply`] does for policies, pods and labels, else a compile.
    pub fn apply(&self, some: &[DeltaId]) -> Model {
        let [base, _] = self.models;
        let mut changes = Changes::default();
        let mut more = More::default();
        self.change_policies(some, &mut changes);
        // Labels come on top of all else about a pod.
        for id in some {
            match self.get(*id) {
                Delta::Pods(_) => self.change_objects(*id, &mut changes, &mut more),
                Delta::Rest => {
                    more.is_rest = true;
                    self.change_objects(*id, &mut changes, &mut more);
                }
                Delta::Node(node) => more.nodes.push(*node),
                Delta::Unevaluated(policy) => more.unevaluated.push(*policy),
                Delta::Namespace(_) | Delta::NamespaceLabel(..) => self.change_namespace(*id, &mut changes),
                _ => {}
            }
        }
        for id in some {
            if let Delta::PodLabel(_, key) = self.get(*id) {
                self.change_labels(*id, key, &mut changes, &mut more);
            }
        }
        if more.is_nothing() { base.apply(&changes) } else { self.compile(&changes, &more) }
    }

    fn change_policies(&self, some: &[DeltaId], changes: &mut Changes) {
        let [base, head] = self.models;
        let mut parts: BTreeMap<(PolicyId, PolicyId), Vec<&Delta>> = BTreeMap::new();
        for id in some {
            match self.policy(*id) {
                Some(Aligned::Both(a, b)) => parts.entry((a, b)).or_default().push(self.get(*id)),
                Some(Aligned::Base(a)) => {
                    let policy = base.policy(a);
                    changes.policies.insert((policy.namespace.to_string(), policy.name.to_string()), None);
                }
                Some(Aligned::Head(b)) => {
                    let policy = &head.rules().policies[b.index()];
                    let key = (policy.namespace.to_string(), policy.name.to_string());
                    changes.policies.insert(key, Some(Arc::clone(policy)));
                }
                None => {}
            }
        }
        for ((a, b), parts) in parts {
            let policy = policies::mixed([base.policy(a), head.policy(b)], &parts);
            let key = (policy.namespace.to_string(), policy.name.to_string());
            changes.policies.insert(key, Some(policy));
        }
    }

    fn change_namespace(&self, id: DeltaId, changes: &mut Changes) {
        let [base, head] = self.models;
        match self.get(id) {
            Delta::Namespace(Aligned::Base(id)) => {
                changes.namespaces.insert(base.namespace(*id).name.clone(), None);
            }
            Delta::Namespace(Aligned::Head(id)) => {
                let namespace = head.namespace(*id);
                let (name, labels) = (namespace.name.as_str().into(), namespace.labels.clone());
                let object = Namespace { name, labels, at: None };
                changes.namespaces.insert(namespace.name.clone(), Some(object));
            }
            Delta::NamespaceLabel(a, b, key) => {
                changes.label_namespace(base, *a, key, head.namespace(*b).labels.known(key));
            }
            _ => {}
        }
    }

    /// Puts objects of the head in the place of those of the base, with the labels of these if they have their own changes.
    fn change_objects(&self, id: DeltaId, changes: &mut Changes, more: &mut More) {
        let objects = &self.objects[id.index()];
        for object in &objects.pods {
            let [old, new] = self.pod_facts(object);
            let Some(key) = old.or(new).map(|pod| (pod.namespace.to_string(), pod.name.to_string())) else {
                continue;
            };
            let new = new.map(|new| {
                let mut pod = new.clone();
                keep(&mut pod.shape.labels, old.map(|old| &old.shape.labels), object);
                pod
            });
            changes.pods.insert(key, new);
        }
        for object in &objects.workloads {
            let [old, new] = self.workload_facts(object);
            let Some(key) = old.as_ref().or(new.as_ref()).map(name_of) else { continue };
            let new = new.map(|mut new| {
                keep(&mut new.template.labels, old.as_ref().map(|old| &old.template.labels), object);
                new
            });
            more.workloads.insert(key, new);
        }
    }

    fn change_labels(&self, id: DeltaId, key: &str, changes: &mut Changes, more: &mut More) {
        let objects = &self.objects[id.index()];
        for object in &objects.pods {
            let [Some(old), Some(new)] = self.pod_facts(object) else { continue };
            let name = (old.namespace.to_string(), old.name.to_string());
            if let Some(pod) = changes.pods.entry(name).or_insert_with(|| Some(old.clone())) {
                pod.shape.labels = pod.shape.labels.with(key, new.shape.labels.known(key));
            }
        }
        for object in &objects.workloads {
            let [Some(old), Some(new)] = self.workload_facts(object) else { continue };
            let (name, value) = (name_of(&old), new.template.labels.known(key));
            if let Some(made) = more.workloads.get_mut(&name) {
                if let Some(made) = made {
                    made.template.labels = made.template.labels.with(key, value);
                }
            } else {
                let labels = changes.templates.entry(name).or_insert(old.template.labels);
                *labels = labels.with(key, value);
            }
        }
    }

    fn pod_facts(&self, object: &Object) -> [Option<&Pod>; 2] {
        [0, 1].map(|side| self.models[side].basis.pod(object.sides[side]?))
    }

    fn workload_facts(&self, object: &Object) -> [Option<Workload>; 2] {
        [0, 1].map(|side| {
            let (at, basis) = (object.sides[side]?, &self.models[side].basis);
            let mut workload = basis.facts().workloads[at].clone();
            workload.template.labels = basis.template(at).clone();
            Some(workload)
        })
    }

    /// The changed model from changed facts.
    fn compile(&self, changes: &Changes, more: &More) -> Model {
        let [base, head] = self.models;
        let basis = base.basis.settled(|facts| {
            changes.make(facts);
            self.change_facts(more, facts);
        });
        let basis = if more.is_rest { basis.assuming(&head.basis) } else { basis };
        let policies = Merged::of(&base.rules.policies, &changes.policies).all;
        let unevaluated = self.unevaluated(&more.unevaluated);
        build(changes.told(base), Arc::new(basis), policies, unevaluated)
    }

    fn change_facts(&self, more: &More, facts: &mut Facts) {
        let [base, head] = self.models;
        if !more.workloads.is_empty() {
            facts.workloads.retain(|one| !more.workloads.contains_key(&name_of(one)));
            facts.workloads.extend(more.workloads.values().flatten().cloned());
        }
        for node in &more.nodes {
            if let Some(id) = node.base() {
                facts.nodes.retain(|one| one.name != base.node(id).name);
            }
            if let Some(id) = node.head() {
                let name = &head.node(id).name;
                let nodes = &head.basis.facts().nodes;
                facts.nodes.extend(nodes.iter().filter(|one| one.name == *name).cloned());
            }
        }
        if more.is_rest {
            let of_head = head.basis.facts();
            facts.autoscalers.clone_from(&of_head.autoscalers);
            facts.services.clone_from(&of_head.services);
            facts.endpoint_slices.clone_from(&of_head.endpoint_slices);
            facts.entries = of_head.entries.clone();
        }
    }

    fn unevaluated(&self, some: &[Aligned<UnevaluatedId>]) -> Vec<Unevaluated> {
        let [base, head] = self.models;
        let is_gone = |id: UnevaluatedId| some.iter().any(|one| one.base() == Some(id));
        let kept = base.rules.unevaluated.iter().zip((0..).map(UnevaluatedId::at));
        let mut all: Vec<Unevaluated> =
            kept.filter(|(_, id)| !is_gone(*id)).map(|(one, _)| one.clone()).collect();
        all.extend(some.iter().filter_map(|one| Some(head.unevaluated(one.head()?).clone())));
        all.sort();
        all
    }
}

impl More {
    fn is_nothing(&self) -> bool {
        self.workloads.is_empty() && self.nodes.is_empty() && self.unevaluated.is_empty() && !self.is_rest
    }
}

/// Gives an object of the head the labels of the base, if they do not change with it.
fn keep(labels: &mut Labels, old: Option<&Labels>, object: &Object) {
    if let Some(old) = old.filter(|_| !object.is_whole) {
        *labels = old.clone().with_unknown(labels.unknown());
    }
}

fn name_of(one: &Workload) -> (String, WorkloadKind, String) {
    (one.namespace.to_string(), one.kind, one.name.to_string())
}
