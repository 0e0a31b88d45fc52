//! YAML in blocks, as Go's writer has it, on whose notation readers of kubectl's output depend.

use serde_json::Value;

/// Writes a value that begins where the text ends, in blocks. Further lines are indented by so many
/// columns; lists stand below their key, not to the right of it, as kubectl has it.
pub(super) fn block(text: &mut String, value: &Value, indent: usize) {
    let pad = " ".repeat(indent);
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (at, (key, value)) in map.iter().enumerate() {
                if at > 0 {
                    text.push_str(&pad);
                }
                scalar(text, key, indent);
                text.push(':');
                match value {
                    Value::Object(inner) if !inner.is_empty() => {
                        text.push('\n');
                        text.push_str(&pad);
                        text.push_str("  ");
                        block(text, value, indent + 2);
                    }
                    Value::Array(inner) if !inner.is_empty() => {
                        text.push('\n');
                        text.push_str(&pad);
                        block(text, value, indent);
                    }
                    _ => {
                        text.push(' ');
                        block(text, value, indent + 2);
                    }
                }
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    text.push_str(&pad);
                }
                text.push_str("- ");
                block(text, item, indent + 2);
            }
        }
        Value::String(one) => {
            scalar(text, one, indent);
            text.push('\n');
        }
        other => {
            text.push_str(&other.to_string());
            text.push('\n');
        }
    }
}

/// Writes a text as Go's writer does: plain where that is read as the same text, quoted where it
/// would be something else, and as it stands if it is of lines.
fn scalar(text: &mut String, value: &str, indent: usize) {
    if let Some(line) = value.strip_suffix('\n') {
        text.push_str("|\n");
        text.push_str(&" ".repeat(indent));
        text.push_str(line);
        return;
    }
    let begins_like_a_number = value.starts_with(|first: char| first.is_ascii_digit());
    let is_number = begins_like_a_number && value.parse::<f64>().is_ok();
    let is_word =
        matches!(value, "" | "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "y" | "n" | "~");
    if is_number || is_word || is_time(value) {
        text.extend(["\"", value, "\""]);
        return;
    }
    let is_indicator = |first: char| "-?:,[]{}#&*!|>'\"%@`".contains(first);
    let bare_dash = value.starts_with('-') && !value.starts_with("- ") && value.len() > 1;
    if value.starts_with(is_indicator) && !bare_dash
        || value.contains(": ")
        || value.contains(" #")
        || value.ends_with(':')
    {
        text.extend(["'", &value.replace('\'', "''"), "'"]);
        return;
    }
    text.push_str(value);
}

/// Whether it is a moment as the API server writes one.
fn is_time(value: &str) -> bool {
    let bytes = value.as_bytes();
    bytes.len() == 20 && bytes[4] == b'-' && bytes[10] == b'T' && bytes[19] == b'Z'
}
