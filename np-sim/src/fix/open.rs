//! What may open a connection: for each direction that blocks it the slips and the new rules, and both together.

use np_model::ir::{Direction, PolicyId};

use super::fresh::{self, ends};
use super::prove::Question;
use super::slips;
use super::{Candidate, Step};
use crate::explain::Explanation;

/// How many near misses of a direction are tried.
const SLIPS: usize = 5;

/// How many ways of one direction are combined with those of the other.
const COMBINED: usize = 4;

/// Steps to be tried, with whether they correct slips, best first.
pub(super) fn candidates(question: &Question<'_>, explanation: &Explanation) -> Vec<Candidate> {
    let sides: Vec<Vec<Candidate>> =
        Direction::BOTH.into_iter().map(|direction| side(question, explanation, direction)).collect();
    match sides.as_slice() {
        [egress, ingress] if !egress.is_empty() && !ingress.is_empty() => {
            let mut both: Vec<Candidate> = Vec::new();
            for (first, first_is) in egress.iter().take(COMBINED) {
                for (second, second_is) in ingress.iter().take(COMBINED) {
                    both.push(([first.as_slice(), second].concat(), *first_is && *second_is));
                }
            }
            // Where one direction's slip opens the other too, it suffices.
            let alone = egress.iter().chain(ingress).filter(|(_, is_slip)| *is_slip).take(2).cloned();
            let mut all: Vec<Candidate> = alone.collect();
            both.sort_by_key(|(_, is_slip)| !is_slip);
            all.append(&mut both);
            all
        }
        sides => sides.iter().flatten().cloned().collect(),
    }
}

/// What may open one direction; nothing if it is open, or if no policy closes it.
fn side(question: &Question<'_>, explanation: &Explanation, direction: Direction) -> Vec<Candidate> {
    let model = question.model;
    let (_, other) = ends(question.from, question.to, direction);
    let mut isolating: Vec<PolicyId> = Vec::new();
    let (mut likely, mut others): (Vec<Vec<Step>>, Vec<Vec<Step>>) = Default::default();
    for (pair, evidence) in explanation.reach.pairs.iter().zip(&explanation.pairs) {
        let outcome = match direction {
            Direction::Egress => &pair.egress.outcome,
            Direction::Ingress => &pair.ingress.outcome,
        };
        if outcome.blocked.is_empty() && outcome.open.is_empty() {
            continue;
        }
        let evidence = evidence.of(direction);
        isolating.extend(&evidence.selecting.certain);
        for miss in evidence.misses.iter().take(SLIPS) {
            let Some(steps) = slips::close(question, miss, other) else { continue };
            let list = if miss.is_likely() { &mut likely } else { &mut others };
            if !list.contains(&steps) {
                list.push(steps);
            }
        }
    }
    isolating.sort_unstable();
    isolating.dedup();
    if isolating.is_empty() {
        return Vec::new();
    }
    // A policy of another namespace is written anew there only if its name is free.
    let is_free = |step: &Step| match step {
        Step::New(policy) => model.find_policy(&policy.namespace, &policy.name).is_none(),
        Step::Change(..) => true,
    };
    let slips = likely.into_iter().filter(|steps| steps.iter().all(is_free)).map(|steps| (steps, true));
    let fresh = fresh::candidates(question, &isolating, direction);
    let mut fresh: Vec<Candidate> = fresh.into_iter().map(|steps| (steps, false)).collect();
    // A new policy opens the least: it comes before rules of policies that select others too.
    if let Some(policy) = fresh.pop() {
        fresh.insert(0, policy);
    }
    let others =
        others.into_iter().filter(|steps| steps.iter().all(is_free)).take(2).map(|steps| (steps, false));
    slips.chain(fresh).chain(others).collect()
}
