//! The ends of a pair by name: all of them for machines, as few as will do for people.

use np_model::Model;
use np_model::addr::AddrSet;
use np_sim::Endpoint;
use np_sim::reach::{Members, Pair};

use super::clean::clean;
use super::several::several;

/// One end of a group of pairs.
#[derive(Debug, Clone, Copy)]
pub(super) struct End<'a> {
    pub(super) model: &'a Model,
    /// What was asked about; `None` for a Service, whose endpoints are named instead.
    pub(super) endpoint: Option<&'a Endpoint>,
    /// Those of it that are meant.
    pub(super) members: &'a Members,
    /// Whether that is all of it.
    pub(super) is_whole: bool,
}

impl End<'_> {
    /// The endpoint's own name if all of it is meant, else the first `most` members and a count.
    pub(super) fn label(&self, most: usize) -> String {
        if let Some(endpoint) = self.endpoint.filter(|_| self.is_whole) {
            return clean(&endpoint.name(self.model)).into_owned();
        }
        several(&self.names(), most).unwrap_or_default()
    }

    /// Every member by its full name, every range of addresses.
    pub(super) fn names(&self) -> Vec<String> {
        let (model, members) = (self.model, self.members);
        let mut names: Vec<String> = members.pods.iter().map(|pod| model.pod_name(*pod)).collect();
        names.dedup();
        names.extend(members.nodes.iter().map(|node| Endpoint::Node(*node).name(model)));
        names.extend(members.addresses.to_string().split_whitespace().map(str::to_owned));
        names.iter().map(|name| clean(name).into_owned()).collect()
    }

    /// Whether one verb form will not do for it.
    pub(super) fn is_plural(&self) -> bool {
        (!self.is_whole || self.endpoint.is_none()) && self.names().len() > 1
    }
}

/// Joins pairs that get the same answer for the same reasons, so that one end has all that is the
/// same to the other.
pub(super) fn merge(pairs: &[Pair]) -> Vec<Pair> {
    let mut by_from: Vec<Pair> = Vec::new();
    let mut run = 0;
    for pair in pairs {
        if by_from.last().is_some_and(|last| last.from != pair.from) {
            run = by_from.len();
        }
        match by_from[run..].iter_mut().find(|known| is_alike(known, pair)) {
            Some(known) => extend(&mut known.to, &pair.to),
            None => by_from.push(pair.clone()),
        }
    }
    let mut merged: Vec<Pair> = Vec::new();
    for pair in by_from {
        match merged.iter_mut().find(|known| known.to == pair.to && is_alike(known, &pair)) {
            Some(known) => extend(&mut known.from, &pair.from),
            None => merged.push(pair),
        }
    }
    merged
}

/// All that takes part on one side.
pub(super) fn union<'p>(members: impl Iterator<Item = &'p Members>) -> Members {
    let mut all =
        Members { pods: Vec::new(), nodes: Vec::new(), addresses: AddrSet::default(), is_host: false };
    members.for_each(|some| extend(&mut all, some));
    all
}

fn is_alike(a: &Pair, b: &Pair) -> bool {
    (a.relation, a.families, a.from.is_host, a.to.is_host)
        == (b.relation, b.families, b.from.is_host, b.to.is_host)
        && a.asked == b.asked
        && a.outcome == b.outcome
        && a.egress == b.egress
        && a.ingress == b.ingress
}

fn extend(members: &mut Members, other: &Members) {
    members.pods.extend(&other.pods);
    members.pods.sort_unstable();
    members.pods.dedup();
    members.nodes.extend(&other.nodes);
    members.nodes.sort_unstable();
    members.nodes.dedup();
    members.addresses = members.addresses.or(&other.addresses);
}
