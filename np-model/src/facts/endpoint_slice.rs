//! EndpointSlices: the addresses behind Services, as controllers or people wrote them down.
//!
//! The legacy Endpoints object says the same in another shape, and is read into the same type.

use super::port::{self, Address};
use crate::addr::Family;
use crate::conn::Protocol;
use crate::fields::{Field, Name};
use crate::origin::Location;

/// Some of the endpoints of a Service. A Service has those of all its slices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointSlice {
    /// `metadata.namespace`, or the default that was assumed.
    pub namespace: String,
    /// `metadata.name`.
    pub name: String,
    /// Which object it was read from.
    pub kind: SliceKind,
    /// The Service of the same namespace that it belongs to, if it belongs to one: the label
    /// `kubernetes.io/service-name`; of Endpoints, their own name.
    pub service: Option<String>,
    /// `endpoints`.
    pub endpoints: Vec<Endpoint>,
    /// `ports`, which every endpoint of the slice has; empty: none.
    pub ports: Vec<EndpointPort>,
    /// Where `metadata.name` stands.
    pub at: Option<Location>,
}

/// What a slice was read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SliceKind {
    /// An EndpointSlice.
    EndpointSlice,
    /// One subset of an Endpoints object. A cluster has both kinds of the same endpoints.
    Endpoints,
}

/// One endpoint (`endpoints[]`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// `addresses`, all of which mean the same.
    pub addresses: Vec<Address>,
    /// `targetRef`, where that is a pod.
    pub pod: Option<PodRef>,
    /// `conditions.ready`: whether it takes traffic; unknown counts as ready.
    pub ready: bool,
    /// `conditions.serving`: whether it could, even while it ends; unknown is as `ready`.
    pub serving: bool,
    /// `conditions.terminating`; unknown is no.
    pub terminating: bool,
    /// `nodeName`.
    pub node_name: Option<String>,
    /// Where the entry stands.
    pub at: Option<Location>,
}

/// A pod by namespace and name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PodRef {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
}

/// A port of every endpoint of a slice (`ports[]`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointPort {
    /// `name`: that of the Service's port which leads here; empty if that has none.
    pub name: String,
    /// `protocol`, TCP if absent.
    pub protocol: Protocol,
    /// `port`; `None` is every port.
    pub port: Option<u16>,
    /// Where the entry stands.
    pub at: Option<Location>,
}

/// The label that names the Service of a slice.
const SERVICE_LABEL: &str = "kubernetes.io/service-name";

impl EndpointSlice {
    /// Reads an EndpointSlice object.
    pub(crate) fn read(object: &Field<'_>, namespace: String, name: Name) -> Self {
        let metadata = object.get("metadata").map();
        let labels = metadata.get("labels").map();
        let kind = AddressKind::read(&object.get("addressType"));
        let (endpoints, ports) = (object.get("endpoints"), object.get("ports"));
        let endpoints = endpoints.items().map(|entry| Endpoint::read(&entry.map(), kind, &namespace));
        Self {
            name: name.text.into(),
            kind: SliceKind::EndpointSlice,
            service: labels.get(SERVICE_LABEL).filled().map(str::to_owned),
            endpoints: endpoints.collect(),
            ports: ports.items().filter_map(|entry| EndpointPort::read(&entry.map())).collect(),
            at: name.at,
            namespace,
        }
    }

    /// Reads an Endpoints object: a slice for each subset, and one without endpoints if it has none.
    pub(crate) fn of_endpoints(object: &Field<'_>, namespace: &str, name: &Name) -> Vec<Self> {
        let empty = Self {
            namespace: namespace.to_owned(),
            name: name.text.to_string(),
            kind: SliceKind::Endpoints,
            service: Some(name.text.to_string()),
            endpoints: Vec::new(),
            ports: Vec::new(),
            at: name.at,
        };
        let subsets = object.get("subsets");
        let mut slices: Vec<Self> = Vec::new();
        for subset in subsets.items() {
            let subset = subset.map();
            let mut slice = empty.clone();
            for (list, ready) in [("addresses", true), ("notReadyAddresses", false)] {
                let list = subset.get(list);
                slice
                    .endpoints
                    .extend(list.items().map(|entry| Endpoint::legacy(&entry.map(), ready, namespace)));
            }
            let ports = subset.get("ports");
            for port in ports.items() {
                let port = port.map();
                let number = port.get("port");
                if number.is_absent() {
                    number.missing("a port of Endpoints needs its number");
                }
                slice.ports.extend(EndpointPort::read(&port));
            }
            slices.push(slice);
        }
        if slices.is_empty() { vec![empty] } else { slices }
    }
}

impl Endpoint {
    fn read(entry: &Field<'_>, kind: Option<AddressKind>, namespace: &str) -> Self {
        let (conditions, addresses) = (entry.get("conditions").map(), entry.get("addresses"));
        // Before v1, the node was one of the topology labels.
        let topology = entry.get("topology").map();
        let node_name = entry.get("nodeName");
        let node_name = node_name.filled().or_else(|| topology.get("kubernetes.io/hostname").filled());
        let ready = conditions.get("ready").flag().unwrap_or(true);
        if addresses.is_absent() || (addresses.is_list() && addresses.items().len() == 0) {
            addresses.missing("an endpoint needs an address");
        }
        Self {
            addresses: addresses.items().filter_map(|field| kind?.address(&field)).collect(),
            pod: PodRef::read(&entry.get("targetRef").map(), namespace),
            ready,
            serving: conditions.get("serving").flag().unwrap_or(ready),
            terminating: conditions.get("terminating").flag().unwrap_or_default(),
            node_name: node_name.map(str::to_owned),
            at: entry.at(),
        }
    }

    /// An address of Endpoints.
    fn legacy(entry: &Field<'_>, ready: bool, namespace: &str) -> Self {
        let ip = entry.get("ip");
        if ip.is_absent() || ip.is("") {
            ip.missing("an address of Endpoints needs its IP");
        }
        Self {
            addresses: port::ip(&ip).map(Address::Ip).into_iter().collect(),
            pod: PodRef::read(&entry.get("targetRef").map(), namespace),
            ready,
            serving: ready,
            terminating: false,
            node_name: entry.get("nodeName").filled().map(str::to_owned),
            at: entry.at(),
        }
    }
}

impl PodRef {
    /// Reads a reference to an object, if that is a pod.
    fn read(reference: &Field<'_>, namespace: &str) -> Option<Self> {
        let (kind, name) = (reference.get("kind"), reference.get("name"));
        let of = reference.get("namespace");
        let name = name.filled().filter(|_| kind.text() == Some("Pod"))?;
        Some(Self { namespace: of.filled().unwrap_or(namespace).to_owned(), name: name.to_owned() })
    }
}

impl EndpointPort {
    fn read(entry: &Field<'_>) -> Option<Self> {
        let (name, protocol, port) = (entry.get("name"), entry.get("protocol"), entry.get("port"));
        let (protocol, number) = (port::protocol(&protocol), port::number(&port));
        let wrong = number.is_none() && !port.is_absent();
        let name = name.text().unwrap_or_default().to_owned();
        let at = entry.at();
        protocol.filter(|_| !wrong).map(|protocol| Self { name, protocol, port: number, at })
    }
}

/// What the addresses of a slice are (`addressType`).
#[derive(Clone, Copy)]
enum AddressKind {
    Ip(Family),
    Host,
}

impl AddressKind {
    fn read(field: &Field<'_>) -> Option<Self> {
        match field.required("an EndpointSlice needs to say what its addresses are")? {
            "IPv4" => Some(Self::Ip(Family::V4)),
            "IPv6" => Some(Self::Ip(Family::V6)),
            "FQDN" => Some(Self::Host),
            text => {
                field.unsupported(format!("`{text}` is no type of address"), "write IPv4, IPv6 or FQDN");
                None
            }
        }
    }

    /// An address of this type.
    fn address(self, field: &Field<'_>) -> Option<Address> {
        let family = match self {
            Self::Host => return field.filled().map(|host| Address::Host(host.to_owned())),
            Self::Ip(family) => family,
        };
        let ip = port::ip(field)?;
        if Family::of(ip) != family {
            field.invalid(format!("{ip} is of another type than the slice says"));
            return None;
        }
        Some(Address::Ip(ip))
    }
}
