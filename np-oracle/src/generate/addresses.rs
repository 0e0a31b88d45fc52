//! Addresses and CIDRs chosen to touch: pods sit on the borders of blocks and of excepts.

use crate::address::parse_cidr;
use k8s_openapi::api::networking::v1::IPBlock;
use proptest::prelude::*;
use proptest::{collection, option, sample};

/// Pods' IPv4 addresses: each is a border of a CIDR below, or far from all.
pub(crate) const POD_V4: [&str; 9] = [
    "10.0.0.0",
    "10.0.0.127",
    "10.0.0.128",
    "10.0.0.255",
    "10.0.1.0",
    "172.16.0.1",
    "100.127.255.255",
    "203.0.113.0",
    "9.255.255.255",
];

/// Pods' IPv6 addresses.
pub(crate) const POD_V6: [&str; 9] = [
    "fd00:10::",
    "fd00:10::1",
    "fd00:10::7fff:ffff:ffff:ffff",
    "fd00:10::8000:0:0:0",
    "fd00:10::ffff:ffff:ffff:ffff",
    "fd00:10:0:1::",
    "2001:db8::1",
    "fcff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "8000::",
];

/// Where pods may be said to lie.
pub(crate) const POD_CIDRS_V4: [&str; 4] = ["10.0.0.0/16", "10.0.0.0/25", "10.0.0.0/24", "172.16.0.0/12"];

/// Where pods may be said to lie.
pub(crate) const POD_CIDRS_V6: [&str; 3] = ["fd00:10::/64", "fd00:10::/65", "fd00::/8"];

/// The IPv4 address of a node, by its number.
pub(crate) fn node_v4(number: u8) -> String {
    format!("192.168.1.{}", u16::from(number) + 1)
}

/// The IPv6 address of a node, by its number.
pub(crate) fn node_v6(number: u8) -> String {
    format!("fd00:99::{:x}", u16::from(number) + 1)
}

const CIDRS: [&str; 32] = [
    "0.0.0.0/0",
    "0.0.0.0/0",
    "0.0.0.0/1",
    "128.0.0.0/1",
    "8.0.0.0/7",
    "10.0.0.0/8",
    "10.0.0.0/16",
    "10.0.0.0/24",
    "10.0.0.0/25",
    "10.0.0.128/25",
    "10.0.0.0/32",
    "10.0.0.127/32",
    "10.1.0.0/16",
    "100.64.0.0/10",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "192.168.1.0/24",
    "192.168.1.1/32",
    "192.168.1.2/31",
    "203.0.113.0/24",
    "8.8.8.0/24",
    "::/0",
    "::/1",
    "8000::/1",
    "fc00::/7",
    "fd00::/8",
    "fd00:10::/64",
    "fd00:10::/65",
    "fd00:10::1/128",
    "fd00:99::/64",
    "fd00:99::1/128",
    "2001:db8::/32",
];

/// CIDRs of the list above that an API server accepts as excepts of this one: smaller ones inside it.
fn inside(cidr: &str) -> Vec<&'static str> {
    let Some((family, outer)) = parse_cidr(cidr) else { return Vec::new() };
    let is_inside = |candidate: &str| {
        parse_cidr(candidate).is_some_and(|(its_family, inner)| {
            its_family == family
                && outer != inner
                && outer.contains(inner.first)
                && outer.contains(inner.last)
        })
    };
    CIDRS.into_iter().filter(|candidate| is_inside(candidate)).collect()
}

/// A block, with excepts that may touch, overlap or use it up.
pub(crate) fn ip_block() -> impl Strategy<Value = IPBlock> {
    let excepts = option::of(collection::vec(any::<sample::Index>(), 0..3));
    (sample::select(&CIDRS[..]), excepts).prop_map(|(cidr, excepts)| {
        let candidates = inside(cidr);
        let pick =
            |index: sample::Index| (!candidates.is_empty()).then(|| (*index.get(&candidates)).to_owned());
        let except = excepts.map(|indexes| indexes.into_iter().filter_map(pick).collect());
        IPBlock { cidr: cidr.to_owned(), except }
    })
}

/// The option that says where pods lie; most often not given.
pub(crate) fn pod_cidr_option() -> impl Strategy<Value = Vec<String>> {
    let all = POD_CIDRS_V4.into_iter().chain(POD_CIDRS_V6).map(str::to_owned).collect::<Vec<_>>();
    prop_oneof![3 => Just(Vec::new()), 1 => sample::subsequence(all, 1..3)]
}
