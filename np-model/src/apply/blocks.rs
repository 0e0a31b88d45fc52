//! Blocks placed again, where others are in use than were: external addresses form other classes then.

use std::sync::Arc;

use crate::addr::IpBlock;
use crate::compile::{Places, Space, externals};
use crate::model::{Class, Match, Model, ResolvedNamesId};

/// The blocks with who is in them, and the classes of external addresses if they are others.
pub(super) struct Placed {
    pub(super) blocks: Arc<Vec<(IpBlock, Match)>>,
    pub(super) externals: Option<Vec<Class>>,
    pub(super) space: Space,
}

/// `None` if the blocks tell members of a class apart. Takes a step for each pod and node, or none if the
/// blocks are those there were.
pub(super) fn place(model: &Model, blocks: &[IpBlock]) -> Option<Placed> {
    if blocks.iter().eq(model.peers.blocks.iter().map(|(block, _)| block)) {
        let blocks = Arc::clone(&model.peers.blocks);
        return Some(Placed { blocks, externals: None, space: model.space.clone() });
    }
    let space = model.space.clone().cut_by(blocks.iter());
    let all: Vec<&IpBlock> = blocks.iter().collect();
    let mut places = Places::new(&space, &all);
    let mut of_class = vec![None; model.classes.len()];
    let pods = model.pods.iter().map(|pod| (pod.class, &pod.whereabouts));
    let nodes = model.nodes.iter().map(|node| (node.class, &node.whereabouts));
    for (class, whereabouts) in pods.chain(nodes) {
        let place = places.of(whereabouts);
        if *of_class[class.index()].get_or_insert(place) != place {
            return None;
        }
    }
    let of_class: Vec<_> = of_class.into_iter().flatten().collect();
    debug_assert_eq!(of_class.len(), model.classes.len(), "no class is empty");
    let no_names = model.resolved_names.iter().position(Vec::is_empty).map(ResolvedNamesId::at)?;
    let (of_externals, classes): (Vec<_>, Vec<Class>) =
        externals(&space, &mut places, no_names).into_iter().unzip();
    let matches = places.matches(of_class.into_iter().chain(of_externals));
    let blocks = Arc::new(blocks.iter().cloned().zip(matches).collect());
    Some(Placed { blocks, externals: Some(classes), space: space.clone() })
}
