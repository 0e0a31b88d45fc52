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
    let expected = in_root(&value);
    assert!(
        input.policies.len() == expected || input.has_errors(),
        "{} of {expected} policies are read, and nothing is refused",
        input.policies.len()
    );
}

/// How many policies a text holds: itself, or the items of a list of whatever kind, as kubectl reads them.
fn in_root(root: &Value) -> usize {
    let (version, kind) = (said(root, "apiVersion"), said(root, "kind"));
    let items = root.get("items").and_then(Value::as_array);
    let (Some(kind_of_items), Some(items)) = (kind.strip_suffix("List"), items) else {
        return usize::from(is_policy(version, kind));
    };
    let is_one = |item: &&Value| {
        // What an item does not say of itself, its list does.
        let or = |field, of_list| Some(said(item, field)).filter(|said| !said.is_empty()).unwrap_or(of_list);
        is_policy(or("apiVersion", version), or("kind", kind_of_items))
    };
    items.iter().filter(is_one).count()
}

fn is_policy(version: &str, kind: &str) -> bool {
    (version, kind) == ("networking.k8s.io/v1", "NetworkPolicy")
}

/// The text of a field, if it has one.
fn said<'v>(value: &'v Value, field: &str) -> &'v str {
    value.get(field).and_then(Value::as_str).unwrap_or_default()
}
