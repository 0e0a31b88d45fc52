//! What starts in the middle of a line: a value, or a key with its value.

use super::Quick;
use super::lines::{Kind, Line};
use crate::load::reading::offset;
use crate::load::tree::What;
use crate::load::yaml::scalar::{Scalar, implicit};

/// How long a key may be with the blanks behind it. The parser allows 1,024 bytes.
const LONGEST_KEY: usize = 1_000;

/// What a plain scalar ends at, on its line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Line,
    Comment,
    Colon,
}

/// A scalar, of which the text goes on at `end`.
pub(super) struct Quoted {
    pub(super) what: What,
    pub(super) end: usize,
    /// Whether it is on one line.
    pub(super) is_simple: bool,
}

impl Quick<'_> {
    /// Reads the value that starts here, as far as it is on this line or belongs to its end. `indent` is
    /// how far it is indented, and `is_first` whether nothing but dashes comes before it on the line, so
    /// that it may be a list or map of its own.
    pub(super) fn node(&mut self, at: usize, indent: usize, is_first: bool) -> Option<()> {
        match self.byte(at) {
            b'-' if self.is_blank(at + 1) => {
                if !is_first {
                    return None;
                }
                self.open_list(at, indent, Kind::List)?;
                self.item(at)
            }
            quote @ (b'"' | b'\'') => {
                let Quoted { what, end, is_simple } = self.quoted(at, quote)?;
                let behind = self.skip_blanks(end);
                if self.byte(behind) == b':' {
                    if !is_first || !is_simple || !self.is_key(at, behind) {
                        return None;
                    }
                    self.open_map(at, indent)?;
                    return self.key_and_value(at, what, behind);
                }
                self.tree.scalar(offset(at), what);
                self.end_line(end)
            }
            b'[' | b'{' => {
                let end = self.flow(at)?;
                self.end_line(end)
            }
            b'|' => self.block(at),
            first if is_indicator(first) => None,
            _ => {
                let (end, stop, ended_by) = self.plain_part(at)?;
                match ended_by {
                    End::Colon if is_first && self.is_key(at, stop) => {
                        self.open_map(at, indent)?;
                        let what = self.plain_key(at, end)?;
                        self.key_and_value(at, what, stop)
                    }
                    End::Colon => None,
                    End::Comment => {
                        let what = plain(self.text.get(at..end)?, at)?;
                        self.tree.scalar(offset(at), what);
                        self.end_line(end)
                    }
                    End::Line => self.plain_lines(at, end, stop),
                }
            }
        }
    }

    /// Reads the rest of a line that is a key with its value, which starts here.
    pub(super) fn entry(&mut self, at: usize) -> Option<()> {
        let (what, colon) = self.key(at)?;
        self.key_and_value(at, what, colon)
    }

    /// The key that starts here, and where its colon is.
    #[inline]
    pub(super) fn key(&mut self, at: usize) -> Option<(What, usize)> {
        let (what, colon) = match self.byte(at) {
            quote @ (b'"' | b'\'') => {
                let Quoted { what, end, is_simple } = self.quoted(at, quote)?;
                let colon = self.skip_blanks(end);
                (what, is_simple.then_some(colon)?)
            }
            b'-' if self.is_blank(at + 1) => return None,
            b'[' | b'{' | b'|' => return None,
            first if is_indicator(first) => return None,
            _ => {
                let (end, colon, ended_by) = self.plain_part(at)?;
                if ended_by != End::Colon {
                    return None;
                }
                (self.plain_key(at, end)?, colon)
            }
        };
        self.is_key(at, colon).then_some((what, colon))
    }

    /// Whether what starts here and has its colon there may be a key.
    fn is_key(&self, at: usize, colon: usize) -> bool {
        self.byte(colon) == b':' && self.is_blank(colon + 1) && colon - at < LONGEST_KEY
    }

    fn key_and_value(&mut self, at: usize, key: What, colon: usize) -> Option<()> {
        if self.tree.any_key(offset(at), key).is_some() {
            return None;
        }
        self.value(colon)
    }

    /// Reads the value behind a colon.
    pub(super) fn value(&mut self, colon: usize) -> Option<()> {
        let at = self.skip_blanks(colon + 1);
        match self.byte(at) {
            b'\n' | b'\r' | b'#' => self.await_value(colon + 1),
            _ => self.node(at, 0, false),
        }
    }

    /// The part of a plain scalar on its line: where it ends, where what ends it is, and what that is.
    #[inline]
    fn plain_part(&self, start: usize) -> Option<(usize, usize, End)> {
        let mut at = start;
        let ended_by = loop {
            while self.bytes.get(at).is_some_and(|byte| IS_PLAIN[*byte as usize]) {
                at += 1;
            }
            match self.byte(at) {
                b'\n' | b'\r' => break End::Line,
                b':' if self.is_blank(at + 1) => break End::Colon,
                b'#' if at > start && self.byte(at - 1) == b' ' => break End::Comment,
                b'\t' => return None,
                _ => at += 1,
            }
        };
        let mut end = at;
        while end > start && self.byte(end - 1) == b' ' {
            end -= 1;
        }
        Some((end, at, ended_by))
    }

    /// Adds a plain scalar that ends with its line or goes on with the next: `end` is where its part on
    /// this line ends.
    fn plain_lines(&mut self, start: usize, end: usize, line_end: usize) -> Option<()> {
        self.at = self.behind_line(line_end);
        let line = self.next_line()?;
        if !self.goes_on(&line) {
            self.ahead = Some(line);
            let what = plain(self.text.get(start..end)?, start)?;
            self.tree.scalar(offset(start), what);
            return Some(());
        }
        let mut whole = std::mem::take(&mut self.respelled);
        whole.clear();
        whole.push_str(self.text.get(start..end)?);
        let mut line = line;
        loop {
            fold(&mut whole, line.breaks);
            let (end, stop, ended_by) = self.plain_part(line.at)?;
            whole.push_str(self.text.get(line.at..end)?);
            match ended_by {
                End::Colon => return None,
                End::Comment => {
                    self.end_line(end)?;
                    break;
                }
                End::Line => self.at = self.behind_line(stop),
            }
            line = self.next_line()?;
            if !self.goes_on(&line) {
                self.ahead = Some(line);
                break;
            }
        }
        let what = match implicit(&whole) {
            Scalar::Text => self.tree.respell(&whole),
            _ => return None,
        };
        self.respelled = whole;
        self.tree.scalar(offset(start), what);
        Some(())
    }

    /// Whether a line goes on with the plain scalar that the line before ends with.
    fn goes_on(&self, line: &Line) -> bool {
        let around = self.open.last().map_or(0, |level| level.indent + 1);
        !line.has_comment && line.indent.is_some_and(|indent| indent >= around)
    }

    /// A plain key as JSON spells it.
    #[inline]
    pub(super) fn plain_key(&mut self, start: usize, end: usize) -> Option<What> {
        let key = self.text.get(start..end)?;
        match implicit(key) {
            Scalar::Text if key == "<<" => None,
            Scalar::Text => Some(What::Text { start: offset(start), len: offset(key.len()) }),
            other => Some(self.tree.respell(&other.spelled()?)),
        }
    }
}

/// Line breaks within a scalar: one is a blank, of several all but the first are kept.
pub(super) fn fold(whole: &mut String, breaks: usize) {
    if breaks == 1 {
        whole.push(' ');
    } else {
        whole.extend(std::iter::repeat_n('\n', breaks - 1));
    }
}

/// The value of a plain scalar that starts here; nothing if it is none that an object can hold.
#[inline]
pub(super) fn plain(text: &str, start: usize) -> Option<What> {
    match implicit(text) {
        Scalar::Text => Some(What::Text { start: offset(start), len: offset(text.len()) }),
        Scalar::Float(float) if !float.is_finite() => None,
        other => other.what(),
    }
}

/// Whether nothing plain starts with this, or not always.
pub(super) fn is_indicator(byte: u8) -> bool {
    matches!(
        byte,
        b'?' | b':'
            | b','
            | b'['
            | b']'
            | b'{'
            | b'}'
            | b'#'
            | b'&'
            | b'*'
            | b'!'
            | b'|'
            | b'>'
            | b'\''
            | b'"'
            | b'%'
            | b'@'
            | b'`'
            | b'\t'
            | b'\n'
            | b'\r'
    )
}

/// What a plain scalar passes without a second look.
const IS_PLAIN: [bool; 256] = {
    let mut is_plain = [true; 256];
    let mut special = b"\n\r\t:#".as_slice();
    while let [byte, rest @ ..] = special {
        is_plain[*byte as usize] = false;
        special = rest;
    }
    is_plain
};
