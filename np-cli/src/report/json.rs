//! Answers for machines, as `docs/json.md` describes them. The matrix is streamed: a cell is
//! written when it is known and then forgotten.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::grid::{Content, ContentId, Grid};

/// Writes an answer that is one object.
pub(crate) fn value(out: &mut dyn Write, answer: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, answer)?;
    writeln!(out)
}

/// What stands above the cells of a matrix.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Head<'g> {
    api_version: &'static str,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    port: Option<String>,
    /// How many policies were left out on request, by kind.
    #[serde(skip_serializing_if = "is_empty")]
    ignored_kinds: &'g BTreeMap<String, usize>,
    endpoints: Endpoints<'g>,
}

#[derive(Debug, Serialize)]
struct Endpoints<'g> {
    from: Vec<&'g str>,
    to: Vec<&'g str>,
}

/// What a cell holds.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Body<'c> {
    every: &'c str,
    some: &'c str,
    unknown: &'c str,
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    denied_by: Option<Vec<&'static str>>,
}

impl<'g> Head<'g> {
    pub(super) fn of(grid: &'g Grid<'_>) -> Self {
        let names = |lines: &'g [super::grid::Line]| lines.iter().map(|line| line.name.as_str()).collect();
        let endpoints = Endpoints { from: names(&grid.rows), to: names(&grid.columns) };
        Self {
            api_version: "np/v1",
            kind: "Matrix",
            port: grid.port(),
            ignored_kinds: grid.ignored_kinds(),
            endpoints,
        }
    }
}

impl<'c> Body<'c> {
    pub(super) fn of(content: &'c Content) -> Self {
        let denied_by = content.denied_by.map(|by| {
            let ways = [(by.egress, "egress"), (by.ingress, "ingress")];
            ways.into_iter().filter_map(|(is_so, way)| is_so.then_some(way)).collect()
        });
        Self {
            every: &content.every,
            some: &content.some,
            unknown: &content.unknown,
            verdict: content.verdict.map(np_sim::Verdict::name),
            denied_by,
        }
    }
}

/// Whether JSON and YAML list a cell: with a port every pair, else those where something passes or
/// may pass; never a pod to itself.
pub(super) fn is_listed(content: &Content) -> bool {
    !content.is_itself && (content.verdict.is_some() || !content.is_nothing())
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
fn is_empty(kinds: &&BTreeMap<String, usize>) -> bool {
    kinds.is_empty()
}

/// Writes a matrix, a cell a line.
pub(crate) fn matrix(out: &mut dyn Write, grid: &mut Grid<'_>) -> io::Result<()> {
    let head = serde_json::to_string_pretty(&Head::of(grid))?;
    let head = head.strip_suffix("\n}").unwrap_or(&head);
    write!(out, "{head},\n  \"cells\": [")?;
    let quoted = |lines: &[super::grid::Line]| {
        lines.iter().map(|line| serde_json::to_string(&line.name)).collect::<Result<Vec<_>, _>>()
    };
    let (rows, columns) = (quoted(&grid.rows)?, quoted(&grid.columns)?);
    let mut bodies: Vec<Option<String>> = Vec::new();
    let mut separator = "\n";
    for (i, row) in rows.iter().enumerate() {
        for (j, column) in columns.iter().enumerate() {
            let Some(id) = grid.cell(i, j) else { continue };
            body(&mut bodies, id, grid.content(id))?;
            if let Some(body) = &bodies[id.index()] {
                write!(out, "{separator}    {{\"from\":{row},\"to\":{column},{body}")?;
                separator = ",\n";
            }
        }
    }
    let end = if separator == "\n" { "" } else { "\n  " };
    writeln!(out, "{end}]\n}}")
}

/// Remembers what a content looks like; `None` if it is not listed.
fn body(bodies: &mut Vec<Option<String>>, id: ContentId, content: &Content) -> io::Result<()> {
    while bodies.len() <= id.index() {
        bodies.push(None);
    }
    if bodies[id.index()].is_none() && is_listed(content) {
        let object = serde_json::to_string(&Body::of(content))?;
        bodies[id.index()] = Some(object.trim_start_matches('{').to_owned());
    }
    Ok(())
}
