//! The small moves that every edit is made of: an item or entry more or less, a scalar replaced, a dash moved.

use std::ops::Range;

use super::NoEdit;
use super::write::{Style, Written, string};
use crate::load::yaml::spans::{Form, Span};

/// The text that is edited, as it is written.
pub(super) struct Ground<'p> {
    pub(super) text: &'p str,
    /// How many columns stand before it on its first line.
    pub(super) column: usize,
    pub(super) line_end: &'static str,
    pub(super) style: Style,
}

/// Bytes, and what is to stand in their place.
pub(super) type Cut = (Range<usize>, String);

/// What holds a value: the key whose value it is, and whether that stands in braces or brackets.
#[derive(Clone, Copy)]
pub(super) struct Held<'s> {
    pub(super) key: Option<&'s Span>,
    pub(super) in_flow: bool,
    pub(super) value: &'s Span,
}

/// What is added to a list or map.
pub(super) enum More {
    Item(Written),
    Entry(String, Written),
}

impl More {
    /// A list or map that has this alone.
    pub(super) fn alone(self) -> Written {
        match self {
            Self::Item(item) => Written::List(vec![item]),
            Self::Entry(key, value) => Written::Map(vec![(key, value)]),
        }
    }
}

fn blanks(columns: usize) -> String {
    " ".repeat(columns)
}

impl Ground<'_> {
    fn line_start(&self, at: usize) -> usize {
        self.text[..at].rfind('\n').map_or(0, |feed| feed + 1)
    }

    /// Where the line of a byte ends, what ends it left out.
    fn line_stop(&self, at: usize) -> usize {
        let feed = self.text[at..].find('\n').map_or(self.text.len(), |feed| at + feed);
        if self.text[at..feed].ends_with('\r') { feed - 1 } else { feed }
    }

    fn column(&self, at: usize) -> usize {
        let start = self.line_start(at);
        let columns = self.text[start..at].chars().count();
        if start == 0 { columns + self.column } else { columns }
    }

    /// The column of the first thing on a line.
    fn indentation(&self, at: usize) -> usize {
        let start = self.line_start(at);
        let line = &self.text[start..at];
        self.column(start + line.len() - line.trim_start().len())
    }

    /// By how many columns the maps and the dashes of a block stand behind the keys that they belong to: those
    /// of the first map and the first list within a map.
    pub(super) fn steps(&self, root: &Span) -> (Option<usize>, Option<usize>) {
        let (mut step, mut dash, mut open) = (None, None, vec![root]);
        while let Some(span) = open.pop() {
            match &span.form {
                Form::Map { is_flow: false, entries } => {
                    for (key, value) in entries {
                        let columns = || self.column(value.start).checked_sub(self.column(key.start));
                        match &value.form {
                            Form::Map { is_flow: false, .. } if step.is_none() => step = columns(),
                            Form::List { is_flow: false, .. } if dash.is_none() => dash = columns(),
                            _ => {}
                        }
                    }
                    open.extend(entries.iter().rev().map(|(_, value)| value));
                }
                Form::List { is_flow: false, items } => open.extend(items.iter().rev()),
                _ => {}
            }
        }
        (step, dash)
    }

    /// Lines behind the one that a byte is on, from this column.
    fn below(&self, at: usize, column: usize, lines: Vec<String>) -> Cut {
        let stop = self.line_stop(at);
        let lines = lines.into_iter().map(|line| format!("{}{}{line}", self.line_end, blanks(column)));
        (stop..stop, lines.collect())
    }

    /// Lines from where they are put, the others below the first.
    fn joined(&self, column: usize, lines: &[String]) -> String {
        lines.join(&format!("{}{}", self.line_end, blanks(column)))
    }

    /// Puts a value in the place of one that is empty.
    pub(super) fn fill(&self, held: Held<'_>, value: &Written) -> Result<Vec<Cut>, NoEdit> {
        let Held { key, in_flow, value: old } = held;
        plain(old)?;
        if in_flow {
            let gap = if old.start == old.end { " " } else { "" };
            return Ok(vec![(old.start..old.end, format!("{gap}{}", value.flow(self.style)))]);
        }
        let lines = value.block(self.style);
        let Some(key) = key else {
            let (gap, column) = if old.start == old.end {
                (" ", self.column(old.start) + 1)
            } else {
                ("", self.column(old.start))
            };
            return Ok(vec![(old.start..old.end, format!("{gap}{}", self.joined(column, &lines)))]);
        };
        let inside = if matches!(value, Written::List(_)) { self.style.dash } else { self.style.step };
        let below = self.below(old.end, self.column(key.start) + inside, lines);
        Ok(vec![(self.colon(key)?..old.end, String::new()), below])
    }

    /// Puts a value in the place of another, of which nothing is to stay.
    pub(super) fn rewrite(&self, held: Held<'_>, value: &Written) -> Result<Vec<Cut>, NoEdit> {
        let old = held.value;
        plain(old)?;
        let is_flow = held.in_flow || matches!(&old.form, Form::Map { is_flow: true, .. });
        let text = if is_flow {
            value.flow(self.style)
        } else {
            self.joined(self.column(old.start), &value.block(self.style))
        };
        Ok(vec![(old.start..old.end, text)])
    }

    /// The byte behind the colon of a key.
    fn colon(&self, key: &Span) -> Result<usize, NoEdit> {
        let behind = self.text[key.end..].trim_start_matches([' ', '\t']);
        if behind.starts_with(':') { Ok(self.text.len() - behind.len() + 1) } else { Err(NoEdit::Style) }
    }

    /// Adds to a list or map that has something.
    pub(super) fn add(&self, span: &Span, more: &More) -> Result<Vec<Cut>, NoEdit> {
        plain(span)?;
        let (is_flow, first, last) = match (&span.form, more) {
            (Form::List { is_flow, items }, More::Item(_)) => {
                (*is_flow, items.first().map(|item| item.start), items.last())
            }
            (Form::Map { is_flow, entries }, More::Entry(..)) => {
                (*is_flow, entries.first().map(|(key, _)| key.start), entries.last().map(|(_, value)| value))
            }
            _ => return Err(NoEdit::Style),
        };
        let (first, last) = (first.ok_or(NoEdit::Style)?, last.ok_or(NoEdit::Style)?);
        if matches!(last.form, Form::Scalar { is_block: true, .. }) {
            return Err(NoEdit::Style);
        }
        if is_flow {
            return Ok(vec![self.add_flow(span, first, last.end, more)]);
        }
        Ok(vec![match more {
            More::Item(item) => self.below(last.end, self.column(span.start), item.item(self.style)),
            More::Entry(key, value) => self.below(last.end, self.column(first), value.entry(key, self.style)),
        }])
    }

    fn add_flow(&self, span: &Span, first: usize, last: usize, more: &More) -> Cut {
        let is_spread = self.text[span.start..first].contains('\n');
        let column = self.column(first);
        let step = column.saturating_sub(self.indentation(span.start));
        let style = Style { step: if step > 0 { step } else { self.style.step }, ..self.style };
        let quote = style.is_json.then_some('"');
        let (key, value) = match more {
            More::Item(item) => (String::new(), item),
            More::Entry(key, value) => (format!("{}: ", string(key, quote)), value),
        };
        let text = if is_spread {
            let lines = value.spread(style);
            format!(",{}{}{key}{}", self.line_end, blanks(column), self.joined(column, &lines))
        } else {
            format!(", {key}{}", value.flow(style))
        };
        (last..last, text)
    }

    /// Takes one of the items of a list, or of the entries of a map, away.
    pub(super) fn remove(&self, held: Held<'_>, index: usize) -> Result<Vec<Cut>, NoEdit> {
        let span = held.value;
        plain(span)?;
        let (is_flow, is_list, parts): (bool, bool, Vec<Range<usize>>) = match &span.form {
            Form::List { is_flow, items } => {
                (*is_flow, true, items.iter().map(|item| item.start..item.end).collect())
            }
            Form::Map { is_flow, entries } => {
                let range = |(key, value): &(Span, Span)| key.start..value.end;
                (*is_flow, false, entries.iter().map(range).collect())
            }
            _ => return Err(NoEdit::Style),
        };
        let part = parts.get(index).ok_or(NoEdit::Misfit)?;
        if parts.len() == 1 {
            return self.remove_all(held, is_flow, if is_list { "[]" } else { "{}" });
        }
        if is_flow {
            let range = match (parts.get(index + 1), index.checked_sub(1)) {
                (Some(next), _) => part.start..next.start,
                (None, Some(before)) => parts[before].end..part.end,
                (None, None) => part.clone(),
            };
            return Ok(vec![(range, String::new())]);
        }
        let start = if is_list { self.dash_line(span, part)? } else { self.line_start(part.start) };
        if self.text[start..part.start].trim_matches([' ', '-']).is_empty()
            && !is_list
            && self.text[start..part.start].contains('-')
        {
            // The first entry of an item stands behind its dash, where the next is to stand.
            let next = parts.get(index + 1).ok_or(NoEdit::Style)?;
            return Ok(vec![(part.start..next.start, String::new())]);
        }
        Ok(vec![(self.lines(start, part.end)?, String::new())])
    }

    /// Whole lines, with what ends them.
    fn lines(&self, start: usize, last: usize) -> Result<Range<usize>, NoEdit> {
        let stop = self.line_stop(last);
        if start == 0 {
            return Err(NoEdit::Style);
        }
        Ok(match self.text[stop..].find('\n') {
            Some(feed) => start..stop + feed + 1,
            // Nothing ends the last line of a text: what ends the one before goes.
            None => self.line_stop(self.line_start(start - 1))..stop,
        })
    }

    /// Where the line starts that has the dash of an item.
    fn dash_line(&self, list: &Span, item: &Range<usize>) -> Result<usize, NoEdit> {
        let column = self.column(list.start);
        let mut start = self.line_start(item.start);
        loop {
            let line = &self.text[start..];
            let indented = line.len() - line.trim_start_matches(' ').len();
            if start > 0 && indented == column && line[indented..].starts_with('-') {
                return Ok(start);
            }
            start = start.checked_sub(1).map(|end| self.line_start(end)).ok_or(NoEdit::Style)?;
            if start < self.line_start(list.start) {
                return Err(NoEdit::Style);
            }
        }
    }

    fn remove_all(&self, held: Held<'_>, is_flow: bool, empty: &str) -> Result<Vec<Cut>, NoEdit> {
        let Held { key, value, .. } = held;
        if is_flow {
            return Ok(vec![(value.start..value.end, empty.to_owned())]);
        }
        let colon = self.colon(key.ok_or(NoEdit::Style)?)?;
        let lines = self.lines(self.line_start(value.start), value.end)?;
        if lines.start <= colon && self.text[lines.start..colon].contains('\n') {
            return Err(NoEdit::Style);
        }
        Ok(vec![(colon..colon, format!(" {empty}")), (lines, String::new())])
    }

    /// Puts a scalar in the place of another, in the quotes of that.
    pub(super) fn replace(&self, old: &Span, new: &Written) -> Result<Vec<Cut>, NoEdit> {
        plain(old)?;
        let Form::Scalar { quote, is_block: false, .. } = &old.form else { return Err(NoEdit::Style) };
        let text = match new {
            Written::Text(text) => string(text, quote.or(self.style.is_json.then_some('"'))),
            other => other.flow(self.style),
        };
        Ok(vec![(old.start..old.end, text)])
    }

    /// Makes two items of one with two entries.
    pub(super) fn split(&self, list: &Span, item: &Span) -> Result<Vec<Cut>, NoEdit> {
        plain(item)?;
        let Form::Map { is_flow, entries } = &item.form else { return Err(NoEdit::Style) };
        let [(_, first), (second, _)] = entries.as_slice() else { return Err(NoEdit::Style) };
        let Form::List { is_flow: in_flow, .. } = &list.form else { return Err(NoEdit::Style) };
        let between = first.end..second.start;
        if !is_flow {
            return Ok(vec![self.dash(list, second, true)?]);
        }
        let is_spread = self.text[between.clone()].contains('\n');
        let line = |at: usize| format!("{}{}", self.line_end, blanks(self.column(at)));
        let text = match (in_flow, is_spread) {
            (false, _) => format!("}}{}- {{", line(list.start)),
            (true, false) => "}, {".to_owned(),
            (true, true) => {
                let (brace, key) = (line(item.start), line(second.start));
                format!("{brace}}},{brace}{{{key}")
            }
        };
        Ok(vec![(between, text)])
    }

    /// Makes one item of two with an entry each.
    pub(super) fn join(&self, list: &Span, one: &Span, other: &Span) -> Result<Vec<Cut>, NoEdit> {
        plain(one)?;
        plain(other)?;
        let (Form::Map { is_flow: a, entries: first }, Form::Map { is_flow: b, entries: second }) =
            (&one.form, &other.form)
        else {
            return Err(NoEdit::Style);
        };
        let ([(key, value)], [(next, _)]) = (first.as_slice(), second.as_slice()) else {
            return Err(NoEdit::Style);
        };
        match (a, b) {
            (false, false) if self.column(key.start) == self.column(next.start) => {
                Ok(vec![self.dash(list, next, false)?])
            }
            (true, true) => {
                let between = value.end..next.start;
                let is_spread = self.text[one.start..key.start].contains('\n');
                let line = format!(",{}{}", self.line_end, blanks(self.column(next.start)));
                Ok(vec![(between, if is_spread { line } else { ", ".to_owned() })])
            }
            _ => Err(NoEdit::Style),
        }
    }

    /// Sets the dash of a list before a key that starts its line, or takes it away.
    fn dash(&self, list: &Span, key: &Span, is_set: bool) -> Result<Cut, NoEdit> {
        let (start, column) = (self.line_start(key.start), self.column(list.start));
        let before = self.text[start..key.start].replacen('-', " ", usize::from(!is_set));
        let is_fine = start > 0 && before.len() >= column + 2 && before.bytes().all(|byte| byte == b' ');
        let mark = if is_set { "-" } else { " " };
        let dash = start + column..start + column + 1;
        if is_fine { Ok((dash, mark.to_owned())) } else { Err(NoEdit::Style) }
    }
}

/// Refuses what has an anchor or a tag, or stands for something elsewhere.
pub(super) fn plain(span: &Span) -> Result<(), NoEdit> {
    let is_plain = span.anchor.is_none() && !span.is_tagged && !matches!(span.form, Form::Alias);
    if is_plain { Ok(()) } else { Err(NoEdit::Style) }
}
