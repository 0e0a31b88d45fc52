//! Services: which endpoints stand behind one, and where each of its ports leads.
//!
//! Policies see pods and target ports, after translation. The endpoints are those of the Service's
//! EndpointSlices where the input has any, as a cluster does it; else the pods that its selector
//! matches. A name of a target port means the first container port of that name in each pod, so
//! that one port of a Service can lead to another number in every pod.

mod ask;

use std::net::IpAddr;
use std::sync::OnceLock;

use np_model::Model;
use np_model::addr::{AddrSet, Families};
use np_model::conn::ConnSet;
use np_model::facts::{Address, EndpointSlice, Lookup, PortRef, Service, ServiceKind, ServicePort};
use np_model::model::{PodId, ServiceId, Whereabouts};
use rustc_hash::FxHashMap;

pub use ask::{Forward, ServiceError, ServiceReach};

use crate::endpoint::{Endpoint, External};

/// The Services of a model, ready to be asked about.
///
/// ```
/// use np_model::{Input, compile};
/// use np_sim::{Destination, Finder, Services, Verdict};
///
/// let mut input = Input::default();
/// input.text("web.yaml", br#"
/// {apiVersion: v1, kind: Pod, metadata: {name: client, namespace: shop}}
/// ---
/// {apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop, labels: {app: web}}}
/// ---
/// {apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop},
///  spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}}
/// ---
/// {apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: web, namespace: shop},
///  spec: {podSelector: {matchLabels: {app: web}}, ingress: [{ports: [{port: 8080}]}]}}
/// "#.to_vec());
/// let model = compile(input, &Default::default())?;
/// let (finder, services) = (Finder::new(&model, None), Services::new(&model));
/// let client = finder.find("shop/client")?;
/// let Destination::Service { id, .. } = finder.find_destination("shop/svc/web")? else { unreachable!() };
/// let answer = services.reach(&client, id, &["80".parse()?])?;
/// assert_eq!(answer.reach.verdict(), Verdict::Allowed); // 80 leads to 8080, which the policy opens
/// assert_eq!(answer.reach.asked.text(answer.reach.families), "tcp/8080");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Services<'m> {
    model: &'m Model,
    by_name: FxHashMap<(&'m str, &'m str), ServiceId>,
    /// By namespace and name of the Service.
    slices: FxHashMap<(&'m str, &'m str), Vec<&'m EndpointSlice>>,
    /// Made when the first slice is read: most questions never need it.
    members: OnceLock<Members<'m>>,
}

/// The pods and nodes that slices refer to.
#[derive(Debug)]
struct Members<'m> {
    pods: FxHashMap<(&'m str, &'m str), PodId>,
    by_address: FxHashMap<IpAddr, Endpoint>,
}

/// What stands behind a Service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Behind {
    /// How that is known.
    pub source: Source,
    /// The endpoints: pods, nodes (as pods on their network are seen) and external addresses.
    pub backends: Vec<Backend>,
}

/// How the endpoints of a Service are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Its selector matches pods, and the input has no EndpointSlices of it.
    Selector,
    /// The input has EndpointSlices (or Endpoints) of it.
    Slices,
    /// They are not: it has no selector, and the input has no EndpointSlices of it; or it is another
    /// name for a Service that the input does not have.
    Unseen,
    /// It is another name for this Service.
    Alias(ServiceId),
    /// It is another name for this host, whose addresses are unknown.
    Host(String),
}

/// One endpoint of a Service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backend {
    /// Who it is: a pod, a node, or external addresses.
    pub endpoint: Endpoint,
    /// By port of the Service, in their order: what it leads to here, over both families; nothing
    /// where the endpoint has no such port.
    pub targets: Vec<ConnSet>,
}

impl<'m> Members<'m> {
    /// Indexes pods and nodes; linear in both.
    fn of(model: &'m Model) -> Self {
        let mut pods = FxHashMap::default();
        let mut by_address = FxHashMap::default();
        let mut lives_at = |whereabouts: &Whereabouts, endpoint: Endpoint| {
            if let Whereabouts::At(ips) = whereabouts {
                by_address.extend(ips.iter().map(|ip| (ip.to_canonical(), endpoint.clone())));
            }
        };
        // A pod in the network of a node is at the node's addresses, if the node itself is not there to
        // be at them: whatever comes later wins, so the first of such pods comes last.
        let on_hosts: Vec<_> = model.pod_ids().filter(|id| model.pod(*id).host_network).collect();
        for id in on_hosts.into_iter().rev() {
            lives_at(&model.pod(id).whereabouts, Endpoint::Pod(id));
        }
        for id in model.pod_ids() {
            let pod = model.pod(id);
            if pod.template.is_none() {
                pods.insert((model.namespace(pod.namespace).name.as_str(), pod.name.as_str()), id);
            }
            if !pod.host_network {
                lives_at(&pod.whereabouts, Endpoint::Pod(id));
            }
        }
        for id in model.node_ids() {
            lives_at(&model.node(id).whereabouts, Endpoint::Node(id));
        }
        Self { pods, by_address }
    }
}

impl<'m> Services<'m> {
    /// Indexes the Services of a model; linear in Services and slices.
    pub fn new(model: &'m Model) -> Self {
        let named = |id: ServiceId| {
            let service = model.service(id);
            ((service.namespace.as_str(), service.name.as_str()), id)
        };
        let mut slices: FxHashMap<_, Vec<&EndpointSlice>> = FxHashMap::default();
        for slice in model.endpoint_slices() {
            if let Some(service) = &slice.service {
                slices.entry((slice.namespace.as_str(), service.as_str())).or_default().push(slice);
            }
        }
        let by_name = model.service_ids().map(named).collect();
        Self { model, by_name, slices, members: OnceLock::new() }
    }

    fn members(&self) -> &Members<'m> {
        self.members.get_or_init(|| Members::of(self.model))
    }

    /// The model they are of.
    pub fn model(&self) -> &'m Model {
        self.model
    }

    /// The Service of this namespace and name.
    pub fn find(&self, namespace: &str, name: &str) -> Option<ServiceId> {
        self.by_name.get(&(namespace, name)).copied()
    }

    /// What stands behind a Service; linear in its endpoints and the pods of the model.
    pub fn behind(&self, id: ServiceId) -> Behind {
        let service = self.model.service(id);
        if let ServiceKind::ExternalName(host) = &service.kind {
            let source = match in_cluster(host) {
                Some(of) => self.by_name.get(&of).map_or(Source::Unseen, |id| Source::Alias(*id)),
                None if may_be_in_cluster(host) => Source::Unseen,
                None => Source::Host(host.clone()),
            };
            return Behind { source, backends: Vec::new() };
        }
        if let Some(slices) = self.slices.get(&(service.namespace.as_str(), service.name.as_str())) {
            return Behind { source: Source::Slices, backends: self.of_slices(service, slices) };
        }
        match &service.selector {
            Some(_) => Behind { source: Source::Selector, backends: self.of_selector(service) },
            None => Behind { source: Source::Unseen, backends: Vec::new() },
        }
    }

    fn of_selector(&self, service: &Service) -> Vec<Backend> {
        let model = self.model;
        let is_here = |id: &PodId| model.namespace(model.pod(*id).namespace).name == service.namespace;
        let is_selected = |id: &PodId| {
            let labels = &model.pod(*id).labels;
            // A label that only the controller knows is that of some pod of the template.
            service.selector.iter().flatten().all(|(key, value)| match labels.get(key) {
                Lookup::Value(known) => known == value,
                Lookup::Unknown => true,
                Lookup::Absent => false,
            })
        };
        let pods = model.pod_ids().filter(is_here).filter(is_selected);
        let backend = |id| Backend {
            endpoint: Endpoint::Pod(id),
            targets: service.ports.iter().map(|port| self.target(id, port)).collect(),
        };
        pods.map(backend).collect()
    }

    /// Where a port of a Service leads in a pod.
    fn target(&self, pod: PodId, port: &ServicePort) -> ConnSet {
        let number = match &port.target {
            PortRef::Number(number) => Some(*number),
            PortRef::Name(name) => {
                let mut ports = self.model.pod(pod).ports.iter();
                let is_meant = |port: &&np_model::facts::ContainerPort| port.name.as_deref() == Some(name);
                ports
                    .by_ref()
                    .filter(is_meant)
                    .find(|other| other.protocol == port.protocol)
                    .map(|port| port.port)
            }
        };
        number.map_or_else(ConnSet::none, |number| {
            ConnSet::ports(Families::BOTH, port.protocol, number, number)
        })
    }

    fn of_slices(&self, service: &Service, slices: &[&EndpointSlice]) -> Vec<Backend> {
        let members = self.members();
        let mut backends: Vec<Backend> = Vec::new();
        // While no endpoint is ready, proxies keep sending to those that end and still serve; the
        // DNS of a headless Service does not name them.
        let has_ready = slices.iter().any(|slice| slice.endpoints.iter().any(|entry| entry.ready));
        let keeps_ending = !has_ready && service.kind != ServiceKind::Headless;
        for slice in slices {
            let targets: Vec<ConnSet> = service.ports.iter().map(|port| of_slice(slice, port)).collect();
            for entry in &slice.endpoints {
                let still_serves = keeps_ending && entry.serving && entry.terminating;
                if !entry.ready && !still_serves && !service.publish_not_ready_addresses {
                    continue;
                }
                let pod = entry
                    .pod
                    .as_ref()
                    .and_then(|pod| members.pods.get(&(pod.namespace.as_str(), pod.name.as_str())).copied());
                let mut endpoints: Vec<Endpoint> = match pod {
                    Some(pod) => vec![Endpoint::Pod(pod)],
                    None => entry.addresses.iter().filter_map(|address| self.at(address)).collect(),
                };
                endpoints.dedup();
                for endpoint in endpoints {
                    match backends.iter_mut().find(|backend| backend.endpoint == endpoint) {
                        Some(known) => {
                            for (all, more) in known.targets.iter_mut().zip(&targets) {
                                *all = all.or(more);
                            }
                        }
                        None => backends.push(Backend { endpoint, targets: targets.clone() }),
                    }
                }
            }
        }
        backends.sort_by(|a, b| a.endpoint.cmp(&b.endpoint));
        backends
    }

    /// Who is at an address: a pod, a node, else somebody outside the cluster.
    fn at(&self, address: &Address) -> Option<Endpoint> {
        let Address::Ip(ip) = address else { return None };
        let known = self.members().by_address.get(&ip.to_canonical()).cloned();
        known.or_else(|| {
            let external = External::new(self.model, ip.to_string(), &AddrSet::range(*ip, *ip));
            (!external.addresses.is_empty()).then_some(Endpoint::External(external))
        })
    }
}

/// The namespace and name of the Service that a host name means in the DNS of the cluster:
/// `name.namespace.svc`, with or without the domain behind it.
fn in_cluster(host: &str) -> Option<(&str, &str)> {
    let labels: Vec<&str> = host.trim_end_matches('.').split('.').collect();
    match labels[..] {
        [name, namespace, "svc"] | [name, namespace, "svc", "cluster", "local"] => Some((namespace, name)),
        _ => None,
    }
}

/// Whether a host name could be a Service's in a cluster whose domain is not the usual one, which the
/// input does not show.
fn may_be_in_cluster(host: &str) -> bool {
    host.split('.').nth(2) == Some("svc")
}

/// Where a port of a Service leads according to a slice: the slice's ports have the same name.
fn of_slice(slice: &EndpointSlice, port: &ServicePort) -> ConnSet {
    let same = slice.ports.iter().filter(|other| other.name == port.name && other.protocol == port.protocol);
    same.fold(ConnSet::none(), |set, other| {
        let (first, last) = other.port.map_or((1, u16::MAX), |number| (number, number));
        set.or(&ConnSet::ports(Families::BOTH, port.protocol, first, last))
    })
}
