//! The answer to a query for people: a headline, a line for each who decides, and notes.

use std::io::{self, Write};

use np_sim::Verdict;

use super::answer::{Answer, Group, Way};
use super::explain;
use super::paint::{Paint, Tone};
use super::places::Places;
use super::reason::Reason;
use super::wrap::wrap;

/// How many decisions of a direction are shown.
const REASONS: usize = 5;

/// How many groups of pairs are shown.
const GROUPS: usize = 8;

/// How an answer is laid out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Layout<'a> {
    pub(crate) paint: Paint,
    /// How many columns there are; `None` if lines may be as long as they are.
    pub(crate) width: Option<usize>,
    /// The texts that evidence is shown of.
    pub(crate) places: &'a Places<'a>,
}

/// What stands before the lines of a direction.
#[derive(Debug, Clone, Copy)]
struct Branch<'a> {
    first: &'a str,
    then: &'a str,
}

/// Writes an answer.
pub(crate) fn write(out: &mut dyn Write, layout: Layout<'_>, answer: &Answer) -> io::Result<()> {
    let paint = layout.paint;
    writeln!(
        out,
        "{}  {} → {}  {}",
        headword(paint, answer.result.verdict),
        answer.from,
        answer.to,
        asked(answer)
    )?;
    let is_everything = answer.ports.is_none();
    match answer.pairs.as_slice() {
        [] => {}
        [only] => ways(out, layout, only, "", is_everything)?,
        groups => {
            for group in groups.iter().take(GROUPS) {
                heading(out, paint, group, is_everything)?;
                ways(out, layout, group, "  ", is_everything)?;
            }
            if groups.len() > GROUPS {
                writeln!(out, "  and {} more groups: -o json shows all", groups.len() - GROUPS)?;
            }
        }
    }
    for note in &answer.notes {
        let room = layout.width.map(|width| width.saturating_sub(11));
        for (at, line) in wrap(note, room).into_iter().enumerate() {
            let label = if at == 0 { "note" } else { "" };
            writeln!(out, "{}", paint.tint(Tone::Dim, &format!("  {label:7}  {line}")))?;
        }
    }
    Ok(())
}

fn headword(paint: Paint, verdict: Verdict) -> String {
    let word = verdict.name().to_uppercase();
    paint.tint(Tone::Strong, &paint.tint(Tone::from(verdict), &word))
}

/// What was asked, and what becomes of the parts of it where that differs.
fn asked(answer: &Answer) -> String {
    let summary = &answer.summary;
    let is_everything = answer.ports.is_none();
    let unknown = if summary.is_open_for_some { "unknown for some pairs" } else { "unknown" };
    let sets = [
        ("passes", &summary.every),
        ("passes for some pairs", &summary.some),
        (unknown, &summary.open),
        ("blocked", &summary.blocked),
    ];
    let sets: Vec<(&str, &str)> =
        sets.into_iter().filter_map(|(word, set)| Some((word, set.as_deref()?))).collect();
    let ports = answer.ports.as_deref().unwrap_or("all");
    match sets[..] {
        [(word, _)] if word.ends_with("pairs") => format!("{ports}  {word}"),
        [] | [_] => ports.to_owned(),
        _ => {
            let told: Vec<_> = sets.into_iter().map(|(word, set)| part(word, set, is_everything)).collect();
            let told = told.join(" · ");
            if is_everything { told } else { format!("{ports}  {told}") }
        }
    }
}

fn part(word: &str, set: &str, is_everything: bool) -> String {
    match word {
        "blocked" if is_everything => "the rest is blocked".to_owned(),
        _ => format!("{word} {set}"),
    }
}

fn heading(out: &mut dyn Write, paint: Paint, group: &Group, is_everything: bool) -> io::Result<()> {
    let result = &group.result;
    let [from, to] = &group.ends;
    let remark = group.remark.map(|remark| format!("  {remark}")).unwrap_or_default();
    let sets = match result.verdict {
        Verdict::Allowed | Verdict::Denied => String::new(),
        Verdict::Partial | Verdict::Unknown => {
            let sections =
                [("passes", &result.passes), ("unknown", &result.open), ("blocked", &result.blocked)];
            let told = sections.into_iter().filter(|(_, set)| *set != "-");
            let told = told.map(|(word, set)| part(word, set, is_everything));
            format!("  {}", told.collect::<Vec<_>>().join(" · "))
        }
    };
    let word = paint.tint(Tone::from(result.verdict), result.verdict.name());
    writeln!(out, "  {word}  {from} → {to}{remark}{sets}")
}

fn ways(
    out: &mut dyn Write,
    layout: Layout<'_>,
    group: &Group,
    indent: &str,
    is_everything: bool,
) -> io::Result<()> {
    let rest = is_everything.then_some("the rest");
    // With evidence below, lines show where one direction ends.
    let [above, below] = match group.egress.evidence {
        Some(_) => [["├ ", "│ "], ["└ ", "  "]],
        None => [["  ", "  "]; 2],
    };
    for (way, name, [first, then]) in [(&group.egress, "egress", above), (&group.ingress, "ingress", below)] {
        let (first, then) = (format!("{indent}{first}"), format!("{indent}{then}"));
        self::way(out, layout, group, (name, way), Branch { first: &first, then: &then }, rest)?;
        if let Some(told) = &way.evidence {
            explain::text::evidence(out, layout, way, told, &then)?;
        }
    }
    Ok(())
}

/// Writes one direction; `rest` stands for what is blocked where that would be a long list.
fn way(
    out: &mut dyn Write,
    layout: Layout<'_>,
    group: &Group,
    (name, way): (&str, &Way),
    branch: Branch<'_>,
    rest: Option<&str>,
) -> io::Result<()> {
    let paint = layout.paint;
    let is_divided = way.decisions.iter().any(|reason| reason.set != group.asked && !group.asked.is_empty());
    let connections = |reason: &Reason| match rest {
        Some(rest) if reason.kind == "isolated" => rest.to_owned(),
        _ => reason.connections.clone(),
    };
    let shown = &way.decisions[..way.decisions.len().min(REASONS)];
    let set_width = if is_divided { widest(shown.iter().map(connections)) } else { 0 };
    let message_width = widest(shown.iter().filter(|reason| is_short(reason)).map(|reason| &reason.message));
    let verdict = paint.padded(Tone::from(way.verdict), way.verdict.name(), 8);
    let mut start = format!("{}{name:7}  {verdict}  ", branch.first);
    let continued = format!("{}{:19}", branch.then, "");
    for reason in shown {
        let set = connections(reason);
        let set = if is_divided { format!("{set:set_width$}   ") } else { String::new() };
        let before = branch.then.chars().count() + 19 + set.chars().count();
        let room = layout.width.map(|width| width.saturating_sub(before));
        let lines = wrap(&reason.message, room);
        let width = if is_short(reason) { message_width } else { 0 };
        for (at, line) in lines.iter().enumerate() {
            let set = if at == 0 { set.clone() } else { " ".repeat(set.chars().count()) };
            write!(out, "{start}{set}{line}")?;
            start.clone_from(&continued);
            if at + 1 < lines.len() {
                writeln!(out)?;
            }
        }
        let last = lines.last().map_or(0, |line| line.chars().count());
        match &reason.place {
            None => writeln!(out)?,
            Some(place) => {
                let place = place.to_string();
                let fill = width.saturating_sub(last) + 3;
                let place_text = paint.tint(Tone::Dim, &place);
                if room.is_none_or(|room| last + fill + place.chars().count() <= room) {
                    writeln!(out, "{:fill$}{place_text}", "")?;
                } else {
                    writeln!(out, "\n{continued}{:width$}{place_text}", "", width = set.chars().count())?;
                }
            }
        }
    }
    match way.decisions.len() - shown.len() {
        0 => Ok(()),
        more => writeln!(out, "{continued}and {more} more: -o json shows all"),
    }
}

/// Whether the place of a reason stands in the same column as the others'.
fn is_short(reason: &Reason) -> bool {
    reason.place.is_some() && !reason.kind.starts_with("unknown")
}

fn widest(texts: impl Iterator<Item = impl AsRef<str>>) -> usize {
    texts.map(|text| text.as_ref().chars().count()).max().unwrap_or(0)
}
