//! The arguments of `np matrix`.

use clap::{Args, ValueEnum};
use np_model::conn::{AskedPort, ConnSet};
use np_model::selector::Selector;

use super::InputArgs;

/// Show who reaches whom on what
///
/// Rows are sources, columns destinations. A cell holds what passes for every pair of pods in it,
/// `±` what passes for some, `?` what the input leaves unknown; `-` is nothing. With --port, it
/// holds one sign.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct MatrixArgs {
    /// Ask about one port (5432, udp/53): the table then shows signs
    #[arg(short, long, value_name = "PORT", value_parser = port)]
    pub(crate) port: Option<ConnSet>,
    /// Only pairs with a side in this namespace
    #[arg(short, long, value_name = "NS", value_parser = super::namespace)]
    pub(crate) namespace: Option<String>,
    /// All namespaces; the default
    #[arg(short = 'A', long, conflicts_with = "namespace")]
    pub(crate) all_namespaces: bool,
    /// Only pairs with a side that has a pod matching this selector: a=b,c!=d,e in (x,y),!f
    #[arg(short = 'l', long, value_name = "SELECTOR")]
    pub(crate) selector: Option<Selector>,
    /// Sources: endpoints as in `np query`, or namespaces; repeatable, comma-separated
    #[arg(long, value_name = "ENDPOINT", value_delimiter = ',')]
    pub(crate) from: Vec<String>,
    /// Destinations, likewise
    #[arg(long, value_name = "ENDPOINT", value_delimiter = ',')]
    pub(crate) to: Vec<String>,
    /// What a row stands for [default: workload, but pods where the rules tell a workload's pods apart]
    #[arg(long, value_enum)]
    pub(crate) by: Option<Divide>,
    /// Add the addresses outside the cluster: as one, or each range that the rules distinguish
    #[arg(long, value_enum, value_name = "HOW", num_args = 0..=1, require_equals = true, default_missing_value = "whole")]
    pub(crate) external: Option<Externals>,
    /// Only count the pairs of two pods: how many there are of each verdict
    #[arg(long, conflicts_with_all = ["namespace", "selector", "from", "to", "by", "external"])]
    pub(crate) summary: bool,
    /// How to show it
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value_t = MatrixFormat::Table)]
    pub(crate) output: MatrixFormat,
    #[command(flatten)]
    pub(crate) input: InputArgs,
}

/// What a row stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Divide {
    /// A workload, or a pod without one
    Workload,
    /// A pod; a workload whose pods are not in the input stands for them
    Pod,
    /// A namespace
    Namespace,
}

/// How external addresses take part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Externals {
    /// As one row and column
    Whole,
    /// As one for each range that the rules distinguish
    Ranges,
}

/// How `np matrix` is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum MatrixFormat {
    /// For people
    Table,
    /// As described in np-cli/docs/json.md
    Json,
    /// The same in YAML
    Yaml,
    /// from,to,every,some,unknown: only pairs where something passes or is unknown
    Csv,
}

const EXAMPLES: &str = "\
Examples:
  np matrix -f manifests/
  np matrix -f manifests/ --port 5432 --from frontend,backend --to backend,external
  np matrix -f dump.yaml -n backend --external=ranges
  np matrix -f dump.yaml --by pod -o csv > reach.csv
  np matrix -f dump.json --summary";

/// Reads the connections to ask about. A name is a different port in each destination, so that one
/// column could not be compared with the next.
fn port(text: &str) -> Result<ConnSet, String> {
    match super::query::port(text)? {
        AskedPort::Connections(set) => Ok(set),
        AskedPort::Named(name) => {
            Err(format!("`{name}` is a port name, which differs from pod to pod; write a number"))
        }
    }
}
