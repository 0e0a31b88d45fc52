//! The state of the cluster as the input shows it: namespaces, pods, workloads and nodes, and what
//! leads traffic to pods: Services, Ingresses, Gateways and the like.
//!
//! Facts are plain, complete and unresolved: every label is kept, references are names. What is
//! *not* known is explicit ([`Labels::unknown`], an empty [`Pod::ips`]); nothing is guessed here.
//! Reading a manifest into facts lives beside each type.

pub mod autoscaler;
pub mod endpoint_slice;
mod entries;
mod fact;
pub mod gateway;
pub mod ingress;
mod labels;
pub mod namespace;
pub mod node;
pub mod pod;
mod pool;
mod port;
pub mod route;
pub mod service;
pub mod workload;

pub use autoscaler::Autoscaler;
pub(crate) use autoscaler::AutoscalerKind;
pub use endpoint_slice::{Endpoint, EndpointPort, EndpointSlice, PodRef, SliceKind};
pub use entries::Entries;
pub(crate) use entries::EntryKind;
pub(crate) use fact::Fact;
pub use gateway::{Gateway, GatewayClass, GatewayRoute, ListenerSet, ReferenceGrant};
pub use ingress::{Ingress, IngressClass};
pub use labels::{Annotations, Labels, Lookup, UnknownKeys};
pub use namespace::Namespace;
pub use node::Node;
pub use pod::{ContainerPort, Phase, Pod, PodShape};
pub(crate) use pool::Pool;
pub use port::{Address, PortRef};
pub use route::Route;
pub use service::{Service, ServiceKind, ServicePort, TrafficPolicy};
pub use workload::{Owner, Replicas, Workload, WorkloadKind};

/// All facts of an input, in the order read.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// Namespaces that have an object of their own.
    pub namespaces: Vec<Namespace>,
    /// Pods, finished ones included.
    pub pods: Vec<Pod>,
    /// Controllers of pods.
    pub workloads: Vec<Workload>,
    /// What gives workloads several pods.
    pub autoscalers: Vec<Autoscaler>,
    /// Nodes.
    pub nodes: Vec<Node>,
    /// Services.
    pub services: Vec<Service>,
    /// The endpoints behind Services, as far as the input has them.
    pub endpoint_slices: Vec<EndpointSlice>,
    /// What lets traffic into the cluster and leads it to Services.
    pub entries: Entries,
}

impl Facts {
    /// Sorts Services, endpoint slices and entries by namespace and name; all else stays in the order read.
    pub(crate) fn sort(&mut self) {
        self.services.sort_by(|a, b| (&a.namespace, &a.name).cmp(&(&b.namespace, &b.name)));
        self.endpoint_slices
            .sort_by(|a, b| (&a.namespace, &a.name, a.kind).cmp(&(&b.namespace, &b.name, b.kind)));
        self.entries.sort();
    }

    /// How many objects there are of each kind that says nothing about pods by itself.
    pub fn without_endpoints(&self) -> impl Iterator<Item = (&'static str, usize)> {
        let beside = [
            ("Namespace", self.namespaces.len()),
            ("Service", self.services.len()),
            ("EndpointSlice", self.endpoint_slices.len()),
        ];
        beside.into_iter().chain(self.entries.counts()).filter(|(_, count)| *count > 0)
    }
}
