//! The simple evaluator beside the fast one: every pair of pods, policy by policy, straight from the
//! rule IR, without classes, indexes or interned sets. Both must agree on clusters larger than the
//! oracle's, where classes have many members.

use np_model::addr::Families;
use np_model::conn::{ConnSet, Protocol, every_port};
use np_model::ir::{Direction, Namespaces, Peer, PortMatch, PortSpec, Rule};
use np_model::model::{Pod, Whereabouts};
use np_model::truth::Truth;
use np_model::{Assumptions, Input, Model, compile};
use np_sim::axis::{By, axis};
use np_sim::matrix::Matrix;
use np_sim::{Endpoint, Finder, Outcome, Summary, exposure, reach, summary};
use serde_json::{Value, json};

#[test]
fn the_matrix_agrees_with_every_pair_judged_alone() {
    for seed in 0..6 {
        let model = cluster(seed);
        let mut matrix = Matrix::new(&model);
        let endpoints = axis(&model, By::Pod);
        assert!(model.classes().any(|class| class.pods.len() > 1), "classes with several members");
        let parties: Vec<_> = endpoints.iter().map(|endpoint| matrix.party(endpoint)).collect();
        let mut blocked = 0;
        for (from, a) in endpoints.iter().zip(&parties) {
            for (to, b) in endpoints.iter().zip(&parties) {
                let (Endpoint::Pod(source), Endpoint::Pod(destination)) = (from, to) else { continue };
                if source == destination {
                    continue;
                }
                let cell = matrix.cell(a, b);
                let (source, destination) = (model.pod(*source), model.pod(*destination));
                let common = source.families.and(destination.families);
                let expected = passes(&model, source, destination, Direction::Egress)
                    .and(&passes(&model, destination, source, Direction::Ingress))
                    .within(common);
                let outcome = matrix.outcome(cell);
                assert_eq!(
                    outcome.passes,
                    expected,
                    "seed {seed}: {} to {}",
                    from.name(&model),
                    to.name(&model)
                );
                assert!(outcome.open.is_empty(), "every fact is known");
                blocked += usize::from(!outcome.blocked.is_empty());
            }
        }
        assert!(blocked > 0, "the policies close something");
    }
}

#[test]
fn a_summary_counts_every_pair_judged_alone() {
    let asked = [ConnSet::all(Families::BOTH), ConnSet::ports(Families::BOTH, Protocol::Tcp, 8080, 8080)];
    for seed in 0..6 {
        let model = cluster(seed);
        for asked in &asked {
            let mut expected = Summary::default();
            for source in model.pods() {
                for destination in model.pods().iter().filter(|pod| !std::ptr::eq(*pod, source)) {
                    let egress = passes(&model, source, destination, Direction::Egress);
                    let both = egress.and(&passes(&model, destination, source, Direction::Ingress));
                    let asked = asked.within(source.families.and(destination.families));
                    expected.add(Outcome::of(&asked, &both, &both).verdict(), 1);
                }
            }
            assert_eq!(summary(&model, asked), expected, "seed {seed}");
            assert!(expected.denied > 0 && expected.allowed > 0, "seed {seed}: {expected:?}");
        }
    }
}

#[test]
fn a_cell_over_many_pairs_is_the_union_of_their_sets() {
    for seed in 0..3 {
        let model = cluster(seed);
        let mut matrix = Matrix::new(&model);
        let namespaces = axis(&model, By::Namespace);
        for from in &namespaces {
            for to in &namespaces {
                let mut expected = Outcome::default();
                for source in from.pods(&model) {
                    for destination in to.pods(&model).into_iter().filter(|pod| *pod != source) {
                        let (source, destination) = (model.pod(source), model.pod(destination));
                        let asked = ConnSet::all(source.families.and(destination.families));
                        let egress = passes(&model, source, destination, Direction::Egress);
                        let both = egress.and(&passes(&model, destination, source, Direction::Ingress));
                        expected = expected.or(&Outcome::of(&asked, &both, &both));
                    }
                }
                let (a, b) = (matrix.party(from), matrix.party(to));
                let cell = matrix.cell(&a, &b);
                assert_eq!(
                    matrix.outcome(cell),
                    expected,
                    "seed {seed}: {} to {}",
                    from.name(&model),
                    to.name(&model)
                );
                let answer = reach(&model, from, to, &[]).expect("namespaces with pods");
                assert_eq!(
                    answer.outcome,
                    expected,
                    "seed {seed}: {} to {}",
                    from.name(&model),
                    to.name(&model)
                );
            }
        }
    }
}

/// What the policies of `subject` let pass with `other`.
fn passes(model: &Model, subject: &Pod, other: &Pod, direction: Direction) -> ConnSet {
    let namespace = &model.namespace(subject.namespace).name;
    let mut isolated = false;
    let mut allowed = ConnSet::none();
    for policy in &model.rules().policies {
        let Some(rules) = policy.rules(direction) else { continue };
        if policy.namespace != *namespace || policy.subject.matches(&subject.labels) != Truth::Yes {
            continue;
        }
        isolated = true;
        for rule in rules {
            allowed = allowed.or(&opened(model, rule, subject, other, direction));
        }
    }
    if isolated { allowed } else { ConnSet::all(Families::BOTH) }
}

fn opened(model: &Model, rule: &Rule, subject: &Pod, other: &Pod, direction: Direction) -> ConnSet {
    let destination = if direction == Direction::Egress { other } else { subject };
    let ports = match &rule.ports {
        None => ConnSet::all(Families::BOTH),
        Some(items) => {
            items.iter().fold(ConnSet::none(), |set, item| set.or(&resolve(&item.port, destination)))
        }
    };
    let Some(peers) = &rule.peers else { return ports };
    peers.iter().fold(ConnSet::none(), |set, item| match &item.peer {
        Peer::Block(block) => {
            let Whereabouts::At(ips) = &other.whereabouts else { panic!("every address is known") };
            let addresses = block.addresses();
            let is_inside = ips.iter().any(|ip| addresses.contains(ip));
            if is_inside { set.or(&ports.within(Families::only(block.family()))) } else { set }
        }
        Peer::Pods { namespaces, pods } => {
            let namespace = model.namespace(other.namespace);
            let in_namespace = match namespaces {
                Namespaces::Named(name) => *name == namespace.name,
                Namespaces::Matching(selector) => selector.matches(&namespace.labels) == Truth::Yes,
            };
            if in_namespace && pods.matches(&other.labels) == Truth::Yes { set.or(&ports) } else { set }
        }
    })
}

fn resolve(port: &PortMatch, destination: &Pod) -> ConnSet {
    let both = Families::BOTH;
    match &port.ports {
        PortSpec::All => ConnSet::of_ports(both, port.protocol, &every_port()),
        PortSpec::Range(first, last) => ConnSet::ports(both, port.protocol, *first, *last),
        PortSpec::Named(name) => {
            let named = |one: &&np_model::facts::ContainerPort| {
                one.name.as_deref() == Some(name) && one.protocol == port.protocol
            };
            let ports = destination.ports.iter().filter(named);
            ports.fold(ConnSet::none(), |set, one| {
                set.or(&ConnSet::ports(both, one.protocol, one.port, one.port))
            })
        }
    }
}

#[test]
fn exposure_agrees_with_the_matrix() {
    for seed in 0..6 {
        let model = cluster(seed);
        let mut matrix = Matrix::new(&model);
        let endpoints = axis(&model, By::Distinct);
        let exposure = exposure(&model, &endpoints);
        assert_eq!(exposure.subjects.len(), endpoints.len());
        let internet = Finder::new(&model, None).find("internet").expect("addresses");
        for subject in &exposure.subjects {
            let me = matrix.party(&subject.endpoint);
            for direction in Direction::BOTH {
                let mut with = |peer: &Endpoint| {
                    let peer = matrix.party(peer);
                    let (from, to) = if direction == Direction::Egress { (&me, &peer) } else { (&peer, &me) };
                    let cell = matrix.cell(from, to);
                    if cell.is_itself { Outcome::default() } else { matrix.outcome(cell) }
                };
                let facing = subject.profile.facing(direction);
                let name = subject.endpoint.name(&model);
                assert_eq!(facing.internet, with(&internet), "seed {seed}: {name} {direction}");
                let (mut others, mut namespaces) = (Outcome::default(), Vec::new());
                for endpoint in axis(&model, By::Namespace) {
                    let Endpoint::Namespace(id) = endpoint else { panic!("a namespace") };
                    let outcome = with(&endpoint);
                    if Some(id) == subject.endpoint.namespace(&model) {
                        assert_eq!(facing.own, outcome, "seed {seed}: {name} {direction}");
                        continue;
                    }
                    if !outcome.passes.is_empty() || !outcome.open.is_empty() {
                        namespaces.push(id);
                    }
                    others = others.or(&outcome);
                }
                assert_eq!(facing.others, others, "seed {seed}: {name} {direction}");
                assert_eq!(facing.namespaces, namespaces, "seed {seed}: {name} {direction}");
            }
        }
    }
}

/// A small deterministic source of choices (splitmix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % sides as u64).expect("less than a usize")
    }

    fn pick<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.roll(choices.len())]
    }
}

const APPS: [&str; 5] = ["web", "api", "db", "cache", "job"];
const TIERS: [&str; 3] = ["", "front", "back"];

fn cluster(seed: u64) -> Model {
    let mut dice = Dice(seed);
    let mut input = Input::new("default");
    let mut objects: Vec<Value> = (0..4)
        .map(|at| {
            let env = dice.pick(&["prod", "dev"]);
            json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": format!("ns{at}"), "labels": {"env": env}}})
        })
        .collect();
    for at in 0..90 {
        let mut labels = json!({"app": dice.pick(&APPS), "copy": at.to_string()});
        if dice.roll(2) == 0 {
            labels["tier"] = dice.pick(&TIERS).into();
        }
        let http = [80, 8080][dice.roll(2)];
        let ip = format!("10.0.{}.{}", dice.roll(3), at + 1);
        objects.push(json!({
            "apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": format!("p{at}"), "namespace": format!("ns{}", dice.roll(4)), "labels": labels},
            "spec": {"containers": [{"name": "c", "ports": [{"name": "http", "containerPort": http}]}]},
            "status": {"podIPs": [{"ip": ip}], "podIP": ip},
        }));
    }
    for at in 0..30 {
        let rules: Vec<Value> = (0..dice.roll(3)).map(|_| rule(&mut dice)).collect();
        let rename = |rule: &Value| json!({"to": rule["from"], "ports": rule["ports"]});
        let spec = match dice.roll(3) {
            0 => json!({"podSelector": selector(&mut dice), "policyTypes": ["Ingress"], "ingress": rules}),
            1 => json!({"podSelector": selector(&mut dice), "policyTypes": ["Egress"],
                "egress": rules.iter().map(rename).collect::<Vec<_>>()}),
            _ => json!({"podSelector": selector(&mut dice), "policyTypes": ["Ingress", "Egress"],
                "ingress": rules, "egress": rules.iter().map(rename).collect::<Vec<_>>()}),
        };
        objects.push(json!({
            "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
            "metadata": {"name": format!("policy{at}"), "namespace": format!("ns{}", dice.roll(4))}, "spec": spec,
        }));
    }
    let list = json!({"apiVersion": "v1", "kind": "List", "items": objects});
    input.text("cluster.json", list.to_string().into_bytes());
    compile(input, &Assumptions::default()).unwrap_or_else(|invalid| panic!("{invalid}"))
}

fn selector(dice: &mut Dice) -> Value {
    match dice.roll(6) {
        0 => json!({}),
        1 => {
            json!({"matchExpressions": [{"key": "tier", "operator": dice.pick(&["Exists", "DoesNotExist"])}]})
        }
        2 => json!({"matchExpressions": [
            {"key": "tier", "operator": dice.pick(&["In", "NotIn"]), "values": [dice.pick(&TIERS)]}]}),
        _ => json!({"matchLabels": {"app": dice.pick(&APPS)}}),
    }
}

fn rule(dice: &mut Dice) -> Value {
    let peers: Vec<Value> = (0..=dice.roll(2))
        .map(|_| match dice.roll(5) {
            0 => json!({"ipBlock": {"cidr": "10.0.0.0/16", "except": ["10.0.1.0/24"]}}),
            1 => json!({"namespaceSelector": {"matchLabels": {"env": dice.pick(&["prod", "dev"])}}}),
            2 => json!({"namespaceSelector": {}, "podSelector": selector(dice)}),
            _ => json!({"podSelector": selector(dice)}),
        })
        .collect();
    let ports = match dice.roll(4) {
        0 => json!([]),
        1 => json!([{"port": "http"}]),
        2 => json!([{"port": 53, "protocol": "UDP"}, {}]),
        _ => json!([{"port": 8000, "endPort": 9000}]),
    };
    json!({"from": peers, "ports": ports})
}
