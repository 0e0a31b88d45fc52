//! A review as workflow commands of GitHub Actions: annotations at the lines that are behind the changes.
//!
//! What is accepted needs nobody's attention and is only counted.

use std::io::{self, Write};

use super::annotation::Level;
use super::{Note, Report, Row};
use crate::report::summary::grouped;

/// How many annotations of a level GitHub shows of a step.
const SHOWN: usize = 10;

/// Writes a report: the riskiest changes as errors, warnings and notices, as many of each as are shown; if others are
/// left out, a last notice counts them.
pub(crate) fn write(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    let (accepted, open): (Vec<&Row>, Vec<&Row>) =
        report.changes.iter().partition(|row| row.accepted.is_some());
    let mut counts = [0; 3];
    // One notice is kept for what is said at the end.
    let most = [SHOWN, SHOWN, SHOWN - 1];
    let mut has_room = |level: Level| {
        let count = &mut counts[level as usize];
        *count += 1;
        *count <= most[level as usize]
    };
    let mut left_out = 0;
    for row in open {
        if has_room(row.level()) {
            change(out, row)?;
        } else {
            left_out += 1;
        }
    }
    for one in report.told().filter(|_| has_room(Level::Warning)) {
        note(out, one)?;
    }
    let unseen = left_out + accepted.len();
    if unseen > 0 {
        let noun = if unseen == 1 { "change is" } else { "changes are" };
        let text = format!(
            "{}. {}. {} more {noun} not shown here: np diff -o json lists all.",
            report.verdict(),
            report.summary.line(),
            grouped(unseen as u64)
        );
        writeln!(out, "::notice title=np diff::{}", data(&text))?;
    }
    Ok(())
}

fn change(out: &mut dyn Write, row: &Row) -> io::Result<()> {
    let command = match row.level() {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "notice",
    };
    let place = row
        .spot
        .as_ref()
        .map(|spot| format!("file={},line={},col={},", property(&spot.file), spot.line, spot.column));
    let title = format!("title={}", property(&row.headline()));
    let mut text = row.reason();
    if text.is_empty() {
        text = row.headline();
    }
    if !row.risks.is_empty() {
        text = format!("{text}; risk: {}", row.risks.join(", "));
    }
    writeln!(out, "::{command} {}{title}::{}", place.unwrap_or_default(), data(&text))
}

fn note(out: &mut dyn Write, note: &Note) -> io::Result<()> {
    writeln!(out, "::warning title=np diff::{}", data(&note.sentence()))
}

/// A text as the message of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A text as a property of a command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::{data, property};

    #[test]
    fn nothing_ends_a_command() {
        assert_eq!(data("50%\r\n::error::x"), "50%25%0D%0A::error::x");
        assert_eq!(property("a::b,c=%0A"), "a%3A%3Ab%2Cc=%250A");
    }
}
