//! The arguments of `np validate`.

use clap::{Args, ValueEnum};

use super::input::FileArgs;

/// Check manifests as the API server would, without asking anything
///
/// Everything is checked that every other command checks first, and all problems are shown, on
/// stdout, each with its place. A policy of a kind that np does not evaluate is an
/// error, as nobody has checked it, unless --ignore-kind leaves it out.
#[derive(Debug, Args)]
#[command(after_help = AFTER)]
pub(crate) struct ValidateArgs {
    /// How to show the findings
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value_t = ValidateFormat::Text)]
    pub(crate) output: ValidateFormat,
    #[command(flatten)]
    pub(crate) files: FileArgs,
}

/// How `np validate` shows its findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ValidateFormat {
    /// As diagnostics, see --message-format
    Text,
    /// As described in np-cli/docs/json.md
    Json,
}

const AFTER: &str = "\
Exit codes: 0 valid (there may be warnings), 1 something is invalid, 2 something could not be read

Examples:
  np validate -f manifests/
  np validate -f manifests/ --kubernetes 1.35 --message-format short
  helm template . | np validate -f - -o json";
