//! The ways into the cluster: everything that leads traffic to Services.

use super::workload::Versions;
use super::{
    EndpointSlice, Fact, Gateway, GatewayClass, GatewayRoute, Ingress, IngressClass, ListenerSet, Pool,
    ReferenceGrant, Route, Service, gateway,
};
use crate::facts::gateway::RouteKind;
use crate::fields::{Field, Name};

/// What the input has of Ingresses, Gateways and Routes of OpenShift, unresolved.
#[derive(Debug, Clone, Default)]
pub struct Entries {
    /// Ingresses.
    pub ingresses: Vec<Ingress>,
    /// Their classes.
    pub ingress_classes: Vec<IngressClass>,
    /// Gateways.
    pub gateways: Vec<Gateway>,
    /// Their classes.
    pub gateway_classes: Vec<GatewayClass>,
    /// More listeners of Gateways.
    pub listener_sets: Vec<ListenerSet>,
    /// Routes of Gateway API, of every kind.
    pub gateway_routes: Vec<GatewayRoute>,
    /// Who may refer to objects of other namespaces.
    pub reference_grants: Vec<ReferenceGrant>,
    /// Routes of OpenShift.
    pub routes: Vec<Route>,
}

impl Entries {
    /// How many there are of each kind.
    pub(super) fn counts(&self) -> impl Iterator<Item = (&'static str, usize)> {
        let of_gateways = RouteKind::ALL
            .map(|kind| (kind.api(), self.gateway_routes.iter().filter(|route| route.kind == kind).count()));
        let others = [
            ("Ingress", self.ingresses.len()),
            ("IngressClass", self.ingress_classes.len()),
            ("Gateway", self.gateways.len()),
            ("GatewayClass", self.gateway_classes.len()),
            ("ListenerSet", self.listener_sets.len()),
            ("ReferenceGrant", self.reference_grants.len()),
            ("Route", self.routes.len()),
        ];
        others.into_iter().chain(of_gateways)
    }

    /// Sorts everything by namespace and name.
    pub(crate) fn sort(&mut self) {
        self.ingresses.sort_by(|a, b| (&a.namespace, &a.name).cmp(&(&b.namespace, &b.name)));
        self.ingress_classes.sort_by(|a, b| a.name.cmp(&b.name));
        self.gateways.sort_by(|a, b| (&a.namespace, &a.name).cmp(&(&b.namespace, &b.name)));
        self.gateway_classes.sort_by(|a, b| a.name.cmp(&b.name));
        self.listener_sets.sort_by(|a, b| (&a.namespace, &a.name).cmp(&(&b.namespace, &b.name)));
        self.gateway_routes
            .sort_by(|a, b| (&a.namespace, &a.name, a.kind).cmp(&(&b.namespace, &b.name, b.kind)));
        self.reference_grants.sort_by(|a, b| (&a.namespace, &a.name).cmp(&(&b.namespace, &b.name)));
        self.routes.sort_by(|a, b| (&a.namespace, &a.name).cmp(&(&b.namespace, &b.name)));
    }
}

/// The kinds of object of a namespace that lead traffic to pods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EntryKind {
    Service,
    EndpointSlice,
    Endpoints,
    Ingress,
    Gateway,
    ListenerSet,
    GatewayRoute(RouteKind),
    ReferenceGrant,
    Route,
}

/// The versions of Gateway API have one shape, and most kinds went through several of them.
const GATEWAY_API: Versions = &[(gateway::GROUP, &["v1", "v1beta1", "v1alpha3", "v1alpha2"])];

impl EntryKind {
    /// The groups that it is or was in.
    pub(crate) const fn versions(self) -> Versions {
        match self {
            Self::Service | Self::Endpoints => &[("", &["v1"])],
            Self::EndpointSlice => &[("discovery.k8s.io", &["v1", "v1beta1"])],
            Self::Ingress => &[("networking.k8s.io", &["v1", "v1beta1"]), ("extensions", &["v1beta1"])],
            Self::Gateway | Self::ListenerSet | Self::GatewayRoute(_) | Self::ReferenceGrant => GATEWAY_API,
            Self::Route => &[("route.openshift.io", &["v1"]), ("", &["v1"])],
        }
    }

    /// Reads an object of this kind. `version` is that of its API.
    pub(crate) fn read(
        self,
        object: &Field<'_>,
        version: &str,
        (namespace, name): (String, Name),
        pool: &mut Pool,
    ) -> Fact {
        match self {
            Self::Service => Fact::Service(Box::new(Service::read(object, namespace, name))),
            Self::EndpointSlice => Fact::EndpointSlices(vec![EndpointSlice::read(object, namespace, name)]),
            Self::Endpoints => Fact::EndpointSlices(EndpointSlice::of_endpoints(object, &namespace, &name)),
            Self::Ingress => Fact::Ingress(Box::new(Ingress::read(object, version != "v1", namespace, name))),
            Self::Gateway => Fact::Gateway(Box::new(Gateway::read(object, namespace, name))),
            Self::ListenerSet => Fact::ListenerSet(Box::new(ListenerSet::read(object, namespace, name))),
            Self::GatewayRoute(kind) => {
                Fact::GatewayRoute(Box::new(GatewayRoute::read(object, kind, namespace, name)))
            }
            Self::ReferenceGrant => {
                Fact::ReferenceGrant(Box::new(ReferenceGrant::read(object, namespace, name)))
            }
            Self::Route => Fact::Route(Box::new(Route::read(object, namespace, name, pool))),
        }
    }
}
