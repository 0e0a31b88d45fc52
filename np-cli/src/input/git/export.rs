//! A tree written out, for commands that know files only.
//!
//! Trees come from strangers. Nothing is written outside of the folder: every file and folder is made new, names
//! are checked, and links are made only where they lead to something in the tree.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use gix::bstr::BString;
use gix::object::tree::EntryKind;
use gix::{ObjectId, Repository};

use super::tree::{MOST, Search, file};
use crate::failure::Message;

/// How many bytes are written.
const LARGEST: u64 = 4 << 30;

/// Writes the tree of a revision into a new temporary folder, which goes when it is dropped.
pub(super) fn export(
    repo: &Repository,
    tree: ObjectId,
    revision: &str,
) -> Result<tempfile::TempDir, Message> {
    let failed =
        |why: &dyn std::fmt::Display| Message::new(format!("`{revision}` cannot be written out: {why}"));
    let folder = tempfile::Builder::new().prefix("np-diff-").tempdir().map_err(|error| failed(&error))?;
    let search = Search::new(repo, tree);
    let (mut open, mut met, mut bytes) = (vec![(PathBuf::new(), tree)], 0, 0);
    while let Some((path, id)) = open.pop() {
        let entries = search.entries(id).map_err(|error| failed(&error))?;
        met += entries.len();
        if met > MOST {
            return Err(failed(&format!("it holds more than {MOST} files and folders")));
        }
        for (name, kind, id) in entries {
            if !is_name(&name) {
                return Err(failed(&format!("`{name}` is no name of a file")));
            }
            let path = path.join(file(&name));
            let target = folder.path().join(&path);
            match kind {
                EntryKind::Tree => {
                    fs::create_dir(&target).map_err(|error| failed(&error))?;
                    open.push((path, id));
                }
                // A folder for a submodule, as git leaves it.
                EntryKind::Commit => fs::create_dir(&target).map_err(|error| failed(&error))?,
                EntryKind::Link => {
                    if search.resolve(&path).is_ok() {
                        let to = repo.find_blob(id).map_err(|error| failed(&error))?;
                        link(&file(&BString::from(to.data.as_slice())), &target)
                            .map_err(|error| failed(&error))?;
                    }
                }
                EntryKind::Blob | EntryKind::BlobExecutable => {
                    bytes += repo.find_header(id).map_err(|error| failed(&error))?.size();
                    if bytes > LARGEST {
                        return Err(failed(&"it holds more than 4GiB"));
                    }
                    let blob = repo.find_blob(id).map_err(|error| failed(&error))?;
                    write(&target, &blob.data, kind == EntryKind::BlobExecutable)
                        .map_err(|error| failed(&error))?;
                }
            }
        }
    }
    Ok(folder)
}

/// Whether a file may be called so: git makes no others, and would not take them.
fn is_name(name: &BString) -> bool {
    let is_special = name.is_empty() || name == "." || name == ".." || name.eq_ignore_ascii_case(b".git");
    !is_special && !name.iter().any(|byte| matches!(byte, b'/' | b'\\' | 0))
}

fn write(path: &Path, bytes: &[u8], is_executable: bool) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(if is_executable { 0o755 } else { 0o644 });
    }
    let _ = is_executable;
    options.open(path)?.write_all(bytes)
}

#[cfg(unix)]
fn link(to: &Path, path: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(to, path)
}

/// Where links need rights of their own, there are none.
#[cfg(not(unix))]
fn link(_: &Path, _: &Path) -> io::Result<()> {
    Ok(())
}
