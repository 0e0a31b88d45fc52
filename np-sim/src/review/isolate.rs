//! Lines about isolation that is gained or lost, whether or not anything else passes for it.

use np_model::delta::Deltas;

use super::unit::Units;
use super::{Isolated, Line, What, decide, risk};
use crate::diff::Difference;

/// The lines, in no order.
pub(super) fn lines(deltas: &Deltas<'_>, units: &Units<'_>, difference: &Difference) -> Vec<Line> {
    let line = |change: &crate::diff::IsolationChange| {
        let isolated = Isolated {
            direction: change.direction,
            units: units.group(&change.pods),
            before: change.before,
            after: change.after,
        };
        let (cause, deciders) = decide::isolation(deltas, &isolated);
        let risks = risk::isolation(&isolated);
        Line { what: What::Isolation(isolated), cause, is_smallest: false, deciders, risks }
    };
    difference.isolation.iter().map(line).collect()
}
