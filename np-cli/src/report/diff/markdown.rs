//! A review as a comment on a pull request: the verdict first, the riskiest changes in a table, the rest folded, and
//! never longer than the platform takes. Everything from the input is escaped.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::io::{self, Write};

use super::row::LEGEND;
use super::{Folded, Report, Row};
use crate::report::explain::markdown::{code, escape};
use crate::report::places::Place;
use crate::report::several::several;
use crate::report::summary::grouped;

/// How many changes are not folded.
const SHOWN: usize = 25;

/// How many names are listed of those that a few words stand for.
const NAMED: usize = 20;

/// How many bytes are kept for what is said at the end: what is left out.
const RESERVE: usize = 300;

/// How a comment is written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Comment<'a> {
    /// What tells it from others.
    pub(crate) id: Option<&'a str>,
    /// How many bytes it may have.
    pub(crate) most: usize,
}

/// A text that is not to grow beyond a size.
struct Page {
    text: String,
    most: usize,
}

impl Page {
    /// Adds some text and, later, `end`, if there is room for both.
    fn has_room(&self, text: &str, end: &str) -> bool {
        self.text.len() + text.len() + end.len() + RESERVE <= self.most
    }
}

/// Writes a report. Rows that do not fit are left out whole, the least risky first, and counted.
pub(crate) fn write(out: &mut dyn Write, report: &Report, comment: Comment<'_>) -> io::Result<()> {
    out.write_all(text(report, comment).as_bytes())
}

fn text(report: &Report, comment: Comment<'_>) -> String {
    let id = comment.id.map(|id| format!(" {id}")).unwrap_or_default();
    let sign = if report.passes { "✅" } else { "❌" };
    let head = format!(
        "<!-- np-diff{id} -->\n### {sign} np diff: {}\n\n{}\n",
        report.verdict(),
        report.summary.line()
    );
    let mut page = Page { text: head, most: comment.most };
    let rows = report.changes.as_slice();
    let (accepted, open): (Vec<&Folded>, Vec<&Folded>) =
        report.folded.iter().partition(|folded| folded.first(rows).accepted.is_some());
    let (first, rest) = open.split_at(open.len().min(SHOWN));
    let mut left_out = table(&mut page, (rows, first), "\n", "");
    if left_out == 0 && !rest.is_empty() {
        let (start, end) = folded(&format!("{} more changes", grouped(rest.len() as u64)));
        left_out += table(&mut page, (rows, rest), &start, end);
    } else {
        left_out += rest.len();
    }
    if !accepted.is_empty() && left_out == 0 {
        let (start, end) = folded(&format!("{} accepted", grouped(accepted.len() as u64)));
        left_out += table(&mut page, (rows, &accepted), &start, end);
    } else {
        left_out += accepted.len();
    }
    if left_out > 0 {
        let noun = if left_out == 1 { "change is" } else { "changes are" };
        let left_out = grouped(left_out as u64);
        // Writing to a string cannot fail.
        let _ = writeln!(page.text, "\n{left_out} {noun} left out for length; `np diff -o json` lists all.");
        return page.text;
    }
    notes(&mut page, report);
    names(&mut page, report);
    page.text
}

/// The start and the end of something folded.
fn folded(title: &str) -> (String, &'static str) {
    (format!("\n<details><summary>{title}</summary>\n\n"), "\n</details>\n")
}

/// Adds a table of rows between two texts; gives how many found no room.
fn table(page: &mut Page, (rows, told): (&[Row], &[&Folded]), start: &str, end: &str) -> usize {
    let head = format!("{start}| | Change | From → to | What | Because of |\n|---|---|---|---|---|\n");
    let mut texts = told.iter().map(|folded| line(rows, folded));
    let Some(first) = texts.next() else { return 0 };
    if !page.has_room(&(head.clone() + &first), end) {
        return told.len();
    }
    page.text.push_str(&head);
    page.text.push_str(&first);
    let mut shown = 1;
    for text in texts {
        if !page.has_room(&text, end) {
            break;
        }
        page.text.push_str(&text);
        shown += 1;
    }
    page.text.push_str(end);
    told.len() - shown
}

fn line(rows: &[Row], folded: &Folded) -> String {
    let row = folded.first(rows);
    let ends =
        folded.ends.iter().filter(|end| !end.is_empty()).map(|end| cell(end)).collect::<Vec<_>>().join(" → ");
    // The place has a line of its own, where narrow columns would break it.
    let at = |place: &Place| format!("<br>{}", cell(&place.to_string()));
    let why = match (&row.accepted, row.changed_by().next()) {
        (Some(accepted), _) => format!("accepted: {}{}", escape(&accepted.reason), at(&accepted.place)),
        (None, Some(who)) => {
            let further = folded.further(rows);
            let more = if further > 0 { format!(" and {further} more") } else { String::new() };
            format!("{}{more}{}", cell(&who.message), who.place.as_ref().map(at).unwrap_or_default())
        }
        (None, None) => String::new(),
    };
    // A change to unknown is called by its risk already.
    let risk = row.risks.first().filter(|risk| **risk != row.change);
    let risk = risk.map(|risk| format!("<br>{risk}")).unwrap_or_default();
    let word = row.change.to_uppercase();
    let word = if row.fails.is_empty() { word } else { format!("**{word}**") };
    format!("| {} | {word}{risk} | {ends} | {} | {why} |\n", row.sign(), cell(&row.short))
}

/// A text in a code span of a table: no character ends the span or the cell.
fn cell(text: &str) -> String {
    code(text).replace('|', "\\|")
}

fn notes(page: &mut Page, report: &Report) {
    let legend = format!("\n{LEGEND}\n");
    if report.changes.iter().any(Row::needs_legend) && page.has_room(&legend, "") {
        page.text.push_str(&legend);
    }
    for note in report.told() {
        let place =
            note.place.as_ref().map(|place| format!(" {}", code(&place.to_string()))).unwrap_or_default();
        let text = format!("\n> {}{place}\n", escape(&note.message));
        if page.has_room(&text, "") {
            page.text.push_str(&text);
        }
    }
}

/// Adds what the counts stand for, in the order of the tables, if there is room for all of it.
fn names(page: &mut Page, report: &Report) {
    let (mut meant, mut seen) = (Vec::new(), HashSet::new());
    for folded in &report.folded {
        for (end, names) in folded.ends.iter().zip(folded.names(&report.changes)) {
            if names.len() > 1 && seen.insert((end, names.clone())) {
                meant.push((end, names));
            }
        }
    }
    if meant.is_empty() {
        return;
    }
    let (mut text, end) = folded("Who is meant");
    for (end, names) in meant {
        let coded: Vec<String> = names.iter().map(|name| code(name)).collect();
        let _ = writeln!(text, "- {}: {}", code(end), several(&coded, NAMED).unwrap_or_default());
    }
    text.push_str(end);
    if page.has_room(&text, "") {
        page.text.push_str(&text);
    }
}
