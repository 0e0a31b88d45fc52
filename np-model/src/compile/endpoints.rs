//! Who there is to talk: live pods, templates standing for pods that the input does not show,
//! nodes, and the workloads that pods belong to.
//!
//! A pod belongs to the topmost workload that its controller references lead to. A workload whose
//! pods are in the input is just their name; one without stands for the pods it would make. Pods
//! win, because their labels and addresses are what policies see.
//!
//! Who there will be is settled first, on names borrowed from the facts, which stay as they are.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::SmolStr;

use super::owners::{Chains, Identity, Names, identity};
use super::space::{Hosts, Space};
use crate::facts::namespace::name_label;
use crate::facts::{self, Facts, UnknownKeys, WorkloadKind};
use crate::ir::Policy;
use crate::model::{ClassId, Namespace, NamespaceId, Node, Pod, PodId, Whereabouts, Workload, WorkloadId};
use crate::origin::Location;

/// All endpoints but external addresses, each list sorted as the model keeps it.
#[derive(Debug)]
pub(super) struct Endpoints {
    pub(super) namespaces: Vec<Namespace>,
    pub(super) pods: Vec<Pod>,
    pub(super) workloads: Vec<Workload>,
    pub(super) nodes: Vec<Node>,
}

/// Who there will be, with namespaces and workloads numbered in the order met.
struct Draft<'f> {
    candidates: Vec<Candidate<'f, u32, u32>>,
    /// What pods belong to, each once.
    workloads: Vec<Identity<'f>>,
}

/// A pod to be. Candidates sort by namespace, name, and the workload if there is one.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Candidate<'f, N, W> {
    namespace: N,
    name: &'f str,
    workload: Option<W>,
    from: From,
}

/// What a pod of the model is made of, by its place in the facts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum From {
    Pod(usize),
    /// The template of a workload; whether it stands for several pods.
    Workload(usize, bool),
}

pub(super) fn resolve(
    facts: &Facts,
    policies: &[Arc<Policy>],
    space: &Space,
    bare_namespaces: bool,
) -> Endpoints {
    let Facts { namespaces, pods, workloads, autoscalers, nodes, .. } = facts;
    let mut names = Names::default();
    let draft = draft(&mut names, pods, workloads, autoscalers);

    let mut is_referenced = vec![false; names.all().len()];
    for candidate in &draft.candidates {
        is_referenced[candidate.namespace as usize] = true;
    }
    let of_pods = names.all().iter().zip(is_referenced).filter_map(|(name, is)| is.then_some(*name));
    let of_policies = policies.iter().map(|policy| policy.namespace.as_str());
    let referenced: FxHashSet<&str> = of_pods.chain(of_policies).collect();
    let namespaces = all_namespaces(namespaces, &referenced, bare_namespaces);
    let namespace_ids: Vec<Option<NamespaceId>> = {
        let ids = namespaces.iter().enumerate().map(|(at, one)| (one.name.as_str(), NamespaceId::at(at)));
        let ids: FxHashMap<&str, NamespaceId> = ids.collect();
        names.all().iter().map(|name| ids.get(name).copied()).collect()
    };
    let id =
        |number: u32| namespace_ids[number as usize].expect("every namespace that is referred to is listed");

    let (mut workloads_of_pods, workload_ids) = in_order(&draft.workloads, id);
    let mut candidates: Vec<Candidate<'_, NamespaceId, WorkloadId>> = draft
        .candidates
        .into_iter()
        .map(|Candidate { namespace, name, workload, from }| {
            let workload = workload.map(|number| workload_ids[number as usize]);
            Candidate { namespace: id(namespace), name, workload, from }
        })
        .collect();
    // Those of one namespace mostly come sorted, whatever stands between them. No two are equal.
    candidates.sort_by_key(|candidate| candidate.namespace);
    let same =
        |a: &Candidate<'_, NamespaceId, _>, b: &Candidate<'_, NamespaceId, _>| a.namespace == b.namespace;
    candidates.chunk_by_mut(same).for_each(<[_]>::sort_unstable);

    let hosts = Hosts::of(nodes);
    let made = candidates.into_iter().zip((0..).map(PodId::at)).map(|(candidate, id)| {
        let Candidate { namespace, workload, from, .. } = candidate;
        if let Some(workload) = workload {
            workloads_of_pods[workload.index()].pods.push(id);
        }
        let whereabouts = whereabouts(from, pods, workloads, &hosts);
        let Source { name, template, shape, at } = source(from, pods, workloads);
        Pod {
            namespace,
            name: name.clone(),
            template,
            workload,
            labels: shape.labels.clone(),
            ports: Arc::clone(&shape.ports),
            host_network: shape.host_network,
            node_name: shape.node_name.clone(),
            families: space.families_of(&whereabouts),
            whereabouts,
            class: ClassId::at(0),
            at,
            fact: match from {
                From::Pod(at) | From::Workload(at, _) => at,
            },
        }
    });
    let made = made.collect();
    Endpoints { namespaces, pods: made, workloads: workloads_of_pods, nodes: all_nodes(nodes, space) }
}

/// What the facts say of a pod of the model.
struct Source<'f> {
    name: &'f SmolStr,
    template: Option<facts::Replicas>,
    shape: &'f facts::PodShape,
    at: Option<Location>,
}

fn source<'f>(from: From, pods: &'f [facts::Pod], workloads: &'f [facts::Workload]) -> Source<'f> {
    match from {
        From::Pod(at) => {
            let facts::Pod { name, shape, at, .. } = &pods[at];
            Source { name, template: None, shape, at: *at }
        }
        From::Workload(at, is_several) => {
            let replicas = if is_several { facts::Replicas::Several } else { facts::Replicas::One };
            let facts::Workload { name, template: shape, at, .. } = &workloads[at];
            Source { name, template: Some(replicas), shape, at: *at }
        }
    }
}

fn whereabouts(
    from: From,
    pods: &[facts::Pod],
    workloads: &[facts::Workload],
    hosts: &Hosts<'_>,
) -> Whereabouts {
    match from {
        From::Pod(at) if pods[at].shape.host_network => hosts.of_pod(&pods[at]),
        From::Pod(at) => Space::of_pod(pods[at].ips),
        From::Workload(at, _) => match &workloads[at].template {
            template if template.host_network => hosts.whereabouts(template.node_name.as_deref()),
            _ => Whereabouts::PodSpace,
        },
    }
}

/// The workloads as the model lists them, and the id of each.
fn in_order(
    identities: &[Identity<'_>],
    namespace: impl Fn(u32) -> NamespaceId,
) -> (Vec<Workload>, Vec<WorkloadId>) {
    let mut order: Vec<_> = identities.iter().zip(0..).collect();
    order.sort_unstable_by_key(|&((number, kind, name), _)| (namespace(*number), *kind, *name));
    let mut ids = vec![WorkloadId::at(0); order.len()];
    let listed = order.into_iter().enumerate().map(|(rank, ((number, kind, name), at))| {
        ids[at] = WorkloadId::at(rank);
        Workload { namespace: namespace(*number), kind: *kind, name: (*name).to_owned(), pods: Vec::new() }
    });
    (listed.collect(), ids)
}

fn draft<'f>(
    names: &mut Names<'f>,
    pods: &'f [facts::Pod],
    workloads: &'f [facts::Workload],
    autoscalers: &'f [facts::Autoscaler],
) -> Draft<'f> {
    let scaled: FxHashSet<Identity<'_>> =
        autoscalers.iter().map(|scaler| identity(names.number(&scaler.namespace), &scaler.target)).collect();
    let mut chains = Chains::of(names, workloads);
    let mut tops = Tops::default();
    let mut done: FxHashSet<Identity<'_>> = FxHashSet::default();
    let mut candidates = Vec::with_capacity(pods.len() + workloads.len());
    for (at, pod) in pods.iter().enumerate() {
        let namespace = names.number(&pod.namespace);
        if pod.phase.is_finished() {
            let owner = pod.owner.as_ref().filter(|_| pod.phase == facts::Phase::Succeeded);
            done.extend(owner.map(|owner| identity(namespace, owner)));
            continue;
        }
        let top = pod.owner.as_ref().map(|owner| chains.top_of_pod(namespace, pod, owner));
        let workload = top.map(|top| tops.number(top));
        candidates.push(Candidate { namespace, name: &pod.name, workload, from: From::Pod(at) });
    }
    let live = tops.numbers.clone();
    for (at, workload) in workloads.iter().enumerate() {
        let own = (names.number(&workload.namespace), workload.kind, workload.name.as_str());
        let top = chains.top(own);
        // A Job whose pod has succeeded makes no more of them; one whose pod has failed tries again.
        let is_done = workload.kind == WorkloadKind::Job && done.contains(&own);
        // Where the owner is in the input too, its template is the one that stands.
        let is_covered = top != own && chains.has(top);
        if live.contains_key(&top) || is_done || is_covered {
            continue;
        }
        let is_several = scaled.contains(&own) || workload.replicas == facts::Replicas::Several;
        candidates.push(Candidate {
            namespace: own.0,
            name: own.2,
            workload: Some(tops.number(top)),
            from: From::Workload(at, is_several),
        });
    }
    Draft { candidates, workloads: tops.all }
}

/// The workloads that pods belong to, numbered in the order met.
#[derive(Default)]
struct Tops<'f> {
    numbers: FxHashMap<Identity<'f>, u32>,
    all: Vec<Identity<'f>>,
}

impl<'f> Tops<'f> {
    fn number(&mut self, workload: Identity<'f>) -> u32 {
        if self.all.last() != Some(&workload) {
            let next = u32::try_from(self.all.len()).expect("fewer workloads than bytes of a text");
            let number = *self.numbers.entry(workload).or_insert(next);
            if number < next {
                return number;
            }
            self.all.push(workload);
        }
        u32::try_from(self.all.len() - 1).expect("numbered above")
    }
}

fn all_namespaces(objects: &[facts::Namespace], referenced: &FxHashSet<&str>, bare: bool) -> Vec<Namespace> {
    let mut all: BTreeMap<String, Namespace> = objects
        .iter()
        .map(|namespace| {
            let facts::Namespace { name, labels, .. } = namespace;
            let (name, labels) = (name.to_string(), labels.clone());
            (name.clone(), Namespace { name, labels, inferred: false })
        })
        .collect();
    for name in referenced {
        if !all.contains_key(*name) {
            let unknown = if bare { UnknownKeys::None } else { UnknownKeys::Any };
            let labels = name_label(name).with_unknown(unknown);
            all.insert((*name).to_owned(), Namespace { name: (*name).to_owned(), labels, inferred: true });
        }
    }
    all.into_values().collect()
}

fn all_nodes(nodes: &[facts::Node], space: &Space) -> Vec<Node> {
    let mut nodes: Vec<Node> = nodes
        .iter()
        .map(|node| {
            let whereabouts =
                if node.ips.is_empty() { Whereabouts::Anywhere } else { Whereabouts::At(node.ips) };
            Node {
                name: node.name.clone(),
                families: space.families_of(&whereabouts),
                whereabouts,
                class: ClassId::at(0),
            }
        })
        .collect();
    nodes.sort_by(|a, b| a.name.cmp(&b.name));
    nodes
}
