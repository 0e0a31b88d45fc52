//! `metadata.name` and `metadata.namespace`: what every object goes by, checked as the API server
//! does.

use smol_str::SmolStr;

use super::{Field, syntax};
use crate::origin::Location;

/// The name an object goes by, and where it says so.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Name {
    /// `metadata.name`, or `metadata.generateName` with nothing behind it.
    pub(crate) text: SmolStr,
    /// Whether the API server would make up the rest.
    pub(crate) generated: bool,
    /// Where it stands.
    pub(crate) at: Option<Location>,
}

impl Name {
    /// Reads the name from `metadata`; a bad one is reported.
    pub(crate) fn read(metadata: &Field<'_>) -> Option<Self> {
        let (name, prefix) = (metadata.get("name"), metadata.get("generateName"));
        let text = if name.is_absent() { Some("") } else { name.text() };
        let start = prefix.text().filter(|start| !start.is_empty());
        let mut sound = true;
        let mut invalid = |field: &Field<'_>, text: &str, at| {
            for wrong in syntax::dns_subdomain(text) {
                field.invalid_at(format!("the name {wrong}"), at);
                sound = false;
            }
        };
        if let Some(start) = start {
            invalid(&prefix, &as_prefix(start), prefix.at());
        }
        let read = match (text?, start) {
            ("", None) => {
                name.missing("an object needs a name");
                return None;
            }
            ("", Some(start)) => {
                invalid(&name, &completed(start), prefix.at());
                Self { text: start.into(), generated: true, at: prefix.at() }
            }
            (text, _) => {
                invalid(&name, text, name.at());
                Self { text: text.into(), generated: false, at: name.at() }
            }
        };
        sound.then_some(read)
    }
}

/// A `generateName` as the API server checks it: a hyphen at its end may stay.
fn as_prefix(text: &str) -> String {
    match text.strip_suffix('-').map(|start| start.char_indices().next_back()) {
        Some(Some((last, _))) => format!("{}a", &text[..last]),
        _ => text.to_owned(),
    }
}

/// A name as the API server may complete it: cut to 58 bytes, and five letters and digits more.
fn completed(start: &str) -> String {
    format!("{}xxxxx", &start[..start.floor_char_boundary(58)])
}

/// Reads `metadata.namespace`; a bad one is reported.
pub(crate) fn namespace<'f>(metadata: &'f Field<'f>) -> Option<&'f str> {
    let namespace = metadata.get("namespace");
    let text = namespace.text().filter(|text| !text.is_empty())?;
    for wrong in syntax::dns_label(text) {
        namespace.invalid(format!("the name of a namespace {wrong}"));
    }
    Some(text)
}
