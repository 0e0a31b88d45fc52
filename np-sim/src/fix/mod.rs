//! Fixes: the smallest changes of policies that open a connection, or close one, each with its proof.
//!
//! ```text
//!   explain: near misses ─▶ slips   an edit that closes the gaps of a rule that was probably meant to allow
//!            who isolates ─▶ fresh   one more rule or peer, or a new policy
//!            who allows   ─▶ deny    what has to go from every rule that allows
//!                              ▼
//!                           prove    Model::apply, ask again, and compare the two models (diff)
//!                              ▼
//!                           patch    the edits of the texts, read again (np_model::edit)
//! ```
//!
//! Nothing is given that was not tried: of a [`Fix`], the asked connection is allowed (or denied) for certain once it
//! is made, and its effects are all that it does besides.

mod deny;
mod fresh;
mod labels;
mod open;
mod patch;
mod prove;
mod slips;

use np_model::Model;
use np_model::conn::{AskedPort, ConnSet};
use np_model::edit::{Change, NoEdit, SelectorAt};
use np_model::ir::{Policy, PolicyId};

pub use patch::Patch;

use crate::diff::Difference;
use crate::endpoint::Endpoint;
use crate::explain::{explain, selects_nobody};
use crate::reach::ReachError;
use crate::verdict::Verdict;
use prove::Question;

/// What a fix is to do with what is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Aim {
    /// All of it passes.
    Open,
    /// None of it passes.
    Deny,
}

/// One step of a fix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A policy of the model changes.
    Change(PolicyId, Change),
    /// A new policy.
    New(Box<Policy>),
}

/// A change of policies that does what was asked for, and what it does besides.
#[derive(Debug, Clone)]
pub struct Fix {
    /// What changes, in order.
    pub steps: Vec<Step>,
    /// Whether it only corrects what look like slips of rules that were meant to allow this.
    pub is_slip: bool,
    /// Everything that it changes besides what was asked for.
    pub effects: Difference,
    /// Whether that is all: nothing that is unknown with it and without it may hang on it.
    pub is_judged: bool,
    /// The same as edits of the texts; the reason where that cannot be.
    pub patches: Result<Vec<Patch>, NoEdit>,
}

/// For how many pairs a fix does something besides.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Something passes that did not.
    pub opened: u64,
    /// Something is blocked that was not.
    pub closed: u64,
    /// Something has become unknown.
    pub unknown: u64,
}

impl Fix {
    /// What it does besides, counted; a pair may be in more than one count.
    pub fn counts(&self) -> Counts {
        Counts::of(&self.effects)
    }

    /// Whether it is surely meant: see [`fixes`].
    pub fn is_confident(&self) -> bool {
        is_first(self)
    }
}

impl Counts {
    fn of(effects: &Difference) -> Self {
        let mut counts = Self::default();
        for change in &effects.changes {
            let count = |set: &ConnSet| if set.is_empty() { 0 } else { change.count };
            counts.opened += count(&change.opened());
            counts.closed += count(&change.closed());
            counts.unknown += count(&change.unknown());
        }
        counts
    }

    /// All of them together.
    fn changed(self) -> u64 {
        self.opened + self.closed + self.unknown
    }
}

/// Steps to be tried, with whether they correct slips.
type Candidate = (Vec<Step>, bool);

/// How many fixes are given at most.
const MOST: usize = 5;

/// How many candidates are tried at most.
const TRIED: usize = 12;

/// The fixes of a question, best first; none if it is answered as aimed for already, or if nobody knows.
///
/// First come those that correct slips and close nothing that anyone meant to be open, by how much else they open;
/// then the others, by how much else they change, and those last that make a policy for other pods one for these too. What
/// is to be closed is closed last by what opens something else. Each candidate costs what [`Model::apply`] and
/// [`diff`](crate::diff::diff) cost.
///
/// # Errors
/// [`ReachError`] if the question has no answer.
pub fn fixes(
    model: &Model,
    from: &Endpoint,
    to: &Endpoint,
    asked: &[AskedPort],
    aim: Aim,
) -> Result<Vec<Fix>, ReachError> {
    let explanation = explain(model, from, to, asked)?;
    let is_done = match aim {
        Aim::Open => explanation.reach.verdict() == Verdict::Allowed,
        Aim::Deny => explanation.reach.verdict() == Verdict::Denied,
    };
    if is_done {
        return Ok(Vec::new());
    }
    let question = Question { model, from, to, asked, aim };
    let mut candidates = match aim {
        Aim::Open => open::candidates(&question, &explanation),
        Aim::Deny => deny::candidates(&question, &explanation),
    };
    candidates.truncate(TRIED);
    let proven = question.prove_all(&candidates);
    let fix = |((steps, is_slip), effects): (Candidate, Option<Difference>)| {
        // What patches say is found out for those that are given.
        Some(Fix { steps, is_slip, effects: effects?, is_judged: true, patches: Ok(Vec::new()) })
    };
    let mut fixes: Vec<Fix> = candidates.into_iter().zip(proven).filter_map(fix).collect();
    fixes.sort_by_key(|fix| {
        let counts = fix.counts();
        let is_contrary = aim == Aim::Deny && counts.opened > 0;
        if is_first(fix) {
            (is_contrary, false, false, counts.opened, 0)
        } else {
            (is_contrary, true, repurposes(model, &fix.steps), counts.changed(), fix.steps.len())
        }
    });
    fixes.truncate(MOST);
    for fix in &mut fixes {
        fix.is_judged = question.is_judged(&fix.steps, &fix.effects);
        fix.patches = patch::patches(&question, &fix.steps);
    }
    Ok(fixes)
}

/// Whether a policy that was written for others, as it selects some pods, would select others from now on.
fn repurposes(model: &Model, steps: &[Step]) -> bool {
    steps.iter().any(|step| match step {
        Step::Change(
            id,
            Change::SetTerm(SelectorAt::Subject, ..) | Change::RemoveTerm(SelectorAt::Subject, _),
        ) => !selects_nobody(model, model.policy(*id)),
        _ => false,
    })
}

/// Whether a fix is one that is surely meant: it corrects slips, and what it closes, if anything, is what the slip
/// itself had opened. A wrong port opens that port, a dash too many is an alternative, and a policy with rules of a
/// direction was to isolate in it; but a label that is replaced may have been meant for someone, and so may an exception
/// that holds others too.
fn is_first(fix: &Fix) -> bool {
    let closes_slips = |step: &Step| {
        matches!(step, Step::Change(_, Change::SetPort(..) | Change::AddType(_) | Change::Join(..)))
    };
    let Counts { opened, closed, unknown } = fix.counts();
    // Who wrote an exception meant somebody.
    let is_excepted = |step: &Step| matches!(step, Step::Change(_, Change::RemoveExcept(..)));
    let is_meant = opened > 0 && fix.steps.iter().any(is_excepted);
    fix.is_slip && !is_meant && (closed + unknown == 0 || fix.steps.iter().all(closes_slips))
}
