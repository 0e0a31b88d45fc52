//! The arguments of `np diff`.

use std::path::PathBuf;

use clap::Args;

use super::{ModelArgs, ReviewArgs};

/// Show what a change opens and closes
///
/// BASE and HEAD are folders, files or dumps. -f names what belongs to both of them. Without
/// --exit-zero, the exit code is 1 if any connection changes.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct DiffArgs {
    /// What was: a folder, a file, or - for stdin
    pub(crate) base: PathBuf,
    /// What is to be
    pub(crate) head: PathBuf,
    /// Prove that nothing changes: `equivalent`, or one connection that changes
    #[arg(long, conflicts_with = "exit_zero")]
    pub(crate) prove: bool,
    /// Exit with 0 also if something changes
    #[arg(long)]
    pub(crate) exit_zero: bool,
    /// The namespace of objects that do not say theirs
    #[arg(short, long, value_name = "NS", value_parser = super::namespace)]
    pub(crate) namespace: Option<String>,
    #[command(flatten)]
    pub(crate) review: ReviewArgs,
    #[command(flatten)]
    pub(crate) model: ModelArgs,
}

const EXAMPLES: &str = "\
Examples:
  np diff before/ after/
  np diff before/ after/ -f cluster.json
  kubectl get netpol,pods,ns -A -o yaml | np diff - after.yaml
  np diff before/ after/ --prove";

impl DiffArgs {
    /// What the arguments contradict each other in, beyond what clap sees.
    pub(super) fn conflict(&self) -> Option<&'static str> {
        let sides = [&self.base, &self.head].into_iter().filter(|path| path.as_os_str() == "-").count();
        (sides + usize::from(self.model.files.reads_stdin()) > 1)
            .then_some("stdin can be read once: `-` can stand for one of BASE, HEAD and -f")
    }
}
