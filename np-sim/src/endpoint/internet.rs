//! The internet: the part of the external addresses that is routed globally.

use ipnet::IpNet;
use np_model::addr::AddrSet;

/// Special-purpose ranges (IANA special-purpose address registries, RFC 6890) and multicast: never a
/// host on the internet.
const SPECIAL_V4: [&str; 14] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
];

/// Global unicast (RFC 4291), and the documentation ranges in it (RFC 3849, RFC 9637).
const GLOBAL_V6: &str = "2000::/3";
const DOCUMENTATION_V6: [&str; 2] = ["2001:db8::/32", "3fff::/20"];

/// Every globally routable address, whoever has it.
pub fn internet() -> AddrSet {
    let cidrs = |texts: &[&str]| AddrSet::cidrs(texts.iter().filter_map(|text| text.parse::<IpNet>().ok()));
    let v4 = AddrSet::whole(np_model::addr::Family::V4).minus(&cidrs(&SPECIAL_V4));
    v4.or(&cidrs(&[GLOBAL_V6]).minus(&cidrs(&DOCUMENTATION_V6)))
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
