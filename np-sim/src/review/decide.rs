//! Who decides a change: of the rules that allow one pair of it in the one model, and the policies that isolate it in
//! the other, those that its cause is about.

use np_model::Model;
use np_model::conn::{AskedPort, ConnSet};
use np_model::delta::{Delta, DeltaId, Deltas};
use np_model::ir::{Direction, PolicyId, RuleId};
use np_model::refine::Aligned;

use super::{Decider, Isolated};
use crate::diff::{Change, End};
use crate::endpoint::{Endpoint, External};
use crate::reach::{Decision, Doubt, Side, reach};

/// How many changes of the input are named where no rule or policy shows them.
const MOST: usize = 3;

/// Of a change between endpoints that both models have: asked of its first pair.
pub(super) fn between(deltas: &Deltas<'_>, change: &Change, cause: &[DeltaId]) -> Vec<Decider> {
    let [base, head] = deltas.models;
    let mut found = Vec::new();
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
                } else {
                    concerned.closed(direction, before, after, &mut found);
                }
            }
        }
    }
    or_cause(found, cause)
}

/// Of isolation: the policies that do, or did, isolate the first pod.
pub(super) fn isolation(deltas: &Deltas<'_>, isolated: &Isolated) -> (Vec<DeltaId>, Vec<Decider>) {
    let direction = isolated.direction;
    let pod = isolated.units.iter().find_map(|unit| unit.pods().first());
    let Some(Aligned::Both(base, head)) = pod else { return Default::default() };
    let policies = |model: &Model, class| {
        let selecting = model.selecting(class, direction);
        let all = selecting.certain.iter().chain(&selecting.maybe).copied();
        all.collect::<Vec<PolicyId>>()
    };
    let [a, b] = deltas.models;
    let (side, model, class) =
        if isolated.is_gained() { (1, b, b.pod(*head).class) } else { (0, a, a.pod(*base).class) };
    let ids: Vec<DeltaId> = deltas.ids().collect();
    let concerned = Concerned { deltas, cause: &ids };
    let mut found = Vec::new();
    for policy in policies(model, class) {
        if concerned.has(side, policy, None) {
            found.push(match side {
                1 => Decider::Isolates(policy, direction),
                _ => Decider::NoLongerIsolates(policy, direction),
            });
        }
    }
    let cause = ids.iter().copied().filter(|id| {
        policies(model, class)
            .iter()
            .any(|policy| Concerned { deltas, cause: &[*id] }.has(side, *policy, None))
    });
    let cause: Vec<DeltaId> = cause.collect();
    (cause, found)
}

/// What is found, or the cause itself where nothing is.
fn or_cause(mut found: Vec<Decider>, cause: &[DeltaId]) -> Vec<Decider> {
    if found.is_empty() {
        return of_cause(cause);
    }
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
        for decided in &before.decisions {
            match &decided.decision {
                Decision::Rule(rule)
                    if self.has(0, rule.policy, Some(*rule)) && !decided.connections.and(less).is_empty() =>
                {
                    found.push(Decider::Allowed(*rule));
                }
                Decision::NotIsolated => {
                    let isolating = after.decisions.iter().filter_map(|decided| match &decided.decision {
                        Decision::Isolated(policies) => Some(policies),
                        _ => None,
                    });
                    let policies = isolating.flatten().filter(|policy| self.has(1, **policy, None));
                    found.extend(policies.map(|policy| Decider::Isolates(*policy, direction)));
                }
                _ => {}
            }
        }
    }
}
