//! Refined classes that the same policies select in both models, and the rows of both side by side.

use std::rc::Rc;
use std::sync::Arc;

use np_model::Model;
use np_model::addr::Families;
use np_model::conn::ConnTable;
use np_model::ir::{Direction, Policy, PolicyId};
use np_model::model::{ClassId, ClassKind, ClassSet, ResolvedNamesId, Selecting, SelectingId};
use np_model::refine::Refinement;
use rustc_hash::FxHashMap;

use crate::rows::{Bounds, Builder, Row, names};

/// What base and head have.
pub(super) type Both = [Bounds; 2];

/// What decides a row of either model; `None` in a model that lacks the class.
type RowKey = [Option<(SelectingId, Option<ResolvedNamesId>)>; 2];

/// What all classes of a team are in either model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Look {
    /// `None` in a model that lacks them.
    pub(super) kinds: [Option<ClassKind>; 2],
    pub(super) families: [Families; 2],
}

/// Classes that share a row in either model, and look alike.
#[derive(Debug)]
pub(super) struct Team {
    pub(super) look: Look,
    pub(super) classes: ClassSet,
    /// Whether other policies select them, or these say something else.
    pub(super) is_reselected: bool,
    /// Whether even what unchanged policies say of them may have changed, or what no policy decides.
    pub(super) is_moved: bool,
    row: RowKey,
    example: ClassId,
}

impl Team {
    /// Whether their row may be another.
    pub(super) fn is_changed(&self) -> bool {
        self.is_reselected || self.is_moved
    }
}

/// Rows of a base and a head, class by class: disjoint layers, and what all other classes have.
#[derive(Debug)]
pub(super) struct Zipped {
    rest: Both,
    layers: Vec<(Both, ClassSet)>,
}

impl Zipped {
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

/// Finds teams, and builds their rows when they are asked for.
pub(super) struct Rows<'m> {
    refinement: &'m Refinement<'m>,
    builders: [Builder<'m>; 2],
    /// By side: the refined classes that it lacks.
    lacking: [ClassSet; 2],
    known: [FxHashMap<RowKey, Rc<Zipped>>; 2],
}

impl<'m> Rows<'m> {
    pub(super) fn new(models: [&'m Model; 2], refinement: &'m Refinement<'m>, table: &mut ConnTable) -> Self {
        let mut lacking: [ClassSet; 2] = Default::default();
        if !refinement.is_unchanged() {
            for id in refinement.class_ids() {
                for (lacking, class) in lacking.iter_mut().zip(refinement.class(id).sides()) {
                    if class.is_none() {
                        lacking.insert(id);
                    }
                }
            }
        }
        let builders = models.map(|model| Builder::new(model, table));
        Self { refinement, builders, lacking, known: Default::default() }
    }

    /// The rows of a team.
    pub(super) fn of(&mut self, table: &mut ConnTable, direction: Direction, team: &Team) -> Rc<Zipped> {
        if let Some(known) = self.known[direction as usize].get(&team.row) {
            return Rc::clone(known);
        }
        let classes = self.refinement.class(team.example).sides();
        let zipped = if !team.is_changed() && self.refinement.is_unchanged() {
            let (rest, layers) = self.side(table, 1, direction, classes[1]);
            let twice = |bounds: Bounds| [bounds; 2];
            let layers = layers.into_iter().map(|(bounds, classes)| (twice(bounds), classes)).collect();
            Zipped { rest: twice(rest), layers }
        } else {
            let [base, head] = [0, 1].map(|side| self.side(table, side, direction, classes[side]));
            zip(base, head)
        };
        let zipped = Rc::new(zipped);
        self.known[direction as usize].insert(team.row, Rc::clone(&zipped));
        zipped
    }

    /// The row of one model over refined classes; nothing passes where there is nobody.
    fn side(
        &mut self,
        table: &mut ConnTable,
        side: usize,
        direction: Direction,
        class: Option<ClassId>,
    ) -> (Bounds, Vec<(Bounds, ClassSet)>) {
        let Some(class) = class else { return (Bounds::NONE, Vec::new()) };
        let Row { rest, layers } = self.builders[side].row(table, class, direction);
        let refined = |classes: &ClassSet| self.refinement.refine(side, classes).into_owned();
        let mut layers: Vec<_> = layers.iter().map(|layer| (layer.bounds, refined(&layer.classes))).collect();
        if rest != Bounds::NONE && !self.lacking[side].is_empty() {
            layers.push((Bounds::NONE, self.lacking[side].clone()));
        }
        (rest, layers)
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

/// Divides the refined classes into teams for a direction, in the order of their first classes.
pub(super) fn teams(models: [&Model; 2], refinement: &Refinement<'_>, direction: Direction) -> Vec<Team> {
    let policies = Unchanged::of(models, direction);
    let mut teams: Vec<Team> = Vec::new();
    let mut by_key: FxHashMap<(RowKey, Look, bool), usize> = FxHashMap::default();
    let mut has_names: [FxHashMap<SelectingId, bool>; 2] = Default::default();
    for id in refinement.class_ids() {
        let sides = refinement.class(id).sides();
        let mut row: RowKey = [None; 2];
        let mut look = Look { kinds: [None; 2], families: [Families::NONE; 2] };
        for side in 0..2 {
            let Some(class) = sides[side] else { continue };
            let model = models[side];
            let selecting = model.selecting_id(class, direction);
            let is_named = *has_names[side]
                .entry(selecting)
                .or_insert_with(|| !names(model, selecting, direction).is_empty());
            row[side] = Some((selecting, is_named.then(|| model.resolved_names_id(class))));
            look.kinds[side] = Some(model.class(class).kind);
            look.families[side] = model.class(class).families;
        }
        let is_changed = refinement.is_changed(id);
        let at = *by_key.entry((row, look, is_changed)).or_insert_with(|| {
            let set = |side: usize| row[side].map(|(id, _)| models[side].selecting_set(id));
            let (is_reselected, is_moved) = match (set(0), set(1)) {
                (Some(a), Some(b)) => {
                    (!policies.are_all(a, b), a.interference.restricts != b.interference.restricts)
                }
                _ => (true, true),
            };
            teams.push(Team {
                look,
                classes: ClassSet::default(),
                is_reselected,
                is_moved: is_moved || is_changed,
                row,
                example: id,
            });
            teams.len() - 1
        });
        teams[at].classes.insert(id);
    }
    teams
}

impl Team {
    /// The policies that select them, in a model that has them.
    pub(super) fn selecting<'m>(&self, models: [&'m Model; 2], side: usize) -> Option<&'m Selecting> {
        self.row[side].map(|(id, _)| models[side].selecting_set(id))
    }
}

/// Which policies of a base say the same in a head about a direction.
struct Unchanged {
    /// By position in the base.
    of_base: Vec<Option<usize>>,
}

impl Unchanged {
    fn of([base, head]: [&Model; 2], direction: Direction) -> Self {
        let policies = &head.rules().policies;
        let mut next = 0;
        let of_base = base.rules().policies.iter().map(|policy| {
            let name = (&policy.namespace, &policy.name);
            while policies.get(next).is_some_and(|other| (&other.namespace, &other.name) < name) {
                next += 1;
            }
            let other = policies.get(next).filter(|other| (&other.namespace, &other.name) == name)?;
            let says = |policy: &Policy| policy.clone().without_places();
            let is_same =
                Arc::ptr_eq(policy, other) || says(policy).rules(direction) == says(other).rules(direction);
            is_same.then_some(next)
        });
        Self { of_base: of_base.collect() }
    }

    /// Whether two sets of policies are the same, and say the same.
    fn are_all(&self, base: &Selecting, head: &Selecting) -> bool {
        let are = |base: &[PolicyId], head: &[PolicyId]| {
            base.len() == head.len()
                && base.iter().zip(head).all(|(a, b)| self.of_base[a.index()] == Some(b.index()))
        };
        base.interference == head.interference
            && are(&base.certain, &head.certain)
            && are(&base.maybe, &head.maybe)
    }
}
