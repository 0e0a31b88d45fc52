//! Which repository `-f` names, and where in it.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use gix::Repository;
use gix::odb::pack::cache::lru::MemoryCappedHashmap;

use crate::failure::Message;
use crate::input::texts::plain;

/// How many bytes of objects are kept that others in a pack say how they differ from. Without any, every file would be
/// read with all the files that it stands on.
const DELTA_BASES: usize = 16 << 20;

/// A path that `-f` names in the repository.
#[derive(Debug)]
pub(super) struct Root {
    /// As it is given.
    pub(super) path: PathBuf,
    /// As it is shown: without `.` and the like.
    pub(super) shown: PathBuf,
    /// Seen from the root of the repository; empty for that itself.
    pub(super) place: PathBuf,
}

/// A repository, and what is to be read.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) repo: Repository,
    /// What is read of each revision.
    pub(super) roots: Vec<Root>,
    /// What is outside of any repository, and has no revisions.
    pub(super) common: Vec<PathBuf>,
    pub(super) reads_stdin: bool,
}

/// Opens the repository that these paths are in, without any that of the current folder.
pub(super) fn open(paths: &[PathBuf]) -> Result<Opened, Message> {
    let current = env::current_dir()
        .map_err(|error| Message::new(format!("the current folder cannot be found: {error}")))?;
    let (stdin, given): (Vec<&PathBuf>, Vec<&PathBuf>) =
        paths.iter().partition(|path| path.as_os_str() == "-");
    let here = PathBuf::from(".");
    let given = if given.is_empty() { vec![&here] } else { given };
    let found = given.iter().map(|path| discover(&current.join(path))).collect::<Vec<_>>();
    let mut repos = found.iter().flatten().map(|repo| repo.git_dir().to_owned());
    let first = repos.next();
    if let Some(other) = repos.find(|dir| Some(dir) != first.as_ref()) {
        let message = format!(
            "-f names files of two repositories: `{}` and `{}`",
            first.unwrap_or_default().display(),
            other.display()
        );
        return Err(Message::new(message).help("a revision is one of one repository"));
    }
    let mut opened: Option<Repository> = None;
    let (mut roots, mut common) = (Vec::new(), Vec::new());
    for (path, repo) in given.into_iter().zip(found) {
        let Some(repo) = repo else {
            common.push(path.clone());
            continue;
        };
        let Some(place) = place(&repo, &current, path) else {
            // The environment may name a repository, as it does in a hook, and the path be elsewhere.
            let shown = path.display();
            if repository_above(&current.join(path), gix::discover).is_some() {
                return Err(Message::new(format!("`{shown}` is not in the working tree of its repository")));
            }
            common.push(path.clone());
            continue;
        };
        roots.push(Root { path: path.clone(), shown: plain(path), place });
        opened.get_or_insert(repo);
    }
    let mut repo = opened.ok_or_else(|| {
        let message = match common.as_slice() {
            [only] if only.as_os_str() != "." => format!("`{}` is in no git repository", only.display()),
            _ => format!("`{}` is in no git repository", current.display()),
        };
        Message::new(message).help("name two paths that exist, or run np in the repository")
    })?;
    repo.objects.set_pack_cache(|| Box::new(MemoryCappedHashmap::new(DELTA_BASES)));
    Ok(Opened { repo, roots, common, reads_stdin: !stdin.is_empty() })
}

/// The repository that a path is in, or would be if it was there.
fn discover(path: &Path) -> Option<Repository> {
    repository_above(path, gix::discover_with_environment_overrides)
}

fn repository_above<E>(
    path: &Path,
    discover: impl FnOnce(PathBuf) -> Result<Repository, E>,
) -> Option<Repository> {
    let folder = plain(path).ancestors().find(|folder| folder.is_dir())?.to_owned();
    discover(folder).ok()
}

/// Where a path is, seen from the root of its repository.
fn place(repo: &Repository, current: &Path, path: &Path) -> Option<PathBuf> {
    let path = plain(&current.join(path));
    let top = repo.workdir().unwrap_or_else(|| repo.git_dir());
    let place = below(&fs::canonicalize(top).ok()?, &path);
    // A bare repository has no place among files: one that the environment names begins where np is run, as for git.
    if repo.workdir().is_none() { place.or_else(|| below(current, &path)) } else { place }
}

/// Where a path is, seen from a folder above.
fn below(top: &Path, path: &Path) -> Option<PathBuf> {
    if let Ok(place) = path.strip_prefix(top) {
        return Some(place.to_owned());
    }
    // The current folder, or one above, may be called otherwise than by its own name.
    let known = path.ancestors().find(|above| above.exists())?;
    let rest = path.strip_prefix(known).ok()?;
    let path = fs::canonicalize(known).ok()?.join(rest);
    path.strip_prefix(top).ok().map(Path::to_owned)
}
