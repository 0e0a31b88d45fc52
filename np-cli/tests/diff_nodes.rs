//! `np diff` where a pod and its own node decide: lines name those that are meant, and say which of their pairs.

mod common;

use common::{Folder, Ran, np_in};
use serde_json::Value;

/// A node.
fn node(number: u8) -> String {
    format!(
        "---\napiVersion: v1\nkind: Node\nmetadata: {{name: node-{number}}}\n\
         status: {{addresses: [{{type: InternalIP, address: 10.0.0.{number}}}]}}\n"
    )
}

/// A pod of `shop`, on a node if one is given.
fn pod(name: &str, on: Option<u8>) -> String {
    let on = on.map_or(String::new(), |number| format!("nodeName: node-{number}"));
    format!(
        "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, namespace: shop, labels: {{app: web}}}}\nspec: {{{on}}}\n\
         status: {{phase: Running}}\n"
    )
}

const DENY: &str = "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: deny, namespace: shop}\n\
                    spec: {podSelector: {matchLabels: {app: web}}}\n";

fn text(ran: &Ran) -> Vec<String> {
    let shorten = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    ran.out.lines().skip(1).map(shorten).collect()
}

/// A pod on node 1, one on node 2, and one nobody knows where; three nodes.
#[test]
fn only_who_has_a_partner_is_named() {
    let all = [node(1), node(2), node(3), pod("a", Some(1)), pod("b", Some(2)), pod("c", None)].concat();
    let folder = Folder::with(&[("all.yaml", &all), ("base/x", ""), ("head/p.yaml", DENY)]);
    let ran = np_in(&folder, "diff base head -f all.yaml");
    let lines = text(&ran);
    let has = |words: &str| lines.iter().any(|line| line.starts_with(words));
    assert!(has("? UNKNOWN 3 nodes → shop/pod/c perhaps on the same node all"), "{lines:#?}");
    assert!(has("- CLOSED 3 nodes → shop/pod/a, shop/pod/b on another node all"), "{lines:#?}");
    assert!(has("- CLOSED all 3 pods in shop → all 3 pods in shop all"), "{lines:#?}");
    assert!(ran.out.starts_with("13 closed · 3 now unknown"), "{}", ran.out);
}

/// Where no pod is on one of the nodes, all pairs are meant, and there is nothing to add.
#[test]
fn of_all_pairs_nothing_is_added() {
    let (some, every) = (
        "node/node-1, node/node-3 → shop/pod/a, shop/pod/b on another node",
        "all 2 pods in shop and 2 nodes → shop/pod/a, shop/pod/b",
    );
    for (on, told) in [([1, 3], some), ([2, 2], every)] {
        let all = [node(1), node(3), pod("a", Some(on[0])), pod("b", Some(on[1]))];
        let folder = Folder::with(&[("all.yaml", &all.concat()), ("base/x", ""), ("head/p.yaml", DENY)]);
        let lines = text(&np_in(&folder, "diff base head -f all.yaml"));
        let expected = format!("- CLOSED {told} all");
        assert!(lines.iter().any(|line| line.starts_with(&expected)), "{lines:#?}");
    }
}

/// A pod that comes to another node was reached by its old one, and is by its new one.
#[test]
fn a_pod_moves() {
    let nodes = [node(1), node(2), node(3)].concat();
    let on = |a, b| [nodes.clone(), pod("a", Some(a)), pod("b", Some(b)), DENY.to_owned()].concat();
    let folder = Folder::with(&[("base.yaml", &on(1, 2)), ("head.yaml", &on(3, 3))]);
    let lines = text(&np_in(&folder, "diff base.yaml head.yaml"));
    let has = |words: &str| lines.iter().any(|line| line.starts_with(words));
    for (from, pod) in [("node/node-1", "a"), ("node/node-2", "b")] {
        let closed = format!("- CLOSED {from} → shop/pod/{pod} on the same node before, not now all");
        let opened = format!("+ OPENED node/node-3 → shop/pod/{pod} on the same node now, not before all");
        assert!(has(&closed) && has(&opened), "{lines:#?}");
    }
    let json = np_in(&folder, "diff base.yaml head.yaml -o json").out;
    let json: Value = serde_json::from_str(&json).expect("JSON");
    let relations = |row: &Value| [row["relationBefore"].clone(), row["relation"].clone()];
    let rows: Vec<_> = json["changes"].as_array().expect("changes").iter().map(relations).collect();
    let [opened, closed] = [["strangers", "own-node"], ["own-node", "strangers"]];
    assert_eq!(rows, [opened, opened, closed, closed].map(|both| both.map(Value::from)));
}
