//! What the policies say about one endpoint: which select it, and which nearly do.

use np_model::Model;
use np_model::ir::{Direction, PolicyId, Tier};
use np_model::model::{ClassKind, PodId, Selecting};
use np_model::truth::Truth;

use super::gap::Gap;
use super::search::{is_met_by_another, selects_nobody};
use super::{labels, rank};
use crate::endpoint::Endpoint;
use crate::members::divide;

/// What the policies say about pods that none of them tells apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// Those pods, ascending.
    pub pods: Vec<PodId>,
    /// Whether they are their node to policies, as they use its network: then no policy selects them.
    pub is_host: bool,
    /// Who selects them for egress.
    pub egress: Selection,
    /// Who selects them for ingress.
    pub ingress: Selection,
}

/// Who selects a subject in a direction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    /// The policies that do. Their rules are what they let pass.
    pub selecting: Selecting,
    /// Policies that nearly do, those first that are meant most likely.
    pub nearly: Vec<NearSelection>,
}

/// A policy that would select a subject in a direction, but for a fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NearSelection {
    /// Which policy.
    pub policy: PolicyId,
    /// What fails: [`Gap::Subject`], [`Gap::PolicyNamespace`] or, where it has rules for the direction all the
    /// same, [`Gap::Direction`].
    pub gap: Gap,
}

impl Subject {
    /// One direction.
    pub fn of(&self, direction: Direction) -> &Selection {
        match direction {
            Direction::Egress => &self.egress,
            Direction::Ingress => &self.ingress,
        }
    }
}

/// What the policies say about the pods of an endpoint, class by class; nothing for nodes and addresses, which no policy
/// selects. Linear in policies, for each class of the endpoint.
pub fn subject(model: &Model, endpoint: &Endpoint) -> Vec<Subject> {
    let parts = divide(model, endpoint).into_iter().filter(|part| !part.pods.is_empty());
    let of_part = |part: crate::members::Part| {
        let is_host = model.class(part.class).kind == ClassKind::Hosts;
        let selection = |direction| Selection {
            selecting: model.selecting(part.class, direction).clone(),
            nearly: if is_host { Vec::new() } else { nearly(model, part.pods[0], direction) },
        };
        Subject {
            is_host,
            egress: selection(Direction::Egress),
            ingress: selection(Direction::Ingress),
            pods: part.pods,
        }
    };
    parts.map(of_part).collect()
}

/// The policies that nearly select a pod, if that is likely meant.
fn nearly(model: &Model, pod: PodId, direction: Direction) -> Vec<NearSelection> {
    let (own, home) = (model.pod(pod), model.pod(pod).namespace);
    let mut found: Vec<(u32, NearSelection)> = Vec::new();
    for Tier::AnyAllow(policies) in &model.rules().tiers {
        for id in policies {
            let policy = model.policy(*id);
            let is_home = policy.namespace == model.namespace(home).name;
            let concerns = policy.rules(direction).is_some();
            let mut gaps = labels::gaps(&policy.subject, &own.labels);
            let gap = match (is_home, concerns, gaps.len()) {
                (true, true, 1) => {
                    let mut gap = gaps.remove(0);
                    let requirement = &policy.subject.requirements()[gap.requirement as usize];
                    labels::tell(&mut gap, requirement, &own.labels);
                    gap.is_met_elsewhere = is_met_by_another(model, pod, requirement);
                    Gap::Subject(gap)
                }
                (true, false, 0)
                    if !policy.inert_rules(direction).is_empty()
                        && policy.subject.matches(&own.labels) == Truth::Yes =>
                {
                    Gap::Direction
                }
                (false, true, 0)
                    if !policy.subject.is_everything()
                        && policy.subject.matches(&own.labels) == Truth::Yes
                        && selects_nobody(model, policy) =>
                {
                    Gap::PolicyNamespace(home)
                }
                _ => continue,
            };
            let weight = rank::gap(&gap, selects_nobody(model, policy));
            if weight < rank::LIKELY {
                found.push((weight, NearSelection { policy: *id, gap }));
            }
        }
    }
    found.sort_by_key(|(weight, _)| *weight);
    found.into_iter().map(|(_, near)| near).collect()
}
