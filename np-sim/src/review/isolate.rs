//! Lines about isolation that is gained or lost, whether or not anything else passes for it: by policies that come or go,
//! that select others or concern another direction, or by what changes about the pods.

use std::collections::BTreeSet;

use np_model::delta::{Delta, DeltaId, Deltas};
use np_model::ir::{PolicyId, UnevaluatedId};
use np_model::model::PodId;
use np_model::refine::Aligned;
use rustc_hash::{FxHashMap, FxHashSet};

use super::unit::Units;
use super::{Decider, Isolated, Line, Unit, What, decide, risk};
use crate::diff::{Difference, IsolationChange};

/// The lines, in no order.
pub(super) fn lines(deltas: &Deltas<'_>, units: &Units<'_>, difference: &Difference) -> Vec<Line> {
    if difference.isolation.is_empty() {
        return Vec::new();
    }
    let switches = Switches::of(deltas);
    let line = |change: &IsolationChange| {
        let isolated = Isolated {
            direction: change.direction,
            units: units.group(&change.pods),
            before: change.before,
            after: change.after,
        };
        let (cause, deciders) = switches.decide(&isolated);
        let risks = risk::isolation(&isolated);
        let what = What::Isolation(isolated);
        Line { what, cause, is_smallest: false, deciders, with: Vec::new(), risks }
    };
    difference.isolation.iter().map(line).collect()
}

/// The changes that can make a policy select a pod, or no longer.
struct Switches<'d> {
    deltas: &'d Deltas<'d>,
    /// By side.
    of_policy: [FxHashMap<PolicyId, Vec<DeltaId>>; 2],
    of_pod: FxHashMap<Aligned<PodId>, Vec<DeltaId>>,
    unevaluated: [FxHashMap<UnevaluatedId, DeltaId>; 2],
}

impl<'d> Switches<'d> {
    fn of(deltas: &'d Deltas<'d>) -> Self {
        let (mut of_policy, mut unevaluated): ([FxHashMap<PolicyId, Vec<DeltaId>>; 2], [_; 2]) =
            Default::default();
        let mut of_pod: FxHashMap<Aligned<PodId>, Vec<DeltaId>> = FxHashMap::default();
        for id in deltas.ids() {
            match deltas.get(id) {
                Delta::Policy(_) | Delta::Subject(..) | Delta::Type(..) => {
                    let sides = deltas.policy(id).map(Aligned::sides).unwrap_or_default();
                    for (known, policy) in of_policy.iter_mut().zip(sides) {
                        if let Some(policy) = policy {
                            known.entry(policy).or_default().push(id);
                        }
                    }
                }
                Delta::PodLabel(pods, _) | Delta::Pods(pods) => {
                    for pod in pods {
                        of_pod.entry(*pod).or_default().push(id);
                    }
                }
                Delta::Unevaluated(policy) => {
                    let all: &mut [FxHashMap<UnevaluatedId, DeltaId>; 2] = &mut unevaluated;
                    for (known, policy) in all.iter_mut().zip(policy.sides()) {
                        known.extend(policy.map(|policy| (policy, id)));
                    }
                }
                _ => {}
            }
        }
        Self { deltas, of_policy, of_pod, unevaluated }
    }

    /// What brings it about, and the policies that do, or did, isolate the pods, with what changes about the pods.
    fn decide(&self, isolated: &Isolated) -> (Vec<DeltaId>, Vec<Decider>) {
        let (mut policies, mut cause) = (FxHashSet::default(), BTreeSet::new());
        let (mut first, mut then) = (Vec::new(), BTreeSet::new());
        for pod in isolated.units.iter().flat_map(Unit::pods) {
            let Aligned::Both(base, head) = *pod else { continue };
            let of = self.pod(isolated, [base, head], *pod);
            cause.extend(of.cause);
            then.extend(of.others);
            first.extend(of.policies.into_iter().filter(|policy| policies.insert(*policy)));
        }
        let decider = |policy| {
            if isolated.is_gained() {
                Decider::Isolates(policy, isolated.direction)
            } else {
                Decider::NoLongerIsolates(policy, isolated.direction)
            }
        };
        let mut deciders: Vec<Decider> = first.into_iter().map(decider).collect();
        let then: Vec<DeltaId> = then.into_iter().collect();
        deciders.extend(decide::of_cause(&then));
        (cause.into_iter().collect(), deciders)
    }

    /// The same of one pod.
    fn pod(&self, isolated: &Isolated, ids: [PodId; 2], pod: Aligned<PodId>) -> OfPod {
        let (models, direction) = (self.deltas.models, isolated.direction);
        let selecting =
            [0, 1].map(|side| models[side].selecting(models[side].pod(ids[side]).class, direction));
        let side = usize::from(isolated.is_gained());
        let (of_side, of_other) = (selecting[side], selecting[1 - side]);
        let mut found = OfPod::default();
        let all = of_side.certain.iter().map(|id| (*id, true));
        for (policy, is_certain) in all.chain(of_side.maybe.iter().map(|id| (*id, false))) {
            let other = self.other(side, policy);
            let was = other.and_then(|other| {
                let is_certain = of_other.certain.contains(&other);
                (is_certain || of_other.maybe.contains(&other)).then_some(is_certain)
            });
            if was == Some(is_certain) {
                continue;
            }
            let own = self.of_policy[side].get(&policy).into_iter().flatten();
            let own = own.filter(|id| decide::switches(self.deltas.get(**id), side, policy, direction));
            let before = found.cause.len();
            found.cause.extend(own);
            let others = self.about(side, policy, pod);
            found.cause.extend(&others);
            if found.cause.len() > before {
                found.policies.push(policy);
            }
            found.others.extend(others);
        }
        let new = of_side.unevaluated.iter().filter_map(|id| self.unevaluated[side].get(id));
        for id in new {
            found.cause.push(*id);
            found.others.push(*id);
        }
        found
    }

    /// The same policy in the other model.
    fn other(&self, side: usize, policy: PolicyId) -> Option<PolicyId> {
        let policy = self.deltas.models[side].policy(policy);
        self.deltas.models[1 - side].find_policy(&policy.namespace, &policy.name)
    }

    /// What changes about a pod that a policy may select it by: labels that it asks for, or whether it is on its node's network.
    fn about(&self, side: usize, policy: PolicyId, pod: Aligned<PodId>) -> Vec<DeltaId> {
        let models = self.deltas.models;
        let other = self.other(side, policy);
        let subject = |side: usize, policy| &models[side].policy(policy).subject;
        let asks = |key: &str| {
            subject(side, policy).asks_for(key)
                || other.is_some_and(|other| subject(1 - side, other).asks_for(key))
        };
        let host = [0, 1].map(|side| pod.sides()[side].map(|id| models[side].pod(id).host_network));
        let is_about = |id: &&DeltaId| match self.deltas.get(**id) {
            Delta::PodLabel(_, key) => asks(key),
            Delta::Pods(_) => host[0] != host[1],
            _ => false,
        };
        self.of_pod.get(&pod).into_iter().flatten().filter(is_about).copied().collect()
    }
}

/// What isolates one pod otherwise.
#[derive(Default)]
struct OfPod {
    cause: Vec<DeltaId>,
    policies: Vec<PolicyId>,
    /// What of the cause is no change of a policy that is evaluated.
    others: Vec<DeltaId>,
}
