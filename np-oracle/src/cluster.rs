//! The state of a cluster as the API objects that describe it, and the ends of a connection in it.

use crate::unevaluated::Unevaluated;
use k8s_openapi::api::core::v1::{Endpoints, Namespace, Node, Pod, PodTemplateSpec, Service};
use k8s_openapi::api::discovery::v1::EndpointSlice;
use k8s_openapi::api::networking::v1::NetworkPolicy;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use std::net::IpAddr;

/// API objects, valid for an API server, and how to take what they leave out.
#[derive(Clone, Debug, Default)]
pub struct Cluster {
    /// Namespaces. One that is only referenced is inferred: its labels are unknown.
    pub namespaces: Vec<Namespace>,
    /// Pods, finished ones too.
    pub pods: Vec<Pod>,
    /// Workloads that stand for their pods, of which `pods` holds none.
    pub workloads: Vec<Workload>,
    /// Nodes.
    pub nodes: Vec<Node>,
    /// Services.
    pub services: Vec<Service>,
    /// Where Services lead, as something in the cluster found.
    pub slices: Vec<EndpointSlice>,
    /// The same in the older form.
    pub endpoints: Vec<Endpoints>,
    /// Network policies.
    pub policies: Vec<NetworkPolicy>,
    /// Policies of which nobody knows what they say.
    pub unevaluated: Vec<Unevaluated>,
    /// Where the pods' addresses lie, as CIDRs; takes the place of `Node.spec.podCIDRs` where it is not empty.
    pub pod_cidrs: Vec<String>,
    /// Take inferred namespaces to have no labels but `kubernetes.io/metadata.name`.
    pub assume_bare_namespaces: bool,
}

/// A workload without pods in the input, standing for one pod made from its template.
#[derive(Clone, Debug)]
pub struct Workload {
    /// What kind of workload.
    pub kind: WorkloadKind,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// What its pods are made from.
    pub template: PodTemplateSpec,
}

/// The built-in kinds that make pods.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names are those of the API")]
pub enum WorkloadKind {
    Deployment,
    StatefulSet,
    DaemonSet,
    ReplicaSet,
    ReplicationController,
    Job,
    CronJob,
}

impl WorkloadKind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::Deployment,
        Self::StatefulSet,
        Self::DaemonSet,
        Self::ReplicaSet,
        Self::ReplicationController,
        Self::Job,
        Self::CronJob,
    ];

    /// The kind's name in the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Deployment => "Deployment",
            Self::StatefulSet => "StatefulSet",
            Self::DaemonSet => "DaemonSet",
            Self::ReplicaSet => "ReplicaSet",
            Self::ReplicationController => "ReplicationController",
            Self::Job => "Job",
            Self::CronJob => "CronJob",
        }
    }

    /// The labels that the kind's controller gives to pods with values that only it knows.
    pub(crate) fn labels_of_its_own(self) -> &'static [&'static str] {
        match self {
            Self::Deployment => &["pod-template-hash"],
            Self::StatefulSet => &[
                "statefulset.kubernetes.io/pod-name",
                "apps.kubernetes.io/pod-index",
                "controller-revision-hash",
            ],
            Self::DaemonSet => &["controller-revision-hash", "pod-template-generation"],
            Self::ReplicaSet | Self::ReplicationController => &[],
            Self::Job => &[
                "controller-uid",
                "batch.kubernetes.io/controller-uid",
                "batch.kubernetes.io/job-completion-index",
            ],
            Self::CronJob => &[
                "controller-uid",
                "batch.kubernetes.io/controller-uid",
                "batch.kubernetes.io/job-completion-index",
                "job-name",
                "batch.kubernetes.io/job-name",
            ],
        }
    }
}

/// One end of a connection.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum End {
    /// A pod that is not finished.
    Pod {
        /// Its namespace.
        namespace: String,
        /// Its name.
        name: String,
    },
    /// The pod that a workload stands for.
    Workload {
        /// The workload's kind.
        kind: WorkloadKind,
        /// Its namespace.
        namespace: String,
        /// Its name.
        name: String,
    },
    /// A node, by its name.
    Node(String),
    /// An external address: of no known pod or node.
    Address(IpAddr),
}

impl End {
    /// A pod.
    pub fn pod(namespace: &str, name: &str) -> Self {
        Self::Pod { namespace: namespace.to_owned(), name: name.to_owned() }
    }
}

/// The namespace of a namespaced object; the API server's default where none is written.
pub(crate) fn namespace_of(metadata: &ObjectMeta) -> &str {
    metadata.namespace.as_deref().unwrap_or("default")
}

pub(crate) fn name_of(metadata: &ObjectMeta) -> &str {
    metadata.name.as_deref().unwrap_or_default()
}

/// Whether a pod has run to its end: it is no endpoint, and its addresses are nobody's.
pub(crate) fn is_finished(pod: &Pod) -> bool {
    let phase = pod.status.as_ref().and_then(|status| status.phase.as_deref());
    matches!(phase, Some("Succeeded" | "Failed"))
}

impl Cluster {
    /// Pods that are not finished.
    pub(crate) fn live_pods(&self) -> impl Iterator<Item = &Pod> {
        self.pods.iter().filter(|pod| !is_finished(pod))
    }

    /// Every pod, workload and node that can be asked about.
    pub fn ends(&self) -> Vec<End> {
        let pods = self.live_pods().map(|pod| End::pod(namespace_of(&pod.metadata), name_of(&pod.metadata)));
        let workloads = self.workloads.iter().map(Workload::end);
        let nodes = self.nodes.iter().map(|node| End::Node(name_of(&node.metadata).to_owned()));
        pods.chain(workloads).chain(nodes).collect()
    }
}

impl Workload {
    /// The workload as an end of a connection.
    pub fn end(&self) -> End {
        End::Workload { kind: self.kind, namespace: self.namespace.clone(), name: self.name.clone() }
    }
}
