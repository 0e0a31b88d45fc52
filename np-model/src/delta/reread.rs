//! Where a label or a field of an object stands: its document is read again, as models do not keep such places.

use std::collections::hash_map::Entry;

use memchr::memmem;
use rustc_hash::FxHashMap;

use crate::load::node::Node;
use crate::load::{Limits, documents};
use crate::origin::{Location, SourceId, Sources};

/// How long a document may be to be read again for a place.
const LONGEST: usize = 1 << 20;

/// The ways from an object to the labels of its pod template.
const TEMPLATES: [&[&str]; 2] = [
    &["spec", "template", "metadata", "labels"],
    &["spec", "jobTemplate", "spec", "template", "metadata", "labels"],
];

/// Reads documents of some sources again, each once.
pub(super) struct Reread<'m> {
    sources: &'m Sources,
    /// By source: where documents start behind the first, at their separators.
    starts: FxHashMap<SourceId, Vec<usize>>,
    /// By source and first byte.
    documents: FxHashMap<(SourceId, usize), Objects>,
}

/// The objects of a document by where their names stand.
type Objects = FxHashMap<Location, Object>;

/// Where what an object says stands.
#[derive(Default)]
struct Object {
    /// Its labels, and those of its pod template.
    labels: [Vec<(String, Location)>; 2],
    /// The fields of its `spec`.
    fields: Vec<(String, Location)>,
    /// The strings in lists that are such fields.
    items: Vec<(String, Location)>,
}

impl<'m> Reread<'m> {
    pub(super) fn new(sources: &'m Sources) -> Self {
        Self { sources, starts: FxHashMap::default(), documents: FxHashMap::default() }
    }

    /// The key of a label of the object whose `metadata.name` stands at a place, or of its pod template's labels if it
    /// `has_template`. `None` if the object does not have it, or stands in a document of over a megabyte.
    pub(super) fn label(&mut self, name: Location, has_template: bool, key: &str) -> Option<Location> {
        of_key(&self.object(name)?.labels[usize::from(has_template)], key)
    }

    /// The key of a field of `spec` of the object whose `metadata.name` stands at a place; with an `item`, that string in the
    /// list that it is. `None` as for labels.
    pub(super) fn field(&mut self, name: Location, field: &str, item: Option<&str>) -> Option<Location> {
        let object = self.object(name)?;
        match item {
            None => of_key(&object.fields, field),
            Some(item) => of_key(&object.items, &format!("{field} {item}")),
        }
    }

    /// An object of which no more is known than where its name stands.
    fn object(&mut self, name: Location) -> Option<&Object> {
        let text = self.sources.text(name.source);
        let starts = self
            .starts
            .entry(name.source)
            .or_insert_with(|| memmem::find_iter(text.as_bytes(), b"\n---").map(|found| found + 1).collect());
        // Those of which the document around the name is made.
        let next = starts.partition_point(|start| *start <= name.offset as usize);
        let start = next.checked_sub(1).map_or(0, |before| starts[before]);
        let end = starts.get(next).copied().unwrap_or(text.len());
        let text = text.get(start..end).filter(|document| document.len() <= LONGEST)?;
        let first = u32::try_from(start).ok()?;
        let objects = self.documents.entry((name.source, start)).or_insert_with(|| {
            let mut objects = Objects::default();
            documents(
                name.source,
                text,
                &Limits::default(),
                &mut |document| add(document.root, first, &mut objects),
                // They were told when it was read first.
                &mut Vec::new(),
            );
            objects
        });
        objects.get(&name)
    }
}

fn of_key(places: &[(String, Location)], key: &str) -> Option<Location> {
    places.iter().find(|(known, _)| known == key).map(|(_, at)| *at)
}

/// Adds an object, and the items of a list; places are so many bytes further on.
fn add(root: Node<'_>, first: u32, objects: &mut Objects) {
    let moved = |at: Location| Location { offset: at.offset + first, ..at };
    if let Some(name) = root.get("metadata").and_then(|metadata| metadata.get("name")).and_then(Node::place) {
        let keys = |map: Option<Node<'_>>| -> Vec<(String, Location)> {
            let entries = map.into_iter().flat_map(Node::entries);
            entries.filter_map(|entry| Some((entry.key.to_owned(), moved(entry.key_at?)))).collect()
        };
        let labels = |way: &[&str]| way.iter().try_fold(root, |node, step| node.get(step));
        let template = TEMPLATES.iter().find_map(|way| labels(way));
        let spec = root.get("spec");
        let fields = spec.into_iter().flat_map(Node::entries);
        let items = fields.flat_map(|entry| entry.value.items().map(move |item| (entry.key, item)));
        let item = |(field, item): (&str, Node<'_>)| {
            Some((format!("{field} {}", item.as_str()?), moved(item.place()?)))
        };
        let object = Object {
            labels: [keys(labels(&["metadata", "labels"])), keys(template)],
            items: items.filter_map(item).collect(),
            fields: keys(spec),
        };
        // Of objects that share their metadata, nobody knows which is meant.
        match objects.entry(moved(name)) {
            Entry::Vacant(free) => drop(free.insert(object)),
            Entry::Occupied(mut shared) => drop(shared.insert(Object::default())),
        }
    }
    for item in root.get("items").into_iter().flat_map(Node::items) {
        add(item, first, objects);
    }
}
