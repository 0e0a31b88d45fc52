//! From a text to every answer: what compiles has a matrix, and `reach` says the same of each cell.
//! Each input is read as a text, and taken as the choices that make a sound cluster.

use np_model::addr::Families;
use np_model::conn::{AskedPort, ConnSet};
use np_model::diag::Severity;
use np_model::{Assumptions, Model, compile};
use np_sim::matrix::Matrix;
use np_sim::reach::ReachError;
use np_sim::{By, Endpoint, Externals, axis, externals, reach};

use super::cluster::cluster;
use super::{holds_together, load};

/// How many rows and columns are asked about.
const LONGEST: usize = 10;

/// Reads, compiles and answers everything about a text.
///
/// # Panics
/// If np breaks a promise.
pub fn matrix(bytes: &[u8]) {
    answers(bytes);
    let made = cluster(bytes).to_string();
    assert!(answers(made.as_bytes()), "a sound cluster is refused: {made}");
}

/// Whether a text compiles; everything is asked about what does.
fn answers(bytes: &[u8]) -> bool {
    let input = load(bytes);
    let has_errors = input.has_errors();
    match compile(input, &Assumptions::default()) {
        Ok(model) => {
            assert!(!has_errors, "compiled in spite of an error");
            let mut matrix = Matrix::new(&model);
            for by in [By::Pod, By::Workload, By::Namespace] {
                let mut ends = axis(&model, by);
                ends.truncate(LONGEST);
                ends.extend(externals(&model, Externals::Whole));
                ends.extend(externals(&model, Externals::Ranges).into_iter().take(3));
                ends.extend(model.node_ids().take(2).map(Endpoint::Node));
                agrees(&model, &mut matrix, &ends);
            }
            true
        }
        Err(invalid) => {
            let is_error = |severity: Severity| severity == Severity::Error;
            assert!(invalid.diagnostics.iter().any(|one| is_error(one.severity)), "refused without a reason");
            assert!(!invalid.to_string().is_empty(), "refused without a word");
            false
        }
    }
}

/// `reach` and the matrix agree on every pair.
pub(super) fn agrees(model: &Model, matrix: &mut Matrix<'_>, ends: &[Endpoint]) {
    let everything = [AskedPort::Connections(ConnSet::all(Families::BOTH))];
    let parties: Vec<_> = ends.iter().map(|end| matrix.party(end)).collect();
    for (from, a) in ends.iter().zip(&parties) {
        for (to, b) in ends.iter().zip(&parties) {
            let answer = match reach(model, from, to, &everything) {
                Ok(answer) => answer,
                Err(ReachError::BothExternal | ReachError::NoMembers(_)) => continue,
                Err(error) => panic!("no answer about everything: {error}"),
            };
            holds_together(&answer);
            let cell = matrix.cell(a, b);
            let outcome = matrix.outcome(cell);
            let names = || format!("{} to {}", from.name(model), to.name(model));
            assert_eq!(outcome.passes, answer.outcome.passes, "passes, {}", names());
            assert_eq!(outcome.open, answer.outcome.open, "open, {}", names());
            // Without a common family, `reach` says that all of what was asked is blocked.
            if answer.pairs.iter().all(|pair| !pair.families.is_empty()) {
                assert_eq!(outcome.blocked, answer.outcome.blocked, "blocked, {}", names());
            }
        }
    }
}
