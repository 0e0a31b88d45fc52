//! From bytes to nodes.

pub mod input;
pub mod node;
pub(crate) mod address;
pub(crate) mod fields;
mod near;
pub(crate) mod object;
pub(crate) mod syntax;
#[cfg(feature = "yaml")]
mod json;
#[cfg(feature = "yaml")]
mod map;
#[cfg(feature = "yaml")]
mod split;
#[cfg(feature = "yaml")]
pub mod text;
#[cfg(feature = "yaml")]
mod yaml;

#[cfg(feature = "yaml")]
pub use text::{Document, Limits, documents};
#[cfg(feature = "k8s-openapi")]
mod typed;
