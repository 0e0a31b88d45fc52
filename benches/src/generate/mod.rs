//! Makes up clusters: the same parameters give the same bytes, so that figures can be compared
//! between machines and between years.
//!
//! There are two profiles. In the *uniform* one, workloads are dealt evenly to namespaces, pods
//! evenly to workloads. Every namespace has a default-deny policy and one that allows DNS; the
//! others open ports within and across namespaces, by labels, expressions and address blocks. It
//! has every feature that costs np something, rather than the proportions of a real cluster. The
//! *real* one ([`real`]) has those of a cluster that was published.
//!
//! Maps are written with their keys sorted, as kubectl prints them.

mod block;
mod kubectl;
mod objects;
mod policies;
mod random;
pub mod real;
mod workloads;

use std::io::{self, Write};
use std::str::FromStr;

use clap::ValueEnum;
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;
use serde_json::ser::PrettyFormatter;

use objects::{Replica, Spaces};
use random::Random;
use workloads::Workload;

/// How many pods, policies and namespaces of the uniform profile to make up.
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

/// What to make up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Profile {
    /// Everything dealt evenly.
    Uniform(Size),
    /// The proportions of a published cluster.
    Real,
}

impl Profile {
    /// How command lines write a profile.
    pub const SYNTAX: &str = "PODS/POLICIES/NAMESPACES[/DISTINCT] or `real`";
}

/// As command lines have it, see [`Profile::SYNTAX`].
impl FromStr for Profile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not {}", Self::SYNTAX);
        if text == "real" {
            return Ok(Self::Real);
        }
        let numbers = text.split('/').map(str::parse).collect::<Result<Vec<usize>, _>>();
        match numbers.map_err(|_| wrong())?[..] {
            [pods, policies, namespaces] => Ok(Self::Uniform(Size::all_distinct(pods, policies, namespaces))),
            [pods, policies, namespaces, distinct] => {
                Ok(Self::Uniform(Size::replicas(pods, policies, namespaces, distinct)))
            }
            _ => Err(wrong()),
        }
    }
}

/// How a cluster is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Notation {
    /// A List in JSON
    Json,
    /// A List in YAML
    Yaml,
    /// A List as `kubectl get -A -o yaml` prints it, mostly of fields that np does not need
    KubectlYaml,
}

/// A made-up cluster. Pods are made when they are written, so that large ones fit in memory.
#[derive(Debug)]
pub struct Cluster {
    namespaces: Vec<Value>,
    workloads: Vec<Workload>,
    pods: Vec<Replica>,
    /// Whether the pods say which ReplicaSet made them.
    owners: bool,
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
        // The workloads' replicas in turn.
        let (each, all) = (workloads.len(), size.pods);
        let dealt = (0..all).map(|index| Replica { workload: Some(index % each), number: index / each });
        let pods = Replica::servers().chain(dealt).take(all).collect();
        Self { namespaces: spaces.objects(), workloads, pods, owners: size.owners, policies }
    }

    /// The cluster of this profile.
    pub fn of(profile: &Profile) -> Self {
        match profile {
            Profile::Uniform(size) => Self::new(size),
            Profile::Real => real::cluster(7),
        }
    }

    /// The same without the policies that allow DNS. They isolate every pod for egress, so that
    /// nearly all pairs are denied; without them there is more to tell apart.
    #[must_use]
    pub fn without_dns(mut self) -> Self {
        self.policies.retain(|policy| policy["metadata"]["name"] != policies::ALLOW_DNS);
        self
    }

    /// The same without the policies that every namespace of the uniform profile starts with: nearly all
    /// pairs that no other policy is about are allowed.
    #[must_use]
    pub fn open(mut self) -> Self {
        let names = [policies::ALLOW_DNS, policies::DEFAULT_DENY];
        self.policies.retain(|policy| !names.iter().any(|name| policy["metadata"]["name"] == *name));
        self
    }

    /// The same with so many policies changed, spread over the cluster: each says what the next one of its namespace says
    /// that says something else.
    ///
    /// # Panics
    /// If there are not twice as many policies, or a namespace has one policy.
    #[must_use]
    pub fn changed(mut self, count: usize) -> Self {
        let all = self.policies.len();
        assert!(2 * count <= all, "{count} of {all} policies");
        for at in (0..count).map(|at| (2 * at + 1) * all / (2 * count)) {
            let old = &self.policies[at];
            let is_other = |other: &&Value| {
                other["metadata"]["namespace"] == old["metadata"]["namespace"] && other["spec"] != old["spec"]
            };
            let behind = self.policies[at..].iter().chain(&self.policies[..at]).find(is_other);
            self.policies[at]["spec"] = behind.expect("another policy of the namespace")["spec"].clone();
        }
        self
    }

    /// The cluster as so many files of YAML documents, as a repository has it: the objects in turn, in runs of one length.
    ///
    /// # Panics
    /// Never: its maps have text for keys, and memory can be written to.
    pub fn files(&self, count: usize) -> impl Iterator<Item = String> {
        let all = self.namespaces.len() + self.pods.len() + self.policies.len();
        let mut objects = self.objects();
        (0..count).map(move |at| {
            let run = (at + 1) * all / count - at * all / count;
            let yaml = |object| serde_yaml::to_string(&object).expect("text for keys, written to memory");
            objects.by_ref().take(run).map(yaml).collect::<Vec<_>>().join("---\n")
        })
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

    /// Writes the cluster as one List.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write(&self, notation: Notation, out: &mut dyn Write) -> io::Result<()> {
        match notation {
            Notation::Json => out.write_all(self.json().as_bytes()),
            Notation::Yaml => out.write_all(self.yaml().as_bytes()),
            Notation::KubectlYaml => kubectl::list(out, self.objects()),
        }
    }

    /// Every object: namespaces, pods, policies.
    fn objects(&self) -> impl Iterator<Item = Value> {
        let pod = |(at, replica): (usize, &Replica)| objects::pod(at, *replica, &self.workloads, self.owners);
        let pods = self.pods.iter().enumerate().map(pod);
        self.namespaces.iter().cloned().chain(pods).chain(self.policies.iter().cloned())
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
