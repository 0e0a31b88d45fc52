//! Whether two clusters that differ in their policies let the same through, cell by cell, by the judge.

use std::collections::BTreeSet;

use k8s_openapi::api::networking::v1::NetworkPolicy;
use np_oracle::{Cluster, End, Family, Point, Protocol, boundary_points};

use super::case::to_value;

/// A cell that differs, if one does.
pub(crate) fn difference(one: &Cluster, other: &Cluster) -> Option<String> {
    let texts =
        |cluster: &Cluster| cluster.policies.iter().map(|policy| to_value(policy).to_string()).collect();
    let (of_one, of_other): (BTreeSet<String>, BTreeSet<String>) = (texts(one), texts(other));
    // What a policy says concerns connections of the pods of its namespace.
    let is_changed = |policy: &&NetworkPolicy| {
        let text = to_value(policy).to_string();
        !of_one.contains(&text) || !of_other.contains(&text)
    };
    let policies = one.policies.iter().chain(&other.policies);
    let concerned: BTreeSet<&str> =
        policies.filter(is_changed).filter_map(|policy| policy.metadata.namespace.as_deref()).collect();
    let is_everyone = one.namespaces != other.namespaces;
    let is_concerned = |end: &End| match end {
        _ if is_everyone => true,
        End::Pod { namespace, .. } | End::Workload { namespace, .. } => {
            concerned.contains(namespace.as_str())
        }
        End::Node(_) | End::Address(_) => false,
    };
    let ends = ends(one, other);
    let ports: BTreeSet<u16> = boundary_points(one).into_iter().chain(boundary_points(other)).collect();
    for from in &ends {
        for to in &ends {
            if from == to || !(is_concerned(from) || is_concerned(to)) {
                continue;
            }
            let (Some(a), Some(b)) = (one.between(from, to), other.between(from, to)) else { continue };
            for protocol in Protocol::ALL {
                for port in ports.iter().copied() {
                    let point = Point { family: Family::V4, protocol, port };
                    let (a, b) =
                        (a.at(point).map(np_oracle::Bounds::pair), b.at(point).map(np_oracle::Bounds::pair));
                    if a != b {
                        return Some(format!("{from:?} to {to:?} at {point:?}: {a:?} became {b:?}"));
                    }
                }
            }
        }
    }
    None
}

/// Every workload, one pod of each that is made from the same, and addresses on both sides of every border.
fn ends(one: &Cluster, other: &Cluster) -> Vec<End> {
    let mut seen = BTreeSet::new();
    let mut ends: Vec<End> = one.workloads.iter().map(np_oracle::Workload::end).collect();
    for pod in &one.pods {
        let metadata = &pod.metadata;
        if seen.insert((&metadata.namespace, &metadata.labels)) {
            let name = |name: &Option<String>| name.clone().unwrap_or_default();
            ends.push(End::pod(&name(&metadata.namespace), &name(&metadata.name)));
        }
    }
    let addresses: BTreeSet<_> =
        one.external_addresses().into_iter().chain(other.external_addresses()).collect();
    ends.extend(addresses.into_iter().filter(std::net::IpAddr::is_ipv4).map(End::Address));
    ends
}
