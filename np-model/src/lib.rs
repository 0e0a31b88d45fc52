//! What np knows: the state of a cluster and the rules in force, compiled to an immutable,
//! label-indexed [`Model`].
//!
//! ```text
//!   YAML, JSON, typed objects
//!        │ load, facts, dialect            problems → diag, places → origin
//!        ▼
//!   facts (namespaces, pods, workloads,     +  rules (tiers of policies: ir)
//!        │ nodes, Services, entries)
//!        │ compile                          labels and addresses that no rule can tell
//!        ▼                                  apart become one endpoint class
//!   Model: endpoints → classes → policies that select them, peers that match them
//!        │
//!        ▼ np-sim                           rows: class × class → connections
//! ```
//!
//! The crate does no I/O and never prints; it takes bytes or values and returns values.

pub mod addr;
pub mod apply;
pub mod compile;
pub mod conn;
pub mod delta;
pub mod diag;
pub mod dialect;
pub mod edit;
pub mod facts;
mod fields;
pub mod groups;
pub mod input;
pub mod intervals;
pub mod ir;
pub mod load;
pub mod model;
pub mod origin;
pub mod parallel;
pub mod refine;
pub mod selector;
pub mod truth;

pub use compile::{Assumptions, compile, compile_anyway};
pub use dialect::Release;
pub use dialect::unsupported::IgnoredKind;
pub use input::{Input, UnsupportedKinds};
pub use model::Model;
