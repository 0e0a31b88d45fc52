//! `np diff`: who is named for a change, and the line of which side: of a label, a selector, a type; where one policy
//! takes the place of another. Places follow from the manifests.

mod common;

use common::{Folder, Ran, np_in};
use serde_json::Value;

fn namespaces() -> String {
    let namespace =
        |name: &str| format!("---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: {name}}}\n");
    ["shop", "ops"].map(namespace).concat()
}

/// A pod with an address, whose labels are in lines 7 and on.
fn pod(namespace: &str, name: &str, labels: &[&str], spec: &str) -> String {
    let labels: String = labels.iter().flat_map(|label| ["    ", label, "\n"]).collect();
    let ip = name.len();
    format!(
        "---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: {name}\n  labels:\n{labels}  namespace: {namespace}\n\
         spec: {{containers: [{{name: c}}]{spec}}}\nstatus: {{phase: Running, podIP: 10.0.0.{ip}}}\n"
    )
}

/// A policy of `shop`, whose spec starts in line 7.
fn policy(name: &str, spec: &[&str]) -> String {
    let spec: String = spec.iter().flat_map(|line| ["  ", line, "\n"]).collect();
    format!(
        "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: {name}\n  namespace: shop\nspec:\n{spec}"
    )
}

/// The lines of a kind that `np diff` tells of two texts, with what both have beside them.
fn rows(both: &str, base: &str, head: &str, change: &str) -> Vec<Value> {
    let folder = Folder::with(&[("all.yaml", both), ("base/x.yaml", base), ("head/x.yaml", head)]);
    let ran: Ran = np_in(&folder, "diff base head -f all.yaml -o json");
    let report: Value = serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {}", ran.err));
    let rows = report["changes"].as_array().expect("changes");
    rows.iter().filter(|row| row["change"] == change).cloned().collect()
}

/// What decides a line: messages, sides, files and lines.
fn deciders(row: &Value) -> Vec<String> {
    let told = |who: &Value| {
        let text = |key: &str| who[key].as_str().unwrap_or_default().to_owned();
        let unchanged = if who["unchanged"] == true { " unchanged" } else { "" };
        format!("{} [{} {}:{}]{unchanged}", text("message"), text("side"), text("file"), who["line"])
    };
    row["decidedBy"].as_array().expect("deciders").iter().map(told).collect()
}

/// What brings a line about, with the lines in base and head.
fn causes(row: &Value) -> Vec<String> {
    let told = |cause: &Value| {
        format!(
            "{} [{} {}]",
            cause["message"].as_str().unwrap_or_default(),
            cause["base"]["line"],
            cause["head"]["line"]
        )
    };
    row["cause"].as_array().expect("causes").iter().map(told).collect()
}

#[test]
fn isolation_that_a_label_decides_names_the_policy_and_the_label() {
    let deny = policy("deny", &["podSelector: {matchLabels: {tier: db}}"]);
    let both = [namespaces(), deny].concat();
    let db = pod("shop", "db", &["app: db", "tier: db"], "");
    let free = pod("shop", "db", &["app: db"], "");
    let lost = rows(&both, &db, &free, "unprotected");
    assert_eq!(lost.len(), 1, "{lost:?}");
    let label = "shop/pod/db: label tier=db removed";
    assert_eq!(
        deciders(&lost[0]),
        [
            "shop/deny no longer isolates [base all.yaml:13]".to_owned(),
            format!("{label} [base base/x.yaml:8]")
        ]
    );
    // In the head, where the label is not, the pod stands for it.
    assert_eq!(causes(&lost[0]), [format!("{label} [8 5]")]);
    let gained = rows(&both, &free, &db, "isolated");
    let label = "shop/pod/db: label tier=db added";
    assert_eq!(
        deciders(&gained[0]),
        ["shop/deny isolates [head all.yaml:13]".to_owned(), format!("{label} [head head/x.yaml:8]")]
    );
    assert_eq!(causes(&gained[0]), [format!("{label} [5 8]")]);
}

#[test]
fn isolation_that_the_network_of_a_pod_decides_names_both() {
    let deny = policy("deny", &["podSelector: {}"]);
    let both = [namespaces(), deny].concat();
    let own = pod("shop", "db", &["app: db"], "");
    let hosts = pod("shop", "db", &["app: db"], ", hostNetwork: true");
    let lost = rows(&both, &own, &hosts, "unprotected");
    assert_eq!(
        deciders(&lost[0]),
        ["shop/deny no longer isolates [base all.yaml:13]", "shop/pod/db changed [head head/x.yaml:5]"]
    );
    assert_eq!(causes(&lost[0]), ["shop/pod/db changed [5 5]"]);
}

#[test]
fn a_changed_selector_stands_where_its_term_stands() {
    let both =
        [namespaces(), pod("shop", "db", &["app: db"], ""), pod("ops", "web", &["app: web"], "")].concat();
    let all = policy("deny", &["policyTypes: [Ingress]", "podSelector: {}"]);
    let none = policy("deny", &["policyTypes: [Ingress]", "podSelector:", "  matchLabels:", "    app: x"]);
    // The new term, in the head; what is gone stood in the base.
    let lost = rows(&both, &all, &none, "unprotected");
    assert_eq!(deciders(&lost[0]), ["shop/deny no longer isolates [head head/x.yaml:11]"]);
    assert_eq!(causes(&lost[0]), ["shop/deny selects other pods [9 11]"]);
    let gained = rows(&both, &none, &all, "isolated");
    assert_eq!(deciders(&gained[0]), ["shop/deny isolates [base base/x.yaml:11]"]);
    assert_eq!(causes(&gained[0]), ["shop/deny selects other pods [11 9]"]);
    let other = policy("deny", &["policyTypes: [Ingress]", "podSelector:", "  matchLabels:", "    app: db"]);
    let gained = rows(&both, &none, &other, "isolated");
    assert_eq!(deciders(&gained[0]), ["shop/deny isolates [head head/x.yaml:11]"]);
    assert_eq!(causes(&gained[0]), ["shop/deny selects other pods [11 11]"]);
}

#[test]
fn changed_types_stand_where_they_stand() {
    let both =
        [namespaces(), pod("shop", "db", &["app: db"], ""), pod("ops", "web", &["app: web"], "")].concat();
    let one = policy("deny", &["podSelector: {}", "policyTypes:", "- Ingress"]);
    let two = policy("deny", &["podSelector: {}", "policyTypes:", "- Ingress", "- Egress"]);
    let gained = rows(&both, &one, &two, "isolated");
    assert_eq!(deciders(&gained[0]), ["shop/deny isolates [head head/x.yaml:11]"]);
    assert_eq!(causes(&gained[0]), ["shop/deny concerns egress [9 11]"]);
    let lost = rows(&both, &two, &one, "unprotected");
    assert_eq!(deciders(&lost[0]), ["shop/deny no longer isolates [base base/x.yaml:11]"]);
    assert_eq!(causes(&lost[0]), ["shop/deny no longer concerns egress [11 9]"]);
    // Without a list, the rules say it.
    let rules = policy("deny", &["podSelector: {}", "ingress: []", "egress:", "- to: [{podSelector: {}}]"]);
    let gained = rows(&both, &one, &rules, "isolated");
    assert_eq!(deciders(&gained[0]), ["shop/deny isolates [head head/x.yaml:10]"]);
    let listed = policy(
        "deny",
        &["podSelector: {}", "policyTypes: [Ingress]", "egress:", "- to: [{podSelector: {}}]"],
    );
    let lost = rows(&both, &rules, &listed, "unprotected");
    assert_eq!(deciders(&lost[0]), ["shop/deny no longer isolates [head head/x.yaml:9]"]);
}

#[test]
fn where_a_policy_takes_the_place_of_another_the_head_is_named() {
    let both =
        [namespaces(), pod("shop", "db", &["app: db"], ""), pod("ops", "web", &["app: web"], "")].concat();
    let lets = |name: &str, ports: &str| {
        policy(
            name,
            &[
                "podSelector: {}",
                "ingress:",
                &format!("- ports: [{ports}]"),
                "  from: [{namespaceSelector: {}}]",
            ],
        )
    };
    let (two, one) = (lets("old", "{port: 80}, {port: 443}"), lets("new", "{port: 80}"));
    let closed = rows(&both, &two, &one, "closed");
    let named = deciders(&closed[0]);
    assert_eq!(
        named,
        ["shop/new isolates [head head/x.yaml:5]", "shop/old rule 1 gone [base base/x.yaml:10]"]
    );
    let opened = rows(&both, &lets("old", "{port: 80}"), &lets("new", "{port: 80}, {port: 443}"), "opened");
    assert_eq!(deciders(&opened[0]), ["shop/new rule 1 [head head/x.yaml:10]"]);
    // A rule that is gone from a policy that stays: nothing else isolates.
    let closed =
        rows(&both, &lets("x", "{port: 80}"), &policy("x", &["podSelector: {}", "ingress: []"]), "closed");
    assert_eq!(deciders(&closed[0]), ["shop/x rule 1 gone [base base/x.yaml:10]"]);
}

/// The rules of both directions are told, those that the change left alone as such.
#[test]
fn all_rules_that_allow_what_opens_are_told() {
    let egress = policy(
        "out",
        &[
            "podSelector: {matchLabels: {app: web}}",
            "policyTypes: [Egress]",
            "egress:",
            "- ports: [{port: 80}]",
        ],
    );
    let deny = policy("in", &["podSelector: {matchLabels: {app: db}}", "ingress: []"]);
    let allow = policy("in", &["podSelector: {matchLabels: {app: db}}", "ingress:", "- ports: [{port: 80}]"]);
    let pods = [pod("shop", "db", &["app: db"], ""), pod("shop", "web", &["app: web"], "")].concat();
    let both = [namespaces(), pods, egress].concat();
    let opened = rows(&both, &deny, &allow, "opened");
    let from_web =
        opened.iter().find(|row| row["from"] == serde_json::json!(["shop/pod/web"])).expect("a line of web");
    assert_eq!(
        deciders(from_web),
        ["shop/in rule 1 [head head/x.yaml:10]", "shop/out rule 1 [head all.yaml:39] unchanged"]
    );
}
