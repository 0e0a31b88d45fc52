//! Names and messages come from strangers' files: nothing in them may drive a terminal, hide text
//! or break out of a cell.

use std::borrow::Cow;
use std::fmt::Write;

/// The text with everything that does not print as itself written out, such as `\u{1b}`.
pub(crate) fn clean(text: &str) -> Cow<'_, str> {
    if !text.contains(is_harmful) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        if is_harmful(character) {
            // Writing to a string cannot fail.
            let _ = write!(out, "\\u{{{:x}}}", u32::from(character));
        } else {
            out.push(character);
        }
    }
    Cow::Owned(out)
}

/// The same for a part of a line: tabs stay, for they make room.
pub(crate) fn clean_line(text: &str) -> String {
    text.split('\t').map(clean).collect::<Vec<_>>().join("\t")
}

/// How many characters of a message are shown. The longest name that Kubernetes takes has 253; with
/// its namespace and what is said about it a message stays below this.
const LONGEST: usize = 400;

/// How many of them come behind the cut, as what is wrong often stands behind the name.
const TAIL: usize = 100;

/// As [`clean`], and cut in the middle if it is too long to be read.
pub(crate) fn clip(text: &str) -> Cow<'_, str> {
    let text = clean(text);
    let count = if text.len() <= LONGEST { 0 } else { text.chars().count() };
    if count <= LONGEST {
        return text;
    }
    let head = text.chars().take(LONGEST - TAIL - 1);
    Cow::Owned(head.chain(['…']).chain(text.chars().skip(count - TAIL)).collect())
}

/// Controls (terminal escapes start with one), marks that turn the direction of text, and
/// characters that are not seen or break a line.
fn is_harmful(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, clean, clean_line, clip};

    #[test]
    fn what_drives_a_terminal_or_hides_is_written_out() {
        assert_eq!(clean("ns/web → grün"), "ns/web → grün");
        assert_eq!(clean("a\u{1b}[31mb"), "a\\u{1b}[31mb");
        assert_eq!(clean("a\u{202e}b\u{2066}\u{200b}\n"), "a\\u{202e}b\\u{2066}\\u{200b}\\u{a}");
    }
    #[test]
    fn a_line_keeps_its_tabs() {
        assert_eq!(clean_line("a\tb\u{1b}\t"), "a\tb\\u{1b}\t");
    }

    #[test]
    fn what_is_too_long_is_cut_in_the_middle() {
        let fits = "ü".repeat(LONGEST);
        assert_eq!(clip(&fits), fits);
        for long in ["ü".repeat(LONGEST + 1), "\u{1b}".repeat(100_000)] {
            let cut = clip(&format!("a{long}z")).into_owned();
            assert_eq!(cut.chars().count(), LONGEST);
            assert!(cut.starts_with('a') && cut.contains('…') && cut.ends_with('z'), "{cut}");
        }
    }
}
