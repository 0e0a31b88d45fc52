//! The matrix for people: a sign a cell if a port was asked about, else what passes.

use std::io::{self, Write};

use np_sim::Verdict;
use np_sim::matrix::DeniedBy;

use super::grid::{Content, Grid};
use super::paint::{Paint, Tone};

const SIGNS: &str = "✓ allowed  e denied by egress  i denied by ingress  ✗ by both  ± some ports, addresses or pods  ? unknown  · one pod, itself";
const SETS: &str = "± for some ports, addresses or pods  ? unknown  - nothing passes  · one pod, itself";

/// Writes a matrix.
pub(crate) fn matrix(out: &mut dyn Write, paint: Paint, grid: &mut Grid<'_>) -> io::Result<()> {
    if grid.rows.is_empty() || grid.columns.is_empty() {
        return Ok(());
    }
    let is_signs = grid.port().is_some();
    let mut shown: Vec<Shown> = Vec::new();
    let mut rows: Vec<Vec<Option<usize>>> = Vec::new();
    let mut cells = Vec::new();
    for row in 0..grid.rows.len() {
        grid.row(row, &mut cells);
        for id in cells.iter().copied().flatten() {
            for _ in shown.len()..=id.index() {
                shown.push(Shown::default());
            }
            if shown[id.index()].text.is_empty() {
                shown[id.index()] = Shown::of(grid.content(id));
            }
        }
        rows.push(cells.iter().map(|cell| cell.map(super::grid::ContentId::index)).collect());
    }
    if rows.iter().flatten().all(Option::is_none) {
        return Ok(());
    }
    let length = |text: &str| text.chars().count();
    let widths: Vec<usize> = (0..grid.columns.len())
        .map(|column| {
            let cells = rows.iter().filter_map(|row| row[column]);
            let widest = cells.map(|cell| length(&shown[cell].text)).max().unwrap_or(0);
            widest.max(length(&grid.columns[column].short))
        })
        .collect();
    let label = grid.rows.iter().map(|row| length(&row.short)).max().unwrap_or(0);

    // Signs stand amid their column, sets at its start, where they need more room.
    let room = if is_signs { 1 } else { 2 };
    let mut line = Padded::default();
    line.right("TO", label + 3 + room);
    for (column, width) in grid.columns.iter().zip(&widths) {
        line.space(2);
        line.left(&paint.tint(Tone::Strong, &column.short), length(&column.short), *width);
    }
    line.end(out)?;
    for (number, (row, cells)) in grid.rows.iter().zip(&rows).enumerate() {
        line.left(if number == 0 { "FROM" } else { "" }, if number == 0 { 4 } else { 0 }, 5);
        line.left(&paint.tint(Tone::Strong, &row.short), length(&row.short), label);
        for (at, (cell, width)) in cells.iter().zip(&widths).enumerate() {
            line.space(if at == 0 { room } else { 2 });
            let (text, tone) = cell.map_or(("", Tone::Dim), |cell| (&shown[cell].text, shown[cell].tone));
            let before = if is_signs { width.saturating_sub(1) / 2 } else { 0 };
            line.space(before);
            line.left(&paint.tint(tone, text), length(text), width - before);
        }
        line.end(out)?;
    }
    writeln!(out, "{}", paint.tint(Tone::Dim, if is_signs { SIGNS } else { SETS }))
}

/// A cell as text.
#[derive(Debug, Clone)]
struct Shown {
    text: String,
    tone: Tone,
}

impl Default for Shown {
    fn default() -> Self {
        Self { text: String::new(), tone: Tone::Dim }
    }
}

impl Shown {
    fn of(content: &Content) -> Self {
        if content.is_itself {
            return Self { text: "·".to_owned(), tone: Tone::Dim };
        }
        match content.verdict {
            Some(verdict) => Self { text: sign(verdict, content.denied_by).to_owned(), tone: verdict.into() },
            None => Self::sets(content),
        }
    }

    fn sets(content: &Content) -> Self {
        let sets = [("", &content.every), ("±", &content.some), ("?", &content.unknown)];
        let told = sets.into_iter().filter(|(_, set)| *set != "-");
        let items = told.flat_map(|(sign, set)| set.split(' ').map(move |item| format!("{sign}{item}")));
        let text = items.collect::<Vec<_>>().join(" ");
        if text.is_empty() {
            return Self { text: "-".to_owned(), tone: Tone::Bad };
        }
        let tone = match (content.every.as_str(), content.unknown.as_str()) {
            (_, unknown) if unknown != "-" => Tone::Open,
            ("all", _) => Tone::Good,
            _ => Tone::Open,
        };
        Self { text, tone }
    }
}

fn sign(verdict: Verdict, denied_by: Option<DeniedBy>) -> &'static str {
    match (verdict, denied_by) {
        (Verdict::Allowed, _) => "✓",
        (Verdict::Partial, _) => "±",
        (Verdict::Unknown, _) => "?",
        (Verdict::Denied, Some(DeniedBy { egress: true, ingress: false })) => "e",
        (Verdict::Denied, Some(DeniedBy { egress: false, ingress: true })) => "i",
        (Verdict::Denied, _) => "✗",
    }
}

/// A line in the making; blanks at its end are left out.
#[derive(Default)]
struct Padded {
    text: String,
    blanks: usize,
}

impl Padded {
    fn space(&mut self, count: usize) {
        self.blanks += count;
    }

    /// A text of `length` characters, filled up behind to `width`.
    fn left(&mut self, text: &str, length: usize, width: usize) {
        if length > 0 {
            self.text.extend(std::iter::repeat_n(' ', std::mem::take(&mut self.blanks)));
            self.text.push_str(text);
        }
        self.blanks += width.saturating_sub(length);
    }

    fn right(&mut self, text: &str, width: usize) {
        self.space(width.saturating_sub(text.len()));
        self.left(text, text.len(), text.len());
    }

    fn end(&mut self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}", self.text)?;
        *self = Self::default();
        Ok(())
    }
}
