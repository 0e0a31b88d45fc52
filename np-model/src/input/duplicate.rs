//! Whether a key given twice matters to an answer.
//!
//! kubectl keeps the later value without a word. For a fact that is a reading like any other, but
//! a policy may have lost a rule by it.

use crate::dialect::unsupported;
use crate::load::node::{Entry, Node};
use crate::origin::Location;

/// Whether a place in a document may matter to a policy: it is in one, in the list around it, or
/// at the `apiVersion` or `kind` that says what the object is.
pub(super) fn rules_at(root: Node<'_>, at: Location) -> bool {
    let items = root.get("items").map(Node::items).unwrap_or_default();
    let object = items.filter(|item| item.place().is_some_and(|start| start <= at)).last().unwrap_or(root);
    let typing = |entry: &Entry<'_>| ["apiVersion", "kind", "items"].contains(&entry.key);
    let says_type = object.entries().any(|entry| typing(&entry) && entry.key_at == Some(at));
    says_type || is_policy(object, root)
}

/// Whether this is a policy, by its own word or that of the typed list around it.
fn is_policy(object: Node<'_>, list: Node<'_>) -> bool {
    let text = |node: Node<'_>, key| node.get(key).and_then(Node::as_str).unwrap_or_default().to_owned();
    let kind = match text(object, "kind") {
        kind if kind.is_empty() => text(list, "kind").trim_end_matches("List").to_owned(),
        kind => kind,
    };
    let api_version = text(object, "apiVersion");
    let group = api_version.split_once('/').map_or("", |(group, _)| group);
    unsupported::is_policy(group, &kind)
}
