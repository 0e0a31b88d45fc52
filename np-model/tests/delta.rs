//! What tells two inputs apart: into which changes it is divided, where these stand, and what they do one by one.

use np_model::delta::{Delta, DeltaId, Deltas};
use np_model::{Assumptions, Input, Model, compile};

fn model(text: &str) -> Model {
    let mut input = Input::new("shop");
    input.text("a.yaml", text.as_bytes().to_vec());
    compile(input, &Assumptions::default()).expect("no errors")
}

fn pod(name: &str, labels: &str) -> String {
    format!("apiVersion: v1\nkind: Pod\nmetadata:\n  name: {name}\n  labels:\n    {labels}\n---\n")
}

fn policy(name: &str, spec: &str) -> String {
    format!(
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: {name}\nspec:\n{spec}---\n"
    )
}

/// Each change in short, with the lines and columns where it stands in base and head.
fn told(base: &Model, head: &Model) -> Vec<String> {
    let deltas = Deltas::of(base, head);
    let places = deltas.places();
    let place = |id: DeltaId| {
        let [a, b] = places[id.index()];
        let of = |model: &Model, at: Option<_>| {
            at.map_or("-".to_owned(), |at| {
                let position = model.position(at);
                format!("{}:{}", position.line, position.column)
            })
        };
        format!("{} {}", of(base, a), of(head, b))
    };
    let name = |delta: &Delta| match delta {
        Delta::Policy(_) => "policy".to_owned(),
        Delta::Subject(..) => "subject".to_owned(),
        Delta::Type(_, _, direction) => format!("type {direction}"),
        Delta::Rule(rule) => {
            let index = |side: usize| rule.sides()[side].map_or("-".to_owned(), |id| id.index.to_string());
            format!("rule {} {}", index(0), index(1))
        }
        Delta::Namespace(_) => "namespace".to_owned(),
        Delta::NamespaceLabel(_, _, key) => format!("namespace label {key}"),
        Delta::PodLabel(pods, key) => format!("label {key} of {}", pods.len()),
        Delta::Pods(pods) => format!("pods {}", pods.len()),
        Delta::Node(_) => "node".to_owned(),
        Delta::Unevaluated(_) => "unevaluated".to_owned(),
        Delta::Rest => "rest".to_owned(),
    };
    deltas.ids().map(|id| format!("{} at {}", name(deltas.get(id)), place(id))).collect()
}

#[test]
fn a_policy_is_divided() {
    let rule = |port: u16| format!("  - ports: [{{port: {port}}}]\n");
    let rules = |ports: &[u16]| ports.iter().map(|port| rule(*port)).collect::<String>();
    let base = policy("a", &format!("  podSelector: {{}}\n  ingress:\n{}", rules(&[1, 2, 3, 4])));
    let head = format!(
        "# moved\n{}",
        policy(
            "a",
            &format!(
                "  podSelector: {{matchLabels: {{app: web}}}}\n  ingress:\n{}  egress: []\n  policyTypes: [Ingress, Egress]\n",
                rules(&[1, 22, 3, 5, 4])
            )
        )
    );
    let found = told(&model(&base), &model(&head));
    let expected =
        ["subject at 6:3 7:31", "type egress at 4:9 15:26", "rule 1 1 at 9:5 10:5", "rule - 3 at - 12:5"];
    assert_eq!(found, expected);
    // What says the same is no change, wherever it stands and in whichever order its rules are.
    let moved = format!(
        "# moved\n{}",
        policy("a", &format!("  podSelector: {{}}\n  ingress:\n{}", rules(&[4, 1, 3, 2])))
    );
    assert_eq!(told(&model(&base), &model(&moved)), [""; 0]);
    // Gone, or new, it is one change.
    let other = policy("b", "  podSelector: {}\n");
    assert_eq!(told(&model(&base), &model(&other)), ["policy at 4:9 -", "policy at - 4:9"]);
}

#[test]
fn labels_of_pods_and_namespaces_stand_where_they_are() {
    let namespace = |labels: &str| {
        format!("apiVersion: v1\nkind: Namespace\nmetadata: {{name: shop, labels: {{{labels}}}}}\n---\n")
    };
    let base = namespace("a: '1'") + &pod("one", "app: web") + &pod("two", "app: web");
    let head = namespace("a: '2'")
        + &pod("one", "app: api")
        + &pod("two", "tier: front\n    app: web")
        + &pod("three", "app: web");
    let found = told(&model(&base), &model(&head));
    let expected = [
        "namespace label a at 3:33 3:33",
        "label app of 1 at 10:5 10:5",
        "label tier of 1 at 15:9 17:5",
        "pods 1 at - 23:9",
    ];
    assert_eq!(found, expected);
}

#[test]
fn pods_of_a_workload_change_alike() {
    let deployment = |label: &str, replicas: u8| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web}}\nspec:\n  replicas: {replicas}\n  selector: {{matchLabels: {{app: web}}}}\n  template:\n    metadata:\n      labels:\n        app: web\n        tier: {label}\n    spec: {{containers: [{{name: c, image: i}}]}}\n---\n"
        )
    };
    let owned = |name: &str, label: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {name}\n  labels: {{app: web, tier: {label}}}\n  ownerReferences: [{{apiVersion: apps/v1, kind: Deployment, name: web, controller: true}}]\n---\n"
        )
    };
    let template = [model(&deployment("a", 1)), model(&deployment("b", 2))];
    assert_eq!(told(&template[0], &template[1]), ["label tier of 1 at 11:9 11:9", "pods 1 at 3:18 3:18"]);
    // The template goes with its pods, which stand in for it.
    let of = |label: &str| {
        let pods = ["one", "two"].map(|name| owned(name, label));
        model(&(deployment(label, 2) + &pods.concat()))
    };
    assert_eq!(told(&of("a"), &of("b")), ["label tier of 2 at 18:22 18:22"]);
    let found = told(&template[0], &of("a"));
    assert_eq!(found, ["pods 3 at 3:18 17:9"]);
}

#[test]
fn each_can_be_made_alone() {
    let base = model(&(pod("one", "app: web") + &policy("a", "  podSelector: {}\n")));
    let head = model(&(pod("one", "app: api\n    tier: front") + &policy("b", "  podSelector: {}\n")));
    let deltas = Deltas::of(&base, &head);
    assert_eq!(deltas.all.len(), 4);
    let names = |model: &Model| -> Vec<String> {
        let policies = model.rules().policies.iter().map(|policy| policy.name.to_string());
        let labels = model.pods()[0].labels.iter().map(|(key, value)| format!("{key}={value}"));
        policies.chain(labels).collect()
    };
    let made: Vec<Vec<String>> = deltas.ids().map(|id| names(&deltas.apply(&[id]))).collect();
    let expected: [&[&str]; 4] =
        [&["app=web"], &["a", "b", "app=web"], &["a", "app=api"], &["a", "app=web", "tier=front"]];
    assert_eq!(made, expected);
    let all: Vec<DeltaId> = deltas.ids().collect();
    assert_eq!(names(&deltas.apply(&all)), names(&head));
    assert_eq!(names(&deltas.apply(&[])), names(&base));
}
