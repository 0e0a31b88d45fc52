//! Reading JSON: what serde_json, which shares nothing with np's reader, takes for policies is a
//! policy or an error.

use serde_json::Value;

use super::load;

/// Reads a text, and counts the policies in it with another reader.
///
/// # Panics
/// If np breaks a promise.
pub fn json(bytes: &[u8]) {
    let input = load(bytes);
    let Ok(value) = serde_json::from_slice::<Value>(bytes) else { return };
    let expected = policies(&value, true);
    assert!(
        input.policies.len() == expected || input.has_errors(),
        "{} of {expected} policies are read, and nothing is refused",
        input.policies.len()
    );
}

/// How many policies stand in an object, or in a list of them.
fn policies(value: &Value, is_root: bool) -> usize {
    let said = |field: &str| value.get(field).and_then(Value::as_str).unwrap_or_default();
    match (said("apiVersion"), said("kind")) {
        ("networking.k8s.io/v1", "NetworkPolicy") => 1,
        ("networking.k8s.io/v1", "NetworkPolicyList") if is_root => {
            value.get("items").and_then(Value::as_array).map_or(0, Vec::len)
        }
        // kubectl takes any List of no group apart, whatever its version.
        (version, "List") if is_root && !version.is_empty() && !version.contains('/') => {
            let items = value.get("items").and_then(Value::as_array);
            items.into_iter().flatten().map(|item| policies(item, false)).sum()
        }
        _ => 0,
    }
}
