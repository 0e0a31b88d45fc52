//! What the rules are to classes: whom they select, whom they match, what they open.

use fixedbitset::FixedBitSet;

use super::{ClassId, PeerId, PortNameId, PortsId};
use crate::addr::Families;
use crate::conn::ConnSet;
use crate::ir::{Effect, PolicyId, UnevaluatedId};
use crate::truth::Truth;

/// The classes that something matches: for certain, and as far as the facts can tell.
#[derive(Debug, Clone, Default)]
pub struct Match {
    /// Bit `i`: certainly matches class `i`.
    pub(crate) yes: FixedBitSet,
    /// Bit `i`: may match class `i`; disjoint from `yes`.
    pub(crate) maybe: FixedBitSet,
}

impl Match {
    /// Whether it matches a class.
    pub fn of(&self, class: ClassId) -> Truth {
        if self.yes.contains(class.index()) {
            Truth::Yes
        } else if self.maybe.contains(class.index()) {
            Truth::Maybe
        } else {
            Truth::No
        }
    }

    /// The classes it certainly matches, ascending.
    pub fn certain(&self) -> impl Iterator<Item = ClassId> {
        self.yes.ones().map(ClassId::at)
    }

    /// The classes it may match beyond those, ascending.
    pub fn maybe(&self) -> impl Iterator<Item = ClassId> {
        self.maybe.ones().map(ClassId::at)
    }
}

/// A list of ports as a rule opens it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ports {
    /// What it opens wherever the destination is, over both families.
    pub fixed: ConnSet,
    /// Names to be resolved in the destination.
    pub named: Vec<PortNameId>,
}

/// A rule with its peers and ports interned.
#[derive(Debug, Clone)]
pub struct IndexedRule {
    /// With whom, item by item as in [`Rule::peers`](crate::ir::Rule::peers); `None` is everyone.
    pub peers: Option<Vec<PeerId>>,
    /// On what.
    pub ports: PortsId,
}

/// The policies that select a class in a direction: each list ascending, and disjoint.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Selecting {
    /// Those that certainly do.
    pub certain: Vec<PolicyId>,
    /// Those that may.
    pub maybe: Vec<PolicyId>,
    /// Those that may, and cannot be evaluated.
    pub unevaluated: Vec<UnevaluatedId>,
    /// What the last may do: the strongest of their effects on traffic that NetworkPolicies
    /// decide, and whether one of them is a NetworkPolicy itself.
    pub interference: Interference,
}

/// What policies that cannot be evaluated may do to a subject in a direction, together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Interference {
    /// One may join the NetworkPolicies that select the subject.
    pub joins: bool,
    /// One may deny what they allow.
    pub restricts: bool,
    /// One may allow what they deny.
    pub permits: bool,
}

impl Interference {
    /// Adds what a policy may do.
    #[must_use]
    pub(crate) fn with(self, effect: Effect) -> Self {
        match effect {
            Effect::Joins => Self { joins: true, ..self },
            Effect::Restricts => Self { restricts: true, ..self },
            Effect::Overrides => Self { restricts: true, permits: true, ..self },
        }
    }
}

impl Selecting {
    /// Whether no policy can decide anything about the class.
    pub fn is_empty(&self) -> bool {
        self.certain.is_empty() && self.maybe.is_empty() && self.unevaluated.is_empty()
    }

    /// Whether a NetworkPolicy may isolate the class.
    pub fn may_isolate(&self) -> bool {
        !self.certain.is_empty() || !self.maybe.is_empty() || self.interference.joins
    }
}

/// A peer's matches, and the families of the connections it gives.
#[derive(Debug, Clone)]
pub(crate) struct PeerIndex {
    pub(crate) matches: Match,
    pub(crate) families: Families,
}
