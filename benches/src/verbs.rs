//! What is measured, one function a verb, so that the Criterion benchmarks and the ratios measure
//! the same.

use np_model::addr::Families;
use np_model::conn::{AskedPort, ConnId, ConnSet, Protocol};
use np_model::diag::Invalid;
use np_model::{Assumptions, Input, Model};
use np_sim::axis::{By, axis};
use np_sim::matrix::{Cell, Matrix, Party};
use np_sim::{Endpoint, Reach, exposure, reach};

/// How many of a matrix's cells there are of each verdict, all connections asked.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Summary {
    /// Everything passes.
    pub allowed: usize,
    /// Nothing passes.
    pub denied: usize,
    /// Some of it passes.
    pub partial: usize,
    /// It depends on facts that the input does not show.
    pub unknown: usize,
}

impl Summary {
    /// How many cells there are.
    pub fn cells(&self) -> usize {
        self.allowed + self.denied + self.partial + self.unknown
    }

    fn add(&mut self, cell: Cell) {
        let is_there = |id| id != ConnId::NONE;
        let count = match (is_there(cell.open), is_there(cell.passes), is_there(cell.blocked)) {
            (true, _, _) => &mut self.unknown,
            (false, true, true) => &mut self.partial,
            (false, true, false) => &mut self.allowed,
            (false, false, _) => &mut self.denied,
        };
        *count += 1;
    }
}

/// Reads a text.
pub fn load(bytes: Vec<u8>) -> Input {
    let mut input = Input::default();
    input.text("cluster", bytes);
    input
}

/// Compiles an input.
///
/// # Errors
/// If it has errors.
pub fn compile(input: Input) -> Result<Model, Invalid> {
    np_model::compile(input, &Assumptions::default())
}

/// The matrix with every cell that `np matrix` shows without options: rows first, then pair by pair.
pub fn matrix(model: &Model) -> Summary {
    let mut matrix = Matrix::new(model);
    let parties: Vec<Party> =
        axis(model, By::Distinct).iter().map(|endpoint| matrix.party(endpoint)).collect();
    let mut summary = Summary::default();
    for from in &parties {
        for to in &parties {
            summary.add(matrix.cell(from, to));
        }
    }
    summary
}

/// The exposure of everything that `np exposure` shows without options; how many subjects that is.
pub fn exposed(model: &Model) -> usize {
    exposure(model, &axis(model, By::Distinct)).subjects.len()
}

/// Pairs to ask about, of endpoints all over the cluster.
///
/// # Panics
/// If the model has no pods and no workloads.
pub fn pairs(model: &Model, count: usize) -> Vec<(Endpoint, Endpoint)> {
    let endpoints = axis(model, By::Distinct);
    // Strides that are prime, and so reach every endpoint, in an order that has nothing to do with names.
    let at = |index: usize, stride: usize| endpoints[index * stride % endpoints.len()].clone();
    (0..count).map(|index| (at(index, 7919), at(index + 1, 104_729))).collect()
}

/// One query: one port of one pair, with the decisions of both directions.
pub fn query(model: &Model, (from, to): &(Endpoint, Endpoint), asked: &[AskedPort]) -> Option<Reach> {
    reach(model, from, to, asked).ok()
}

/// What queries ask: the port that most workloads serve.
pub fn asked() -> Vec<AskedPort> {
    vec![AskedPort::Connections(ConnSet::ports(Families::BOTH, Protocol::Tcp, 8080, 8080))]
}
