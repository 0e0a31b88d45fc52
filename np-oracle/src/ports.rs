//! Ports: which ones a rule opens on a destination, and at which ones two answers can differ at all.

use crate::address::Family;
use crate::cluster::Cluster;
use crate::party::Role;
use k8s_openapi::api::core::v1::{Container, PodSpec};
use k8s_openapi::api::networking::v1::NetworkPolicyPort;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use std::collections::BTreeSet;

/// A transport protocol that policies know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Protocol {
    Tcp,
    Udp,
    Sctp,
}

impl Protocol {
    /// Every protocol.
    pub const ALL: [Self; 3] = [Self::Tcp, Self::Udp, Self::Sctp];

    /// The protocol's name in the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tcp => "TCP",
            Self::Udp => "UDP",
            Self::Sctp => "SCTP",
        }
    }

    /// The protocol of this name; TCP where none is written.
    pub(crate) fn read(name: Option<&str>) -> Option<Self> {
        Self::ALL.into_iter().find(|protocol| protocol.is_named(name))
    }

    fn is_named(self, name: Option<&str>) -> bool {
        self.name() == name.unwrap_or("TCP")
    }
}

/// One connection out of all that two ends may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Point {
    /// The IP family it uses.
    pub family: Family,
    /// Its protocol.
    pub protocol: Protocol,
    /// The destination's port, 1 to 65535.
    pub port: u16,
}

/// Whether a rule with these ports opens the point on this destination.
pub(crate) fn opens(ports: &[NetworkPolicyPort], destination: &Role<'_>, point: Point) -> bool {
    ports.is_empty() || ports.iter().any(|port| opens_one(port, destination, point))
}

fn opens_one(rule: &NetworkPolicyPort, destination: &Role<'_>, point: Point) -> bool {
    if !point.protocol.is_named(rule.protocol.as_deref()) {
        return false;
    }
    let asked = i32::from(point.port);
    match &rule.port {
        None => true,
        Some(IntOrString::Int(first)) => *first <= asked && asked <= rule.end_port.unwrap_or(*first),
        Some(IntOrString::String(name)) => match destination {
            Role::Pod { spec: Some(spec), .. } => resolves(spec, name, point),
            _ => false,
        },
    }
}

/// Whether the pod has a port of this name at the point.
fn resolves(spec: &PodSpec, name: &str, point: Point) -> bool {
    let sidecars = spec.init_containers.iter().flatten().filter(|one| is_sidecar(one));
    let ports = spec.containers.iter().chain(sidecars).flat_map(|one| one.ports.iter().flatten());
    ports.into_iter().any(|port| {
        port.name.as_deref() == Some(name)
            && point.protocol.is_named(port.protocol.as_deref())
            && port.container_port == i32::from(point.port)
    })
}

/// An init container that keeps running beside the others.
pub(crate) fn is_sidecar(container: &Container) -> bool {
    container.restart_policy.as_deref() == Some("Always")
}

/// Every port at which an answer may change, and both neighbours of each: two sets of ports that the cluster
/// can give rise to are equal if they agree on these.
pub fn boundary_points(cluster: &Cluster) -> Vec<u16> {
    let mut numbers = BTreeSet::from([1, 65535]);
    for spec in cluster.policies.iter().filter_map(|policy| policy.spec.as_ref()) {
        let ingress = spec.ingress.iter().flatten().flat_map(|rule| rule.ports.iter().flatten());
        let egress = spec.egress.iter().flatten().flat_map(|rule| rule.ports.iter().flatten());
        for port in ingress.chain(egress) {
            numbers.extend(port.end_port);
            if let Some(IntOrString::Int(number)) = port.port {
                numbers.insert(number);
            }
        }
    }
    for port in
        cluster.services.iter().flat_map(|one| one.spec.iter()).flat_map(|spec| spec.ports.iter().flatten())
    {
        numbers.insert(port.port);
        if let Some(IntOrString::Int(number)) = port.target_port {
            numbers.insert(number);
        }
    }
    let of_slices = cluster.slices.iter().flat_map(|one| one.ports.iter().flatten());
    numbers.extend(of_slices.filter_map(|port| port.port));
    let subsets = cluster.endpoints.iter().flat_map(|one| one.subsets.iter().flatten());
    numbers.extend(subsets.flat_map(|one| one.ports.iter().flatten()).map(|port| port.port));
    let of_pods = cluster.pods.iter().filter_map(|pod| pod.spec.as_ref());
    let of_workloads = cluster.workloads.iter().filter_map(|workload| workload.template.spec.as_ref());
    for spec in of_pods.chain(of_workloads) {
        let containers = spec.containers.iter().chain(spec.init_containers.iter().flatten());
        numbers.extend(containers.flat_map(|one| one.ports.iter().flatten()).map(|port| port.container_port));
    }
    let around =
        numbers.into_iter().flat_map(|number| [number.saturating_sub(1), number, number.saturating_add(1)]);
    let ports: BTreeSet<u16> =
        around.filter_map(|number| u16::try_from(number).ok()).filter(|&port| port > 0).collect();
    ports.into_iter().collect()
}
