//! Services: which pods stand behind a name, on which ports, and how far the name is known.
//!
//! A Service selects pods by labels; without a selector its endpoints are those of its
//! EndpointSlices alone. Policies see the pods behind it, after translation to the target port.

mod ports;

use std::collections::BTreeMap;
use std::net::IpAddr;

use ipnet::IpNet;

pub use ports::ServicePort;

use super::port::{self, Address};
use super::{Annotations, labels};
use crate::fields::label_selector::check_labels;
use crate::fields::{Field, Name, address, syntax};
use crate::origin::Location;

/// A Service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// `metadata.namespace`, or the default that was assumed.
    pub namespace: String,
    /// `metadata.name`.
    pub name: String,
    /// How far it is known.
    pub kind: ServiceKind,
    /// `spec.selector`: the labels of its pods, in its own namespace. `None` if it has none, and
    /// so no endpoints but those of its EndpointSlices.
    pub selector: Option<BTreeMap<String, String>>,
    /// `spec.ports`; a headless Service may have none.
    pub ports: Vec<ServicePort>,
    /// All of its addresses, sorted: `spec.clusterIPs`, `spec.clusterIP`, `spec.externalIPs`, and
    /// those in `status.loadBalancer`.
    pub ips: Vec<IpAddr>,
    /// `spec.externalIPs`: addresses that nodes accept its traffic on.
    pub external_ips: Vec<IpAddr>,
    /// `status.loadBalancer.ingress`: where its load balancer is reached.
    pub load_balancer: Vec<Address>,
    /// Who may use its load balancer, where the platform can restrict that; empty: everyone.
    /// `spec.loadBalancerSourceRanges`, else the annotation of older versions.
    pub load_balancer_source_ranges: Vec<IpNet>,
    /// Whether a load balancer comes with node ports (`spec.allocateLoadBalancerNodePorts`).
    pub allocates_node_ports: bool,
    /// `spec.externalTrafficPolicy`.
    pub external_traffic: TrafficPolicy,
    /// `spec.internalTrafficPolicy`.
    pub internal_traffic: TrafficPolicy,
    /// `spec.publishNotReadyAddresses`: pods that are not ready are endpoints too.
    pub publish_not_ready_addresses: bool,
    /// `metadata.annotations`, by which platforms are told of internal load balancers.
    pub annotations: Annotations,
    /// Where `metadata.name` stands.
    pub at: Option<Location>,
}

/// How far a Service is known (`spec.type`, and `spec.clusterIP: None`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServiceKind {
    /// In the cluster, by an address of its own.
    ClusterIp,
    /// In the cluster, by a DNS name that gives the addresses of its pods.
    Headless,
    /// Also on a port of every node.
    NodePort,
    /// Also through a load balancer of the platform.
    LoadBalancer,
    /// Only as another DNS name for this one; it has no endpoints.
    ExternalName(String),
}

/// Which endpoints a node may send traffic to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TrafficPolicy {
    /// All of them.
    #[default]
    Cluster,
    /// Those on the node itself.
    Local,
}

/// The annotation that `spec.loadBalancerSourceRanges` replaces.
const SOURCE_RANGES: &str = "service.beta.kubernetes.io/load-balancer-source-ranges";

impl Service {
    /// Reads a Service object.
    pub(crate) fn read(object: &Field<'_>, namespace: String, name: Name) -> Self {
        let (metadata, spec) = (object.get("metadata").map(), object.get("spec").map());
        let status = object.get("status").map();
        let kind = ServiceKind::read(&spec);
        let selector = spec.get("selector");
        let labels: BTreeMap<String, String> =
            check_labels(&selector).map(|label| (label.key.to_owned(), label.value.to_owned())).collect();
        let (external_ips, cluster_ips) = (spec.get("externalIPs"), spec.get("clusterIPs"));
        let external_ips: Vec<IpAddr> = external_ips.items().filter_map(|item| port::ip(&item)).collect();
        let load_balancer = port::balanced(&status);
        let balanced = load_balancer.iter().filter_map(|address| match address {
            Address::Ip(ip) => Some(*ip),
            Address::Host(_) => None,
        });
        let mut all: Vec<IpAddr> = cluster_ips.items().filter_map(|item| cluster_ip(&item)).collect();
        all.extend(cluster_ip(&spec.get("clusterIP")));
        all.extend(external_ips.iter().copied().chain(balanced));
        all.sort_unstable();
        all.dedup();
        Self {
            namespace,
            name: name.text.into(),
            ports: ports::read_all(&spec.get("ports"), &kind),
            kind,
            selector: (!labels.is_empty()).then_some(labels),
            ips: all,
            external_ips,
            load_balancer,
            load_balancer_source_ranges: source_ranges(&metadata, &spec),
            allocates_node_ports: spec.get("allocateLoadBalancerNodePorts").flag().unwrap_or(true),
            external_traffic: TrafficPolicy::read(&spec.get("externalTrafficPolicy")),
            internal_traffic: TrafficPolicy::read(&spec.get("internalTrafficPolicy")),
            publish_not_ready_addresses: spec.get("publishNotReadyAddresses").flag().unwrap_or_default(),
            annotations: labels::annotations(&metadata),
            at: name.at,
        }
    }
}

impl ServiceKind {
    /// Reads `spec.type`; a wrong one is reported, and the default taken so that reading goes on.
    fn read(spec: &Field<'_>) -> Self {
        let (kind, cluster_ip) = (spec.get("type"), spec.get("clusterIP"));
        let several = spec.get("clusterIPs");
        let headless =
            cluster_ip.is("None") || (several.is_list() && several.items().any(|ip| ip.is("None")));
        let kind = match kind.text() {
            None | Some("" | "ClusterIP") if headless => return Self::Headless,
            None | Some("" | "ClusterIP") => return Self::ClusterIp,
            Some("NodePort") => Self::NodePort,
            Some("LoadBalancer") => Self::LoadBalancer,
            Some("ExternalName") => {
                let field = spec.get("externalName");
                let name = field.required("a Service of type ExternalName needs the name that it stands for");
                let name = name.unwrap_or_default().trim_end_matches('.');
                for wrong in syntax::dns_subdomain(name).iter().filter(|_| !name.is_empty()) {
                    field.invalid(format!("the name {wrong}"));
                }
                return Self::ExternalName(name.to_owned());
            }
            Some(text) => {
                let help = "write ClusterIP, NodePort, LoadBalancer or ExternalName";
                kind.unsupported(format!("`{text}` is no type of a Service"), help);
                return Self::ClusterIp;
            }
        };
        if headless {
            cluster_ip.invalid("only a Service of type ClusterIP can do without an address");
        }
        kind
    }
}

impl TrafficPolicy {
    fn read(field: &Field<'_>) -> Self {
        match field.filled() {
            None | Some("Cluster") => Self::Cluster,
            Some("Local") => Self::Local,
            Some(text) => {
                field.unsupported(format!("`{text}` is no traffic policy"), "write Cluster or Local");
                Self::Cluster
            }
        }
    }
}

/// The address in a field, unless it says `None`, the word for a Service without one.
fn cluster_ip(field: &Field<'_>) -> Option<IpAddr> {
    if field.is("None") { None } else { port::ip(field) }
}

/// Reads the ranges, which may have blanks around them.
fn source_ranges(metadata: &Field<'_>, spec: &Field<'_>) -> Vec<IpNet> {
    let (annotations, ranges) = (metadata.get("annotations").map(), spec.get("loadBalancerSourceRanges"));
    let mut read = Vec::new();
    for range in ranges.items() {
        read.extend(range.text().and_then(|text| source_range(&range, text)));
    }
    let annotation = annotations.get(SOURCE_RANGES);
    if read.is_empty() && annotation.is_text() {
        let text = annotation.text().unwrap_or_default().trim();
        let texts = text.split(',').filter(|_| !text.is_empty());
        read.extend(texts.filter_map(|text| source_range(&annotation, text)));
    }
    read
}

fn source_range(field: &Field<'_>, text: &str) -> Option<IpNet> {
    let range = address::cidr(text.trim()).map(|cidr| cidr.network);
    if range.is_none() {
        field.invalid_with(format!("`{}` is no CIDR", text.trim()), Some("such as 203.0.113.0/24"));
    }
    range
}
