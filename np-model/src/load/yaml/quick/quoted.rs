//! Strings in quotes: most stand in the text as they are meant, the others are spelled out.

use super::Quick;
use super::value::{Quoted, fold};
use crate::load::reading::offset;
use crate::load::tree::What;

impl Quick<'_> {
    /// Reads the string whose first quote is here.
    #[inline]
    pub(super) fn quoted(&mut self, at: usize, quote: u8) -> Option<Quoted> {
        let start = at + 1;
        let rest = self.bytes.get(start..)?;
        let is_end = |byte: &u8| *byte == quote || matches!(byte, b'\\' | b'\n' | b'\r');
        let mut end = start + rest.iter().position(is_end)?;
        while quote == b'\'' && self.byte(end) == b'\\' {
            end += 1;
            end += self.bytes[end..].iter().position(is_end)?;
        }
        if self.byte(end) == quote && (quote == b'"' || self.byte(end + 1) != b'\'') {
            let what = What::Text { start: offset(start), len: offset(end - start) };
            return Some(Quoted { what, end: end + 1, is_simple: true });
        }
        let mut whole = std::mem::take(&mut self.respelled);
        whole.clear();
        let (end, is_simple) = self.spell_out(start, quote, &mut whole)?;
        let what = self.tree.respell(&whole);
        self.respelled = whole;
        Some(Quoted { what, end: end + 1, is_simple })
    }

    /// Spells out what stands in quotes; gives where the second is and whether no line ends before.
    fn spell_out(&self, start: usize, quote: u8, whole: &mut String) -> Option<(usize, bool)> {
        let (mut at, mut is_simple) = (start, true);
        loop {
            let part = at;
            let is_end = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'\\') || *byte == quote;
            at += self.bytes.get(at..)?.iter().position(is_end)?;
            whole.push_str(self.text.get(part..at)?);
            match self.byte(at) {
                b'\\' if quote == b'"' => at = self.escape(at, whole)?,
                b'\\' => {
                    whole.push('\\');
                    at += 1;
                }
                b' ' | b'\t' | b'\n' | b'\r' => {
                    let (behind, breaks) = self.white(at)?;
                    if breaks == 0 {
                        whole.push_str(self.text.get(at..behind)?);
                    } else {
                        is_simple = false;
                        fold(whole, breaks);
                    }
                    at = behind;
                }
                _ if quote == b'\'' && self.byte(at + 1) == b'\'' => {
                    whole.push('\'');
                    at += 2;
                }
                _ => return Some((at, is_simple)),
            }
        }
    }

    /// Behind the blanks and line breaks that start here, and how many breaks there are.
    fn white(&self, start: usize) -> Option<(usize, usize)> {
        let (mut at, mut breaks, mut line_start) = (start, 0, start);
        loop {
            match self.bytes.get(at)? {
                b' ' | b'\t' => at += 1,
                b'\n' | b'\r' => {
                    at = self.behind_line(at);
                    breaks += 1;
                    line_start = at;
                }
                _ => break,
            }
        }
        // What ends a document ends no string.
        let is_marked = breaks > 0 && at == line_start && self.byte(at) != b'%' && self.is_marker(at);
        (!is_marked).then_some((at, breaks))
    }

    /// Reads an escape and gives what is behind it.
    fn escape(&self, at: usize, whole: &mut String) -> Option<usize> {
        let letter = *self.bytes.get(at + 1)?;
        let (meant, digits) = match letter {
            b'0' => ('\0', 0),
            b'a' => ('\u{7}', 0),
            b'b' => ('\u{8}', 0),
            b't' => ('\t', 0),
            b'n' => ('\n', 0),
            b'v' => ('\u{b}', 0),
            b'f' => ('\u{c}', 0),
            b'r' => ('\r', 0),
            b'e' => ('\u{1b}', 0),
            b' ' | b'"' | b'/' | b'\\' => (char::from(letter), 0),
            b'x' | b'u' => {
                let digits = if letter == b'x' { 2 } else { 4 };
                let code = self.text.get(at + 2..at + 2 + digits)?;
                if !code.bytes().all(|digit| digit.is_ascii_hexdigit()) {
                    return None;
                }
                (char::from_u32(u32::from_str_radix(code, 16).ok()?)?, digits)
            }
            _ => return None,
        };
        whole.push(meant);
        Some(at + 2 + digits)
    }
}
