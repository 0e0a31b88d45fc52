//! Git revisions as the sides of a comparison: what `-f` names is read from the objects of the repository,
//! and nothing is checked out.
//!
//! ```text
//!   revision  what the arguments name: commits, and the trees they hold
//!   roots     which repository -f names, and where in it
//!   tree      the manifests of a tree, by the rules of a folder (../walk.rs)
//!   export    a tree written out, for a command that renders it
//!   rendered  what that command prints on either side
//! ```
//!
//! A file that both revisions have is one object, which is read once. Files are called as they are seen from
//! the current folder, and those that only the base has in this form as git does: `main:deploy/a.yaml`.

mod export;
mod rendered;
mod revision;
mod roots;
mod tree;

use std::collections::HashMap;
use std::path::PathBuf;

use gix::bstr::ByteSlice;
use gix::{ObjectId, Repository};

pub(super) use self::revision::Asked;
use self::revision::Revision;
use self::roots::{Opened, Root};
use self::tree::{Entry, Listing, Naming, Search};
use super::files::{self, no_manifests, too_large, unpacked_file};
use super::texts::{Text, Texts, plain};
use super::walk::{self, Passed};
use crate::args::{FileArgs, LimitArgs};
use crate::failure::Message;
use crate::progress::{Progress, Stage};

/// Everything that `-f` names in two revisions, or in one and the working tree; or what a command prints there.
pub(super) fn texts(
    asked: &Asked<'_>,
    render: Option<&str>,
    args: &FileArgs,
    progress: &Progress,
    notes: &mut Vec<String>,
) -> Result<Texts, Vec<Message>> {
    let Opened { repo, roots, common, reads_stdin } =
        roots::open(&args.paths).map_err(|error| vec![error])?;
    let (base, head) = revision::resolve(&repo, asked).map_err(|error| vec![error])?;
    if head.is_none() && repo.workdir().is_none() {
        let message = Message::new("the repository is bare: it has no working tree to compare with");
        return Err(vec![message.help("name two revisions, such as main..topic")]);
    }
    let called_head =
        head.as_ref().map_or_else(|| "the working tree".to_owned(), |head| format!("`{}`", head.name));
    let mut texts = Texts { called: [format!("`{}`", base.name), called_head], ..Texts::default() };
    let compared = Compared { repo, roots, base, head };
    compared.check_roots(&mut texts, notes)?;
    let mut passed = match render {
        Some(command) => {
            rendered::both(&compared, command, &args.limits, progress, &mut texts, notes)?;
            Vec::new()
        }
        None => compared.read(args, progress, &mut texts),
    };
    let is_nothing = texts.own.iter().all(Vec::is_empty) && texts.common.is_empty();
    if is_nothing && texts.unread.iter().all(Vec::is_empty) {
        return Err(compared.roots.iter().map(|root| no_manifests(root.path.display())).collect());
    }
    texts.tell_empty(!common.is_empty() || reads_stdin, notes);
    if let [first, ..] = common.as_slice() {
        let more = if common.len() > 1 { ", and others," } else { "" };
        let first = first.display();
        notes.push(format!("`{first}`{more} is outside the repository: it belongs to both sides"));
    }
    let stdin = reads_stdin.then(|| PathBuf::from("-"));
    let common: Vec<PathBuf> = common.into_iter().chain(stdin).collect();
    passed.extend(texts.add_common(&common, args, progress));
    notes.extend(walk::notes(&passed));
    Ok(texts)
}

/// What is compared.
#[derive(Debug)]
struct Compared {
    repo: Repository,
    roots: Vec<Root>,
    base: Revision,
    /// `None` is the working tree.
    head: Option<Revision>,
}

impl Compared {
    /// Whether there is something at a root, in the base and in the head.
    fn has(&self, root: &Root) -> [bool; 2] {
        let is_in = |revision: &Revision| Search::new(&self.repo, revision.tree).has(&root.place);
        let is_in_head = self.head.as_ref().map_or_else(|| root.path.symlink_metadata().is_ok(), is_in);
        [is_in(&self.base), is_in_head]
    }

    /// What neither side has is an error; what one of them has not is said.
    fn check_roots(&self, texts: &mut Texts, notes: &mut Vec<String>) -> Result<(), Vec<Message>> {
        let mut nowhere = Vec::new();
        for root in &self.roots {
            let path = root.path.display();
            match self.has(root) {
                [true, true] => {}
                [false, false] => {
                    let message = Message::new(format!("no such file or folder: `{path}`"));
                    let [base, head] = &texts.called;
                    nowhere.push(message.help(format!("neither {base} nor {head} has it")));
                }
                [is_in_base, _] => {
                    let side = usize::from(is_in_base);
                    notes.push(format!("`{path}` is not in {}", texts.called[side]));
                    texts.is_told_empty[side] = true;
                }
            }
        }
        if nowhere.is_empty() { Ok(()) } else { Err(nowhere) }
    }

    /// Reads the manifests of both; gives what was passed over.
    fn read(&self, args: &FileArgs, progress: &Progress, texts: &mut Texts) -> Vec<Passed> {
        progress.start(Stage::Other("looking through the revisions"));
        let Self { repo, roots, base, head } = self;
        let naming = Naming::Of(base.name.clone());
        let mut of_base = tree::list(repo, base.tree, roots, &naming);
        let mut passed = std::mem::take(&mut of_base.passed);
        texts.unread[0].append(&mut of_base.unread);
        if let Some(head) = head {
            let mut of_head = tree::list(repo, head.tree, roots, &Naming::Plain);
            passed.append(&mut of_head.passed);
            texts.unread[1].append(&mut of_head.unread);
            read_both(repo, [of_base, of_head], &args.limits, progress, texts);
        } else {
            read(repo, &of_base.files, 0, &args.limits, progress, texts);
            passed.extend(working_tree(roots, args, progress, texts));
            texts.share();
        }
        passed.sort();
        passed.dedup();
        passed
    }
}

/// Reads the files of two trees; those that are the same in both once.
fn read_both(
    repo: &Repository,
    [base, head]: [Listing; 2],
    limits: &LimitArgs,
    progress: &Progress,
    texts: &mut Texts,
) {
    let ids: HashMap<PathBuf, ObjectId> =
        base.files.iter().map(|file| (file.place.clone(), file.id)).collect();
    let is_common = |file: &Entry| ids.get(&file.place) == Some(&file.id);
    let (common, of_head): (Vec<Entry>, Vec<Entry>) = head.files.into_iter().partition(is_common);
    let places: HashMap<&PathBuf, ObjectId> = common.iter().map(|file| (&file.place, file.id)).collect();
    let of_base: Vec<Entry> =
        base.files.into_iter().filter(|file| places.get(&file.place) != Some(&file.id)).collect();
    read(repo, &of_base, 0, limits, progress, texts);
    read(repo, &of_head, 1, limits, progress, texts);
    progress.start(Stage::Files(common.len()));
    for (done, file) in common.iter().enumerate() {
        progress.done(done);
        match bytes(repo, file, limits) {
            Ok(bytes) => texts.common.push(file.text(bytes)),
            Err(error) => texts.unread.iter_mut().for_each(|unread| unread.push(error.clone())),
        }
    }
}

/// Reads files of one side.
fn read(
    repo: &Repository,
    files: &[Entry],
    side: usize,
    limits: &LimitArgs,
    progress: &Progress,
    texts: &mut Texts,
) {
    progress.start(Stage::Files(files.len()));
    for (done, file) in files.iter().enumerate() {
        progress.done(done);
        match bytes(repo, file, limits) {
            Ok(bytes) => texts.own[side].push(file.text(bytes)),
            Err(error) => texts.unread[side].push(error),
        }
    }
}

/// Reads what is in the working tree; gives what was passed over.
fn working_tree(roots: &[Root], args: &FileArgs, progress: &Progress, texts: &mut Texts) -> Vec<Passed> {
    let there = roots.iter().map(|root| &root.path).filter(|path| path.symlink_metadata().is_ok());
    let paths: Vec<PathBuf> = there.cloned().collect();
    if paths.is_empty() {
        return Vec::new();
    }
    // A single folder is left out of the names of what is in it.
    let single = paths.first().filter(|path| paths.len() == 1 && path.is_dir());
    let left_out = files::read(&paths, &args.limits, progress, &mut |name, bytes| {
        let path = plain(&single.map_or_else(|| PathBuf::from(name), |folder| folder.join(name)));
        let place = roots.iter().find_map(|root| Some(root.place.join(path.strip_prefix(&root.shown).ok()?)));
        let place = place.unwrap_or_else(|| path.clone()).to_string_lossy().into_owned();
        texts.own[1].push(Text { place, name: path.to_string_lossy().into_owned(), bytes });
    });
    texts.unread[1].extend(left_out.unread);
    left_out.passed
}

impl Entry {
    fn text(&self, bytes: Vec<u8>) -> Text {
        Text { place: self.place.to_string_lossy().into_owned(), name: self.shown.clone(), bytes }
    }
}

/// The bytes of a file, unpacked, if they are not too many.
fn bytes(repo: &Repository, file: &Entry, limits: &LimitArgs) -> Result<Vec<u8>, Message> {
    let shown = format!("`{}`", file.shown);
    let lost = |error: &gix::Error| missing_object(repo, &shown, error);
    let size = repo.find_header(file.id).map_err(|error| lost(&error))?.size();
    if size > limits.limits().bytes {
        return Err(too_large(limits, &shown));
    }
    let blob = repo.find_blob(file.id).map_err(|error| lost(&error))?;
    // Memory can be read.
    let unreadable = |error: &std::io::Error| Message::new(format!("{shown} cannot be read: {error}"));
    unpacked_file(limits, &file.place, (blob.data.as_slice(), size), &shown, unreadable)
}

/// What is said of an object that should be there.
fn missing_object(repo: &Repository, shown: &str, error: &gix::Error) -> Message {
    let message = Message::new(format!("{shown} cannot be read from the repository: {error}"));
    message.help(if is_partial(repo) {
        "the clone is partial, and np fetches nothing: `git fetch --refetch --no-filter` gets everything, and \
         `git archive REVISION >/dev/null` what one revision holds"
    } else {
        "the clone is broken or not whole: `git fsck` tells more"
    })
}

/// Whether some remote has promised to send later what the clone lacks.
fn is_partial(repo: &Repository) -> bool {
    let config = repo.config_snapshot();
    let names = repo.remote_names();
    let promises = |name: &str| config.boolean(&format!("remote.{name}.promisor")).unwrap_or_default();
    names.iter().any(|name| promises(&name.to_str_lossy()))
}
