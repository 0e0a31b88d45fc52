//! `--with`, `--without` and `--label`: answers as if, and what that changes.

mod common;

use common::{Folder, np, np_in, np_with, pod, policy};
use serde_json::{Value, json};

/// Two pods, and a namespace of their own each.
fn cluster() -> Folder {
    let namespace = |name: &str| {
        format!(
            "---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: {name}, labels: {{team: {name}}}}}\n"
        )
    };
    let deployment = "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: api, namespace: a}\nspec:\n  replicas: 1\n  selector: {matchLabels: {app: api}}\n  template:\n    metadata: {labels: {app: api}}\n    spec: {containers: [{name: c, image: i}]}\n";
    let ip = |ip: &str| format!("status: {{phase: Running, podIP: {ip}}}");
    let files =
        [namespace("a"), namespace("b"), pod("a", "web", &ip("10.0.0.1")), pod("b", "db", &ip("10.0.0.2"))];
    let db = policy(
        "b",
        "db",
        "{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {matchLabels: {app: web}}, namespaceSelector: {matchLabels: {team: a}}}], ports: [{port: 5432}]}]}",
    );
    Folder::with(&[("base/all.yaml", &(files.concat() + deployment)), ("base/policies.yaml", &db)])
}

fn what_if(out: &str) -> Value {
    serde_json::from_str::<Value>(out).expect("JSON")["whatIf"].clone()
}

#[test]
fn a_policy_is_taken_away() {
    let folder = cluster();
    assert_eq!(np_in(&folder, "query -f base a/web b/db 80").code, 1);
    let ran = np_in(&folder, "query -f base a/web b/db 80 --without b/netpol/db");
    assert_eq!(ran.code, 0, "{}", ran.err);
    // From web the ports but 5432; from api, external addresses and nobody else everything.
    assert!(ran.err.contains("what if: 3 pairs opened\n"), "{}", ran.err);
    assert!(ran.err.contains("  + external → b/pod/db  all\n"), "{}", ran.err);
    assert!(ran.err.contains("  + a/deploy/api → b/pod/db  all\n"), "{}", ran.err);
    assert!(ran.err.contains("  + a/pod/web → b/pod/db  tcp/1-5431,5433-65535 udp sctp\n"), "{}", ran.err);
    let json = what_if(&np_in(&folder, "matrix -f base --without b/netpol/db -o json").out);
    assert_eq!(json["opened"], 3);
    assert_eq!(
        json["isolation"],
        json!([{"direction": "ingress", "pods": ["b/pod/db"], "before": "isolated", "after": "none"}])
    );
    let all = json["changes"].as_array().expect("a list");
    let to_db = all.iter().find(|change| change["from"] == json!(["a/deploy/api"])).expect("the change");
    assert_eq!(
        *to_db,
        json!({"change": "opened", "from": ["a/deploy/api"], "to": ["b/pod/db"], "relation": "strangers", "pairs": 1,
            "before": {"passes": "-", "open": "-"}, "after": {"passes": "all", "open": "-"}})
    );
}

#[test]
fn manifests_are_added_and_replaced() {
    let folder = cluster();
    folder.write("new.yaml", policy("b", "db", "{podSelector: {}, ingress: [{ports: [{port: 80}]}]}"));
    let ran = np_in(&folder, "query -f base a/web b/db 80 --with new.yaml");
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.err.contains("what if: "), "{}", ran.err);
    assert!(ran.out.contains("new.yaml:"), "the rule stands in the new file: {}", ran.out);
    let ran = np_in(&folder, "query -f base a/web b/db 5432 --with new.yaml");
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(ran.err.contains("  ~ a/pod/web → b/pod/db  tcp/80, was tcp/5432\n"), "{}", ran.err);
    let stdin = policy("a", "none", "{podSelector: {}, policyTypes: [Egress]}");
    let ran = np_with(&folder, "query -f base a/web b/db 5432 --with -", &stdin);
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(ran.err.contains("  - a/deploy/api, a/pod/web → external  all\n"), "{}", ran.err);
}

#[test]
fn other_kinds_are_replaced_too() {
    let folder = cluster();
    let deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: api, namespace: a}\nspec:\n  replicas: 1\n  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    spec: {containers: [{name: c, image: i}]}\n";
    folder.write("api.yaml", deployment);
    let ran = np_in(&folder, "query -f base a/api b/db 5432 --with api.yaml");
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(
        ran.err.contains("what if: 1 pair opened\n  + a/deploy/api → b/pod/db  tcp/5432\n"),
        "{}",
        ran.err
    );
    let ran = np_in(&folder, "query -f base a/web b/db 5432 --without a/deploy/api");
    assert!(ran.err.contains("removed: a/deploy/api"), "{}", ran.err);
    assert_eq!(np_in(&folder, "query -f base a/api b/db 5432 --without a/deploy/api").code, 2);
}

#[test]
fn labels_are_set_and_taken_away() {
    let folder = cluster();
    for (label, code) in [("a/deploy/api=app=web", 0), ("a/deploy/api=app-", 1), ("a/api=app=web", 0)] {
        let ran = np_in(&folder, &format!("query -f base a/api b/db 5432 --label {label}"));
        assert_eq!(ran.code, code, "{label}: {}", ran.err);
    }
    for label in ["namespace/a=team=x", "a=team-", "ns/a=team=x", "a/pod/web=app=x"] {
        let ran = np_in(&folder, &format!("query -f base a/web b/db 5432 --label {label}"));
        assert_eq!(ran.code, 1, "{label}: {}", ran.err);
        assert!(
            ran.err.contains("what if: 1 pair closed\n  - a/pod/web → b/pod/db  tcp/5432\n"),
            "{}",
            ran.err
        );
    }
    let ran = np_in(&folder, "query -f base a/web b/db 5432 --label a=other=x");
    assert!(ran.err.contains("what if: no pair changes\n"), "{}", ran.err);
}

#[test]
fn a_namespace_goes_with_all_that_is_in_it() {
    let folder = cluster();
    let json = what_if(&np_in(&folder, "matrix -f base --without namespace/a -o json").out);
    assert_eq!(json["removed"], json!(["a/deploy/api", "a/pod/web"]));
    assert_eq!(np_in(&folder, "query -f base a/web b/db --without namespace/a").code, 2);
}

#[test]
fn what_is_not_there_is_an_error_with_near_names() {
    let folder = cluster();
    for (flags, told) in [
        ("--without b/netpol/dbb", "no object `b/netpol/dbb` in the input; did you mean b/netpol/db?"),
        ("--without a/netpol/db", "no object `a/netpol/db` in the input; did you mean b/netpol/db?"),
        ("--without a/pod/wbe", "did you mean a/pod/web?"),
        ("--label a/wbe=app=x", "no object `a/wbe` in the input; did you mean a/pod/web?"),
        ("--label namespace/c=app=x", "no object `namespace/c` in the input"),
        ("--label b/netpol/db=app=x", "no rule asks for labels of policies"),
        ("--label a/web=app", "write OBJECT=KEY=VALUE"),
        ("--with nothing.yaml", "no such file or folder: `nothing.yaml`"),
    ] {
        let ran = np_in(&folder, &format!("query -f base a/web b/db 80 {flags}"));
        assert_eq!(ran.code, 2, "{flags}: {}", ran.err);
        assert!(ran.err.contains(told), "{flags}: {}", ran.err);
        assert_eq!(ran.out, "", "{flags}");
    }
}

#[test]
fn errors_in_new_manifests_have_their_place() {
    let folder = cluster();
    folder.write("bad.yaml", policy("b", "db", "{podSelector: {}, ingres: []}"));
    let ran = np_in(&folder, "query -f base a/web b/db 80 --with bad.yaml --message-format short");
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert!(ran.err.contains("bad.yaml:5:"), "{}", ran.err);
    folder.write("map.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n");
    let ran = np_in(&folder, "query -f base a/web b/db 80 --with map.yaml");
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert!(ran.err.contains("holds nothing that np reads"), "{}", ran.err);
}

#[test]
fn the_example_of_the_readme() {
    let readme = include_str!("../../README.md");
    let command = "query -f testdata/examples/three-tier backend/api backend/postgres 5432 --without backend/netpol/default-deny-all";
    let (_, shown) = readme.split_once(&format!("$ np {command}\n")).expect("the example");
    let (shown, _) = shown.split_once("```").expect("its end");
    let ran = np(&command.replace("testdata/examples/three-tier", "$T"));
    assert_eq!(ran.err + &ran.out, shown);
}
