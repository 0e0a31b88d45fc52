//! What leads to workloads from outside the cluster, and whether the policies let it arrive.

use np_model::Model;
use np_model::ir::Direction;
use np_model::model::PodId;
use np_sim::entry::{Entry, Open, Reading, Sender, Source, Target, Unseen, Way};
use np_sim::{Endpoint, Verdict};
use serde::Serialize;

use super::super::answer::decisions;
use super::super::clean::clean;
use super::super::places::{Place, Places};
use super::super::reason::Reason;
use super::super::several::several;
use super::problem::{Trouble, trouble};

/// How many names a sentence lists.
const NAMED: usize = 2;

/// One way in, to one backend.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WayIn {
    /// What leads there: kind and `namespace/name`.
    pub(crate) entry: String,
    /// The hosts that it is for; none is every host.
    pub(crate) hosts: Vec<String>,
    /// The path, of an Ingress.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) path: Option<String>,
    /// The listener of the Gateway, of a route that is attached to one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) listener: Option<String>,
    /// The Service that it leads to, and its port.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) backend: Option<String>,
    /// Who sends the traffic on.
    pub(crate) sender: String,
    /// Where the traffic ends.
    pub(crate) targets: Vec<Destination>,
    /// What is wrong.
    pub(crate) problems: Vec<Trouble>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub(crate) place: Option<Place>,
}

/// Where traffic ends.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Destination {
    /// The workload, pod, node or address.
    pub(crate) endpoint: String,
    /// The ports there.
    pub(crate) ports: String,
    /// Whether the traffic arrives.
    pub(crate) verdict: &'static str,
    /// The same for each that may be sending it.
    pub(crate) readings: Vec<Arrival>,
}

/// Whether traffic arrives from one that may be sending it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Arrival {
    /// Who that is.
    pub(crate) from: String,
    pub(crate) verdict: &'static str,
    pub(crate) passes: String,
    pub(crate) open: String,
    pub(crate) blocked: String,
    /// Who decides egress of the sender, as far as that makes the verdict.
    pub(crate) egress: Vec<Reason>,
    /// Who decides ingress of the target, likewise.
    pub(crate) ingress: Vec<Reason>,
}

/// Which entries are told.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shown<'a> {
    /// The pods of those that are shown.
    pub(crate) pods: &'a [PodId],
    /// Whether everything is shown, so that also entries count that lead nowhere.
    pub(crate) all: bool,
    /// The namespace that alone is shown.
    pub(crate) namespace: Option<&'a str>,
}

/// Entries in words: first those that do not arrive, then the unknown.
pub(super) fn led(model: &Model, places: &Places<'_>, entries: &[Entry], shown: Shown<'_>) -> Vec<WayIn> {
    let mut pods = shown.pods.to_vec();
    pods.sort_unstable();
    let is_shown = |target: &&Target| target.pods.iter().any(|pod| pods.binary_search(pod).is_ok());
    let mut told = Vec::new();
    for entry in entries {
        let targets: Vec<&Target> = entry.targets.iter().filter(|it| shown.all || is_shown(it)).collect();
        let is_home = shown.namespace.is_some_and(|namespace| namespace == home(model, &entry.way));
        if targets.is_empty() && !(entry.targets.is_empty() && (shown.all || is_home)) {
            continue;
        }
        told.push(one(model, places, entry, &targets));
    }
    told.sort_by_key(WayIn::rank);
    told
}

impl WayIn {
    /// How far it is from arriving.
    fn rank(&self) -> u8 {
        let verdicts = || self.targets.iter().map(|target| target.verdict);
        match () {
            () if verdicts().any(|verdict| verdict == "denied") => 0,
            () if !self.problems.is_empty() => 1,
            () if verdicts().any(|verdict| verdict != "allowed") => 2,
            () => 3,
        }
    }

    /// Whether it is cut off by policies, or something is in its way.
    pub(crate) fn is_cut_off(&self) -> bool {
        self.rank() < 2
    }
}

fn one(model: &Model, places: &Places<'_>, entry: &Entry, targets: &[&Target]) -> WayIn {
    let text = |text: &str| clean(text).into_owned();
    let (name, hosts, path, listener) = way(model, &entry.way);
    let backend = entry.backend.as_ref().map(|backend| {
        let port = backend.port.as_ref().map(|port| format!(":{port}")).unwrap_or_default();
        text(&format!("{}/svc/{}{port}", backend.namespace, backend.name))
    });
    WayIn {
        entry: text(&name),
        hosts: hosts.iter().map(|host| text(host)).collect(),
        path: path.map(text),
        listener: listener.map(|listener| text(&listener)),
        backend,
        sender: text(&sender(model, &entry.sender)),
        targets: targets.iter().map(|it| destination(model, places, it, &entry.sender)).collect(),
        problems: entry.problems.iter().map(|problem| trouble(model, problem)).collect(),
        place: entry.at.map(|at| places.place(at)),
    }
}

/// The name of what leads there, its hosts, its path and its listener.
fn way<'e>(model: &Model, way: &'e Way) -> (String, Vec<&'e str>, Option<&'e str>, Option<String>) {
    match way {
        Way::Ingress { namespace, name, host, path, is_default } => {
            let path = if *is_default { Some("everything else") } else { path.as_deref() };
            (format!("Ingress {namespace}/{name}"), host.as_deref().into_iter().collect(), path, None)
        }
        Way::Gateway { kind, namespace, name, hosts, listener } => {
            let listener = listener.as_ref();
            let listener = listener.map(|it| format!("{}/{} {}", it.namespace, it.gateway, it.listener));
            let hosts = hosts.iter().map(String::as_str).collect();
            (format!("{} {namespace}/{name}", kind.api()), hosts, None, listener)
        }
        Way::Route { namespace, name, host } => {
            (format!("Route {namespace}/{name}"), host.as_deref().into_iter().collect(), None, None)
        }
        Way::Service { service, open } => {
            let service = model.service(*service);
            let kind = match open {
                Open::LoadBalancer { .. } => "LoadBalancer",
                Open::NodePort(_) => "NodePort",
                Open::ExternalIps => "externalIPs of",
            };
            (format!("{kind} {}/{}", service.namespace, service.name), Vec::new(), None, None)
        }
    }
}

fn home<'a>(model: &'a Model, way: &'a Way) -> &'a str {
    match way {
        Way::Ingress { namespace, .. } | Way::Gateway { namespace, .. } | Way::Route { namespace, .. } => {
            namespace
        }
        Way::Service { service, .. } => &model.service(*service).namespace,
    }
}

fn sender(model: &Model, sender: &Sender) -> String {
    match sender {
        Sender::Pods { pods, .. } => {
            let mut names: Vec<String> =
                pods.iter().flatten().map(|pod| owner(model, *pod).name(model)).collect();
            names.sort_unstable();
            names.dedup();
            let link = if pods.len() > 1 { "one of " } else { "" };
            format!("{link}{}", several(&names, NAMED).unwrap_or_default())
        }
        Sender::Outside { by_node: true, direct: false, .. } => {
            "clients outside, by way of a node".to_owned()
        }
        Sender::Outside { .. } => "clients outside".to_owned(),
        Sender::Nodes(product) => format!("{product} on the nodes"),
        Sender::Unseen(why) => format!("a controller that the input does not show: {}", unseen(why)),
    }
}

fn unseen(why: &Unseen) -> String {
    match why {
        Unseen::NoneSelected => "--ingress-controller matches no pods".to_owned(),
        Unseen::NoClass => "it names no class, and no single class is the default".to_owned(),
        Unseen::NoSuchClass(name) => format!("its class {name} is not in the input"),
        Unseen::UnknownController(name) => format!("np does not know the pods of {name}"),
        Unseen::NoPods(product) => format!("no pods of {product} are in the input"),
        Unseen::NoGateway => "it is attached to nothing".to_owned(),
    }
}

fn destination(model: &Model, places: &Places<'_>, target: &Target, sender: &Sender) -> Destination {
    let families = model.families();
    let readings = target.readings.iter().map(|reading| {
        let set = |set: &np_model::conn::ConnSet| set.text(families);
        Arrival {
            from: clean(&source(model, &reading.from)).into_owned(),
            verdict: reading.outcome.verdict().name(),
            passes: set(&reading.outcome.passes),
            open: set(&reading.outcome.open),
            blocked: set(&reading.outcome.blocked),
            egress: decided(model, places, target, reading, Direction::Egress),
            ingress: decided(model, places, target, reading, Direction::Ingress),
        }
    });
    Destination {
        endpoint: clean(&target.endpoint.name(model)).into_owned(),
        ports: target.ports.text(families),
        verdict: target.verdict(sender).name(),
        readings: readings.collect(),
    }
}

fn source(model: &Model, source: &Source) -> String {
    match source {
        Source::Pods(pods) => {
            let mut names: Vec<String> = pods.iter().map(|pod| owner(model, *pod).name(model)).collect();
            names.dedup();
            several(&names, NAMED).unwrap_or_default()
        }
        Source::Outside => "external".to_owned(),
        Source::Node => "a node".to_owned(),
        Source::NodeProxy => "a proxy on the nodes".to_owned(),
        Source::UnseenPod => "a pod that the input does not show".to_owned(),
    }
}

/// Who decides a direction: that something does not arrive where that is so, else that it does.
fn decided(
    model: &Model,
    places: &Places<'_>,
    target: &Target,
    reading: &Reading,
    direction: Direction,
) -> Vec<Reason> {
    let from = match &reading.from {
        Source::Pods(pods) => pods.first().map(|pod| owner(model, *pod)),
        Source::Outside => Some(Endpoint::External(np_sim::endpoint::External::everything(model))),
        Source::Node => model.node_ids().next().map(Endpoint::Node),
        Source::NodeProxy | Source::UnseenPod => None,
    };
    let (Some(reach), Some(from)) = (&reading.reach, from) else { return Vec::new() };
    let outcome = match direction {
        Direction::Egress => &reach.egress,
        Direction::Ingress => &reach.ingress,
    };
    if outcome.verdict() == Verdict::Allowed && reading.outcome.verdict() != Verdict::Allowed {
        return Vec::new();
    }
    let mut reasons = decisions(model, places, [&from, &target.endpoint], reach, direction);
    reasons.retain(|reason| reason.kind != "external");
    reasons
}

/// The workload of a pod, or the pod.
fn owner(model: &Model, pod: PodId) -> Endpoint {
    model.pod(pod).workload.map_or(Endpoint::Pod(pod), Endpoint::Workload)
}
