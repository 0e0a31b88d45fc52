//! Namespaces that the input has an object for.

use super::Labels;
use crate::origin::Location;

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
