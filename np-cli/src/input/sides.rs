//! The two sides of a comparison: what was and what is to be.
//!
//! Most texts are the same on both sides. They are read once, and each side adds its own to a copy of what
//! came of them. The texts of the head are numbered on from those of the base, so that one table of texts
//! shows the places of both.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use np_model::Input;
use np_model::diag::Diagnostic;
use np_model::origin::Sources;

use super::files::{self, LeftOut};
use super::{Loaded, compiled, hidden, is_useless, name_flags, nothing_found, prepared, refused};
use crate::args::DiffArgs;
use crate::console::Console;
use crate::exit::Exit;
use crate::failure::{Failure, Message};
use crate::progress::Stage;

/// Two inputs that were understood.
#[derive(Debug)]
pub(crate) struct Sides {
    /// What was.
    pub(crate) base: &'static Loaded,
    /// What is to be.
    pub(crate) head: &'static Loaded,
    /// How many diagnostics, the first of each side, are about what both have in common.
    common: usize,
}

impl Sides {
    /// The texts of both sides.
    pub(crate) fn sources(&self) -> &'static Sources {
        self.head.model.sources()
    }

    /// What is wrong on either side, and what is wrong on both once.
    pub(crate) fn diagnostics(&self) -> Vec<Diagnostic> {
        let [base, head] = [self.base, self.head].map(|side| side.model.diagnostics());
        both(base, &head[self.common..])
    }

    /// What could not be read of either side.
    pub(crate) fn unread(&self) -> Vec<Message> {
        let mut all = both(&self.base.unread, &self.head.unread);
        all.dedup();
        all
    }

    /// How a run over them ends that would otherwise end with `exit`.
    pub(crate) fn ends(&self, exit: Exit) -> Exit {
        self.base.ends(self.head.ends(exit))
    }
}

fn both<T: Clone>(base: &[T], head: &[T]) -> Vec<T> {
    base.iter().chain(head).cloned().collect()
}

/// A text of one side.
struct Text {
    /// What makes it the same text on both sides: where it is, seen from the side's root.
    place: String,
    /// What diagnostics call it.
    name: String,
    bytes: Vec<u8>,
}

/// What there is to read.
#[derive(Default)]
struct Texts {
    /// What both sides have.
    common: Vec<Text>,
    /// What the base and the head have of their own.
    own: [Vec<Text>; 2],
    /// What could not be read of either.
    unread: [Vec<Message>; 2],
    /// What the sides are called.
    called: [String; 2],
}

/// Reads and compiles both sides. A side may be empty: a change may add the first policies.
pub(crate) fn load_sides(args: &DiffArgs, console: Console) -> Result<Sides, Failure> {
    let Texts { common: shared, own, unread, called } = paths(args, console)?;
    let (model, files) = (&args.model, &args.model.files);
    let default_namespace = model.default_namespace(args.namespace.as_deref());
    let progress = console.progress();
    let total = shared.len() + own.iter().map(Vec::len).sum::<usize>();
    let mut done = 0;
    let mut add = |input: &mut Input, texts: Vec<Text>| {
        for Text { name, bytes, .. } in texts {
            // What is read of a few large texts is told by their bytes.
            match total {
                1..=4 => progress.start(Stage::text(&name, &bytes)),
                _ if done == 0 => progress.start(Stage::Files(total)),
                _ => progress.done(done),
            }
            done += 1;
            input.text(&name, bytes);
        }
        name_flags(&mut input.diagnostics, files);
    };
    let mut base = prepared(Input::new(default_namespace), files, model.strict, &progress);
    add(&mut base, shared);
    let common = base.diagnostics.len();
    let mut head = base.clone();
    let [of_base, of_head] = own;
    add(&mut base, of_base);
    head.sources = base.sources.clone();
    add(&mut head, of_head);
    drop(progress);
    let mut both = [base, head];
    let is_broken = both.iter().any(Input::has_errors) || unread.iter().any(|unread| !unread.is_empty());
    let useless = both.each_ref().map(is_useless);
    if useless == [true, true] && !is_broken {
        let problem = nothing_found(&both[1]);
        both[1].diagnostics.push(problem);
    }
    if useless == [true, true] || is_broken && !model.keep_going {
        let [base, head] = both.map(Input::into_invalid);
        let mut invalid = base;
        invalid.diagnostics.extend(head.diagnostics.into_iter().skip(common));
        invalid.sources = head.sources;
        let mut unread = unread.concat();
        unread.dedup();
        return Err(refused(invalid, unread));
    }
    for (useless, called) in useless.into_iter().zip(called) {
        if useless {
            console.note(&format!("{called} holds no pods, workloads or policies"));
        }
    }
    let [base, head] = both;
    let [of_base, of_head] = unread;
    let side = |input: Input, unread: Vec<Message>| -> &'static Loaded {
        Box::leak(Box::new(compiled(input, unread, model, default_namespace, console)))
    };
    Ok(Sides { base: side(base, of_base), head: side(head, of_head), common })
}

/// Everything that two paths hold, and what `-f` names for both.
fn paths(args: &DiffArgs, console: Console) -> Result<Texts, Failure> {
    let (files, progress) = (&args.model.files, console.progress());
    let mut texts = Texts::default();
    let mut left_out = LeftOut::default();
    for (side, path) in [&args.base, &args.head].into_iter().enumerate() {
        let is_folder = path.is_dir();
        let of_side =
            files::read(std::slice::from_ref(path), &files.limits, &progress, &mut |name, bytes| {
                let shown = if is_folder { below(path, name) } else { name.to_owned() };
                texts.own[side].push(Text { place: name.to_owned(), name: shown, bytes });
            });
        texts.unread[side] = of_side.unread;
        texts.called[side] = format!("`{}`", path.display());
        left_out.empty.extend(of_side.empty);
        left_out.hidden.extend(of_side.hidden);
    }
    texts.share();
    if !files.paths.is_empty() {
        let common = files::read(&files.paths, &files.limits, &progress, &mut |name, bytes| {
            texts.common.push(Text { place: String::new(), name: name.to_owned(), bytes });
        });
        for unread in &mut texts.unread {
            unread.extend(both(&common.unread, &common.empty));
        }
        left_out.hidden.extend(common.hidden);
    }
    drop(progress);
    if let Some(note) = hidden(&left_out.hidden) {
        console.note(&note);
    }
    let is_nothing = texts.common.is_empty() && texts.own.iter().all(Vec::is_empty);
    if is_nothing && left_out.empty.len() == 2 { Err(Failure::Told(left_out.empty)) } else { Ok(texts) }
}

/// What a file is called that is called `name` seen from a folder.
fn below(folder: &Path, name: &str) -> String {
    if folder == Path::new(".") {
        return name.to_owned();
    }
    let path: PathBuf = folder.join(name);
    path.to_string_lossy().into_owned()
}

impl Texts {
    /// Finds what both sides have at the same place in the same bytes.
    fn share(&mut self) {
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
