//! Services, as far as np needs them: the addresses that are theirs, and so nobody else's.
//!
//! Policies see the pods behind a Service, not the Service, so nothing else of it is a fact. A
//! Service is never wrong here: what cannot be read of it is left out.

use std::net::IpAddr;

use crate::load::node::{Node, Value};

/// A Service's addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// `metadata.namespace`, or the default that was assumed.
    pub namespace: String,
    /// `metadata.name`.
    pub name: String,
    /// `spec.clusterIPs`, `spec.clusterIP`, `spec.externalIPs`, and the addresses in
    /// `status.loadBalancer.ingress`.
    pub ips: Vec<IpAddr>,
}

impl Service {
    /// Reads a Service; `None` if it has no name.
    pub(crate) fn read(object: &Node<'_>, default_namespace: &str) -> Option<Self> {
        let metadata = object.get("metadata")?;
        let name = metadata.get("name")?.as_str()?.to_owned();
        let namespace =
            metadata.get("namespace").and_then(Node::as_str).unwrap_or(default_namespace).to_owned();
        let spec = object.get("spec");
        let of_spec = |key: &str| spec.and_then(|spec| spec.get(key));
        let lists = [of_spec("clusterIPs"), of_spec("externalIPs")];
        let listed = lists.into_iter().flatten().flat_map(items).filter_map(Node::as_str);
        let entries = object.get("status").and_then(|status| status.get("loadBalancer"));
        let entries = entries.and_then(|balancer| balancer.get("ingress")).map(items).unwrap_or_default();
        let balanced = entries.iter().filter_map(|entry| entry.get("ip")?.as_str());
        let texts = of_spec("clusterIP").and_then(Node::as_str).into_iter().chain(listed).chain(balanced);
        let mut ips: Vec<IpAddr> = texts.filter_map(|text| text.parse().ok()).collect();
        ips.sort_unstable();
        ips.dedup();
        Some(Self { namespace, name, ips })
    }
}

fn items<'n, 'a>(node: &'n Node<'a>) -> &'n [Node<'a>] {
    match &node.value {
        Value::Seq(items) => items,
        _ => &[],
    }
}
