//! Documents that do not say what they are: files of other tools, unless they are shaped like an
//! object or hold one, which is then not to be missed.

use super::foreign;
use crate::diag::{Code, Diagnostic};
use crate::dialect::unsupported;
use crate::fields::{Field, near};
use crate::load::node::{Node, Value};

/// Whether this is some other tool's file, a map with neither `apiVersion` nor `kind` or a list
/// without any that has them; reported, as it may be that they are only misspelt. What is shaped like
/// an object, or holds one that is not to be missed, is an error.
pub(super) fn is_typeless(node: Node<'_>, root: &Field<'_>, file: Option<&str>) -> bool {
    if root.is_list() {
        let is_typeless = !root.items().any(|item| says_type(&item));
        if is_typeless {
            let help = "it is ignored; leave the file out if it is no manifest";
            let ignored = Diagnostic::warning(Code::NotAnObject, "not a Kubernetes object but a list");
            root.report(if holds_policy(node) { holder("list") } else { ignored.help(help) });
        }
        return is_typeless;
    }
    if !root.is_map() || says_type(root) {
        return false;
    }
    let message = "not a Kubernetes object: it has no `apiVersion` and no `kind`";
    let held = ["items", "objects"].map(|key| root.get(key));
    let holds_objects = held.iter().any(|held| held.is_list() && held.items().any(|item| says_type(&item)));
    root.report(if let Some(help) = meant_as_object(root) {
        Diagnostic::error(Code::NotAnObject, message).help(help)
    } else if holds_objects || holds_policy(node) {
        holder("map")
    } else {
        foreign::ignored(file)
    });
    true
}

/// The keys that say what an object is.
const TYPE_KEYS: [&str; 2] = ["apiVersion", "kind"];

fn says_type(field: &Field<'_>) -> bool {
    field.is_map() && TYPE_KEYS.iter().any(|key| !field.get(key).is_absent())
}

/// What to do about a map that does not say its type, if it was meant as an object: it has the keys
/// in another case, or the parts of one.
fn meant_as_object(root: &Field<'_>) -> Option<String> {
    let is_shaped = root.get("metadata").is_map();
    let misspelt = root.entries().find_map(|(key, _)| {
        let same = TYPE_KEYS.iter().copied().find(|known| key.eq_ignore_ascii_case(known));
        let meant = same.or_else(|| near(key, &TYPE_KEYS).filter(|_| is_shaped))?;
        Some(format!("`{key}` must be written `{meant}`"))
    });
    let spec = root.get("spec");
    let nameless = || "add both, such as `apiVersion: v1` and `kind: Pod`".to_owned();
    misspelt.or_else(|| (is_shaped && spec.is_map()).then(nameless))
}

/// Whether a policy stands anywhere in this.
fn holds_policy(node: Node<'_>) -> bool {
    let mut open = vec![node];
    while let Some(node) = open.pop() {
        match node.value() {
            Value::Seq(items) => open.extend(items),
            Value::Map(entries) => {
                let text = |key| node.get(key).and_then(Node::as_str).unwrap_or_default();
                let group = text("apiVersion").split_once('/').map_or("", |(group, _)| group);
                if unsupported::is_policy(group, text("kind")) {
                    return true;
                }
                open.extend(entries.map(|entry| entry.value));
            }
            _ => {}
        }
    }
    false
}

/// The error of something that is no object and holds some.
fn holder(what: &str) -> Diagnostic {
    let message = format!("not a Kubernetes object but a {what} that holds some, which np does not read");
    Diagnostic::error(Code::NotAnObject, message)
        .help("give np the objects themselves, or a `v1` List of them")
}
