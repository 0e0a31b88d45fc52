//! Pods before they meet the cluster: what is drawn for each, and its containers.

use super::labels::{PODS, labels};
use super::policies::{PORT_NAMES, PORT_NUMBERS, protocol};
use k8s_openapi::api::core::v1::{Container, ContainerPort, PodSpec};
use proptest::prelude::*;
use proptest::{collection, option, sample};
use std::collections::{BTreeMap, BTreeSet};

/// What is drawn for a pod; numbers choose from what the cluster has.
#[derive(Clone, Debug)]
pub(crate) struct PodDraw {
    pub(crate) namespace: u8,
    pub(crate) labels: BTreeMap<String, String>,
    pub(crate) v4: Option<u8>,
    pub(crate) v6: Option<u8>,
    pub(crate) host_network: bool,
    /// Whether the status has `hostIP`, and whether a hostNetwork pod's has `podIP`.
    pub(crate) shows_host: (bool, bool),
    pub(crate) node: Option<u8>,
    pub(crate) phase: Option<&'static str>,
    pub(crate) terminating: bool,
    pub(crate) owned: bool,
    pub(crate) containers: Vec<ContainerDraw>,
    pub(crate) init_containers: Vec<ContainerDraw>,
}

/// What is drawn for a container.
#[derive(Clone, Debug)]
pub(crate) struct ContainerDraw {
    ports: Option<Vec<PortDraw>>,
    /// Of an init container: that it keeps running.
    sidecar: bool,
}

/// A port's name, protocol and number.
type PortDraw = (Option<&'static str>, Option<String>, i32);

fn container() -> impl Strategy<Value = ContainerDraw> {
    let port = (
        option::weighted(0.8, sample::select(&PORT_NAMES[..])),
        protocol(),
        sample::select(&PORT_NUMBERS[..]),
    );
    let ports = option::weighted(0.9, collection::vec(port, 0..3));
    (ports, any::<bool>()).prop_map(|(ports, sidecar)| ContainerDraw { ports, sidecar })
}

/// A pod.
pub(crate) fn pod() -> impl Strategy<Value = PodDraw> {
    let place = (
        0..4_u8,
        option::weighted(0.6, 0..9_u8),
        option::weighted(0.35, 0..9_u8),
        option::weighted(0.6, 0..4_u8),
    );
    let network = (prop::bool::weighted(0.15), any::<(bool, bool)>());
    let phases = [Some("Running"), Some("Running"), Some("Pending"), Some("Succeeded"), Some("Failed"), None];
    let life = (sample::select(phases.to_vec()), prop::bool::weighted(0.1), prop::bool::weighted(0.2));
    let containers = (collection::vec(container(), 1..3), collection::vec(container(), 0..2));
    (place, network, labels(PODS), life, containers).prop_map(
        |(
            (namespace, v4, v6, node),
            (host_network, shows_host),
            labels,
            life,
            (containers, init_containers),
        )| {
            let (phase, terminating, owned) = life;
            PodDraw {
                namespace,
                labels,
                v4,
                v6,
                host_network,
                shows_host,
                node,
                phase,
                terminating,
                owned,
                containers,
                init_containers,
            }
        },
    )
}

/// The name of a node, whether or not there is an object of that name.
pub(crate) fn node_name(number: u8) -> String {
    format!("node-{number}")
}

impl PodDraw {
    /// The pod's spec, such as an API server accepts.
    pub(crate) fn spec(&self) -> PodSpec {
        let mut host_ports = BTreeSet::new();
        let mut build = |draws: &[ContainerDraw], prefix: &str| -> Vec<Container> {
            let numbered = draws.iter().zip(0_u8..);
            numbered
                .map(|(draw, n)| draw.build(format!("{prefix}{n}"), self.host_network, &mut host_ports))
                .collect()
        };
        let containers = build(&self.containers, "c");
        let mut init_containers = build(&self.init_containers, "i");
        for (container, draw) in init_containers.iter_mut().zip(&self.init_containers) {
            container.restart_policy = draw.sidecar.then(|| "Always".to_owned());
        }
        PodSpec {
            containers,
            init_containers: (!init_containers.is_empty()).then_some(init_containers),
            host_network: self.host_network.then_some(true),
            node_name: self.node.map(node_name),
            ..PodSpec::default()
        }
    }
}

impl ContainerDraw {
    /// Names are unique in a container; in a node's network, ports are the host's and unique in the pod.
    fn build(&self, name: String, on_host: bool, host_ports: &mut BTreeSet<(String, i32)>) -> Container {
        let mut names = BTreeSet::new();
        let mut ports = Vec::new();
        for (name, protocol, number) in self.ports.iter().flatten() {
            let key = (protocol.clone().unwrap_or_else(|| "TCP".to_owned()), *number);
            if on_host && !host_ports.insert(key) {
                continue;
            }
            ports.push(ContainerPort {
                container_port: *number,
                host_port: on_host.then_some(*number),
                name: name.filter(|name| names.insert(*name)).map(str::to_owned),
                protocol: protocol.clone(),
                ..ContainerPort::default()
            });
        }
        let ports = self.ports.is_some().then_some(ports);
        Container { name, image: Some("image".to_owned()), ports, ..Container::default() }
    }
}
