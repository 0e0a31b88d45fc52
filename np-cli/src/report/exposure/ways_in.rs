//! The ways in for people: a line for each end, those first that are cut off.

use std::io::{self, Write};

use super::super::paint::{Paint, Tone};
use super::super::several::several;
use super::WayIn;

/// How many ways in are shown.
const WAYS: usize = 20;

/// How many names a line lists.
const NAMED: usize = 2;

/// How many reasons are shown for what does not arrive.
const REASONS: usize = 4;

/// Writes what leads there from outside the cluster.
pub(super) fn write(out: &mut dyn Write, paint: Paint, entries: &[WayIn]) -> io::Result<()> {
    if entries.is_empty() {
        return Ok(());
    }
    let cut_off = entries.iter().filter(|entry| entry.is_cut_off()).count();
    let cut_off = if cut_off == 0 { String::new() } else { format!(", {cut_off} cut off or with problems") };
    let noun = if entries.len() == 1 { "way" } else { "ways" };
    let line = format!("{} {noun} in from outside the cluster{cut_off}:", entries.len());
    writeln!(out, "\n{}", paint.tint(Tone::Strong, &line))?;
    for entry in entries.iter().take(WAYS) {
        let hosts = several(&entry.hosts, NAMED).map(|hosts| format!(" {hosts}"));
        let (hosts, path) = (hosts.unwrap_or_default(), entry.path.as_deref().unwrap_or_default());
        let gap = if !path.is_empty() && (hosts.is_empty() || !path.starts_with('/')) { " " } else { "" };
        let backend = entry.backend.as_ref().map(|it| format!(" → {it}")).unwrap_or_default();
        let place = entry.place.as_ref().map(|place| format!("   {place}")).unwrap_or_default();
        writeln!(out, "  {}{hosts}{gap}{path}{backend}{}", entry.entry, paint.tint(Tone::Dim, &place))?;
        for problem in &entry.problems {
            writeln!(out, "    {}  {}", paint.tint(Tone::Bad, "problem"), problem.message)?;
        }
        for target in &entry.targets {
            let tone = match target.verdict {
                "allowed" => Tone::Good,
                "denied" => Tone::Bad,
                _ => Tone::Open,
            };
            let verdict = paint.padded(tone, target.verdict, 7);
            writeln!(out, "    {verdict}  {} {} from {}", target.endpoint, target.ports, entry.sender)?;
            if target.verdict != "allowed" {
                reasons(out, paint, target)?;
            }
        }
    }
    if entries.len() > WAYS {
        writeln!(out, "  and {} more: -o json shows all", entries.len() - WAYS)?;
    }
    Ok(())
}

/// Why something does not arrive, or may not: by who sends it, where that makes a difference.
fn reasons(out: &mut dyn Write, paint: Paint, target: &super::entries::Destination) -> io::Result<()> {
    for reading in &target.readings {
        if target.readings.len() > 1 || (reading.egress.is_empty() && reading.ingress.is_empty()) {
            let sets =
                [("passes", &reading.passes), ("unknown", &reading.open), ("blocked", &reading.blocked)];
            let sets: Vec<String> = sets
                .into_iter()
                .filter(|(_, set)| *set != "-")
                .map(|(word, set)| format!("{word} {set}"))
                .collect();
            writeln!(out, "             from {}: {}", reading.from, sets.join(" · "))?;
        }
        if reading.verdict == "allowed" {
            continue;
        }
        for (direction, decisions) in [("egress", &reading.egress), ("ingress", &reading.ingress)] {
            for reason in decisions.iter().take(REASONS) {
                let place = reason.place.as_ref().map(|place| format!("   {place}")).unwrap_or_default();
                let line = format!("{direction}  {}{place}", reason.message);
                writeln!(out, "             {}", paint.tint(Tone::Dim, &line))?;
            }
        }
    }
    Ok(())
}
