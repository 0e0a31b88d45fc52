//! From bytes to nodes.

pub mod node;
