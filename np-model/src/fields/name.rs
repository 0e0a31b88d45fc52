//! `metadata.name` and `metadata.namespace`: what every object goes by, checked as the API server
//! does.

use super::{Field, syntax};
use crate::origin::Location;

/// The name an object goes by, and where it says so.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Name {
    /// `metadata.name`, or `metadata.generateName` with nothing behind it.
    pub(crate) text: String,
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
        let generated = text == Some("") && !prefix.is_absent();
        let field = if generated { prefix } else { name };
        let text = if generated { prefix.text() } else { text }?;
        if text.is_empty() {
            field.missing("an object needs a name");
            return None;
        }
        let checked = if generated { text.trim_end_matches('-') } else { text };
        let wrong = syntax::dns_subdomain(checked);
        for wrong in &wrong {
            field.invalid(format!("the name {wrong}"));
        }
        wrong.is_empty().then(|| Self { text: text.to_owned(), generated, at: field.at() })
    }
}

/// Reads `metadata.namespace`; a bad one is reported.
pub(crate) fn namespace(metadata: &Field<'_>) -> Option<String> {
    let namespace = metadata.get("namespace");
    let text = namespace.text().filter(|text| !text.is_empty())?;
    for wrong in syntax::dns_label(text) {
        namespace.invalid(format!("the name of a namespace {wrong}"));
    }
    Some(text.to_owned())
}
