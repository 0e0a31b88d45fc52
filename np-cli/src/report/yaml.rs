//! The same as JSON, in YAML.

use std::io::{self, Write};

use serde::Serialize;

use super::grid::Grid;
use super::json::{Body, Head, is_listed};

/// Writes an answer that is one object.
pub(crate) fn value(out: &mut dyn Write, answer: &impl Serialize) -> io::Result<()> {
    out.write_all(text(answer)?.as_bytes())
}

/// Writes a matrix, cell by cell.
pub(crate) fn matrix(out: &mut dyn Write, grid: &mut Grid<'_>) -> io::Result<()> {
    out.write_all(text(&Head::of(grid))?.as_bytes())?;
    let names = |lines: &[super::grid::Line]| {
        lines.iter().map(|line| text(&line.name)).collect::<io::Result<Vec<_>>>()
    };
    let (rows, columns) = (names(&grid.rows)?, names(&grid.columns)?);
    let mut bodies: Vec<Option<String>> = Vec::new();
    let mut is_empty = true;
    for (i, row) in rows.iter().enumerate() {
        for (j, column) in columns.iter().enumerate() {
            let Some(id) = grid.cell(i, j) else { continue };
            if bodies.len() <= id.index() {
                bodies.resize(id.index() + 1, None);
            }
            let content = grid.content(id);
            if bodies[id.index()].is_none() && is_listed(content) {
                bodies[id.index()] = Some(indent(&text(&Body::of(content))?));
            }
            if let Some(body) = &bodies[id.index()] {
                if is_empty {
                    out.write_all(b"cells:\n")?;
                    is_empty = false;
                }
                write!(out, "- from: {row}  to: {column}{body}")?;
            }
        }
    }
    if is_empty { out.write_all(b"cells: []\n") } else { Ok(()) }
}

pub(super) fn text(value: &impl Serialize) -> io::Result<String> {
    serde_yaml::to_string(value).map_err(io::Error::other)
}

fn indent(text: &str) -> String {
    text.lines().flat_map(|line| ["  ", line, "\n"]).collect()
}
