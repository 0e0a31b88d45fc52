//! Fuzzing of np: manifests and questions come from strangers, and none of them may make np panic,
//! hang, eat memory, or lose a policy.
//!
//! ```text
//!   seeds (testdata/, snippets) ─ mutate ─▶ bytes ─▶ target: fn(&[u8]), asserts
//!                                                └── campaign: time, memory, panics → findings/
//! ```
//!
//! The targets know nothing of who calls them, so that cargo-fuzz can too; see `README.md`.

pub mod campaign;
pub mod dice;
pub mod finding;
pub mod mutate;
pub mod seeds;
pub mod targets;
