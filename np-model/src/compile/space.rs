//! The address space: who is known to be where, where the others may be, and the atoms that the
//! blocks of the rules cut it into.
//!
//! An *atom* is a maximal range of addresses that no block in use divides. Two addresses of one
//! atom are in exactly the same blocks, so a membership test is one binary search, and external
//! addresses need no more than one group per atom.

use std::net::IpAddr;
use std::sync::Arc;

use ipnet::{IpNet, Ipv4Net};
use rustc_hash::FxHashMap;

use crate::addr::{self, AddrSet, Families, Family, IpBlock, Ips};
use crate::facts::{Facts, Node, Pod};
use crate::intervals::Intervals;
use crate::model::Whereabouts;
use crate::truth::Truth;

/// Where pods lie if nothing says so: the private ranges, and the shared one (RFC 6598).
const PRIVATE: [Ipv4Net; 4] = [
    Ipv4Net::new_assert(std::net::Ipv4Addr::new(10, 0, 0, 0), 8),
    Ipv4Net::new_assert(std::net::Ipv4Addr::new(172, 16, 0, 0), 12),
    Ipv4Net::new_assert(std::net::Ipv4Addr::new(192, 168, 0, 0), 16),
    Ipv4Net::new_assert(std::net::Ipv4Addr::new(100, 64, 0, 0), 10),
];

/// What the input shows of the address space.
#[derive(Debug, Clone)]
pub(crate) struct Space {
    /// Addresses of live pods, nodes and Services.
    pub(crate) known: Arc<AddrSet>,
    /// Where live pods without an address lie.
    pub(crate) pods: AddrSet,
    /// Whether that had to be assumed.
    pub(crate) pods_assumed: bool,
    /// The families that an endpoint without an address has.
    pub(crate) families: Families,
    /// Whether that had to be assumed.
    pub(crate) families_assumed: bool,
    /// By family: the first address of every atom but the lowest, ascending.
    borders: [Vec<u128>; 2],
}

impl Space {
    /// Not yet cut by any block. `pods` are those to go by. If the input `may_lack` facts, no family can be
    /// ruled out.
    pub(crate) fn of<'f>(
        facts: &'f Facts,
        pods: &(impl Iterator<Item = &'f Pod> + Clone),
        pod_cidrs: &[IpNet],
        may_lack: bool,
    ) -> Self {
        let hosts = Hosts::of(&facts.nodes);
        let live = || pods.clone().filter(|pod| !pod.phase.is_finished());
        let node_cidrs = facts.nodes.iter().flat_map(|node| &node.pod_cidrs);
        let cidrs: Vec<IpNet> =
            if pod_cidrs.is_empty() { node_cidrs.copied().collect() } else { pod_cidrs.to_vec() };
        let shown = live().flat_map(|pod| pod.ips.families().iter());
        let shown = shown.chain(cidrs.iter().map(|cidr| Family::of(cidr.addr())));
        let lacking = Family::BOTH.into_iter().filter(|_| may_lack);
        let families: Families = shown.chain(lacking).collect();
        let families_assumed = families.is_empty();
        let families = if families_assumed { Families::only(Family::V4) } else { families };

        let mut pod_space = AddrSet::cidrs(cidrs);
        let mut pods_assumed = false;
        for family in families.iter() {
            let is_told =
                !pod_cidrs.is_empty() || nodes_tell_all(&facts.nodes, live(), &hosts, family, &pod_space);
            if !pod_space.of(family).is_empty() && is_told {
                continue;
            }
            pods_assumed = true;
            pod_space = pod_space.or(&match family {
                Family::V4 => AddrSet::cidrs(PRIVATE.map(IpNet::V4)),
                Family::V6 => AddrSet::whole(Family::V6),
            });
        }
        let of_hosts = live().filter(|pod| pod.shape.host_network);
        let of_hosts = of_hosts.filter_map(|pod| match hosts.of_pod(pod) {
            Whereabouts::At(ips) => Some(ips),
            Whereabouts::PodSpace | Whereabouts::Anywhere => None,
        });
        let of_pods_and_nodes = live().map(|pod| pod.ips).chain(of_hosts);
        let of_pods_and_nodes = of_pods_and_nodes.chain(facts.nodes.iter().map(|node| node.ips));
        let services = facts.services.iter().flat_map(|service| service.ips.iter().copied());
        let known = AddrSet::addresses(of_pods_and_nodes.flat_map(Ips::iter).chain(services));
        let known = Arc::new(known);
        let borders = Default::default();
        Self { known, pods: pod_space, pods_assumed, families, families_assumed, borders }
    }

    /// The same, cut by these blocks and no others.
    #[must_use]
    pub(crate) fn cut_by<'b>(self, blocks: impl Iterator<Item = &'b IpBlock>) -> Self {
        Self { borders: borders(blocks), ..self }
    }

    /// The same, these addresses being known and no others.
    #[must_use]
    pub(crate) fn knowing(self, known: Arc<AddrSet>) -> Self {
        Self { known, ..self }
    }

    /// Where an ordinary pod is.
    pub(crate) fn of_pod(ips: Ips) -> Whereabouts {
        if ips.is_empty() { Whereabouts::PodSpace } else { Whereabouts::At(ips) }
    }

    /// The families of an endpoint.
    pub(crate) fn families_of(&self, whereabouts: &Whereabouts) -> Families {
        match whereabouts {
            Whereabouts::At(ips) => ips.families(),
            Whereabouts::PodSpace | Whereabouts::Anywhere => self.families,
        }
    }

    /// Whether an endpoint's address of the block's family is in the block.
    pub(crate) fn is_within(&self, whereabouts: &Whereabouts, block: &AddrSet, family: Family) -> Truth {
        let whole;
        let candidates = match whereabouts {
            Whereabouts::At(ips) => {
                return ips.of(family).is_some_and(|ip| block.contains(ip)).into();
            }
            _ if !self.families.contains(family) => return Truth::No,
            Whereabouts::PodSpace => self.pods.of(family),
            Whereabouts::Anywhere => {
                whole = Intervals::range(0, family.last());
                &whole
            }
        };
        if block.of(family).is_disjoint(candidates) {
            Truth::No
        } else if block.of(family).covers(candidates) {
            Truth::Yes
        } else {
            Truth::Maybe
        }
    }

    /// The atom that an address lies in, counted within its family.
    pub(super) fn atom(&self, address: IpAddr) -> usize {
        self.atom_of(Family::of(address), addr::number(address))
    }

    /// The atom that an address of a family lies in, by its number.
    pub(super) fn atom_of(&self, family: Family, number: u128) -> usize {
        self.borders[family as usize].partition_point(|first| *first <= number)
    }

    /// How many atoms a family has.
    pub(super) fn atoms(&self, family: Family) -> usize {
        self.borders[family as usize].len() + 1
    }

    /// The atoms of a family that hold an external address, whole, ascending.
    pub(crate) fn external_atoms(&self, family: Family) -> Vec<(usize, (u128, u128))> {
        let known = self.known.of(family).ranges();
        let firsts = std::iter::once(0).chain(self.borders[family as usize].iter().copied());
        let lasts = self.borders[family as usize].iter().map(|first| first - 1).chain([family.last()]);
        // No address lies between two known ranges that touch, so all of an atom is known if one range has it.
        let is_known = |(_, (first, last)): &(usize, (u128, u128))| {
            let next = known.partition_point(|(start, _)| start <= first);
            next.checked_sub(1).is_some_and(|at| known[at].1 >= *last)
        };
        firsts.zip(lasts).enumerate().filter(|atom| !is_known(atom)).collect()
    }
}

/// Whether the CIDRs of the nodes can be all that pods get addresses from: every node has one, every
/// node that a pod names is in the input, and no pod has an address elsewhere.
fn nodes_tell_all<'f>(
    nodes: &[Node],
    mut live: impl Iterator<Item = &'f Pod>,
    hosts: &Hosts<'_>,
    family: Family,
    cidrs: &AddrSet,
) -> bool {
    let has_one = |node: &Node| node.pod_cidrs.iter().any(|cidr| Family::of(cidr.addr()) == family);
    let is_there = |pod: &Pod| pod.shape.node_name.as_deref().is_none_or(|name| hosts.get(name).is_some());
    let is_inside =
        |pod: &Pod| pod.shape.host_network || pod.ips.of(family).is_none_or(|ip| cidrs.contains(ip));
    nodes.iter().all(has_one) && live.all(|pod| is_there(pod) && is_inside(pod))
}

/// The nodes of the input, which pods name.
pub(super) struct Hosts<'f> {
    by_name: FxHashMap<&'f str, &'f Node>,
}

impl<'f> Hosts<'f> {
    pub(super) fn of(nodes: &'f [Node]) -> Self {
        Self { by_name: nodes.iter().map(|node| (node.name.as_str(), node)).collect() }
    }

    fn get(&self, name: &str) -> Option<&'f Node> {
        self.by_name.get(name).copied()
    }

    /// Where a pod that shares its node's network is: its `hostIPs`, else its own IPs, else its node's.
    pub(super) fn of_pod(&self, pod: &Pod) -> Whereabouts {
        match [pod.host_ips, pod.ips].into_iter().find(|ips| !ips.is_empty()) {
            Some(ips) => Whereabouts::At(ips),
            None => self.whereabouts(pod.shape.node_name.as_deref()),
        }
    }

    /// Where a node is, if it is in the input and says so.
    pub(super) fn whereabouts(&self, name: Option<&str>) -> Whereabouts {
        match name.and_then(|name| self.get(name)) {
            Some(node) if !node.ips.is_empty() => Whereabouts::At(node.ips),
            _ => Whereabouts::Anywhere,
        }
    }
}

fn borders<'b>(blocks: impl Iterator<Item = &'b IpBlock>) -> [Vec<u128>; 2] {
    let mut borders = [Vec::new(), Vec::new()];
    for block in blocks {
        let family = block.family();
        for cidr in std::iter::once(&block.cidr()).chain(block.except()) {
            let (first, last) = (addr::number(cidr.network()), addr::number(cidr.broadcast()));
            borders[family as usize].push(first);
            borders[family as usize].extend(last.checked_add(1));
        }
    }
    for (family, list) in Family::BOTH.into_iter().zip(&mut borders) {
        list.retain(|first| *first > 0 && *first <= family.last());
        list.sort_unstable();
        list.dedup();
    }
    borders
}
