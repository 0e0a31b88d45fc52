//! The rules of NetworkPolicy validation (`pkg/apis/networking/validation` and `ObjectMeta` of Kubernetes
//! 1.37, strict), each with its corners: what is taken, and what is refused at which fields for which
//! reasons. The verdicts are derived from the rules, by hand; `validation_corpus` has those of a server.

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
fn numbers_and_names_of_ports() {
    for number in ["1", "65535", "0x50", "\"a\"", "a-1", "a23456789012345", "1a", "~"] {
        port(&format!("{{port: {number}}}"), &[]);
    }
    for wrong in [
        "0",
        "-1",
        "65536",
        "2147483647",
        "-2147483648",
        "\"\"",
        "\"80\"",
        "\"0\"",
        "a234567890123456",
        "a--b",
        "-a",
        "a-",
        "A",
        "a_b",
        "a.b",
        "\"a b\"",
        "é",
    ] {
        port(&format!("{{port: {wrong}}}"), &["P.port Invalid"]);
    }
    for wrong in ["2147483648", "80.5", "true", "[80]", "{}"] {
        spec(&format!("ingress: [{{ports: [{{port: {wrong}}}]}}]"), &Type);
    }
}

#[test]
fn ranges_of_ports() {
    port("{port: 80, endPort: 80}", &[]);
    port("{port: 1, endPort: 65535}", &[]);
    port("{port: 80, endPort: ~}", &[]);
    port("{port: ~, endPort: ~}", &[]);
    port("{port: 80, endPort: 79}", &["P.endPort Invalid"]);
    port("{port: 80, endPort: 65536}", &["P.endPort Invalid"]);
    port("{port: 80, endPort: 0}", &["P.endPort Invalid"]);
    port("{port: 0, endPort: 80}", &["P.port Invalid"]);
    port("{port: 0, endPort: 0}", &["P.port Invalid", "P.endPort Invalid"]);
    port("{port: 65536, endPort: 65535}", &["P.port Invalid", "P.endPort Invalid"]);
    port("{port: 65536, endPort: 65536}", &["P.port Invalid", "P.endPort Invalid"]);
    // Neither a name nor nothing has an end; that it is out of range is then not looked at.
    port("{port: http, endPort: 80}", &["P.endPort Invalid"]);
    port("{port: \"80\", endPort: 90}", &["P.port Invalid", "P.endPort Invalid"]);
    port("{endPort: 80}", &["P.endPort Invalid"]);
    port("{port: ~, endPort: 0, protocol: TCP}", &["P.endPort Invalid"]);
    for wrong in ["\"80\"", "http", "80.5", "true", "2147483648"] {
        spec(&format!("ingress: [{{ports: [{{port: 1, endPort: {wrong}}}]}}]"), &Type);
    }
}

#[test]
fn protocols() {
    for protocol in ["TCP", "UDP", "SCTP", "~"] {
        port(&format!("{{protocol: {protocol}}}"), &[]);
    }
    for wrong in ["tcp", "Udp", "\"\"", "ICMP", "\"TCP \"", "\"*\"", "\"6\"", "Any"] {
        port(&format!("{{protocol: {wrong}}}"), &["P.protocol NotSupported"]);
    }
    port(
        "{protocol: tcp, port: 0, endPort: 70000}",
        &["P.protocol NotSupported", "P.port Invalid", "P.endPort Invalid"],
    );
    spec("ingress: [{ports: [{protocol: 6}]}]", &Type);
}

#[test]
fn peers_stand_alone() {
    for empty in ["{}", "~", "{podSelector: ~}", "{ipBlock: ~, namespaceSelector: ~}"] {
        peer(empty, &["P Required"]);
    }
    peer("{podSelector: {}, namespaceSelector: {}}", &[]);
    peer("{podSelector: {}, namespaceSelector: ~, ipBlock: ~}", &[]);
    peer("{ipBlock: {cidr: 10.0.0.0/8}, podSelector: {}}", &["P Forbidden"]);
    peer("{ipBlock: {cidr: 10.0.0.0/8}, namespaceSelector: {}, podSelector: {}}", &["P Forbidden"]);
    peer("{ipBlock: {}, podSelector: {}}", &["P.ipBlock.cidr Required", "P Forbidden"]);
    peer(
        "{ipBlock: {cidr: x}, podSelector: {matchLabels: {a: -}}}",
        &["P.podSelector.matchLabels Invalid", "P.ipBlock.cidr Invalid", "P Forbidden"],
    );
}

#[test]
fn cidrs() {
    for cidr in ["0.0.0.0/0", "10.0.0.0/32", "\"::/0\"", "2001:DB8::/32", "\"::1.2.3.4/128\"", "64:ff9b::/96"]
    {
        peer(&format!("{{ipBlock: {{cidr: \"{}\"}}}}", cidr.trim_matches('"')), &[]);
    }
    for wrong in [
        "10.0.0.0",
        "10.0.0.0/33",
        "10.0.0.0/",
        "/8",
        "10.0.0/24",
        "10.0.0.0/8/8",
        " 10.0.0.0/8",
        "10.0.0.0/8 ",
        "all",
        "10.0.0.1/24",
        "010.0.0.0/8",
        "10.0.0.0/08",
        "::ffff:10.0.0.0/104",
        "::ffff:0a00:0/104",
        "fd00::1/64",
        "fd00:00db8::/32",
        "fe80::%eth0/64",
        "[fd00::]/8",
        "::/129",
        "10.0.0.0/255.0.0.0",
        "0x0a.0.0.0/8",
    ] {
        peer(&format!("{{ipBlock: {{cidr: \"{wrong}\"}}}}"), &["P.ipBlock.cidr Invalid"]);
    }
    for absent in ["", "cidr: \"\"", "cidr: ~", "cidr: \"\", except: [x, 10.0.0.0/33]"] {
        peer(&format!("{{ipBlock: {{{absent}}}}}"), &["P.ipBlock.cidr Required"]);
    }
    // What cannot be read has no inside; its exceptions are not looked at.
    peer("{ipBlock: {cidr: x, except: [y]}}", &["P.ipBlock.cidr Invalid"]);
    for wrong in ["10", "true", "[]", "{}"] {
        spec(&format!("egress: [{{to: [{{ipBlock: {{cidr: {wrong}}}}}]}}]"), &Type);
    }
}

#[test]
fn exceptions_lie_in_their_cidr() {
    let block = |cidr: &str, except: &str| format!("{{ipBlock: {{cidr: \"{cidr}\", except: [{except}]}}}}");
    for fine in ["", "10.1.0.0/16", "10.0.0.0/9, 10.128.0.0/9", "10.1.0.0/16, 10.1.0.0/16, 10.1.1.0/24"] {
        peer(&block("10.0.0.0/8", fine), &[]);
    }
    for wrong in [
        "10.0.0.0/8",
        "10.0.0.0/7",
        "11.0.0.0/16",
        "\"fd00::/8\"",
        "\"::/0\"",
        "x",
        "\"\"",
        "~",
        "10.1.0.1/16",
        "10.01.0.0/16",
        "\"::ffff:10.1.0.0/112\"",
    ] {
        peer(&block("10.0.0.0/8", wrong), &["P.ipBlock.except[0] Invalid"]);
    }
    peer(
        &block("10.0.0.0/8", "x, 10.1.0.0/16, 9.0.0.0/8"),
        &["P.ipBlock.except[0] Invalid", "P.ipBlock.except[2] Invalid"],
    );
    // A CIDR that is only written badly has an inside.
    peer(&block("10.0.0.1/8", "11.0.0.0/16"), &["P.ipBlock.cidr Invalid", "P.ipBlock.except[0] Invalid"]);
    peer(&block("10.0.0.1/8", "10.1.0.0/16"), &["P.ipBlock.cidr Invalid"]);
    // The lengths are compared as they are written.
    peer(
        &block("::ffff:10.0.0.0/104", "10.1.0.0/16"),
        &["P.ipBlock.cidr Invalid", "P.ipBlock.except[0] Invalid"],
    );
    peer(&block("::/0", "10.0.0.0/8"), &["P.ipBlock.except[0] Invalid"]);
    for wrong in ["{}", "10.1.0.0/16", "[1]", "[[]]"] {
        spec(&format!("ingress: [{{from: [{{ipBlock: {{cidr: 10.0.0.0/8, except: {wrong}}}}}]}}]"), &Type);
    }
}

#[test]
fn two_faults_in_one_exception_are_one_field() {
    let text = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p}\nspec:\n  ingress:\n  - from:\n    - ipBlock: {cidr: 10.0.0.0/8, except: [11.0.0.1/16]}\n";
    let mut input = Input::new("default");
    input.text("m.yaml", text.as_bytes().to_vec());
    // Bits beyond the prefix, and outside of the CIDR: the server says both.
    assert_eq!(input.diagnostics.len(), 2, "{:#?}", input.diagnostics);
    assert!(
        input
            .diagnostics
            .iter()
            .all(|one| one.field.as_deref() == Some("spec.ingress[0].from[0].ipBlock.except[0]"))
    );
}

#[test]
fn labels_of_selectors() {
    let (long, longer) = ("a".repeat(63), "a".repeat(64));
    let prefix = format!("{}.{}", "a".repeat(200), "b".repeat(52));
    for fine in [
        "",
        "a: ~",
        "a: \"\"",
        "A_1.b: B-2",
        &format!("{long}: {long}"),
        &format!("{prefix}/a: b"),
        "a.b-c/D: e",
    ] {
        selector(&format!("{{matchLabels: {{{fine}}}}}"), &[]);
    }
    let keys = [
        "\"\"",
        "\"a b\"",
        "-a",
        "a-",
        "a/",
        "/a",
        "a/b/c",
        "A/b",
        "a_b/c",
        "\"é\"",
        &longer,
        &format!("{prefix}b/a"),
    ];
    for key in keys {
        selector(&format!("{{matchLabels: {{{key}: b}}}}"), &["P.matchLabels Invalid"]);
        selector(
            &format!("{{matchExpressions: [{{key: {key}, operator: Exists}}]}}"),
            &["P.matchExpressions[0].key Invalid"],
        );
    }
    for value in ["\"a b\"", "-a", "a.", "a/b", "é", &longer] {
        selector(&format!("{{matchLabels: {{a: {value}}}}}"), &["P.matchLabels Invalid"]);
        selector(
            &format!("{{matchExpressions: [{{key: a, operator: In, values: [b, {value}]}}]}}"),
            &["P.matchExpressions[0].values[1] Invalid"],
        );
    }
    for wrong in ["a: 1", "a: yes", "a: 1.5", "a: [b]", "a: {}"] {
        spec(&format!("podSelector: {{matchLabels: {{{wrong}}}}}"), &Type);
    }
    for wrong in ["matchLabels: []", "matchLabels: a", "matchExpressions: {}", "matchExpressions: [a]"] {
        spec(&format!("podSelector: {{{wrong}}}"), &Type);
    }
}

#[test]
fn operators_of_selectors() {
    let term = |term: &str| format!("{{matchExpressions: [{{{term}}}]}}");
    for fine in [
        "operator: In, values: [\"\"]",
        "operator: NotIn, values: [b, b, ~]",
        "operator: Exists",
        "operator: Exists, values: []",
        "operator: DoesNotExist, values: ~",
    ] {
        selector(&term(&format!("key: a, {fine}")), &[]);
    }
    let (operator, key) = ("P.matchExpressions[0].operator Invalid", "P.matchExpressions[0].key Invalid");
    for wrong in ["in", "IN", "Gt", "Lt", "=", "\"\"", "~", "\"In \""] {
        selector(&term(&format!("key: a, operator: {wrong}")), &[operator]);
        selector(&term(&format!("key: a, operator: {wrong}, values: [b]")), &[operator]);
    }
    selector(&term(""), &[operator, key]);
    selector("{matchExpressions: [~]}", &[operator, key]);
    selector(&term("operator: x, values: [-]"), &[operator, key, "P.matchExpressions[0].values[0] Invalid"]);
    for wrong in ["In", "NotIn", "In, values: []", "NotIn, values: ~"] {
        selector(&term(&format!("key: a, operator: {wrong}")), &["P.matchExpressions[0].values Required"]);
    }
    for wrong in ["Exists, values: [b]", "DoesNotExist, values: [~]", "Exists, values: [\"\"]"] {
        selector(&term(&format!("key: a, operator: {wrong}")), &["P.matchExpressions[0].values Forbidden"]);
    }
    selector(
        &term("key: -, operator: Exists, values: [-]"),
        &[key, "P.matchExpressions[0].values Forbidden", "P.matchExpressions[0].values[0] Invalid"],
    );
    for wrong in [
        "key: 1, operator: Exists",
        "key: a, operator: 1",
        "key: a, operator: In, values: b",
        "key: a, operator: In, values: [1]",
        "key: a, operator: In, values: [no]",
        "key: a, operator: In, values: {}",
    ] {
        spec(&format!("podSelector: {}", term(wrong)), &Type);
    }
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

#[test]
fn names() {
    let (label, longest, longer) =
        ("a".repeat(64), format!("{}a", "a.".repeat(126)), format!("{}a", "ab".repeat(127)));
    for fine in ["a", "1", "\"1\"", "a.b-c", &label, &longest] {
        let quoted = fine.trim_matches('"');
        check(&format!("name: \"{quoted}\""), "", &Taken);
    }
    for wrong in ["A", "a_b", "-a", "a-", "a..b", ".a", "a.", "a b", "é", "a/b", &longer] {
        check(&format!("name: \"{wrong}\""), "", &Refused(&["metadata.name Invalid"]));
    }
    for absent in ["", "name: \"\"", "name: ~", "generateName: \"\"", "labels: {}"] {
        check(absent, "", &Refused(&["metadata.name Required"]));
    }
    for wrong in ["name: 1", "name: yes", "name: []", "name: p, generateName: 1"] {
        check(wrong, "", &Type);
    }
    for fine in ["generateName: a-", "generateName: a", "generateName: a--", "name: p, generateName: a-"] {
        check(fine, "", &Taken);
    }
    // A prefix is checked beside a name, and what is made of it is checked as well.
    check("name: p, generateName: B_", "", &Refused(&["metadata.generateName Invalid"]));
    check("name: P, generateName: a-", "", &Refused(&["metadata.name Invalid"]));
    check("generateName: B_", "", &Refused(&["metadata.generateName Invalid", "metadata.name Invalid"]));
    check("generateName: \"-\"", "", &Refused(&["metadata.generateName Invalid", "metadata.name Invalid"]));
    check("generateName: a.-", "", &Refused(&["metadata.name Invalid"]));
}

#[test]
fn namespaces_are_labels() {
    check("name: p, namespace: a-1", "", &Taken);
    check("name: p, namespace: \"\"", "", &Taken);
    check("name: p, namespace: ~", "", &Taken);
    for wrong in ["A", "a.b", "-a", &"a".repeat(64)] {
        check(&format!("name: p, namespace: {wrong}"), "", &Refused(&["metadata.namespace Invalid"]));
    }
    check("name: p, namespace: 1", "", &Type);
}

#[test]
fn labels_and_annotations() {
    for fine in [
        "labels: {a: b, c.d/e: ~}",
        "annotations: {A.B/c: \"anything at all\"}",
        "annotations: {a: ~}",
        "labels: ~",
    ] {
        check(&format!("name: p, {fine}"), "", &Taken);
    }
    for (wrong, field) in [
        ("labels: {a b: c}", "metadata.labels Invalid"),
        ("labels: {a: b c}", "metadata.labels Invalid"),
        ("labels: {A/b: c}", "metadata.labels Invalid"),
        ("annotations: {a b: c}", "metadata.annotations Invalid"),
        ("annotations: {a/b/c: d}", "metadata.annotations Invalid"),
    ] {
        check(&format!("name: p, {wrong}"), "", &Refused(&[field]));
    }
    let exactly = "x".repeat(256 * 1024 - 1);
    check(&format!("name: p, annotations: {{a: {exactly}}}"), "", &Taken);
    check(
        &format!("name: p, annotations: {{a: {exactly}x}}"),
        "",
        &Refused(&["metadata.annotations TooLong"]),
    );
    for wrong in ["labels: {a: 1}", "labels: [a]", "annotations: {a: true}", "annotations: x"] {
        check(&format!("name: p, {wrong}"), "", &Type);
    }
}

#[test]
fn owners_and_finalizers() {
    let owner = |fields: &str| format!("name: p, ownerReferences: [{{name: a, uid: b, {fields}}}]");
    check(
        &owner("apiVersion: apps/v1, kind: Deployment, controller: true, blockOwnerDeletion: false"),
        "",
        &Taken,
    );
    check("name: p, ownerReferences: []", "", &Taken);
    let path = |field: &str, reason: &str| format!("metadata.ownerReferences[0]{field} {reason}");
    check(
        "name: p, ownerReferences: [~]",
        "",
        &Refused(&[
            &path(".apiVersion", "Required"),
            &path(".kind", "Required"),
            &path(".name", "Required"),
            &path(".uid", "Required"),
        ]),
    );
    check(&owner("apiVersion: a/b/c, kind: D"), "", &Refused(&[&path(".apiVersion", "Invalid")]));
    check(&owner("apiVersion: apps/, kind: D"), "", &Refused(&[&path(".apiVersion", "Invalid")]));
    check(&owner("apiVersion: v1, kind: Event"), "", &Refused(&[&path("", "Invalid")]));
    let controller = "{apiVersion: v1, kind: Pod, name: a, uid: b, controller: true}";
    check(
        &format!("name: p, ownerReferences: [{controller}, {controller}]"),
        "",
        &Refused(&["metadata.ownerReferences Invalid"]),
    );
    check(&owner("apiVersion: v1, kind: Pod, controller: \"true\""), "", &Type);
    for fine in ["[]", "[orphan]", "[foregroundDeletion, kubernetes]", "[example.com/x, a/b]"] {
        check(&format!("name: p, finalizers: {fine}"), "", &Taken);
    }
    check("name: p, finalizers: [a/b, x]", "", &Refused(&["metadata.finalizers[1] Invalid"]));
    check("name: p, finalizers: [a/b c]", "", &Refused(&["metadata.finalizers Invalid"]));
    check(
        "name: p, finalizers: [~]",
        "",
        &Refused(&["metadata.finalizers Invalid", "metadata.finalizers[0] Invalid"]),
    );
    check(
        "name: p, finalizers: [orphan, foregroundDeletion]",
        "",
        &Refused(&["metadata.finalizers Invalid"]),
    );
    check("name: p, finalizers: [1]", "", &Type);
}

#[test]
fn what_the_server_sets_itself() {
    for fine in [
        "generation: -1",
        "generation: 3000000000",
        "deletionGracePeriodSeconds: 30.0",
        "creationTimestamp: ~",
        "creationTimestamp: \"2024-02-29T23:59:59.5+01:00\"",
        "uid: \"\"",
        "selfLink: x",
        "resourceVersion: \"1\"",
    ] {
        check(&format!("name: p, {fine}"), "", &Taken);
    }
    for wrong in [
        "generation: a",
        "generation: 1.5",
        "deletionGracePeriodSeconds: \"30\"",
        "creationTimestamp: \"\"",
        "creationTimestamp: 2024-13-01T00:00:00Z",
        "deletionTimestamp: 2024-02-30T00:00:00Z",
        "uid: 1",
        "resourceVersion: 5",
        "selfLink: []",
        "managedFields: {}",
        "managedFields: [{time: now}]",
    ] {
        check(&format!("name: p, {wrong}"), "", &Type);
    }
}
