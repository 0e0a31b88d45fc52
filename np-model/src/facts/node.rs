//! Nodes: addresses that pods with `hostNetwork` share, and the ranges that pods get IPs from.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::origin::Location;

/// A node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// `metadata.name`.
    pub name: String,
    /// `status.addresses` of type InternalIP, the first of each family; empty if unknown.
    pub ips: Vec<IpAddr>,
    /// `spec.podCIDRs`, else `spec.podCIDR`.
    pub pod_cidrs: Vec<IpNet>,
    /// Where `metadata.name` stands.
    pub at: Option<Location>,
}
