//! What is worth knowing beside an answer: the readings that np took where the API is silent, and
//! what a question leaves out.

use std::collections::BTreeSet;

use np_model::Model;
use np_model::addr::Family;
use np_model::conn::AskedPort;
use np_model::ir::{Direction, Peer, PortSpec, Tier};
use np_model::model::{PodId, Whereabouts};
use np_sim::Endpoint;
use np_sim::reach::{Decision, Doubt, Members, Pair, Reach};

use super::clean::clean;
use super::several::several;

/// How many names a note lists.
const NAMED: usize = 3;

/// The notes on an answer.
pub(super) fn notes(model: &Model, ends: &[&Endpoint], ports: &[AskedPort], pairs: &[Pair]) -> Vec<String> {
    let mut notes = Vec::new();
    notes.extend(host_network(model, pairs));
    notes.extend(ends.iter().filter_map(|end| left_out(model, end)));
    for port in ports {
        if let AskedPort::Named(name) = port {
            let pods = ends.get(1).map(|to| to.pods(model)).unwrap_or_default();
            notes.extend(pods.into_iter().find_map(|pod| on_several(model, pod, name)));
        }
    }
    for pair in pairs {
        notes.extend(rules_with_names(model, pair));
    }
    notes.extend(assumed_families(model, pairs));
    notes.extend(inferred(model, pairs));
    let mut seen = std::collections::HashSet::new();
    notes.retain(|note| seen.insert(note.clone()));
    notes
}

/// The note about namespaces that no object in the input shows.
fn inferred(model: &Model, pairs: &[Pair]) -> Option<String> {
    let pods = pairs.iter().flat_map(|pair| [&pair.from, &pair.to]).flat_map(|end| &end.pods);
    let namespaces: BTreeSet<_> = pods.map(|pod| model.pod(*pod).namespace).collect();
    let namespaces = namespaces.into_iter().map(|id| model.namespace(id));
    let names: Vec<String> = namespaces.filter(|one| one.inferred).map(|one| one.name.clone()).collect();
    let (noun, verb) = if names.len() == 1 { ("namespace", "is") } else { ("namespaces", "are") };
    Some(format!("{noun} {} {verb} inferred: the input has no such Namespace", list(names)?))
}

/// The note that an answer hangs on the assumption that there is IPv4 alone.
fn assumed_families(model: &Model, pairs: &[Pair]) -> Option<String> {
    let sides = pairs.iter().flat_map(|pair| [&pair.egress, &pair.ingress]);
    let mut decisions = sides.flat_map(|side| &side.decisions);
    let hangs = decisions.any(|decided| decided.decision == Decision::NoCommonFamily);
    (model.families_assumed() && hangs).then(|| FAMILIES.to_owned())
}

/// Whether some rule is about IPv6 where only assumption has it that there is none, so that it opens
/// nothing.
pub(crate) fn assumes_no_ipv6(model: &Model) -> bool {
    let policies = model.rules().tiers.iter().flat_map(|Tier::AnyAllow(policies)| policies);
    let rules = policies.flat_map(|id| {
        Direction::BOTH
            .into_iter()
            .flat_map(|direction| model.policy(*id).rules(direction).unwrap_or_default())
    });
    let is_ipv6 = |peer: &Peer| matches!(peer, Peer::Block(block) if block.family() == Family::V6);
    model.families_assumed()
        && rules.flat_map(|rule| rule.peers.iter().flatten()).any(|item| is_ipv6(&item.peer))
}

/// Said where the input shows no IP family.
pub(crate) const FAMILIES: &str =
    "no pod has an IP in the input, so pods are taken to have IPv4 alone; say otherwise with --pod-cidr";

/// Whether an answer is open because np can only assume where pods without an IP are.
pub(crate) fn assumes_pod_space(model: &Model, reach: &Reach) -> bool {
    let is_unplaced = |members: &Members| {
        members.pods.iter().any(|pod| model.pod(*pod).whereabouts == Whereabouts::PodSpace)
    };
    let is_address = |decision: &Decision| match decision {
        Decision::Unknown(doubts) => doubts.iter().any(|doubt| matches!(doubt, Doubt::Address(..))),
        _ => false,
    };
    model.pod_space_assumed()
        && reach.pairs.iter().any(|pair| {
            [(&pair.egress, &pair.to), (&pair.ingress, &pair.from)].into_iter().any(|(side, other)| {
                !pair.outcome.open.is_empty()
                    && is_unplaced(other)
                    && side.decisions.iter().any(|decided| is_address(&decided.decision))
            })
        })
}

/// The note about that assumption.
pub(crate) fn pod_space(model: &Model) -> String {
    let unplaced = || model.pods().iter().filter(|pod| pod.whereabouts == Whereabouts::PodSpace);
    let templates = unplaced().filter(|pod| pod.template.is_some()).count();
    let counted = [(unplaced().count() - templates, "pod"), (templates, "workload")];
    let counted = counted.into_iter().filter(|(count, _)| *count > 0);
    let pods: Vec<String> =
        counted.map(|(count, word)| format!("{count} {word}{}", if count == 1 { "" } else { "s" })).collect();
    let (pods, verb) = (pods.join(" and "), if unplaced().count() == 1 { "has" } else { "have" });
    let space = model.pod_space().to_string().replace(' ', ", ");
    format!(
        "{pods} {verb} no IP in the input and may be anywhere in {space}; say where pods are with --pod-cidr"
    )
}

/// The note about policies that were left out on request.
pub(crate) fn ignored_kinds(model: &Model) -> Option<String> {
    let kinds = model.ignored_kinds().iter();
    let kinds = list(kinds.map(|(kind, count)| format!("{count} × {kind}")).collect())?;
    Some(format!("{kinds} left out, as --ignore-kind asks"))
}

fn host_network(model: &Model, pairs: &[Pair]) -> Option<String> {
    let ends = pairs.iter().flat_map(|pair| [&pair.from, &pair.to]);
    let mut pods: Vec<PodId> = ends.flat_map(|end| &end.pods).copied().collect();
    pods.retain(|pod| model.pod(*pod).host_network);
    pods.sort_unstable();
    pods.dedup();
    let names = list(pods.iter().map(|pod| model.pod_name(*pod)).collect())?;
    Some(format!(
        "{names}: hostNetwork pods are read as their node, which no policy selects; the API leaves this open"
    ))
}

fn left_out(model: &Model, end: &Endpoint) -> Option<String> {
    let Endpoint::External(external) = end else { return None };
    let pods = external.pods_inside.iter().map(|pod| model.pod_name(*pod));
    let nodes = external.nodes_inside.iter().map(|node| Endpoint::Node(*node).name(model));
    let names = list(pods.chain(nodes).collect())?;
    Some(format!("{} also holds {names}, which this leaves out: ask by name", clean(&external.name)))
}

fn on_several(model: &Model, pod: PodId, name: &str) -> Option<String> {
    let ports = model.pod(pod).ports.iter().filter(|port| port.name.as_deref() == Some(name));
    let mut ports: Vec<String> =
        ports.map(|port| format!("{}/{}", port.protocol.name(), port.port)).collect();
    ports.sort();
    ports.dedup();
    let pod = model.pod_name(pod);
    (ports.len() > 1).then(|| {
        clean(&format!("{pod} has {} ports named {name}: {}; all are meant", ports.len(), ports.join(" ")))
            .into_owned()
    })
}

/// Rules that decide by a port name which several ports of the destination have.
fn rules_with_names(model: &Model, pair: &Pair) -> Vec<String> {
    let decisions = pair.egress.decisions.iter().chain(&pair.ingress.decisions);
    let rules = decisions.filter_map(|decided| match decided.decision {
        Decision::Rule(rule) => Some(rule),
        _ => None,
    });
    let items = rules.flat_map(|rule| model.rule(rule).ports.as_deref().unwrap_or_default());
    let mut notes = Vec::new();
    for item in items {
        let PortSpec::Named(name) = &item.port.ports else { continue };
        let is_meant = |pod: &&PodId| {
            let ports = model.pod(**pod).ports.iter();
            let same = ports
                .filter(|port| port.name.as_deref() == Some(name) && port.protocol == item.port.protocol);
            let mut numbers: Vec<u16> = same.map(|port| port.port).collect();
            numbers.sort_unstable();
            numbers.dedup();
            numbers.len() > 1
        };
        let pod = pair.to.pods.iter().find(is_meant);
        notes.extend(
            pod.and_then(|pod| on_several(model, *pod, name))
                .map(|note| format!("{note} (np's reading; the API is silent)")),
        );
    }
    notes
}

/// The first few names and a count; `None` without any.
fn list(mut names: Vec<String>) -> Option<String> {
    names.dedup();
    Some(clean(&several(&names, NAMED)?).into_owned())
}
