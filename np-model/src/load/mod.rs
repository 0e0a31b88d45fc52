//! From bytes to nodes.
//!
//! ```text
//!   bytes ─ text ─▶ pieces (split) ─ json, yaml ─▶ Document: a Tree and its root Node, with places
//!   typed objects ───────── typed ─────────────────▶ the same, without
//! ```

pub(crate) mod foreign;
#[cfg(feature = "yaml")]
mod json;
mod limits;
#[cfg(feature = "yaml")]
mod list;
#[cfg(feature = "yaml")]
mod reading;
#[cfg(feature = "yaml")]
mod split;
#[cfg(feature = "yaml")]
mod stream;
#[cfg(feature = "yaml")]
pub mod text;
pub mod tree;
#[cfg(feature = "k8s-openapi")]
mod typed;
#[cfg(feature = "yaml")]
pub(crate) mod yaml;

pub use limits::Limits;
#[cfg(feature = "yaml")]
pub(crate) use list::read as list;
#[cfg(feature = "yaml")]
pub use reading::Document;
#[cfg(feature = "yaml")]
pub(crate) use stream::read as stream;
#[cfg(feature = "yaml")]
pub use text::documents;
pub use tree::node;
