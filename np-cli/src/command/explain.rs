//! `np explain`: why one endpoint can reach another or not, and what nearly allows it.

use std::io::Write;

use np_sim::{FindError, Finder, Object, Services, explain};
use serde::Serialize;

use super::query::{ask, find_both, ports};
use super::{fix, not_found};
use crate::args::{ExplainArgs, ExplainFormat, FixAim};
use crate::console::{Console, stdout};
use crate::exit::Exit;
use crate::failure::{Failure, Message};
use crate::input::{Loaded, load};
use crate::report::answer::{Answer, Depth, Question, answer};
use crate::report::changes::WhatIf;
use crate::report::explain::{markdown, policy, subject};
use crate::report::fix::FixTold;
use crate::report::places::Places;
use crate::report::several::several;
use crate::report::{self, json, notes, text, yaml};

/// How many policies an error names.
const POLICIES_NAMED: usize = 8;

/// Runs the command.
pub(crate) fn run(args: &ExplainArgs, console: Console) -> Result<Exit, Failure> {
    let loaded = load(&args.input, args.namespace.as_deref(), console)?;
    let places = Places::new(loaded.model.sources());
    console.input(&places, loaded);
    let finder = Finder::new(&loaded.model, args.namespace.as_deref());
    if let Some(to) = &args.to {
        return pair(args, to, loaded, &finder, &places, console);
    }
    one(args, loaded, &finder, &places, console)?;
    Ok(loaded.ends(Exit::Yes))
}

/// Explains a policy, or what the policies say about one endpoint.
fn one(
    args: &ExplainArgs,
    loaded: &Loaded,
    finder: &Finder<'_>,
    places: &Places<'_>,
    console: Console,
) -> Result<(), Failure> {
    let model = &loaded.model;
    let object = finder.find_object(&args.from);
    if let Ok(Object::Policy(id)) = object {
        let report = policy::report(model, places, &explain::policy(model, id));
        return write(args.output, places, console, &changed(loaded, &report), |out, layout| {
            policy::text(out, layout, &report)
        });
    }
    let endpoint = match (finder.find(&args.from), object) {
        (Ok(endpoint), _) => endpoint,
        // It has the form of a policy's name.
        (Err(FindError::Syntax(_)), Err(error)) | (Err(error), _) => {
            let message = not_found(loaded, &error);
            let known = policies_beside(loaded, &error);
            return Err(known.map_or(message.clone(), |known| message.help(known)).into());
        }
    };
    let found = explain::subject(model, &endpoint);
    if found.is_empty() {
        let name = endpoint.name(model);
        let message = Message::new(format!("`{name}` has no pods, so no policy selects it"));
        return Err(message.help("give FROM and TO to explain a connection").into());
    }
    let report = subject::report(model, places, &endpoint, &found);
    write(args.output, places, console, &changed(loaded, &report), |out, layout| {
        subject::text(out, layout, &report)
    })
}

/// The policies of the namespace that a name with nothing near it begins with.
fn policies_beside(loaded: &Loaded, error: &FindError) -> Option<String> {
    let FindError::NoObject { text, suggestions } = error else { return None };
    let namespace = text.split('/').next().filter(|_| suggestions.is_empty())?;
    let policies = loaded.model.rules().policies.iter();
    let here = policies.filter(|policy| policy.namespace == namespace);
    let names: Vec<String> = here.map(|policy| policy.name.to_string()).collect();
    let names = several(&names, POLICIES_NAMED)?;
    Some(format!("look among the policies of `{namespace}`: it has {names}"))
}

/// A report, with what the changes do that were asked for.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Changed<'a, R> {
    #[serde(flatten)]
    report: &'a R,
    #[serde(skip_serializing_if = "Option::is_none")]
    what_if: Option<&'a WhatIf>,
}

fn changed<'a, R: Serialize>(loaded: &'a Loaded, report: &'a R) -> Changed<'a, R> {
    Changed { report, what_if: loaded.what_if.as_ref() }
}

/// Writes a report of one thing in any format.
fn write(
    format: ExplainFormat,
    places: &Places<'_>,
    console: Console,
    report: &impl Serialize,
    text: impl FnOnce(&mut dyn Write, text::Layout<'_>) -> std::io::Result<()>,
) -> Result<(), Failure> {
    let mut out = stdout();
    match format {
        ExplainFormat::Text => text(&mut out, layout(places, console))?,
        ExplainFormat::Json => json::value(&mut out, report)?,
        ExplainFormat::Yaml => yaml::value(&mut out, report)?,
        ExplainFormat::Markdown => markdown::plain(&mut out, |out| text(out, markdown::layout(places)))?,
        ExplainFormat::Patch => {}
    }
    Ok(out.flush()?)
}

fn layout<'a>(places: &'a Places<'a>, console: Console) -> text::Layout<'a> {
    text::Layout { paint: console.out, width: console.width, places }
}

/// An explanation with the fixes that were asked for.
#[derive(Serialize)]
struct Fixed<'a> {
    #[serde(flatten)]
    answer: &'a Answer,
    #[serde(skip_serializing_if = "Option::is_none")]
    fixes: Option<&'a [FixTold]>,
}

/// Explains one connection.
fn pair(
    args: &ExplainArgs,
    to: &str,
    loaded: &Loaded,
    finder: &Finder<'_>,
    places: &Places<'_>,
    console: Console,
) -> Result<Exit, Failure> {
    let model = &loaded.model;
    let (from, to) = find_both(loaded, finder, &args.from, to)?;
    let services = Services::new(model);
    let ports = ports(&to, &args.ports)?;
    let question = Question { from: &from, to: &to, ports: &ports };
    let reached = ask(&services, question)?;
    let mut answer = answer(&services, places, question, &reached, Depth::Evidence);
    answer.what_if.clone_from(&loaded.what_if);
    let fixes = args.fix.map(|aim| fix::fixes(args, model, question, aim)).transpose()?;
    let aim = if args.fix == Some(FixAim::Deny) { "closes" } else { "opens" };
    let told = fixes.as_deref().unwrap_or_default();
    let mut out = stdout();
    match args.output {
        ExplainFormat::Text => {
            text::write(&mut out, layout(places, console), &answer)?;
            match &fixes {
                None => fix::line(&mut out, args, model, question, reached.reach(), console)?,
                Some(fixes) => report::fix::write(&mut out, fix::look(console), fixes, aim)?,
            }
        }
        ExplainFormat::Json => json::value(&mut out, &Fixed { answer: &answer, fixes: fixes.as_deref() })?,
        ExplainFormat::Yaml => yaml::value(&mut out, &Fixed { answer: &answer, fixes: fixes.as_deref() })?,
        ExplainFormat::Markdown => {
            markdown::write(&mut out, &answer)?;
            if !told.is_empty() {
                report::fix::markdown(&mut out, told, aim)?;
            }
        }
        ExplainFormat::Patch => report::fix::patch(&mut out, told)?,
    }
    out.flush()?;
    if notes::assumes_pod_space(model, reached.reach()) {
        console.note(&notes::pod_space(model));
    }
    let exit = args.fix.map_or(Exit::Yes, |aim| fix::exit(args, aim, reached.reach(), told, console));
    Ok(loaded.ends(exit))
}
