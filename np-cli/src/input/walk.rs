//! The search through a folder for manifests, in a stable order.
//!
//! Folders may come from strangers. A link that leads out of all that is named, or nowhere, is an error, as
//! is a file that is no regular one; links that lead in a circle are followed once.

use std::collections::HashSet;
use std::fmt::Display;
use std::fs::{self, DirEntry};
use std::path::{Path, PathBuf};

use super::files::unreadable;
use super::unpack::Format;
use crate::failure::Message;

/// What a file in a folder must end in to be read, perhaps with the ending of a compressed one behind.
const EXTENSIONS: [&str; 3] = ["yaml", "yml", "json"];

/// The one hidden folder that is passed over without a word: what git keeps for itself.
const GIT: &str = ".git";

/// What a search has found.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The files to read.
    pub(super) files: Vec<PathBuf>,
    /// The hidden folders, which are not searched.
    pub(super) hidden: Vec<PathBuf>,
    /// What should have been read and cannot be.
    pub(super) unread: Vec<Message>,
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
    found.hidden.sort();
    found.unread.sort_by(|a, b| a.text.cmp(&b.text));
    found
}

/// A chart decides by its values which of its templates make manifests: they mean nothing unrendered.
fn is_chart(folder: &Path) -> bool {
    folder.join("Chart.yaml").is_file() && folder.join("templates").is_dir()
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

/// Whether a file is called like a manifest.
pub(super) fn has_extension(path: &Path) -> bool {
    let unpacked = Format::named(path).and(path.file_stem()).map_or(path, Path::new);
    unpacked.extension().is_some_and(|end| EXTENSIONS.iter().any(|known| end.eq_ignore_ascii_case(known)))
}

impl Found {
    /// Takes what is to be read; gives a folder back.
    fn entry(&mut self, named: &[PathBuf], path: PathBuf) -> Option<PathBuf> {
        let has_extension = has_extension(&path);
        let is_hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        let canonical = match fs::canonicalize(&path) {
            Ok(canonical) => canonical,
            // Where a link led is not known, it may have been a folder of manifests.
            Err(error) if has_extension || !is_hidden => {
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
            self.hidden.extend((!is_git).then_some(path));
            return None;
        }
        if !is_folder && !has_extension {
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
