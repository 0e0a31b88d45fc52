//! What the rules are to classes: whom they select, whom they match, what they open.

use std::sync::Arc;

use super::{BlockId, ClassId, ClassSet, NamespaceSelectorId, PeerId, PodSelectorId, PortNameId, PortsId};
use crate::addr::{Families, IpBlock};
use crate::conn::ConnSet;
use crate::ir::{Effect, PolicyId, UnevaluatedId};
use crate::truth::Truth;

/// The classes that something matches: for certain, and as far as the facts can tell.
#[derive(Debug, Clone, Default)]
pub struct Match {
    /// It certainly matches these.
    pub yes: ClassSet,
    /// It may match these; disjoint from `yes`.
    pub maybe: ClassSet,
}

impl Match {
    /// Whether it matches a class.
    pub fn of(&self, class: ClassId) -> Truth {
        if self.yes.contains(class) {
            Truth::Yes
        } else if self.maybe.contains(class) {
            Truth::Maybe
        } else {
            Truth::No
        }
    }

    /// Adds a class that it matches so.
    pub(crate) fn add(&mut self, class: ClassId, truth: Truth) {
        match truth {
            Truth::Yes => self.yes.insert(class),
            Truth::Maybe => self.maybe.insert(class),
            Truth::No => {}
        }
    }

    /// What both match, class by class.
    #[must_use]
    pub(crate) fn and(&self, other: &Self) -> Self {
        let yes = self.yes.and(&other.yes);
        if self.maybe.is_empty() && other.maybe.is_empty() {
            return Self { yes, maybe: ClassSet::default() };
        }
        let mut maybe = self.yes.or(&self.maybe).and(&other.yes.or(&other.maybe));
        maybe.remove(&yes);
        Self { yes, maybe }
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

/// What tells peers apart: equal keys have equal meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum PeerKey {
    /// Pods by labels, in some namespaces.
    Pods { namespaces: NamespaceSelectorId, pods: PodSelectorId },
    /// Whoever has an address in a block.
    Block(BlockId),
    /// No rule has it any more, and nobody is asked about it.
    Unused,
}

/// The classes that peers match. A peer by labels is kept as its two halves, as many share each.
#[derive(Debug, Clone)]
pub(crate) struct PeerIndex {
    /// By [`PeerId`].
    pub(crate) keys: Vec<PeerKey>,
    /// By [`PodSelectorId`]: holds in the namespaces that the selector is meant for only.
    pub(crate) pods: Vec<Arc<Match>>,
    /// By [`NamespaceSelectorId`].
    pub(crate) namespaces: Vec<Arc<Match>>,
    /// By [`BlockId`].
    pub(crate) blocks: Arc<Vec<(IpBlock, Match)>>,
}

impl PeerIndex {
    pub(crate) fn truth(&self, peer: PeerId, class: ClassId) -> Truth {
        match self.keys[peer.index()] {
            PeerKey::Block(block) => self.blocks[block.index()].1.of(class),
            PeerKey::Unused => Truth::No,
            PeerKey::Pods { namespaces, pods } => match self.namespaces[namespaces.index()].of(class) {
                Truth::No => Truth::No,
                truth => truth.and(self.pods[pods.index()].of(class)),
            },
        }
    }

    pub(crate) fn matches(&self, peer: PeerId) -> Match {
        match self.keys[peer.index()] {
            PeerKey::Block(block) => self.blocks[block.index()].1.clone(),
            PeerKey::Unused => Match::default(),
            PeerKey::Pods { namespaces, pods } => {
                self.namespaces[namespaces.index()].and(&self.pods[pods.index()])
            }
        }
    }

    pub(crate) fn families(&self, peer: PeerId) -> Families {
        match self.keys[peer.index()] {
            PeerKey::Block(block) => Families::only(self.blocks[block.index()].0.family()),
            PeerKey::Pods { .. } => Families::BOTH,
            PeerKey::Unused => Families::NONE,
        }
    }
}
