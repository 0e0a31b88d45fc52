//! What one policy does: whom it selects, what is different because of it, and what of it makes no difference.
//!
//! Nothing is concluded from how rules look: a policy or a part of it is taken away, and the two models compared.

use std::collections::BTreeSet;

use np_model::Model;
use np_model::apply::Changes;
use np_model::conn::{ConnSet, Protocol};
use np_model::ir::{Direction, Policy, PolicyId, PortItem, PortSpec, Rule, RuleId};
use np_model::model::{ClassKind, ClassSet, PodId};
use np_model::origin::ObjectRef;
use np_model::truth::Truth;

use super::gap::LabelGap;
use super::search::pods_of;
use super::{labels, ports};
use crate::diff::{Difference, diff};
use crate::review::shows_all;

/// How many pods are named that a policy nearly selects.
const NEARLY: usize = 8;

/// What a policy does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyEvidence {
    /// Which policy.
    pub policy: PolicyId,
    /// The pods that it certainly selects, ascending.
    pub selects: Vec<PodId>,
    /// Those that it may select, ascending.
    pub may_select: Vec<PodId>,
    /// Where it selects nobody: pods of its namespace that fail a single requirement, and are much like what it asks for.
    pub nearly: Vec<(PodId, LabelGap)>,
    /// What would be different without it: what opens, it alone blocks; what closes, it alone allows.
    pub without: Difference,
    /// Whether `without` is all: nothing that is unknown with it and without it may hang on it.
    pub is_judged: bool,
    /// What of it makes no difference, each on its own: of two rules that say the same, both are here.
    pub redundant: Vec<Redundant>,
    /// Rules and parts without which every answer that is known is the same, while what is unknown may be something
    /// else.
    pub undecided: Vec<(RuleId, Part)>,
}

/// A part of a policy without which every answer is the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redundant {
    /// Of which rule.
    pub rule: RuleId,
    /// What of it.
    pub part: Part,
    /// Rules of policies that select the same pods and match some of the same peers on some of the same ports:
    /// those that alone do for all of it, if there are any. None if the part allows nothing that is there.
    pub beside: Vec<RuleId>,
    /// Whether each of those alone does for all of it.
    pub is_covered: bool,
}

/// A part of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// All of it.
    Rule,
    /// One of several peers, from 0.
    Peer(u32),
    /// One of several ports, from 0.
    Port(u32),
}

/// What a policy does. The model is changed and compared once for each part of the policy.
pub fn policy(model: &Model, id: PolicyId) -> PolicyEvidence {
    let policy = model.policy(id);
    let (mut selects, mut may_select, mut nearly) = (Vec::new(), Vec::new(), Vec::new());
    for pod in model.pod_ids() {
        let (own, is_host) = (model.pod(pod), model.class(model.pod(pod).class).kind == ClassKind::Hosts);
        if is_host || model.namespace(own.namespace).name != policy.namespace {
            continue;
        }
        match policy.subject.matches(&own.labels) {
            Truth::Yes => selects.push(pod),
            Truth::Maybe => may_select.push(pod),
            Truth::No => {
                let mut gaps = labels::gaps(&policy.subject, &own.labels);
                if let [gap] = gaps.as_mut_slice()
                    && nearly.len() < NEARLY
                {
                    let requirement = &policy.subject.requirements()[gap.requirement as usize];
                    labels::tell(gap, requirement, &own.labels);
                    if gap.near.is_some() {
                        nearly.push((pod, gaps.remove(0)));
                    }
                }
            }
        }
    }
    if !selects.is_empty() || !may_select.is_empty() {
        nearly.clear();
    }
    let mut changes = Changes::default();
    changes.remove(ObjectRef {
        kind: policy.kind.to_owned(),
        namespace: Some(policy.namespace.to_string()),
        name: policy.name.to_string(),
    });
    let head = model.apply(&changes);
    let without = diff(model, &head);
    let is_judged = shows_all(model, &head, &without);
    let (redundant, undecided) = redundant(model, id);
    PolicyEvidence { policy: id, selects, may_select, nearly, without, is_judged, redundant, undecided }
}

/// The parts that make no difference, and those of which nobody knows.
fn redundant(model: &Model, id: PolicyId) -> (Vec<Redundant>, Vec<(RuleId, Part)>) {
    let policy = model.policy(id);
    let (mut found, mut undecided) = (Vec::new(), Vec::new());
    for direction in Direction::BOTH {
        for (rule, index) in policy.rules(direction).unwrap_or_default().iter().zip(0..) {
            let id = RuleId { policy: id, direction, index };
            // Whether a part that shows no difference makes none; nothing of one that shows some.
            let is_idle = |part: Part| {
                let head = model.apply(&lacking(policy, id, part));
                let difference = diff(model, &head);
                difference.is_empty().then(|| shows_all(model, &head, &difference))
            };
            let of_rule = is_idle(Part::Rule).map(|is_certain| vec![(Part::Rule, is_certain)]);
            let parts = of_rule.unwrap_or_else(|| {
                parts_of(rule).into_iter().filter_map(|part| Some((part, is_idle(part)?))).collect()
            });
            for (part, is_certain) in parts {
                if is_certain {
                    let (beside, is_covered) = beside(model, id, part);
                    found.push(Redundant { rule: id, part, beside, is_covered });
                } else {
                    undecided.push((id, part));
                }
            }
        }
    }
    (found, undecided)
}

/// The parts of a rule without which there would still be others like them: no list gets empty, which would mean
/// everyone, or everything.
fn parts_of(rule: &Rule) -> Vec<Part> {
    let count = |length: Option<usize>| match length {
        Some(length) if length > 1 => 0..u32::try_from(length).unwrap_or(u32::MAX),
        _ => 0..0,
    };
    let peers = count(rule.peers.as_ref().map(Vec::len)).map(Part::Peer);
    peers.chain(count(rule.ports.as_ref().map(Vec::len)).map(Part::Port)).collect()
}

/// The policy without a part, as a change.
fn lacking(policy: &Policy, id: RuleId, part: Part) -> Changes {
    let mut policy = policy.clone();
    let rules = match id.direction {
        Direction::Egress => &mut policy.egress,
        Direction::Ingress => &mut policy.ingress,
    };
    if let Some(rules) = rules {
        let at = id.index as usize;
        match part {
            Part::Rule => {
                rules.remove(at);
            }
            Part::Peer(item) => {
                rules[at].peers.as_mut().map(|peers| peers.remove(item as usize));
            }
            Part::Port(item) => {
                rules[at].ports.as_mut().map(|ports| ports.remove(item as usize));
            }
        }
    }
    let mut changes = Changes::default();
    changes.put(policy);
    changes
}

/// The rules of which each does what a part does; else those that do some of it. And which of the two.
fn beside(model: &Model, id: RuleId, part: Part) -> (Vec<RuleId>, bool) {
    let policy = model.policy(id.policy);
    let selected = pods_of(model, &policy.namespace)
        .iter()
        .filter(|pod| policy.subject.matches(&pod.labels) != Truth::No);
    let classes: BTreeSet<_> = selected.map(|pod| pod.class).collect();
    let policies: BTreeSet<PolicyId> = classes
        .iter()
        .flat_map(|class| {
            let selecting = model.selecting(*class, id.direction);
            selecting.certain.iter().chain(&selecting.maybe).copied()
        })
        .collect();
    let own = reach_of(model, id, Of::Only(part));
    let (mut whole, mut some) = (Vec::new(), Vec::new());
    for policy in policies {
        for index in 0..model.indexed_rules(policy, id.direction).len() {
            let other =
                RuleId { policy, direction: id.direction, index: u32::try_from(index).unwrap_or(u32::MAX) };
            let is_itself = other == id;
            if is_itself && part == Part::Rule {
                continue;
            }
            let theirs = reach_of(model, other, if is_itself { Of::But(part) } else { Of::All });
            let is_selecting_all =
                classes.iter().all(|class| model.selecting(*class, id.direction).certain.contains(&policy));
            if is_selecting_all && theirs.covers(&own) {
                whole.push(other);
            } else if theirs.meets(&own) {
                some.push(other);
            }
        }
    }
    if whole.is_empty() { (some, false) } else { (whole, true) }
}

/// Whom a rule matches on what, as far as the rule alone tells.
struct Reaches {
    /// The classes that its peers match; `None` if everyone.
    peers: Option<ClassSet>,
    fixed: ConnSet,
    named: Vec<(String, Protocol)>,
}

impl Reaches {
    fn covers(&self, other: &Self) -> bool {
        let of_peers = match (&self.peers, &other.peers) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(own), Some(others)) => others.minus(own).is_empty(),
        };
        of_peers
            && self.fixed.covers(&other.fixed)
            && other.named.iter().all(|name| self.named.contains(name))
    }

    fn meets(&self, other: &Self) -> bool {
        let of_peers = match (&self.peers, &other.peers) {
            (Some(own), Some(others)) => own.meets(others),
            _ => true,
        };
        let of_names = other.named.iter().any(|name| self.named.contains(name));
        of_peers && (of_names || !self.fixed.and(&other.fixed).is_empty())
    }
}

/// What of a rule.
#[derive(Clone, Copy)]
enum Of {
    All,
    Only(Part),
    But(Part),
}

impl Of {
    /// Whether an item of its peers, or of its ports, is meant.
    fn has(self, part: fn(u32) -> Part, at: u32) -> bool {
        let is_of_list = |one: Part| std::mem::discriminant(&one) == std::mem::discriminant(&part(at));
        match self {
            Self::Only(one) if is_of_list(one) => one == part(at),
            Self::But(one) if is_of_list(one) => one != part(at),
            _ => true,
        }
    }
}

fn reach_of(model: &Model, id: RuleId, of: Of) -> Reaches {
    let indexed = &model.indexed_rules(id.policy, id.direction)[id.index as usize];
    let peers = indexed.peers.as_ref().map(|peers| {
        let meant = peers.iter().zip(0..).filter(|(_, at)| of.has(Part::Peer, *at));
        meant.fold(ClassSet::default(), |set, (peer, _)| {
            let found = model.peer_match(*peer);
            set.or(&found.yes).or(&found.maybe)
        })
    });
    let items: Option<Vec<PortItem>> = model.rule(id).ports.as_ref().map(|items| {
        let meant = items.iter().zip(0..).filter(|(_, at)| of.has(Part::Port, *at));
        meant.map(|(item, _)| item.clone()).collect()
    });
    let named = items.iter().flatten().filter_map(|item| match &item.port.ports {
        PortSpec::Named(name) => Some((name.clone(), item.port.protocol)),
        _ => None,
    });
    Reaches { peers, fixed: ports::opens(items.as_deref(), None), named: named.collect() }
}
