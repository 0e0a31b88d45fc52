//! An explanation in Markdown, to be pasted into a review: everything from the input is escaped.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::Told;
use crate::report::answer::{Answer, Group, Way};
use crate::report::paint::Paint;
use crate::report::places::Places;
use crate::report::text::Layout;

/// How many misses are shown.
const MISSES: usize = 3;

/// Writes an answer with its evidence.
pub(crate) fn write(out: &mut dyn Write, answer: &Answer) -> io::Result<()> {
    let ports = answer.ports.as_deref().unwrap_or("all");
    writeln!(
        out,
        "**{}** {} → {} on {}",
        answer.result.verdict.name(),
        code(&answer.from),
        code(&answer.to),
        code(ports)
    )?;
    let several = answer.pairs.len() > 1;
    for group in &answer.pairs {
        writeln!(out)?;
        if several {
            let [from, to] = &group.ends;
            writeln!(out, "{} → {}: **{}**\n", code(from), code(to), group.result.verdict.name())?;
        }
        ways(out, group)?;
    }
    for note in &answer.notes {
        writeln!(out, "\n> {}", escape(note))?;
    }
    Ok(())
}

fn ways(out: &mut dyn Write, group: &Group) -> io::Result<()> {
    for (name, way) in [("egress", &group.egress), ("ingress", &group.ingress)] {
        let mut text = format!("- **{name} {}**", way.verdict.name());
        reasons(&mut text, way);
        writeln!(out, "{text}")?;
        if let Some(told) = &way.evidence {
            evidence(out, told)?;
        }
    }
    Ok(())
}

fn reasons(text: &mut String, way: &Way) {
    for (at, reason) in way.decisions.iter().enumerate() {
        let separator = if at == 0 { ": " } else { "; " };
        let place = reason.place.as_ref().map(|place| format!(" ({})", code(&place.to_string())));
        // Writing to a string cannot fail.
        let _ = write!(text, "{separator}{}{}", escape(&reason.message), place.unwrap_or_default());
    }
}

fn evidence(out: &mut dyn Write, told: &Told) -> io::Result<()> {
    for miss in told.misses.iter().filter(|miss| miss.likely).take(MISSES) {
        let place = match miss.gaps.as_slice() {
            [only] => only.place.as_ref(),
            _ => miss.place.as_ref(),
        };
        let place = place.map(|place| format!(" ({})", code(&place.to_string()))).unwrap_or_default();
        writeln!(out, "  - nearest: {}{place}", escape(&miss.message))?;
        for hint in miss.gaps.iter().filter_map(|gap| gap.hint.as_deref()) {
            writeln!(out, "    {}", escape(hint))?;
        }
    }
    match &told.missing {
        Some(missing) => writeln!(out, "  - missing: {}", escape(missing)),
        None => Ok(()),
    }
}

/// What is written as text, as a block of code that nothing in it ends.
pub(crate) fn plain(
    out: &mut dyn Write,
    text: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let mut written = Vec::new();
    text(&mut written)?;
    let written = String::from_utf8_lossy(&written);
    let longest = written.split(|character| character != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    writeln!(out, "{fence}text\n{}\n{fence}", written.trim_end())
}

/// How text is laid out for [`plain`].
pub(crate) fn layout<'a>(places: &'a Places<'a>) -> Layout<'a> {
    Layout { paint: Paint::Off, width: None, places }
}

/// The text as it is, whatever characters of Markdown and HTML are in it.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            // `@` and `#` would name people and issues.
            '@' => escaped.push_str("&#64;"),
            '#' => escaped.push_str("&#35;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '!' => escaped.extend(['\\', character]),
            _ => escaped.push(character),
        }
    }
    escaped
}

/// The text in a code span: no character ends it.
pub(crate) fn code(text: &str) -> String {
    let longest = text.split(|character| character != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let blank = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{blank}{text}{blank}{fence}")
}

#[cfg(test)]
mod tests {
    use super::{code, escape};

    #[test]
    fn nothing_of_the_input_is_markup() {
        assert_eq!(escape("a_b <img> [x](y) @me #1"), "a\\_b &lt;img&gt; \\[x\\](y) &#64;me &#35;1");
        assert_eq!(code("a"), "`a`");
        assert_eq!(code("a``b`"), "``` a``b` ```");
    }
}
