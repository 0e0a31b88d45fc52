//! The rule IR: what every policy dialect is lowered to, and the only thing that is evaluated.
//!
//! Rules pass through an ordered list of tiers. A tier that decides a connection ends the matter;
//! what no tier decides is allowed. The IR knows no dialect, holds no labels of any pod, and is
//! valid by construction.

mod places;
mod unevaluated;

use std::fmt;
use std::sync::Arc;

pub use unevaluated::{Effect, Scope, Unevaluated, UnevaluatedId, Why};

use crate::addr::IpBlock;
use crate::conn::Protocol;
use crate::origin::Location;
use crate::selector::Selector;

pub use places::{PeerPlaces, Places};

/// Names a policy: indexes [`Rules::policies`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PolicyId(u32);

impl PolicyId {
    /// The position that it stands for.
    pub fn index(self) -> usize {
        self.0 as usize
    }

    /// The id of a position in [`Rules::policies`].
    pub(crate) fn at(index: usize) -> Self {
        Self(u32::try_from(index).expect("fewer than 2^32 policies"))
    }
}

/// Names a rule of a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RuleId {
    /// The policy it belongs to.
    pub policy: PolicyId,
    /// The direction it is about.
    pub direction: Direction,
    /// Its place in that direction's list, from 0.
    pub index: u32,
}

/// All rules in force.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// Every policy, whatever its tier.
    pub policies: Vec<Arc<Policy>>,
    /// The tiers in the order they are asked; each names its policies.
    pub tiers: Vec<Tier>,
    /// Policies that cannot be evaluated and are in no tier: they make answers unknown.
    pub unevaluated: Vec<Unevaluated>,
}

/// An ordered stage of evaluation.
#[derive(Debug, Clone)]
pub enum Tier {
    /// A subject selected by any policy of the tier in a direction is isolated in that direction:
    /// allowed what any rule of those policies allows, denied the rest. NetworkPolicy v1 is one
    /// such tier.
    AnyAllow(Vec<PolicyId>),
}

/// Which way a rule looks, seen from its subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Direction {
    /// From the subject to its peers.
    Egress,
    /// From the peers to the subject.
    Ingress,
}

impl Direction {
    /// Both, egress first: the order a packet meets them.
    pub const BOTH: [Self; 2] = [Self::Egress, Self::Ingress];
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Egress => "egress",
            Self::Ingress => "ingress",
        })
    }
}

/// One policy: whom it selects, and what it says per direction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// The API kind it was lowered from, such as `NetworkPolicy`.
    pub kind: &'static str,
    /// Its namespace.
    pub namespace: String,
    /// `metadata.name`.
    pub name: String,
    /// Where the name stands.
    pub at: Option<Location>,
    /// The pods of its own namespace that it selects.
    pub subject: Selector,
    /// Where the terms of `subject` stand.
    pub subject_at: Places,
    /// Egress rules; `None` if the policy does not concern egress (so it does not isolate).
    pub egress: Option<Vec<Rule>>,
    /// Ingress rules; `None` if the policy does not concern ingress.
    pub ingress: Option<Vec<Rule>>,
    /// What it says and does not mean; evaluation never looks at it.
    pub inert: Inert,
}

/// What a policy was written with that decides nothing: kept so that it can be explained.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inert {
    /// Where the whole object starts.
    pub object_at: Option<Location>,
    /// Where the list stands that says which directions the policy concerns (`policyTypes`).
    pub types_at: Option<Location>,
    /// The rules of a direction that the policy does not concern. It is one direction at most, as a policy
    /// concerns one at least; the other has none.
    pub rules: Option<(Direction, Vec<Rule>)>,
}

impl Policy {
    /// The rules written for a direction that the policy does not concern: they neither allow nor isolate.
    pub fn inert_rules(&self, direction: Direction) -> &[Rule] {
        match &self.inert.rules {
            Some((of, rules)) if *of == direction => rules,
            _ => &[],
        }
    }

    /// The rules of a direction; `None` if it does not concern that direction.
    pub fn rules(&self, direction: Direction) -> Option<&[Rule]> {
        match direction {
            Direction::Egress => self.egress.as_deref(),
            Direction::Ingress => self.ingress.as_deref(),
        }
    }
}

/// What a policy allows: these ports with these peers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Where its list item starts.
    pub at: Option<Location>,
    /// With whom; `None` is everyone, external addresses and nodes included.
    pub peers: Option<Vec<PeerItem>>,
    /// On what; `None` is every port of every protocol.
    pub ports: Option<Vec<PortItem>>,
}

/// One peer of a rule, with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerItem {
    /// Where its list item starts.
    pub at: Option<Location>,
    /// Whom it means.
    pub peer: Peer,
    /// Where the parts of `peer` stand.
    pub parts_at: PeerPlaces,
}

/// Whom a rule is about; equal peers have equal meaning.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Peer {
    /// Pods by labels: those in `namespaces` that also match `pods`.
    Pods {
        /// In which namespaces.
        namespaces: Namespaces,
        /// Which pods there.
        pods: Selector,
    },
    /// Addresses: whatever has one of them, pods included.
    Block(IpBlock),
}

/// Namespaces of a peer.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Namespaces {
    /// The one with this name: the policy's own.
    Named(String),
    /// Those whose labels match.
    Matching(Selector),
}

/// One entry of a rule's ports, with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortItem {
    /// Where its list item starts.
    pub at: Option<Location>,
    /// Where its `port` stands, which is the first port of a range; `None` if it has none.
    pub port_at: Option<Location>,
    /// What it opens.
    pub port: PortMatch,
}

/// Ports of one protocol.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PortMatch {
    /// The protocol.
    pub protocol: Protocol,
    /// Which of its ports.
    pub ports: PortSpec,
}

/// Which destination ports an entry means.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PortSpec {
    /// Every port.
    All,
    /// `first` to `last`, both included, 1–65535.
    Range(u16, u16),
    /// Whatever container ports of the destination pod carry this name and the entry's protocol.
    Named(String),
}
