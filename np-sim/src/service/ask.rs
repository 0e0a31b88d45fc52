//! Whether an endpoint reaches a Service: the question on the Service's ports becomes one on the
//! target ports of the endpoints behind it.

use std::fmt;

use np_model::addr::Families;
use np_model::conn::{AskedPort, ConnSet};
use np_model::facts::{PortRef, Service, ServiceKind};
use np_model::model::ServiceId;

use super::{Backend, Behind, Services, Source};
use crate::endpoint::{Endpoint, External};
use crate::members::{Part, divide};
use crate::reach::{Reach, ReachError, answer, merge, union_families};
use crate::verdict::Outcome;

/// How many Services an alias may lead through.
const ALIASES: usize = 8;

/// The answer to a question about a Service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceReach {
    /// The Service that was asked about; then, where that is another name, each that it leads to.
    pub services: Vec<ServiceId>,
    /// How the endpoints of the last one are known.
    pub source: Source,
    /// The ports that were asked about, in the Service's order; none if it does not translate.
    pub forwards: Vec<Forward>,
    /// What reaches the endpoints, on their target ports. Without endpoints there are no pairs,
    /// and what was asked is blocked; or open, where the endpoints are not known.
    pub reach: Reach,
}

/// Where a port of a Service leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forward {
    /// The port, as a position in [`Service::ports`].
    pub port: usize,
    /// What it leads to, each with how many endpoints that have it.
    pub targets: Vec<(ConnSet, usize)>,
    /// How many endpoints have no such port.
    pub without: usize,
}

/// A question about a Service that has no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServiceError {
    /// The Service has no such port.
    NoSuchPort {
        /// The full name of the Service.
        service: String,
        /// What was asked for, in np's notation.
        asked: String,
        /// The ports that it has, each with its name if it has one.
        ports: Vec<String>,
        /// The port of the Service that leads to what was asked for.
        leads_here: Option<u16>,
    },
    /// Its names lead in a circle.
    Circle(String),
    /// As for any destination.
    Reach(ReachError),
}

impl fmt::Display for ServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSuchPort { service, asked, ports, leads_here } => {
                write!(f, "`{service}` has no port {asked}; its ports are {}", ports.join(", "))?;
                match leads_here {
                    Some(port) => write!(f, "; {asked} is where its port {port} leads"),
                    None => Ok(()),
                }
            }
            Self::Circle(service) => write!(f, "`{service}` is a name that leads back to itself"),
            Self::Reach(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ServiceError {}

impl Services<'_> {
    /// Whether `from` reaches a Service on its ports `asked`; without any port, on all of them.
    ///
    /// A headless Service does not translate: its name gives the addresses of its pods, so numbers
    /// are ports of the pods, and only a name means a port of the Service.
    ///
    /// # Errors
    /// [`ServiceError`] if the question has no answer.
    pub fn reach(
        &self,
        from: &Endpoint,
        service: ServiceId,
        asked: &[AskedPort],
    ) -> Result<ServiceReach, ServiceError> {
        let mut services = vec![service];
        let mut behind = self.behind(service);
        while let Source::Alias(next) = behind.source {
            if services.contains(&next) || services.len() > ALIASES {
                return Err(ServiceError::Circle(self.model.service_name(service)));
            }
            services.push(next);
            behind = self.behind(next);
        }
        let last = services[services.len() - 1];
        let (reach, forwards) = self.reach_behind(from, last, &behind, asked)?;
        Ok(ServiceReach { services, source: behind.source, forwards, reach })
    }

    fn reach_behind(
        &self,
        from: &Endpoint,
        id: ServiceId,
        behind: &Behind,
        asked: &[AskedPort],
    ) -> Result<(Reach, Vec<Forward>), ServiceError> {
        let service = self.model.service(id);
        if let Source::Host(_) = &behind.source {
            return Ok((self.reach_host(from, asked)?, Vec::new()));
        }
        // A name for a Service that nobody sees has no ports of its own either.
        let is_direct = matches!(service.kind, ServiceKind::Headless | ServiceKind::ExternalName(_));
        let ports = self.ports(id, behind, asked, is_direct)?;
        let direct = direct(asked, is_direct);
        let forwards = ports.iter().map(|port| forward(*port, behind)).collect();
        // What is asked of each endpoint.
        let mut destinations: Vec<(Vec<Endpoint>, ConnSet)> = Vec::new();
        for Backend { endpoint, targets } in &behind.backends {
            let meant = ports.iter().fold(direct.clone(), |set, port| set.or(&targets[*port]));
            if meant.is_empty() {
                continue;
            }
            match destinations.iter_mut().find(|(_, set)| *set == meant) {
                Some((same, _)) => same.push(endpoint.clone()),
                None => destinations.push((vec![endpoint.clone()], meant)),
            }
        }
        if matches!(from, Endpoint::External(_)) && !destinations.is_empty() {
            let is_inside = |endpoint: &Endpoint| !matches!(endpoint, Endpoint::External(_));
            for (endpoints, _) in &mut destinations {
                endpoints.retain(is_inside);
            }
            destinations.retain(|(endpoints, _)| !endpoints.is_empty());
            if destinations.is_empty() {
                return Err(ServiceError::Reach(ReachError::BothExternal));
            }
        }
        let sources = divide(self.model, from);
        if sources.is_empty() {
            return Err(ServiceError::Reach(ReachError::NoMembers(from.name(self.model))));
        }
        self.leave_out_unmet(&sources, &mut destinations);
        if destinations.is_empty() {
            let all = ports.iter().fold(direct, |set, port| set.or(&own(service, *port)));
            let families = union_families(self.model, &sources);
            return Ok((nobody(all.within(families), families, behind.source == Source::Unseen), forwards));
        }
        // A node and a pod on its network may share a class, and are two ends all the same.
        let divided = |endpoints: &[Endpoint]| {
            let those = |are_nodes: bool| {
                let same = endpoints.iter().filter(|one| matches!(one, Endpoint::Node(_)) == are_nodes);
                merge(same.flat_map(|endpoint| divide(self.model, endpoint)).collect())
            };
            [those(false), those(true)].concat()
        };
        let destinations: Vec<_> =
            destinations.iter().map(|(endpoints, set)| (divided(endpoints), set.clone())).collect();
        Ok((answer(self.model, &sources, &destinations), forwards))
    }

    /// Leaves out addresses of families that the source lacks, unless nothing else is left: as of a
    /// range of addresses, whichever ports lead to them.
    fn leave_out_unmet(&self, sources: &[Part], destinations: &mut Vec<(Vec<Endpoint>, ConnSet)>) {
        let families = union_families(self.model, sources);
        let is_met = |endpoint: &Endpoint| {
            !union_families(self.model, &divide(self.model, endpoint)).and(families).is_empty()
        };
        if !destinations.iter().flat_map(|(endpoints, _)| endpoints).any(is_met) {
            return;
        }
        for (endpoints, _) in destinations.iter_mut() {
            endpoints.retain(|endpoint| !matches!(endpoint, Endpoint::External(_)) || is_met(endpoint));
        }
        destinations.retain(|(endpoints, _)| !endpoints.is_empty());
    }

    /// The ports of a Service that a question is about, as positions.
    fn ports(
        &self,
        id: ServiceId,
        behind: &Behind,
        asked: &[AskedPort],
        is_headless: bool,
    ) -> Result<Vec<usize>, ServiceError> {
        let service = self.model.service(id);
        let all = 0..service.ports.len();
        if asked.is_empty() {
            return Ok(if is_headless { Vec::new() } else { all.collect() });
        }
        let mut found: Vec<usize> = Vec::new();
        for port in asked {
            let meant: Vec<usize> = match port {
                AskedPort::Connections(_) if is_headless => continue,
                AskedPort::Connections(set) => {
                    all.clone().filter(|at| !own(service, *at).and(set).is_empty()).collect()
                }
                AskedPort::Named(name) => all.clone().filter(|at| service.ports[*at].name == *name).collect(),
            };
            if meant.is_empty() {
                return Err(self.no_such_port(id, behind, port));
            }
            found.extend(meant);
        }
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }

    fn no_such_port(&self, id: ServiceId, behind: &Behind, asked: &AskedPort) -> ServiceError {
        let service = self.model.service(id);
        let leads_here = |at: &usize| match asked {
            AskedPort::Connections(set) => {
                behind.backends.iter().any(|backend| !backend.targets[*at].and(set).is_empty())
            }
            AskedPort::Named(name) => service.ports[*at].target == PortRef::Name(name.clone()),
        };
        ServiceError::NoSuchPort {
            service: self.model.service_name(id),
            asked: match asked {
                AskedPort::Connections(set) => set.text(Families::BOTH),
                AskedPort::Named(name) => name.clone(),
            },
            ports: service
                .ports
                .iter()
                .map(|port| {
                    let number = format!("{}/{}", port.protocol.name(), port.port);
                    if port.name.is_empty() { number } else { format!("{number} ({})", port.name) }
                })
                .collect(),
            leads_here: (0..service.ports.len()).find(leads_here).map(|at| service.ports[at].port),
        }
    }

    /// Some addresses outside the cluster, nobody knows which: what does not hold for all of them
    /// is open.
    fn reach_host(&self, from: &Endpoint, asked: &[AskedPort]) -> Result<Reach, ServiceError> {
        let to = Endpoint::External(External::everything(self.model));
        let reach = crate::reach::reach(self.model, from, &to, asked).map_err(ServiceError::Reach)?;
        let one = |outcome: &Outcome| {
            let (passes, possible) = (outcome.every(), outcome.passes.or(&outcome.open));
            Outcome { open: possible.minus(&passes), blocked: outcome.blocked.minus(&possible), passes }
        };
        Ok(Reach {
            outcome: one(&reach.outcome),
            egress: one(&reach.egress),
            ingress: one(&reach.ingress),
            ..reach
        })
    }
}

/// What is asked of pods without translation: the numbers asked of a headless Service.
fn direct(asked: &[AskedPort], is_headless: bool) -> ConnSet {
    if !is_headless {
        return ConnSet::none();
    }
    if asked.is_empty() {
        return ConnSet::all(Families::BOTH);
    }
    asked.iter().fold(ConnSet::none(), |set, port| match port {
        AskedPort::Connections(connections) => set.or(connections),
        AskedPort::Named(_) => set,
    })
}

/// A port of a Service as connections to the Service itself.
fn own(service: &Service, port: usize) -> ConnSet {
    let port = &service.ports[port];
    ConnSet::ports(Families::BOTH, port.protocol, port.port, port.port)
}

fn forward(port: usize, behind: &Behind) -> Forward {
    let mut forward = Forward { port, targets: Vec::new(), without: 0 };
    for backend in &behind.backends {
        let target = &backend.targets[port];
        if target.is_empty() {
            forward.without += 1;
            continue;
        }
        match forward.targets.iter_mut().find(|(known, _)| known == target) {
            Some((_, count)) => *count += 1,
            None => forward.targets.push((target.clone(), 1)),
        }
    }
    forward
}

/// The answer where nobody is behind a Service, or nobody knows who.
fn nobody(asked: ConnSet, families: Families, is_unseen: bool) -> Reach {
    let none = ConnSet::none();
    let outcome = Outcome::of(&asked, &none, if is_unseen { &asked } else { &none });
    Reach { families, egress: outcome.clone(), ingress: outcome.clone(), outcome, asked, pairs: Vec::new() }
}
