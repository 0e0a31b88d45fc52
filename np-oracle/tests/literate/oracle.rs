//! The oracle as a judge of the cases: np's notation of ends and connections on top of its single questions.
//!
//! What np unites (replicas, ranges of addresses, sets of ports) is asked here piece by piece: every address
//! and every port at which an answer can change, and nothing in between.

use super::notation::Set;
use super::{Answer, Case, Judge, Options, Session, Verdict};
use k8s_openapi::api::core::v1::PodSpec;
use np_oracle::{
    Between, Bound, Bounds, Cluster, End, Family, Point, Protocol, Workload, WorkloadKind, boundary_points,
};
use serde_json::Value;
use std::collections::BTreeSet;

mod ends;
mod services;

/// Kinds that a chart renders and that change no answer, so the oracle does not look at them; it refuses all
/// others that it does not know. A Service's addresses are external addresses to it.
const WITHOUT_EFFECT: [&str; 13] = [
    "ConfigMap",
    "Gateway",
    "GatewayClass",
    "HTTPRoute",
    "HorizontalPodAutoscaler",
    "Ingress",
    "IngressClass",
    "PodDisruptionBudget",
    "ReferenceGrant",
    "Role",
    "RoleBinding",
    "Secret",
    "ServiceAccount",
];

/// The naive evaluator.
pub(crate) struct Oracle;

impl Judge for Oracle {
    fn name(&self) -> &'static str {
        "oracle"
    }

    fn skips(&self, case: &Case) -> Option<String> {
        case.refusal.is_some().then(|| "the oracle takes manifests to be valid".to_owned())
    }

    fn load(&self, manifests: &[(String, String)], options: &Options) -> Result<Box<dyn Session>, String> {
        let mut loaded = Loaded { cluster: Cluster::default(), twins: BTreeSet::new() };
        let mut objects = Vec::new();
        for (name, text) in manifests {
            let mut object: Value = serde_yaml::from_str(text).map_err(|error| format!("{name}: {error}"))?;
            if let Some(namespace) = &options.default_namespace {
                let metadata = &mut object["metadata"];
                if metadata["namespace"].is_null() {
                    metadata["namespace"] = namespace.clone().into();
                }
            }
            if WITHOUT_EFFECT.into_iter().any(|kind| object["kind"] == kind) {
                continue;
            }
            match WorkloadKind::ALL.into_iter().find(|kind| object["kind"] == kind.name()) {
                Some(kind) => {
                    loaded.add_workload(kind, &object).map_err(|error| format!("{name}: {error}"))?;
                }
                None => objects.push(object),
            }
        }
        let workloads = std::mem::take(&mut loaded.cluster.workloads);
        loaded.cluster = Cluster {
            workloads,
            pod_cidrs: options.pod_cidr.clone(),
            assume_bare_namespaces: options.assume_bare_namespaces,
            ..Cluster::from_manifests(&objects)?
        };
        Ok(Box::new(loaded))
    }
}

/// A cluster, in which a workload with several replicas is there twice: the second, its twin, is another pod.
struct Loaded {
    cluster: Cluster,
    twins: BTreeSet<End>,
}

impl Loaded {
    fn add_workload(&mut self, kind: WorkloadKind, object: &Value) -> Result<(), String> {
        let spec = if kind == WorkloadKind::CronJob {
            &object["spec"]["jobTemplate"]["spec"]
        } else {
            &object["spec"]
        };
        let template = serde_json::from_value(spec["template"].clone()).map_err(|error| error.to_string())?;
        let text = |field: &str| object["metadata"][field].as_str();
        let namespace = text("namespace").unwrap_or("default").to_owned();
        let name = text("name").unwrap_or_default().to_owned();
        let workload = Workload { kind, namespace, name, template };
        if object["spec"]["replicas"].as_u64().is_some_and(|replicas| replicas > 1) {
            let twin = Workload { name: twin_of(&workload.name), ..workload.clone() };
            self.twins.insert(workload.end());
            self.cluster.workloads.push(twin);
        }
        self.cluster.workloads.push(workload);
        Ok(())
    }

    /// The pairs that a question is about.
    fn pairs(&self, from: &str, to: &str) -> Result<Vec<(End, End)>, String> {
        let (from, to) = (self.ends(from)?, self.ends(to)?);
        let all = from.iter().flat_map(|from| to.iter().map(|to| (from.clone(), to.clone())));
        let all: Vec<_> = all.collect();
        let others: Vec<_> = all.iter().filter(|(from, to)| from != to).cloned().collect();
        Ok(if others.is_empty() { all } else { others })
    }

    /// What is asked of this destination: connections, or those of its ports of a name.
    fn asked(&self, to: &End, ports: &str) -> Result<Set, String> {
        if let Some(set) = Set::read(ports) {
            return Ok(set);
        }
        let mut set = Set::default();
        let spec = self.spec(to).ok_or_else(|| format!("`{ports}` is a name, and {to:?} has no ports"))?;
        let sidecars = spec
            .init_containers
            .iter()
            .flatten()
            .filter(|one| one.restart_policy.as_deref() == Some("Always"));
        for port in spec.containers.iter().chain(sidecars).flat_map(|one| one.ports.iter().flatten()) {
            let protocol = port.protocol.as_deref().unwrap_or("TCP");
            if let Some(at) = Protocol::ALL.into_iter().position(|one| one.name() == protocol)
                && port.name.as_deref() == Some(ports)
            {
                let number = u16::try_from(port.container_port).map_err(|error| error.to_string())?;
                set.add(0, at, number, number);
                set.add(1, at, number, number);
            }
        }
        if set == Set::default() { Err(format!("no port of {to:?} is named `{ports}`")) } else { Ok(set) }
    }

    fn spec(&self, end: &End) -> Option<&PodSpec> {
        let pods = self.cluster.pods.iter().map(|pod| (ends::end_of(pod), pod.spec.as_ref()));
        let workloads = self.cluster.workloads.iter().map(|one| (one.end(), one.template.spec.as_ref()));
        pods.chain(workloads).find(|(one, _)| one == end)?.1
    }
}

fn twin_of(name: &str) -> String {
    format!("{name}~twin")
}

impl Session for Loaded {
    fn ask(&self, from: &str, to: &str, ports: &str) -> Result<Answer, String> {
        if let Some(service) = services::named(to) {
            return self.ask_service(from, &service, ports);
        }
        let [mut pair, mut egress, mut ingress] = [Cell::default(), Cell::default(), Cell::default()];
        for (from, to) in self.pairs(from, to)? {
            let asked = self.asked(&to, ports)?;
            let no_answer = || format!("there is nothing to ask between {from:?} and {to:?}");
            let between = self.cluster.between(&from, &to).ok_or_else(no_answer)?;
            for (point, last, bounds) in self.answers(&between, &asked) {
                let Bounds { egress: sent, ingress: received } = bounds;
                for (cell, bound) in
                    [(&mut pair, bounds.pair()), (&mut egress, sent), (&mut ingress, received)]
                {
                    cell.add(point, last, bound, &asked);
                }
            }
        }
        Ok(Answer {
            verdict: pair.verdict(),
            egress: Some(egress.verdict()),
            ingress: Some(ingress.verdict()),
            passes: Some(pair.passes.write(&pair.families)),
            open: Some(pair.open.write(&pair.families)),
            blocked: Some(pair.blocked.write(&pair.families)),
        })
    }
}

impl Loaded {
    /// The bounds at every point where they may change, each with the last port up to which they hold.
    fn answers(&self, between: &Between<'_>, asked: &Set) -> Vec<(Point, u16, Bounds)> {
        let mut ports: BTreeSet<u16> = boundary_points(&self.cluster).into_iter().collect();
        ports.extend(asked.edges());
        let ports: Vec<_> = ports.into_iter().collect();
        let lasts = ports.iter().skip(1).map(|next| next - 1).chain([u16::MAX]);
        let mut answers = Vec::new();
        for (&port, last) in ports.iter().zip(lasts) {
            for family in Family::ALL {
                for protocol in Protocol::ALL {
                    let point = Point { family, protocol, port };
                    answers.extend(between.at(point).map(|bounds| (point, last, bounds)));
                }
            }
        }
        answers
    }
}

/// A union over pairs.
#[derive(Default)]
struct Cell {
    families: BTreeSet<usize>,
    passes: Set,
    open: Set,
    blocked: Set,
    asked: BTreeSet<Verdict>,
}

impl Cell {
    fn add(&mut self, point: Point, last: u16, bound: Bound, asked: &Set) {
        let (family, protocol) = (point.family as usize, point.protocol as usize);
        let (set, verdict) = match bound {
            Bound { certain: true, .. } => (&mut self.passes, Verdict::Allow),
            Bound { possible: true, .. } => (&mut self.open, Verdict::Unknown),
            Bound { .. } => (&mut self.blocked, Verdict::Deny),
        };
        set.add(family, protocol, point.port, last);
        self.families.insert(family);
        if asked.has(family, protocol, point.port) {
            self.asked.insert(verdict);
        }
    }

    fn verdict(&self) -> Verdict {
        let has = |verdict| self.asked.contains(&verdict);
        match (has(Verdict::Unknown), has(Verdict::Allow), has(Verdict::Deny)) {
            (true, ..) => Verdict::Unknown,
            (_, true, true) => Verdict::Partial,
            (_, true, false) => Verdict::Allow,
            _ => Verdict::Deny,
        }
    }
}
