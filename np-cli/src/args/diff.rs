//! The arguments of `np diff`.

use std::path::PathBuf;

use clap::Args;

use super::{ModelArgs, ReviewArgs};

/// Show what a change opens and closes
///
/// BASE and HEAD are two paths: folders, files or dumps. Or they are git revisions of what -f names:
/// A..B, A...B (since B left A), one revision against the working tree, or two. What exists as a path
/// is a path, unless --git is given. Nothing is checked out.
///
/// Without --exit-zero, the exit code is 1 if any connection changes.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = LONG)]
pub(crate) struct DiffArgs {
    /// What was: a path, - for stdin, or a git revision
    pub(crate) base: Option<PathBuf>,
    /// What is to be
    pub(crate) head: Option<PathBuf>,
    /// Compare git revisions, also if there are paths of that name; without any, HEAD with the working tree
    #[arg(long)]
    pub(crate) git: bool,
    /// Run this in the folder of each side, and read what it prints: 'kustomize build .'
    #[arg(long, value_name = "CMD")]
    pub(crate) render: Option<String>,
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
  np diff main..HEAD -f deploy/
  np diff --git -f deploy/
  np diff main...HEAD -f deploy/ --prove";

const LONG: &str = "\
Sides:
  before/ after/   two paths; what -f names belongs to both
  main..HEAD       two revisions of what -f names, by default of the current folder
  main...HEAD      the same from the commit on that both have in common
  main             a revision, and the working tree with what is not committed
  --git            HEAD and the working tree
  Files outside the repository, and - for stdin, belong to both sides.
  --render runs in a temporary copy of a revision; in the working tree, and in paths, in place.

Examples:
  np diff before/ after/
  np diff before/ after/ -f cluster.json
  np diff main..HEAD -f deploy/
  np diff --git -f deploy/
  kubectl get pods,ns -A -o json | np diff main...HEAD -f policies/ -f -
  np diff main...HEAD -f deploy/ --prove
  np diff main...HEAD -f overlays/production --render 'kustomize build .'
  np diff main...HEAD -f chart --render 'helm template .'";

impl DiffArgs {
    /// What the arguments contradict each other in, beyond what clap sees.
    pub(super) fn conflict(&self) -> Option<&'static str> {
        let sides = [&self.base, &self.head].into_iter().flatten();
        let sides = sides.filter(|path| path.as_os_str() == "-").count();
        if sides > 0 && self.git {
            return Some("stdin is no git revision: leave out --git or `-`");
        }
        (sides + usize::from(self.model.files.reads_stdin()) > 1)
            .then_some("stdin can be read once: `-` can stand for one of BASE, HEAD and -f")
    }
}
