//! Three-valued answers. Part of a cluster may be unknown (an address, a label), and a question that hangs
//! on it is then answered "maybe" instead of guessed.

/// Kleene's three truth values, in the order no < maybe < yes: AND is the least, OR the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Truth {
    /// False, whatever the unknown facts turn out to be.
    No,
    /// It hangs on an unknown fact.
    Maybe,
    /// True, whatever the unknown facts turn out to be.
    Yes,
}

impl Truth {
    /// Both.
    #[must_use]
    pub(crate) fn and(self, other: Self) -> Self {
        self.min(other)
    }

    /// All of them; yes if there are none.
    pub(crate) fn all(truths: impl IntoIterator<Item = Self>) -> Self {
        truths.into_iter().min().unwrap_or(Self::Yes)
    }
}

impl From<bool> for Truth {
    fn from(known: bool) -> Self {
        if known { Self::Yes } else { Self::No }
    }
}
