//! Refined classes that the same policies select in both models, and which of them can differ.
//!
//! The classes that can differ are found by a look at who selects each. All other classes are put into teams only when
//! one of those has something else with them.

use std::rc::Rc;
use std::sync::Arc;

use np_model::Model;
use np_model::addr::Families;
use np_model::ir::{Direction, PolicyId};
use np_model::model::{ClassId, ClassKind, ClassSet, ResolvedNamesId, Selecting, SelectingId};
use np_model::refine::{Aligned, Refinement};
use rustc_hash::FxHashMap;

use crate::rows::names;

/// What decides a row of a model.
pub(super) type RowOf = (SelectingId, Option<ResolvedNamesId>);

/// The same of either model; `None` in a model that lacks the class.
pub(super) type RowKey = [Option<RowOf>; 2];

/// What all classes of a team are in either model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Look {
    /// `None` in a model that lacks them.
    pub(super) kinds: [Option<ClassKind>; 2],
    pub(super) families: [Families; 2],
}

/// What classes are that share a row in either model, and look alike.
#[derive(Debug, Clone, Copy)]
pub(super) struct Team {
    pub(super) look: Look,
    /// Whether other policies select them, or these say something else.
    pub(super) is_reselected: bool,
    /// Whether even what unchanged policies say of them may have changed, or what no policy decides.
    pub(super) is_moved: bool,
    pub(super) row: RowKey,
    /// One of them.
    pub(super) example: ClassId,
}

impl Team {
    /// Whether their row may be another.
    pub(super) fn is_changed(&self) -> bool {
        self.is_reselected || self.is_moved
    }

    /// The policies that select them, in a model that has them.
    pub(super) fn selecting<'m>(&self, models: [&'m Model; 2], side: usize) -> Option<&'m Selecting> {
        self.row[side].map(|(id, _)| models[side].selecting_set(id))
    }
}

/// Some classes of a team.
pub(super) type Part = (Team, ClassSet);

/// Puts classes into teams for a direction, when they are asked for.
pub(super) struct Teams<'m> {
    models: [&'m Model; 2],
    refinement: &'m Refinement<'m>,
    direction: Direction,
    unchanged: Rc<Unchanged>,
    known: Vec<Team>,
    /// By refined class: its team, if that is known.
    of_class: Vec<Option<u32>>,
    by_key: FxHashMap<(RowKey, Look, bool), u32>,
    has_names: [FxHashMap<SelectingId, bool>; 2],
    /// The classes whose row is the same, and by team, once enough of them were asked for.
    same: (ClassSet, Option<Vec<Part>>),
    /// How many of them were asked for so far.
    asked: usize,
}

impl<'m> Teams<'m> {
    /// Finds the classes whose row may be another, by team.
    pub(super) fn find(
        models: [&'m Model; 2],
        refinement: &'m Refinement<'m>,
        direction: Direction,
        unchanged: Rc<Unchanged>,
    ) -> (Self, Vec<Part>) {
        let mut teams = Self {
            models,
            refinement,
            direction,
            unchanged,
            known: Vec::new(),
            of_class: vec![None; refinement.class_ids().len()],
            by_key: FxHashMap::default(),
            has_names: Default::default(),
            same: Default::default(),
            asked: 0,
        };
        let mut changed = ClassSet::default();
        // By who selects it in the base: who does in the head, mostly, and whether that is the same.
        let mut known: Vec<Option<(SelectingId, bool)>> = Vec::new();
        for id in refinement.class_ids() {
            let Aligned::Both(base, head) = refinement.class(id) else {
                changed.insert(id);
                continue;
            };
            let [base, head] =
                [models[0].selecting_id(base, direction), models[1].selecting_id(head, direction)];
            if known.len() <= base.index() {
                known.resize(base.index() + 1, None);
            }
            let is_same = match known[base.index()] {
                Some((of, is_same)) if of == head => is_same,
                _ => teams.look([base, head]) == [false; 2],
            };
            known[base.index()] = Some((head, is_same));
            if !is_same || refinement.is_changed(id) {
                changed.insert(id);
            }
        }
        teams.same.0 = ClassSet::range(0..teams.of_class.len()).minus(&changed);
        let changed = teams.divide(&changed);
        (teams, changed)
    }

    /// The classes whose row is the same in both models.
    pub(super) fn same(&self) -> &ClassSet {
        &self.same.0
    }

    /// Some of [`Self::same`] by team.
    pub(super) fn of_same(&mut self, classes: &ClassSet) -> Vec<Part> {
        // Few are put into teams one by one; where it comes to as many as there are, teams are cut.
        self.asked += classes.len();
        if self.asked < self.same.0.len() {
            return self.divide(classes);
        }
        let all = self.same.1.take().unwrap_or_else(|| self.divide(&self.same.0.clone()));
        let met = all.iter().filter(|(_, of_team)| of_team.meets(classes));
        let parts = met.map(|(team, of_team)| (*team, of_team.and(classes))).collect();
        self.same.1 = Some(all);
        parts
    }

    /// Whether those that these select are reselected, or moved.
    fn look(&self, ids: [SelectingId; 2]) -> [bool; 2] {
        let [a, b] = [0, 1].map(|side| self.models[side].selecting_set(ids[side]));
        let is_moved = a.interference.restricts != b.interference.restricts;
        [!self.unchanged.are_all(a, b, self.direction), is_moved]
    }

    /// Some classes by team, in the order of the first of each.
    fn divide(&mut self, classes: &ClassSet) -> Vec<Part> {
        let mut parts: Vec<Part> = Vec::new();
        let mut at: FxHashMap<u32, usize> = FxHashMap::default();
        let mut last = None;
        for id in classes.iter() {
            let team = self.team(id);
            let part = match last {
                Some((of, part)) if of == team => part,
                _ => *at.entry(team).or_insert_with(|| {
                    parts.push((self.known[team as usize], ClassSet::default()));
                    parts.len() - 1
                }),
            };
            last = Some((team, part));
            parts[part].1.insert(id);
        }
        parts
    }

    fn team(&mut self, id: ClassId) -> u32 {
        if let Some(team) = self.of_class[id.index()] {
            return team;
        }
        let sides = self.refinement.class(id).sides();
        let mut row: RowKey = [None; 2];
        let mut look = Look { kinds: [None; 2], families: [Families::NONE; 2] };
        for side in 0..2 {
            let Some(class) = sides[side] else { continue };
            let model = self.models[side];
            let selecting = model.selecting_id(class, self.direction);
            let is_named = *self.has_names[side]
                .entry(selecting)
                .or_insert_with(|| !names(model, selecting, self.direction).is_empty());
            row[side] = Some((selecting, is_named.then(|| model.resolved_names_id(class))));
            look.kinds[side] = Some(model.class(class).kind);
            look.families[side] = model.class(class).families;
        }
        let is_changed = self.refinement.is_changed(id);
        let next = u32::try_from(self.known.len()).expect("no more teams than classes");
        let team = *self.by_key.entry((row, look, is_changed)).or_insert(next);
        if team == next {
            let [is_reselected, is_moved] = match row {
                [Some((a, _)), Some((b, _))] => self.look([a, b]),
                _ => [true; 2],
            };
            let is_moved = is_moved || is_changed;
            self.known.push(Team { look, is_reselected, is_moved, row, example: id });
        }
        self.of_class[id.index()] = Some(team);
        team
    }
}

/// Which policies of a base say the same in a head.
pub(super) struct Unchanged {
    /// By position in the base: the position in the head, and whether that is so by direction.
    of_base: Vec<Option<(usize, [bool; 2])>>,
}

impl Unchanged {
    pub(super) fn of([base, head]: [&Model; 2]) -> Self {
        let policies = &head.rules().policies;
        let mut next = 0;
        let of_base = base.rules().policies.iter().map(|policy| {
            // Mostly it is the very same, at the next place.
            if policies.get(next).is_some_and(|other| Arc::ptr_eq(policy, other)) {
                next += 1;
                return Some((next - 1, [true; 2]));
            }
            let name = (&policy.namespace, &policy.name);
            while policies.get(next).is_some_and(|other| (&other.namespace, &other.name) < name) {
                next += 1;
            }
            let other = policies.get(next).filter(|other| (&other.namespace, &other.name) == name)?;
            let is_same = |direction| policy.says_the_same(other, direction);
            Some((next, Direction::BOTH.map(|direction| Arc::ptr_eq(policy, other) || is_same(direction))))
        });
        Self { of_base: of_base.collect() }
    }

    /// Whether two sets of policies are the same, and say the same in a direction.
    fn are_all(&self, base: &Selecting, head: &Selecting, direction: Direction) -> bool {
        let is_same = |(a, b): (&PolicyId, &PolicyId)| {
            let same = self.of_base[a.index()];
            same.is_some_and(|(at, is_same)| at == b.index() && is_same[direction as usize])
        };
        let are = |base: &[PolicyId], head: &[PolicyId]| {
            base.len() == head.len() && base.iter().zip(head).all(is_same)
        };
        base.interference == head.interference
            && are(&base.certain, &head.certain)
            && are(&base.maybe, &head.maybe)
    }
}
