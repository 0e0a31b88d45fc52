//! Manifests in, facts and rules out: what each field comes to, and what is said where it cannot be.

use np_model::Input;
use np_model::diag::Severity;
use np_model::ir::Policy;

mod entries;
mod facts;
mod gateways;
mod limits;
mod policies;
mod releases;
mod services;

fn read(text: &str) -> Input {
    let mut input = Input::new("default");
    input.text("m.yaml", text.as_bytes().to_vec());
    input
}

/// Reads what has nothing wrong with it.
#[track_caller]
fn fine(text: &str) -> Input {
    let input = read(text);
    assert!(input.diagnostics.is_empty(), "{:#?}", input.diagnostics);
    input
}

/// Everything said about a text: `line:column severity code field`.
fn said(text: &str) -> Vec<String> {
    let input = read(text);
    let place = |at| input.sources.position(at);
    input
        .diagnostics
        .iter()
        .map(|problem| {
            let at =
                problem.at.map(place).map_or_else(String::new, |at| format!("{}:{}", at.line, at.column));
            let severity = match problem.severity {
                Severity::Note => "note",
                Severity::Warning => "warning",
                Severity::Error => "error",
            };
            let field = problem.field.as_deref().unwrap_or_default();
            format!("{at} {severity} {} {field}", problem.code.name()).trim_end().to_owned()
        })
        .collect()
}

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    assert_eq!(said(text), expected, "{:#?}", read(text).diagnostics);
}

fn policy(spec: &str) -> String {
    format!(
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: p, namespace: a}}\nspec: {spec}\n"
    )
}

#[track_caller]
fn lowered(spec: &str) -> Policy {
    (*fine(&policy(spec)).policies.remove(0)).clone()
}

/// An object of namespace `a` whose fields beside `metadata` are `rest`, on its fourth line.
fn object(api: &str, kind: &str, rest: &str) -> String {
    format!("apiVersion: {api}\nkind: {kind}\nmetadata: {{name: x, namespace: a}}\n{rest}\n")
}

fn workload(api: &str, kind: &str, spec: &str) -> String {
    format!("apiVersion: {api}\nkind: {kind}\nmetadata: {{name: w, namespace: a}}\nspec: {spec}\n")
}

#[test]
fn a_text_that_is_no_text_says_which() {
    let mut input = Input::new("default");
    input.text("bad.yaml", vec![0xff, 0x00, 0xff]);
    let invalid = input.into_invalid();
    assert!(invalid.to_string().starts_with("bad.yaml:1:1: "), "{invalid}");
}

#[cfg(feature = "k8s-openapi")]
#[test]
fn typed_objects_are_read_like_text() {
    use k8s_openapi::api::core::v1::Pod;
    use k8s_openapi::api::networking::v1::NetworkPolicy;
    use np_model::diag::Code;

    let pod: Pod = serde_json::from_str(r#"{"metadata": {"name": "p"}}"#).expect("a pod");
    let policy: NetworkPolicy = serde_json::from_str(
        r#"{"metadata": {"name": "p"}, "spec": {"ingress": [{"ports": [{"port": 80}]}]}}"#,
    )
    .expect("a policy");
    let mut input = Input::new("default");
    input.object(&pod);
    input.object(&policy);
    assert!(input.diagnostics.is_empty(), "{:#?}", input.diagnostics);
    assert_eq!((input.facts.pods.len(), input.policies.len()), (1, 1));
    input.object(&pod);
    assert_eq!(input.diagnostics[0].code, Code::DuplicateObject);
    assert!(input.diagnostics[0].message.contains("typed"));
}
