//! A review as a report of GitLab Code Quality, which shows in the merge request what the target branch does not have.
//!
//! The format knows nothing that is accepted: such changes are left out.

use std::io::{self, Write};

use serde::Serialize;

use super::annotation::{Level, fingerprints};
use super::kind::KINDS;
use super::{Note, Report, Row};
use crate::report::json;
use crate::report::places::Place;

/// The name of what is not judged, beside those of [`KINDS`].
const NOT_JUDGED: &str = "np/not-judged";

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
        .chain(report.unjudged.iter().map(|note| unjudged(report, note)))
        .collect();
    json::value(out, &issues)
}

/// What is not judged, as what the check fails for or not.
fn unjudged<'r>(report: &Report, note: &'r Note) -> Issue<'r> {
    let is_failing = report.failed.iter().any(|word| ["unknown", "errors"].contains(word));
    Issue {
        description: note.sentence(),
        check_name: NOT_JUDGED,
        fingerprint: note.hash(),
        severity: if is_failing { "major" } else { "minor" },
        location: location(note.spot.as_ref()),
    }
}

/// A location must be given. Without a file of the head there is only the repository itself.
fn location(spot: Option<&Place>) -> Location<'_> {
    let (path, begin) = spot.map_or((".", 1), |spot| (spot.file.as_str(), spot.line));
    Location { path, lines: Lines { begin } }
}

fn issue(row: &Row, fingerprint: String) -> Issue<'_> {
    let severity = match row.level() {
        Level::Error if row.risks.is_empty() => "major",
        Level::Error => "critical",
        Level::Warning => "minor",
        Level::Note => "info",
    };
    Issue {
        description: row.sentence(),
        check_name: KINDS[row.kind()].id,
        fingerprint,
        severity,
        location: location(row.spot.as_ref()),
    }
}
