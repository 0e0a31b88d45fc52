//! `np exposure`: what is open to whom, the worst first, or one endpoint in detail.

use std::io::Write;

use np_model::model::PodId;
use np_model::truth::Truth;
use np_sim::axis::{By, axis, is_told_apart};
use np_sim::{Controllers, Endpoint, Finder, Services, entries, exposure};

use super::not_found;
use crate::args::{ExposureArgs, ExposureFormat};
use crate::console::{Console, stdout};
use crate::exit::Exit;
use crate::failure::{Failure, Message};
use crate::input::{Loaded, load};
use crate::report::exposure::{Detail, Shown, report, text};
use crate::report::places::Places;
use crate::report::{json, notes, yaml};

/// How many workloads a terminal shows well.
const TABLE_ROWS: usize = 60;

/// Runs the command.
pub(crate) fn run(args: &ExposureArgs, console: Console) -> Result<Exit, Failure> {
    let loaded = load(&args.input, args.namespace.as_deref(), console)?;
    let model = &loaded.model;
    let places = Places::new(model.sources());
    console.input(&places, loaded);
    let finder = Finder::new(model, args.namespace.as_deref());
    let endpoints = match &args.endpoint {
        Some(text) => named(loaded, &finder, text)?,
        None => wanted(loaded, args)?,
    };
    if endpoints.is_empty() {
        console.note("no pod matches what -n and -l ask for");
    }
    let exposure = exposure(model, &endpoints);
    let detail = if args.endpoint.is_some() { Detail::Full } else { Detail::Overview };
    let controllers = Controllers { selector: args.ingress_controller.clone() };
    let entries = entries(&Services::new(model), &controllers);
    let pods: Vec<PodId> = endpoints.iter().flat_map(|endpoint| endpoint.pods(model)).collect();
    let shown = Shown {
        pods: &pods,
        all: args.endpoint.is_none() && args.namespace.is_none() && args.selector.is_none(),
        namespace: args.namespace.as_deref().filter(|_| args.endpoint.is_none() && args.selector.is_none()),
    };
    let report = report(model, &places, &finder, &exposure, (&entries, shown), (detail, args.top));
    if args.output == ExposureFormat::Text && console.is_terminal && report.workloads.len() > TABLE_ROWS {
        console.note("a long table: --top, -n and -l make it shorter");
    }
    let mut out = stdout();
    match (args.output, detail) {
        (ExposureFormat::Text, Detail::Overview) => text::overview(&mut out, console.out, &report)?,
        (ExposureFormat::Text, Detail::Full) => text::detail(&mut out, console.out, &report)?,
        (ExposureFormat::Json, _) => json::value(&mut out, &report)?,
        (ExposureFormat::Yaml, _) => yaml::value(&mut out, &report)?,
    }
    out.flush()?;
    if model.pod_space_assumed() && report.hangs_on_addresses() {
        console.note(&notes::pod_space(model));
    }
    if notes::assumes_no_ipv6(model) {
        console.note(notes::FAMILIES);
    }
    Ok(loaded.ends(Exit::Yes))
}

/// What a text names, which must be pods: those of a workload that the rules tell apart one by one.
fn named(loaded: &Loaded, finder: &Finder<'_>, text: &str) -> Result<Vec<Endpoint>, Failure> {
    let model = &loaded.model;
    match finder.find(text).map_err(|error| not_found(loaded, &error))? {
        Endpoint::Workload(id) if is_told_apart(model, &model.workload(id).pods) => {
            Ok(model.workload(id).pods.iter().map(|pod| Endpoint::Pod(*pod)).collect())
        }
        endpoint @ (Endpoint::Pod(_) | Endpoint::Workload(_)) => Ok(vec![endpoint]),
        Endpoint::Namespace(id) => {
            let all = axis(model, By::Distinct).into_iter();
            Ok(all.filter(|endpoint| endpoint.namespace(model) == Some(id)).collect())
        }
        Endpoint::Node(_) | Endpoint::External(_) => {
            Err(Message::new(format!("`{text}` is no pod or workload, so no policy selects it"))
                .help("np query and np matrix take nodes and addresses too")
                .into())
        }
    }
}

/// Those that -n and -l ask for.
fn wanted(loaded: &Loaded, args: &ExposureArgs) -> Result<Vec<Endpoint>, Failure> {
    let model = &loaded.model;
    let namespace = match &args.namespace {
        None => None,
        Some(name) => match Finder::new(model, None).find(name) {
            Ok(Endpoint::Namespace(id)) => Some(id),
            Ok(_) => return Err(Message::new(format!("`{name}` is no namespace of the input")).into()),
            Err(error) => return Err(not_found(loaded, &error).into()),
        },
    };
    let is_wanted = |endpoint: &Endpoint| {
        let is_there = namespace.is_none_or(|wanted| endpoint.namespace(model) == Some(wanted));
        let matches = |selector: &np_model::selector::Selector| {
            endpoint.pods(model).iter().any(|pod| selector.matches(&model.pod(*pod).labels) == Truth::Yes)
        };
        is_there && args.selector.as_ref().is_none_or(matches)
    };
    Ok(axis(model, By::Distinct).into_iter().filter(is_wanted).collect())
}
