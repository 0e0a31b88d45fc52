//! Who is behind a line: a rule, a policy, or else the change of the input itself, with its place on the side where it
//! stands.

use np_model::delta::{Delta, DeltaId};
use np_model::ir::{Direction, PolicyId, RuleId, UnevaluatedId, Why};
use np_model::model::{Pod, PodId};
use np_model::refine::Aligned;
use np_sim::review::Decider;
use serde::Serialize;

use super::Context;
use crate::report::clean::clean;
use crate::report::places::Place;

/// Who decides, in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Who {
    /// The sentence, such as `shop/db-ingress rule 2`.
    pub(crate) message: String,
    /// In which of the two it stands: `base` or `head`.
    pub(crate) side: &'static str,
    /// `namespace/name` of the policy, if it is one or a rule of one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) policy: Option<String>,
    /// Which rule of that policy and direction, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rule: Option<u32>,
    /// Which direction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) direction: Option<&'static str>,
    /// Whether it is a rule that allows what opens and that the change left alone.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) unchanged: bool,
    /// Where it stands, if there is text.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub(crate) place: Option<Place>,
}

/// A change of the input, in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Told {
    /// What changed, such as `shop/db-ingress rule 2 added`.
    pub(crate) message: String,
    /// Where it stands in the base, if it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) base: Option<Place>,
    /// Where it stands in the head, if it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) head: Option<Place>,
}

const SIDES: [&str; 2] = ["base", "head"];

impl Context<'_> {
    /// A decider in words.
    pub(super) fn who(self, decider: Decider, cause: &[DeltaId]) -> Who {
        match decider {
            Decider::Allows(rule) => self.rule(1, rule, ""),
            Decider::MayAllow(rule) => self.rule(1, rule, " may allow"),
            Decider::Allowed(rule) => {
                let successor = cause.iter().find_map(|id| match self.deltas.get(*id) {
                    Delta::Rule(Aligned::Both(base, head)) if *base == rule => Some(*head),
                    _ => None,
                });
                match successor.filter(|head| self.is_listed(*head)) {
                    Some(head) => self.rule(1, head, " changed"),
                    None => self.rule(0, rule, " gone"),
                }
            }
            Decider::Isolates(policy, direction) => self.policy(1, policy, direction, cause),
            Decider::NoLongerIsolates(policy, direction) => self.policy(0, policy, direction, cause),
            Decider::Delta(id) => {
                let (side, place) = self.seen(id);
                let Told { message, .. } = self.told(id);
                let unchanged = false;
                Who {
                    message,
                    side: SIDES[side],
                    policy: None,
                    rule: None,
                    direction: None,
                    unchanged,
                    place,
                }
            }
        }
    }

    /// Whether a rule of the head is in force, not inert.
    pub(super) fn is_listed(self, rule: RuleId) -> bool {
        let rules = self.deltas.models[1].policy(rule.policy).rules(rule.direction);
        rules.is_some_and(|rules| (rule.index as usize) < rules.len())
    }

    fn rule(self, side: usize, id: RuleId, behind: &str) -> Who {
        let number = id.index + 1;
        let policy = self.policy_name(side, id.policy);
        let message = format!("{policy} {}{number}{behind}", self.word(side, id));
        let place = self.deltas.models[side].rule(id).at.map(|at| self.places[side].place(at));
        let direction = Some(direction(id.direction));
        Who {
            message,
            side: SIDES[side],
            policy: Some(policy),
            rule: Some(number),
            direction,
            unchanged: false,
            place,
        }
    }

    /// `rule `, with its direction where the policy has rules of both.
    fn word(self, side: usize, id: RuleId) -> String {
        let policy = self.deltas.models[side].policy(id.policy);
        let are_both = Direction::BOTH
            .iter()
            .all(|direction| policy.rules(*direction).is_some_and(|rules| !rules.is_empty()));
        if are_both { format!("{} rule ", id.direction) } else { "rule ".to_owned() }
    }

    /// A policy that isolates, or did: at the field that changes, if it is one that both sides have.
    fn policy(self, side: usize, id: PolicyId, of: Direction, cause: &[DeltaId]) -> Who {
        let policy = self.policy_name(side, id);
        let field = self.switch(side, id, of, cause).map(|id| self.seen(id));
        let name = || self.deltas.models[side].policy(id).at.map(|at| self.places[side].place(at));
        let (at_side, place) = field.unwrap_or_else(|| (side, name()));
        let verb = if side == 1 { "isolates" } else { "no longer isolates" };
        let message = format!("{policy} {verb}");
        let direction = Some(direction(of));
        Who {
            message,
            side: SIDES[at_side],
            policy: Some(policy),
            rule: None,
            direction,
            unchanged: false,
            place,
        }
    }

    /// The change of a cause by which a policy of a side begins or ceases to isolate in a direction, and that both sides have.
    pub(super) fn switch(
        self,
        side: usize,
        id: PolicyId,
        of: Direction,
        cause: &[DeltaId],
    ) -> Option<DeltaId> {
        let is = |base: PolicyId, head: PolicyId| [base, head][side] == id;
        let is_switch = |delta: &&DeltaId| match self.deltas.get(**delta) {
            Delta::Subject(base, head) => is(*base, *head),
            Delta::Type(base, head, direction) => *direction == of && is(*base, *head),
            _ => false,
        };
        cause.iter().find(is_switch).copied()
    }

    /// Where a change is to be seen: the side, and the place there.
    pub(super) fn seen(self, id: DeltaId) -> (usize, Option<Place>) {
        let Told { base, head, .. } = self.told(id);
        match (self.deltas.side(id), base, head) {
            (0, Some(place), _) | (_, Some(place), None) => (0, Some(place)),
            (side, None, None) => (side, None),
            (_, _, place) => (1, place),
        }
    }

    fn policy_name(self, side: usize, id: PolicyId) -> String {
        let policy = self.deltas.models[side].policy(id);
        clean(&format!("{}/{}", policy.namespace, policy.name)).into_owned()
    }

    /// A change of the input in words.
    pub(super) fn told(self, id: DeltaId) -> Told {
        let [base, head] = self.changed_at[id.index()];
        let place = |side: usize, at: Option<_>| at.map(|at| self.places[side].place(at));
        let message = clean(&self.message(id)).into_owned();
        Told { message, base: place(0, base), head: place(1, head) }
    }

    /// A policy that is not evaluated, and what happened to it.
    pub(super) fn unevaluated(self, policy: Aligned<UnevaluatedId>) -> Told {
        let at = |side: usize| self.deltas.models[side].unevaluated(policy.sides()[side]?).at;
        let place = |side: usize| at(side).map(|at| self.places[side].place(at));
        let message = clean(&self.unevaluated_message(policy)).into_owned();
        Told { message, base: place(0), head: place(1) }
    }

    fn unevaluated_message(self, policy: Aligned<UnevaluatedId>) -> String {
        let (side, id, verb) = one(policy);
        let policy = self.deltas.models[side].unevaluated(id);
        let why = match policy.why {
            Why::Broken => "which is broken",
            Why::Kind => "which np does not evaluate",
        };
        match &policy.object {
            Some(object) => format!("{object} {verb}, {why}"),
            None => format!("a text that np cannot read {verb}"),
        }
    }

    fn message(self, id: DeltaId) -> String {
        let [base, head] = self.deltas.models;
        match self.deltas.get(id) {
            Delta::Policy(policy) => {
                let (side, id, verb) = one(*policy);
                format!("{} {verb}", self.policy_name(side, id))
            }
            Delta::Subject(_, id) => format!("{} selects other pods", self.policy_name(1, *id)),
            Delta::Type(_, id, direction) => {
                let concerns = head.policy(*id).rules(*direction).is_some();
                let verb = if concerns { "concerns" } else { "no longer concerns" };
                format!("{} {verb} {direction}", self.policy_name(1, *id))
            }
            Delta::Rule(rule) => {
                let (side, id, verb) = one(*rule);
                format!("{} {} rule {} {verb}", self.policy_name(side, id.policy), id.direction, id.index + 1)
            }
            Delta::NamespaceLabel(a, b, key) => {
                let value = |labels: &np_model::facts::Labels| labels.known(key).map(str::to_owned);
                let before = value(&base.namespace(*a).labels);
                let after = value(&head.namespace(*b).labels);
                format!("namespace {}: {}", head.namespace(*b).name, label(key, before, after))
            }
            Delta::PodLabel(pods, key) => {
                let value = |pod: Option<&Pod>| pod.and_then(|pod| pod.labels.known(key)).map(str::to_owned);
                let first = pods.first().map(|pod| pod.sides()).unwrap_or_default();
                let before = value(first[0].map(|id| base.pod(id)));
                let after = value(first[1].map(|id| head.pod(id)));
                format!("{}: {}", self.pods(pods), label(key, before, after))
            }
            Delta::Pods(pods) => {
                let verb = pods.first().map_or("changed", |pod| one(*pod).2);
                format!("{} {verb}", self.pods(pods))
            }
            Delta::Node(node) => {
                let (side, id, verb) = one(*node);
                format!("node/{} {verb}", self.deltas.models[side].node(id).name)
            }
            Delta::Namespace(namespace) => {
                let (side, id, verb) = one(*namespace);
                format!("namespace {} {verb}", self.deltas.models[side].namespace(id).name)
            }
            Delta::Unevaluated(policy) => self.unevaluated_message(*policy),
            Delta::Rest => "addresses, autoscalers or workloads changed".to_owned(),
        }
    }

    /// All pods of a workload by its name, or some of them, or a single one.
    fn pods(self, pods: &[Aligned<PodId>]) -> String {
        let Some(first) = pods.first() else { return "no pods".to_owned() };
        let (side, id, _) = one(*first);
        let model = self.deltas.models[side];
        let Some(workload) = model.pod(id).workload else { return model.pod_name(id) };
        let name = model.workload_name(workload);
        match pods.len() {
            all if all == model.workload(workload).pods.len() => name,
            1 => model.pod_name(id),
            some => format!("{some} pods of {name}"),
        }
    }
}

/// The side to name something by, its id there, and what happened to it.
fn one<Id: Copy>(aligned: Aligned<Id>) -> (usize, Id, &'static str) {
    match aligned {
        Aligned::Both(_, id) => (1, id, "changed"),
        Aligned::Head(id) => (1, id, "added"),
        Aligned::Base(id) => (0, id, "removed"),
    }
}

fn label(key: &str, before: Option<String>, after: Option<String>) -> String {
    match (before, after) {
        (Some(before), Some(after)) => format!("label {key}={before} is {after} now"),
        (Some(before), None) => format!("label {key}={before} removed"),
        (None, Some(after)) => format!("label {key}={after} added"),
        (None, None) => format!("label {key} changed"),
    }
}

fn direction(direction: Direction) -> &'static str {
    match direction {
        Direction::Egress => "egress",
        Direction::Ingress => "ingress",
    }
}
