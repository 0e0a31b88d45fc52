//! The immutable model that questions are asked of: endpoints, their classes, and the rules,
//! indexed both ways.
//!
//! Ids are positions: [`PodId`] indexes [`Model::pods`], [`ClassId`] indexes [`Model::classes`], and
//! so on. Everything is sorted by namespace and name, so the same input gives the same ids whatever
//! order it came in.

mod alike;
mod class_set;
mod endpoints;
mod ids;
mod rules;

pub use class_set::ClassSet;
pub use endpoints::{Class, ClassKind, Namespace, Node, Pod, Whereabouts, Workload};
pub(crate) use ids::{BlockId, NamespaceSelectorId, PodSelectorId};
pub use ids::{
    ClassId, NamespaceId, NodeId, PeerId, PodId, PortNameId, PortsId, ResolvedId, ResolvedNamesId,
    SelectingId, ServiceId, WorkloadId,
};
pub use rules::{IndexedRule, Interference, Match, Ports, Selecting};
pub(crate) use rules::{PeerIndex, PeerKey};

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use crate::addr::{AddrSet, Families};
use crate::compile::{Basis, Space};
use crate::conn::{ConnSet, Protocol};
use crate::diag::Diagnostic;
use crate::facts::{EndpointSlice, Entries, Service};
use crate::ir::{Direction, Policy, PolicyId, Rule, RuleId, Rules, Unevaluated, UnevaluatedId};
use crate::origin::{Location, Position, Sources};
use crate::truth::Truth;

/// Facts and rules, compiled. Immutable; questions of any number of threads can share it.
#[derive(Debug, Clone)]
pub struct Model {
    pub(crate) basis: Arc<Basis>,
    pub(crate) sources: Sources,
    pub(crate) diagnostics: Arc<Vec<Diagnostic>>,
    pub(crate) namespaces: Arc<Vec<Namespace>>,
    pub(crate) pods: Arc<Vec<Pod>>,
    pub(crate) workloads: Arc<Vec<Workload>>,
    pub(crate) nodes: Arc<Vec<Node>>,
    pub(crate) rules: Rules,
    pub(crate) indexed: Vec<Arc<[Vec<IndexedRule>; 2]>>,
    /// Those of pods and nodes; by namespace, the range of its ordinary pods.
    pub(crate) classes: Arc<Vec<Class>>,
    pub(crate) of_namespace: Arc<Vec<Range<usize>>>,
    /// Those of external addresses, which follow.
    pub(crate) externals: Arc<Vec<Class>>,
    /// By class and direction.
    pub(crate) selecting: Arc<Vec<[SelectingId; 2]>>,
    /// By [`SelectingId`].
    pub(crate) selecting_sets: Vec<Arc<Selecting>>,
    pub(crate) peers: PeerIndex,
    pub(crate) ports: Vec<Arc<Ports>>,
    /// By [`ResolvedNamesId`]: what each port name in use resolves to.
    pub(crate) resolved_names: Arc<Vec<Vec<(PortNameId, ResolvedId)>>>,
    pub(crate) resolutions: Arc<Vec<ConnSet>>,
    pub(crate) port_names: Arc<Vec<(String, Protocol)>>,
    pub(crate) finished: Arc<Vec<(String, String)>>,
    pub(crate) space: Space,
    pub(crate) ignored_kinds: Arc<BTreeMap<String, usize>>,
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

    /// The ids of [`Self::namespaces`].
    pub fn namespace_ids(&self) -> impl ExactSizeIterator<Item = NamespaceId> + use<> {
        (0..self.namespaces.len()).map(NamespaceId::at)
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

    /// The ids of the policies in force.
    pub fn policy_ids(&self) -> impl ExactSizeIterator<Item = PolicyId> + use<> {
        (0..self.rules.policies.len()).map(PolicyId::at)
    }

    /// The namespace with a name; logarithmic in the number of namespaces.
    pub fn find_namespace(&self, name: &str) -> Option<NamespaceId> {
        self.namespaces.binary_search_by(|one| one.name.as_str().cmp(name)).ok().map(NamespaceId::at)
    }

    /// The policy of a namespace with a name; logarithmic in the number of policies.
    pub fn find_policy(&self, namespace: &str, name: &str) -> Option<PolicyId> {
        let key =
            |policy: &Arc<Policy>| (policy.namespace.as_str(), policy.name.as_str()).cmp(&(namespace, name));
        self.rules.policies.binary_search_by(key).ok().map(PolicyId::at)
    }

    /// A policy that cannot be evaluated.
    pub fn unevaluated(&self, id: UnevaluatedId) -> &Unevaluated {
        &self.rules.unevaluated[id.index()]
    }

    /// How many policies were left out because their kind was to be ignored, by `Kind.group`.
    pub fn ignored_kinds(&self) -> &BTreeMap<String, usize> {
        &self.ignored_kinds
    }

    /// One rule; of a direction that its policy does not concern, an inert one.
    ///
    /// # Panics
    /// If the id is not of this model.
    pub fn rule(&self, id: RuleId) -> &Rule {
        let policy = self.policy(id.policy);
        let rules = policy.rules(id.direction).unwrap_or_else(|| policy.inert_rules(id.direction));
        &rules[id.index as usize]
    }

    /// The rules of a policy in a direction, interned; empty if it does not concern the direction.
    pub fn indexed_rules(&self, policy: PolicyId, direction: Direction) -> &[IndexedRule] {
        &self.indexed[policy.index()][direction as usize]
    }

    /// Every class.
    pub fn classes(&self) -> impl ExactSizeIterator<Item = &Class> {
        self.class_ids().map(|id| self.class(id))
    }

    /// One class.
    pub fn class(&self, id: ClassId) -> &Class {
        match id.index().checked_sub(self.classes.len()) {
            None => &self.classes[id.index()],
            Some(at) => &self.externals[at],
        }
    }

    /// The ids of [`Self::classes`].
    pub fn class_ids(&self) -> impl ExactSizeIterator<Item = ClassId> + use<> {
        (0..self.selecting.len()).map(ClassId::at)
    }

    /// The policies that select a class in a direction.
    pub fn selecting(&self, class: ClassId, direction: Direction) -> &Selecting {
        &self.selecting_sets[self.selecting[class.index()][direction as usize].index()]
    }

    /// The same by content: classes that the same policies select have the same id.
    pub fn selecting_id(&self, class: ClassId, direction: Direction) -> SelectingId {
        self.selecting[class.index()][direction as usize]
    }

    /// The policies behind an id.
    pub fn selecting_set(&self, id: SelectingId) -> &Selecting {
        &self.selecting_sets[id.index()]
    }

    /// The classes that a peer matches; costs a bit for each class.
    pub fn peer_match(&self, peer: PeerId) -> Match {
        self.peers.matches(peer)
    }

    /// The same as the classes that are in both of two sets, which costs nothing; `None` if there are some
    /// that it may match. Of a block, those of `within` count, which has all ordinary pods.
    pub fn peer_in_both<'s>(&'s self, peer: PeerId, within: &'s ClassSet) -> Option<[&'s ClassSet; 2]> {
        self.peers.in_both(peer, within)
    }

    /// Whether a peer matches a class, without any work for the others.
    pub fn peer_truth(&self, peer: PeerId, class: ClassId) -> Truth {
        self.peers.truth(peer, class)
    }

    /// The families of the connections that a peer gives: a block its own, others both.
    pub fn peer_families(&self, peer: PeerId) -> Families {
        self.peers.families(peer)
    }

    /// A list of ports.
    pub fn ports(&self, ports: PortsId) -> &Ports {
        &self.ports[ports.index()]
    }

    /// The port names in use that resolve on members of a class, each with what it opens there;
    /// ascending.
    pub fn resolved_names(&self, class: ClassId) -> &[(PortNameId, ResolvedId)] {
        &self.resolved_names[self.class(class).resolved_names.index()]
    }

    /// What [`Self::resolved_names`] are by content: equal ids, equal names.
    pub fn resolved_names_id(&self, class: ClassId) -> ResolvedNamesId {
        self.class(class).resolved_names
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
    /// the input, but no endpoints. Sorted.
    pub fn finished_pods(&self) -> &[(String, String)] {
        &self.finished
    }

    /// Services, by namespace and name: policies see the pods behind them.
    pub fn services(&self) -> &[Service] {
        &self.basis.facts().services
    }

    /// One Service.
    pub fn service(&self, id: ServiceId) -> &Service {
        &self.basis.facts().services[id.index()]
    }

    /// The ids of [`Self::services`].
    pub fn service_ids(&self) -> impl ExactSizeIterator<Item = ServiceId> + use<> {
        (0..self.basis.facts().services.len()).map(ServiceId::at)
    }

    /// `ns/svc/name` of a Service.
    pub fn service_name(&self, id: ServiceId) -> String {
        let service = self.service(id);
        format!("{}/svc/{}", service.namespace, service.name)
    }

    /// The endpoints behind Services that the input has, by namespace and name.
    pub fn endpoint_slices(&self) -> &[EndpointSlice] {
        &self.basis.facts().endpoint_slices
    }

    /// What lets traffic into the cluster, each kind by namespace and name.
    pub fn entries(&self) -> &Entries {
        &self.basis.facts().entries
    }

    /// The addresses of known pods, nodes and Services: all others are external.
    pub fn known_addresses(&self) -> &AddrSet {
        &self.space.known
    }

    /// Where pods without a known IP lie.
    pub fn pod_space(&self) -> &AddrSet {
        &self.space.pods
    }

    /// Whether [`Self::pod_space`] falls back on the private ranges (for IPv6: any address), as
    /// the input shows none.
    pub fn pod_space_assumed(&self) -> bool {
        self.space.pods_assumed
    }

    /// The IP families that the input shows; what endpoints without an address have.
    pub fn families(&self) -> Families {
        self.space.families
    }

    /// Whether [`Self::families`] falls back on IPv4, as the input shows none.
    pub fn families_assumed(&self) -> bool {
        self.space.families_assumed
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
