//! One fact of any kind, between the reading of its object and its place among the others.

use super::{
    Autoscaler, EndpointSlice, Facts, Gateway, GatewayClass, GatewayRoute, Ingress, IngressClass,
    ListenerSet, Namespace, Node, Pod, ReferenceGrant, Route, Service, Workload,
};

/// What an object says. All but pods, of which there are most, are boxed.
#[derive(Debug)]
pub(crate) enum Fact {
    Namespace(Box<Namespace>),
    Pod(Pod),
    Workload(Box<Workload>),
    Autoscaler(Box<Autoscaler>),
    Node(Box<Node>),
    Service(Box<Service>),
    EndpointSlices(Vec<EndpointSlice>),
    Ingress(Box<Ingress>),
    IngressClass(Box<IngressClass>),
    Gateway(Box<Gateway>),
    GatewayClass(Box<GatewayClass>),
    ListenerSet(Box<ListenerSet>),
    GatewayRoute(Box<GatewayRoute>),
    ReferenceGrant(Box<ReferenceGrant>),
    Route(Box<Route>),
}

impl Facts {
    /// Adds a fact behind those of its kind.
    pub(crate) fn add(&mut self, fact: Fact) {
        let entries = &mut self.entries;
        match fact {
            Fact::Namespace(namespace) => self.namespaces.push(*namespace),
            Fact::Pod(pod) => self.pods.push(pod),
            Fact::Workload(workload) => self.workloads.push(*workload),
            Fact::Autoscaler(autoscaler) => self.autoscalers.push(*autoscaler),
            Fact::Node(node) => self.nodes.push(*node),
            Fact::Service(service) => self.services.push(*service),
            Fact::EndpointSlices(slices) => self.endpoint_slices.extend(slices),
            Fact::Ingress(ingress) => entries.ingresses.push(*ingress),
            Fact::IngressClass(class) => entries.ingress_classes.push(*class),
            Fact::Gateway(gateway) => entries.gateways.push(*gateway),
            Fact::GatewayClass(class) => entries.gateway_classes.push(*class),
            Fact::ListenerSet(set) => entries.listener_sets.push(*set),
            Fact::GatewayRoute(route) => entries.gateway_routes.push(*route),
            Fact::ReferenceGrant(grant) => entries.reference_grants.push(*grant),
            Fact::Route(route) => entries.routes.push(*route),
        }
    }
}
