//! Labels by which np knows what is special: cluster DNS, and environments. Nothing is guessed from names.

use np_model::Model;
use np_model::addr::Families;
use np_model::conn::{ConnSet, Protocol};
use np_model::model::PodId;
use np_model::refine::Aligned;

use crate::diff::Change;

/// A label of the pods of cluster DNS, and the namespaces in which it means that; `*` is any value.
struct Dns {
    namespaces: &'static [&'static str],
    key: &'static str,
    value: &'static str,
}

/// Whose pods are cluster DNS.
const DNS: &[Dns] = &[
    // CoreDNS and kube-dns as kubeadm, k3s, RKE2 and most platforms install them.
    Dns { namespaces: &["kube-system"], key: "k8s-app", value: "kube-dns" },
    // CoreDNS under its own name, and its chart.
    Dns { namespaces: &["kube-system"], key: "k8s-app", value: "coredns" },
    Dns { namespaces: &["kube-system"], key: "app.kubernetes.io/name", value: "coredns" },
    // NodeLocal DNSCache (kubernetes/kubernetes `cluster/addons/dns/nodelocaldns`).
    Dns { namespaces: &["kube-system"], key: "k8s-app", value: "node-local-dns" },
    // The DNS operator of OpenShift.
    Dns { namespaces: &["openshift-dns"], key: "dns.operator.openshift.io/daemonset-dns", value: "*" },
];

/// The names that containers of those give their ports for questions.
const DNS_PORTS: &[&str] = &["dns", "dns-tcp", "dns-udp"];

/// Keys of labels of namespaces that name their environment, alone or behind a prefix: `example.com/env`.
const ENVIRONMENTS: &[&str] = &["environment", "env", "stage"];

/// The ports on which a pod answers for cluster DNS, 53 and those that it names so; `None` if it is no such pod.
fn dns_ports(model: &Model, pod: Option<PodId>) -> Option<ConnSet> {
    let pod = model.pod(pod?);
    let namespace = model.namespace(pod.namespace).name.as_str();
    let is_it = |dns: &Dns| {
        let value = pod.labels.known(dns.key);
        dns.namespaces.contains(&namespace)
            && value.is_some_and(|value| dns.value == "*" || value == dns.value)
    };
    if !DNS.iter().any(is_it) {
        return None;
    }
    let standard = [Protocol::Tcp, Protocol::Udp].map(|protocol| (protocol, 53));
    let named =
        pod.ports.iter().filter(|port| port.name.as_deref().is_some_and(|name| DNS_PORTS.contains(&name)));
    let ports = standard.into_iter().chain(named.map(|port| (port.protocol, port.port)));
    Some(ports.fold(ConnSet::none(), |all, (protocol, port)| {
        all.or(&ConnSet::ports(Families::BOTH, protocol, port, port))
    }))
}

/// Whether a change closes ports of cluster DNS among its destinations.
pub(super) fn closes_dns(models: [&Model; 2], change: &Change) -> bool {
    let lost = lost(change);
    !lost.is_empty() && change.to.pods.iter().any(|pod| is_dns_on(models, *pod, &lost))
}

/// What passed, or could, and no longer does for certain.
pub(super) fn lost(change: &Change) -> ConnSet {
    change.before.passes.minus(&change.after.passes).or(&change.closed())
}

/// Whether a pod is cluster DNS on some of these connections, in either model: one that loses the label was, too.
pub(super) fn is_dns_on(models: [&Model; 2], pod: Aligned<PodId>, connections: &ConnSet) -> bool {
    let sides = models.into_iter().zip(pod.sides());
    let mut ports = sides.filter_map(|(model, id)| dns_ports(model, id));
    ports.any(|ports| !connections.and(&ports).is_empty())
}

/// Whether the labels of two namespaces say that they are different environments: a key of the table that both have,
/// with different values.
pub(super) fn are_environments_apart(labels: &[(&str, &str)], others: &[(&str, &str)]) -> bool {
    let is_named = |key: &str| {
        let name = key.rsplit_once('/').map_or(key, |(_, name)| name);
        ENVIRONMENTS.contains(&name)
    };
    labels
        .iter()
        .any(|(key, value)| is_named(key) && others.iter().any(|(other, its)| key == other && value != its))
}

#[cfg(test)]
mod tests {
    use super::are_environments_apart;

    #[test]
    fn environments_by_labels_alone() {
        let apart = are_environments_apart;
        assert!(apart(&[("env", "prod")], &[("env", "dev")]));
        assert!(apart(&[("x.io/stage", "prod"), ("env", "a")], &[("env", "a"), ("x.io/stage", "dev")]));
        assert!(!apart(&[("env", "prod")], &[("env", "prod")]));
        assert!(!apart(&[("env", "prod")], &[("environment", "dev")]), "not the same key");
        assert!(!apart(&[("env", "prod")], &[]), "not known");
        assert!(!apart(&[("team", "a")], &[("team", "b")]));
    }
}
