//! Front-ends: one folder per policy dialect, each lowering its objects to the rule IR.

mod label_selector;
mod meta;
pub mod netpol;
pub mod unsupported;
