//! From paths to a model: every file is read, every problem kept, and nothing skipped.

mod files;

use np_model::diag::{Code, Diagnostic, Invalid};
use np_model::{Input, Model, compile};

use crate::args::{FileArgs, InputArgs};
use crate::failure::{Failure, Message};
use crate::report::several::several;

/// How many kinds of useless objects an error names.
const KINDS_NAMED: usize = 6;

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
pub(crate) fn load(args: &InputArgs, namespace: Option<&str>) -> Result<Loaded, Failure> {
    let default_namespace = args.files.default_namespace.as_deref().or(namespace).unwrap_or("default");
    let (mut input, unread) = read(&args.files, default_namespace);
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
pub(crate) fn read(args: &FileArgs, default_namespace: &str) -> (Input, Vec<Message>) {
    let mut input = Input::new(default_namespace).with_release(args.kubernetes);
    let unread = files::read(&args.paths, &mut |name, bytes| input.text(name, bytes));
    (input, unread)
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
    let mut ignored: Vec<String> = Vec::new();
    for (kind, count) in &input.ignored {
        ignored.push(format!("{count} × {kind}"));
    }
    if !input.facts.namespaces.is_empty() {
        ignored.push(format!("{} × Namespace", input.facts.namespaces.len()));
    }
    let message = match several(&ignored, KINDS_NAMED) {
        Some(names) => format!("nothing found but {names}"),
        None => "nothing found: the input is empty".to_owned(),
    };
    Diagnostic::error(Code::NothingFound, message).help("np needs pods or workloads, and NetworkPolicies")
}
