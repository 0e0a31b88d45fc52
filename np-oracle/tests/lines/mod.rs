//! Whether the lines of a review are the pairs of a difference, each as it changes: exactly one line for a pair whose
//! ends both models have, and else one for each end that is alone.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use np_model::Model;
use np_model::addr::AddrSet;
use np_model::conn::ConnSet;
use np_model::delta::Deltas;
use np_model::model::PodId;
use np_model::refine::Aligned;
use np_sim::cause::causes;
use np_sim::diff::{Change, Difference, End, Passing};
use np_sim::review;
use np_sim::review::{Between, Line, Unit, What};

/// Two ends, external addresses one by one.
type Pair = (String, String);

/// Checks the review of a difference.
pub(crate) fn check(base: &Model, head: &Model, difference: &Difference) -> Result<(), String> {
    let deltas = Deltas::of(base, head);
    let review = review(&deltas, difference, &causes(&deltas, difference));
    let changes = |line: &Line| match &line.what {
        What::Between(between) => vec![between.change.clone()],
        What::Alone(alone) => alone.talks.iter().map(|talk| talk.change.clone()).collect(),
        What::Isolation(_) => Vec::new(),
    };
    let all: Vec<Change> = review.lines.iter().flat_map(changes).collect();
    let samples = samples(difference.changes.iter().chain(&all));
    let cells = |change: &Change| cells([base, head], change, &samples);
    let mut expected = BTreeMap::new();
    for change in difference.changes.iter().filter(|change| !change.situation.is_divided()) {
        for (pair, is_alone) in cells(change) {
            // Of two ends that are alone, each has its line.
            expected.insert(pair, (change.before.clone(), change.after.clone(), is_alone.max(1)));
        }
    }
    let mut found: BTreeMap<Pair, (Passing, Passing, usize)> = BTreeMap::new();
    for change in &all {
        let pairs = change.pairs(base, head).count() as u64;
        if pairs != change.count || pairs == 0 {
            return Err(format!("{pairs} pairs in {change:?}"));
        }
        for (pair, _) in cells(change) {
            match found.entry(pair.clone()) {
                Entry::Vacant(entry) => {
                    entry.insert((change.before.clone(), change.after.clone(), 1));
                }
                Entry::Occupied(mut entry) => {
                    let (before, after, count) = entry.get_mut();
                    if (&*before, &*after) == (&change.before, &change.after) {
                        *count += 1;
                    } else if all_of(before, after).and(&all_of(&change.before, &change.after)).is_empty() {
                        // Two parts of what changes: what is unknown now, and the rest.
                        add(before, &change.before);
                        add(after, &change.after);
                    } else {
                        return Err(format!("{pair:?} is in two lines: {change:?}"));
                    }
                }
            }
        }
    }
    for line in &review.lines {
        if let What::Between(between) = &line.what {
            named([base, head], between)?;
        }
    }
    if found != expected {
        return Err(format!("{expected:#?}, but the lines have {found:#?}"));
    }
    let told: Vec<_> = review.lines.iter().filter(|line| matches!(line.what, What::Isolation(_))).collect();
    if told.len() != difference.isolation.len() {
        return Err(format!("isolation: {told:?}"));
    }
    // A pod that passes from one workload to another is of two parties, and pairs with it are not the same pairs.
    let parties = |model: &Model| -> BTreeMap<String, String> {
        model.pod_ids().map(|id| (model.pod_name(id), party(model, id))).collect()
    };
    let (of_base, of_head) = (parties(base), parties(head));
    let is_passed_on =
        of_base.iter().any(|(pod, party)| of_head.get(pod).is_some_and(|other| other != party));
    let unchanged = unchanged(base, head, difference);
    if unchanged != review.unchanged && !is_passed_on {
        return Err(format!("{unchanged} pairs are unchanged, not {}", review.unchanged));
    }
    Ok(())
}

/// Whether a line names those that it is about, and nobody else; and says that it is about all of their pairs where it is.
fn named([base, head]: [&Model; 2], between: &Between) -> Result<(), String> {
    let change = &between.change;
    let pairs: Vec<_> = change.pairs(base, head).collect();
    let ends = |units: &[Unit]| -> BTreeSet<String> {
        let of = |unit: &Unit| match unit {
            Unit::External(_) => vec!["external".to_owned()],
            Unit::Node(node) => vec![format!("{node:?}")],
            Unit::Workload { .. } | Unit::Pod(_) => {
                unit.pods().iter().map(|pod| format!("{pod:?} pod")).collect()
            }
        };
        units.iter().flat_map(of).collect()
    };
    let name = |end: &End<'_>| match end {
        End::External(_) => "external".to_owned(),
        End::Node(node) => format!("{node:?}"),
        End::Pod(pod) => format!("{pod:?} pod"),
    };
    let named = (ends(&between.from), ends(&between.to));
    let pairs: BTreeSet<Pair> = pairs.iter().map(|(from, to)| (name(from), name(to))).collect();
    let (sources, destinations): (BTreeSet<_>, BTreeSet<_>) = pairs.iter().cloned().unzip();
    let is_meant = |from: &String, to: &String| from == to || pairs.contains(&(from.clone(), to.clone()));
    let is_identity = pairs.iter().all(|(from, to)| from == to);
    let is_product =
        is_identity || sources.iter().all(|from| destinations.iter().all(|to| is_meant(from, to)));
    if named == (sources, destinations) && is_product == between.is_product {
        Ok(())
    } else {
        Err(format!("{named:?} are named for {pairs:?}, product: {}", between.is_product))
    }
}

/// Everything that a change is about.
fn all_of(before: &Passing, after: &Passing) -> ConnSet {
    before.passes.or(&before.open).or(&after.passes).or(&after.open)
}

fn add(all: &mut Passing, more: &Passing) {
    all.passes = all.passes.or(&more.passes);
    all.open = all.open.or(&more.open);
}

/// One address of each range that some change tells from others.
fn samples<'c>(changes: impl Iterator<Item = &'c Change>) -> Vec<AddrSet> {
    let sets = changes.flat_map(|change| [&change.from.addresses, &change.to.addresses]);
    let mut firsts = BTreeSet::new();
    for set in sets {
        for (first, _) in set.ranges() {
            firsts.insert(first);
        }
    }
    firsts.into_iter().map(|address| AddrSet::addresses([address])).collect()
}

/// The pairs of a change, with how many of their ends are in one model only.
fn cells([base, head]: [&Model; 2], change: &Change, samples: &[AddrSet]) -> Vec<(Pair, usize)> {
    let names = |end: End<'_>| match end {
        End::External(addresses) => {
            let inside = samples.iter().filter(|one| !one.and(addresses).is_empty());
            inside.map(|one| (one.to_string(), false)).collect::<Vec<_>>()
        }
        End::Node(node) => vec![(format!("{node:?}"), !matches!(node, Aligned::Both(..)))],
        End::Pod(pod) => vec![(format!("{pod:?} pod"), !matches!(pod, Aligned::Both(..)))],
    };
    let mut cells = Vec::new();
    for (from, to) in change.pairs(base, head) {
        for (from, is_alone) in names(from) {
            for (to, is_too) in names(to) {
                cells.push(((from.clone(), to), usize::from(is_alone) + usize::from(is_too)));
            }
        }
    }
    cells
}

/// The workload of a pod, or itself.
fn party(model: &Model, id: PodId) -> String {
    let pod = model.pod(id);
    pod.workload.map_or_else(|| model.pod_name(id), |workload| model.workload_name(workload))
}

/// How many pairs of workloads, pods of none and the outside do not change, pair by pair.
fn unchanged(base: &Model, head: &Model, difference: &Difference) -> u64 {
    let mut all: BTreeSet<Pair> = BTreeSet::new();
    for model in [base, head] {
        let outside = || "outside".to_owned();
        for a in model.pod_ids() {
            for b in model.pod_ids() {
                if a != b || model.pod(a).is_several() {
                    all.insert((party(model, a), party(model, b)));
                }
            }
            all.insert((party(model, a), outside()));
            all.insert((outside(), party(model, a)));
        }
    }
    for change in &difference.changes {
        for (from, to) in change.pairs(base, head) {
            let name = |end: End<'_>| match end {
                End::External(_) => Some("outside".to_owned()),
                End::Node(_) => None,
                End::Pod(pod) => {
                    pod.head().map(|id| party(head, id)).or(pod.base().map(|id| party(base, id)))
                }
            };
            if let (Some(from), Some(to)) = (name(from), name(to)) {
                all.remove(&(from, to));
            }
        }
    }
    all.len() as u64
}
