//! What an entry leads to: the Service, the ports of it that are meant, and the endpoints there.

use std::rc::Rc;

use np_model::Model;
use np_model::addr::Families;
use np_model::conn::{ConnSet, Protocol};
use np_model::facts::gateway::BackendUse;
use np_model::facts::{PortRef, Service, ServiceKind};
use np_model::model::{PodId, ServiceId};
use np_model::origin::Location;
use rustc_hash::FxHashMap;

use super::controller::Sender;
use super::judge::Judge;
use super::{Backend, Entry, Problem, Way};
use crate::endpoint::Endpoint;
use crate::service::{Behind, Services, Source};

/// The Services behind entries, each looked up once.
pub(super) struct Backends<'s, 'm> {
    services: &'s Services<'m>,
    behind: FxHashMap<ServiceId, Rc<Behind>>,
    judge: Judge<'m>,
}

/// Which ports of a Service an entry means.
pub(super) enum Asked<'a> {
    /// The one of this number or name.
    Service(Option<&'a PortRef>, Protocol),
    /// Those that lead to this port of the endpoints, or have this name; without one, all. Routers
    /// of OpenShift look the port up among those of the endpoints, and carry TCP alone.
    Endpoints(Option<&'a PortRef>),
    /// The one at this position.
    At(usize),
}

/// A Service as an entry names it.
pub(super) struct Named<'a> {
    pub(super) namespace: &'a str,
    pub(super) name: &'a str,
    pub(super) port: Asked<'a>,
    pub(super) usage: BackendUse,
    pub(super) at: Option<Location>,
}

impl<'s, 'm> Backends<'s, 'm> {
    pub(super) fn new(services: &'s Services<'m>) -> Self {
        Self { services, behind: FxHashMap::default(), judge: Judge::new(services.model()) }
    }

    pub(super) fn model(&self) -> &'m Model {
        self.services.model()
    }

    /// The entry that leads to a Service, with what is wrong so far.
    pub(super) fn entry(
        &mut self,
        way: Way,
        to: &Named<'_>,
        sender: &Sender,
        mut problems: Vec<Problem>,
    ) -> Entry {
        let service = self.services.find(to.namespace, to.name);
        let mut backend = Backend {
            namespace: to.namespace.to_owned(),
            name: to.name.to_owned(),
            port: match to.port {
                Asked::Service(port, _) | Asked::Endpoints(port) => port.cloned(),
                Asked::At(_) => None,
            },
            service,
            ports: Vec::new(),
        };
        let targets = if let Some(id) = service {
            self.targets(id, &to.port, &mut backend, &mut problems)
        } else {
            problems.push(Problem::NoService { elsewhere: self.elsewhere(to.name) });
            Vec::new()
        };
        let mut entry = Entry {
            way,
            at: to.at,
            backend: Some(backend),
            usage: to.usage,
            sender: sender.clone(),
            targets: Vec::new(),
            problems,
        };
        if entry.is_open() {
            entry.targets = targets
                .into_iter()
                .map(|(endpoint, pods, ports)| self.judge.target(sender, endpoint, pods, ports))
                .collect();
        }
        entry
    }

    /// An entry that leads to no Service.
    pub(super) fn nowhere(way: Way, at: Option<Location>, sender: &Sender, problems: Vec<Problem>) -> Entry {
        let (usage, sender) = (BackendUse::Forward, sender.clone());
        Entry { way, at, backend: None, usage, sender, targets: Vec::new(), problems }
    }

    fn elsewhere(&self, name: &str) -> Vec<String> {
        let same = self.model().services().iter().filter(|service| service.name == name);
        same.map(|service| service.namespace.clone()).collect()
    }

    /// The endpoints behind the ports that are meant, joined by workload and ports.
    fn targets(
        &mut self,
        id: ServiceId,
        asked: &Asked<'_>,
        backend: &mut Backend,
        problems: &mut Vec<Problem>,
    ) -> Vec<(Endpoint, Vec<PodId>, ConnSet)> {
        let (services, model) = (self.services, self.model());
        let service = model.service(id);
        let behind = self.behind.entry(id).or_insert_with(|| Rc::new(services.behind(id))).clone();
        match &behind.source {
            Source::Alias(other) => problems.push(Problem::ExternalName(model.service_name(*other))),
            Source::Host(host) => problems.push(Problem::ExternalName(host.clone())),
            Source::Unseen => problems.push(Problem::UnseenEndpoints),
            Source::Selector | Source::Slices if behind.backends.is_empty() => {
                problems.push(Problem::NoEndpoints);
            }
            Source::Selector | Source::Slices => {}
        }
        let (ports, only) = meant(service, asked, &behind);
        backend.ports = ports;
        let is_nameless = matches!(service.kind, ServiceKind::ExternalName(_));
        if let (true, false, Some(port)) = (backend.ports.is_empty(), is_nameless, &backend.port) {
            let is_known = matches!(asked, Asked::Service(..)) || !behind.backends.is_empty();
            problems.extend(is_known.then(|| Problem::NoSuchPort(port.clone())));
            return Vec::new();
        }
        let mut targets: Vec<(Endpoint, Vec<PodId>, ConnSet)> = Vec::new();
        let mut without = Vec::new();
        for one in &behind.backends {
            let all = backend.ports.iter().fold(ConnSet::none(), |set, port| set.or(&one.targets[*port]));
            let set = only.as_ref().map_or(all.clone(), |only| all.and(only));
            let (endpoint, pod) = match &one.endpoint {
                Endpoint::Pod(pod) => {
                    (model.pod(*pod).workload.map_or(one.endpoint.clone(), Endpoint::Workload), Some(*pod))
                }
                other => (other.clone(), None),
            };
            if set.is_empty() {
                without.extend(pod);
                continue;
            }
            match targets.iter_mut().find(|(known, _, ports)| *known == endpoint && *ports == set) {
                Some((_, pods, _)) => pods.extend(pod),
                None => targets.push((endpoint, pod.into_iter().collect(), set)),
            }
        }
        if !without.is_empty() {
            problems.push(Problem::NoTargetPort(without));
        }
        targets
    }
}

/// The ports of a Service that are meant, and of the endpoints' ports those alone, if not all.
fn meant(service: &Service, asked: &Asked<'_>, behind: &Behind) -> (Vec<usize>, Option<ConnSet>) {
    let of = |protocol: Protocol, is_meant: &dyn Fn(usize) -> bool| -> Vec<usize> {
        let all = 0..service.ports.len();
        all.filter(|at| service.ports[*at].protocol == protocol && is_meant(*at)).collect()
    };
    let named = |at: usize, port: &PortRef| match port {
        PortRef::Number(number) => service.ports[at].port == *number,
        PortRef::Name(name) => service.ports[at].name == *name,
    };
    match asked {
        Asked::At(at) => (vec![*at], None),
        Asked::Service(port, protocol) => {
            (of(*protocol, &|at| port.is_some_and(|port| named(at, port))), None)
        }
        Asked::Endpoints(Some(PortRef::Number(number))) => {
            let only = ConnSet::ports(Families::BOTH, Protocol::Tcp, *number, *number);
            let leads = |at: usize| behind.backends.iter().any(|one| !one.targets[at].and(&only).is_empty());
            (of(Protocol::Tcp, &leads), Some(only))
        }
        Asked::Endpoints(Some(name)) => (of(Protocol::Tcp, &|at| named(at, name)), None),
        Asked::Endpoints(None) => (of(Protocol::Tcp, &|_| true), None),
    }
}
