//! The policies of a made-up cluster: default denials, DNS, and rules for who is meant to talk to whom, in the many
//! shapes that people give them.

use k8s_openapi::api::networking::v1::NetworkPolicy;
use np_oracle::Protocol;
use serde_json::{Value, json};

use super::estate::{Crew, Estate, Flow, Labels, Side, Space};
use super::random::Random;

/// How the policies of a namespace are written.
#[expect(clippy::struct_excessive_bools, reason = "independent habits, each drawn on its own")]
struct Habit {
    denies_ingress: bool,
    denies_egress: bool,
    allows_dns: bool,
    /// One policy for all rules of a workload, or one for each.
    is_gathered: bool,
    /// Ingress and egress rules of a workload in one policy.
    is_both: bool,
    names_ports: bool,
    says_protocol: bool,
    says_types: bool,
    /// Every label of a workload, or the one that names it.
    all_labels: bool,
    expressions: bool,
}

/// Rules of a workload.
#[derive(Default)]
struct Rules {
    ingress: Vec<Value>,
    egress: Vec<Value>,
}

/// Every policy of the cluster.
pub(crate) fn policies(random: &mut Random, estate: &Estate) -> Vec<NetworkPolicy> {
    let mut policies = Vec::new();
    // A copy has the policies of the original: the same draws.
    let mut draws: Vec<Random> = Vec::new();
    for (space, Space { copy_of, .. }) in estate.spaces.iter().enumerate() {
        let random = copy_of.map_or_else(|| random.fork(), |original| draws[original].clone());
        draws.push(random.clone());
        let random = &mut { random };
        let habit = Habit::draw(random);
        let name = &estate.spaces[space].name;
        if name == "kube-system" {
            continue;
        }
        habit.defaults(random, name, &mut policies);
        let crews: Vec<usize> =
            (0..estate.crews.len()).filter(|crew| estate.crews[*crew].space == space).collect();
        for crew in crews {
            let writer = Writer { estate, habit: &habit, crew };
            let rules = writer.rules(random);
            writer.gather(random, rules, &mut policies);
        }
    }
    let read = |policy| serde_json::from_value(policy).expect("a policy");
    policies.into_iter().map(read).collect()
}

impl Habit {
    fn draw(random: &mut Random) -> Self {
        let denies_egress = random.percent(50);
        Self {
            denies_ingress: random.percent(85),
            denies_egress,
            allows_dns: denies_egress && random.percent(90),
            is_gathered: random.percent(60),
            is_both: random.percent(35),
            names_ports: random.percent(25),
            says_protocol: random.percent(65),
            says_types: random.percent(85),
            all_labels: random.percent(25),
            expressions: random.percent(15),
        }
    }

    fn defaults(&self, random: &mut Random, space: &str, policies: &mut Vec<Value>) {
        let everything = json!({});
        let types: Vec<&str> = [("Ingress", self.denies_ingress), ("Egress", self.denies_egress)]
            .into_iter()
            .filter_map(|(name, denies)| denies.then_some(name))
            .collect();
        if !types.is_empty() {
            let name = random.pick(&["default-deny", "default-deny-all", "deny-all"]);
            policies.push(policy(space, name, &json!({ "podSelector": everything, "policyTypes": types })));
        }
        if self.allows_dns {
            let ports = json!([{ "protocol": "UDP", "port": 53 }, { "protocol": "TCP", "port": 53 }]);
            let by_name = json!({ "matchLabels": { "kubernetes.io/metadata.name": "kube-system" } });
            let mut peer = json!({ "namespaceSelector": by_name });
            if random.percent(60) {
                peer["podSelector"] = json!({ "matchLabels": { "k8s-app": "kube-dns" } });
            }
            let rule = json!({ "to": [peer], "ports": ports });
            let spec = json!({ "podSelector": everything, "policyTypes": ["Egress"], "egress": [rule] });
            policies.push(policy(space, "allow-dns", &spec));
        }
        if random.percent(20) {
            let rule = json!({ "from": [{ "podSelector": {} }], "ports": [{ "port": 9102 }] });
            let spec = json!({ "podSelector": everything, "policyTypes": ["Ingress"], "ingress": [rule] });
            policies.push(policy(space, "allow-same-namespace-metrics", &spec));
        }
    }
}

/// Writes the policies of one workload.
struct Writer<'e> {
    estate: &'e Estate,
    habit: &'e Habit,
    crew: usize,
}

impl Writer<'_> {
    fn me(&self) -> &Crew {
        &self.estate.crews[self.crew]
    }

    fn rules(&self, random: &mut Random) -> Rules {
        let me = Side::Crew(self.crew);
        let mut rules = Rules::default();
        let incoming: Vec<&Flow> = self.estate.flows.iter().filter(|flow| flow.to == me).collect();
        for port in self.me().ports.iter().map(|port| port.number) {
            let on_port: Vec<&Flow> = incoming.iter().copied().filter(|flow| flow.number == port).collect();
            if on_port.is_empty() {
                continue;
            }
            let mut peers: Vec<Value> = on_port.iter().map(|flow| self.peer(random, flow.from)).collect();
            if random.percent(20) {
                peers.insert(random.below(peers.len() + 1), self.whole_namespace(random));
            }
            peers.dedup();
            let ports = self.ports(random, on_port[0]);
            if random.percent(60) || peers.len() == 1 {
                rules.ingress.push(rule("from", &peers, &ports));
            } else {
                rules
                    .ingress
                    .extend(peers.iter().map(|peer| rule("from", std::slice::from_ref(peer), &ports)));
            }
        }
        if self.habit.denies_egress || random.percent(15) {
            for flow in self.estate.flows.iter().filter(|flow| flow.from == me) {
                let peers = [self.peer(random, flow.to)];
                rules.egress.push(rule("to", &peers, &self.ports(random, flow)));
            }
        }
        rules
    }

    /// The rules in as many policies as is the habit.
    fn gather(&self, random: &mut Random, Rules { ingress, egress }: Rules, policies: &mut Vec<Value>) {
        let (name, space) = (&self.me().name, &self.estate.space_of(self.crew).name);
        let subject = self.selector(random, &self.me().labels);
        let mut add = |suffix: &str, ingress: &[Value], egress: &[Value], types: &[&str]| {
            let mut spec = json!({ "podSelector": subject });
            if self.habit.says_types || types != ["Ingress"] {
                spec["policyTypes"] = json!(types);
            }
            if !ingress.is_empty() {
                spec["ingress"] = json!(ingress);
            }
            if !egress.is_empty() {
                spec["egress"] = json!(egress);
            }
            policies.push(policy(space, &format!("{name}{suffix}"), &spec));
        };
        if self.habit.is_both && !ingress.is_empty() && !egress.is_empty() {
            add("", &ingress, &egress, &["Ingress", "Egress"]);
            return;
        }
        if self.habit.is_gathered {
            if !ingress.is_empty() {
                add("-ingress", &ingress, &[], &["Ingress"]);
            }
            if !egress.is_empty() {
                add("-egress", &[], &egress, &["Egress"]);
            }
            return;
        }
        for (at, rule) in ingress.into_iter().enumerate() {
            add(&format!("-allow-{at}"), &[rule], &[], &["Ingress"]);
        }
        for (at, rule) in egress.into_iter().enumerate() {
            add(&format!("-to-{at}"), &[], &[rule], &["Egress"]);
        }
    }

    fn peer(&self, random: &mut Random, side: Side) -> Value {
        let crew = match side {
            Side::Outside(address, block) => return outside(random, address, block),
            Side::Crew(at) => &self.estate.crews[at],
        };
        let pods = self.selector(random, &crew.labels);
        if crew.space == self.me().space {
            return json!({ "podSelector": pods });
        }
        let space = &self.estate.spaces[crew.space];
        let namespaces = self.namespace(random, &space.name, &space.labels);
        if random.percent(35) {
            return json!({ "namespaceSelector": namespaces });
        }
        json!({ "namespaceSelector": namespaces, "podSelector": pods })
    }

    fn whole_namespace(&self, random: &mut Random) -> Value {
        let space = &self.estate.spaces[random.below(self.estate.spaces.len())];
        json!({ "namespaceSelector": self.namespace(random, &space.name, &space.labels) })
    }

    fn namespace(&self, random: &mut Random, name: &str, labels: &Labels) -> Value {
        let own = |(key, _): &(&String, &String)| !key.contains("kubernetes.io/");
        let own: Vec<(String, String)> =
            labels.iter().filter(own).map(|(key, value)| (key.clone(), value.clone())).collect();
        if own.is_empty() || random.percent(50) {
            return json!({ "matchLabels": { "kubernetes.io/metadata.name": name } });
        }
        self.match_labels(&own)
    }

    fn selector(&self, random: &mut Random, labels: &[(String, String)]) -> Value {
        // By the tier alone: several workloads at once.
        if labels.len() > 1 && random.percent(8) {
            return self.match_labels(&labels[1..2]);
        }
        self.match_labels(if self.habit.all_labels { labels } else { &labels[..1] })
    }

    fn match_labels(&self, labels: &[(String, String)]) -> Value {
        if self.habit.expressions {
            let expression =
                |(key, value): &(String, String)| json!({ "key": key, "operator": "In", "values": [value] });
            let expressions: Vec<Value> = labels.iter().map(expression).collect();
            return json!({ "matchExpressions": expressions });
        }
        json!({ "matchLabels": labels.iter().cloned().collect::<Labels>() })
    }

    fn ports(&self, random: &mut Random, flow: &Flow) -> Vec<Value> {
        if random.percent(6) {
            return Vec::new();
        }
        let is_named = self.habit.names_ports || random.percent(10);
        let port = match flow.name {
            Some(name) if is_named => json!(name),
            _ => json!(flow.number),
        };
        let mut ports = vec![json!({ "port": port })];
        if self.habit.says_protocol || flow.protocol != Protocol::Tcp {
            ports[0]["protocol"] = json!(flow.protocol.name());
        }
        if random.percent(15) {
            let other = random.pick(&[443, 8080, 9102, flow.number.saturating_add(1)]);
            ports.insert(random.below(2), json!({ "port": other, "protocol": "TCP" }));
        }
        ports
    }
}

/// The block of an address outside, or all addresses but the private ones.
fn outside(random: &mut Random, address: &str, block: &str) -> Value {
    let is_private = address.starts_with("172.") || address.starts_with("192.168.");
    if block == "0.0.0.0/0" && random.percent(60) && !is_private {
        let private = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];
        return json!({ "ipBlock": { "cidr": block, "except": private } });
    }
    if random.percent(25) {
        return json!({ "ipBlock": { "cidr": format!("{address}/32") } });
    }
    json!({ "ipBlock": { "cidr": block } })
}

fn rule(side: &str, peers: &[Value], ports: &[Value]) -> Value {
    let mut rule = json!({ side: peers });
    if !ports.is_empty() {
        rule["ports"] = json!(ports);
    }
    rule
}

fn policy(space: &str, name: &str, spec: &Value) -> Value {
    json!({
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": { "name": name, "namespace": space },
        "spec": spec,
    })
}
