//! Which files an input is made of: files, folders with everything below, and stdin, in a stable
//! order, each text once.
//!
//! Folders may come from strangers. A link that leads out of the folder is an error, as is a file
//! that is no regular one; links that lead in a circle are followed once.

use std::collections::HashSet;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::failure::Message;

/// What a file in a folder must end in to be read.
const EXTENSIONS: [&str; 3] = ["yaml", "yml", "json"];

/// Reads every text that `paths` name (without any: the current folder), in order, and calls `each`
/// with its name and its bytes. What cannot be read is handed back.
pub(super) fn read(paths: &[PathBuf], each: &mut dyn FnMut(&str, Vec<u8>)) -> Vec<Message> {
    let here = [PathBuf::from(".")];
    let paths = if paths.is_empty() { &here } else { paths };
    let is_single = paths.len() == 1;
    let (mut seen, mut unread) = (HashSet::new(), Vec::new());
    for path in paths {
        let result = if path.as_os_str() == "-" {
            if seen.insert(path.clone()) { stdin(each) } else { Ok(()) }
        } else {
            match fs::metadata(path) {
                Ok(found) if found.is_dir() => {
                    folder(path, is_single, &mut seen, each, &mut unread);
                    Ok(())
                }
                Ok(_) => single(path, &mut seen, each),
                Err(error) => Err(unreadable(path, &error)),
            }
        };
        unread.extend(result.err());
    }
    unread
}

fn stdin(each: &mut dyn FnMut(&str, Vec<u8>)) -> Result<(), Message> {
    let mut bytes = Vec::new();
    match io::stdin().lock().read_to_end(&mut bytes) {
        Ok(_) => {
            each("stdin", bytes);
            Ok(())
        }
        Err(error) => Err(Message::new(format!("stdin cannot be read: {error}"))),
    }
}

/// A file that is named itself is read whatever it is called, and pipes are too: `-f <(kubectl …)`.
fn single(
    path: &Path,
    seen: &mut HashSet<PathBuf>,
    each: &mut dyn FnMut(&str, Vec<u8>),
) -> Result<(), Message> {
    let canonical = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    if !seen.insert(canonical) {
        return Ok(());
    }
    let bytes = fs::read(path).map_err(|error| unreadable(path, &error))?;
    each(&path.to_string_lossy(), bytes);
    Ok(())
}

fn folder(
    root: &Path,
    is_single: bool,
    seen: &mut HashSet<PathBuf>,
    each: &mut dyn FnMut(&str, Vec<u8>),
    unread: &mut Vec<Message>,
) {
    let problems = unread.len();
    let mut walk =
        Walk { root: fs::canonicalize(root).ok(), folders: HashSet::new(), files: Vec::new(), unread };
    walk.run(root);
    let mut files = std::mem::take(&mut walk.files);
    if files.is_empty() && unread.len() == problems {
        let message = Message::new(format!("no manifests in `{}`", root.display()));
        unread.push(message.help("np reads .yaml, .yml and .json files, in subfolders too"));
        return;
    }
    files.sort();
    for path in files {
        let canonical = fs::canonicalize(&path).unwrap_or_else(|_| path.clone());
        if !seen.insert(canonical) {
            continue;
        }
        let name = if is_single { path.strip_prefix(root).unwrap_or(&path) } else { &path };
        match fs::read(&path) {
            Ok(bytes) => each(&name.to_string_lossy(), bytes),
            Err(error) => unread.push(unreadable(&path, &error)),
        }
    }
}

/// The search through one folder.
struct Walk<'u> {
    /// What no link may lead out of.
    root: Option<PathBuf>,
    /// Where it has been.
    folders: HashSet<PathBuf>,
    files: Vec<PathBuf>,
    unread: &'u mut Vec<Message>,
}

impl Walk<'_> {
    fn run(&mut self, root: &Path) {
        let mut open = vec![root.to_owned()];
        while let Some(folder) = open.pop() {
            let is_new = fs::canonicalize(&folder).map_or(true, |canonical| self.folders.insert(canonical));
            if !is_new {
                continue;
            }
            match fs::read_dir(&folder) {
                Err(error) => self.unread.push(unreadable(&folder, &error)),
                Ok(entries) => {
                    for entry in entries {
                        match entry {
                            Ok(entry) => open.extend(self.entry(entry.path())),
                            Err(error) => self.unread.push(unreadable(&folder, &error)),
                        }
                    }
                }
            }
        }
        self.unread.sort_by(|a, b| a.text.cmp(&b.text));
    }

    /// Takes a file; gives a folder back.
    fn entry(&mut self, path: PathBuf) -> Option<PathBuf> {
        let has_extension = path
            .extension()
            .is_some_and(|end| EXTENSIONS.iter().any(|known| end.eq_ignore_ascii_case(known)));
        let is_hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        let found = match fs::metadata(&path) {
            Ok(found) => found,
            Err(error) => {
                if has_extension {
                    self.unread.push(unreadable(&path, &error));
                }
                return None;
            }
        };
        if found.is_dir() && is_hidden || !found.is_dir() && !has_extension {
            return None;
        }
        if self.leads_out(&path) {
            let message = format!("`{}` is a link that leads out of the folder", path.display());
            self.unread
                .push(Message::new(message).help("name its target with -f if it is meant, else remove it"));
            return None;
        }
        if found.is_dir() {
            return Some(path);
        }
        if found.is_file() {
            self.files.push(path);
        } else {
            let message = format!("`{}` is no regular file but a pipe, socket or device", path.display());
            self.unread.push(Message::new(message).help("remove it from the folder, or name it with -f"));
        }
        None
    }

    /// Whether a link, or a path behind one, is outside the folder that was named.
    fn leads_out(&self, path: &Path) -> bool {
        match (&self.root, fs::canonicalize(path)) {
            (Some(root), Ok(canonical)) => !canonical.starts_with(root),
            _ => false,
        }
    }
}

fn unreadable(path: &Path, error: &io::Error) -> Message {
    let path = path.display();
    match error.kind() {
        io::ErrorKind::NotFound => Message::new(format!("no such file or folder: `{path}`")),
        io::ErrorKind::PermissionDenied => {
            Message::new(format!("`{path}` cannot be read: permission denied"))
        }
        _ => Message::new(format!("`{path}` cannot be read: {error}")),
    }
}
