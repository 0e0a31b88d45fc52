//! The cells of a matrix, as every format asks for them: by row and column, each different content
//! put into words once.

use np_model::addr::Families;
use np_model::conn::{ConnId, ConnSet};
use np_sim::matrix::{Cell, DeniedBy, Party};
use np_sim::{Endpoint, Matrix, Outcome, Verdict};
use rustc_hash::FxHashMap;

use super::clean::clean;

/// One row or column.
#[derive(Debug)]
pub(crate) struct Line {
    /// The full name, cleaned.
    pub(crate) name: String,
    /// The shortest name that a query takes, cleaned.
    pub(crate) short: String,
    party: Party,
    families: Families,
    is_external: bool,
    /// Whether its pairs are shown whatever the other side is.
    is_wanted: bool,
    kind: Kind,
}

/// What a line is, to find cells that are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Kind {
    /// Lines with the same number are of the same classes of pods; `None` if placement on nodes may
    /// matter too.
    signature: Option<u32>,
    /// Lines with different numbers have no pod in common.
    members: u32,
}

/// What to show in cells and which to show.
#[derive(Debug)]
pub(crate) struct Grid<'m> {
    matrix: Matrix<'m>,
    /// The sources.
    pub(crate) rows: Vec<Line>,
    /// The destinations.
    pub(crate) columns: Vec<Line>,
    asked: Option<ConnSet>,
    known: FxHashMap<(Cell, Families, Option<By>), ContentId>,
    contents: Vec<Content>,
    /// Contents by the signatures of both sides.
    alike: FxHashMap<(u32, u32), ContentId>,
}

/// Which directions deny, as a key.
type By = (bool, bool);

/// Names what a cell holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ContentId(u32);

impl ContentId {
    /// Contents are numbered from 0 as they are met.
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// What a cell holds, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Content {
    /// What passes for every pair.
    pub(crate) every: String,
    /// What passes for some pairs.
    pub(crate) some: String,
    /// What is unknown for some pair.
    pub(crate) unknown: String,
    /// If a port was asked about: what becomes of it.
    pub(crate) verdict: Option<Verdict>,
    /// If it is denied: by which directions.
    pub(crate) denied_by: Option<DeniedBy>,
    /// Whether the only pair is one pod and itself.
    pub(crate) is_itself: bool,
}

impl Content {
    /// Whether nothing passes and nothing is unknown.
    pub(crate) fn is_nothing(&self) -> bool {
        [&self.every, &self.some, &self.unknown].into_iter().all(|set| set == "-")
    }
}

/// An endpoint that takes part.
#[derive(Debug, Clone)]
pub(crate) struct Taking {
    pub(crate) endpoint: Endpoint,
    /// The shortest name.
    pub(crate) short: String,
    /// Whether its pairs are shown whatever the other side is.
    pub(crate) is_wanted: bool,
}

impl<'m> Grid<'m> {
    /// A grid of sources and destinations; `asked` are the connections to ask about.
    pub(crate) fn new(matrix: Matrix<'m>, from: &[Taking], to: &[Taking], asked: Option<ConnSet>) -> Self {
        let mut kinds = Kinds::default();
        let mut lines = |ends: &[Taking]| ends.iter().map(|end| line(&matrix, &mut kinds, end)).collect::<Vec<_>>();
        let (rows, columns) = (lines(from), lines(to));
        Self {
            matrix,
            rows,
            columns,
            asked,
            known: FxHashMap::default(),
            contents: Vec::new(),
            alike: FxHashMap::default(),
        }
    }

    /// What the cell of a row and a column holds; nothing if it is not to be shown.
    pub(crate) fn cell(&mut self, row: usize, column: usize) -> Option<ContentId> {
        let (from, to) = (&self.rows[row], &self.columns[column]);
        if from.is_external && to.is_external || !(from.is_wanted || to.is_wanted) {
            return None;
        }
        let alike = match (from.kind.signature, to.kind.signature) {
            (Some(a), Some(b)) if from.kind.members != to.kind.members => Some((a, b)),
            _ => None,
        };
        if let Some(id) = alike.and_then(|key| self.alike.get(&key)) {
            return Some(*id);
        }
        let cell = self.matrix.cell(&from.party, &to.party);
        let families = from.families.and(to.families);
        let denied_by = self.asked.as_ref().and_then(|asked| {
            let is_possible = |id: ConnId| !self.matrix.connections(id).and(asked).is_empty();
            let is_denied = !cell.is_itself && !is_possible(cell.passes) && !is_possible(cell.open);
            is_denied.then(|| self.matrix.denied_by(&from.party, &to.party, asked))
        });
        let key = (cell, families, denied_by.map(|by| (by.egress, by.ingress)));
        let id = match self.known.get(&key) {
            Some(id) => *id,
            None => {
                let content = self.put(cell, families, denied_by);
                let id = ContentId(u32::try_from(self.contents.len()).ok()?);
                self.contents.push(content);
                self.known.insert(key, id);
                id
            }
        };
        if let Some(key) = alike {
            self.alike.insert(key, id);
        }
        Some(id)
    }

    /// The content that an id names.
    pub(crate) fn content(&self, id: ContentId) -> &Content {
        &self.contents[id.index()]
    }

    /// The connections asked about, if not everything.
    pub(crate) fn port(&self) -> Option<String> {
        self.asked.as_ref().map(|asked| asked.text(Families::BOTH))
    }

    fn put(&self, cell: Cell, families: Families, denied_by: Option<DeniedBy>) -> Content {
        let mut outcome = self.matrix.outcome(cell);
        if let Some(asked) = &self.asked {
            let Outcome { passes, open, blocked } = outcome;
            outcome = Outcome { passes: passes.and(asked), open: open.and(asked), blocked: blocked.and(asked) };
        }
        let text = |set: &ConnSet| set.text(families);
        Content {
            every: text(&outcome.every()),
            some: text(&outcome.some()),
            unknown: text(&outcome.open),
            verdict: self.asked.as_ref().map(|_| outcome.verdict()),
            denied_by,
            is_itself: cell.is_itself,
        }
    }
}

/// Numbers for [`Kind`].
#[derive(Default)]
struct Kinds {
    signatures: FxHashMap<Vec<np_model::model::ClassId>, u32>,
    members: FxHashMap<Endpoint, u32>,
}

fn line(matrix: &Matrix<'_>, kinds: &mut Kinds, end: &Taking) -> Line {
    let model = matrix.model();
    let party = matrix.party(&end.endpoint);
    let families = matrix.families(&party, &party);
    let pods = end.endpoint.pods(model);
    let is_plain = !pods.is_empty() && pods.iter().all(|pod| !model.pod(*pod).host_network);
    let is_one = matches!(end.endpoint, Endpoint::Pod(_) | Endpoint::Workload(_));
    let signature = (is_plain && is_one).then(|| {
        let mut classes: Vec<_> = pods.iter().map(|pod| model.pod(*pod).class).collect();
        classes.sort_unstable();
        classes.dedup();
        let next = kinds.signatures.len();
        *kinds.signatures.entry(classes).or_insert_with(|| u32::try_from(next).unwrap_or(u32::MAX))
    });
    // A pod and its workload share pods.
    let group = match &end.endpoint {
        Endpoint::Pod(id) => model.pod(*id).workload.map_or_else(|| end.endpoint.clone(), Endpoint::Workload),
        other => other.clone(),
    };
    let next = kinds.members.len();
    let members = *kinds.members.entry(group).or_insert_with(|| u32::try_from(next).unwrap_or(u32::MAX));
    Line {
        name: clean(&end.endpoint.name(model)).into_owned(),
        short: clean(&end.short).into_owned(),
        party,
        families,
        is_external: matches!(end.endpoint, Endpoint::External(_)),
        is_wanted: end.is_wanted,
        kind: Kind { signature, members },
    }
}
