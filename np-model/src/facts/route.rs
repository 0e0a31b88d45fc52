//! Routes of OpenShift: a host name that its router leads to the pods of Services.

use super::port::{self, PortRef};
use super::{Annotations, Labels, Pool, labels};
use crate::fields::{Field, Name};
use crate::origin::Location;

/// A Route of OpenShift.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// `metadata.namespace`, or the default that was assumed.
    pub namespace: String,
    /// `metadata.name`.
    pub name: String,
    /// `spec.host`; `None`: the router chooses one.
    pub host: Option<String>,
    /// `spec.to`, then `spec.alternateBackends`: Services of its own namespace.
    pub backends: Vec<RouteBackend>,
    /// `spec.port.targetPort`: the port of the endpoints, by number or by the name that slices have
    /// it under (a number in quotes is one, too); `None` is every port.
    pub port: Option<PortRef>,
    /// `metadata.labels`, by which routers choose their routes.
    pub labels: Labels,
    /// `metadata.annotations`, by which routers are told what the API has no field for.
    pub annotations: Annotations,
    /// Where `metadata.name` stands.
    pub at: Option<Location>,
}

/// A Service that a Route leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteBackend {
    /// The name of the Service.
    pub service: String,
    /// Its share of the requests, 0–256, 100 if absent; 0 sends nothing.
    pub weight: u16,
    /// Where the backend stands.
    pub at: Option<Location>,
}

const MOST_WEIGHT: u16 = 256;

impl Route {
    /// Reads a Route object.
    pub(crate) fn read(object: &Field<'_>, namespace: String, name: Name, pool: &mut Pool) -> Self {
        let (metadata, spec) = (object.get("metadata").map(), object.get("spec").map());
        let (to, others) = (spec.get("to").map(), spec.get("alternateBackends"));
        let port = spec.get("port").map();
        let target = port.get("targetPort");
        let mut backends = Vec::new();
        if to.is_absent() {
            to.missing("a Route needs the Service that it leads to");
        } else {
            backends.extend(RouteBackend::read(&to));
        }
        backends.extend(others.items().filter_map(|other| RouteBackend::read(&other.map())));
        let unset = target.is_absent() || target.is("") || target.is_zero();
        if !port.is_absent() && unset {
            target.missing("the port of a Route needs its `targetPort`");
        }
        Self {
            namespace,
            name: name.text.into(),
            host: spec.get("host").filled().map(str::to_owned),
            backends,
            port: if unset { None } else { target_port(&target) },
            labels: labels::read(&metadata, pool),
            annotations: labels::annotations(&metadata),
            at: name.at,
        }
    }
}

/// A number, or a name: that of a Service's port, which follows other rules than a container's.
fn target_port(target: &Field<'_>) -> Option<PortRef> {
    if !target.is_text() {
        return port::number(target).map(PortRef::Number);
    }
    let text = target.text()?;
    let number = text.parse().ok().filter(|port| *port > 0);
    Some(number.map_or_else(|| PortRef::Name(text.to_owned()), PortRef::Number))
}

impl RouteBackend {
    fn read(backend: &Field<'_>) -> Option<Self> {
        let (kind, name, weight) = (backend.get("kind"), backend.get("name"), backend.get("weight"));
        if let Some(other) = kind.filled().filter(|kind| *kind != "Service") {
            kind.unsupported(format!("a Route cannot lead to a {other}"), "write `kind: Service`");
        }
        let shown = weight.int().map_or(Some(100), |weight| u16::try_from(weight).ok());
        let shown = shown.filter(|weight| *weight <= MOST_WEIGHT);
        if shown.is_none() {
            weight.invalid(format!("a weight is 0 to {MOST_WEIGHT}"));
        }
        let service = name.required("a backend needs the name of its Service");
        Some(Self { service: service?.to_owned(), weight: shown?, at: backend.at() })
    }
}
