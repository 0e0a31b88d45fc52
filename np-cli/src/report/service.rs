//! What an answer about a Service says of the Service: which endpoints stand behind it, where its
//! ports lead, and what is worth knowing about it.

use np_model::Model;
use np_model::addr::Families;
use np_model::conn::AskedPort;
use np_model::facts::{PortRef, Service, ServiceKind};
use np_model::model::{PodId, ServiceId};
use np_sim::service::{Forward, ServiceReach, Source};
use np_sim::{Endpoint, Services};
use serde::Serialize;

use super::clean::clean;

/// The Service of an answer; `docs/json.md` explains the keys.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ServiceAnswer {
    #[serde(rename = "type")]
    kind: &'static str,
    /// How its endpoints are known.
    endpoints: &'static str,
    /// The Services that it is another name for, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    alias_of: Vec<String>,
    /// The host that it is another name for.
    #[serde(skip_serializing_if = "Option::is_none")]
    host: Option<String>,
    ports: Vec<PortAnswer>,
}

/// One port of a Service.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct PortAnswer {
    #[serde(skip_serializing_if = "String::is_empty")]
    name: String,
    port: String,
    /// The connections that it leads to at its endpoints.
    targets: Vec<String>,
    /// How many endpoints have no such port.
    #[serde(skip_serializing_if = "is_zero")]
    without: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// The Service whose endpoints an answer is about.
fn last(reach: &ServiceReach) -> ServiceId {
    *reach.services.last().expect("the Service that was asked about")
}

/// Puts it into words.
pub(super) fn service(model: &Model, reach: &ServiceReach) -> ServiceAnswer {
    let (service, target) = (model.service(reach.services[0]), model.service(last(reach)));
    ServiceAnswer {
        kind: word(&service.kind),
        endpoints: match reach.source {
            Source::Selector => "selector",
            Source::Slices => "slices",
            Source::Host(_) => "host",
            Source::Unseen | Source::Alias(_) => "unseen",
        },
        alias_of: reach.services[1..].iter().map(|id| clean(&model.service_name(*id)).into_owned()).collect(),
        host: match &reach.source {
            Source::Host(host) => Some(clean(host).into_owned()),
            _ => None,
        },
        ports: reach
            .forwards
            .iter()
            .map(|forward| PortAnswer {
                name: clean(&target.ports[forward.port].name).into_owned(),
                port: own(target, forward),
                targets: forward.targets.iter().map(|(set, _)| set.text(Families::BOTH)).collect(),
                without: forward.without,
            })
            .collect(),
    }
}

fn word(kind: &ServiceKind) -> &'static str {
    match kind {
        ServiceKind::ClusterIp => "ClusterIP",
        ServiceKind::Headless => "Headless",
        ServiceKind::NodePort => "NodePort",
        ServiceKind::LoadBalancer => "LoadBalancer",
        ServiceKind::ExternalName(_) => "ExternalName",
    }
}

/// A port of a Service in np's notation.
fn own(service: &Service, forward: &Forward) -> String {
    let port = &service.ports[forward.port];
    format!("{}/{}", port.protocol.name(), port.port)
}

/// The ports that were asked about and where they lead, `tcp/80 → targetPort 8080`; `None` if the
/// Service does not translate.
pub(super) fn translation(model: &Model, reach: &ServiceReach) -> Option<String> {
    let service = model.service(last(reach));
    let translated = reach.forwards.iter().map(|forward| {
        let port = own(service, forward);
        let number = |set: &np_model::conn::ConnSet| {
            let text = set.text(Families::BOTH);
            text.split_once('/').map_or(text.clone(), |(_, number)| number.to_owned())
        };
        let targets: Vec<String> = forward.targets.iter().map(|(set, _)| number(set)).collect();
        match (targets.is_empty(), forward.without) {
            (true, 0) => port,
            (true, _) => format!("{port} → no target port"),
            (false, _) => format!("{port} → targetPort {}", targets.join(" or ")),
        }
    });
    let translated: Vec<String> = translated.collect();
    (!translated.is_empty()).then(|| translated.join(", "))
}

/// What is worth knowing about the Service of an answer.
pub(super) fn notes(
    model: &Model,
    from: &Endpoint,
    asked: &[AskedPort],
    reach: &ServiceReach,
) -> Vec<String> {
    let mut notes = Vec::new();
    let name = |id: ServiceId| clean(&model.service_name(id)).into_owned();
    for pair in reach.services.windows(2) {
        notes.push(format!("{} is another name for {}", name(pair[0]), name(pair[1])));
    }
    let (service, target) = (model.service(last(reach)), name(last(reach)));
    match &reach.source {
        Source::Host(host) => notes.push(format!(
            "{target} is another name for {}, whose addresses the input does not show",
            clean(host)
        )),
        Source::Unseen => notes.push(match &service.kind {
            ServiceKind::ExternalName(host) => {
                format!("{target} is another name for {}, a Service that the input does not have", clean(host))
            }
            _ => format!(
                "{target} has no selector, and the input no EndpointSlice of it: give those to settle where it leads"
            ),
        }),
        Source::Selector if reach.reach.pairs.is_empty() => notes.push(match without(reach) {
            0 => format!("{target} has no endpoints: its selector {} matches no pod", selector(service)),
            _ => format!("{target} has no endpoints: none of its pods has the port"),
        }),
        Source::Slices if reach.reach.pairs.is_empty() => {
            notes.push(format!("{target} has no endpoints that are ready, as its EndpointSlices say"));
        }
        Source::Selector | Source::Slices | Source::Alias(_) => {}
    }
    if service.kind == ServiceKind::Headless
        && asked.iter().any(|port| matches!(port, AskedPort::Connections(_)))
    {
        notes.push(format!(
            "{target} is headless: clients talk to its pods directly, and no port is translated"
        ));
    }
    // Without any pair it is said already that nobody has the ports.
    let has_pairs = !reach.reach.pairs.is_empty();
    for forward in reach.forwards.iter().filter(|forward| forward.without > 0 && has_pairs) {
        let pods = if forward.without == 1 {
            "1 of its pods has"
        } else {
            &format!("{} of its pods have", forward.without)
        };
        notes.push(format!(
            "{pods} no port for {} of {target}, and none of its traffic",
            own(service, forward)
        ));
    }
    let is_inside = matches!(service.kind, ServiceKind::ClusterIp | ServiceKind::Headless)
        && service.external_ips.is_empty();
    if is_inside && matches!(from, Endpoint::External(_)) {
        notes.push(format!("{target} has no address outside the cluster; this is about the pods behind it"));
    }
    notes
}

fn without(reach: &ServiceReach) -> usize {
    reach.forwards.iter().map(|forward| forward.without).sum()
}

fn selector(service: &Service) -> String {
    let labels = service.selector.iter().flatten().map(|(key, value)| format!("{key}={value}"));
    clean(&labels.collect::<Vec<_>>().join(",")).into_owned()
}

/// The hint that what was asked of pods is the port of a Service in front of them: a mistake that
/// is often made, as policies see target ports.
pub(super) fn mistaken_port(services: &Services<'_>, pods: &[PodId], asked: &[AskedPort]) -> Option<String> {
    let model = services.model();
    let first = *pods.first()?;
    let namespace = &model.namespace(model.pod(first).namespace).name;
    for id in model.service_ids().filter(|id| model.service(*id).namespace == *namespace) {
        let service = model.service(id);
        for (at, port) in service.ports.iter().enumerate() {
            let own = np_model::conn::ConnSet::ports(Families::BOTH, port.protocol, port.port, port.port);
            let is_asked = |port: &AskedPort| matches!(port, AskedPort::Connections(set) if *set == own);
            let is_same = port.target == PortRef::Number(port.port);
            let is_declared = model
                .pod(first)
                .ports
                .iter()
                .any(|declared| (declared.port, declared.protocol) == (port.port, port.protocol));
            if is_same || is_declared || service.kind == ServiceKind::Headless || !asked.iter().any(is_asked)
            {
                continue;
            }
            let behind = services.behind(id);
            let target = behind.backends.iter().find(|backend| backend.endpoint == Endpoint::Pod(first));
            if let Some(target) =
                target.map(|backend| &backend.targets[at]).filter(|set| !set.is_empty() && **set != own)
            {
                return Some(
                    clean(&format!(
                        "{} is the port of {}, which leads to {}: policies see that one",
                        own.text(Families::BOTH),
                        model.service_name(id),
                        target.text(Families::BOTH)
                    ))
                    .into_owned(),
                );
            }
        }
    }
    None
}
