//! Reading YAML: whatever stands beside it, a good policy is read, or the run is refused.

use super::load;

/// What stands before and behind the text.
fn canary(name: &str) -> String {
    format!(
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: {name}\n  namespace: canaries\nspec:\n  podSelector: {{}}\n"
    )
}

/// Reads a text alone, and between two policies that nothing in it may hide.
///
/// # Panics
/// If np breaks a promise.
pub fn yaml(bytes: &[u8]) {
    load(bytes);
    let (first, last) = (canary("first"), canary("last"));
    let text = [first.as_bytes(), b"---\n", bytes, b"\n---\n", last.as_bytes()].concat();
    let input = load(&text);
    let has = |name: &str| {
        input.policies.iter().any(|policy| policy.name == name && policy.namespace == "canaries")
    };
    let is_text = std::str::from_utf8(bytes).is_ok() && !bytes.contains(&0);
    if is_text {
        assert!(has("first"), "what follows hides a policy");
    }
    assert!(has("last") || input.has_errors(), "a policy is neither read nor refused");
}
