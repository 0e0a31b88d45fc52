//! `np diff`: what it says of a change, in which order, and when the check fails. What is expected follows from the
//! policies.

mod common;

use common::{Folder, Ran, np_in, pod, policy};
use serde_json::Value;

/// Runs `np diff` on the example of the README.
fn example(flags: &str) -> Ran {
    let path = common::three_tier().with_file_name("review");
    let mut command = common::command();
    command.current_dir(path).args(["diff", "base", "head"]).args(flags.split_whitespace());
    common::ran(command.output().expect("np runs"))
}

fn json(ran: &Ran) -> Value {
    serde_json::from_str(&ran.out).expect("JSON")
}

/// Pods with an address each: two in `a`, one in `b`, cluster DNS, and a policy for each side.
fn cluster(base: &str, head: &str) -> Folder {
    let namespace = |name: &str, stage: &str| {
        format!(
            "---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: {name}, labels: {{example.com/stage: {stage}}}}}\n"
        )
    };
    let ip = |last: u8| format!("status: {{phase: Running, podIP: 10.0.0.{last}}}");
    let dns = pod("kube-system", "dns", &ip(9)).replace("{app: dns}", "{k8s-app: kube-dns}");
    let all = [
        namespace("a", "live"),
        namespace("b", "trial"),
        pod("a", "web", &ip(1)),
        pod("a", "api", &ip(2)),
        pod("b", "db", &ip(3)),
        dns,
    ];
    let (base, head) = (base.to_owned(), head.to_owned());
    Folder::with(&[("all.yaml", &all.concat()), ("base/policies.yaml", &base), ("head/policies.yaml", &head)])
}

/// Runs it on the sides of such a folder.
fn diff(folder: &Folder, flags: &str) -> Ran {
    np_in(folder, &format!("diff base head -f all.yaml {flags}"))
}

/// The lines without their aligned columns.
fn lines(ran: &Ran) -> Vec<String> {
    ran.out.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

const NOTHING: &str = "# no policy\n";

#[test]
fn the_example_of_the_readme() {
    let readme = include_str!("../../README.md");
    let (_, shown) = readme.split_once("$ np diff base head --fail-on internet,dns\n").expect("the example");
    let (shown, _) = shown.split_once("```").expect("its end");
    let ran = example("--fail-on internet,dns");
    assert_eq!((ran.out.as_str(), ran.code), (shown, 1), "{}", ran.err);
}

#[test]
fn the_riskiest_comes_first() {
    let told = example("");
    let words: Vec<(String, String)> = json(&example("-o json"))["changes"]
        .as_array()
        .expect("changes")
        .iter()
        .map(|row| {
            let risk = row["risks"][0].as_str().unwrap_or("-").to_owned();
            (row["change"].as_str().expect("a word").to_owned(), risk)
        })
        .collect();
    let expected = [
        ("opened", "internet-ingress"),
        ("closed", "dns"),
        ("opened", "cross-namespace"),
        ("closed", "-"),
        ("closed", "-"),
        ("isolated", "-"),
    ];
    let expected = expected.map(|(word, risk)| (word.to_owned(), risk.to_owned()));
    assert_eq!(words, expected, "{}", told.out);
}

#[test]
fn the_gate_fails_for_what_it_is_told_to() {
    for (flags, code, verdict) in [
        ("", 1, "FAIL: opened, closed"),
        ("--fail-on any", 1, "FAIL: opened, closed"),
        ("--fail-on internet", 1, "FAIL: internet"),
        ("--fail-on dns,unknown", 1, "FAIL: dns"),
        ("--fail-on unknown", 0, "PASS"),
        ("--fail-on unprotected", 0, "PASS"),
        ("--fail-on cross-namespace --fail-on closed", 1, "FAIL: closed, cross-namespace"),
        ("--exit-zero", 0, "FAIL: opened, closed"),
    ] {
        let ran = example(flags);
        let first = ran.out.lines().next().expect("a headline");
        assert!(first.ends_with(&format!("   {verdict}")), "{flags}: {first}");
        assert_eq!(ran.code, code, "{flags}");
    }
    assert_eq!(example("--fail-on nothing").code, 2);
}

#[test]
fn nothing_changes() {
    let one = policy("b", "db", "{podSelector: {}, ingress: [{ports: [{port: 80}]}]}");
    let other =
        policy("b", "db", "{podSelector: {}, ingress: [{ports: [{port: 80, protocol: TCP}, {port: 80}]}]}");
    let folder = cluster(&one, &other);
    let ran = diff(&folder, "");
    // Four pods with one another and with the outside, both ways.
    assert_eq!((ran.out.as_str(), ran.code), ("nothing changes · 20 unchanged   PASS\n", 0), "{}", ran.err);
    assert_eq!(diff(&folder, "--quiet-if-unchanged").out, "");
    assert_eq!(diff(&folder, "--quiet-if-unchanged -o markdown").out, "");
    let comment = diff(&folder, "-o markdown --comment-id ci/a").out;
    assert_eq!(comment, "<!-- np-diff ci/a -->\n### ✅ np diff: PASS\n\nnothing changes · 20 unchanged\n");
}

#[test]
fn isolation_is_lost() {
    let one = policy("a", "deny", "{podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress]}");
    let folder = cluster(&one, NOTHING);
    let ran = diff(&folder, "--fail-on unprotected");
    assert_eq!(ran.code, 1, "{}", ran.out);
    let expected = [
        "4 opened · 1 unprotected · 16 unchanged FAIL: unprotected",
        "! OPENED external → a/pod/web all a/deny no longer isolates base/policies.yaml:4:18",
        "! UNPROTECTED a/pod/web for ingress a/deny no longer isolates base/policies.yaml:4:18",
        // `a` is live and `b` on trial; cluster DNS has no such label, and api is in the same namespace.
        "! OPENED 3 pods in 3 namespaces → a/pod/web all a/deny no longer isolates base/policies.yaml:4:18",
    ];
    assert_eq!(lines(&ran), expected);
}

#[test]
fn cluster_dns_is_told_apart() {
    let deny = policy("a", "deny", "{podSelector: {}, policyTypes: [Egress]}");
    let folder = cluster(NOTHING, &deny);
    let ran = diff(&folder, "--fail-on dns");
    let expected = [
        "8 closed · 2 isolated · 12 unchanged FAIL: dns",
        "- CLOSED a/pod/api, a/pod/web → cluster DNS all a/deny isolates head/policies.yaml:4:18",
        // With each other, and with db.
        "- CLOSED a/pod/api, a/pod/web → 3 pods in 2 namespaces all a/deny isolates head/policies.yaml:4:18",
        "- CLOSED a/pod/api, a/pod/web → external all a/deny isolates head/policies.yaml:4:18",
        "- ISOLATED a/pod/api, a/pod/web for egress a/deny isolates head/policies.yaml:4:18",
    ];
    assert_eq!(lines(&ran), expected);
    // A rule for DNS alone is no loss of it.
    let dns = "{podSelector: {}, policyTypes: [Egress], egress: [{to: [{namespaceSelector: {}, podSelector: {matchLabels: {k8s-app: kube-dns}}}], ports: [{port: 53}, {port: 53, protocol: UDP}]}]}";
    let folder = cluster(NOTHING, &policy("a", "deny", dns));
    let ran = diff(&folder, "--fail-on dns");
    assert_eq!(ran.code, 0, "{}", ran.out);
}

#[test]
fn a_rule_changes_its_port() {
    let with = |port: u16| {
        let spec = format!(
            "{{podSelector: {{}}, ingress: [{{from: [{{namespaceSelector: {{}}}}], ports: [{{port: {port}}}]}}]}}"
        );
        policy("b", "db", &spec)
    };
    let folder = cluster(&with(5432), &with(5433));
    let ran = diff(&folder, "");
    assert_eq!(lines(&ran)[0], "3 changed · 17 unchanged FAIL: opened, closed");
    let line = "! CHANGED 3 pods in 2 namespaces → b/pod/db tcp/5432 → tcp/5433 b/db rule 1";
    assert!(lines(&ran)[1].starts_with(line), "{}", ran.out);
    let row = &json(&diff(&folder, "-o json"))["changes"][0];
    assert_eq!((&row["opened"], &row["closed"]), (&"tcp/5433".into(), &"tcp/5432".into()));
    assert_eq!(row["before"]["passes"], "tcp/5432");
    assert_eq!(row["from"], serde_json::json!(["a/pod/api", "a/pod/web", "kube-system/pod/dns"]));
}

#[test]
fn workloads_come_and_go_in_one_line_each() {
    let deployment = "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: new, namespace: b}\nspec:\n  replicas: 1\n  selector: {matchLabels: {app: new}}\n  template:\n    metadata: {labels: {app: new}}\n    spec: {containers: [{name: c, image: i}]}\n";
    let deny = policy("b", "db", "{podSelector: {}, policyTypes: [Ingress]}");
    let folder = cluster(&deny, &(deny.clone() + deployment));
    let ran = diff(&folder, "");
    // It may send to everybody but db, and nobody reaches it.
    let expected = "! ADDED b/deploy/new all to external, 3 pods in 2 namespaces b/deploy/new added";
    assert!(lines(&ran)[1].starts_with(expected), "{}", ran.out);
    assert_eq!(lines(&ran)[0], "1 added · 26 unchanged FAIL: opened");
    assert_eq!(lines(&ran).len(), 2, "{}", ran.out);
    let folder = cluster(&(deny.clone() + deployment), &deny);
    let ran = diff(&folder, "");
    assert_eq!(lines(&ran)[0], "1 removed · 26 unchanged FAIL: closed");
    assert!(lines(&ran)[1].starts_with("- REMOVED b/deploy/new all to external, 3 pods"), "{}", ran.out);
}

#[test]
fn output_fits_the_terminal() {
    let path = common::three_tier().with_file_name("review");
    let mut command = common::command();
    command.current_dir(path).args(["diff", "base", "head"]).env("COLUMNS", "60");
    let ran = common::ran(command.output().expect("np runs"));
    for line in ran.out.lines().skip(1) {
        assert!(line.chars().count() <= 70, "{line}");
    }
    assert!(ran.out.contains("\n            shop/db-ingress rule 2  head/db.yaml:21:5\n"), "{}", ran.out);
}

/// A policy that every namespace has and that changes alike in each is one line; `-o json` has them all.
#[test]
fn what_is_alike_in_many_namespaces_is_one_line() {
    let names = ["a", "b", "c"];
    let ip = |last: usize| format!("status: {{phase: Running, podIP: 10.0.0.{last}}}");
    let spaces = names.iter().enumerate().map(|(at, name)| {
        let namespace = format!("---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: {name}}}\n");
        [namespace, pod(name, "web", &ip(2 * at + 1)), pod(name, "db", &ip(2 * at + 2))].concat()
    });
    let side = |name: &str, rules: &str| -> String {
        let spec = format!("{{podSelector: {{}}, policyTypes: [Ingress], ingress: [{rules}]}}");
        names.iter().map(|namespace| policy(namespace, name, &spec)).collect()
    };
    let folder = Folder::with(&[
        ("all.yaml", &spaces.collect::<String>()),
        ("base/policies.yaml", &side("deny", "")),
        (
            "head/policies.yaml",
            &side("allow", "{ports: [{port: 80}], from: [{podSelector: {}}, {ipBlock: {cidr: 8.8.8.8/32}}]}"),
        ),
        ("none/policies.yaml", NOTHING),
    ]);
    let ran = diff(&folder, "");
    let expected = [
        "12 opened · 30 unchanged FAIL: opened",
        "! OPENED 8.8.8.8 → 6 pods in 3 namespaces tcp/80 a/allow rule 1 (+2) head/policies.yaml:5:59",
        "+ OPENED 6 pods in 3 namespaces → pod/db, pod/web in their own namespace tcp/80 a/allow rule 1 (+2) head/policies.yaml:5:59",
    ];
    assert_eq!(lines(&ran), expected, "{}", ran.err);
    assert_eq!(json(&diff(&folder, "-o json"))["changes"].as_array().map(Vec::len), Some(6));
    let comment = diff(&folder, "-o markdown").out;
    assert_eq!(comment.lines().filter(|line| line.contains("**OPENED**")).count(), 2, "{comment}");
    // Isolation is told as one, whichever policies did it.
    let ran = np_in(&folder, "diff base none -f all.yaml");
    let isolation: Vec<String> =
        lines(&ran).into_iter().filter(|line| line.contains("UNPROTECTED")).collect();
    assert_eq!(
        isolation,
        [
            "! UNPROTECTED 6 pods in 3 namespaces for ingress a/deny no longer isolates (+2) base/policies.yaml:4:18"
        ]
    );
}

/// Lines of other namespaces with other ends do not say the same, nor do several of one namespace.
#[test]
fn who_talks_to_whom_is_not_folded_away() {
    let names = [("a", "db"), ("b", "secret"), ("c", "db")];
    let all = names.iter().zip(0..).map(|((name, _), at): (_, usize)| {
        let namespace = format!("---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: {name}}}\n");
        let pods = ["web", "db", "secret"].iter().zip(1..).map(|(own, last): (_, usize)| {
            pod(name, own, &format!("status: {{phase: Running, podIP: 10.0.{at}.{last}}}"))
        });
        namespace + &pods.collect::<String>()
    });
    let side = |rule: &str| -> String {
        let policies = names.iter().map(|(namespace, to)| {
            let subject = format!("podSelector: {{matchLabels: {{app: {to}}}}}");
            policy(namespace, "deny", "{podSelector: {}, policyTypes: [Ingress]}")
                + &policy(namespace, "open", &format!("{{{subject}, ingress: [{rule}]}}"))
        });
        policies.collect()
    };
    let folder = Folder::with(&[
        ("all.yaml", &all.collect::<String>()),
        ("base/policies.yaml", &side("")),
        (
            "head/policies.yaml",
            &side("{ports: [{port: 80}], from: [{podSelector: {matchLabels: {app: web}}}]}"),
        ),
    ]);
    let ran = diff(&folder, "");
    let opened: Vec<String> = lines(&ran).into_iter().filter(|line| line.contains("OPENED")).collect();
    assert_eq!(opened.len(), 2, "{opened:?} {}", ran.err);
    assert!(opened.iter().any(|line| line.contains("→ pod/db in their own namespace")), "{opened:?}");
    assert!(opened.iter().any(|line| line.contains("b/pod/web → b/pod/secret")), "{opened:?}");
}
