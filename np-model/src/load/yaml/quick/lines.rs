//! Line by line: which lists and maps a line ends by its indentation, and where what it holds belongs.

use super::Quick;
use crate::load::reading::offset;
use crate::load::tree::What;

/// A block list or map whose end has not been reached.
#[derive(Debug, Clone, Copy)]
pub(super) struct Level {
    /// How far its dashes or keys are indented.
    pub(super) indent: usize,
    pub(super) kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Map,
    List,
    /// A list that is indented no further than the map that it is a value in.
    ListInMap,
}

/// A line that says something, or the end of the text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line {
    /// Where its first character is that is no blank.
    pub(super) at: usize,
    /// How many blanks are before that; nothing at the end of the text.
    pub(super) indent: Option<usize>,
    /// How many lines end before it.
    pub(super) breaks: usize,
    /// Whether there is a comment among these.
    pub(super) has_comment: bool,
}

impl Quick<'_> {
    /// The next line that says something; lines before it that are empty or comments are passed.
    #[inline]
    pub(super) fn next_line(&mut self) -> Option<Line> {
        if let Some(line) = self.ahead.take() {
            return Some(line);
        }
        let (mut start, mut breaks, mut has_comment) = (self.at, 1, false);
        loop {
            if start >= self.bytes.len() {
                return Some(Line { at: self.bytes.len(), indent: None, breaks, has_comment });
            }
            let at = self.skip_blanks(start);
            match self.byte(at) {
                b'\n' => start = at + 1,
                b'\r' => start = at + 2,
                b'#' => {
                    has_comment = true;
                    start = self.behind_line(self.line_end(at));
                }
                b'\t' => return None,
                _ if at == start && self.is_marker(at) => return None,
                _ => return Some(Line { at, indent: Some(at - start), breaks, has_comment }),
            }
            breaks += 1;
        }
    }

    /// Whether a line starts here that ends the document, or that does to kubectl; or a directive.
    pub(super) fn is_marker(&self, at: usize) -> bool {
        match self.byte(at) {
            b'%' => true,
            b'-' => self.bytes[at..].starts_with(b"---"),
            b'.' => self.bytes[at..].starts_with(b"...") && self.is_blank(at + 3),
            _ => false,
        }
    }

    /// Reads lines up to the first that goes on with the outermost `base` lists and maps, or ends them,
    /// and gives that line; without any, up to the end of the text.
    pub(super) fn lines(&mut self, base: usize) -> Option<Line> {
        loop {
            let line = self.next_line()?;
            if !self.is_within() {
                return None;
            }
            loop {
                let Some(top) = self.open.last().copied() else {
                    return line.indent.is_none().then_some(line);
                };
                let indent = line.indent.filter(|indent| *indent >= top.indent);
                let is_deeper = indent.is_some_and(|indent| indent > top.indent);
                let is_item = indent.is_some() && self.is_dash(line.at);
                if is_deeper {
                    self.awaited.take()?;
                    self.node(line.at, line.indent?, true)?;
                    break;
                }
                if indent.is_some() && is_item && top.kind == Kind::Map {
                    self.awaited.take()?;
                    self.open_list(line.at, top.indent, Kind::ListInMap)?;
                    self.item(line.at)?;
                    break;
                }
                if let Some(at) = self.awaited.take() {
                    self.tree.scalar(at, What::Null);
                }
                if self.open.len() == base {
                    return Some(line);
                }
                match top.kind {
                    Kind::Map if indent.is_some() => {
                        self.entry(line.at)?;
                        break;
                    }
                    Kind::List | Kind::ListInMap if is_item => {
                        self.item(line.at)?;
                        break;
                    }
                    Kind::List if indent.is_some() => return None,
                    _ => {
                        self.open.pop();
                        self.tree.close();
                    }
                }
            }
        }
    }

    /// Whether the dash of a list item stands here.
    #[inline]
    pub(super) fn is_dash(&self, at: usize) -> bool {
        self.byte(at) == b'-' && self.is_blank(at + 1)
    }

    /// Reads the rest of a line that is an item whose dash is here.
    pub(super) fn item(&mut self, dash: usize) -> Option<()> {
        let at = self.skip_blanks(dash + 1);
        match self.byte(at) {
            b'\n' | b'\r' | b'#' => self.await_value(dash + 1),
            _ => {
                let indent = self.open.last()?.indent + (at - dash);
                self.node(at, indent, true)
            }
        }
    }

    /// Ends a line of which nothing is left, so that the value comes on later lines, if any.
    pub(super) fn await_value(&mut self, at: usize) -> Option<()> {
        self.awaited = Some(offset(at));
        self.end_line(at)
    }

    pub(super) fn open_list(&mut self, at: usize, indent: usize, kind: Kind) -> Option<()> {
        self.go_deeper()?;
        self.open.push(Level { indent, kind });
        self.tree.open_list(offset(at));
        Some(())
    }

    pub(super) fn open_map(&mut self, at: usize, indent: usize) -> Option<()> {
        self.go_deeper()?;
        self.open.push(Level { indent, kind: Kind::Map });
        self.tree.open_map(offset(at));
        Some(())
    }

    /// Whether one more list or map may be opened.
    pub(super) fn go_deeper(&self) -> Option<()> {
        (self.tree.depth() < self.deepest).then_some(())
    }
}
