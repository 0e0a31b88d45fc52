//! Addresses as plain numbers, and sets of them as lists of number ranges: everything the judge needs to
//! know about CIDRs, without a prefix in sight after parsing.

use k8s_openapi::api::networking::v1::IPBlock;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// An IP family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

impl Family {
    /// Both families.
    pub const ALL: [Self; 2] = [Self::V4, Self::V6];

    /// The family of an address.
    pub fn of(address: IpAddr) -> Self {
        if address.is_ipv4() { Self::V4 } else { Self::V6 }
    }

    /// How long an address is.
    pub(crate) fn bits(self) -> u32 {
        match self {
            Self::V4 => 32,
            Self::V6 => 128,
        }
    }

    /// Every address of the family.
    pub(crate) fn whole(self) -> Range {
        Range { first: 0, last: u128::MAX >> (128 - self.bits()) }
    }
}

/// An address as a number; it means nothing without its family.
pub(crate) fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(u32::from(address)),
        IpAddr::V6(address) => u128::from(address),
    }
}

/// The address of a family that has this number.
pub(crate) fn address(family: Family, number: u128) -> Option<IpAddr> {
    match family {
        Family::V4 => u32::try_from(number).ok().map(|number| IpAddr::V4(Ipv4Addr::from(number))),
        Family::V6 => Some(IpAddr::V6(Ipv6Addr::from(number))),
    }
}

/// Addresses of one family, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Range {
    pub(crate) first: u128,
    pub(crate) last: u128,
}

impl Range {
    pub(crate) fn contains(self, number: u128) -> bool {
        self.first <= number && number <= self.last
    }

    fn meets(self, other: Self) -> bool {
        self.first <= other.last && other.first <= self.last
    }

    /// What is left of this range without the hole: the part before it and the part after it.
    fn without(self, hole: Self) -> Vec<Self> {
        if !self.meets(hole) {
            return vec![self];
        }
        let mut left = Vec::new();
        if self.first < hole.first {
            left.push(Self { first: self.first, last: hole.first - 1 });
        }
        if hole.last < self.last {
            left.push(Self { first: hole.last + 1, last: self.last });
        }
        left
    }
}

/// Reads `address/length`. Bits beyond the length are dropped, as Kubernetes does where it accepts them.
pub(crate) fn parse_cidr(text: &str) -> Option<(Family, Range)> {
    let (address, length) = text.split_once('/')?;
    let address: IpAddr = address.parse().ok()?;
    let length: u32 = length.parse().ok()?;
    let family = Family::of(address);
    let host_bits = family.bits().checked_sub(length)?;
    let host_mask = u128::MAX.checked_shr(128 - host_bits).unwrap_or(0);
    let first = number(address) & !host_mask;
    Some((family, Range { first, last: first | host_mask }))
}

/// What an ipBlock names: the addresses of one family in its CIDR and in none of its excepts.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    pub(crate) family: Family,
    pub(crate) ranges: Vec<Range>,
}

impl Block {
    /// None where the CIDR is none; an API server accepts no such block.
    pub(crate) fn of(block: &IPBlock) -> Option<Self> {
        let (family, range) = parse_cidr(&block.cidr)?;
        let mut ranges = vec![range];
        for except in block.except.iter().flatten() {
            let (_, hole) = parse_cidr(except).filter(|(its_family, _)| *its_family == family)?;
            ranges = ranges.into_iter().flat_map(|range| range.without(hole)).collect();
        }
        Some(Self { family, ranges })
    }

    /// Whether the block holds this address.
    pub(crate) fn contains(&self, address: IpAddr) -> bool {
        Family::of(address) == self.family && self.ranges.iter().any(|range| range.contains(number(address)))
    }

    /// Whether the block holds all of these addresses of its family.
    pub(crate) fn covers(&self, region: &[Range]) -> bool {
        let mut left = region.to_vec();
        for &range in &self.ranges {
            left = left.into_iter().flat_map(|part| part.without(range)).collect();
        }
        left.is_empty()
    }

    /// Whether the block holds any of these addresses of its family.
    pub(crate) fn meets(&self, region: &[Range]) -> bool {
        self.ranges.iter().any(|range| region.iter().any(|&part| range.meets(part)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(cidr: &str, except: &[&str]) -> Block {
        let except = except.iter().map(ToString::to_string).collect();
        Block::of(&IPBlock { cidr: cidr.to_owned(), except: Some(except) }).unwrap()
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_cidr_is_a_range() {
        let range = |first, last| Range { first: number(ip(first)), last: number(ip(last)) };
        assert_eq!(parse_cidr("10.0.0.7/8"), Some((Family::V4, range("10.0.0.0", "10.255.255.255"))));
        assert_eq!(parse_cidr("0.0.0.0/0"), Some((Family::V4, Family::V4.whole())));
        assert_eq!(parse_cidr("1.2.3.4/32"), Some((Family::V4, range("1.2.3.4", "1.2.3.4"))));
        assert_eq!(parse_cidr("::/0"), Some((Family::V6, Family::V6.whole())));
        assert_eq!(parse_cidr("fd00::1/128"), Some((Family::V6, range("fd00::1", "fd00::1"))));
        assert_eq!(parse_cidr("10.0.0.0/33"), None);
        assert_eq!(parse_cidr("10.0.0.0"), None);
    }

    #[test]
    fn an_except_is_a_hole() {
        let block = block("10.0.0.0/24", &["10.0.0.0/30", "10.0.0.128/25"]);
        for (text, inside) in
            [("10.0.0.3", false), ("10.0.0.4", true), ("10.0.0.127", true), ("10.0.0.128", false)]
        {
            assert_eq!(block.contains(ip(text)), inside, "{text}");
        }
    }

    #[test]
    fn excepts_can_empty_a_block() {
        let block = block("::/0", &["::/1", "8000::/1"]);
        assert!(!block.meets(&[Family::V6.whole()]));
    }

    #[test]
    fn covering_counts_every_part_of_a_region() {
        let region = [parse_cidr("10.0.0.0/8").unwrap().1, parse_cidr("192.168.0.0/16").unwrap().1];
        assert!(block("0.0.0.0/0", &["11.0.0.0/8"]).covers(&region));
        assert!(!block("0.0.0.0/0", &["192.168.7.0/24"]).covers(&region));
        assert!(!block("10.0.0.0/8", &[]).covers(&region));
        assert!(!block("172.16.0.0/12", &[]).meets(&region));
    }
}
