//! IP addresses and CIDRs as Kubernetes reads them: leniently, then with what is wrong by the
//! stricter reading of today.
//!
//! Older API servers stored leading zeros (always meant decimal), bits beyond the prefix and
//! IPv4 addresses in IPv6 notation, so all three are met in clusters and have a meaning.

use std::net::{IpAddr, Ipv6Addr};

use ipnet::IpNet;

/// A CIDR and what the strict reading has against the way it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cidr {
    /// The network, bits beyond the prefix cleared.
    pub(crate) network: IpNet,
    /// The prefix length as written: of IPv4 in IPv6 notation, that of IPv6.
    pub(crate) length: u8,
    /// What API servers since 1.36 refuse in a new policy.
    pub(crate) refused: Option<&'static str>,
    /// Whether an IPv6 network is written in another way than RFC 5952 recommends.
    pub(crate) unusual: bool,
}

/// The address that `text` means.
pub(crate) fn ip(text: &str) -> Option<IpAddr> {
    let address: IpAddr = text.parse().or_else(|_| without_leading_zeros(text).parse()).ok()?;
    Some(address.to_canonical())
}

/// The CIDR that `text` means.
pub(crate) fn cidr(text: &str) -> Option<Cidr> {
    let written = strict(text);
    let (address, prefix) = written.or_else(|| strict(&without_leading_zeros(text)))?;
    let (meant, meant_prefix) = unmapped(address, prefix);
    let given = IpNet::new(meant, meant_prefix).ok()?;
    let network = given.trunc();
    let mapped = matches!(address, IpAddr::V6(v6) if v6.to_ipv4_mapped().is_some());
    let refused = if written.is_none() {
        Some("must not have leading zeros")
    } else if mapped {
        Some("must not be an IPv4 address in IPv6 notation")
    } else if given.addr() != network.addr() {
        Some("must not have bits set beyond the prefix length")
    } else {
        None
    };
    Some(Cidr { network, length: prefix, refused, unusual: address.is_ipv6() && text != given.to_string() })
}

/// Address and prefix length without any leniency.
fn strict(text: &str) -> Option<(IpAddr, u8)> {
    let (address, prefix) = text.split_once('/')?;
    let address: IpAddr = address.parse().ok()?;
    let length: u8 = prefix.parse().ok()?;
    let canonical = length.to_string() == prefix && length <= if address.is_ipv4() { 32 } else { 128 };
    canonical.then_some((address, length))
}

/// An IPv4 network in IPv6 notation as the IPv4 network that it is.
fn unmapped(address: IpAddr, prefix: u8) -> (IpAddr, u8) {
    match address {
        IpAddr::V6(v6) if prefix >= 96 => match Ipv6Addr::to_ipv4_mapped(&v6) {
            Some(v4) => (IpAddr::V4(v4), prefix - 96),
            None => (address, prefix),
        },
        _ => (address, prefix),
    }
}

/// Every run of letters and digits without the zeros it starts with, but for a last one.
fn without_leading_zeros(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut bytes = text.chars().peekable();
    let mut at_start = true;
    while let Some(c) = bytes.next() {
        let more = bytes.peek().is_some_and(char::is_ascii_hexdigit);
        if !(at_start && c == '0' && more) {
            plain.push(c);
            at_start = !c.is_ascii_alphanumeric();
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::{cidr, ip};

    #[track_caller]
    fn check(text: &str, network: &str, refused: Option<&str>) {
        let read = cidr(text).map(|cidr| (cidr.network.to_string(), cidr.refused));
        assert_eq!(read, Some((network.to_owned(), refused)));
    }

    #[test]
    fn a_cidr_has_its_meaning_and_its_faults() {
        check("10.0.0.0/8", "10.0.0.0/8", None);
        check("::/0", "::/0", None);
        check("10.0.0.1/24", "10.0.0.0/24", Some("must not have bits set beyond the prefix length"));
        check("010.0.0.0/8", "10.0.0.0/8", Some("must not have leading zeros"));
        check("0.0.0.0/00", "0.0.0.0/0", Some("must not have leading zeros"));
        check("::ffff:10.1.0.0/112", "10.1.0.0/16", Some("must not be an IPv4 address in IPv6 notation"));
        for text in
            ["", " ", "10.0.0.0", "10.0.0.0/33", "10.0.0.0/+8", "10.0.0.0/8/8", "0x0a.0.0.0/8", "fe80::%e/64"]
        {
            assert_eq!(cidr(text), None, "{text:?}");
        }
    }

    #[test]
    fn ipv6_should_be_written_as_rfc_5952_says() {
        let unusual = |text| cidr(text).map(|cidr| cidr.unusual);
        assert_eq!(unusual("fd00::/8"), Some(false));
        assert_eq!(unusual("FD00::/8"), Some(true));
        assert_eq!(unusual("fd00:0db8::/32"), Some(true));
        assert_eq!(unusual("::10.0.0.0/104"), Some(true));
        assert_eq!(unusual("10.0.0.0/8"), Some(false));
    }

    #[test]
    fn an_address_is_read_as_kubernetes_reads_it() {
        let read = |text| ip(text).map(|address| address.to_string());
        assert_eq!(read("10.0.0.1").as_deref(), Some("10.0.0.1"));
        assert_eq!(read("010.000.0.01").as_deref(), Some("10.0.0.1"));
        assert_eq!(read("::ffff:10.0.0.1").as_deref(), Some("10.0.0.1"));
        assert_eq!(read("10.0.0"), None);
        assert_eq!(read("None"), None);
    }
}
