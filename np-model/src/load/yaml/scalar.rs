//! What a scalar means: YAML 1.1 as Go's yaml.v2 reads it, which is how Kubernetes reads it.
//!
//! `y`, `no`, `On` are booleans, `017` is fifteen, `1_000` a thousand; dates, `1:20`, `0o9` and
//! numbers that overflow are strings. A cluster's verdict may hang on it: the label value `on` is
//! no string, and the API server refuses it.

use crate::load::tree::What;

/// What a scalar turned out to be.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Scalar {
    /// Null.
    Null,
    /// A boolean.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A whole number beyond `i64`.
    Big(u64),
    /// Any other number, not always one that JSON has.
    Float(f64),
    /// The text itself.
    Text,
    /// Another text: what base64 stood for.
    Decoded(String),
}

impl Scalar {
    /// The value that this is, if it is no string.
    pub(super) fn what(&self) -> Option<What> {
        Some(match self {
            Self::Null => What::Null,
            Self::Bool(value) => What::Bool(*value),
            Self::Int(whole) => What::Int(*whole),
            #[expect(clippy::cast_precision_loss, reason = "nothing in the API is that large")]
            Self::Big(whole) => What::Float(*whole as f64),
            Self::Float(float) => as_whole(*float).map_or(What::Float(*float), What::Int),
            Self::Text | Self::Decoded(_) => return None,
        })
    }

    /// How JSON spells it as a key, if it is no string and can be one.
    pub(super) fn spelled(&self) -> Option<String> {
        match self {
            Self::Int(whole) => Some(whole.to_string()),
            Self::Float(float) => Some(float_key(*float)),
            Self::Bool(value) => Some(value.to_string()),
            Self::Null | Self::Big(_) | Self::Text | Self::Decoded(_) => None,
        }
    }
}

const TAGS: &str = "tag:yaml.org,2002:";

/// Resolves a scalar. `plain` is whether it may be anything but a string without a tag.
///
/// # Errors
/// With a message, if the scalar is not what its tag says.
pub(super) fn resolve(tag: Option<&str>, plain: bool, text: &str) -> Result<Scalar, String> {
    let Some(tag) = tag.filter(|tag| !tag.is_empty()) else {
        return Ok(if plain { implicit(text) } else { Scalar::Text });
    };
    let Some(name) = tag.strip_prefix(TAGS) else {
        return Ok(Scalar::Text);
    };
    match (name, implicit(text)) {
        ("binary", _) => base64(text)
            .map(|bytes| Scalar::Decoded(String::from_utf8_lossy(&bytes).into_owned()))
            .ok_or_else(|| "a !!binary value that is not base64".to_owned()),
        ("null", value @ Scalar::Null)
        | ("bool", value @ Scalar::Bool(_))
        | ("int", value @ (Scalar::Int(_) | Scalar::Big(_)))
        | ("float", value @ Scalar::Float(_)) => Ok(value),
        #[expect(clippy::cast_precision_loss, reason = "the tag asks for it")]
        ("float", Scalar::Int(whole)) => Ok(Scalar::Float(whole as f64)),
        ("null" | "bool" | "int" | "float", _) => {
            Err(format!("{} is no !!{name}", crate::load::reading::quoted(text)))
        }
        _ => Ok(Scalar::Text),
    }
}

/// Resolves a plain scalar without a tag.
pub(super) fn implicit(text: &str) -> Scalar {
    match text.as_bytes() {
        [] => Scalar::Null,
        [b'~' | b'n' | b'N' | b'y' | b'Y' | b't' | b'T' | b'f' | b'F' | b'o' | b'O', ..] => word(text),
        [b'0'..=b'9' | b'+' | b'-' | b'.', ..] => number(text),
        _ => Scalar::Text,
    }
}

fn word(text: &str) -> Scalar {
    match text {
        "~" | "null" | "Null" | "NULL" => Scalar::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            Scalar::Bool(true)
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Scalar::Bool(false)
        }
        _ => Scalar::Text,
    }
}

fn number(text: &str) -> Scalar {
    match text {
        ".nan" | ".NaN" | ".NAN" => return Scalar::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => return Scalar::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => return Scalar::Float(f64::NEG_INFINITY),
        _ => {}
    }
    if text.starts_with('.') && !single_underscores(text) {
        return Scalar::Text;
    }
    let joined;
    let digits = if text.contains('_') {
        joined = text.replace('_', "");
        joined.as_str()
    } else {
        text
    };
    whole(digits).or_else(|| float(digits).map(Scalar::Float)).unwrap_or(Scalar::Text)
}

/// Whether every `_` stands between digits, as Go has it; elsewhere yaml.v2 drops them anywhere.
fn single_underscores(text: &str) -> bool {
    let bytes = text.as_bytes();
    let digit = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
    bytes
        .iter()
        .enumerate()
        .all(|(at, byte)| *byte != b'_' || digit(at.checked_sub(1)) && digit(Some(at + 1)))
}

/// A whole number in Go's notation: 0x, 0b, 0o, and octal by a leading 0.
fn whole(text: &str) -> Option<Scalar> {
    let (sign, digits) = match text.as_bytes().first()? {
        b'-' => ("-", &text[1..]),
        b'+' => ("+", &text[1..]),
        _ => ("", text),
    };
    let (radix, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', _, ..] => (16, &digits[2..]),
        [b'0', b'b' | b'B', _, ..] => (2, &digits[2..]),
        [b'0', b'o' | b'O', _, ..] => (8, &digits[2..]),
        [b'0', _, ..] => (8, &digits[1..]),
        _ => (10, digits),
    };
    if !digits.bytes().all(|digit| char::from(digit).is_digit(radix)) {
        return None;
    }
    match (sign, u64::from_str_radix(digits, radix).ok()?) {
        ("-", magnitude) => 0_i64.checked_sub_unsigned(magnitude).map(Scalar::Int),
        (sign, magnitude) => match i64::try_from(magnitude) {
            Ok(whole) => Some(Scalar::Int(whole)),
            Err(_) if sign.is_empty() => Some(Scalar::Big(magnitude)),
            Err(_) => None,
        },
    }
}

/// A number with a fraction, an exponent, or too many digits; nothing if it overflows.
fn float(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let before = digits(unsigned);
    let mut rest = &unsigned[before..];
    if let Some(fraction) = rest.strip_prefix('.') {
        let behind = digits(fraction);
        if before + behind == 0 {
            return None;
        }
        rest = &fraction[behind..];
    } else if before == 0 {
        return None;
    }
    if let Some(exponent) = rest.strip_prefix(['e', 'E']) {
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        if exponent.is_empty() || digits(exponent) != exponent.len() {
            return None;
        }
    } else if !rest.is_empty() {
        return None;
    }
    text.parse().ok().filter(|float: &f64| float.is_finite())
}

/// A whole number as Go's JSON writes a float: without a fraction if it has none.
fn as_whole(float: f64) -> Option<i64> {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    #[expect(clippy::cast_possible_truncation, reason = "whole and within i64")]
    (float.fract() == 0.0 && (-LIMIT..LIMIT).contains(&float)).then_some(float as i64)
}

/// A float as a key, as Go writes it with `%g` in 32 bits.
pub(super) fn float_key(float: f64) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "sigs.k8s.io/yaml does so")]
    let float = float as f32;
    if float.is_nan() {
        return ".nan".to_owned();
    }
    if float.is_infinite() {
        return if float > 0.0 { ".inf" } else { "-.inf" }.to_owned();
    }
    let scientific = format!("{float:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..6).contains(&exponent) {
        format!("{float}")
    } else {
        format!("{mantissa}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs())
    }
}

/// Decodes base64 with its padding, line breaks ignored.
fn base64(text: &str) -> Option<Vec<u8>> {
    let symbols: Vec<u8> = text.bytes().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect();
    let (groups, []) = symbols.as_chunks::<4>() else {
        return None;
    };
    let mut bytes = Vec::with_capacity(groups.len() * 3);
    for (i, group) in groups.iter().enumerate() {
        let padding = group.iter().rev().take_while(|symbol| **symbol == b'=').count();
        if padding > 2 || padding > 0 && i + 1 < groups.len() {
            return None;
        }
        let mut bits = 0_u32;
        for symbol in &group[..4 - padding] {
            bits = bits << 6 | u32::from(sextet(*symbol)?);
        }
        bits <<= 6 * padding;
        bytes.extend_from_slice(&bits.to_be_bytes()[1..4 - padding]);
    }
    Some(bytes)
}

fn sextet(symbol: u8) -> Option<u8> {
    match symbol {
        b'A'..=b'Z' => Some(symbol - b'A'),
        b'a'..=b'z' => Some(symbol - b'a' + 26),
        b'0'..=b'9' => Some(symbol - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
#[path = "scalar_tests.rs"]
mod tests;
