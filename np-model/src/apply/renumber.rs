//! Other classes in the place of some: those behind them move, and every set of classes with them.
//!
//! Classes stay in the order that compiling gives them, namespace by namespace, with ordinary pods first. So
//! what is left alone moves in long runs, which costs a few words of bits for each set.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::model::{Class, ClassId, ClassSet, Match, Model, NamespaceId, SelectingId};

/// Which classes come in the place of some, and behind those of a namespace.
#[derive(Default)]
pub(super) struct Others {
    /// None, or several: each looks like the one that was.
    pub(super) parts: FxHashMap<ClassId, Vec<Class>>,
    /// Nobody knows yet who selects and matches these.
    pub(super) added: BTreeMap<NamespaceId, Vec<Class>>,
}

/// Runs of classes by their positions before, each with the position that it begins at now.
pub(super) struct Runs(Vec<(Range<usize>, usize)>);

impl Runs {
    /// By new position: the class that it was, if it was one.
    fn of(origins: &[Option<ClassId>]) -> Self {
        let mut runs: Vec<(Range<usize>, usize)> = Vec::new();
        for (new, old) in origins.iter().enumerate() {
            let Some(old) = old.map(ClassId::index) else { continue };
            match runs.last_mut() {
                Some((run, start)) if run.end == old && *start + run.len() == new => run.end += 1,
                _ => runs.push((old..old + 1, new)),
            }
        }
        Self(runs)
    }

    pub(super) fn set(&self, set: &ClassSet) -> ClassSet {
        set.renumbered(&self.0)
    }

    /// The match, if it is another.
    fn matched(&self, old: &Match) -> Option<Match> {
        let stay = self.0.first().filter(|(run, start)| run.start == 0 && *start == 0);
        let stay = stay.map_or(0, |(run, _)| run.end);
        let is_other = old.yes.end() > stay || old.maybe.end() > stay;
        is_other.then(|| Match { yes: self.set(&old.yes), maybe: self.set(&old.maybe) })
    }
}

/// Renumbers the classes of a model, whose pods have the ids that its classes know them by.
pub(super) fn renumber(model: &mut Model, mut others: Others) -> Runs {
    let (ordinary, externals) = (model.classes.len(), model.externals.len());
    let mut old = std::mem::take(Arc::make_mut(&mut model.classes)).into_iter().zip((0..).map(ClassId::at));
    let mut classes = Vec::with_capacity(ordinary);
    let mut origins = Vec::with_capacity(ordinary + externals);
    let mut take = |classes: &mut Vec<Class>, (class, id): (Class, ClassId)| {
        let parts = others.parts.remove(&id).unwrap_or_else(|| vec![class]);
        origins.resize(classes.len(), None);
        origins.extend(parts.iter().map(|_| Some(id)));
        classes.extend(parts);
    };
    for (id, range) in (0..).map(NamespaceId::at).zip(Arc::make_mut(&mut model.of_namespace)) {
        let first = classes.len();
        old.by_ref().take(range.len()).for_each(|one| take(&mut classes, one));
        classes.extend(others.added.remove(&id).into_iter().flatten());
        *range = first..classes.len();
    }
    old.for_each(|one| take(&mut classes, one));
    origins.resize(classes.len(), None);
    let is_same = |(new, old): (usize, &Option<ClassId>)| *old == Some(ClassId::at(new));
    let first = origins.iter().enumerate().position(|one| !is_same(one)).unwrap_or(classes.len());
    origins.extend((ordinary..ordinary + externals).map(|id| Some(ClassId::at(id))));

    let (pods, nodes) = (Arc::make_mut(&mut model.pods), Arc::make_mut(&mut model.nodes));
    for (class, id) in classes.iter().zip((0..).map(ClassId::at)).skip(first) {
        class.pods.iter().for_each(|pod| pods[pod.index()].class = id);
        class.nodes.iter().for_each(|node| nodes[node.index()].class = id);
    }
    let nobody = [SelectingId::at(0); 2];
    let selecting = origins.iter().map(|old| old.map_or(nobody, |old| model.selecting[old.index()]));
    model.selecting = Arc::new(selecting.collect());
    model.classes = Arc::new(classes);
    let runs = Runs::of(&origins);
    for list in [&mut model.peers.pods, &mut model.peers.namespaces] {
        for old in list {
            if let Some(new) = runs.matched(old) {
                *old = Arc::new(new);
            }
        }
    }
    for (_, old) in Arc::make_mut(&mut model.peers.blocks) {
        if let Some(new) = runs.matched(old) {
            *old = new;
        }
    }
    runs
}
