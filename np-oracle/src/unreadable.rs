//! The manifests of policies that nobody can evaluate: some kinds of other APIs, and NetworkPolicies with a
//! mistake in them.

use crate::unevaluated::{Effect, Scope, Unevaluated};
use Effect::{Joins, Overrides, Restricts};
use k8s_openapi::api::networking::v1::NetworkPolicySpec;
use serde_json::{Value, json};

/// A kind of such policies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kind {
    group: &'static str,
    version: &'static str,
    name: &'static str,
    extent: Extent,
    effect: Effect,
    egress: bool,
    ingress: bool,
}

/// Whose traffic the policies of a kind may decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Extent {
    /// That of their namespace.
    Own,
    /// That of their namespace; everybody's from Istio's root namespace.
    Mesh,
    /// Everybody's.
    Everybody,
}

/// Where a policy of the mesh applies to every namespace.
pub(crate) const MESH_ROOT: &str = "istio-system";

/// A kind for every effect, with each scope and direction that a kind in use has. A policy's kind follows from these,
/// so that it is read back as it was written.
#[rustfmt::skip]
pub(crate) const KINDS: [Kind; 9] = [
    kind("networking.k8s.io", "v1", "NetworkPolicy", Extent::Own, Joins, (true, true)),
    kind("cilium.io", "v2", "CiliumNetworkPolicy", Extent::Own, Overrides, (true, true)),
    kind("cilium.io", "v2", "CiliumClusterwideNetworkPolicy", Extent::Everybody, Overrides, (true, true)),
    kind("networking.gke.io", "v1alpha3", "FQDNNetworkPolicy", Extent::Own, Overrides, (true, false)),
    kind("k8s.cni.cncf.io", "v1beta1", "MultiNetworkPolicy", Extent::Own, Restricts, (true, true)),
    kind("policy.networking.k8s.io", "v1alpha1", "BaselineAdminNetworkPolicy", Extent::Everybody, Restricts, (true, true)),
    kind("k8s.ovn.org", "v1", "EgressFirewall", Extent::Own, Restricts, (true, false)),
    kind("security.istio.io", "v1", "AuthorizationPolicy", Extent::Mesh, Restricts, (false, true)),
    kind("networking.istio.io", "v1", "Sidecar", Extent::Mesh, Restricts, (true, false)),
];

const fn kind(
    group: &'static str,
    version: &'static str,
    name: &'static str,
    extent: Extent,
    effect: Effect,
    (egress, ingress): (bool, bool),
) -> Kind {
    Kind { group, version, name, extent, effect, egress, ingress }
}

impl Kind {
    /// A policy of this kind in a namespace, if the kind has namespaces.
    pub(crate) fn policy(self, namespace: &str) -> Unevaluated {
        let Self { effect, egress, ingress, .. } = self;
        let scope = match self.extent {
            Extent::Mesh if namespace == MESH_ROOT => Scope::Everybody,
            Extent::Own | Extent::Mesh => Scope::Namespace(namespace.to_owned()),
            Extent::Everybody => Scope::Everybody,
        };
        Unevaluated { scope, effect, egress, ingress }
    }
}

/// The policy that a manifest holds, if it is one that cannot be evaluated.
pub(crate) fn read(manifest: &Value) -> Option<Unevaluated> {
    let api_version = manifest["apiVersion"].as_str().unwrap_or_default();
    let (group, _) = api_version.split_once('/')?;
    let kind = KINDS.into_iter().find(|kind| kind.group == group && manifest["kind"] == kind.name)?;
    if kind.effect == Joins && is_readable(&manifest["spec"]) {
        return None;
    }
    Some(kind.policy(manifest["metadata"]["namespace"].as_str().unwrap_or("default")))
}

/// Whether the spec of a NetworkPolicy has fields of the API only, with values of their types.
fn is_readable(spec: &Value) -> bool {
    let known: Option<NetworkPolicySpec> = match serde_json::from_value(spec.clone()) {
        Ok(known) => known,
        Err(_) => return false,
    };
    serde_json::to_value(known).is_ok_and(|known| is_within(spec, &known))
}

/// Whether every field that has a value is in the other value too.
fn is_within(value: &Value, other: &Value) -> bool {
    match (value, other) {
        (Value::Null, _) => true,
        (Value::Object(fields), _) => fields.iter().all(|(key, field)| is_within(field, &other[key])),
        (Value::Array(items), Value::Array(others)) => {
            items.len() == others.len()
                && items.iter().zip(others).all(|(item, other)| is_within(item, other))
        }
        (value, other) => value == other,
    }
}

/// A manifest of a policy; None if no kind above is such.
pub(crate) fn write(policy: &Unevaluated, number: usize) -> Option<Value> {
    let in_namespace = |namespace| KINDS.into_iter().find(|kind| kind.policy(namespace) == *policy);
    let (kind, namespace) = match &policy.scope {
        Scope::Namespace(namespace) => (in_namespace(namespace)?, Some(namespace.as_str())),
        Scope::Everybody => {
            let kind = in_namespace(MESH_ROOT)?;
            (kind, (kind.extent != Extent::Everybody).then_some(MESH_ROOT))
        }
    };
    let mut metadata = json!({ "name": format!("unevaluated-{number}") });
    if let Some(namespace) = namespace {
        metadata["namespace"] = namespace.into();
    }
    let spec = match kind.effect {
        Joins => json!({ "podSelector": {}, "unknown": true }),
        Restricts | Overrides => json!({}),
    };
    let api_version = format!("{}/{}", kind.group, kind.version);
    Some(json!({ "apiVersion": api_version, "kind": kind.name, "metadata": metadata, "spec": spec }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_read_back() {
        for kind in KINDS {
            for namespace in ["red", MESH_ROOT] {
                let policy = kind.policy(namespace);
                let manifest = write(&policy, 0).expect("a kind for it");
                assert_eq!(read(&manifest), Some(policy), "{manifest}");
            }
        }
    }

    #[test]
    fn only_mistakes_make_a_network_policy_unreadable() {
        let policy = |spec: Value| json!({ "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "spec": spec });
        for spec in [
            json!(null),
            json!({}),
            json!({ "podSelector": {}, "ingress": [{ "ports": [] }, {}], "egress": null }),
        ] {
            assert_eq!(read(&policy(spec)), None);
        }
        for spec in [json!({ "ingres": [] }), json!({ "ingress": {} }), json!({ "ingress": [{ "to": [] }] })]
        {
            assert!(read(&policy(spec.clone())).is_some(), "{spec}");
        }
    }
}
