//! The rows of both models side by side.

use std::rc::Rc;

use np_model::Model;
use np_model::conn::ConnTable;
use np_model::ir::Direction;
use np_model::model::{ClassId, ClassSet};
use np_model::refine::Refinement;
use rustc_hash::FxHashMap;

use super::teams::{RowKey, RowOf, Team};
use crate::rows::{Bounds, Builder, Row};

/// What base and head have.
pub(super) type Both = [Bounds; 2];

/// Rows of a base and a head, class by class: disjoint layers, and what all other classes have.
#[derive(Debug)]
pub(super) struct Zipped {
    rest: Both,
    layers: Vec<(Both, ClassSet)>,
}

impl Zipped {
    /// The classes of `all` that have something else.
    pub(super) fn differing(&self, all: &ClassSet) -> ClassSet {
        let [base, head] = self.rest;
        let of = |is_same: bool| {
            let found = self.layers.iter().filter(|([base, head], _)| (base == head) == is_same);
            found.fold(ClassSet::default(), |all, (_, classes)| all.or(classes))
        };
        if base == head { of(false).and(all) } else { all.minus(&of(true)) }
    }

    /// What some classes have: disjoint sets of them.
    pub(super) fn over(&self, classes: &ClassSet) -> Vec<(Both, ClassSet)> {
        let mut left = classes.clone();
        let mut found = Vec::new();
        for (bounds, members) in &self.layers {
            if members.meets(classes) {
                let common = members.and(classes);
                left.remove(&common);
                found.push((*bounds, common));
            }
        }
        if !left.is_empty() {
            found.push((self.rest, left));
        }
        found
    }
}

/// The rows of a base, each built once for however many heads, over one table of connection sets.
pub(super) struct Base<'m> {
    pub(super) model: &'m Model,
    pub(super) table: ConnTable,
    builder: Builder<'m>,
    known: [FxHashMap<RowOf, Rc<Row>>; 2],
}

impl<'m> Base<'m> {
    pub(super) fn new(model: &'m Model) -> Self {
        let mut table = ConnTable::default();
        Self { model, builder: Builder::new(model, &mut table), table, known: Default::default() }
    }

    fn row(&mut self, direction: Direction, of: RowOf, class: ClassId) -> Rc<Row> {
        let Self { builder, table, known, .. } = self;
        let known = known[direction as usize].entry(of);
        Rc::clone(known.or_insert_with(|| Rc::new(builder.row(table, class, direction))))
    }
}

/// Builds rows when they are asked for.
pub(super) struct Rows<'c> {
    refinement: &'c Refinement<'c>,
    /// Whether unchanged policies say the same of everybody in both models.
    is_unchanged: bool,
    head: Builder<'c>,
    /// By side: the refined classes that it lacks.
    lacking: [ClassSet; 2],
    known: [FxHashMap<RowKey, Rc<Zipped>>; 2],
}

impl<'c> Rows<'c> {
    pub(super) fn new(base: &mut Base<'_>, head: &'c Model, refinement: &'c Refinement<'c>) -> Self {
        let mut lacking: [ClassSet; 2] = Default::default();
        let is_unchanged = refinement.is_unchanged();
        if !is_unchanged {
            for id in refinement.class_ids() {
                for (lacking, class) in lacking.iter_mut().zip(refinement.class(id).sides()) {
                    if class.is_none() {
                        lacking.insert(id);
                    }
                }
            }
        }
        let mut head = Builder::new(head, &mut base.table);
        if refinement.is_shared() {
            head.learn(&mut base.builder);
        }
        Self { refinement, is_unchanged, head, lacking, known: Default::default() }
    }

    /// The rows of a team.
    pub(super) fn of(&mut self, base: &mut Base<'_>, direction: Direction, team: &Team) -> Rc<Zipped> {
        if let Some(known) = self.known[direction as usize].get(&team.row) {
            return Rc::clone(known);
        }
        let (rest, layers) = self.side(base, 0, direction, team);
        let zipped = if !team.is_changed() && self.is_unchanged {
            let twice = |bounds: Bounds| [bounds; 2];
            let layers = layers.into_iter().map(|(bounds, classes)| (twice(bounds), classes)).collect();
            Zipped { rest: twice(rest), layers }
        } else {
            zip((rest, layers), self.side(base, 1, direction, team))
        };
        let zipped = Rc::new(zipped);
        self.known[direction as usize].insert(team.row, Rc::clone(&zipped));
        zipped
    }

    /// The row of one model over refined classes; nothing passes where there is nobody.
    fn side(&mut self, base: &mut Base<'_>, side: usize, direction: Direction, team: &Team) -> Side {
        let class = self.refinement.class(team.example).sides()[side];
        let (Some(of), Some(class)) = (team.row[side], class) else { return (Bounds::NONE, Vec::new()) };
        let row = match side {
            0 => base.row(direction, of, class),
            _ => Rc::new(self.head.row(&mut base.table, class, direction)),
        };
        let refined = |classes: &ClassSet| self.refinement.refine(side, classes).into_owned();
        let mut layers: Vec<_> =
            row.layers.iter().map(|layer| (layer.bounds, refined(&layer.classes))).collect();
        if row.rest != Bounds::NONE && !self.lacking[side].is_empty() {
            layers.push((Bounds::NONE, self.lacking[side].clone()));
        }
        (row.rest, layers)
    }
}

/// A row over refined classes.
type Side = (Bounds, Vec<(Bounds, ClassSet)>);

fn zip((base_rest, base): Side, (head_rest, head): Side) -> Zipped {
    let rest = [base_rest, head_rest];
    let mut layers: FxHashMap<Both, ClassSet> = FxHashMap::default();
    let mut add = |bounds: Both, classes: ClassSet| {
        if bounds != rest && !classes.is_empty() {
            layers.entry(bounds).or_default().unite(&classes);
        }
    };
    let mut left = head.clone();
    for (bounds, mut classes) in base {
        for ((other, of_head), left) in head.iter().zip(&mut left) {
            if of_head.meets(&classes) {
                let common = of_head.and(&classes);
                classes.remove(&common);
                left.1.remove(&common);
                add([bounds, *other], common);
            }
        }
        add([bounds, rest[1]], classes);
    }
    for (bounds, classes) in left {
        add([rest[0], bounds], classes);
    }
    let mut layers: Vec<_> = layers.into_iter().collect();
    layers.sort_by_key(|(bounds, _)| *bounds);
    Zipped { rest, layers }
}
