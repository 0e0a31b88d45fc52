//! np against another tool's connectivity lists (`$NP_CORPUS/netpol-analyzer`): every connection of every
//! workload pair and external range agrees, or is an exception that `testdata/corpus-exceptions.md` explains
//! and on which the oracle, which has read the same manifests, is with np. So does what an ingress controller
//! that the manifests do not show may send to each workload.

mod cells;
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
const CATEGORIES: [&str; 5] =
    ["NetworkPolicy", "Ingress", "Ingress+Route", "NetworkPolicy+Route", "no-policy"];

#[test]
fn agrees_with_the_lists() {
    let Some(root) = std::env::var_os("NP_CORPUS").map(PathBuf::from) else {
        println!("skipped: NP_CORPUS is not set");
        return;
    };
    // Tests run in their crate's folder, `.ci/run` and people in the workspace's.
    let root =
        if root.is_relative() { Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(root) } else { root };
    let root = root.join("netpol-analyzer");
    let index = std::fs::read(root.join("index.json")).expect("NP_CORPUS has netpol-analyzer/index.json");
    let index: Vec<Value> = serde_json::from_slice(&index).expect("an index");
    let mut tally = Tally::default();
    let mut cases = 0;
    let is_followed = |entry: &&Value| CATEGORIES.iter().any(|category| entry["category"] == **category);
    for entry in index.iter().filter(|entry| entry["suite"] == "list").filter(is_followed) {
        cases += 1;
        judge(&root, entry, &mut tally);
    }
    let excepted: usize = tally.excepted.values().sum();
    println!(
        "netpol-analyzer: {cases} cases, {} cells agree, {excepted} exceptions, {} workloads led to",
        tally.agreed, tally.led_to
    );
    assert!(cases > 0 && tally.led_to > 0, "no cases");
    let shown: Vec<_> = tally.wrong.iter().take(20).map(String::as_str).collect();
    assert!(tally.wrong.is_empty(), "{} cells disagree:\n{}", tally.wrong.len(), shown.join("\n"));
    let expected: BTreeMap<_, _> =
        EXCEPTIONS.iter().map(|(case, reason, count)| (((*case).to_owned(), *reason), *count)).collect();
    assert_eq!(tally.excepted, expected);
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
