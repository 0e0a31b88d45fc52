//! What a question can go to: an endpoint, or a Service standing for the endpoints behind it.

use std::net::IpAddr;

use np_model::Model;
use np_model::addr::Families;
use np_model::conn::{AskedPort, ConnSet, Protocol};
use np_model::facts::{PortRef, Service, ServicePort};
use np_model::model::ServiceId;

use super::find::Kind;
use super::{Endpoint, FindError, Finder};

/// Where the connections of a question go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// An endpoint, on its own ports.
    Endpoint(Endpoint),
    /// A Service, on the Service's ports.
    Service {
        /// Which one.
        id: ServiceId,
        /// The port that was named with it, `ns/svc/x:80`.
        port: Option<AskedPort>,
    },
}

impl Destination {
    /// The full name, which a question accepts.
    pub fn name(&self, model: &Model) -> String {
        match self {
            Self::Endpoint(endpoint) => endpoint.name(model),
            Self::Service { id, .. } => model.service_name(*id),
        }
    }
}

impl Finder<'_> {
    /// The destination that a text names: an endpoint as [`Finder::find`] has it, a Service by
    /// `ns/svc/name` or `ns/svc/name:port`, its port a number or a name, or a Service by one of its
    /// addresses.
    ///
    /// # Errors
    /// [`FindError`] if it names nothing, or several things.
    pub fn find_destination(&self, text: &str) -> Result<Destination, FindError> {
        if let Ok(address) = text.parse::<IpAddr>().map(|address| address.to_canonical())
            && let Err(FindError::Service(_)) = self.find(text)
            && let Some(id) = self.service_at(address)
        {
            return Ok(Destination::Service { id, port: None });
        }
        let segments: Vec<&str> = text.split('/').collect();
        let is_service = |kind: &str| matches!(Kind::read(kind), Some(Kind::Service));
        let (namespace, last) = match (&segments[..], self.namespace()) {
            ([namespace, kind, last], _) if is_service(kind) => (*namespace, *last),
            ([kind, last], Some(namespace)) if is_service(kind) && !self.has_namespace(kind) => {
                (namespace, *last)
            }
            _ => return self.find(text).map(Destination::Endpoint),
        };
        let (name, port) = match last.split_once(':') {
            None => (last, None),
            Some((name, port)) => {
                let port = service_port(port).ok_or_else(|| FindError::Syntax(text.to_owned()))?;
                (name, Some(port))
            }
        };
        let Some(id) = self.service(namespace, name) else { return Err(self.unknown(text)) };
        let port = port.map(|port| match port {
            PortRef::Name(name) => AskedPort::Named(name),
            PortRef::Number(number) => AskedPort::Connections(of_number(self.model().service(id), number)),
        });
        Ok(Destination::Service { id, port })
    }
}

/// The port behind the colon of a Service: a number or a name.
fn service_port(text: &str) -> Option<PortRef> {
    if let Ok(number) = text.parse::<u16>() {
        return (number > 0).then_some(PortRef::Number(number));
    }
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (!text.is_empty() && text.bytes().all(is_name)).then(|| PortRef::Name(text.to_owned()))
}

/// A number of the protocols that the Service has it in, of its own ports or those of its pods;
/// else of TCP.
fn of_number(service: &Service, number: u16) -> ConnSet {
    let is_meant = |port: &&ServicePort| port.port == number || port.target == PortRef::Number(number);
    let mut protocols: Vec<Protocol> =
        service.ports.iter().filter(is_meant).map(|port| port.protocol).collect();
    if protocols.is_empty() {
        protocols.push(Protocol::Tcp);
    }
    protocols.into_iter().fold(ConnSet::none(), |all, protocol| {
        all.or(&ConnSet::ports(Families::BOTH, protocol, number, number))
    })
}
