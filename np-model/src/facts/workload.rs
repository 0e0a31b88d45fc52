//! Workloads: objects that make pods and, where the pods are not in the input, stand for them.

use super::PodShape;
use crate::origin::Location;

/// A controller of pods, with the template that its pods are made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workload {
    /// `metadata.namespace`, or the default that was assumed.
    pub namespace: String,
    /// Which kind.
    pub kind: WorkloadKind,
    /// `metadata.name`.
    pub name: String,
    /// Labels, ports and placement of the pods it makes, from its pod template.
    pub template: PodShape,
    /// How many pods it makes.
    pub replicas: Replicas,
    /// The workload that made this one, such as the Deployment of a ReplicaSet.
    pub owner: Option<Owner>,
    /// Where `metadata.name` stands.
    pub at: Option<Location>,
}

/// A reference from a pod or workload to its controller (`metadata.ownerReferences`), in the same
/// namespace.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Owner {
    /// Which kind.
    pub kind: WorkloadKind,
    /// Its `metadata.name`.
    pub name: String,
}

/// How many pods a workload makes, as far as a verdict can depend on it: whether there is another
/// pod of it for a pod to talk to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Replicas {
    /// At most one at a time (`replicas: 0` included: the pod it would make).
    One,
    /// Several, or a number that the input does not fix.
    Several,
}

/// The kinds of workload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum WorkloadKind {
    /// CronJob (`cj`).
    CronJob,
    /// Deployment (`deploy`).
    Deployment,
    /// DaemonSet (`ds`).
    DaemonSet,
    /// Job (`job`).
    Job,
    /// ReplicationController (`rc`).
    ReplicationController,
    /// ReplicaSet (`rs`).
    ReplicaSet,
    /// StatefulSet (`sts`).
    StatefulSet,
}

impl WorkloadKind {
    /// Every kind there is.
    pub const ALL: [Self; 7] = [
        Self::CronJob,
        Self::Deployment,
        Self::DaemonSet,
        Self::Job,
        Self::ReplicationController,
        Self::ReplicaSet,
        Self::StatefulSet,
    ];

    /// The short name that kubectl takes: `deploy`, `sts`, `ds`, `rs`, `rc`, `job`, `cj`.
    pub fn short(self) -> &'static str {
        match self {
            Self::CronJob => "cj",
            Self::Deployment => "deploy",
            Self::DaemonSet => "ds",
            Self::Job => "job",
            Self::ReplicationController => "rc",
            Self::ReplicaSet => "rs",
            Self::StatefulSet => "sts",
        }
    }

    /// The API kind.
    pub fn api(self) -> &'static str {
        match self {
            Self::CronJob => "CronJob",
            Self::Deployment => "Deployment",
            Self::DaemonSet => "DaemonSet",
            Self::Job => "Job",
            Self::ReplicationController => "ReplicationController",
            Self::ReplicaSet => "ReplicaSet",
            Self::StatefulSet => "StatefulSet",
        }
    }
}
