//! Namespaces that the input has an object for.

use super::{Labels, labels};
use crate::diag::{Code, Diagnostic};
use crate::fields::Field;
use crate::fields::Name;
use crate::origin::Location;

/// The label that the API server sets on every namespace.
pub const NAME_LABEL: &str = "kubernetes.io/metadata.name";

/// A namespace. Its labels always hold `kubernetes.io/metadata.name`, as the API server sets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Namespace {
    /// `metadata.name`.
    pub name: String,
    /// `metadata.labels`.
    pub labels: Labels,
    /// Where `metadata.name` stands.
    pub at: Option<Location>,
}

impl Namespace {
    /// Reads a Namespace object.
    pub(crate) fn read(object: &Field<'_>, name: Name) -> Self {
        let metadata = object.get("metadata").map();
        let mut known = labels::read(&metadata);
        if known.get(NAME_LABEL).is_some_and(|label| *label != name.text) {
            let labels = metadata.get("labels");
            let message =
                format!("the API server sets this label to the name of the namespace, `{}`", name.text);
            labels.get(NAME_LABEL).report(
                Diagnostic::warning(Code::NamespaceNameLabel, message)
                    .help("remove it: selectors see the name, whatever is written here"),
            );
        }
        known.insert(NAME_LABEL.to_owned(), name.text.clone());
        Self { name: name.text, labels: Labels::complete(known), at: name.at }
    }
}
