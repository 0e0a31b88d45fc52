//! Policies that are in the input and cannot be evaluated: whom they may concern, and what they
//! may do there. Every answer that one of them could change is unknown.

use std::fmt;
use std::sync::Arc;

use super::Direction;
use crate::origin::{Location, ObjectRef};

/// Names a policy that cannot be evaluated: indexes [`Rules::unevaluated`](super::Rules).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UnevaluatedId(u32);

impl UnevaluatedId {
    /// The position that it stands for.
    pub fn index(self) -> usize {
        self.0 as usize
    }

    /// The id of a position in [`Rules::unevaluated`](super::Rules).
    pub(crate) fn at(index: usize) -> Self {
        Self(u32::try_from(index).expect("fewer than 2^32 policies"))
    }
}

/// Something in the input that is or may be a policy, and that np cannot evaluate.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Unevaluated {
    /// Whom it may concern.
    pub scope: Scope,
    /// The object, as far as it says what it is; `None` for a text that could not be read.
    pub object: Option<ObjectRef>,
    /// Why it cannot be evaluated.
    pub why: Why,
    /// What it may do to what the other policies say.
    pub effect: Effect,
    /// The directions that it may concern: egress, ingress.
    pub concerns: [bool; 2],
    /// Where its name stands, or what is wrong with it.
    pub at: Option<Location>,
    /// What it says, as a text that is equal for what says the same: no answer depends on it, but that it changes can be
    /// told. Empty if that is not known.
    pub content: Arc<str>,
}

impl Unevaluated {
    /// A text that nobody could read: it may hold any policy.
    pub(crate) fn unread() -> Self {
        Self {
            scope: Scope::Cluster,
            object: None,
            why: Why::Broken,
            effect: Effect::Overrides,
            concerns: [true; 2],
            at: None,
            content: Arc::default(),
        }
    }

    /// Whether it may concern a direction.
    pub fn concerns(&self, direction: Direction) -> bool {
        self.concerns[direction as usize]
    }

    /// Whether it may select nodes, and pods that share a node's network: policies of other kinds
    /// than NetworkPolicy do, if they are not bound to a namespace.
    pub fn may_select_hosts(&self) -> bool {
        self.scope == Scope::Cluster && self.effect == Effect::Overrides
    }
}

/// Whose traffic a policy may decide.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    /// That of every pod.
    Cluster,
    /// That of the pods of one namespace.
    Namespace(String),
}

/// Why a policy cannot be evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Why {
    /// It has an error.
    Broken,
    /// It is of a kind that np does not know how to evaluate.
    Kind,
}

/// What a policy may do to what the NetworkPolicies say about its subjects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Effect {
    /// It is one more NetworkPolicy: it may isolate, and what it allows is allowed beside the rest.
    Joins,
    /// It may deny what they allow, and allow nothing that they deny: a mesh or firewall behind
    /// them.
    Restricts,
    /// It may both deny what they allow and allow what they deny: a policy asked before them.
    Overrides,
}

impl fmt::Display for Unevaluated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.object {
            Some(object) => object.fmt(f),
            None => f.write_str("a text"),
        }
    }
}
