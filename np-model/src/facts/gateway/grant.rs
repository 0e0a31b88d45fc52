//! Reference grants: who may refer to objects of this namespace from another one.

use crate::fields::{Field, Name};
use crate::origin::Location;

/// A ReferenceGrant: any of `from` may refer to any of `to`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReferenceGrant {
    /// `metadata.namespace`, or the default that was assumed: that of the objects referred to.
    pub namespace: String,
    /// `metadata.name`.
    pub name: String,
    /// `spec.from`.
    pub from: Vec<GrantFrom>,
    /// `spec.to`.
    pub to: Vec<GrantTo>,
    /// Where `metadata.name` stands.
    pub at: Option<Location>,
}

/// Objects that may refer (`spec.from[]`).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct GrantFrom {
    /// Their API group; empty is the core group.
    pub group: String,
    /// Their kind.
    pub kind: String,
    /// Their namespace.
    pub namespace: String,
}

/// Objects that may be referred to (`spec.to[]`).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct GrantTo {
    /// Their API group; empty is the core group.
    pub group: String,
    /// Their kind.
    pub kind: String,
    /// The name of the one; `None` is all.
    pub name: Option<String>,
}

impl ReferenceGrant {
    /// Reads a ReferenceGrant object.
    pub(crate) fn read(object: &Field<'_>, namespace: String, name: Name) -> Self {
        let spec = object.get("spec").map();
        let (from, to) = (spec.get("from"), spec.get("to"));
        for list in [&from, &to] {
            if list.is_absent() || (list.is_list() && list.items().len() == 0) {
                list.missing("a ReferenceGrant needs an entry here");
            }
        }
        Self {
            namespace,
            name: name.text.into(),
            from: from.items().filter_map(|entry| GrantFrom::read(&entry.map())).collect(),
            to: to.items().filter_map(|entry| GrantTo::read(&entry.map())).collect(),
            at: name.at,
        }
    }
}

impl GrantFrom {
    fn read(entry: &Field<'_>) -> Option<Self> {
        let (kind, namespace) = (entry.get("kind"), entry.get("namespace"));
        let group = group(entry);
        let kind = kind.required("it must be said which kind may refer");
        let namespace = namespace.required("it must be said from which namespace");
        Some(Self { group: group?, kind: kind?.to_owned(), namespace: namespace?.to_owned() })
    }
}

impl GrantTo {
    fn read(entry: &Field<'_>) -> Option<Self> {
        let (group, kind, name) = (group(entry), entry.get("kind"), entry.get("name"));
        let kind = kind.required("it must be said which kind may be referred to");
        let name = name.filled().map(str::to_owned);
        Some(Self { group: group?, kind: kind?.to_owned(), name })
    }
}

/// The group, which must be there but may be empty.
fn group(entry: &Field<'_>) -> Option<String> {
    let group = entry.get("group");
    if group.is_absent() {
        group.missing("the API group must be said; `\"\"` is the core group");
    }
    group.text().map(str::to_owned)
}
