//! Label selectors as kubectl writes them: `a=b,c!=d,e in (x,y),f notin (z),g,!h`.

use std::collections::BTreeSet;

use np_model::selector::{Requirement, Selector};

/// Reads a selector.
pub(super) fn parse(text: &str) -> Result<Selector, String> {
    let requirements = split(text).into_iter().map(str::trim).map(requirement);
    Ok(Selector::new(requirements.collect::<Result<Vec<_>, _>>()?))
}

/// The parts between commas that are not inside parentheses.
fn split(text: &str) -> Vec<&str> {
    let (mut depth, mut start, mut parts) = (0_usize, 0, Vec::new());
    for (at, character) in text.char_indices() {
        match character {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

fn requirement(text: &str) -> Result<Requirement, String> {
    let one = |value: &str| Ok::<_, String>(BTreeSet::from([self::value(value)?]));
    if let Some((key, value)) = text.split_once("!=") {
        return Ok(Requirement::NotIn(self::key(key)?, one(value)?));
    }
    if let Some((key, value)) = text.split_once("==").or_else(|| text.split_once('=')) {
        return Ok(Requirement::In(self::key(key)?, one(value)?));
    }
    if let Some((head, list)) = text.split_once('(') {
        let list = list.strip_suffix(')').ok_or_else(|| format!("`{text}` lacks a closing parenthesis"))?;
        let values = list.split(',').map(value).collect::<Result<BTreeSet<_>, _>>()?;
        return match head.split_whitespace().collect::<Vec<_>>()[..] {
            [key, "in"] => Ok(Requirement::In(self::key(key)?, values)),
            [key, "notin"] => Ok(Requirement::NotIn(self::key(key)?, values)),
            _ => Err(format!("`{text}`: write `key in (a,b)` or `key notin (a,b)`")),
        };
    }
    match text.strip_prefix('!') {
        Some(key) => Ok(Requirement::DoesNotExist(self::key(key)?)),
        None => Ok(Requirement::Exists(self::key(text)?)),
    }
}

fn key(text: &str) -> Result<String, String> {
    let text = text.trim();
    let name = text.split_once('/').map_or(text, |(_, name)| name);
    if is_word(name) && !name.is_empty() && text.matches('/').count() <= 1 && !text.starts_with('/') {
        Ok(text.to_owned())
    } else {
        Err(format!("`{text}` is no label key; write a selector such as app=web,tier!=db"))
    }
}

fn value(text: &str) -> Result<String, String> {
    let text = text.trim();
    if is_word(text) { Ok(text.to_owned()) } else { Err(format!("`{text}` is no label value")) }
}

/// Letters, digits, `-`, `_` and `.`, which keys and values are made of.
fn is_word(text: &str) -> bool {
    let is_inside = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    text.len() <= 63 && text.bytes().all(is_inside)
}

#[cfg(test)]
mod tests {
    use np_model::selector::{Requirement as R, Selector};

    use super::parse;

    fn set(values: &[&str]) -> std::collections::BTreeSet<String> {
        values.iter().map(|value| (*value).to_owned()).collect()
    }

    #[test]
    fn reads_what_kubectl_reads() {
        let expected = Selector::new([
            R::In("a".into(), set(&["b"])),
            R::NotIn("c".into(), set(&["d"])),
            R::In("example.com/e".into(), set(&["x", "y"])),
            R::NotIn("f".into(), set(&["z", ""])),
            R::Exists("g".into()),
            R::DoesNotExist("h".into()),
            R::In("i".into(), set(&[""])),
        ]);
        assert_eq!(parse("a=b, c!=d,example.com/e in (x, y),f notin (z,),g,!h,i=="), Ok(expected));
    }

    #[test]
    fn refuses_what_is_no_selector() {
        for text in
            ["", ",", "a=b,", "a b", "a in x", "a in (x", "a/b/c", "=b", "a>1", "a=b=c", "a on (b)", "!"]
        {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
