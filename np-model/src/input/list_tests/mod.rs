//! Lists and streams read in parts, against the same texts read whole.

mod stream;
mod yaml;

use std::fmt::Write as _;
use std::num::NonZero;

use proptest::prelude::*;

use super::Input;
use crate::load::Limits;

/// What reading a text came to, in full, and whether it was read in parts.
fn read(text: &str, threads: usize, limits: Limits, whole: bool) -> (String, bool) {
    let threads = NonZero::new(threads).expect("a thread");
    let mut input = Input::new("home").with_threads(threads).with_limits(limits);
    let source = input.sources.add("list.json", text).expect("a short text");
    let in_parts = !whole && (input.list(source, text) || input.stream(source, text));
    if !in_parts {
        input.whole(source, text);
    }
    input.diagnostics.sort_by_key(|diagnostic| diagnostic.at);
    let Input { facts, policies, unevaluated, diagnostics, ignored, unplaced, .. } = &input;
    let counts = (input.objects, input.policies_met, input.assumed_namespace);
    let all = (facts, policies, unevaluated, diagnostics, ignored, unplaced, counts);
    (format!("{all:#?}"), in_parts)
}

/// Holds both readings against each other; gives whether the text was read as a list.
fn compare(text: &str, limits: Limits) -> bool {
    let (expected, _) = read(text, 1, limits, true);
    let mut was_list = None;
    for threads in [1, 2, 3, 8] {
        let (found, is_list) = read(text, threads, limits, false);
        assert!(found == expected, "{threads} threads: {text:.2000}\n{found:.2000}\n{expected:.2000}");
        was_list.get_or_insert(is_list);
    }
    was_list == Some(true)
}

fn pod(name: &str, more: &str) -> String {
    format!(
        r#"{{"apiVersion": "v1", "kind": "Pod", "metadata": {{"name": "{name}", "namespace": "x"{more}}}}}"#
    )
}

const POLICY: &str = r#"{"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "p"}, "spec": {"podSelector": {}}}"#;

#[test]
fn lists_of_every_shape() {
    let list = |before: &str, items: &str, behind: &str| format!("{{{before}\"items\": [{items}]{behind}}}");
    let head = r#""apiVersion": "v1", "kind": "List", "#;
    let tail = r#", "kind": "List", "apiVersion": "v1", "metadata": {"resourceVersion": ""}"#;
    let two = format!("{}, {POLICY}", pod("a", ""));
    let broken = POLICY.replace("podSelector", "podSelectr");
    for (text, is_list) in [
        (list(head, &two, ""), true),
        (list("", &two, tail), true),
        (list(head, "", ""), true),
        (format!("\n {}\n", list("", &two, tail)), true),
        // Problems of objects are told either way.
        (list(head, &format!("{two}, {}", pod("a", "")), ""), true),
        (list(head, &format!("{broken}, {two}, {broken}"), ""), true),
        (list(head, &format!("{two}, null, 7, [], {{}}, \"x\""), ""), true),
        (
            list(
                head,
                r#"{"kind": "Podd", "apiVersion": "v1"}, {"kind": "CiliumNetworkPolicy", "apiVersion": "cilium.io/v2", "metadata": {"name": "c"}}"#,
                "",
            ),
            true,
        ),
        // Whatever is no plain list.
        (list(head, &two, r#", "metadata": {"continue": "abc"}"#), false),
        (list("", &two, &tail.replace("resourceVersion", "continue")), true),
        (list("", &two, ""), false),
        (list("", &two, r#", "kind": "List""#), false),
        (list("", &two, r#", "kind": "ConfigMap", "apiVersion": "v1""#), false),
        (list(r#""apiVersion": "v1", "kind": "PodList", "#, r#"{"metadata": {"name": "a"}}"#, ""), false),
        (list(head, &list(head, &two, ""), ""), true),
        (list(head, &pod("a", "").replace("\"name\"", "\"generateName\""), ""), false),
        (list(head, &two, r#", "items": []"#), false),
        (list(r#""kind": "Pod", "apiVersion": "v1", "kind": "List", "#, &two, ""), false),
        (list(head, &two, r#", "kind": "List""#), false),
        (list(head, &pod("a", r#", "name": "b""#), ""), false),
        (format!("{{{head}\"items\": {{}}}}"), false),
        (format!("{{{head}\"items\": null}}"), false),
        (format!("{{{head}\"metadata\": {{}}}}"), true),
        (format!("{} {}", list(head, &two, ""), pod("b", "")), false),
        (format!("{}\n---\n{}", list(head, &two, ""), pod("b", "")), false),
        (list(head, &format!("{two}, "), ""), false),
        (list(head, &format!("{two} {two}"), ""), false),
        (list(head, &format!("{two}]"), ""), false),
        (list(head, &two, "")[..60].to_owned(), false),
        (String::new(), false),
        ("{".to_owned(), false),
        (format!("[{two}]"), false),
    ] {
        // A list without items is an error that the whole reading tells.
        let is_list = is_list && text.contains("items");
        assert_eq!(compare(&text, Limits::default()), is_list, "{text}");
    }
}

#[test]
fn limits_hold_over_all_parts() {
    let items: Vec<String> = (0..20).map(|at| pod(&format!("p{at}"), "")).collect();
    let text = format!(r#"{{"apiVersion": "v1", "kind": "List", "items": [{}]}}"#, items.join(","));
    // A list of two words and 20 pods of six values each.
    for nodes in [10, 122, 123, 124, 125, 126, 1000] {
        compare(&text, Limits { nodes, ..Limits::default() });
    }
    for depth in 0..6 {
        compare(&text, Limits { depth, ..Limits::default() });
    }
}

/// A text that several threads share, indented or not, with what looks like an item inside items.
fn long(is_compact: bool) -> String {
    let mut text = String::from("{\n \"apiVersion\": \"v1\",\n \"items\": [");
    let looks = "}, {\"apiVersion\": \"v1\", \"kind\": \"Pod\"";
    for at in 0..5_000 {
        let separator = if at == 0 { "" } else { "," };
        let owners = r#"[{"apiVersion": "v1", "kind": "ReplicationController", "name": "a"}, {"apiVersion": "v1", "kind": "X", "name": "b"}]"#;
        let more = format!(r#", "annotations": {{"a": {looks:?}}}, "ownerReferences": {owners}"#);
        let _ = write!(text, "{separator}\n  {}", pod(&format!("p{at}"), &more));
    }
    text.push_str("\n ],\n \"kind\": \"List\"\n}\n");
    if is_compact { text.replace('\n', "").replace(": ", ":").replace(", ", ",") } else { text }
}

#[test]
fn long_lists_are_shared_among_threads() {
    for is_compact in [false, true] {
        let text = long(is_compact);
        assert!(text.len() > 1 << 20, "shared from a mebibyte on");
        compare(&text, Limits::default());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn broken_lists_are_read_whole(
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0..8_usize), 1..3)
    ) {
        let mut text = format!(
            "{{\"kind\": \"List\", \"items\": [{}, {}, {POLICY}], \"apiVersion\": \"v1\"}}",
            pod("a", ""),
            pod("b", r#", "labels": {"k": "v"}"#)
        );
        for (place, what) in edits {
            let at = place.index(text.len());
            match ["", "\"", "{", "}", "]", ",", "1", "\\"][what] {
                "" => drop(text.remove(at)),
                more => text.insert_str(at, more),
            }
        }
        compare(&text, Limits::default());
    }
}
