//! A review as SARIF 2.1.0, for code scanning: a result for each change at the line that is behind it.
//!
//! <https://docs.oasis-open.org/sarif/sarif/v2.1.0/>

use std::borrow::Cow;
use std::io::{self, Write};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde_json::{Value, json};

use super::annotation::{Level, fingerprints};
use super::kind::{KINDS, Kind};
use super::{Note, Report, Row};
use crate::report::json;
use crate::report::places::Place;
use crate::report::summary::grouped;

/// How many results GitHub takes of one run.
const MOST: usize = 25_000;

/// What stands in a path of a URI as it is. A colon would make a scheme of the first folder.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What a run is told besides the report.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Run<'a> {
    /// What tells it from others of np on the same commit.
    pub(crate) id: Option<&'a str>,
    /// Whether all of the input was understood.
    pub(crate) is_whole: bool,
}

#[derive(Serialize)]
struct Log<'r> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [SarifRun<'r>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifRun<'r> {
    tool: Value,
    automation_details: Value,
    column_kind: &'static str,
    invocations: [Invocation; 1],
    results: Vec<SarifResult<'r>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    execution_successful: bool,
    tool_execution_notifications: Vec<Value>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifResult<'r> {
    rule_id: &'static str,
    rule_index: usize,
    level: &'static str,
    message: Message,
    locations: [Location; 1],
    partial_fingerprints: Fingerprints,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suppressions: Vec<Suppression>,
    properties: Properties<'r>,
}

#[derive(Serialize)]
struct Message {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    physical_location: PhysicalLocation,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<Region>,
}

#[derive(Serialize)]
struct ArtifactLocation {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    start_column: usize,
}

/// Both are the same: the one is what GitHub looks at, which else hashes the line, on which there may be several results.
#[derive(Serialize)]
struct Fingerprints {
    #[serde(rename = "primaryLocationLineHash")]
    github: String,
    #[serde(rename = "np/v1")]
    np: String,
}

#[derive(Serialize)]
struct Suppression {
    kind: &'static str,
    status: &'static str,
    justification: String,
}

#[derive(Serialize)]
struct Properties<'r> {
    tags: &'r [&'static str],
    fails: &'r [&'static str],
    pairs: u64,
}

/// Writes a report. Where there are more changes than GitHub takes, the least risky are left out and counted.
pub(crate) fn write(out: &mut dyn Write, report: &Report, run: Run<'_>) -> io::Result<()> {
    let all = fingerprints(&report.changes);
    let invocation = Invocation {
        execution_successful: run.is_whole,
        tool_execution_notifications: notifications(report),
    };
    let log = Log {
        schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        version: "2.1.0",
        runs: [SarifRun {
            tool: json!({ "driver": {
                "name": "np",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": KINDS.iter().map(rule).collect::<Vec<_>>(),
            }}),
            automation_details: json!({
                "id": run.id.map_or_else(|| "np-diff/".to_owned(), |id| format!("np-diff/{id}/")),
            }),
            column_kind: "unicodeCodePoints",
            invocations: [invocation],
            results: report.changes.iter().zip(all).take(MOST).map(result).collect(),
        }],
    };
    json::value(out, &log)
}

fn rule(kind: &Kind) -> Value {
    json!({
        "id": kind.id,
        "shortDescription": { "text": kind.short },
        "fullDescription": { "text": kind.full },
        "help": { "text": kind.help.replace('`', ""), "markdown": kind.help },
        "defaultConfiguration": { "level": kind.level.sarif() },
        "properties": { "tags": ["kubernetes", "networkpolicy", "security"] },
    })
}

fn result((row, fingerprint): (&Row, String)) -> SarifResult<'_> {
    let rule_index = row.kind();
    let suppression = row.acceptance().map(|justification| Suppression {
        kind: "external",
        status: "accepted",
        justification,
    });
    SarifResult {
        rule_id: KINDS[rule_index].id,
        rule_index,
        level: row.level().sarif(),
        message: Message { text: message(&row.sentence()).into_owned() },
        locations: [location(row.spot.as_ref())],
        partial_fingerprints: Fingerprints { github: fingerprint.clone(), np: fingerprint },
        suppressions: suppression.into_iter().collect(),
        properties: Properties { tags: &row.risks, fails: &row.fails, pairs: row.pairs },
    }
}

/// Where a change is pinned. GitHub refuses all results if one has no location, so there is the repository itself.
fn location(spot: Option<&Place>) -> Location {
    let file = spot.map_or(".", |spot| spot.file.as_str());
    let artifact_location = ArtifactLocation { uri: utf8_percent_encode(file, PATH).to_string() };
    let region = spot.map(|spot| Region { start_line: spot.line, start_column: spot.column });
    Location { physical_location: PhysicalLocation { artifact_location, region } }
}

/// What there is to say about files of accepted changes, and how much is left out.
fn notifications(report: &Report) -> Vec<Value> {
    let told = report.told().map(Note::sentence);
    let left_out = report.changes.len().saturating_sub(MOST);
    let more = (left_out > 0).then(|| {
        format!(
            "{} changes are left out, the least risky ones: np diff -o json lists all",
            grouped(left_out as u64)
        )
    });
    let notification = |text: String| json!({ "level": "warning", "message": { "text": message(&text) } });
    told.chain(more).map(notification).collect()
}

/// A plain text as a message: braces and brackets would hold placeholders and links.
fn message(text: &str) -> Cow<'_, str> {
    if !text.contains(['{', '}', '[', ']']) {
        return Cow::Borrowed(text);
    }
    let text = text.replace('{', "{{").replace('}', "}}");
    Cow::Owned(text.replace('[', "\\[").replace(']', "\\]"))
}

impl Level {
    fn sarif(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{location, message};
    use crate::report::places::Place;

    #[test]
    fn paths_are_uris() {
        let uri = |file: &str| {
            let place = Place { file: file.to_owned(), line: 1, column: 1 };
            location(Some(&place)).physical_location.artifact_location.uri
        };
        assert_eq!(uri("deploy/a-b_c.yaml"), "deploy/a-b_c.yaml");
        assert_eq!(uri("a:b/ü #1?.yaml"), "a%3Ab/%C3%BC%20%231%3F.yaml");
    }

    #[test]
    fn nothing_is_a_placeholder_or_a_link() {
        assert_eq!(message("a → b tcp/80"), "a → b tcp/80");
        assert_eq!(message("a\\u{1}[x](1)"), "a\\u{{1}}\\[x\\](1)");
    }
}
