//! The exit codes of every command, in one place, so that scripts can rely on them.

use std::process::ExitCode;

/// How a run ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// Done; `validate`: valid; `query`: allowed, or, without a port, something certainly passes.
    Yes = 0,
    /// `query`: denied, or, without a port, nothing can pass. `validate`: something is invalid.
    No = 1,
    /// No answer: bad input, a broken policy, wrong usage.
    Failed = 2,
    /// `query`: partial or unknown.
    Undecided = 3,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
