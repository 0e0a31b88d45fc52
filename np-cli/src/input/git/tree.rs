//! The manifests of a tree, by the rules that hold for folders ([`walk`](super::super::walk)): the same endings,
//! hidden folders left out, no charts, and no links that lead out of what is named.
//!
//! Links are followed inside the tree, whatever is on the disk.

use std::borrow::Cow;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

use gix::bstr::{BStr, BString, ByteSlice};
use gix::object::tree::EntryKind;
use gix::{ObjectId, Repository};

use super::missing_object;
use super::roots::Root;
use crate::failure::Message;
use crate::input::walk::{Called, Passed, called, chart, leads_nowhere, leads_out};

/// How many links are followed on the way to one file.
const HOPS: usize = 40;

/// How long the path may be that a link leads to, as on Linux.
const LONGEST: u64 = 4096;

/// How many entries of folders are looked at. One object may stand for folders in many places, so that a small
/// repository can hold more files than anybody has.
pub(super) const MOST: usize = 1 << 20;

/// A file of a tree.
#[derive(Debug)]
pub(super) struct Entry {
    /// Where it is, seen from the root of the repository.
    pub(super) place: PathBuf,
    /// What it is called.
    pub(super) shown: String,
    pub(super) id: ObjectId,
}

/// What a search has found.
#[derive(Debug, Default)]
pub(super) struct Listing {
    /// The files to read, in order.
    pub(super) files: Vec<Entry>,
    /// What is passed over and may hold manifests all the same, as it is seen from the current folder.
    pub(super) passed: Vec<Passed>,
    /// What should have been read and cannot be.
    pub(super) unread: Vec<Message>,
}

/// How files are called.
#[derive(Debug)]
pub(super) enum Naming {
    /// As they are seen from the current folder.
    Plain,
    /// As git names a file of this revision: seen from the root of the repository.
    Of(String),
}

impl Naming {
    /// What a file below a root is called.
    pub(super) fn name(&self, root: &Root, rest: &Path) -> String {
        match self {
            Self::Plain if root.shown.as_os_str().is_empty() && rest.as_os_str().is_empty() => ".".to_owned(),
            Self::Plain => join(&root.shown, rest).to_string_lossy().into_owned(),
            Self::Of(revision) => format!("{revision}:{}", join(&root.place, rest).display()),
        }
    }
}

/// A root, and how files below it are called.
type Named<'a> = (&'a Root, &'a Naming);

/// Searches the tree for what is below the roots, each file once.
pub(super) fn list(repo: &Repository, tree: ObjectId, roots: &[Root], naming: &Naming) -> Listing {
    let mut search = Search::new(repo, tree);
    search.named = roots.iter().filter_map(|root| Some(search.resolve(&root.place).ok()?.path)).collect();
    for root in roots {
        search.root(root, naming);
    }
    search.found
}

/// A tree that is searched.
pub(super) struct Search<'r> {
    repo: &'r Repository,
    tree: ObjectId,
    /// What is named, without links.
    named: Vec<PathBuf>,
    found: Listing,
    /// The folders and files that were met, without links.
    folders: HashSet<PathBuf>,
    files: HashSet<PathBuf>,
    /// How many entries of folders were looked at.
    met: usize,
}

/// What is at a path, links followed.
pub(super) struct Spot {
    /// The path without links.
    path: PathBuf,
    pub(super) is_folder: bool,
    id: ObjectId,
}

/// Why there is nothing at a path.
pub(super) enum Lost {
    Nothing,
    /// A link leads out of the repository.
    Outside,
    /// Links lead in a circle.
    Circle,
    /// There is another repository.
    Submodule,
    /// An object is not there.
    Object(gix::Error),
}

impl<'r> Search<'r> {
    /// Of a tree.
    pub(super) fn new(repo: &'r Repository, tree: ObjectId) -> Self {
        let (folders, files) = (HashSet::new(), HashSet::new());
        Self { repo, tree, named: Vec::new(), found: Listing::default(), folders, files, met: 0 }
    }

    /// Whether there is something at a path, readable or not.
    pub(super) fn has(&self, path: &Path) -> bool {
        !matches!(self.resolve(path), Err(Lost::Nothing))
    }

    fn root(&mut self, root: &Root, naming: &Naming) {
        let spot = self.resolve(&root.place);
        match spot {
            Ok(spot) if spot.is_folder => {
                self.folders.clear();
                self.folder((root, naming), spot);
            }
            // A file that is named itself is read whatever it is called.
            Ok(spot) => self.file((root, naming), Path::new(""), spot),
            Err(Lost::Nothing) => {}
            Err(lost) => self.lost((root, naming), Path::new(""), lost),
        }
    }

    /// Searches a folder with everything below.
    fn folder(&mut self, (root, naming): Named<'_>, top: Spot) {
        let mut files = Vec::new();
        let mut open = vec![(PathBuf::new(), top)];
        while let Some((rest, folder)) = open.pop() {
            if self.met > MOST {
                let message =
                    format!("`{}` holds more than {MOST} files and folders", naming.name(root, &rest));
                self.found.unread.push(Message::new(message).help("name with -f the folders that matter"));
                return;
            }
            if !self.folders.insert(folder.path.clone()) {
                continue;
            }
            let entries = match self.entries(folder.id) {
                Ok(entries) => entries,
                Err(error) => {
                    self.lost((root, naming), &rest, Lost::Object(error));
                    continue;
                }
            };
            let has = |name: &str, is_it: fn(EntryKind) -> bool| {
                entries.iter().any(|(found, kind, _)| found == name && is_it(*kind))
            };
            if has("Chart.yaml", |kind| kind != EntryKind::Tree)
                && has("templates", |kind| kind == EntryKind::Tree)
            {
                self.found.unread.push(chart(naming.name(root, &rest)));
                continue;
            }
            self.met += entries.len();
            for (name, kind, id) in entries {
                let (rest, path) = (rest.join(file(&name)), folder.path.join(file(&name)));
                let (is_hidden, called) = (name.starts_with(b"."), called(&rest));
                let spot = match kind {
                    EntryKind::Link => self.resolve(&path),
                    EntryKind::Commit => Err(Lost::Submodule),
                    kind => Ok(Spot { path, is_folder: kind == EntryKind::Tree, id }),
                };
                match spot {
                    // Where a link led is not known, it may have been a folder of manifests.
                    Err(lost) if called == Called::Manifest || !is_hidden => {
                        self.lost((root, naming), &rest, lost);
                    }
                    Err(_) => {}
                    Ok(spot) if spot.is_folder && is_hidden => {
                        let seen = Naming::Plain.name(root, &rest).into();
                        self.found.passed.push(Passed::Hidden(seen));
                    }
                    Ok(spot) if !spot.is_folder && called != Called::Manifest => {
                        let seen = Naming::Plain.name(root, &rest).into();
                        let is_packed = called == Called::Packed;
                        self.found.passed.extend(is_packed.then_some(Passed::Packed(seen)));
                    }
                    Ok(spot) if !self.named.iter().any(|named| spot.path.starts_with(named)) => {
                        self.found.unread.push(leads_out(naming.name(root, &rest)));
                    }
                    Ok(spot) if spot.is_folder => open.push((rest, spot)),
                    Ok(spot) => files.push((rest, spot)),
                }
            }
        }
        files.sort_by(|(one, _), (other, _)| one.cmp(other));
        for (rest, spot) in files {
            self.file((root, naming), &rest, spot);
        }
    }

    fn file(&mut self, (root, naming): Named<'_>, rest: &Path, spot: Spot) {
        if self.files.insert(spot.path) {
            let (place, shown) = (join(&root.place, rest), naming.name(root, rest));
            self.found.files.push(Entry { place, shown, id: spot.id });
        }
    }

    fn lost(&mut self, (root, naming): Named<'_>, rest: &Path, lost: Lost) {
        let name = naming.name(root, rest);
        self.found.unread.push(match lost {
            Lost::Nothing => leads_nowhere(name),
            Lost::Outside => Message::new(format!("`{name}` is a link that leads out of the repository"))
                .help("replace it by what it means, or name with -f what is beside it"),
            Lost::Circle => {
                Message::new(format!("`{name}` is a link that leads in a circle")).help("remove it")
            }
            Lost::Submodule => Message::new(format!("`{name}` is in a submodule, a repository of its own"))
                .help("run np in the submodule, or name with -f what is beside it"),
            Lost::Object(error) => missing_object(self.repo, &format!("`{name}`"), &error),
        });
    }

    /// Follows a path from the root of the tree.
    pub(super) fn resolve(&self, path: &Path) -> Result<Spot, Lost> {
        // The folders on the way, and what is still to be gone, the next step last.
        let mut way: Vec<(BString, ObjectId)> = Vec::new();
        let bytes = gix::path::into_bstr(path).map_err(|_| Lost::Nothing)?;
        let mut steps: Vec<BString> = steps(&bytes);
        let mut hops = 0;
        while let Some(step) = steps.pop() {
            if step == ".." {
                way.pop().ok_or(Lost::Outside)?;
                continue;
            }
            let at = way.last().map_or(self.tree, |(_, id)| *id);
            let entries = self.entries(at).map_err(Lost::Object)?;
            let entry = entries.into_iter().find(|(name, ..)| *name == step);
            let (name, kind, id) = entry.ok_or(Lost::Nothing)?;
            match kind {
                EntryKind::Tree => way.push((name, id)),
                EntryKind::Commit => return Err(Lost::Submodule),
                EntryKind::Link => {
                    hops += 1;
                    if hops > HOPS {
                        return Err(Lost::Circle);
                    }
                    if self.repo.find_header(id).map_err(Lost::Object)?.size() > LONGEST {
                        return Err(Lost::Nothing);
                    }
                    let target = self.repo.find_blob(id).map_err(Lost::Object)?;
                    if target.data.starts_with(b"/") {
                        return Err(Lost::Outside);
                    }
                    steps.extend(self::steps(target.data.as_bstr()));
                }
                EntryKind::Blob | EntryKind::BlobExecutable if steps.is_empty() => {
                    return Ok(Spot { path: whole(&way).join(file(&name)), is_folder: false, id });
                }
                EntryKind::Blob | EntryKind::BlobExecutable => return Err(Lost::Nothing),
            }
        }
        let id = way.last().map_or(self.tree, |(_, id)| *id);
        Ok(Spot { path: whole(&way), is_folder: true, id })
    }

    /// What a folder holds.
    pub(super) fn entries(
        &self,
        folder: ObjectId,
    ) -> Result<Vec<(BString, EntryKind, ObjectId)>, gix::Error> {
        let tree = self.repo.find_tree(folder)?;
        let entries = tree.decode()?.entries;
        Ok(entries
            .into_iter()
            .map(|entry| (entry.filename.to_owned(), entry.mode.kind(), entry.oid.to_owned()))
            .collect())
    }
}

/// The steps of a path, the first last.
fn steps(path: &BStr) -> Vec<BString> {
    let steps = path.split_str("/").filter(|step| !step.is_empty() && *step != b".");
    let mut steps: Vec<BString> = steps.map(BString::from).collect();
    steps.reverse();
    steps
}

fn whole(way: &[(BString, ObjectId)]) -> PathBuf {
    way.iter().map(|(name, _)| file(name)).collect()
}

/// The name of a file as the system has it.
pub(super) fn file(name: &BString) -> PathBuf {
    gix::path::from_bstr(name.as_bstr())
        .map_or_else(|_| PathBuf::from(name.to_str_lossy().as_ref()), Cow::into_owned)
}

/// A path below another; nothing below it is that itself.
fn join(above: &Path, rest: &Path) -> PathBuf {
    if rest.as_os_str().is_empty() { above.to_owned() } else { above.join(rest) }
}
