//! Lists and maps between brackets and braces, on one line.

use super::Quick;
use super::value::{Quoted, is_indicator, plain};
use crate::load::reading::offset;
use crate::load::tree::What;

/// How deep brackets and braces may nest here.
const DEEPEST: usize = 32;

/// What may come next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    /// The first item or entry, or the end.
    First,
    /// An item or entry.
    Another,
    /// A comma, or the end.
    Comma,
}

impl Quick<'_> {
    /// Reads the list or map that starts here and gives where it ends.
    pub(super) fn flow(&mut self, start: usize) -> Option<usize> {
        let outside = self.tree.depth();
        let mut at = self.open_flow(start)?;
        let mut next = Next::First;
        loop {
            at = self.skip_blanks(at);
            let in_list = self.tree.in_list()?;
            let byte = self.byte(at);
            match (byte, next) {
                (b']', Next::First | Next::Comma) if in_list => at = self.close_flow(at),
                (b'}', Next::First | Next::Comma) if !in_list => at = self.close_flow(at),
                (b',', Next::Comma) => {
                    next = Next::Another;
                    at += 1;
                    continue;
                }
                (_, Next::Comma) => return None,
                _ => {
                    if !in_list {
                        at = self.flow_key(at)?;
                    }
                    if matches!(self.byte(at), b'[' | b'{') {
                        at = self.open_flow(at)?;
                        next = Next::First;
                        continue;
                    }
                    let (what, end) = self.flow_scalar(at, false)?;
                    self.tree.scalar(offset(at), what);
                    at = end;
                }
            }
            if self.tree.depth() == outside {
                return Some(at);
            }
            next = Next::Comma;
        }
    }

    fn open_flow(&mut self, at: usize) -> Option<usize> {
        self.go_deeper()?;
        if self.tree.depth() > self.open.len() + DEEPEST {
            return None;
        }
        if self.byte(at) == b'[' {
            self.tree.open_list(offset(at));
        } else {
            self.tree.open_map(offset(at));
        }
        Some(at + 1)
    }

    fn close_flow(&mut self, at: usize) -> usize {
        self.tree.close();
        at + 1
    }

    /// Reads a key and gives where its value starts.
    fn flow_key(&mut self, at: usize) -> Option<usize> {
        let (what, end) = self.flow_scalar(at, true)?;
        let colon = self.skip_blanks(end);
        if self.byte(colon) != b':' || !matches!(self.byte(colon + 1), b' ') || colon - at > 1_000 {
            return None;
        }
        if self.tree.any_key(offset(at), what).is_some() {
            return None;
        }
        Some(self.skip_blanks(colon + 1))
    }

    /// The scalar that starts here, and where the text goes on behind it.
    fn flow_scalar(&mut self, at: usize, is_key: bool) -> Option<(What, usize)> {
        let first = self.byte(at);
        if matches!(first, b'"' | b'\'') {
            let Quoted { what, end, is_simple } = self.quoted(at, first)?;
            return is_simple.then_some((what, end));
        }
        if is_indicator(first) || first == b'-' && !self.byte(at + 1).is_ascii_alphanumeric() {
            return None;
        }
        let mut stop = at;
        loop {
            match self.byte(stop) {
                b',' | b']' | b'}' => break,
                b':' if self.byte(stop + 1) == b' ' => break,
                b':' if self.byte(stop + 1).is_ascii_alphanumeric() => stop += 1,
                // What the parser, or Go's yaml alone, takes for more than a part of the scalar.
                b':' | b'?' | b'#' | b'[' | b'{' | b'\t' | b'\n' | b'\r' => return None,
                _ => stop += 1,
            }
        }
        let mut end = stop;
        while end > at && self.byte(end - 1) == b' ' {
            end -= 1;
        }
        let what = if is_key { self.plain_key(at, end)? } else { plain(self.text.get(at..end)?, at)? };
        Some((what, stop))
    }
}
