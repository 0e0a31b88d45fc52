//! What the input as a whole tells: the addresses it gives to pods and nodes, the families it shows, and where
//! an address that it does not give must lie.

use crate::address::{Family, Range, number, parse_cidr};
use crate::cluster::{Cluster, name_of};
use k8s_openapi::api::core::v1::{Node, Pod, PodSpec};
use std::collections::BTreeSet;
use std::net::IpAddr;

/// Where pods' addresses lie when nothing says it.
const PRIVATE: [&str; 4] = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"];

/// `status.podIPs`, or what `status.podIP` has where that is empty.
pub(crate) fn pod_ips(pod: &Pod) -> Vec<IpAddr> {
    let Some(status) = &pod.status else { return Vec::new() };
    let many = status.pod_ips.iter().flatten().map(|one| one.ip.as_str());
    one_or_many(status.pod_ip.as_deref(), many)
}

/// `status.hostIPs`, or what `status.hostIP` has where that is empty.
pub(crate) fn host_ips(pod: &Pod) -> Vec<IpAddr> {
    let Some(status) = &pod.status else { return Vec::new() };
    let many = status.host_ips.iter().flatten().map(|one| one.ip.as_str());
    one_or_many(status.host_ip.as_deref(), many)
}

fn one_or_many<'a>(one: Option<&'a str>, many: impl Iterator<Item = &'a str>) -> Vec<IpAddr> {
    let many: Vec<_> = many.filter_map(|text| text.parse().ok()).collect();
    if many.is_empty() { one.and_then(|text| text.parse().ok()).into_iter().collect() } else { many }
}

/// A node's addresses of type InternalIP.
pub(crate) fn internal_ips(node: &Node) -> Vec<IpAddr> {
    let addresses = node.status.iter().flat_map(|status| status.addresses.iter().flatten());
    addresses.filter(|one| one.type_ == "InternalIP").filter_map(|one| one.address.parse().ok()).collect()
}

pub(crate) fn is_host_network(spec: Option<&PodSpec>) -> bool {
    spec.and_then(|spec| spec.host_network) == Some(true)
}

pub(crate) fn node_name(spec: Option<&PodSpec>) -> Option<&str> {
    spec.and_then(|spec| spec.node_name.as_deref()).filter(|name| !name.is_empty())
}

impl Cluster {
    /// The families that an end without an address has: those the input shows, else IPv4.
    pub(crate) fn shown_families(&self) -> BTreeSet<Family> {
        let from_ips = self.live_pods().flat_map(pod_ips).map(Family::of);
        let from_cidrs = self.known_pod_cidrs().into_iter().map(|(family, _)| family);
        let shown: BTreeSet<_> = from_ips.chain(from_cidrs).collect();
        if shown.is_empty() { BTreeSet::from([Family::V4]) } else { shown }
    }

    /// Where a pod's unknown address of a family lies.
    pub(crate) fn pod_region(&self, family: Family) -> Vec<Range> {
        let of_family = |(its_family, range)| (its_family == family).then_some(range);
        let known: Vec<_> = self.known_pod_cidrs().into_iter().filter_map(of_family).collect();
        if !known.is_empty() && (!self.pod_cidrs.is_empty() || self.nodes_tell_all(family, &known)) {
            return known;
        }
        let private = PRIVATE.iter().filter_map(|cidr| parse_cidr(cidr)).filter_map(of_family);
        match family {
            Family::V4 => private.chain(known).collect(),
            Family::V6 => vec![family.whole()],
        }
    }

    /// Whether the CIDRs of the nodes can be all there are: every node has one, every node that a pod names is
    /// there, and no pod has an address elsewhere.
    fn nodes_tell_all(&self, family: Family, known: &[Range]) -> bool {
        let has_one = |node: &Node| {
            let spec = node.spec.iter();
            let mut cidrs = spec.flat_map(|spec| spec.pod_cidrs.iter().flatten().chain(&spec.pod_cidr));
            cidrs.any(|cidr| parse_cidr(cidr).is_some_and(|(its_family, _)| its_family == family))
        };
        let is_there = |pod: &Pod| {
            let name = node_name(pod.spec.as_ref());
            name.is_none_or(|name| self.nodes.iter().any(|node| name_of(&node.metadata) == name))
        };
        let is_inside = |pod: &Pod| {
            let of_family = |ip: &IpAddr| Family::of(*ip) == family;
            let inside = |ip: IpAddr| known.iter().any(|range| range.contains(number(ip)));
            is_host_network(pod.spec.as_ref()) || pod_ips(pod).into_iter().filter(of_family).all(inside)
        };
        self.nodes.iter().all(has_one) && self.live_pods().all(|pod| is_there(pod) && is_inside(pod))
    }

    fn known_pod_cidrs(&self) -> Vec<(Family, Range)> {
        if !self.pod_cidrs.is_empty() {
            return self.pod_cidrs.iter().filter_map(|cidr| parse_cidr(cidr)).collect();
        }
        let specs = self.nodes.iter().filter_map(|node| node.spec.as_ref());
        let cidrs = specs.flat_map(|spec| spec.pod_cidrs.iter().flatten().chain(&spec.pod_cidr));
        cidrs.filter_map(|cidr| parse_cidr(cidr)).collect()
    }

    /// The addresses of a hostNetwork pod: those of the node it runs on.
    pub(crate) fn host_network_ips(&self, pod: &Pod) -> Vec<IpAddr> {
        let sources = [host_ips(pod), pod_ips(pod), self.ips_of_node(pod.spec.as_ref())];
        sources.into_iter().find(|addresses| !addresses.is_empty()).unwrap_or_default()
    }

    /// The addresses of the node that a pod is on, if the input has both.
    pub(crate) fn ips_of_node(&self, spec: Option<&PodSpec>) -> Vec<IpAddr> {
        let name = node_name(spec);
        let node = self.nodes.iter().find(|node| name == Some(name_of(&node.metadata)));
        node.map(internal_ips).unwrap_or_default()
    }

    /// Every known address of pods that are not finished and of nodes.
    fn known_addresses(&self) -> impl Iterator<Item = IpAddr> {
        let pods = self.live_pods().flat_map(pod_ips);
        let hosts = self.live_pods().filter(|pod| is_host_network(pod.spec.as_ref()));
        let hosts = hosts.flat_map(|pod| self.host_network_ips(pod));
        pods.chain(hosts).chain(self.nodes.iter().flat_map(internal_ips))
    }

    /// Whether an address is of no known pod or node.
    pub fn is_external(&self, address: IpAddr) -> bool {
        self.known_addresses().all(|known| known != address)
    }

    /// The known addresses of a family, as numbers.
    pub(crate) fn taken(&self, family: Family) -> BTreeSet<u128> {
        self.known_addresses().filter(|address| Family::of(*address) == family).map(number).collect()
    }
}
