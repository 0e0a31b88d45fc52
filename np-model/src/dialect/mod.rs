//! Front-ends: one folder per policy dialect, each lowering its objects to the rule IR.

mod meta;
pub mod netpol;
pub(crate) mod release;
pub mod unsupported;

pub use release::{Release, UnknownRelease};
