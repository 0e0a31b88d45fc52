//! Which files an input is made of: files, folders with everything below, and stdin, in a stable
//! order, each text once and none beyond its limit.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};

use np_model::diag::Limit;

use super::unpack::{self, Foreign, Format, Trouble};
use super::walk::{Passed, search};
use crate::args::{LimitArgs, Size};
use crate::failure::Message;
use crate::progress::{Progress, Stage};

/// How the pointer starts that stands for a file that git-lfs keeps elsewhere.
const LFS: &[u8] = b"version https://git-lfs.github.com/spec/";

/// What reading left out.
#[derive(Debug, Default)]
pub(super) struct LeftOut {
    /// What cannot be read, though it should be.
    pub(super) unread: Vec<Message>,
    /// Folders that were named and hold nothing to read.
    pub(super) empty: Vec<Message>,
    /// What was passed over below a folder that was named.
    pub(super) passed: Vec<Passed>,
}

/// Reads every text that `paths` name (without any: the current folder), in order, and calls `each`
/// with its name and its bytes. What was not read is handed back.
pub(super) fn read(
    paths: &[PathBuf],
    limits: &LimitArgs,
    progress: &Progress,
    each: &mut dyn FnMut(&str, Vec<u8>),
) -> LeftOut {
    let here = [PathBuf::from(".")];
    let paths = if paths.is_empty() { &here } else { paths };
    let named = paths.iter().filter_map(|path| fs::canonicalize(path).ok()).collect();
    let (seen, left_out) = (HashSet::new(), LeftOut::default());
    let mut reader = Reader { limits, progress, named, seen, each, left_out };
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
                Ok(_) => reader.file(path, &path.to_string_lossy(), true),
                Err(error) => Err(unreadable(path, &error)),
            }
        };
        reader.left_out.unread.extend(result.err());
    }
    reader.left_out
}

struct Reader<'r> {
    limits: &'r LimitArgs,
    progress: &'r Progress,
    /// What is named, without links.
    named: Vec<PathBuf>,
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
        let unreadable = |error: &io::Error| Message::new(format!("stdin cannot be read: {error}"));
        // Who types it in does not want to be written over.
        if !io::stdin().is_terminal() {
            self.progress.start(Stage::Fetching("stdin".to_owned()));
        }
        let (bytes, _) = unpacked(self.limits, io::stdin().lock(), 0, "stdin", unreadable)?;
        self.progress.start(Stage::text("stdin", &bytes));
        (self.each)("stdin", bytes);
        Ok(())
    }

    fn folder(&mut self, root: &Path, is_single: bool) {
        let found = search(root, &self.named);
        if found.files.is_empty() && found.unread.is_empty() {
            self.left_out.empty.push(no_manifests(root.display()));
        }
        self.left_out.unread.extend(found.unread);
        self.left_out.passed.extend(found.passed);
        let is_alone = found.files.len() == 1;
        self.progress.start(Stage::Files(found.files.len()));
        for (done, path) in found.files.into_iter().enumerate() {
            self.progress.done(done);
            let name = if is_single { path.strip_prefix(root).unwrap_or(&path) } else { &path };
            let result = self.file(&path, &name.to_string_lossy(), is_alone);
            self.left_out.unread.extend(result.err());
        }
    }

    /// Reads a file, unless it has been read. If it `is_alone`, progress is about it.
    fn file(&mut self, path: &Path, name: &str, is_alone: bool) -> Result<(), Message> {
        let canonical = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        if !self.seen.insert(canonical) {
            return Ok(());
        }
        let (shown, unreadable) =
            (format!("`{}`", path.display()), |error: &io::Error| unreadable(path, error));
        let (file, size) = File::open(path)
            .and_then(|file| file.metadata().map(|found| (file, found.len())))
            .map_err(|error| unreadable(&error))?;
        if is_alone {
            self.progress.start(Stage::Fetching(name.to_owned()));
        }
        let bytes = unpacked_file(self.limits, path, (file, size), &shown, unreadable)?;
        if is_alone {
            self.progress.start(Stage::text(name, &bytes));
        }
        (self.each)(name, bytes);
        Ok(())
    }
}

/// Everything that can be read of what is said to be so many bytes and is `shown` so, unpacked, and
/// how it was packed.
pub(super) fn unpacked(
    limits: &LimitArgs,
    mut from: impl Read,
    size: u64,
    shown: &str,
    unreadable: impl Fn(&io::Error) -> Message,
) -> Result<(Vec<u8>, Option<Format>), Message> {
    let most = limits.limits().bytes;
    // One byte more, so that the end is found without asking for more room.
    let room = usize::try_from(size.min(most)).unwrap_or_default().saturating_add(1);
    let mut bytes = Vec::new();
    from.by_ref().take(unpack::MARK).read_to_end(&mut bytes).map_err(|error| unreadable(&error))?;
    let format = Format::of(&bytes);
    if let Some(format) = format {
        let packed = bytes.as_slice().chain(from);
        bytes = format.unpack(packed, most).map_err(|trouble| match trouble {
            Trouble::TooLarge => too_large(limits, shown),
            Trouble::Unreadable(error) => unreadable(&error),
            Trouble::Broken(why) => {
                let message = Message::new(format!("{shown} cannot be unpacked as {format}: {why}"));
                message.help("it is broken or not whole; fetch it or pack it again")
            }
        })?;
    } else {
        // A regular file says how large it is; what it says need not hold while it is read.
        if size > most {
            return Err(too_large(limits, shown));
        }
        bytes.reserve_exact(room);
        let rest = (most + 1).saturating_sub(unpack::MARK);
        from.take(rest).read_to_end(&mut bytes).map_err(|error| unreadable(&error))?;
        if u64::try_from(bytes.len()).is_ok_and(|found| found > most) {
            return Err(too_large(limits, shown));
        }
    }
    if unpack::is_tar(&bytes) {
        Err(tar(shown))
    } else if let Some(foreign) = Foreign::of(&bytes) {
        Err(packed(shown, foreign))
    } else if let (Some(outer), Some(_)) = (format, Format::of(&bytes)) {
        let command = match outer {
            Format::Gzip => "gunzip -c FILE",
            Format::Zstd => "zstd -dc FILE",
        };
        Err(Message::new(format!("{shown} is compressed twice, and np unpacks once"))
            .help(format!("unpack what is around it first: `{command} | np ... -f -`")))
    } else if bytes.starts_with(LFS) {
        Err(Message::new(format!("{shown} is a pointer of git-lfs, not the file itself"))
            .help("fetch the file: `git lfs pull`; what is in git-lfs has no revisions that np can read"))
    } else {
        Ok((bytes, format))
    }
}

/// The same of a file whose name may promise how it is packed, or that it is no text.
pub(super) fn unpacked_file(
    limits: &LimitArgs,
    path: &Path,
    (from, size): (impl Read, u64),
    shown: &str,
    unreadable: impl Fn(&io::Error) -> Message,
) -> Result<Vec<u8>, Message> {
    if unpack::is_named_tar(path) {
        return Err(tar(shown));
    }
    let (bytes, format) = unpacked(limits, from, size, shown, unreadable)?;
    match Format::named(path) {
        Some(promised) if format.is_none() => {
            let message = format!("{shown} is no {promised} archive, as its name says");
            Err(Message::new(message).help("if it is not compressed, give it a name that says so"))
        }
        _ => Ok(bytes),
    }
}

/// What is said of a text that is more than the limits allow.
pub(super) fn too_large(limits: &LimitArgs, name: &str) -> Message {
    let message = Message::new(format!("{name} holds more than {}", Size(limits.limits().bytes)));
    match limits.flag(Limit::Bytes) {
        Some(flag) => message.help(format!("it is not read; `{flag}` allows more")),
        None => message.help("it is not read; split it"),
    }
}

/// What is said of a folder with nothing to read.
pub(super) fn no_manifests(folder: impl std::fmt::Display) -> Message {
    let message = Message::new(format!("no manifests in `{folder}`"));
    message.help("np reads .yaml, .yml and .json files, also with .gz or .zst behind, in subfolders too")
}

/// Several files in one are not read: which of them are manifests is said by no flag.
fn tar(name: &str) -> Message {
    let message = Message::new(format!("{name} is a tar archive of several files"));
    message.help("unpack it first: `mkdir DIR && tar -xf FILE -C DIR`, then `np ... -f DIR`")
}

/// What is said of what others have packed.
fn packed(name: &str, Foreign { name: packed, command, is_several }: Foreign) -> Message {
    if is_several {
        let message = Message::new(format!("{name} is a {packed} archive of several files"));
        return message.help(format!("unpack it first: `{command}`, then `np ... -f DIR`"));
    }
    let message = Message::new(format!("{name} is compressed with {packed}, which np does not unpack"));
    message.help(format!("unpack it first: `{command} | np ... -f -`; np reads gzip and zstd itself"))
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
