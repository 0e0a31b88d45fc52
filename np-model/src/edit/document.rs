//! A new policy: its manifest, and where it goes.

use super::place::{Piece, is_same, read};
use super::text::style;
use super::write::{self, Style, Written, map, text};
use super::{Edit, NoEdit};
use crate::ir::{Direction, Policy};
use crate::origin::{SourceId, Sources};

/// See [`manifest`](super::manifest()).
pub(super) fn manifest(sources: &Sources, like: Option<&Policy>, policy: &Policy) -> Result<String, NoEdit> {
    let manifest = written(policy, like.and_then(|like| style_of(sources, like)).unwrap_or(USUAL));
    // The source is that of its places, which nobody looks at.
    let some = like.and_then(|like| like.at).map(|at| at.source);
    let Some(source) = some.or_else(|| Sources::default().add("", "").ok()) else {
        return Err(NoEdit::NoText);
    };
    let is_right = read(source, &manifest, policy).is_some_and(|read| is_same(read, policy.clone()));
    if is_right { Ok(manifest) } else { Err(NoEdit::Unproven) }
}

/// How manifests are written where none shows how: as kubectl prints them.
const USUAL: Style = Style { is_json: false, step: 2, dash: 0 };

/// How the text of a policy is written, as far as YAML may be.
fn style_of(sources: &Sources, policy: &Policy) -> Option<Style> {
    let piece = Piece::find(sources, policy).ok()?;
    let root = piece.root().ok()?;
    let style = style(&piece, &root);
    (!style.is_json).then_some(style)
}

/// The manifest of a policy in YAML, from `apiVersion` to the line feed that ends it.
fn written(policy: &Policy, style: Style) -> String {
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
    let lines = object.block(style);
    lines.into_iter().map(|line| line + "\n").collect()
}

/// See [`append`](super::append()).
pub(super) fn append(
    sources: &Sources,
    source: SourceId,
    like: Option<&Policy>,
    policy: &Policy,
) -> Result<Edit, NoEdit> {
    let whole = sources.text(source);
    let end = whole.trim_end();
    let inside = whole.trim_start().strip_prefix(['{', '[']);
    let is_json = inside.is_some_and(|inside| inside.trim_start().starts_with(['"', '{', '}', '[', ']']));
    if is_json || end.ends_with("\n...") || end == "..." {
        return Err(NoEdit::Style);
    }
    let manifest = manifest(sources, like, policy)?;
    let line_end = if whole.contains("\r\n") { "\r\n" } else { "\n" };
    let break_line = if whole.is_empty() || whole.ends_with('\n') { "" } else { line_end };
    let is_separated = end.is_empty() || end.lines().next_back().is_some_and(|line| line.trim_end() == "---");
    let separator = if is_separated { String::new() } else { format!("---{line_end}") };
    let text = format!("{break_line}{separator}{}", manifest.replace('\n', line_end));
    Ok(Edit { source, range: whole.len()..whole.len(), text })
}
