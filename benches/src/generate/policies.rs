//! The policies of a cluster: the two that every namespace starts with, then a mix of what people
//! write.

use serde_json::{Value, json};

use super::objects::{ENVIRONMENTS, SYSTEM, Spaces};
use super::random::Random;
use super::workloads::{HTTP, TEAMS, TIERS, Workload};

/// What the policies are called that let everyone of a namespace ask for names.
pub(super) const ALLOW_DNS: &str = "allow-dns";

/// What the policies are called that deny everything that no other one allows.
pub(super) const DEFAULT_DENY: &str = "default-deny";

/// Whom a policy can be about.
struct Cast<'c> {
    random: &'c mut Random,
    everyone: &'c [Workload],
    /// Of the namespace that the policy is in.
    here: Vec<&'c Workload>,
}

/// A kind of policy: how many of a hundred are of it, what they are called, and how to write one.
struct Kind {
    share: usize,
    name: &'static str,
    write: fn(&mut Cast<'_>) -> Value,
}

const KINDS: [Kind; 7] = [
    Kind { share: 25, name: "from-neighbour", write: from_neighbour },
    Kind { share: 25, name: "from-elsewhere", write: from_elsewhere },
    Kind { share: 12, name: "by-expressions", write: by_expressions },
    Kind { share: 8, name: "from-addresses", write: from_addresses },
    Kind { share: 6, name: "to-addresses", write: to_addresses },
    Kind { share: 16, name: "to-elsewhere", write: to_elsewhere },
    Kind { share: 8, name: "both-ways", write: both_ways },
];

/// Makes up policies: default-deny and allow-dns of every namespace as far as they fit, then the mix.
pub(super) fn make(random: &mut Random, count: usize, spaces: &Spaces, everyone: &[Workload]) -> Vec<Value> {
    let mut policies = Vec::with_capacity(count);
    for space in 0..spaces.count() {
        let both = if random.percent(50) { json!(["Ingress"]) } else { json!(["Ingress", "Egress"]) };
        policies.push(policy(DEFAULT_DENY, space, &json!({ "podSelector": {}, "policyTypes": both })));
        policies.push(policy(ALLOW_DNS, space, &allow_dns()));
    }
    policies.truncate(count);
    for number in policies.len()..count {
        let space = random.below(spaces.count());
        // Workloads are dealt to namespaces in turn.
        let here: Vec<&Workload> = everyone.iter().skip(space).step_by(spaces.count()).collect();
        let kind = kind(random.below(100));
        let spec = (kind.write)(&mut Cast { random, everyone, here });
        policies.push(policy(&format!("{}-{number:05}", kind.name), space, &spec));
    }
    policies
}

fn kind(mut of_hundred: usize) -> &'static Kind {
    const { assert!(sum_of_shares() == 100, "the kinds share a hundred") };
    for kind in &KINDS {
        if of_hundred < kind.share {
            return kind;
        }
        of_hundred -= kind.share;
    }
    &KINDS[0]
}

const fn sum_of_shares() -> usize {
    let (mut sum, mut at) = (0, 0);
    while at < KINDS.len() {
        sum += KINDS[at].share;
        at += 1;
    }
    sum
}

pub(super) fn policy(name: &str, space: usize, spec: &Value) -> Value {
    json!({
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": { "name": name, "namespace": Spaces::name(space) },
        "spec": spec,
    })
}

pub(super) fn allow_dns() -> Value {
    json!({
        "egress": [{
            "ports": [{ "port": 53, "protocol": "UDP" }, { "port": 53, "protocol": "TCP" }],
            "to": [{
                "namespaceSelector": { "matchLabels": { "kubernetes.io/metadata.name": SYSTEM } },
                "podSelector": { "matchLabels": { "k8s-app": "kube-dns" } },
            }],
        }],
        "podSelector": {},
        "policyTypes": ["Egress"],
    })
}

fn from_neighbour(cast: &mut Cast<'_>) -> Value {
    let (target, source) = (cast.neighbour(), cast.neighbour());
    let rule = json!({ "from": [{ "podSelector": labels(source, &["app"]) }], "ports": cast.ports(target) });
    json!({ "ingress": [rule], "podSelector": labels(target, &["app"]), "policyTypes": ["Ingress"] })
}

fn from_elsewhere(cast: &mut Cast<'_>) -> Value {
    let target = cast.neighbour();
    let sources = cast.several();
    let from: Vec<Value> = sources
        .into_iter()
        .map(|source| {
            let keys = cast.random.pick(&[["app"].as_slice(), &["tier"], &["team", "tier"]]);
            json!({ "namespaceSelector": cast.space_of(source), "podSelector": labels(source, keys) })
        })
        .collect();
    let rule = json!({ "from": from, "ports": cast.ports(target) });
    json!({ "ingress": [rule], "podSelector": cast.some_labels(target), "policyTypes": ["Ingress"] })
}

fn by_expressions(cast: &mut Cast<'_>) -> Value {
    let (target, source) = (cast.neighbour(), cast.anyone());
    let from = json!([
        { "podSelector": cast.expression() },
        { "namespaceSelector": cast.space_of(source), "podSelector": cast.expression() },
    ]);
    let rule = json!({ "from": from, "ports": cast.ports(target) });
    json!({ "ingress": [rule], "podSelector": cast.expression(), "policyTypes": ["Ingress"] })
}

fn from_addresses(cast: &mut Cast<'_>) -> Value {
    let target = cast.neighbour();
    let from: Vec<Value> = (0..cast.random.within(1, 2)).map(|_| cast.block()).collect();
    let rule = json!({ "from": from, "ports": cast.ports(target) });
    json!({ "ingress": [rule], "podSelector": labels(target, &["app"]), "policyTypes": ["Ingress"] })
}

fn to_addresses(cast: &mut Cast<'_>) -> Value {
    let source = cast.neighbour();
    let key = cast.random.pick(&["app", "team"]);
    let rule = json!({ "ports": [{ "port": 443, "protocol": "TCP" }], "to": [cast.block()] });
    json!({ "egress": [rule], "podSelector": labels(source, &[key]), "policyTypes": ["Egress"] })
}

fn to_elsewhere(cast: &mut Cast<'_>) -> Value {
    let source = cast.neighbour();
    let targets = cast.several();
    let rules: Vec<Value> = targets
        .into_iter()
        .map(|target| {
            let to = json!({ "namespaceSelector": cast.space_of(target), "podSelector": cast.some_labels(target) });
            json!({ "ports": cast.ports(target), "to": [to] })
        })
        .collect();
    json!({ "egress": rules, "podSelector": cast.some_labels(source), "policyTypes": ["Egress"] })
}

fn both_ways(cast: &mut Cast<'_>) -> Value {
    let (subject, source, target) = (cast.neighbour(), cast.anyone(), cast.anyone());
    let everywhere = json!({ "namespaceSelector": {}, "podSelector": labels(target, &["tier"]) });
    json!({
        "egress": [{ "ports": cast.ports(target), "to": [everywhere] }, { "to": [cast.block()] }],
        "ingress": [
            { "from": [{ "namespaceSelector": cast.space_of(source) }] },
            { "ports": [{ "port": "metrics", "protocol": "TCP" }] },
        ],
        "podSelector": labels(subject, &["app"]),
        "policyTypes": ["Ingress", "Egress"],
    })
}

pub(super) fn labels(workload: &Workload, keys: &[&str]) -> Value {
    let labels: serde_json::Map<_, _> =
        keys.iter().map(|key| ((*key).to_owned(), json!(workload.label(key)))).collect();
    json!({ "matchLabels": labels })
}

impl<'c> Cast<'c> {
    fn neighbour(&mut self) -> &'c Workload {
        self.random.pick(&self.here)
    }

    fn anyone(&mut self) -> &'c Workload {
        &self.everyone[self.random.below(self.everyone.len())]
    }

    fn several(&mut self) -> Vec<&'c Workload> {
        let count = 1 + self.random.below(3);
        self.random.some(self.everyone, count)
    }

    /// Selects the pods of a workload, or those that are like it.
    fn some_labels(&mut self, workload: &Workload) -> Value {
        let key = self.random.pick(&["app", "tier"]);
        labels(workload, &[key])
    }

    /// Selects the namespace of a workload, perhaps with others.
    fn space_of(&mut self, workload: &Workload) -> Value {
        match self.random.below(3) {
            0 => json!({ "matchLabels": { "kubernetes.io/metadata.name": Spaces::name(workload.space) } }),
            1 => json!({ "matchLabels": { "environment": workload.environment } }),
            _ => {
                let values = self.random.some(&ENVIRONMENTS, 2);
                json!({ "matchExpressions": [{ "key": "environment", "operator": "NotIn", "values": values }] })
            }
        }
    }

    fn expression(&mut self) -> Value {
        let expression = match self.random.below(4) {
            0 => json!({ "key": "tier", "operator": "In", "values": self.random.some(&TIERS, 2) }),
            1 => json!({ "key": "team", "operator": "NotIn", "values": self.random.some(&TEAMS, 3) }),
            2 => json!({ "key": "canary", "operator": "Exists" }),
            _ => json!({ "key": "canary", "operator": "DoesNotExist" }),
        };
        let mut selector = json!({ "matchExpressions": [expression] });
        if self.random.percent(40) {
            selector["matchLabels"] = json!({ "tier": self.random.pick(&TIERS) });
        }
        selector
    }

    fn ports(&mut self, workload: &Workload) -> Value {
        ports(self.random, workload)
    }

    fn block(&mut self) -> Value {
        block(self.random)
    }
}

/// Ports that a workload has: by name, as a range around one, or by number.
pub(super) fn ports(random: &mut Random, workload: &Workload) -> Value {
    let port = random.pick(&workload.ports);
    let number = json!({ "port": port.number, "protocol": port.protocol });
    match random.below(4) {
        0 => json!([{ "port": port.name, "protocol": port.protocol }]),
        1 => {
            let first = port.number - random.within(0, port.number.min(500) - 1);
            let last = port.number + random.within(0, 1000);
            json!([{ "endPort": last, "port": first, "protocol": port.protocol }])
        }
        2 => json!([number]),
        _ => json!([number, { "port": random.pick(&HTTP), "protocol": "TCP" }]),
    }
}

/// A block of addresses, mostly with exceptions. It holds no pod, so that no block tells replicas apart.
pub(super) fn block(random: &mut Random) -> Value {
    let (net, part) = (random.within(11, 199), random.within(0, 255));
    if random.percent(30) {
        return json!({ "ipBlock": { "cidr": format!("{net}.{part}.0.0/16") } });
    }
    let (other, small) = (random.within(0, 255), random.within(0, 255));
    let except = [format!("{net}.{part}.0.0/16"), format!("{net}.{other}.{small}.0/24")];
    json!({ "ipBlock": { "cidr": format!("{net}.0.0.0/8"), "except": except } })
}
