//! `np validate` and the forms of diagnostics: findings on stdout, the place of each, and exit codes
//! that a pipeline can rely on.

mod common;

use std::fmt::Write;

use common::{Folder, np, np_in, np_with, pod, policy};
use serde_json::Value;

/// A policy that allows TCP port 80.
fn fine(name: &str) -> String {
    policy("x", name, "{podSelector: {}, ingress: [{ports: [{port: 80}]}]}")
}

/// A policy with the wrong protocol on line 5, column 55.
fn broken() -> String {
    policy("x", "broken", "{podSelector: {}, ingress: [{ports: [{protocol: tcp}]}]}")
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

#[test]
fn what_is_valid() {
    let ran = np("validate -f $T");
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{}", ran.out);
    assert!(ran.out.starts_with("valid: 5 policies among "), "{}", ran.out);
    let namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: x, labels: {kubernetes.io/metadata.name: other}}\n";
    let folder = Folder::with(&[("a.yaml", &fine("a")), ("b.yaml", namespace)]);
    let ran = np_in(&folder, "validate");
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "warnings are allowed: {}", ran.out);
    assert!(ran.out.starts_with("warning[namespace-name-label]: "), "{}", ran.out);
    assert!(ran.out.ends_with("\nvalid: 1 warning, 1 policy among 2 objects in 2 files\n"), "{}", ran.out);
    let ran = np_with(&folder, "validate -f -", "");
    assert_eq!((ran.code, ran.out.as_str()), (0, "valid: 0 policies among 0 objects in 1 file\n"));
}

#[test]
fn one_broken_policy_among_a_hundred_good_ones() {
    let mut good = pod("x", "a", "") + &pod("x", "b", "");
    for number in 0..100 {
        let _ = write!(good, "{}", fine(&format!("p{number}")));
    }
    let folder = Folder::with(&[("good.yaml", &good), ("sub/bad.yaml", &broken()), ("text.yaml", "a: \"\n")]);
    let ran = np_in(&folder, "validate");
    assert_eq!((ran.code, ran.err.as_str()), (1, ""));
    let expected = "\
error[invalid-value]: `tcp` is no protocol of a NetworkPolicy
 --> sub/bad.yaml:5:55
  |
5 | spec: {podSelector: {}, ingress: [{ports: [{protocol: tcp}]}]}
  |                                                       ^^^
  |
  = note: in NetworkPolicy x/broken, spec.ingress[0].ports[0].protocol
  = help: write TCP, UDP or SCTP
";
    assert!(ran.out.starts_with(expected), "{}", ran.out);
    assert!(ran.out.contains("error[yaml-syntax]: ") && ran.out.contains(" --> text.yaml:"), "{}", ran.out);
    assert!(
        ran.out.ends_with("\ninvalid: 2 errors, 101 policies among 103 objects in 3 files\n"),
        "{}",
        ran.out
    );
    for line in ["query x/a x/b", "matrix"] {
        let ran = np_in(&folder, line);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{line}");
        assert!(ran.err.starts_with(expected) && ran.err.ends_with("\nnp: 2 errors\n"), "{}", ran.err);
    }
}

#[test]
fn findings_for_machines() {
    let cilium = "---\napiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: c}\n";
    let folder = Folder::with(&[("a.yaml", &(broken() + cilium))]);
    let ran = np_in(&folder, "validate -o json");
    assert_eq!((ran.code, ran.err.as_str()), (1, ""));
    let answer = json(&ran.out);
    let figures =
        ["files", "objects", "policies", "errors", "warnings", "notes"].map(|key| answer[key].as_u64());
    assert_eq!(figures, [1, 2, 2, 2, 0, 0].map(Some));
    assert_eq!(
        (&answer["apiVersion"], &answer["kind"], &answer["kubernetes"], &answer["valid"]),
        (&"np/v1".into(), &"Validation".into(), &"1.37".into(), &false.into())
    );
    let finding = json(
        r#"{"file": "a.yaml", "line": 5, "column": 55, "code": "invalid-value", "severity": "error",
            "object": "NetworkPolicy x/broken", "field": "spec.ingress[0].ports[0].protocol",
            "type": "FieldValueNotSupported", "message": "`tcp` is no protocol of a NetworkPolicy",
            "help": "write TCP, UDP or SCTP"}"#,
    );
    assert_eq!(answer["findings"][0], finding);
    let other = &answer["findings"][1];
    assert_eq!((&other["code"], &other["line"]), (&"unsupported-policy".into(), &7.into()));
    assert!(other.get("type").is_none(), "the API server has nothing against it");
    // The same objects, one a line, are the diagnostics of the other commands.
    let findings = answer["findings"].as_array().expect("findings").clone();
    let ran = np_in(&folder, "query x/a x/b --strict --message-format json");
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert_eq!(ran.err.lines().map(json).collect::<Vec<_>>(), findings);
    let ran = np_in(&folder, "validate --message-format json");
    assert_eq!(ran.out.lines().map(json).collect::<Vec<_>>(), findings);
}

#[test]
fn one_line_each() {
    let folder = Folder::with(&[("a.yaml", &broken())]);
    let line = "a.yaml:5:55: error[invalid-value]: `tcp` is no protocol of a NetworkPolicy\n";
    let ran = np_in(&folder, "--message-format short validate");
    let summary = "invalid: 1 error, 1 policy among 1 object in 1 file\n";
    assert_eq!((ran.code, ran.out), (1, format!("{line}{summary}")));
    let ran = np_in(&folder, "matrix --message-format=short");
    assert_eq!((ran.code, ran.err), (2, format!("{line}np: 1 error\n")));
    let ran = np_in(&folder, "query --message-format short -f nowhere x/a x/b");
    assert_eq!(ran.err, "error: no such file or folder: `nowhere`\nnp: 1 error\n");
    let ran = np_in(&folder, "query --message-format json -f nowhere x/a x/b");
    let expected = json(r#"{"severity": "error", "message": "no such file or folder: `nowhere`"}"#);
    assert_eq!(json(&ran.err), expected);
}

#[test]
fn what_cannot_be_read() {
    let folder = Folder::with(&[("empty/readme.txt", ""), ("a.yaml", &broken()), ("b.yaml", &fine("b"))]);
    for line in
        ["validate -f nowhere", "validate -f empty", "validate --kubernetes 1.20", "validate --nonsense"]
    {
        let ran = np_in(&folder, line);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{line}");
        assert!(ran.err.starts_with("error: "), "{line}: {}", ran.err);
    }
    // What can be read is checked all the same, but nobody can call it valid.
    let ran = np_in(&folder, "validate -f nowhere -f b.yaml");
    assert_eq!((ran.code, ran.err.as_str()), (2, "error: no such file or folder: `nowhere`\n"));
    let expected = "incomplete: 1 path that could not be read, 1 policy among 1 object in 1 file\n";
    assert_eq!(ran.out, expected);
    let answer = json(&np_in(&folder, "validate -f nowhere -f a.yaml -o json").out);
    assert_eq!(answer["unread"], json(r#"["no such file or folder: `nowhere`"]"#));
    assert_eq!((&answer["valid"], &answer["errors"]), (&false.into(), &1.into()));
}

#[test]
fn releases_before_1_36_take_sloppy_cidrs() {
    let sloppy =
        policy("x", "sloppy", "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.1/24}}]}]}");
    let folder = Folder::with(&[("a.yaml", &(pod("x", "a", "") + &sloppy))]);
    for (release, code, warnings) in
        [("", 1, 0), ("--kubernetes 1.36", 1, 0), ("--kubernetes 1.35", 0, 1), ("--kubernetes 1.32", 0, 0)]
    {
        let ran = np_in(&folder, &format!("validate -o json {release}"));
        let answer = json(&ran.out);
        assert_eq!((ran.code, answer["warnings"].as_u64()), (code, Some(warnings)), "{release}");
    }
    let query = |release: &str, from: &str| np_in(&folder, &format!("query {release} {from} x/a 80")).code;
    assert_eq!(query("", "10.0.0.7"), 2, "the policy is broken");
    assert_eq!(query("--kubernetes 1.32", "10.0.0.7"), 0, "10.0.0.1/24 is 10.0.0.0/24");
    assert_eq!(query("--kubernetes 1.35", "10.0.1.7"), 1);
    assert_eq!(np_in(&folder, "matrix --kubernetes 1.35").code, 0);
    assert_eq!(np_in(&folder, "matrix").code, 2);
}

#[test]
fn nothing_in_a_name_drives_a_terminal() {
    let text = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: \"a\\e[31m\\u202Eb\"}\nspec: {}\n";
    let folder = Folder::with(&[("a.yaml", text)]);
    for line in
        ["validate", "validate -o json", "validate --message-format short", "validate --message-format json"]
    {
        let out = np_in(&folder, line).out;
        assert!(!out.contains('\u{1b}') && !out.contains('\u{202e}'), "{line}: {out:?}");
    }
    assert!(np_in(&folder, "validate").out.contains("\\u{1b}"));
}

#[test]
fn codes_are_explained() {
    let list = np("docs");
    assert_eq!(list.code, 0);
    assert!(list.out.contains("duplicate-key         A key stands twice in one map.\n"), "{}", list.out);
    for line in list.out.lines() {
        let code = line.split(' ').next().expect("a code");
        let page = np(&format!("docs {code}"));
        assert_eq!((page.code, page.err.as_str()), (0, ""), "{code}");
        assert!(page.out.starts_with(&format!("# {code}\n\n")), "{}", page.out);
        assert!(page.out.contains("### Example") && page.out.contains("### What to do"), "{}", page.out);
    }
    let ran = np("docs nonsense");
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert_eq!(ran.err, "error: there is no code `nonsense`\nhelp: `np docs` lists them\n");
}

#[test]
fn the_example_of_nothing_found_is_one_and_the_corrected_one_is_none() {
    let page = np("docs nothing-found").out;
    let mut examples = page.split("```yaml\n").skip(1).map(|rest| rest.split("```").next().expect("its end"));
    let folder = Folder::with(&[("a.yaml", examples.next().expect("an example"))]);
    let ran = np_in(&folder, "matrix");
    assert_eq!(ran.code, 2);
    assert!(ran.err.starts_with("error[nothing-found]: "), "{}", ran.err);
    assert_eq!(np_in(&folder, "validate").code, 0);
    folder.write("a.yaml", examples.next().expect("a corrected one"));
    assert_eq!(np_in(&folder, "matrix").code, 0);
}

/// The text without its colours.
fn plain(text: &str) -> String {
    let mut parts = text.split('\u{1b}');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.map(|part| part.split_once('m').expect("the end of a colour").1).fold(first, |all, part| all + part)
}

#[test]
fn colour_changes_nothing_else() {
    let folder = Folder::with(&[("a.yaml", &broken())]);
    let coloured = np_in(&folder, "validate --color always").out;
    assert!(coloured.contains("\u{1b}[31m^^^"), "{coloured:?}");
    assert_eq!(plain(&coloured), np_in(&folder, "validate").out);
}

#[test]
fn an_object_without_a_name() {
    let text = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {namespace: x}\nspec: {podSelector: {}}\n";
    let folder = Folder::with(&[("a.yaml", text), ("b.yaml", "kind: Pod\n")]);
    let out = np_in(&folder, "validate").out;
    assert!(out.contains("= note: in a NetworkPolicy of namespace x without a name, metadata"), "{out}");
    assert!(out.lines().all(|line| !line.trim_end().ends_with(" in")), "nothing is in nothing: {out}");
}

#[test]
fn errors_are_shown_up_to_a_cap_for_people_and_all_for_machines() {
    let folder = Folder::with(&[("a.yaml", &broken().replace("broken", "first"))]);
    let many: String = (0..49).map(|number| broken().replace("broken", &format!("p{number}"))).collect();
    folder.write("b.yaml", many);
    let label = "error[invalid-value]: ";
    for (line, last) in [
        ("validate", "invalid: 50 errors, 50 policies among 50 objects in 2 files\n"),
        ("matrix", "np: 50 errors\n"),
    ] {
        let ran = np_in(&folder, line);
        let text = ran.out + &ran.err;
        assert_eq!(text.matches(label).count(), 21, "{line}");
        assert!(text.ends_with(&format!("\n{label}and 30 more of this kind\n{last}")), "{text}");
        let ran = np_in(&folder, &format!("{line} --message-format short"));
        assert_eq!((ran.out + &ran.err).matches(label).count(), 50, "{line}");
        let ran = np_in(&folder, &format!("{line} --message-format json"));
        assert_eq!((ran.out + &ran.err).lines().count(), 50, "{line}");
    }
}

#[test]
fn long_names_do_not_flood_a_terminal() {
    let long = "a".repeat(100_000);
    let text =
        policy("x", &long, &format!("{{podSelector: {{}}, ingress: [{{ports: [{{protocol: {long}}}]}}]}}"));
    let folder = Folder::with(&[("a.yaml", &text)]);
    for format in ["human", "short"] {
        let ran = np_in(&folder, &format!("validate --message-format {format}"));
        assert_eq!(ran.code, 1);
        assert!(
            ran.out.contains("…") && ran.out.contains("aaa` is no protocol of a NetworkPolicy"),
            "{}",
            ran.out
        );
        assert!(
            ran.out.contains("error[invalid-value]: `aaa") && ran.out.len() < 5_000,
            "{} bytes",
            ran.out.len()
        );
    }
    let ran = np_in(&folder, "validate --message-format json");
    let messages =
        ran.out.lines().map(|line| json(line)["message"].as_str().expect("a message").chars().count());
    assert_eq!(messages.max(), Some(400));
}

/// A file of one line and one of many, with thousands of problems each: none is read again for each.
#[test]
fn thousands_of_problems_in_large_files() {
    let pod = |number: usize| {
        let labels = format!("{{\"a b\": \"{}\"}}", "x".repeat(1_000));
        format!(
            "{{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{{\"name\":\"N{number}\",\"labels\":{labels}}}}}"
        )
    };
    let pods: Vec<String> = (0..5_000).map(pod).collect();
    for text in [pods.join(" "), pods.join("\n")] {
        let folder = Folder::with(&[("a.json", &text)]);
        for format in ["human", "short", "json"] {
            let start = std::time::Instant::now();
            let ran = np_in(&folder, &format!("validate --message-format {format}"));
            assert_eq!(ran.code, 1);
            assert!(start.elapsed().as_secs() < 10, "{format}: {:?}", start.elapsed());
        }
    }
}
