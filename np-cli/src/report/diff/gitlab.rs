//! A review as a report of GitLab Code Quality, which shows in the merge request what the target branch does not have.
//!
//! The format knows nothing that is accepted: such changes are left out.

use std::io::{self, Write};

use serde::Serialize;

use super::annotation::{Level, fingerprints};
use super::kind::KINDS;
use super::{Report, Row};
use crate::report::json;

#[derive(Serialize)]
struct Issue<'r> {
    description: String,
    check_name: &'static str,
    fingerprint: String,
    severity: &'static str,
    location: Location<'r>,
}

#[derive(Serialize)]
struct Location<'r> {
    path: &'r str,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: usize,
}

/// Writes a report.
pub(crate) fn write(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    let all = report.changes.iter().zip(fingerprints(&report.changes));
    let issues: Vec<Issue<'_>> = all
        .filter(|(row, _)| row.accepted.is_none())
        .map(|(row, fingerprint)| issue(row, fingerprint))
        .collect();
    json::value(out, &issues)
}

fn issue(row: &Row, fingerprint: String) -> Issue<'_> {
    let severity = match row.level() {
        Level::Error if row.risks.is_empty() => "major",
        Level::Error => "critical",
        Level::Warning => "minor",
        Level::Note => "info",
    };
    // A location must be given. Without a file of the head there is only the repository itself.
    let (path, begin) = row.spot.as_ref().map_or((".", 1), |spot| (spot.file.as_str(), spot.line));
    Issue {
        description: row.sentence(),
        check_name: KINDS[row.kind()].id,
        fingerprint,
        severity,
        location: Location { path, lines: Lines { begin } },
    }
}
