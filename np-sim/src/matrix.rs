//! All pairs: who reaches whom on what, class by class, expanded when a cell is read.

use np_model::Model;
use np_model::addr::Families;
use np_model::conn::{ConnId, ConnSet, ConnTable};
use np_model::ir::Direction;
use np_model::model::{ClassId, ClassKind};

use crate::alike::Alike;
use crate::blocks::{self, Teams, meet};
use crate::endpoint::Endpoint;
use crate::members::{Part, Relation, divide, situations};
use crate::reach::{may_come_between, union_families};
use crate::rows::{Bounds, Rows};
use crate::verdict::Outcome;

/// One cell: three sets of connections by id of the matrix's table, each the union over the cell's
/// pairs (see [`Outcome`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Cell {
    /// What passes for some pair.
    pub passes: ConnId,
    /// What is open for some pair.
    pub open: ConnId,
    /// What is blocked for some pair.
    pub blocked: ConnId,
    /// Whether the only pair is one pod and itself.
    pub is_itself: bool,
}

/// Which directions deny, for some pair of a cell.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct DeniedBy {
    /// The egress of a source.
    pub egress: bool,
    /// The ingress of a destination.
    pub ingress: bool,
}

/// An endpoint divided by class, ready for many cells.
#[derive(Debug, Clone)]
pub struct Party {
    parts: Vec<Part>,
    /// If there are several, and all of them of ordinary pods.
    teams: Option<Box<Teams>>,
}

/// The matrix of a model: rows are computed once, cells when asked for.
#[derive(Debug)]
pub struct Matrix<'m> {
    model: &'m Model,
    rows: Rows,
    table: ConnTable,
    alike: Alike,
}

impl<'m> Matrix<'m> {
    /// The matrix of a model. Costs rows × classes at most; see [`Self::cell`] for the rest.
    pub fn new(model: &'m Model) -> Self {
        let mut table = ConnTable::default();
        let rows = Rows::build(model, &mut table);
        Self { model, rows, table, alike: Alike::default() }
    }

    /// The model it is about.
    pub fn model(&self) -> &'m Model {
        self.model
    }

    /// Prepares an endpoint to stand in rows and columns.
    pub fn party(&self, endpoint: &Endpoint) -> Party {
        self.party_of(divide(self.model, endpoint))
    }

    /// The same of parts already divided.
    pub(crate) fn party_of(&self, parts: Vec<Part>) -> Party {
        let teams =
            if parts.len() < 2 { None } else { Teams::of(self.model, &self.rows, &parts).map(Box::new) };
        Party { parts, teams }
    }

    /// What cells are computed from.
    pub(crate) fn parts(&mut self) -> (&Rows, &mut ConnTable) {
        (&self.rows, &mut self.table)
    }

    /// The connections behind an id.
    pub fn connections(&self, id: ConnId) -> &ConnSet {
        self.table.get(id)
    }

    /// The three sets of a cell, by value.
    pub fn outcome(&self, cell: Cell) -> Outcome {
        let set = |id| self.connections(id).clone();
        Outcome { passes: set(cell.passes), open: set(cell.open), blocked: set(cell.blocked) }
    }

    /// The cell of two endpoints; time grows with the classes on each side.
    pub fn cell(&mut self, from: &Party, to: &Party) -> Cell {
        self.ask(from, to, ConnId::ALL)
    }

    /// The cell of two endpoints, cut to what is `asked`. A pair that has no family of it in common
    /// blocks all of it.
    pub fn ask(&mut self, from: &Party, to: &Party, asked: ConnId) -> Cell {
        let mut cell =
            Cell { passes: ConnId::NONE, open: ConnId::NONE, blocked: ConnId::NONE, is_itself: false };
        let (model, rows, table) = (self.model, &self.rows, &mut self.table);
        if let (Some(from), Some(to)) = (&from.teams, &to.teams) {
            meet(rows, from, to, |met| {
                let all = table.and(asked, ConnId::all(met.families));
                let [passes, open, blocked] = blocks::divide(table, met, all);
                cell.passes = table.or(cell.passes, passes);
                cell.open = table.or(cell.open, open);
                // Two without a common family block all of it.
                cell.blocked = table.or(cell.blocked, if all == ConnId::NONE { asked } else { blocked });
            });
            return cell;
        }
        if let Some(cell) = pair(model, rows, from, to, asked) {
            return cell;
        }
        let of_asked = table.get(asked).families();
        situations(model, &from.parts, &to.parts, of_asked, |a, b, relation, families| {
            let all = table.and(asked, ConnId::all(families));
            let [certain, possible] = match relation {
                Relation::OwnNode if are_apart(model, a, b) => [ConnId::NONE, all],
                _ => pass(rows, table, a, b, relation, all),
            };
            let open = table.minus(possible, certain);
            let blocked = table.minus(if families.is_empty() { asked } else { all }, possible);
            cell.passes = table.or(cell.passes, certain);
            cell.open = table.or(cell.open, open);
            cell.blocked = table.or(cell.blocked, blocked);
            cell.is_itself |= relation == Relation::Itself;
        });
        cell
    }

    /// Numbers the pairs of a class of ordinary pods with every class, into `numbers` by class: different
    /// ordinary pods whose classes have the same number have the same cell, whatever is asked, and the same
    /// that denies it. A few steps for each class and each row.
    pub fn alike(&mut self, from: ClassId, numbers: &mut Vec<u32>) {
        self.alike.fill(self.model, &self.rows, from, numbers);
    }

    /// The id of a set in this matrix's table, to ask about it in many cells.
    pub fn intern(&mut self, connections: ConnSet) -> ConnId {
        self.table.intern(connections)
    }

    /// Which directions deny all of `asked` for some pair of the two sides.
    pub fn denied_by(&mut self, from: &Party, to: &Party, asked: ConnId) -> DeniedBy {
        let mut by = DeniedBy::default();
        let (model, rows, table) = (self.model, &self.rows, &mut self.table);
        if let (Some(from), Some(to)) = (&from.teams, &to.teams) {
            meet(rows, from, to, |met| {
                let asked = table.and(asked, ConnId::all(met.families));
                let mut denies_all = |bounds: Bounds| table.and(bounds.possible, asked) == ConnId::NONE;
                by.egress |= denies_all(met.egress);
                by.ingress |= denies_all(met.ingress);
            });
            return by;
        }
        let of_asked = table.get(asked).families();
        situations(model, &from.parts, &to.parts, of_asked, |a, b, relation, families| {
            if families.is_empty() {
                by = DeniedBy { egress: true, ingress: true };
            } else if relation == Relation::Strangers {
                let asked = table.and(asked, ConnId::all(families));
                let mut denies_all = |bounds: Bounds| table.and(bounds.possible, asked) == ConnId::NONE;
                by.egress |= denies_all(rows.bounds(Direction::Egress, a.class, b.class));
                by.ingress |= denies_all(rows.bounds(Direction::Ingress, b.class, a.class));
            }
        });
        by
    }

    /// The families that some pair of the two sides has in common.
    pub fn families(&self, from: &Party, to: &Party) -> Families {
        let union = |party: &Party| union_families(self.model, &party.parts);
        union(from).and(union(to))
    }
}

/// The cell of two different ordinary pods of which one side lets nothing pass: most cells are.
fn pair(model: &Model, rows: &Rows, from: &Party, to: &Party, asked: ConnId) -> Option<Cell> {
    let ([a], [b]) = (from.parts.as_slice(), to.parts.as_slice()) else { return None };
    let [of_a, of_b] = [a, b].map(|part| model.class(part.class));
    let are_pods = of_a.kind == ClassKind::Pods && of_b.kind == ClassKind::Pods;
    let are_plain = are_pods && of_a.families == of_b.families && asked == ConnId::ALL && a.pods != b.pods;
    let is_denied = are_plain
        && (rows.bounds(Direction::Egress, a.class, b.class) == Bounds::NONE
            || rows.bounds(Direction::Ingress, b.class, a.class) == Bounds::NONE);
    let blocked = ConnId::all(of_a.families);
    is_denied.then_some(Cell { passes: ConnId::NONE, open: ConnId::NONE, blocked, is_itself: false })
}

/// Whether a policy that cannot be evaluated may come between a pod and its own node.
fn are_apart(model: &Model, a: &Part, b: &Part) -> bool {
    may_come_between(model.selecting(a.class, Direction::Egress))
        || may_come_between(model.selecting(b.class, Direction::Ingress))
}

/// What certainly and possibly passes in one situation, of `all` that the two have in common.
fn pass(
    rows: &Rows,
    table: &mut ConnTable,
    a: &Part,
    b: &Part,
    relation: Relation,
    all: ConnId,
) -> [ConnId; 2] {
    if matches!(relation, Relation::Itself | Relation::OwnNode) {
        return [all; 2];
    }
    let egress = rows.bounds(Direction::Egress, a.class, b.class);
    let ingress = rows.bounds(Direction::Ingress, b.class, a.class);
    let mut both = |x, y| {
        let met = table.and(x, y);
        table.and(met, all)
    };
    let certain = both(egress.certain, ingress.certain);
    match relation {
        Relation::MaybeOwnNode => [certain, all],
        _ if egress.certain == egress.possible && ingress.certain == ingress.possible => [certain, certain],
        _ => [certain, both(egress.possible, ingress.possible)],
    }
}
