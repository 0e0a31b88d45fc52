//! Ends as np writes them, as lists of the oracle's ends: replicas one by one, ranges by their addresses.

use super::{Loaded, twin_of};
use k8s_openapi::api::core::v1::Pod;
use np_oracle::{End, WorkloadKind};
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A pod as an end.
pub(super) fn end_of(pod: &Pod) -> End {
    let metadata = &pod.metadata;
    End::pod(metadata.namespace.as_deref().unwrap_or("default"), metadata.name.as_deref().unwrap_or_default())
}

impl Loaded {
    /// The ends that a text means.
    pub(super) fn ends(&self, text: &str) -> Result<Vec<End>, String> {
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(vec![self.at(address)]);
        }
        let ranges = match text {
            "external" => Some(vec![range("0.0.0.0/0"), range("::/0")]),
            "internet" => Some(vec![range("0.0.0.0/0"), range("2000::/3")]),
            _ => range(text).map(|range| vec![Some(range)]),
        };
        if let Some(ranges) = ranges {
            let addresses = self.addresses(&ranges.into_iter().flatten().collect::<Vec<_>>());
            let outside = |address: &IpAddr| text != "internet" || is_routable(*address);
            return Ok(addresses.into_iter().filter(outside).map(End::Address).collect());
        }
        let ends = match text.split('/').collect::<Vec<_>>()[..] {
            ["node", name] => vec![End::Node(name.to_owned())],
            [namespace, name] => vec![End::pod(namespace, name)],
            [namespace, kind, name] => self.workload(namespace, kind, name)?,
            _ => return Err(format!("`{text}` is no endpoint")),
        };
        let known = self.cluster.ends();
        if ends.iter().all(|end| known.contains(end)) {
            Ok(ends)
        } else {
            Err(format!("there is no `{text}`"))
        }
    }

    fn workload(&self, namespace: &str, kind: &str, name: &str) -> Result<Vec<End>, String> {
        let kind = match kind {
            "deploy" => WorkloadKind::Deployment,
            "sts" => WorkloadKind::StatefulSet,
            "ds" => WorkloadKind::DaemonSet,
            "rs" => WorkloadKind::ReplicaSet,
            "job" => WorkloadKind::Job,
            "cj" => WorkloadKind::CronJob,
            "pod" => return Ok(vec![End::pod(namespace, name)]),
            _ => return Err(format!("`{kind}` is no kind of workload")),
        };
        let end = |name: String| End::Workload { kind, namespace: namespace.to_owned(), name };
        let first = end(name.to_owned());
        let has_twin = self.twins.contains(&first);
        Ok(std::iter::once(first).chain(has_twin.then(|| end(twin_of(name)))).collect())
    }

    /// What has an address: a pod, a node, or nothing in the cluster.
    fn at(&self, address: IpAddr) -> End {
        let is_live = |pod: &&Pod| self.cluster.ends().contains(&end_of(pod));
        let pod = self.cluster.pods.iter().filter(is_live).find(|pod| pod_addresses(pod).contains(&address));
        let node = self.cluster.nodes.iter().find(|node| {
            let addresses = node.status.iter().flat_map(|status| status.addresses.iter().flatten());
            addresses.into_iter().any(|one| one.type_ == "InternalIP" && one.address.parse() == Ok(address))
        });
        match (pod, node) {
            (_, Some(node)) => End::Node(node.metadata.name.clone().unwrap_or_default()),
            (Some(pod), None) => end_of(pod),
            (None, None) => End::Address(address),
        }
    }

    /// One external address of every part of these ranges that the blocks in the cluster tell apart.
    fn addresses(&self, asked: &[Range]) -> Vec<IpAddr> {
        let specs = self.cluster.policies.iter().filter_map(|policy| policy.spec.as_ref());
        let peers = specs.flat_map(|spec| {
            let from = spec.ingress.iter().flatten().flat_map(|rule| rule.from.iter().flatten());
            from.chain(spec.egress.iter().flatten().flat_map(|rule| rule.to.iter().flatten()))
        });
        let blocks = peers.filter_map(|peer| peer.ip_block.as_ref());
        let cidrs = blocks.flat_map(|block| block.except.iter().flatten().chain([&block.cidr]));
        let private = PRIVATE.iter().copied();
        let mut ranges: Vec<Range> = cidrs.map(String::as_str).chain(private).filter_map(range).collect();
        ranges.extend_from_slice(asked);
        let known = self.cluster.pods.iter().flat_map(pod_addresses);
        ranges.extend(known.map(|address| (address.is_ipv6(), number(address), number(address))));
        let edges =
            ranges.iter().flat_map(|&(six, first, last)| [(six, first), (six, last.saturating_add(1))]);
        let edges: BTreeSet<_> = edges.collect();
        let is_asked = |&(six, at): &(bool, u128)| {
            asked.iter().any(|&(its, first, last)| its == six && first <= at && at <= last)
        };
        let addresses = edges.into_iter().filter(is_asked).map(|(six, at)| address(six, at));
        addresses.filter(|address| self.cluster.is_external(*address)).collect()
    }
}

/// Whether it is IPv6, the first and the last address.
type Range = (bool, u128, u128);

/// Ranges that are not routed on the internet; enough of them for the cases.
const PRIVATE: [&str; 12] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.2.0/24",
    "192.168.0.0/16",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/3",
    "2001:db8::/32",
];

fn is_routable(address: IpAddr) -> bool {
    let (six, at) = (address.is_ipv6(), number(address));
    !PRIVATE
        .iter()
        .filter_map(|text| range(text))
        .any(|(its, first, last)| its == six && first <= at && at <= last)
}

fn range(text: &str) -> Option<Range> {
    let (start, length) = text.split_once('/')?;
    let (start, length) = (start.parse::<IpAddr>().ok()?, length.parse::<u32>().ok()?);
    let bits: u32 = if start.is_ipv6() { 128 } else { 32 };
    let size = u128::MAX.checked_shr(128 - bits.checked_sub(length)?).unwrap_or(0);
    let first = number(start) & !size;
    Some((start.is_ipv6(), first, first | size))
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(u32::from(address)),
        IpAddr::V6(address) => u128::from(address),
    }
}

fn address(six: bool, number: u128) -> IpAddr {
    match u32::try_from(number) {
        Ok(number) if !six => IpAddr::V4(Ipv4Addr::from(number)),
        _ => IpAddr::V6(Ipv6Addr::from(number)),
    }
}

/// The addresses in a pod's status.
fn pod_addresses(pod: &Pod) -> Vec<IpAddr> {
    let Some(status) = &pod.status else { return Vec::new() };
    let many = status.pod_ips.iter().flatten().map(|one| &one.ip);
    many.chain(&status.pod_ip).filter_map(|text| text.parse().ok()).collect()
}
