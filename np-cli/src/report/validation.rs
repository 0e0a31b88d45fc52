//! What `np validate` found: every diagnostic, and what was read, in figures.

use std::collections::BTreeMap;
use std::io::{self, Write};

use np_model::Input;
use np_model::diag::Severity;
use serde::Serialize;

use super::clean::clean;
use super::diagnostic::{self, Style};
use super::finding::Finding;
use super::paint::Tone;
use super::places::Places;
use super::several::several;
use crate::args::MessageFormat;
use crate::failure::Message;

/// How many kinds of objects a line names.
const KINDS_NAMED: usize = 6;

/// The answer; `docs/json.md` explains the keys.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Validation {
    api_version: &'static str,
    kind: &'static str,
    kubernetes: String,
    valid: bool,
    files: usize,
    objects: usize,
    policies: usize,
    errors: usize,
    warnings: usize,
    notes: usize,
    /// How many objects of each kind have nothing to do with reachability.
    ignored: BTreeMap<String, usize>,
    /// Why files and folders could not be read.
    unread: Vec<String>,
    findings: Vec<Finding>,
}

/// Writes the findings as diagnostics, then what they come to.
pub(crate) fn text(out: &mut dyn Write, style: Style, input: &Input, unread: &[Message]) -> io::Result<()> {
    diagnostic::all(out, style, &Places::new(&input.sources), &input.diagnostics)?;
    if style.format == MessageFormat::Json {
        return Ok(());
    }
    let errors = count(input, Severity::Error);
    let (word, tone) = match (errors, unread.len()) {
        (0, 0) => ("valid", Tone::Good),
        (0, _) => ("incomplete", Tone::Open),
        (..) => ("invalid", Tone::Bad),
    };
    let counted = [
        (errors, "error", "errors"),
        (count(input, Severity::Warning), "warning", "warnings"),
        (count(input, Severity::Note), "note", "notes"),
        (unread.len(), "path that could not be read", "paths that could not be read"),
    ];
    let mut found = counted.into_iter().filter(|(count, ..)| *count > 0).map(plural).collect::<Vec<_>>();
    found.push(format!(
        "{} among {} in {}",
        plural((input.policies_met, "policy", "policies")),
        plural((input.objects, "object", "objects")),
        plural((input.sources.len(), "file", "files")),
    ));
    writeln!(out, "{}: {}", style.paint.tint(tone, word), found.join(", "))?;
    match kinds(&input.ignored) {
        Some(kinds) => writeln!(out, "ignored: {}", clean(&kinds)),
        None => Ok(()),
    }
}

/// Writes the same as one JSON object.
pub(crate) fn json(
    out: &mut dyn Write,
    input: &Input,
    kubernetes: String,
    unread: &[Message],
) -> io::Result<()> {
    let places = Places::new(&input.sources);
    let validation = Validation {
        api_version: "np/v1",
        kind: "Validation",
        kubernetes,
        valid: !input.has_errors() && unread.is_empty(),
        files: input.sources.len(),
        objects: input.objects,
        policies: input.policies_met,
        errors: count(input, Severity::Error),
        warnings: count(input, Severity::Warning),
        notes: count(input, Severity::Note),
        ignored: input.ignored.iter().map(|(kind, count)| (clean(kind).into_owned(), *count)).collect(),
        unread: unread.iter().map(|message| clean(&message.text).into_owned()).collect(),
        findings: input.diagnostics.iter().map(|problem| Finding::of(problem, &places)).collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &validation)?;
    writeln!(out)
}

/// The kinds of objects in words, the first few of them; nothing if there are none.
pub(crate) fn kinds(counts: &BTreeMap<String, usize>) -> Option<String> {
    let named: Vec<String> = counts.iter().map(|(kind, count)| format!("{count} × {kind}")).collect();
    several(&named, KINDS_NAMED)
}

fn count(input: &Input, severity: Severity) -> usize {
    input.diagnostics.iter().filter(|problem| problem.severity == severity).count()
}

fn plural((count, one, many): (usize, &str, &str)) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
