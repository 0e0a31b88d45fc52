//! What two models answer differently: who gained, lost, or may now be able to reach whom.
//!
//! The models are set side by side on the common refinement of their classes
//! ([`np_model::refine`]). A cell can differ only if other policies select one of its ends in its direction, one
//! of these policies says something else, or the facts about an end differ; all other cells are never looked
//! at. Those left are compared block by block, as the matrix has them: classes that share their rows in both
//! models at once.
//!
//! ```text
//!   teams    refined classes that the same policies select in both models, and which of them can differ
//!   rows     the rows of both models side by side
//!   cells    which pairs of teams can differ, and what their cells hold before and after
//!   relation pairs that policies do not decide alone: a pod and itself, a pod and its node
//!   collect  the differences as groups of endpoints with one change each, sorted
//!   counterexample  one connection that differs
//!   besides  the same without what was wanted of some pair
//! ```
//!
//! Addresses take part as far as they are external in both models; a pod that comes or goes with its address
//! is no change of the addresses outside.

mod besides;
mod cells;
mod collect;
mod counterexample;
mod relation;
mod rows;
mod teams;

pub use self::counterexample::{Counterexample, Example, counterexample};

use std::sync::Arc;

use np_model::Model;
use np_model::addr::{AddrSet, Families};
use np_model::conn::ConnSet;
use np_model::ir::Direction;
use np_model::model::{NodeId, PodId};
use np_model::refine::{Aligned, Refinement};

pub(crate) use self::relation::situation;
use crate::reach::Relation;

/// What changes from a base to a head. Nothing else does: every pair of endpoints that is not in one of the
/// changes has the same outcome in both.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Difference {
    /// The changes; no pair is in two of them. Sorted by `from`, `to`, and what they change.
    pub changes: Vec<Change>,
    /// Pods that policies isolate otherwise than before, of those that are in both models.
    pub isolation: Vec<IsolationChange>,
    /// By direction ([`Direction`] as index): pods whose policies say something else about connections that are unknown
    /// before and after, as the other end's policies are in doubt. What these hang on is another thing then, though no
    /// answer shows it.
    pub hidden: [Arc<Group>; 2],
    /// Endpoints that only the head has.
    pub added: Group,
    /// Endpoints that only the base has.
    pub removed: Group,
}

/// Pairs that change alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The sources.
    pub from: Arc<Group>,
    /// The destinations.
    pub to: Arc<Group>,
    /// What both ends are to each other: only the pairs for which that is so are meant ([`Self::pairs`]).
    pub situation: Situation,
    /// What passed, and was open; nothing if one of the ends was not there.
    pub before: Passing,
    /// What passes, and is open; nothing if one of the ends is not there.
    pub after: Passing,
    /// How many pairs these are, external addresses of one change counted as one.
    pub count: u64,
}

/// Endpoints that change alike: pods and nodes, or addresses.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Group {
    /// External addresses.
    pub addresses: AddrSet,
    /// Nodes, by name.
    pub nodes: Vec<Aligned<NodeId>>,
    /// Pods, and templates that stand for pods, by namespace and name.
    pub pods: Vec<Aligned<PodId>>,
}

/// What two ends are to each other in either model; `None` in a model that lacks one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Situation {
    /// In the base.
    pub base: Option<Relation>,
    /// In the head.
    pub head: Option<Relation>,
}

/// What passes of all connections, and what may; the rest is blocked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Passing {
    /// What certainly passes.
    pub passes: ConnSet,
    /// What may pass, depending on facts that the input does not show.
    pub open: ConnSet,
}

/// One end of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum End<'g> {
    /// External addresses: all of a group.
    External(&'g AddrSet),
    /// A node.
    Node(Aligned<NodeId>),
    /// A pod, or a template.
    Pod(Aligned<PodId>),
}

/// In one word, what happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ChangeKind {
    /// More passes, and nothing less.
    Opened,
    /// Less passes, and nothing more.
    Closed,
    /// Some more, and some less.
    Changed,
    /// Some of it is open now and was decided before.
    Unknown,
}

/// Pods that policies isolate in a direction otherwise than before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IsolationChange {
    /// The direction.
    pub direction: Direction,
    /// The pods.
    pub pods: Arc<Group>,
    /// Whether they were isolated.
    pub before: Isolation,
    /// Whether they are.
    pub after: Isolation,
}

/// Whether policies isolate a pod in a direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Isolation {
    /// None selects it: everything passes.
    None,
    /// Whether one does depends on facts that the input does not show.
    Maybe,
    /// At least one selects it.
    Isolated,
}

/// Compares two models. Time grows with the endpoints whose facts differ and with the rows of those that other
/// rules concern, and with classes; hardly with endpoints, if the head was made from the base by
/// [`Model::apply`] with other policies.
pub fn diff(base: &Model, head: &Model) -> Difference {
    Comparer::new(base).diff(head)
}

/// Compares a base with one head after the other: rows of the base are built once.
pub struct Comparer<'m>(rows::Base<'m>);

impl<'m> Comparer<'m> {
    /// Of a base.
    pub fn new(base: &'m Model) -> Self {
        Self(rows::Base::new(base))
    }

    /// The same as [`diff`].
    #[expect(clippy::missing_panics_doc, reason = "there is always a difference where there is no limit")]
    pub fn diff(&mut self, head: &Model) -> Difference {
        self.diff_within(head, u64::MAX).expect("there is no limit")
    }

    /// The same, unless more changes than `most`: then `None` may be given, as soon as that is seen. Pairs are
    /// counted, once each for what is opened, closed and unknown.
    pub fn diff_within(&mut self, head: &Model, most: u64) -> Option<Difference> {
        let refinement = Refinement::of(self.0.model, head);
        collect::difference(&refinement, cells::Compare::new(&mut self.0, head, &refinement, most))
    }
}

impl Difference {
    /// Whether the two answer every question alike: nothing changes but perhaps isolation that shows nowhere.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// How many pairs change in this way.
    pub fn count(&self, kind: ChangeKind) -> u64 {
        self.changes.iter().filter(|change| change.kind() == kind).map(|change| change.count).sum()
    }
}

impl Change {
    /// What happened, in one word.
    pub fn kind(&self) -> ChangeKind {
        let is_more = !(self.opened().is_empty() && lost(&self.after, &self.before).is_empty());
        match (self.unknown().is_empty(), is_more, self.closed().is_empty()) {
            (false, _, _) => ChangeKind::Unknown,
            (true, true, true) => ChangeKind::Opened,
            (true, true, false) => ChangeKind::Changed,
            (true, false, _) => ChangeKind::Closed,
        }
    }

    /// What certainly passes now, and did not before.
    pub fn opened(&self) -> ConnSet {
        self.after.passes.minus(&self.before.passes)
    }

    /// What passed, or may have, and is certainly blocked now.
    pub fn closed(&self) -> ConnSet {
        lost(&self.before, &self.after)
    }

    /// What may pass now, and was decided before.
    pub fn unknown(&self) -> ConnSet {
        self.after.open.minus(&self.before.open)
    }

    /// The families that some source and some destination have, in either model.
    pub fn families(&self, base: &Model, head: &Model) -> Families {
        self.from.families(base, head).and(self.to.families(base, head))
    }

    /// The pairs: those of `from` and `to` that are in its situation. External addresses are one end. The
    /// models must be those compared.
    pub fn pairs<'c>(&'c self, base: &'c Model, head: &'c Model) -> impl Iterator<Item = (End<'c>, End<'c>)> {
        let all = self.from.ends().flat_map(|from| self.to.ends().map(move |to| (from, to)));
        all.filter(move |(from, to)| relation::situation([base, head], *from, *to) == self.situation)
    }
}

/// What could pass with one and certainly cannot with the other.
fn lost(one: &Passing, other: &Passing) -> ConnSet {
    one.passes.or(&one.open).minus(&other.passes).minus(&other.open)
}

impl Group {
    /// Whether nobody is in it.
    pub fn is_empty(&self) -> bool {
        self.addresses.is_empty() && self.nodes.is_empty() && self.pods.is_empty()
    }

    /// The families that some member has in either model; of addresses their own.
    fn families(&self, base: &Model, head: &Model) -> Families {
        let models = [base, head];
        let of_pods = self.pods.iter().flat_map(|pod| {
            let of = |side: usize| pod.sides()[side].map(|id| models[side].pod(id).families);
            [of(0), of(1)]
        });
        let of_nodes = self.nodes.iter().flat_map(|node| {
            let of = |side: usize| node.sides()[side].map(|id| models[side].node(id).families);
            [of(0), of(1)]
        });
        of_pods.chain(of_nodes).flatten().fold(self.addresses.families(), Families::or)
    }

    /// Its members: external addresses as one, nodes, pods.
    pub fn ends(&self) -> impl Iterator<Item = End<'_>> + Clone {
        let addresses = (!self.addresses.is_empty()).then_some(End::External(&self.addresses));
        let nodes = self.nodes.iter().map(|node| End::Node(*node));
        addresses.into_iter().chain(nodes).chain(self.pods.iter().map(|pod| End::Pod(*pod)))
    }
}

impl Passing {
    /// Whether nothing passes, nor may.
    pub fn is_nothing(&self) -> bool {
        self.passes.is_empty() && self.open.is_empty()
    }
}
