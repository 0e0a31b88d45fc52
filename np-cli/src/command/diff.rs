//! `np diff`: what a change opens and closes, or the proof that it does neither.

use std::io::Write;

use np_model::Model;
use np_model::addr::Families;
use np_model::conn::ConnSet;
use np_model::delta::Deltas;
use np_model::refine::Refinement;
use np_sim::diff::counterexample;
use np_sim::review::unjudged;
use np_sim::{diff, summary};

use super::review;
use crate::args::DiffArgs;
use crate::console::{Console, stdout};
use crate::exit::Exit;
use crate::failure::{Failure, Message};
use crate::input::{Root, Sides, load_sides};
use crate::progress::Stage;
use crate::report::diff::{Context, Note};
use crate::report::places::Places;
use crate::report::proof;

/// Runs the command.
pub(crate) fn run(args: &DiffArgs, console: Console) -> Result<Exit, Failure> {
    let sides = load_sides(args, console)?;
    console.sides(&Places::new(sides.sources()), &sides);
    refuse_nothing(&sides)?;
    if args.prove {
        return prove(&sides, console);
    }
    let passes = review::run(&sides, &args.review, console)?;
    Ok(sides.ends(if passes || args.exit_zero { Exit::Yes } else { Exit::No }))
}

/// Without anybody on either side nothing would be compared, whatever the policies say.
fn refuse_nothing(sides: &Sides) -> Result<(), Failure> {
    let is_nobody = |model: &Model| model.pods().is_empty() && model.nodes().is_empty();
    if is_nobody(&sides.base.model) && is_nobody(&sides.head.model) {
        let message = Message::new("neither side has pods or workloads, so there is nothing to compare");
        return Err(message.help("give np the workloads too: what -f names belongs to both sides").into());
    }
    Ok(())
}

/// Says that nothing changes, or gives the smallest example of what does.
fn prove(sides: &Sides, console: Console) -> Result<Exit, Failure> {
    let (base, head) = (&sides.base.model, &sides.head.model);
    let deltas = Deltas::of(base, head);
    let progress = console.progress();
    progress.start(Stage::Other("comparing"));
    let mut difference = diff(base, head);
    // As for the review, how many pods a workload has is no difference: they are one class.
    difference.changes.retain(|change| !change.situation.is_divided());
    let found = counterexample(base, head, &difference);
    let classes = Refinement::of(base, head).class_ids().len();
    let unjudged = unjudged(&deltas, &difference);
    let unknown = if found.is_none() { summary(head, &ConnSet::all(Families::BOTH)).unknown } else { 0 };
    drop(progress);
    let mut out = stdout();
    let are_whole = sides.are_whole();
    let is_decided = unjudged.is_empty() && are_whole == [true; 2];
    match &found {
        None if !is_decided => {
            let (places, root) = (Places::new(sides.sources()), Root::find()?);
            let (changed_at, places) = (&deltas.places()[..], [&places; 2]);
            let context = Context { deltas: &deltas, changed_at, places, root: &root, are_whole };
            let notes = unjudged.iter().map(|one| context.unjudged(*one)).chain(context.hidden());
            proof::undecided(&mut out, console.out, &notes.collect::<Vec<Note>>())?;
        }
        None => proof::equivalent(&mut out, console.out, classes, unknown)?,
        Some(found) => proof::refuted(&mut out, console.out, [base, head], found)?,
    }
    out.flush()?;
    Ok(sides.ends(if found.is_none() && is_decided { Exit::Yes } else { Exit::No }))
}
