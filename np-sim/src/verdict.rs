//! What came of a question: three disjoint sets of connections, and the one word for them.

use std::fmt;

use np_model::conn::ConnSet;

/// The answer in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Verdict {
    /// Everything that was asked passes.
    Allowed,
    /// Nothing that was asked can pass.
    Denied,
    /// Some of it passes, the rest is blocked.
    Partial,
    /// The facts at hand leave some of it open.
    Unknown,
}

impl Verdict {
    /// The word, in lower case.
    pub fn name(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Denied => "denied",
            Self::Partial => "partial",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What happens to the connections that were asked about. Over one pair of endpoints the sets are
/// disjoint; over several pairs each is the union of its kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// What certainly passes, for some pair.
    pub passes: ConnSet,
    /// What may pass, depending on facts that the input does not show, for some pair.
    pub open: ConnSet,
    /// What is certainly blocked, for some pair.
    pub blocked: ConnSet,
}

impl Outcome {
    /// What becomes of `asked`, given what certainly and possibly passes of it.
    pub fn of(asked: &ConnSet, certain: &ConnSet, possible: &ConnSet) -> Self {
        let possible = asked.and(possible);
        let passes = asked.and(certain);
        Self { open: possible.minus(&passes), blocked: asked.minus(&possible), passes }
    }

    /// The union of each of the three sets.
    #[must_use]
    pub fn or(&self, other: &Self) -> Self {
        Self {
            passes: self.passes.or(&other.passes),
            open: self.open.or(&other.open),
            blocked: self.blocked.or(&other.blocked),
        }
    }

    /// What passes for every pair.
    pub fn every(&self) -> ConnSet {
        self.passes.minus(&self.open).minus(&self.blocked)
    }

    /// What passes for some pair and is blocked for another.
    pub fn some(&self) -> ConnSet {
        self.passes.and(&self.blocked).minus(&self.open)
    }

    /// The answer in one word; nothing at all is denied.
    pub fn verdict(&self) -> Verdict {
        match (self.passes.is_empty(), self.open.is_empty(), self.blocked.is_empty()) {
            (_, false, _) => Verdict::Unknown,
            (true, true, _) => Verdict::Denied,
            (false, true, true) => Verdict::Allowed,
            (false, true, false) => Verdict::Partial,
        }
    }
}
