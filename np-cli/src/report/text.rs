//! The answer to a query for people: a headline, a line for each who decides, and notes.

use std::io::{self, Write};

use np_sim::Verdict;

use super::answer::{Answer, Group, Way};
use super::paint::{Paint, Tone};
use super::reason::Reason;

/// How many decisions of a direction are shown.
const REASONS: usize = 5;

/// How many groups of pairs are shown.
const GROUPS: usize = 8;

/// Writes an answer.
pub(crate) fn write(out: &mut dyn Write, paint: Paint, answer: &Answer) -> io::Result<()> {
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
        [only] => ways(out, paint, only, "  ", is_everything)?,
        groups => {
            for group in groups.iter().take(GROUPS) {
                heading(out, paint, group, is_everything)?;
                ways(out, paint, group, "    ", is_everything)?;
            }
            if groups.len() > GROUPS {
                writeln!(out, "  and {} more groups: -o json shows all", groups.len() - GROUPS)?;
            }
        }
    }
    for note in &answer.notes {
        writeln!(out, "{}", paint.tint(Tone::Dim, &format!("  note     {note}")))?;
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
    paint: Paint,
    group: &Group,
    indent: &str,
    is_everything: bool,
) -> io::Result<()> {
    let rest = is_everything.then_some("the rest");
    way(out, paint, group, ("egress", &group.egress), indent, rest)?;
    way(out, paint, group, ("ingress", &group.ingress), indent, rest)
}

/// Writes one direction; `rest` stands for what is blocked where that would be a long list.
fn way(
    out: &mut dyn Write,
    paint: Paint,
    group: &Group,
    (name, way): (&str, &Way),
    indent: &str,
    rest: Option<&str>,
) -> io::Result<()> {
    let is_divided = way.decisions.iter().any(|reason| reason.set != group.asked && !group.asked.is_empty());
    let connections = |reason: &Reason| match rest {
        Some(rest) if reason.kind == "isolated" => rest.to_owned(),
        _ => reason.connections.clone(),
    };
    let shown = &way.decisions[..way.decisions.len().min(REASONS)];
    let set_width = if is_divided { widest(shown.iter().map(connections)) } else { 0 };
    let message_width = widest(shown.iter().filter(|reason| is_short(reason)).map(|reason| &reason.message));
    let verdict = paint.padded(Tone::from(way.verdict), way.verdict.name(), 8);
    let mut start = format!("{indent}{name:7}  {verdict}  ");
    let continued = format!("{indent}{:19}", "");
    for reason in shown {
        let set = connections(reason);
        let set = if is_divided { format!("{set:set_width$}   ") } else { String::new() };
        let place = reason.place.as_ref().map(|place| {
            let width = if is_short(reason) { message_width } else { 0 };
            let fill = width.saturating_sub(reason.message.chars().count()) + 3;
            format!("{:fill$}{}", "", paint.tint(Tone::Dim, &place.to_string()))
        });
        writeln!(out, "{start}{set}{}{}", reason.message, place.unwrap_or_default())?;
        start.clone_from(&continued);
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
