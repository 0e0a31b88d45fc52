//! The kinds that np reads, and what it does with an object of each.

use crate::dialect::unsupported::Unsupported;
use crate::facts::gateway::{self, RouteKind};
use crate::facts::workload::Versions;
use crate::facts::{AutoscalerKind, EntryKind, WorkloadKind};

/// What to do with an object.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Role {
    /// Its items are objects.
    List,
    /// A fact.
    Namespace,
    /// A fact.
    Node,
    /// A fact.
    Pod,
    /// A fact.
    Workload(WorkloadKind),
    /// A fact: something that leads traffic to pods.
    Entry(EntryKind),
    /// A fact about a workload.
    Autoscaler(AutoscalerKind),
    /// A fact.
    IngressClass,
    /// A fact.
    GatewayClass,
    /// A rule.
    NetworkPolicy,
    /// A rule that np does not evaluate.
    Unsupported(&'static Unsupported),
    /// Nothing that np reads.
    Other,
}

/// The kinds np reads, each with the groups and versions it has had.
pub(super) const KNOWN: &[(&str, Role, Versions)] = &[
    ("Namespace", Role::Namespace, &[("", &["v1"])]),
    ("Node", Role::Node, &[("", &["v1"])]),
    ("Pod", Role::Pod, &[("", &["v1"])]),
    workload(WorkloadKind::CronJob),
    workload(WorkloadKind::Deployment),
    workload(WorkloadKind::DaemonSet),
    workload(WorkloadKind::Job),
    workload(WorkloadKind::ReplicationController),
    workload(WorkloadKind::ReplicaSet),
    workload(WorkloadKind::StatefulSet),
    (
        "HorizontalPodAutoscaler",
        Role::Autoscaler(AutoscalerKind::Horizontal),
        &[("autoscaling", &["v2", "v2beta2", "v2beta1", "v1"])],
    ),
    ("ScaledObject", Role::Autoscaler(AutoscalerKind::Keda), &[("keda.sh", &["v1alpha1"])]),
    entry("Service", EntryKind::Service),
    entry("EndpointSlice", EntryKind::EndpointSlice),
    entry("Endpoints", EntryKind::Endpoints),
    entry("Ingress", EntryKind::Ingress),
    ("IngressClass", Role::IngressClass, &[("networking.k8s.io", &["v1", "v1beta1"])]),
    ("GatewayClass", Role::GatewayClass, EntryKind::Gateway.versions()),
    entry("Gateway", EntryKind::Gateway),
    entry("ListenerSet", EntryKind::ListenerSet),
    ("XListenerSet", Role::Entry(EntryKind::ListenerSet), &[("gateway.networking.x-k8s.io", &["v1alpha1"])]),
    route(RouteKind::Grpc),
    route(RouteKind::Http),
    route(RouteKind::Tcp),
    route(RouteKind::Tls),
    route(RouteKind::Udp),
    entry("ReferenceGrant", EntryKind::ReferenceGrant),
    entry("Route", EntryKind::Route),
];

/// Groups of definitions that clusters take from elsewhere, and may have later versions of.
pub(super) const OF_DEFINITIONS: [&str; 3] =
    [gateway::GROUP, "gateway.networking.x-k8s.io", "route.openshift.io"];

const fn entry(name: &'static str, kind: EntryKind) -> (&'static str, Role, Versions) {
    (name, Role::Entry(kind), kind.versions())
}

const fn route(kind: RouteKind) -> (&'static str, Role, Versions) {
    entry(kind.api(), EntryKind::GatewayRoute(kind))
}

const fn workload(kind: WorkloadKind) -> (&'static str, Role, Versions) {
    (kind.api(), Role::Workload(kind), kind.versions())
}
