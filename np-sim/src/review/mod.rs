//! What a reviewer must know of a change: the difference of two models in as few lines as it can be told in, the
//! riskiest first.
//!
//! ```text
//!   unit     what a line names: workloads, pods of one, nodes, addresses
//!   known    labels by which cluster DNS and environments are known
//!   between  lines about endpoints that both models have: opened, closed, changed, unknown
//!   alone    lines about workloads that only one model has, with all that they bring or take
//!   isolate  lines about isolation that is gained or lost
//!   decide   the rule or policy behind a line, of those that its cause is about
//!   risk     what makes a line worth reading first
//!   relation which pairs of a line's ends are meant, and how many
//!   part     some pairs or connections of a line
//!   unjudged changes of the input that answers cannot show
//!   tally    how many pairs keep their answers
//! ```
//!
//! Every pair of the difference is in a line, but for a pod that becomes several, with itself: in exactly one if both ends are in both models, and else in that of each
//! end that is not. Time grows with the groups of the difference and with endpoints, never with their pairs.

mod alone;
mod between;
mod decide;
mod isolate;
mod known;
mod part;
mod relabel;
mod relation;
mod risk;
mod tally;
mod unit;
mod unjudged;

use std::sync::Arc;

use np_model::Model;
use np_model::addr::AddrSet;
use np_model::delta::{DeltaId, Deltas};
use np_model::ir::{Direction, PolicyId, RuleId};
use np_model::model::{NodeId, PodId, WorkloadId};
use np_model::refine::Aligned;

use crate::cause::Caused;
use crate::diff::{Change, ChangeKind, Difference, Isolation};

pub use risk::Risk;
pub use unit::pairs;
pub use unjudged::{Unjudged, shows_all, unjudged};

/// A change as a reviewer reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    /// What changes. Sorted by the highest risk, then [`Line::rank`], then the most pairs first, then names.
    pub lines: Vec<Line>,
    /// How many pairs of workloads there are whose answers do not change: workloads (and pods of none) with each other
    /// and with the addresses outside, which count as one, both ways; a workload with itself if it has several pods.
    /// Pairs with nodes are not counted.
    pub unchanged: u64,
    /// Changes of the input that no line can show, as answers are unknown before and after.
    pub unjudged: Vec<Unjudged>,
}

/// One thing that changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What happens.
    pub what: What,
    /// The changes of the input that bring it about, ascending.
    pub cause: Vec<DeltaId>,
    /// Whether no part of the cause does it alone, as far as that could be found out. Never for isolation, whose cause are
    /// all changes by which policies begin or cease to select its pods; for a workload, of each of its connections on its own.
    pub is_smallest: bool,
    /// The rules and policies that show it, of those that the cause is about; the cause itself where none does.
    pub deciders: Vec<Decider>,
    /// Of what opens between endpoints that both models have, rules of the head that allow it and that the change left
    /// alone: those of the other direction, or those that now mean somebody else.
    pub with: Vec<Decider>,
    /// What makes it worth reading, the highest first.
    pub risks: Vec<Risk>,
}

/// What happens.
#[expect(clippy::large_enum_variant, reason = "most lines are of the large one")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Something else passes between endpoints that both models have.
    Between(Between),
    /// Workloads that only one of the models has.
    Alone(Alone),
    /// Policies isolate pods of both models otherwise.
    Isolation(Isolated),
}

/// Pairs of units that change alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Between {
    /// What changes, and for which pods, nodes and addresses.
    pub change: Change,
    /// Its sources.
    pub from: Arc<[Unit]>,
    /// Its destinations.
    pub to: Arc<[Unit]>,
    /// How many pairs of units these are.
    pub pairs: u64,
    /// Whether all sources change so towards all destinations, but for themselves; else only those that are to each
    /// other what the situation of the change says, of which each source and each destination has one.
    pub is_product: bool,
}

/// Workloads that only one of the models has and that may talk to the same peers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alone {
    /// Which has them.
    pub presence: Presence,
    /// They.
    pub units: Arc<[Unit]>,
    /// With whom they may talk, both ways.
    pub talks: Vec<Talk>,
    /// How many pairs of units something passes between, or may.
    pub pairs: u64,
}

/// Which model has a workload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Presence {
    /// The head alone.
    Added,
    /// The base alone.
    Removed,
}

/// What a workload that only one model has may exchange with some peers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Talk {
    /// Which way: egress is from the workload.
    pub direction: Direction,
    /// With whom.
    pub peers: Arc<[Unit]>,
    /// The change that it is part of: of an added workload, what passes is what passes after it.
    pub change: Change,
}

/// Pods that policies isolate in a direction otherwise than before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Isolated {
    /// The direction.
    pub direction: Direction,
    /// The pods, as units.
    pub units: Arc<[Unit]>,
    /// Whether they were isolated.
    pub before: Isolation,
    /// Whether they are.
    pub after: Isolation,
}

/// What a line names as one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unit {
    /// External addresses.
    External(AddrSet),
    /// Pods of a workload that change alike; all of them, or all that one model lacks, or as many as change so.
    Workload {
        /// The workload in either model that has it.
        workload: Aligned<WorkloadId>,
        /// Which pods of it.
        pods: Vec<Aligned<PodId>>,
        /// Whether these are all of its pods.
        is_whole: bool,
    },
    /// A pod of no workload.
    Pod(Aligned<PodId>),
    /// A node.
    Node(Aligned<NodeId>),
}

/// What shows a change: a rule, a policy, or else the change of the input itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Decider {
    /// A rule of the head allows it.
    Allows(RuleId),
    /// A rule of the head may allow it, depending on facts that the input does not show.
    MayAllow(RuleId),
    /// A rule of the base allowed it, and does no longer.
    Allowed(RuleId),
    /// A policy of the head isolates one end in this direction, which was not isolated or not by this one.
    Isolates(PolicyId, Direction),
    /// A policy of the base isolated one end in this direction, and does no longer.
    NoLongerIsolates(PolicyId, Direction),
    /// This change of the input.
    Delta(DeltaId),
}

/// The review of a difference, whose changes have been divided by cause.
pub fn review(deltas: &Deltas<'_>, difference: &Difference, caused: &[Caused]) -> Review {
    let [base, head] = deltas.models;
    let units = unit::Units::of(base, head, difference);
    let mut lines = between::lines(deltas, &units, caused);
    lines.extend(alone::lines(deltas, &units, difference, caused));
    lines.extend(isolate::lines(deltas, &units, difference));
    lines.sort_by_cached_key(|line| line.key(base, head));
    Review {
        lines,
        unchanged: tally::unchanged(base, head, difference),
        unjudged: unjudged(deltas, difference),
    }
}

impl Line {
    /// Its place among lines of the same risk: opened, changed, unknown, added, closed, removed, isolation lost, gained.
    pub fn rank(&self) -> u8 {
        match &self.what {
            What::Between(between) => match between.change.kind() {
                ChangeKind::Opened => 0,
                ChangeKind::Changed => 1,
                ChangeKind::Unknown => 2,
                ChangeKind::Closed => 4,
            },
            What::Alone(alone) => match alone.presence {
                Presence::Added => 3,
                Presence::Removed => 5,
            },
            What::Isolation(isolated) => 6 + u8::from(isolated.is_gained()),
        }
    }

    /// How many pairs of units it is about; none for isolation.
    pub fn pairs(&self) -> u64 {
        match &self.what {
            What::Between(between) => between.pairs,
            What::Alone(alone) => alone.pairs,
            What::Isolation(_) => 0,
        }
    }

    /// What it is sorted by.
    fn key(&self, base: &Model, head: &Model) -> impl Ord + use<> {
        let risk = self.risks.first().copied().map_or(Risk::COUNT, |risk| risk as u8);
        let names = |units: &[Unit]| units.first().map(|unit| unit.name(base, head));
        let (from, to) = match &self.what {
            What::Between(between) => (names(&between.from), names(&between.to)),
            What::Alone(alone) => (names(&alone.units), None),
            What::Isolation(isolated) => (names(&isolated.units), None),
        };
        let sets = match &self.what {
            What::Between(Between { change, .. }) => {
                Some((change.situation, change.before.clone(), change.after.clone()))
            }
            _ => None,
        };
        (risk, self.rank(), std::cmp::Reverse(self.pairs()), from, to, sets, self.cause.clone())
    }
}

impl Talk {
    /// Whether it is a pod with itself, which always passes.
    pub fn is_itself(&self) -> bool {
        self.change.situation.is_identity()
    }
}

impl Isolated {
    /// Whether they are isolated more than before.
    pub fn is_gained(&self) -> bool {
        self.after > self.before
    }
}
