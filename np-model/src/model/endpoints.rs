//! Who the model is about: namespaces, pods, workloads, nodes, and the classes they form.

use std::sync::Arc;

use smol_str::SmolStr;

use super::{ClassId, NamespaceId, NodeId, PodId, ResolvedNamesId, WorkloadId};
use crate::addr::{AddrSet, Families, Ips};
use crate::facts::{ContainerPort, Labels, Replicas, WorkloadKind};
use crate::origin::Location;

/// A namespace in the model.
#[derive(Debug, Clone)]
pub struct Namespace {
    /// Its name.
    pub name: String,
    /// Its labels, `kubernetes.io/metadata.name` among them.
    pub labels: Labels,
    /// Whether it is only referred to: no object in the input shows it.
    pub inferred: bool,
}

/// An endpoint that policies select by labels: a live pod, or a workload's template standing for
/// pods that the input does not show.
#[derive(Debug, Clone)]
pub struct Pod {
    /// Its namespace.
    pub namespace: NamespaceId,
    /// The pod's name, or the workload's if this is a template.
    pub name: SmolStr,
    /// How many pods a template stands for; `None` for a pod of its own.
    pub template: Option<Replicas>,
    /// The workload it belongs to.
    pub workload: Option<WorkloadId>,
    /// Its labels.
    pub labels: Labels,
    /// The ports its containers declare.
    pub ports: Arc<[ContainerPort]>,
    /// Whether it shares its node's network, and so is its node to every policy.
    pub host_network: bool,
    /// The node it runs on, if known.
    pub node_name: Option<SmolStr>,
    /// Where its addresses lie.
    pub whereabouts: Whereabouts,
    /// The IP families it has.
    pub families: Families,
    /// Its endpoint class.
    pub class: ClassId,
    /// Where its name stands.
    pub at: Option<Location>,
    /// Its place among the pods of the facts, or among the workloads if this is a template.
    pub(crate) fact: usize,
}

impl Pod {
    /// Whether it stands for several pods, so that one can talk to another.
    pub fn is_several(&self) -> bool {
        self.template == Some(Replicas::Several)
    }
}

/// What is known about an endpoint's addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Whereabouts {
    /// These, at least one.
    At(Ips),
    /// Somewhere in the pod CIDRs ([`Model::pod_space`](super::Model::pod_space)).
    PodSpace,
    /// Any address of the families the input shows: a node that does not say.
    Anywhere,
}

/// A workload in the model.
#[derive(Debug, Clone)]
pub struct Workload {
    /// Its namespace.
    pub namespace: NamespaceId,
    /// Its kind.
    pub kind: WorkloadKind,
    /// Its name.
    pub name: String,
    /// Its pods, or the one template that stands for them, ascending.
    pub pods: Vec<PodId>,
}

/// A node in the model.
#[derive(Debug, Clone)]
pub struct Node {
    /// Its name.
    pub name: SmolStr,
    /// Where its addresses lie.
    pub whereabouts: Whereabouts,
    /// The IP families it has.
    pub families: Families,
    /// Its endpoint class.
    pub class: ClassId,
}

/// Endpoints that no rule in force can tell apart.
#[derive(Debug, Clone)]
pub struct Class {
    /// What kind of endpoint its members are.
    pub kind: ClassKind,
    /// The IP families that every member has.
    pub families: Families,
    /// Its pods, ascending.
    pub pods: Vec<PodId>,
    /// Its nodes, ascending.
    pub nodes: Vec<NodeId>,
    /// Its address ranges: their external addresses are its members. Known addresses inside them
    /// belong to their pods and nodes ([`Model::known_addresses`](super::Model::known_addresses)).
    pub addresses: AddrSet,
    /// What the port names in use resolve to on its members.
    pub(crate) resolved_names: ResolvedNamesId,
}

/// What the members of a class are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ClassKind {
    /// Ordinary pods: selected by policies, matched by labels and addresses.
    Pods,
    /// Nodes, and pods that share a node's network: no subjects, matched by addresses alone.
    Hosts,
    /// Addresses of no known pod or node: no subjects, matched by addresses alone.
    External,
}
