//! The words of `--fail-on`: which lines of a review each of them means.

use clap::ValueEnum;
use np_sim::diff::Change;
use np_sim::review::{Line, Presence, Risk, What};

/// What a check can fail for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Word {
    /// Any change of a connection: opened, closed and unknown
    Any,
    /// Something passes, or may, that did not
    Opened,
    /// Something is blocked that passed, or could
    Closed,
    /// Something passes, or may, from or to the internet that did not
    Internet,
    /// Cluster DNS is no longer reached
    Dns,
    /// Pods are no longer isolated, or not for certain
    Unprotected,
    /// Something is unknown that was decided
    Unknown,
    /// Something is opened between environments, as namespaces are labelled
    CrossEnvironment,
    /// Something is opened between namespaces
    CrossNamespace,
}

impl Word {
    /// What any change means.
    pub(crate) const ANY: [Self; 3] = [Self::Opened, Self::Closed, Self::Unknown];

    /// Its spelling.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Opened => "opened",
            Self::Closed => "closed",
            Self::Internet => "internet",
            Self::Dns => "dns",
            Self::Unprotected => "unprotected",
            Self::Unknown => "unknown",
            Self::CrossEnvironment => "cross-environment",
            Self::CrossNamespace => "cross-namespace",
        }
    }

    /// The words that some stand for, in order, each once; none stand for any change.
    pub(super) fn meant(words: &[Self]) -> Vec<Self> {
        let mut meant: Vec<Self> = words.iter().copied().filter(|word| *word != Self::Any).collect();
        if words.is_empty() || words.contains(&Self::Any) {
            meant.extend(Self::ANY);
        }
        meant.sort_unstable();
        meant.dedup();
        meant
    }

    /// Whether it means a line.
    pub(super) fn means(self, line: &Line) -> bool {
        let has = |risks: &[Risk]| line.risks.iter().any(|risk| risks.contains(risk));
        let opens = |change: &Change| {
            let before = change.before.passes.or(&change.before.open);
            !change.opened().is_empty() || !change.after.open.minus(&before).is_empty()
        };
        match self {
            Self::Any => Self::meant(&[]).iter().any(|word| word.means(line)),
            Self::Opened => match &line.what {
                What::Between(between) => opens(&between.change),
                What::Alone(alone) => alone.presence == Presence::Added && alone.pairs > 0,
                What::Isolation(_) => false,
            },
            Self::Closed => match &line.what {
                What::Between(between) => !between.change.closed().is_empty(),
                What::Alone(alone) => alone.presence == Presence::Removed && alone.pairs > 0,
                What::Isolation(_) => false,
            },
            Self::Internet => has(&[Risk::InternetIngress, Risk::InternetEgress]),
            Self::Dns => has(&[Risk::Dns]),
            Self::Unprotected => has(&[Risk::Unprotected]),
            Self::Unknown => has(&[Risk::Unknown]),
            Self::CrossEnvironment => has(&[Risk::CrossEnvironment]),
            Self::CrossNamespace => has(&[Risk::CrossNamespace]),
        }
    }
}
