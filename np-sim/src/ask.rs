//! One port from one pod to another, as fast as can be: the verdict without the evidence.
//!
//! [`reach`](crate::reach()) tells who decides; this only decides, allocates nothing, and asks no more
//! rules than it needs. It serves those that have very many questions, each about ids.

use np_model::Model;
use np_model::addr::Family;
use np_model::conn::Protocol;
use np_model::ir::{Direction, PolicyId};
use np_model::model::{ClassId, ClassKind, IndexedRule, Interference, Pod, PodId, PortsId, Selecting};
use np_model::truth::Truth;

use crate::reach::may_come_between;
use crate::verdict::Verdict;

/// Whether a connection to `port` (1–65535) passes from one pod to another, as
/// [`reach`](crate::reach()) answers about the two. Grows with the rules of the policies that select
/// the two pods, whatever the size of the cluster.
///
/// # Panics
/// If an id is not of this model.
pub fn ask(model: &Model, from: PodId, to: PodId, protocol: Protocol, port: u16) -> Verdict {
    let (source, destination) = (model.pod(from), model.pod(to));
    let (a, b) = (source.class, destination.class);
    let common = model.class(a).families.and(model.class(b).families);
    let (mut allowed, mut denied) = (false, common.is_empty());
    for family in common.iter() {
        let point = Point { family, protocol, port };
        let truth = match relation(model, from, to) {
            Relation::Itself => Truth::Yes,
            Relation::OwnNode => {
                let is_apart = may_come_between(model.selecting(a, Direction::Egress))
                    || may_come_between(model.selecting(b, Direction::Ingress));
                if is_apart { Truth::Maybe } else { Truth::Yes }
            }
            relation => {
                let truth = match allows(model, a, b, Direction::Egress, point) {
                    Truth::No => Truth::No,
                    truth => truth.and(allows(model, b, a, Direction::Ingress, point)),
                };
                if relation == Relation::MaybeOwnNode { truth.or(Truth::Maybe) } else { truth }
            }
        };
        match truth {
            Truth::Yes => allowed = true,
            Truth::No => denied = true,
            Truth::Maybe => return Verdict::Unknown,
        }
    }
    match (allowed, denied) {
        (true, true) => Verdict::Partial,
        (true, false) => Verdict::Allowed,
        (false, _) => Verdict::Denied,
    }
}

/// One port of one family.
#[derive(Debug, Clone, Copy)]
struct Point {
    family: Family,
    protocol: Protocol,
    port: u16,
}

/// What the two pods are to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Relation {
    Strangers,
    Itself,
    OwnNode,
    MaybeOwnNode,
}

fn relation(model: &Model, from: PodId, to: PodId) -> Relation {
    let (a, b) = (model.pod(from), model.pod(to));
    if from == to {
        return if a.is_several() { Relation::Strangers } else { Relation::Itself };
    }
    let is_host = |pod: &Pod| model.class(pod.class).kind == ClassKind::Hosts;
    if is_host(a) == is_host(b) {
        return Relation::Strangers;
    }
    match (&a.node_name, &b.node_name) {
        (Some(one), Some(other)) if one == other => Relation::OwnNode,
        (Some(_), Some(_)) => Relation::Strangers,
        _ => Relation::MaybeOwnNode,
    }
}

/// Whether the policies of `subject` let a connection pass with `other`.
fn allows(model: &Model, subject: ClassId, other: ClassId, direction: Direction, point: Point) -> Truth {
    let selecting = model.selecting(subject, direction);
    let Selecting { certain, maybe, interference, .. } = selecting;
    if selecting.is_empty() {
        return Truth::Yes;
    }
    let destination = if direction == Direction::Egress { other } else { subject };
    let ask = |policy: &PolicyId| {
        let rules = model.indexed_rules(*policy, direction).iter();
        any(rules.map(|rule| gives(model, rule, other, destination, point)))
    };
    let Interference { joins, restricts, permits } = *interference;
    let truth = if certain.is_empty() {
        // Isolated by some of the policies that may select it, or by none.
        let is_sure = !joins && maybe.iter().all(|policy| ask(policy) == Truth::Yes);
        if is_sure { Truth::Yes } else { Truth::Maybe }
    } else {
        let may_be = |policy| ask(policy).and(Truth::Maybe);
        match any(certain.iter().map(ask)) {
            Truth::Yes => Truth::Yes,
            truth if joins => truth.or(Truth::Maybe),
            truth => truth.or(any(maybe.iter().map(may_be))),
        }
    };
    let truth = if restricts { truth.and(Truth::Maybe) } else { truth };
    if permits { truth.or(Truth::Maybe) } else { truth }
}

/// Whether a rule allows a connection.
fn gives(model: &Model, rule: &IndexedRule, other: ClassId, destination: ClassId, point: Point) -> Truth {
    if !opens(model, rule.ports, destination, point) {
        return Truth::No;
    }
    let Some(peers) = &rule.peers else { return Truth::Yes };
    let in_family = peers.iter().filter(|peer| model.peer_families(**peer).contains(point.family));
    any(in_family.map(|peer| model.peer_truth(*peer, other)))
}

fn opens(model: &Model, ports: PortsId, destination: ClassId, point: Point) -> bool {
    let Point { family, protocol, port } = point;
    let ports = model.ports(ports);
    let resolved = ports.named.iter().filter_map(|name| model.resolve(destination, *name));
    ports.fixed.slot(family, protocol).contains(port)
        || resolved
            .map(|id| &model.resolutions()[id.index()])
            .any(|set| set.slot(family, protocol).contains(port))
}

/// The strongest of several, asked in turn until one is certain.
fn any(mut all: impl Iterator<Item = Truth>) -> Truth {
    let strongest = all.try_fold(Truth::No, |so_far, truth| match so_far.or(truth) {
        Truth::Yes => Err(Truth::Yes),
        truth => Ok(truth),
    });
    strongest.unwrap_or_else(|truth| truth)
}
