//! Limits that an embedder sets: each stops what it is about, and says which it was.

use np_model::Input;
use np_model::diag::Limit;
use np_model::load::Limits;

const POD: &str = "{apiVersion: v1, kind: Pod, metadata: {name: p, labels: {a: b, c: d}}}\n";

#[track_caller]
fn check(limits: Limits, text: &str, expected: &[Limit]) {
    let mut input = Input::default().with_limits(limits);
    input.text("m.yaml", text.as_bytes().to_vec());
    let met: Vec<Limit> = input.diagnostics.iter().filter_map(|problem| problem.limit).collect();
    assert_eq!(met, expected, "{:#?}", input.diagnostics);
    assert_eq!(input.has_errors(), !expected.is_empty());
}

#[test]
fn each_limit_is_told() {
    let bytes = POD.len() as u64;
    let limits = Limits { bytes, documents: 1, depth: 3, copies: 1, nodes: 20, labels: 2 };
    check(limits, POD, &[]);
    check(Limits { bytes: bytes - 1, ..limits }, POD, &[Limit::Bytes]);
    check(Limits { depth: 2, ..limits }, POD, &[Limit::Depth]);
    check(Limits { nodes: 5, ..limits }, POD, &[Limit::Values]);
    check(Limits { labels: 1, ..limits }, POD, &[Limit::Labels]);
    let generous = Limits { documents: 1, ..Limits::default() };
    check(generous, &[POD, "---\n", &POD.replace("name: p", "name: q")].concat(), &[Limit::Documents]);
    let copied = POD.replace("{a: b, c: d}}}", "&l {a: b, c: d}}, spec: {more: [*l, *l]}}");
    check(Limits::default(), &copied, &[]);
    check(Limits { copies: 10, ..Limits::default() }, &copied, &[Limit::Copies]);
}

#[test]
fn no_limit_is_higher_than_is_safe() {
    let limits = Limits { depth: usize::MAX, ..Limits::default() };
    let nested =
        |depth: usize| format!("{}{}", "{\"a\": ".repeat(depth), "1".to_owned() + &"}".repeat(depth));
    check(limits, &nested(Limits::DEEPEST), &[]);
    check(limits, &nested(Limits::DEEPEST + 1), &[Limit::Depth]);
    check(limits, &nested(100 * Limits::DEEPEST), &[Limit::Depth]);
}
