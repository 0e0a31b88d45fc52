//! Routes of Gateway API: what attaches to a listener, and the backends that traffic goes to.
//!
//! The five kinds differ in how they match requests; where they lead is written alike.

use crate::facts::port;
use crate::fields::{Field, Name};
use crate::origin::Location;

/// An HTTPRoute, GRPCRoute, TCPRoute, TLSRoute or UDPRoute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatewayRoute {
    /// `metadata.namespace`, or the default that was assumed.
    pub namespace: String,
    /// Which kind.
    pub kind: RouteKind,
    /// `metadata.name`.
    pub name: String,
    /// `spec.parentRefs`: what it wants to be attached to.
    pub parents: Vec<ParentRef>,
    /// `spec.hostnames`, maybe with `*` for the first label; empty is every host.
    pub hostnames: Vec<String>,
    /// `spec.rules`.
    pub rules: Vec<RouteRule>,
    /// Where `metadata.name` stands.
    pub at: Option<Location>,
}

/// The kinds of route of Gateway API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RouteKind {
    /// GRPCRoute.
    Grpc,
    /// HTTPRoute.
    Http,
    /// TCPRoute.
    Tcp,
    /// TLSRoute.
    Tls,
    /// UDPRoute.
    Udp,
}

impl RouteKind {
    /// Every kind there is.
    pub const ALL: [Self; 5] = [Self::Grpc, Self::Http, Self::Tcp, Self::Tls, Self::Udp];

    /// The API kind.
    pub const fn api(self) -> &'static str {
        match self {
            Self::Grpc => "GRPCRoute",
            Self::Http => "HTTPRoute",
            Self::Tcp => "TCPRoute",
            Self::Tls => "TLSRoute",
            Self::Udp => "UDPRoute",
        }
    }
}

/// What a route wants to be attached to (`parentRefs[]`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParentRef {
    /// `group`, that of Gateway API if absent; empty is the core group.
    pub group: String,
    /// `kind`, Gateway if absent.
    pub kind: String,
    /// `namespace`; `None` is the route's own.
    pub namespace: Option<String>,
    /// `name`.
    pub name: String,
    /// `sectionName`: one listener; `None` is all that allow it.
    pub section: Option<String>,
    /// `port`: the listeners on it; `None` is on any.
    pub port: Option<u16>,
    /// Where the reference stands.
    pub at: Option<Location>,
}

/// One rule of a route (`rules[]`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteRule {
    /// `backendRefs`, and the backends that filters of the rule or of a backend name.
    pub backends: Vec<BackendRef>,
    /// Where the entry stands.
    pub at: Option<Location>,
}

/// Where a rule sends traffic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackendRef {
    /// `group`; empty, and so if absent, is the core group.
    pub group: String,
    /// `kind`, Service if absent.
    pub kind: String,
    /// `namespace`; `None` is the route's own. Another one needs a ReferenceGrant there.
    pub namespace: Option<String>,
    /// `name`.
    pub name: String,
    /// `port`; of a Service its own, not that of its pods.
    pub port: Option<u16>,
    /// `weight`, 1 if absent; 0 sends nothing.
    pub weight: u32,
    /// What it gets.
    pub usage: BackendUse,
    /// Where the reference stands.
    pub at: Option<Location>,
}

/// What a backend gets of the traffic of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BackendUse {
    /// The traffic itself.
    Forward,
    /// A copy (filter `RequestMirror`).
    Mirror,
    /// The question whether the request may pass (filter `ExternalAuth`).
    Authorize,
}

const MOST_WEIGHT: u32 = 1_000_000;

impl GatewayRoute {
    /// Reads a route of one of the kinds.
    pub(crate) fn read(object: &Field<'_>, kind: RouteKind, namespace: String, name: Name) -> Self {
        let spec = object.get("spec").map();
        let (parents, hosts, rules) = (spec.get("parentRefs"), spec.get("hostnames"), spec.get("rules"));
        Self {
            namespace,
            kind,
            name: name.text.into(),
            parents: parents.items().filter_map(|parent| ParentRef::read(&parent.map())).collect(),
            hostnames: hosts.items().filter_map(|host| Some(host.filled()?.to_owned())).collect(),
            rules: rules.items().map(|rule| RouteRule::read(&rule.map())).collect(),
            at: name.at,
        }
    }
}

impl ParentRef {
    /// Reads a reference to a parent.
    pub(super) fn read(parent: &Field<'_>) -> Option<Self> {
        let (group, kind, name) = (parent.get("group"), parent.get("kind"), parent.get("name"));
        let name = name.required("a reference to a parent needs its name");
        Some(Self {
            group: group.text().unwrap_or(super::GROUP).to_owned(),
            kind: kind.filled().unwrap_or("Gateway").to_owned(),
            namespace: parent.get("namespace").filled().map(str::to_owned),
            section: parent.get("sectionName").filled().map(str::to_owned),
            port: port::number(&parent.get("port")),
            name: name?.to_owned(),
            at: parent.at(),
        })
    }
}

impl RouteRule {
    fn read(rule: &Field<'_>) -> Self {
        let references = rule.get("backendRefs");
        let mut backends = Vec::new();
        for reference in references.items() {
            let reference = reference.map();
            backends.extend(BackendRef::read(&reference, BackendUse::Forward));
            of_filters(&mut backends, &reference.get("filters"));
        }
        of_filters(&mut backends, &rule.get("filters"));
        Self { backends, at: rule.at() }
    }
}

/// Adds the backends that filters name.
fn of_filters(backends: &mut Vec<BackendRef>, filters: &Field<'_>) {
    for filter in filters.items() {
        let filter = filter.map();
        for (key, usage) in [("requestMirror", BackendUse::Mirror), ("externalAuth", BackendUse::Authorize)] {
            let settings = filter.get(key).map();
            if settings.is_absent() {
                continue;
            }
            let reference = settings.get("backendRef").map();
            if reference.is_absent() {
                reference.missing("the filter needs its backend");
            } else {
                backends.extend(BackendRef::read(&reference, usage));
            }
        }
    }
}

impl BackendRef {
    fn read(reference: &Field<'_>, usage: BackendUse) -> Option<Self> {
        let (group, kind, name) = (reference.get("group"), reference.get("kind"), reference.get("name"));
        let (port, weight) = (reference.get("port"), reference.get("weight"));
        let group = group.text().unwrap_or_default().to_owned();
        let kind = kind.filled().unwrap_or("Service").to_owned();
        if group.is_empty() && kind == "Service" && port.is_absent() {
            port.missing("a backend that is a Service needs its port");
        }
        let shown = weight.int().map_or(Some(1), |weight| u32::try_from(weight).ok());
        let shown = shown.filter(|weight| *weight <= MOST_WEIGHT);
        if shown.is_none() {
            weight.invalid(format!("a weight is 0 to {MOST_WEIGHT}"));
        }
        let name = name.required("a backend needs its name");
        Some(Self {
            group,
            kind,
            namespace: reference.get("namespace").filled().map(str::to_owned),
            port: port::number(&port),
            name: name?.to_owned(),
            weight: shown?,
            usage,
            at: reference.at(),
        })
    }
}
