//! The texts of both sides of a comparison, and which of them are the same.

use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};

use super::files::{self, LeftOut};
use super::git;
use super::render::render;
use super::root::RENDERED;
use super::walk::{self, Passed};
use crate::args::{DiffArgs, FileArgs};
use crate::console::Console;
use crate::failure::{Failure, Message};
use crate::progress::{Progress, Stage};

/// A text of one side.
#[derive(Debug)]
pub(super) struct Text {
    /// Where it is, seen from the root of its side: the same text has the same place on both.
    pub(super) place: String,
    /// What diagnostics call it.
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
}

/// What there is to read.
#[derive(Debug, Default)]
pub(super) struct Texts {
    /// What both sides have, by the names of the head.
    pub(super) common: Vec<Text>,
    /// What the base and the head have of their own.
    pub(super) own: [Vec<Text>; 2],
    /// What could not be read of either.
    pub(super) unread: [Vec<Message>; 2],
    /// What the sides are called.
    pub(super) called: [String; 2],
    /// Whether something has been said about what a side lacks.
    pub(super) is_told_empty: [bool; 2],
}

/// Everything that the arguments name, of two paths or of git revisions.
pub(super) fn collect(args: &DiffArgs, console: Console) -> Result<Texts, Failure> {
    let progress = console.progress();
    let mut notes = Vec::new();
    let texts = match sides(args)? {
        Named::Paths(sides) => match &args.render {
            Some(command) => rendered(sides, command, &args.model.files, &progress, &mut notes),
            None => of_paths(sides, &args.model.files, &progress, &mut notes),
        },
        Named::Revisions(revisions) => {
            let render = args.render.as_deref();
            git::texts(&revisions, render, &args.model.files, &progress, &mut notes).map_err(Failure::Told)
        }
    };
    drop(progress);
    for note in &notes {
        console.note(note);
    }
    texts
}

/// What the sides are.
enum Named<'a> {
    Paths([&'a Path; 2]),
    Revisions(git::Asked<'a>),
}

/// Whether the sides are paths or revisions: what exists is a path, unless `--git` says otherwise.
fn sides(args: &DiffArgs) -> Result<Named<'_>, Message> {
    let is_path = |path: &Path| path.as_os_str() == "-" || path.exists();
    let advice = "`--git` takes the names of paths for revisions";
    match (&args.base, &args.head) {
        (Some(base), Some(head)) if !args.git => match (is_path(base), is_path(head)) {
            (true, true) => return Ok(Named::Paths([base, head])),
            (false, false) => {}
            (base_is_path, _) => {
                let (path, other) = if base_is_path { (base, head) } else { (head, base) };
                let message = format!("no such file or folder: `{}`", other.display());
                return Err(Message::new(message).help(format!(
                    "`{}` is a path, so the other side must be one; {advice}",
                    path.display()
                )));
            }
        },
        (Some(only), None) if !args.git && is_path(only) => {
            let message = format!("`{}` is one path, and it takes two to compare", only.display());
            return Err(Message::new(message).help(format!(
                "name HEAD too, or compare revisions of it: `np diff --git -f PATH`; {advice}"
            )));
        }
        (None, _) if !args.git => {
            return Err(Message::new(
                "a comparison needs BASE and HEAD, revisions such as main..HEAD, or --git",
            ));
        }
        _ => {}
    }
    git::Asked::new(args.base.as_deref(), args.head.as_deref()).map(Named::Revisions)
}

/// Everything that two paths hold, and what `-f` names for both.
fn of_paths(
    paths: [&Path; 2],
    files: &FileArgs,
    progress: &Progress,
    notes: &mut Vec<String>,
) -> Result<Texts, Failure> {
    let mut texts = Texts::default();
    let mut left_out = LeftOut::default();
    for (side, path) in paths.into_iter().enumerate() {
        let is_folder = path.is_dir();
        let of_side = files::read(&[path.to_owned()], &files.limits, progress, &mut |name, bytes| {
            let shown = if is_folder { below(path, name) } else { name.to_owned() };
            texts.own[side].push(Text { place: name.to_owned(), name: shown, bytes });
        });
        texts.unread[side] = of_side.unread;
        texts.called[side] = format!("`{}`", path.display());
        left_out.empty.extend(of_side.empty);
        left_out.passed.extend(of_side.passed);
    }
    texts.share();
    texts.tell_empty(!files.paths.is_empty(), notes);
    left_out.passed.extend(texts.add_common(&files.paths, files, progress));
    notes.extend(walk::notes(&left_out.passed));
    let is_nothing = texts.common.is_empty() && texts.own.iter().all(Vec::is_empty);
    if is_nothing && left_out.empty.len() == 2 { Err(Failure::Told(left_out.empty)) } else { Ok(texts) }
}

/// What a command prints in two folders, and what `-f` names for both.
fn rendered(
    paths: [&Path; 2],
    command: &str,
    files: &FileArgs,
    progress: &Progress,
    notes: &mut Vec<String>,
) -> Result<Texts, Failure> {
    progress.start(Stage::Other("rendering"));
    let mut texts = Texts::default();
    for (side, path) in paths.into_iter().enumerate() {
        let shown = path.display().to_string();
        if !path.is_dir() {
            let message = Message::new(format!("--render runs in a folder, and `{shown}` is none"));
            return Err(message.into());
        }
        let bytes = render(command, path, &shown, &files.limits, notes)?;
        texts.own[side].push(Text::rendered(&shown, "", bytes));
        texts.called[side] = format!("`{shown}`");
    }
    texts.share();
    texts.tell_empty(!files.paths.is_empty(), notes);
    notes.extend(walk::notes(&texts.add_common(&files.paths, files, progress)));
    Ok(texts)
}

/// What a file is called that is called `name` seen from a folder.
fn below(folder: &Path, name: &str) -> String {
    plain(&folder.join(name)).to_string_lossy().into_owned()
}

/// A path without `.`, and without `..` behind a folder.
pub(super) fn plain(path: &Path) -> PathBuf {
    let mut found = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if matches!(found.components().next_back(), Some(Component::Normal(_))) => {
                found.pop();
            }
            other => found.push(other),
        }
    }
    found
}

impl Text {
    /// What a command printed in a folder, which is shown so, and has this place.
    pub(super) fn rendered(shown: &str, place: &str, bytes: Vec<u8>) -> Self {
        let name = if shown == "." { "rendered".to_owned() } else { format!("{shown}{RENDERED}") };
        Self { place: place.to_owned(), name, bytes }
    }
}

/// What is said of a side that holds nothing of use.
pub(super) fn empty(called: &str) -> String {
    format!("{called} holds no pods, workloads or policies")
}

impl Texts {
    /// Says which side has no manifests, before anything is added that belongs to both and would hide it. If nothing is
    /// going to be, two such sides are an error, which is found later.
    pub(super) fn tell_empty(&mut self, has_common: bool, notes: &mut Vec<String>) {
        let is_empty = |texts: &[Text]| texts.iter().all(|text| text.bytes.trim_ascii().is_empty());
        let is_empty = self.own.each_ref().map(|own| is_empty(own) && is_empty(&self.common));
        if is_empty == [true, true] && !has_common {
            return;
        }
        for (side, is_empty) in is_empty.into_iter().enumerate() {
            if is_empty && !self.is_told_empty[side] && self.unread[side].is_empty() {
                notes.push(empty(&self.called[side]));
                self.is_told_empty[side] = true;
            }
        }
    }

    /// Adds what these paths hold to both sides; gives what was passed over.
    pub(super) fn add_common(
        &mut self,
        paths: &[PathBuf],
        files: &FileArgs,
        progress: &Progress,
    ) -> Vec<Passed> {
        if paths.is_empty() {
            return Vec::new();
        }
        let left_out = files::read(paths, &files.limits, progress, &mut |name, bytes| {
            self.common.push(Text { place: name.to_owned(), name: name.to_owned(), bytes });
        });
        for unread in &mut self.unread {
            unread.extend(left_out.unread.iter().chain(&left_out.empty).cloned());
        }
        left_out.passed
    }

    /// Finds what both sides have at the same place in the same bytes.
    pub(super) fn share(&mut self) {
        let [base, head] = &mut self.own;
        let places: HashMap<String, usize> =
            base.iter().enumerate().map(|(at, text)| (text.place.clone(), at)).collect();
        let mut is_common = vec![false; base.len()];
        for text in std::mem::take(head) {
            match places.get(&text.place) {
                Some(at) if base[*at].bytes == text.bytes => {
                    is_common[*at] = true;
                    self.common.push(text);
                }
                _ => head.push(text),
            }
        }
        let mut is_common = is_common.into_iter();
        base.retain(|_| !is_common.next().unwrap_or_default());
    }
}
