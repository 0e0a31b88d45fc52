//! What keeps a peer of a rule from matching the other end.

use ipnet::IpNet;
use np_model::Model;
use np_model::addr::{AddrSet, IpBlock};
use np_model::ir::{Namespaces, Peer};
use np_model::model::{ClassKind, NodeId, PodId, Whereabouts};
use np_model::selector::Selector;

use super::End;
use super::gap::{Gap, Half};
use super::labels;

/// The gaps between a peer of a policy in namespace `home` and the other end: none if it matches or may match. Each
/// alternative explains the same by other facts; none at all if no change of the peer would do.
pub(super) fn gaps(model: &Model, peer: &Peer, home: &str, other: &End<'_>) -> Vec<Vec<Gap>> {
    match peer {
        Peer::Block(block) => self::block(model, block, other).map_or_else(Vec::new, |gaps| vec![gaps]),
        Peer::Pods { namespaces, pods } => match other.pod {
            Some(pod) => self::pods(model, namespaces, pods, home, pod),
            None => Vec::new(),
        },
    }
}

/// A number that no alternative has fewer gaps than; found without making any.
pub(super) fn at_least(model: &Model, peer: &Peer, home: &str, other: &End<'_>) -> usize {
    let Some(pod) = other.pod.map(|id| model.pod(id)) else { return 0 };
    match peer {
        Peer::Block(block) => match &pod.whereabouts {
            Whereabouts::At(ips) => usize::from(ips.iter().all(|ip| !block.cidr().contains(&ip))),
            Whereabouts::PodSpace | Whereabouts::Anywhere => 0,
        },
        Peer::Pods { namespaces, pods } => {
            let namespace = model.namespace(pod.namespace);
            let of_namespace = match namespaces {
                Namespaces::Named(_) => usize::from(namespace.name != home),
                Namespaces::Matching(selector) => labels::count(selector, &namespace.labels),
            };
            let of_pod = labels::count(pods, &pod.labels);
            // Where one half matches, a dash may be all that is missing.
            let is_half = of_namespace == 0 || of_pod == 0;
            if is_half { (of_namespace + of_pod).min(1) } else { of_namespace + of_pod }
        }
    }
}

fn pods(model: &Model, namespaces: &Namespaces, pods: &Selector, home: &str, pod: PodId) -> Vec<Vec<Gap>> {
    let pod = model.pod(pod);
    let namespace = model.namespace(pod.namespace);
    let of_pod: Vec<Gap> = labels::gaps(pods, &pod.labels).into_iter().map(Gap::Pod).collect();
    let (of_namespace, joined) = match namespaces {
        Namespaces::Named(_) => {
            let is_home = namespace.name == home;
            (if is_home { Vec::new() } else { vec![Gap::OtherNamespace(pod.namespace)] }, None)
        }
        Namespaces::Matching(selector) => {
            let gaps: Vec<Gap> =
                labels::gaps(selector, &namespace.labels).into_iter().map(Gap::Namespace).collect();
            let are_two = !selector.is_everything() && !pods.is_everything();
            // Alone, a podSelector means pods of the policy's own namespace.
            let half = match (gaps.is_empty(), of_pod.is_empty()) {
                (true, false) => Some(Half::Namespaces),
                (false, true) if namespace.name == home => Some(Half::Pods),
                _ => None,
            };
            (gaps, half.filter(|_| are_two))
        }
    };
    let all = [of_namespace, of_pod].concat();
    if model.class(pod.class).kind == ClassKind::Hosts {
        return if all.is_empty() { vec![vec![Gap::HostNetwork]] } else { Vec::new() };
    }
    let joined = joined.map(|half| vec![Gap::Joined(half)]);
    std::iter::once(all).chain(joined).collect()
}

/// What keeps the addresses of the other end out of a block; `None` if they have none of its family.
fn block(model: &Model, block: &IpBlock, other: &End<'_>) -> Option<Vec<Gap>> {
    let known = addresses(model, other)?;
    let of_family = AddrSet::default().with(block.family(), known.of(block.family()).clone());
    if of_family.is_empty() {
        return None;
    }
    if !of_family.and(&block.addresses()).is_empty() {
        return Some(Vec::new());
    }
    // Exceptions may overlap: each that holds the address keeps it out.
    let holds = |(except, _): &(&IpNet, u32)| !of_family.and(&AddrSet::cidr(**except)).is_empty();
    let inside: Vec<Gap> =
        block.except().iter().zip(0..).filter(holds).map(|(_, at)| Gap::Except(at)).collect();
    Some(if inside.is_empty() { vec![Gap::Block] } else { inside })
}

/// Every address that the end has or may have; `None` if it may be any.
pub(super) fn addresses(model: &Model, end: &End<'_>) -> Option<AddrSet> {
    let node = |id: &NodeId| model.node(*id).whereabouts;
    let whereabouts = match (end.pod, end.members.nodes.first()) {
        (Some(pod), _) => model.pod(pod).whereabouts,
        (None, Some(id)) => node(id),
        (None, None) => return Some(end.members.addresses.clone()),
    };
    match whereabouts {
        Whereabouts::At(ips) => Some(AddrSet::addresses(ips.iter())),
        Whereabouts::PodSpace => Some(model.pod_space().clone()),
        Whereabouts::Anywhere => None,
    }
}
