//! External addresses placed again, where other blocks are in use than were, or other addresses known: they
//! form other classes then.

use std::sync::Arc;

use crate::addr::IpBlock;
use crate::compile::{Places, externals};
use crate::model::{BlockId, Class, ClassId, Match, Model, ResolvedNamesId};

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
    let Model { space, peers, resolved_names, .. } = &*model;
    let all: Vec<&IpBlock> = peers.blocks.iter().map(|(block, _)| block).collect();
    let places = Places::new(space, &all);
    let no_names = resolved_names.iter().position(Vec::is_empty).map(ResolvedNamesId::at);
    let no_names = no_names.expect("external addresses have no names");
    let (mut classes, mut within) = (Vec::<Class>::new(), Vec::<(BlockId, ClassId)>::new());
    for (blocks, class) in externals(space, &places, no_names) {
        let id = ClassId::at(first + classes.len());
        within.extend(blocks.iter().map(|block| (*block, id)));
        classes.push(class);
    }
    let matches = Arc::make_mut(&mut model.peers.blocks);
    for (_, Match { yes, maybe }) in &mut *matches {
        yes.truncate(first);
        maybe.truncate(first);
    }
    for (block, class) in within {
        matches[block.index()].1.yes.insert(class);
    }
    model.externals = Arc::new(classes);
}
