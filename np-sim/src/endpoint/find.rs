//! From the text of a question to an endpoint of the model.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;

use np_model::Model;
use np_model::addr::{AddrSet, Ips, canonical};
use np_model::facts::WorkloadKind;
use np_model::model::{NodeId, PodId, ServiceId, Whereabouts, WorkloadId};

use super::{Endpoint, External, internet};

/// Words that mean addresses, unless a namespace has them for its name.
pub(super) const WORDS: [&str; 2] = ["external", "internet"];

/// How many near names an error offers.
pub(super) const SUGGESTIONS: usize = 3;

/// Looks endpoints up by name; built once for many questions.
#[derive(Debug)]
pub struct Finder<'m> {
    model: &'m Model,
    /// What `-n` names: where a name without a namespace is looked up.
    namespace: Option<String>,
    by_name: BTreeMap<(&'m str, &'m str), Vec<Named>>,
    by_address: BTreeMap<IpAddr, Vec<Endpoint>>,
}

/// Something in a namespace that a name can mean.
#[derive(Debug, Clone, Copy)]
enum Named {
    Pod(PodId),
    Workload(WorkloadKind, WorkloadId),
}

/// Why a text names no endpoint. Its message is fit for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FindError {
    /// It does not have the form of an endpoint.
    Syntax(String),
    /// Nothing has this name; with the nearest names there are.
    Unknown {
        /// What was asked for.
        text: String,
        /// Full names of what may have been meant, nearest first.
        suggestions: Vec<String>,
    },
    /// No object has this name; with the nearest names there are.
    NoObject {
        /// What was asked for.
        text: String,
        /// Full names of what may have been meant, nearest first.
        suggestions: Vec<String>,
    },
    /// Several things have this name; their full names.
    Ambiguous {
        /// What was asked for.
        text: String,
        /// Full names of the candidates, sorted.
        candidates: Vec<String>,
    },
    /// The pod is in the input, but has finished.
    Finished(String),
    /// The namespace has no pods.
    Empty(String),
    /// All addresses of the range are those of known pods and nodes; some of their names.
    NotExternal {
        /// What was asked for.
        text: String,
        /// Full names of pods and nodes that are there.
        inside: Vec<String>,
    },
    /// It is a Service, and those start no connections and stand in no row.
    Service(String),
}

impl fmt::Display for FindError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax(text) => write!(
                f,
                "`{text}` is not an endpoint; write ns/pod, ns/deploy/name, node/NAME, an IP, a CIDR, external or internet"
            ),
            Self::Unknown { text, suggestions } if suggestions.is_empty() => {
                write!(f, "no endpoint `{text}` in the input")
            }
            Self::Unknown { text, suggestions } => {
                write!(f, "no endpoint `{text}` in the input; did you mean {}?", suggestions.join(" or "))
            }
            Self::NoObject { text, suggestions } if suggestions.is_empty() => write!(
                f,
                "no object `{text}` in the input; write ns/netpol/name, ns/pod/name, ns/deploy/name, namespace/NAME or node/NAME"
            ),
            Self::NoObject { text, suggestions } => {
                write!(f, "no object `{text}` in the input; did you mean {}?", suggestions.join(" or "))
            }
            Self::Ambiguous { text, candidates } => {
                write!(f, "`{text}` can mean {}; write one of them", candidates.join(" or "))
            }
            Self::Finished(text) => {
                write!(f, "pod {text} has finished (phase Succeeded or Failed), so it is no endpoint")
            }
            Self::Empty(text) => write!(f, "namespace `{text}` has no pods in the input"),
            Self::NotExternal { text, inside } => {
                write!(f, "`{text}` holds no external address; ask about {} instead", inside.join(" or "))
            }
            Self::Service(text) => write!(
                f,
                "`{text}` is a Service, which only the destination of a query can be: ask about the pods behind it"
            ),
        }
    }
}

impl std::error::Error for FindError {}

impl<'m> Finder<'m> {
    /// A finder over a model; names without a namespace are looked up in `namespace`.
    pub fn new(model: &'m Model, namespace: Option<&str>) -> Self {
        let mut by_name: BTreeMap<_, Vec<Named>> = BTreeMap::new();
        let mut by_address: BTreeMap<IpAddr, Vec<Endpoint>> = BTreeMap::new();
        let mut lives_at = |ips: Ips, endpoint: Endpoint| {
            for ip in ips.iter() {
                by_address.entry(ip.to_canonical()).or_default().push(endpoint.clone());
            }
        };
        for id in model.pod_ids() {
            let pod = model.pod(id);
            if pod.template.is_none() {
                let key = (model.namespace(pod.namespace).name.as_str(), pod.name.as_str());
                by_name.entry(key).or_default().push(Named::Pod(id));
            }
            if let Whereabouts::At(ips) = &pod.whereabouts
                && !pod.host_network
            {
                lives_at(*ips, Endpoint::Pod(id));
            }
        }
        for id in model.workload_ids() {
            let workload = model.workload(id);
            let key = (model.namespace(workload.namespace).name.as_str(), workload.name.as_str());
            by_name.entry(key).or_default().push(Named::Workload(workload.kind, id));
        }
        for id in model.node_ids() {
            if let Whereabouts::At(ips) = &model.node(id).whereabouts {
                lives_at(*ips, Endpoint::Node(id));
            }
        }
        Self { model, namespace: namespace.map(str::to_owned), by_name, by_address }
    }

    /// The endpoint that a text names: `ns/pod`, `ns/kind/name`, `node/NAME`, an address, a CIDR, a
    /// range `first-last` or several separated by commas, `external`, `internet`, a namespace, or,
    /// in the namespace of the finder, `name` and `kind/name`.
    ///
    /// # Errors
    /// [`FindError`] if it names nothing, or several things.
    pub fn find(&self, text: &str) -> Result<Endpoint, FindError> {
        match text {
            _ if WORDS.contains(&text) && self.has_namespace(text) => {
                let candidates = match text {
                    "external" => vec!["0.0.0.0/0,::/0".to_owned(), format!("namespace/{text}")],
                    _ => vec!["the addresses by CIDR".to_owned(), format!("namespace/{text}")],
                };
                return Err(FindError::Ambiguous { text: text.to_owned(), candidates });
            }
            "external" => return Ok(Endpoint::External(External::everything(self.model))),
            "internet" => return self.range(text, &internet()),
            _ => {}
        }
        if let Ok(address) = text.parse::<IpAddr>().map(|address| address.to_canonical()) {
            match self.by_address.get(&address).map(Vec::as_slice) {
                Some([known]) => return Ok(known.clone()),
                Some(several) => {
                    let candidates = several.iter().map(|endpoint| endpoint.name(self.model)).collect();
                    return Err(FindError::Ambiguous { text: text.to_owned(), candidates });
                }
                None => {}
            }
            if let Some(service) = self.service_at(address) {
                return Err(FindError::Service(self.model.service_name(service)));
            }
            return self.range(text, &AddrSet::range(address, address));
        }
        if let Some(range) = ranges(text) {
            return self.range(text, &range);
        }
        let segments: Vec<&str> = text.split('/').collect();
        if segments.iter().any(|segment| segment.is_empty()) {
            return Err(FindError::Syntax(text.to_owned()));
        }
        match segments[..] {
            ["namespace", name] if !self.has_namespace("namespace") => self.pods_of(name),
            ["node" | "nodes" | "no", name] => {
                match (self.node(text, name), self.named(text, segments[0], name)) {
                    (Ok(_), Ok(other)) => {
                        let candidates = vec![other.name(self.model), text.to_owned() + " of kind Node"];
                        Err(FindError::Ambiguous { text: text.to_owned(), candidates })
                    }
                    (Err(_), Ok(other)) => Ok(other),
                    (node, Err(_)) => node,
                }
            }
            [namespace, kind, name] => self.of_kind(text, namespace, kind, name),
            [first, name] => match &self.namespace {
                Some(namespace) if Kind::read(first).is_some() && !self.has_namespace(first) => {
                    self.of_kind(text, namespace, first, name)
                }
                _ => self.named(text, first, name),
            },
            [name] => match &self.namespace {
                Some(namespace) => match self.named(text, namespace, name) {
                    Err(FindError::Unknown { .. }) if self.has_namespace(name) => self.pods_of(name),
                    found => found,
                },
                None => self.pods_of(name),
            },
            _ => Err(FindError::Syntax(text.to_owned())),
        }
    }

    /// The shortest name of a pod or workload that [`Self::find`] takes for it: `ns/name` where
    /// that is not ambiguous, else the full name.
    pub fn short_name(&self, endpoint: &Endpoint) -> String {
        let full = endpoint.name(self.model);
        let short = match full.split('/').collect::<Vec<_>>()[..] {
            [namespace, _, name] => format!("{namespace}/{name}"),
            _ => return full,
        };
        let target = self.canonical(endpoint);
        match self.find(&short) {
            Ok(found) if self.canonical(&found) == target => short,
            _ => full,
        }
    }

    /// A workload's template and the workload are one.
    fn canonical(&self, endpoint: &Endpoint) -> Endpoint {
        match endpoint {
            Endpoint::Pod(id) if self.model.pod(*id).template.is_some() => {
                self.model.pod(*id).workload.map_or_else(|| endpoint.clone(), Endpoint::Workload)
            }
            _ => endpoint.clone(),
        }
    }

    /// The model that names are looked up in.
    pub(super) fn model(&self) -> &'m Model {
        self.model
    }

    /// What `-n` names.
    pub(super) fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }

    /// The Service of this namespace and name.
    pub(super) fn service(&self, namespace: &str, name: &str) -> Option<ServiceId> {
        let key = |id: &ServiceId| {
            let service = self.model.service(*id);
            (service.namespace.as_str(), service.name.as_str())
        };
        self.model.service_ids().find(|id| key(id) == (namespace, name))
    }

    /// The Service that has this address.
    pub(super) fn service_at(&self, address: IpAddr) -> Option<ServiceId> {
        self.model.service_ids().find(|id| self.model.service(*id).ips.contains(&address))
    }

    pub(super) fn has_namespace(&self, name: &str) -> bool {
        self.model.namespaces().binary_search_by(|namespace| namespace.name.as_str().cmp(name)).is_ok()
    }

    fn pods_of(&self, name: &str) -> Result<Endpoint, FindError> {
        let is_named = |pod: &PodId| self.model.namespace(self.model.pod(*pod).namespace).name == name;
        match self.model.pod_ids().find(is_named) {
            Some(pod) => Ok(Endpoint::Namespace(self.model.pod(pod).namespace)),
            None if self.has_namespace(name) => Err(FindError::Empty(name.to_owned())),
            None => Err(self.unknown(name)),
        }
    }

    fn named(&self, text: &str, namespace: &str, name: &str) -> Result<Endpoint, FindError> {
        let found = self.by_name.get(&(namespace, name)).map(Vec::as_slice).unwrap_or_default();
        if let Some(pod) = found.iter().find_map(|named| match named {
            Named::Pod(id) => Some(*id),
            Named::Workload(..) => None,
        }) {
            return Ok(Endpoint::Pod(pod));
        }
        match found {
            [] if self.is_finished(namespace, name) => {
                Err(FindError::Finished(format!("{namespace}/{name}")))
            }
            [] => Err(self.unknown(text)),
            [Named::Workload(_, id)] => Ok(Endpoint::Workload(*id)),
            _ => Err(FindError::Ambiguous { text: text.to_owned(), candidates: self.names(found) }),
        }
    }

    fn of_kind(&self, text: &str, namespace: &str, kind: &str, name: &str) -> Result<Endpoint, FindError> {
        let found = self.by_name.get(&(namespace, name)).map(Vec::as_slice).unwrap_or_default();
        let matches = |named: &&Named| match (Kind::read(kind), named) {
            (Some(Kind::Pod), Named::Pod(_)) => true,
            (Some(Kind::Workload(kind)), Named::Workload(other, _)) => kind == *other,
            _ => false,
        };
        match (Kind::read(kind), found.iter().find(matches)) {
            (None, _) => Err(FindError::Syntax(text.to_owned())),
            (Some(Kind::Service), _) => Err(FindError::Service(text.to_owned())),
            (_, Some(Named::Pod(id))) => Ok(Endpoint::Pod(*id)),
            (_, Some(Named::Workload(_, id))) => Ok(Endpoint::Workload(*id)),
            (Some(Kind::Pod), None) if self.is_finished(namespace, name) => {
                Err(FindError::Finished(format!("{namespace}/{name}")))
            }
            _ => Err(self.unknown(text)),
        }
    }

    fn node(&self, text: &str, name: &str) -> Result<Endpoint, FindError> {
        let found = self.model.node_ids().find(|id: &NodeId| &*self.model.node(*id).name == name);
        found.map(Endpoint::Node).ok_or_else(|| self.unknown(text))
    }

    fn range(&self, text: &str, range: &AddrSet) -> Result<Endpoint, FindError> {
        let external = External::new(self.model, text, range);
        if external.addresses.is_empty() {
            let pods = external.pods_inside.iter().map(|id| self.model.pod_name(*id));
            let nodes = external.nodes_inside.iter().map(|id| Endpoint::Node(*id).name(self.model));
            let inside = pods.chain(nodes).take(SUGGESTIONS).collect();
            return Err(FindError::NotExternal { text: text.to_owned(), inside });
        }
        Ok(Endpoint::External(external))
    }

    fn is_finished(&self, namespace: &str, name: &str) -> bool {
        self.model.finished_pods().iter().any(|(other, pod)| other == namespace && pod == name)
    }

    fn names(&self, found: &[Named]) -> Vec<String> {
        let mut names: Vec<String> = found
            .iter()
            .map(|named| match named {
                Named::Pod(id) => self.model.pod_name(*id),
                Named::Workload(_, id) => self.model.workload_name(*id),
            })
            .collect();
        names.sort_unstable();
        names
    }

    /// The error for a name that nothing has, with the nearest names there are: of things in a
    /// namespace for a name with a slash, else of namespaces and of what is in the finder's own.
    pub(super) fn unknown(&self, text: &str) -> FindError {
        let mut candidates: Vec<(String, String)> = Vec::new();
        for ((namespace, name), found) in &self.by_name {
            for full in self.names(found) {
                if text.contains('/') {
                    candidates.push((format!("{namespace}/{name}"), full.clone()));
                    candidates.push((full.clone(), full));
                } else if self.namespace.as_deref() == Some(*namespace) {
                    candidates.push(((*name).to_owned(), full));
                }
            }
        }
        if text.contains('/') {
            for id in self.model.service_ids() {
                let service = self.model.service(id);
                let full = self.model.service_name(id);
                candidates.push((format!("{}/{}", service.namespace, service.name), full.clone()));
                candidates.push((full.clone(), full));
            }
            candidates.extend(
                self.model.nodes().iter().map(|node| format!("node/{}", node.name)).map(|n| (n.clone(), n)),
            );
        } else {
            candidates.extend(self.model.namespaces().iter().map(|one| (one.name.clone(), one.name.clone())));
        }
        let last = |name: &str| name.rsplit('/').next().unwrap_or_default().to_owned();
        let mut near: Vec<(usize, String)> = candidates
            .into_iter()
            .filter_map(|(written, full)| {
                // The right name in the wrong namespace is as near as one typo.
                let is_elsewhere = text.contains('/') && last(&written) == last(text);
                let distance = if is_elsewhere { 1 } else { strsim::damerau_levenshtein(text, &written) };
                (distance <= 1 + last(text).len() / 4).then_some((distance, full))
            })
            .collect();
        near.sort();
        let mut suggestions: Vec<String> = Vec::new();
        for (_, name) in near {
            if suggestions.len() < SUGGESTIONS && !suggestions.contains(&name) {
                suggestions.push(name);
            }
        }
        FindError::Unknown { text: text.to_owned(), suggestions }
    }
}

/// The middle of `ns/kind/name`.
pub(super) enum Kind {
    Pod,
    Service,
    Workload(WorkloadKind),
}

impl Kind {
    /// Reads a kind in any spelling that kubectl takes.
    pub(super) fn read(text: &str) -> Option<Self> {
        Some(match text.to_ascii_lowercase().as_str() {
            "pod" | "pods" | "po" => Self::Pod,
            "svc" | "service" | "services" => Self::Service,
            "deploy" | "deployment" | "deployments" => Self::Workload(WorkloadKind::Deployment),
            "sts" | "statefulset" | "statefulsets" => Self::Workload(WorkloadKind::StatefulSet),
            "ds" | "daemonset" | "daemonsets" => Self::Workload(WorkloadKind::DaemonSet),
            "rs" | "replicaset" | "replicasets" => Self::Workload(WorkloadKind::ReplicaSet),
            "rc" | "replicationcontroller" | "replicationcontrollers" => {
                Self::Workload(WorkloadKind::ReplicationController)
            }
            "job" | "jobs" => Self::Workload(WorkloadKind::Job),
            "cj" | "cronjob" | "cronjobs" => Self::Workload(WorkloadKind::CronJob),
            _ => return None,
        })
    }
}

fn address(text: &str) -> Option<IpAddr> {
    text.parse::<IpAddr>().ok().map(|address| address.to_canonical())
}

/// CIDRs and ranges, separated by commas; `None` if any part is neither.
pub fn ranges(text: &str) -> Option<AddrSet> {
    text.split(',').try_fold(AddrSet::default(), |set, part| {
        let range = match part.parse::<ipnet::IpNet>() {
            Ok(cidr) => AddrSet::cidr(canonical(cidr)),
            Err(_) => match part.split_once('-') {
                Some((first, last)) => AddrSet::range(address(first)?, address(last)?),
                None => address(part).map(|address| AddrSet::range(address, address))?,
            },
        };
        (!range.is_empty()).then(|| set.or(&range))
    })
}
