//! The judge: a naive evaluator of NetworkPolicies, straight from the objects of the Kubernetes API.
//!
//! np answers from a compiled model; this crate answers the same questions from the API documentation alone,
//! one connection at a time, and shares no code with it. It is slow, and meant to be read beside the
//! documentation of the fields it reads:
//!
//! ```text
//! API objects ──► Party (what is known of each end) ──► policies that select it ──► items that match the other
//!                                                                               └─► Bounds at one Point
//! ```
//!
//! Where a fact is unknown (an address, a node, a label, what a policy of another kind says) a verdict has two
//! bounds: what is certain, and what is possible. [`complete`] draws the unknown facts, so that the bounds can be
//! held against what they stand for.
//! A question about a Service is the questions about the ends behind it, on the ports that its ports lead to there.
//! [`generate`] makes the clusters that np and the judge are compared on.

mod address;
mod borders;
mod bounds;
mod cluster;
mod complete;
mod facts;
pub mod generate;
mod judge;
mod labels;
mod manifest;
mod party;
mod ports;
mod service;
mod truth;
mod unevaluated;
mod unreadable;

pub use address::Family;
pub use bounds::{Bound, Bounds, Verdict};
pub use cluster::{Cluster, End, Workload, WorkloadKind};
pub use complete::{complete, completed};
pub use judge::Between;
pub use ports::{Point, Protocol, boundary_points};
pub use service::{NoAnswer, PortOf, ServiceAnswer};
pub use unevaluated::{Effect, Scope, Unevaluated};
