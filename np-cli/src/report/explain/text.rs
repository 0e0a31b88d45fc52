//! The evidence of a direction for people: what allows it, or the nearest misses with the line that each hangs on.

use std::io::{self, Write};

use np_sim::Verdict;

use super::lines::{item, marked};
use super::{MissTold, Told};
use crate::report::answer::Way;
use crate::report::excerpt;
use crate::report::paint::Tone;
use crate::report::several::several;
use crate::report::text::Layout;

/// How many misses are shown.
const MISSES: usize = 3;

/// How many lines of a rule are shown.
const RULE_LINES: usize = 8;

/// How many policies are named.
const POLICIES: usize = 4;

/// Writes what stands below a direction, `indent` before each line.
pub(in crate::report) fn evidence(
    out: &mut dyn Write,
    layout: Layout<'_>,
    way: &Way,
    told: &Told,
    indent: &str,
) -> io::Result<()> {
    let allowing = way.decisions.iter().filter(|reason| reason.kind == "rule");
    let first = allowing.clone().next();
    let isolating = way.decisions.iter().any(|reason| reason.kind == "isolated");
    if !isolating && way.verdict != Verdict::Denied {
        let names: Vec<&str> = told.selecting.iter().map(|by| by.policy.as_str()).collect();
        if let Some(names) = several(&names, POLICIES) {
            item(out, layout, (indent, indent), "", (&format!("selected by {names}"), None))?;
        }
    }
    if let Some(reason) = first {
        let is_same = |at: &&super::MatchTold| {
            (Some(&at.policy), Some(at.rule)) == (reason.policy.as_ref(), reason.rule)
        };
        let at = told.matched.iter().find(is_same).and_then(|matched| matched.at);
        let lines = at.map(|at| excerpt::block(layout.places, at, RULE_LINES)).unwrap_or_default();
        // A rule on one line says itself; so does a place.
        let width = lines.last().map_or(0, |(number, _)| number.to_string().len());
        for (number, line) in lines {
            let text = format!("{number:width$} | {line}");
            writeln!(out, "{indent}{:9}{}", "", layout.paint.tint(Tone::Dim, &text))?;
        }
    }
    let likely: Vec<&MissTold> = told.misses.iter().filter(|miss| miss.likely).collect();
    for miss in likely.iter().take(MISSES) {
        self::miss(out, layout, miss, indent)?;
    }
    // A rule that means nobody, for one fact, is better mended than left beside another.
    let idle = told.misses.iter().filter(|miss| likely.is_empty() && miss.idle && miss.gaps.len() == 1);
    for miss in idle.take(1) {
        self::miss(out, layout, miss, indent)?;
    }
    if likely.len() > MISSES {
        let more = likely.len() - MISSES;
        let more = format!("and {more} more near misses: -o json shows all");
        item(out, layout, (indent, indent), "", (&more, None))?;
    }
    match &told.missing {
        Some(missing) => item(out, layout, (indent, indent), "missing", (missing, None)),
        None => Ok(()),
    }
}

fn miss(out: &mut dyn Write, layout: Layout<'_>, miss: &MissTold, indent: &str) -> io::Result<()> {
    let place = match miss.gaps.as_slice() {
        [only] => only.place.as_ref(),
        _ => miss.place.as_ref(),
    };
    item(out, layout, (indent, indent), "nearest", (&miss.message, place))?;
    miss.gaps.iter().try_for_each(|gap| marked(out, layout, indent, gap))
}
