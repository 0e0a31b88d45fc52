//! The workloads of a cluster: a namespace, labels and container ports each.

use serde_json::{Map, Value, json};

use super::objects::Spaces;
use super::random::Random;

/// The values of the label `tier`.
pub(super) const TIERS: [&str; 6] = ["edge", "web", "service", "store", "stream", "batch"];

/// The values of the label `team`.
pub(super) const TEAMS: [&str; 12] = [
    "accounts", "billing", "carts", "delivery", "fraud", "insight", "loyalty", "notify", "pricing",
    "returns", "stock", "tracing",
];

/// The numbers that the port `http` has.
pub(super) const HTTP: [u16; 5] = [8080, 8081, 3000, 9000, 8443];

/// Ports that some workloads have besides.
const MORE_PORTS: [Port; 7] = [
    Port { name: "metrics", number: 9102, protocol: "TCP" },
    Port { name: "grpc", number: 50051, protocol: "TCP" },
    Port { name: "admin", number: 8001, protocol: "TCP" },
    Port { name: "sql", number: 3306, protocol: "TCP" },
    Port { name: "gossip", number: 7946, protocol: "TCP" },
    Port { name: "syslog", number: 514, protocol: "UDP" },
    Port { name: "diameter", number: 3868, protocol: "SCTP" },
];

/// The letters and digits that ReplicaSets hash with.
const HASH: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";

/// A container port.
#[derive(Debug, Clone, Copy)]
pub(super) struct Port {
    pub(super) name: &'static str,
    pub(super) number: u16,
    pub(super) protocol: &'static str,
}

/// What replicas have in common.
#[derive(Debug)]
pub(super) struct Workload {
    pub(super) app: String,
    /// The pod-template-hash, if the pods are a ReplicaSet's.
    pub(super) hash: String,
    /// The position of its namespace.
    pub(super) space: usize,
    pub(super) environment: &'static str,
    pub(super) tier: &'static str,
    pub(super) team: &'static str,
    pub(super) canary: Option<bool>,
    pub(super) ports: Vec<Port>,
}

impl Workload {
    /// The value of a label that every workload has.
    pub(super) fn label(&self, key: &str) -> &str {
        match key {
            "tier" => self.tier,
            "team" => self.team,
            _ => &self.app,
        }
    }

    /// The labels of its pods.
    pub(super) fn labels(&self, owned: bool) -> Map<String, Value> {
        let mut labels = Map::new();
        labels.insert("app".to_owned(), json!(self.app));
        if let Some(canary) = self.canary {
            labels.insert("canary".to_owned(), json!(canary.to_string()));
        }
        labels.insert("environment".to_owned(), json!(self.environment));
        if owned {
            labels.insert("pod-template-hash".to_owned(), json!(self.hash));
        }
        labels.insert("team".to_owned(), json!(self.team));
        labels.insert("tier".to_owned(), json!(self.tier));
        labels
    }
}

/// Makes up workloads, dealt to the namespaces in turn.
pub(super) fn make(random: &mut Random, count: usize, spaces: &Spaces) -> Vec<Workload> {
    let space = |index: usize| index % spaces.count();
    (0..count).map(|index| one(random, index, space(index), Spaces::environment(space(index)))).collect()
}

/// Makes up one workload of a namespace.
pub(super) fn one(random: &mut Random, index: usize, space: usize, environment: &'static str) -> Workload {
    let mut ports = vec![Port { name: "http", number: random.pick(&HTTP), protocol: "TCP" }];
    let more = random.below(4);
    ports.extend(random.some(&MORE_PORTS, more));
    Workload {
        app: format!("app-{index:05}"),
        hash: (0..9).map(|_| char::from(random.pick(HASH))).collect(),
        space,
        environment,
        tier: random.pick(&TIERS),
        team: random.pick(&TEAMS),
        canary: random.percent(30).then(|| random.percent(50)),
        ports,
    }
}
