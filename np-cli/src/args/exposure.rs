//! The arguments of `np exposure`.

use clap::{Args, ValueEnum};
use np_model::selector::Selector;

use super::InputArgs;

/// Show what is open to whom, the worst first
///
/// For each workload: what gets in from the internet, from pods whatever their labels, from pods
/// that are made to match, from other namespaces and from its own; and where it gets. With ENDPOINT,
/// one workload or pod in detail, with the rules that open it.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ExposureArgs {
    /// One workload or pod in detail, named as in `np query`
    pub(crate) endpoint: Option<String>,
    /// Only workloads of this namespace
    #[arg(short, long, value_name = "NS", value_parser = super::namespace)]
    pub(crate) namespace: Option<String>,
    /// All namespaces; the default
    #[arg(short = 'A', long, conflicts_with = "namespace")]
    pub(crate) all_namespaces: bool,
    /// Only workloads with a pod matching this selector: a=b,c!=d,e in (x,y),!f
    #[arg(short = 'l', long, value_name = "SELECTOR")]
    pub(crate) selector: Option<Selector>,
    /// The pods that send what comes through Ingresses, Gateways and Routes, if np does not know them
    #[arg(long, value_name = "SELECTOR")]
    pub(crate) ingress_controller: Option<Selector>,
    /// Only the worst N
    #[arg(long, value_name = "N")]
    pub(crate) top: Option<usize>,
    /// How to show it
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value_t = ExposureFormat::Text)]
    pub(crate) output: ExposureFormat,
    #[command(flatten)]
    pub(crate) input: InputArgs,
}

/// How `np exposure` is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExposureFormat {
    /// For people
    Text,
    /// As described in np-cli/docs/json.md
    Json,
    /// The same in YAML
    Yaml,
}

const EXAMPLES: &str = "\
Examples:
  np exposure -f manifests/
  np exposure -f manifests/ production/shop
  np exposure -f dump.yaml --top 20
  np exposure -f dump.yaml -n backend -o json";

impl ExposureArgs {
    /// What the arguments contradict each other in, beyond what clap sees.
    pub(super) fn conflict(&self) -> Option<&'static str> {
        (self.endpoint.is_some() && (self.selector.is_some() || self.top.is_some()))
            .then_some("ENDPOINT names what is shown: leave out -l and --top")
            .or_else(|| self.input.conflict())
    }
}
