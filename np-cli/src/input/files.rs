//! Which files an input is made of: files, folders with everything below, and stdin, in a stable
//! order, each text once and none beyond its limit.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use np_model::diag::Limit;

use super::walk::search;
use crate::args::{LimitArgs, Size};
use crate::failure::Message;

/// What reading left out.
#[derive(Debug, Default)]
pub(super) struct LeftOut {
    /// What cannot be read, though it should be.
    pub(super) unread: Vec<Message>,
    /// Hidden folders below a folder that was named.
    pub(super) hidden: Vec<PathBuf>,
}

/// Reads every text that `paths` name (without any: the current folder), in order, and calls `each`
/// with its name and its bytes. What was not read is handed back.
pub(super) fn read(paths: &[PathBuf], limits: &LimitArgs, each: &mut dyn FnMut(&str, Vec<u8>)) -> LeftOut {
    let here = [PathBuf::from(".")];
    let paths = if paths.is_empty() { &here } else { paths };
    let mut reader = Reader { limits, seen: HashSet::new(), each, left_out: LeftOut::default() };
    for path in paths {
        let result = if path.as_os_str() == "-" {
            reader.stdin()
        } else {
            match fs::metadata(path) {
                Ok(found) if found.is_dir() => {
                    reader.folder(path, paths.len() == 1);
                    Ok(())
                }
                // A file that is named itself is read whatever it is called, and pipes are too:
                // `-f <(kubectl …)`.
                Ok(_) => reader.file(path, &path.to_string_lossy()),
                Err(error) => Err(unreadable(path, &error)),
            }
        };
        reader.left_out.unread.extend(result.err());
    }
    reader.left_out
}

struct Reader<'r> {
    limits: &'r LimitArgs,
    /// What has been read.
    seen: HashSet<PathBuf>,
    each: &'r mut dyn FnMut(&str, Vec<u8>),
    left_out: LeftOut,
}

impl Reader<'_> {
    fn stdin(&mut self) -> Result<(), Message> {
        if !self.seen.insert(PathBuf::from("-")) {
            return Ok(());
        }
        match self.bytes(io::stdin().lock(), 0) {
            Ok(Some(bytes)) => {
                (self.each)("stdin", bytes);
                Ok(())
            }
            Ok(None) => Err(self.too_large("stdin")),
            Err(error) => Err(Message::new(format!("stdin cannot be read: {error}"))),
        }
    }

    fn folder(&mut self, root: &Path, is_single: bool) {
        let found = search(root);
        if found.files.is_empty() && found.unread.is_empty() {
            let message = Message::new(format!("no manifests in `{}`", root.display()));
            let help = "np reads .yaml, .yml and .json files, in subfolders too";
            self.left_out.unread.push(message.help(help));
        }
        self.left_out.unread.extend(found.unread);
        self.left_out.hidden.extend(found.hidden);
        for path in found.files {
            let name = if is_single { path.strip_prefix(root).unwrap_or(&path) } else { &path };
            let result = self.file(&path, &name.to_string_lossy());
            self.left_out.unread.extend(result.err());
        }
    }

    /// Reads a file, unless it has been read.
    fn file(&mut self, path: &Path, name: &str) -> Result<(), Message> {
        let canonical = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        if !self.seen.insert(canonical) {
            return Ok(());
        }
        let read = File::open(path).and_then(|file| {
            // A regular file says how large it is; what it says need not hold while it is read.
            let size = file.metadata()?.len();
            if size > self.most() { Ok(None) } else { self.bytes(file, size) }
        });
        match read {
            Ok(Some(bytes)) => {
                (self.each)(name, bytes);
                Ok(())
            }
            Ok(None) => Err(self.too_large(&format!("`{}`", path.display()))),
            Err(error) => Err(unreadable(path, &error)),
        }
    }

    /// Everything that can be read, or nothing if it is too much. It is said to be so many bytes.
    fn bytes(&self, from: impl Read, size: u64) -> io::Result<Option<Vec<u8>>> {
        // One byte more, so that the end is found without asking for more room.
        let room = usize::try_from(size.min(self.most())).unwrap_or_default().saturating_add(1);
        let mut bytes = Vec::with_capacity(room);
        let found = from.take(self.most() + 1).read_to_end(&mut bytes)?;
        Ok((u64::try_from(found).is_ok_and(|found| found <= self.most())).then_some(bytes))
    }

    /// How many bytes are read of one file.
    fn most(&self) -> u64 {
        self.limits.limits().bytes
    }

    fn too_large(&self, name: &str) -> Message {
        let message = Message::new(format!("{name} holds more than {}", Size(self.most())));
        match self.limits.flag(Limit::Bytes) {
            Some(flag) => message.help(format!("it is not read; `{flag}` allows more")),
            None => message.help("it is not read; split it"),
        }
    }
}

/// Why a file or folder cannot be read.
pub(super) fn unreadable(path: &Path, error: &io::Error) -> Message {
    let path = path.display();
    match error.kind() {
        io::ErrorKind::NotFound => Message::new(format!("no such file or folder: `{path}`")),
        io::ErrorKind::PermissionDenied => {
            Message::new(format!("`{path}` cannot be read: permission denied"))
        }
        _ => Message::new(format!("`{path}` cannot be read: {error}")),
    }
}
