//! What the command line can say. Validation only: nothing is opened or built here.

mod diff;
mod docs;
mod explain;
mod exposure;
mod input;
mod limits;
mod matrix;
mod query;
mod review;
mod validate;
mod what_if;

pub(crate) use diff::DiffArgs;
pub(crate) use docs::DocsArgs;
pub(crate) use explain::{ExplainArgs, ExplainFormat, FixAim};
pub(crate) use exposure::{ExposureArgs, ExposureFormat};
pub(crate) use input::{FileArgs, InputArgs, ModelArgs};
pub(crate) use limits::{LimitArgs, Size};
pub(crate) use matrix::{Divide, Externals, MatrixArgs, MatrixFormat};
pub(crate) use query::{QueryArgs, QueryFormat, port};
pub(crate) use review::{ReviewArgs, ReviewFormat};
pub(crate) use validate::{ValidateArgs, ValidateFormat};
pub(crate) use what_if::{LabelChange, WhatIfArgs};

use clap::{CommandFactory, Parser, Subcommand, ValueEnum};

/// Can A reach B on port P, and which line of which file decides?
///
/// np reads Kubernetes manifests and answers what their NetworkPolicies let through, without a
/// cluster. Answers go to stdout, diagnostics to stderr.
#[derive(Debug, Parser)]
#[command(name = "np", version, arg_required_else_help = true, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// When to colour; NO_COLOR turns `auto` off
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t = When::Auto, hide_possible_values = true)]
    pub(crate) color: When,
    /// How to write diagnostics
    #[arg(long, global = true, value_enum, value_name = "FORMAT", default_value_t = MessageFormat::Human)]
    pub(crate) message_format: MessageFormat,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Query(QueryArgs),
    Matrix(MatrixArgs),
    Exposure(ExposureArgs),
    Explain(ExplainArgs),
    Diff(DiffArgs),
    Validate(ValidateArgs),
    Docs(DocsArgs),
}

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum When {
    /// At a terminal
    Auto,
    /// Even into a file
    Always,
    /// Not at all
    Never,
}

/// How diagnostics are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum MessageFormat {
    /// With the line they are about, and advice
    Human,
    /// One line each: `file:line:column: severity[code]: message`
    Short,
    /// One JSON object a line each, as described in np-cli/docs/json.md
    Json,
}

impl Cli {
    /// The arguments of this process.
    pub(crate) fn read() -> Result<Self, clap::Error> {
        let cli = Self::try_parse()?;
        let conflict = match &cli.command {
            Command::Query(args) => args.conflict(),
            Command::Exposure(args) => args.conflict(),
            Command::Matrix(args) => args.input.conflict(),
            Command::Explain(args) => args.conflict(),
            Command::Diff(args) => args.conflict(),
            Command::Validate(_) | Command::Docs(_) => None,
        };
        match conflict {
            Some(message) => Err(Self::command().error(clap::error::ErrorKind::ArgumentConflict, message)),
            None => Ok(cli),
        }
    }
}

/// Reads the name of a namespace.
fn namespace(text: &str) -> Result<String, String> {
    let is_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let is_edge_fine = !text.starts_with('-') && !text.ends_with('-');
    if !text.is_empty() && text.len() <= 63 && text.bytes().all(is_name) && is_edge_fine {
        Ok(text.to_owned())
    } else {
        Err("a namespace is named by at most 63 lower-case letters, digits and hyphens".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_consistent() {
        super::Cli::command().debug_assert();
    }
}
