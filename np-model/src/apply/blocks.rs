//! External addresses placed again, where other blocks are in use than were, or other addresses known: they
//! form other classes then.

use std::sync::Arc;

use crate::addr::IpBlock;
use crate::compile::{Places, externals};
use crate::model::{Class, ClassId, Match, Model, ResolvedNamesId};

/// Puts the blocks in use, with the pods and nodes in each, in the place of those there were.
pub(super) fn replace(model: &mut Model, blocks: Vec<(IpBlock, Match)>) {
    model.space = model.space.clone().cut_by(blocks.iter().map(|(block, _)| block));
    model.peers.blocks = Arc::new(blocks);
    place(model);
}

/// Finds the classes of external addresses, and the blocks that they are in. Who selects them is left as it
/// is.
pub(super) fn place(model: &mut Model) {
    let first = model.classes.len();
    let Model { space, peers, resolved_names, .. } = &mut *model;
    let all: Vec<IpBlock> = peers.blocks.iter().map(|(block, _)| block.clone()).collect();
    let all: Vec<&IpBlock> = all.iter().collect();
    let places = Places::new(space, &all);
    let no_names = resolved_names.iter().position(Vec::is_empty).map(ResolvedNamesId::at);
    let no_names = no_names.expect("external addresses have no names");
    let matches = Arc::make_mut(&mut peers.blocks);
    for (_, Match { yes, maybe }) in &mut *matches {
        yes.truncate(first);
        maybe.truncate(first);
    }
    let mut classes: Vec<Class> = Vec::new();
    for (blocks, class) in externals(space, &places, no_names) {
        for block in blocks {
            matches[block.index()].1.yes.insert(ClassId::at(first + classes.len()));
        }
        classes.push(class);
    }
    model.externals = Arc::new(classes);
}
