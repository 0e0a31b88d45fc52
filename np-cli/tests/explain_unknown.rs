//! `np explain ns/netpol/NAME` and `--fix` where facts are unknown: nothing is called idle, or all there is, that hangs on them.

mod common;

use common::{Folder, np_in, pod, policy};
use serde_json::Value;

/// Pods of two namespaces of which no labels are known.
fn pods() -> String {
    [pod("data", "db", ""), pod("shop", "web", "")].concat()
}

/// A policy of all pods of `data`, with a rule for the namespaces with each of these labels.
fn ingress(name: &str, labels: &[&str]) -> String {
    let peer = |label: &&str| format!("{{from: [{{namespaceSelector: {{matchLabels: {{{label}}}}}}}]}}");
    let rules: Vec<String> = labels.iter().map(peer).collect();
    policy("data", name, &format!("{{podSelector: {{}}, ingress: [{}]}}", rules.join(", ")))
}

const NAMESPACES: &str = "---
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {team: x}}
---
apiVersion: v1
kind: Namespace
metadata: {name: data}
";

#[test]
fn what_hangs_on_the_unknown_is_not_idle() {
    let text = [pods(), ingress("in", &["team: x", "env: prod"]), ingress("in2", &["owner: me"])].concat();
    let folder = Folder::with(&[("all.yaml", &text)]);
    let out = np_in(&folder, "explain data/netpol/in").out;
    assert!(!out.contains("├ idle"), "{out}");
    assert!(out.contains("├ unknown  ingress rule 1: what is unknown"), "{out}");
    assert!(out.ends_with("└ effect   whether it makes a difference hangs on what is unknown\n"), "{out}");
    let json = np_in(&folder, "explain data/netpol/in2 -o json").out;
    let json: Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!((&json["idle"], &json["judged"]), (&false.into(), &false.into()));
    assert_eq!(json["undecided"].as_array().map(Vec::len), Some(1), "{json}");

    // With the labels one rule allows it, and the other is for nobody.
    let folder = Folder::with(&[("all.yaml", &text), ("namespaces.yaml", NAMESPACES)]);
    let out = np_in(&folder, "explain data/netpol/in").out;
    assert!(out.contains("├ idle     ingress rule 2") && !out.contains("rule 1: what"), "{out}");
}

/// What only a policy decides is told, also where it would be unknown and not blocked without it.
#[test]
fn what_is_unknown_without_a_policy() {
    let sure = policy("data", "sure", "{podSelector: {}, ingress: [{from: [{namespaceSelector: {}}]}]}");
    let folder = Folder::with(&[("all.yaml", &[pods(), ingress("in", &["team: x"]), sure].concat())]);
    let out = np_in(&folder, "explain data/netpol/sure").out;
    assert!(out.contains("├ only it  decides what is unknown without it, of 1 pair:\n"), "{out}");
    assert!(out.contains("shop/pod/web → data/pod/db  all"), "{out}");
}

/// A fix that other pairs may hang on does not say that it changes nothing else.
#[test]
fn a_fix_says_what_it_cannot_know() {
    let shop = NAMESPACES.replace("team: x", "team: shop");
    let rule = ingress("in", &["team: shp"]);
    let fix = |more: &str| {
        let folder = Folder::with(&[("all.yaml", &[&pods(), more, &rule, &shop].concat())]);
        let out = np_in(&folder, "explain shop/web data/db --fix").out;
        out.lines().skip_while(|line| !line.starts_with("fix")).nth(1).map(str::to_owned).unwrap_or_default()
    };
    assert_eq!(fix("").trim(), "opens this connection and changes nothing else");
    let ghost = pod("ghost", "g", "");
    assert!(
        fix(&ghost).contains("nothing else that is known; what is unknown before and after"),
        "{}",
        fix(&ghost)
    );
    let folder = Folder::with(&[("all.yaml", &[pods().as_str(), &ghost, &rule, &shop].concat())]);
    let edited = rule.replace("shp", "shop");
    folder.write("more/edited.yaml", &edited);
    let ran = np_in(&folder, "query -f all.yaml shop/web data/db 80 --with more/edited.yaml");
    assert!(ran.err.contains("1 not judged"), "{}", ran.err);
}
