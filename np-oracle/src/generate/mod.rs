//! Random clusters for proptest: small, full of coincidences, and valid for an API server.
//!
//! Each part is drawn on its own as plain data that shrinks well (`pods`, `policies`); `Draw::build`
//! then puts the parts together and settles what only the whole can: names, and addresses that nobody else has.

mod addresses;
mod labels;
mod pods;
mod policies;
mod services;

use crate::cluster::{Cluster, Workload, WorkloadKind};
use crate::unevaluated::Unevaluated;
use crate::unreadable::{KINDS, Kind, MESH_ROOT};
use addresses::{POD_CIDRS_V4, POD_CIDRS_V6, POD_V4, POD_V6, node_v4, node_v6, pod_cidr_option};
use k8s_openapi::api::core::v1::{
    HostIP, Namespace, Node, NodeAddress, NodeSpec, NodeStatus, Pod, PodIP, PodStatus, PodTemplateSpec,
};
use k8s_openapi::api::networking::v1::{NetworkPolicy, NetworkPolicySpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference, Time};
use k8s_openapi::jiff::Timestamp;
use pods::{PodDraw, node_name, pod};
use proptest::prelude::*;
use proptest::{collection, option, sample};
use services::{ServiceDraw, service};
use std::collections::{BTreeMap, BTreeSet};

/// The names of namespaces; none that YAML 1.1 takes for anything but text, as it does `y`.
const NAMESPACES: [&str; 4] = ["red", "blue", "green", "grey"];

/// A namespace with an object: its labels, and what it states as its name's label.
type NamespaceDraw = (BTreeMap<String, String>, Option<&'static str>);

/// A node's known addresses (IPv4, IPv6, a second IPv4) and pod CIDRs.
type NodeDraw = ((bool, bool, bool), (Option<&'static str>, Option<&'static str>));

#[derive(Clone, Debug)]
struct Draw {
    namespaces: Vec<Option<NamespaceDraw>>,
    nodes: Vec<NodeDraw>,
    pods: Vec<PodDraw>,
    workloads: Vec<(WorkloadKind, PodDraw)>,
    policies: Vec<(u8, Option<NetworkPolicySpec>)>,
    unevaluated: Vec<(Kind, Option<u8>)>,
    services: Vec<ServiceDraw>,
    pod_cidrs: Vec<String>,
    assume_bare_namespaces: bool,
}

/// Any cluster.
pub fn cluster() -> impl Strategy<Value = Cluster> {
    let stated = option::weighted(0.2, sample::select(&NAMESPACES[..2]));
    let namespace = option::weighted(0.7, (labels::labels(labels::NAMESPACES), stated));
    let addresses = (prop::bool::weighted(0.6), prop::bool::weighted(0.3), prop::bool::weighted(0.1));
    let cidr_v4 = option::weighted(0.25, sample::select(&POD_CIDRS_V4[..]));
    let cidr_v6 = option::weighted(0.2, sample::select(&POD_CIDRS_V6[..]));
    let workload = (sample::select(&WorkloadKind::ALL[..]), pod());
    // In one of the cluster's namespaces, or in that of the mesh.
    let unevaluated = (sample::select(&KINDS[..]), option::weighted(0.8, 0..4_u8));
    (
        collection::vec(namespace, 1..=4),
        collection::vec((addresses, (cidr_v4, cidr_v6)), 0..=3),
        collection::vec(pod(), 1..=7),
        prop_oneof![3 => Just(Vec::new()), 1 => collection::vec(workload, 1..=2)],
        collection::vec((0..4_u8, policies::spec()), 0..=6),
        prop_oneof![3 => Just(Vec::new()), 1 => collection::vec(unevaluated, 1..=3)],
        pod_cidr_option(),
        prop::bool::weighted(0.2),
        prop_oneof![1 => Just(Vec::new()), 1 => collection::vec(service(), 1..=3)],
    )
        .prop_map(
            |(
                namespaces,
                nodes,
                pods,
                workloads,
                policies,
                unevaluated,
                pod_cidrs,
                assume_bare_namespaces,
                services,
            )| {
                let draw = Draw {
                    namespaces,
                    nodes,
                    pods,
                    workloads,
                    policies,
                    unevaluated,
                    services,
                    pod_cidrs,
                    assume_bare_namespaces,
                };
                draw.build()
            },
        )
}

/// What a NetworkPolicy may say.
pub fn spec() -> impl Strategy<Value = Option<NetworkPolicySpec>> {
    policies::spec()
}

impl Draw {
    fn build(self) -> Cluster {
        let mut cluster = Cluster {
            namespaces: self.build_namespaces(),
            pods: self.build_pods(),
            workloads: self.build_workloads(),
            nodes: self.nodes.iter().zip(0_u8..).map(|(draw, number)| build_node(draw, number)).collect(),
            policies: self.build_policies(),
            unevaluated: self.build_unevaluated(),
            pod_cidrs: self.pod_cidrs.clone(),
            assume_bare_namespaces: self.assume_bare_namespaces,
            ..Cluster::default()
        };
        for (draw, number) in self.services.iter().zip(0_u8..) {
            let namespace = |number: u8| self.namespace(number);
            draw.build(number, namespace, &mut cluster);
        }
        cluster
    }

    fn namespace(&self, number: u8) -> String {
        NAMESPACES[usize::from(number) % self.namespaces.len()].to_owned()
    }

    fn metadata(&self, namespace: u8, name: String, labels: &BTreeMap<String, String>) -> ObjectMeta {
        let labels = (!labels.is_empty()).then(|| labels.clone());
        ObjectMeta {
            name: Some(name),
            namespace: Some(self.namespace(namespace)),
            labels,
            ..ObjectMeta::default()
        }
    }

    fn build_namespaces(&self) -> Vec<Namespace> {
        let numbered = self.namespaces.iter().zip(0_u8..);
        let stated = numbered.filter_map(|(draw, number)| draw.as_ref().map(|draw| (draw, number)));
        let build = |((labels, stated), number): (&NamespaceDraw, u8)| {
            let mut metadata = self.metadata(number, self.namespace(number), labels);
            metadata.namespace = None;
            if let Some(stated) = stated {
                let labels = metadata.labels.get_or_insert_default();
                labels.insert("kubernetes.io/metadata.name".to_owned(), (*stated).to_owned());
            }
            Namespace { metadata, ..Namespace::default() }
        };
        stated.map(build).collect()
    }

    fn build_policies(&self) -> Vec<NetworkPolicy> {
        let numbered = self.policies.iter().zip(0_u8..);
        let build = |((namespace, spec), number): (&(u8, Option<NetworkPolicySpec>), u8)| NetworkPolicy {
            metadata: self.metadata(*namespace, format!("policy-{number}"), &BTreeMap::new()),
            spec: spec.clone(),
        };
        numbered.map(build).collect()
    }

    fn build_unevaluated(&self) -> Vec<Unevaluated> {
        let build = |(kind, namespace): &(Kind, Option<u8>)| match namespace {
            Some(number) => kind.policy(&self.namespace(*number)),
            None => kind.policy(MESH_ROOT),
        };
        self.unevaluated.iter().map(build).collect()
    }

    fn build_workloads(&self) -> Vec<Workload> {
        let numbered = self.workloads.iter().zip(0_u8..);
        let build = |((kind, draw), number): (&(WorkloadKind, PodDraw), u8)| {
            let mut labels = draw.labels.clone();
            labels.entry("app".to_owned()).or_default();
            let metadata = ObjectMeta { labels: Some(labels), ..ObjectMeta::default() };
            Workload {
                kind: *kind,
                namespace: self.namespace(draw.namespace),
                name: format!("w{number}"),
                template: PodTemplateSpec { metadata: Some(metadata), spec: Some(draw.spec()) },
            }
        };
        numbered.map(build).collect()
    }

    fn build_pods(&self) -> Vec<Pod> {
        let mut taken = BTreeSet::new();
        self.pods.iter().zip(0_u8..).map(|(draw, number)| self.build_pod(draw, number, &mut taken)).collect()
    }

    fn build_pod(&self, draw: &PodDraw, number: u8, taken: &mut BTreeSet<&'static str>) -> Pod {
        let mut metadata = self.metadata(draw.namespace, format!("p{number}"), &draw.labels);
        if draw.terminating {
            metadata.deletion_timestamp = Some(Time(Timestamp::UNIX_EPOCH));
            metadata.deletion_grace_period_seconds = Some(30);
        }
        if draw.owned {
            metadata.owner_references = Some(vec![OwnerReference {
                api_version: "apps/v1".to_owned(),
                controller: Some(true),
                kind: "ReplicaSet".to_owned(),
                name: "replicas".to_owned(),
                uid: "00000000-0000-0000-0000-000000000001".to_owned(),
                ..OwnerReference::default()
            }]);
        }
        let host = self.host_addresses(draw, number);
        let finished = matches!(draw.phase, Some("Succeeded" | "Failed"));
        let pool = |pool: &[&'static str], index: Option<u8>, taken: &mut BTreeSet<&'static str>| {
            let start = usize::from(index?);
            let mut from_start = pool.iter().cycle().skip(start).take(pool.len());
            // A finished pod may have had an address that another has now.
            from_start.find(|address| finished || taken.insert(*address)).map(ToString::to_string)
        };
        let (shows_host, shows_pod) = draw.shows_host;
        let own: Vec<String> = match draw.host_network {
            true if shows_pod => host.clone(),
            true => Vec::new(),
            false => pool(&POD_V4, draw.v4, taken).into_iter().chain(pool(&POD_V6, draw.v6, taken)).collect(),
        };
        let host = if shows_host { host } else { Vec::new() };
        let status = PodStatus {
            phase: draw.phase.map(str::to_owned),
            pod_ip: own.first().cloned(),
            pod_ips: list(own, |ip| PodIP { ip }),
            host_ip: host.first().cloned(),
            host_ips: list(host, |ip| HostIP { ip }),
            ..PodStatus::default()
        };
        let status = (status != PodStatus::default()).then_some(status);
        Pod { metadata, spec: Some(draw.spec()), status }
    }

    /// The addresses of the node a pod is on, as far as the node's object tells, else made up.
    fn host_addresses(&self, draw: &PodDraw, number: u8) -> Vec<String> {
        let of_node = draw.node.filter(|node| usize::from(*node) < self.nodes.len());
        let address = of_node.or(draw.node.map(|node| node + 10)).unwrap_or(20 + number);
        let ((v4, v6, _), _) = of_node
            .map_or(((true, draw.v6.is_some(), false), (None, None)), |node| self.nodes[usize::from(node)]);
        v4.then(|| node_v4(address)).into_iter().chain(v6.then(|| node_v6(address))).collect()
    }
}

fn list<T, U>(items: Vec<T>, wrap: impl Fn(T) -> U) -> Option<Vec<U>> {
    (!items.is_empty()).then(|| items.into_iter().map(wrap).collect())
}

fn build_node(((v4, v6, second), (cidr_v4, cidr_v6)): &NodeDraw, number: u8) -> Node {
    let internal = |address: String| NodeAddress { type_: "InternalIP".to_owned(), address };
    let hostname = NodeAddress { type_: "Hostname".to_owned(), address: node_name(number) };
    let external =
        NodeAddress { type_: "ExternalIP".to_owned(), address: format!("203.0.113.{}", number + 1) };
    let mut addresses = vec![hostname, external];
    addresses.extend(v4.then(|| internal(node_v4(number))));
    addresses.extend(v6.then(|| internal(node_v6(number))));
    addresses.extend((*v4 && *second).then(|| internal(node_v4(number + 50))));
    let cidrs: Vec<String> = [cidr_v4, cidr_v6].into_iter().flatten().map(ToString::to_string).collect();
    let metadata = ObjectMeta { name: Some(node_name(number)), ..ObjectMeta::default() };
    let spec = NodeSpec {
        pod_cidr: cidrs.first().cloned(),
        pod_cidrs: list(cidrs, |cidr| cidr),
        ..NodeSpec::default()
    };
    let status = NodeStatus { addresses: Some(addresses), ..NodeStatus::default() };
    Node { metadata, spec: Some(spec), status: Some(status) }
}
