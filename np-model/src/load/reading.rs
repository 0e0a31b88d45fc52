//! What both formats share while reading a text: places, counted limits, and what comes out.

use std::fmt::Write as _;

use super::Limits;
use super::tree::{Node, Tree};
use crate::diag::{Code, Diagnostic, Limit};
use crate::origin::{Lines, Location, SourceId};

/// One document of a text.
#[derive(Debug)]
pub struct Document<'a> {
    /// What it says; of a key given twice, the later value.
    pub root: Node<'a>,
    /// An error for each key given twice. They are kept apart from the other problems because
    /// only who knows what the document is can tell whether they matter.
    pub duplicates: Vec<Diagnostic>,
}

/// Why reading stops; boxed, as every step of reading may fail and hardly any does.
pub(super) type Failed = Box<Diagnostic>;

/// A text being read, and what has been read of it.
pub(super) struct Reading<'a> {
    pub(super) text: &'a str,
    pub(super) limits: Limits,
    /// Values copied by aliases so far.
    pub(super) copies: usize,
    /// Whether it has been found to be a template.
    pub(super) is_template: bool,
    nodes: usize,
    source: SourceId,
    /// Once a line has been asked for.
    lines: Option<Lines>,
}

impl<'a> Reading<'a> {
    pub(super) fn new(source: SourceId, text: &'a str, limits: Limits) -> Self {
        let limits = Limits { depth: limits.depth.min(Limits::DEEPEST), ..limits };
        Self { text, limits, copies: 0, is_template: false, nodes: 0, source, lines: None }
    }

    /// Nothing yet of a document of the text.
    pub(super) fn tree(&self) -> Tree<'a> {
        Tree::new(self.text, Some(self.source))
    }

    /// The place of a byte of the text.
    pub(super) fn place(&self, offset: usize) -> Option<Location> {
        let offset = u32::try_from(offset.min(self.text.len())).ok()?;
        Some(Location { source: self.source, offset })
    }

    /// The line of a byte of the text, from 1.
    pub(super) fn line(&mut self, offset: usize) -> usize {
        self.lines.get_or_insert_with(|| Lines::of(self.text)).line(offset)
    }

    /// Counts values that were read, the last of them at this byte.
    ///
    /// # Errors
    /// If the text holds too many.
    pub(super) fn count(&mut self, nodes: usize, at: usize) -> Result<(), Failed> {
        self.nodes = self.nodes.saturating_add(nodes);
        if self.is_full() { Err(self.full(at)) } else { Ok(()) }
    }

    /// How many values have been counted.
    pub(super) fn values(&self) -> usize {
        self.nodes
    }

    /// What has been counted so far, values and copies.
    pub(super) fn counted(&self) -> (usize, usize) {
        (self.nodes, self.copies)
    }

    /// Forgets what has been counted since.
    pub(super) fn count_from(&mut self, (nodes, copies): (usize, usize)) {
        (self.nodes, self.copies) = (nodes, copies);
    }

    /// Whether the text holds more values than it may.
    pub(super) fn is_full(&self) -> bool {
        self.nodes > self.limits.nodes || self.copies > self.limits.copies
    }

    /// The error of a text that holds too many values, as noticed at this byte.
    pub(super) fn full(&self, at: usize) -> Failed {
        let (limit, message) = if self.copies > self.limits.copies {
            (Limit::Copies, format!("aliases copy more than {} values in one text", self.limits.copies))
        } else {
            (Limit::Values, format!("more than {} values in one text", self.limits.nodes))
        };
        Box::new(beyond(limit, message).at(self.place(at)))
    }

    /// The error of a text that holds too many documents, of which one too many starts here.
    pub(super) fn too_many_documents(&self, at: Option<Location>) -> Diagnostic {
        let message = format!("more than {} documents in one text", self.limits.documents);
        beyond(Limit::Documents, message).at(at)
    }

    /// The error of a value that is nested too deep.
    pub(super) fn too_deep(&self, offset: usize) -> Failed {
        let message = format!("nested deeper than {} levels", self.limits.depth);
        let problem = Diagnostic::error(Code::LimitExceeded, message).at(self.place(offset));
        let help = "no Kubernetes object is that deep; the document is not read";
        Box::new(problem.limit(Limit::Depth).help(help))
    }
}

fn beyond(limit: Limit, message: String) -> Diagnostic {
    let help = "the rest is not read; split the input";
    Diagnostic::error(Code::LimitExceeded, message).limit(limit).help(help)
}

/// A key as a message shows it: on one line, in quotes, not longer than a label may be.
pub(super) fn quoted(text: &str) -> String {
    let mut shown = String::from("\"");
    for (i, c) in text.chars().enumerate() {
        if i == 63 {
            shown.push('…');
            break;
        }
        let _ = write!(shown, "{}", c.escape_debug());
    }
    shown.push('"');
    shown
}

/// A string, as the part of `text` that stands there literally at `start`, if one does.
pub(super) fn literal(text: &str, start: usize, value: &str) -> bool {
    start.checked_add(value.len()).and_then(|end| text.get(start..end)) == Some(value)
}

/// The error of a key that was given before: `found` is the place of the first and `first_merge` that of
/// the `<<` that brought it, if one did; the later stands at `again`, brought by `merge` if that is one.
pub(super) fn twice(
    reading: &mut Reading<'_>,
    key: &str,
    (found, first_merge): (usize, Option<usize>),
    (again, merge): (usize, Option<usize>),
) -> Diagnostic {
    let key = quoted(key);
    let line = reading.line(first_merge.unwrap_or(found));
    let message = match (first_merge, merge) {
        (None, None) => format!("key {key} stands twice in this map, first at line {line}"),
        (Some(_), None) => format!("key {key} was already merged into this map, by `<<` at line {line}"),
        (None, Some(_)) => format!("`<<` merges in key {key}, which this map already has at line {line}"),
        (Some(_), Some(_)) => format!("`<<` merges in key {key}, which `<<` at line {line} already did"),
    };
    let help = if first_merge.is_some() || merge.is_some() {
        "to Kubernetes a merge gives its keys: the API server refuses one given twice, and kubectl keeps \
         the later; write the map out"
    } else {
        "the API server refuses it and kubectl keeps the later; remove one"
    };
    let at = reading.place(merge.unwrap_or(again));
    Diagnostic::error(Code::DuplicateKey, message).at(at).help(help)
}

/// A byte of a text as trees keep it; texts are shorter than that.
pub(super) fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
