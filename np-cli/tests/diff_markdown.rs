//! `np diff -o markdown`: a comment that a reviewer can take in, that no name from the input breaks, and that is never
//! longer than it may be.

mod common;

use std::fmt::Write as _;

use common::{Folder, np_in, pod, policy};

/// The rows of tables, without their heads.
fn rows(comment: &str) -> usize {
    comment.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| |")).count()
}

/// Pods that each reach `db` on a port of their own in the head: a row each.
fn many(count: usize) -> Folder {
    let ip = |at: usize| format!("status: {{phase: Running, podIP: 10.0.{}.{}}}", at / 200, at % 200 + 1);
    let mut pods = pod("a", "db", "status: {phase: Running, podIP: 10.9.0.1}");
    let mut rules = String::new();
    for at in 0..count {
        pods.push_str(&pod("a", &format!("p{at}"), &ip(at)));
        // Writing to a string cannot fail.
        let _ = write!(
            rules,
            "{{from: [{{podSelector: {{matchLabels: {{app: p{at}}}}}}}], ports: [{{port: {}}}]}}, ",
            at + 1
        );
    }
    let spec = |rules: &str| {
        policy(
            "a",
            "db",
            &format!(
                "{{podSelector: {{matchLabels: {{app: db}}}}, policyTypes: [Ingress], ingress: [{rules}]}}"
            ),
        )
    };
    Folder::with(&[("all.yaml", &pods), ("base/db.yaml", &spec("")), ("head/db.yaml", &spec(&rules))])
}

#[test]
fn the_rest_is_folded() {
    let folder = many(40);
    let ran = np_in(&folder, "diff base head -f all.yaml -o markdown");
    let comment = &ran.out;
    assert_eq!(ran.code, 1, "{}", ran.err);
    let head = "<!-- np-diff -->\n### ❌ np diff: FAIL: opened\n\n40 opened · ";
    assert!(comment.starts_with(head), "{comment}");
    let (table, rest) = comment.split_once("<details><summary>15 more changes</summary>").expect("folded");
    assert_eq!((rows(table), rows(rest)), (25, 15));
    let row = "| + | **OPENED** | `a/pod/p0` → `a/pod/db` | `tcp/1` | `a/db rule 1`<br>`head/db.yaml:5:";
    assert!(table.contains(row), "{table}");
    assert!(comment.ends_with("\n</details>\n"), "{comment}");
}

#[test]
fn it_is_never_too_long() {
    let folder = many(250);
    for most in [2000, 10_000, 20_000] {
        let ran = np_in(&folder, &format!("diff base head -f all.yaml -o markdown --max-bytes {most}"));
        let comment = &ran.out;
        assert!(comment.len() <= most, "{} of {most}", comment.len());
        let left_out = 250 - rows(comment);
        let last = comment.lines().last().expect("a line");
        assert_eq!(last, format!("{left_out} changes are left out for length; `np diff -o json` lists all."));
        assert_eq!(comment.matches("<details>").count(), comment.matches("</details>").count());
    }
}

#[test]
fn no_name_breaks_out() {
    let spec = "{podSelector: {}, policyTypes: [Ingress]}";
    let folder = Folder::with(&[
        ("all.yaml", &pod("a", "web", "status: {phase: Running, podIP: 10.0.0.1}")),
        ("base/`|x|<img>@me.yaml", &policy("a", "deny", spec)),
        ("head/none.yaml", "# nothing\n"),
        ("accepted.yaml", "accepted:\n- {workload: a/web, reason: '<b>|@me `x` \\u202e --> #1'}\n"),
    ]);
    let ran = np_in(&folder, "diff base head -f all.yaml -o markdown --allow accepted.yaml");
    for line in ran.out.lines().filter(|line| line.starts_with("| ")) {
        assert_eq!(line.replace("\\|", "").matches('|').count(), 6, "{line}");
        assert!(!line.contains("<img>") || line.contains("``base/`\\|x\\|<img>@me.yaml:4:18``"), "{line}");
        assert!(!line.contains("<b>"), "{line}");
    }
    assert!(ran.out.contains("accepted: &lt;b&gt;\\|&#64;me"), "{}", ran.out);
    let ids = np_in(&folder, "diff base head -f all.yaml -o markdown --comment-id a-->b");
    assert_eq!(ids.code, 2);
}

/// What is unknown is not called so twice, and what is meant is listed in the order of the table.
#[test]
fn a_row_is_short_and_its_names_are_found() {
    let other = "---\napiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: c, namespace: b}\nspec: {endpointSelector: {}}\n";
    let deny = |namespace: &str| policy(namespace, "deny", "{podSelector: {}, policyTypes: [Ingress]}");
    let pods = |namespace: &str, count: u8| {
        let ip = |at: u8| format!("status: {{phase: Running, podIP: 10.0.{}.{at}}}", namespace.len());
        (1..=count).map(|at| pod(namespace, &format!("p{at}"), &ip(at))).collect::<String>()
    };
    let folder = Folder::with(&[
        ("all.yaml", &(pods("a", 12) + &pods("bb", 3) + &pods("b", 1))),
        ("base/none.yaml", "# nothing\n"),
        ("head/deny.yaml", &(deny("a") + &deny("bb") + other)),
    ]);
    let ran = np_in(&folder, "diff base head -f all.yaml -o markdown");
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(ran.out.contains("| ? | **UNKNOWN** | "), "{}", ran.out);
    assert!(!ran.out.contains("unknown |"), "{}", ran.out);
    let (table, meant) = ran.out.split_once("<summary>Who is meant</summary>").expect("names");
    let names: Vec<&str> =
        meant.lines().filter_map(|line| line.strip_prefix("- `")?.split('`').next()).collect();
    let places: Vec<usize> =
        names.iter().map(|name| table.find(&format!("`{name}`")).expect("it is in a row")).collect();
    assert!(names.len() > 1 && places.is_sorted(), "{names:?}: {}", ran.out);
}
