//! The matrix for spreadsheets and joins: `from,to,every,some,unknown`, only pairs where something
//! passes or is unknown, never a pod to itself. Streamed.

use std::borrow::Cow;
use std::io::{self, Write};

use super::grid::Grid;

/// How many bytes are written at once.
const AT_ONCE: usize = 1 << 16;

/// Writes a matrix.
pub(crate) fn matrix(out: &mut dyn Write, grid: &mut Grid<'_>) -> io::Result<()> {
    out.write_all(b"from,to,every,some,unknown\n")?;
    let names =
        |lines: &[super::grid::Line]| lines.iter().map(|line| field(&line.name).into_owned()).collect();
    let (rows, columns): (Vec<String>, Vec<String>) = (names(&grid.rows), names(&grid.columns));
    let mut ends: Vec<Option<String>> = Vec::new();
    let mut lines = String::new();
    for (i, row) in rows.iter().enumerate() {
        for (j, column) in columns.iter().enumerate() {
            let Some(id) = grid.cell(i, j) else { continue };
            let content = grid.content(id);
            if content.is_itself || content.is_nothing() {
                continue;
            }
            if ends.len() <= id.index() {
                ends.resize(id.index() + 1, None);
            }
            let end = ends[id.index()].get_or_insert_with(|| {
                let [every, some, unknown] =
                    [&content.every, &content.some, &content.unknown].map(|set| set_field(set));
                format!(",{every},{some},{unknown}\n")
            });
            for part in [row.as_str(), ",", column.as_str(), end.as_str()] {
                lines.push_str(part);
            }
            if lines.len() >= AT_ONCE {
                out.write_all(lines.as_bytes())?;
                lines.clear();
            }
        }
    }
    out.write_all(lines.as_bytes())
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
