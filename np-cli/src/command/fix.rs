//! `np explain --fix`: what would open a connection, or close it, and the patch for it.

use std::io::{self, Write};

use np_model::Model;
use np_model::ir::Direction;
use np_sim::explain::{Miss, evidence};
use np_sim::fix::{Aim, fixes as find};
use np_sim::reach::{Pair, Reach};
use np_sim::{Destination, Services, Verdict};

use super::query::ask;
use super::unanswerable;
use crate::args::{ExplainArgs, FixAim};
use crate::console::Console;
use crate::exit::Exit;
use crate::failure::Message;
use crate::report::answer::Question;
use crate::report::fix::{self, Files, FixTold};

/// The fixes of a question, best first.
pub(super) fn fixes(
    args: &ExplainArgs,
    model: &Model,
    question: Question<'_>,
    aim: FixAim,
) -> Result<Vec<FixTold>, Message> {
    let to = match question.to {
        Destination::Endpoint(to) => to,
        Destination::Service { .. } => return Err(behind(args, model, question)),
    };
    let aim = match aim {
        FixAim::Open => Aim::Open,
        FixAim::Deny => Aim::Deny,
    };
    let found = find(model, question.from, to, question.ports, aim).map_err(|error| unanswerable(&error))?;
    let given = [args.input.model.files.paths.as_slice(), args.input.what_if.with.as_slice()];
    Ok(fix::told(model, &Files::new(given), &found))
}

/// A Service has no policies, so what is to be fixed is the way to the pods behind it: with the question that does it.
fn behind(args: &ExplainArgs, model: &Model, question: Question<'_>) -> Message {
    let message =
        Message::new("policies see the pods behind a Service, and it is their policies that a fix changes");
    let reached = match ask(&Services::new(model), question) {
        Ok(reached) => reached,
        Err(error) => return error,
    };
    let wanted = if args.fix == Some(FixAim::Deny) { Verdict::Denied } else { Verdict::Allowed };
    let mut pairs = reached.reach().pairs.iter().filter(|pair| pair.outcome.verdict() != wanted);
    let Some((pair, pod)) = pairs.find_map(|pair| Some((pair, *pair.to.pods.first()?))) else {
        return message.help("ask for the pods or the workload behind it, on their own port");
    };
    let workload = model.pod(pod).workload;
    let to = workload.map_or_else(|| model.pod_name(pod), |workload| model.workload_name(workload));
    let flag = if wanted == Verdict::Denied { "--fix deny" } else { "--fix" };
    let (from, ports) = (question.from.name(model), pair.asked.text(pair.families));
    message.help(format!("ask for them on their own port: `np explain {from} {to} {ports} {flag}`"))
}

/// Writes the best fix in one line below an explanation, if there is one that is surely meant.
pub(super) fn line(
    out: &mut dyn Write,
    args: &ExplainArgs,
    model: &Model,
    question: Question<'_>,
    reach: &Reach,
    console: Console,
) -> io::Result<()> {
    let is_fixable = reach.verdict() == Verdict::Denied && matches!(question.to, Destination::Endpoint(_));
    // A fix that is surely meant comes from a rule that nearly allows it; without one, none is looked for.
    let has_slip = |pair: &Pair| {
        let evidence = evidence(model, pair);
        Direction::BOTH.into_iter().any(|way| evidence.of(way).misses.iter().any(Miss::is_likely))
    };
    if !is_fixable || !reach.pairs.iter().any(has_slip) {
        return Ok(());
    }
    match fixes(args, model, question, FixAim::Open) {
        Ok(fixes) => fix::line(out, look(console), &fixes),
        Err(_) => Ok(()),
    }
}

/// How fixes are written.
pub(super) fn look(console: Console) -> fix::Look {
    fix::Look { paint: console.out, width: console.width }
}

/// How the run ends: well if there is a fix, or none is needed; says what the patch needs.
pub(super) fn exit(
    args: &ExplainArgs,
    aim: FixAim,
    reach: &Reach,
    fixes: &[FixTold],
    console: Console,
) -> Exit {
    let is_patch = args.output == crate::args::ExplainFormat::Patch;
    let Some(first) = fixes.first() else {
        let (verdict, word) = match aim {
            FixAim::Open => (Verdict::Allowed, "allowed"),
            FixAim::Deny => (Verdict::Denied, "denied"),
        };
        if reach.verdict() == verdict {
            console.note(&format!("nothing to fix: it is {word} already"));
            return Exit::Yes;
        }
        console.note("no change of the policies was found that does this");
        return Exit::No;
    };
    if args.input.what_if.is_asked() {
        console.note(
            "the fixes are for the input as --with, --without and --label change it: make that change too",
        );
    }
    first.notes().iter().for_each(|note| console.note(note));
    match first.no_patch() {
        Some(reason) if is_patch => {
            console.note(&format!("no patch: {reason}"));
            Exit::No
        }
        _ => Exit::Yes,
    }
}
