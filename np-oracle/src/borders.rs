//! Addresses at which an answer may change: the borders of every ipBlock.

use crate::address::{Family, Range, address, parse_cidr};
use crate::cluster::Cluster;
use k8s_openapi::api::networking::v1::IPBlock;
use std::collections::BTreeSet;
use std::net::IpAddr;

impl Cluster {
    /// The ranges of every CIDR that the policies mention, excepts included.
    fn mentioned_ranges(&self) -> Vec<(Family, Range)> {
        let specs = || self.policies.iter().filter_map(|policy| policy.spec.as_ref());
        let from = specs()
            .flat_map(|spec| spec.ingress.iter().flatten())
            .flat_map(|rule| rule.from.iter().flatten());
        let to =
            specs().flat_map(|spec| spec.egress.iter().flatten()).flat_map(|rule| rule.to.iter().flatten());
        let blocks = from.chain(to).filter_map(|peer| peer.ip_block.as_ref());
        let cidrs = |block: &IPBlock| -> Vec<_> {
            let excepts = block.except.iter().flatten();
            excepts.chain([&block.cidr]).filter_map(|cidr| parse_cidr(cidr)).collect()
        };
        blocks.flat_map(cidrs).collect()
    }

    /// For every CIDR of a family that the policies mention: its first and last address, and the ones just outside.
    pub(crate) fn block_borders(&self, family: Family) -> Vec<u128> {
        let mut borders = BTreeSet::new();
        for (_, range) in self.mentioned_ranges().into_iter().filter(|(its_family, _)| *its_family == family)
        {
            borders.extend([range.first, range.last]);
            borders.extend(range.first.checked_sub(1));
            borders.extend(range.last.checked_add(1));
        }
        borders.into_iter().filter(|&number| family.whole().contains(number)).collect()
    }

    /// External addresses on both sides of every border of every block, and one far from most for each family.
    /// Where a pod or node has the address at a border, the next ones on both sides stand for it.
    pub fn external_addresses(&self) -> Vec<IpAddr> {
        let far = [(Family::V4, 0x0808_0404), (Family::V6, 0x2a00 << 112 | 7)];
        let borders = Family::ALL.map(|family| {
            self.block_borders(family).into_iter().map(move |number| (family, number)).collect::<Vec<_>>()
        });
        let is_external = |at: &IpAddr| self.is_external(*at);
        let next = |family: Family, number: u128, step: fn(u128) -> Option<u128>| {
            let numbers = std::iter::successors(Some(number), |number| step(*number));
            let inside = numbers.take_while(|number| family.whole().contains(*number));
            inside.filter_map(|number| address(family, number)).find(is_external)
        };
        let all = borders.into_iter().flatten().chain(far);
        let external: BTreeSet<IpAddr> = all
            .flat_map(|(family, number)| {
                let up = next(family, number, |number| number.checked_add(1));
                up.into_iter().chain(next(family, number, |number| number.checked_sub(1)))
            })
            .collect();
        external.into_iter().collect()
    }
}
