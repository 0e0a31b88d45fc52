//! The lines of an explanation: a branch of a tree, a label, a text that is wrapped, and a place behind it.

use std::io::{self, Write};

use super::gap::GapTold;
use crate::report::excerpt;
use crate::report::paint::Tone;
use crate::report::places::Place;
use crate::report::text::Layout;
use crate::report::wrap::wrap;

/// Where a branch is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tree {
    /// Others follow.
    Middle,
    /// None follows.
    Last,
}

impl Tree {
    /// What stands before its first line.
    pub(super) fn first(self) -> &'static str {
        match self {
            Self::Middle => "├ ",
            Self::Last => "└ ",
        }
    }

    /// What stands before the others.
    pub(super) fn then(self) -> &'static str {
        match self {
            Self::Middle => "│ ",
            Self::Last => "  ",
        }
    }
}

/// A labelled paragraph, its place in the same line if there is room, with what stands before its first line and before the
/// others.
pub(super) fn item(
    out: &mut dyn Write,
    layout: Layout<'_>,
    (first, then): (&str, &str),
    label: &str,
    (text, place): (&str, Option<&Place>),
) -> io::Result<()> {
    let room = layout.width.map(|width| width.saturating_sub(then.chars().count() + 9));
    let lines = wrap(text, room);
    let last = lines.last().map_or(0, |line| line.chars().count());
    for (at, line) in lines.iter().enumerate() {
        let (before, label) = if at == 0 { (first, label) } else { (then, "") };
        if at > 0 {
            writeln!(out)?;
        }
        write!(out, "{before}{label:7}  {line}")?;
    }
    let Some(place) = place.map(ToString::to_string) else { return writeln!(out) };
    let tinted = layout.paint.tint(Tone::Dim, &place);
    if room.is_none_or(|room| last + 3 + place.chars().count() <= room) {
        writeln!(out, "   {tinted}")
    } else {
        writeln!(out, "\n{then}{:9}{tinted}", "")
    }
}

/// The line that a gap is about with what is wrong marked, and where the object stands that does not fit.
pub(super) fn marked(out: &mut dyn Write, layout: Layout<'_>, indent: &str, gap: &GapTold) -> io::Result<()> {
    let Some(focus) = gap.focus else { return Ok(()) };
    let place = (focus.at, focus.length);
    for line in excerpt::mark(layout.paint, layout.places, place, gap.hint.as_deref()) {
        writeln!(out, "{indent}{:9}{line}", "")?;
    }
    if let Some((name, place)) = gap.object.as_ref().and_then(|it| Some((&it.name, it.place.as_ref()?))) {
        let text = format!("{name} is at {place}");
        writeln!(out, "{indent}{:9}{}", "", layout.paint.tint(Tone::Dim, &text))?;
    }
    Ok(())
}
