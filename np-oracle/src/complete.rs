//! Completions: one of the many full clusters that a cluster with unknown facts may turn out to be.
//!
//! Bounds are right if whatever is certain passes in every completion, and whatever passes in one is possible.

use crate::address::{Family, Range, address};
use crate::cluster::{Cluster, End, Workload, is_finished, name_of, namespace_of};
use crate::facts::{host_ips, internal_ips, is_host_network, node_name, pod_ips};
use crate::labels::Rest;
use k8s_openapi::api::core::v1::{HostIP, Namespace, NodeAddress, Pod, PodIP, PodStatus};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// Draws every unknown fact: addresses, placement on nodes, the labels of inferred namespaces and those that
/// controllers add. Workloads become the pods they stand for; [`completed`] finds them. The same seed
/// gives the same completion. None where no free address is left to draw.
pub fn complete(cluster: &Cluster, seed: u64) -> Option<Cluster> {
    let taken = Family::ALL.map(|family| (family, cluster.taken(family))).into();
    let mut drawing = Drawing { cluster, draws: Draws(seed), taken };
    let mut full = cluster.clone();
    for node in &mut full.nodes {
        if internal_ips(node).is_empty() {
            for address in drawing.host_addresses()? {
                let address = NodeAddress { type_: "InternalIP".to_owned(), address: address.to_string() };
                node.status.get_or_insert_default().addresses.get_or_insert_default().push(address);
            }
        }
    }
    full.pods.extend(full.workloads.drain(..).map(|workload| drawing.pod_of(&workload)));
    for pod in full.pods.iter_mut().filter(|pod| !is_finished(pod)) {
        drawing.complete_pod(pod)?;
    }
    if !cluster.assume_bare_namespaces {
        let inferred = drawing.inferred_namespaces();
        full.namespaces.extend(inferred);
    }
    Some(full)
}

/// An end of a cluster, in the cluster's completions.
#[must_use]
pub fn completed(end: &End) -> End {
    match end {
        End::Workload { kind, namespace, name } => End::pod(namespace, &pod_name(kind.name(), name)),
        end => end.clone(),
    }
}

fn pod_name(kind: &str, name: &str) -> String {
    format!("{}-{name}", kind.to_lowercase())
}

/// A splitmix64 generator: small, and the same everywhere.
struct Draws(u64);

impl Draws {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn one_in(&mut self, count: u64) -> bool {
        self.next().is_multiple_of(count)
    }

    fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        let index = self.next() % u64::try_from(items.len()).ok().filter(|&len| len > 0)?;
        items.get(usize::try_from(index).ok()?)
    }

    fn within(&mut self, range: Range) -> u128 {
        let wide = u128::from(self.next()) << 64 | u128::from(self.next());
        let size = (range.last - range.first).saturating_add(1);
        range.first + wide % size
    }
}

struct Drawing<'a> {
    cluster: &'a Cluster,
    draws: Draws,
    taken: BTreeMap<Family, BTreeSet<u128>>,
}

impl Drawing<'_> {
    /// A free address in a region, by preference at the border of a block.
    fn address(&mut self, family: Family, region: &[Range]) -> Option<IpAddr> {
        let inside = |number: &u128| region.iter().any(|range| range.contains(*number));
        let borders: Vec<_> = self.cluster.block_borders(family).into_iter().filter(inside).collect();
        let taken = self.taken.entry(family).or_default();
        for attempt in 0..200_u8 {
            let range = *self.draws.pick(region)?;
            let border = if self.draws.one_in(4) { None } else { self.draws.pick(&borders) };
            let number = match attempt {
                0..50 => border.copied().unwrap_or_else(|| self.draws.within(range)),
                _ => self.draws.within(range),
            };
            if taken.insert(number) {
                return address(family, number);
            }
        }
        None
    }

    fn host_addresses(&mut self) -> Option<Vec<IpAddr>> {
        let families = self.cluster.shown_families();
        families.into_iter().map(|family| self.address(family, &[family.whole()])).collect()
    }

    fn pod_addresses(&mut self) -> Option<Vec<IpAddr>> {
        let families = self.cluster.shown_families();
        families.into_iter().map(|family| self.address(family, &self.cluster.pod_region(family))).collect()
    }

    fn complete_pod(&mut self, pod: &mut Pod) -> Option<()> {
        let stated = node_name(pod.spec.as_ref()).map(str::to_owned);
        if stated.is_none() {
            let node = self.node();
            pod.spec.get_or_insert_default().node_name = Some(node);
        }
        if is_host_network(pod.spec.as_ref()) {
            let has_none = host_ips(pod).is_empty() && pod_ips(pod).is_empty();
            let is_named = |node: &str| self.cluster.nodes.iter().any(|one| name_of(&one.metadata) == node);
            // A stated node has an address by now, and lends it.
            if has_none && !stated.is_some_and(|node| is_named(&node)) {
                set_host_ips(pod.status.get_or_insert_default(), &self.host_addresses()?);
            }
        } else if pod_ips(pod).is_empty() {
            set_pod_ips(pod.status.get_or_insert_default(), &self.pod_addresses()?);
        }
        Some(())
    }

    /// A node to run on, with or without an object.
    fn node(&mut self) -> String {
        let objects = self.cluster.nodes.iter().map(|node| name_of(&node.metadata));
        let stated = self.cluster.pods.iter().filter_map(|pod| node_name(pod.spec.as_ref()));
        let names: Vec<_> = objects.chain(stated).chain(["elsewhere"]).collect();
        self.draws.pick(&names).map_or_else(String::new, ToString::to_string)
    }

    fn pod_of(&mut self, workload: &Workload) -> Pod {
        let labels = workload.labels();
        let mut known = labels.known;
        if let Rest::UnknownKeys(keys) = labels.rest {
            for key in keys {
                if !known.contains_key(key) && !self.draws.one_in(3) {
                    let value = self.value_of(key);
                    known.insert(key.to_owned(), value);
                }
            }
        }
        let metadata = ObjectMeta {
            name: Some(pod_name(workload.kind.name(), &workload.name)),
            namespace: Some(workload.namespace.clone()),
            labels: Some(known),
            ..ObjectMeta::default()
        };
        Pod { metadata, spec: workload.template.spec.clone(), status: None }
    }

    fn inferred_namespaces(&mut self) -> Vec<Namespace> {
        let cluster = self.cluster;
        let of_pods = cluster.pods.iter().map(|pod| namespace_of(&pod.metadata));
        let mut names: BTreeSet<&str> = of_pods.collect();
        names.extend(cluster.workloads.iter().map(|workload| workload.namespace.as_str()));
        let has_object = |name: &str| cluster.namespaces.iter().any(|one| name_of(&one.metadata) == name);
        let keys: BTreeSet<String> = mentioned(cluster).into_iter().map(|(key, _)| key).collect();
        let mut inferred = Vec::new();
        for name in names.into_iter().filter(|name| !has_object(name)) {
            let mut labels = BTreeMap::new();
            for key in &keys {
                if !self.draws.one_in(3) {
                    labels.insert(key.clone(), self.value_of(key));
                }
            }
            labels.insert("kubernetes.io/metadata.name".to_owned(), name.to_owned());
            let metadata =
                ObjectMeta { name: Some(name.to_owned()), labels: Some(labels), ..ObjectMeta::default() };
            inferred.push(Namespace { metadata, ..Namespace::default() });
        }
        inferred
    }

    /// A value for a label: one that a policy mentions beside the key, or one that none does.
    fn value_of(&mut self, key: &str) -> String {
        let mentioned = mentioned(self.cluster).into_iter().filter(|(its_key, _)| its_key == key);
        let mut values: Vec<_> = mentioned.map(|(_, value)| value).collect();
        values.push("unmentioned".to_owned());
        self.draws.pick(&values).cloned().unwrap_or_default()
    }
}

fn set_pod_ips(status: &mut PodStatus, addresses: &[IpAddr]) {
    status.pod_ip = addresses.first().map(ToString::to_string);
    status.pod_ips = Some(addresses.iter().map(|address| PodIP { ip: address.to_string() }).collect());
}

fn set_host_ips(status: &mut PodStatus, addresses: &[IpAddr]) {
    status.host_ip = addresses.first().map(ToString::to_string);
    status.host_ips = Some(addresses.iter().map(|address| HostIP { ip: address.to_string() }).collect());
}

/// Every key that a selector of a policy mentions, with the values beside it, the empty one always.
fn mentioned(cluster: &Cluster) -> BTreeSet<(String, String)> {
    let mut pairs = BTreeSet::new();
    for spec in cluster.policies.iter().filter_map(|policy| policy.spec.as_ref()) {
        let from = spec.ingress.iter().flatten().flat_map(|rule| rule.from.iter().flatten());
        let to = spec.egress.iter().flatten().flat_map(|rule| rule.to.iter().flatten());
        let peers = from.chain(to).flat_map(|peer| [&peer.namespace_selector, &peer.pod_selector]);
        for selector in peers.chain([&spec.pod_selector]).flatten() {
            mention(selector, &mut pairs);
        }
    }
    pairs
}

fn mention(selector: &LabelSelector, pairs: &mut BTreeSet<(String, String)>) {
    for (key, value) in selector.match_labels.iter().flatten() {
        pairs.extend([String::new(), value.clone()].map(|value| (key.clone(), value)));
    }
    for requirement in selector.match_expressions.iter().flatten() {
        pairs.insert((requirement.key.clone(), String::new()));
        let values = requirement.values.iter().flatten();
        pairs.extend(values.map(|value| (requirement.key.clone(), value.clone())));
    }
}
