//! Where an Ingress sends traffic: a port of a Service, or an object that its controller knows.

use crate::diag::{Cause, Code, Diagnostic};
use crate::facts::port::{self, PortRef};
use crate::fields::Field;
use crate::origin::Location;

/// Where an Ingress sends traffic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IngressBackend {
    /// What it is sent to.
    pub to: IngressTarget,
    /// Where the backend stands.
    pub at: Option<Location>,
}

/// What an Ingress sends traffic to, in its own namespace.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum IngressTarget {
    /// A port of a Service, by the Service's number or name of it.
    Service {
        /// Its name.
        name: String,
        /// The port of the Service.
        port: PortRef,
    },
    /// Another object, which only the controller understands.
    Resource {
        /// Its API group; empty for the core group.
        group: String,
        /// Its kind.
        kind: String,
        /// Its name.
        name: String,
    },
}

impl IngressBackend {
    pub(super) fn read(backend: &Field<'_>, beta: bool) -> Option<Self> {
        let (service, resource) = (backend.get("service").map(), backend.get("resource").map());
        let (name, port) = (backend.get("serviceName"), backend.get("servicePort"));
        let serves = if beta { !name.is_absent() || !port.is_absent() } else { !service.is_absent() };
        let to = match (serves, resource.is_absent()) {
            (true, false) => {
                backend.invalid("a backend is a Service or a resource, not both");
                None
            }
            (true, true) if beta => {
                let port = if port.is_absent() {
                    port.missing("a backend needs the port of its Service");
                    None
                } else {
                    port::reference(&port)
                };
                let name = name.required("a backend needs the name of its Service");
                Some(IngressTarget::Service { name: name?.to_owned(), port: port? })
            }
            (true, true) => service_v1(&service),
            (false, false) => IngressTarget::resource(&resource),
            (false, true) => {
                let message = "a backend needs a Service or a resource";
                let problem = Diagnostic::error(Code::MissingField, message).cause(Cause::Required);
                backend.report(if beta || name.is_absent() {
                    problem
                } else {
                    problem.help("v1 has it as `service: {name: ..., port: {number: ...}}`")
                });
                None
            }
        };
        to.map(|to| Self { to, at: backend.at() })
    }
}

/// A `service` as v1 writes it.
fn service_v1(service: &Field<'_>) -> Option<IngressTarget> {
    let (name, port) = (service.get("name"), service.get("port").map());
    let (port_name, number) = (port.get("name"), port.get("number"));
    let numbered = !number.is_absent() && !number.is_zero();
    let named = !port_name.is_absent() && !port_name.is("");
    let port = match (numbered, named) {
        (true, false) => port::number(&number).map(PortRef::Number),
        (false, true) => port::reference(&port_name),
        (true, true) => {
            port.invalid("the port of a Service is a number or a name, not both");
            None
        }
        (false, false) => {
            port.missing("a backend needs the port of its Service, by `number` or `name`");
            None
        }
    };
    let name = name.required("a backend needs the name of its Service")?.to_owned();
    Some(IngressTarget::Service { name, port: port? })
}

impl IngressTarget {
    fn resource(resource: &Field<'_>) -> Option<Self> {
        let (kind, name) = (resource.get("kind"), resource.get("name"));
        let kind = kind.required("a resource needs its kind");
        let name = name.required("a resource needs its name");
        let group = resource.get("apiGroup").text().unwrap_or_default().to_owned();
        Some(Self::Resource { group, kind: kind?.to_owned(), name: name?.to_owned() })
    }
}
