//! Diagnostics: for people what is wrong, where, the line itself, and what to do about it; for
//! machines a line each.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io::{self, Write};

use np_model::diag::{Code, Diagnostic, Severity};

use super::clean::clip;
use super::excerpt;
use super::finding::{Finding, severity};
use super::paint::{Paint, Tone};
use super::places::Places;
use crate::args::MessageFormat;
use crate::failure::Message;

/// How many errors of one code people are shown, and warnings where these are the answer.
const ERRORS_SHOWN: usize = 20;

/// How many warnings of one code people are shown beside an answer.
const WARNINGS_SHOWN: usize = 3;

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
        MessageFormat::Human => writeln!(out, "{}: {}", style.paint.tint(Tone::Dim, "note"), clip(text)),
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
        writeln!(out, "{}: {}", paint.tint(Tone::Bad, "error"), clip(&message.text))?;
        message.said.iter().try_for_each(|line| writeln!(out, "  | {}", clip(line)))?;
        advice(out, paint, message.help.as_deref())?;
    }
    Ok(())
}

/// Writes the errors, in order.
pub(crate) fn errors(
    out: &mut dyn Write,
    style: Style,
    places: &Places<'_>,
    diagnostics: &[Diagnostic],
) -> io::Result<()> {
    let errors = diagnostics.iter().filter(|problem| problem.severity == Severity::Error);
    first_of_each(out, style, places, errors, ERRORS_SHOWN)
}

/// Writes the diagnostics, in order.
pub(crate) fn all(
    out: &mut dyn Write,
    style: Style,
    places: &Places<'_>,
    diagnostics: &[Diagnostic],
) -> io::Result<()> {
    first_of_each(out, style, places, diagnostics.iter(), ERRORS_SHOWN)
}

/// Writes what is worth knowing, a few of each kind.
pub(crate) fn warnings(
    out: &mut dyn Write,
    style: Style,
    places: &Places<'_>,
    diagnostics: &[Diagnostic],
) -> io::Result<()> {
    let warnings = diagnostics.iter().filter(|problem| problem.severity != Severity::Error);
    first_of_each(out, style, places, warnings, WARNINGS_SHOWN)
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

/// Writes for people the first `most` of each code, and how many more there are; for machines all.
fn first_of_each<'d>(
    out: &mut dyn Write,
    style: Style,
    places: &Places<'_>,
    diagnostics: impl Iterator<Item = &'d Diagnostic>,
    most: usize,
) -> io::Result<()> {
    let most = if style.format == MessageFormat::Human { most } else { usize::MAX };
    let mut counts: BTreeMap<(Reverse<Severity>, Code), usize> = BTreeMap::new();
    for problem in diagnostics {
        let count = counts.entry((Reverse(problem.severity), problem.code)).or_default();
        *count += 1;
        if *count <= most {
            one(out, style, places, problem)?;
        }
    }
    for ((Reverse(severity), code), count) in counts {
        if let Some(more) = count.checked_sub(most).filter(|more| *more > 0) {
            writeln!(out, "{}: and {more} more of this kind", label(style.paint, severity, code))?;
        }
    }
    Ok(())
}

fn label(paint: Paint, of: Severity, code: Code) -> String {
    let tone = match of {
        Severity::Error => Tone::Bad,
        Severity::Warning => Tone::Open,
        Severity::Note => Tone::Dim,
    };
    paint.tint(tone, &format!("{}[{}]", severity(of), code.name()))
}

fn one(out: &mut dyn Write, style: Style, places: &Places<'_>, problem: &Diagnostic) -> io::Result<()> {
    if style.format != MessageFormat::Human {
        return finding(out, style, &Finding::of(problem, places));
    }
    let paint = style.paint;
    writeln!(out, "{}: {}", label(paint, problem.severity, problem.code), clip(&problem.message))?;
    let context = context(problem);
    let Some(at) = problem.at else {
        if let Some(context) = context {
            writeln!(out, "{}: {context}", paint.tint(Tone::Dim, "note"))?;
        }
        return advice(out, paint, problem.help.as_deref());
    };
    // The renderer would count columns in what it is given, which is cut and cleaned.
    let place = places.place(at);
    let indent = if places.is_empty(at) { 0 } else { place.line.ilog10() as usize };
    writeln!(out, " {:indent$}{} {place}", "", paint.tint(Tone::Dim, "-->"))?;
    let help = problem.help.as_deref().map(clip);
    let remarks = (context.as_deref(), help.as_deref());
    let drawn = excerpt::draw(paint, places, (at, problem.code, problem.severity), remarks);
    // A blank line, for the next one stands right below.
    writeln!(out, "{drawn}")
}

/// In which object and at which field, as far as that is known.
fn context(problem: &Diagnostic) -> Option<String> {
    let object = problem.object.as_ref().map(ToString::to_string);
    let parts = [object.as_deref(), problem.field.as_deref()].into_iter().flatten();
    let parts: Vec<_> = parts.filter(|part| !part.trim().is_empty()).map(clip).collect();
    (!parts.is_empty()).then(|| format!("in {}", parts.join(", ")))
}

fn advice(out: &mut dyn Write, paint: Paint, help: Option<&str>) -> io::Result<()> {
    match help {
        Some(help) => writeln!(out, "{}: {}", paint.tint(Tone::Strong, "help"), clip(help)),
        None => Ok(()),
    }
}
