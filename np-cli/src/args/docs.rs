//! The arguments of `np docs`.

use clap::Args;

/// Explain a code of a diagnostic, or list them all
#[derive(Debug, Args)]
pub(crate) struct DocsArgs {
    /// The code, as it stands in brackets behind `error` or `warning`
    pub(crate) code: Option<String>,
}
