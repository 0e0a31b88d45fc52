//! From bytes to nodes, and from the nodes of an object to facts and rules.
//!
//! ```text
//!   bytes ─ text ─▶ documents (split; json, yaml) ─▶ Node ─ object ─▶ facts, dialect ─▶ Input
//!   typed objects ───────── typed ────────────────────▲      fields: what is wrong, and where
//! ```

pub(crate) mod address;
#[cfg(feature = "yaml")]
mod duplicate;
pub(crate) mod fields;
pub mod input;
#[cfg(feature = "yaml")]
mod json;
#[cfg(feature = "yaml")]
mod map;
mod near;
pub mod node;
pub(crate) mod object;
pub(crate) mod release;
#[cfg(feature = "yaml")]
mod split;
pub(crate) mod syntax;
#[cfg(feature = "yaml")]
pub mod text;
#[cfg(feature = "k8s-openapi")]
mod typed;
#[cfg(feature = "yaml")]
mod yaml;

pub use release::{Release, UnknownRelease};
#[cfg(feature = "yaml")]
pub use text::{Document, Limits, documents};
