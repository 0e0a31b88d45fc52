//! `np query`: one question, answered with who decides.

use std::io::Write;

use np_model::conn::AskedPort;
use np_sim::reach::Reach;
use np_sim::{Destination, Endpoint, Finder, Services, Verdict, reach};

use super::{batch, not_found, unanswerable, unanswerable_service};
use crate::args::{QueryArgs, QueryFormat};
use crate::console::{Console, stdout};
use crate::exit::Exit;
use crate::failure::{Failure, Message};
use crate::input::{Loaded, load};
use crate::report::answer::{Depth, Question, Reached, answer};
use crate::report::places::Places;
use crate::report::{json, notes, text, yaml};

/// Runs the command.
pub(crate) fn run(args: &QueryArgs, console: Console) -> Result<Exit, Failure> {
    let loaded = load(&args.input, args.namespace.as_deref(), console)?;
    let model = &loaded.model;
    let places = Places::new(model.sources());
    console.input(&places, loaded);
    let finder = Finder::new(model, args.namespace.as_deref());
    let (from, to) = match (&args.batch, &args.from, &args.to) {
        (Some(file), ..) => return batch::run(file, loaded, &finder, &places, console),
        (None, Some(from), Some(to)) => find_both(loaded, &finder, from, to)?,
        (None, ..) => return Err(Message::new("a query needs FROM and TO").into()),
    };
    let services = Services::new(model);
    let ports = ports(&to, &args.ports)?;
    let question = Question { from: &from, to: &to, ports: &ports };
    let reached = ask(&services, question)?;
    let (reach, answer) = (reached.reach(), answer(&services, &places, question, &reached, Depth::Decisions));
    let mut out = stdout();
    let written = match args.output {
        QueryFormat::Text => {
            let layout = text::Layout { paint: console.out, width: None, places: &places };
            text::write(&mut out, layout, &answer)
        }
        QueryFormat::Json => json::value(&mut out, &answer),
        QueryFormat::Yaml => yaml::value(&mut out, &answer),
    };
    match written.and_then(|()| out.flush()) {
        // Nobody reads on; the exit code is the answer all the same.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => {
            return Ok(loaded.ends(exit(reach, &ports)));
        }
        written => written?,
    }
    if notes::assumes_pod_space(model, reach) {
        console.note(&notes::pod_space(model));
    }
    Ok(loaded.ends(exit(reach, &ports)))
}

/// Asks np-sim.
pub(super) fn ask(services: &Services<'_>, question: Question<'_>) -> Result<Reached, Message> {
    match question.to {
        Destination::Endpoint(to) => reach(services.model(), question.from, to, question.ports)
            .map(Reached::Endpoint)
            .map_err(|error| unanswerable(&error)),
        Destination::Service { id, .. } => services
            .reach(question.from, *id, question.ports)
            .map(Reached::Service)
            .map_err(|error| unanswerable_service(&error)),
    }
}

/// The ports that a question is about: those that were given, or the one named with a Service.
pub(super) fn ports(to: &Destination, given: &[AskedPort]) -> Result<Vec<AskedPort>, Message> {
    match to {
        Destination::Service { port: Some(port), .. } if given.is_empty() => Ok(vec![port.clone()]),
        Destination::Service { port: Some(_), .. } => {
            Err(Message::new("the port is given twice: write it behind the Service or as PORT"))
        }
        _ => Ok(given.to_vec()),
    }
}

/// Both ends, or what is wrong with either.
pub(super) fn find_both(
    loaded: &Loaded,
    finder: &Finder<'_>,
    from: &str,
    to: &str,
) -> Result<(Endpoint, Destination), Failure> {
    match (finder.find(from), finder.find_destination(to)) {
        (Ok(from), Ok(to)) => Ok((from, to)),
        (from, to) => {
            let mut messages: Vec<Message> =
                [from.err(), to.err()].into_iter().flatten().map(|error| not_found(loaded, &error)).collect();
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
