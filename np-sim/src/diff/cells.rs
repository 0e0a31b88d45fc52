//! Which cells can differ, and what they hold before and after.

use std::rc::Rc;

use np_model::Model;
use np_model::conn::{ConnId, ConnSet, ConnTable};
use np_model::ir::Direction;
use np_model::model::{ClassKind, ClassSet};
use np_model::refine::Refinement;
use rustc_hash::FxHashMap;

use super::Situation;
use super::relation::Relations;
use super::rows::{Base, Both, Rows};
use super::teams::{Part, Team, Teams, Unchanged};
use crate::reach::{Relation, may_come_between};
use crate::rows::Bounds;

/// The kinds of both ends in either model: what the members of a group have in common.
type Kinds = [[Option<ClassKind>; 2]; 2];

/// What some pairs have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Alike {
    pub(super) kinds: Kinds,
    pub(super) situation: Situation,
    /// What passes, certainly and possibly, before and after.
    pub(super) before: Bounds,
    pub(super) after: Bounds,
}

/// The pairs of some classes with others.
#[derive(Debug)]
pub(super) struct Pairs {
    pub(super) from: ClassSet,
    pub(super) to: ClassSet,
    pub(super) count: u64,
}

/// Compares two models.
pub(super) struct Compare<'c, 'm> {
    pub(super) base: &'c mut Base<'m>,
    pub(super) models: [&'c Model; 2],
    rows: Rows<'c>,
    relations: Relations<'c>,
    /// By direction: the classes whose row may be another, by team.
    pub(super) changed: [Vec<Part>; 2],
    teams: [Teams<'c>; 2],
    found: FxHashMap<Alike, Vec<Pairs>>,
    /// By direction: subjects to which it says something else about pairs that are as unknown as before.
    pub(super) hidden: [ClassSet; 2],
    /// How much has been found at least, pairs with external addresses aside, and how much is too much.
    counted: u64,
    most: u64,
}

impl<'c, 'm> Compare<'c, 'm> {
    /// More changes than `most` are not wanted.
    pub(super) fn new(
        base: &'c mut Base<'m>,
        head: &'c Model,
        refinement: &'c Refinement<'c>,
        most: u64,
    ) -> Self {
        let models: [&Model; 2] = [base.model, head];
        let unchanged = Rc::new(Unchanged::of(models));
        let [(egress, changed_egress), (ingress, changed_ingress)] = Direction::BOTH
            .map(|direction| Teams::find(models, refinement, direction, Rc::clone(&unchanged)));
        Self {
            rows: Rows::new(base, head, refinement),
            base,
            models,
            relations: Relations::new(models, refinement),
            changed: [changed_egress, changed_ingress],
            teams: [egress, ingress],
            found: FxHashMap::default(),
            hidden: Default::default(),
            counted: 0,
            most,
        }
    }

    /// The pairs that differ, by what they have in common; no pair twice. `None` if they are too many.
    pub(super) fn differences(&mut self) -> Option<FxHashMap<Alike, Vec<Pairs>>> {
        let [egress, ingress] = std::mem::take(&mut self.changed);
        for from in &egress {
            for to in &ingress {
                self.meet(from, to)?;
            }
            for to in self.partners_of(from, Direction::Egress) {
                self.meet(from, &to)?;
            }
        }
        for to in &ingress {
            for from in self.partners_of(to, Direction::Ingress) {
                self.meet(&from, to)?;
            }
        }
        self.changed = [egress, ingress];
        Some(std::mem::take(&mut self.found))
    }

    /// Of the other ends whose own row is the same, those that the row of some subjects has something else with.
    fn partners_of(&mut self, (team, _): &Part, direction: Direction) -> Vec<Part> {
        let others = &mut self.teams[1 - direction as usize];
        if team.is_moved {
            let all = others.same().clone();
            return others.of_same(&all);
        }
        let differing = self.rows.of(self.base, direction, team).differing(others.same());
        others.of_same(&differing)
    }

    /// Compares the pairs of some classes of two teams; `None` if too many differ by now.
    fn meet(&mut self, from: &Part, to: &Part) -> Option<()> {
        self.compare(from, to);
        (self.counted <= self.most).then_some(())
    }

    fn compare(&mut self, (from, sources): &Part, (to, destinations): &Part) {
        let kinds = [from.look.kinds, to.look.kinds];
        let are_there = (0..2).any(|side| kinds[0][side].is_some() && kinds[1][side].is_some());
        let are_outside = kinds.iter().all(|kinds| kinds.contains(&Some(ClassKind::External)));
        if !are_there || are_outside {
            return;
        }
        let all = [0, 1].map(|side| from.look.families[side].and(to.look.families[side]));
        if all.iter().all(|families| families.is_empty()) {
            return;
        }
        let all = all.map(ConnId::all);
        let is_moved = from.is_moved || to.is_moved;
        // Without that, a cell differs only where one of the directions does.
        let is_settled = |layers: &[(Both, ClassSet)]| !is_moved && layers.iter().all(|([a, b], _)| a == b);
        let Self { rows, base, .. } = self;
        let (gives, takes);
        if from.is_reselected {
            gives = rows.of(base, Direction::Egress, from).over(destinations);
            if !to.is_reselected && is_settled(&gives) {
                return;
            }
            takes = rows.of(base, Direction::Ingress, to).over(sources);
        } else {
            takes = rows.of(base, Direction::Ingress, to).over(sources);
            if is_settled(&takes) {
                return;
            }
            gives = rows.of(base, Direction::Egress, from).over(destinations);
        }
        let apart = [0, 1].map(|side| {
            [from, to].iter().any(|team| team.selecting(self.models, side).is_some_and(may_come_between))
        });
        for (egress, destinations) in &gives {
            for (ingress, sources) in &takes {
                if !is_moved && egress[0] == egress[1] && ingress[0] == ingress[1] {
                    continue;
                }
                let cell = Cell { egress: *egress, ingress: *ingress, all, apart };
                let by_policy = cell.by_policy(&mut self.base.table);
                self.hide(cell.hides(&self.base.table, by_policy), sources, destinations);
                let is_same = by_policy[0] == by_policy[1];
                if !is_moved && is_same {
                    continue;
                }
                for (situation, count) in self.relations.count((from, sources), (to, destinations)) {
                    let [before, after] = cell.passing(&mut self.base.table, situation);
                    if before == after {
                        // A pod that may be on this node, and which policies shut out, or not for certain.
                        let is_hidden = !is_same && before.certain != before.possible;
                        self.hide([is_hidden; 2], sources, destinations);
                    } else {
                        let alike = Alike { kinds, situation, before, after };
                        self.count(&alike, count);
                        let [from, to] = self.partners(situation, (from, sources), (to, destinations));
                        self.found.entry(alike).or_default().push(Pairs { from, to, count });
                    }
                }
            }
        }
    }
}

impl Compare<'_, '_> {
    /// Takes down the subjects, by direction, of which it says something else that no answer shows.
    fn hide(&mut self, hides: [bool; 2], sources: &ClassSet, destinations: &ClassSet) {
        for ((hidden, hides), subjects) in self.hidden.iter_mut().zip(hides).zip([sources, destinations]) {
            if hides {
                hidden.unite(subjects);
            }
        }
    }

    /// Counts pairs that differ. Addresses outside count once in all, and so they are left out.
    fn count(&mut self, Alike { kinds, before, after, .. }: &Alike, pairs: u64) {
        if self.most == u64::MAX || kinds.iter().flatten().any(|kind| *kind == Some(ClassKind::External)) {
            return;
        }
        let table = &self.base.table;
        let [[old, old_possible], [new, new_possible]] =
            [before, after].map(|bounds| [table.get(bounds.certain), table.get(bounds.possible)]);
        let is_more = |one: &ConnSet, other: &ConnSet| u64::from(!one.minus(other).is_empty());
        let is_unknown = is_more(&new_possible.minus(new), &old_possible.minus(old));
        self.counted += pairs * (is_more(new, old) + is_more(old_possible, new_possible) + is_unknown);
    }

    /// The classes that have pairs in a situation: a single pod is no partner for itself.
    fn partners(
        &mut self,
        situation: Situation,
        (from, sources): (&Team, &ClassSet),
        (to, destinations): (&Team, &ClassSet),
    ) -> [ClassSet; 2] {
        let both = sources.and(destinations);
        if situation.is_identity() {
            return [both.clone(), both];
        }
        let all = [sources.clone(), destinations.clone()];
        if both.is_empty() || sources.len().min(destinations.len()) > 1 {
            return all;
        }
        let counts = self.relations.count((from, &both), (to, &both));
        let is_met = counts.iter().any(|(found, _)| *found == situation);
        match all {
            all if is_met => all,
            [from, to] if destinations.len() == 1 => [from.minus(&both), to],
            [from, to] => [from, to.minus(&both)],
        }
    }
}

impl Situation {
    /// Whether the two ends are one and the same.
    pub(crate) fn is_identity(self) -> bool {
        [self.base, self.head].contains(&Some(Relation::Itself))
    }
}

/// What decides the pairs of two teams, of which all have the same bounds.
struct Cell {
    egress: Both,
    ingress: Both,
    /// What there is in the families of both ends.
    all: [ConnId; 2],
    /// Whether policies that cannot be evaluated may come between a pod and its node.
    apart: [bool; 2],
}

impl Cell {
    /// What passes where policies decide, before and after. If that is the same, then all is, unless something has moved.
    fn by_policy(&self, table: &mut ConnTable) -> [Bounds; 2] {
        let strangers = Some(Relation::Strangers);
        self.passing(table, Situation { base: strangers, head: strangers })
    }

    /// Which of the directions (egress, ingress) says something else of connections that are unknown before and after, as
    /// the other is in doubt too, or it was and still is: what they hang on is another thing then.
    fn hides(&self, table: &ConnTable, passing: [Bounds; 2]) -> [bool; 2] {
        if passing.iter().any(|bounds| bounds.certain == bounds.possible) {
            return [false; 2];
        }
        let set = |id| table.get(id);
        let [before, after] = passing.map(|bounds| set(bounds.possible).minus(set(bounds.certain)));
        let unknown = before.and(&after);
        [self.egress, self.ingress].map(|[before, after]| {
            let (old, new) = (set(before.certain), set(after.certain));
            let differs = |a: &ConnSet, b: &ConnSet| !a.minus(b).and(&unknown).is_empty();
            before != after && (differs(old, new) || differs(new, old))
        })
    }

    /// What passes in a situation, before and after.
    fn passing(&self, table: &mut ConnTable, situation: Situation) -> [Bounds; 2] {
        let side = |table: &mut ConnTable, side: usize, relation: Option<Relation>| {
            let all = Bounds::certain(self.all[side]);
            let mut by_policy = || self.egress[side].and(self.ingress[side], table).and(all, table);
            match relation {
                None => Bounds::NONE,
                Some(Relation::OwnNode) if self.apart[side] => Bounds::maybe(self.all[side]),
                Some(Relation::Itself | Relation::OwnNode) => all,
                Some(Relation::MaybeOwnNode) => {
                    Bounds { certain: by_policy().certain, possible: self.all[side] }
                }
                Some(Relation::Strangers) => by_policy(),
            }
        };
        [side(table, 0, situation.base), side(table, 1, situation.head)]
    }
}
