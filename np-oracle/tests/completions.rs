//! Bounds hold what they promise: whatever the unknown facts of a cluster turn out to be, what was certain
//! passes, and what passes was possible.
//!
//! `NP_CASES` and `NP_SEED` as in the test `random`.

#[allow(dead_code, reason = "each test uses its part of what they share")]
mod common;
mod contents;

use common::random::{on_clusters, pairs_with, points, show};
use contents::Contents;
use np_oracle::{Bound, Cluster, Verdict, complete, completed, generate};
use proptest::collection;
use proptest::prelude::any;
use std::cell::Cell;

/// Completions drawn for each cluster.
const COMPLETIONS: u64 = 4;

/// How many points were looked at, and how they stood.
#[derive(Default)]
struct Counts {
    completions: Cell<u64>,
    points: Cell<u64>,
    open: Cell<u64>,
    open_that_passed: Cell<u64>,
}

fn count(cell: &Cell<u64>, more: bool) {
    cell.set(cell.get() + u64::from(more));
}

#[test]
fn completions_lie_between_the_bounds() {
    let counts = Counts::default();
    // What the policies that join the others say, other ones for each completion.
    let specs = collection::vec(generate::spec(), 1..=4);
    let result = on_clusters((any::<u64>(), specs), |cluster, (seed, specs)| {
        for number in 0..COMPLETIONS {
            let seed = seed.wrapping_add(number);
            let mut specs = specs.clone();
            let turn = usize::try_from(number).unwrap_or_default() % specs.len();
            specs.rotate_left(turn);
            let full = complete(&cluster.with_contents(&specs), seed).ok_or("no address is left to draw")?;
            count(&counts.completions, true);
            check(cluster, full.clone(), seed, &counts)
                .map_err(|error| format!("{error}\ncompleted:\n{}", show(&full)))?;
        }
        Ok(())
    });
    let Counts { completions, points, open, open_that_passed } = counts;
    match result {
        Ok(parameters) => println!(
            "{parameters}: {} completions, {} points, {} of them open, of which {} passed",
            completions.get(),
            points.get(),
            open.get(),
            open_that_passed.get()
        ),
        Err(failure) => panic!("{failure}"),
    }
    assert!(open_that_passed.get() > 0 && open_that_passed.get() < open.get(), "open points go one way only");
}

fn check(cluster: &Cluster, mut full: Cluster, seed: u64, counts: &Counts) -> Result<(), String> {
    let points = points(&full);
    let unevaluated = std::mem::take(&mut full.unevaluated);
    // An address that is external now was so before: the completion only gave addresses away.
    for (number, (from, to)) in (0_u64..).zip(pairs_with(cluster, full.external_addresses())) {
        let contents =
            Contents::draw(&unevaluated, &full, (&completed(&from), &completed(&to)), (seed, number));
        let between = cluster.between(&from, &to).ok_or("no such ends")?;
        let full = full.between(&completed(&from), &completed(&to)).ok_or("no such ends when completed")?;
        for &point in &points {
            let (bounds, actual) = match (between.at(point), full.at(point)) {
                (None, None) => continue,
                (Some(bounds), Some(actual)) => (bounds, contents.apply(actual, point)),
                (bounds, actual) => {
                    return Err(format!("{from:?} to {to:?} {point:?}: {bounds:?}, then {actual:?}"));
                }
            };
            if actual.verdict() == Verdict::Unknown {
                return Err(format!("{from:?} to {to:?} {point:?}: still unknown"));
            }
            let sides = [
                (bounds.egress, actual.egress),
                (bounds.ingress, actual.ingress),
                (bounds.pair(), actual.pair()),
            ];
            if !sides.into_iter().all(|(bound, actual)| holds(bound, actual)) {
                return Err(format!("{from:?} to {to:?} {point:?}: {bounds:?}, but {actual:?}"));
            }
            let open = bounds.verdict() == Verdict::Unknown;
            count(&counts.points, true);
            count(&counts.open, open);
            count(&counts.open_that_passed, open && actual.verdict() == Verdict::Allowed);
        }
    }
    Ok(())
}

/// Whether a known answer lies between two bounds.
fn holds(bound: Bound, actual: Bound) -> bool {
    let passes = actual.certain;
    actual.certain == actual.possible && (passes || !bound.certain) && (!passes || bound.possible)
}
