//! Who decides a direction, and what would settle it where nobody does: one sentence each, with
//! its place.

use np_model::Model;
use np_model::addr::{Families, Family};
use np_model::conn::ConnSet;
use np_model::ir::{Direction, PolicyId, RuleId};
use np_model::origin::Location;
use np_sim::reach::{Decision, Side};
use serde::Serialize;

use super::clean::clean;
use super::members::End;
use super::places::{Place, Places};

/// How many members of an end a sentence names.
pub(super) const NAMED: usize = 1;

/// One decision, ready to be shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reason {
    /// Which kind of decision.
    #[serde(rename = "reason")]
    pub(crate) kind: &'static str,
    /// What it is about, in np's notation.
    pub(crate) connections: String,
    /// The same as a set.
    #[serde(skip)]
    pub(crate) set: ConnSet,
    /// The sentence.
    pub(crate) message: String,
    /// `namespace/name` of the policy that decides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) policy: Option<String>,
    /// Which rule of that policy and direction, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rule: Option<u32>,
    /// Where it stands, if there is text.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub(crate) place: Option<Place>,
}

/// The two ends as one direction sees them.
#[derive(Debug, Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) places: &'a Places<'a>,
    pub(super) direction: Direction,
    /// Whose policies are asked.
    pub(super) subject: End<'a>,
    pub(super) other: End<'a>,
    pub(super) families: Families,
}

impl View<'_> {
    /// Every decision of a direction.
    pub(super) fn reasons(&self, side: &Side) -> Vec<Reason> {
        let mut out = Vec::new();
        for decided in &side.decisions {
            let set = &decided.connections;
            match &decided.decision {
                Decision::Rule(rule) => out.push(self.rule(*rule, set)),
                Decision::Isolated(policies) => {
                    out.extend(policies.iter().map(|policy| self.isolated(*policy, set)));
                }
                Decision::Unknown(doubts) => out.extend(self.doubts(doubts, set)),
                Decision::NotIsolated => {
                    let verb = if self.subject.is_plural() { "are" } else { "is" };
                    let message =
                        format!("{} {verb} not isolated for {}", self.subject.label(NAMED), self.direction);
                    out.push(self.plain("not-isolated", message, set));
                }
                Decision::Host => out.push(self.plain("host", self.host(), set)),
                Decision::External => {
                    let message = "addresses outside the cluster have no policies".to_owned();
                    out.push(self.plain("external", message, set));
                }
                Decision::Itself => {
                    out.push(self.plain("itself", "a pod always reaches itself".to_owned(), set));
                }
                Decision::OwnNode => {
                    let message = "a pod and the node it runs on always reach each other".to_owned();
                    out.push(self.plain("own-node", message, set));
                }
                Decision::NoCommonFamily => {
                    let missing: Vec<_> = set.families().iter().map(family).collect();
                    let missing = if missing.len() == 1 { missing[0] } else { "IP family" };
                    let message = format!("the two have no {missing} in common");
                    out.push(self.plain("no-common-family", message, set));
                }
            }
        }
        out
    }

    fn host(&self) -> String {
        let subject = self.subject.label(NAMED);
        match (self.subject.members.pods.is_empty(), self.subject.is_plural()) {
            (true, false) => format!("{subject} is a node, and policies select pods"),
            (true, true) => format!("{subject} are nodes, and policies select pods"),
            (false, _) => format!("{subject}: policies do not select pods on their node's network"),
        }
    }

    fn rule(&self, id: RuleId, set: &ConnSet) -> Reason {
        let number = id.index + 1;
        let policy = self.policy(id.policy);
        let message = format!("by {policy}, {} rule {number}", id.direction);
        let place = self.place(self.model().rule(id).at);
        Reason { policy: Some(policy), rule: Some(number), place, ..self.plain("rule", message, set) }
    }

    fn isolated(&self, id: PolicyId, set: &ConnSet) -> Reason {
        let policy = self.policy(id);
        let message = format!("isolated by {policy}");
        let place = self.place(self.model().policy(id).at);
        Reason { policy: Some(policy), place, ..self.plain("isolated", message, set) }
    }

    pub(super) fn plain(&self, kind: &'static str, message: String, set: &ConnSet) -> Reason {
        let connections = set.text(self.families);
        Reason { kind, connections, set: set.clone(), message, policy: None, rule: None, place: None }
    }

    pub(super) fn policy(&self, id: PolicyId) -> String {
        let policy = self.model().policy(id);
        clean(&format!("{}/{}", policy.namespace, policy.name)).into_owned()
    }

    pub(super) fn place(&self, at: Option<Location>) -> Option<Place> {
        at.map(|at| self.places.place(at))
    }

    pub(super) fn model(&self) -> &Model {
        self.subject.model
    }
}

/// The name of an IP family.
pub(super) fn family(family: Family) -> &'static str {
    match family {
        Family::V4 => "IPv4",
        Family::V6 => "IPv6",
    }
}
