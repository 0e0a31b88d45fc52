//! A new policy: its manifest, and where it goes.

use super::place::{is_same, read};
use super::write::{self, Style, Written, map, text};
use super::{Edit, NoEdit};
use crate::ir::{Direction, Policy};
use crate::origin::{SourceId, Sources};

/// The manifest of a policy in YAML, from `apiVersion` to the line feed that ends it.
pub fn manifest(policy: &Policy) -> String {
    let mut spec = vec![("podSelector".to_owned(), write::selector(&policy.subject))];
    let concerned = [Direction::Ingress, Direction::Egress].map(|of| (of, policy.rules(of)));
    let types = concerned.iter().filter(|(_, rules)| rules.is_some());
    let types = types.map(|(of, _)| text(write::policy_type(*of))).collect();
    spec.push(("policyTypes".to_owned(), Written::List(types)));
    for (direction, rules) in concerned {
        if let Some(rules) = rules.filter(|rules| !rules.is_empty()) {
            let rules = rules.iter().map(|rule| write::rule(rule, direction)).collect();
            spec.push((direction.to_string(), Written::List(rules)));
        }
    }
    let metadata = map([("name", text(&policy.name)), ("namespace", text(&policy.namespace))]);
    let object = map([
        ("apiVersion", text("networking.k8s.io/v1")),
        ("kind", text("NetworkPolicy")),
        ("metadata", metadata),
        ("spec", Written::Map(spec)),
    ]);
    let lines = object.block(Style { is_json: false, step: 2, dash: 2 });
    lines.into_iter().map(|line| line + "\n").collect()
}

/// See [`append`](super::append()).
pub(super) fn append(sources: &Sources, source: SourceId, policy: &Policy) -> Result<Edit, NoEdit> {
    let whole = sources.text(source);
    let end = whole.trim_end();
    let is_open = end.starts_with(['{', '[']) || end.ends_with("\n...") || end == "...";
    if is_open {
        return Err(NoEdit::Style);
    }
    let manifest = manifest(policy);
    if !read(source, &manifest, policy).is_some_and(|read| is_same(read, policy.clone())) {
        return Err(NoEdit::Unproven);
    }
    let line_end = if whole.contains("\r\n") { "\r\n" } else { "\n" };
    let break_line = if whole.is_empty() || whole.ends_with('\n') { "" } else { line_end };
    let is_separated = end.is_empty() || end.lines().next_back().is_some_and(|line| line.trim_end() == "---");
    let separator = if is_separated { String::new() } else { format!("---{line_end}") };
    let text = format!("{break_line}{separator}{}", manifest.replace('\n', line_end));
    Ok(Edit { source, range: whole.len()..whole.len(), text })
}
