//! IP addresses as points on a line per family, blocks as sets of them, and the atoms they cut.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

use crate::intervals::Intervals;

/// An IP family.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Family {
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

impl Family {
    /// Both, IPv4 first.
    pub const BOTH: [Self; 2] = [Self::V4, Self::V6];

    /// The family of an address.
    pub fn of(address: IpAddr) -> Self {
        if address.is_ipv4() { Self::V4 } else { Self::V6 }
    }

    /// The last address of the family as a number; the first is 0.
    pub fn last(self) -> u128 {
        match self {
            Self::V4 => u128::from(u32::MAX),
            Self::V6 => u128::MAX,
        }
    }
}

/// A set of IP families.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Families {
    bits: u8,
}

impl Families {
    /// Neither.
    pub const NONE: Self = Self { bits: 0 };
    /// IPv4 and IPv6.
    pub const BOTH: Self = Self { bits: 3 };

    /// The set with one member.
    pub fn only(family: Family) -> Self {
        Self { bits: 1 << family as u8 }
    }

    /// Whether `family` is in it.
    pub fn contains(self, family: Family) -> bool {
        self.bits & Self::only(family).bits != 0
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.bits == 0
    }

    /// Those in both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self { bits: self.bits & other.bits }
    }

    /// Those in either.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self { bits: self.bits | other.bits }
    }

    /// The members, IPv4 first.
    pub fn iter(self) -> impl Iterator<Item = Family> {
        Family::BOTH.into_iter().filter(move |family| self.contains(*family))
    }
}

impl FromIterator<Family> for Families {
    fn from_iter<I: IntoIterator<Item = Family>>(families: I) -> Self {
        families.into_iter().fold(Self::NONE, |set, family| set.or(Self::only(family)))
    }
}

/// At most one address of each family, as a pod and a node have; a plain value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ips {
    v4: Option<Ipv4Addr>,
    v6: Option<Ipv6Addr>,
}

impl Ips {
    /// Adds an address, unless there is one of its family already.
    pub fn add(&mut self, address: IpAddr) {
        match address {
            IpAddr::V4(v4) => _ = self.v4.get_or_insert(v4),
            IpAddr::V6(v6) => _ = self.v6.get_or_insert(v6),
        }
    }

    /// The addresses, IPv4 first.
    pub fn iter(self) -> impl Iterator<Item = IpAddr> {
        self.v4.map(IpAddr::V4).into_iter().chain(self.v6.map(IpAddr::V6))
    }

    /// The one of a family.
    pub fn of(self, family: Family) -> Option<IpAddr> {
        match family {
            Family::V4 => self.v4.map(IpAddr::V4),
            Family::V6 => self.v6.map(IpAddr::V6),
        }
    }

    /// The families that it has an address of.
    pub fn families(self) -> Families {
        self.iter().map(Family::of).collect()
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.v4.is_none() && self.v6.is_none()
    }

    /// Whether this very address is among them.
    pub fn contains(self, address: IpAddr) -> bool {
        self.iter().any(|own| own == address)
    }
}

/// Of each family the first.
impl FromIterator<IpAddr> for Ips {
    fn from_iter<I: IntoIterator<Item = IpAddr>>(addresses: I) -> Self {
        let mut ips = Self::default();
        addresses.into_iter().for_each(|address| ips.add(address));
        ips
    }
}

/// The number of an address within its family.
pub fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => u128::from(v4.to_bits()),
        IpAddr::V6(v6) => v6.to_bits(),
    }
}

/// The address with a number within a family; numbers beyond the family's last give its last.
pub fn address(family: Family, number: u128) -> IpAddr {
    match family {
        Family::V4 => IpAddr::V4(Ipv4Addr::from_bits(u32::try_from(number).unwrap_or(u32::MAX))),
        Family::V6 => IpAddr::V6(Ipv6Addr::from_bits(number)),
    }
}

/// A CIDR by the family that it means: an IPv4-mapped IPv6 one is IPv4 (RFC 4291, 2.5.5.2).
pub fn canonical(cidr: IpNet) -> IpNet {
    let IpNet::V6(v6) = cidr else { return cidr };
    match (v6.addr().to_ipv4_mapped(), v6.prefix_len().checked_sub(96)) {
        (Some(v4), Some(prefix)) => IpNet::new(IpAddr::V4(v4), prefix).unwrap_or(cidr),
        _ => cidr,
    }
}

/// An exact set of addresses, both families side by side.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AddrSet {
    families: [Intervals<u128>; 2],
}

impl AddrSet {
    /// Every address of every family.
    pub fn everything() -> Self {
        Self { families: Family::BOTH.map(|family| Intervals::range(0, family.last())) }
    }

    /// Every address of one family.
    pub fn whole(family: Family) -> Self {
        Self::default().with(family, Intervals::range(0, family.last()))
    }

    /// The addresses `first` to `last`, both included; empty if they are of different families.
    pub fn range(first: IpAddr, last: IpAddr) -> Self {
        if Family::of(first) == Family::of(last) {
            Self::default().with(Family::of(first), Intervals::range(number(first), number(last)))
        } else {
            Self::default()
        }
    }

    /// The addresses of a CIDR; bits beyond the prefix mean nothing.
    pub fn cidr(cidr: IpNet) -> Self {
        Self::range(cidr.network(), cidr.broadcast())
    }

    /// The union of CIDRs.
    pub fn cidrs(cidrs: impl IntoIterator<Item = IpNet>) -> Self {
        let mut ranges: [Vec<(u128, u128)>; 2] = Default::default();
        for cidr in cidrs {
            ranges[Family::of(cidr.addr()) as usize].push((number(cidr.network()), number(cidr.broadcast())));
        }
        Self { families: ranges.map(Intervals::from_ranges) }
    }

    /// The addresses given.
    pub fn addresses(addresses: impl IntoIterator<Item = IpAddr>) -> Self {
        // Sorting is most of it, and narrow numbers sort faster.
        let (mut v4, mut v6): (Vec<u32>, Vec<u128>) = Default::default();
        for address in addresses {
            match address {
                IpAddr::V4(address) => v4.push(address.to_bits()),
                IpAddr::V6(address) => v6.push(address.to_bits()),
            }
        }
        v4.sort_unstable();
        v6.sort_unstable();
        let v4 = v4.into_iter().map(u128::from).map(|point| (point, point));
        let v6 = v6.into_iter().map(|point| (point, point));
        Self { families: [Intervals::from_ranges(v4), Intervals::from_ranges(v6)] }
    }

    /// The same set with the addresses of `family` replaced.
    #[must_use]
    pub fn with(mut self, family: Family, addresses: Intervals<u128>) -> Self {
        self.families[family as usize] = addresses;
        self
    }

    /// The addresses of one family, as numbers.
    pub fn of(&self, family: Family) -> &Intervals<u128> {
        &self.families[family as usize]
    }

    /// The families that it has addresses of.
    pub fn families(&self) -> Families {
        Family::BOTH.into_iter().filter(|family| !self.of(*family).is_empty()).collect()
    }

    /// Whether there is no address in it.
    pub fn is_empty(&self) -> bool {
        self.families().is_empty()
    }

    /// Whether `address` is in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.of(Family::of(address)).contains(number(address))
    }

    /// The addresses in either.
    #[must_use]
    pub fn or(&self, other: &Self) -> Self {
        Self { families: Family::BOTH.map(|family| self.of(family).or(other.of(family))) }
    }

    /// The addresses in both.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        Self { families: Family::BOTH.map(|family| self.of(family).and(other.of(family))) }
    }

    /// The addresses in this but not in `other`.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        Self { families: Family::BOTH.map(|family| self.of(family).minus(other.of(family))) }
    }

    /// The ranges (`first`, `last`), both included, IPv4 first, ascending.
    pub fn ranges(&self) -> impl Iterator<Item = (IpAddr, IpAddr)> {
        Family::BOTH.into_iter().flat_map(move |family| {
            let ranges = self.of(family).ranges().iter();
            ranges.map(move |(first, last)| (address(family, *first), address(family, *last)))
        })
    }
}

/// Ranges separated by blanks, each as a CIDR or an address where it is one, else as `first-last`.
impl fmt::Display for AddrSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (first, last)) in self.ranges().enumerate() {
            if i > 0 {
                f.write_str(" ")?;
            }
            match as_cidr(first, last) {
                _ if first == last => write!(f, "{first}")?,
                Some(cidr) => write!(f, "{cidr}")?,
                None => write!(f, "{first}-{last}")?,
            }
        }
        Ok(())
    }
}

/// The CIDR that spans exactly `first` to `last`, if there is one.
fn as_cidr(first: IpAddr, last: IpAddr) -> Option<IpNet> {
    let width = if first.is_ipv4() { 32 } else { 128 };
    let differing = 128 - (number(first) ^ number(last)).leading_zeros();
    let prefix = u8::try_from(width - differing).ok()?;
    let cidr = IpNet::new(first, prefix).ok()?;
    (cidr.network() == first && cidr.broadcast() == last).then_some(cidr)
}

/// An `ipBlock` of a policy peer: a CIDR without its exceptions, all of one family
/// (`networking.k8s.io/v1` IPBlock).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IpBlock {
    cidr: IpNet,
    except: Vec<IpNet>,
}

impl IpBlock {
    /// The block; `None` if an exception is not strictly inside `cidr`, which the API refuses.
    pub fn new(cidr: IpNet, except: &[IpNet]) -> Option<Self> {
        let cidr = cidr.trunc();
        let inside = |inner: &IpNet| cidr.contains(inner) && inner.prefix_len() > cidr.prefix_len();
        except.iter().all(inside).then(|| {
            let mut except: Vec<IpNet> = except.iter().map(IpNet::trunc).collect();
            except.sort_unstable();
            except.dedup();
            Self { cidr, except }
        })
    }

    /// The outer range.
    pub fn cidr(&self) -> IpNet {
        self.cidr
    }

    /// The ranges left out.
    pub fn except(&self) -> &[IpNet] {
        &self.except
    }

    /// The one family it is about.
    pub fn family(&self) -> Family {
        Family::of(self.cidr.addr())
    }

    /// The addresses in it.
    pub fn addresses(&self) -> AddrSet {
        let all = AddrSet::cidr(self.cidr);
        if self.except.is_empty() { all } else { all.minus(&AddrSet::cidrs(self.except.iter().copied())) }
    }
}
