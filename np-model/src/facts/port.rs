//! Ports, protocols and addresses, as every object that leads traffic to pods writes them.

use std::fmt;
use std::net::IpAddr;

use crate::conn::Protocol;
use crate::fields::Field;
use crate::fields::{address, syntax};

/// A port by its number or by its name (`IntOrString` in the API).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PortRef {
    /// 1–65535.
    Number(u16),
    /// A name, which somebody else gives a number to.
    Name(String),
}

impl fmt::Display for PortRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Name(name) => f.write_str(name),
        }
    }
}

/// Where a client, or an endpoint, is found.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Address {
    /// By its address.
    Ip(IpAddr),
    /// By a DNS name.
    Host(String),
}

/// The protocol in `field`: TCP if there is none, as the API has it everywhere.
pub(super) fn protocol(field: &Field<'_>) -> Option<Protocol> {
    match field.text() {
        Some("") => Some(Protocol::Tcp),
        None => field.is_absent().then_some(Protocol::Tcp),
        Some(text) => Protocol::from_api(text).or_else(|| {
            field.unsupported(format!("`{text}` is no protocol of a port"), "write TCP, UDP or SCTP");
            None
        }),
    }
}

/// The port number in `field`, if there is one; a number that is no port is reported.
pub(super) fn number(field: &Field<'_>) -> Option<u16> {
    let number = field.int()?;
    let port = u16::try_from(number).ok().filter(|port| *port > 0);
    if port.is_none() {
        field.invalid(format!("{number} is no port: ports are 1 to 65535"));
    }
    port
}

/// The port number that must be in `field`; without one it is reported why.
pub(super) fn required(field: &Field<'_>, why: &str) -> Option<u16> {
    if field.is_absent() {
        field.missing(why);
    }
    number(field)
}

/// The port in `field`, if there is one: a number or a name.
pub(super) fn reference(field: &Field<'_>) -> Option<PortRef> {
    if !field.is_text() {
        return number(field).map(PortRef::Number);
    }
    let text = field.text()?;
    let wrong = syntax::port_name(text);
    let help = text.parse::<u16>().is_ok().then(|| format!("remove the quotes: in quotes, {text} is a name"));
    for wrong in &wrong {
        field.invalid_with(format!("the name of a port {wrong}"), help.as_deref());
    }
    wrong.is_empty().then(|| PortRef::Name(text.to_owned()))
}

/// The address in `field`, if there is one; a text that is none is reported.
pub(super) fn ip(field: &Field<'_>) -> Option<IpAddr> {
    let text = field.filled()?;
    let ip = address::ip(text);
    if ip.is_none() {
        field.invalid(format!("`{text}` is no IP address"));
    }
    ip
}

/// The addresses that a load balancer was given (`status.loadBalancer.ingress`).
pub(super) fn balanced(status: &Field<'_>) -> Vec<Address> {
    let balancer = status.get("loadBalancer").map();
    let entries = balancer.get("ingress");
    let mut addresses = Vec::new();
    for entry in entries.items() {
        let entry = entry.map();
        addresses.extend(ip(&entry.get("ip")).map(Address::Ip));
        addresses.extend(entry.get("hostname").filled().map(|host| Address::Host(host.to_owned())));
    }
    addresses
}
