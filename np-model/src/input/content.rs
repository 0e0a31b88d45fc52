//! What an object says, as one text: for objects that np does not evaluate, of which it can only tell that they say
//! something else.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::load::node::{Node, Value};

/// What the cluster says about an object, and what it goes by: nothing that it demands.
const BESIDE: [&str; 2] = ["metadata", "status"];

/// What a policy demands: all but its metadata and status. Equal texts say the same, wherever and in whichever order of
/// keys.
pub(super) fn demanded(root: Node<'_>) -> String {
    let mut text = String::new();
    let all = root.entries().filter(|entry| !BESIDE.contains(&entry.key));
    map(all.map(|entry| (entry.key, entry.value)).collect(), &mut text);
    text
}

/// All that an object says.
pub(super) fn whole(root: Node<'_>) -> String {
    let mut text = String::new();
    node(root, &mut text);
    text
}

/// Writes a value so that no other value is written alike.
fn node(one: Node<'_>, text: &mut String) {
    match one.value() {
        Value::Null => text.push_str("null"),
        Value::Bool(flag) => text.push_str(if flag { "true" } else { "false" }),
        Value::Int(whole) => string(&whole, text),
        Value::Float(number) => string(&number, text),
        Value::Str(own) => string(&format_args!("{own:?}"), text),
        Value::Seq(items) => {
            text.push('[');
            for item in items {
                node(item, text);
                text.push(',');
            }
            text.push(']');
        }
        Value::Map(entries) => map(entries.map(|entry| (entry.key, entry.value)).collect(), text),
    }
}

fn map(entries: BTreeMap<&str, Node<'_>>, text: &mut String) {
    text.push('{');
    for (key, value) in entries {
        string(&format_args!("{key:?}:"), text);
        node(value, text);
        text.push(',');
    }
    text.push('}');
}

fn string(what: &dyn std::fmt::Display, text: &mut String) {
    // A `String` takes whatever is written to it.
    let _ = write!(text, "{what}");
}

#[cfg(test)]
mod tests {
    use super::{demanded, whole};
    use crate::load::Limits;
    use crate::load::text::documents;
    use crate::origin::Sources;

    fn texts(yaml: &str) -> [String; 2] {
        let mut sources = Sources::default();
        let source = sources.add("x.yaml", yaml.to_owned()).unwrap();
        let mut found = [String::new(), String::new()];
        let mut each = |document: crate::load::Document<'_>| {
            found = [whole(document.root), demanded(document.root)];
        };
        documents(source, yaml, &Limits::default(), &mut each, &mut Vec::new());
        found
    }

    #[test]
    fn places_and_orders_of_keys_say_nothing() {
        assert_eq!(texts("a: {b: 1, c: [x]}\n"), texts("a:\n  c:\n  - 'x'\n  b: 1\n"));
        for other in
            ["a: {b: '1', c: [x]}", "a: {b: 1, c: x}", "a: {b: 1, c: [x, y]}", "a: {b: 1, c: ['[x']}"]
        {
            assert_ne!(texts("a: {b: 1, c: [x]}"), texts(other), "{other}");
        }
    }

    #[test]
    fn metadata_demands_nothing() {
        let [one, other] =
            [texts("metadata: {a: 1}\nspec: {b: 1}\n"), texts("spec: {b: 1}\nstatus: {c: 1}\n")];
        assert_eq!(one[1], other[1]);
        assert_ne!(one[0], other[0]);
        assert_ne!(one[1], texts("spec: {b: 2}\n")[1]);
    }
}
