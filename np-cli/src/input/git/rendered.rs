//! What a command prints in the folders that `-f` names, of each revision in a temporary copy, and of the working
//! tree in place.

use std::path::Path;

use super::export::export;
use super::tree::{Naming, Search};
use super::{Compared, Root};
use crate::args::LimitArgs;
use crate::failure::Message;
use crate::input::render::render;
use crate::input::texts::{Text, Texts};
use crate::progress::{Progress, Stage};

/// Renders both sides. A folder that a side does not have renders to nothing.
pub(super) fn both(
    compared: &Compared,
    command: &str,
    limits: &LimitArgs,
    progress: &Progress,
    texts: &mut Texts,
    notes: &mut Vec<String>,
) -> Result<(), Vec<Message>> {
    let Compared { repo, roots, base, head } = compared;
    progress.start(Stage::Other("rendering"));
    let sides = [(0, Some(base), Naming::Of(base.name.clone())), (1, head.as_ref(), Naming::Plain)];
    for (side, revision, naming) in sides {
        let copy = revision.map(|revision| export(repo, revision.tree, &revision.name)).transpose();
        let copy = copy.map_err(|error| vec![error])?;
        for root in roots {
            if !compared.has(root)[side] {
                continue;
            }
            let folder =
                copy.as_ref().map_or_else(|| root.path.clone(), |copy| copy.path().join(&root.place));
            let shown = naming.name(root, Path::new(""));
            let is_folder = match revision {
                Some(revision) => is_folder(&Search::new(repo, revision.tree), root),
                None => folder.is_dir(),
            };
            if !is_folder {
                let message = Message::new(format!("--render runs in a folder, and `{shown}` is none"));
                return Err(vec![message]);
            }
            let bytes = render(command, &folder, &shown, limits, notes);
            let bytes = bytes.map_err(|error| vec![error])?;
            texts.own[side].push(Text::rendered(&shown, &root.place.to_string_lossy(), bytes));
        }
    }
    texts.share();
    Ok(())
}

fn is_folder(search: &Search<'_>, root: &Root) -> bool {
    search.resolve(&root.place).is_ok_and(|spot| spot.is_folder)
}
