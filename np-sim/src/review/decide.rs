//! Who decides a change: of the rules that allow one pair of it in the one model, and the policies that isolate it in
//! the other, those that its cause is about.

use np_model::Model;
use np_model::conn::{AskedPort, ConnSet};
use np_model::delta::{Delta, DeltaId, Deltas};
use np_model::ir::{Direction, PolicyId, RuleId};

use super::Decider;
use crate::diff::{Change, End};
use crate::endpoint::{Endpoint, External};
use crate::reach::{Decision, Doubt, Side, reach};

/// How many changes of the input are named where no rule or policy shows them.
const MOST: usize = 3;

/// Who decides a change.
#[derive(Debug, Default)]
pub(super) struct Decided {
    /// Those that its cause is about.
    pub(super) by: Vec<Decider>,
    /// Rules that allow what opens and that the change left alone.
    pub(super) with: Vec<Decider>,
}

/// Of a change between endpoints that both models have: asked of its first pair.
pub(super) fn between(deltas: &Deltas<'_>, change: &Change, cause: &[DeltaId]) -> Decided {
    let [base, head] = deltas.models;
    let (mut found, mut with) = (Vec::new(), Vec::new());
    if let Some((from, to)) = change.pairs(base, head).next() {
        let wanted =
            [change.after.passes.minus(&change.before.passes).or(&change.unknown()), change.closed()];
        let concerned = Concerned { deltas, cause };
        for (what, is_opened) in wanted.iter().zip([true, false]) {
            let sides = [0, 1].map(|side| sides(deltas.models[side], side, from, to, what));
            let [Some(before), Some(after)] = sides else { continue };
            for (direction, before, after) in
                [(Direction::Egress, &before[0], &after[0]), (Direction::Ingress, &before[1], &after[1])]
            {
                if is_opened {
                    concerned.opened(direction, before, after, &mut found);
                    with.extend(concerned.left_alone(after));
                } else {
                    concerned.closed(direction, before, after, &mut found);
                }
            }
        }
    }
    with.retain(|decider| !found.contains(decider));
    Decided { by: or_cause(found, cause), with: unique(with) }
}

/// What is found, or the cause itself where nothing is.
fn or_cause(found: Vec<Decider>, cause: &[DeltaId]) -> Vec<Decider> {
    if found.is_empty() { of_cause(cause) } else { unique(found) }
}

/// Each once, in the order of their first.
fn unique(mut found: Vec<Decider>) -> Vec<Decider> {
    let mut seen = rustc_hash::FxHashSet::default();
    found.retain(|decider| seen.insert(*decider));
    found
}

/// The changes of the input themselves, the first few.
pub(super) fn of_cause(cause: &[DeltaId]) -> Vec<Decider> {
    cause.iter().take(MOST).map(|id| Decider::Delta(*id)).collect()
}

/// Both directions of a pair in one model, for some connections; `None` if there is nothing to ask.
fn sides(model: &Model, side: usize, from: End<'_>, to: End<'_>, what: &ConnSet) -> Option<[Side; 2]> {
    if what.is_empty() {
        return None;
    }
    let endpoint = |end: End<'_>| match end {
        End::External(addresses) => Some(Endpoint::External(External {
            name: String::new(),
            addresses: addresses.clone(),
            pods_inside: Vec::new(),
            nodes_inside: Vec::new(),
        })),
        End::Node(node) => node.sides()[side].map(Endpoint::Node),
        End::Pod(pod) => pod.sides()[side].map(Endpoint::Pod),
    };
    let (from, to) = (endpoint(from)?, endpoint(to)?);
    let answer = reach(model, &from, &to, &[AskedPort::Connections(what.clone())]).ok()?;
    let pair = answer.pairs.into_iter().next()?;
    Some([pair.egress, pair.ingress])
}

/// The changes of a cause, asked what they are about.
struct Concerned<'d> {
    deltas: &'d Deltas<'d>,
    cause: &'d [DeltaId],
}

impl Concerned<'_> {
    /// Whether one of the changes is about a policy of a side, or about that rule of it.
    fn has(&self, side: usize, policy: PolicyId, rule: Option<RuleId>) -> bool {
        let is = |policies: [Option<PolicyId>; 2]| policies[side] == Some(policy);
        self.cause.iter().any(|id| match self.deltas.get(*id) {
            Delta::Policy(of) => is(of.sides()),
            Delta::Subject(base, head) | Delta::Type(base, head, _) => is([Some(*base), Some(*head)]),
            Delta::Rule(of) => match rule {
                Some(rule) => of.sides()[side] == Some(rule),
                None => of.sides()[side].is_some_and(|of| of.policy == policy),
            },
            _ => false,
        })
    }

    /// Whether one of the changes is about whether a policy of a side isolates in a direction.
    fn switches(&self, side: usize, policy: PolicyId, direction: Direction) -> bool {
        self.cause.iter().any(|id| switches(self.deltas.get(*id), side, policy, direction))
    }

    /// The rules of the head that allow something and that none of the changes is about.
    fn left_alone(&self, after: &Side) -> impl Iterator<Item = Decider> {
        after.decisions.iter().filter_map(|decided| match &decided.decision {
            Decision::Rule(rule) if !self.has(1, rule.policy, Some(*rule)) => Some(Decider::Allows(*rule)),
            _ => None,
        })
    }

    fn opened(&self, direction: Direction, before: &Side, after: &Side, found: &mut Vec<Decider>) {
        let more = after.outcome.passes.or(&after.outcome.open).minus(&before.outcome.passes);
        if more.is_empty() {
            return;
        }
        for decided in &after.decisions {
            match &decided.decision {
                Decision::Rule(rule) if self.has(1, rule.policy, Some(*rule)) => {
                    found.push(Decider::Allows(*rule));
                }
                Decision::Unknown(doubts) => {
                    let rules = doubts.iter().filter_map(|doubt| match doubt {
                        Doubt::Address(rule, _)
                        | Doubt::NamespaceLabels(rule, _)
                        | Doubt::PodLabels(rule, _) => Some(*rule),
                        Doubt::Subject(_) | Doubt::Placement | Doubt::Unevaluated(_) => None,
                    });
                    let rules = rules.filter(|rule| self.has(1, rule.policy, Some(*rule)));
                    found.extend(rules.map(Decider::MayAllow));
                }
                Decision::NotIsolated => {
                    let isolating = before.decisions.iter().filter_map(|decided| match &decided.decision {
                        Decision::Isolated(policies) => Some(policies),
                        _ => None,
                    });
                    let policies = isolating.flatten().filter(|policy| self.has(0, **policy, None));
                    found.extend(policies.map(|policy| Decider::NoLongerIsolates(*policy, direction)));
                }
                _ => {}
            }
        }
    }

    fn closed(&self, direction: Direction, before: &Side, after: &Side, found: &mut Vec<Decider>) {
        let less = &after.outcome.blocked;
        if less.is_empty() {
            return;
        }
        // Where one policy takes the place of another, the one that is there says what no longer passes.
        let isolating = after.decisions.iter().filter_map(|decided| match &decided.decision {
            Decision::Isolated(policies) => Some(policies),
            _ => None,
        });
        let new = isolating.flatten().filter(|policy| self.switches(1, **policy, direction));
        found.extend(new.map(|policy| Decider::Isolates(*policy, direction)));
        for decided in &before.decisions {
            match &decided.decision {
                Decision::Rule(rule)
                    if self.has(0, rule.policy, Some(*rule)) && !decided.connections.and(less).is_empty() =>
                {
                    found.push(Decider::Allowed(*rule));
                }
                _ => {}
            }
        }
    }
}

/// Whether a change is about whether a policy of a side isolates in a direction, and whom.
pub(super) fn switches(delta: &Delta, side: usize, policy: PolicyId, direction: Direction) -> bool {
    let is = |policies: [Option<PolicyId>; 2]| policies[side] == Some(policy);
    match delta {
        Delta::Policy(of) => is(of.sides()),
        Delta::Subject(base, head) => is([Some(*base), Some(*head)]),
        Delta::Type(base, head, of) => *of == direction && is([Some(*base), Some(*head)]),
        _ => false,
    }
}
