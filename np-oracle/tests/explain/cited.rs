//! Rules and policies that are cited: for what passes, for what is blocked, and for whom they select.

use k8s_openapi::api::networking::v1::NetworkPolicy;
use np_model::conn::ConnSet;
use np_model::ir::{Direction, PolicyId, RuleId};
use np_model::model::Selecting;
use np_model::truth::Truth;
use np_sim::explain::Evidence;
use np_sim::reach::{Decision, Side};

use super::{Asked, policy_ids};

/// The policies that are said to select the subject do, and no others.
pub(super) fn selecting(
    asked: &Asked<'_>,
    direction: Direction,
    selecting: &Selecting,
) -> Result<(), String> {
    let Some(&point) = asked.points.first() else { return Ok(()) };
    for id in policy_ids(asked.model) {
        let alone = vec![keep_rules(&asked.cluster.policies[asked.position(id)], direction, |_| false)];
        let bound = asked.bound(alone, direction, point);
        let said = (selecting.certain.contains(&id), selecting.maybe.contains(&id));
        // Alone and without rules, it blocks those that it selects.
        let expected = (!bound.possible, bound.possible && !bound.certain);
        if said != expected {
            return Err(format!("{id:?} selects (certainly, maybe): {said:?}, the judge {expected:?}"));
        }
        asked.count("policies that select");
    }
    Ok(())
}

/// Who decides.
pub(super) fn decisions(
    asked: &Asked<'_>,
    direction: Direction,
    side: &Side,
    selecting: &Selecting,
) -> Result<(), String> {
    let rules: Vec<(RuleId, &ConnSet)> = side
        .decisions
        .iter()
        .filter_map(|decided| match &decided.decision {
            Decision::Rule(rule) => Some((*rule, &decided.connections)),
            _ => None,
        })
        .collect();
    let is_kept = |kept: &[RuleId], policy: PolicyId, index: usize| {
        kept.iter().any(|rule| rule.policy == policy && rule.index as usize == index)
    };
    // Where nobody is certain to select the subject, it takes one rule of each that may.
    if !selecting.certain.is_empty() {
        for (rule, connections) in &rules {
            let policies = with_rules(asked, direction, |policy, index| is_kept(&[*rule], policy, index));
            for (point, bound) in asked.bounds(policies, direction, connections) {
                if !bound.certain {
                    return Err(format!("{rule:?} is cited for {point:?}, and does not suffice"));
                }
                asked.count("points that a cited rule opens alone");
            }
        }
    }
    let all: Vec<RuleId> = rules.iter().map(|(rule, _)| *rule).collect();
    let by_rules_alone = side.decisions.iter().all(|decided| {
        matches!(decided.decision, Decision::Rule(_) | Decision::Isolated(_) | Decision::Unknown(_))
    });
    if by_rules_alone {
        let policies = with_rules(asked, direction, |policy, index| is_kept(&all, policy, index));
        for (point, bound) in asked.bounds(policies, direction, &side.outcome.passes) {
            if !bound.certain {
                return Err(format!("{point:?} passes, and not by the cited rules"));
            }
        }
        let policies = with_rules(asked, direction, |policy, index| !is_kept(&all, policy, index));
        for (point, bound) in asked.bounds(policies, direction, &side.outcome.passes) {
            if bound.certain {
                return Err(format!("{point:?} passes without the deciding rules"));
            }
            asked.count("points blocked without the deciding rules");
        }
    }
    for decided in &side.decisions {
        let Decision::Isolated(isolating) = &decided.decision else { continue };
        let isolating: Vec<usize> = isolating.iter().map(|id| asked.position(*id)).collect();
        let numbered = asked.cluster.policies.iter().enumerate();
        let others = numbered.filter(|(at, _)| !isolating.contains(at)).map(|(_, policy)| policy.clone());
        for (point, bound) in asked.bounds(others.collect(), direction, &decided.connections) {
            if !bound.possible || (selecting.maybe.is_empty() && !bound.certain) {
                return Err(format!("{point:?} is blocked without the isolating policies"));
            }
            asked.count("points open without the isolating policies");
        }
    }
    Ok(())
}

/// Each rule of those policies that select the subject opens alone what it is said to open, and the others nothing.
pub(super) fn matched(asked: &Asked<'_>, direction: Direction, evidence: &Evidence) -> Result<(), String> {
    for id in &evidence.selecting.certain {
        let rules = asked.model.policy(*id).rules(direction).unwrap_or_default().len();
        for index in 0..rules {
            let is_it = |rule: &RuleId| rule.policy == *id && rule.index as usize == index;
            let matched = evidence.matched.iter().find(|one| is_it(&one.rule));
            let policies = with_rules(asked, direction, |policy, at| policy == *id && at == index);
            for (point, bound) in
                asked.bounds(policies, direction, &ConnSet::all(np_model::addr::Families::BOTH))
            {
                let opens = matched.filter(|one| asked.points_of(&one.opens).any(|other| other == point));
                // Certain at one peer, and perhaps at another for other families.
                let is_certain = opens.is_some_and(|one| one.truth == Truth::Yes);
                if opens.is_some() != bound.possible || (bound.certain && !is_certain) {
                    return Err(format!(
                        "rule {index} of {id:?} at {point:?}: {opens:?}, the judge {bound:?}"
                    ));
                }
                asked.count("points of rules that match");
            }
        }
    }
    Ok(())
}

/// The cluster's policies with those rules of a direction alone.
fn with_rules(
    asked: &Asked<'_>,
    direction: Direction,
    is_kept: impl Fn(PolicyId, usize) -> bool,
) -> Vec<NetworkPolicy> {
    let mut policies = asked.cluster.policies.clone();
    for id in policy_ids(asked.model) {
        let at = asked.position(id);
        policies[at] = keep_rules(&policies[at], direction, |index| is_kept(id, index));
    }
    policies
}

/// A policy with those of its rules of a direction alone, which concerns the same directions as before.
fn keep_rules(
    policy: &NetworkPolicy,
    direction: Direction,
    is_kept: impl Fn(usize) -> bool,
) -> NetworkPolicy {
    let mut policy = policy.clone();
    let Some(spec) = &mut policy.spec else { return policy };
    spec.policy_types = Some(super::close::types(spec));
    match direction {
        Direction::Ingress => spec.ingress = spec.ingress.take().map(|rules| keep(rules, is_kept)),
        Direction::Egress => spec.egress = spec.egress.take().map(|rules| keep(rules, is_kept)),
    }
    policy
}

fn keep<T>(rules: Vec<T>, is_kept: impl Fn(usize) -> bool) -> Vec<T> {
    rules.into_iter().enumerate().filter(|(index, _)| is_kept(*index)).map(|(_, rule)| rule).collect()
}
