//! The small texts of a policy: label keys, operators, values, CIDRs and ports, each put where it
//! belongs, in a manifest that is sound but for them.

use np_model::{Assumptions, compile};
use np_sim::matrix::Matrix;
use np_sim::{By, Externals, axis, externals};
use serde_json::{Value, json};

use super::{load, matrix};

/// Puts the lines of a text into a policy: key, operator, values by comma, CIDR, port.
///
/// # Panics
/// If np breaks a promise.
pub fn selectors(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut lines = text.lines();
    let mut next = || lines.next().unwrap_or_default();
    let (key, operator, values, cidr, port) = (next(), next(), next(), next(), next());
    let values: Vec<&str> = if values.is_empty() { Vec::new() } else { values.split(',').collect() };
    let port = port.parse::<i64>().map_or_else(|_| Value::from(port), Value::from);
    let labels = json!({ key: values.first().copied().unwrap_or_default() });
    let requirement = if values.is_empty() {
        json!({"key": key, "operator": operator})
    } else {
        json!({"key": key, "operator": operator, "values": values})
    };
    let policy = json!({
        "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
        "metadata": {"name": "p", "namespace": "x"},
        "spec": {
            "podSelector": {"matchExpressions": [requirement]},
            "policyTypes": ["Ingress", "Egress"],
            "ingress": [{"from": [{"podSelector": {"matchLabels": labels}}], "ports": [{"port": port}]}],
            "egress": [{"to": [{"ipBlock": {"cidr": cidr}}]}],
        },
    });
    let pod = |name: &str, labels: &Value| {
        json!({
            "apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": name, "namespace": "x", "labels": labels},
            "spec": {"containers": [{"name": "c", "ports": [{"name": "http", "containerPort": 80}]}]},
            "status": {"podIP": if name == "a" { "10.0.0.1" } else { "10.0.0.2" }},
        })
    };
    let list = json!({"apiVersion": "v1", "kind": "List",
        "items": [policy, pod("a", &labels), pod("b", &json!({"app": "web"}))]});
    let input = load(list.to_string().as_bytes());
    assert!(input.policies.len() == 1 || input.has_errors(), "a policy is neither read nor refused");
    let has_errors = input.has_errors();
    match compile(input, &Assumptions::default()) {
        Ok(model) => {
            assert!(!has_errors, "compiled in spite of an error");
            let mut ends = axis(&model, By::Pod);
            ends.extend(externals(&model, Externals::Ranges));
            matrix::agrees(&model, &mut Matrix::new(&model), &ends);
        }
        Err(invalid) => assert!(!invalid.diagnostics.is_empty(), "refused without a reason"),
    }
}
