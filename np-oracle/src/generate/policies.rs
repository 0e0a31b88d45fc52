//! Policies: every shape an API server accepts, absent and empty lists most of all.

use super::addresses::ip_block;
use super::labels::{ASKED_OF_NAMESPACES, ASKED_OF_PODS, selector};
use crate::ports::Protocol;
use k8s_openapi::api::networking::v1::{
    NetworkPolicyEgressRule, NetworkPolicyIngressRule, NetworkPolicyPeer, NetworkPolicyPort,
    NetworkPolicySpec,
};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use proptest::prelude::*;
use proptest::{collection, option, sample};

/// The names that ports have.
pub(crate) const PORT_NAMES: [&str; 3] = ["http", "dns", "web"];

/// The numbers that ports have: some neighbours, and both ends.
pub(crate) const PORT_NUMBERS: [i32; 7] = [80, 81, 443, 53, 8080, 1, 65535];

/// A protocol as it is written: often not at all.
pub(crate) fn protocol() -> impl Strategy<Value = Option<String>> {
    option::of(sample::select(&Protocol::ALL[..]).prop_map(|protocol| protocol.name().to_owned()))
}

fn port() -> impl Strategy<Value = NetworkPolicyPort> {
    let number = sample::select(&PORT_NUMBERS[..]);
    let numeric = (number.clone(), option::weighted(0.3, number)).prop_map(|(port, end)| {
        let end_port = end.map(|end| end.max(port));
        NetworkPolicyPort { end_port, port: Some(IntOrString::Int(port)), protocol: None }
    });
    let named = sample::select(&PORT_NAMES[..]).prop_map(|name| NetworkPolicyPort {
        port: Some(IntOrString::String(name.to_owned())),
        ..NetworkPolicyPort::default()
    });
    let port = prop_oneof![1 => Just(NetworkPolicyPort::default()), 3 => numeric, 3 => named];
    (port, protocol()).prop_map(|(port, protocol)| NetworkPolicyPort { protocol, ..port })
}

fn peer() -> impl Strategy<Value = NetworkPolicyPeer> {
    let block = ip_block()
        .prop_map(|block| NetworkPolicyPeer { ip_block: Some(block), ..NetworkPolicyPeer::default() });
    let pods = selector(ASKED_OF_PODS).boxed();
    let namespaces = selector(ASKED_OF_NAMESPACES).boxed();
    let of_pods = pods.clone().prop_map(|pods| (Some(pods), None));
    let of_namespaces = namespaces.clone().prop_map(|namespaces| (None, Some(namespaces)));
    let of_both = (pods, namespaces).prop_map(|(pods, namespaces)| (Some(pods), Some(namespaces)));
    let selecting =
        prop_oneof![of_pods, of_namespaces, of_both].prop_map(|(pod_selector, namespace_selector)| {
            NetworkPolicyPeer { ip_block: None, namespace_selector, pod_selector }
        });
    prop_oneof![2 => block, 3 => selecting]
}

/// A list: absent, empty or short.
fn list<T: std::fmt::Debug>(of: impl Strategy<Value = T>) -> impl Strategy<Value = Option<Vec<T>>> {
    option::weighted(0.8, collection::vec(of, 0..3))
}

fn ingress_rule() -> impl Strategy<Value = NetworkPolicyIngressRule> {
    (list(peer()), list(port())).prop_map(|(from, ports)| NetworkPolicyIngressRule { from, ports })
}

fn egress_rule() -> impl Strategy<Value = NetworkPolicyEgressRule> {
    (list(peer()), list(port())).prop_map(|(to, ports)| NetworkPolicyEgressRule { ports, to })
}

fn policy_types() -> impl Strategy<Value = Option<Vec<String>>> {
    let lists: [&[&str]; 5] =
        [&[], &["Ingress"], &["Egress"], &["Ingress", "Egress"], &["Egress", "Ingress"]];
    let lists = lists.map(|list| list.iter().map(ToString::to_string).collect::<Vec<_>>());
    option::weighted(0.7, sample::select(lists.to_vec()))
}

/// A policy's spec, rarely absent.
pub(crate) fn spec() -> impl Strategy<Value = Option<NetworkPolicySpec>> {
    let spec = (
        option::weighted(0.8, selector(ASKED_OF_PODS)),
        policy_types(),
        list(ingress_rule()),
        list(egress_rule()),
    )
        .prop_map(|(pod_selector, policy_types, ingress, egress)| NetworkPolicySpec {
            egress,
            ingress,
            pod_selector,
            policy_types,
        });
    option::weighted(0.97, spec)
}
