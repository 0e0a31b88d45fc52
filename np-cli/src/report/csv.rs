//! The matrix for spreadsheets and joins: `from,to,every,some,unknown`, only pairs where something
//! passes or is unknown, never a pod to itself. Streamed.

use std::borrow::Cow;
use std::io::{self, Write};

use super::grid::{Content, Grid};

/// How many bytes are written at once.
const AT_ONCE: usize = 1 << 16;

/// Writes a matrix.
pub(crate) fn matrix(out: &mut dyn Write, grid: &mut Grid<'_>) -> io::Result<()> {
    out.write_all(b"from,to,every,some,unknown\n")?;
    let names =
        |lines: &[super::grid::Line]| lines.iter().map(|line| format!("{},", field(&line.name))).collect();
    let (rows, columns): (Vec<String>, Vec<String>) = (names(&grid.rows), names(&grid.columns));
    // Whatever a cell holds was put into words when it was met first.
    let mut ends: Vec<Option<String>> = Vec::new();
    let (mut cells, mut lines) = (Vec::new(), Vec::with_capacity(2 * AT_ONCE));
    for (i, row) in rows.iter().enumerate() {
        grid.row(i, &mut cells);
        for (column, cell) in columns.iter().zip(&cells) {
            let Some(id) = *cell else { continue };
            if ends.len() <= id.index() {
                ends.resize(id.index() + 1, None);
            }
            let end = ends[id.index()].get_or_insert_with(|| end(grid.content(id)));
            if end.is_empty() {
                continue;
            }
            for part in [row, column, &*end] {
                lines.extend_from_slice(part.as_bytes());
            }
            if lines.len() >= AT_ONCE {
                out.write_all(&lines)?;
                lines.clear();
            }
        }
    }
    out.write_all(&lines)
}

/// What stands behind both names; nothing if the pair is not listed.
fn end(content: &Content) -> String {
    if content.is_itself || content.is_nothing() {
        return String::new();
    }
    let [every, some, unknown] = [&content.every, &content.some, &content.unknown].map(|set| set_field(set));
    format!("{every},{some},{unknown}\n")
}

/// Nothing is an empty cell.
fn set_field(set: &str) -> Cow<'_, str> {
    if set == "-" { Cow::Borrowed("") } else { field(set) }
}

/// A text as one cell, which no spreadsheet takes for a formula.
fn field(text: &str) -> Cow<'_, str> {
    let text = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    };
    if text.contains([',', '"', '\n', '\r']) {
        Cow::Owned(format!("\"{}\"", text.replace('"', "\"\"")))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::{field, set_field};

    #[test]
    fn fields_are_quoted_and_no_formulas() {
        assert_eq!(field("a/pod/b"), "a/pod/b");
        assert_eq!(field("10.0.0.0/8,::/0"), "\"10.0.0.0/8,::/0\"");
        assert_eq!(field("=1+1"), "'=1+1");
        assert_eq!(field("@a\"b"), "\"'@a\"\"b\"");
        assert_eq!(set_field("-"), "");
        assert_eq!(set_field("tcp/80,443 udp/53"), "\"tcp/80,443 udp/53\"");
    }
}
