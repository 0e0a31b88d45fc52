//! A near miss closed: the edit of its rule that leaves none of its gaps.

use std::collections::BTreeSet;

use np_model::conn::{ConnSet, Protocol};
use np_model::edit::{Change, RuleAt, SelectorAt};
use np_model::ir::{Namespaces, Peer, Policy, PortItem, PortMatch, PortSpec, Rule};
use np_model::selector::{Requirement, Selector};

use super::Step;
use super::labels;
use super::prove::Question;
use crate::endpoint::Endpoint;
use crate::explain::{Gap, LabelGap, Miss, Near, PortGap};

/// The steps that close every gap of a miss; `None` if one cannot be closed by an edit. `other` is whom the rule is to
/// match.
pub(super) fn close(question: &Question<'_>, miss: &Miss, other: &Endpoint) -> Option<Vec<Step>> {
    let policy = question.model.policy(miss.policy);
    let rule = miss.rule_of(question.model);
    if let [Gap::PolicyNamespace(home)] = miss.gaps.as_slice() {
        let home = &question.model.namespace(*home).name;
        return Some(vec![Step::New(Box::new(moved(policy, home)))]);
    }
    let at = RuleAt { direction: miss.direction, index: miss.rule };
    let mut changes = Vec::new();
    for gap in &miss.gaps {
        changes.extend(self::gap(question, miss, policy, rule, at, gap, other)?);
    }
    // First what makes the rule one in force, so that what follows is about such a one.
    changes.sort_by_key(|change| !matches!(change, Change::AddType(_)));
    Some(changes.into_iter().map(|change| Step::Change(miss.policy, change)).collect())
}

/// A policy as it would be in another namespace.
fn moved(policy: &Policy, home: &str) -> Policy {
    let mut moved = Policy { namespace: home.to_owned(), ..policy.clone().without_places() };
    for rule in moved.ingress.iter_mut().chain(&mut moved.egress).flatten() {
        for item in rule.peers.iter_mut().flatten() {
            if let Peer::Pods { namespaces: Namespaces::Named(name), .. } = &mut item.peer {
                home.clone_into(name);
            }
        }
    }
    moved
}

fn gap(
    question: &Question<'_>,
    miss: &Miss,
    policy: &Policy,
    rule: &Rule,
    at: RuleAt,
    gap: &Gap,
    other: &Endpoint,
) -> Option<Vec<Change>> {
    let model = question.model;
    let item = miss.peer.and_then(|index| rule.peers.as_ref()?.get(index as usize));
    let (index, peer) = (miss.peer.unwrap_or_default(), item.map(|item| &item.peer));
    let change = match (gap, peer) {
        (Gap::Direction, _) => Change::AddType(miss.direction),
        (Gap::Subject(gap), _) => term(SelectorAt::Subject, &policy.subject, gap)?,
        (Gap::Pod(gap), Some(Peer::Pods { pods, .. })) => term(SelectorAt::Pods(at, index), pods, gap)?,
        (Gap::Namespace(gap), Some(Peer::Pods { namespaces: Namespaces::Matching(selector), .. })) => {
            term(SelectorAt::Namespaces(at, index), selector, gap)?
        }
        (Gap::OtherNamespace(home), Some(Peer::Pods { pods, .. })) => {
            let namespace = labels::namespace(&model.namespace(*home).name);
            if miss.is_idle {
                Change::InNamespaces(at, index, namespace)
            } else {
                let namespaces = Namespaces::Matching(namespace);
                Change::AddPeer(at, Peer::Pods { namespaces, pods: pods.clone() })
            }
        }
        (Gap::Joined(_), _) => Change::Split(at, index),
        (Gap::Except(except), Some(Peer::Block(block))) => {
            Change::RemoveExcept(at, index, *block.except().get(*except as usize)?)
        }
        (Gap::Block | Gap::HostNetwork, _) => {
            let peers = labels::peers(model, other, &policy.namespace);
            let is_said = !peers.is_empty() && rule.peers.is_some();
            return is_said.then(|| peers.into_iter().map(|peer| Change::AddPeer(at, peer)).collect());
        }
        (Gap::Port { item, how }, _) => {
            let known = rule.ports.as_ref()?.get(*item as usize)?;
            port(at, *item, known, how, &miss.opens)?
        }
        _ => return None,
    };
    Some(vec![change])
}

/// The term that fails, made one that holds: with the value or key that was probably meant.
fn term(at: SelectorAt, selector: &Selector, gap: &LabelGap) -> Option<Change> {
    let old = selector.requirements().get(gap.requirement as usize)?;
    let new = match (old, &gap.near, &gap.has) {
        (Requirement::In(key, values), Some(Near::Value(meant)), Some(has)) => {
            let mut values = values.clone();
            values.remove(meant);
            values.insert(has.clone());
            Requirement::In(key.clone(), values)
        }
        (Requirement::In(_, values), Some(Near::Key(key)), _) => Requirement::In(key.clone(), values.clone()),
        (Requirement::Exists(_), Some(Near::Key(key)), _) => Requirement::Exists(key.clone()),
        (Requirement::In(key, values), None, Some(has)) => {
            let mut values = if values.len() == 1 { BTreeSet::default() } else { values.clone() };
            values.insert(has.clone());
            Requirement::In(key.clone(), values)
        }
        (Requirement::NotIn(key, values), _, Some(has)) if values.len() > 1 => {
            let values = values.iter().filter(|value| *value != has).cloned().collect();
            Requirement::NotIn(key.clone(), values)
        }
        _ => return Some(Change::RemoveTerm(at, old.clone())),
    };
    Some(Change::SetTerm(at, old.clone(), new))
}

/// The port that comes nearest, made what is asked.
fn port(at: RuleAt, item: u32, known: &PortItem, how: &PortGap, asked: &ConnSet) -> Option<Change> {
    let asked = labels::ranges(asked);
    let set = |port: PortMatch| Some(Change::SetPort(at, item, port));
    let ([wanted], PortMatch { protocol, ports }) = (asked.as_slice(), &known.port) else { return None };
    match (how, ports, &wanted.ports) {
        (PortGap::Protocol, ports, _) => set(PortMatch { protocol: wanted.protocol, ports: ports.clone() }),
        (PortGap::Name { near, available, .. }, PortSpec::Named(_), _) => {
            match near.as_ref().or(available.first()) {
                Some(name) => set(PortMatch { protocol: *protocol, ports: PortSpec::Named(name.clone()) }),
                None => set(wanted.clone()),
            }
        }
        // A range that ends too early is made longer.
        (PortGap::Number { .. }, PortSpec::Range(first, last), PortSpec::Range(a, b)) if first < last => {
            set(PortMatch { protocol: *protocol, ports: PortSpec::Range(*first.min(a), *last.max(b)) })
        }
        _ => {
            let is_same: bool = wanted.protocol == *protocol || *protocol == Protocol::Tcp;
            if is_same { set(wanted.clone()) } else { None }
        }
    }
}
