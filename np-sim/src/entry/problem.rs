//! What is wrong with an entry.

use np_model::facts::PortRef;
use np_model::model::PodId;

/// What is wrong with an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// The backend is a Service that the input does not have.
    NoService {
        /// The namespaces that have one of this name, which entries cannot refer to; for a route of
        /// Gateway API, could with a ReferenceGrant.
        elsewhere: Vec<String>,
    },
    /// The Service has no such port for the protocol.
    NoSuchPort(PortRef),
    /// The Service has no endpoints.
    NoEndpoints,
    /// The endpoints of the Service are not known: it has no selector, and the input has no
    /// EndpointSlices of it.
    UnseenEndpoints,
    /// The Service is only another name for this host; what controllers make of that differs.
    ExternalName(String),
    /// These endpoints of the Service have no port where its port leads.
    NoTargetPort(Vec<PodId>),
    /// The backend is no Service but an object that only the controller understands.
    Resource {
        /// Its API group; empty for the core group.
        group: String,
        /// Its kind.
        kind: String,
        /// Its name.
        name: String,
    },
    /// A rule without paths or backends: what is done is up to the controller.
    NoBackend,
    /// The parent of a route is not in the input.
    NoParent {
        /// Its kind.
        kind: String,
        /// Its namespace.
        namespace: String,
        /// Its name.
        name: String,
    },
    /// The parent of a route is of a kind that np does not know.
    UnknownParent {
        /// Its API group.
        group: String,
        /// Its kind.
        kind: String,
        /// Its name.
        name: String,
    },
    /// The Gateway has no listener of the name or port that the route asks for.
    NoListener {
        /// The name asked for.
        section: Option<String>,
        /// The port asked for.
        port: Option<u16>,
    },
    /// A listener that the route asks for does not take it.
    Refused {
        /// The name of the listener.
        listener: String,
        /// Why.
        why: Refusal,
    },
    /// The Gateway does not take listeners from this ListenerSet.
    SetRefused(String),
    /// Whether the listener takes routes of this namespace, or the Gateway this ListenerSet, depends
    /// on labels of a namespace that has no object in the input.
    MaybeRefused,
    /// The backend is in another namespace, and no ReferenceGrant there lets the route refer to it.
    NoGrant,
    /// The backend has the weight 0, and gets nothing.
    NoShare,
}

/// Why a listener does not take a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It takes none of the route's namespace (`allowedRoutes.namespaces`).
    Namespace,
    /// It takes none of its kind (`allowedRoutes.kinds`, else what the protocol carries).
    Kind,
    /// The two have no host in common.
    Hostname,
}

impl Problem {
    /// Whether no traffic is led to the backend because of it.
    pub fn is_in_the_way(&self) -> bool {
        !matches!(self, Self::NoTargetPort(_) | Self::MaybeRefused)
    }
}
