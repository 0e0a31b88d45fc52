//! How far the key or value reaches that stands at a place, as far as its line tells for certain.

/// What stands at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token {
    /// How many bytes it has.
    pub(super) length: usize,
    /// Whether it is a key: a place of a map in block style is that of its first key.
    pub(super) is_key: bool,
}

/// The token at the start of `behind`, the rest of a line of YAML or JSON after `before`. `None`
/// if it has no end on this line, or one that depends on what stands in other lines.
pub(super) fn token(before: &str, behind: &str) -> Option<Token> {
    if behind.starts_with("{}") || behind.starts_with("[]") {
        return Some(Token { length: 2, is_key: false });
    }
    let is_in_flow = is_in_flow(before);
    let (length, rest) = match behind.chars().next()? {
        '"' => quoted(behind, Some('\\'))?,
        '\'' => quoted(behind, None)?,
        _ => plain(behind, is_in_flow)?,
    };
    let is_key = match rest.trim_start().strip_prefix(':') {
        Some(value) => is_end_of_key(value, is_in_flow) || behind.starts_with('"'),
        None => false,
    };
    Some(Token { length, is_key })
}

/// Whether a bracket or brace is open; only this line is asked.
fn is_in_flow(before: &str) -> bool {
    let opened = before.matches(['{', '[']).count();
    opened > before.matches(['}', ']']).count()
}

/// Whether this may follow the `:` behind a key.
fn is_end_of_key(value: &str, is_in_flow: bool) -> bool {
    value.chars().next().is_none_or(|next| next.is_whitespace() || (is_in_flow && is_flow(next)))
}

fn is_flow(character: char) -> bool {
    matches!(character, ',' | '[' | ']' | '{' | '}')
}

/// A quoted text, and what follows it. In single quotes a quote is written twice: two texts.
fn quoted(text: &str, escape: Option<char>) -> Option<(usize, &str)> {
    let quote = text.chars().next()?;
    let mut characters = text.char_indices().skip(1).peekable();
    while let Some((at, character)) = characters.next() {
        let is_doubled = |next: Option<&(usize, char)>| next.is_some_and(|(_, next)| *next == quote);
        if Some(character) == escape
            || (character == quote && escape.is_none() && is_doubled(characters.peek()))
        {
            characters.next();
        } else if character == quote {
            let length = at + quote.len_utf8();
            return Some((length, &text[length..]));
        }
    }
    None
}

/// A text without quotes, and what follows it.
fn plain(text: &str, is_in_flow: bool) -> Option<(usize, &str)> {
    let mut characters = text.chars();
    let (first, second) = (characters.next()?, characters.next());
    let is_text = match first {
        '-' | '?' | ':' => second.is_some_and(|next| !next.is_whitespace()),
        '#' | '&' | '*' | '!' | '|' | '>' | '%' | '@' | '`' => false,
        _ => !is_flow(first) && !first.is_whitespace(),
    };
    if !is_text {
        return None;
    }
    let mut end = text.len();
    for (at, character) in text.char_indices() {
        let ends = match character {
            ':' => is_end_of_key(&text[at + 1..], is_in_flow),
            '#' => text[..at].ends_with(char::is_whitespace),
            // In block style they are part of the text; a line alone does not tell which it is.
            _ if is_flow(character) && !is_in_flow => return None,
            _ => is_flow(character),
        };
        if ends {
            end = at;
            break;
        }
    }
    Some((text[..end].trim_end().len(), &text[end..]))
}

#[cfg(test)]
mod tests {
    use super::token;

    /// The token at the mark `¦`, with `:` behind it if it is a key.
    #[track_caller]
    fn check(line: &str, expected: Option<&str>) {
        let (before, behind) = line.split_once('¦').unwrap();
        let found = token(before, behind);
        let found = found.map(|it| format!("{}{}", &behind[..it.length], if it.is_key { ":" } else { "" }));
        assert_eq!(found.as_deref(), expected, "{line}");
    }

    #[test]
    fn tokens_of_block_style() {
        check("protocol: ¦tcp", Some("tcp"));
        check("protocol: ¦tcp # not TCP", Some("tcp"));
        check("a: ¦b#c d  ", Some("b#c d"));
        check("  ¦podSelectors: {}", Some("podSelectors:"));
        check("  ¦podSelectors:", Some("podSelectors:"));
        check("a: ¦http://b:80", Some("http://b:80"));
        check("a: ¦\"b \\\" c\" # d", Some("\"b \\\" c\""));
        check("a: ¦'it''s' # d", Some("'it''s'"));
        check("¦\"a b\" : c", Some("\"a b\":"));
        check("- ¦-1", Some("-1"));
        check("a: ¦{}", Some("{}"));
    }

    #[test]
    fn tokens_of_flow_style() {
        check("[{protocol: ¦tcp}]", Some("tcp"));
        check("{a: [¦b , c]}", Some("b"));
        check("{¦a: b}", Some("a:"));
        check("{¦a:, c}", Some("a:"));
        check("{¦\"a\":1}", Some("\"a\":"));
        check("{\"a\": ¦1, \"b\": 2}", Some("1"));
    }

    #[test]
    fn what_a_line_does_not_tell() {
        check("a: ¦10.0.0.0/8, 10.1.0.0/16", None);
        check("    \"port\": ¦70000,", None);
        check("a: ¦\"open", None);
        check("a: ¦|", None);
        check("a: ¦*b", None);
        check("¦- a", None);
        check("a: ¦[b", None);
        check("a¦", None);
    }
}
