//! The arguments of `np explain`.

use clap::{Args, ValueEnum};
use np_model::conn::AskedPort;

use super::InputArgs;
use super::query::port;

/// Explain why one endpoint can reach another or not, by which line, and what nearly allows it
///
/// For both directions: which policies select this side, which rules match, and for what is blocked the nearest
/// misses: rules that fail by a fact or two, such as a label with a typing error, with the places of both. With one
/// name alone, what the policies say about an endpoint, or what a policy (ns/netpol/NAME) does.
#[derive(Debug, Args)]
#[command(after_help = AFTER)]
pub(crate) struct ExplainArgs {
    /// Where the connection starts; alone, what to explain
    pub(crate) from: String,
    /// Where it goes
    pub(crate) to: Option<String>,
    /// Ports, as in `np query`; without any, everything
    #[arg(value_name = "PORT", value_parser = port)]
    pub(crate) ports: Vec<AskedPort>,
    /// The namespace of names that do not say theirs
    #[arg(short, long, value_name = "NS", value_parser = super::namespace)]
    pub(crate) namespace: Option<String>,
    /// Give the smallest changes of the policies that open it (or `deny`: close it), each tried out, with all that it
    /// changes besides, and the patch of the first
    #[arg(long, value_enum, value_name = "AIM", num_args = 0..=1, default_missing_value = "open", requires = "to")]
    pub(crate) fix: Option<FixAim>,
    /// How to explain it
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value_t = ExplainFormat::Text)]
    pub(crate) output: ExplainFormat,
    #[command(flatten)]
    pub(crate) input: InputArgs,
}

/// How `np explain` answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExplainFormat {
    /// For people
    Text,
    /// All the evidence, as described in np-cli/docs/json.md
    Json,
    /// The same in YAML
    Yaml,
    /// For reviews
    Markdown,
    /// With --fix, the patch alone: for `git apply` and `patch -p1`
    Patch,
}

/// What a fix is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FixAim {
    /// That what is asked passes
    Open,
    /// That nothing of it passes
    Deny,
}

impl ExplainArgs {
    /// What the arguments contradict each other in, beyond what clap sees.
    pub(super) fn conflict(&self) -> Option<&'static str> {
        (self.output == ExplainFormat::Patch && self.fix.is_none())
            .then_some("`-o patch` is the patch of --fix: give that too")
    }
}

const AFTER: &str = "\
FROM and TO are named as in `np query`; TO may be a Service.

Exit codes: 0 explained, whatever the answer; 2 no answer; with --fix 1 if there is no fix

Examples:
  np explain -f manifests/ backend/api backend/postgres 5432
  np explain -f manifests/ frontend/web backend/svc/api:http -o markdown
  np explain backend/api backend/postgres 5432 --fix -o patch | git apply
  np explain -f manifests/ frontend/web backend/api --fix deny
  np explain -f manifests/ backend/deploy/api
  np explain -f manifests/ backend/netpol/default-deny-all";
