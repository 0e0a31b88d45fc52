//! What makes a line worth reading first.

use np_model::Model;
use np_model::addr::Families;
use np_model::conn::ConnSet;
use np_model::ir::Direction;
use rustc_hash::FxHashSet;

use super::alone::Seen;
use super::{Isolated, Presence, Talk, Unit, known};
use crate::diff::Change;
use crate::endpoint::internet;

/// A reason to look, the most urgent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Risk {
    /// More passes, or may, from the internet.
    InternetIngress,
    /// More passes, or may, to the internet.
    InternetEgress,
    /// Policies that isolated pods do so no longer, or not for certain.
    Unprotected,
    /// Pods of cluster DNS are no longer reached on its ports.
    Dns,
    /// More passes, or may, between namespaces whose labels say that they are different environments.
    CrossEnvironment,
    /// More passes, or may, between namespaces.
    CrossNamespace,
    /// Something is unknown that was decided.
    Unknown,
}

impl Risk {
    /// Every risk, the most urgent first.
    pub const ALL: [Self; 7] = [
        Self::InternetIngress,
        Self::InternetEgress,
        Self::Unprotected,
        Self::Dns,
        Self::CrossEnvironment,
        Self::CrossNamespace,
        Self::Unknown,
    ];

    /// How many there are.
    pub const COUNT: u8 = 7;

    /// Its name in machine-readable answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::InternetIngress => "internet-ingress",
            Self::InternetEgress => "internet-egress",
            Self::Unprotected => "unprotected",
            Self::Dns => "dns",
            Self::CrossEnvironment => "cross-environment",
            Self::CrossNamespace => "cross-namespace",
            Self::Unknown => "unknown",
        }
    }
}

/// Of a change between endpoints that both models have.
pub(super) fn between(
    models: [&Model; 2],
    change: &Change,
    [from, to]: [&[Unit]; 2],
    is_dns: bool,
) -> Vec<Risk> {
    let mut risks = Vec::new();
    if is_more(change) {
        opening(models, [from, to], &mut risks);
    }
    risks.extend(is_dns.then_some(Risk::Dns));
    risks.extend((!change.unknown().is_empty()).then_some(Risk::Unknown));
    risks.sort_unstable();
    risks
}

/// Of workloads that one model lacks: those that are new open what they may exchange.
pub(super) fn alone(models: [&Model; 2], seen: &Seen, talks: &[Talk]) -> Vec<Risk> {
    if seen.presence == Presence::Removed {
        // Whoever looked up names there no longer can.
        let mut pods = seen.units.iter().flat_map(Unit::pods);
        let all = ConnSet::all(Families::BOTH);
        return if pods.any(|pod| known::is_dns_on(models, *pod, &all)) {
            vec![Risk::Dns]
        } else {
            Vec::new()
        };
    }
    let mut risks = Vec::new();
    for talk in talks.iter().filter(|talk| !talk.is_itself()) {
        let ends: [&[Unit]; 2] = match talk.direction {
            Direction::Egress => [&seen.units, &talk.peers],
            Direction::Ingress => [&talk.peers, &seen.units],
        };
        opening(models, ends, &mut risks);
        risks.extend((!talk.change.after.open.is_empty()).then_some(Risk::Unknown));
    }
    risks.sort_unstable();
    risks.dedup();
    risks
}

/// Of isolation.
pub(super) fn isolation(isolated: &Isolated) -> Vec<Risk> {
    if isolated.is_gained() { Vec::new() } else { vec![Risk::Unprotected] }
}

/// Whether more passes for certain, or may.
fn is_more(change: &Change) -> bool {
    let before = change.before.passes.or(&change.before.open);
    !change.opened().is_empty() || !change.after.open.minus(&before).is_empty()
}

fn opening(models: [&Model; 2], [from, to]: [&[Unit]; 2], risks: &mut Vec<Risk>) {
    let is_internet = |units: &[Unit]| match units.first() {
        Some(Unit::External(addresses)) => !addresses.and(&internet()).is_empty(),
        _ => false,
    };
    risks.extend(is_internet(from).then_some(Risk::InternetIngress));
    risks.extend(is_internet(to).then_some(Risk::InternetEgress));
    let [base, head] = models;
    let namespaces = |units: &[Unit]| {
        let names = units.iter().filter_map(|unit| unit.namespace(base, head));
        names.map(str::to_owned).collect::<FxHashSet<String>>()
    };
    let (from, to) = (namespaces(from), namespaces(to));
    if from.is_empty() || to.is_empty() || from.len() == 1 && from == to {
        return;
    }
    risks.push(Risk::CrossNamespace);
    let labels = |name: &String| {
        let all = head.namespaces().binary_search_by(|namespace| namespace.name.as_str().cmp(name));
        all.ok().map(|at| head.namespaces()[at].labels.iter().collect::<Vec<_>>()).unwrap_or_default()
    };
    let to: Vec<_> = to.iter().map(labels).collect();
    let is_apart = |from: &String| {
        let from = labels(from);
        to.iter().any(|to| known::are_environments_apart(&from, to))
    };
    risks.extend(from.iter().any(is_apart).then_some(Risk::CrossEnvironment));
}
