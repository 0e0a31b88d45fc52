//! Where a label or a field of an object stands: its document is read again, as models do not keep such places.

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
pub(super) fn label(sources: &Sources, name: Location, has_template: bool, key: &str) -> Option<Location> {
    let ways = if has_template { &WAYS[1..] } else { &WAYS[..1] };
    in_object(sources, name, &|object| {
        let labels = ways.iter().find_map(|way| way.iter().try_fold(object, |node, step| node.get(step)))?;
        key_of(labels, key)
    })
}

/// The key of a field of `spec` of the object whose `metadata.name` stands at a place; with an `item`, that string in the
/// list that it is. `None` as for labels.
pub(super) fn field(sources: &Sources, name: Location, field: &str, item: Option<&str>) -> Option<Location> {
    in_object(sources, name, &|object| {
        let spec = object.get("spec")?;
        match item {
            None => key_of(spec, field),
            Some(item) => spec.get(field)?.items().find(|one| one.as_str() == Some(item))?.place(),
        }
    })
}

fn key_of(map: Node<'_>, key: &str) -> Option<Location> {
    map.entries().find(|entry| entry.key == key)?.key_at
}

/// A place in an object of which no more is known than where its name stands.
fn in_object(
    sources: &Sources,
    name: Location,
    place: &dyn Fn(Node<'_>) -> Option<Location>,
) -> Option<Location> {
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
            found = found.or_else(|| object(document.root, name).and_then(place));
        },
        &mut problems,
    );
    found.map(|found: Location| Location { offset: found.offset + first, ..found })
}

/// The object with this name: the root itself, or one of the items of a list.
fn object(root: Node<'_>, name: Location) -> Option<Node<'_>> {
    if root.get("metadata").and_then(|metadata| metadata.get("name")).and_then(Node::place) == Some(name) {
        return Some(root);
    }
    root.get("items")?.items().find_map(|item| object(item, name))
}
