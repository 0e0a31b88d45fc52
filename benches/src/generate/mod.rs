//! Makes up clusters: the same parameters give the same bytes, so that figures can be compared
//! between machines and between years.
//!
//! The profile is *uniform*: workloads are dealt evenly to namespaces, pods evenly to workloads.
//! Every namespace has a default-deny policy and one that allows DNS; the others open ports within
//! and across namespaces, by labels, expressions and address blocks. It has every feature that
//! costs np something, rather than the proportions of a real cluster.
//!
//! Maps are written with their keys sorted, as kubectl prints them.

mod objects;
mod policies;
mod random;
mod workloads;

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;
use serde_json::ser::PrettyFormatter;

use objects::Spaces;
use random::Random;
use workloads::Workload;

/// What to make up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Size {
    /// How many pods, two DNS servers among them.
    pub pods: usize,
    /// How many policies; the first two of every namespace deny by default and allow DNS.
    pub policies: usize,
    /// How many namespaces of applications, beside `kube-system`.
    pub namespaces: usize,
    /// How many label sets, of which the pods are replicas; `None` is one for every pod.
    pub distinct: Option<usize>,
    /// Whether the pods say which ReplicaSet made them.
    pub owners: bool,
    /// Which of the clusters of this size.
    pub seed: u64,
}

impl Size {
    /// A cluster in which every pod has labels of its own and nobody owns it.
    pub fn all_distinct(pods: usize, policies: usize, namespaces: usize) -> Self {
        Self { pods, policies, namespaces, distinct: None, owners: false, seed: 7 }
    }

    /// A cluster of replicas: `distinct` workloads that own their pods.
    pub fn replicas(pods: usize, policies: usize, namespaces: usize, distinct: usize) -> Self {
        Self { distinct: Some(distinct), owners: true, ..Self::all_distinct(pods, policies, namespaces) }
    }
}

/// A made-up cluster. Pods are made when they are written, so that large ones fit in memory.
#[derive(Debug)]
pub struct Cluster {
    size: Size,
    spaces: Spaces,
    workloads: Vec<Workload>,
    policies: Vec<Value>,
}

impl Cluster {
    /// The cluster of these parameters. No namespaces count as one.
    pub fn new(size: &Size) -> Self {
        let mut random = Random::new(size.seed);
        let spaces = Spaces::new(size.namespaces.max(1));
        let distinct = size.distinct.unwrap_or(size.pods.saturating_sub(objects::DNS_PODS));
        // Every namespace has a workload, for its policies to select.
        let workloads = workloads::make(&mut random, distinct.max(spaces.count()), &spaces);
        let policies = policies::make(&mut random, size.policies, &spaces, &workloads);
        Self { size: size.clone(), spaces, workloads, policies }
    }

    /// The cluster as a List in JSON.
    ///
    /// # Panics
    /// Never: its maps have text for keys, and memory can be written to.
    pub fn json(&self) -> String {
        let mut text = Vec::new();
        let formatter = PrettyFormatter::with_indent(b" ");
        let mut serializer = serde_json::Serializer::with_formatter(&mut text, formatter);
        self.serialize(&mut serializer).expect("text for keys, written to memory");
        text.push(b'\n');
        String::from_utf8(text).expect("JSON is UTF-8")
    }

    /// The cluster as a List in YAML, in blocks.
    ///
    /// # Panics
    /// Never: its maps have text for keys, and memory can be written to.
    pub fn yaml(&self) -> String {
        serde_yaml::to_string(self).expect("text for keys, written to memory")
    }

    /// Every object: namespaces, pods, policies.
    fn objects(&self) -> impl Iterator<Item = Value> {
        let namespaces = self.spaces.objects();
        let pods = (0..self.size.pods).map(|index| objects::pod(index, &self.workloads, self.size.owners));
        namespaces.chain(pods).chain(self.policies.iter().cloned())
    }
}

impl Serialize for Cluster {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_map(Some(3))?;
        list.serialize_entry("apiVersion", "v1")?;
        list.serialize_entry("items", &Items(self))?;
        list.serialize_entry("kind", "List")?;
        list.end()
    }
}

struct Items<'c>(&'c Cluster);

impl Serialize for Items<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.objects())
    }
}
