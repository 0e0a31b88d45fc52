//! Who decides a direction, and what would settle it where nobody does: one sentence each, with
//! its place.

use np_model::Model;
use np_model::addr::{Families, Family};
use np_model::conn::ConnSet;
use np_model::facts::Labels;
use np_model::ir::{Direction, Peer, PolicyId, RuleId};
use np_model::origin::Location;
use np_model::selector::Selector;
use np_model::truth::Truth;
use np_sim::reach::{Decision, Doubt, Side};
use serde::Serialize;

use super::clean::clean;
use super::members::End;
use super::places::{Place, Places};

/// How many members of an end a sentence names.
const NAMED: usize = 1;

/// One decision, ready to be shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reason {
    /// Which kind of decision.
    pub(crate) reason: &'static str,
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
                Decision::Unknown(doubts) => out.extend(doubts.iter().map(|doubt| self.doubt(*doubt, set))),
                Decision::NotIsolated => {
                    let verb = if self.subject.is_plural() { "are" } else { "is" };
                    let message = format!("{} {verb} not isolated for {}", self.subject.label(NAMED), self.direction);
                    out.push(self.plain("not-isolated", message, set));
                }
                Decision::Host => out.push(self.plain("host", self.host(), set)),
                Decision::External => {
                    let subject = self.subject.label(NAMED);
                    let message = match subject.as_str() {
                        "external" => "addresses outside the cluster have no policies".to_owned(),
                        _ => format!("{subject}: addresses outside the cluster have no policies"),
                    };
                    out.push(self.plain("external", message, set));
                }
                Decision::Itself => out.push(self.plain("itself", "a pod always reaches itself".to_owned(), set)),
                Decision::OwnNode => {
                    let message = "a pod and the node it runs on always reach each other".to_owned();
                    out.push(self.plain("own-node", message, set));
                }
                Decision::NoCommonFamily => {
                    let message = "the two have no IP family in common".to_owned();
                    out.push(self.plain("no-common-family", message, set));
                }
            }
        }
        out
    }

    /// What there is to say where nothing of what was asked concerns the pair.
    pub(super) fn beside(&self, asked: &ConnSet) -> Reason {
        let families: Vec<_> = asked.families().iter().map(family).collect();
        let message = format!("the two have no {} in common", families.join(" and "));
        self.plain("no-common-family", message, asked)
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

    fn doubt(&self, doubt: Doubt, set: &ConnSet) -> Reason {
        match doubt {
            Doubt::Address(rule, item) => self.peer("unknown-address", rule, item, set, self.address(rule, item)),
            Doubt::NamespaceLabels(rule, item) => {
                let message = self.namespace_labels();
                self.peer("unknown-namespace-labels", rule, item, set, message)
            }
            Doubt::PodLabels(rule, item) => {
                let keys = match self.peer_of(rule, item) {
                    Some(Peer::Pods { pods, .. }) => unknown_keys(pods, self.labels(&self.other)),
                    _ => String::new(),
                };
                let message = format!(
                    "{} matches or not by {keys}, which a controller sets: give the pods themselves",
                    self.other.label(NAMED)
                );
                self.peer("unknown-pod-labels", rule, item, set, message)
            }
            Doubt::Subject(id) => {
                let policy = self.policy(id);
                let keys = unknown_keys(&self.model().policy(id).subject, self.labels(&self.subject));
                let subject = self.subject.label(NAMED);
                let message = format!(
                    "{policy} selects {subject} or not by {keys}, which a controller sets: give the pods themselves"
                );
                let place = self.place(self.model().policy(id).at);
                Reason { policy: Some(policy), place, ..self.plain("unknown-subject", message, set) }
            }
            Doubt::Placement => {
                let message = "whether the node is the pod's own decides: give the pod's spec.nodeName".to_owned();
                self.plain("unknown-placement", message, set)
            }
        }
    }

    fn address(&self, rule: RuleId, item: u32) -> String {
        let other = self.other.label(NAMED);
        let block = match self.peer_of(rule, item) {
            Some(Peer::Block(block)) => {
                let except: Vec<_> = block.except().iter().map(ToString::to_string).collect();
                let list = if except.is_empty() { String::new() } else { format!(" except {}", except.join(",")) };
                format!("{}{list}", block.cidr())
            }
            _ => "the block".to_owned(),
        };
        let advice = match (self.other.members.is_host, self.other.members.pods.is_empty()) {
            (true, true) => "give the addresses of the Node",
            (true, false) => "give the pod's status.hostIP, or its node",
            (false, _) => "give status.podIP, or --pod-cidr",
        };
        format!("{block} may or may not hold the IP of {other}: {advice}")
    }

    fn namespace_labels(&self) -> String {
        let model = self.model();
        let mut names: Vec<&str> = self.other.members.pods.iter().map(|pod| model.pod(*pod).namespace)
            .map(|id| model.namespace(id))
            .filter(|namespace| namespace.inferred)
            .map(|namespace| namespace.name.as_str())
            .collect();
        names.dedup();
        let names = names.join(", ");
        format!("namespace {names} has no Namespace object: add it, or --assume-bare-namespaces")
    }

    fn peer(&self, reason: &'static str, rule: RuleId, item: u32, set: &ConnSet, message: String) -> Reason {
        let peers = self.model().rule(rule).peers.as_deref().unwrap_or_default();
        let place = self.place(peers.get(item as usize).and_then(|peer| peer.at));
        let policy = Some(self.policy(rule.policy));
        Reason { policy, rule: Some(rule.index + 1), place, ..self.plain(reason, message, set) }
    }

    fn peer_of(&self, rule: RuleId, item: u32) -> Option<&Peer> {
        let peers = self.subject.model.rule(rule).peers.as_deref()?;
        peers.get(item as usize).map(|item| &item.peer)
    }

    fn labels<'e>(&self, end: &'e End<'_>) -> Option<&'e Labels> {
        let pod = end.members.pods.first()?;
        Some(&end.model.pod(*pod).labels)
    }

    fn plain(&self, reason: &'static str, message: String, set: &ConnSet) -> Reason {
        let connections = set.text(self.families);
        Reason { reason, connections, set: set.clone(), message, policy: None, rule: None, place: None }
    }

    fn policy(&self, id: PolicyId) -> String {
        let policy = self.model().policy(id);
        clean(&format!("{}/{}", policy.namespace, policy.name)).into_owned()
    }

    fn place(&self, at: Option<Location>) -> Option<Place> {
        at.map(|at| self.places.place(at))
    }

    fn model(&self) -> &Model {
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

/// The keys that a selector asks for and the labels leave open.
fn unknown_keys(selector: &Selector, labels: Option<&Labels>) -> String {
    let is_open = |labels: &Labels, requirement: &np_model::selector::Requirement| {
        requirement.matches(labels) == Truth::Maybe
    };
    let requirements = selector.requirements().iter();
    let open = requirements.filter(|requirement| labels.is_none_or(|labels| is_open(labels, requirement)));
    let keys: Vec<_> = open.map(|requirement| clean(requirement.key()).into_owned()).collect();
    if keys.is_empty() { "labels".to_owned() } else { format!("the label {}", keys.join(", ")) }
}
