//! The internet: the part of the external addresses that is routed globally.

use std::net::{Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use np_model::addr::{AddrSet, Family};

/// Special-purpose ranges (IANA special-purpose address registries, RFC 6890) and multicast: never a
/// host on the internet.
const SPECIAL_V4: [Ipv4Net; 14] = [
    v4([0, 0, 0, 0], 8),
    v4([10, 0, 0, 0], 8),
    v4([100, 64, 0, 0], 10),
    v4([127, 0, 0, 0], 8),
    v4([169, 254, 0, 0], 16),
    v4([172, 16, 0, 0], 12),
    v4([192, 0, 0, 0], 24),
    v4([192, 0, 2, 0], 24),
    v4([192, 168, 0, 0], 16),
    v4([198, 18, 0, 0], 15),
    v4([198, 51, 100, 0], 24),
    v4([203, 0, 113, 0], 24),
    v4([224, 0, 0, 0], 4),
    v4([240, 0, 0, 0], 4),
];

/// Global unicast (RFC 4291), and the documentation ranges in it (RFC 3849, RFC 9637).
const GLOBAL_V6: Ipv6Net = v6(0x2000, 0, 3);
const DOCUMENTATION_V6: [Ipv6Net; 2] = [v6(0x2001, 0xdb8, 32), v6(0x3fff, 0, 20)];

const fn v4([a, b, c, d]: [u8; 4], prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

const fn v6(first: u16, second: u16, prefix: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(first, second, 0, 0, 0, 0, 0, 0), prefix)
}

/// Every globally routable address, whoever has it.
pub fn internet() -> AddrSet {
    let v4 = AddrSet::whole(Family::V4).minus(&AddrSet::cidrs(SPECIAL_V4.map(IpNet::V4)));
    let v6 = AddrSet::cidr(IpNet::V6(GLOBAL_V6)).minus(&AddrSet::cidrs(DOCUMENTATION_V6.map(IpNet::V6)));
    v4.or(&v6)
}

#[cfg(test)]
mod tests {
    use super::internet;

    #[test]
    fn holds_public_addresses_and_nothing_special() {
        let internet = internet();
        for address in ["1.1.1.1", "172.32.0.1", "9.255.255.255", "2606:4700::1111"] {
            assert!(internet.contains(address.parse().expect("an address")), "{address}");
        }
        for address in
            ["10.1.2.3", "172.31.0.1", "192.0.2.7", "224.0.0.1", "fe80::1", "fd00::1", "2001:db8::1"]
        {
            assert!(!internet.contains(address.parse().expect("an address")), "{address}");
        }
    }
}
