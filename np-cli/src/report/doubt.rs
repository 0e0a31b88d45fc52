//! Facts that the input does not show: which they are, and what would settle them.

use np_model::conn::ConnSet;
use np_model::facts::Labels;
use np_model::ir::{Peer, RuleId, Unevaluated, Why};
use np_model::model::PodId;
use np_model::selector::{Requirement, Selector};
use np_model::truth::Truth;
use np_sim::reach::Doubt;

use super::clean::clean;
use super::members::End;
use super::reason::{NAMED, Reason, View};

impl View<'_> {
    /// What is missing, and what would settle it. Of policies that cannot be evaluated for the same
    /// reason the first is named.
    pub(super) fn doubts(&self, doubts: &[Doubt], set: &ConnSet) -> Vec<Reason> {
        let mut reasons = Vec::new();
        let mut unevaluated: Vec<(&Unevaluated, usize)> = Vec::new();
        for doubt in doubts {
            let Doubt::Unevaluated(id) = doubt else {
                reasons.push(self.doubt(*doubt, set));
                continue;
            };
            let policy = self.model().unevaluated(*id);
            let kind = |policy: &Unevaluated| policy.object.as_ref().map(|object| object.kind.clone());
            let is_alike = |known: &Unevaluated| (known.why, kind(known)) == (policy.why, kind(policy));
            match unevaluated.iter_mut().find(|(known, _)| is_alike(known)) {
                Some((_, more)) => *more += 1,
                None => unevaluated.push((policy, 0)),
            }
        }
        reasons.extend(unevaluated.into_iter().map(|(policy, more)| self.unevaluated(policy, more, set)));
        reasons
    }

    /// Says that a policy cannot be evaluated, and so many more like it.
    fn unevaluated(&self, policy: &Unevaluated, more: usize, set: &ConnSet) -> Reason {
        let name = clean(&policy.to_string()).into_owned();
        let (and_more, verb) =
            if more == 0 { (String::new(), "has") } else { (format!(" and {more} more"), "have") };
        let (kind, message) = match (policy.why, &policy.object) {
            (Why::Kind, object) => {
                let word =
                    object.as_ref().map_or_else(String::new, |object| clean(&object.kind).into_owned());
                (
                    "unevaluated-kind",
                    format!("{name}{and_more} may decide: np does not evaluate it (--ignore-kind {word})"),
                )
            }
            (Why::Broken, Some(_)) => {
                ("broken-policy", format!("{name}{and_more} {verb} an error and may decide"))
            }
            (Why::Broken, None) => {
                ("broken-policy", format!("{name}{and_more} cannot be read and may hold policies"))
            }
        };
        let is_policy = more == 0 && policy.object.is_some();
        let name = policy.object.as_ref().map(|object| match &object.namespace {
            Some(namespace) => clean(&format!("{namespace}/{}", object.name)).into_owned(),
            None => clean(&object.name).into_owned(),
        });
        Reason {
            policy: name.filter(|_| is_policy),
            place: self.place(policy.at),
            ..self.plain(kind, message, set)
        }
    }

    fn doubt(&self, doubt: Doubt, set: &ConnSet) -> Reason {
        match doubt {
            Doubt::Address(rule, item) => {
                self.peer("unknown-address", rule, item, set, self.address(rule, item))
            }
            Doubt::NamespaceLabels(rule, item) => {
                let message = self.namespace_labels();
                self.peer("unknown-namespace-labels", rule, item, set, message)
            }
            Doubt::PodLabels(rule, item) => {
                let keys = match self.peer_of(rule, item) {
                    Some(Peer::Pods { pods, .. }) => unknown_keys(pods, labels(&self.other)),
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
                let keys = unknown_keys(&self.model().policy(id).subject, labels(&self.subject));
                let subject = self.subject.label(NAMED);
                let message = format!(
                    "{policy} selects {subject} or not by {keys}, which a controller sets: give the pods themselves"
                );
                let place = self.place(self.model().policy(id).at);
                Reason { policy: Some(policy), place, ..self.plain("unknown-subject", message, set) }
            }
            Doubt::Placement => {
                let ends = [self.subject.members, self.other.members];
                let is_template = |pod: &PodId| self.model().pod(*pod).template.is_some();
                let advice = if ends.iter().flat_map(|end| &end.pods).any(is_template) {
                    "give the pods themselves, with their spec.nodeName"
                } else {
                    "give the pod's spec.nodeName"
                };
                let message = format!("whether the node is the pod's own decides: {advice}");
                self.plain("unknown-placement", message, set)
            }
            Doubt::Unevaluated(id) => self.unevaluated(self.model().unevaluated(id), 0, set),
        }
    }

    fn address(&self, rule: RuleId, item: u32) -> String {
        let other = self.other.label(NAMED);
        let block = match self.peer_of(rule, item) {
            Some(Peer::Block(block)) => {
                let except: Vec<_> = block.except().iter().map(ToString::to_string).collect();
                let list =
                    if except.is_empty() { String::new() } else { format!(" except {}", except.join(",")) };
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
        let mut names: Vec<&str> = self
            .other
            .members
            .pods
            .iter()
            .map(|pod| model.pod(*pod).namespace)
            .map(|id| model.namespace(id))
            .filter(|namespace| namespace.inferred)
            .map(|namespace| namespace.name.as_str())
            .collect();
        names.dedup();
        let names = names.join(", ");
        format!("namespace {names} has no Namespace object: add it, or --assume-bare-namespaces")
    }

    fn peer(&self, kind: &'static str, rule: RuleId, item: u32, set: &ConnSet, message: String) -> Reason {
        let peers = self.model().rule(rule).peers.as_deref().unwrap_or_default();
        let place = self.place(peers.get(item as usize).and_then(|peer| peer.at));
        let policy = Some(self.policy(rule.policy));
        Reason { policy, rule: Some(rule.index + 1), place, ..self.plain(kind, message, set) }
    }

    fn peer_of(&self, rule: RuleId, item: u32) -> Option<&Peer> {
        let peers = self.subject.model.rule(rule).peers.as_deref()?;
        peers.get(item as usize).map(|item| &item.peer)
    }
}

/// What is known about the labels of an end; its members are of one class, so one will do.
fn labels<'e>(end: &'e End<'_>) -> Option<&'e Labels> {
    let pod = end.members.pods.first()?;
    Some(&end.model.pod(*pod).labels)
}

/// The keys that a selector asks for and the labels leave open.
fn unknown_keys(selector: &Selector, labels: Option<&Labels>) -> String {
    let is_open = |labels: &Labels, requirement: &Requirement| requirement.matches(labels) == Truth::Maybe;
    let requirements = selector.requirements().iter();
    let open = requirements.filter(|requirement| labels.is_none_or(|labels| is_open(labels, requirement)));
    let keys: Vec<_> = open.map(|requirement| clean(requirement.key()).into_owned()).collect();
    if keys.is_empty() { "labels".to_owned() } else { format!("the label {}", keys.join(", ")) }
}
