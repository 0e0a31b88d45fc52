//! Streams of documents.

use std::num::NonZero;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Limits, read};
use crate::input::Input;

/// A pod as a document, a kibibyte long.
fn pod(name: &str) -> String {
    let padding = "x".repeat(900);
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {name}\n  namespace: x\n  annotations:\n    a: {padding}\n"
    )
}

/// So many pods, with something else in the place of one of them.
fn stream(other: Option<(usize, &str)>) -> String {
    let document = |at| match other {
        Some((place, other)) if place == at => other.to_owned(),
        _ => pod(&format!("p{at}")),
    };
    let text = (0..1_200).map(document).collect::<Vec<_>>().join("---\n");
    assert!(text.len() > 1 << 20, "shared from a mebibyte on");
    text
}

/// Holds both readings against each other; gives whether several threads read the text.
fn compare(text: &str, limits: Limits) -> bool {
    let (expected, _) = read(text, 1, limits, true);
    let read = [1, 2, 3, 8].map(|threads| {
        let (found, in_parts) = read(text, threads, limits, false);
        assert!(found == expected, "{threads} threads:\n{found:.2000}\n{expected:.2000}");
        in_parts
    });
    assert!(!read[0], "one thread has nothing to share");
    assert!(read[2..].iter().all(|in_parts| *in_parts == read[1]));
    read[1]
}

#[test]
fn long_streams_are_shared_among_threads() {
    let policy = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p}\nspec: {podSelector: {}}\n";
    let two = format!("# one\n--- # two\n{policy}---\n\n");
    let broken = policy.replace("podSelector", "podSelectr");
    let again = pod("p0");
    let json = r#"{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "x"}}"#.to_owned() + "\n";
    let unknown = "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: c}\n";
    let generated = policy.replace("name: p", "generateName: p-");
    let list =
        format!("apiVersion: v1\nkind: List\nitems:\n- {}", policy.trim_end().replace('\n', "\n  ") + "\n");
    let aliases =
        policy.replace("{podSelector: {}}", "{podSelector: &a {}, ingress: [{from: [{podSelector: *a}]}]}");
    for (other, in_parts) in [
        (policy, true),
        (&two, true),
        ("# nothing\n", true),
        // What is wrong with objects is told either way.
        (&broken, true),
        (&again, true),
        (&json, true),
        (unknown, true),
        ("a: b\n", true),
        (&aliases, true),
        // Whatever is no stream of single objects.
        (&generated, false),
        (&list, false),
        ("kind: Pod\nkind: Pod\n", false),
        ("a: [\n", false),
        ("--- a: b\n", false),
    ] {
        for place in [0, 600, 1_199] {
            assert_eq!(
                compare(&stream(Some((place, other))), Limits::default()),
                in_parts,
                "{place}: {other}"
            );
        }
    }
}

#[test]
fn directives_stay_with_their_document() {
    // They are an error behind a document that does not end with `...`, and read with one that does.
    for before in ["", "...\n"] {
        for at in [1, 600] {
            let directive = format!("{}{before}%YAML 1.1\n", pod("directed"));
            compare(&stream(Some((at, &directive))), Limits::default());
            compare(&stream(Some((at, "%YAML 1.1\n"))), Limits::default());
        }
    }
}

#[test]
fn limits_hold_over_all_parts() {
    let text = stream(None);
    // Some of them are exceeded by all parts together only.
    for nodes in [100, 7_000, 14_000, 14_399, 14_400, 14_401, 20_000] {
        compare(&text, Limits { nodes, ..Limits::default() });
    }
    for documents in [1, 600, 1_199] {
        assert!(!compare(&text, Limits { documents, ..Limits::default() }), "{documents}");
    }
    assert!(compare(&text, Limits { documents: 1_200, ..Limits::default() }));
}

#[test]
fn progress_is_counted_over_all_parts() {
    let (text, progress) = (stream(None), Arc::new(AtomicU64::new(0)));
    let threads = NonZero::new(2).expect("two");
    let mut input = Input::new("home").with_threads(threads).with_progress(Arc::clone(&progress));
    input.text("stream.yaml", text.clone().into_bytes());
    let (done, all) = (progress.load(Ordering::Relaxed), text.len() as u64);
    assert!(all - all / 100 < done && done <= all, "{done} of {all}");
}
