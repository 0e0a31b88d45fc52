//! `np diff` of two paths: what it reads on each side, what it says, and how it ends.

mod common;

use common::{Folder, np_in, np_with, pod, policy};

/// A policy that lets nothing in.
fn closed(namespace: &str, name: &str) -> String {
    policy(namespace, name, "{podSelector: {}, policyTypes: [Ingress]}")
}

fn pods() -> String {
    pod("x", "a", "") + &pod("x", "b", "")
}

#[test]
fn a_change_exits_with_1_and_none_with_0() {
    let opens = policy("x", "p", "{podSelector: {}, ingress: [{ports: [{port: 80}]}]}");
    let folder = Folder::with(&[
        ("old/pods.yaml", &pods()),
        ("old/p.yaml", &closed("x", "p")),
        ("new/pods.yaml", &pods()),
        ("new/p.yaml", &opens),
    ]);
    let ran = np_in(&folder, "diff old new");
    // From outside, and between the two pods.
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(ran.out.starts_with("4 opened · 2 unchanged "), "{}", ran.out);
    assert!(ran.out.contains("tcp/80"), "{}", ran.out);
    assert_eq!(np_in(&folder, "diff old new --exit-zero").code, 0);
    let back = np_in(&folder, "diff new old");
    assert_eq!((back.code, back.out.starts_with("4 closed · 2 unchanged ")), (1, true), "{}", back.out);
    let same = np_in(&folder, "diff old old");
    assert_eq!((same.code, same.err.as_str()), (0, ""));
    assert!(same.out.starts_with("nothing changes · 6 unchanged "), "{}", same.out);
}

#[test]
fn files_and_stdin_are_sides_and_f_is_of_both() {
    let folder = Folder::with(&[
        ("pods.yaml", &pods()),
        ("old.yaml", &closed("x", "p")),
        ("new.yaml", &closed("x", "q")),
    ]);
    // Another name for the same policy changes nothing.
    assert_eq!(np_in(&folder, "diff old.yaml new.yaml -f pods.yaml").code, 0);
    let ran = np_with(&folder, "diff - new.yaml -f pods.yaml", policy("x", "p", "{podSelector: {}}"));
    assert!(ran.code == 0 && ran.out.starts_with("nothing changes · "), "{}{}", ran.out, ran.err);
    let ran = np_with(
        &folder,
        "diff - new.yaml -f pods.yaml",
        policy("x", "p", "{podSelector: {}, ingress: [{}]}"),
    );
    assert_eq!(ran.code, 1, "{}", ran.err);
    for twice in ["diff - -", "diff - new.yaml -f -"] {
        let ran = np_with(&folder, twice, "");
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{}", ran.err);
        assert!(ran.err.contains("stdin can be read once"), "{}", ran.err);
    }
}

#[test]
fn what_is_broken_is_told_once_and_never_no_change() {
    let broken = policy("x", "p", "{podSelector: {}, ingress: [{ports: [{port: 99999}]}]}");
    let folder = Folder::with(&[
        ("old/pods.yaml", &pods()),
        ("new/pods.yaml", &pods()),
        ("new/p.yaml", &broken),
        ("both/pods.yaml", &pods()),
        ("both/p.yaml", &broken),
    ]);
    for line in ["diff old new", "diff new old", "diff old new --prove", "diff old new --exit-zero"] {
        let ran = np_in(&folder, line);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{line}");
        assert!(ran.err.contains(" --> new/p.yaml:5:"), "{}", ran.err);
        assert!(ran.err.ends_with("np: 1 error\n"), "{}", ran.err);
    }
    let ran = np_in(&folder, "diff both both");
    assert_eq!(ran.code, 2);
    assert!(ran.err.ends_with("np: 1 error\n"), "{}", ran.err);
    // Answered on request, and still no success.
    let ran = np_in(&folder, "diff old new --keep-going");
    assert_eq!(ran.code, 2);
    assert!(ran.out.contains("now unknown"), "{}", ran.out);
}

#[test]
fn a_warning_about_what_both_have_is_told_once() {
    let odd = "a: 1\n";
    let folder = Folder::with(&[
        ("old/pods.yaml", &pods()),
        ("old/odd.yaml", odd),
        ("new/pods.yaml", &(pods() + &pod("x", "c", ""))),
        ("new/odd.yaml", odd),
    ]);
    let ran = np_in(&folder, "diff old new");
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert_eq!(ran.err.matches("odd.yaml:1:1").count(), 1, "{}", ran.err);
}

#[test]
fn one_side_may_be_empty_and_none_is_missing() {
    let folder = Folder::with(&[("old/readme.txt", ""), ("new/pods.yaml", &pods()), ("empty/x.txt", "")]);
    let ran = np_in(&folder, "diff old new");
    assert_eq!((ran.code, ran.err.as_str()), (1, "note: `old` holds no pods, workloads or policies\n"));
    assert_eq!(np_in(&folder, "diff new old").code, 1);
    let ran = np_in(&folder, "diff old empty");
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert!(
        ran.err.contains("no manifests in `old`") && ran.err.contains("no manifests in `empty`"),
        "{}",
        ran.err
    );
}

/// A file that both sides have does not take the names that files of one side have, whatever the order.
#[test]
fn a_name_on_one_side_is_taken_once() {
    let folder = Folder::with(&[
        ("old/a.yaml", &closed("x", "p")),
        ("old/b.yaml", &pods()),
        ("new/a.yaml", &policy("x", "p", "{podSelector: {}, ingress: [{}]}")),
        ("new/b.yaml", &pods()),
        ("new/c.yaml", &pod("x", "a", "")),
    ]);
    let ran = np_in(&folder, "diff old new");
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains(" --> new/c.yaml:4:") && ran.err.contains("at new/b.yaml:4:"), "{}", ran.err);
}

#[test]
fn prove_says_equivalent_or_gives_one_connection() {
    let rule = |port: u16| {
        format!(
            "{{podSelector: {{}}, ingress: [{{from: [{{podSelector: {{}}}}], ports: [{{port: {port}}}]}}]}}"
        )
    };
    // One rule twice is one rule.
    let twice = policy("x", "p", &rule(80)) + &policy("x", "q", &rule(80));
    let folder = Folder::with(&[
        ("pods.yaml", &pods()),
        ("one.yaml", &policy("x", "p", &rule(80))),
        ("twice.yaml", &twice),
        ("other.yaml", &policy("x", "p", &rule(81))),
    ]);
    let ran = np_in(&folder, "diff one.yaml twice.yaml -f pods.yaml --prove");
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.starts_with("equivalent\n"), "{}", ran.out);
    let ran = np_in(&folder, "diff one.yaml other.yaml -f pods.yaml --prove");
    assert_eq!(ran.code, 1, "{}", ran.err);
    let expected = "not equivalent\n  x/pod/a → x/pod/b  tcp/80\n    before  allowed\n    after   denied\n";
    assert_eq!(ran.out, expected);
}
