//! Services that are open to the outside themselves: through a load balancer, on a port of every
//! node, or on addresses that the nodes accept.
//!
//! Nobody stands in front of them. The pods see the client, or, where a node passes the traffic on
//! to a pod of another one (`externalTrafficPolicy: Cluster`), the node that took it.

use np_model::facts::gateway::BackendUse;
use np_model::facts::{ServiceKind, TrafficPolicy};

use super::backend::{Asked, Backends, Named};
use super::controller::Sender;
use super::{Entry, Open, Way};

/// Adds an entry for each port of each such Service.
pub(super) fn add(entries: &mut Vec<Entry>, backends: &mut Backends<'_, '_>) {
    let model = backends.model();
    for id in model.service_ids() {
        let service = model.service(id);
        let by_node = service.external_traffic == TrafficPolicy::Cluster;
        for (port, at) in service.ports.iter().zip(0..) {
            let of_type = match service.kind {
                ServiceKind::LoadBalancer => Some(Open::LoadBalancer {
                    sources: service.load_balancer_source_ranges.clone(),
                    has_node_ports: service.allocates_node_ports,
                }),
                ServiceKind::NodePort => Some(Open::NodePort(port.node_port)),
                ServiceKind::ClusterIp | ServiceKind::Headless | ServiceKind::ExternalName(_) => None,
            };
            let of_addresses = (!service.external_ips.is_empty()).then_some(Open::ExternalIps);
            for open in of_type.into_iter().chain(of_addresses) {
                let sources = match &open {
                    // The ranges say nothing about the node ports behind the load balancer.
                    Open::LoadBalancer { sources, has_node_ports: false } => sources.clone(),
                    _ => Vec::new(),
                };
                let sender = Sender::Outside { product: None, direct: true, by_node, sources };
                let to = Named {
                    namespace: &service.namespace,
                    name: &service.name,
                    port: Asked::At(at),
                    usage: BackendUse::Forward,
                    at: port.at,
                };
                entries.push(backends.entry(Way::Service { service: id, open }, &to, &sender, Vec::new()));
            }
        }
    }
}
