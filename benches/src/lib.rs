//! The synthetic clusters that np is measured on, and what they are measured against.
//!
//! ```text
//!   generate   size and seed → one cluster, the same bytes every time, as JSON and as YAML
//!   floor      the JSON read by plain serde_json: what reading costs at the least
//!   verbs      what is measured: load, compile, summary, matrix, query
//!   changes    what is applied to a model: a few policies, labels
//!   clock      how times are taken
//! ```
//!
//! `cargo bench -p np-benches` measures each verb on its own; the binary `np-ratios` runs them one
//! after the other and prints them as multiples of the floor. `np-e2e` measures np from end to end,
//! `np-cluster` writes a cluster to a file.

pub mod changes;
pub mod clock;
pub mod floor;
pub mod generate;
pub mod verbs;
