//! Pods, and the part of a pod that a workload's template shares.

use std::sync::Arc;

use smol_str::SmolStr;

use super::{Labels, Owner, Pool, labels, port};
use crate::addr::Ips;
use crate::conn::Protocol;
use crate::fields::Field;
use crate::fields::Name;
use crate::origin::Location;

/// A pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pod {
    /// `metadata.namespace`, or the default that was assumed.
    pub namespace: SmolStr,
    /// `metadata.name`.
    pub name: SmolStr,
    /// Labels, ports and placement.
    pub shape: PodShape,
    /// `status.podIPs`, else `status.podIP`; of each family the first; empty if unknown.
    pub ips: Ips,
    /// `status.hostIPs`, else `status.hostIP`; of each family the first; empty if unknown.
    pub host_ips: Ips,
    /// `status.phase`.
    pub phase: Phase,
    /// The controller, if it is of a kind that np knows.
    pub owner: Option<Owner>,
    /// Where `metadata.name` stands.
    pub at: Option<Location>,
}

/// How far a pod is, as far as a verdict can depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Phase {
    /// It runs, or will: it is an endpoint.
    Live,
    /// Its containers have ended well, and will not start again.
    Succeeded,
    /// Its containers have ended, one of them badly; its controller may make another pod.
    Failed,
}

impl Phase {
    /// Whether the pod has ended, and so is no endpoint.
    pub fn is_finished(self) -> bool {
        self != Self::Live
    }
}

/// What a pod and a pod template have in common.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PodShape {
    /// `metadata.labels`.
    pub labels: Labels,
    /// Ports of containers, then of sidecars (init containers with `restartPolicy: Always`).
    pub ports: Arc<[ContainerPort]>,
    /// `spec.hostNetwork`.
    pub host_network: bool,
    /// `spec.nodeName`, if the pod is placed.
    pub node_name: Option<SmolStr>,
}

/// A port that a container declares (`ports[]` of a container).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ContainerPort {
    /// `name`, which policies may refer to.
    pub name: Option<SmolStr>,
    /// `protocol`, TCP if absent.
    pub protocol: Protocol,
    /// `containerPort`, 1–65535.
    pub port: u16,
}

impl Pod {
    /// Reads a Pod object.
    pub(crate) fn read(object: &Field<'_>, namespace: SmolStr, name: Name, pool: &mut Pool) -> Self {
        let (metadata, status) = (object.get("metadata").map(), object.get("status").map());
        let (mut pod_ips, mut host_ips) =
            (ips(&status, "podIPs", "podIP"), ips(&status, "hostIPs", "hostIP"));
        if object.has_errors() {
            // The address that is broken may be its only one of a family.
            (pod_ips, host_ips) = (Ips::default(), Ips::default());
        }
        Self {
            namespace,
            name: name.text,
            shape: PodShape::read(object, pool),
            ips: pod_ips,
            host_ips,
            phase: match status.get("phase").text() {
                Some("Succeeded") => Phase::Succeeded,
                Some("Failed") => Phase::Failed,
                _ => Phase::Live,
            },
            owner: Owner::read(&metadata, pool),
            at: name.at,
        }
    }
}

impl PodShape {
    /// Reads `metadata` and `spec` of a pod or a pod template.
    pub(crate) fn read(pod: &Field<'_>, pool: &mut Pool) -> Self {
        let (metadata, spec) = (pod.get("metadata").map(), pod.get("spec").map());
        Self {
            labels: labels::read(&metadata, pool),
            ports: pool.ports(&ports(&spec)),
            host_network: spec.get("hostNetwork").flag().unwrap_or_default(),
            node_name: spec.get("nodeName").filled().map(|name| pool.name(name)),
        }
    }
}

/// The ports of containers, then of sidecars.
fn ports(spec: &Field<'_>) -> Vec<ContainerPort> {
    let (containers, init) = (spec.get("containers"), spec.get("initContainers"));
    let mut ports = Vec::new();
    for container in containers.items() {
        push_ports(&mut ports, &container.map());
    }
    for container in init.items() {
        let container = container.map();
        if container.get("restartPolicy").text() == Some("Always") {
            push_ports(&mut ports, &container);
        }
    }
    ports
}

fn push_ports(ports: &mut Vec<ContainerPort>, container: &Field<'_>) {
    let list = container.get("ports");
    ports.extend(list.items().filter_map(|port| ContainerPort::read(&port.map())));
}

impl ContainerPort {
    fn read(port: &Field<'_>) -> Option<Self> {
        let (name, protocol, number) = (port.get("name"), port.get("protocol"), port.get("containerPort"));
        let protocol = port::protocol(&protocol);
        let port = port::required(&number, "a container port needs its number");
        let name = name.filled().map(SmolStr::new);
        Some(Self { name, protocol: protocol?, port: port? })
    }
}

/// The addresses in a list of a pod's status (`[{ip: …}]`), else in the field of older versions.
fn ips(status: &Field<'_>, several: &str, single: &str) -> Ips {
    let (several, single) = (status.get(several), status.get(single));
    let ips: Ips = several.items().filter_map(|item| port::ip(&item.map().get("ip"))).collect();
    if ips.is_empty() { port::ip(&single).into_iter().collect() } else { ips }
}
