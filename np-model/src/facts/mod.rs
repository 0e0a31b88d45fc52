//! The state of the cluster as the input shows it: namespaces, pods, workloads and nodes.
//!
//! Facts are plain, complete and unresolved: every label is kept, references are names. What is
//! *not* known is explicit ([`Labels::unknown`], an empty [`Pod::ips`]); nothing is guessed here.
//! Reading a manifest into facts lives beside each type.

mod labels;
pub mod namespace;
pub mod node;
pub mod pod;
pub mod service;
pub mod workload;

pub use labels::{Labels, Lookup, UnknownKeys};
pub use namespace::Namespace;
pub use node::Node;
pub use pod::{ContainerPort, Phase, Pod, PodShape};
pub use service::Service;
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
    /// Nodes.
    pub nodes: Vec<Node>,
    /// The addresses of Services.
    pub services: Vec<Service>,
}
