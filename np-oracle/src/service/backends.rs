//! The endpoints of a Service, from its slices or its selector, and where a port of the Service leads at each.

use crate::cluster::{Cluster, End, name_of, namespace_of};
use crate::facts::{internal_ips, is_host_network, pod_ips};
use crate::labels::{Labels, Rest};
use crate::ports::{Protocol, is_sidecar};
use crate::truth::Truth;
use k8s_openapi::api::core::v1::{ContainerPort, ObjectReference, Pod, PodSpec, Service, ServicePort};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// One endpoint.
pub(crate) struct Backend<'a> {
    pub(crate) end: End,
    ports: Ports<'a>,
}

/// What tells where a port leads.
enum Ports<'a> {
    /// The containers of a pod.
    Pod(Option<&'a PodSpec>),
    /// The ports of a slice.
    Slice(Vec<SlicePort<'a>>),
}

#[derive(Clone)]
struct SlicePort<'a> {
    name: &'a str,
    protocol: Option<Protocol>,
    port: Option<i32>,
}

/// An EndpointSlice, or a subset of an Endpoints object, which says the same.
pub(crate) struct Slice<'a> {
    ports: Vec<SlicePort<'a>>,
    members: Vec<Member<'a>>,
}

struct Member<'a> {
    /// The first of its addresses: the others have no meaning.
    address: &'a str,
    target: Option<&'a ObjectReference>,
    ready: bool,
}

impl Backend<'_> {
    /// Where a port of the Service leads, if the endpoint has such a port.
    pub(crate) fn target(&self, port: &ServicePort) -> Option<(Protocol, u16)> {
        let protocol = Protocol::read(port.protocol.as_deref())?;
        let number = match (&self.ports, &port.target_port) {
            (Ports::Slice(ports), _) => {
                let name = port.name.as_deref().unwrap_or_default();
                ports.iter().find(|one| one.name == name && one.protocol == Some(protocol))?.port?
            }
            (Ports::Pod(_), None) => port.port,
            (Ports::Pod(_), Some(IntOrString::Int(number))) => *number,
            (Ports::Pod(spec), Some(IntOrString::String(name))) => port_named((*spec)?, name, protocol)?,
        };
        Some((protocol, u16::try_from(number).ok()?))
    }
}

/// The first port of a name and protocol, containers before sidecars.
fn port_named(spec: &PodSpec, name: &str, protocol: Protocol) -> Option<i32> {
    let sidecars = spec.init_containers.iter().flatten().filter(|one| is_sidecar(one));
    let mut ports = spec.containers.iter().chain(sidecars).flat_map(|one| one.ports.iter().flatten());
    let is_it = |port: &&ContainerPort| {
        port.name.as_deref() == Some(name) && Protocol::read(port.protocol.as_deref()) == Some(protocol)
    };
    ports.find(is_it).map(|port| port.container_port)
}

impl Cluster {
    /// The live pods that a Service selects, and the workloads whose pods it may.
    pub(crate) fn selected<'a>(
        &'a self,
        namespace: &'a str,
        selector: &BTreeMap<String, String>,
    ) -> impl Iterator<Item = Backend<'a>> {
        let selector = LabelSelector { match_labels: Some(selector.clone()), ..LabelSelector::default() };
        let on_workloads = selector.clone();
        let pods = self.live_pods().filter(move |pod| {
            let known = pod.metadata.labels.clone().unwrap_or_default();
            let labels = Labels { known, rest: Rest::Absent };
            namespace_of(&pod.metadata) == namespace && labels.match_selector(&selector) == Truth::Yes
        });
        // Whoever writes a label of a controller's into a selector means pods that have it.
        let workloads = self.workloads.iter().filter(move |one| {
            one.namespace == namespace && one.labels().match_selector(&on_workloads) > Truth::No
        });
        let of_pod = |pod: &'a Pod| Backend { end: end_of(pod), ports: Ports::Pod(pod.spec.as_ref()) };
        let templates =
            workloads.map(|one| Backend { end: one.end(), ports: Ports::Pod(one.template.spec.as_ref()) });
        pods.map(of_pod).chain(templates)
    }

    /// Every slice of a Service.
    pub(crate) fn slices_of(&self, service: &Service) -> Vec<Slice<'_>> {
        let (namespace, name) = (namespace_of(&service.metadata), name_of(&service.metadata));
        let mut slices = Vec::new();
        for one in &self.slices {
            let labels = one.metadata.labels.as_ref();
            let of = labels.and_then(|labels| labels.get("kubernetes.io/service-name"));
            if namespace_of(&one.metadata) != namespace || of.is_none_or(|of| of != name) {
                continue;
            }
            let ports = one.ports.iter().flatten().map(|port| SlicePort {
                name: port.name.as_deref().unwrap_or_default(),
                protocol: Protocol::read(port.protocol.as_deref()),
                port: port.port,
            });
            let members = one.endpoints.iter().flatten().filter_map(|member| {
                let conditions = member.conditions.as_ref();
                Some(Member {
                    address: member.addresses.first()?,
                    target: member.target_ref.as_ref(),
                    ready: conditions.and_then(|conditions| conditions.ready).unwrap_or(true),
                })
            });
            slices.push(Slice { ports: ports.collect(), members: members.collect() });
        }
        let is_it = |metadata| namespace_of(metadata) == namespace && name_of(metadata) == name;
        for one in self.endpoints.iter().filter(|one| is_it(&one.metadata)) {
            // An object without a subset says that there is no endpoint.
            slices.push(Slice { ports: Vec::new(), members: Vec::new() });
            for subset in one.subsets.iter().flatten() {
                let ports = subset.ports.iter().flatten().map(|port| SlicePort {
                    name: port.name.as_deref().unwrap_or_default(),
                    protocol: Protocol::read(port.protocol.as_deref()),
                    port: Some(port.port),
                });
                let ready = subset.addresses.iter().flatten().map(|one| (one, true));
                let not_ready = subset.not_ready_addresses.iter().flatten().map(|one| (one, false));
                let members = ready.chain(not_ready).map(|(one, ready)| Member {
                    address: &one.ip,
                    target: one.target_ref.as_ref(),
                    ready,
                });
                slices.push(Slice { ports: ports.collect(), members: members.collect() });
            }
        }
        slices
    }

    /// The endpoints of a slice that traffic is sent to.
    pub(crate) fn in_slice<'a>(&self, service: &Service, slice: &Slice<'a>) -> Vec<Backend<'a>> {
        let all = service.spec.as_ref().and_then(|spec| spec.publish_not_ready_addresses) == Some(true);
        let ready = slice.members.iter().filter(|member| all || member.ready);
        ready
            .filter_map(|member| {
                let end = member.target.and_then(|target| self.referred(service, target));
                let end = end.or_else(|| member.address.parse().ok().map(|address| self.at(address)))?;
                Some(Backend { end, ports: Ports::Slice(slice.ports.clone()) })
            })
            .collect()
    }

    /// The live pod that a reference names.
    fn referred(&self, service: &Service, target: &ObjectReference) -> Option<End> {
        let namespace = target.namespace.as_deref().unwrap_or(namespace_of(&service.metadata));
        let is_it = |pod: &&Pod| {
            namespace_of(&pod.metadata) == namespace && Some(name_of(&pod.metadata)) == target.name.as_deref()
        };
        let pod = self.live_pods().find(is_it).filter(|_| target.kind.as_deref() == Some("Pod"));
        pod.map(end_of)
    }

    /// Who has an address: a pod, a node, a pod in the network of a node that is not there, or nobody known.
    fn at(&self, address: IpAddr) -> End {
        let on_host = |pod: &Pod| is_host_network(pod.spec.as_ref());
        let own = self.live_pods().find(|pod| !on_host(pod) && pod_ips(pod).contains(&address));
        let node = self.nodes.iter().find(|node| internal_ips(node).contains(&address));
        let at_host = |pod: &&Pod| on_host(pod) && self.host_network_ips(pod).contains(&address);
        // Any of them would do: nothing but their names tells them apart.
        let host = self.live_pods().filter(at_host).min_by_key(|pod| end_of(pod));
        let node = node.map(|node| End::Node(name_of(&node.metadata).to_owned()));
        own.map(end_of).or(node).or(host.map(end_of)).unwrap_or(End::Address(address))
    }
}

fn end_of(pod: &Pod) -> End {
    End::pod(namespace_of(&pod.metadata), name_of(&pod.metadata))
}
