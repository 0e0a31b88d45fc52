//! Who there is to talk: live pods, templates standing for pods that the input does not show,
//! nodes, and the workloads that pods belong to.
//!
//! A pod belongs to the topmost workload that its controller references lead to. A workload whose
//! pods are in the input is just their name; one without stands for the pods it would make. Pods
//! win, because their labels and addresses are what policies see.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::space::{Space, host_whereabouts, node_whereabouts};
use crate::facts::namespace::NAME_LABEL;
use crate::facts::{self, Facts, Labels, Owner, UnknownKeys, WorkloadKind};
use crate::ir::Policy;
use crate::model::{ClassId, Namespace, NamespaceId, Node, Pod, PodId, Whereabouts, Workload, WorkloadId};

/// How far controller references are followed; real chains have two links.
const LONGEST_CHAIN: usize = 8;

/// All endpoints but external addresses, each list sorted as the model keeps it.
#[derive(Debug)]
pub(super) struct Endpoints {
    pub(super) namespaces: Vec<Namespace>,
    pub(super) pods: Vec<Pod>,
    pub(super) workloads: Vec<Workload>,
    pub(super) nodes: Vec<Node>,
}

/// A workload's identity; sorts as workloads are listed.
type Identity = (String, WorkloadKind, String);

/// A pod before ids are given: its sort key is namespace, name, and the workload if it is a template.
struct Candidate {
    namespace: String,
    name: String,
    workload: Option<Identity>,
    template: Option<facts::Replicas>,
    shape: facts::PodShape,
    whereabouts: Whereabouts,
    at: Option<crate::origin::Location>,
}

pub(super) fn resolve(facts: Facts, policies: &[Policy], space: &Space, bare_namespaces: bool) -> Endpoints {
    let Facts { namespaces, pods, workloads, autoscalers, nodes, .. } = facts;
    let candidates = candidates(pods, &workloads, &autoscalers, &nodes);
    let referenced =
        candidates.iter().map(|pod| &pod.namespace).chain(policies.iter().map(|policy| &policy.namespace));
    let namespaces = all_namespaces(namespaces, referenced, bare_namespaces);
    let namespace_id = |name: &str| {
        let found = namespaces.binary_search_by(|namespace| namespace.name.as_str().cmp(name));
        NamespaceId::at(found.expect("every namespace that is referred to is listed"))
    };

    let mut members: BTreeMap<&Identity, Vec<PodId>> = BTreeMap::new();
    for (at, candidate) in candidates.iter().enumerate() {
        if let Some(identity) = &candidate.workload {
            members.entry(identity).or_default().push(PodId::at(at));
        }
    }
    let workload_ids: FxHashMap<&Identity, WorkloadId> =
        members.keys().enumerate().map(|(at, identity)| (*identity, WorkloadId::at(at))).collect();
    let owners: Vec<Option<WorkloadId>> = candidates
        .iter()
        .map(|candidate| candidate.workload.as_ref().map(|identity| workload_ids[identity]))
        .collect();
    let workloads = members
        .into_iter()
        .map(|((namespace, kind, name), pods)| Workload {
            namespace: namespace_id(namespace),
            kind: *kind,
            name: name.clone(),
            pods,
        })
        .collect();

    let mut node_names: BTreeMap<String, Arc<str>> = BTreeMap::new();
    let pods = candidates
        .into_iter()
        .zip(owners)
        .map(|(candidate, workload)| {
            let shape = candidate.shape;
            let node_name = shape.node_name.map(|name| {
                let shared = Arc::from(name.as_str());
                Arc::clone(node_names.entry(name).or_insert(shared))
            });
            Pod {
                namespace: namespace_id(&candidate.namespace),
                name: candidate.name,
                template: candidate.template,
                workload,
                labels: shape.labels,
                ports: shape.ports,
                host_network: shape.host_network,
                node_name,
                families: space.families_of(&candidate.whereabouts),
                whereabouts: candidate.whereabouts,
                class: ClassId::at(0),
                at: candidate.at,
            }
        })
        .collect();
    Endpoints { namespaces, pods, workloads, nodes: all_nodes(nodes, space) }
}

fn candidates(
    pods: Vec<facts::Pod>,
    workloads: &[facts::Workload],
    autoscalers: &[facts::Autoscaler],
    nodes: &[facts::Node],
) -> Vec<Candidate> {
    let scaled: BTreeSet<Identity> = autoscalers
        .iter()
        .map(|scaler| (scaler.namespace.clone(), scaler.target.kind, scaler.target.name.clone()))
        .collect();
    let chains = Chains::of(workloads);
    let (mut live, mut done) = (BTreeSet::new(), BTreeSet::new());
    let mut out = Vec::with_capacity(pods.len() + workloads.len());
    for pod in pods {
        let workload = pod.owner.as_ref().map(|owner| chains.top_of_pod(&pod, owner));
        if pod.phase.is_finished() {
            let owner = pod.owner.filter(|_| pod.phase == facts::Phase::Succeeded);
            done.extend(owner.map(|owner| (pod.namespace, owner.kind, owner.name)));
            continue;
        }
        live.extend(workload.clone());
        let whereabouts =
            if pod.shape.host_network { host_whereabouts(&pod, nodes) } else { Space::of_pod(&pod.ips) };
        let facts::Pod { namespace, name, shape, at, .. } = pod;
        out.push(Candidate { namespace, name, workload, template: None, shape, whereabouts, at });
    }
    for workload in workloads {
        let own: Identity = (workload.namespace.clone(), workload.kind, workload.name.clone());
        let top = chains.top(&own);
        // A Job whose pod has succeeded makes no more of them; one whose pod has failed tries again.
        let is_done = workload.kind == WorkloadKind::Job && done.contains(&own);
        // Where the owner is in the input too, its template is the one that stands.
        let is_covered = top != own && chains.objects.contains_key(&top);
        if live.contains(&top) || is_done || is_covered {
            continue;
        }
        out.push(Candidate {
            namespace: workload.namespace.clone(),
            name: workload.name.clone(),
            workload: Some(top),
            template: Some(if scaled.contains(&own) { facts::Replicas::Several } else { workload.replicas }),
            shape: workload.template.clone(),
            whereabouts: if workload.template.host_network {
                node_whereabouts(workload.template.node_name.as_deref(), nodes)
            } else {
                Whereabouts::PodSpace
            },
            at: workload.at,
        });
    }
    out.sort_by(|a, b| (&a.namespace, &a.name, &a.workload).cmp(&(&b.namespace, &b.name, &b.workload)));
    out
}

/// Workload objects by identity, to follow controller references upwards.
struct Chains<'f> {
    objects: FxHashMap<Identity, &'f facts::Workload>,
}

impl<'f> Chains<'f> {
    fn of(workloads: &'f [facts::Workload]) -> Self {
        let identity = |w: &facts::Workload| (w.namespace.clone(), w.kind, w.name.clone());
        Self { objects: workloads.iter().map(|workload| (identity(workload), workload)).collect() }
    }

    /// The topmost workload above `start`, itself included, whether or not the input has an object
    /// of it.
    fn top(&self, start: &Identity) -> Identity {
        let mut top = start.clone();
        for _ in 0..LONGEST_CHAIN {
            let Some(owner) = self.objects.get(&top).and_then(|workload| workload.owner.as_ref()) else {
                break;
            };
            top = (top.0, owner.kind, owner.name.clone());
        }
        top
    }

    fn top_of_pod(&self, pod: &facts::Pod, owner: &Owner) -> Identity {
        let direct = (pod.namespace.clone(), owner.kind, owner.name.clone());
        Self::deployment_by_hash(pod, owner)
            .filter(|_| !self.objects.contains_key(&direct))
            .unwrap_or_else(|| self.top(&direct))
    }

    /// The Deployment of a ReplicaSet that is not in the input: the Deployment controller names
    /// its ReplicaSets after itself and the `pod-template-hash` that it gives their pods.
    fn deployment_by_hash(pod: &facts::Pod, owner: &Owner) -> Option<Identity> {
        let hash = pod.shape.labels.known.get("pod-template-hash")?;
        let name = owner.name.strip_suffix(hash.as_str())?.strip_suffix('-')?;
        let deployment = (pod.namespace.clone(), WorkloadKind::Deployment, name.to_owned());
        (owner.kind == WorkloadKind::ReplicaSet && !name.is_empty()).then_some(deployment)
    }
}

fn all_namespaces<'a>(
    objects: Vec<facts::Namespace>,
    referenced: impl Iterator<Item = &'a String>,
    bare: bool,
) -> Vec<Namespace> {
    let mut all: BTreeMap<String, Namespace> = objects
        .into_iter()
        .map(|namespace| {
            let facts::Namespace { name, labels, .. } = namespace;
            (name.clone(), Namespace { name, labels, inferred: false })
        })
        .collect();
    for name in referenced {
        if !all.contains_key(name) {
            let known = BTreeMap::from([(NAME_LABEL.to_owned(), name.clone())]);
            let unknown = if bare { UnknownKeys::None } else { UnknownKeys::Any };
            let labels = Labels { known, unknown };
            all.insert(name.clone(), Namespace { name: name.clone(), labels, inferred: true });
        }
    }
    all.into_values().collect()
}

fn all_nodes(nodes: Vec<facts::Node>, space: &Space) -> Vec<Node> {
    let mut nodes: Vec<Node> = nodes
        .into_iter()
        .map(|node| {
            let whereabouts =
                if node.ips.is_empty() { Whereabouts::Anywhere } else { Whereabouts::At(node.ips) };
            Node {
                name: node.name.into(),
                families: space.families_of(&whereabouts),
                whereabouts,
                class: ClassId::at(0),
            }
        })
        .collect();
    nodes.sort_by(|a, b| a.name.cmp(&b.name));
    nodes
}
