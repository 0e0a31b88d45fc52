//! Reads the plain YAML that kubectl and people write, in one pass and about ten times as fast as over
//! events, into the same tree with the same places. Or it gives up: then the strict reader reads the
//! document from its start.
//!
//! It gives up on whatever is rare or hard: anchors, aliases, tags, merges, directives, complex keys,
//! folded blocks, flow collections over several lines, tabs between tokens, line breaks other than LF
//! and CRLF, roots that are neither block list nor block map; and on all that is wrong, such as a key
//! given twice, so that only the strict reader says what. What is taken here for granted
//! is how libyaml reads the rest.
//!
//! ```text
//!   lines  which collections a line ends, and where what it holds belongs
//!   value  what starts in the middle of a line: plain, or told by its first character
//!   quoted, block, flow   these
//!   check  characters that nothing of the above expects
//!   list   a list of objects, in parts
//! ```

mod block;
mod check;
mod flow;
mod lines;
mod list;
mod quoted;
#[cfg(test)]
mod tests;
mod value;

use std::ops::Range;

use self::check::is_ordinary;
use self::lines::{Level, Line};
use crate::load::reading::Reading;
use crate::load::tree::Tree;

pub(in crate::load) use list::read as read_list;

/// Reads the document in `range` of the text, if it is plain; else the tree holds nothing of use.
///
/// A document that says nothing leaves the tree empty. `tree` is one of the same text.
pub(super) fn read<'a>(reading: &Reading<'a>, range: Range<usize>, tree: Tree<'a>) -> (Tree<'a>, bool) {
    let mut quick = Quick::new(reading, range.clone(), 0, tree);
    let is_read = is_ordinary(&reading.text.as_bytes()[range]) && quick.document().is_some();
    (quick.tree, is_read)
}

/// A document being read.
struct Quick<'a> {
    text: &'a str,
    /// The text up to the end of what is to be read.
    bytes: &'a [u8],
    /// What comes next: the rest of a line, or a line.
    at: usize,
    tree: Tree<'a>,
    /// The block lists and maps around, the innermost last.
    open: Vec<Level>,
    /// Whether the innermost awaits a value, and where that is if it is nothing.
    awaited: Option<u32>,
    /// The next line, if it has been looked at.
    ahead: Option<Line>,
    /// A string that does not stand in the text as it is meant.
    respelled: String,
    /// How deep lists and maps may nest.
    deepest: usize,
    /// How many slots the tree may have.
    most: usize,
}

impl<'a> Quick<'a> {
    /// At the start of a range of the text, with so many lists and maps around it.
    fn new(reading: &Reading<'a>, range: Range<usize>, around: usize, mut tree: Tree<'a>) -> Self {
        tree.clear();
        Self {
            text: reading.text,
            bytes: &reading.text.as_bytes()[..range.end],
            at: range.start,
            tree,
            open: Vec::new(),
            awaited: None,
            ahead: None,
            respelled: String::new(),
            deepest: reading.limits.depth.saturating_sub(around),
            most: reading.limits.nodes.saturating_sub(reading.values()),
        }
    }

    /// Reads a whole document.
    fn document(&mut self) -> Option<()> {
        let line = self.next_line()?;
        let Some(indent) = line.indent else { return Some(()) };
        self.node(line.at, indent, true)?;
        if self.open.is_empty() {
            return None;
        }
        self.lines(0)?;
        self.is_within().then_some(())
    }

    /// Whether the tree holds no more than it may.
    fn is_within(&self) -> bool {
        self.tree.len() <= self.most
    }

    /// The byte here; behind the end, a line feed, which ends every document.
    #[inline]
    fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(b'\n')
    }

    /// Whether a blank or the end of the line stands here.
    #[inline]
    fn is_blank(&self, at: usize) -> bool {
        matches!(self.byte(at), b' ' | b'\t' | b'\n' | b'\r')
    }

    /// Behind the blanks that stand here.
    #[inline]
    fn skip_blanks(&self, mut at: usize) -> usize {
        while self.bytes.get(at) == Some(&b' ') {
            at += 1;
        }
        at
    }

    /// Where the line ends: at its line feed, or a carriage return before that.
    fn line_end(&self, at: usize) -> usize {
        let rest = self.bytes.get(at..).unwrap_or_default();
        at + rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(rest.len())
    }

    /// Behind the end of a line, which stands here; carriage returns have been checked.
    #[inline]
    fn behind_line(&self, end: usize) -> usize {
        end + 1 + usize::from(self.byte(end) == b'\r')
    }

    /// Ends the line: nothing but blanks and a comment may be left of it.
    fn end_line(&mut self, at: usize) -> Option<()> {
        let rest = self.skip_blanks(at);
        let end = match self.byte(rest) {
            b'\n' | b'\r' => rest,
            b'#' if rest > at => self.line_end(rest),
            _ => return None,
        };
        self.at = self.behind_line(end);
        Some(())
    }
}
