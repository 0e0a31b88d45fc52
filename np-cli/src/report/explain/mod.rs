//! The evidence for an answer in words: who selects each side, which rules match, and which nearly do.

pub(crate) mod focus;
mod gap;
mod lines;
pub(crate) mod markdown;
pub(crate) mod policy;
mod rule;
pub(crate) mod subject;
pub(crate) mod text;

use np_model::conn::ConnSet;
use np_model::ir::PolicyId;
use np_model::origin::Location;
use np_model::truth::Truth;
use np_sim::explain::{Evidence, Miss};
use np_sim::reach::Side;
use serde::Serialize;

use super::places::Place;
use super::reason::{NAMED, View};
use focus::Focus;
use gap::GapTold;

/// What is missing is told with the connections as long as they are short.
const SHORT: usize = 40;

/// The evidence of one direction; `docs/json.md` explains the keys.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Told {
    pub(super) selecting: Vec<SelectedBy>,
    pub(super) matched: Vec<MatchTold>,
    pub(super) misses: Vec<MissTold>,
    /// What lacks, where something is blocked and no miss is likely meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) missing: Option<String>,
}

/// A policy that selects the subject.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct SelectedBy {
    pub(super) policy: String,
    pub(super) certain: bool,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub(super) place: Option<Place>,
}

/// A rule whose peers match the other end.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct MatchTold {
    pub(super) policy: String,
    pub(super) rule: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) peer: Option<u32>,
    pub(super) certain: bool,
    pub(super) connections: String,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub(super) place: Option<Place>,
    /// Where the rule starts.
    #[serde(skip)]
    pub(super) at: Option<Location>,
}

/// A rule that nearly allows.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct MissTold {
    /// Whether it is likely that the rule was meant to.
    pub(super) likely: bool,
    pub(super) message: String,
    pub(super) policy: String,
    pub(super) rule: u32,
    /// Whether the rule is one that policyTypes leaves out.
    pub(super) inert: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) peer: Option<u32>,
    pub(super) connections: String,
    /// Whether the rule has no effect as it is.
    pub(super) idle: bool,
    pub(super) gaps: Vec<GapTold>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub(super) place: Option<Place>,
}

impl View<'_> {
    /// The evidence of this direction.
    pub(super) fn evidence(&self, evidence: &Evidence, side: &Side) -> Told {
        let selecting = &evidence.selecting;
        let certain = selecting.certain.iter().map(|id| (*id, true));
        let mut by: Vec<(PolicyId, bool)> =
            certain.chain(selecting.maybe.iter().map(|id| (*id, false))).collect();
        by.sort_unstable();
        let misses: Vec<MissTold> = evidence.misses.iter().map(|miss| self.miss(miss)).collect();
        let blocked = &side.outcome.blocked;
        let is_lacking =
            !blocked.is_empty() && !selecting.is_empty() && !misses.iter().any(|miss| miss.likely);
        Told {
            selecting: by.into_iter().map(|(id, certain)| self.selected_by(id, certain)).collect(),
            matched: evidence.matched.iter().map(|matched| self.matched(matched)).collect(),
            misses,
            missing: is_lacking.then(|| self.missing(blocked)),
        }
    }

    pub(super) fn selected_by(&self, id: PolicyId, certain: bool) -> SelectedBy {
        SelectedBy { policy: self.policy(id), certain, place: self.place(self.model().policy(id).at) }
    }

    fn matched(&self, matched: &np_sim::explain::Matched) -> MatchTold {
        let at = self.model().rule(matched.rule).at;
        MatchTold {
            policy: self.policy(matched.rule.policy),
            rule: matched.rule.index + 1,
            peer: matched.peer.map(|peer| peer + 1),
            certain: matched.truth == Truth::Yes,
            connections: matched.opens.text(self.families),
            place: self.place(at),
            at,
        }
    }

    fn miss(&self, miss: &Miss) -> MissTold {
        let gaps: Vec<GapTold> = miss.gaps.iter().map(|gap| self.gap(miss, gap)).collect();
        let policy = self.policy(miss.policy);
        let facts: Vec<&str> = gaps.iter().map(|gap| gap.message.as_str()).collect();
        MissTold {
            likely: miss.is_likely(),
            message: format!("{policy}, {} rule {} {}", miss.direction, miss.rule + 1, facts.join(", and ")),
            policy,
            rule: miss.rule + 1,
            inert: miss.is_inert(),
            peer: miss.peer.map(|peer| peer + 1),
            connections: miss.opens.text(self.families),
            idle: miss.is_idle,
            gaps,
            place: self.place(miss.rule_of(self.model()).at),
        }
    }

    /// What there would have to be.
    fn missing(&self, blocked: &ConnSet) -> String {
        let (subject, other) = (self.subject.label(NAMED), self.other.label(NAMED));
        let ports = blocked.text(self.families);
        let ports = if ports.chars().count() <= SHORT { &ports } else { "what is blocked" };
        format!("an {} rule for {other} on {ports} in a policy that selects {subject}", self.direction)
    }

    /// Where a focus is.
    fn focus(&self, at: Option<Location>, skipped: &str, text: Option<&str>) -> Option<Focus> {
        at.map(|at| focus::focus(self.places, at, skipped, text))
    }
}
