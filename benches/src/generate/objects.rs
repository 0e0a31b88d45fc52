//! Namespaces and pods as the API server shows them, cut to the fields that matter and some that
//! have to be skipped.

use serde_json::{Map, Value, json};

use super::workloads::{Port, TEAMS, Workload};

/// The environments that namespaces are in.
pub(super) const ENVIRONMENTS: [&str; 4] = ["live", "preview", "nightly", "sandbox"];

/// How many DNS servers come before the other pods.
pub(super) const DNS_PODS: usize = 2;

/// The namespace of the DNS servers.
pub(super) const SYSTEM: &str = "kube-system";

/// How many nodes the pods are on.
const NODES: usize = 20;

/// The hash of the DNS servers' ReplicaSet.
const DNS_HASH: &str = "6f5bc7dd84";

/// The namespaces of applications.
#[derive(Debug)]
pub(super) struct Spaces(usize);

impl Spaces {
    pub(super) fn new(count: usize) -> Self {
        Self(count)
    }

    pub(super) fn count(&self) -> usize {
        self.0
    }

    pub(super) fn name(at: usize) -> String {
        format!("space-{at:03}")
    }

    pub(super) fn environment(at: usize) -> &'static str {
        ENVIRONMENTS[at % ENVIRONMENTS.len()]
    }

    /// Every namespace.
    pub(super) fn objects(&self) -> Vec<Value> {
        namespaces((0..self.0).map(Self::environment))
    }
}

/// A namespace for each of these environments, in turn, and the system's last.
pub(super) fn namespaces(environments: impl Iterator<Item = &'static str>) -> Vec<Value> {
    let labelled = |name: &str, labels: &Value| {
        json!({
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": { "labels": labels, "name": name },
        })
    };
    let applications = environments.enumerate().map(|(at, environment)| {
        let name = Spaces::name(at);
        let labels = json!({
            "environment": environment,
            "kubernetes.io/metadata.name": name,
            "owner": owner(at),
        });
        labelled(&name, &labels)
    });
    let system = json!({ "environment": "system", "kubernetes.io/metadata.name": SYSTEM });
    applications.chain(std::iter::once(labelled(SYSTEM, &system))).collect()
}

/// The team that a namespace is of.
pub(super) fn owner(at: usize) -> &'static str {
    TEAMS[at % TEAMS.len()]
}

/// What a pod is made from.
struct Template {
    app: String,
    hash: String,
    namespace: String,
    labels: Map<String, Value>,
    ports: Value,
}

/// Which pod: the DNS servers are of no workload.
#[derive(Debug, Clone, Copy)]
pub(super) struct Replica {
    /// The position of the workload.
    pub(super) workload: Option<usize>,
    /// Which of the workload's pods.
    pub(super) number: usize,
}

impl Replica {
    /// The DNS servers, before all others.
    pub(super) fn servers() -> impl Iterator<Item = Self> {
        (0..DNS_PODS).map(|number| Self { workload: None, number })
    }
}

/// One pod, with the address and the node that are due to its position among all.
pub(super) fn pod(index: usize, replica: Replica, workloads: &[Workload], owned: bool) -> Value {
    let template = replica.workload.map_or_else(|| dns(owned), |at| of(&workloads[at], owned));
    let replica = replica.number;
    let Template { app, hash, namespace, labels, ports } = template;
    let mut metadata = json!({ "labels": labels, "name": format!("{app}-{hash}-{replica:05}") });
    metadata["namespace"] = json!(namespace);
    if owned {
        metadata["ownerReferences"] = json!([{
            "apiVersion": "apps/v1",
            "controller": true,
            "kind": "ReplicaSet",
            "name": format!("{app}-{hash}"),
            "uid": format!("{:08x}-0000-4000-8000-000000000000", index % workloads.len().max(1)),
        }]);
    }
    let ip = address(index);
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": metadata,
        "spec": {
            "containers": [{ "image": format!("registry.example/{app}:1"), "name": "main", "ports": ports }],
            "nodeName": format!("node-{}", index % NODES),
        },
        "status": {
            "hostIP": format!("192.168.0.{}", index % NODES + 1),
            "phase": "Running",
            "podIP": ip,
            "podIPs": [{ "ip": ip }],
        },
    })
}

fn dns(owned: bool) -> Template {
    let mut labels = Map::new();
    labels.insert("k8s-app".to_owned(), json!("kube-dns"));
    if owned {
        labels.insert("pod-template-hash".to_owned(), json!(DNS_HASH));
    }
    let ports = json!([
        { "containerPort": 53, "name": "dns", "protocol": "UDP" },
        { "containerPort": 53, "name": "dns-tcp", "protocol": "TCP" },
    ]);
    let namespace = SYSTEM.to_owned();
    Template { app: "coredns".to_owned(), hash: DNS_HASH.to_owned(), namespace, labels, ports }
}

fn port(port: &Port) -> Value {
    json!({ "containerPort": port.number, "name": port.name, "protocol": port.protocol })
}

fn of(workload: &Workload, owned: bool) -> Template {
    Template {
        app: workload.app.clone(),
        hash: workload.hash.clone(),
        namespace: Spaces::name(workload.space),
        labels: workload.labels(owned),
        ports: workload.ports.iter().map(port).collect(),
    }
}

/// Consecutive addresses from 10.64.0.10.
fn address(index: usize) -> String {
    let host = index + 10;
    format!("10.{}.{}.{}", 64 + host / 65536, host / 256 % 256, host % 256)
}
