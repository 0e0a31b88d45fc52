//! The immutable model that questions are asked of: endpoints, their classes, and the rules,
//! indexed both ways.
//!
//! Ids are positions: [`PodId`] indexes [`Model::pods`], [`ClassId`] indexes [`Model::classes`], and
//! so on. Everything is sorted by namespace and name, so the same input gives the same ids whatever
//! order it came in.

use std::net::IpAddr;
use std::sync::Arc;

use fixedbitset::FixedBitSet;

use crate::addr::{AddrSet, Families};
use crate::conn::{ConnSet, Protocol};
use crate::diag::Diagnostic;
use crate::facts::{ContainerPort, Labels, Replicas, WorkloadKind};
use crate::ir::{Direction, Policy, PolicyId, Rule, RuleId, Rules};
use crate::origin::{Location, Position, Sources};
use crate::truth::Truth;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(u32);

        impl $name {
            /// The position that it stands for.
            pub fn index(self) -> usize {
                self.0 as usize
            }

            /// The id of a position; beyond 2³² there is none, and nothing that large is ever built.
            pub(crate) fn at(index: usize) -> Self {
                Self(u32::try_from(index).expect("fewer than 2^32 of anything"))
            }
        }
    };
}

id!(
    /// Names a namespace: indexes [`Model::namespaces`].
    NamespaceId
);
id!(
    /// Names a pod, or a workload's template standing for its pods: indexes [`Model::pods`].
    PodId
);
id!(
    /// Names a workload: indexes [`Model::workloads`].
    WorkloadId
);
id!(
    /// Names a node: indexes [`Model::nodes`].
    NodeId
);
id!(
    /// Names an endpoint class: indexes [`Model::classes`].
    ClassId
);
id!(
    /// Names a peer by its content: indexes the matches of [`Model::peer_match`].
    PeerId
);
id!(
    /// Names a port name with its protocol, as rules use it.
    PortNameId
);
id!(
    /// Names a list of ports by its content: indexes the lists of [`Model::ports`].
    PortsId
);
id!(
    /// Names what a port name resolves to: indexes [`Model::resolutions`].
    ResolvedId
);

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
    pub name: String,
    /// How many pods a template stands for; `None` for a pod of its own.
    pub template: Option<Replicas>,
    /// The workload it belongs to.
    pub workload: Option<WorkloadId>,
    /// Its labels.
    pub labels: Labels,
    /// The ports its containers declare.
    pub ports: Vec<ContainerPort>,
    /// Whether it shares its node's network, and so is its node to every policy.
    pub host_network: bool,
    /// The node it runs on, if known.
    pub node_name: Option<Arc<str>>,
    /// Where its addresses lie.
    pub whereabouts: Whereabouts,
    /// The IP families it has.
    pub families: Families,
    /// Its endpoint class.
    pub class: ClassId,
    /// Where its name stands.
    pub at: Option<Location>,
}

impl Pod {
    /// Whether it stands for several pods, so that one can talk to another.
    pub fn is_several(&self) -> bool {
        self.template == Some(Replicas::Several)
    }
}

/// What is known about an endpoint's addresses.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Whereabouts {
    /// These, one a family.
    At(Vec<IpAddr>),
    /// Somewhere in the pod CIDRs ([`Model::pod_space`]).
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
    pub name: Arc<str>,
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
    /// belong to their pods and nodes ([`Model::known_addresses`]).
    pub addresses: AddrSet,
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

/// The classes that something matches: for certain, and as far as the facts can tell.
#[derive(Debug, Clone, Default)]
pub struct Match {
    /// Bit `i`: certainly matches class `i`.
    pub(crate) yes: FixedBitSet,
    /// Bit `i`: may match class `i`; disjoint from `yes`.
    pub(crate) maybe: FixedBitSet,
}

impl Match {
    /// Whether it matches a class.
    pub fn of(&self, class: ClassId) -> Truth {
        if self.yes.contains(class.index()) {
            Truth::Yes
        } else if self.maybe.contains(class.index()) {
            Truth::Maybe
        } else {
            Truth::No
        }
    }

    /// The classes it certainly matches, ascending.
    pub fn certain(&self) -> impl Iterator<Item = ClassId> {
        self.yes.ones().map(ClassId::at)
    }

    /// The classes it may match beyond those, ascending.
    pub fn possible(&self) -> impl Iterator<Item = ClassId> {
        self.maybe.ones().map(ClassId::at)
    }
}

/// A list of ports as a rule opens it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ports {
    /// What it opens wherever the destination is, over both families.
    pub fixed: ConnSet,
    /// Names to be resolved in the destination.
    pub named: Vec<PortNameId>,
}

/// A rule with its peers and ports interned.
#[derive(Debug, Clone)]
pub struct IndexedRule {
    /// With whom, item by item as in [`Rule::peers`]; `None` is everyone.
    pub peers: Option<Vec<PeerId>>,
    /// On what.
    pub ports: PortsId,
}

/// The policies that select a class in a direction: ascending, disjoint.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Selecting {
    /// Those that certainly do.
    pub certain: Vec<PolicyId>,
    /// Those that may.
    pub possible: Vec<PolicyId>,
}

impl Selecting {
    /// Whether no policy can isolate the class.
    pub fn is_empty(&self) -> bool {
        self.certain.is_empty() && self.possible.is_empty()
    }
}

/// Facts and rules, compiled. Immutable; questions of any number of threads can share it.
#[derive(Debug, Clone)]
pub struct Model {
    pub(crate) sources: Sources,
    pub(crate) diagnostics: Vec<Diagnostic>,
    pub(crate) namespaces: Vec<Namespace>,
    pub(crate) pods: Vec<Pod>,
    pub(crate) workloads: Vec<Workload>,
    pub(crate) nodes: Vec<Node>,
    pub(crate) rules: Rules,
    pub(crate) indexed: Vec<[Vec<IndexedRule>; 2]>,
    pub(crate) classes: Vec<Class>,
    pub(crate) selecting: Vec<[Selecting; 2]>,
    pub(crate) peers: Vec<PeerIndex>,
    pub(crate) ports: Vec<Ports>,
    /// By class: what each port name in use resolves to there.
    pub(crate) resolved_names: Vec<Vec<(PortNameId, ResolvedId)>>,
    pub(crate) resolutions: Vec<ConnSet>,
    pub(crate) port_names: Vec<(String, Protocol)>,
    pub(crate) finished: Vec<(String, String)>,
    pub(crate) known: AddrSet,
    pub(crate) pod_space: AddrSet,
    pub(crate) pod_space_assumed: bool,
    pub(crate) families: Families,
}

/// A peer's matches, and the families of the connections it gives.
#[derive(Debug, Clone)]
pub(crate) struct PeerIndex {
    pub(crate) matches: Match,
    pub(crate) families: Families,
}

impl Model {
    /// The texts that it was read from.
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// What reading had to say, short of errors.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// Every namespace, by name.
    pub fn namespaces(&self) -> &[Namespace] {
        &self.namespaces
    }

    /// One namespace.
    pub fn namespace(&self, id: NamespaceId) -> &Namespace {
        &self.namespaces[id.index()]
    }

    /// Live pods and templates, by namespace and name.
    pub fn pods(&self) -> &[Pod] {
        &self.pods
    }

    /// One pod.
    pub fn pod(&self, id: PodId) -> &Pod {
        &self.pods[id.index()]
    }

    /// The ids of [`Self::pods`].
    pub fn pod_ids(&self) -> impl ExactSizeIterator<Item = PodId> + use<> {
        (0..self.pods.len()).map(PodId::at)
    }

    /// Workloads that have endpoints, by namespace, kind and name.
    pub fn workloads(&self) -> &[Workload] {
        &self.workloads
    }

    /// One workload.
    pub fn workload(&self, id: WorkloadId) -> &Workload {
        &self.workloads[id.index()]
    }

    /// The ids of [`Self::workloads`].
    pub fn workload_ids(&self) -> impl ExactSizeIterator<Item = WorkloadId> + use<> {
        (0..self.workloads.len()).map(WorkloadId::at)
    }

    /// Nodes, by name.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// One node.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.index()]
    }

    /// The ids of [`Self::nodes`].
    pub fn node_ids(&self) -> impl ExactSizeIterator<Item = NodeId> + use<> {
        (0..self.nodes.len()).map(NodeId::at)
    }

    /// The rules in force; policies by namespace and name.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// One policy.
    pub fn policy(&self, id: PolicyId) -> &Policy {
        &self.rules.policies[id.index()]
    }

    /// One rule.
    ///
    /// # Panics
    /// If the id is not of this model.
    pub fn rule(&self, id: RuleId) -> &Rule {
        &self.policy(id.policy).rules(id.direction).expect("a rule of a listed direction")[id.index as usize]
    }

    /// The rules of a policy in a direction, interned; empty if it does not concern the direction.
    pub fn indexed_rules(&self, policy: PolicyId, direction: Direction) -> &[IndexedRule] {
        &self.indexed[policy.index()][direction as usize]
    }

    /// Every class.
    pub fn classes(&self) -> &[Class] {
        &self.classes
    }

    /// One class.
    pub fn class(&self, id: ClassId) -> &Class {
        &self.classes[id.index()]
    }

    /// The ids of [`Self::classes`].
    pub fn class_ids(&self) -> impl ExactSizeIterator<Item = ClassId> + use<> {
        (0..self.classes.len()).map(ClassId::at)
    }

    /// The policies that select a class in a direction.
    pub fn selecting(&self, class: ClassId, direction: Direction) -> &Selecting {
        &self.selecting[class.index()][direction as usize]
    }

    /// The classes that a peer matches.
    pub fn peer_match(&self, peer: PeerId) -> &Match {
        &self.peers[peer.index()].matches
    }

    /// The families of the connections that a peer gives: a block its own, others both.
    pub fn peer_families(&self, peer: PeerId) -> Families {
        self.peers[peer.index()].families
    }

    /// A list of ports.
    pub fn ports(&self, ports: PortsId) -> &Ports {
        &self.ports[ports.index()]
    }

    /// The port names in use that resolve on members of a class, each with what it opens there;
    /// ascending.
    pub fn resolved_names(&self, class: ClassId) -> &[(PortNameId, ResolvedId)] {
        &self.resolved_names[class.index()]
    }

    /// What a port name opens on members of a class; `None` if they have no such port.
    pub fn resolve(&self, class: ClassId, name: PortNameId) -> Option<ResolvedId> {
        let names = self.resolved_names(class);
        names.binary_search_by_key(&name, |(name, _)| *name).ok().map(|at| names[at].1)
    }

    /// Everything that some port name opens somewhere, over both families.
    pub fn resolutions(&self) -> &[ConnSet] {
        &self.resolutions
    }

    /// What a list of ports opens where the destination is a member of `class`, over both families.
    pub fn opens(&self, ports: PortsId, class: ClassId) -> ConnSet {
        let ports = self.ports(ports);
        let resolved = ports.named.iter().filter_map(|name| self.resolve(class, *name));
        resolved.fold(ports.fixed.clone(), |set, id| set.or(&self.resolutions[id.index()]))
    }

    /// A port name in use, with the protocol that it is used with.
    pub fn port_name(&self, id: PortNameId) -> (&str, Protocol) {
        let (name, protocol) = &self.port_names[id.index()];
        (name, *protocol)
    }

    /// Namespace and name of the pods that have finished (phase Succeeded or Failed): they are in
    /// the input, but no endpoints.
    pub fn finished_pods(&self) -> &[(String, String)] {
        &self.finished
    }

    /// The addresses of known pods and nodes: all others are external.
    pub fn known_addresses(&self) -> &AddrSet {
        &self.known
    }

    /// Where pods without a known IP lie.
    pub fn pod_space(&self) -> &AddrSet {
        &self.pod_space
    }

    /// Whether [`Self::pod_space`] falls back on the private ranges, as the input shows none.
    pub fn pod_space_assumed(&self) -> bool {
        self.pod_space_assumed
    }

    /// The IP families that the input shows; what endpoints without an address have.
    pub fn families(&self) -> Families {
        self.families
    }

    /// A location as file, line and column.
    pub fn position(&self, at: Location) -> Position {
        self.sources.position(at)
    }

    /// `ns/kind/name` of a pod, or of the workload that a template stands for.
    pub fn pod_name(&self, id: PodId) -> String {
        let pod = self.pod(id);
        match (pod.template, pod.workload) {
            (Some(_), Some(workload)) => self.workload_name(workload),
            _ => format!("{}/pod/{}", self.namespace(pod.namespace).name, pod.name),
        }
    }

    /// `ns/kind/name` of a workload.
    pub fn workload_name(&self, id: WorkloadId) -> String {
        let workload = self.workload(id);
        format!("{}/{}/{}", self.namespace(workload.namespace).name, workload.kind.short(), workload.name)
    }
}
