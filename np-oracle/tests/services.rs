//! Engines against the judge on the Services of random clusters: every end, every Service, all of its ports and
//! each of them, what passes, is open and is blocked.
//!
//! `NP_CASES` and `NP_SEED` as in the test `random`.

#[allow(dead_code, reason = "each test uses its part of what they share")]
mod common;

use common::judge::Judge;
use common::random::{on_clusters, points};
use common::{Built, Case, Engine, OfService, Verdict4};
use np_oracle::{Cluster, End};
use proptest::prelude::Just;
use std::cell::RefCell;
use std::collections::BTreeMap;

/// How many questions were of which sort: a run that never asks something is no evidence.
type Counts = RefCell<BTreeMap<&'static str, u64>>;

fn count(counts: &Counts, what: &'static str) {
    *counts.borrow_mut().entry(what).or_default() += 1;
}

#[test]
fn agrees_with_the_judge_on_services() {
    let engines: [Box<dyn Engine>; 2] = [Box::new(Judge), Box::new(common::np::Np)];
    for engine in engines {
        let counts = Counts::default();
        match on_clusters(Just(()), |cluster, ()| compare(cluster, &*engine, &counts)) {
            Ok(parameters) => println!("{} agrees with the judge: {parameters}", engine.name()),
            Err(failure) => panic!("{} disagrees with the judge: {failure}", engine.name()),
        }
        println!("{:#?}", counts.borrow());
    }
}

fn compare(cluster: &Cluster, engine: &dyn Engine, counts: &Counts) -> Result<(), String> {
    count(counts, "clusters");
    if cluster.services.is_empty() {
        return Ok(());
    }
    let built = engine.build(&Case::from(cluster));
    let points = points(cluster);
    let external = cluster.external_addresses().into_iter().map(End::Address);
    let ends: Vec<End> = cluster.ends().into_iter().chain(external).collect();
    for (namespace, name) in cluster.service_names() {
        let behind = cluster.endpoints_of(namespace, name);
        for asked in cluster.questions(namespace, name) {
            for from in &ends {
                // Whether the pods of a workload reach each other is not a question about one pod.
                let is_workload = matches!(from, End::Workload { .. });
                if is_workload && behind.iter().flatten().any(|end| end == from) {
                    continue;
                }
                let right = Built::service(cluster, from, (namespace, name), &asked, &points);
                let its = built.service(from, (namespace, name), &asked, &points);
                tally(right.as_ref(), counts);
                if its != right {
                    return Err(format!(
                        "{from:?} to {namespace}/svc/{name} {asked:?}, which is {behind:?}:\n  the judge says  {}\n  the engine says {}",
                        show(right.as_ref()),
                        show(its.as_ref())
                    ));
                }
            }
        }
        for end in behind.into_iter().flatten() {
            count(counts, sort(cluster, &end));
        }
    }
    Ok(())
}

fn tally(answer: Option<&OfService>, counts: &Counts) {
    count(counts, "questions");
    let Some(OfService { verdict, points }) = answer else {
        return count(counts, "questions without an answer");
    };
    count(
        counts,
        match (verdict, points.is_some()) {
            (Verdict4::Allowed, _) => "allowed",
            (Verdict4::Denied, true) => "denied",
            (Verdict4::Denied, false) => "denied for want of an endpoint",
            (Verdict4::Partial, _) => "partial",
            (Verdict4::Unknown, true) => "unknown",
            (Verdict4::Unknown, false) => "unknown endpoints",
        },
    );
}

fn sort(cluster: &Cluster, end: &End) -> &'static str {
    let on_host = |namespace: &str, name: &str| {
        let is_it = |metadata: &k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta| {
            metadata.namespace.as_deref() == Some(namespace) && metadata.name.as_deref() == Some(name)
        };
        let pod = cluster.pods.iter().find(|pod| is_it(&pod.metadata));
        pod.and_then(|pod| pod.spec.as_ref()?.host_network) == Some(true)
    };
    match end {
        End::Pod { namespace, name } if on_host(namespace, name) => "endpoints: pods on a node's network",
        End::Pod { .. } => "endpoints: pods",
        End::Workload { .. } => "endpoints: workloads",
        End::Node(_) => "endpoints: nodes",
        End::Address(_) => "endpoints: external",
    }
}

fn show(answer: Option<&OfService>) -> String {
    let Some(OfService { verdict, points }) = answer else { return "no answer".to_owned() };
    format!("{verdict:?} {points:?}")
}
