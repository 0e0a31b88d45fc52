//! The arguments of `np query`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use np_model::conn::AskedPort;

use super::InputArgs;

/// Ask whether one endpoint can reach another, and who decides
///
/// Both directions are judged: egress of the source and ingress of the destination, each with the
/// rules or policies that decide it and where they stand. Without a port, the answer is everything
/// that passes.
#[derive(Debug, Args)]
#[command(after_help = ENDS, after_long_help = AFTER)]
pub(crate) struct QueryArgs {
    /// Where the connection starts
    #[arg(required_unless_present = "batch")]
    pub(crate) from: Option<String>,
    /// Where it goes
    #[arg(required_unless_present = "batch")]
    pub(crate) to: Option<String>,
    /// Ports, united: 5432, udp/53, tcp/80,443, tcp/8000-8100, tcp, all, or a port name of TO
    #[arg(value_name = "PORT", value_parser = port)]
    pub(crate) ports: Vec<AskedPort>,
    /// Answer one query a line (FROM TO PORT) of a file, or - for stdin, one line of JSON each
    #[arg(long, value_name = "FILE", conflicts_with_all = ["from", "to", "ports", "output"])]
    pub(crate) batch: Option<PathBuf>,
    /// The namespace of names that do not say theirs
    #[arg(short, long, value_name = "NS", value_parser = super::namespace)]
    pub(crate) namespace: Option<String>,
    /// How to answer
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value_t = QueryFormat::Text)]
    pub(crate) output: QueryFormat,
    #[command(flatten)]
    pub(crate) input: InputArgs,
}

/// How `np query` answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum QueryFormat {
    /// For people
    Text,
    /// As described in np-cli/docs/json.md
    Json,
    /// The same in YAML
    Yaml,
}

const ENDS: &str = "\
FROM and TO: ns/name (a pod, else a workload), ns/deploy/name (pod deploy sts ds rs rc job cj),
  node/NAME, a namespace, an IP, a CIDR, external, internet; with -n NS also name and deploy/name
TO may be a Service, on its own ports: ns/svc/name or ns/svc/name:port
Exit codes: 0 allowed, 1 denied, 3 partial or unknown, 2 no answer";

const AFTER: &str = "\
FROM and TO:
  ns/name          a pod, else a workload: frontend/web
  ns/kind/name     kinds: pod deploy sts ds rs rc job cj
  name, kind/name  in the namespace of -n
  ns               all pods of a namespace, where no -n is given
  node/NAME        a node
  10.1.2.3         whatever has the address; outside the cluster if nothing has
  10.0.0.0/8       the addresses of a range outside the cluster
  external         every address outside the cluster; internet: those routed globally
  ns/svc/name      only TO: the endpoints of a Service; PORT is the Service's, also ns/svc/name:port

Exit codes:
  0  allowed; without a port: something certainly passes
  1  denied; without a port: nothing can pass
  3  partial or unknown
  2  no answer: bad input, a broken policy, wrong usage
  A batch ends with 0, or with 2 if some line could not be answered.

Examples:
  np query -f manifests/ frontend/web backend/postgres 5432
  np query -f manifests/ backend/deploy/api external tcp/443 udp/53
  np query -f manifests/ frontend/web backend/svc/api:http
  helm template . | np query -f - -n shop web postgres -o json
  np query -f dump.yaml --batch questions.txt";

impl QueryArgs {
    /// What the arguments contradict each other in, beyond what clap sees.
    pub(super) fn conflict(&self) -> Option<&'static str> {
        let batch_reads_stdin = self.batch.as_ref().is_some_and(|path| path.as_os_str() == "-");
        (batch_reads_stdin && self.input.reads_stdin())
            .then_some("stdin can be read once: give `-f -` or `--batch -`, and a file for the other")
            .or_else(|| self.input.conflict())
    }
}

/// Reads a port of a question.
pub(crate) fn port(text: &str) -> Result<AskedPort, String> {
    match text.parse::<AskedPort>() {
        Ok(AskedPort::Connections(set)) if set.is_empty() => Err(format!("`{text}` asks about nothing")),
        Ok(port) => Ok(port),
        Err(error) => Err(error.to_string()),
    }
}
