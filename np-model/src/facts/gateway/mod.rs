//! Gateway API: classes of gateways, Gateways with their listeners, the routes attached to them,
//! and the grants that let routes reach into other namespaces.
//!
//! Its versions have one shape for all that is read here. Who may attach to whom is for later:
//! references stay names.

mod grant;
mod listener;
mod route;

pub use grant::{GrantFrom, GrantTo, ReferenceGrant};
pub use listener::{Listener, ListenerProtocol, ListenerSet, NamespacesFrom, RouteKindRef};
pub use route::{BackendRef, BackendUse, GatewayRoute, ParentRef, RouteKind, RouteRule};

use super::port::{self, Address};
use super::{Annotations, labels};
use crate::fields::{Field, Name};
use crate::origin::Location;

/// The API group of all of them.
pub const GROUP: &str = "gateway.networking.k8s.io";

/// A GatewayClass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatewayClass {
    /// `metadata.name`.
    pub name: String,
    /// `spec.controllerName`.
    pub controller: String,
    /// Where `metadata.name` stands.
    pub at: Option<Location>,
}

/// A Gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gateway {
    /// `metadata.namespace`, or the default that was assumed.
    pub namespace: String,
    /// `metadata.name`.
    pub name: String,
    /// `spec.gatewayClassName`.
    pub class: String,
    /// `spec.listeners`.
    pub listeners: Vec<Listener>,
    /// Whose ListenerSets may add listeners (`spec.allowedListeners`); by default nobody's.
    pub allowed_listeners: NamespacesFrom,
    /// `spec.addresses`: where it asks to be reached.
    pub requested_addresses: Vec<Address>,
    /// `status.addresses`: where it is reached.
    pub addresses: Vec<Address>,
    /// `metadata.annotations`, by which platforms are told of internal load balancers.
    pub annotations: Annotations,
    /// `spec.infrastructure.annotations`: those of what is made for the Gateway.
    pub infrastructure_annotations: Annotations,
    /// Where `metadata.name` stands.
    pub at: Option<Location>,
}

impl GatewayClass {
    /// Reads a GatewayClass object.
    pub(crate) fn read(object: &Field<'_>, name: Name) -> Self {
        let spec = object.get("spec").map();
        let controller = spec.get("controllerName");
        let controller = controller.required("a GatewayClass needs the name of its controller");
        Self { name: name.text.into(), controller: controller.unwrap_or_default().to_owned(), at: name.at }
    }
}

impl Gateway {
    /// Reads a Gateway object.
    pub(crate) fn read(object: &Field<'_>, namespace: String, name: Name) -> Self {
        let (metadata, spec) = (object.get("metadata").map(), object.get("spec").map());
        let (class, listeners) = (spec.get("gatewayClassName"), spec.get("listeners"));
        let (status, allowed) = (object.get("status").map(), spec.get("allowedListeners").map());
        Self {
            namespace,
            name: name.text.into(),
            class: class.required("a Gateway needs the name of its class").unwrap_or_default().to_owned(),
            listeners: Listener::read_all(&listeners),
            allowed_listeners: NamespacesFrom::read(&allowed.get("namespaces").map(), NamespacesFrom::None),
            requested_addresses: addresses(&spec.get("addresses")),
            addresses: addresses(&status.get("addresses")),
            annotations: labels::annotations(&metadata),
            infrastructure_annotations: labels::annotations(&spec.get("infrastructure").map()),
            at: name.at,
        }
    }
}

/// The addresses in a list of `{type, value}`; of types that are not in the API, none.
fn addresses(list: &Field<'_>) -> Vec<Address> {
    let mut addresses = Vec::new();
    for entry in list.items() {
        let entry = entry.map();
        let (kind, value) = (entry.get("type"), entry.get("value"));
        addresses.extend(match kind.filled() {
            None | Some("IPAddress") => port::ip(&value).map(Address::Ip),
            Some("Hostname") => value.filled().map(|host| Address::Host(host.to_owned())),
            Some(_) => None,
        });
    }
    addresses
}
