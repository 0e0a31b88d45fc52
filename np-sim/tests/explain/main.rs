//! Evidence and near misses: expected values from the documentation of NetworkPolicy, and from which one fact of a
//! policy was written wrong.
//!
//! A cluster of a few pods, whose `shop/db` lets in what one rule says; each case breaks the rule in one way.

mod order;

use np_model::ir::Direction;
use np_model::{Assumptions, Input, Model, compile};
use np_sim::explain::{Evidence, Explanation, Gap, Half, LabelGap, Miss, Near, PortGap};
use np_sim::{Finder, Verdict, explain};

const CLUSTER: &str = "
{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {team: shop}}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: ops, labels: {team: ops}}}
---
{apiVersion: v1, kind: Pod, metadata: {name: frontend, namespace: shop, labels: {app: frontend}},
 status: {podIP: 10.0.1.1}}
---
{apiVersion: v1, kind: Pod, metadata: {name: cache, namespace: shop, labels: {app: cache}},
 status: {podIP: 10.0.1.2}}
---
{apiVersion: v1, kind: Pod, metadata: {name: agent, namespace: shop, labels: {app: agent}},
 spec: {hostNetwork: true, nodeName: n2}, status: {podIP: 192.168.7.2}}
---
{apiVersion: v1, kind: Pod, metadata: {name: monitor, namespace: ops, labels: {app: monitor}},
 status: {podIP: 10.0.2.1}}
---
apiVersion: v1
kind: Pod
metadata: {name: db, namespace: shop, labels: {app: db}}
spec: {nodeName: n1, containers: [{name: c, ports: [{name: pg, containerPort: 5432}]}]}
status: {podIP: 10.0.1.3}
---
{apiVersion: v1, kind: Service, metadata: {name: db, namespace: shop},
 spec: {selector: {app: db}, ports: [{port: 80, targetPort: pg}]}}
";

fn model(text: &str) -> Model {
    let mut input = Input::new("default");
    input.text("m.yaml", text.as_bytes().to_vec());
    compile(input, &Assumptions::default()).unwrap_or_else(|invalid| panic!("{invalid}"))
}

fn policy(namespace: &str, name: &str, spec: &str) -> String {
    format!(
        "---\n{{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {{name: {name}, namespace: {namespace}}}, spec: {spec}}}\n"
    )
}

/// The cluster with these policies.
fn with(policies: &[String]) -> Model {
    model(&format!("{CLUSTER}{}", policies.concat()))
}

/// The cluster where `shop/db` lets in what a rule says.
fn rule(rule: &str) -> Model {
    with(&[policy(
        "shop",
        "db",
        &format!("{{podSelector: {{matchLabels: {{app: db}}}}, ingress: [{rule}]}}"),
    )])
}

fn asked(model: &Model, from: &str, to: &str, ports: &[&str]) -> Explanation {
    let finder = Finder::new(model, None);
    let ports: Vec<_> = ports.iter().map(|port| port.parse().expect("a port")).collect();
    let find = |name| finder.find(name).unwrap_or_else(|error| panic!("{error}"));
    explain(model, &find(from), &find(to), &ports).unwrap_or_else(|error| panic!("{error}"))
}

/// The only pair's evidence of a direction.
fn evidence(explanation: &Explanation, direction: Direction) -> &Evidence {
    let [pair] = explanation.pairs.as_slice() else { panic!("{explanation:?}") };
    pair.of(direction)
}

fn label(gap: &LabelGap) -> String {
    let near = match &gap.near {
        None => String::new(),
        Some(Near::Value(value)) => format!(", like {value}"),
        Some(Near::Key(key)) => format!(", like key {key}"),
    };
    let held = if gap.is_met_elsewhere { ", met elsewhere" } else { "" };
    format!("#{} has {}{near}{held}", gap.requirement, gap.has.as_deref().unwrap_or("no such key"))
}

fn told(model: &Model, gap: &Gap) -> String {
    let name = |id: &_| model.namespace(*id).name.as_str();
    match gap {
        Gap::Direction => "direction".to_owned(),
        Gap::Subject(gap) => format!("subject {}", label(gap)),
        Gap::Pod(gap) => format!("pod {}", label(gap)),
        Gap::Namespace(gap) => format!("namespace {}", label(gap)),
        Gap::OtherNamespace(id) => format!("other namespace {}", name(id)),
        Gap::PolicyNamespace(id) => format!("policy namespace {}", name(id)),
        Gap::Joined(Half::Namespaces) => "joined, the namespaces match".to_owned(),
        Gap::Joined(Half::Pods) => "joined, the pods match".to_owned(),
        Gap::Block => "block".to_owned(),
        Gap::Except(at) => format!("except #{at}"),
        Gap::HostNetwork => "host network".to_owned(),
        Gap::Port { item, how } => match how {
            PortGap::Protocol => format!("port #{item} protocol"),
            PortGap::Service(id) => format!("port #{item} of {}", model.service_name(*id)),
            PortGap::Number { distance, is_declared } => {
                let declared = if *is_declared { ", declared" } else { "" };
                format!("port #{item} off by {distance}{declared}")
            }
            PortGap::Name { leads_to, near, available } => {
                format!("port #{item} leads to {leads_to:?}, near {near:?} of {available:?}")
            }
        },
    }
}

/// A miss as `policy rule peer: gap; gap`, with `!` behind if it is likely meant.
fn line(model: &Model, miss: &Miss) -> String {
    let peer = miss.peer.map(|peer| format!(" peer {peer}")).unwrap_or_default();
    let gaps: Vec<String> = miss.gaps.iter().map(|gap| told(model, gap)).collect();
    let likely = if miss.is_likely() { "!" } else { "" };
    format!("{} {}{peer}: {}{likely}", model.policy(miss.policy).name, miss.rule, gaps.join("; "))
}

/// The first miss where `from` is denied to reach `shop/db` on 5432 by ingress.
#[track_caller]
fn check_from(model: &Model, from: &str, expected: &str) {
    let explanation = asked(model, from, "shop/db", &["5432"]);
    assert_eq!(explanation.reach.verdict(), Verdict::Denied);
    let ingress = evidence(&explanation, Direction::Ingress);
    let first = ingress.misses.first().map(|miss| line(model, miss));
    assert_eq!(first.as_deref().unwrap_or("none"), expected);
    for miss in &ingress.misses {
        assert!(!miss.gaps.is_empty() && !miss.opens.is_empty(), "{miss:?}");
    }
}

#[track_caller]
fn check(model: &Model, expected: &str) {
    check_from(model, "shop/frontend", expected);
}

#[test]
fn labels_of_the_other_pod() {
    check(
        &rule("{from: [{podSelector: {matchLabels: {app: front-end}}}]}"),
        "db 0 peer 0: pod #0 has frontend, like front-end!",
    );
    check(
        &rule("{from: [{podSelector: {matchLabels: {aap: frontend}}}]}"),
        "db 0 peer 0: pod #0 has no such key, like key app!",
    );
    check(
        &rule(
            "{from: [{podSelector: {matchExpressions: [{key: app, operator: In, values: [web, fronted]}]}}]}",
        ),
        "db 0 peer 0: pod #0 has frontend, like fronted!",
    );
    // Another pod has the value: the rule is for that one.
    check(
        &rule("{from: [{podSelector: {matchLabels: {app: cache}}}]}"),
        "db 0 peer 0: pod #0 has frontend, met elsewhere",
    );
    check(
        &rule(
            "{from: [{podSelector: {matchExpressions: [{key: app, operator: NotIn, values: [frontend]}]}}]}",
        ),
        "db 0 peer 0: pod #0 has frontend, met elsewhere",
    );
    check(
        &rule("{from: [{podSelector: {matchExpressions: [{key: tier, operator: Exists}]}}]}"),
        "db 0 peer 0: pod #0 has no such key!",
    );
}

#[test]
fn labels_of_the_other_namespace() {
    check_from(
        &rule("{from: [{namespaceSelector: {matchLabels: {team: opps}}}]}"),
        "ops/monitor",
        "db 0 peer 0: namespace #0 has ops, like opps!",
    );
    check_from(
        &rule("{from: [{namespaceSelector: {matchLabels: {name: ops}}}]}"),
        "ops/monitor",
        "db 0 peer 0: namespace #0 has no such key, like key kubernetes.io/metadata.name!",
    );
    check_from(
        &rule("{from: [{namespaceSelector: {matchLabels: {purpose: monitoring}}}]}"),
        "ops/monitor",
        "db 0 peer 0: namespace #0 has no such key!",
    );
    check_from(
        &rule("{from: [{namespaceSelector: {matchLabels: {team: shop}}}]}"),
        "ops/monitor",
        "db 0 peer 0: namespace #0 has ops, met elsewhere",
    );
}

#[test]
fn namespaces_of_peers_and_policies() {
    check_from(
        &rule("{from: [{podSelector: {matchLabels: {app: monitor}}}]}"),
        "ops/monitor",
        "db 0 peer 0: other namespace ops!",
    );
    // Who lets in the own namespace means to let in no other.
    check_from(&rule("{from: [{podSelector: {}}]}"), "ops/monitor", "db 0 peer 0: other namespace ops");
    let db = "{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {matchLabels: {app: frontend}}}]}]}";
    let deny = policy("shop", "deny", "{podSelector: {}}");
    check(&with(&[deny.clone(), policy("ops", "db", db)]), "db 0 peer 0: policy namespace shop!");
    // Of a policy that is for everyone, nobody can tell.
    let everyone = "{podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {app: frontend}}}]}]}";
    check(&with(&[deny, policy("ops", "all", everyone)]), "none");
}

#[test]
fn two_selectors_in_one_item() {
    let both = "{from: [{namespaceSelector: {matchLabels: {team: ops}}, podSelector: {matchLabels: {app: frontend}}}]}";
    check(&rule(both), "db 0 peer 0: joined, the pods match!");
    check_from(&rule(both), "ops/monitor", "db 0 peer 0: joined, the namespaces match!");
    // As another pod matches both, they are meant together.
    let cache = "{from: [{namespaceSelector: {matchLabels: {team: shop}}, podSelector: {matchLabels: {app: cache}}}]}";
    check(&rule(cache), "db 0 peer 0: joined, the namespaces match");
}

#[test]
fn addresses() {
    check(&rule("{from: [{ipBlock: {cidr: 10.9.0.0/16}}]}"), "db 0 peer 0: block");
    check(
        &rule("{from: [{ipBlock: {cidr: 10.0.0.0/16, except: [10.0.1.0/24, 10.0.9.0/24]}}]}"),
        "db 0 peer 0: except #0!",
    );
    check_from(
        &rule("{from: [{ipBlock: {cidr: 0.0.0.0/0, except: [8.0.0.0/8]}}]}"),
        "8.8.8.8",
        "db 0 peer 0: except #0!",
    );
    // No selector can be made to match an address.
    check_from(&rule("{from: [{podSelector: {matchLabels: {app: frontend}}}]}"), "8.8.8.8", "none");
    check_from(
        &rule("{from: [{podSelector: {matchLabels: {app: agent}}}]}"),
        "shop/agent",
        "db 0 peer 0: host network!",
    );
}

#[test]
fn ports() {
    let of = |ports: &str| rule(&format!("{{from: [{{podSelector: {{}}}}], ports: [{ports}]}}"));
    check(&of("{port: 5433}"), "db 0 peer 0: port #0 off by 1!");
    check(&of("{port: 6000, endPort: 7000}"), "db 0 peer 0: port #0 off by 568");
    check(&of("{port: 5432, protocol: UDP}"), "db 0 peer 0: port #0 protocol!");
    check(&of("{protocol: SCTP}"), "db 0 peer 0: port #0 protocol!");
    check(&of("{port: pg, protocol: UDP}"), "db 0 peer 0: port #0 protocol!");
    check(&of("{port: 443}, {port: 80}"), "db 0 peer 0: port #1 of shop/svc/db!");
    check(&of("{port: pgs}"), "db 0 peer 0: port #0 leads to [], near Some(\"pg\") of [\"pg\"]!");
    // Everyone may come, on another port.
    check(&rule("{ports: [{port: 5431}]}"), "db 0: port #0 off by 1!");
    let explanation = asked(&of("{port: 5433}"), "shop/frontend", "shop/db", &[]);
    let ingress = evidence(&explanation, Direction::Ingress);
    assert_eq!(ingress.misses, [], "whoever asks for everything means no port");
}

#[test]
fn who_is_selected_and_in_which_direction() {
    let deny = || policy("shop", "deny", "{podSelector: {}}");
    let open = "ingress: [{from: [{podSelector: {matchLabels: {app: frontend}}}]}]";
    let db = policy("shop", "db", &format!("{{podSelector: {{matchLabels: {{app: dbs}}}}, {open}}}"));
    check(&with(&[deny(), db]), "db 0 peer 0: subject #0 has db, like dbs!");
    let db = policy(
        "shop",
        "db",
        &format!("{{podSelector: {{matchLabels: {{app: db}}}}, policyTypes: [Egress], {open}}}"),
    );
    check(&with(&[deny(), db]), "db 0 peer 0: direction!");
    let cache = policy("shop", "cache", &format!("{{podSelector: {{matchLabels: {{app: cache}}}}, {open}}}"));
    check(&with(&[deny(), cache]), "cache 0 peer 0: subject #0 has db, met elsewhere");
}

#[test]
fn egress_is_asked_of_the_source() {
    let model = with(&[policy(
        "shop",
        "out",
        "{podSelector: {matchLabels: {app: frontend}}, policyTypes: [Egress], \
         egress: [{to: [{podSelector: {matchLabels: {app: db}}}], ports: [{port: pgs}]}]}",
    )]);
    let explanation = asked(&model, "shop/frontend", "shop/db", &["5432"]);
    let egress = evidence(&explanation, Direction::Egress);
    let lines: Vec<String> = egress.misses.iter().map(|miss| line(&model, miss)).collect();
    assert_eq!(lines, ["out 0 peer 0: port #0 leads to [], near Some(\"pg\") of [\"pg\"]!"]);
    let ingress = evidence(&explanation, Direction::Ingress);
    assert!(ingress.selecting.is_empty() && ingress.misses.is_empty() && ingress.matched.is_empty());
}

#[test]
fn what_matches_is_told_also_where_another_decides() {
    let model = rule(
        "{from: [{podSelector: {matchLabels: {app: cache}}}, {podSelector: {}}], ports: [{port: 5432}]}, \
         {ports: [{port: 80}]}, {from: [{podSelector: {matchLabels: {app: cache}}}]}",
    );
    let explanation = asked(&model, "shop/frontend", "shop/db", &["5432"]);
    assert_eq!(explanation.reach.verdict(), Verdict::Allowed);
    let ingress = evidence(&explanation, Direction::Ingress);
    let matched: Vec<_> = ingress
        .matched
        .iter()
        .map(|it| (it.rule.index, it.peer, it.opens.text(explanation.reach.families)))
        .collect();
    assert_eq!(matched, [(0, Some(1), "tcp/5432".to_owned()), (1, None, "-".to_owned())]);
    assert_eq!(ingress.misses, [], "nothing is blocked");
}

#[test]
fn what_the_input_does_not_show_is_no_gap() {
    let text = "
{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: one, labels: {app: a}}}
---
{apiVersion: v1, kind: Pod, metadata: {name: b, namespace: two}}
"
    .to_owned()
        + &policy(
            "two",
            "p",
            "{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: x}}}]}]}",
        );
    let model = model(&text);
    let explanation = asked(&model, "one/a", "two/b", &["80"]);
    assert_eq!(explanation.reach.verdict(), Verdict::Unknown);
    assert_eq!(evidence(&explanation, Direction::Ingress).misses, []);
}
