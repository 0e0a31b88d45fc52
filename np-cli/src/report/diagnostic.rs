//! Diagnostics: for people what is wrong, where, the line itself, and what to do about it; for
//! machines a line each.

use std::collections::BTreeMap;
use std::io::{self, Write};

use np_model::diag::{Diagnostic, Severity};
use np_model::origin::Location;

use super::clean::clean;
use super::finding::{Finding, severity};
use super::paint::{Paint, Tone};
use super::places::Places;
use crate::args::MessageFormat;
use crate::failure::Message;

/// How many warnings of one code are shown.
const WARNINGS_SHOWN: usize = 3;

/// How much of a line is shown before and behind a place.
const LINE_SHOWN: usize = 60;

/// How diagnostics are written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style {
    /// How to colour them, for people.
    pub(crate) paint: Paint,
    /// In which form.
    pub(crate) format: MessageFormat,
}

/// Writes a note, which has no place.
pub(crate) fn note(out: &mut dyn Write, style: Style, text: &str) -> io::Result<()> {
    match style.format {
        MessageFormat::Human => writeln!(out, "{}: {}", style.paint.tint(Tone::Dim, "note"), clean(text)),
        MessageFormat::Short | MessageFormat::Json => finding(out, style, &Finding::note(text)),
    }
}

/// Writes messages that have no place.
pub(crate) fn messages(out: &mut dyn Write, style: Style, messages: &[Message]) -> io::Result<()> {
    for message in messages {
        if style.format != MessageFormat::Human {
            finding(out, style, &Finding::told(message))?;
            continue;
        }
        let paint = style.paint;
        writeln!(out, "{}: {}", paint.tint(Tone::Bad, "error"), clean(&message.text))?;
        advice(out, paint, message.help.as_deref())?;
    }
    Ok(())
}

/// Writes every error, in order.
pub(crate) fn errors(
    out: &mut dyn Write,
    style: Style,
    places: &Places<'_>,
    diagnostics: &[Diagnostic],
) -> io::Result<()> {
    for problem in diagnostics.iter().filter(|problem| problem.severity == Severity::Error) {
        one(out, style, places, problem)?;
    }
    Ok(())
}

/// Writes every diagnostic, in order.
pub(crate) fn all(
    out: &mut dyn Write,
    style: Style,
    places: &Places<'_>,
    diagnostics: &[Diagnostic],
) -> io::Result<()> {
    diagnostics.iter().try_for_each(|problem| one(out, style, places, problem))
}

/// Writes a finding on a line of its own, for machines.
fn finding(out: &mut dyn Write, style: Style, finding: &Finding) -> io::Result<()> {
    if style.format == MessageFormat::Json {
        serde_json::to_writer(&mut *out, finding)?;
        writeln!(out)
    } else {
        writeln!(out, "{finding}")
    }
}

/// Writes how many errors there were, if there were several.
pub(crate) fn summary(
    out: &mut dyn Write,
    style: Style,
    unread: usize,
    diagnostics: &[Diagnostic],
) -> io::Result<()> {
    if style.format == MessageFormat::Json {
        return Ok(());
    }
    let errors = diagnostics.iter().filter(|problem| problem.severity == Severity::Error).count();
    match unread + errors {
        0 => Ok(()),
        1 => writeln!(out, "np: 1 error"),
        count => writeln!(out, "np: {count} errors"),
    }
}

/// Writes what is worth knowing, a few of each kind.
pub(crate) fn warnings(
    out: &mut dyn Write,
    style: Style,
    places: &Places<'_>,
    diagnostics: &[Diagnostic],
) -> io::Result<()> {
    // Machines are told everything.
    let shown = if style.format == MessageFormat::Human { WARNINGS_SHOWN } else { usize::MAX };
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for problem in diagnostics.iter().filter(|problem| problem.severity != Severity::Error) {
        let count = counts.entry(problem.code.name()).or_default();
        *count += 1;
        if *count <= shown {
            one(out, style, places, problem)?;
        }
    }
    for (code, count) in counts.into_iter().filter(|(_, count)| *count > shown) {
        let label = style.paint.tint(Tone::Open, &format!("warning[{code}]"));
        writeln!(out, "{label}: and {} more of this kind", count - shown)?;
    }
    Ok(())
}

fn one(out: &mut dyn Write, style: Style, places: &Places<'_>, problem: &Diagnostic) -> io::Result<()> {
    if style.format != MessageFormat::Human {
        return finding(out, style, &Finding::of(problem, places));
    }
    let paint = style.paint;
    let tone = match problem.severity {
        Severity::Error => Tone::Bad,
        Severity::Warning => Tone::Open,
        Severity::Note => Tone::Dim,
    };
    let word = severity(problem.severity);
    let label = paint.tint(tone, &format!("{word}[{}]", problem.code.name()));
    writeln!(out, "{label}: {}", clean(&problem.message))?;
    if let Some(at) = problem.at {
        writeln!(out, "  {} {}", paint.tint(Tone::Dim, "-->"), places.place(at))?;
        excerpt(out, paint, places, at)?;
    }
    let context = match (&problem.object, &problem.field) {
        (Some(object), Some(field)) => Some(format!("{object}, {field}")),
        (Some(object), None) => Some(object.to_string()),
        (None, Some(field)) => Some(field.clone()),
        (None, None) => None,
    };
    if let Some(context) = context {
        writeln!(out, "  {} {}", paint.tint(Tone::Dim, "in"), clean(&context))?;
    }
    advice(out, paint, problem.help.as_deref())
}

fn advice(out: &mut dyn Write, paint: Paint, help: Option<&str>) -> io::Result<()> {
    match help {
        Some(help) => writeln!(out, "{}: {}", paint.tint(Tone::Strong, "help"), clean(help)),
        None => Ok(()),
    }
}

/// The line that a place is on, with a mark below the place.
fn excerpt(out: &mut dyn Write, paint: Paint, places: &Places<'_>, at: Location) -> io::Result<()> {
    let (number, before, behind) = places.line(at);
    if before.trim().is_empty() && behind.trim().is_empty() {
        return Ok(());
    }
    let skipped = before.chars().count().saturating_sub(LINE_SHOWN);
    let before: String = before.chars().skip(skipped).collect();
    let before = clean(&before.replace('\t', " ")).into_owned();
    let shown: String = behind.chars().take(LINE_SHOWN).collect();
    let behind = clean(&shown.replace('\t', " ")).into_owned();
    let indent = before.chars().count();
    let number = number.to_string();
    let bar = paint.tint(Tone::Dim, "|");
    writeln!(out, "  {} {bar} {before}{behind}", paint.tint(Tone::Dim, &number))?;
    let width = number.len();
    writeln!(out, "  {:width$} {bar} {:indent$}{}", "", "", paint.tint(Tone::Bad, "^"))
}
