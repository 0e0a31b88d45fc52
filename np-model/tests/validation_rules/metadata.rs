//! `metadata`: names, labels, owners, and what the server sets itself.

use super::{Refused, Taken, Type, check};

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
