//! What exposure says of a subject is what all its pairs say, asked one by one with `reach`, which is held to
//! the oracle itself: on random clusters, with pods on their node's network, nodes that are not known, and
//! policies that cannot be evaluated.
//!
//! More clusters, or others:
//!
//! ```text
//! NP_CASES=20000 NP_SEED=1 cargo test --release -p np-oracle --test exposure -- --nocapture
//! ```

#[allow(dead_code, reason = "each test uses its part of what they share")]
mod common;

use common::random::on_some_clusters;
use np_model::ir::Direction;
use np_model::model::{ClassKind, NamespaceId, PodId};
use np_model::{Assumptions, Input, Model, compile_anyway};
use np_oracle::Cluster;
use np_sim::exposure::Facing;
use np_sim::{By, Endpoint, Finder, Outcome, axis, exposure, reach};
use proptest::prelude::Just;

/// Clusters by default.
const CLUSTERS: u32 = 500;

#[test]
fn exposure_is_what_the_pairs_say() {
    match on_some_clusters(CLUSTERS, Just(()), |cluster, ()| compare(&model(cluster))) {
        Ok(parameters) => println!("exposure and pairs agree: {parameters}"),
        Err(failure) => panic!("exposure and pairs disagree: {failure}"),
    }
}

fn model(cluster: &Cluster) -> Model {
    let assumptions = Assumptions {
        pod_cidrs: cluster.pod_cidrs.iter().map(|cidr| cidr.parse().expect("a CIDR")).collect(),
        bare_namespaces: cluster.assume_bare_namespaces,
    };
    let mut input = Input::new("default");
    for object in cluster.manifests().expect("API objects can be written") {
        input.text("object.json", object.to_string().into_bytes());
    }
    compile_anyway(input, &assumptions)
}

fn compare(model: &Model) -> Result<(), String> {
    for by in [By::Distinct, By::Pod] {
        for subject in exposure(model, &axis(model, by)).subjects {
            for direction in Direction::BOTH {
                compare_one(model, &subject.endpoint, subject.profile.facing(direction), direction)
                    .map_err(|what| format!("{} {direction} {what}", subject.endpoint.name(model)))?;
            }
        }
    }
    Ok(())
}

fn compare_one(
    model: &Model,
    endpoint: &Endpoint,
    facing: &Facing,
    direction: Direction,
) -> Result<(), String> {
    let own = endpoint.namespace(model).expect("the namespace of pods");
    let (mut others, mut at_home, mut namespaces) = (Outcome::default(), Outcome::default(), Vec::new());
    for (namespace, pod) in peers(model, endpoint) {
        let outcome = pair(model, endpoint, &Endpoint::Pod(pod), direction);
        if namespace == own {
            at_home = at_home.or(&outcome);
            continue;
        }
        if !(outcome.passes.is_empty() && outcome.open.is_empty()) {
            namespaces.push(namespace);
        }
        others = others.or(&outcome);
    }
    namespaces.dedup();
    same("in its own namespace", &facing.own, &at_home)?;
    same("in others", &facing.others, &others)?;
    if facing.namespaces != namespaces {
        return Err(format!("has {:?}, the pairs {namespaces:?}", facing.namespaces));
    }
    let internet = Finder::new(model, None).find("internet").map_err(|error| error.to_string())?;
    same("with the internet", &facing.internet, &pair(model, endpoint, &internet, direction))
}

/// The ordinary pods that a subject makes pairs with, by namespace.
fn peers(model: &Model, endpoint: &Endpoint) -> Vec<(NamespaceId, PodId)> {
    let itself = match endpoint.pods(model).as_slice() {
        [one] if !model.pod(*one).is_several() => Some(*one),
        _ => None,
    };
    let ordinary = |id: &PodId| model.class(model.pod(*id).class).kind == ClassKind::Pods;
    let pods = model.pod_ids().filter(|id| ordinary(id) && Some(*id) != itself);
    pods.map(|id| (model.pod(id).namespace, id)).collect()
}

fn pair(model: &Model, endpoint: &Endpoint, peer: &Endpoint, direction: Direction) -> Outcome {
    let (from, to) = match direction {
        Direction::Egress => (endpoint, peer),
        Direction::Ingress => (peer, endpoint),
    };
    // Without a family in common nothing can pass, and nothing is told.
    reach(model, from, to, &[]).map(|answer| answer.outcome).unwrap_or_default()
}

/// What passes and what is open; what is blocked among ends without a family in common is a matter of taste.
fn same(what: &str, facing: &Outcome, pairs: &Outcome) -> Result<(), String> {
    let parts = |outcome: &Outcome| (outcome.passes.clone(), outcome.open.clone());
    if parts(facing) == parts(pairs) {
        Ok(())
    } else {
        Err(format!("{what}:\n  exposure {facing:?}\n  pairs    {pairs:?}"))
    }
}
