//! Near misses as plain data: a rule that nearly allows, and the facts that fail.

use np_model::Model;
use np_model::conn::ConnSet;
use np_model::ir::{Direction, PolicyId, Rule};
use np_model::model::{NamespaceId, ServiceId};

use super::rank;

/// A rule that would allow what is asked, or part of it, but for a few facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Miss {
    /// The policy.
    pub policy: PolicyId,
    /// The direction that the rule is about.
    pub direction: Direction,
    /// Which of the policy's rules in that direction, from 0: of [`Policy::rules`](np_model::ir::Policy::rules),
    /// or of [`Policy::inert_rules`](np_model::ir::Policy::inert_rules) if [`Gap::Direction`] is among the gaps.
    pub rule: u32,
    /// The peer that comes nearest, from 0; `None` if the rule is for everyone.
    pub peer: Option<u32>,
    /// What fails: at least one.
    pub gaps: Vec<Gap>,
    /// What of the blocked it would allow if the gaps were closed.
    pub opens: ConnSet,
    /// Whether the rule has no effect as it is: its policy selects no pod, or its peer matches nobody.
    pub is_idle: bool,
    /// Whether the peer says little of whom it means, so that what fails may well be as it should be: it is for every
    /// pod of a namespace, or leaves out a wide range of addresses.
    pub is_broad: bool,
}

/// A fact that fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Gap {
    /// The policy does not concern the rule's direction, as its `policyTypes` say, so the rule is inert.
    Direction,
    /// The subject does not meet a requirement of the policy's `podSelector`.
    Subject(LabelGap),
    /// The other pod does not meet a requirement of the peer's `podSelector`.
    Pod(LabelGap),
    /// The other pod's namespace does not meet a requirement of the peer's `namespaceSelector`.
    Namespace(LabelGap),
    /// The peer means pods of the policy's own namespace, as it has no `namespaceSelector`, and the other pod is
    /// in another: in this one.
    OtherNamespace(NamespaceId),
    /// The policy is not in the subject's namespace: in this one. It would select the subject there.
    PolicyNamespace(NamespaceId),
    /// Two selectors stand in one peer, so both must match, and this one alone does: with a dash before the
    /// other, they would be two peers.
    Joined(Half),
    /// The other end's address is not in the peer's block.
    Block,
    /// The other end's address is in this exception of the peer's block, from 0.
    Except(u32),
    /// The peer's selectors match the labels of the other pod and its namespace, but the pod uses its node's
    /// network, where selectors match nothing.
    HostNetwork,
    /// No port of the rule covers what is asked.
    Port {
        /// The item of the rule's ports that comes nearest, from 0.
        item: u32,
        /// How it differs.
        how: PortGap,
    },
}

/// One selector of a peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Half {
    /// Its `namespaceSelector`.
    Namespaces,
    /// Its `podSelector`.
    Pods,
}

/// A requirement of a selector that the labels of a pod or namespace do not meet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelGap {
    /// Which: its place in [`Selector::requirements`](np_model::selector::Selector::requirements), from 0.
    pub requirement: u32,
    /// The value of the label that it is about; `None` if the object has no such label.
    pub has: Option<String>,
    /// What was probably meant.
    pub near: Option<Near>,
    /// Whether another pod of that namespace (for a namespace: another namespace) meets the requirement.
    pub is_met_elsewhere: bool,
}

/// What the labels of an object have that is much like what a selector asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Near {
    /// The value of the label: it is like this one of the values asked for.
    Value(String),
    /// A value asked for, under this other key.
    Key(String),
}

/// How a port of a rule differs from what is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PortGap {
    /// In the protocol alone.
    Protocol,
    /// It is a port of a Service that leads to what is asked; policies see target ports.
    Service(ServiceId),
    /// It is another number, or a range of others.
    Number {
        /// How far the nearest port asked for is away.
        distance: u16,
        /// Whether the destination has a container with this port, so that it may well be meant.
        is_declared: bool,
    },
    /// It is a name that does not lead to what is asked.
    Name {
        /// The numbers that the destination's containers have under this name and protocol: none, or others.
        leads_to: Vec<u16>,
        /// A name of the destination that does lead there, and is much like it.
        near: Option<String>,
        /// The names that lead there, sorted.
        available: Vec<String>,
    },
}

impl Miss {
    /// Whether the rule is inert: its policy does not concern its direction.
    pub fn is_inert(&self) -> bool {
        self.gaps.contains(&Gap::Direction)
    }

    /// Whether someone probably meant the rule to allow this, rather than something else.
    pub fn is_likely(&self) -> bool {
        rank::is_likely(self)
    }

    /// The rule itself.
    ///
    /// # Panics
    /// If the miss is not of this model.
    pub fn rule_of<'m>(&self, model: &'m Model) -> &'m Rule {
        let policy = model.policy(self.policy);
        let rules = if self.is_inert() {
            policy.inert_rules(self.direction)
        } else {
            policy.rules(self.direction).unwrap_or_default()
        };
        &rules[self.rule as usize]
    }
}
