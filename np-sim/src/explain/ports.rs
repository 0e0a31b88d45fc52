//! What the ports of a rule open at a destination, and how they differ from what is asked.

use np_model::Model;
use np_model::addr::{Families, Family};
use np_model::conn::{ConnSet, PortSet, Protocol};
use np_model::facts::{Lookup, PortRef, Service};
use np_model::ir::{PortItem, PortSpec};
use np_model::model::{Pod, PodId, ServiceId};

use super::gap::{Gap, PortGap};
use super::near::alike;
use super::rank;

/// How many ports may be asked about for one to be near another.
const FEW: u32 = 64;

/// What a list of ports opens at a destination, over both families.
pub(super) fn opens(items: Option<&[PortItem]>, destination: Option<&Pod>) -> ConnSet {
    let Some(items) = items else { return ConnSet::all(Families::BOTH) };
    items.iter().fold(ConnSet::none(), |all, item| {
        let ports = match &item.port.ports {
            PortSpec::All => np_model::conn::every_port(),
            PortSpec::Range(first, last) => PortSet::range(*first, *last),
            PortSpec::Named(name) => named(destination, name, item.port.protocol),
        };
        all.or(&ConnSet::of_ports(Families::BOTH, item.port.protocol, &ports))
    })
}

/// The port item that comes nearest to what is asked, none of which it opens; `None` if that is too much to be
/// near anything.
pub(super) fn gap(
    model: &Model,
    items: &[PortItem],
    asked: &ConnSet,
    destination: Option<PodId>,
) -> Option<Gap> {
    let asked = Protocol::ALL.map(|protocol| {
        let [v4, v6] = Family::BOTH.map(|family| asked.slot(family, protocol));
        v4.or(v6)
    });
    let width =
        |ports: &PortSet| ports.ranges().iter().map(|(first, last)| u32::from(last - first) + 1).sum::<u32>();
    if asked.iter().map(width).sum::<u32>() > FEW {
        return None;
    }
    let gaps = items.iter().zip(0..).filter_map(|(item, at)| {
        let how = how(model, item, &asked, destination)?;
        Some((rank::port(&how), at, how))
    });
    let (_, item, how) = gaps.min_by_key(|(weight, at, _)| (*weight, *at))?;
    Some(Gap::Port { item, how })
}

/// How one item differs.
fn how(model: &Model, item: &PortItem, asked: &[PortSet; 3], destination: Option<PodId>) -> Option<PortGap> {
    let pod = destination.map(|id| model.pod(id));
    let protocol = item.port.protocol;
    let same = &asked[protocol as usize];
    let is_asked_of_others = |ports: fn(&PortSpec, Option<&Pod>, Protocol) -> PortSet| {
        let mut others = Protocol::ALL.into_iter().filter(|other| *other != protocol);
        others.any(|other| !ports(&item.port.ports, pod, other).is_disjoint(&asked[other as usize]))
    };
    let is_other_protocol = is_asked_of_others(|spec, pod, protocol| match spec {
        PortSpec::All => np_model::conn::every_port(),
        PortSpec::Range(first, last) => PortSet::range(*first, *last),
        PortSpec::Named(name) => named(pod, name, protocol),
    });
    if is_other_protocol {
        return Some(PortGap::Protocol);
    }
    match &item.port.ports {
        PortSpec::All => None,
        PortSpec::Range(first, last) => {
            if let Some(service) = service(model, (*first, *last), protocol, same, destination) {
                return Some(PortGap::Service(service));
            }
            let away = |(from, to): &(u16, u16)| first.saturating_sub(*to).max(from.saturating_sub(*last));
            let distance = same.ranges().iter().map(away).min()?;
            let is_declared = pod.is_some_and(|pod| {
                pod.ports
                    .iter()
                    .any(|port| port.protocol == protocol && (*first..=*last).contains(&port.port))
            });
            Some(PortGap::Number { distance, is_declared })
        }
        PortSpec::Named(name) => {
            let pod = pod?;
            let leads_to =
                named(Some(pod), name, protocol).ranges().iter().map(|(first, _)| *first).collect();
            let fitting =
                pod.ports.iter().filter(|port| port.protocol == protocol && same.contains(port.port));
            let mut available: Vec<String> =
                fitting.filter_map(|port| port.name.as_ref().map(ToString::to_string)).collect();
            available.sort_unstable();
            available.dedup();
            let like = available.iter().filter_map(|other| Some((alike(name, other)?, other)));
            let near = like.min().map(|(_, other)| other.clone());
            Some(PortGap::Name { leads_to, near, available })
        }
    }
}

/// The ports that the containers of a pod have under a name.
fn named(pod: Option<&Pod>, name: &str, protocol: Protocol) -> PortSet {
    let ports = pod.map(|pod| pod.ports.iter()).into_iter().flatten();
    let same = ports.filter(|port| port.protocol == protocol && port.name.as_deref() == Some(name));
    PortSet::from_ranges(same.map(|port| (port.port, port.port)))
}

/// The first Service in front of the destination with a port in `wanted` that leads to something in `asked`.
fn service(
    model: &Model,
    wanted: (u16, u16),
    protocol: Protocol,
    asked: &PortSet,
    destination: Option<PodId>,
) -> Option<ServiceId> {
    let pod = model.pod(destination?);
    let namespace = model.namespace(pod.namespace).name.as_str();
    let first = model.services().partition_point(|service| service.namespace.as_str() < namespace);
    let here = model.service_ids().skip(first).take_while(|id| model.service(*id).namespace == namespace);
    let leads = |service: &Service| {
        service.ports.iter().any(|port| {
            let leads = || match &port.target {
                PortRef::Number(number) => asked.contains(*number),
                PortRef::Name(name) => !named(Some(pod), name, protocol).is_disjoint(asked),
            };
            port.protocol == protocol && (wanted.0..=wanted.1).contains(&port.port) && leads()
        })
    };
    let selects = |service: &Service| {
        service.selector.as_ref().is_some_and(|selector| {
            selector.iter().all(|(key, value)| pod.labels.get(key) == Lookup::Value(value))
        })
    };
    here.into_iter().find(|id| leads(model.service(*id)) && selects(model.service(*id)))
}
