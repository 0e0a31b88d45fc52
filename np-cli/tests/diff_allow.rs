//! `np diff --allow`: what is accepted is exactly what an entry says, and what is not understood is an error.

mod common;

use common::{Folder, Ran, np_in, pod, policy};
use serde_json::{Value, json};

/// Three pods of `a`, two of which the head lets into `db` on two ports, and some addresses on one.
fn opened() -> Folder {
    let ip = |last: u8| format!("status: {{phase: Running, podIP: 10.0.0.{last}}}");
    let all = [pod("a", "web", &ip(1)), pod("a", "api", &ip(2)), pod("a", "db", &ip(3))].concat();
    let spec = |rules: &str| {
        policy(
            "a",
            "db",
            &format!(
                "{{podSelector: {{matchLabels: {{app: db}}}}, policyTypes: [Ingress], ingress: [{rules}]}}"
            ),
        )
    };
    let rules = "{from: [{podSelector: {}}], ports: [{port: 80}, {port: 443}]}, {from: [{ipBlock: {cidr: 8.8.0.0/16}}], ports: [{port: 80}]}";
    Folder::with(&[("all.yaml", &all), ("base/db.yaml", &spec("")), ("head/db.yaml", &spec(rules))])
}

/// Runs it with a file of accepted changes, on the 28th of November 2026.
fn diff(folder: &Folder, accepted: &str, flags: &str) -> Ran {
    folder.write("accepted.yaml", accepted);
    let mut command = common::command();
    command.current_dir(&folder.path).env("SOURCE_DATE_EPOCH", "1795824000");
    command
        .args("diff base head -f all.yaml --allow accepted.yaml".split(' '))
        .args(flags.split_whitespace());
    common::ran(command.output().expect("np runs"))
}

/// What changes: the ends, what is opened, and whether that is accepted.
fn changes(ran: &Ran) -> Vec<Value> {
    let report: Value = serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {}", ran.err));
    let rows = report["changes"].as_array().expect("changes");
    rows.iter().map(|row| json!([row["from"], row["opened"], row.get("accepted").is_some()])).collect()
}

#[test]
fn without_a_file_both_are_open() {
    let folder = opened();
    let ran = np_in(&folder, "diff base head -f all.yaml -o json");
    let expected =
        [json!([["8.8.0.0/16"], "tcp/80", false]), json!([["a/pod/api", "a/pod/web"], "tcp/80,443", false])];
    assert_eq!(changes(&ran), expected);
    assert_eq!(ran.code, 1);
}

#[test]
fn an_entry_accepts_what_it_says_and_no_more() {
    let folder = opened();
    let web = "accepted:\n- {from: a/web, to: a/pod/db, ports: tcp/443, kind: opened, reason: as planned}\n";
    let ran = diff(&folder, web, "-o json");
    // The other pod on both ports, the pod on the other port, and the addresses stay.
    let expected = [
        json!([["8.8.0.0/16"], "tcp/80", false]),
        json!([["a/pod/web"], "tcp/80", false]),
        json!([["a/pod/api"], "tcp/80,443", false]),
        json!([["a/pod/web"], "tcp/443", true]),
    ];
    assert_eq!(changes(&ran), expected);
    assert_eq!(ran.code, 1);
    let text = diff(&folder, web, "").out;
    // As many pairs as without the file; of one of them, another port is open.
    assert!(text.starts_with("3 opened (1 accepted in part) · "), "{text}");
    assert!(text.contains("· OPENED  a/pod/web → a/pod/db"), "{text}");
    assert!(text.contains("accepted: as planned  accepted.yaml:2:3"), "{text}");
}

#[test]
fn addresses_are_accepted_as_far_as_they_go() {
    let folder = opened();
    let half =
        "accepted:\n- {from: 8.8.0.0/17, to: '*', reason: half}\n- {from: 'a/*', to: 'a/*', reason: all}\n";
    let ran = diff(&folder, half, "-o json");
    let expected = [
        json!([["8.8.128.0/17"], "tcp/80", false]),
        json!([["8.8.0.0/17"], "tcp/80", true]),
        json!([["a/pod/api", "a/pod/web"], "tcp/80,443", true]),
    ];
    assert_eq!(changes(&ran), expected);
    assert!(diff(&folder, half, "").out.starts_with("3 opened (2 accepted, 1 in part) · "));
    // No name stands for addresses.
    let names = "accepted:\n- {from: '*', to: '*', reason: all}\n";
    let ran = diff(&folder, names, "-o json");
    assert_eq!(changes(&ran)[0], json!([["8.8.0.0/16"], "tcp/80", false]));
    let rest = format!("{half}- {{from: internet, to: a/db, ports: [80, udp/53], reason: all}}\n");
    let ran = diff(&folder, &rest, "");
    assert_eq!(ran.code, 0, "{}", ran.out);
    assert!(ran.out.starts_with("3 opened (3 accepted) · "), "{}", ran.out);
}

#[test]
fn what_has_expired_accepts_nothing() {
    let folder = opened();
    let entry =
        |day: &str| format!("accepted:\n- from: 'a/*'\n  to: a/db\n  reason: for now\n  expires: {day}\n");
    // The day itself still counts.
    assert!(diff(&folder, &entry("2026-11-28"), "").out.contains("accepted: for now"));
    let ran = diff(&folder, &entry("2026-11-27"), "");
    assert!(!ran.out.contains("accepted: for now"), "{}", ran.out);
    let note =
        "note: accepted change expired on 2026-11-27, and accepts nothing any more  accepted.yaml:2:3\n";
    assert!(ran.out.ends_with(note), "{}", ran.out);
    let other = "accepted:\n- {from: a/db, to: a/web, reason: the other way}\n- {from: a/web, to: a/db, kind: closed, reason: the other kind}\n";
    let ran = diff(&folder, other, "");
    for line in [2, 3] {
        let note = format!(
            "note: accepted change accepts nothing: no change is as it says  accepted.yaml:{line}:3\n"
        );
        assert!(ran.out.contains(&note), "{}", ran.out);
    }
}

#[test]
fn a_name_of_nobody_is_told() {
    let folder = opened();
    let ran = diff(
        &folder,
        "accepted:
- {from: a/wbe, to: a/db, reason: r}
- {workload: 'b/*', reason: r}
",
        "",
    );
    for (line, name) in [(2, "a/wbe"), (3, "b/*")] {
        let note = format!(
            "note: accepted change accepts nothing: neither side has `{name}`  accepted.yaml:{line}:3
"
        );
        assert!(ran.out.contains(&note), "{}", ran.out);
    }
    assert_eq!(ran.code, 1);
}

#[test]
fn workloads_and_isolation_are_accepted_by_name() {
    let ip = |last: u8| format!("status: {{phase: Running, podIP: 10.0.0.{last}}}");
    let deny = policy("a", "deny", "{podSelector: {}, policyTypes: [Ingress, Egress]}");
    let (web, new) = (pod("a", "web", &ip(1)), pod("a", "new", &ip(2)));
    let folder = Folder::with(&[("all.yaml", &web), ("base/all.yaml", &deny), ("head/all.yaml", &new)]);
    let accepted = "accepted:\n- {workload: a/web, kind: unprotected, reason: known}\n- {workload: a/new, kind: added, reason: wanted}\n";
    let ran = diff(&folder, accepted, "--fail-on unprotected");
    assert_eq!(ran.code, 0, "{}", ran.out);
    assert!(ran.out.contains("accepted: known") && ran.out.contains("accepted: wanted"), "{}", ran.out);
    let ran = diff(
        &folder,
        "accepted:\n- {workload: a/web, kind: added, reason: other}\n",
        "--fail-on unprotected",
    );
    assert_eq!(ran.code, 1, "{}", ran.out);
}

#[test]
fn what_is_not_understood_is_an_error_with_its_place() {
    let folder = opened();
    for (entry, told) in [
        (
            "{from: a, to: b, reason: r, until: x}",
            "accepted.yaml:2:31: error[unknown-field]: unknown field `until`",
        ),
        (
            "{from: a, to: b, reason: r, expires: 2027-02-30}",
            "accepted.yaml:2:40: error[invalid-value]: `2027-02-30` is not a day",
        ),
        (
            "{from: a, to: b, reason: r, ports: http}",
            "accepted.yaml:2:38: error[invalid-value]: `http` is not a port",
        ),
        (
            "{from: a, to: b, reason: r, kind: added}",
            "accepted.yaml:2:37: error[invalid-value]: `added` is no kind of change here",
        ),
        ("{from: a, to: b}", "accepted.yaml:2:3: error[missing-field]: needs `reason`"),
        ("{from: a, reason: r}", "accepted.yaml:2:3: error[missing-field]: needs `from` and `to`"),
        (
            "{from: a, to: b, workload: c, reason: r}",
            "accepted.yaml:2:3: error[missing-field]: needs `from` and `to`",
        ),
        ("{from: a, to: b, reason: 1}", "accepted.yaml:2:28: error[wrong-type]: must be a string"),
        ("a", "accepted.yaml:2:3: error[wrong-type]: must be a map"),
        (
            "{from: shop, to: a/db, reason: r}",
            "accepted.yaml:2:10: error[invalid-value]: nothing is called `shop`",
        ),
        (
            "{from: 10.0.0.0/33, to: a/db, reason: r}",
            "accepted.yaml:2:10: error[invalid-value]: nothing is called `10.0.0.0/33`",
        ),
        (
            "{from: a/db, to: 'a/d b', reason: r}",
            "accepted.yaml:2:20: error[invalid-value]: nothing is called `a/d b`",
        ),
        (
            "{from: a/db, to: a/deployment/b, reason: r}",
            "accepted.yaml:2:20: error[invalid-value]: nothing is called `a/deployment/b`",
        ),
        (
            "{workload: Internet, reason: r}",
            "accepted.yaml:2:14: error[invalid-value]: nothing is called `Internet`",
        ),
        ("{from: a, from: b, to: c, reason: r}", "error[duplicate-key]"),
        ("{from: a, to: b, reason: r", "error[yaml-syntax]"),
    ] {
        let ran = diff(&folder, &format!("accepted:\n- {entry}\n"), "--message-format short");
        assert!(ran.err.contains(told), "{entry}: {}", ran.err);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{entry}");
    }
    let ran = diff(&folder, "accept: []\n", "--message-format short");
    assert!(
        ran.err.contains("accepted.yaml:1:1: error[unknown-field]: unknown field `accept`"),
        "{}",
        ran.err
    );
    assert_eq!(np_in(&folder, "diff base head -f all.yaml --allow none.yaml").code, 2);
}
