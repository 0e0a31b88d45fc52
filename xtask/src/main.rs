//! np
fn main() {}
