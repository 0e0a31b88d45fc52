//! How much is read before it is refused, so that a file from a stranger cannot exhaust the machine.

/// How much of an input is read. The defaults let every real dump through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How many bytes one text may have; [`Limits::LARGEST`] whatever this says.
    pub bytes: u64,
    /// How many documents one text may hold.
    pub documents: usize,
    /// How deep lists and maps may nest; [`Limits::DEEPEST`] whatever this says. The API server
    /// takes 10,000; no object comes near either.
    pub depth: usize,
    /// How many values aliases and merges may copy in one text.
    pub copies: usize,
    /// How many values, list items and keys' values counted alike, one text may hold.
    pub nodes: usize,
    /// How many labels one object may carry.
    pub labels: usize,
}

impl Limits {
    /// The most bytes that any text may have: places in it have 32 bits.
    pub const LARGEST: u64 = u32::MAX as u64;

    /// The deepest that anything may nest. Documents are read, copied and dropped without recursion,
    /// but whoever compares or prints one may recurse: this many levels fit the 2 MiB of a thread.
    pub const DEEPEST: usize = 2_048;
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 1 << 30,
            documents: 10_000_000,
            depth: 1_024,
            copies: 4_000_000,
            nodes: 200_000_000,
            labels: 10_000,
        }
    }
}
