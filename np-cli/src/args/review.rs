//! The arguments of `np diff` that say how changes are told and what they fail for.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::gate::Word;

/// How changes are told, and what they fail for.
#[derive(Debug, Args)]
pub(crate) struct ReviewArgs {
    /// What to fail for: repeatable, comma-separated [default: any]
    #[arg(long, value_enum, value_name = "WHAT", value_delimiter = ',', conflicts_with = "prove")]
    pub(crate) fail_on: Vec<Word>,
    /// A file of accepted changes, as described in np-cli/docs/diff.md; repeatable
    #[arg(long, value_name = "FILE", conflicts_with = "prove")]
    pub(crate) allow: Vec<PathBuf>,
    /// How to tell what changes
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value_t = ReviewFormat::Text, conflicts_with = "prove")]
    pub(crate) output: ReviewFormat,
    /// Write nothing if nothing changes
    #[arg(long, conflicts_with = "prove")]
    pub(crate) quiet_if_unchanged: bool,
    /// With -o markdown, the most bytes that the comment may have
    #[arg(long, value_name = "BYTES", default_value_t = 60_000, value_parser = clap::value_parser!(u32).range(2000..))]
    pub(crate) max_bytes: u32,
    /// With -o markdown and sarif, what tells the answer from others of np on the same pull request
    #[arg(long, value_name = "ID", value_parser = comment_id)]
    pub(crate) comment_id: Option<String>,
}

/// How `np diff` tells what changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReviewFormat {
    /// For people
    Text,
    /// All the detail, as described in np-cli/docs/json.md
    Json,
    /// The same in YAML
    Yaml,
    /// For a comment on the pull request
    Markdown,
    /// For code scanning: SARIF 2.1.0
    Sarif,
    /// For GitHub Actions: annotations
    Github,
    /// For GitLab: a report of Code Quality
    Gitlab,
    /// For whatever shows test results
    Junit,
}

/// Reads the id of a comment: it stands in a comment of HTML, which nothing in it may end.
fn comment_id(text: &str) -> Result<String, String> {
    let is_fine = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'/' | b'-');
    if !text.is_empty() && text.len() <= 100 && text.bytes().all(is_fine) && !text.contains("--") {
        Ok(text.to_owned())
    } else {
        Err("an id is at most 100 letters, digits, `.`, `_`, `/` and single hyphens".to_owned())
    }
}
