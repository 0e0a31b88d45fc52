//! Answers: what is certain to pass, and what is possible.

/// Whether a connection passes, in one direction or in both, at one point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound {
    /// It passes whatever the unknown facts are.
    pub certain: bool,
    /// It passes for all that is known.
    pub possible: bool,
}

impl Bound {
    pub(crate) const ALL: Self = Self { certain: true, possible: true };
}

/// Both directions at one point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// What the source may send.
    pub egress: Bound,
    /// What the destination may receive.
    pub ingress: Bound,
}

/// The answer at one point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The connection passes.
    Allowed,
    /// The connection does not pass.
    Denied,
    /// It hangs on an unknown fact.
    Unknown,
}

impl Bounds {
    /// Both directions together.
    #[must_use]
    pub fn pair(self) -> Bound {
        Bound {
            certain: self.egress.certain && self.ingress.certain,
            possible: self.egress.possible && self.ingress.possible,
        }
    }

    /// The pair's verdict.
    pub fn verdict(self) -> Verdict {
        match self.pair() {
            Bound { certain: true, .. } => Verdict::Allowed,
            Bound { possible: false, .. } => Verdict::Denied,
            _ => Verdict::Unknown,
        }
    }
}
