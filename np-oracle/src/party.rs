//! What is known of an end of a connection: what it is, its labels, and where its addresses are.

use crate::address::{Block, Family, Range};
use crate::cluster::{Cluster, End, Workload, WorkloadKind, is_finished, name_of, namespace_of};
use crate::facts::{internal_ips, is_host_network, node_name, pod_ips};
use crate::labels::{Labels, Rest};
use crate::truth::Truth;
use k8s_openapi::api::core::v1::{Pod, PodSpec};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// One end, as far as it is known.
#[derive(Clone, Debug)]
pub(crate) struct Party<'a> {
    pub(crate) role: Role<'a>,
    /// For each family the end has: where its address of that family is.
    pub(crate) places: BTreeMap<Family, Place>,
}

/// What an end is to a policy.
#[derive(Clone, Debug)]
pub(crate) enum Role<'a> {
    /// A pod with a network of its own: the only thing that policies select.
    Pod { namespace: &'a str, labels: Labels, spec: Option<&'a PodSpec>, node: Option<&'a str> },
    /// A node, or a pod in a node's network, which is no different.
    Host { node: Option<&'a str> },
    /// An address of nothing in the cluster.
    External,
}

/// Where an address is.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    Known(IpAddr),
    /// Somewhere in these ranges.
    Within(Vec<Range>),
}

impl Party<'_> {
    /// Whether an ipBlock holds the end's address of the block's family.
    pub(crate) fn is_in(&self, block: &Block) -> Truth {
        match self.places.get(&block.family) {
            None => Truth::No,
            Some(Place::Known(address)) => block.contains(*address).into(),
            Some(Place::Within(region)) if !block.meets(region) => Truth::No,
            Some(Place::Within(region)) if block.covers(region) => Truth::Yes,
            Some(Place::Within(_)) => Truth::Maybe,
        }
    }
}

/// The first address of each family.
fn first_of_each(addresses: &[IpAddr]) -> BTreeMap<Family, Place> {
    let mut places = BTreeMap::new();
    for &address in addresses {
        places.entry(Family::of(address)).or_insert(Place::Known(address));
    }
    places
}

impl Cluster {
    /// The end, or None where the cluster has no such end to ask about.
    pub(crate) fn party(&self, end: &End) -> Option<Party<'_>> {
        match end {
            End::Pod { namespace, name } => {
                let is_it =
                    |pod: &Pod| namespace_of(&pod.metadata) == namespace && name_of(&pod.metadata) == name;
                self.pods
                    .iter()
                    .find(|pod| is_it(pod))
                    .filter(|pod| !is_finished(pod))
                    .map(|pod| self.pod(pod))
            }
            End::Workload { .. } => {
                self.workloads.iter().find(|one| one.end() == *end).map(|one| self.workload(one))
            }
            End::Node(name) => {
                let node = self.nodes.iter().find(|node| name_of(&node.metadata) == name)?;
                let places = self.host_places(&internal_ips(node));
                Some(Party { role: Role::Host { node: Some(name_of(&node.metadata)) }, places })
            }
            End::Address(address) => self
                .is_external(*address)
                .then(|| Party { role: Role::External, places: first_of_each(&[*address]) }),
        }
    }

    fn pod<'a>(&'a self, pod: &'a Pod) -> Party<'a> {
        let spec = pod.spec.as_ref();
        if is_host_network(spec) {
            let places = self.host_places(&self.host_network_ips(pod));
            return Party { role: Role::Host { node: node_name(spec) }, places };
        }
        let mut places = first_of_each(&pod_ips(pod));
        if places.is_empty() {
            places = self.unknown_pod_places();
        }
        let known = pod.metadata.labels.clone().unwrap_or_default();
        let labels = Labels { known, rest: Rest::Absent };
        let role = Role::Pod { namespace: namespace_of(&pod.metadata), labels, spec, node: node_name(spec) };
        Party { role, places }
    }

    fn workload<'a>(&'a self, workload: &'a Workload) -> Party<'a> {
        let spec = workload.template.spec.as_ref();
        if is_host_network(spec) {
            let places = self.host_places(&self.ips_of_node(spec));
            return Party { role: Role::Host { node: node_name(spec) }, places };
        }
        let labels = workload.labels();
        let role = Role::Pod { namespace: &workload.namespace, labels, spec, node: node_name(spec) };
        Party { role, places: self.unknown_pod_places() }
    }

    fn host_places(&self, known: &[IpAddr]) -> BTreeMap<Family, Place> {
        if !known.is_empty() {
            return first_of_each(known);
        }
        let families = self.shown_families().into_iter();
        families.map(|family| (family, Place::Within(vec![family.whole()]))).collect()
    }

    fn unknown_pod_places(&self) -> BTreeMap<Family, Place> {
        let families = self.shown_families().into_iter();
        families.map(|family| (family, Place::Within(self.pod_region(family)))).collect()
    }

    /// The labels of a namespace, as far as they are known.
    pub(crate) fn namespace_labels(&self, name: &str) -> Labels {
        let object = self.namespaces.iter().find(|one| one.metadata.name.as_deref() == Some(name));
        let mut known = object.and_then(|one| one.metadata.labels.clone()).unwrap_or_default();
        known.insert("kubernetes.io/metadata.name".to_owned(), name.to_owned());
        let complete = object.is_some() || self.assume_bare_namespaces;
        Labels { known, rest: if complete { Rest::Absent } else { Rest::Unknown } }
    }

    /// The families an end has, or None where the cluster has no such end to ask about.
    pub fn families(&self, end: &End) -> Option<BTreeSet<Family>> {
        self.party(end).map(|party| party.places.into_keys().collect())
    }
}

impl Workload {
    /// The labels of the workload's pods: the template's, and those that its controller adds.
    pub(crate) fn labels(&self) -> Labels {
        let metadata = self.template.metadata.as_ref();
        let mut known = metadata.and_then(|metadata| metadata.labels.clone()).unwrap_or_default();
        if self.kind == WorkloadKind::Job {
            for key in ["job-name", "batch.kubernetes.io/job-name"] {
                known.entry(key.to_owned()).or_insert_with(|| self.name.clone());
            }
        }
        let unknown = self.kind.labels_of_its_own().iter().copied().collect();
        Labels { known, rest: Rest::UnknownKeys(unknown) }
    }
}
