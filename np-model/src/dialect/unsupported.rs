//! Policies that np meets but does not evaluate. They may change what can be reached, so an answer
//! that left them out would be wrong: what each may concern is unknown instead.

use std::fmt;
use std::str::FromStr;

use crate::diag::{Code, Diagnostic};
use crate::fields::near;
use crate::ir::{Effect, Scope};

/// A kind of policy that np does not evaluate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unsupported {
    /// The API group; `*` is any that is not of Kubernetes itself.
    pub group: &'static str,
    /// The kind; for `*NetworkPolicy`, any that ends so.
    pub kind: &'static str,
    /// Whose policy it is.
    pub product: &'static str,
    /// Whom it may concern.
    extent: Extent,
    /// What it may do to what NetworkPolicies say.
    pub effect: Effect,
    /// The directions that it may concern: egress, ingress.
    pub concerns: [bool; 2],
}

/// Whom the policies of a kind may concern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Extent {
    /// The pods of their namespace.
    Own,
    /// Those of their namespace; those of every namespace if they are in this one.
    OwnUnlessIn(&'static str),
    /// Everybody.
    All,
}

const BOTH: [bool; 2] = [true, true];
const EGRESS: [bool; 2] = [true, false];
const INGRESS: [bool; 2] = [false, true];

use Effect::{Overrides, Restricts};
use Extent::{All, Own, OwnUnlessIn};

/// The namespace whose policies Istio applies to every namespace (`MeshConfig.rootNamespace`).
const MESH: Extent = OwnUnlessIn("istio-system");

/// Every such kind. The first that fits an object is the one that is meant.
#[rustfmt::skip]
pub const UNSUPPORTED: &[Unsupported] = &[
    entry("projectcalico.org", "NetworkPolicy", "Calico", Own, Overrides, BOTH),
    entry("crd.projectcalico.org", "NetworkPolicy", "Calico", Own, Overrides, BOTH),
    entry("crd.antrea.io", "NetworkPolicy", "Antrea", Own, Overrides, BOTH),
    entry("*", "NetworkPolicy", "another API", All, Overrides, BOTH),
    entry("cilium.io", "CiliumNetworkPolicy", "Cilium", Own, Overrides, BOTH),
    entry("cilium.io", "CiliumClusterwideNetworkPolicy", "Cilium", All, Overrides, BOTH),
    entry("projectcalico.org", "GlobalNetworkPolicy", "Calico", All, Overrides, BOTH),
    entry("crd.projectcalico.org", "GlobalNetworkPolicy", "Calico", All, Overrides, BOTH),
    entry("projectcalico.org", "HostEndpoint", "Calico", All, Overrides, BOTH),
    entry("crd.projectcalico.org", "HostEndpoint", "Calico", All, Overrides, BOTH),
    entry("projectcalico.org", "Profile", "Calico", All, Overrides, BOTH),
    entry("crd.projectcalico.org", "Profile", "Calico", All, Overrides, BOTH),
    entry("policy.networking.k8s.io", "AdminNetworkPolicy", "the network policy API", All, Overrides, BOTH),
    entry("policy.networking.k8s.io", "BaselineAdminNetworkPolicy", "the network policy API", All, Restricts, BOTH),
    entry("policy.networking.k8s.io", "ClusterNetworkPolicy", "the network policy API", All, Overrides, BOTH),
    entry("security.istio.io", "AuthorizationPolicy", "Istio", MESH, Restricts, INGRESS),
    entry("security.istio.io", "PeerAuthentication", "Istio", MESH, Restricts, INGRESS),
    entry("networking.istio.io", "Sidecar", "Istio", MESH, Restricts, EGRESS),
    entry("crd.antrea.io", "ClusterNetworkPolicy", "Antrea", All, Overrides, BOTH),
    entry("k8s.ovn.org", "EgressFirewall", "OVN-Kubernetes", Own, Restricts, EGRESS),
    entry("k8s.ovn.org", "UserDefinedNetwork", "OVN-Kubernetes", Own, Restricts, BOTH),
    entry("k8s.ovn.org", "ClusterUserDefinedNetwork", "OVN-Kubernetes", All, Restricts, BOTH),
    entry("kubeovn.io", "Subnet", "Kube-OVN", All, Overrides, BOTH),
    entry("kubeovn.io", "SecurityGroup", "Kube-OVN", All, Overrides, BOTH),
    entry("kubeovn.io", "Vpc", "Kube-OVN", All, Restricts, BOTH),
    entry("network.openshift.io", "EgressNetworkPolicy", "OpenShift SDN", Own, Restricts, EGRESS),
    entry("policy.linkerd.io", "Server", "Linkerd", Own, Restricts, INGRESS),
    entry("policy.linkerd.io", "ServerAuthorization", "Linkerd", Own, Restricts, INGRESS),
    entry("policy.linkerd.io", "AuthorizationPolicy", "Linkerd", Own, Restricts, INGRESS),
    entry("policy.linkerd.io", "EgressNetwork", "Linkerd", OwnUnlessIn("linkerd-egress"), Restricts, EGRESS),
    entry("kuma.io", "Mesh", "Kuma", All, Restricts, BOTH),
    entry("kuma.io", "MeshPassthrough", "Kuma", All, Restricts, EGRESS),
    entry("kuma.io", "MeshTLS", "Kuma", All, Restricts, INGRESS),
    entry("kuma.io", "MeshTrafficPermission", "Kuma", All, Restricts, INGRESS),
    entry("kuma.io", "TrafficPermission", "Kuma", All, Restricts, INGRESS),
    entry("consul.hashicorp.com", "ServiceIntentions", "Consul", All, Restricts, INGRESS),
    entry("consul.hashicorp.com", "Mesh", "Consul", All, Restricts, EGRESS),
    entry("auth.consul.hashicorp.com", "TrafficPermissions", "Consul", All, Restricts, INGRESS),
    entry("access.smi-spec.io", "TrafficTarget", "a mesh with the Service Mesh Interface", All, Restricts, INGRESS),
    entry("k8s.cni.cncf.io", "MultiNetworkPolicy", "Multus", Own, Restricts, BOTH),
    entry("networking.gke.io", "FQDNNetworkPolicy", "GKE", Own, Overrides, EGRESS),
    entry("networking.k8s.aws", "ApplicationNetworkPolicy", "Amazon EKS", Own, Overrides, BOTH),
    entry("networking.k8s.aws", "ClusterNetworkPolicy", "Amazon EKS", All, Overrides, BOTH),
    entry("vpcresources.k8s.aws", "SecurityGroupPolicy", "Amazon EKS", Own, Restricts, BOTH),
    entry("crd.nsx.vmware.com", "SecurityPolicy", "NSX", Own, Overrides, BOTH),
    entry("nsx.vmware.com", "SecurityPolicy", "NSX", Own, Overrides, BOTH),
    entry("*", "*NetworkPolicy", "another API", All, Overrides, BOTH),
];

/// Kinds that are named as policies and decide nothing: Calico only counts what they would do.
const WITHOUT_EFFECT: &[&str] =
    &["StagedNetworkPolicy", "StagedGlobalNetworkPolicy", "StagedKubernetesNetworkPolicy"];

const fn entry(
    group: &'static str,
    kind: &'static str,
    product: &'static str,
    extent: Extent,
    effect: Effect,
    concerns: [bool; 2],
) -> Unsupported {
    Unsupported { group, kind, product, extent, effect, concerns }
}

/// The entry for a kind of a group, if it is a policy that np does not evaluate.
pub fn find(group: &str, kind: &str) -> Option<&'static Unsupported> {
    // What the groups of Kubernetes itself serve is known: those without a dot, and this one.
    if !group.contains('.') || group.eq_ignore_ascii_case("networking.k8s.io") {
        return None;
    }
    let fits = |entry: &&Unsupported| {
        let is_group = entry.group == "*" || entry.group == group;
        let is_kind = entry.kind.strip_prefix('*').map_or(entry.kind == kind, |end| kind.ends_with(end));
        is_group && is_kind
    };
    let is_calico = matches!(group, "projectcalico.org" | "crd.projectcalico.org");
    let is_staged = is_calico && WITHOUT_EFFECT.contains(&kind);
    UNSUPPORTED.iter().find(fits).filter(|_| !is_staged)
}

/// Whether some kind of policy is known to be of this group.
pub(crate) fn has_policies(group: &str) -> bool {
    UNSUPPORTED.iter().any(|entry| entry.group == group)
}

/// The group that is a typing error away from this one, if a kind of policy is of that group.
pub(crate) fn near_group(group: &str, kind: &str) -> Option<&'static str> {
    let groups: Vec<&'static str> =
        UNSUPPORTED.iter().filter(|entry| entry.kind == kind).map(|entry| entry.group).collect();
    near(group, &groups).filter(|meant| *meant != group)
}

/// Whether objects of this kind are policies, evaluated or not.
pub(crate) fn is_policy(group: &str, kind: &str) -> bool {
    kind == "NetworkPolicy" || find(group, kind).is_some()
}

/// The kinds of policy there are.
pub(crate) fn kinds() -> impl Iterator<Item = &'static str> {
    UNSUPPORTED.iter().map(|entry| entry.kind).filter(|kind| kind.contains("Policy") && !kind.contains('*'))
}

impl Unsupported {
    /// Whom a policy of this kind may concern that is in `namespace`, if it is in any.
    pub(crate) fn scope(&self, namespace: Option<&str>) -> Scope {
        match (self.extent, namespace) {
            (Own, Some(namespace)) => Scope::Namespace(namespace.to_owned()),
            (OwnUnlessIn(root), Some(namespace)) if namespace != root => {
                Scope::Namespace(namespace.to_owned())
            }
            (Own | OwnUnlessIn(_) | All, _) => Scope::Cluster,
        }
    }

    /// Whether its objects are in namespaces, as far as np knows.
    pub(crate) fn is_namespaced(&self) -> bool {
        self.extent != All
    }

    /// What to say about an object of this kind: an error if such a policy is not to be met.
    pub(crate) fn diagnostic(&self, kind: &str, is_error: bool) -> Diagnostic {
        let message = format!("np does not evaluate {kind} of {}", self.product);
        let alone = "to see what the NetworkPolicies alone allow, ignore the kind";
        if is_error {
            Diagnostic::error(Code::UnsupportedPolicy, message).help(alone)
        } else {
            let help = format!("answers that it may change are unknown; {alone}");
            Diagnostic::warning(Code::UnsupportedPolicy, message).help(help)
        }
    }
}

/// A kind of policy that is to be left out: what the others allow is then the answer.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IgnoredKind {
    /// The kind, in lower case.
    kind: String,
    /// The group, in lower case; `None` is any.
    group: Option<String>,
}

/// A text that names no kind of policy that could be ignored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownKind {
    text: String,
    meant: Option<&'static str>,
}

impl IgnoredKind {
    /// Whether it means a kind of a group.
    pub(crate) fn is(&self, group: &str, kind: &str) -> bool {
        kind.eq_ignore_ascii_case(&self.kind)
            && self.group.as_ref().is_none_or(|known| known.eq_ignore_ascii_case(group))
    }
}

/// Reads `CiliumNetworkPolicy` or `NetworkPolicy.projectcalico.org`; case does not matter.
impl FromStr for IgnoredKind {
    type Err = UnknownKind;

    fn from_str(text: &str) -> Result<Self, UnknownKind> {
        let lower = text.to_ascii_lowercase();
        let (kind, group) = match lower.split_once('.') {
            Some((kind, group)) => (kind, Some(group)),
            None => (lower.as_str(), None),
        };
        let is_known = !kind.contains('*')
            && (UNSUPPORTED.iter().any(|entry| entry.kind.eq_ignore_ascii_case(kind))
                || kind.ends_with("networkpolicy"));
        let is_own =
            kind == "networkpolicy" && group.is_none_or(|group| find(group, "NetworkPolicy").is_none());
        if is_known && !is_own {
            return Ok(Self { kind: kind.to_owned(), group: group.map(str::to_owned) });
        }
        let names: Vec<&'static str> = kinds().collect();
        Err(UnknownKind { text: text.to_owned(), meant: near(text, &names).filter(|_| !is_own) })
    }
}

impl fmt::Display for UnknownKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.meant {
            Some(meant) => write!(f, "`{}` is no kind of policy; did you mean {meant}?", self.text),
            None if self.text.to_ascii_lowercase().starts_with("networkpolicy") => f.write_str(
                "the NetworkPolicies of Kubernetes cannot be ignored; others are named with their group, \
                 such as NetworkPolicy.projectcalico.org",
            ),
            None => write!(
                f,
                "`{}` is no kind of policy; such as CiliumNetworkPolicy or NetworkPolicy.projectcalico.org",
                self.text
            ),
        }
    }
}

impl std::error::Error for UnknownKind {}

#[cfg(test)]
mod tests {
    use super::{IgnoredKind, Scope, UNSUPPORTED, find};

    #[test]
    fn every_entry_is_found_as_itself() {
        for entry in UNSUPPORTED {
            let (group, kind) = (entry.group.replace('*', "example.org"), entry.kind.replace('*', "Some"));
            assert_eq!(find(&group, &kind), Some(entry), "{kind}.{group}");
        }
        for name in UNSUPPORTED.iter().map(|entry| entry.group).filter(|group| *group != "*") {
            assert!(name.contains('.') && name != "networking.k8s.io", "{name} is of Kubernetes itself");
        }
        for (group, kind) in [
            ("networking.istio.io", "VirtualService"),
            ("networking.k8s.io", "NetworkPolicy"),
            ("Networking.k8s.io", "NetworkPolicy"),
            ("apps", "NetworkPolicy"),
            ("projectcalico.org", "StagedNetworkPolicy"),
        ] {
            assert_eq!(find(group, kind), None, "{kind}.{group}");
        }
    }

    /// Istio: "if set to the root namespace, the policy applies to all namespaces in the mesh".
    #[test]
    fn policies_of_the_mesh_root_concern_every_namespace() {
        let policy = find("security.istio.io", "AuthorizationPolicy").expect("an entry");
        assert_eq!(policy.scope(Some("shop")), Scope::Namespace("shop".into()));
        assert_eq!(policy.scope(Some("istio-system")), Scope::Cluster);
        // Linkerd: "the only exception is EgressNetworks created in the global egress namespace".
        let policy = find("policy.linkerd.io", "EgressNetwork").expect("an entry");
        assert_eq!(policy.scope(Some("shop")), Scope::Namespace("shop".into()));
        assert_eq!(policy.scope(Some("linkerd-egress")), Scope::Cluster);
    }

    /// Calico's staged policies decide nothing; of what another product calls so, nobody knows.
    #[test]
    fn only_calico_has_staged_policies() {
        assert_eq!(find("crd.projectcalico.org", "StagedGlobalNetworkPolicy"), None);
        assert!(find("example.org", "StagedNetworkPolicy").is_some());
        assert!(find("notprojectcalico.org", "StagedNetworkPolicy").is_some());
    }

    #[test]
    fn only_other_policies_can_be_ignored() {
        let ignored = |text: &str| text.parse::<IgnoredKind>();
        let cilium = ignored("ciliumnetworkpolicy").expect("a kind");
        assert!(cilium.is("cilium.io", "CiliumNetworkPolicy") && !cilium.is("", "NetworkPolicy"));
        let calico = ignored("NetworkPolicy.projectcalico.org").expect("a kind");
        assert!(
            calico.is("projectcalico.org", "NetworkPolicy")
                && !calico.is("networking.k8s.io", "NetworkPolicy")
        );
        for text in [
            "NetworkPolicy",
            "*NetworkPolicy",
            "networkpolicy.networking.k8s.io",
            "Deployment",
            "",
            "CiliumNetworkPolice",
        ] {
            assert!(ignored(text).is_err(), "{text}");
        }
    }
}
