//! Hands text to libyaml in small bites, and keeps two of its pitfalls away from it.
//!
//! Given a slice, the parser would first decode all of it into characters, at four times the
//! size; a few kilobytes at a time keep that small. And libyaml-safer 0.3 panics where libyaml
//! reports an error or reads on:
//! - where the text ends inside a block scalar's line or behind a backslash; so the text is ended
//!   with a line break, which is also what kubectl does to every line;
//! - at a tag directly followed by a comma in a flow collection; so such a comma is replaced by a
//!   character that the text does not contain and that may not follow a tag either. Where the
//!   comma was mere content it is put back; where it turns out to end an item, as that of `['!', b]`, the
//!   document is read again with that comma left alone.

use std::io::{BufRead, Read};

/// How many bytes the parser gets at once.
const BITE: usize = 8 * 1024;

/// The text of one document on its way into the parser.
pub(super) struct Feed<'a> {
    text: &'a str,
    /// How much of the text has been read.
    done: usize,
    swaps: Swaps,
    /// How many of the commas to be replaced have been passed.
    swapped: usize,
    /// Whether the line break at the end is still to come.
    end: bool,
}

impl<'a> Feed<'a> {
    pub(super) fn new(text: &'a str, swaps: Swaps) -> Self {
        Self { text, done: 0, swaps, swapped: 0, end: !text.is_empty() && !text.ends_with(['\n', '\r']) }
    }

    /// What comes next: the bytes to read, and how many bytes of the text they stand for.
    fn bite(&self) -> (&[u8], usize) {
        let rest = &self.text[self.done..];
        if rest.is_empty() {
            return (if self.end { b"\n" } else { b"" }, 0);
        }
        let next = self.swaps.commas.get(self.swapped).map_or(rest.len(), |at| at - self.done);
        if next == 0 {
            return (self.swaps.stand_in.as_bytes(), 1);
        }
        let mut end = next.min(BITE);
        while !rest.is_char_boundary(end) {
            end -= 1;
        }
        (&rest.as_bytes()[..end], end)
    }
}

impl BufRead for Feed<'_> {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        Ok(self.bite().0)
    }

    /// The parser takes each bite whole.
    fn consume(&mut self, amount: usize) {
        let (bytes, stands_for) = self.bite();
        debug_assert_eq!(amount, bytes.len(), "bites are whole characters, so none is left over");
        if stands_for == 0 {
            self.end = false;
        } else if self.swaps.commas.get(self.swapped) == Some(&self.done) {
            self.swapped += 1;
        }
        self.done += stands_for;
    }
}

impl Read for Feed<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let bytes = self.bite().0;
        if into.len() < bytes.len() {
            return Err(std::io::ErrorKind::Unsupported.into());
        }
        let len = bytes.len();
        into[..len].copy_from_slice(bytes);
        self.consume(len);
        Ok(len)
    }
}

/// The commas of a text that the parser must not see.
#[derive(Clone, Default)]
pub(super) struct Swaps {
    /// Where they are, in order.
    commas: Vec<usize>,
    /// The character that is put in their places.
    stand_in: String,
}

impl Swaps {
    /// Finds every comma directly behind what may be a tag, as far as the character before it tells.
    pub(super) fn find(text: &str) -> Self {
        let Some(first) = text.find('!') else {
            return Self::default();
        };
        let bytes = text.as_bytes();
        let run = |from: usize, more: &[u8]| {
            from + bytes[from..].iter().take_while(|byte| is_tag(**byte) || more.contains(byte)).count()
        };
        let mut commas = Vec::new();
        let mut at = first;
        while let Some(next) = text[at..].find('!') {
            let start = at + next + 1;
            if !may_start_tag(&text[..start - 1]) {
                at = start;
                continue;
            }
            if bytes.get(start) == Some(&b'<') {
                let end = run(start + 1, b",[]");
                if bytes.get(end) == Some(&b'>') && bytes.get(end + 1) == Some(&b',') {
                    commas.push(end + 1);
                }
            }
            at = run(start, b"");
            if bytes.get(at) == Some(&b',') {
                commas.push(at);
            }
        }
        commas.sort_unstable();
        commas.dedup();
        if commas.is_empty() {
            return Self::default();
        }
        // Of these 6,400 characters without meaning one is free, or the text is made of them.
        let stand_in = ('\u{e000}'..='\u{f8ff}').find(|c| !text.contains(*c)).unwrap_or('\u{f8ff}');
        Self { commas, stand_in: stand_in.into() }
    }

    /// Turns an offset into what the parser read into one into the text.
    pub(super) fn offset(&self, read: usize) -> usize {
        if self.commas.is_empty() {
            return read;
        }
        let wider = self.stand_in.len() - 1;
        let (mut low, mut high) = (0, self.commas.len());
        while low < high {
            let middle = low.midpoint(high);
            if self.commas[middle] + middle * wider < read { low = middle + 1 } else { high = middle }
        }
        read - (low * wider).min(read)
    }

    /// The first comma replaced at or behind this byte of the text.
    pub(super) fn behind(&self, at: usize) -> Option<usize> {
        self.commas.get(self.commas.partition_point(|comma| *comma < at)).copied()
    }

    /// Whether a value holds one of the commas.
    pub(super) fn is_in(&self, value: &str) -> bool {
        !self.commas.is_empty() && value.contains(&self.stand_in)
    }

    /// Leaves a comma alone.
    pub(super) fn leave(&mut self, comma: usize) {
        self.commas.retain(|at| *at != comma);
    }

    /// Puts the commas back into a string.
    pub(super) fn restore(&self, value: String) -> String {
        if self.is_in(&value) { value.replace(&self.stand_in, ",") } else { value }
    }
}

/// Whether behind this, in a flow collection, a tag may start: behind a blank, a line break, or what may end
/// what stands before it.
fn may_start_tag(before: &str) -> bool {
    let ends = "[]{},:?\"' \t\n\r\u{85}\u{2028}\u{2029}\u{feff}";
    before.chars().next_back().is_none_or(|c| ends.contains(c))
}

/// Whether a byte may stand in a tag.
fn is_tag(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_-;/?:@&=+$.%!~*'()".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, commas: &[usize]) {
        let swaps = Swaps::find(text);
        assert_eq!(swaps.commas, commas, "{text}");
        let mut read = String::new();
        let mut feed = Feed::new(text, swaps.clone());
        loop {
            let bite = feed.fill_buf().unwrap().to_vec();
            if bite.is_empty() {
                break;
            }
            read.push_str(std::str::from_utf8(&bite).unwrap());
            feed.consume(bite.len());
        }
        assert_eq!(swaps.restore(read.clone()).trim_end_matches('\n'), text.trim_end_matches('\n'));
        for (at, c) in text.char_indices().filter(|(_, c)| c.is_ascii_alphabetic()) {
            let (there, _) = read.match_indices(c).nth(text[..at].matches(c).count()).unwrap();
            assert_eq!(swaps.offset(there), at, "{c} in {text}");
        }
    }

    #[test]
    fn commas_behind_tags() {
        check("a: [!b c, d]", &[]);
        check("a: [!b, d, !c, f]", &[6, 13]);
        check("[!!str, b!x, !<t,u>, ü!v, w]", &[6, 19]);
        check("é: 'grün!, so'\nz", &[]);
        check("é: 'grün !, so'\nz", &[12]);
        check("['a!'!b, '!', \"a\"!b, []!c,:!d,?!e,-!f,]", &[7, 12, 19, 25, 29, 33]);
        check("!!!!!!!!!!,", &[10]);
    }

    #[test]
    fn bites_end_between_characters() {
        check(&format!("a{}z", "ü".repeat(BITE)), &[]);
        check("", &[]);
    }
}
