//! Pods, and the part of a pod that a workload's template shares.

use std::net::IpAddr;

use super::{Labels, Owner};
use crate::conn::Protocol;
use crate::origin::Location;

/// A pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pod {
    /// `metadata.namespace`, or the default that was assumed.
    pub namespace: String,
    /// `metadata.name`.
    pub name: String,
    /// Labels, ports and placement.
    pub shape: PodShape,
    /// `status.podIPs`, else `status.podIP`; at most one a family; empty if unknown.
    pub ips: Vec<IpAddr>,
    /// `status.hostIPs`, else `status.hostIP`; at most one a family; empty if unknown.
    pub host_ips: Vec<IpAddr>,
    /// Whether `status.phase` is Succeeded or Failed.
    pub finished: bool,
    /// The controller, if it is of a kind that np knows.
    pub owner: Option<Owner>,
    /// Where `metadata.name` stands.
    pub at: Option<Location>,
}

/// What a pod and a pod template have in common.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PodShape {
    /// `metadata.labels`.
    pub labels: Labels,
    /// Ports of containers, then of sidecars (init containers with `restartPolicy: Always`).
    pub ports: Vec<ContainerPort>,
    /// `spec.hostNetwork`.
    pub host_network: bool,
    /// `spec.nodeName`, if the pod is placed.
    pub node_name: Option<String>,
}

/// A port that a container declares (`ports[]` of a container).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ContainerPort {
    /// `name`, which policies may refer to.
    pub name: Option<String>,
    /// `protocol`, TCP if absent.
    pub protocol: Protocol,
    /// `containerPort`, 1–65535.
    pub port: u16,
}
