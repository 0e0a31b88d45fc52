//! A review for people: the verdict, and a line for each change with its columns aligned.

use std::io::{self, Write};

use super::row::LEGEND;
use super::{Folded, Report, Row};
use crate::report::paint::{Paint, Tone};

/// What a line is told in: a sign, a word, and the columns.
struct Cells<'r> {
    sign: &'static str,
    tone: Tone,
    word: String,
    ends: String,
    short: &'r str,
    who: String,
    place: String,
}

/// Writes a report, in lines that are no wider than `width` where they can be.
pub(crate) fn write(
    out: &mut dyn Write,
    report: &Report,
    paint: Paint,
    width: Option<usize>,
) -> io::Result<()> {
    let verdict = report.verdict();
    let tone = if report.passes { Tone::Good } else { Tone::Bad };
    let line = report.summary.line();
    let cells: Vec<Cells<'_>> =
        report.folded.iter().map(|folded| Cells::of(folded, &report.changes)).collect();
    let widest = |of: for<'c> fn(&'c Cells<'_>) -> &'c str| {
        cells.iter().map(|cells| length(of(cells))).max().unwrap_or(0)
    };
    let [word, ends, short, who] = [
        widest(|cells| &cells.word),
        widest(|cells| &cells.ends),
        widest(|cells| cells.short),
        widest(|cells| &cells.who),
    ];
    let place = widest(|cells| &cells.place);
    let whole = 2 + word + 2 + ends + 2 + short + 2 + who + 2 + place;
    let is_wide = width.is_none_or(|width| whole <= width);
    let across = if is_wide { whole.min(width.unwrap_or(whole)) } else { 0 };
    let gap = across.saturating_sub(length(&line) + length(&verdict)).max(3);
    writeln!(out, "{}{:gap$}{}", paint.tint(Tone::Strong, &line), "", paint.tint(tone, &verdict))?;
    for cells in &cells {
        let Cells { sign, tone, word: its, ends: between, short: what, who: decider, place } = cells;
        let sign = paint.tint(*tone, sign);
        let its = paint.padded(*tone, its, word);
        if is_wide {
            let mut text = format!("{between:ends$}  {what:short$}  {decider:who$}");
            if !place.is_empty() {
                text = format!("{text}  {}", paint.tint(Tone::Dim, place));
            }
            writeln!(out, "{sign} {its}  {}", text.trim_end())?;
        } else {
            writeln!(out, "{sign} {its}  {between}")?;
            let blank = word + 4;
            writeln!(out, "{:blank$}{what}", "")?;
            let behind = [decider.as_str(), place.as_str()].join("  ");
            if !behind.trim().is_empty() {
                writeln!(out, "{:blank$}{}", "", paint.tint(Tone::Dim, behind.trim()))?;
            }
        }
    }
    if report.changes.iter().any(Row::needs_legend) {
        writeln!(out, "{}", paint.tint(Tone::Dim, LEGEND))?;
    }
    for note in report.told() {
        let place = note.place.as_ref().map(|place| format!("  {place}")).unwrap_or_default();
        writeln!(out, "note: {}{place}", note.message)?;
    }
    Ok(())
}

impl<'r> Cells<'r> {
    fn of(folded: &Folded, rows: &'r [Row]) -> Self {
        let row = folded.first(rows);
        let sign = row.sign();
        let tone = match sign {
            "!" => Tone::Bad,
            "+" => Tone::Good,
            "·" => Tone::Dim,
            _ => Tone::Open,
        };
        let ends = match folded.ends.each_ref().map(String::as_str) {
            [from, ""] => from.to_owned(),
            [from, to] => format!("{from} → {to}"),
        };
        let who = row.changed_by().next();
        let others = match folded.further(rows) {
            0 => String::new(),
            count => format!(" (+{count})"),
        };
        let decider = who.map(|who| format!("{}{others}", who.message)).unwrap_or_default();
        let who_accepts = row.accepted.as_ref().map(|accepted| format!("accepted: {}", accepted.reason));
        let place = match &row.accepted {
            Some(accepted) => Some(accepted.place.to_string()),
            None => who.and_then(|who| who.place.as_ref()).map(ToString::to_string),
        };
        Self {
            sign,
            tone,
            word: row.change.to_uppercase(),
            ends,
            short: &row.short,
            who: who_accepts.unwrap_or(decider),
            place: place.unwrap_or_default(),
        }
    }
}

fn length(text: &str) -> usize {
    text.chars().count()
}
