//! What opens a connection that no rule was meant to allow: one more peer, port or rule, or a new policy.

use np_model::Model;
use np_model::edit::{Change, RuleAt};
use np_model::ir::{Direction, Inert, Places, Policy, PolicyId, PortMatch, Rule};
use np_model::selector::Selector;

use super::Step;
use super::labels;
use super::prove::Question;
use crate::endpoint::Endpoint;

/// How many of the policies that isolate the subject are given one more rule.
const POLICIES: usize = 4;

/// The steps, each list for itself, that let a subject exchange what is asked with another, in one direction.
pub(super) fn candidates(
    question: &Question<'_>,
    isolating: &[PolicyId],
    direction: Direction,
) -> Vec<Vec<Step>> {
    let Question { model, from, to, .. } = *question;
    let (subject, other) = ends(from, to, direction);
    let Some(namespace) = subject.namespace(model) else { return Vec::new() };
    let home = model.namespace(namespace).name.as_str();
    let (peers, ports) = (labels::peers(model, other, home), labels::ports(model, question.asked, to));
    if peers.is_empty() {
        return Vec::new();
    }
    let mut all = Vec::new();
    let mut isolating = isolating.to_vec();
    isolating.sort_by_key(|id| std::cmp::Reverse(model.policy(*id).subject.requirements().len()));
    for id in isolating.into_iter().take(POLICIES) {
        let rules = model.policy(id).rules(direction).unwrap_or_default();
        for (rule, index) in rules.iter().zip(0..) {
            let at = RuleAt { direction, index };
            if rule.peers.is_some() && says(rule, &ports) {
                all.push(
                    peers.iter().map(|peer| Step::Change(id, Change::AddPeer(at, peer.clone()))).collect(),
                );
            }
            let known = rule.peers.iter().flatten().map(|item| &item.peer);
            if rule.ports.is_some() && !ports.is_empty() && known.eq(&peers) {
                all.push(
                    ports.iter().map(|port| Step::Change(id, Change::AddPort(at, port.clone()))).collect(),
                );
            }
        }
        let rule = Rule::new(peers.clone(), ports.clone());
        all.push(vec![Step::Change(id, Change::AddRule(direction, rule))]);
    }
    let name = name(model, home, subject, other, direction, "allow");
    let rule = Rule::new(peers, ports);
    all.push(vec![Step::New(Box::new(policy(model, home, name, subject, (direction, vec![rule]))))]);
    all
}

/// Subject and other end of a direction.
pub(super) fn ends<'e>(
    from: &'e Endpoint,
    to: &'e Endpoint,
    direction: Direction,
) -> (&'e Endpoint, &'e Endpoint) {
    match direction {
        Direction::Egress => (from, to),
        Direction::Ingress => (to, from),
    }
}

/// Whether a rule is for these ports and no others.
fn says(rule: &Rule, ports: &[PortMatch]) -> bool {
    rule.ports.iter().flatten().map(|item| &item.port).eq(ports)
}

/// A new policy of a subject for one direction.
pub(super) fn policy(
    model: &Model,
    namespace: &str,
    name: String,
    subject: &Endpoint,
    (direction, rules): (Direction, Vec<Rule>),
) -> Policy {
    let selector = match subject {
        Endpoint::Namespace(_) => Selector::default(),
        _ => labels::selector(model, &subject.pods(model)),
    };
    let (egress, ingress) = match direction {
        Direction::Egress => (Some(rules), None),
        Direction::Ingress => (None, Some(rules)),
    };
    Policy {
        kind: "NetworkPolicy",
        namespace: namespace.to_owned(),
        name,
        at: None,
        subject: selector,
        subject_at: Places::default(),
        egress,
        ingress,
        inert: Inert::default(),
    }
}

/// A name that no policy of the namespace has, such as `postgres-allow-from-api`.
pub(super) fn name(
    model: &Model,
    home: &str,
    subject: &Endpoint,
    other: &Endpoint,
    direction: Direction,
    verb: &str,
) -> String {
    let word = match direction {
        Direction::Egress => "to",
        Direction::Ingress => "from",
    };
    let base = format!("{}-{verb}-{word}-{}", short(model, subject), short(model, other));
    let is_taken = |name: &str| model.find_policy(home, name).is_some();
    let numbered = |number: u32| if number == 1 { base.clone() } else { format!("{base}-{number}") };
    // One of so many names is free.
    let names = 1..=u32::try_from(model.rules().policies.len()).unwrap_or(u32::MAX - 1) + 1;
    names.map(numbered).find(|name| !is_taken(name)).unwrap_or_else(|| base.clone())
}

/// The last part of an endpoint's name, as a name may have it.
fn short(model: &Model, endpoint: &Endpoint) -> String {
    let name = endpoint.name(model);
    let last = match endpoint {
        Endpoint::External(_) => name.as_str(),
        _ => name.rsplit('/').next().unwrap_or(&name),
    };
    let is_fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let text: String = last.chars().map(|c| if is_fine(c) { c } else { '-' }).take(80).collect();
    let text = text.trim_matches('-');
    if text.is_empty() { "external".to_owned() } else { text.to_owned() }
}
