//! What is measured, one function a verb, so that the Criterion benchmarks and the ratios measure
//! the same.

use np_model::addr::Families;
use np_model::conn::{AskedPort, ConnId, ConnSet, Protocol};
use np_model::delta::Deltas;
use np_model::diag::Invalid;
use np_model::model::PodId;
use np_model::{Assumptions, Input, Model};
use np_sim::axis::{By, axis};
use np_sim::fix::{Aim, fixes};
use np_sim::matrix::{Cell, Matrix, Party};
use np_sim::{Asker, Endpoint, Explanation, Reach, Summary, Verdict, explain, exposure, reach};

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

/// How many pairs of pods there are of each verdict, as `np matrix --summary` counts them.
pub fn summary(model: &Model) -> Summary {
    np_sim::summary(model, &ConnSet::all(Families::BOTH))
}

/// The matrix with every cell that `np matrix` shows without options: rows first, then pair by pair.
/// Gives how many cells there are of each verdict; they are as many as the square of its rows.
pub fn matrix(model: &Model) -> Summary {
    let mut matrix = Matrix::new(model);
    let parties: Vec<Party> =
        axis(model, By::Distinct).iter().map(|endpoint| matrix.party(endpoint)).collect();
    let mut summary = Summary::default();
    for from in &parties {
        for to in &parties {
            summary.add(verdict(matrix.cell(from, to)), 1);
        }
    }
    summary
}

/// What a cell says, all connections asked.
fn verdict(cell: Cell) -> Verdict {
    let is_there = |id| id != ConnId::NONE;
    match (is_there(cell.open), is_there(cell.passes), is_there(cell.blocked)) {
        (true, _, _) => Verdict::Unknown,
        (false, true, true) => Verdict::Partial,
        (false, true, false) => Verdict::Allowed,
        (false, false, _) => Verdict::Denied,
    }
}

/// How many rows the matrix of a model has, and columns.
pub fn rows(model: &Model) -> usize {
    axis(model, By::Distinct).len()
}

/// The exposure of everything that `np exposure` shows without options; how many subjects that is.
pub fn exposed(model: &Model) -> usize {
    exposure(model, &axis(model, By::Distinct)).subjects.len()
}

/// What two models answer differently; how many groups of pairs that are.
pub fn differences(base: &Model, head: &Model) -> usize {
    np_sim::diff(base, head).changes.len()
}

/// What brings the differences of two models about; how many parts they are divided into by cause.
pub fn causes(base: &Model, head: &Model) -> usize {
    np_sim::cause::causes(&Deltas::of(base, head), &np_sim::diff(base, head)).len()
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

/// The fixes of one pair that is denied: how many there are.
pub fn fix(model: &Model, (from, to): &(Endpoint, Endpoint), asked: &[AskedPort]) -> usize {
    fixes(model, from, to, asked, Aim::Open).map_or(0, |fixes| fixes.len())
}

/// A query with all the evidence, near misses included.
pub fn explained(
    model: &Model,
    (from, to): &(Endpoint, Endpoint),
    asked: &[AskedPort],
) -> Option<Explanation> {
    explain(model, from, to, asked).ok()
}

/// What queries ask: the port that most workloads serve.
pub fn asked() -> Vec<AskedPort> {
    vec![AskedPort::Connections(ConnSet::ports(Families::BOTH, Protocol::Tcp, 8080, 8080))]
}

/// Pairs of pods to ask about, from all over the cluster.
///
/// # Panics
/// If the model has no pods.
pub fn pod_pairs(model: &Model, count: usize) -> Vec<(PodId, PodId)> {
    let pods: Vec<PodId> = model.pod_ids().collect();
    let at = |index: usize, stride: usize| pods[index * stride % pods.len()];
    (0..count).map(|index| (at(index, 7919), at(index + 1, 104_729))).collect()
}

/// One question about pods by id: the same port, the verdict alone.
pub fn ask(asker: &Asker, (from, to): (PodId, PodId)) -> Verdict {
    asker.ask(from, to, Protocol::Tcp, 8080)
}
