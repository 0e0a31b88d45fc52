//! Front-ends: one folder per policy dialect, each lowering its objects to the rule IR.

pub mod netpol;
