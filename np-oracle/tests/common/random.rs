//! Running a check on many random clusters, the same ones each time, and showing the smallest that fails.

use np_oracle::{Cluster, Effect, End, Family, Point, Protocol, boundary_points, generate};
use proptest::prelude::Strategy;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use std::net::IpAddr;

/// Clusters by default; `NP_CASES` asks for more.
const CASES: u32 = 2_000;

/// A number from the environment.
fn setting(name: &str, default: u32) -> u32 {
    std::env::var(name)
        .map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name}={text} is no number")))
}

/// Runs a check on `NP_CASES` clusters drawn from the seed `NP_SEED`, each with a draw of its own, and gives
/// back what to say about it: the run's parameters, or the smallest cluster that fails.
pub(crate) fn on_clusters<T: std::fmt::Debug>(
    with: impl Strategy<Value = T>,
    check: impl Fn(&Cluster, &T) -> Result<(), String>,
) -> Result<String, String> {
    on_some_clusters(CASES, with, check)
}

/// The same on so many clusters, if `NP_CASES` does not ask for more.
pub(crate) fn on_some_clusters<T: std::fmt::Debug>(
    cases: u32,
    with: impl Strategy<Value = T>,
    check: impl Fn(&Cluster, &T) -> Result<(), String>,
) -> Result<String, String> {
    let (cases, seed) = (setting("NP_CASES", cases), setting("NP_SEED", 0));
    let mut bytes = [0; 32];
    bytes[..4].copy_from_slice(&seed.to_le_bytes());
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 20_000, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    let parameters = format!("NP_CASES={cases} NP_SEED={seed}");
    let result = runner.run(&(generate::cluster(), with), |(cluster, with)| {
        check(&cluster, &with).map_err(TestCaseError::fail)
    });
    match result {
        Ok(()) => Ok(parameters),
        Err(TestError::Fail(reason, (cluster, with))) => {
            Err(format!("{parameters}, {with:?}: {reason}\n\n{}", show(&cluster)))
        }
        Err(TestError::Abort(reason)) => Err(format!("{parameters}: {reason}")),
    }
}

/// The cluster as a literate case, but for what is expected: the oracle's answer and the reason for it.
pub(crate) fn show(cluster: &Cluster) -> String {
    let manifests = cluster.manifests().expect("API objects can be written");
    let texts: Vec<String> =
        manifests.iter().map(|one| serde_yaml::to_string(one).expect("and as YAML")).collect();
    let mut options = String::new();
    let keep_going = cluster.unevaluated.iter().any(|policy| policy.effect == Effect::Joins);
    if !cluster.pod_cidrs.is_empty() || cluster.assume_bare_namespaces || keep_going {
        options = format!(
            "```yaml options\npod-cidr: [{}]\nassume-bare-namespaces: {}\nkeep-going: {keep_going}\n```\n\n",
            cluster.pod_cidrs.join(", "),
            cluster.assume_bare_namespaces
        );
    }
    format!(
        "## regression: say what went wrong\n\n{options}```yaml cluster\n{}```\n\n\
         ```yaml expect\n- {{from: a/b, to: c/d, ports: tcp/80, expect: allow}}\n```\n",
        texts.join("---\n")
    )
}

/// Every ordered pair of ends worth asking about: pods, workloads, nodes, and external addresses on both sides
/// of every border. A workload to itself is no pair of pods.
pub(crate) fn pairs(cluster: &Cluster) -> Vec<(End, End)> {
    pairs_with(cluster, cluster.external_addresses())
}

/// The same with these external addresses.
pub(crate) fn pairs_with(cluster: &Cluster, external: Vec<IpAddr>) -> Vec<(End, End)> {
    let external = external.into_iter().map(End::Address);
    let ends: Vec<End> = cluster.ends().into_iter().chain(external).collect();
    let mut pairs = Vec::new();
    for from in &ends {
        for to in &ends {
            let both_external = matches!((from, to), (End::Address(_), End::Address(_)));
            let same_workload = from == to && matches!(from, End::Workload { .. });
            if !both_external && !same_workload {
                pairs.push((from.clone(), to.clone()));
            }
        }
    }
    pairs
}

/// Every point at which an answer about the cluster may change.
pub(crate) fn points(cluster: &Cluster) -> Vec<Point> {
    let mut points = Vec::new();
    for port in boundary_points(cluster) {
        for protocol in Protocol::ALL {
            points.extend(Family::ALL.map(|family| Point { family, protocol, port }));
        }
    }
    points
}
