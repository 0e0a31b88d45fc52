//! One line of JSON for each query of a batch.

use std::io::{self, Write};

use serde::Serialize;

use super::answer::{Answer, Result, Way};
use super::clean::clean;

#[derive(Debug, Serialize)]
struct Line<'a> {
    from: &'a str,
    to: &'a str,
    port: &'a str,
    #[serde(flatten)]
    result: &'a Result,
    egress: &'a Way,
    ingress: &'a Way,
}

/// A line that could not be answered, as it was written.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Unanswered<'a> {
    /// Its number, from 1.
    pub(crate) line: usize,
    pub(crate) from: &'a str,
    pub(crate) to: &'a str,
    pub(crate) port: &'a str,
    pub(crate) error: &'a str,
}

/// Writes an answer.
pub(crate) fn answered(out: &mut dyn Write, answer: &Answer) -> io::Result<()> {
    let Answer { from, to, asked: port, result, egress, ingress, .. } = answer;
    serde_json::to_writer(&mut *out, &Line { from, to, port, result, egress, ingress })?;
    out.write_all(b"\n")
}

/// Writes why there is no answer.
pub(crate) fn unanswered(out: &mut dyn Write, line: Unanswered<'_>) -> io::Result<()> {
    let [from, to, port, error] = [line.from, line.to, line.port, line.error].map(clean);
    let cleaned = Unanswered { line: line.line, from: &from, to: &to, port: &port, error: &error };
    serde_json::to_writer(&mut *out, &cleaned)?;
    out.write_all(b"\n")
}
