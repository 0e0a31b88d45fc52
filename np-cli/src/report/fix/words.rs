//! What the steps of a fix change, in words.

use np_model::Model;
use np_model::edit::{Change, RuleAt, SelectorAt};
use np_model::ir::{Namespaces, Peer, PortMatch, PortSpec, Rule};
use np_model::selector::{Requirement, Selector};
use np_sim::fix::Step;

use super::name_of;
use crate::report::clean::clean;

/// One step.
pub(super) fn step(model: &Model, step: &Step) -> String {
    let text = match step {
        Step::New(policy) => {
            let subject = selector(&policy.subject);
            let rules: Vec<String> = policy
                .egress
                .iter()
                .flatten()
                .map(|one| format!("egress to {}", rule(one)))
                .chain(policy.ingress.iter().flatten().map(|one| format!("ingress from {}", rule(one))))
                .collect();
            format!("new policy {}: {subject} may have {}", name_of(policy), rules.join(", and "))
        }
        Step::Change(id, change) => format!("{}: {}", name_of(model.policy(*id)), self::change(change)),
    };
    clean(&text).into_owned()
}

fn change(change: &Change) -> String {
    match change {
        Change::AddType(direction) => {
            let direction = direction.to_string();
            let (first, rest) = direction.split_at(1);
            format!("policyTypes gets {}{rest}", first.to_uppercase())
        }
        Change::AddRule(direction, one) => format!("{direction} gets a rule for {}", rule(one)),
        Change::RemoveRule(at) => format!("{} goes", rule_at(*at)),
        Change::AddPeer(at, one) => format!("{} gets the peer {}", rule_at(*at), peer(one)),
        Change::Peers(at, peers) => format!("{} is for {} only", rule_at(*at), list(peers.iter().map(peer))),
        Change::RemovePeer(at, index) => format!("peer {} of {} goes", index + 1, rule_at(*at)),
        Change::Split(at, index) => {
            format!("peer {} of {} becomes two: namespaces or pods, not both", index + 1, rule_at(*at))
        }
        Change::Join(at, index) => {
            let (first, second) = (index + 1, index + 2);
            format!("peers {first} and {second} of {} become one: namespaces and pods", rule_at(*at))
        }
        Change::AddPort(at, one) => format!("{} gets the port {}", rule_at(*at), port(one)),
        Change::Ports(at, ports) => format!("{} is for {} only", rule_at(*at), list(ports.iter().map(port))),
        Change::RemovePort(at, index) => format!("port {} of {} goes", index + 1, rule_at(*at)),
        Change::SetPort(at, index, one) => {
            format!("port {} of {} becomes {}", index + 1, rule_at(*at), port(one))
        }
        Change::InNamespaces(at, index, one) => {
            format!("peer {} of {} is for namespaces with {}", index + 1, rule_at(*at), selector(one))
        }
        Change::AddExcept(at, index, network) => {
            format!("peer {} of {} leaves {network} out", index + 1, rule_at(*at))
        }
        Change::RemoveExcept(at, index, network) => {
            format!("peer {} of {} no longer leaves {network} out", index + 1, rule_at(*at))
        }
        Change::SetTerm(at, old, new) => {
            format!("{}: `{}` becomes `{}`", selector_at(*at), term(old), term(new))
        }
        Change::AddTerm(at, new) => format!("{} also asks for `{}`", selector_at(*at), term(new)),
        Change::RemoveTerm(at, old) => format!("{} no longer asks for `{}`", selector_at(*at), term(old)),
    }
}

fn rule_at(at: RuleAt) -> String {
    format!("{} rule {}", at.direction, at.index + 1)
}

fn selector_at(at: SelectorAt) -> String {
    match at {
        SelectorAt::Subject => "podSelector".to_owned(),
        SelectorAt::Pods(at, index) => format!("podSelector of peer {} of {}", index + 1, rule_at(at)),
        SelectorAt::Namespaces(at, index) => {
            format!("namespaceSelector of peer {} of {}", index + 1, rule_at(at))
        }
    }
}

fn list(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}

fn rule(rule: &Rule) -> String {
    let peers = rule.peers.as_ref().map_or("everyone".to_owned(), |peers| {
        let peers: Vec<String> = peers.iter().map(|item| peer(&item.peer)).collect();
        // Brackets tell where one of several ends, as each may speak of several things.
        if let [only] = peers.as_slice() { only.clone() } else { format!("({})", peers.join(") or (")) }
    });
    let ports = rule
        .ports
        .as_ref()
        .map_or("every port".to_owned(), |ports| list(ports.iter().map(|item| port(&item.port))));
    format!("{peers} on {ports}")
}

fn peer(peer: &Peer) -> String {
    match peer {
        Peer::Block(block) if block.except().is_empty() => block.cidr().to_string(),
        Peer::Block(block) => {
            format!("{} without {}", block.cidr(), list(block.except().iter().map(ToString::to_string)))
        }
        Peer::Pods { namespaces: Namespaces::Named(_), pods } => selector(pods),
        Peer::Pods { namespaces: Namespaces::Matching(namespaces), pods } => {
            let pods = selector(pods);
            if namespaces.is_everything() {
                return format!("{pods} of all namespaces");
            }
            format!("{pods} in namespaces with {}", selector(namespaces))
        }
    }
}

fn port(port: &PortMatch) -> String {
    let protocol = port.protocol.name();
    match &port.ports {
        PortSpec::All => protocol.to_owned(),
        PortSpec::Range(first, last) if first == last => format!("{protocol}/{first}"),
        PortSpec::Range(first, last) => format!("{protocol}/{first}-{last}"),
        PortSpec::Named(name) => format!("{protocol}/{name}"),
    }
}

fn selector(selector: &Selector) -> String {
    if selector.is_everything() {
        return "all pods".to_owned();
    }
    selector.requirements().iter().map(term).collect::<Vec<_>>().join(",")
}

/// A term as kubectl writes it.
fn term(term: &Requirement) -> String {
    let values = |values: &std::collections::BTreeSet<String>| {
        values.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
    };
    match term {
        Requirement::In(key, set) if set.len() == 1 => format!("{key}={}", values(set)),
        Requirement::In(key, set) => format!("{key} in ({})", values(set)),
        Requirement::NotIn(key, set) if set.len() == 1 => format!("{key}!={}", values(set)),
        Requirement::NotIn(key, set) => format!("{key} notin ({})", values(set)),
        Requirement::Exists(key) => key.clone(),
        Requirement::DoesNotExist(key) => format!("!{key}"),
    }
}
