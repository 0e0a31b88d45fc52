//! np against another tool's connectivity lists (`$NP_CORPUS/netpol-analyzer`): every connection of every
//! workload pair and external range agrees, or is an exception that `testdata/corpus-exceptions.md` explains
//! and on which the oracle, which has read the same manifests, is with np. So does what an ingress controller
//! that the manifests do not show may send to each workload. Differences of two folders are compared in the same way.

#![expect(clippy::print_stdout, reason = "what was compared, and what was skipped, is said")]

mod cells;
mod diffs;
mod entries;
mod lists;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use np_model::conn::ConnSet;
use np_model::model::{Pod, Whereabouts};
use np_oracle::Cluster;
use np_sim::Outcome;
use serde_json::Value;

use cells::{Side, agrees, judge};
use lists::v4;

/// Why a list is not followed; `testdata/corpus-exceptions.md` has the words of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Reason {
    /// A pod of the cell shares its node's network: the tool takes it for any other pod.
    HostNetwork,
    /// A pod of the cell has no address in the input, and a block may hold it: the tool takes it to
    /// match none, np leaves it open.
    NoAddress,
    /// A manifest is broken: the tool skips the object, np gives no answer.
    Refused,
    /// An Ingress names a port that its Service does not have: the tool takes it for the target port, np leads it nowhere.
    ServicePort,
}

/// How many cells of a case are not followed, and why.
const EXCEPTIONS: &[(&str, Reason, usize)] = &[
    ("ipblockstest", Reason::HostNetwork, 100),
    ("ipblockstest_2", Reason::HostNetwork, 100),
    ("ipblockstest_4", Reason::HostNetwork, 88),
    ("multiple_topology_resources_1", Reason::HostNetwork, 46),
    ("semanticDiff-different-topologies-policy-a-with-ipblock", Reason::NoAddress, 3),
    ("semanticDiff-same-topologies-new1", Reason::HostNetwork, 4),
    ("semanticDiff-same-topologies-new1a", Reason::HostNetwork, 5),
    ("semanticDiff-same-topologies-new3", Reason::HostNetwork, 5),
    ("semanticDiff-same-topologies-old2", Reason::HostNetwork, 3),
    ("semanticDiff-same-topologies-old3", Reason::HostNetwork, 5),
];

impl Reason {
    /// The reason why a cell is not followed, as far as facts tell.
    fn of(pods: &[&Pod], outcome: &Outcome) -> Option<Self> {
        if pods.iter().any(|pod| pod.host_network) {
            Some(Self::HostNetwork)
        } else if !outcome.open.is_empty() && pods.iter().any(|pod| pod.whereabouts == Whereabouts::PodSpace)
        {
            Some(Self::NoAddress)
        } else {
            None
        }
    }
}

/// The kinds of objects that lists are made from, as far as np evaluates them.
const CATEGORIES: [&str; 6] = [
    "NetworkPolicy",
    "Ingress",
    "Ingress+Route",
    "NetworkPolicy+Ingress",
    "NetworkPolicy+Route",
    "no-policy",
];

/// Pairs of cases of the suites `diff` and `cli-diff` that are not followed, and why.
const EXCEPTIONS_OF_DIFFS: &[(&str, Reason, usize)] = &[
    ("ipblockstest__ipblockstest_2", Reason::HostNetwork, 3),
    ("ipblockstest__ipblockstest_3", Reason::HostNetwork, 3),
    ("ipblockstest__ipblockstest_4", Reason::HostNetwork, 130),
    ("k8s_ingress_test__k8s_ingress_test_new", Reason::ServicePort, 1),
    ("multiple_topology_resources_1__multiple_topology_resources_2", Reason::HostNetwork, 2),
    ("onlineboutique__onlineboutique_with_pods_severe_error", Reason::Refused, 1),
    (
        "onlineboutique_workloads__onlineboutique_workloads_changed_netpols_and_workloads",
        Reason::NoAddress,
        1,
    ),
    (
        "semanticDiff-different-topologies-policy-a-with-ipblock__semanticDiff-different-topologies-policy-b-with-ipblock",
        Reason::NoAddress,
        6,
    ),
    ("semanticDiff-same-topologies-old2__semanticDiff-same-topologies-new2", Reason::HostNetwork, 1),
];

/// The cases of some suites, and the folder that they are in; nothing where there is no corpus, which is printed.
fn cases(suites: &[&str]) -> Option<(PathBuf, Vec<Value>)> {
    let Some(root) = std::env::var_os("NP_CORPUS").map(PathBuf::from) else {
        println!("skipped: NP_CORPUS is not set");
        return None;
    };
    // Tests run in their crate's folder, `.ci/run` and people in the workspace's.
    let root =
        if root.is_relative() { Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(root) } else { root };
    let root = root.join("netpol-analyzer");
    let index = std::fs::read(root.join("index.json")).expect("NP_CORPUS has netpol-analyzer/index.json");
    let index: Vec<Value> = serde_json::from_slice(&index).expect("an index");
    let is_followed = |entry: &Value| {
        suites.iter().any(|suite| entry["suite"] == **suite)
            && CATEGORIES.iter().any(|category| entry["category"] == **category)
    };
    Some((root, index.into_iter().filter(is_followed).collect()))
}

#[test]
fn agrees_with_the_lists() {
    let Some((root, cases)) = cases(&["list"]) else { return };
    let mut tally = Tally::default();
    for entry in &cases {
        judge(&root, entry, &mut tally);
    }
    assert!(tally.led_to > 0, "no workload that a controller leads to");
    tally.check(cases.len(), EXCEPTIONS);
}

#[test]
fn agrees_with_the_differences() {
    let Some((root, cases)) = cases(&["diff", "cli-diff"]) else { return };
    let mut tally = Tally::default();
    for entry in &cases {
        diffs::judge(&root, entry, &mut tally);
    }
    tally.check(cases.len(), EXCEPTIONS_OF_DIFFS);
}
#[derive(Default)]
struct Tally {
    agreed: usize,
    /// Of those, how many are what an ingress controller sends.
    led_to: usize,
    excepted: BTreeMap<(String, Reason), usize>,
    wrong: Vec<String>,
}

impl Tally {
    /// Says what was found; nothing may be wrong, and the exceptions must be these.
    fn check(&self, cases: usize, exceptions: &[(&str, Reason, usize)]) {
        let excepted: usize = self.excepted.values().sum();
        println!(
            "netpol-analyzer: {cases} cases, {} cells agree, {excepted} exceptions, {} workloads led to",
            self.agreed, self.led_to
        );
        let shown: Vec<_> = self.wrong.iter().take(20).map(String::as_str).collect();
        assert!(self.wrong.is_empty(), "{} cells disagree:\n{}", self.wrong.len(), shown.join("\n"));
        assert!(cases > 0 && self.agreed > 0, "no cases");
        let expected: BTreeMap<_, _> =
            exceptions.iter().map(|(case, reason, count)| (((*case).to_owned(), *reason), *count)).collect();
        assert_eq!(self.excepted, expected);
    }

    /// Takes note of what a list says otherwise, for a reason or else wrongly.
    fn differs(&mut self, case: &str, reason: Option<Reason>, text: impl FnOnce() -> String) {
        match reason {
            Some(reason) => *self.excepted.entry((case.to_owned(), reason)).or_default() += 1,
            None => self.wrong.push(format!("{case}: {}", text())),
        }
    }

    /// Compares a cell of a case: its name, its two sides, and the pods among them.
    fn cell(
        &mut self,
        (case, oracle): (&str, &Cluster),
        (from, to): (&Side, &Side),
        pods: &[&Pod],
        expected: &ConnSet,
        outcome: &Outcome,
    ) {
        let passes = outcome.passes.within(v4());
        if passes == *expected && outcome.open.is_empty() {
            self.agreed += 1;
        } else if let Some(reason) = Reason::of(pods, outcome).filter(|_| agrees(oracle, from, to, outcome)) {
            *self.excepted.entry((case.to_owned(), reason)).or_default() += 1;
        } else {
            self.wrong.push(format!(
                "{case}: {} => {}: the list says {}, np {} (open {})",
                from.name,
                to.name,
                expected.text(v4()),
                passes.text(v4()),
                outcome.open.text(v4())
            ));
        }
    }
}
