//! Nodes: addresses that pods with `hostNetwork` share, and the ranges that pods get IPs from.

use ipnet::IpNet;
use smol_str::SmolStr;

use super::port;
use crate::addr::Ips;
use crate::fields::Field;
use crate::fields::Name;
use crate::fields::address;
use crate::origin::Location;

/// A node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// `metadata.name`.
    pub name: SmolStr,
    /// `status.addresses` of type InternalIP, the first of each family; empty if unknown.
    pub ips: Ips,
    /// `spec.podCIDRs`, else `spec.podCIDR`.
    pub pod_cidrs: Vec<IpNet>,
    /// Where `metadata.name` stands.
    pub at: Option<Location>,
}

impl Node {
    /// Reads a Node object.
    pub(crate) fn read(object: &Field<'_>, name: Name) -> Self {
        let (spec, status) = (object.get("spec").map(), object.get("status").map());
        let (several, single) = (spec.get("podCIDRs"), spec.get("podCIDR"));
        let mut pod_cidrs: Vec<IpNet> = several.items().filter_map(|cidr| pod_cidr(&cidr)).collect();
        if pod_cidrs.is_empty() {
            pod_cidrs.extend(pod_cidr(&single));
        }
        let addresses = status.get("addresses");
        let mut ips = Ips::default();
        for address in addresses.items() {
            let address = address.map();
            if address.get("type").text() == Some("InternalIP")
                && let Some(ip) = port::ip(&address.get("address"))
            {
                ips.add(ip);
            }
        }
        if object.has_errors() {
            // The address that is broken may be its only one of a family.
            ips = Ips::default();
        }
        Self { name: name.text, ips, pod_cidrs, at: name.at }
    }
}

fn pod_cidr(field: &Field<'_>) -> Option<IpNet> {
    let text = field.text().filter(|text| !text.is_empty())?;
    let cidr = address::cidr(text).map(|cidr| cidr.network);
    if cidr.is_none() {
        field.invalid(format!("`{text}` is no CIDR"));
    }
    cidr
}
