//! What `np diff --prove` says: that two inputs answer alike, or where they do not.

use std::io::{self, Write};

use np_model::Model;
use np_model::refine::Aligned;
use np_sim::diff::{Counterexample, Example};
use np_sim::{Endpoint, Verdict};

use super::clean::clean;
use super::paint::{Paint, Tone};
use super::summary::grouped;

/// Writes that no cell differs between so many classes, and how many pairs neither side knows the answer of.
pub(crate) fn equivalent(out: &mut dyn Write, paint: Paint, classes: usize, unknown: u64) -> io::Result<()> {
    let cells = grouped(u64::try_from(classes).unwrap_or(u64::MAX).saturating_pow(2));
    let noun = if classes == 1 { "class" } else { "classes" };
    let classes = grouped(u64::try_from(classes).unwrap_or(u64::MAX));
    writeln!(out, "{}", paint.tint(Tone::Good, "equivalent"))?;
    writeln!(out, "  {classes} {noun} of endpoints, {cells} cells compared")?;
    match unknown {
        0 => Ok(()),
        1 => writeln!(
            out,
            "  1 pair is unknown on both sides, and what the input does not show may tell them apart"
        ),
        _ => writeln!(
            out,
            "  {} pairs are unknown on both sides, and what the input does not show may tell them apart",
            grouped(unknown)
        ),
    }
}

/// Writes one connection that differs.
pub(crate) fn refuted(
    out: &mut dyn Write,
    paint: Paint,
    models: [&Model; 2],
    found: &Counterexample,
) -> io::Result<()> {
    let [from, to] = [&found.from, &found.to].map(|end| name(models, end));
    writeln!(out, "{}", paint.tint(Tone::Bad, "not equivalent"))?;
    writeln!(out, "  {from} → {to}  {}", found.connection.text(found.families))?;
    writeln!(out, "    before  {}", word(found.before))?;
    writeln!(out, "    after   {}", word(found.after))
}

/// What an end is called, in the head if it is there.
fn name([base, head]: [&Model; 2], end: &Example) -> String {
    let name = match end {
        Example::Address(address) => address.to_string(),
        Example::Node(Aligned::Both(_, id) | Aligned::Head(id)) => Endpoint::Node(*id).name(head),
        Example::Node(Aligned::Base(id)) => Endpoint::Node(*id).name(base),
        Example::Pod(Aligned::Both(_, id) | Aligned::Head(id)) => head.pod_name(*id),
        Example::Pod(Aligned::Base(id)) => base.pod_name(*id),
    };
    clean(&name).into_owned()
}

fn word(verdict: Option<Verdict>) -> &'static str {
    verdict.map_or("an end is not there", Verdict::name)
}
