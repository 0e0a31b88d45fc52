//! All pairs: who reaches whom on what, class by class, expanded when a cell is read.

use np_model::Model;
use np_model::addr::{Families, Family};
use np_model::conn::{ConnId, ConnSet, ConnTable};
use np_model::ir::Direction;
use np_model::model::{ClassKind, PodId};

use crate::endpoint::{Endpoint, External};
use crate::members::{Part, Relation, divide, situations};
use crate::rows::{Bounds, Rows};
use crate::verdict::Outcome;

/// What one row or column of a matrix stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum By {
    /// Workloads and bare pods; a workload whose pods the rules tell apart by its pods.
    Told,
    /// Workloads and bare pods.
    Workload,
    /// Pods; a template stands for those that the input does not show.
    Pod,
    /// Namespaces that have pods.
    Namespace,
}

/// How external addresses take part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Externals {
    /// As one endpoint.
    Whole,
    /// One endpoint for each range that the rules distinguish, of the families that pods have.
    Ranges,
}

/// The endpoints of one axis, sorted by namespace, name and kind.
pub fn axis(model: &Model, by: By) -> Vec<Endpoint> {
    let bare = |id: &PodId| model.pod(*id).workload.is_none();
    let mut endpoints: Vec<Endpoint> = match by {
        By::Namespace => {
            let mut namespaces: Vec<_> = model.pods().iter().map(|pod| pod.namespace).collect();
            namespaces.dedup();
            namespaces.into_iter().map(Endpoint::Namespace).collect()
        }
        By::Pod => model.pod_ids().map(Endpoint::Pod).collect(),
        By::Workload => {
            let pods = model.pod_ids().filter(bare).map(Endpoint::Pod);
            pods.chain(model.workload_ids().map(Endpoint::Workload)).collect()
        }
        By::Told => {
            let pods = model.pod_ids().filter(bare).map(Endpoint::Pod);
            let workloads = model.workload_ids().flat_map(|id| {
                if is_told_apart(model, &model.workload(id).pods) {
                    model.workload(id).pods.iter().map(|pod| Endpoint::Pod(*pod)).collect()
                } else {
                    vec![Endpoint::Workload(id)]
                }
            });
            pods.chain(workloads).collect()
        }
    };
    endpoints.sort_by_cached_key(|endpoint| {
        let name = match endpoint {
            Endpoint::Pod(id) => model.pod(*id).name.clone(),
            Endpoint::Workload(id) => model.workload(*id).name.clone(),
            _ => String::new(),
        };
        (endpoint.namespace(model), name, endpoint.clone())
    });
    endpoints
}

/// Whether the rules tell some of these pods apart.
pub fn is_told_apart(model: &Model, pods: &[PodId]) -> bool {
    pods.windows(2).any(|pair| model.pod(pair[0]).class != model.pod(pair[1]).class)
}

/// The external endpoints of an axis.
pub fn externals(model: &Model, externals: Externals) -> Vec<Endpoint> {
    match externals {
        Externals::Whole => vec![Endpoint::External(External::everything(model))],
        Externals::Ranges => {
            let of_pods = model.pods().iter().fold(Families::NONE, |families, pod| families.or(pod.families));
            let classes = model.classes().iter().filter(|class| class.kind == ClassKind::External);
            let shown = classes.filter(|class| !class.families.and(of_pods).is_empty());
            let mut ranges: Vec<_> = shown.map(|class| &class.addresses).collect();
            ranges.sort();
            ranges
                .into_iter()
                .map(|range| {
                    let addresses = range.minus(model.known_addresses());
                    let (pods_inside, nodes_inside) = (Vec::new(), Vec::new());
                    let name = range.to_string().replace(' ', ",");
                    Endpoint::External(External { name, addresses, pods_inside, nodes_inside })
                })
                .collect()
        }
    }
}

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
}

/// The matrix of a model: rows are computed once, cells when asked for.
#[derive(Debug)]
pub struct Matrix<'m> {
    model: &'m Model,
    rows: Rows,
    table: ConnTable,
    everything: Everything,
}

/// Every connection over each set of families, interned once.
#[derive(Debug)]
struct Everything {
    by_families: [(Families, ConnId); 4],
}

impl Everything {
    fn new(table: &mut ConnTable) -> Self {
        let sets = [Families::NONE, Families::only(Family::V4), Families::only(Family::V6), Families::BOTH];
        Self { by_families: sets.map(|families| (families, table.intern(ConnSet::all(families)))) }
    }

    fn over(&self, families: Families) -> ConnId {
        let found = self.by_families.iter().find(|(of, _)| *of == families);
        found.map_or(ConnId::ALL, |(_, id)| *id)
    }
}

impl<'m> Matrix<'m> {
    /// The matrix of a model. Costs rows × classes at most; see [`Self::cell`] for the rest.
    pub fn new(model: &'m Model) -> Self {
        let mut table = ConnTable::default();
        let rows = Rows::build(model, &mut table);
        let everything = Everything::new(&mut table);
        Self { model, rows, table, everything }
    }

    /// The model it is about.
    pub fn model(&self) -> &'m Model {
        self.model
    }

    /// Prepares an endpoint to stand in rows and columns.
    pub fn party(&self, endpoint: &Endpoint) -> Party {
        Party { parts: divide(self.model, endpoint) }
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
        let mut cell =
            Cell { passes: ConnId::NONE, open: ConnId::NONE, blocked: ConnId::NONE, is_itself: false };
        let (model, rows, table, everything) = (self.model, &self.rows, &mut self.table, &self.everything);
        situations(model, &from.parts, &to.parts, |a, b, relation, families| {
            let all = everything.over(families);
            let [certain, possible] = pass(rows, table, a, b, relation, all);
            // Without a common family, all that can be asked is blocked.
            let asked = if families.is_empty() { ConnId::ALL } else { all };
            let open = table.minus(possible, certain);
            let blocked = table.minus(asked, possible);
            cell.passes = table.or(cell.passes, certain);
            cell.open = table.or(cell.open, open);
            cell.blocked = table.or(cell.blocked, blocked);
            cell.is_itself |= relation == Relation::Itself;
        });
        cell
    }

    /// The id of a set in this matrix's table, to ask about it in many cells.
    pub fn intern(&mut self, connections: ConnSet) -> ConnId {
        self.table.intern(connections)
    }

    /// Which directions deny all of `asked` for some pair of the two sides.
    pub fn denied_by(&mut self, from: &Party, to: &Party, asked: ConnId) -> DeniedBy {
        let mut by = DeniedBy::default();
        let (model, rows, table, everything) = (self.model, &self.rows, &mut self.table, &self.everything);
        situations(model, &from.parts, &to.parts, |a, b, relation, families| {
            if families.is_empty() {
                by = DeniedBy { egress: true, ingress: true };
            } else if relation == Relation::Strangers {
                let asked = table.and(asked, everything.over(families));
                let mut denies_all = |bounds: Bounds| table.and(bounds.possible, asked) == ConnId::NONE;
                by.egress |= denies_all(rows.bounds(Direction::Egress, a.class, b.class));
                by.ingress |= denies_all(rows.bounds(Direction::Ingress, b.class, a.class));
            }
        });
        by
    }

    /// The families that some pair of the two sides has in common.
    pub fn families(&self, from: &Party, to: &Party) -> Families {
        let union = |party: &Party| {
            party.parts.iter().fold(Families::NONE, |set, part| set.or(self.model.class(part.class).families))
        };
        union(from).and(union(to))
    }
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
