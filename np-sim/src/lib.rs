//! Questions over a [`np_model::Model`], answered as plain data.
//!
//! ```text
//!   endpoint   what a question names: a pod, a workload, a namespace, a node, addresses
//!   reach      one pair: what passes, what is open, what is blocked, and who decided it
//!   service    which endpoints a Service means, and its ports as theirs
//!   axis       who stands in the rows and columns of a matrix
//!   matrix     all pairs, on classes, expanded when read
//!   graph      the matrix as a petgraph, for paths and components
//! ```
//!
//! A connection passes if the egress of its source and the ingress of its destination allow it.
//! Unknown facts leave part of it *open*; nothing is guessed.

pub mod axis;
pub mod endpoint;
pub mod graph;
pub mod matrix;
mod members;
pub mod reach;
mod rows;
pub mod service;
mod verdict;

pub use axis::{By, Externals, axis, externals};
pub use endpoint::{Destination, Endpoint, FindError, Finder};
pub use matrix::Matrix;
pub use reach::{Reach, reach};
pub use service::Services;
pub use verdict::{Outcome, Verdict};
