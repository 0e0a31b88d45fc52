//! The search through a folder for manifests, in a stable order.
//!
//! Folders may come from strangers. A link that leads out of all that is named, or nowhere, is an error, as
//! is a file that is no regular one; links that lead in a circle are followed once.

use std::collections::HashSet;
use std::fmt::Display;
use std::fs::{self, DirEntry};
use std::path::{Path, PathBuf};

use super::files::unreadable;
use super::unpack;
use crate::failure::Message;

/// What a file in a folder must end in to be read, perhaps with the ending of a compressed one behind.
const EXTENSIONS: [&str; 3] = ["yaml", "yml", "json"];

/// The endings of files that are compressed, or several files in one, in ways that np cannot unpack.
const FOREIGN: [&str; 13] =
    ["bz2", "bzip2", "xz", "lz4", "lz", "lzma", "br", "z", "zip", "7z", "rar", "gzip", "zstd"];

/// The one hidden folder that is passed over without a word: what git keeps for itself.
const GIT: &str = ".git";

/// What a search has found.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The files to read.
    pub(super) files: Vec<PathBuf>,
    /// What is passed over and may hold manifests all the same.
    pub(super) passed: Vec<Passed>,
    /// What should have been read and cannot be.
    pub(super) unread: Vec<Message>,
}

/// What a search passes over, though it may hold manifests.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Passed {
    /// A hidden folder, which is not searched.
    Hidden(PathBuf),
    /// A file that is packed and does not say in what.
    Packed(PathBuf),
}

/// What a file is, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Called {
    /// A manifest, perhaps compressed.
    Manifest,
    /// Something packed that may be manifests.
    Packed,
    /// Something else.
    Other,
}

/// Searches a folder with everything below, each folder once. Links may lead to what is below it, or below the other
/// paths that are `named`, which are without links.
pub(super) fn search(root: &Path, named: &[PathBuf]) -> Found {
    let mut found = Found::default();
    if let Err(error) = fs::canonicalize(root) {
        found.unread.push(unreadable(root, &error));
        return found;
    }
    let (mut seen, mut open) = (HashSet::new(), vec![root.to_owned()]);
    while let Some(folder) = open.pop() {
        let is_new = fs::canonicalize(&folder).map_or(true, |canonical| seen.insert(canonical));
        if !is_new {
            continue;
        }
        let entries = fs::read_dir(&folder).and_then(Iterator::collect::<Result<Vec<DirEntry>, _>>);
        match entries {
            Err(error) => found.unread.push(unreadable(&folder, &error)),
            Ok(_) if is_chart(&folder) => {
                found.unread.push(chart(folder.display()));
            }
            Ok(entries) => open.extend(entries.iter().filter_map(|entry| found.entry(named, entry.path()))),
        }
    }
    found.files.sort();
    found.passed.sort();
    found.unread.sort_by(|a, b| a.text.cmp(&b.text));
    found
}

/// A chart decides by its values which of its templates make manifests: they mean nothing unrendered.
fn is_chart(folder: &Path) -> bool {
    folder.join("Chart.yaml").is_file() && folder.join("templates").is_dir()
}

/// What is said of what was passed over.
pub(super) fn notes(passed: &[Passed]) -> Vec<String> {
    let hidden: Vec<_> = passed.iter().filter_map(Passed::hidden).collect();
    let packed: Vec<_> = passed.iter().filter_map(Passed::packed).collect();
    let of_hidden = hidden.first().map(|first| match (first.display(), hidden.len()) {
        (first, 1) => {
            format!("the hidden folder `{first}` is not read; name it with -f if it holds manifests")
        }
        (first, count) => format!(
            "{count} hidden folders are not read, such as `{first}`; name those with -f that hold manifests"
        ),
    });
    let of_packed = packed.first().map(|first| match (first.display(), packed.len()) {
        (first, 1) => format!("`{first}` is packed and not read; name it with -f if it holds manifests"),
        (first, count) => format!(
            "{count} packed files are not read, such as `{first}`; name those with -f that hold manifests"
        ),
    });
    of_hidden.into_iter().chain(of_packed).collect()
}

/// What is said of a chart.
pub(super) fn chart(folder: impl Display) -> Message {
    let message = Message::new(format!("`{folder}` is a Helm chart, not manifests"));
    message.help("render it first: `helm template CHART | np ... -f -`")
}

/// What is said of a link out of the folder that is searched.
pub(super) fn leads_out(path: impl Display) -> Message {
    let message = Message::new(format!("`{path}` is a link that leads out of the folder"));
    message.help("name its target with -f too if it is meant, else remove it")
}

/// What is said of a link to nothing.
pub(super) fn leads_nowhere(path: impl Display) -> Message {
    let message = Message::new(format!("`{path}` is a link that leads nowhere"));
    message.help("restore its target, or remove it")
}

/// What a file is by its name. What is compressed in a way that np cannot unpack is a manifest too, if it is called so: then
/// reading it is an error.
pub(super) fn called(path: &Path) -> Called {
    let ends = |path: &Path, known: &[&str]| {
        path.extension().is_some_and(|end| known.iter().any(|known| end.eq_ignore_ascii_case(known)))
    };
    // One packing may be around another.
    let mut inner = path;
    while let Some(stem) = inner.file_stem()
        && (ends(inner, &FOREIGN) || unpack::Format::named(inner).is_some())
    {
        inner = Path::new(stem);
    }
    // What starts with a digit is part of a version, not an ending.
    let is_plain =
        inner.extension().is_none_or(|end| end.as_encoded_bytes().first().is_none_or(u8::is_ascii_digit));
    let is_packed = inner != path && is_plain;
    if ends(inner, &EXTENSIONS) {
        Called::Manifest
    } else if is_packed || unpack::is_named_tar(path) || ends(inner, &["tar"]) {
        Called::Packed
    } else {
        Called::Other
    }
}

impl Passed {
    fn hidden(&self) -> Option<&Path> {
        if let Self::Hidden(path) = self { Some(path) } else { None }
    }

    fn packed(&self) -> Option<&Path> {
        if let Self::Packed(path) = self { Some(path) } else { None }
    }
}

impl Found {
    /// Takes what is to be read; gives a folder back.
    fn entry(&mut self, named: &[PathBuf], path: PathBuf) -> Option<PathBuf> {
        let called = called(&path);
        let is_hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        let canonical = match fs::canonicalize(&path) {
            Ok(canonical) => canonical,
            // Where a link led is not known, it may have been a folder of manifests.
            Err(error) if called == Called::Manifest || !is_hidden => {
                self.unread.push(lost(&path, &error));
                return None;
            }
            Err(_) => return None,
        };
        let (is_folder, is_file) = match fs::metadata(&path) {
            Ok(found) => (found.is_dir(), found.is_file()),
            Err(error) => {
                self.unread.push(unreadable(&path, &error));
                return None;
            }
        };
        if is_folder && is_hidden {
            let is_git = path.file_name().is_some_and(|name| name == GIT);
            self.passed.extend((!is_git).then_some(Passed::Hidden(path)));
            return None;
        }
        if !is_folder && called != Called::Manifest {
            self.passed.extend((called == Called::Packed && is_file).then_some(Passed::Packed(path)));
            return None;
        }
        if !named.iter().any(|named| canonical.starts_with(named)) {
            self.unread.push(leads_out(path.display()));
            return None;
        }
        if is_folder {
            return Some(path);
        }
        if is_file {
            self.files.push(path);
        } else {
            let message = format!("`{}` is no regular file but a pipe, socket or device", path.display());
            self.unread.push(Message::new(message).help("remove it from the folder, or name it with -f"));
        }
        None
    }
}

/// What is in a folder but not where it says.
fn lost(path: &Path, error: &std::io::Error) -> Message {
    if error.kind() == std::io::ErrorKind::NotFound && path.is_symlink() {
        return leads_nowhere(path.display());
    }
    unreadable(path, error)
}
