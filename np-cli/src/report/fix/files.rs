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
    /// The paths that were given; without any, the current folder.
    paths: &'a [PathBuf],
    /// By text: whether its file starts with a byte order mark, or why it cannot be patched. Each is read again once.
    marked: RefCell<BTreeMap<SourceId, Result<bool, String>>>,
}

/// The byte order mark of UTF-8, which texts do not have any more.
const MARK: &str = "\u{feff}";

/// The name that a text from standard input has.
const STDIN: &str = "stdin";

impl<'a> Files<'a> {
    /// Of an input that was read from these paths.
    pub(crate) fn new(paths: &'a [PathBuf]) -> Self {
        Self { paths, marked: RefCell::default() }
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
        let (mut text, mut notes) = (String::new(), Vec::new());
        for (source, edits) in edits {
            let old = sources.text(source);
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
            let path = self.path(sources.name(source));
            let has_mark = self
                .marked
                .borrow_mut()
                .entry(source)
                .or_insert_with(|| starts_with_mark(&path, old))
                .clone()?;
            let name = relative(&path, &mut notes);
            text += &if has_mark {
                unified(&name, Some(&format!("{MARK}{old}")), &format!("{MARK}{changed}"))
            } else {
                unified(&name, Some(old), &changed)
            };
        }
        for (beside, name, added) in new {
            let folder = beside
                .map(|source| sources.name(source))
                .filter(|name| !self.is_stdin(name))
                .and_then(|name| self.path(name).parent().map(Path::to_owned))
                .unwrap_or_default();
            let path = (1..1000)
                .map(|number| match number {
                    1 => folder.join(format!("{name}.yaml")),
                    number => folder.join(format!("{name}-{number}.yaml")),
                })
                .find(|path| !path.exists())
                .unwrap_or_default();
            text += &unified(&relative(&path, &mut notes), None, added);
        }
        notes.sort();
        notes.dedup();
        Ok((text, notes))
    }

    fn is_stdin(&self, name: &str) -> bool {
        name == STDIN && self.paths.iter().any(|path| path.as_os_str() == "-")
    }

    /// The path of a text: its name, in the folder if that is all that was given.
    fn path(&self, name: &str) -> PathBuf {
        match self.paths {
            [one] if one.is_dir() => one.join(name),
            _ => PathBuf::from(name),
        }
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

/// A path as a patch names it: from the current folder, without steps that go nowhere. One outside of it is named
/// from its own folder, which a note tells.
fn relative(path: &Path, notes: &mut Vec<String>) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    let inside = path.strip_prefix(&here).unwrap_or(path);
    let parts: Vec<Component<'_>> =
        inside.components().filter(|part| !matches!(part, Component::CurDir)).collect();
    let is_inside = parts.iter().all(|part| matches!(part, Component::Normal(_)));
    if is_inside {
        let parts: Vec<String> =
            parts.iter().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
        return parts.join("/");
    }
    let (folder, name) = (path.parent().unwrap_or(path), path.file_name().unwrap_or_default());
    notes.push(format!("apply the patch in `{}`", clean(&folder.to_string_lossy())));
    name.to_string_lossy().into_owned()
}
