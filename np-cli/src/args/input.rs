//! Where manifests come from and what to assume where they are silent: the same for every command.

use std::path::PathBuf;

use clap::Args;
use ipnet::IpNet;
use np_model::{Assumptions, IgnoredKind, Release};

use super::{LimitArgs, WhatIfArgs};

/// What is read, and how.
#[derive(Debug, Args)]
#[command(next_help_heading = "Input")]
pub(crate) struct FileArgs {
    /// A manifest, a folder with .yaml, .yml and .json files, or - for stdin, any of them as .gz or .zst; repeatable [default: the current folder]
    #[arg(short = 'f', long = "filename", value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Where objects are that do not say their namespace [default: -n if there is one, else default]
    #[arg(long, value_name = "NS", value_parser = super::namespace)]
    pub(crate) default_namespace: Option<String>,
    /// The release that is to take the manifests, 1.32 to 1.37; up to 1.35 it takes sloppy CIDRs
    #[arg(long, value_name = "RELEASE", default_value_t = Release::NEWEST)]
    pub(crate) kubernetes: Release,
    /// Leave out policies of a kind that np does not evaluate, such as CiliumNetworkPolicy; repeatable, comma-separated
    #[arg(long, value_name = "KIND", value_delimiter = ',')]
    pub(crate) ignore_kind: Vec<IgnoredKind>,
    #[command(flatten)]
    pub(crate) limits: LimitArgs,
}

/// How what is read becomes a model.
#[derive(Debug, Args)]
pub(crate) struct ModelArgs {
    #[command(flatten)]
    pub(crate) files: FileArgs,
    /// Where pods without a known IP lie; repeatable, comma-separated [default: the nodes' podCIDRs, else the private ranges]
    #[arg(long, help_heading = "Input", value_name = "CIDR", value_delimiter = ',', value_parser = cidr)]
    pub(crate) pod_cidr: Vec<IpNet>,
    /// Take namespaces without a Namespace object to have no labels but their name
    #[arg(long, help_heading = "Input")]
    pub(crate) assume_bare_namespaces: bool,
    /// Take a policy of a kind that np does not evaluate for an error; else answers that it may change are unknown
    #[arg(long, help_heading = "Input")]
    pub(crate) strict: bool,
    /// Answer even if something is broken: what it could change is unknown, and the exit code is still 2
    #[arg(long, help_heading = "Input")]
    pub(crate) keep_going: bool,
}

/// The input of a command that answers questions about one model.
#[derive(Debug, Args)]
pub(crate) struct InputArgs {
    #[command(flatten)]
    pub(crate) model: ModelArgs,
    #[command(flatten)]
    pub(crate) what_if: WhatIfArgs,
}

impl FileArgs {
    /// Whether stdin is among what is read.
    pub(crate) fn reads_stdin(&self) -> bool {
        self.paths.iter().any(|path| path.as_os_str() == "-")
    }
}

impl ModelArgs {
    /// What to take for granted.
    pub(crate) fn assumptions(&self) -> Assumptions {
        Assumptions { pod_cidrs: self.pod_cidr.clone(), bare_namespaces: self.assume_bare_namespaces }
    }

    /// The namespace of objects that do not say theirs. `namespace` is what `-n` says.
    pub(crate) fn default_namespace<'a>(&'a self, namespace: Option<&'a str>) -> &'a str {
        self.files.default_namespace.as_deref().or(namespace).unwrap_or("default")
    }
}

impl InputArgs {
    /// Whether stdin is read for manifests.
    pub(crate) fn reads_stdin(&self) -> bool {
        self.model.files.reads_stdin() || self.what_if.reads_stdin()
    }

    /// What the arguments contradict each other in, beyond what clap sees.
    pub(super) fn conflict(&self) -> Option<&'static str> {
        (self.model.files.reads_stdin() && self.what_if.reads_stdin())
            .then_some("stdin can be read once: give `-f -` or `--with -`, and a file for the other")
    }
}

fn cidr(text: &str) -> Result<IpNet, String> {
    text.parse().map_err(|_| "write a CIDR such as 10.244.0.0/16 or fd00:10:244::/56".to_owned())
}
