//! The two sides of a question by class, and the situations that their pairs are in.
//!
//! A cell over many pods is decided by few facts: the classes of both ends, and whether the two are
//! the same pod or a pod and its own node. Those overlays concern single pods, so they are found
//! here, from counts and node names, without walking all pairs.

use std::collections::BTreeSet;

use np_model::Model;
use np_model::addr::{AddrSet, Families};
use np_model::model::{ClassId, ClassKind, NodeId, PodId};

use crate::endpoint::Endpoint;

/// The members of one side that share a class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) class: ClassId,
    pub(crate) pods: Vec<PodId>,
    pub(crate) nodes: Vec<NodeId>,
    pub(crate) addresses: AddrSet,
}

/// What two ends are to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Relation {
    /// Two endpoints whose policies decide.
    Strangers,
    /// One and the same pod: it always reaches itself.
    Itself,
    /// A pod and the node it runs on: always allowed, in both directions.
    OwnNode,
    /// A pod and a node that may be the one it runs on: the input does not say.
    MaybeOwnNode,
}

/// A side of a question, divided by class, in the order of class ids.
pub(crate) fn divide(model: &Model, endpoint: &Endpoint) -> Vec<Part> {
    let empty = |class| Part { class, pods: Vec::new(), nodes: Vec::new(), addresses: AddrSet::default() };
    let mut parts: Vec<Part> = match endpoint {
        Endpoint::Node(id) => vec![Part { nodes: vec![*id], ..empty(model.node(*id).class) }],
        Endpoint::External(external) => {
            let cut = |class: ClassId| {
                let addresses = model.class(class).addresses.and(&external.addresses);
                (!addresses.is_empty()).then(|| Part { addresses, ..empty(class) })
            };
            let classes = model.class_ids().filter(|id| model.class(*id).kind == ClassKind::External);
            classes.filter_map(cut).collect()
        }
        Endpoint::Pod(_) | Endpoint::Workload(_) | Endpoint::Namespace(_) => {
            let mut pods = endpoint.pods(model);
            pods.sort_by_key(|pod| (model.pod(*pod).class, *pod));
            let runs = pods.chunk_by(|a, b| model.pod(*a).class == model.pod(*b).class);
            runs.map(|run| Part { pods: run.to_vec(), ..empty(model.pod(run[0]).class) }).collect()
        }
    };
    parts.sort_by_key(|part| part.class);
    parts
}

/// Calls `each` for every situation that some pair of the two sides is in, with the parts and the
/// families that their ends have in common, of those that were `asked` about.
///
/// A pod to itself is left out unless it is the only pair. Of an address range, the addresses of
/// families that the other end lacks are left out, unless nothing else is left.
pub(crate) fn situations<'p>(
    model: &Model,
    from: &'p [Part],
    to: &'p [Part],
    asked: Families,
    mut each: impl FnMut(&'p Part, &'p Part, Relation, Families),
) {
    let families = |part: &Part| model.class(part.class).families.and(asked);
    let external = |part: &Part| model.class(part.class).kind == ClassKind::External;
    let is_met = |part: &Part, others: &[Part]| {
        others.iter().any(|other| !families(part).and(families(other)).is_empty())
    };
    let mut met = false;
    for a in from {
        for b in to {
            let common = families(a).and(families(b));
            let is_beside =
                common.is_empty() && (external(a) && is_met(b, from) || external(b) && is_met(a, to));
            if is_beside {
                continue;
            }
            match placement(model, a, b) {
                Some(relations) => {
                    met = true;
                    for relation in relations {
                        each(a, b, relation, common);
                    }
                }
                None if has_others(model, a, b) => {
                    met = true;
                    each(a, b, Relation::Strangers, common);
                }
                None => {}
            }
        }
    }
    if !met && let ([a], [b]) = (from, to) {
        each(a, b, Relation::Itself, families(a));
    }
}

/// What pods and hosts are to each other, by the nodes they are on; `None` if not one part is of
/// pods and the other of hosts.
fn placement(model: &Model, a: &Part, b: &Part) -> Option<Vec<Relation>> {
    let (pods, hosts) = match (model.class(a.class).kind, model.class(b.class).kind) {
        (ClassKind::Pods, ClassKind::Hosts) => (a, b),
        (ClassKind::Hosts, ClassKind::Pods) => (b, a),
        _ => return None,
    };
    let (placed, there) = (node_names(model, pods), node_names(model, hosts));
    let is_any = |test: fn(&str, &str) -> bool| {
        placed.iter().flatten().any(|name| there.iter().flatten().any(|other| test(name, other)))
    };
    let possible = [
        (is_any(|name, other| name != other), Relation::Strangers),
        (is_any(|name, other| name == other), Relation::OwnNode),
        (placed.contains(&None) || there.contains(&None), Relation::MaybeOwnNode),
    ];
    Some(possible.into_iter().filter_map(|(is_so, relation)| is_so.then_some(relation)).collect())
}

/// Whether there is a pair of two different endpoints.
fn has_others(model: &Model, a: &Part, b: &Part) -> bool {
    match (a.pods.as_slice(), b.pods.as_slice()) {
        ([one], [other]) if one == other => model.pod(*one).is_several(),
        _ if a.nodes.len() == 1 && a.nodes == b.nodes => !a.pods.is_empty(),
        _ => true,
    }
}

/// The nodes that the members of a part run on or are; `None` among them if some are not placed.
fn node_names<'m>(model: &'m Model, part: &Part) -> BTreeSet<Option<&'m str>> {
    let pods = part.pods.iter().map(|pod| model.pod(*pod).node_name.as_deref());
    let nodes = part.nodes.iter().map(|node| Some(&*model.node(*node).name));
    pods.chain(nodes).collect()
}
