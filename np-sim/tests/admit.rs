//! Who can come to be let in: expected values from the documentation of NetworkPolicy.
//!
//! A subject `a/web` with one policy, and what that policy admits of pods that are not there.

use np_model::ir::Direction;
use np_model::model::ClassId;
use np_model::{Assumptions, Input, Model, compile};
use np_sim::admit::{Admits, Admitter, Home, stranger};

/// Namespaces `a` and `b`, and a pod `web` in `a` that names its port 8080 `http`.
const CLUSTER: &str = "
{apiVersion: v1, kind: Namespace, metadata: {name: a, labels: {env: prod}}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: b}}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: a, labels: {app: web}}
spec: {containers: [{name: c, ports: [{name: http, containerPort: 8080}]}]}
status: {podIP: 10.0.0.1}
";

fn model(text: &str) -> Model {
    let mut input = Input::new("default");
    input.text("m.yaml", text.as_bytes().to_vec());
    compile(input, &Assumptions::default()).unwrap_or_else(|invalid| panic!("{invalid}"))
}

/// The cluster with a policy in `a` for each `spec`.
fn with(specs: &[&str]) -> Model {
    let policy = |(number, spec)| {
        format!(
            "---\n{{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {{name: p{number}, namespace: a}}, spec: {spec}}}\n"
        )
    };
    model(&format!("{CLUSTER}{}", specs.iter().enumerate().map(policy).collect::<String>()))
}

/// A policy for every pod of `a` with one ingress rule.
fn rule(rule: &str) -> String {
    format!("{{podSelector: {{}}, ingress: [{rule}]}}")
}

fn class(model: &Model) -> ClassId {
    model.pods().iter().find(|pod| pod.name == "web").expect("the subject").class
}

fn admits(model: &Model, direction: Direction) -> Admits {
    let admits = Admitter::new(model).admits(class(model), direction);
    assert_eq!(stranger(model, class(model), direction), admits.anyone);
    admits
}

/// What everyone gets, what one pod somewhere gets at least and at most, and each admission as
/// `namespace | pod | connections`.
#[track_caller]
fn check(specs: &[&str], direction: Direction, everyone: &str, anyone: [&str; 2], admissions: &[&str]) {
    let model = with(specs);
    let found = admits(&model, direction);
    let families = model.families();
    assert_eq!(found.everyone.passes.text(families), everyone, "everyone");
    let possible = found.anyone.passes.or(&found.anyone.open);
    assert_eq!([found.anyone.passes.text(families), possible.text(families)], anyone, "anyone");
    let told: Vec<String> = found
        .admissions
        .iter()
        .map(|it| {
            let home = match &it.needs.namespace {
                Home::Named { names, labels } => format!("{} {labels}", names.join(",")),
                Home::Any { except, labels } if except.is_empty() => format!("any {labels}"),
                Home::Any { except, labels } => format!("any but {} {labels}", except.join(",")),
            };
            let connections = it.connections.text(families);
            format!("{} | {} | {connections}", home.trim_end(), it.needs.pod)
        })
        .collect();
    assert_eq!(told, admissions);
}

#[track_caller]
fn check_rule(text: &str, everyone: &str, anyone: [&str; 2], admissions: &[&str]) {
    check(&[&rule(text)], Direction::Ingress, everyone, anyone, admissions);
}

#[test]
fn a_pod_that_no_policy_selects_admits_everyone() {
    check(&[], Direction::Ingress, "all", ["all", "all"], &[]);
    let of_others = "{podSelector: {matchLabels: {app: other}}, ingress: []}";
    check(&[of_others], Direction::Ingress, "all", ["all", "all"], &[]);
    // Without egress rules or policyTypes it concerns ingress alone.
    check(&["{podSelector: {}}"], Direction::Egress, "all", ["all", "all"], &[]);
    check(&["{podSelector: {}}"], Direction::Ingress, "-", ["-", "-"], &[]);
}

#[test]
fn everyone_is_a_rule_without_peers_or_a_peer_without_conditions() {
    check_rule("{ports: [{port: 80}]}", "tcp/80", ["tcp/80", "tcp/80"], &[]);
    check_rule("{from: [{namespaceSelector: {}}], ports: [{port: 80}]}", "tcp/80", ["tcp/80", "tcp/80"], &[]);
    let both = "{from: [{namespaceSelector: {}, podSelector: {}}], ports: [{port: http}]}";
    check_rule(both, "tcp/8080", ["tcp/8080", "tcp/8080"], &[]);
}

#[test]
fn a_pod_selector_alone_means_the_own_namespace() {
    check_rule("{from: [{podSelector: {}}]}", "-", ["-", "all"], &["a |  | all"]);
    let one = "{from: [{podSelector: {matchLabels: {app: api}}}], ports: [{port: 80}]}";
    check_rule(one, "-", ["-", "tcp/80"], &["a | app=api | tcp/80"]);
}

#[test]
fn a_namespace_selector_is_met_by_whoever_labels_a_namespace() {
    let label = "{from: [{namespaceSelector: {matchLabels: {env: prod}}}]}";
    check_rule(label, "-", ["-", "all"], &["any env=prod |  | all"]);
    let name = "{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: c}}, podSelector: {matchLabels: {role: client}}}]}";
    check_rule(name, "-", ["-", "all"], &["c | role=client | all"]);
    let but = "{from: [{namespaceSelector: {matchExpressions: [{key: kubernetes.io/metadata.name, operator: NotIn, values: [b]}]}}]}";
    check_rule(but, "-", ["-", "all"], &["any but b |  | all"]);
}

#[test]
fn nobody_meets_a_contradiction() {
    let selector = "{matchLabels: {app: x}, matchExpressions: [{key: app, operator: NotIn, values: [x]}]}";
    check_rule(&format!("{{from: [{{podSelector: {selector}}}]}}"), "-", ["-", "-"], &[]);
    check_rule(&format!("{{from: [{{namespaceSelector: {selector}}}]}}"), "-", ["-", "-"], &[]);
}

#[test]
fn a_port_that_the_subject_does_not_name_opens_nothing() {
    check_rule("{from: [{podSelector: {}}], ports: [{port: metrics}]}", "-", ["-", "-"], &[]);
}

#[test]
fn what_everyone_has_needs_no_choice() {
    let policies = [
        rule("{from: [{podSelector: {matchLabels: {role: client}}}], ports: [{port: 80}]}"),
        rule("{from: [{podSelector: {matchLabels: {role: client}}}], ports: [{port: 81}]}"),
        rule("{ports: [{port: 80}]}"),
    ];
    let policies: Vec<&str> = policies.iter().map(String::as_str).collect();
    let (least, most) = ("tcp/80", "tcp/80-81");
    check(&policies, Direction::Ingress, "tcp/80", [least, most], &["a | role=client | tcp/81"]);
}

#[test]
fn a_block_means_pods_by_their_address() {
    // No node says where pods are, so they are somewhere in the private ranges.
    let all = "{from: [{ipBlock: {cidr: 0.0.0.0/0}}], ports: [{port: 80}]}";
    check_rule(all, "tcp/80", ["tcp/80", "tcp/80"], &[]);
    let some = "{from: [{ipBlock: {cidr: 10.1.0.0/16}}], ports: [{port: 80}]}";
    check_rule(some, "-", ["-", "tcp/80"], &[]);
    let public = "{from: [{ipBlock: {cidr: 8.8.8.0/24}}], ports: [{port: 80}]}";
    check_rule(public, "-", ["-", "-"], &[]);
}

#[test]
fn egress_to_a_port_name_is_for_the_other_end_to_say() {
    let spec = "{podSelector: {}, policyTypes: [Egress], egress: [{to: [{namespaceSelector: {}}], ports: [{port: 53, protocol: UDP}, {port: http}]}]}";
    check(&[spec], Direction::Egress, "udp/53", ["udp/53", "tcp udp/53"], &[]);
    let chosen = "{podSelector: {}, policyTypes: [Egress], egress: [{to: [{podSelector: {}}], ports: [{port: http}]}]}";
    check(&[chosen], Direction::Egress, "-", ["-", "tcp"], &["a |  | -"]);
    let model = with(&[chosen]);
    let admission = &admits(&model, Direction::Egress).admissions[0];
    assert_eq!(model.port_name(admission.names[0]).0, "http");
}

#[test]
fn policies_that_cannot_be_evaluated_make_it_unknown() {
    let open = format!(
        "{CLUSTER}---\n{{apiVersion: cilium.io/v2, kind: CiliumNetworkPolicy, metadata: {{name: c, namespace: a}}, spec: {{endpointSelector: {{}}}}}}\n---\n{{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {{name: p, namespace: a}}, spec: {}}}\n",
        rule("{from: [{podSelector: {}}]}")
    );
    let model = model(&open);
    let found = admits(&model, Direction::Ingress);
    let families = model.families();
    for outcome in [&found.everyone, &found.anyone] {
        assert_eq!((outcome.passes.text(families), outcome.open.text(families)), ("-".into(), "all".into()));
    }
    assert!(!found.admissions[0].is_certain);
}
