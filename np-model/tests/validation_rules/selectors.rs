//! Label selectors: keys, values and operators.

use super::{Type, selector, spec};

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
