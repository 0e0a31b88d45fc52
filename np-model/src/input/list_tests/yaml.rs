//! Lists in YAML.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::compare;
use crate::load::Limits;

const HEAD: &str = "apiVersion: v1\n";
const TAIL: &str = "kind: List\nmetadata:\n  resourceVersion: \"\"\n";

fn pod(name: &str) -> String {
    format!("apiVersion: v1\nkind: Pod\nmetadata:\n  name: {name}\n  namespace: x\n  labels:\n    a: \"b\"\n")
}

const POLICY: &str = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: p\nspec:\n  podSelector: {}\n  ingress:\n  - from:\n    - podSelector: {}\n";

/// Objects as items, with dashes so far to the right.
fn items(objects: &[&str], indent: usize) -> String {
    let mut text = String::from("items:\n");
    for object in objects {
        for (at, line) in object.lines().enumerate() {
            let start = if at == 0 { "- " } else { "  " };
            let _ = writeln!(text, "{:indent$}{start}{line}", "");
        }
    }
    text
}

#[test]
fn lists_of_every_shape() {
    let (a, b) = (pod("a"), pod("b"));
    let two = items(&[&a, POLICY], 0);
    let wide = items(&[&a, POLICY], 3);
    let with = |object: &str| format!("{HEAD}{}{TAIL}", items(&[&a, object, &b], 0));
    let broken = POLICY.replace("podSelector: {}\n  in", "podSelectr: {}\n  in");
    for (text, is_list) in [
        (format!("{HEAD}{two}{TAIL}"), true),
        (format!("{two}{HEAD}{TAIL}"), true),
        (format!("{HEAD}{TAIL}{two}"), true),
        (format!("{HEAD}{wide}{TAIL}"), true),
        (format!("# c\n\n{HEAD}{wide}\n# c\n{TAIL}\n\n"), true),
        (format!("{HEAD}{two}{TAIL}").replace('\n', "\r\n"), true),
        (format!("{HEAD}{TAIL}{two}").trim_end().to_owned(), true),
        (with(&broken), true),
        (with("null"), true),
        (with(""), true),
        (with("7"), true),
        (with("[]"), true),
        (with("{apiVersion: v1, kind: Pod, metadata: {name: c}}"), true),
        (with("- a"), true),
        (with(&format!("\n{}", pod("c"))), true),
        (with("kind: Podd\napiVersion: v1\n"), true),
        (with(&format!("{HEAD}{TAIL}{}", items(&[&a], 0))), true),
        (with("'a\n---b\n'"), true),
        (format!("{HEAD}items:\n- 'a\n---b\n  '\n{TAIL}"), false),
        (with(&pod("c").replace("\"b\"", "|\n      - b\n      c")), true),
        // Whatever is no plain list.
        (two.clone(), false),
        (format!("{two}{TAIL}"), false),
        (format!("{HEAD}kind: ConfigMap\n{two}"), false),
        (format!("{HEAD}kind: PodList\n{two}"), false),
        (format!("{HEAD}{TAIL}items: []\n"), false),
        (format!("{HEAD}{TAIL}items:\n"), false),
        (format!("{HEAD}{TAIL}items: {{}}\n"), false),
        (format!("{HEAD}{TAIL}{two}{two}"), false),
        (format!("{HEAD}{HEAD}{TAIL}{two}"), false),
        (format!("{HEAD}{two}{TAIL}kind: List\n"), false),
        (format!("{HEAD}{two}{TAIL}---\n{a}"), false),
        (format!("---\n{HEAD}{two}{TAIL}"), false),
        (format!("{HEAD}{two}{TAIL}...\n"), false),
        (format!("{HEAD}{two}- c\n{TAIL}").replace("- c", " - c"), false),
        (format!("{HEAD}{wide}{TAIL}").replace("   - apiVersion: n", "  - apiVersion: n"), false),
        (format!("{HEAD}{two}  {TAIL}"), false),
        (format!(" {HEAD}{two}{TAIL}"), false),
        (format!("{HEAD}{wide}- a\n{TAIL}"), false),
        (format!("{HEAD}{two}\u{7}{TAIL}"), false),
        (format!("{HEAD}# \u{2028}\n{two}{TAIL}"), false),
        (format!("{HEAD}{two}{TAIL}# \u{85}\n"), false),
        (with(&pod("c").replace("name:", "generateName:")), false),
        (with(&pod("c").replace("kind:", "apiVersion: v1\nkind:")), false),
        (with(&pod("c").replace("\"b\"", "&b c")), false),
        (with(&pod("c").replace("\"b\"", "\"b")), false),
        (with("'a"), false),
        (format!("{HEAD}{two}"), false),
        (String::new(), false),
        ("items:\n-".to_owned(), false),
        ("- a\n".to_owned(), false),
    ] {
        assert_eq!(compare(&text, Limits::default()), is_list, "{text}");
    }
}

#[test]
fn limits_hold_over_all_parts() {
    let pods: Vec<String> = (0..20).map(|at| pod(&format!("p{at}"))).collect();
    let pods: Vec<&str> = pods.iter().map(String::as_str).collect();
    let text = format!("{HEAD}{}{TAIL}", items(&pods, 0));
    // Keys count too: eleven around the items, and fifteen in each.
    for (nodes, is_list) in [(11, false), (12, false), (200, false), (310, false), (311, true), (400, true)] {
        assert_eq!(compare(&text, Limits { nodes, ..Limits::default() }), is_list, "{nodes}");
    }
    for depth in 0..8 {
        compare(&text, Limits { depth, ..Limits::default() });
    }
}

#[test]
fn long_lists_are_shared_among_threads() {
    for (indent, odd) in
        [(0, ""), (2, ""), (0, "\"a\n- apiVersion: v1\n- b\""), (0, "&a b"), (0, "|\n      - c\n      d")]
    {
        let mut text = format!("{HEAD}items:\n");
        let padding = "x".repeat(800);
        for at in 0..1_200 {
            let value = if at % 100 == 99 && !odd.is_empty() { odd } else { "b" };
            let owners = "  ownerReferences:\n  - apiVersion: v1\n    kind: X\n    name: y\n";
            let annotations = format!("  annotations:\n    a: |\n      {padding}\n");
            let pod = format!("{}{owners}{annotations}", pod(&format!("p{at}")).replace("\"b\"", value));
            let pod = pod.trim_end().replace('\n', &format!("\n{:indent$}  ", ""));
            let _ = writeln!(text, "{:indent$}- {pod}", "");
        }
        text.push_str(TAIL);
        assert!(text.len() > 1 << 20, "shared from a mebibyte on: {}", text.len());
        let is_list = compare(&text, Limits::default());
        assert_eq!(is_list, !odd.starts_with('&'), "{odd}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn broken_lists_are_read_whole(
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0..14_usize), 1..3),
        indent in 0..3_usize,
    ) {
        let mut text = format!("{HEAD}{}{TAIL}", items(&[&pod("a"), POLICY, &pod("b")], indent));
        for (place, what) in edits {
            let at = place.index(text.len());
            match ["", "\"", "- ", "'", ":", " ", "\n", "\n- ", "&a ", "#", "---\n", "\t", "  ", "|\n"][what] {
                "" => drop(text.remove(at)),
                more => text.insert_str(at, more),
            }
        }
        compare(&text, Limits::default());
    }
}
