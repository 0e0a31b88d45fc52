//! `np matrix` in every format.

mod common;

use std::io::Read;
use std::process::Stdio;

use common::{Folder, np, np_in, pod, policy};

#[test]
fn the_example_of_the_readme() {
    let ran =
        np("matrix -f $T --port 5432 --from frontend,backend --to frontend,backend,kube-system,external");
    let expected = "                  TO  backend/api  backend/postgres  frontend/web  kube-system/coredns  external
FROM backend/api           ✗              i               e                 e              e
     backend/postgres      ✗              ·               e                 e              e
     frontend/web          i              i               ✓                 ✓              ✓
✓ allowed  e denied by egress  i denied by ingress  ✗ by both  ± some ports, addresses or pods  ? unknown  · one pod, itself
";
    assert_eq!(ran.out, expected);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
}

#[test]
fn cells_hold_connections() {
    let ran = np("matrix -f $T --from backend --to backend,kube-system,frontend/web");
    let expected = "                   TO  backend/api  backend/postgres  frontend/web  kube-system/coredns
FROM backend/api       -            -                 -             tcp/53 udp/53
     backend/postgres  -            ·                 -             tcp/53 udp/53
± for some ports, addresses or pods  ? unknown  - nothing passes  · one pod, itself
";
    assert_eq!(ran.out, expected);
}

#[test]
fn csv_lists_what_passes() {
    let ran = np(
        "matrix -f $T -o csv --from frontend,backend,external --to backend,kube-system,production,external",
    );
    let expected = "\
from,to,every,some,unknown
backend/deploy/api,kube-system/deploy/coredns,tcp/53 udp/53,,
backend/sts/postgres,kube-system/deploy/coredns,tcp/53 udp/53,,
frontend/deploy/web,backend/deploy/api,tcp/8080,,
frontend/deploy/web,kube-system/deploy/coredns,all,,
frontend/deploy/web,production/deploy/shop,all,,
frontend/deploy/web,external,all,,
external,kube-system/deploy/coredns,all,,
";
    assert_eq!((ran.code, ran.out.as_str()), (0, expected));
}

/// The names in the `from` and `to` columns.
fn pairs(csv: &str) -> Vec<(String, String)> {
    let lines = csv.lines().skip(1).map(|line| line.split(',').map(str::to_owned));
    lines.filter_map(|mut cells| Some((cells.next()?, cells.next()?))).collect()
}

#[test]
fn a_namespace_and_a_selector_choose_pairs_by_either_side() {
    let all = pairs(&np("matrix -f $T -o csv -A").out);
    let with = |test: &dyn Fn(&str) -> bool| -> Vec<_> {
        all.iter().filter(|(from, to)| test(from) || test(to)).cloned().collect()
    };
    assert!(all.contains(&("dev/deploy/playground".into(), "staging/deploy/shop".into())));
    assert_eq!(pairs(&np("matrix -f $T -o csv -n backend").out), with(&|name| name.starts_with("backend/")));
    assert_eq!(
        pairs(&np("matrix -f $T -o csv -l k8s-app=kube-dns").out),
        with(&|name| name == "kube-system/deploy/coredns")
    );
    assert_eq!(
        pairs(&np("matrix -f $T -o csv -n backend -l app!=api").out),
        with(&|name| name == "backend/sts/postgres")
    );
    let ran = np("matrix -f $T -n frontend --from staging,frontend --to staging,frontend --port 1");
    let blank = "\n     staging/shop      ✓\n";
    assert!(ran.out.contains(blank), "a pair with no side in the namespace is blank\n{}", ran.out);
    let ran = np("matrix -f $T -l app=nobody");
    assert_eq!((ran.code, ran.out.as_str()), (0, ""));
    assert_eq!(ran.err, "note: no pod matches what -n and -l ask for\n");
    let ran = np("matrix -f $T -n bakend");
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("no endpoint `bakend` in the input; did you mean backend?"), "{}", ran.err);
    assert_eq!(np("matrix -f $T -l a=b=c").code, 2);
    assert_eq!(np("matrix -f $T -A -n backend").code, 2);
}

#[test]
fn a_port_name_is_refused() {
    let ran = np("matrix -f $T --port http");
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("`http` is a port name, which differs from pod to pod"), "{}", ran.err);
}

fn replicas() -> Folder {
    let owner = "ownerReferences: [{apiVersion: apps/v1, kind: StatefulSet, name: db, controller: true}]";
    let replica = |number: u32, ip: &str| {
        pod("shop", &format!("db-{number}"), &format!("status: {{podIP: {ip}}}"))
            .replace("namespace: shop,", &format!("namespace: shop, {owner},"))
    };
    let files = [
        replica(0, "10.0.0.1"),
        replica(1, "10.0.1.1"),
        pod("shop", "web", "status: {podIP: 10.0.2.1}"),
        policy(
            "shop",
            "p",
            "{podSelector: {matchLabels: {app: web}}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 10.0.0.0/24}}], ports: [{port: 80}]}]}",
        ),
    ];
    Folder::with(&[("a.yaml", &files.concat())])
}

#[test]
fn a_workload_that_the_rules_tell_apart_is_split() {
    let folder = replicas();
    let ran = np_in(&folder, "matrix -o csv --from shop/web");
    assert_eq!(ran.out, "from,to,every,some,unknown\nshop/pod/web,shop/pod/db-0,tcp/80,,\n");
    assert!(ran.err.contains("note: the rules tell the pods of shop/sts/db apart"), "{}", ran.err);
    let ran = np_in(&folder, "matrix -o csv --from shop/web --by workload");
    assert_eq!(ran.out, "from,to,every,some,unknown\nshop/pod/web,shop/sts/db,,tcp/80,\n");
    assert_eq!(ran.err, "");
    let ran = np_in(&folder, "matrix --from shop/web --to shop/sts/db --by workload");
    assert!(ran.out.contains("±tcp/80"), "{}", ran.out);
    let ran = np_in(&folder, "matrix -o csv --by namespace");
    assert_eq!(ran.out, "from,to,every,some,unknown\nshop,shop,,all,\n");
}

#[test]
fn every_row_name_is_one_that_query_takes() {
    let folder = replicas();
    let ran = np_in(&folder, "matrix --external=ranges -o json");
    let matrix: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON");
    let names = matrix["endpoints"]["from"].as_array().expect("names");
    assert_eq!(names.len(), 5, "{names:?}");
    for name in names {
        let ran = np_in(&folder, &format!("query {} shop/web 80", name.as_str().expect("a name")));
        assert_ne!(ran.code, 2, "{}", ran.err);
    }
}

#[test]
fn json_and_yaml_say_the_same() {
    for options in ["", "--port 5432", "--port udp/53 -n backend --external", "--from dev --to dev"] {
        let json = np(&format!("matrix -f $T -o json {options}")).out;
        let yaml = np(&format!("matrix -f $T -o yaml {options}")).out;
        let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        let yaml: serde_json::Value = serde_yaml::from_str(&yaml).expect("YAML");
        assert_eq!(json, yaml);
        assert_eq!((&json["apiVersion"], &json["kind"]), (&"np/v1".into(), &"Matrix".into()));
    }
    let cells: serde_json::Value = serde_json::from_str(
        &np("matrix -f $T -o json --port 5432 --from backend/api --to backend/postgres").out,
    )
    .expect("JSON");
    let expected = serde_json::json!([{
        "from": "backend/deploy/api", "to": "backend/sts/postgres", "every": "-", "some": "-", "unknown": "-",
        "verdict": "denied", "deniedBy": ["ingress"],
    }]);
    assert_eq!(cells["cells"], expected);
}

#[test]
fn nobody_reading_is_no_failure() {
    let many: String = (0..300).map(|number| pod("many", &format!("pod-{number}"), "")).collect();
    let folder = Folder::with(&[("a.yaml", &many)]);
    for format in ["csv", "json", "table", "yaml"] {
        let mut command = common::command();
        command.current_dir(&folder.path).args(["matrix", "--by", "pod", "-o", format]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("np runs");
        let mut first = [0; 10];
        child.stdout.take().expect("a pipe").read_exact(&mut first).expect("some output");
        let output = child.wait_with_output().expect("np ends");
        assert_eq!(output.status.code(), Some(0), "{format}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{format}");
    }
}

#[test]
fn the_same_bytes_on_each_run() {
    for options in ["--external=ranges", "-o json", "-o csv --by pod", "--port 8080"] {
        let line = format!("matrix -f $T {options}");
        assert_eq!(np(&line).out, np(&line).out);
    }
}

#[test]
fn a_summary_counts_the_pairs_of_the_matrix() {
    for (folder, port) in [("$T", "5432"), ("$T", "53"), ("$S", "8080")] {
        let listed = np(&format!("matrix -f {folder} --by pod --port {port} -o json"));
        let listed: serde_json::Value = serde_json::from_str(&listed.out).expect("JSON");
        let cells = listed["cells"].as_array().expect("cells");
        let counted = np(&format!("matrix -f {folder} --summary --port {port} -o json"));
        let counted: serde_json::Value = serde_json::from_str(&counted.out).expect("JSON");
        for verdict in ["allowed", "partial", "denied", "unknown"] {
            let count = cells.iter().filter(|cell| cell["verdict"] == verdict).count();
            assert_eq!(counted[verdict], count, "{folder} {port} {verdict}");
        }
        assert_eq!(counted["pairs"], cells.len(), "{folder} {port}");
    }
}

#[test]
fn a_summary_in_every_format() {
    // A pod that nothing isolates and one that takes no ingress: of two pairs, one is denied.
    let deny = policy("x", "deny", "{podSelector: {matchLabels: {app: b}}}");
    let folder =
        Folder::with(&[("a.yaml", &pod("x", "a", "")), ("b.yaml", &pod("x", "b", "")), ("p.yaml", &deny)]);
    let run = |args: &str| np_in(&folder, &format!("matrix --summary {args}")).out;
    let table = "2 pods, 2 pairs:\n  allowed  1\n  partial  0\n  denied   1\n  unknown  0\n";
    assert_eq!(run(""), table);
    assert_eq!(run("-o csv"), "verdict,pairs\nallowed,1\npartial,0\ndenied,1\nunknown,0\n");
    assert!(run("-o yaml -p 80").contains("port: tcp/80\n"), "{}", run("-o yaml -p 80"));
    let refused = np_in(&folder, "matrix --summary --by pod");
    assert_eq!((refused.code, refused.out.as_str()), (2, ""));
}
