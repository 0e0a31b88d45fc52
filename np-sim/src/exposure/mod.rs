//! Exposure: what is open to and from the internet, other namespaces and a workload's own, and who
//! could come to be let in by choosing labels.
//!
//! What is there is judged by both sides: a peer that may not send does not get in. Peers that are
//! not there are judged by the subject's side alone ([`crate::admit`]). Pods on their node's network
//! count as nodes, which always reach the pods they run: they are subjects, that no policy governs,
//! and left out as peers. Whether anything leads from the internet to a pod is another question than
//! what policies let through.
//!
//! All is computed on classes; subjects that share one share what is found.

mod severity;
mod sweep;

use std::cmp::Reverse;
use std::sync::Arc;

use np_model::Model;
use np_model::facts::Replicas;
use np_model::ir::Direction;
use np_model::model::{ClassId, ClassKind, NamespaceId, PodId, Selecting};
use rustc_hash::FxHashMap;

pub use severity::{Level, Severity};

use crate::admit::{Admits, Admitter};
use crate::endpoint::Endpoint;
use crate::verdict::Outcome;
use sweep::Sweep;

/// What is open to and from each of some subjects, the worst first: by the severity of ingress, then
/// of egress, then in the order of an axis.
#[derive(Debug, Clone)]
pub struct Exposure {
    /// The subjects.
    pub subjects: Vec<Exposed>,
}

/// One subject: a workload, or a pod.
#[derive(Debug, Clone)]
pub struct Exposed {
    /// Who it is.
    pub endpoint: Endpoint,
    /// What is open to and from it.
    pub profile: Arc<Profile>,
    /// What is not in the input about it, and was inferred.
    pub inferred: Vec<Inferred>,
}

/// Something that the input does not show and is taken to be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Inferred {
    /// A template stands for this many pods.
    Template(Replicas),
    /// Its namespace is only referred to, so the labels of that are unknown.
    Namespace,
}

/// What is open to and from a subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Its class.
    pub class: ClassId,
    /// Whether it shares its node's network: then no policy governs it.
    pub is_host: bool,
    /// Who gets in.
    pub ingress: Facing,
    /// Where it gets.
    pub egress: Facing,
}

/// One direction of a subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facing {
    /// The policies that select it.
    pub selecting: Selecting,
    /// With addresses that are routed globally, each a pair.
    pub internet: Outcome,
    /// With the other addresses outside the cluster.
    pub outside: Outcome,
    /// With the pods of other namespaces, each a pair.
    pub others: Outcome,
    /// The other namespaces with some pod of which something passes or may pass, ascending.
    pub namespaces: Vec<NamespaceId>,
    /// With the other pods of its namespace.
    pub own: Outcome,
    /// With pods that are not there.
    pub admits: Admits,
    /// How bad that is.
    pub severity: Severity,
}

impl Profile {
    /// One direction.
    pub fn facing(&self, direction: Direction) -> &Facing {
        match direction {
            Direction::Ingress => &self.ingress,
            Direction::Egress => &self.egress,
        }
    }
}

impl Facing {
    /// Whether no policy selects the subject, of whatever kind: its side lets everything pass.
    pub fn is_not_isolated(&self) -> bool {
        self.selecting.is_empty()
    }

    /// With every pod of the cluster that is there, its own namespace included.
    pub fn cluster(&self) -> Outcome {
        self.others.or(&self.own)
    }
}

/// What is open to and from `endpoints`, which are pods and workloads that the rules do not tell the
/// pods of apart ([`By::Distinct`](crate::By::Distinct)); others are left out.
///
/// Time grows with classes × groups of peers that share their rows.
pub fn exposure(model: &Model, endpoints: &[Endpoint]) -> Exposure {
    let (mut sweep, admitter) = (Sweep::new(model), Admitter::new(model));
    let mut profiles: FxHashMap<Sharing<'_>, Arc<Profile>> = FxHashMap::default();
    let mut subjects = Vec::new();
    for endpoint in endpoints {
        let (Some(pod), Some(namespace)) = (endpoint.pods(model).first().copied(), endpoint.namespace(model))
        else {
            continue;
        };
        let class = model.pod(pod).class;
        let is_alone = !model.pod(pod).is_several() && sweep.members(namespace, class) == 1;
        let host = (model.class(class).kind == ClassKind::Hosts).then_some(endpoint);
        let sharing = Sharing { class, namespace, is_alone, host };
        let profile = profiles
            .entry(sharing)
            .or_insert_with(|| Arc::new(profile(model, &mut sweep, &admitter, sharing)));
        let inferred = inferred(model, pod);
        subjects.push(Exposed { endpoint: endpoint.clone(), profile: Arc::clone(profile), inferred });
    }
    subjects.sort_by_key(|subject| {
        let worst = |facing: &Facing| {
            let Severity { level, is_certain, breadth } = facing.severity;
            (level, !is_certain, Reverse(breadth))
        };
        (worst(&subject.profile.ingress), worst(&subject.profile.egress))
    });
    Exposure { subjects }
}

/// What is open to and from the pods of one namespace, host network aside; `None` if it has none.
pub fn with_namespace(model: &Model, endpoint: &Endpoint, namespace: NamespaceId) -> [Outcome; 2] {
    Sweep::new(model).with_namespace(endpoint, namespace)
}

/// What subjects have in common that share their profile.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Sharing<'e> {
    class: ClassId,
    namespace: NamespaceId,
    /// Whether its namespace has nobody else of its class.
    is_alone: bool,
    /// Who it is, if on its node's network: whom it reaches depends on the nodes, so it shares with nobody.
    host: Option<&'e Endpoint>,
}

fn profile(
    model: &Model,
    sweep: &mut Sweep<'_>,
    admitter: &Admitter<'_>,
    Sharing { class, namespace, is_alone, host }: Sharing<'_>,
) -> Profile {
    let mut facing = |direction| {
        let found = match host {
            Some(endpoint) => sweep.host(endpoint, namespace, direction),
            None => sweep.pods(class, namespace, is_alone, direction),
        };
        let mut facing = Facing {
            selecting: model.selecting(class, direction).clone(),
            internet: found.internet,
            outside: found.outside,
            others: found.others,
            namespaces: found.namespaces,
            own: found.own,
            admits: admitter.admits(class, direction),
            severity: Severity::NOTHING,
        };
        facing.severity = Severity::of(&facing, &model.namespace(namespace).name);
        facing
    };
    let (ingress, egress) = (facing(Direction::Ingress), facing(Direction::Egress));
    Profile { class, is_host: host.is_some(), ingress, egress }
}

fn inferred(model: &Model, pod: PodId) -> Vec<Inferred> {
    let pod = model.pod(pod);
    let namespace = model.namespace(pod.namespace).inferred.then_some(Inferred::Namespace);
    pod.template.map(Inferred::Template).into_iter().chain(namespace).collect()
}
