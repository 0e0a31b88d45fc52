//! Policies that np meets but does not evaluate. They change what can be reached, so an answer
//! that left them out would be wrong: each is an error, never ignored.

use crate::diag::{Code, Diagnostic};

/// A policy kind of a group that np does not evaluate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unsupported {
    /// The API group; `*` is any.
    pub group: &'static str,
    /// The kind.
    pub kind: &'static str,
    /// Whose policy it is.
    pub product: &'static str,
}

/// Every such kind. The first that fits an object is the one that is meant.
pub const UNSUPPORTED: &[Unsupported] = &[
    entry("extensions", "NetworkPolicy", "the beta API of Kubernetes"),
    entry("projectcalico.org", "NetworkPolicy", "Calico"),
    entry("crd.projectcalico.org", "NetworkPolicy", "Calico"),
    entry("crd.antrea.io", "NetworkPolicy", "Antrea"),
    entry("*", "NetworkPolicy", "another API"),
    entry("cilium.io", "CiliumNetworkPolicy", "Cilium"),
    entry("cilium.io", "CiliumClusterwideNetworkPolicy", "Cilium"),
    entry("projectcalico.org", "GlobalNetworkPolicy", "Calico"),
    entry("crd.projectcalico.org", "GlobalNetworkPolicy", "Calico"),
    entry("policy.networking.k8s.io", "AdminNetworkPolicy", "the network policy API"),
    entry("policy.networking.k8s.io", "BaselineAdminNetworkPolicy", "the network policy API"),
    entry("policy.networking.k8s.io", "ClusterNetworkPolicy", "the network policy API"),
    entry("security.istio.io", "AuthorizationPolicy", "Istio"),
    entry("crd.antrea.io", "ClusterNetworkPolicy", "Antrea"),
    entry("k8s.ovn.org", "EgressFirewall", "OVN-Kubernetes"),
    entry("network.openshift.io", "EgressNetworkPolicy", "OpenShift SDN"),
    entry("policy.linkerd.io", "Server", "Linkerd"),
    entry("policy.linkerd.io", "ServerAuthorization", "Linkerd"),
    entry("policy.linkerd.io", "AuthorizationPolicy", "Linkerd"),
    entry("kuma.io", "MeshTrafficPermission", "Kuma"),
    entry("kuma.io", "TrafficPermission", "Kuma"),
    entry("consul.hashicorp.com", "ServiceIntentions", "Consul"),
    entry("k8s.cni.cncf.io", "MultiNetworkPolicy", "Multus"),
    entry("networking.gke.io", "FQDNNetworkPolicy", "GKE"),
    entry("networking.k8s.aws", "ApplicationNetworkPolicy", "Amazon EKS"),
    entry("networking.k8s.aws", "ClusterNetworkPolicy", "Amazon EKS"),
];

const fn entry(group: &'static str, kind: &'static str, product: &'static str) -> Unsupported {
    Unsupported { group, kind, product }
}

/// The entry for a kind of a group, if it is a policy that np does not evaluate.
pub fn find(group: &str, kind: &str) -> Option<&'static Unsupported> {
    let fits = |entry: &&Unsupported| entry.kind == kind && (entry.group == "*" || entry.group == group);
    UNSUPPORTED.iter().find(fits)
}

/// The kinds of policy there are.
pub(crate) fn kinds() -> impl Iterator<Item = &'static str> {
    UNSUPPORTED.iter().map(|entry| entry.kind).filter(|kind| kind.contains("Policy"))
}

impl Unsupported {
    /// What to say about an object of this kind.
    pub fn diagnostic(&self) -> Diagnostic {
        let message = format!("np does not evaluate {} of {}", self.kind, self.product);
        let problem = Diagnostic::error(Code::UnsupportedPolicy, message);
        match (self.kind, self.group) {
            ("NetworkPolicy", "extensions" | "*") => {
                problem.help("write `apiVersion: networking.k8s.io/v1`, the version that clusters serve")
            }
            _ => problem.help("leave it out to see what the NetworkPolicies alone allow"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{UNSUPPORTED, find};

    #[test]
    fn every_entry_is_found_as_itself() {
        for entry in UNSUPPORTED {
            assert_eq!(find(entry.group, entry.kind), Some(entry));
        }
        assert_eq!(find("networking.istio.io", "VirtualService"), None);
    }
}
