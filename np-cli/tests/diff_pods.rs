//! `np diff` where single pods of a workload change, which a dump of a cluster has: they are named, and not their workload.

mod common;

use common::{Folder, np_in};
use serde_json::Value;

/// A pod of the StatefulSet `s`, labelled besides.
fn pod(number: u8, label: &str) -> String {
    format!(
        "---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: s-{number}\n  namespace: shop\n  labels: {{app: s{label}}}\n  \
         ownerReferences: [{{apiVersion: apps/v1, kind: StatefulSet, name: s, uid: u, controller: true}}]\n\
         spec: {{containers: []}}\nstatus: {{phase: Running}}\n"
    )
}

const ALONE: &str =
    "---\napiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: shop}\nspec: {containers: []}\n";

/// Isolates the pod that has the label.
const POLICY: &str = "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: x, namespace: shop}\n\
                      spec: {podSelector: {matchLabels: {role: old}}}\n";

fn diff(base: &[&str], head: &[&str], flags: &str) -> String {
    let folder = Folder::with(&[("base.yaml", &base.concat()), ("head.yaml", &head.concat())]);
    np_in(&folder, &format!("diff base.yaml head.yaml {flags}")).out
}

#[test]
fn one_pod_goes() {
    let out = diff(&[&pod(0, ""), &pod(1, "")], &[&pod(1, "")], "");
    assert!(out.contains("shop/pod/s-0 removed") && !out.contains("shop/sts/s removed"), "{out}");
    let out = diff(&[&pod(0, ""), &pod(1, ""), ALONE], &[ALONE], "");
    assert!(out.contains("shop/sts/s removed"), "{out}");
}

#[test]
fn one_pod_is_labelled() {
    let (labelled, other) = (pod(0, ", role: old"), pod(1, ""));
    let out = diff(&[&labelled, &other, POLICY], &[&pod(0, ""), &other, POLICY], "");
    assert!(
        out.contains("shop/pod/s-0: label role=old removed") && !out.contains("shop/sts/s: label"),
        "{out}"
    );
}

/// What is gone talked to one pod of a workload, and not to the other, which is gone too.
#[test]
fn peers_are_the_pods_that_are_meant() {
    let (isolated, other) = (pod(0, ", role: old"), pod(1, ""));
    let out = diff(&[&isolated, &other, ALONE, POLICY], &[&other, POLICY], "-o json");
    let json: Value = serde_json::from_str(&out).expect("JSON");
    let row = json["changes"].as_array().expect("changes").iter().find(|row| row["from"][0] == "shop/pod/p");
    let talks = row.expect("a line of p")["talks"].as_array().expect("talks").clone();
    let peers: Vec<&Value> =
        talks.iter().filter(|talk| talk["direction"] == "egress").map(|talk| &talk["with"]).collect();
    let names = serde_json::to_string(&peers).expect("JSON");
    assert!(
        names.contains("shop/pod/s-1") && !names.contains("shop/sts/s") && !names.contains("s-0"),
        "{names}"
    );
}

/// A pod of a workload is accepted by its name, alone.
#[test]
fn one_pod_is_accepted() {
    let base = [pod(0, ""), pod(1, ""), ALONE.to_owned(), POLICY.replace("role: old", "app: s")].concat();
    let head = base.replace(
        "spec: {podSelector: {matchLabels: {app: s}}}",
        "spec: {podSelector: {matchLabels: {app: none}}}",
    );
    assert_ne!(base, head);
    let accepted = |to: &str| format!("accepted:\n- {{from: shop/p, to: {to}, reason: planned}}\n");
    let folder = Folder::with(&[("base.yaml", &base), ("head.yaml", &head)]);
    for (to, is_one) in
        [("shop/pod/s-0", true), ("shop/s-0", true), ("shop/sts/s", true), ("shop/pod/*", false)]
    {
        folder.write("accepted.yaml", accepted(to));
        let ran = np_in(&folder, "diff base.yaml head.yaml --allow accepted.yaml -o json");
        let json: Value = serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{}", ran.err));
        let rows = json["changes"].as_array().expect("changes");
        let accepted = rows.iter().filter(|row| row.get("accepted").is_some());
        let found: Vec<&str> = accepted.filter_map(|row| row["to"][0].as_str()).collect();
        let name = if to.starts_with("shop/sts") { "shop/sts/s" } else { "shop/pod/s-0" };
        assert_eq!(found, if is_one { vec![name] } else { Vec::new() }, "{to}: {}", ran.out);
        // A star means workloads and pods of none, of which there is none.
        assert_eq!(
            ran.out.contains("neither side has"),
            to.contains('*') && to != "shop/pod/*",
            "{}",
            ran.out
        );
    }
}

/// Of a line about several that come, one is accepted, with those that it exchanges something with.
#[test]
fn one_pod_that_comes_is_accepted() {
    let node = |number: u8| {
        format!(
            "---\napiVersion: v1\nkind: Node\nmetadata: {{name: node-{number}}}\nstatus: {{addresses: [{{type: InternalIP, address: 10.0.0.{number}}}]}}\n"
        )
    };
    let on = |number: u8| {
        pod(number, "")
            .replace("spec: {containers: []}", &format!("spec: {{containers: [], nodeName: node-{number}}}"))
    };
    let base = [node(1), node(2), POLICY.replace("role: old", "app: s")].concat();
    let head = [base.clone(), on(1), on(2)].concat();
    let folder = Folder::with(&[("base.yaml", &base), ("head.yaml", &head)]);
    folder.write("accepted.yaml", "accepted:\n- {workload: shop/pod/s-1, kind: added, reason: planned}\n");
    let ran = np_in(&folder, "diff base.yaml head.yaml --allow accepted.yaml -o json");
    let json: Value = serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{}", ran.err));
    let row = json["changes"].as_array().expect("changes").iter().find(|row| row.get("accepted").is_some());
    let row = row.expect("an accepted line");
    assert_eq!(row["from"], serde_json::json!(["shop/pod/s-1"]));
    let own = row["talks"].as_array().expect("talks").iter().find(|talk| talk["relation"] == "own-node");
    assert_eq!(own.expect("its own node")["with"], serde_json::json!(["node/node-1"]), "{row}");
}
