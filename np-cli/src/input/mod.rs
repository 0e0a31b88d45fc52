//! From paths to a model: every file is read, every problem kept, and nothing skipped.

mod files;
mod walk;

use std::path::PathBuf;

use np_model::diag::{Code, Diagnostic, Invalid};
use np_model::{Input, Model, compile};

use crate::args::{FileArgs, InputArgs};
use crate::console::Console;
use crate::failure::{Failure, Message};
use crate::report::validation::kinds;

/// An input that was understood.
#[derive(Debug)]
pub(crate) struct Loaded {
    /// What it says.
    pub(crate) model: Model,
    /// Where objects were put that do not say their namespace, if there are any.
    pub(crate) assumed_namespace: Option<String>,
}

/// Reads and compiles everything that the arguments name. Objects that do not say their namespace
/// go to `--default-namespace`, else to `namespace`, else to `default`.
pub(crate) fn load(args: &InputArgs, namespace: Option<&str>, console: Console) -> Result<Loaded, Failure> {
    let default_namespace = args.files.default_namespace.as_deref().or(namespace).unwrap_or("default");
    let (mut input, unread) = read(&args.files, default_namespace, console);
    if !unread.is_empty() {
        return Err(refused(input.into_invalid(), unread));
    }
    if !input.has_errors() && is_useless(&input) {
        let problem = nothing_found(&input);
        input.diagnostics.push(problem);
    }
    let assumed_namespace = (input.assumed_namespace > 0).then(|| default_namespace.to_owned());
    match compile(input, &args.assumptions()) {
        Ok(model) => Ok(Loaded { model, assumed_namespace }),
        Err(invalid) => Err(refused(invalid, Vec::new())),
    }
}

/// Reads everything that the arguments name; gives what cannot be read too.
pub(crate) fn read(args: &FileArgs, default_namespace: &str, console: Console) -> (Input, Vec<Message>) {
    let limits = args.limits.limits();
    let mut input = Input::new(default_namespace).with_release(args.kubernetes).with_limits(limits);
    let left_out = files::read(&args.paths, &args.limits, &mut |name, bytes| input.text(name, bytes));
    if let Some(note) = hidden(&left_out.hidden) {
        console.note(&note);
    }
    // The library knows limits, and only here they have flags.
    for problem in &mut input.diagnostics {
        if let Some(flag) = problem.limit.and_then(|limit| args.limits.flag(limit)) {
            let help = problem.help.take().map(|help| format!("{help}; ")).unwrap_or_default();
            problem.help = Some(format!("{help}`{flag}` allows more"));
        }
    }
    (input, left_out.unread)
}

/// The note about folders that were not searched.
fn hidden(folders: &[PathBuf]) -> Option<String> {
    let first = folders.first()?.display();
    Some(match folders.len() {
        1 => format!("the hidden folder `{first}` is not read; name it with -f if it holds manifests"),
        count => format!(
            "{count} hidden folders are not read, such as `{first}`; name those with -f that hold manifests"
        ),
    })
}

fn refused(invalid: Invalid, unread: Vec<Message>) -> Failure {
    Failure::Refused { unread, diagnostics: invalid.diagnostics, sources: invalid.sources }
}

/// Whether there is nobody to ask about and no rule to ask.
fn is_useless(input: &Input) -> bool {
    let facts = &input.facts;
    facts.pods.is_empty() && facts.workloads.is_empty() && facts.nodes.is_empty() && input.policies.is_empty()
}

fn nothing_found(input: &Input) -> Diagnostic {
    let mut counts = input.ignored.clone();
    if !input.facts.namespaces.is_empty() {
        counts.insert("Namespace".to_owned(), input.facts.namespaces.len());
    }
    let message = match kinds(&counts) {
        None => "nothing found: the input is empty".to_owned(),
        Some(kinds) => format!("nothing found but {kinds}"),
    };
    Diagnostic::error(Code::NothingFound, message).help("np needs pods or workloads, and NetworkPolicies")
}
