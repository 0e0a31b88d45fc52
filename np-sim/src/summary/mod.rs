//! How many pairs of pods there are of each verdict, counted without looking at the pairs.
//!
//! Let `A` be the pods that share an egress row, and `B` those that share an ingress row. What passes
//! from `a` in `A` to `b` in `B` is `egress_row(A)[b] ∩ ingress_row(B)[a]`: the first depends on `b` alone,
//! the second on `a` alone. So a block `A × B` is a product of two histograms, and
//!
//! ```text
//!   pairs of the block with bounds v ∩ w  =  |{b in B : row(A)[b] = v}|  ×  |{a in A : row(B)[a] = w}|
//! ```
//!
//! Most blocks have nothing but *nothing passes* in one of the two, and are never met. A row is built,
//! counted and forgotten. What decides a pair beside its policies concerns a pod and itself, and pods
//! and hosts on one node; these pairs are counted apart.

mod blocks;
mod histogram;
mod hosts;
mod judge;
mod lines;

use std::num::NonZero;

use np_model::Model;
use np_model::conn::ConnSet;

use self::blocks::Blocks;
use self::judge::Judge;
use crate::verdict::Verdict;

/// How many ordered pairs of endpoints there are of each verdict.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// Pairs where everything asked passes.
    pub allowed: u64,
    /// Pairs where nothing asked can pass.
    pub denied: u64,
    /// Pairs where some of it passes, and the rest is blocked.
    pub partial: u64,
    /// Pairs where it depends on facts that the input does not show.
    pub unknown: u64,
}

impl Summary {
    /// How many pairs there are.
    pub fn pairs(&self) -> u64 {
        self.allowed + self.denied + self.partial + self.unknown
    }

    /// Adds pairs of a verdict.
    pub fn add(&mut self, verdict: Verdict, pairs: u64) {
        *match verdict {
            Verdict::Allowed => &mut self.allowed,
            Verdict::Denied => &mut self.denied,
            Verdict::Partial => &mut self.partial,
            Verdict::Unknown => &mut self.unknown,
        } += pairs;
    }

    /// The pairs of both.
    #[must_use]
    fn plus(self, other: Self) -> Self {
        Self {
            allowed: self.allowed + other.allowed,
            denied: self.denied + other.denied,
            partial: self.partial + other.partial,
            unknown: self.unknown + other.unknown,
        }
    }

    fn take(&mut self, verdict: Verdict, pairs: u64) {
        *match verdict {
            Verdict::Allowed => &mut self.allowed,
            Verdict::Denied => &mut self.denied,
            Verdict::Partial => &mut self.partial,
            Verdict::Unknown => &mut self.unknown,
        } -= pairs;
    }
}

/// Counts the ordered pairs of all pods by what becomes of `asked`, as [`Matrix::ask`] says of each
/// pair. A pod and itself are no pair, but a template that stands for several pods is one with itself.
/// Time and memory grow with the rows and what they let pass, not with the pairs.
///
/// [`Matrix::ask`]: crate::Matrix::ask
pub fn summary(model: &Model, asked: &ConnSet) -> Summary {
    summary_on(model, asked, np_model::parallel::threads())
}

/// The same on at most so many threads, with the same result.
pub fn summary_on(model: &Model, asked: &ConnSet, threads: NonZero<usize>) -> Summary {
    Blocks::new(model, threads).count(Judge::new(asked))
}
