//! Exposure for people: a table with the worst first and who could come to get in, or one workload
//! with the rules that open it.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::super::paint::{Paint, Tone};
use super::super::places::Place;
use super::super::several::several;
use super::admission::Admission;
use super::way::Sets;
use super::{Report, Way, Workload, ways_in};

/// How wide a cell may be; longer lists end with `…`.
const CELL: usize = 16;

/// How many names a line lists.
const NAMED: usize = 4;

/// How many lines tell who could come to get in.
const ADMISSIONS: usize = 10;

const SIGNS: &str = "± with some addresses or pods  ? unknown  - nothing  (n) namespaces  any pod: whatever its labels and namespace";

/// Writes the table.
pub(crate) fn overview(out: &mut dyn Write, paint: Paint, report: &Report) -> io::Result<()> {
    if report.workloads.is_empty() {
        return Ok(());
    }
    headline(out, paint, report)?;
    writeln!(out)?;
    table(out, paint, &report.workloads)?;
    let hidden = report.summary.workloads - report.workloads.len();
    if hidden > 0 {
        writeln!(out, "and {hidden} more")?;
    }
    writeln!(out, "{}", paint.tint(Tone::Dim, SIGNS))?;
    admitted(out, paint, report)?;
    ways_in::write(out, paint, &report.entries)
}

fn headline(out: &mut dyn Write, paint: Paint, report: &Report) -> io::Result<()> {
    let summary = &report.summary;
    let counts = [
        (summary.open_to_internet, "open to the internet"),
        (summary.open_to_some_internet, "open to some addresses of the internet"),
        (summary.maybe_open_to_internet, "maybe open to the internet"),
        (summary.not_isolated.ingress, "not isolated for ingress"),
        (summary.not_isolated.egress, "not isolated for egress"),
        (summary.open_to_chosen_labels, "open to chosen labels"),
        (summary.on_node_network, "on their node's network, where no policy governs"),
    ];
    let told: Vec<String> = counts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    let noun = if summary.workloads == 1 { "workload" } else { "workloads" };
    let told = if told.is_empty() { "all isolated both ways".to_owned() } else { told.join(", ") };
    let line = format!("{} {noun}: {told}", summary.workloads);
    writeln!(out, "{}", paint.tint(Tone::Strong, &line))?;
    if let Some(names) = several(&report.wide_open, NAMED) {
        writeln!(out, "wide open both ways, as no policy selects them: {names}")?;
    }
    if summary.templates > 0 {
        let (count, all) = (summary.templates, summary.workloads);
        writeln!(out, "inferred: {count} of {all} stand for pods that the input does not show")?;
    }
    if let Some(names) = several(&report.inferred_namespaces, NAMED) {
        writeln!(out, "inferred: without a Namespace object, so with unknown labels: {names}")?;
    }
    Ok(())
}

fn table(out: &mut dyn Write, paint: Paint, workloads: &[Workload]) -> io::Result<()> {
    let heads =
        ["", "isolated", "internet", "any pod", "by labels", "other ns", "own ns", "internet", "cluster"];
    let rows: Vec<Vec<(String, Tone)>> = workloads.iter().map(cells).collect();
    let length = |text: &str| text.chars().count();
    let widths: Vec<usize> = heads
        .iter()
        .enumerate()
        .map(|(at, head)| rows.iter().map(|row| length(&row[at].0)).max().unwrap_or(0).max(length(head)))
        .collect();
    // The first column of each direction stands a little apart.
    let gap = |at: usize| if at == 2 || at == 7 { 4 } else { 2 };
    let before = |at: usize| -> usize { (0..at).map(|column| widths[column] + gap(column + 1)).sum() };
    let (from, to) = (before(2), before(7));
    writeln!(out, "{:from$}{:width$}TO", "", "FROM", width = to - from)?;
    let mut line = |cells: &mut dyn Iterator<Item = (&str, Tone)>| {
        let mut text = String::new();
        let mut blanks = 0;
        for (at, (cell, tone)) in cells.enumerate() {
            text.extend(std::iter::repeat_n(' ', std::mem::take(&mut blanks)));
            text.push_str(&paint.tint(tone, cell));
            blanks = widths[at] - length(cell) + gap(at + 1);
        }
        writeln!(out, "{text}")
    };
    line(&mut heads.into_iter().map(|head| (head, Tone::Dim)))?;
    for row in &rows {
        line(&mut row.iter().map(|(text, tone)| (text.as_str(), *tone)))?;
    }
    Ok(())
}

fn cells(workload: &Workload) -> Vec<(String, Tone)> {
    let (ingress, egress) = (&workload.ingress, &workload.egress);
    let isolated = match (ingress.isolated, egress.isolated) {
        ("host", _) => "host",
        ("unknown", _) | (_, "unknown") => "unknown",
        ("yes", "yes") => "both",
        ("yes", _) => "ingress",
        (_, "yes") => "egress",
        _ => "no",
    };
    let (others, others_tone) = cell(&ingress.other_namespaces);
    let others = match ingress.namespaces.len() {
        0 => others,
        count => format!("{others} ({count})"),
    };
    let tone = if isolated == "both" { Tone::Good } else { Tone::Open };
    vec![
        (workload.short.clone(), Tone::Strong),
        (isolated.to_owned(), tone),
        cell(&ingress.internet),
        cell(&ingress.every_pod),
        cell(&ingress.by_labels),
        (others, others_tone),
        cell(&ingress.own_namespace),
        cell(&egress.internet),
        cell(&egress.cluster),
    ]
}

fn cell(sets: &Sets) -> (String, Tone) {
    let text = sets.text();
    let tone = match () {
        () if sets.is_nothing() => Tone::Dim,
        () if sets.every == "all" => Tone::Bad,
        () => Tone::Open,
    };
    if text.chars().count() <= CELL {
        return (text, tone);
    }
    (text.chars().take(CELL - 1).chain(['…']).collect(), tone)
}

/// Peers that are told alike.
#[derive(Default)]
struct Alike<'r> {
    workloads: Vec<&'r str>,
    /// Policy, rule and place of each rule that has them.
    rules: Vec<(&'r str, u32, Option<&'r Place>)>,
}

/// Who could come to get in by labels, whatever the namespace is named; first what concerns most.
fn admitted(out: &mut dyn Write, paint: Paint, report: &Report) -> io::Result<()> {
    let mut known: BTreeMap<(&str, &str, bool), Alike<'_>> = BTreeMap::new();
    for workload in &report.workloads {
        for admission in workload.ingress.admissions.iter().filter(|it| it.whom.is_by_labels) {
            let whom = &*admission.whom;
            let alike = known.entry((&whom.message, &admission.connections, !admission.certain)).or_default();
            if alike.workloads.last() != Some(&workload.short.as_str()) {
                alike.workloads.push(&workload.short);
            }
            alike.rules.push((&whom.policy, whom.rule, whom.place.as_ref()));
        }
    }
    if known.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{}", paint.tint(Tone::Strong, "Who could get in by choosing labels:"))?;
    let mut known: Vec<_> = known.into_iter().collect();
    known.sort_by_key(|(_, alike)| std::cmp::Reverse(alike.workloads.len()));
    let more = known.len().saturating_sub(ADMISSIONS);
    for ((message, connections, is_maybe), mut alike) in known.into_iter().take(ADMISSIONS) {
        let workloads = several(&alike.workloads, NAMED).unwrap_or_default();
        let maybe = if is_maybe { "maybe " } else { "" };
        writeln!(out, "  {maybe}{message}: {connections} of {workloads}")?;
        alike.rules.sort_unstable_by_key(|(policy, rule, _)| (*policy, *rule));
        alike.rules.dedup_by_key(|(policy, rule, _)| (*policy, *rule));
        let rules = alike.rules.iter().map(|(policy, rule, place)| {
            let place = place.map(|place| format!("   {place}")).unwrap_or_default();
            format!("{policy}, ingress rule {rule}{place}")
        });
        let rules: Vec<String> = rules.collect();
        let by = several(&rules, 1).unwrap_or_default();
        writeln!(out, "    {}", paint.tint(Tone::Dim, &format!("by {by}")))?;
    }
    if more > 0 {
        writeln!(out, "  and {more} more: -o json shows all")?;
    }
    Ok(())
}

/// Writes each workload in detail.
pub(crate) fn detail(out: &mut dyn Write, paint: Paint, report: &Report) -> io::Result<()> {
    for (number, workload) in report.workloads.iter().enumerate() {
        if number > 0 {
            writeln!(out)?;
        }
        let inferred = workload.inferred.iter().map(|what| match *what {
            "template" => "(inferred: stands for pods that the input does not show)".to_owned(),
            _ => "(inferred: its namespace has no object in the input, so its labels are unknown)".to_owned(),
        });
        let name = paint.tint(Tone::Strong, &workload.name);
        writeln!(out, "{}", std::iter::once(name).chain(inferred).collect::<Vec<_>>().join("  "))?;
        direction(out, paint, ("ingress", "from"), &workload.ingress)?;
        direction(out, paint, ("egress", "to"), &workload.egress)?;
    }
    ways_in::write(out, paint, &report.entries)
}

fn direction(out: &mut dyn Write, paint: Paint, (name, word): (&str, &str), way: &Way) -> io::Result<()> {
    let name = paint.padded(Tone::Strong, name, 7);
    match way.isolated {
        "host" => writeln!(out, "  {name}  on its node's network: no policy governs it")?,
        "no" => writeln!(out, "  {name}  not isolated: no policy selects it")?,
        "unknown" => writeln!(out, "  {name}  unknown whether it is isolated")?,
        _ => {
            for (number, by) in way.policies.iter().enumerate() {
                let start =
                    if number == 0 { format!("  {name}  isolated by ") } else { format!("{:23}", "") };
                let place = by.place.as_ref().map(|place| format!("   {place}")).unwrap_or_default();
                writeln!(out, "{start}{}{}", by.policy, paint.tint(Tone::Dim, &place))?;
            }
        }
    }
    let everyone = ("any pod, whatever its labels and namespace".to_owned(), &way.every_pod, None);
    let mut lines = vec![];
    for peer in way.peers.iter().flatten() {
        let who = match peer.name.as_str() {
            "internet" => "the internet".to_owned(),
            "outside" => "other addresses outside the cluster".to_owned(),
            namespace if peer.is_own => format!("its own namespace, {namespace}"),
            namespace => format!("namespace {namespace}"),
        };
        lines.push((who, &peer.sets, Some(&peer.decisions)));
    }
    lines.push(everyone);
    lines.retain(|(_, sets, _)| !sets.is_nothing());
    if lines.is_empty() && way.admissions.is_empty() {
        return writeln!(out, "    nothing passes {word} anybody");
    }
    let width = lines.iter().map(|(who, ..)| who.chars().count()).max().unwrap_or(0);
    for (who, sets, decisions) in lines {
        let (text, tone) = (sets.text(), if sets.every == "all" { Tone::Bad } else { Tone::Open });
        let reasons = decisions.into_iter().flatten().map(|reason| {
            let place = reason.place.as_ref().map(|place| format!("   {place}")).unwrap_or_default();
            let set =
                if reason.connections == text.replace(['±', '?'], "") { "" } else { &reason.connections };
            let gap = if set.is_empty() { "" } else { "  " };
            paint.tint(Tone::Dim, &format!("{set}{gap}{}{place}", reason.message))
        });
        let reasons: Vec<String> = reasons.collect();
        let start = format!("    {word} {who:width$}  {}", paint.tint(tone, &text));
        match reasons.as_slice() {
            [only] => writeln!(out, "{start}  {only}")?,
            several => {
                writeln!(out, "{start}")?;
                for reason in several {
                    writeln!(out, "        {reason}")?;
                }
            }
        }
    }
    if !way.admissions.is_empty() {
        writeln!(out, "    by choosing labels, {word}")?;
    }
    for admission in &way.admissions {
        admitted_one(out, paint, admission)?;
    }
    Ok(())
}

fn admitted_one(out: &mut dyn Write, paint: Paint, admission: &Admission) -> io::Result<()> {
    let whom = &*admission.whom;
    let place = whom.place.as_ref().map(|place| format!(", {place}")).unwrap_or_default();
    let by = paint.tint(Tone::Dim, &format!("({} rule {}{place})", whom.policy, whom.rule));
    let maybe = if admission.certain { "" } else { "maybe " };
    let connections = [std::slice::from_ref(&admission.connections), &admission.port_names].concat();
    let connections: Vec<&str> = connections.iter().map(String::as_str).filter(|set| *set != "-").collect();
    writeln!(out, "      {maybe}{}: {} {by}", whom.message, connections.join(" "))
}
