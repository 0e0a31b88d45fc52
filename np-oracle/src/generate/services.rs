//! Services: every way in which one can come by its endpoints, and ports that lead elsewhere in each of them.

use super::labels::{ASKED_OF_PODS, labels};
use super::policies::{PORT_NAMES, PORT_NUMBERS, protocol};
use crate::address::Family;
use crate::cluster::{Cluster, name_of, namespace_of};
use crate::facts::{internal_ips, pod_ips};
use k8s_openapi::api::core::v1::{
    EndpointAddress, EndpointPort as SubsetPort, EndpointSubset, Endpoints, ObjectReference, Service,
    ServicePort, ServiceSpec,
};
use k8s_openapi::api::discovery::v1::{Endpoint, EndpointConditions, EndpointPort, EndpointSlice};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use proptest::prelude::*;
use proptest::{collection, option, sample};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// What is drawn for a Service; numbers choose from what the cluster has.
#[derive(Clone, Debug)]
pub(crate) struct ServiceDraw {
    namespace: u8,
    kind: Kind,
    selector: Option<Selector>,
    ports: Vec<PortDraw>,
    publish_not_ready: bool,
    slices: Vec<SliceDraw>,
}

#[derive(Clone, Debug)]
enum Selector {
    Labels(BTreeMap<String, String>),
    /// One of the labels that a pod or workload has, in its namespace.
    OfOne(sample::Index, sample::Index),
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    ClusterIp,
    Headless,
    LoadBalancer,
    /// Another name for something.
    External(Alias),
}

#[derive(Clone, Copy, Debug)]
enum Alias {
    Host,
    /// A Service by its number, in its namespace if it is there already, and the end of the name.
    Service(u8, u8, &'static str),
}

/// A port's name, protocol, number and target.
type PortDraw = (Option<&'static str>, Option<String>, i32, Option<Target>);

#[derive(Clone, Copy, Debug)]
enum Target {
    Number(i32),
    Name(&'static str),
}

#[derive(Clone, Debug)]
struct SliceDraw {
    /// Whether it is in the older form.
    is_subset: bool,
    v6: bool,
    ports: Vec<(Option<&'static str>, Option<String>, i32)>,
    members: Vec<(Member, Option<bool>)>,
}

#[derive(Clone, Debug)]
enum Member {
    /// A pod, by its name too or by its address alone.
    Pod(sample::Index, bool),
    Node(sample::Index),
    /// An address of nobody.
    External(sample::Index),
}

/// Addresses that neither pods nor nodes have, by family.
const EXTERNAL: [[&str; 4]; 2] =
    [["8.8.4.4", "8.8.8.8", "203.0.113.77", "10.1.2.3"], ["2001:db8::99", "fd00:10::99", "8000::99", "::99"]];

/// A Service.
pub(crate) fn service() -> impl Strategy<Value = ServiceDraw> {
    let of_service = (0..4_u8, 0..4_u8, sample::select(&[".svc", ".svc.cluster.local"][..]));
    let alias = prop_oneof![
        1 => Just(Alias::Host),
        2 => of_service.prop_map(|(namespace, service, end)| Alias::Service(namespace, service, end)),
    ];
    let kind = prop_oneof![
        5 => Just(Kind::ClusterIp),
        2 => Just(Kind::Headless),
        1 => Just(Kind::LoadBalancer),
        2 => alias.prop_map(Kind::External),
    ];
    let any_index = any::<sample::Index>;
    let selector = prop_oneof![
        3 => (any_index(), any_index()).prop_map(|(one, label)| Selector::OfOne(one, label)),
        1 => labels(ASKED_OF_PODS).prop_map(Selector::Labels),
    ];
    let number = sample::select(&PORT_NUMBERS[..]);
    let name = sample::select(&PORT_NAMES[..]);
    let target = prop_oneof![
        number.clone().prop_map(Target::Number),
        name.clone().prop_map(Target::Name),
        name.clone().prop_map(Target::Name),
    ];
    let port = (option::of(name.clone()), protocol(), number.clone(), option::weighted(0.8, target));
    let slice_port = (option::of(name), protocol(), number);
    let member = prop_oneof![
        4 => (any_index(), any::<bool>()).prop_map(|(pod, named)| Member::Pod(pod, named)),
        1 => any_index().prop_map(Member::Node),
        1 => any_index().prop_map(Member::External),
    ];
    let members = collection::vec((member, option::of(prop::bool::weighted(0.7))), 0..4);
    let slice =
        (prop::bool::weighted(0.2), prop::bool::weighted(0.3), collection::vec(slice_port, 0..4), members)
            .prop_map(|(is_subset, v6, ports, members)| SliceDraw { is_subset, v6, ports, members });
    (
        0..4_u8,
        kind,
        option::weighted(0.8, selector),
        collection::vec(port, 0..4),
        prop::bool::weighted(0.2),
        prop_oneof![2 => Just(Vec::new()), 1 => collection::vec(slice, 1..3)],
    )
        .prop_map(|(namespace, kind, selector, ports, publish_not_ready, slices)| ServiceDraw {
            namespace,
            kind,
            selector,
            ports,
            publish_not_ready,
            slices,
        })
}

/// A Service's name, by its number.
fn service_name(number: u8) -> String {
    format!("s{number}")
}

impl ServiceDraw {
    /// Adds the Service, and what tells of its endpoints, to a cluster that has its pods and nodes.
    pub(crate) fn build(&self, number: u8, namespace: impl Fn(u8) -> String, cluster: &mut Cluster) {
        let of = namespace(self.namespace);
        let (of, selector) = match &self.selector {
            Some(selector) => {
                let (of, selector) = selector.build(of, cluster);
                (of, Some(selector))
            }
            None => (of, None),
        };
        let name = service_name(number);
        let metadata =
            ObjectMeta { name: Some(name.clone()), namespace: Some(of.clone()), ..ObjectMeta::default() };
        let ports = self.build_ports();
        let mut spec = ServiceSpec {
            ports: (!ports.is_empty()).then_some(ports),
            selector,
            publish_not_ready_addresses: self.publish_not_ready.then_some(true),
            ..ServiceSpec::default()
        };
        match self.kind {
            Kind::ClusterIp => {}
            Kind::Headless => spec.cluster_ip = Some("None".to_owned()),
            Kind::LoadBalancer => spec.type_ = Some("LoadBalancer".to_owned()),
            Kind::External(alias) => {
                spec.type_ = Some("ExternalName".to_owned());
                spec.external_name = Some(match alias {
                    Alias::Host => "host.example.com".to_owned(),
                    Alias::Service(its, service, end) => {
                        let there = cluster.services.get(usize::from(service));
                        let its = there.map_or(namespace(its), |one| namespace_of(&one.metadata).to_owned());
                        format!("{}.{its}{end}", service_name(service))
                    }
                });
            }
        }
        cluster.services.push(Service { metadata: metadata.clone(), spec: Some(spec), ..Service::default() });
        if matches!(self.kind, Kind::External(_)) {
            return;
        }
        let mut subsets = Vec::new();
        for (slice, at) in self.slices.iter().zip(0_u8..) {
            if slice.is_subset {
                subsets.push(slice.subset(cluster));
            } else {
                let labels = BTreeMap::from([("kubernetes.io/service-name".to_owned(), name.clone())]);
                let slice_name = Some(format!("{name}-{at}"));
                let metadata = ObjectMeta { name: slice_name, labels: Some(labels), ..metadata.clone() };
                let slice = slice.slice(metadata, cluster);
                cluster.slices.push(slice);
            }
        }
        if self.slices.iter().any(|slice| slice.is_subset) {
            subsets.retain(|subset| subset.addresses.is_some() || subset.not_ready_addresses.is_some());
            cluster.endpoints.push(Endpoints { metadata, subsets: Some(subsets) });
        }
    }

    /// Ports are unique by number and protocol and by name, and have names where there are several.
    fn build_ports(&self) -> Vec<ServicePort> {
        let (mut numbers, mut names) = (BTreeSet::new(), BTreeSet::new());
        let mut ports = Vec::new();
        for ((name, protocol, number, target), at) in self.ports.iter().zip(0_u8..) {
            if !numbers.insert((protocol.clone().unwrap_or_else(|| "TCP".to_owned()), *number)) {
                continue;
            }
            let is_alone = self.ports.len() == 1;
            let name = name.filter(|name| names.insert(*name)).map(str::to_owned);
            ports.push(ServicePort {
                name: name.or_else(|| (!is_alone).then(|| format!("other-{at}"))),
                port: *number,
                protocol: protocol.clone(),
                target_port: target.map(|target| match target {
                    Target::Number(number) => IntOrString::Int(number),
                    Target::Name(name) => IntOrString::String(name.to_owned()),
                }),
                ..ServicePort::default()
            });
        }
        if ports.is_empty() && matches!(self.kind, Kind::ClusterIp | Kind::LoadBalancer) {
            ports.push(ServicePort { port: 80, ..ServicePort::default() });
        }
        ports
    }
}

impl Selector {
    /// The namespace of a Service that was to be in this one, and its selector.
    fn build(&self, namespace: String, cluster: &Cluster) -> (String, BTreeMap<String, String>) {
        let (one, label) = match self {
            Self::Labels(labels) => return (namespace, labels.clone()),
            Self::OfOne(one, label) => (one, label),
        };
        let pods = cluster.live_pods();
        let pods =
            pods.map(|pod| (namespace_of(&pod.metadata), pod.metadata.labels.clone().unwrap_or_default()));
        let workloads = cluster.workloads.iter().map(|one| (one.namespace.as_str(), one.labels().known));
        let labelled: Vec<_> = pods.chain(workloads).filter(|(_, labels)| !labels.is_empty()).collect();
        let Some((of, labels)) = labelled.get(one.index(labelled.len().max(1))) else {
            return (namespace, BTreeMap::new());
        };
        let picked = labels.iter().nth(label.index(labels.len()));
        let picked = picked.map(|(key, value)| (key.clone(), value.clone()));
        ((*of).to_owned(), picked.into_iter().collect())
    }
}

impl SliceDraw {
    /// Ports of a slice are unique by name; one of them may have none.
    fn ports(&self) -> impl Iterator<Item = &(Option<&'static str>, Option<String>, i32)> {
        let mut names = BTreeSet::new();
        self.ports.iter().filter(move |(name, ..)| names.insert(*name))
    }

    /// The members, each with an address of the slice's family, a reference and whether it is ready.
    fn members(&self, cluster: &Cluster) -> Vec<(String, Option<ObjectReference>, Option<bool>)> {
        let family = if self.v6 { Family::V6 } else { Family::V4 };
        let of_family = |addresses: Vec<IpAddr>| {
            addresses.into_iter().find(|one| Family::of(*one) == family).map(|one| one.to_string())
        };
        let mut taken = BTreeSet::new();
        let mut members = Vec::new();
        for (member, ready) in &self.members {
            let (address, reference) = match member {
                Member::Pod(index, named) => {
                    let Some(pod) = cluster.pods.get(index.index(cluster.pods.len())) else { continue };
                    let reference = ObjectReference {
                        kind: Some("Pod".to_owned()),
                        name: Some(name_of(&pod.metadata).to_owned()),
                        namespace: Some(namespace_of(&pod.metadata).to_owned()),
                        ..ObjectReference::default()
                    };
                    let address = of_family(pod_ips(pod));
                    // A pod whose status does not show its address has one that its slice shows.
                    let hidden = || named.then(|| hidden(index.index(cluster.pods.len()), family));
                    (address.or_else(hidden), named.then_some(reference))
                }
                Member::Node(index) if !cluster.nodes.is_empty() => {
                    (of_family(internal_ips(index.get(&cluster.nodes))), None)
                }
                Member::Node(index) | Member::External(index) => {
                    (Some((*index.get(&EXTERNAL[usize::from(self.v6)])).to_owned()), None)
                }
            };
            if let Some(address) = address.filter(|address| taken.insert(address.clone())) {
                members.push((address, reference, *ready));
            }
        }
        members
    }

    fn slice(&self, metadata: ObjectMeta, cluster: &Cluster) -> EndpointSlice {
        let endpoint = |(address, target_ref, ready)| Endpoint {
            addresses: vec![address],
            conditions: Some(EndpointConditions { ready, ..EndpointConditions::default() }),
            target_ref,
            ..Endpoint::default()
        };
        let ports = self.ports().map(|(name, protocol, number)| EndpointPort {
            name: name.map(str::to_owned),
            port: Some(*number),
            protocol: protocol.clone(),
            ..EndpointPort::default()
        });
        EndpointSlice {
            address_type: if self.v6 { "IPv6" } else { "IPv4" }.to_owned(),
            endpoints: Some(self.members(cluster).into_iter().map(endpoint).collect()),
            metadata,
            ports: Some(ports.collect()),
        }
    }

    fn subset(&self, cluster: &Cluster) -> EndpointSubset {
        let address = |(ip, target_ref, _)| EndpointAddress { ip, target_ref, ..EndpointAddress::default() };
        let (ready, not_ready): (Vec<_>, Vec<_>) =
            self.members(cluster).into_iter().partition(|(_, _, ready)| ready.unwrap_or(true));
        let addresses = |members: Vec<_>| -> Option<Vec<_>> {
            (!members.is_empty()).then(|| members.into_iter().map(address).collect())
        };
        let is_alone = self.ports().count() == 1;
        let ports = self.ports().map(|(name, protocol, number)| SubsetPort {
            name: name.map(str::to_owned).or_else(|| (!is_alone).then(|| "other-0".to_owned())),
            port: *number,
            protocol: protocol.clone(),
            ..SubsetPort::default()
        });
        let ports: Vec<_> = ports.collect();
        EndpointSubset {
            addresses: addresses(ready),
            not_ready_addresses: addresses(not_ready),
            ports: (!ports.is_empty()).then_some(ports),
        }
    }
}

/// The address of a pod that its status does not show.
fn hidden(number: usize, family: Family) -> String {
    match family {
        Family::V4 => format!("10.99.0.{number}"),
        Family::V6 => format!("fd00:10:0:99::{number:x}"),
    }
}
