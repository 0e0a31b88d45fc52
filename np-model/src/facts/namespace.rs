//! Namespaces that the input has an object for.

use smol_str::SmolStr;

use super::{Labels, Pool, labels};
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
    pub name: SmolStr,
    /// `metadata.labels`.
    pub labels: Labels,
    /// Where `metadata.name` stands.
    pub at: Option<Location>,
}

impl Namespace {
    /// Reads a Namespace object.
    pub(crate) fn read(object: &Field<'_>, name: Name, pool: &mut Pool) -> Self {
        let metadata = object.get("metadata").map();
        let written = labels::read(&metadata, pool);
        if written.known(NAME_LABEL).is_some_and(|label| label != name.text) {
            let labels = metadata.get("labels");
            let message =
                format!("the API server sets this label to the name of the namespace, `{}`", name.text);
            labels.get(NAME_LABEL).report(
                Diagnostic::warning(Code::NamespaceNameLabel, message)
                    .help("remove it: selectors see the name, whatever is written here"),
            );
        }
        let labels = name_label(&name.text).or(written.iter().map(|(key, value)| (key.into(), value.into())));
        Self { name: name.text, labels, at: name.at }
    }
}

/// The label that every namespace has.
pub(crate) fn name_label(namespace: &str) -> Labels {
    Labels::complete([(NAME_LABEL, namespace)])
}
