//! Literate cases: prose, manifests and expected answers in one Markdown file, see `testdata/cases/README.md`.
//!
//! ```text
//! Markdown ──parse──► Case: states of a cluster, each with its expectations ──run──► a Judge ──► Report
//! ```
//!
//! A [`Judge`] is anything that answers reachability questions: the fast engine, the naive oracle. The cases
//! know nothing of either.

mod documents;
pub(crate) mod engine;
mod notation;
pub(crate) mod oracle;
pub(crate) mod parse;
mod raw;
pub(crate) mod run;
mod ways;

pub(crate) use documents::Document;
pub(crate) use ways::{Way, WayExpectation};

use serde::Deserialize;
use std::fmt;

/// One case: a heading and what stands below it.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    /// The file's name, without its folder.
    pub(crate) file: String,
    /// The heading's line.
    pub(crate) line: usize,
    pub(crate) title: String,
    pub(crate) options: Options,
    pub(crate) steps: Vec<Step>,
    /// The manifests must be refused.
    pub(crate) refusal: Option<Refusal>,
}

/// A state of the cluster and what holds in it.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub(crate) documents: Vec<Document>,
    pub(crate) expectations: Vec<Expectation>,
    /// What is expected of the ways into the cluster.
    pub(crate) ways: Vec<(usize, WayExpectation)>,
}

/// How manifests are read.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Options {
    pub(crate) pod_cidr: Vec<String>,
    pub(crate) assume_bare_namespaces: bool,
    pub(crate) default_namespace: Option<String>,
    /// Answer although some manifests cannot be understood.
    pub(crate) keep_going: bool,
}

/// Manifests that must be refused, and what the refusal must say.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    pub(crate) line: usize,
    pub(crate) documents: Vec<Document>,
    /// Texts that must occur in it: parts of messages, field paths, diagnostic codes.
    pub(crate) says: Vec<String>,
}

/// What is expected of some pairs.
#[derive(Debug, Clone)]
pub(crate) struct Expectation {
    pub(crate) line: usize,
    pub(crate) from: Vec<String>,
    pub(crate) to: Vec<String>,
    pub(crate) ports: Vec<String>,
    pub(crate) expect: Expected,
    pub(crate) egress: Option<Verdict>,
    pub(crate) ingress: Option<Verdict>,
    pub(crate) connections: Connections,
}

/// What is expected of all connections of a pair, in np's notation.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Connections {
    pub(crate) passes: Option<String>,
    pub(crate) open: Option<String>,
    pub(crate) blocked: Option<String>,
}

/// An answer, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Expected {
    Allow,
    Deny,
    Partial,
    Unknown,
    Error,
}

/// Whether the connections that were asked about pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Verdict {
    Allow,
    Deny,
    Partial,
    Unknown,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Expected::from(*self).fmt(f)
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Allow => "allow",
            Self::Deny => "deny",
            Self::Partial => "partial",
            Self::Unknown => "unknown",
            Self::Error => "error",
        })
    }
}

impl From<Verdict> for Expected {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Allow => Self::Allow,
            Verdict::Deny => Self::Deny,
            Verdict::Partial => Self::Partial,
            Verdict::Unknown => Self::Unknown,
        }
    }
}

/// Something that answers questions about clusters.
pub(crate) trait Judge {
    fn name(&self) -> &'static str;

    /// Why this case is not for this judge, if it is not.
    fn skips(&self, _case: &Case) -> Option<String> {
        None
    }

    /// Reads a state of a cluster: pairs of a file name and its text. An error holds every diagnostic: its
    /// code, the field path, the message.
    fn load(&self, manifests: &[(String, String)], options: &Options) -> Result<Box<dyn Session>, String>;
}

/// A loaded cluster.
pub(crate) trait Session {
    /// Endpoints and connections are in np's notation.
    fn ask(&self, from: &str, to: &str, ports: &str) -> Result<Answer, String>;

    /// The ways into the cluster; `None` from a judge that does not know of any.
    fn ways(&self) -> Option<Vec<Way>> {
        None
    }
}

/// What a judge answers.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) verdict: Verdict,
    pub(crate) egress: Option<Verdict>,
    pub(crate) ingress: Option<Verdict>,
    /// Of all connections between the two when `all` was asked: the sets, in np's notation.
    pub(crate) passes: Option<String>,
    pub(crate) open: Option<String>,
    pub(crate) blocked: Option<String>,
}
