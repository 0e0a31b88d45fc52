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
}

const AFTER: &str = "\
FROM and TO are named as in `np query`; TO may be a Service.

Exit codes: 0 explained, whatever the answer; 2 no answer

Examples:
  np explain -f manifests/ backend/api backend/postgres 5432
  np explain -f manifests/ frontend/web backend/svc/api:http -o markdown
  np explain -f manifests/ backend/deploy/api
  np explain -f manifests/ backend/netpol/default-deny-all";
