//! External addresses placed again, where other blocks are in use than were, or other addresses known: they
//! form other classes then.

use std::sync::Arc;

use crate::addr::IpBlock;
use crate::compile::{Places, externals};
use crate::model::{Class, Match, Model, ResolvedNamesId};

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
    let mut places = Places::new(space, &all);
    let no_names = resolved_names.iter().position(Vec::is_empty).map(ResolvedNamesId::at);
    let no_names = no_names.expect("external addresses have no names");
    let (of_externals, classes): (Vec<_>, Vec<Class>) =
        externals(space, &mut places, no_names).into_iter().unzip();
    let others = places.matches(of_externals.into_iter());
    let runs = [(0..classes.len(), first)];
    for ((_, matched), other) in Arc::make_mut(&mut peers.blocks).iter_mut().zip(&others) {
        for (set, other) in [(&mut matched.yes, &other.yes), (&mut matched.maybe, &other.maybe)] {
            *set = set.renumbered(&[(0..first, 0)]);
            set.unite(&other.renumbered(&runs));
        }
    }
    model.externals = Arc::new(classes);
}
