//! Where the values of one object start and end, and how they are written: what a [`Tree`] leaves out.
//!
//! Trees serve reading, and keep where a value starts. Who edits a text has to know where it ends, whether it
//! is written in blocks or between braces, and in which quotes. The same events tell; JSON is read as the YAML
//! that it is. An object may stand amid others: reading starts at its first byte and stops behind its last.
//!
//! [`Tree`]: crate::load::tree::Tree

use libyaml_safer::{Encoding, Event, EventData, MappingStyle, Parser, ScalarStyle, SequenceStyle};

use super::feed::{Feed, Swaps};
use super::scalar::{Scalar, resolve};
use crate::load::Limits;

/// A value where it stands.
#[derive(Debug)]
pub(crate) struct Span {
    /// Its first byte: of an anchor or tag, if it has one.
    pub(crate) start: usize,
    /// The byte behind its last.
    pub(crate) end: usize,
    /// How it is written.
    pub(crate) form: Form,
    /// Its anchor, if it has one.
    pub(crate) anchor: Option<String>,
    /// Whether it has a tag.
    pub(crate) is_tagged: bool,
}

/// How a value is written.
#[derive(Debug)]
pub(crate) enum Form {
    /// A string, number, boolean or null; without quotes unless it has some.
    Scalar {
        /// What it says, quotes and escapes undone.
        value: String,
        /// Its quotation mark; `None` for a plain one.
        quote: Option<char>,
        /// Whether it is a block of text, `|` or `>`.
        is_block: bool,
    },
    /// What an anchor elsewhere says.
    Alias,
    /// Items.
    List {
        /// Whether they stand between brackets.
        is_flow: bool,
        /// Each.
        items: Vec<Span>,
    },
    /// Entries.
    Map {
        /// Whether they stand between braces.
        is_flow: bool,
        /// Key and value of each.
        entries: Vec<(Span, Span)>,
    },
}

impl Form {
    /// Adds what is inside; of a map, keys and values in turns.
    fn take(&mut self, span: Span, key: &mut Option<Span>) {
        match self {
            Self::List { items, .. } => items.push(span),
            Self::Map { entries, .. } => match key.take() {
                None => *key = Some(span),
                Some(key) => entries.push((key, span)),
            },
            Self::Scalar { .. } | Self::Alias => {}
        }
    }

    /// Where the last thing inside ends, or nothing.
    fn last(&self) -> Option<usize> {
        match self {
            Self::List { items, .. } => items.last().map(|item| item.end),
            Self::Map { entries, .. } => entries.last().map(|(_, value)| value.end),
            Self::Scalar { .. } | Self::Alias => None,
        }
    }

    fn is_flow(&self) -> bool {
        matches!(self, Self::List { is_flow: true, .. } | Self::Map { is_flow: true, .. })
    }
}

/// The value that starts with the text, which stands behind so many columns of its line. What follows the value
/// is not looked at; `None` if it cannot be read.
pub(crate) fn spans(text: &str, column: usize) -> Option<Span> {
    let shifted = format!("{}{text}", " ".repeat(column));
    let swaps = Swaps::find(&shifted);
    let mut parser = Parser::new();
    parser.set_input(Feed::new(&shifted, swaps.clone()));
    parser.set_encoding(Encoding::Utf8);
    let place = |index: u64| {
        let read = usize::try_from(index).unwrap_or(usize::MAX);
        swaps.offset(read).saturating_sub(column).min(text.len())
    };
    let mut open: Vec<(Span, Option<Span>)> = Vec::new();
    loop {
        let Event { data, start_mark, end_mark, .. } = parser.parse().ok()?;
        let (start, end) = (place(start_mark.index), place(end_mark.index));
        let is_end = matches!(data, EventData::SequenceEnd | EventData::MappingEnd);
        let whole = match data {
            EventData::StreamEnd | EventData::DocumentEnd { .. } => return None,
            EventData::StreamStart { .. } | EventData::DocumentStart { .. } => continue,
            EventData::SequenceEnd | EventData::MappingEnd => {
                let (mut span, _) = open.pop()?;
                // Blocks end with what is in them; the parser notices it only at what comes next.
                span.end = if span.form.is_flow() { end } else { span.form.last().unwrap_or(span.end) };
                span
            }
            data => value(data, start, end, &swaps)?,
        };
        let is_open = !is_end && matches!(whole.form, Form::List { .. } | Form::Map { .. });
        if is_open {
            if open.len() == Limits::DEEPEST {
                return None;
            }
            open.push((whole, None));
        } else if let Some((outer, key)) = open.last_mut() {
            outer.form.take(whole, key);
        } else {
            return Some(whole);
        }
    }
}

/// A scalar or alias, or the start of a list or map.
fn value(data: EventData, start: usize, end: usize, swaps: &Swaps) -> Option<Span> {
    let (form, anchor, tag) = match data {
        EventData::Alias { .. } => (Form::Alias, None, None),
        EventData::Scalar { anchor, tag, value, style, .. } => {
            let quote = match style {
                ScalarStyle::SingleQuoted => Some('\''),
                ScalarStyle::DoubleQuoted => Some('"'),
                _ => None,
            };
            let is_block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
            (Form::Scalar { value: swaps.restore(value), quote, is_block }, anchor, tag)
        }
        EventData::SequenceStart { anchor, tag, style, .. } => {
            (Form::List { is_flow: style == SequenceStyle::Flow, items: Vec::new() }, anchor, tag)
        }
        EventData::MappingStart { anchor, tag, style, .. } => {
            (Form::Map { is_flow: style == MappingStyle::Flow, entries: Vec::new() }, anchor, tag)
        }
        _ => return None,
    };
    Some(Span { start, end, form, anchor, is_tagged: tag.is_some() })
}

impl Span {
    /// Whether nothing stands there, or what means nothing.
    pub(crate) fn is_null(&self) -> bool {
        match &self.form {
            Form::Scalar { value, quote: None, is_block: false } => {
                resolve(None, true, value) == Ok(Scalar::Null)
            }
            _ => false,
        }
    }
}

/// Whether a string may stand without quotes, in a block as between braces, and is read as that string.
pub(crate) fn is_plain(text: &str) -> bool {
    let is_safe = |byte: u8| byte.is_ascii_alphanumeric() || b"._/-".contains(&byte);
    text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.bytes().all(is_safe)
        && resolve(None, true, text) == Ok(Scalar::Text)
}
