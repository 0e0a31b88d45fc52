//! Causes: which changes of the input bring a change of connectivity about, found by making them.

use np_model::delta::{DeltaId, Deltas};

use crate::diff::{Change, Difference};

/// A change with what brings it about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caused {
    /// Pairs that change alike, for the same cause.
    pub change: Change,
    /// The smallest set of changes of the input that does it: made to the base, they give these pairs what the head
    /// gives them, and no part of them does. Ascending.
    pub cause: Vec<DeltaId>,
}

/// The changes of a difference, divided by cause; together they are the same pairs.
pub fn causes(deltas: &Deltas<'_>, difference: &Difference) -> Vec<Caused> {
    let whole: Vec<DeltaId> = deltas.ids().collect();
    difference.changes.iter().map(|change| Caused { change: change.clone(), cause: whole.clone() }).collect()
}
