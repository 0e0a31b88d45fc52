//! Gateways: listeners take routes, and routes lead to ports of Services, which may be of another
//! namespace if that grants it.

use np_model::Model;
use np_model::conn::Protocol;
use np_model::facts::gateway::{BackendRef, BackendUse, GROUP, RouteKind};
use np_model::facts::{GatewayRoute, PortRef};

use super::attach::attach;
use super::backend::{Asked, Backends, Named};
use super::controller::{Finder, Sender, Unseen};
use super::{Entry, Problem, Way};

/// Adds an entry for each listener that a route is attached to and each of its backends, and one
/// for each parent that does not take it.
pub(super) fn add(entries: &mut Vec<Entry>, backends: &mut Backends<'_, '_>, finder: &Finder<'_>) {
    let model = backends.model();
    for route in &model.entries().gateway_routes {
        for parent in &route.parents {
            match attach(model, route, parent) {
                None => {}
                Some(Err(problems)) => {
                    let (way, sender) = (way(route, Vec::new(), None), Sender::Unseen(Unseen::NoGateway));
                    entries.push(Backends::nowhere(way, parent.at, &sender, problems));
                }
                Some(Ok(attached)) => {
                    for one in attached {
                        let sender = finder.of_gateway(one.gateway);
                        let way = way(route, one.hosts, Some(one.listener));
                        lead(entries, backends, route, &way, &sender, one.is_maybe);
                    }
                }
            }
        }
    }
}

fn way(route: &GatewayRoute, hosts: Vec<String>, listener: Option<super::ListenerAt>) -> Way {
    let (kind, namespace, name) = (route.kind, route.namespace.clone(), route.name.clone());
    Way::Gateway { kind, namespace, name, hosts, listener }
}

/// Adds an entry for each backend of a route; one that several rules name alike counts once.
fn lead(
    entries: &mut Vec<Entry>,
    backends: &mut Backends<'_, '_>,
    route: &GatewayRoute,
    way: &Way,
    sender: &Sender,
    is_maybe: bool,
) {
    let mut known: Vec<&BackendRef> = Vec::new();
    for backend in route.rules.iter().flat_map(|rule| &rule.backends) {
        if !known.iter().any(|other| is_alike(other, backend)) {
            known.push(backend);
        }
    }
    if known.is_empty() {
        let at = route.rules.first().map_or(route.at, |rule| rule.at);
        entries.push(Backends::nowhere(way.clone(), at, sender, vec![Problem::NoBackend]));
    }
    let protocol = if route.kind == RouteKind::Udp { Protocol::Udp } else { Protocol::Tcp };
    for backend in known {
        if !backend.group.is_empty() || backend.kind != "Service" {
            let (group, kind, name) = (backend.group.clone(), backend.kind.clone(), backend.name.clone());
            let problem = Problem::Resource { group, kind, name };
            entries.push(Backends::nowhere(way.clone(), backend.at, sender, vec![problem]));
            continue;
        }
        let namespace = backend.namespace.as_deref().unwrap_or(&route.namespace);
        let mut problems = Vec::new();
        if is_maybe {
            problems.push(Problem::MaybeRefused);
        }
        if namespace != route.namespace && !is_granted(backends.model(), route, namespace, &backend.name) {
            problems.push(Problem::NoGrant);
        }
        if backend.weight == 0 && backend.usage == BackendUse::Forward {
            problems.push(Problem::NoShare);
        }
        let port = backend.port.map(PortRef::Number);
        let to = Named {
            namespace,
            name: &backend.name,
            port: Asked::Service(port.as_ref(), protocol),
            usage: backend.usage,
            at: backend.at,
        };
        entries.push(backends.entry(way.clone(), &to, sender, problems));
    }
}

/// Whether two references are the same but for their places, and for weights that both give a share.
fn is_alike(a: &BackendRef, b: &BackendRef) -> bool {
    (a.weight == 0) == (b.weight == 0) && BackendRef { at: b.at, weight: b.weight, ..a.clone() } == *b
}

/// Whether a ReferenceGrant of `namespace` lets a route refer to a Service there.
fn is_granted(model: &Model, route: &GatewayRoute, namespace: &str, service: &str) -> bool {
    let mut grants = model.entries().reference_grants.iter().filter(|grant| grant.namespace == namespace);
    grants.any(|grant| {
        let is_from = grant.from.iter().any(|from| {
            from.group == GROUP && from.kind == route.kind.api() && from.namespace == route.namespace
        });
        let is_to = grant.to.iter().any(|to| {
            to.group.is_empty() && to.kind == "Service" && to.name.as_ref().is_none_or(|name| name == service)
        });
        is_from && is_to
    })
}
