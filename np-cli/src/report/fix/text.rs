//! Fixes for people: each in a few lines, then the patch of the first.

use std::io::{self, Write};

use super::{EffectTold, FixTold};
use crate::report::paint::{Paint, Tone};
use crate::report::wrap::wrap;

/// How many fixes are told, and how many of the other changes of each.
const FIXES: usize = 3;
const EFFECTS: usize = 4;

/// What is said of a fix whose effects are not all known.
const UNJUDGED: &str = "what is unknown before and after may hang on it (np diff says what)";

/// How it is written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look {
    pub(crate) paint: Paint,
    /// How many columns there are.
    pub(crate) width: Option<usize>,
}

impl Look {
    /// A text behind a label of so many columns, its further lines below its first.
    fn paragraph(
        self,
        out: &mut dyn Write,
        (label, columns): (&str, usize),
        tone: Option<Tone>,
        text: &str,
    ) -> io::Result<()> {
        let lines = wrap(text, self.width.map(|width| width.saturating_sub(columns)));
        for (at, line) in lines.iter().enumerate() {
            let line = tone.map_or_else(|| line.clone(), |tone| self.paint.tint(tone, line));
            if at == 0 {
                writeln!(out, "{label}{line}")?;
            } else {
                writeln!(out, "{:columns$}{line}", "")?;
            }
        }
        Ok(())
    }

    /// A text this far from the left.
    fn indented(self, out: &mut dyn Write, columns: usize, tone: Option<Tone>, text: &str) -> io::Result<()> {
        self.paragraph(out, (&" ".repeat(columns), columns), tone, text)
    }
}

/// Writes the fixes; `aim` says what each does, such as `opens`.
pub(crate) fn write(out: &mut dyn Write, look: Look, fixes: &[FixTold], aim: &str) -> io::Result<()> {
    list(out, look, fixes, aim)?;
    let Some(first) = fixes.first() else { return Ok(()) };
    writeln!(out)?;
    match (&first.patch, &first.no_patch) {
        (Some(patch), _) => coloured(out, look.paint, patch),
        (None, reason) => writeln!(out, "no patch: {}", reason.as_deref().unwrap_or(NO_TEXT)),
    }
}

/// Why there is no patch of what was never a text.
const NO_TEXT: &str = "the input is no text";

/// The fixes without their patches.
fn list(out: &mut dyn Write, look: Look, fixes: &[FixTold], aim: &str) -> io::Result<()> {
    for (number, fix) in fixes.iter().take(FIXES).enumerate() {
        let label = if number == 0 { "fix".to_owned() } else { format!("fix {}", number + 1) };
        for (at, step) in fix.steps.iter().enumerate() {
            let label = if at == 0 { look.paint.padded(Tone::Strong, &label, 7) } else { " ".repeat(7) };
            look.paragraph(out, (&label, 7), None, step)?;
        }
        effects(out, look, fix, aim)?;
    }
    if fixes.len() > FIXES {
        writeln!(out, "       {} more: see -o json", fixes.len() - FIXES)?;
    }
    Ok(())
}

/// Writes the first fix in one line, if it is surely meant and changes nothing else.
pub(crate) fn line(out: &mut dyn Write, look: Look, fixes: &[FixTold]) -> io::Result<()> {
    let Some(fix) = fixes.first().filter(|fix| fix.confident && fix.patch.is_some()) else { return Ok(()) };
    let besides = match (fix.opened, fix.closed + fix.unknown) {
        (0, 0) if fix.judged => "opens this connection and nothing else".to_owned(),
        (0, 0) => "opens this connection, and nothing else that is known".to_owned(),
        (pairs, 0) => format!(
            "opens this connection, and more for {pairs} {}",
            if pairs == 1 { "pair" } else { "pairs" }
        ),
        (..) => "opens this connection, and changes others".to_owned(),
    };
    let label = format!("  {}", look.paint.padded(Tone::Strong, "fix", 9));
    let text = format!("{}: {besides}   (--fix prints the patch)", fix.steps.join("; "));
    look.paragraph(out, (&label, 11), None, &text)
}

/// Writes the fixes for a review, that of the first with its patch.
pub(crate) fn markdown(out: &mut dyn Write, fixes: &[FixTold], aim: &str) -> io::Result<()> {
    let mut plain = Vec::new();
    list(&mut plain, Look { paint: Paint::Off, width: None }, fixes, aim)?;
    fenced(out, "text", &String::from_utf8_lossy(&plain))?;
    match fixes.first().map(|fix| (&fix.patch, &fix.no_patch)) {
        Some((Some(patch), _)) => fenced(out, "diff", patch),
        Some((None, reason)) => writeln!(out, "\nNo patch: {}", reason.as_deref().unwrap_or(NO_TEXT)),
        None => Ok(()),
    }
}

/// A block of code, whatever ticks are in it.
fn fenced(out: &mut dyn Write, language: &str, text: &str) -> io::Result<()> {
    let ticks = "`".repeat(text.split(|c| c != '`').map(str::len).max().unwrap_or_default().max(2) + 1);
    write!(out, "\n{ticks}{language}\n{text}{}{ticks}\n", if text.ends_with('\n') { "" } else { "\n" })
}

/// Writes the patch of the first fix alone, as it is.
pub(crate) fn patch(out: &mut dyn Write, fixes: &[FixTold]) -> io::Result<()> {
    match fixes.first().and_then(|fix| fix.patch.as_ref()) {
        Some(patch) => out.write_all(patch.as_bytes()),
        None => Ok(()),
    }
}

fn effects(out: &mut dyn Write, look: Look, fix: &FixTold, aim: &str) -> io::Result<()> {
    if fix.effects.is_empty() {
        let (tone, text) = if fix.judged {
            (Tone::Good, format!("{aim} this connection and changes nothing else"))
        } else {
            (Tone::Open, format!("{aim} this connection, and nothing else that is known; {UNJUDGED}"))
        };
        return look.indented(out, 7, Some(tone), &text);
    }
    let counts: Vec<String> = [(fix.opened, "opens"), (fix.closed, "closes"), (fix.unknown, "makes unknown")]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, verb)| {
            format!("{verb} something for {count} {}", if count == 1 { "pair" } else { "pairs" })
        })
        .collect();
    look.indented(out, 7, Some(Tone::Open), &format!("also {}", counts.join(", ")))?;
    for effect in fix.effects.iter().take(EFFECTS) {
        look.indented(out, 9, None, &self::effect(effect))?;
    }
    if fix.effects.len() > EFFECTS {
        writeln!(out, "         and {} more", fix.effects.len() - EFFECTS)?;
    }
    if fix.judged { Ok(()) } else { look.indented(out, 7, Some(Tone::Open), UNJUDGED) }
}

fn effect(effect: &EffectTold) -> String {
    let [from, to] = &effect.ends;
    let parts = [("+", &effect.opened), ("-", &effect.closed), ("?", &effect.unknown)];
    let parts: Vec<String> =
        parts.into_iter().filter(|(_, set)| *set != "-").map(|(sign, set)| format!("{sign} {set}")).collect();
    format!("{from} → {to}  {}", parts.join("  "))
}

/// A patch with its lines in colours. Control characters of the file are not for a terminal.
fn coloured(out: &mut dyn Write, paint: Paint, patch: &str) -> io::Result<()> {
    for line in patch.split_inclusive('\n') {
        let tone = match line.as_bytes().first() {
            _ if line.starts_with("---") || line.starts_with("+++") => Some(Tone::Strong),
            Some(b'+') => Some(Tone::Good),
            Some(b'-') => Some(Tone::Bad),
            Some(b'@') => Some(Tone::Dim),
            _ => None,
        };
        let (body, end) = line.strip_suffix('\n').map_or((line, ""), |body| (body, "\n"));
        let body: String = body
            .chars()
            .flat_map(|c| {
                let is_harmful = c.is_control() && c != '\t' && c != '\r';
                if is_harmful { c.escape_unicode().collect::<Vec<_>>() } else { vec![c] }
            })
            .collect();
        let body = tone.map_or(body.clone(), |tone| paint.tint(tone, &body));
        write!(out, "{body}{end}")?;
    }
    Ok(())
}
