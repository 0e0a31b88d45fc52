//! What the rules are to classes: whom they select, whom they match, what they open.

use fixedbitset::FixedBitSet;

use super::{ClassId, PeerId, PortNameId, PortsId};
use crate::addr::Families;
use crate::conn::ConnSet;
use crate::ir::PolicyId;
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

/// The policies that select a class in a direction: ascending, disjoint.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Selecting {
    /// Those that certainly do.
    pub certain: Vec<PolicyId>,
    /// Those that may.
    pub maybe: Vec<PolicyId>,
}

impl Selecting {
    /// Whether no policy can isolate the class.
    pub fn is_empty(&self) -> bool {
        self.certain.is_empty() && self.maybe.is_empty()
    }
}

/// A peer's matches, and the families of the connections it gives.
#[derive(Debug, Clone)]
pub(crate) struct PeerIndex {
    pub(crate) matches: Match,
    pub(crate) families: Families,
}
