//! `np explain --fix`: the patches are applied with the tools that people apply them with, and np is asked again.

mod common;

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

use common::{Folder, np, np_in, np_with, pod, policy, three_tier};

/// The tools that patches are for, and how each takes one from stdin.
const TOOLS: [(&str, &[&str]); 2] = [("git", &["apply"]), ("patch", &["-p1"])];

/// The tools that this machine has.
#[expect(clippy::print_stdout, reason = "a test that leaves something out says so")]
fn tools() -> Vec<(&'static str, &'static [&'static str])> {
    let is_there = |(name, _): &(&str, &[&str])| {
        let found = Command::new(name).arg("--version").stdout(Stdio::null()).status().is_ok();
        if !found {
            println!("`{name}` is not on this machine: not tried with it");
        }
        found
    };
    TOOLS.into_iter().filter(is_there).collect()
}

fn apply(folder: &Folder, (tool, arguments): (&str, &[&str]), patch: &str) {
    let mut child = Command::new(tool)
        .args(arguments)
        .current_dir(&folder.path)
        // A folder below the project's own: git must not take the patch for one of that.
        .env("GIT_CEILING_DIRECTORIES", folder.path.parent().expect("a parent"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the tool runs");
    child.stdin.take().expect("a pipe").write_all(patch.as_bytes()).expect("the tool reads");
    let output = child.wait_with_output().expect("the tool ends");
    assert!(output.status.success(), "{tool}: {}\n{patch}", String::from_utf8_lossy(&output.stdout));
}

/// Fixes `ask` in a folder of these files with every tool, and asks again: `code` is what `np query` must say then.
/// Gives the patch.
#[track_caller]
fn check(files: &[(&str, &str)], ask: &str, fix: &str, code: i32) -> String {
    let mut patch = String::new();
    for tool in tools() {
        let folder = Folder::with(files);
        let ran = np_in(&folder, &format!("explain {ask} {fix} -o patch"));
        assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
        apply(&folder, tool, &ran.out);
        let again = np_in(&folder, &format!("query {ask}"));
        assert_eq!(again.code, code, "{}{}\n{}", again.out, again.err, ran.out);
        for (name, text) in files.iter().filter(|(_, text)| text.contains("\r\n")) {
            let now = fs::read_to_string(folder.path.join(name)).expect("the file");
            assert_eq!(now.matches('\n').count(), now.matches("\r\n").count(), "{text}{now}");
        }
        patch = ran.out;
    }
    patch
}

fn of_three_tier() -> Vec<(String, String)> {
    let files = fs::read_dir(three_tier()).expect("the example").map(|entry| {
        let path = entry.expect("a file").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        (name, fs::read_to_string(&path).expect("a text"))
    });
    files.filter(|(name, _)| name != "README.md").collect()
}

#[test]
fn the_example_of_the_readme() {
    let files = of_three_tier();
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let patch = check(&files, "backend/api backend/postgres 5432", "--fix", 0);
    if !patch.is_empty() {
        assert!(patch.contains("+  ingress:\n"), "{patch}");
    }
    check(&files, "frontend/web backend/api 8080", "--fix deny", 1);
    let ran = np("explain -f $T backend/api backend/postgres 5432 --fix");
    let told: Vec<&str> = ran.out.lines().skip_while(|line| !line.starts_with("fix")).take(4).collect();
    let readme = include_str!("../../README.md");
    assert!(readme.contains(&told.join("\n")), "{}", ran.out);
}

const MISSPELT: &str =
    "{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {matchLabels: {app: wep}}}]}]}";

fn cluster() -> String {
    format!("{}{}", pod("shop", "web", ""), pod("shop", "db", ""))
}

#[test]
fn names_with_blanks_and_other_letters() {
    let policies = policy("shop", "db", MISSPELT);
    check(&[("a b/p ü.yaml", &policies), ("pods.yaml", &cluster())], "shop/web shop/db 80", "--fix", 0);
}

#[test]
fn carriage_returns_and_no_line_feed_at_the_end() {
    let text = format!("{}{}", cluster(), policy("shop", "db", MISSPELT));
    check(&[("all.yaml", &text.replace('\n', "\r\n"))], "shop/web shop/db 80", "--fix", 0);
    check(&[("all.yaml", text.trim_end())], "shop/web shop/db 80", "--fix", 0);
    let denied = format!("{}{}", cluster(), policy("shop", "db", "{podSelector: {matchLabels: {app: db}}}"));
    check(&[("all.yaml", denied.trim_end())], "shop/web shop/db 80", "--fix", 0);
    check(&[("all.yaml", &denied.replace('\n', "\r\n"))], "shop/web shop/db 80", "--fix", 0);
}

#[test]
fn a_byte_order_mark_stays() {
    let text = format!("\u{feff}{}{}", policy("shop", "db", MISSPELT).trim_start_matches("---\n"), cluster());
    check(&[("all.yaml", &text)], "shop/web shop/db 80", "--fix", 0);
}

#[test]
fn a_folder_that_is_named() {
    let policies = policy("shop", "db", MISSPELT);
    let files = [("in/deep/p.yaml", policies.as_str()), ("in/pods.yaml", &cluster())];
    let patch = check(&files, "-f in shop/web shop/db 80", "--fix", 0);
    assert!(patch.is_empty() || patch.starts_with("--- a/in/deep/p.yaml\n+++ b/in/deep/p.yaml\n"), "{patch}");
}

#[test]
fn from_stdin_the_patch_is_of_that_text() {
    let folder = Folder::with(&[]);
    let text = format!("{}{}", cluster(), policy("shop", "db", MISSPELT));
    let ran = np_with(&folder, "explain -f - shop/web shop/db 80 --fix -o patch", &text);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.starts_with("--- a/stdin\n+++ b/stdin\n"), "{}", ran.out);
    assert!(ran.err.contains("stdin"), "{}", ran.err);
}

#[test]
fn what_needs_no_fix_and_what_has_none() {
    let folder = Folder::with(&[("pods.yaml", &cluster())]);
    let ran = np_in(&folder, "explain shop/web shop/db 80 --fix");
    assert_eq!((ran.code, ran.err.contains("nothing to fix")), (0, true), "{}{}", ran.out, ran.err);
    // A pod always reaches itself.
    let ran = np_in(&folder, "explain shop/db shop/db 80 --fix deny");
    assert_eq!((ran.code, ran.err.contains("no change")), (1, true), "{}{}", ran.out, ran.err);
    let ran = np_in(&folder, "explain shop/web shop/db 80 -o patch");
    assert_eq!(ran.code, 2, "{}{}", ran.out, ran.err);
}

/// Files of two folders that are called alike: one patch, from the folder that has both.
#[test]
fn files_of_several_folders() {
    let policies = policy("shop", "db", MISSPELT);
    let egress = "{podSelector: {matchLabels: {app: web}}, policyTypes: [Egress], egress: [{to: [{podSelector: {matchLabels: {app: dbb}}}]}]}";
    let files = [
        ("A/p.yaml", [policies, cluster()].concat()),
        ("B/p.yaml", policy("shop", "web", egress)),
        ("cwd/x", String::new()),
    ];
    for tool in tools() {
        let folder = Folder::with(&files.each_ref().map(|(name, text)| (*name, text.as_str())));
        let here = folder.path.join("cwd");
        let mut command = common::command();
        command
            .current_dir(&here)
            .args("explain -f ../A -f ../B shop/web shop/db 80 --fix -o patch".split(' '));
        let ran = common::ran(command.output().expect("np runs"));
        assert_eq!(ran.code, 0, "{}", ran.err);
        assert!(ran.err.contains("apply the patch in `"), "{}", ran.err);
        apply(&folder, tool, &ran.out);
        let again = np_in(&folder, "query -f A -f B shop/web shop/db 80");
        assert_eq!(again.code, 0, "{}{}", again.out, ran.out);
    }
}

/// What `--with` names is where it says, and not in the folder of the other manifests.
#[test]
fn a_file_of_a_what_if() {
    let files = [
        ("base/all.yaml", cluster()),
        ("base/p.yaml", policy("shop", "other", "{podSelector: {matchLabels: {app: none}}}")),
        ("over/p.yaml", policy("shop", "db", MISSPELT)),
    ];
    let folder = Folder::with(&files.each_ref().map(|(name, text)| (*name, text.as_str())));
    for with in ["over", "over/p.yaml"] {
        let ran =
            np_in(&folder, &format!("explain -f base shop/web shop/db 80 --with {with} --fix -o patch"));
        assert!(ran.out.starts_with("--- a/over/p.yaml\n+++ b/over/p.yaml\n"), "{}{}", ran.out, ran.err);
    }
}

/// A pod has another address tomorrow: it is left out by its labels and the addresses of all pods, or a note says so.
#[test]
fn what_is_closed_stays_closed_for_another_address() {
    let node = "---\napiVersion: v1\nkind: Node\nmetadata: {name: node-1}\nspec: {podCIDR: 10.1.0.0/16}\n";
    let at = "status: {phase: Running, podIP: 10.1.2.3}\n";
    let pods = [pod("shop", "web", ""), pod("shop", "db", at), node.to_owned()].concat();
    let folder = Folder::with(&[("all.yaml", &pods)]);
    let ran = np_in(&folder, "explain shop/web shop/db 80 --fix deny -o patch");
    assert!(ran.out.contains("10.1.0.0/16") && !ran.out.contains("10.1.2.3"), "{}", ran.out);

    let block = policy(
        "shop",
        "web",
        "{podSelector: {matchLabels: {app: web}}, egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8}}]}], policyTypes: [Egress]}",
    );
    let folder = Folder::with(&[("all.yaml", &[pods, block].concat())]);
    let ran = np_in(&folder, "explain shop/web shop/db 80 --fix deny -o patch");
    assert!(
        ran.out.contains("10.1.2.3/32") && ran.err.contains("the fix names 10.1.2.3"),
        "{}{}",
        ran.out,
        ran.err
    );
    let ran = np_in(&folder, "explain shop/web shop/db 80 --fix deny -o json");
    assert!(ran.out.contains("the fix names 10.1.2.3"), "{}", ran.out);
}

/// A rule for everyone becomes one for everyone else, and not for nobody.
#[test]
fn one_address_is_closed_and_no_other() {
    let open = policy("shop", "db", "{podSelector: {matchLabels: {app: db}}, ingress: [{}]}");
    let folder = Folder::with(&[("all.yaml", &[cluster(), open].concat())]);
    let ran = np_in(&folder, "explain 8.8.8.8 shop/db --fix deny");
    assert!(ran.out.contains("0.0.0.0/0 without 8.8.8.8/32"), "{}", ran.out);
    assert!(ran.out.contains("closes this connection and changes nothing else"), "{}", ran.out);
}

/// Of two files that say the same, nobody knows which is meant.
#[test]
fn files_that_say_the_same_are_not_patched() {
    let wrong = policy("shop", "db", MISSPELT);
    let files = [("base/all.yaml", cluster()), ("base/p.yaml", wrong.clone()), ("over/p.yaml", wrong)];
    let folder = Folder::with(&files.each_ref().map(|(name, text)| (*name, text.as_str())));
    let ran = np_in(&folder, "explain -f base shop/web shop/db 80 --with over --fix -o patch");
    assert_eq!((ran.code, ran.out.as_str()), (1, ""), "{}", ran.err);
    assert!(ran.err.contains("say the same"), "{}", ran.err);
}

/// One pod on its node's network among others does not pin the others.
#[test]
fn a_host_among_pods_is_left_out_alone() {
    let node = "---\napiVersion: v1\nkind: Node\nmetadata: {name: node-1}\nspec: {podCIDR: 10.1.0.0/16}\nstatus: {addresses: [{type: InternalIP, address: 192.168.7.9}]}\n";
    let at = |last: u8| format!("status: {{phase: Running, podIP: 10.1.0.{last}}}");
    let host = pod(
        "mon",
        "host",
        "spec: {hostNetwork: true, nodeName: node-1}\nstatus: {phase: Running, podIP: 192.168.7.9}",
    );
    let all =
        [pod("shop", "db", &at(2)), pod("mon", "a", &at(3)), pod("mon", "b", &at(4)), host, node.to_owned()];
    let folder = Folder::with(&[("all.yaml", &all.concat())]);
    let out = np_in(&folder, "explain mon shop/db 80 --fix deny").out;
    assert!(!out.contains("10.1.0.3/32"), "{out}");
}
