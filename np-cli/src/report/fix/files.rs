//! Patches of files: which file a text was read from, and the diffs of all that change.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Component, Path, PathBuf};

use np_model::edit::Edit;
use np_model::origin::{SourceId, Sources};
use np_sim::fix::Patch;

use super::diff::unified;
use crate::input::is_compressed;
use crate::report::clean::clean;

/// What the texts of an input were read from.
#[derive(Debug)]
pub(crate) struct Files<'a> {
    /// The paths that were given: of `-f`, without any the current folder, and of `--with`.
    given: [&'a [PathBuf]; 2],
    /// By text. Each is read again once.
    found: RefCell<BTreeMap<SourceId, Found>>,
}

/// A file, and whether it starts with a byte order mark; or why it cannot be patched.
type Found = Result<(PathBuf, bool), String>;

/// The byte order mark of UTF-8, which texts do not have any more.
const MARK: &str = "\u{feff}";

/// The name that a text from standard input has.
const STDIN: &str = "stdin";

/// A file as it is, unless it is new, and as it is to be.
struct Changed {
    path: PathBuf,
    old: Option<String>,
    new: String,
}

impl<'a> Files<'a> {
    /// Of an input that was read from these paths, of `-f` and of `--with`.
    pub(crate) fn new(given: [&'a [PathBuf]; 2]) -> Self {
        Self { given, found: RefCell::default() }
    }

    /// The patches as one unified diff, and what to know before it is applied.
    ///
    /// # Errors
    /// With the reason, if a file cannot be patched.
    pub(super) fn patch(
        &self,
        sources: &Sources,
        patches: &[Patch],
    ) -> Result<(String, Vec<String>), String> {
        let (mut edits, mut new): (BTreeMap<SourceId, Vec<&Edit>>, Vec<_>) = Default::default();
        for patch in patches {
            match patch {
                Patch::Edit(edit) => edits.entry(edit.source).or_default().push(edit),
                Patch::New { beside, name, text } => new.push((*beside, name, text)),
            }
        }
        let (mut text, mut notes, mut all) = (String::new(), Vec::new(), Vec::new());
        for (source, edits) in edits {
            let old = sources.text(source);
            if old.ends_with('\r') {
                return Err("its lines end with carriage returns alone, which no patch can say".to_owned());
            }
            // From the end, so that the places of those before stay right; of two at one place the later last.
            let mut changed = old.to_owned();
            for edit in edits.iter().rev() {
                changed = edit.apply(&changed);
            }
            if self.is_stdin(sources.name(source)) {
                notes.push("the patch is for the text from stdin, as a file `stdin`".to_owned());
                text += &unified(STDIN, Some(old), &changed);
                continue;
            }
            let (path, has_mark) = self.find(sources, source)?;
            let marked = |text: &str| format!("{}{text}", if has_mark { MARK } else { "" });
            all.push(Changed { path, old: Some(marked(old)), new: marked(&changed) });
        }
        for (beside, name, added) in new {
            let beside = beside.filter(|source| !self.is_stdin(sources.name(*source)));
            let beside = beside.and_then(|source| self.find(sources, source).ok());
            let folder = beside.and_then(|(path, _)| path.parent().map(Path::to_owned)).unwrap_or_default();
            let path = (1..1000)
                .map(|number| match number {
                    1 => folder.join(format!("{name}.yaml")),
                    number => folder.join(format!("{name}-{number}.yaml")),
                })
                .find(|path| !path.exists())
                .unwrap_or_default();
            all.push(Changed { path, old: None, new: added.clone() });
        }
        let paths: Vec<&Path> = all.iter().map(|changed| changed.path.as_path()).collect();
        let (names, base) = names(&paths)?;
        notes.extend(base.map(|base| format!("apply the patch in `{}`", clean(&base.to_string_lossy()))));
        for (Changed { old, new, .. }, name) in all.iter().zip(names) {
            text += &unified(&name, old.as_deref(), new);
        }
        Ok((text, notes))
    }

    fn is_stdin(&self, name: &str) -> bool {
        name == STDIN && self.given.iter().copied().flatten().any(|path| path.as_os_str() == "-")
    }

    /// The file of a text, and whether it starts with a byte order mark: the one of that name that says the same.
    fn find(&self, sources: &Sources, source: SourceId) -> Found {
        let read = || {
            let (name, text) = (sources.name(source), sources.text(source));
            let mut candidates: Vec<PathBuf> = self.given.iter().map(|paths| path(paths, name)).collect();
            candidates.dedup();
            let (mut found, mut why) = (Vec::new(), None);
            for path in candidates {
                match starts_with_mark(&path, text) {
                    Ok(has_mark) => found.push((path, has_mark)),
                    Err(reason) if why.is_none() || path.exists() => why = Some(reason),
                    Err(_) => {}
                }
            }
            match found.as_slice() {
                [] => Err(why.unwrap_or_default()),
                [only] => Ok(only.clone()),
                [(one, _), (other, _), ..] => {
                    let [one, other] = [one, other].map(|path| clean(&path.to_string_lossy()).into_owned());
                    Err(format!("`{one}` and `{other}` say the same, and it is not known which is meant"))
                }
            }
        };
        self.found.borrow_mut().entry(source).or_insert_with(read).clone()
    }
}

/// The path of a text that was read from these: its name, in the folder if that is all that was given.
fn path(given: &[PathBuf], name: &str) -> PathBuf {
    match given {
        [one] if one.is_dir() => one.join(name),
        _ => PathBuf::from(name),
    }
}

/// Whether a file starts with a byte order mark; it must say what was read from it.
fn starts_with_mark(path: &Path, text: &str) -> Result<bool, String> {
    let shown = clean(&path.to_string_lossy()).into_owned();
    let bytes = fs::read(path).map_err(|error| format!("`{shown}` cannot be read again: {error}"))?;
    match bytes.strip_prefix(MARK.as_bytes()) {
        _ if bytes == text.as_bytes() => Ok(false),
        Some(rest) if rest == text.as_bytes() => Ok(true),
        _ if is_compressed(&bytes) => {
            Err(format!("`{shown}` is compressed, and patches are for text: unpack it and ask again"))
        }
        _ => Err(format!("`{shown}` is not UTF-8, or has changed since it was read")),
    }
}

/// Paths as a patch names them: from the current folder, without steps that go nowhere. If one is outside of it, all are
/// named from the folder that has all of them, which is then given too.
fn names(paths: &[&Path]) -> Result<(Vec<String>, Option<PathBuf>), String> {
    let here = std::env::current_dir().unwrap_or_default();
    if let Some(names) = paths.iter().map(|path| inside(path, &here)).collect() {
        return Ok((names, None));
    }
    let mut folders: Vec<&Path> = paths.iter().filter_map(|path| path.parent()).collect();
    folders.dedup();
    if let [folder] = folders.as_slice() {
        let names = paths.iter().filter_map(|path| Some(path.file_name()?.to_string_lossy().into_owned()));
        return Ok((names.collect(), Some((*folder).to_owned())));
    }
    let whole = |path: &&Path| -> Option<PathBuf> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        Some(folder.unwrap_or(Path::new(".")).canonicalize().ok()?.join(path.file_name()?))
    };
    let apart = || "its files have no folder in common".to_owned();
    let paths: Vec<PathBuf> = paths.iter().map(whole).collect::<Option<_>>().ok_or_else(apart)?;
    let first = paths.first().ok_or_else(apart)?;
    let has_all = |folder: &&Path| paths.iter().all(|path| path.starts_with(folder));
    let base = first.ancestors().skip(1).find(has_all).ok_or_else(apart)?;
    let names = paths.iter().map(|path| inside(path, base)).collect::<Option<_>>().ok_or_else(apart)?;
    Ok((names, Some(base.to_owned())))
}

/// A path from a folder that it is in.
fn inside(path: &Path, folder: &Path) -> Option<String> {
    let inside = path.strip_prefix(folder).unwrap_or(path);
    let parts = inside.components().filter(|part| !matches!(part, Component::CurDir));
    let parts: Option<Vec<String>> = parts
        .map(|part| match part {
            Component::Normal(part) => Some(part.to_string_lossy().into_owned()),
            _ => None,
        })
        .collect();
    parts.map(|parts| parts.join("/"))
}
