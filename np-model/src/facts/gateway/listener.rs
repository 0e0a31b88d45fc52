//! Listeners: the ports of a Gateway, and which routes may attach to each.

use super::route::ParentRef;
use crate::diag::{Cause, Code, Diagnostic};
use crate::facts::Pool;
use crate::facts::port;
use crate::fields::{Field, Name, label_selector};
use crate::origin::Location;
use crate::selector::Selector;

/// A port of a Gateway (`listeners[]`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listener {
    /// `name`, which routes may refer to.
    pub name: String,
    /// `port`.
    pub port: u16,
    /// `protocol`.
    pub protocol: ListenerProtocol,
    /// `hostname`, maybe with `*` for its first label; `None` is every host.
    pub hostname: Option<String>,
    /// `allowedRoutes.namespaces`: whose routes may attach; by default those of its own namespace.
    pub namespaces: NamespacesFrom,
    /// `allowedRoutes.kinds`; empty: those that fit the protocol.
    pub kinds: Vec<RouteKindRef>,
    /// Where the entry stands.
    pub at: Option<Location>,
}

/// More listeners for a Gateway (ListenerSet, or XListenerSet while it was an experiment).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListenerSet {
    /// `metadata.namespace`, or the default that was assumed.
    pub namespace: String,
    /// `metadata.name`.
    pub name: String,
    /// `spec.parentRef`: the Gateway.
    pub parent: Option<ParentRef>,
    /// `spec.listeners`.
    pub listeners: Vec<Listener>,
    /// Where `metadata.name` stands.
    pub at: Option<Location>,
}

/// The protocol of a listener, by any spelling of its case.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ListenerProtocol {
    /// HTTP in the clear.
    Http,
    /// HTTP over TLS.
    Https,
    /// TLS.
    Tls,
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
    /// One that an implementation defines, as `domain/name`.
    Other(String),
}

/// Which namespaces something may come from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum NamespacesFrom {
    /// The Gateway's own.
    Same,
    /// Every one.
    All,
    /// None.
    None,
    /// Those with such labels.
    Selector(Selector),
}

/// A kind of route, by name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RouteKindRef {
    /// Its API group, that of Gateway API if absent.
    pub group: String,
    /// The kind.
    pub kind: String,
}

impl ListenerSet {
    /// Reads a ListenerSet object.
    pub(crate) fn read(object: &Field<'_>, namespace: String, name: Name) -> Self {
        let spec = object.get("spec").map();
        let parent = spec.get("parentRef").map();
        if parent.is_absent() {
            parent.missing("a ListenerSet needs the Gateway that it is for");
        }
        Self {
            namespace,
            name: name.text.into(),
            parent: (!parent.is_absent()).then(|| ParentRef::read(&parent)).flatten(),
            listeners: Listener::read_all(&spec.get("listeners")),
            at: name.at,
        }
    }
}

impl Listener {
    /// Reads a list of listeners, which must have one.
    pub(super) fn read_all(list: &Field<'_>) -> Vec<Self> {
        let listeners = list.items();
        if list.is_absent() || (list.is_list() && listeners.len() == 0) {
            list.missing("there must be a listener");
        }
        listeners.filter_map(|listener| Self::read(&listener.map())).collect()
    }

    fn read(entry: &Field<'_>) -> Option<Self> {
        let (name, protocol) = (entry.get("name"), entry.get("protocol"));
        let name = name.required("a listener needs a name");
        let protocol = protocol.required("a listener needs its protocol, such as HTTP");
        let port = port::required(&entry.get("port"), "a listener needs its port");
        let routes = entry.get("allowedRoutes").map();
        let namespaces = NamespacesFrom::read(&routes.get("namespaces").map(), NamespacesFrom::Same);
        let kinds = routes.get("kinds");
        let kinds = kinds.items().filter_map(|kind| RouteKindRef::read(&kind.map())).collect();
        let hostname = entry.get("hostname").filled().map(str::to_owned);
        let (name, protocol) = (name?.to_owned(), ListenerProtocol::of(protocol?));
        Some(Self { name, port: port?, protocol, hostname, namespaces, kinds, at: entry.at() })
    }
}

impl ListenerProtocol {
    fn of(text: &str) -> Self {
        match text.to_ascii_uppercase().as_str() {
            "HTTP" => Self::Http,
            "HTTPS" => Self::Https,
            "TLS" => Self::Tls,
            "TCP" => Self::Tcp,
            "UDP" => Self::Udp,
            _ => Self::Other(text.to_owned()),
        }
    }
}

impl NamespacesFrom {
    /// Reads `{from, selector}`; where `from` is absent it is `default`.
    pub(super) fn read(namespaces: &Field<'_>, default: Self) -> Self {
        let (from, selector) = (namespaces.get("from"), namespaces.get("selector"));
        match from.filled() {
            None => default,
            Some("Same") => Self::Same,
            Some("All") => Self::All,
            Some("None") => Self::None,
            Some("Selector") => label_selector::read(selector, &mut Pool::default()).map_or_else(
                || {
                    let message = "without a `selector`, no namespace is selected";
                    let problem = Diagnostic::warning(Code::MissingField, message).cause(Cause::Required);
                    from.report(problem.help("`selector: {}` selects every namespace"));
                    Self::None
                },
                |(selector, _)| Self::Selector(selector),
            ),
            Some(text) => {
                from.unsupported(format!("`{text}` says no namespaces"), "write Same, All, None or Selector");
                default
            }
        }
    }
}

impl RouteKindRef {
    fn read(entry: &Field<'_>) -> Option<Self> {
        let (group, kind) = (entry.get("group"), entry.get("kind"));
        let group = group.text().unwrap_or(super::GROUP).to_owned();
        let kind = kind.required("a kind of route needs its name")?.to_owned();
        Some(Self { group, kind })
    }
}
