//! An endpoint as a policy would write it: as subject, as peer, as one to be left out; and what is asked as ports.

use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Subnets, Ipv6Subnets};

use np_model::Model;
use np_model::addr::{AddrSet, Family, IpBlock};
use np_model::conn::{AskedPort, ConnSet, Protocol, every_port};
use np_model::ir::{Namespaces, Peer, PortMatch, PortSpec};
use np_model::model::{PodId, Whereabouts};
use np_model::selector::{Requirement, Selector};

use crate::endpoint::Endpoint;

/// The label that every namespace has, with its name.
const NAME: &str = "kubernetes.io/metadata.name";

/// How many blocks a peer is written with at most.
const BLOCKS: usize = 8;

/// How many exceptions a block is written with at most: the addresses that are not of the internet are this many.
const EXCEPTIONS: usize = 16;

/// Keys that say what a pod is, those that say it best first.
const TELLING: [&str; 8] = [
    "app",
    "app.kubernetes.io/name",
    "k8s-app",
    "name",
    "component",
    "app.kubernetes.io/component",
    "tier",
    "role",
];

/// Keys whose values controllers make up: nobody writes them in a policy.
const MADE_UP: [&str; 9] = [
    "pod-template-hash",
    "controller-revision-hash",
    "pod-template-generation",
    "statefulset.kubernetes.io/pod-name",
    "apps.kubernetes.io/pod-index",
    "batch.kubernetes.io/controller-uid",
    "batch.kubernetes.io/job-name",
    "controller-uid",
    "job-name",
];

/// A selector of these pods, which are in one namespace, and of as few others there as labels allow.
pub(super) fn selector(model: &Model, pods: &[PodId]) -> Selector {
    let Some(first) = pods.first() else { return Selector::default() };
    let namespace = model.pod(*first).namespace;
    let has = |pod: PodId, (key, value): (&str, &str)| model.pod(pod).labels.known(key) == Some(value);
    let shared = model
        .pod(*first)
        .labels
        .iter()
        .filter(|label| !MADE_UP.contains(&label.0) && pods.iter().all(|pod| has(*pod, *label)));
    let mut shared: Vec<(&str, &str)> = shared.collect();
    let rank = |key: &str| TELLING.iter().position(|known| *known == key).unwrap_or(TELLING.len());
    shared.sort_by_key(|(key, _)| (rank(key), *key));
    let in_namespace = model.pod_ids().filter(|pod| model.pod(*pod).namespace == namespace);
    let mut matched: Vec<PodId> = in_namespace.collect();
    let mut terms = Vec::new();
    for label in shared {
        let fewer: Vec<PodId> = matched.iter().copied().filter(|pod| has(*pod, label)).collect();
        // The first says who is meant, also where nobody else is there.
        if terms.is_empty() || fewer.len() < matched.len() {
            terms.push(is(label.0, label.1));
            matched = fewer;
        }
        if matched.len() == pods.len() {
            break;
        }
    }
    Selector::new(terms)
}

pub(super) fn is(key: &str, value: &str) -> Requirement {
    Requirement::In(key.to_owned(), [value.to_owned()].into())
}

fn is_not(key: &str, value: &str) -> Requirement {
    Requirement::NotIn(key.to_owned(), [value.to_owned()].into())
}

/// A selector of the namespace with this name.
pub(super) fn namespace(name: &str) -> Selector {
    Selector::new([is(NAME, name)])
}

/// The peers that mean an endpoint in a policy of the namespace `home`; none if it cannot be said.
pub(super) fn peers(model: &Model, endpoint: &Endpoint, home: &str) -> Vec<Peer> {
    let within = |name: &str, pods: Selector| {
        let is_home = name == home;
        let namespaces =
            if is_home { Namespaces::Named(home.into()) } else { Namespaces::Matching(namespace(name)) };
        Peer::Pods { namespaces, pods }
    };
    let of_namespace = endpoint.namespace(model).map(|id| model.namespace(id).name.as_str());
    match (endpoint, of_namespace) {
        (Endpoint::Pod(_) | Endpoint::Workload(_), Some(name)) => {
            let pods = endpoint.pods(model);
            if pods.iter().any(|pod| model.pod(*pod).host_network) {
                return blocks(known_addresses(model, endpoint));
            }
            vec![within(name, selector(model, &pods))]
        }
        (Endpoint::Namespace(_), Some(name)) => vec![within(name, Selector::default())],
        (Endpoint::External(external), _) => {
            let families: Vec<Family> = model.families().iter().collect();
            let of_family = |family: &Family| external.addresses.and(&AddrSet::whole(*family));
            let found = families.iter().map(of_family).reduce(|all, more| all.or(&more));
            let found = blocks(found);
            if !found.is_empty() {
                return found;
            }
            let blocks = families.into_iter().filter(|family| !external.addresses.of(*family).is_empty());
            blocks.filter_map(|family| all_of(model, family, &external.addresses)).map(Peer::Block).collect()
        }
        (Endpoint::Node(_), _) => blocks(known_addresses(model, endpoint)),
        _ => Vec::new(),
    }
}

/// One block with these external addresses of a family: all there are, without those that are not meant if
/// they can be listed.
fn all_of(model: &Model, family: Family, addresses: &AddrSet) -> Option<IpBlock> {
    let whole = everything(family);
    let others = AddrSet::whole(family).minus(addresses);
    let except = if others.minus(model.known_addresses()).is_empty() { Vec::new() } else { cidrs(&others) };
    IpBlock::new(whole, if except.len() > EXCEPTIONS { &[] } else { &except })
}

/// The peers that mean everyone but an endpoint, in a policy of the namespace `home`, as far as that can be said.
pub(super) fn all_but(model: &Model, endpoint: &Endpoint, home: &str) -> Vec<Peer> {
    let mut peers = Vec::new();
    let of_namespace = endpoint.namespace(model).map(|id| model.namespace(id).name.as_str());
    let everywhere =
        Peer::Pods { namespaces: Namespaces::Matching(Selector::default()), pods: Selector::default() };
    match of_namespace {
        Some(name) => {
            let elsewhere = Selector::new([is_not(NAME, name)]);
            peers.push(Peer::Pods { namespaces: Namespaces::Matching(elsewhere), pods: Selector::default() });
            let of_it = match endpoint {
                Endpoint::Namespace(_) => Selector::default(),
                _ => selector(model, &endpoint.pods(model)),
            };
            for (key, value) in of_it.requirements().iter().filter_map(single) {
                let namespaces = if name == home {
                    Namespaces::Named(home.into())
                } else {
                    Namespaces::Matching(namespace(name))
                };
                peers.push(Peer::Pods { namespaces, pods: Selector::new([is_not(key, value)]) });
            }
        }
        None => peers.push(everywhere),
    }
    let left_out = match endpoint {
        Endpoint::External(external) => external.addresses.clone(),
        _ => addresses_to_leave_out(model, endpoint),
    };
    for family in model.families().iter() {
        let whole = everything(family);
        let except = cidrs(&left_out);
        let except: Vec<IpNet> =
            except.into_iter().filter(|net| Family::of(net.addr()) == family && *net != whole).collect();
        if except.len() <= BLOCKS && !left_out.of(family).covers(AddrSet::whole(family).of(family)) {
            peers.extend(IpBlock::new(whole, &except).map(Peer::Block));
        }
    }
    peers
}

/// Addresses that hold an endpoint of the cluster, and nobody outside. A pod has another address tomorrow, so that these are
/// those of all pods, which other peers mean by their labels; but a host keeps its own, and so does a pod among other
/// addresses than pods have.
fn addresses_to_leave_out(model: &Model, endpoint: &Endpoint) -> AddrSet {
    let space = model.pod_space();
    if matches!(endpoint, Endpoint::Node(_)) {
        return known_addresses(model, endpoint).unwrap_or_else(|| space.clone());
    }
    let (mut left_out, mut is_space) = (AddrSet::default(), false);
    for id in endpoint.pods(model) {
        let pod = model.pod(id);
        match &pod.whereabouts {
            Whereabouts::At(ips) => {
                let own = AddrSet::addresses(ips.iter());
                let is_own = pod.host_network || !own.minus(space).is_empty();
                left_out = if is_own { left_out.or(&own) } else { left_out };
                is_space |= !is_own;
            }
            Whereabouts::PodSpace | Whereabouts::Anywhere => is_space = true,
        }
    }
    if is_space { left_out.or(space) } else { left_out }
}

/// The one label that a term asks for.
pub(super) fn single(term: &Requirement) -> Option<(&str, &str)> {
    match term {
        Requirement::In(key, values) if values.len() == 1 => Some((key, values.first()?)),
        _ => None,
    }
}

/// The addresses of pods or a node, if all of them are known.
pub(super) fn known_addresses(model: &Model, endpoint: &Endpoint) -> Option<AddrSet> {
    let of = |whereabouts: &Whereabouts| match whereabouts {
        Whereabouts::At(ips) => Some(ips.iter().collect::<Vec<IpAddr>>()),
        Whereabouts::PodSpace | Whereabouts::Anywhere => None,
    };
    let all: Option<Vec<Vec<IpAddr>>> = match endpoint {
        Endpoint::Node(node) => Some(vec![of(&model.node(*node).whereabouts)?]),
        _ => endpoint.pods(model).iter().map(|pod| of(&model.pod(*pod).whereabouts)).collect(),
    };
    all.map(|all| AddrSet::addresses(all.into_iter().flatten()))
}

fn everything(family: Family) -> IpNet {
    let address = np_model::addr::address(family, 0);
    IpNet::new_assert(address, 0)
}

/// Addresses as peers; none if they are too many blocks.
fn blocks(addresses: Option<AddrSet>) -> Vec<Peer> {
    let cidrs = addresses.map(|addresses| cidrs(&addresses)).unwrap_or_default();
    if cidrs.len() > BLOCKS {
        return Vec::new();
    }
    cidrs.into_iter().filter_map(|cidr| IpBlock::new(cidr, &[])).map(Peer::Block).collect()
}

/// Addresses as CIDRs, as few as it takes.
pub(super) fn cidrs(addresses: &AddrSet) -> Vec<IpNet> {
    let of = |(first, last): (IpAddr, IpAddr)| -> Vec<IpNet> {
        match (first, last) {
            (IpAddr::V4(first), IpAddr::V4(last)) => {
                Ipv4Subnets::new(first, last, 0).map(IpNet::V4).collect()
            }
            (IpAddr::V6(first), IpAddr::V6(last)) => {
                Ipv6Subnets::new(first, last, 0).map(IpNet::V6).collect()
            }
            _ => Vec::new(),
        }
    };
    addresses.ranges().flat_map(of).collect()
}

/// What is asked as items of a rule's ports; nothing if it is everything.
pub(super) fn ports(model: &Model, asked: &[AskedPort], to: &Endpoint) -> Vec<PortMatch> {
    let mut ports = Vec::new();
    for port in asked {
        match port {
            AskedPort::Connections(set) => ports.extend(ranges(set)),
            AskedPort::Named(name) => {
                let pods = to.pods(model);
                let declared = pods.iter().flat_map(|pod| model.pod(*pod).ports.iter());
                let mut protocols: Vec<Protocol> = declared
                    .filter(|port| port.name.as_deref() == Some(name))
                    .map(|port| port.protocol)
                    .collect();
                protocols.sort_unstable();
                protocols.dedup();
                let named = |protocol| PortMatch { protocol, ports: PortSpec::Named(name.clone()) };
                ports.extend(protocols.into_iter().map(named));
            }
        }
    }
    let is_everything = Protocol::ALL
        .iter()
        .all(|protocol| ports.contains(&PortMatch { protocol: *protocol, ports: PortSpec::All }));
    if is_everything { Vec::new() } else { ports }
}

/// The same with names as the numbers that they have at the destination.
pub(super) fn numbers(model: &Model, asked: &[AskedPort], to: &Endpoint) -> Vec<PortMatch> {
    let pods = to.pods(model);
    let declared = || pods.iter().flat_map(|pod| model.pod(*pod).ports.iter());
    let number = |port: PortMatch| match &port.ports {
        PortSpec::Named(name) => {
            let same =
                declared().filter(|one| one.protocol == port.protocol && one.name.as_deref() == Some(name));
            let mut numbers: Vec<u16> = same.map(|one| one.port).collect();
            numbers.sort_unstable();
            numbers.dedup();
            let range = |port| PortSpec::Range(port, port);
            numbers.into_iter().map(|at| PortMatch { ports: range(at), ..port.clone() }).collect()
        }
        _ => vec![port],
    };
    ports(model, asked, to).into_iter().flat_map(number).collect()
}

/// Connections as items of a rule's ports, of whatever family.
pub(super) fn ranges(set: &ConnSet) -> Vec<PortMatch> {
    let mut ports = Vec::new();
    for protocol in Protocol::ALL {
        let [v4, v6] = Family::BOTH.map(|family| set.slot(family, protocol));
        let both = v4.or(v6);
        if both == every_port() {
            ports.push(PortMatch { protocol, ports: PortSpec::All });
            continue;
        }
        let range =
            |(first, last): &(u16, u16)| PortMatch { protocol, ports: PortSpec::Range(*first, *last) };
        ports.extend(both.ranges().iter().map(range));
    }
    ports
}
