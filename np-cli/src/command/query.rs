//! `np query`: one question, answered with who decides.

use std::io::Write;

use np_model::Model;
use np_model::conn::AskedPort;
use np_sim::reach::Reach;
use np_sim::{Endpoint, Finder, Verdict, reach};

use super::{batch, not_found, unanswerable};
use crate::args::{QueryArgs, QueryFormat};
use crate::console::{Console, stdout};
use crate::exit::Exit;
use crate::failure::{Failure, Message};
use crate::input::{Loaded, load};
use crate::report::answer::{Question, answer};
use crate::report::places::Places;
use crate::report::{json, notes, text, yaml};

/// Runs the command.
pub(crate) fn run(args: &QueryArgs, console: Console) -> Result<Exit, Failure> {
    let loaded = load(&args.input, args.namespace.as_deref(), console)?;
    let model = &loaded.model;
    let places = Places::new(model.sources());
    console.input(&places, &loaded);
    let finder = Finder::new(model, args.namespace.as_deref());
    let (from, to) = match (&args.batch, &args.from, &args.to) {
        (Some(file), ..) => return batch::run(file, &loaded, &finder, &places, console),
        (None, Some(from), Some(to)) => find_both(&loaded, &finder, from, to)?,
        (None, ..) => return Err(Message::new("a query needs FROM and TO").into()),
    };
    let question = Question { from: &from, to: &to, ports: &args.ports };
    let reach = ask(model, question).map_err(Failure::from)?;
    let answer = answer(model, &places, question, &reach);
    let mut out = stdout();
    let written = match args.output {
        QueryFormat::Text => text::write(&mut out, console.out, &answer),
        QueryFormat::Json => json::query(&mut out, &answer),
        QueryFormat::Yaml => yaml::query(&mut out, &answer),
    };
    match written.and_then(|()| out.flush()) {
        // Nobody reads on; the exit code is the answer all the same.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => {
            return Ok(loaded.ends(exit(&reach, &args.ports)));
        }
        written => written?,
    }
    if notes::assumes_pod_space(model, &reach) {
        console.note(&notes::pod_space(model));
    }
    Ok(loaded.ends(exit(&reach, &args.ports)))
}

/// Asks np-sim.
pub(super) fn ask(model: &Model, question: Question<'_>) -> Result<Reach, Message> {
    reach(model, question.from, question.to, question.ports).map_err(|error| unanswerable(&error))
}

/// Both ends, or what is wrong with either.
fn find_both(
    loaded: &Loaded,
    finder: &Finder<'_>,
    from: &str,
    to: &str,
) -> Result<(Endpoint, Endpoint), Failure> {
    match (finder.find(from), finder.find(to)) {
        (Ok(from), Ok(to)) => Ok((from, to)),
        (from, to) => {
            let mut messages: Vec<Message> = [from, to]
                .into_iter()
                .filter_map(Result::err)
                .map(|error| not_found(loaded, &error))
                .collect();
            messages.dedup();
            Err(Failure::Told(messages))
        }
    }
}

fn exit(reach: &Reach, ports: &[AskedPort]) -> Exit {
    let outcome = &reach.outcome;
    match (ports.is_empty(), reach.verdict()) {
        (true, _) if !outcome.passes.is_empty() => Exit::Yes,
        (_, Verdict::Allowed) => Exit::Yes,
        (_, Verdict::Denied) => Exit::No,
        (_, Verdict::Partial | Verdict::Unknown) => Exit::Undecided,
    }
}
