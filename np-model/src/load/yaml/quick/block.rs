//! Literal blocks: `|` and the lines that are indented further.

use super::Quick;
use crate::load::reading::offset;
use crate::load::tree::What;

/// What becomes of the line breaks at the end of a block.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// One is kept.
    Clip,
    /// None is.
    Strip,
    /// All are.
    Keep,
}

impl Quick<'_> {
    /// Reads the literal block whose `|` is here, with all of its lines.
    pub(super) fn block(&mut self, start: usize) -> Option<()> {
        let around = self.open.last()?.indent;
        let (ending, said, first) = self.block_header(start + 1)?;
        let (indent, mut at) = match said {
            Some(more) => (around + more, first),
            None => self.block_indent(first, around + 1)?,
        };
        let mut whole = std::mem::take(&mut self.respelled);
        whole.clear();
        // Line breaks before the next line that says something, and the lines so far if they stand in
        // the text as they are meant.
        let (mut breaks, mut only) = (0, None);
        let mut count = 0_usize;
        loop {
            let line = self.next_in_block(at, indent)?;
            at = line.start;
            let Some(end) = line.end else {
                breaks += line.empty;
                break;
            };
            breaks += line.empty;
            if count == 0 && breaks == 0 && self.bytes.get(end) == Some(&b'\n') {
                only = Some(at + indent..end);
            }
            whole.extend(std::iter::repeat_n('\n', breaks));
            whole.push_str(self.text.get(at + indent..end)?);
            (breaks, count) = (1, count + 1);
            at = self.behind_line(end);
        }
        if count == 0 {
            return None;
        }
        let kept = match ending {
            Ending::Clip => 1,
            Ending::Strip => 0,
            Ending::Keep => breaks,
        };
        self.at = at;
        let what = if let Some(line) = only.filter(|_| count == 1 && kept < 2) {
            What::Text { start: offset(line.start), len: offset(line.len() + kept) }
        } else {
            whole.extend(std::iter::repeat_n('\n', kept));
            self.tree.respell(&whole)
        };
        self.respelled = whole;
        self.tree.scalar(offset(start), what);
        Some(())
    }

    /// What stands behind `|`: the ending, the indentation if it says one, and where its lines start.
    fn block_header(&self, at: usize) -> Option<(Ending, Option<usize>, usize)> {
        let ending = |byte| match byte {
            b'-' => Some(Ending::Strip),
            b'+' => Some(Ending::Keep),
            _ => None,
        };
        let digit = |byte: u8| matches!(byte, b'1'..=b'9').then(|| usize::from(byte - b'0'));
        let (first, second) = (self.byte(at), self.byte(at + 1));
        let (kept, said) = match (ending(first), digit(first)) {
            (Some(_), _) => (ending(first), digit(second)),
            (_, Some(_)) => (ending(second), digit(first)),
            _ => (None, None),
        };
        let length = usize::from(kept.is_some()) + usize::from(said.is_some());
        let end = self.skip_blanks(at + length);
        let is_end = matches!(self.byte(end), b'\n' | b'\r');
        is_end.then(|| (kept.unwrap_or(Ending::Clip), said, self.behind_line(end)))
    }

    /// How far the lines of a block are indented, at least so far, and where the first of them starts.
    fn block_indent(&self, first: usize, least: usize) -> Option<(usize, usize)> {
        let (mut start, mut widest) = (first, 0);
        loop {
            if start >= self.bytes.len() {
                return None;
            }
            let at = self.skip_blanks(start);
            widest = widest.max(at - start);
            match self.byte(at) {
                b'\n' | b'\r' if at < self.bytes.len() => start = self.behind_line(at),
                // An empty line that is wider than the first that is not would count.
                b'\t' | b'\n' | b'\r' => return None,
                _ => return (at - start == widest && widest >= least).then_some((widest, first)),
            }
        }
    }

    /// The next line of a block, behind those of its lines that are empty.
    fn next_in_block(&self, from: usize, indent: usize) -> Option<BlockLine> {
        let (mut start, mut empty) = (from, 0);
        loop {
            if start >= self.bytes.len() {
                return Some(BlockLine { start: self.bytes.len(), end: None, empty });
            }
            let least = self.bytes[start..].iter().take(indent).take_while(|byte| **byte == b' ').count();
            let at = start + least;
            match self.byte(at) {
                b'\n' | b'\r' => {
                    start = self.behind_line(at);
                    empty += 1;
                }
                b'\t' if least < indent => return None,
                _ if least < indent => return Some(BlockLine { start, end: None, empty }),
                _ => return Some(BlockLine { start, end: Some(self.line_end(at)), empty }),
            }
        }
    }
}

/// A line of a block, or the one behind it.
struct BlockLine {
    start: usize,
    /// Where it ends; nothing if it is none of the block.
    end: Option<usize>,
    /// How many empty lines of the block are before it.
    empty: usize,
}
