//! Whether steps do what they are to do: the model is changed, asked again, and compared.

use std::collections::BTreeMap;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use np_model::Model;
use np_model::apply::Changes;
use np_model::conn::AskedPort;
use np_model::edit::{Change, changed};
use np_model::ir::PolicyId;
use np_model::parallel::threads;

use super::{Aim, Candidate, Counts, MOST, Step, repurposes};
use crate::diff::{Comparer, Difference};
use crate::endpoint::Endpoint;
use crate::reach::reach;
use crate::review::shows_all;
use crate::verdict::Verdict;

/// How much those candidates change that change least, of all that were proven so far.
#[derive(Default)]
struct Best(Mutex<Vec<u64>>);

impl Best {
    /// How much a candidate may change to be among the best.
    fn most(&self) -> u64 {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.get(MOST - 1).copied().unwrap_or(u64::MAX)
    }

    /// Counts a candidate, unless others may come before it that change more.
    fn add(&self, question: &Question<'_>, steps: &[Step], effects: &Difference) {
        if !repurposes(question.model, steps) {
            let changed = Counts::of(effects).changed();
            let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let at = counts.partition_point(|count| *count <= changed);
            counts.insert(at, changed);
        }
    }
}

/// What is to be fixed.
pub(super) struct Question<'a> {
    pub(super) model: &'a Model,
    pub(super) from: &'a Endpoint,
    pub(super) to: &'a Endpoint,
    pub(super) asked: &'a [AskedPort],
    pub(super) aim: Aim,
}

/// The changes of each policy, in order.
pub(super) fn by_policy(steps: &[Step]) -> BTreeMap<PolicyId, Vec<Change>> {
    let mut changes: BTreeMap<PolicyId, Vec<Change>> = BTreeMap::new();
    for step in steps {
        if let Step::Change(policy, change) = step {
            changes.entry(*policy).or_default().push(change.clone());
        }
    }
    changes
}

/// A model with fewer classes is asked quicker than threads are started.
const CLASSES: usize = 500;

/// How many threads try candidates at most: each holds a changed model.
const THREADS: usize = 4;

impl Question<'_> {
    /// What each candidate changes besides what it is for, as [`Self::prove`] has it. Several are tried at once. Of those that
    /// change more than enough others do, nothing is told.
    pub(super) fn prove_all(&self, candidates: &[Candidate]) -> Vec<Option<Difference>> {
        let (next, best) = (AtomicUsize::new(0), Best::default());
        // What is asked for may be counted among the changes.
        let asked = self.pairs().saturating_mul(3);
        let work = || {
            let (mut comparer, mut proven) = (Comparer::new(self.model), Vec::new());
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some((steps, is_slip)) = candidates.get(at) else { return proven };
                // A slip may come first, however much it opens.
                let most = if *is_slip { u64::MAX } else { best.most().saturating_add(asked) };
                let effects = self.prove(&mut comparer, steps, most);
                if let Some(effects) = &effects {
                    best.add(self, steps, effects);
                }
                proven.push((at, effects));
            }
        };
        let is_small = self.model.class_ids().len() < CLASSES;
        let threads = if is_small { 1 } else { threads().get().min(THREADS).min(candidates.len()) };
        let mut proven = thread::scope(|scope| {
            let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
            let mut all = work();
            for other in others {
                all.extend(other.join().unwrap_or_else(|panic| resume_unwind(panic)));
            }
            all
        });
        proven.sort_unstable_by_key(|(at, _)| *at);
        proven.into_iter().map(|(_, effects)| effects).collect()
    }

    /// The model with these steps; `None` if they are not possible.
    fn apply(&self, steps: &[Step]) -> Option<Model> {
        let mut changes = Changes::default();
        for (policy, all) in by_policy(steps) {
            changes.put(changed(self.model.policy(policy), &all).ok()?);
        }
        for step in steps {
            if let Step::New(policy) = step {
                changes.put((**policy).clone());
            }
        }
        Some(self.model.apply(&changes))
    }

    /// Whether the answers show all that these steps do.
    pub(super) fn is_judged(&self, steps: &[Step], effects: &Difference) -> bool {
        self.apply(steps).is_some_and(|head| shows_all(self.model, &head, effects))
    }

    /// How many pairs are asked about, addresses outside counted as one.
    fn pairs(&self) -> u64 {
        let count = |endpoint: &Endpoint| endpoint.pods(self.model).len().max(1) as u64;
        count(self.from).saturating_mul(count(self.to))
    }

    /// What the steps change besides what they are for; `None` if they are not possible or do not do that, or if
    /// they change more than `most`. The comparer is of the model.
    fn prove(&self, comparer: &mut Comparer<'_>, steps: &[Step], most: u64) -> Option<Difference> {
        let head = self.apply(steps)?;
        let reach = reach(&head, self.from, self.to, self.asked).ok()?;
        let aimed = match self.aim {
            Aim::Open => Verdict::Allowed,
            Aim::Deny => Verdict::Denied,
        };
        if reach.verdict() != aimed {
            return None;
        }
        Some(comparer.diff_within(&head, most)?.besides(self.model, &head, self.from, self.to, &reach.asked))
    }
}
