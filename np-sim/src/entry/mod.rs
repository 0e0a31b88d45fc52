//! Entry points: which pods are reached from outside the cluster, through what, on which ports.
//!
//! Ingresses, Gateways with their routes, Routes of OpenShift, and Services that are open to the
//! outside lead traffic to Services. In front of the first three stands a *controller*, whose pods
//! take the traffic and send it on, so that policies see the controller and not the client. An
//! [`Entry`] says where traffic is led, who sends it, and whether it arrives; what keeps it from
//! being led there at all is a [`Problem`].
//!
//! ```text
//!   ingress, gateway + attach, route, balancer   what leads where, one entry for each backend
//!   backend                                      the Service behind it, its endpoints and ports
//!   controller + known                           who sends: the pods of which controller
//!   judge                                        whether it arrives, one reading for each sender
//! ```

mod attach;
mod backend;
mod balancer;
mod controller;
mod gateway;
mod ingress;
mod judge;
mod known;
mod problem;
mod route;

use ipnet::IpNet;
use np_model::conn::ConnSet;
use np_model::facts::gateway::{BackendUse, ListenerProtocol, RouteKind};
use np_model::facts::{Gateway, PortRef};
use np_model::model::{PodId, ServiceId};
use np_model::origin::Location;

pub use controller::{Controllers, How, Sender, Unseen};
pub use judge::{Reading, Source};
pub use problem::{Problem, Refusal};

use crate::endpoint::Endpoint;
use crate::service::Services;
use crate::verdict::Verdict;

/// A way from outside the cluster to a backend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What leads there.
    pub way: Way,
    /// Where its backend is named; of an object that names none, where its own name stands.
    pub at: Option<Location>,
    /// The Service that it leads to, unless it is no Service, or nothing.
    pub backend: Option<Backend>,
    /// What the backend gets of the traffic.
    pub usage: BackendUse,
    /// Who sends the traffic to the backend.
    pub sender: Sender,
    /// What it is sent to; nothing if a problem is in the way.
    pub targets: Vec<Target>,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
}

/// What leads traffic into the cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// A path of an Ingress.
    Ingress {
        /// Its namespace.
        namespace: String,
        /// Its name.
        name: String,
        /// The host of the rule; `None` is every host.
        host: Option<String>,
        /// The path; `None` is every path.
        path: Option<String>,
        /// Whether it is the backend of everything that no rule matches.
        is_default: bool,
    },
    /// A route of Gateway API, attached to a listener.
    Gateway {
        /// The kind of the route.
        kind: RouteKind,
        /// Its namespace.
        namespace: String,
        /// Its name.
        name: String,
        /// The hosts that listener and route have in common; none is every host.
        hosts: Vec<String>,
        /// The listener; `None` if the route is attached to none of the parent that it names.
        listener: Option<ListenerAt>,
    },
    /// A Route of OpenShift.
    Route {
        /// Its namespace.
        namespace: String,
        /// Its name.
        name: String,
        /// Its host; `None` if the router chooses one.
        host: Option<String>,
    },
    /// A port of a Service that is open to the outside.
    Service {
        /// The Service.
        service: ServiceId,
        /// By what it is open.
        open: Open,
    },
}

/// A listener of a Gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListenerAt {
    /// The namespace of the Gateway.
    pub namespace: String,
    /// The name of the Gateway.
    pub gateway: String,
    /// The name of the listener.
    pub listener: String,
    /// Its port.
    pub port: u16,
    /// Its protocol.
    pub protocol: ListenerProtocol,
    /// Where the listener stands.
    pub at: Option<Location>,
}

/// By what a Service is open to the outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Open {
    /// A load balancer of the platform.
    LoadBalancer {
        /// Who may use it; empty: everyone.
        sources: Vec<IpNet>,
        /// Whether a port of every node leads there too, which `sources` say nothing about.
        has_node_ports: bool,
    },
    /// A port of every node; `None`: the cluster chooses one.
    NodePort(Option<u16>),
    /// Addresses that the nodes accept its traffic on.
    ExternalIps,
}

/// The Service that an entry leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backend {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// The port as the entry names it; `None` is every port.
    pub port: Option<PortRef>,
    /// The Service, if the input has it.
    pub service: Option<ServiceId>,
    /// Its ports that are meant, as positions in [`Service::ports`](np_model::facts::Service::ports).
    pub ports: Vec<usize>,
}

/// Endpoints behind an entry: pods of one workload that are sent traffic on the same ports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The workload, or the pod that belongs to none, the node, or the external address.
    pub endpoint: Endpoint,
    /// Its pods that are meant, ascending; none of nodes and addresses.
    pub pods: Vec<PodId>,
    /// The ports there, over both families.
    pub ports: ConnSet,
    /// Whether the traffic arrives, for each that may be sending it.
    pub readings: Vec<Reading>,
}

impl Target {
    /// Whether the traffic arrives, in one word: that of the readings if they agree, else unknown.
    /// A sender that the input does not show leaves it unknown unless nobody is let in, nodes
    /// included, as it may have egress policies, too.
    pub fn verdict(&self, sender: &Sender) -> Verdict {
        let is_unseen = matches!(sender, Sender::Unseen(_));
        let mut verdicts = self.readings.iter().map(|reading| reading.outcome.verdict());
        match verdicts.next() {
            Some(first)
                if verdicts.all(|other| other == first) && (!is_unseen || first == Verdict::Denied) =>
            {
                first
            }
            _ => Verdict::Unknown,
        }
    }
}

impl Entry {
    /// Whether it leads traffic anywhere.
    pub fn is_open(&self) -> bool {
        !self.problems.iter().any(Problem::is_in_the_way)
    }
}

impl ListenerAt {
    fn new(gateway: &Gateway, listener: &np_model::facts::gateway::Listener) -> Self {
        Self {
            namespace: gateway.namespace.clone(),
            gateway: gateway.name.clone(),
            listener: listener.name.clone(),
            port: listener.port,
            protocol: listener.protocol.clone(),
            at: listener.at,
        }
    }
}

/// Every entry of the input: those of Ingresses, of routes attached to Gateways, of Routes of
/// OpenShift, and of Services, each kind by namespace and name, and in the order written.
pub fn entries(services: &Services<'_>, controllers: &Controllers) -> Vec<Entry> {
    let mut backends = backend::Backends::new(services);
    let finder = controller::Finder::new(services.model(), controllers);
    let mut entries = Vec::new();
    ingress::add(&mut entries, &mut backends, &finder);
    gateway::add(&mut entries, &mut backends, &finder);
    route::add(&mut entries, &mut backends, &finder);
    balancer::add(&mut entries, &mut backends);
    entries
}
