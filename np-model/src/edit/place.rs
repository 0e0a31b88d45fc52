//! The piece of a text that one policy is, and what it says.

use super::{Edit, NoEdit};
use crate::dialect::{Release, netpol};
use crate::facts::Pool;
use crate::fields::{Field, Name, Report};
use crate::ir::{Policy, Rule};
use crate::load::yaml::spans::{Form, Span, spans};
use crate::load::{Limits, documents};
use crate::origin::{SourceId, Sources};

/// How much of a text is looked at first; more where the object is larger.
const WINDOW: usize = 64 * 1024;

/// What a document ends before.
const END: &str = "\n---";

/// A policy's own piece of a text, which edits change and nothing else.
pub(super) struct Piece {
    source: SourceId,
    /// Where it starts in the whole text.
    start: usize,
    /// How long it was before any edit.
    len: usize,
    /// How many columns stand before it on its line.
    pub(super) column: usize,
    /// What it says now.
    pub(super) text: String,
    /// How its lines end.
    pub(super) line_end: &'static str,
}

impl Piece {
    /// The piece that a policy was read from, which is read again to be sure.
    pub(super) fn find(sources: &Sources, policy: &Policy) -> Result<Self, NoEdit> {
        let at = policy.inert.object_at.ok_or(NoEdit::NoText)?;
        let (whole, start) = (sources.text(at.source), at.offset as usize);
        let rest = whole.get(start..).ok_or(NoEdit::NoText)?;
        let before = &whole[..start];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        // Of a dump on one line, columns mean nothing.
        let column = before.get(line_start..).filter(|line| line.len() <= 4096);
        let column = column.map_or(0, |line| line.chars().count());
        let (root, end) = whole_object(rest, column).ok_or(NoEdit::Style)?;
        if has_aliases_elsewhere(&root, before, &rest[end..]) {
            return Err(NoEdit::Style);
        }
        let feed = whole.find('\n').filter(|at| *at > 0);
        let line_end = if feed.is_some_and(|at| whole.as_bytes()[at - 1] == b'\r') { "\r\n" } else { "\n" };
        let text = rest[..end].to_owned();
        let piece = Self { source: at.source, start, len: end, column, text, line_end };
        if piece.says(policy) { Ok(piece) } else { Err(NoEdit::Style) }
    }

    /// Where everything in it stands.
    pub(super) fn root(&self) -> Result<Span, NoEdit> {
        spans(&self.text, self.column).ok_or(NoEdit::Unproven)
    }

    /// Whether it says what a policy says, and has nothing wrong.
    pub(super) fn says(&self, policy: &Policy) -> bool {
        let shifted = format!("{}{}", " ".repeat(self.column), self.text);
        read(self.source, &shifted, policy).is_some_and(|read| is_same(read, policy.clone()))
    }

    /// What has become of it, as an edit of the whole text that spares what has not changed at both ends.
    pub(super) fn into_edit(self, sources: &Sources) -> Edit {
        let old = &sources.text(self.source)[self.start..self.start + self.len];
        let new = &self.text;
        let same = old.bytes().zip(new.bytes()).take_while(|(a, b)| a == b).count();
        let first = old.floor_char_boundary(same).min(new.floor_char_boundary(same));
        let behind = old[first..].bytes().rev().zip(new[first..].bytes().rev());
        let same = behind.take_while(|(a, b)| a == b).count();
        let last = old[first..].len() - same;
        // Both end alike from here on, so that a boundary of one is one of the other.
        let last = (last..=old[first..].len()).find(|at| old[first..].is_char_boundary(*at)).unwrap_or(last);
        let text = new[first..new.len() - (old[first..].len() - last)].to_owned();
        Edit { source: self.source, range: self.start + first..self.start + first + last, text }
    }
}

/// The spans of the object that a text starts with, and its end: in block style that of its last line.
fn whole_object(rest: &str, column: usize) -> Option<(Span, usize)> {
    let mut window = WINDOW;
    loop {
        // Most objects end long before their text does.
        let looked_at = &rest[..rest.floor_char_boundary(window + END.len())];
        let end = looked_at.find(END).map(|at| at + 1);
        let document = end.unwrap_or(rest.len());
        let is_all = window >= document;
        let text = &rest[..rest.floor_char_boundary(window.min(document))];
        let found = spans(text, column).filter(|root| is_all || root.end < window / 2);
        if let Some(root) = found {
            let is_flow = matches!(root.form, Form::Map { is_flow: true, .. });
            let line = text[root.end..].find('\n').map_or(text.len(), |at| root.end + at);
            let end = if is_flow { root.end } else { line };
            return Some((root, end));
        }
        if is_all {
            return None;
        }
        window *= 8;
    }
}

/// Whether something outside of an object stands for a part of it, which an edit would change too.
fn has_aliases_elsewhere(root: &Span, before: &str, behind: &str) -> bool {
    let mut anchors = Vec::new();
    let mut open = vec![root];
    while let Some(span) = open.pop() {
        anchors.extend(span.anchor.as_deref());
        match &span.form {
            Form::List { items, .. } => open.extend(items),
            Form::Map { entries, .. } => open.extend(entries.iter().flat_map(|(key, value)| [key, value])),
            Form::Scalar { .. } | Form::Alias => {}
        }
    }
    // The object's own anchor stands before it.
    let line = before.rfind('\n').map_or(before, |at| &before[at..]);
    if anchors.is_empty() && !line.contains('&') {
        return false;
    }
    let document = behind.find("\n---").map_or(behind, |at| &behind[..at]);
    line.contains('&') && document.contains('*')
        || anchors.iter().any(|anchor| document.contains(&format!("*{anchor}")))
}

/// The policy that a text says, if it says one and nothing is wrong with it. What the text does not say about
/// itself, such as the namespace, is that of `like`.
pub(super) fn read(source: SourceId, text: &str, like: &Policy) -> Option<Policy> {
    let (mut found, mut problems) = (Vec::new(), Vec::new());
    let limits = Limits::default();
    let mut each = |document: crate::load::Document<'_>| {
        let report = Report::within(&limits);
        let name = Name { text: like.name.as_str().into(), ..Name::default() };
        let root = Field::root(document.root, &report);
        // What was accepted stays accepted: the oldest release takes whatever one of them takes.
        let policy = netpol::read(&root, like.namespace.clone(), name, Release::OLDEST, &mut Pool::default());
        found.push(policy.filter(|_| document.duplicates.is_empty()));
    };
    documents(source, text, &limits, &mut each, &mut problems);
    match (problems.is_empty(), found.pop(), found.is_empty()) {
        (true, Some(policy), true) => policy,
        _ => None,
    }
}

/// Whether two policies say the same; in what order peers are listed says nothing.
pub(super) fn is_same(a: Policy, b: Policy) -> bool {
    fn sorted(policy: Policy) -> Policy {
        let mut policy = policy.without_places();
        let sort = |rule: &mut Rule| {
            rule.peers.iter_mut().for_each(|peers| peers.sort_by(|a, b| a.peer.cmp(&b.peer)));
        };
        policy.ingress.iter_mut().chain(&mut policy.egress).flatten().for_each(sort);
        policy.inert.rules.iter_mut().flat_map(|(_, rules)| rules).for_each(sort);
        policy
    }
    sorted(a) == sorted(b)
}
