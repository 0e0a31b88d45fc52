//! A sound cluster made of bytes: each byte is a choice. Texts that were mutated are mostly refused,
//! so that answers need inputs that never are.

use serde_json::{Value, json};

const LABELS: [&str; 3] = ["web", "api", ""];
const ADDRESSES: [&str; 5] = ["10.0.0.1", "10.0.0.2", "10.1.0.1", "fd00::1", "192.168.0.9"];
const BLOCKS: [&str; 6] = ["10.0.0.0/8", "10.0.0.0/31", "0.0.0.0/0", "::/0", "fd00::/127", "192.168.0.0/16"];

/// The cluster that these bytes choose, as a list of objects.
pub(super) fn cluster(bytes: &[u8]) -> Value {
    let mut choices = Choices(bytes);
    let mut items = vec![
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "x", "labels": {"app": "web"}}}),
        json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n"},
            "status": {"addresses": [{"type": "InternalIP", "address": "192.168.0.9"}]}}),
    ];
    items.extend((0..=choices.below(4)).map(|at| pod(&mut choices, at)));
    items.extend((0..choices.below(4)).map(|at| policy(&mut choices, at)));
    json!({"apiVersion": "v1", "kind": "List", "items": items})
}

/// Bytes as choices; the first of each when none are left.
struct Choices<'a>(&'a [u8]);

impl Choices<'_> {
    fn below(&mut self, sides: u8) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        first % sides
    }

    fn pick<'t>(&mut self, texts: &[&'t str]) -> &'t str {
        let sides = u8::try_from(texts.len()).unwrap_or(u8::MAX);
        texts.get(usize::from(self.below(sides))).copied().unwrap_or_default()
    }
}

fn pod(choices: &mut Choices<'_>, at: u8) -> Value {
    let namespace = choices.pick(&["x", "z"]);
    let labels = json!({"app": choices.pick(&LABELS)});
    let port = json!({"name": "http", "containerPort": 80 + choices.below(2)});
    let mut pod = json!({"apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": format!("p{at}"), "namespace": namespace, "labels": labels},
        "spec": {"hostNetwork": choices.below(5) == 1, "containers": [{"name": "c", "ports": [port]}]}});
    if choices.below(2) == 1 {
        pod["spec"]["nodeName"] = "n".into();
    }
    if choices.below(3) > 0 {
        pod["status"] = json!({"podIP": choices.pick(&ADDRESSES)});
    }
    pod
}

fn policy(choices: &mut Choices<'_>, at: u8) -> Value {
    let namespace = choices.pick(&["x", "z"]);
    let mut rules = |end: &str| -> Vec<Value> {
        (0..choices.below(3))
            .map(|_| {
                let peers: Vec<Value> = (0..choices.below(3)).map(|_| peer(choices)).collect();
                let ports: Vec<Value> = (0..choices.below(3)).map(|_| port(choices)).collect();
                json!({ end: peers, "ports": ports })
            })
            .collect()
    };
    let (ingress, egress) = (rules("from"), rules("to"));
    let types = [json!(["Ingress"]), json!(["Egress"]), json!(["Ingress", "Egress"])];
    let mut spec = json!({"podSelector": selector(choices)});
    spec["policyTypes"] = types[usize::from(choices.below(3))].clone();
    if !ingress.is_empty() {
        spec["ingress"] = ingress.into();
    }
    if !egress.is_empty() {
        spec["egress"] = egress.into();
    }
    json!({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
        "metadata": {"name": format!("p{at}"), "namespace": namespace}, "spec": spec})
}

fn selector(choices: &mut Choices<'_>) -> Value {
    match choices.below(5) {
        0 => json!({}),
        1 => {
            json!({"matchExpressions": [{"key": "app", "operator": choices.pick(&["Exists", "DoesNotExist"])}]})
        }
        2 => json!({"matchExpressions": [{"key": "app", "operator": choices.pick(&["In", "NotIn"]),
            "values": [choices.pick(&LABELS)]}]}),
        _ => json!({"matchLabels": {"app": choices.pick(&LABELS)}}),
    }
}

fn peer(choices: &mut Choices<'_>) -> Value {
    match choices.below(4) {
        0 => json!({"ipBlock": {"cidr": choices.pick(&BLOCKS)}}),
        1 => json!({"namespaceSelector": selector(choices)}),
        2 => json!({"namespaceSelector": selector(choices), "podSelector": selector(choices)}),
        _ => json!({"podSelector": selector(choices)}),
    }
}

fn port(choices: &mut Choices<'_>) -> Value {
    match choices.below(4) {
        0 => json!({}),
        1 => json!({"port": "http"}),
        2 => json!({"port": 53, "protocol": choices.pick(&["UDP", "SCTP"])}),
        _ => json!({"port": 80, "endPort": 80 + u16::from(choices.below(100))}),
    }
}
