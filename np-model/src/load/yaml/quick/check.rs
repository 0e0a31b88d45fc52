//! Looks for characters that the quick reader leaves to the strict one: those that YAML does not allow,
//! those that end lines to some readers and not to others, and byte order marks.

/// How many bytes are looked at together.
const BLOCK: usize = 4 * 1024;

/// Whether a text, in UTF-8, has none of these characters.
pub(super) fn is_ordinary(text: &[u8]) -> bool {
    let starts = (0..text.len()).step_by(BLOCK);
    starts.into_iter().all(|start| {
        let end = text.len().min(start + BLOCK);
        let is_unusual = |byte: u8| byte < b' ' && byte != b'\n' || byte > b'~';
        let any = text[start..end].iter().fold(false, |any, byte| any | is_unusual(*byte));
        !any || (start..end).all(|at| is_ordinary_at(text, at))
    })
}

fn is_ordinary_at(text: &[u8], at: usize) -> bool {
    match &text[at..] {
        [b'\r', rest @ ..] => rest.first() == Some(&b'\n'),
        [b'\t' | b'\n', ..] => true,
        // Control characters, among them the next line; line and paragraph separators; byte order marks
        // and what is no character.
        [..b' ' | 0x7f, ..]
        | [0xc2, ..0xa0, ..]
        | [0xe2, 0x80, 0xa8 | 0xa9, ..]
        | [0xef, 0xbb, 0xbf, ..]
        | [0xef, 0xbf, 0xbe | 0xbf, ..] => false,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::{BLOCK, is_ordinary};

    #[test]
    fn odd_characters_are_found_wherever_they_stand() {
        for odd in [
            '\0', '\u{7}', '\r', '\u{1b}', '\u{7f}', '\u{80}', '\u{85}', '\u{9f}', '\u{2028}', '\u{2029}',
            '\u{feff}', '\u{fffe}', '\u{ffff}',
        ] {
            for before in [0, 1, BLOCK - 2, BLOCK - 1, BLOCK] {
                let text = format!("{}{odd}b", "a".repeat(before));
                assert!(!is_ordinary(text.as_bytes()), "{odd:?} behind {before}");
            }
        }
    }

    #[test]
    fn others_are_not() {
        let text = "\tü~\u{a0}\r\n\u{2027}\u{202a}\u{fffd}\u{fefe}\u{d7ff}\u{e000}🎉";
        for before in [0, 1, BLOCK - 2, BLOCK - 1, BLOCK] {
            assert!(is_ordinary(format!("{}{text}", "a".repeat(before)).as_bytes()));
        }
    }
}
