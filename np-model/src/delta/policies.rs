//! What changes in policies: the subject, the directions, and the rules of those that both models have.

use std::cmp::Ordering;
use std::collections::VecDeque;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::Delta;
use crate::ir::{Direction, Inert, Peer, Places, Policy, PolicyId, PortMatch, Rule, RuleId};
use crate::model::Model;
use crate::refine::Aligned;

/// The changes of all policies. The lists of both models are sorted by namespace and name.
pub(super) fn deltas([base, head]: [&Model; 2]) -> Vec<Delta> {
    let mut found = Vec::new();
    let (mut bases, mut heads) = (base.policy_ids().peekable(), head.policy_ids().peekable());
    let name = |model: &Model, id: PolicyId| {
        let policy = model.policy(id);
        (policy.namespace.clone(), policy.name.clone())
    };
    loop {
        let order = match (bases.peek(), heads.peek()) {
            (None, None) => return found,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(a), Some(b)) => name(base, *a).cmp(&name(head, *b)),
        };
        let one = bases.next_if(|_| order != Ordering::Greater);
        let other = heads.next_if(|_| order != Ordering::Less);
        match (one, other) {
            (Some(a), Some(b)) => divide([base, head], a, b, &mut found),
            (Some(a), None) => found.push(Delta::Policy(Aligned::Base(a))),
            (None, Some(b)) => found.push(Delta::Policy(Aligned::Head(b))),
            (None, None) => {}
        }
    }
}

/// The changes of one policy that both have.
fn divide([base, head]: [&Model; 2], a: PolicyId, b: PolicyId, found: &mut Vec<Delta>) {
    let policies = [&base.rules().policies[a.index()], &head.rules().policies[b.index()]];
    if super::is_shared(policies[0], policies[1]) {
        return;
    }
    if policies[0].subject != policies[1].subject {
        found.push(Delta::Subject(a, b));
    }
    for direction in Direction::BOTH {
        let are_concerned = policies.map(|policy| policy.rules(direction).is_some());
        if are_concerned[0] != are_concerned[1] {
            found.push(Delta::Type(a, b, direction));
        }
        if are_concerned == [false; 2] {
            continue;
        }
        let at = |policy, index: usize| {
            let index = u32::try_from(index).expect("fewer rules than bytes of a text");
            RuleId { policy, direction, index }
        };
        let rules = policies.map(|policy| written(policy, direction));
        found.extend(pair(rules).into_iter().map(|rule| {
            Delta::Rule(match rule {
                Aligned::Both(one, other) => Aligned::Both(at(a, one), at(b, other)),
                Aligned::Base(one) => Aligned::Base(at(a, one)),
                Aligned::Head(other) => Aligned::Head(at(b, other)),
            })
        }));
    }
}

/// The rules that a policy has for a direction, whether or not it concerns it.
fn written(policy: &Policy, direction: Direction) -> &[Rule] {
    policy.rules(direction).unwrap_or_else(|| policy.inert_rules(direction))
}

/// What a rule says: equal contents allow the same.
type Content<'r> = (Option<Vec<&'r Peer>>, Option<Vec<&'r PortMatch>>);

fn content(rule: &Rule) -> Content<'_> {
    (
        rule.peers.as_ref().map(|peers| peers.iter().map(|item| &item.peer).collect()),
        rule.ports.as_ref().map(|ports| ports.iter().map(|item| &item.port).collect()),
    )
}

/// The rules, by position, that are not the same in both lists. Rules that say the same are the same, in the
/// order written; of the others, those behind the same one are taken for versions of each other.
fn pair([base, head]: [&[Rule]; 2]) -> Vec<Aligned<usize>> {
    let mut places: FxHashMap<Content<'_>, VecDeque<usize>> = FxHashMap::default();
    for (at, rule) in head.iter().enumerate() {
        places.entry(content(rule)).or_default().push_back(at);
    }
    // By the rule of the head that comes before, counted from 1: those that only the head has.
    let mut is_free = vec![true; head.len()];
    let mut left: Vec<(usize, usize)> = Vec::new();
    let mut before = 0;
    for (at, rule) in base.iter().enumerate() {
        match places.get_mut(&content(rule)).and_then(VecDeque::pop_front) {
            Some(same) => {
                is_free[same] = false;
                before = same + 1;
            }
            None => left.push((before, at)),
        }
    }
    let mut new: FxHashMap<usize, VecDeque<usize>> = FxHashMap::default();
    let mut before = 0;
    for (at, is_free) in is_free.into_iter().enumerate() {
        if is_free {
            new.entry(before).or_default().push_back(at);
        } else {
            before = at + 1;
        }
    }
    let mut found: Vec<Aligned<usize>> = left
        .into_iter()
        .map(|(before, at)| match new.get_mut(&before).and_then(VecDeque::pop_front) {
            Some(other) => Aligned::Both(at, other),
            None => Aligned::Base(at),
        })
        .collect();
    found.extend(new.into_values().flatten().map(Aligned::Head));
    found
}

/// A policy of the base with some of what changes in it.
pub(super) fn mixed([base, head]: [&Policy; 2], chosen: &[&Delta]) -> Arc<Policy> {
    let mut subject = &base.subject;
    let mut concerns = Direction::BOTH.map(|direction| base.rules(direction).is_some());
    let mut rules =
        Direction::BOTH.map(|direction| written(base, direction).iter().map(Some).collect::<Vec<_>>());
    for delta in chosen {
        match delta {
            Delta::Subject(..) => subject = &head.subject,
            Delta::Type(_, _, direction) => {
                concerns[*direction as usize] = head.rules(*direction).is_some();
            }
            Delta::Rule(rule) => {
                let of_head = |id: RuleId| &written(head, id.direction)[id.index as usize];
                if let Some(id) = rule.base() {
                    rules[id.direction as usize][id.index as usize] = None;
                }
                if let Some(id) = rule.head() {
                    rules[id.direction as usize].push(Some(of_head(id)));
                }
            }
            _ => {}
        }
    }
    let mut of = |direction: Direction| {
        let rules = std::mem::take(&mut rules[direction as usize]);
        concerns[direction as usize].then(|| rules.into_iter().flatten().cloned().collect())
    };
    Arc::new(Policy {
        kind: base.kind,
        namespace: base.namespace.clone(),
        name: base.name.clone(),
        at: base.at,
        subject: subject.clone(),
        subject_at: Places::default(),
        egress: of(Direction::Egress),
        ingress: of(Direction::Ingress),
        inert: Inert::default(),
    })
}
