//! A review as a comment on a pull request.

use std::io::{self, Write};

use super::Report;

/// How a comment is written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Comment<'a> {
    /// What tells it from others.
    pub(crate) id: Option<&'a str>,
    /// How many bytes it may have.
    pub(crate) most: usize,
}

/// Writes a report.
pub(crate) fn write(out: &mut dyn Write, report: &Report, comment: Comment<'_>) -> io::Result<()> {
    let _ = (report, comment);
    writeln!(out)
}
