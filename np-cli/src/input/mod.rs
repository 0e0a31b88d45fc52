//! From paths to a model: every file is read, every problem kept, and nothing skipped.

mod files;
mod git;
mod render;
mod root;
mod sides;
mod texts;
mod unpack;
mod walk;
mod what_if;

use std::path::PathBuf;

use np_model::diag::{Code, Diagnostic, Invalid, Severity};
use np_model::{Input, Model, UnsupportedKinds, compile_anyway};

pub(crate) use self::root::Root;
pub(crate) use self::sides::{Sides, load_sides};
pub(crate) use self::unpack::is_compressed;
use crate::args::{FileArgs, InputArgs, ModelArgs};
use crate::console::Console;
use crate::exit::Exit;
use crate::failure::{Failure, Message};
use crate::progress::{Progress, Stage};
use crate::report::changes::WhatIf;
use crate::report::validation::kinds;

/// An input that was understood.
#[derive(Debug)]
pub(crate) struct Loaded {
    /// What it says.
    pub(crate) model: Model,
    /// Where objects were put that do not say their namespace, if there are any.
    pub(crate) assumed_namespace: Option<String>,
    /// What could not be read; the answers that it could change are unknown.
    pub(crate) unread: Vec<Message>,
    /// What the changes do that the arguments ask for, if they do.
    pub(crate) what_if: Option<WhatIf>,
}

impl Loaded {
    /// How a run over it ends that would otherwise end with `exit`.
    pub(crate) fn ends(&self, exit: Exit) -> Exit {
        let is_error = |problem: &Diagnostic| problem.severity == Severity::Error;
        let is_whole = self.unread.is_empty() && !self.model.diagnostics().iter().any(is_error);
        if is_whole { exit } else { Exit::Failed }
    }
}

/// Reads and compiles everything that the arguments name. Objects that do not say their namespace
/// go to `--default-namespace`, else to `namespace`, else to `default`.
///
/// What is loaded stays until the process ends: freeing it piece by piece would only keep people waiting.
pub(crate) fn load(
    args: &InputArgs,
    namespace: Option<&str>,
    console: Console,
) -> Result<&'static Loaded, Failure> {
    let default_namespace = args.model.default_namespace(namespace);
    let (mut input, unread) = read(&args.model.files, default_namespace, args.model.strict, console);
    let is_broken = input.has_errors() || !unread.is_empty();
    let is_useless = is_useless(&input);
    if !is_broken && is_useless {
        let problem = nothing_found(&input);
        input.diagnostics.push(problem);
    }
    if is_useless || is_broken && !args.model.keep_going {
        return Err(refused(input.into_invalid(), unread));
    }
    let mut loaded = compiled(input, unread, &args.model, default_namespace, console);
    if args.what_if.is_asked() {
        let (changed, report) = what_if::apply(&loaded.model, args, default_namespace, namespace, console)?;
        (loaded.model, loaded.what_if) = (changed, Some(report));
    }
    Ok(Box::leak(Box::new(loaded)))
}

/// Compiles what was read, whatever is wrong with it. `unread` is what could not be.
fn compiled(
    mut input: Input,
    unread: Vec<Message>,
    args: &ModelArgs,
    default_namespace: &str,
    console: Console,
) -> Loaded {
    let assumed_namespace = (input.assumed_namespace > 0).then(|| default_namespace.to_owned());
    for _ in &unread {
        input.unread();
    }
    let progress = console.progress();
    progress.start(Stage::Compiling);
    let model = compile_anyway(input, &args.assumptions());
    Loaded { model, assumed_namespace, unread, what_if: None }
}

/// Reads everything that the arguments name; gives what cannot be read too. If it `is_strict`, a
/// policy that np does not evaluate is an error.
pub(crate) fn read(
    args: &FileArgs,
    default_namespace: &str,
    is_strict: bool,
    console: Console,
) -> (Input, Vec<Message>) {
    read_into(Input::new(default_namespace), &args.paths, args, is_strict, console)
}

/// The same from these paths, on top of what an input has.
fn read_into(
    input: Input,
    paths: &[PathBuf],
    args: &FileArgs,
    is_strict: bool,
    console: Console,
) -> (Input, Vec<Message>) {
    let progress = console.progress();
    let mut input = prepared(input, args, is_strict, &progress);
    let mut left_out =
        files::read(paths, &args.limits, &progress, &mut |name, bytes| input.text(name, bytes));
    drop(progress);
    for note in walk::notes(&left_out.passed) {
        console.note(&note);
    }
    name_flags(&mut input.diagnostics, args);
    left_out.unread.append(&mut left_out.empty);
    (input, left_out.unread)
}

/// An input that reads as the arguments say.
fn prepared(input: Input, args: &FileArgs, is_strict: bool, progress: &Progress) -> Input {
    let unsupported = UnsupportedKinds { ignored: args.ignore_kind.clone(), are_errors: is_strict };
    input
        .with_release(args.kubernetes)
        .with_limits(args.limits.limits())
        .with_unsupported(unsupported)
        .with_progress(progress.bytes())
}

/// The library knows limits, and only here they have flags.
fn name_flags(diagnostics: &mut [Diagnostic], args: &FileArgs) {
    for problem in diagnostics {
        if let Some(flag) = problem.limit.and_then(|limit| args.limits.flag(limit)) {
            let help = problem.help.take().map(|help| format!("{help}; ")).unwrap_or_default();
            problem.help = Some(format!("{help}`{flag}` allows more"));
        }
    }
}

fn refused(invalid: Invalid, unread: Vec<Message>) -> Failure {
    Failure::Refused { unread, diagnostics: invalid.diagnostics, sources: invalid.sources }
}

/// Whether there is nobody to ask about and no rule to ask.
fn is_useless(input: &Input) -> bool {
    let facts = &input.facts;
    let nobody = facts.pods.is_empty() && facts.workloads.is_empty() && facts.nodes.is_empty();
    nobody && input.policies.is_empty() && input.unevaluated.is_empty()
}

fn nothing_found(input: &Input) -> Diagnostic {
    let mut counts = input.ignored.clone();
    counts.extend(input.facts.without_endpoints().map(|(kind, count)| (kind.to_owned(), count)));
    let message = match kinds(&counts) {
        None => "nothing found: the input is empty".to_owned(),
        Some(kinds) => format!("nothing found but {kinds}"),
    };
    Diagnostic::error(Code::NothingFound, message).help("np needs pods or workloads, and NetworkPolicies")
}
