//! The question whether an end reaches a Service, as all the questions about its endpoints together.

use super::{Behind, external_name, is_headless};
use crate::address::{Family, address};
use crate::bounds::{Bound, Bounds};
use crate::cluster::{Cluster, End};
use crate::judge::Between;
use crate::ports::{Point, Protocol};
use k8s_openapi::api::core::v1::{Service, ServicePort};
use std::collections::BTreeSet;

/// What of a Service is asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PortOf {
    /// All of its ports; of one that does not translate, every port.
    All,
    /// A port by its number. Where the Service does not translate, that is the number at the endpoint.
    Number(Protocol, u16),
    /// A port by the name that the Service gives it.
    Name(String),
}

/// The answer, at the ports of the endpoints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServiceAnswer {
    /// There is no endpoint with such a port, so that everything is blocked.
    NoEndpoint,
    /// The endpoints are not known, so that everything is open.
    Unknown,
    /// The points that pass, are open and are blocked on the way to some endpoint.
    Points {
        /// They certainly pass on the way to one.
        passes: BTreeSet<Point>,
        /// They perhaps pass on the way to one.
        open: BTreeSet<Point>,
        /// They certainly do not on the way to one.
        blocked: BTreeSet<Point>,
    },
}

/// Why a question has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoAnswer {
    /// There is no such Service or no such source.
    NoSuchEnd,
    /// The Service has no such port.
    NoSuchPort,
    /// The Service is another name for itself.
    Circle,
    /// Both ends of every connection are external.
    External,
}

impl Cluster {
    /// Whether an end reaches a Service. `points` are the ones to look at where every port is asked about.
    ///
    /// # Errors
    /// [`NoAnswer`] where there is nothing to ask.
    pub fn ask_service(
        &self,
        from: &End,
        (namespace, name): (&str, &str),
        asked: &PortOf,
        points: &[Point],
    ) -> Result<ServiceAnswer, NoAnswer> {
        let named = self.service(namespace, name).ok_or(NoAnswer::NoSuchEnd)?;
        let service = self.resolve(named).ok_or(NoAnswer::Circle)?;
        let behind = self.behind(service);
        let translates = !is_headless(service) && external_name(service).is_none();
        let ports = ports(service, asked, translates)?;
        let backends = match behind {
            Behind::Unknown => return Ok(ServiceAnswer::Unknown),
            Behind::Host => return self.to_host(from, &every(asked, points)?),
            Behind::Endpoints(backends) => backends,
        };
        let mut pairs: Vec<(End, BTreeSet<Point>)> = Vec::new();
        for backend in backends {
            let at: BTreeSet<Point> = match &ports {
                Some(ports) => {
                    let targets = ports.iter().filter_map(|port| backend.target(port));
                    targets.flat_map(|(protocol, port)| in_both(protocol, port)).collect()
                }
                None => every(asked, points)?,
            };
            if !at.is_empty() {
                pairs.push((backend.end, at));
            }
        }
        if pairs.is_empty() {
            return Ok(ServiceAnswer::NoEndpoint);
        }
        let is_external = |end: &End| matches!(end, End::Address(_));
        pairs.retain(|(end, _)| !is_external(end) || !is_external(from));
        if pairs.is_empty() {
            return Err(NoAnswer::External);
        }
        // An address of a family that the source lacks is left out if others are there, as of a range.
        let own = self.families(from).ok_or(NoAnswer::NoSuchEnd)?;
        let is_met = |end: &End| self.families(end).is_some_and(|families| !families.is_disjoint(&own));
        if pairs.iter().any(|(end, _)| is_met(end)) {
            pairs.retain(|(end, _)| !is_external(end) || is_met(end));
        }
        if pairs.iter().any(|(end, _)| end != from) {
            pairs.retain(|(end, _)| end != from);
        }
        let mut answer = [BTreeSet::new(), BTreeSet::new(), BTreeSet::new()];
        for (end, at) in pairs {
            let between = self.between(from, &end).ok_or(NoAnswer::NoSuchEnd)?;
            if at.iter().all(|point| between.at(*point).is_none()) {
                // Two ends without a family in common exchange nothing.
                answer[2].extend(at);
                continue;
            }
            for point in at {
                if let Some(bounds) = between.at(point) {
                    answer[place(bounds.pair())].insert(point);
                }
            }
        }
        Ok(points_of(answer))
    }

    /// What can be asked of a Service: all of it, and each of its ports by number and by name.
    pub fn questions(&self, namespace: &str, name: &str) -> Vec<PortOf> {
        let mut questions = vec![PortOf::All];
        let service = self.service(namespace, name).and_then(|service| self.resolve(service));
        let ports =
            service.into_iter().flat_map(|one| one.spec.iter()).flat_map(|spec| spec.ports.iter().flatten());
        for port in ports {
            let protocol = Protocol::read(port.protocol.as_deref());
            let number = protocol.zip(u16::try_from(port.port).ok());
            questions.extend(number.map(|(protocol, number)| PortOf::Number(protocol, number)));
            if service.is_some_and(|service| external_name(service).is_none()) {
                questions.extend(port.name.clone().map(PortOf::Name));
            }
        }
        questions
    }

    /// What is the same for every external address, and what hangs on which one it is.
    fn to_host(&self, from: &End, points: &BTreeSet<Point>) -> Result<ServiceAnswer, NoAnswer> {
        if matches!(from, End::Address(_)) {
            return Err(NoAnswer::External);
        }
        let mut answer = [BTreeSet::new(), BTreeSet::new(), BTreeSet::new()];
        for family in Family::ALL {
            let ends = self.one_of_each_part(family);
            let all: Vec<Between<'_>> = ends.iter().filter_map(|end| self.between(from, end)).collect();
            for point in points.iter().filter(|point| point.family == family) {
                let bounds: Vec<Bound> =
                    all.iter().filter_map(|one| one.at(*point)).map(Bounds::pair).collect();
                if !bounds.is_empty() {
                    let certain = bounds.iter().all(|one| one.certain);
                    let possible = bounds.iter().any(|one| one.possible);
                    answer[place(Bound { certain, possible })].insert(*point);
                }
            }
        }
        Ok(points_of(answer))
    }

    /// An external address in every part that the borders of blocks divide a family into.
    fn one_of_each_part(&self, family: Family) -> Vec<End> {
        let mut borders = self.block_borders(family);
        borders.push(family.whole().first);
        borders.sort_unstable();
        let ends = borders.iter().skip(1).copied().chain([family.whole().last]);
        let parts = borders.iter().copied().zip(ends);
        let external = |(first, last): (u128, u128)| {
            let mut numbers = first..=last;
            numbers.find_map(|number| address(family, number).filter(|address| self.is_external(*address)))
        };
        parts.filter_map(external).map(End::Address).collect()
    }
}

/// The ports of the Service that are asked about, or None where the numbers are those of the endpoints.
fn ports<'a>(
    service: &'a Service,
    asked: &PortOf,
    translates: bool,
) -> Result<Option<Vec<&'a ServicePort>>, NoAnswer> {
    let all = service.spec.iter().flat_map(|spec| spec.ports.iter().flatten());
    let is_asked = |port: &&ServicePort| match asked {
        PortOf::All => true,
        PortOf::Number(protocol, number) => {
            Protocol::read(port.protocol.as_deref()) == Some(*protocol) && port.port == i32::from(*number)
        }
        PortOf::Name(name) => port.name.as_ref() == Some(name),
    };
    if !translates && !matches!(asked, PortOf::Name(_)) {
        return Ok(None);
    }
    let ports: Vec<_> = all.filter(is_asked).collect();
    if ports.is_empty() && *asked != PortOf::All { Err(NoAnswer::NoSuchPort) } else { Ok(Some(ports)) }
}

fn in_both(protocol: Protocol, port: u16) -> [Point; 2] {
    Family::ALL.map(|family| Point { family, protocol, port })
}

/// What is asked of an endpoint itself.
fn every(asked: &PortOf, points: &[Point]) -> Result<BTreeSet<Point>, NoAnswer> {
    match asked {
        PortOf::All => Ok(points.iter().copied().collect()),
        PortOf::Number(protocol, number) => Ok(in_both(*protocol, *number).into()),
        PortOf::Name(_) => Err(NoAnswer::NoSuchPort),
    }
}

/// Passes, open, blocked.
fn place(bound: Bound) -> usize {
    match bound {
        Bound { certain: true, .. } => 0,
        Bound { possible: true, .. } => 1,
        Bound { .. } => 2,
    }
}

fn points_of([passes, open, blocked]: [BTreeSet<Point>; 3]) -> ServiceAnswer {
    ServiceAnswer::Points { passes, open, blocked }
}
