//! From bytes to nodes.
//!
//! ```text
//!   bytes ─ text ─▶ pieces (split) ─ json, yaml ─▶ Document: a Node, with places
//!   typed objects ───────── typed ─────────────────▶ Node, without
//! ```

#[cfg(feature = "yaml")]
mod json;
#[cfg(feature = "yaml")]
mod map;
pub mod node;
#[cfg(feature = "yaml")]
mod reading;
#[cfg(feature = "yaml")]
mod split;
#[cfg(feature = "yaml")]
pub mod text;
#[cfg(feature = "k8s-openapi")]
mod typed;
#[cfg(feature = "yaml")]
mod yaml;

#[cfg(feature = "yaml")]
pub use reading::{Document, Limits};
#[cfg(feature = "yaml")]
pub use text::documents;
