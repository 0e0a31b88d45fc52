//! `np explain`: why one endpoint can reach another or not, and what nearly allows it.

use std::io::Write;

use np_sim::{Finder, Services, explain};

use super::not_found;
use super::query::{ask, find_both, ports};
use crate::args::{ExplainArgs, ExplainFormat};
use crate::console::{Console, stdout};
use crate::exit::Exit;
use crate::failure::{Failure, Message};
use crate::input::{Loaded, load};
use crate::report::answer::{Depth, Question, answer};
use crate::report::explain::{markdown, subject};
use crate::report::places::Places;
use crate::report::{json, notes, text, yaml};

/// Runs the command.
pub(crate) fn run(args: &ExplainArgs, console: Console) -> Result<Exit, Failure> {
    let loaded = load(&args.input, args.namespace.as_deref(), console)?;
    let places = Places::new(loaded.model.sources());
    console.input(&places, loaded);
    let finder = Finder::new(&loaded.model, args.namespace.as_deref());
    match &args.to {
        Some(to) => pair(args, to, loaded, &finder, &places, console)?,
        None => one(args, loaded, &finder, &places, console)?,
    }
    Ok(loaded.ends(Exit::Yes))
}

/// Explains what the policies say about one endpoint.
fn one(
    args: &ExplainArgs,
    loaded: &Loaded,
    finder: &Finder<'_>,
    places: &Places<'_>,
    console: Console,
) -> Result<(), Failure> {
    let model = &loaded.model;
    let endpoint = finder.find(&args.from).map_err(|error| not_found(loaded, &error))?;
    let found = explain::subject(model, &endpoint);
    if found.is_empty() {
        let name = endpoint.name(model);
        let message = Message::new(format!("`{name}` has no pods, so no policy selects it"));
        return Err(message.help("give FROM and TO to explain a connection").into());
    }
    let report = subject::report(model, places, &endpoint, &found);
    let mut out = stdout();
    match args.output {
        ExplainFormat::Text => subject::text(&mut out, layout(places, console), &report)?,
        ExplainFormat::Json => json::value(&mut out, &report)?,
        ExplainFormat::Yaml => yaml::value(&mut out, &report)?,
        ExplainFormat::Markdown => {
            markdown::plain(&mut out, |out| subject::text(out, markdown::layout(places), &report))?
        }
    }
    Ok(out.flush()?)
}

fn layout<'a>(places: &'a Places<'a>, console: Console) -> text::Layout<'a> {
    text::Layout { paint: console.out, width: console.width, places }
}

/// Explains one connection.
fn pair(
    args: &ExplainArgs,
    to: &str,
    loaded: &Loaded,
    finder: &Finder<'_>,
    places: &Places<'_>,
    console: Console,
) -> Result<(), Failure> {
    let model = &loaded.model;
    let (from, to) = find_both(loaded, finder, &args.from, to)?;
    let services = Services::new(model);
    let ports = ports(&to, &args.ports)?;
    let question = Question { from: &from, to: &to, ports: &ports };
    let reached = ask(&services, question)?;
    let answer = answer(&services, places, question, &reached, Depth::Evidence);
    let mut out = stdout();
    match args.output {
        ExplainFormat::Text => text::write(&mut out, layout(places, console), &answer)?,
        ExplainFormat::Json => json::value(&mut out, &answer)?,
        ExplainFormat::Yaml => yaml::value(&mut out, &answer)?,
        ExplainFormat::Markdown => markdown::write(&mut out, &answer)?,
    }
    out.flush()?;
    if notes::assumes_pod_space(model, reached.reach()) {
        console.note(&notes::pod_space(model));
    }
    Ok(())
}
