//! `np diff`: what a change opens and closes, or the proof that it does neither.

use std::io::Write;

use np_model::addr::Families;
use np_model::conn::ConnSet;
use np_model::refine::Refinement;
use np_sim::diff::counterexample;
use np_sim::{diff, summary};

use super::review;
use crate::args::DiffArgs;
use crate::console::{Console, stdout};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input::{Sides, load_sides};
use crate::progress::Stage;
use crate::report::places::Places;
use crate::report::proof;

/// Runs the command.
pub(crate) fn run(args: &DiffArgs, console: Console) -> Result<Exit, Failure> {
    let sides = load_sides(args, console)?;
    console.sides(&Places::new(sides.sources()), &sides);
    if args.prove {
        return prove(&sides, console);
    }
    let passes = review::run(&sides, &args.review, console)?;
    Ok(sides.ends(if passes || args.exit_zero { Exit::Yes } else { Exit::No }))
}

/// Says that nothing changes, or gives the smallest example of what does.
fn prove(sides: &Sides, console: Console) -> Result<Exit, Failure> {
    let (base, head) = (&sides.base.model, &sides.head.model);
    let progress = console.progress();
    progress.start(Stage::Other("comparing"));
    let difference = diff(base, head);
    let found = counterexample(base, head, &difference);
    let classes = Refinement::of(base, head).class_ids().len();
    let unknown = if found.is_none() { summary(head, &ConnSet::all(Families::BOTH)).unknown } else { 0 };
    drop(progress);
    let mut out = stdout();
    match &found {
        None => proof::equivalent(&mut out, console.out, classes, unknown)?,
        Some(found) => proof::refuted(&mut out, console.out, [base, head], found)?,
    }
    out.flush()?;
    Ok(sides.ends(if found.is_none() { Exit::Yes } else { Exit::No }))
}
