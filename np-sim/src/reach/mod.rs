//! One question: can these reach those on that, and who decides?
//!
//! The two directions are judged apart, each with its decisions: the rules that allow, the policies
//! that isolate, the facts that are missing. Evidence is computed for the pair asked about, from the
//! classes' policies and the peers' matches; nothing is stored for the whole matrix.

mod side;

use std::fmt;

use np_model::Model;
use np_model::addr::{AddrSet, Families};
use np_model::conn::{AskedPort, ConnSet};
use np_model::ir::Direction;
use np_model::model::{ClassId, ClassKind, NodeId, PodId};

use crate::endpoint::Endpoint;
pub use crate::members::Relation;
use crate::members::{Part, divide, situations};
use crate::verdict::{Outcome, Verdict};
pub use side::{Decided, Decision, Doubt, Side};
pub(crate) use side::{PolicyShare, may_come_between, settle};

/// The answer to a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    /// What was asked, cut to what some pair has in common.
    pub asked: ConnSet,
    /// The IP families that some pair has in common.
    pub families: Families,
    /// What happens to it.
    pub outcome: Outcome,
    /// What egress of the source alone does to it.
    pub egress: Outcome,
    /// What ingress of the destination alone does to it.
    pub ingress: Outcome,
    /// The situations that the pairs are in, each answered on its own; one if nothing tells the
    /// endpoints' pods and addresses apart.
    pub pairs: Vec<Pair>,
}

impl Reach {
    /// The answer in one word.
    pub fn verdict(&self) -> Verdict {
        self.outcome.verdict()
    }
}

/// Pairs of endpoints that get the same answer for the same reasons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// The sources.
    pub from: Members,
    /// The destinations.
    pub to: Members,
    /// What the two ends are to each other; where it is not [`Relation::Strangers`], only the pairs
    /// of the members that stand in this relation are meant.
    pub relation: Relation,
    /// The IP families that both ends have.
    pub families: Families,
    /// What was asked, over those families; all that was asked if nothing of it is over them.
    pub asked: ConnSet,
    /// What happens to it.
    pub outcome: Outcome,
    /// What egress of the source does.
    pub egress: Side,
    /// What ingress of the destination does.
    pub ingress: Side,
}

/// Endpoints of one class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Members {
    /// Pods and templates, ascending.
    pub pods: Vec<PodId>,
    /// Nodes, ascending.
    pub nodes: Vec<NodeId>,
    /// External addresses.
    pub addresses: AddrSet,
    /// Whether it is a node to policies because its pods share one's network.
    pub is_host: bool,
}

impl Members {
    /// Their class; of addresses, the first. `None` if there are no members.
    pub(crate) fn class(&self, model: &Model) -> Option<ClassId> {
        let of_pod = self.pods.first().map(|pod| model.pod(*pod).class);
        let of_node = || self.nodes.first().map(|node| model.node(*node).class);
        let of_addresses = || {
            let holds = |id: &ClassId| {
                let class = model.class(*id);
                class.kind == ClassKind::External && !class.addresses.and(&self.addresses).is_empty()
            };
            model.class_ids().find(holds)
        };
        of_pod.or_else(of_node).or_else(of_addresses)
    }
}

/// A question that has no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReachError {
    /// Both ends are external: no policy is involved.
    BothExternal,
    /// An end has no pods or addresses; the name of the end.
    NoMembers(String),
    /// A pod of the destination has no port of this name.
    NoSuchPort {
        /// The full name of the first such pod, or of the destination if all its pods lack it.
        end: String,
        /// The name asked for.
        name: String,
        /// The port names that it does have, sorted.
        available: Vec<String>,
    },
}

impl fmt::Display for ReachError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BothExternal => {
                f.write_str("both ends are external: no policy of this cluster is involved")
            }
            Self::NoMembers(end) => write!(f, "`{end}` has no pods and no addresses to ask about"),
            Self::NoSuchPort { end, name, available } if available.is_empty() => {
                write!(f, "`{end}` has no port named `{name}`: it names no ports")
            }
            Self::NoSuchPort { end, name, available } => {
                write!(f, "`{end}` has no port named `{name}`; its ports are {}", available.join(", "))
            }
        }
    }
}

impl std::error::Error for ReachError {}

/// Whether `from` can reach `to` on `asked`, and why; without any port, on everything.
///
/// Time grows with the classes of both ends and the policies that select them, not with pods.
///
/// # Errors
/// [`ReachError`] if the question has no answer.
pub fn reach(
    model: &Model,
    from: &Endpoint,
    to: &Endpoint,
    asked: &[AskedPort],
) -> Result<Reach, ReachError> {
    if matches!((from, to), (Endpoint::External(_), Endpoint::External(_))) {
        return Err(ReachError::BothExternal);
    }
    let sources = divide(model, from);
    let destinations = by_asked(model, to, asked)?;
    let sides = [(sources.is_empty(), from), (destinations.iter().any(|(parts, _)| parts.is_empty()), to)];
    if let Some((_, end)) = sides.into_iter().find(|(is_empty, _)| *is_empty) {
        return Err(ReachError::NoMembers(end.name(model)));
    }
    Ok(answer(model, &sources, &destinations))
}

/// The answer for all pairs of sources and destinations, which are divided by what is asked there.
/// No side is empty.
pub(crate) fn answer(model: &Model, sources: &[Part], destinations: &[(Vec<Part>, ConnSet)]) -> Reach {
    let mut pairs = Vec::new();
    for (destinations, connections) in destinations {
        situations(model, sources, destinations, connections.families(), |a, b, relation, families| {
            pairs.push(judge(model, a, b, relation, families, connections));
        });
    }
    // A pod to itself counts only if it is the only pair, whatever the ports mean to each destination.
    if pairs.iter().any(|pair| pair.relation != Relation::Itself) {
        pairs.retain(|pair| pair.relation != Relation::Itself);
    }
    let union =
        |of: fn(&Pair) -> &Outcome| pairs.iter().fold(Outcome::default(), |all, pair| all.or(of(pair)));
    Reach {
        asked: pairs.iter().fold(ConnSet::none(), |all, pair| all.or(&pair.asked)),
        families: pairs.iter().fold(Families::NONE, |all, pair| all.or(pair.families)),
        outcome: union(|pair| &pair.outcome),
        egress: union(|pair| &pair.egress.outcome),
        ingress: union(|pair| &pair.ingress.outcome),
        pairs,
    }
}

/// The families that some member of the parts has.
pub(crate) fn union_families(model: &Model, parts: &[Part]) -> Families {
    parts.iter().fold(Families::NONE, |set, part| set.or(model.class(part.class).families))
}

fn judge(model: &Model, a: &Part, b: &Part, relation: Relation, families: Families, asked: &ConnSet) -> Pair {
    let is_met = !families.is_empty();
    let asked = if is_met { asked.within(families) } else { asked.clone() };
    let side = |direction: Direction| {
        let (subject, other) = match direction {
            Direction::Egress => (a.class, b.class),
            Direction::Ingress => (b.class, a.class),
        };
        let by_policies = || Side::of(model, subject, other, direction, &asked);
        match relation {
            _ if !is_met => Side::decided(Decision::NoCommonFamily, &ConnSet::none(), &asked),
            Relation::Itself => Side::decided(Decision::Itself, &asked, &asked),
            Relation::OwnNode => Side::of_own_node(model, subject, direction, &asked),
            Relation::Strangers => by_policies(),
            Relation::MaybeOwnNode => by_policies().maybe_own_node(),
        }
    };
    let (egress, ingress) = (side(Direction::Egress), side(Direction::Ingress));
    let possible = |side: &Side| side.outcome.passes.or(&side.outcome.open);
    let outcome = Outcome::of(
        &asked,
        &egress.outcome.passes.and(&ingress.outcome.passes),
        &possible(&egress).and(&possible(&ingress)),
    );
    let members = |part: &Part| Members {
        pods: part.pods.clone(),
        nodes: part.nodes.clone(),
        addresses: part.addresses.clone(),
        is_host: model.class(part.class).kind == ClassKind::Hosts,
    };
    Pair { from: members(a), to: members(b), relation, families, asked, outcome, egress, ingress }
}

/// The destination divided by what the asked ports mean there: port names are looked up in each pod.
fn by_asked(
    model: &Model,
    to: &Endpoint,
    asked: &[AskedPort],
) -> Result<Vec<(Vec<Part>, ConnSet)>, ReachError> {
    if asked.is_empty() {
        return Ok(vec![(divide(model, to), ConnSet::all(Families::BOTH))]);
    }
    let fixed = asked.iter().fold(ConnSet::none(), |set, port| match port {
        AskedPort::Connections(connections) => set.or(connections),
        AskedPort::Named(_) => set,
    });
    let names: Vec<&str> = asked
        .iter()
        .filter_map(|port| match port {
            AskedPort::Named(name) => Some(name.as_str()),
            AskedPort::Connections(_) => None,
        })
        .collect();
    if names.is_empty() {
        return Ok(vec![(divide(model, to), fixed)]);
    }
    let pods = to.pods(model);
    for name in &names {
        let lacks = |pod: &PodId| ports_named(model, *pod, name).is_empty();
        let Some(first) = pods.iter().copied().find(lacks) else { continue };
        let is_all = pods.iter().all(lacks);
        let end = if is_all { to.name(model) } else { model.pod_name(first) };
        let whose = if is_all { pods.as_slice() } else { &[first] };
        let ports = whose.iter().flat_map(|pod| model.pod(*pod).ports.iter());
        let mut available: Vec<String> =
            ports.filter_map(|port| port.name.as_ref().map(ToString::to_string)).collect();
        available.sort_unstable();
        available.dedup();
        return Err(ReachError::NoSuchPort { end, name: (*name).to_owned(), available });
    }
    if pods.is_empty() {
        return Err(ReachError::NoSuchPort {
            end: to.name(model),
            name: names.join(", "),
            available: Vec::new(),
        });
    }
    let mut divided: Vec<(ConnSet, Vec<PodId>)> = Vec::new();
    for pod in pods {
        let meant = names.iter().fold(fixed.clone(), |set, name| set.or(&ports_named(model, pod, name)));
        match divided.iter_mut().find(|(set, _)| *set == meant) {
            Some((_, same)) => same.push(pod),
            None => divided.push((meant, vec![pod])),
        }
    }
    let parts =
        |pods: &[PodId]| pods.iter().flat_map(|pod| divide(model, &Endpoint::Pod(*pod))).collect::<Vec<_>>();
    Ok(divided.into_iter().map(|(set, pods)| (merge(parts(&pods)), set)).collect())
}

/// Joins parts of the same class.
pub(crate) fn merge(mut parts: Vec<Part>) -> Vec<Part> {
    parts.sort_by_key(|part| part.class);
    let runs = parts.chunk_by(|a, b| a.class == b.class);
    runs.map(|run| {
        let pods = run.iter().flat_map(|part| part.pods.iter().copied()).collect();
        let nodes = run.iter().flat_map(|part| part.nodes.iter().copied()).collect();
        let addresses = run.iter().fold(AddrSet::default(), |all, part| all.or(&part.addresses));
        Part { class: run[0].class, pods, nodes, addresses }
    })
    .collect()
}

/// Every port of a pod that has this name, whatever the protocol, over both families.
fn ports_named(model: &Model, pod: PodId, name: &str) -> ConnSet {
    let ports = model.pod(pod).ports.iter().filter(|port| port.name.as_deref() == Some(name));
    ports.fold(ConnSet::none(), |set, port| {
        set.or(&ConnSet::ports(Families::BOTH, port.protocol, port.port, port.port))
    })
}
