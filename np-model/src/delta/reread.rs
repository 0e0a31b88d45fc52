//! Where a label of an object stands: its document is read again, as models do not keep such places.

use crate::load::node::Node;
use crate::load::{Limits, documents};
use crate::origin::{Location, Sources};

/// How long a document may be to be read again for a place.
const LONGEST: usize = 1 << 20;

/// The ways from an object to labels: its own, those of its pods.
const WAYS: [&[&str]; 3] = [
    &["metadata", "labels"],
    &["spec", "template", "metadata", "labels"],
    &["spec", "jobTemplate", "spec", "template", "metadata", "labels"],
];

/// The key of a label of the object whose `metadata.name` stands at a place, or of its pod template's labels if it
/// `has_template`. `None` if the object does not have it, or stands in a document of over a megabyte.
pub(super) fn place(sources: &Sources, name: Location, has_template: bool, key: &str) -> Option<Location> {
    let (text, at) = (sources.text(name.source), name.offset as usize);
    let start = text.get(..at)?.rfind("\n---").map_or(0, |found| found + 1);
    let end = text[at..].find("\n---").map_or(text.len(), |found| at + found + 1);
    let document = text.get(start..end).filter(|document| document.len() <= LONGEST)?;
    let (first, mut found) = (u32::try_from(start).ok()?, None);
    let name = Location { offset: name.offset - first, ..name };
    let mut problems = Vec::new();
    documents(
        name.source,
        document,
        &Limits::default(),
        &mut |document| {
            found = found.or_else(|| in_object(document.root, name, has_template, key));
        },
        &mut problems,
    );
    found.map(|found: Location| Location { offset: found.offset + first, ..found })
}

/// In an object, or in one of the items of a list.
fn in_object(node: Node<'_>, name: Location, has_template: bool, key: &str) -> Option<Location> {
    if node.get("metadata").and_then(|metadata| metadata.get("name")).and_then(Node::place) == Some(name) {
        let ways = if has_template { &WAYS[1..] } else { &WAYS[..1] };
        let labels = ways.iter().find_map(|way| way.iter().try_fold(node, |node, step| node.get(step)))?;
        return labels.entries().find(|entry| entry.key == key).and_then(|entry| entry.key_at);
    }
    node.get("items")?.items().find_map(|item| in_object(item, name, has_template, key))
}
