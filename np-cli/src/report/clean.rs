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
    use super::clean;

    #[test]
    fn what_drives_a_terminal_or_hides_is_written_out() {
        assert_eq!(clean("ns/web → grün"), "ns/web → grün");
        assert_eq!(clean("a\u{1b}[31mb"), "a\\u{1b}[31mb");
        assert_eq!(clean("a\u{202e}b\u{2066}\u{200b}\n"), "a\\u{202e}b\\u{2066}\\u{200b}\\u{a}");
    }
}
