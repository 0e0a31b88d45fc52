//! The rules of NetworkPolicy validation (`pkg/apis/networking/validation` and `ObjectMeta` of Kubernetes
//! 1.37, strict), each with its corners: what is taken, and what is refused at which fields for which
//! reasons. The verdicts are derived from the rules, by hand; `validation_corpus` has those of a server.

mod metadata;
mod peers;
mod ports;
mod selectors;

use std::collections::BTreeSet;

use np_model::Input;
use np_model::diag::{Cause, Code, Severity};

/// What the API server says.
enum Verdict<'v> {
    /// It takes the policy.
    Taken,
    /// It refuses it before validation, when it decodes the text: a wrong type.
    Type,
    /// It refuses it before validation, for an unknown field.
    Unknown,
    /// It refuses it for these fields and reasons: `field Reason`.
    Refused(&'v [&'v str]),
}
use Verdict::{Refused, Taken, Type, Unknown};

#[track_caller]
fn check(metadata: &str, spec: &str, verdict: &Verdict<'_>) {
    let text = format!(
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{{metadata}}}\nspec: {{{spec}}}\n"
    );
    let mut input = Input::new("default");
    input.text("m.yaml", text.clone().into_bytes());
    let errors: Vec<_> =
        input.diagnostics.iter().filter(|problem| problem.severity == Severity::Error).collect();
    let code = |code: Code| !errors.is_empty() && errors.iter().all(|error| error.code == code);
    let reason = |cause: Option<Cause>| cause.map_or("None".to_owned(), |cause| format!("{cause:?}"));
    let said: BTreeSet<String> = errors
        .iter()
        .map(|error| format!("{} {}", error.field.as_deref().unwrap_or_default(), reason(error.cause)))
        .collect();
    let agrees = match verdict {
        Taken => errors.is_empty() && input.policies.len() == 1,
        Type => code(Code::WrongType),
        Unknown => code(Code::UnknownField),
        Refused(fields) => said == fields.iter().map(|field| (*field).to_owned()).collect(),
    };
    assert!(agrees, "{text}{errors:#?}");
}

#[track_caller]
fn spec(spec: &str, verdict: &Verdict<'_>) {
    check("name: p", spec, verdict);
}

/// One entry of `ports`, whose fields are called `P` in the verdict.
#[track_caller]
fn port(port: &str, fields: &[&str]) {
    list("ports", port, fields);
}

/// One entry of `from`, likewise.
#[track_caller]
fn peer(peer: &str, fields: &[&str]) {
    list("from", peer, fields);
}

/// A `podSelector`, likewise, in both places that a policy has for one.
#[track_caller]
fn selector(selector: &str, fields: &[&str]) {
    let there = |path: &str| fields.iter().map(|field| field.replacen('P', path, 1)).collect::<Vec<_>>();
    for (text, path) in [
        (format!("podSelector: {selector}"), "spec.podSelector"),
        (
            format!("egress: [{{to: [{{namespaceSelector: {selector}}}]}}]"),
            "spec.egress[0].to[0].namespaceSelector",
        ),
    ] {
        let fields = there(path);
        let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
        spec(&text, &if fields.is_empty() { Taken } else { Refused(&fields) });
    }
}

#[track_caller]
fn list(key: &str, item: &str, fields: &[&str]) {
    let fields: Vec<String> =
        fields.iter().map(|field| field.replacen('P', &format!("spec.ingress[0].{key}[0]"), 1)).collect();
    let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
    let verdict = if fields.is_empty() { Taken } else { Refused(&fields) };
    spec(&format!("ingress: [{{{key}: [{item}]}}]"), &verdict);
}

#[test]
fn policy_types() {
    for fine in ["[]", "~", "[Ingress]", "[Egress, Ingress]", "[Egress, Egress]"] {
        spec(&format!("policyTypes: {fine}"), &Taken);
    }
    spec("policyTypes: [ingress]", &Refused(&["spec.policyTypes[0] NotSupported"]));
    spec("policyTypes: [Ingress, ~]", &Refused(&["spec.policyTypes[1] NotSupported"]));
    spec(
        "policyTypes: [\"\", Both]",
        &Refused(&["spec.policyTypes[0] NotSupported", "spec.policyTypes[1] NotSupported"]),
    );
    // More than two are refused as such, and not looked at.
    spec("policyTypes: [Ingress, Egress, Ingress]", &Refused(&["spec.policyTypes Invalid"]));
    spec("policyTypes: [x, y, z]", &Refused(&["spec.policyTypes Invalid"]));
    for wrong in ["Ingress", "{}", "[1]", "[[Ingress]]", "[yes]"] {
        spec(&format!("policyTypes: {wrong}"), &Type);
    }
}

#[test]
fn nothing_in_every_place() {
    for fine in [
        "",
        "ingress: ~",
        "ingress: []",
        "ingress: [~]",
        "ingress: [{}]",
        "egress: [{to: ~, ports: ~}]",
        "podSelector: ~",
        "ingress: [{from: [], ports: []}]",
        "ingress: [{ports: [~]}]",
        "podSelector: {matchLabels: ~, matchExpressions: ~}",
    ] {
        spec(fine, &Taken);
    }
    for wrong in [
        "ingress: {}",
        "ingress: x",
        "ingress: [x]",
        "ingress: [[]]",
        "egress: [{to: {}}]",
        "egress: [{ports: 80}]",
        "egress: [{ports: [80]}]",
        "egress: [{to: [x]}]",
        "podSelector: []",
        "podSelector: x",
        "ingress: [{from: [{ipBlock: []}]}]",
    ] {
        spec(wrong, &Type);
    }
}

#[test]
fn unknown_fields() {
    for wrong in [
        "x: ~",
        "podselector: {}",
        "PodSelector: {}",
        "policyType: [Ingress]",
        "ingress: [{to: []}]",
        "egress: [{from: []}]",
        "ingress: [{Ports: []}]",
        "ingress: [{ports: [{Port: 80}]}]",
        "ingress: [{ports: [{port: 80, endport: 81}]}]",
        "ingress: [{from: [{podSelector: {}, name: x}]}]",
        "ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, Except: []}}]}]",
        "podSelector: {app: web}",
        "podSelector: {matchLabels: {}, matchExpression: []}",
        "podSelector: {matchExpressions: [{key: a, operator: In, values: [b], value: b}]}",
    ] {
        spec(wrong, &Unknown);
    }
    for wrong in [
        "Name: q",
        "clusterName: x",
        "label: {}",
        "ownerReferences: [{apiVersion: v1, kind: Pod, name: a, uid: b, x: y}]",
    ] {
        check(&format!("name: p, {wrong}"), "", &Unknown);
    }
}
