//! Which listeners a route of Gateway API is attached to, and which do not take it.
//!
//! A route names its parents; a listener says whose routes it takes, of which kinds, for which
//! hosts. Both must agree. A ListenerSet adds listeners to a Gateway that allows it; routes name it
//! as their parent, as the listeners of a Gateway are only its own.

use np_model::Model;
use np_model::facts::gateway::{GROUP, Listener, ListenerProtocol, NamespacesFrom, ParentRef, RouteKind};
use np_model::facts::{Gateway, GatewayRoute, Labels, UnknownKeys};
use np_model::truth::Truth;

use super::{ListenerAt, Problem, Refusal};

/// A listener that a route is attached to.
pub(super) struct Attached<'m> {
    pub(super) gateway: &'m Gateway,
    pub(super) listener: ListenerAt,
    /// The hosts of both; none is every host.
    pub(super) hosts: Vec<String>,
    /// Whether the listener takes it depends on facts that the input does not show.
    pub(super) is_maybe: bool,
}

/// A parent of a route: where it is, whose it is, and its listeners.
struct Parent<'m> {
    namespace: &'m str,
    gateway: &'m Gateway,
    listeners: &'m [Listener],
    is_maybe: bool,
}

/// Resolves a reference of a route to a parent; `None` if the parent takes no traffic from outside.
pub(super) fn attach<'m>(
    model: &'m Model,
    route: &GatewayRoute,
    to: &ParentRef,
) -> Option<Result<Vec<Attached<'m>>, Vec<Problem>>> {
    // A Service as parent is about traffic inside a mesh.
    if to.group.is_empty() && to.kind == "Service" {
        return None;
    }
    Some(parent(model, route, to).and_then(|parent| listeners(model, route, to, &parent)))
}

fn parent<'m>(model: &'m Model, route: &GatewayRoute, to: &ParentRef) -> Result<Parent<'m>, Vec<Problem>> {
    let namespace = to.namespace.as_deref().unwrap_or(&route.namespace);
    let all = model.entries();
    let gateway = |namespace: &str, name: &str| {
        all.gateways.iter().find(|one| one.namespace == namespace && one.name == name)
    };
    let missing = |kind: &str, namespace: &str, name: &str| {
        let (kind, namespace, name) = (kind.to_owned(), namespace.to_owned(), name.to_owned());
        vec![Problem::NoParent { kind, namespace, name }]
    };
    match (to.group.as_str(), to.kind.as_str()) {
        (GROUP, "Gateway") => {
            let found = gateway(namespace, &to.name).ok_or_else(|| missing(&to.kind, namespace, &to.name))?;
            let (namespace, listeners) = (found.namespace.as_str(), found.listeners.as_slice());
            Ok(Parent { namespace, gateway: found, listeners, is_maybe: false })
        }
        (_, "ListenerSet" | "XListenerSet") => {
            let mut sets = all.listener_sets.iter();
            let set = sets.find(|one| one.namespace == namespace && one.name == to.name);
            let set = set.ok_or_else(|| missing(&to.kind, namespace, &to.name))?;
            let Some(of) = &set.parent else { return Err(missing("Gateway", namespace, "")) };
            let home = of.namespace.as_deref().unwrap_or(&set.namespace);
            let found = gateway(home, &of.name).ok_or_else(|| missing("Gateway", home, &of.name))?;
            let allowed = takes(model, &found.allowed_listeners, &found.namespace, &set.namespace);
            if allowed == Truth::No {
                return Err(vec![Problem::SetRefused(set.name.clone())]);
            }
            let is_maybe = allowed == Truth::Maybe;
            Ok(Parent { namespace: &set.namespace, gateway: found, listeners: &set.listeners, is_maybe })
        }
        _ => {
            let (group, kind, name) = (to.group.clone(), to.kind.clone(), to.name.clone());
            Err(vec![Problem::UnknownParent { group, kind, name }])
        }
    }
}

/// The listeners of a parent that take a route; if none does, why.
fn listeners<'m>(
    model: &Model,
    route: &GatewayRoute,
    to: &ParentRef,
    parent: &Parent<'m>,
) -> Result<Vec<Attached<'m>>, Vec<Problem>> {
    let is_meant = |listener: &&Listener| {
        to.section.as_ref().is_none_or(|name| listener.name == *name)
            && to.port.is_none_or(|port| listener.port == port)
    };
    let (mut attached, mut problems) = (Vec::new(), Vec::new());
    for listener in parent.listeners.iter().filter(is_meant) {
        let namespaces = takes(model, &listener.namespaces, parent.namespace, &route.namespace);
        let hosts = common_hosts(listener, route);
        let why = if namespaces == Truth::No {
            Refusal::Namespace
        } else if !takes_kind(listener, route.kind) {
            Refusal::Kind
        } else if let Some(hosts) = hosts {
            let is_maybe = parent.is_maybe || namespaces == Truth::Maybe;
            let (gateway, listener) = (parent.gateway, ListenerAt::new(parent.gateway, listener));
            attached.push(Attached { gateway, listener, hosts, is_maybe });
            continue;
        } else {
            Refusal::Hostname
        };
        problems.push(Problem::Refused { listener: listener.name.clone(), why });
    }
    if !attached.is_empty() {
        return Ok(attached);
    }
    if problems.is_empty() {
        problems.push(Problem::NoListener { section: to.section.clone(), port: to.port });
    }
    Err(problems)
}

/// Whether something of `namespace` may come to one in `home`.
fn takes(model: &Model, from: &NamespacesFrom, home: &str, namespace: &str) -> Truth {
    match from {
        NamespacesFrom::Same => (home == namespace).into(),
        NamespacesFrom::All => Truth::Yes,
        NamespacesFrom::None => Truth::No,
        NamespacesFrom::Selector(selector) => {
            let known = model.namespaces().iter().find(|one| one.name == namespace);
            known.map_or_else(
                || {
                    let name = ("kubernetes.io/metadata.name", namespace);
                    selector.matches(&Labels::complete([name]).with_unknown(UnknownKeys::Any))
                },
                |known| selector.matches(&known.labels),
            )
        }
    }
}

/// Whether a listener takes routes of a kind: those that it lists, else those that fit its protocol.
fn takes_kind(listener: &Listener, kind: RouteKind) -> bool {
    if !listener.kinds.is_empty() {
        return listener.kinds.iter().any(|one| one.group == GROUP && one.kind == kind.api());
    }
    match listener.protocol {
        ListenerProtocol::Http | ListenerProtocol::Https => {
            matches!(kind, RouteKind::Http | RouteKind::Grpc)
        }
        ListenerProtocol::Tls => matches!(kind, RouteKind::Tls | RouteKind::Tcp),
        ListenerProtocol::Tcp => kind == RouteKind::Tcp,
        ListenerProtocol::Udp => kind == RouteKind::Udp,
        ListenerProtocol::Other(_) => true,
    }
}

/// The hosts that a listener and a route have in common; `None` if there are none.
fn common_hosts(listener: &Listener, route: &GatewayRoute) -> Option<Vec<String>> {
    if matches!(route.kind, RouteKind::Tcp | RouteKind::Udp) {
        return Some(Vec::new());
    }
    let Some(own) = &listener.hostname else { return Some(route.hostnames.clone()) };
    if route.hostnames.is_empty() {
        return Some(vec![own.clone()]);
    }
    let common: Vec<String> =
        route.hostnames.iter().filter_map(|host| narrower(own, host)).map(str::to_owned).collect();
    (!common.is_empty()).then_some(common)
}

/// The one of two hosts that lies within the other. `*` stands for one or more labels, so of two
/// that overlap one always does.
fn narrower<'a>(a: &'a str, b: &'a str) -> Option<&'a str> {
    let holds = |wide: &str, host: &str| {
        let suffix = wide.strip_prefix('*').map(str::to_ascii_lowercase);
        let host = host.to_ascii_lowercase();
        // `*.example.com` holds neither `example.com` nor, for want of a name, `.example.com`.
        suffix.is_some_and(|suffix| host.len() > suffix.len() && host.ends_with(&suffix))
    };
    if a.eq_ignore_ascii_case(b) || holds(a, b) {
        Some(b)
    } else if holds(b, a) {
        Some(a)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::narrower;

    #[test]
    fn hosts_overlap_where_one_holds_the_other() {
        assert_eq!(narrower("*.example.com", "shop.example.com"), Some("shop.example.com"));
        assert_eq!(narrower("a.b.example.com", "*.example.com"), Some("a.b.example.com"));
        assert_eq!(narrower("*.example.com", "*.b.example.com"), Some("*.b.example.com"));
        assert_eq!(narrower("Shop.example.com", "shop.example.com"), Some("shop.example.com"));
        assert_eq!(narrower("*.example.com", "example.com"), None);
        assert_eq!(narrower("*.example.com", "shopexample.com"), None);
        assert_eq!(narrower("a.example.com", "b.example.com"), None);
    }
}
