//! np against another tool's connectivity lists (`$NP_CORPUS/netpol-analyzer`): every connection of every
//! workload pair and external range agrees, or is an exception that `testdata/corpus-exceptions.md` explains
//! and on which the oracle, which has read the same manifests, is with np.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use np_model::addr::{AddrSet, Families, Family};
use np_model::conn::{ConnSet, Protocol};
use np_model::model::{ClassKind, Pod, Whereabouts};
use np_model::{Assumptions, Input, Model, compile};
use np_oracle::{Cluster, End, Point, boundary_points};
use np_sim::axis::{By, axis};
use np_sim::endpoint::External;
use np_sim::matrix::{Matrix, Party};
use np_sim::{Endpoint, Outcome};
use serde::Deserialize;
use serde_json::Value;

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

/// What an API server refuses, and what is read instead, in manifests and in lists: names with
/// underscores, and controller references without a kind, whose pods the lists call `[Pod]`.
const REPAIRS: &[(&str, &str)] = &[
    ("name: use_common_labels_same_values", "name: use-common-labels-same-values"),
    ("name: use_match_exp_with_all_gap_values_of_app", "name: use-match-exp-with-all-gap-values-of-app"),
    (
        "- name: internal-security",
        "- apiVersion: apps/v1\n      kind: ReplicaSet\n      name: internal-security",
    ),
    ("internal-security[Pod]", "internal-security[ReplicaSet]"),
];

fn repaired(file: &Path) -> String {
    let text = std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    REPAIRS.iter().fold(text, |text, (wrong, right)| text.replace(wrong, right))
}

/// The lists give IPv4 ranges alone.
fn v4() -> Families {
    Families::only(Family::V4)
}

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
    for entry in index.iter().filter(|entry| entry["suite"] == "list" && entry["category"] == "NetworkPolicy")
    {
        cases += 1;
        judge(&root, entry, &mut tally);
    }
    let excepted: usize = tally.excepted.values().sum();
    println!("netpol-analyzer: {cases} cases, {} cells agree, {excepted} exceptions", tally.agreed);
    assert!(cases > 0, "no cases");
    let shown: Vec<_> = tally.wrong.iter().take(20).map(String::as_str).collect();
    assert!(tally.wrong.is_empty(), "{} cells disagree:\n{}", tally.wrong.len(), shown.join("\n"));
    let expected: BTreeMap<_, _> =
        EXCEPTIONS.iter().map(|(case, reason, count)| (((*case).to_owned(), *reason), *count)).collect();
    assert_eq!(tally.excepted, expected);
}

#[derive(Default)]
struct Tally {
    agreed: usize,
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

/// A side of a cell: what the list calls it, and who is there for the oracle.
struct Side {
    name: String,
    ends: Vec<End>,
}

/// Whether the oracle, asked about every pair of a cell at every port that matters, unites to the same sets.
fn agrees(oracle: &Cluster, from: &Side, to: &Side, outcome: &Outcome) -> bool {
    let pairs = from.ends.iter().flat_map(|a| to.ends.iter().map(move |b| (a, b))).filter(|(a, b)| a != b);
    let pairs: Vec<_> = pairs.map(|(a, b)| oracle.between(a, b).expect("ends of the cluster")).collect();
    boundary_points(oracle).into_iter().all(|port| {
        np_oracle::Protocol::ALL.into_iter().all(|protocol| {
            let point = Point { family: np_oracle::Family::V4, protocol, port };
            let bounds: Vec<_> =
                pairs.iter().filter_map(|pair| pair.at(point)).map(np_oracle::Bounds::pair).collect();
            let asked = Protocol::from_api(protocol.name()).expect("the same protocols");
            let asked = ConnSet::ports(v4(), asked, port, port);
            outcome.passes.covers(&asked) == bounds.iter().any(|one| one.certain)
                && outcome.open.covers(&asked) == bounds.iter().any(|one| one.possible && !one.certain)
        })
    })
}

/// The manifests as the oracle reads them.
fn read_for_oracle(texts: &[String]) -> Cluster {
    let mut manifests = Vec::new();
    for text in texts {
        for document in serde_yaml::Deserializer::from_str(text) {
            let value = Value::deserialize(document).expect("YAML or JSON");
            let Some(items) = value["items"].as_array() else {
                manifests.push(value);
                continue;
            };
            // Items of a `PodList` need not say that they are Pods.
            let kind = value["kind"].as_str().and_then(|kind| kind.strip_suffix("List")).unwrap_or_default();
            manifests.extend(items.iter().cloned().map(|mut item| {
                if item["kind"].is_null() {
                    item["kind"] = kind.into();
                    item["apiVersion"] = value["apiVersion"].clone();
                }
                item
            }));
        }
    }
    let kinds = ["Namespace", "Pod", "Node", "NetworkPolicy"];
    manifests.retain(|one| one["kind"].as_str().is_some_and(|kind| kinds.contains(&kind)));
    let cluster = Cluster::from_manifests(&manifests).expect("kinds that the oracle reads");
    Cluster { assume_bare_namespaces: true, ..cluster }
}

/// What a list says: connections between workloads, and of workloads with IPv4 ranges.
#[derive(Default)]
struct Expected {
    inside: BTreeMap<(String, String), ConnSet>,
    /// By workload, `true` for its egress.
    outside: BTreeMap<(String, bool), Vec<(AddrSet, ConnSet)>>,
}

impl Expected {
    /// The same by np's names: `app-HASH[ReplicaSet]` is `app[Deployment]` where np has that instead.
    fn renamed(self, lines: &[Line<'_>]) -> Self {
        let has = |name: &str| lines.iter().any(|line| line.side.name == name);
        let rename = |name: String| {
            let deployment = name
                .strip_suffix("[ReplicaSet]")
                .and_then(|set| set.rsplit_once('-'))
                .map(|(deployment, _)| format!("{deployment}[Deployment]"));
            deployment.filter(|deployment| !has(&name) && has(deployment)).unwrap_or(name)
        };
        Self {
            inside: self.inside.into_iter().map(|((a, b), set)| ((rename(a), rename(b)), set)).collect(),
            outside: self
                .outside
                .into_iter()
                .map(|((a, is_egress), set)| ((rename(a), is_egress), set))
                .collect(),
        }
    }
}

fn judge(root: &Path, entry: &Value, tally: &mut Tally) {
    let case = entry["name"].as_str().expect("a name");
    let expected = read_list(&repaired(&root.join(entry["expected"].as_str().expect("a path"))));
    let arguments: Vec<&str> =
        entry["args"].as_array().expect("arguments").iter().filter_map(Value::as_str).collect();
    let focus = arguments.iter().position(|one| *one == "--focusworkload").map(|at| arguments[at + 1]);

    let mut input = Input::new("default");
    let mut texts = Vec::new();
    for folder in entry["dirs"].as_array().expect("folders") {
        let mut files = Vec::new();
        list_files(&root.join(folder.as_str().expect("a path")), &mut files);
        for file in files {
            texts.push(repaired(&file));
            input.text(&file.display().to_string(), repaired(&file).into_bytes());
        }
    }
    let assumptions = Assumptions { bare_namespaces: true, ..Assumptions::default() };
    let model = compile(input, &assumptions).unwrap_or_else(|invalid| panic!("{case}: {invalid}"));

    let oracle = read_for_oracle(&texts);
    let judged = (case, &oracle);

    let mut matrix = Matrix::new(&model);
    let endpoints = axis(&model, By::Workload);
    let lines: Vec<Line<'_>> =
        endpoints.iter().map(|endpoint| Line::new(&model, &matrix, endpoint)).collect();
    // A Deployment that is not in the input is listed as the ReplicaSet that it made.
    let expected = expected.renamed(&lines);
    let in_focus =
        |line: &Line<'_>| focus.is_none_or(|focus| line.side.name.split(['/', '[']).nth(1) == Some(focus));
    for name in expected.inside.keys().flat_map(|(a, b)| [a, b]) {
        assert!(lines.iter().any(|line| line.side.name == *name), "{case}: np has no {name}");
    }
    for from in &lines {
        for to in lines.iter().filter(|to| to.side.name != from.side.name) {
            if in_focus(from) || in_focus(to) {
                let cell = matrix.cell(&from.party, &to.party);
                let key = (from.side.name.clone(), to.side.name.clone());
                let right = expected.inside.get(&key).cloned().unwrap_or_default();
                let pods = [from.pods.as_slice(), &to.pods].concat();
                tally.cell(judged, (&from.side, &to.side), &pods, &right, &matrix.outcome(cell));
            }
        }
    }
    let classes = model.classes().iter().filter(|class| class.kind == ClassKind::External);
    for class in classes.filter(|class| class.families == v4()) {
        for line in lines.iter().filter(|line| in_focus(line)) {
            for is_egress in [true, false] {
                for (range, right) in pieces(&expected, &line.side.name, is_egress, &class.addresses) {
                    let external = External::new(&model, "range", &range);
                    let Some((first, _)) = external.addresses.ranges().next() else { continue };
                    let outside = Side { name: first.to_string(), ends: vec![End::Address(first)] };
                    let party = matrix.party(&Endpoint::External(external));
                    let (parties, sides) = if is_egress {
                        ((&line.party, &party), (&line.side, &outside))
                    } else {
                        ((&party, &line.party), (&outside, &line.side))
                    };
                    let cell = matrix.cell(parties.0, parties.1);
                    tally.cell(judged, sides, &line.pods, &right, &matrix.outcome(cell));
                }
            }
        }
    }
}

/// A workload or pod as a row and column of the comparison.
struct Line<'m> {
    side: Side,
    pods: Vec<&'m Pod>,
    party: Party,
}

impl<'m> Line<'m> {
    fn new(model: &'m Model, matrix: &Matrix<'_>, endpoint: &Endpoint) -> Self {
        let pods: Vec<&Pod> = endpoint.pods(model).into_iter().map(|id| model.pod(id)).collect();
        // Templates are no pods to the oracle; no exception is about them.
        let live = pods.iter().filter(|pod| pod.template.is_none());
        let ends = live.map(|pod| End::pod(&model.namespace(pod.namespace).name, &pod.name)).collect();
        Self { side: Side { name: list_name(model, endpoint), ends }, pods, party: matrix.party(endpoint) }
    }
}

/// `addresses` cut to the ranges that a workload's list tells apart; what it does not list is closed.
fn pieces(expected: &Expected, name: &str, is_egress: bool, addresses: &AddrSet) -> Vec<(AddrSet, ConnSet)> {
    let listed = expected.outside.get(&(name.to_owned(), is_egress)).map(Vec::as_slice).unwrap_or_default();
    let mut rest = addresses.clone();
    let mut pieces = Vec::new();
    for (range, connections) in listed {
        pieces.push((range.and(addresses), connections.clone()));
        rest = rest.minus(range);
    }
    pieces.push((rest, ConnSet::none()));
    pieces.retain(|(range, _)| !range.is_empty());
    pieces
}

fn list_name(model: &Model, endpoint: &Endpoint) -> String {
    match endpoint {
        Endpoint::Workload(id) => {
            let workload = model.workload(*id);
            let namespace = &model.namespace(workload.namespace).name;
            format!("{namespace}/{}[{}]", workload.name, workload.kind.api())
        }
        Endpoint::Pod(id) => {
            let pod = model.pod(*id);
            format!("{}/{}[Pod]", model.namespace(pod.namespace).name, pod.name)
        }
        other => other.name(model),
    }
}

fn list_files(folder: &Path, files: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("a readable folder").path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            list_files(&path, files);
        } else if path.extension().is_some_and(|one| one == "yaml" || one == "yml" || one == "json") {
            files.push(path);
        }
    }
}

fn read_list(text: &str) -> Expected {
    let mut expected = Expected::default();
    for line in text.lines().filter(|line| line.contains(" => ")) {
        let (pair, connections) = line.split_once(" : ").expect("a line `SRC => DST : CONN`");
        let (from, to) = pair.split_once(" => ").expect("a line `SRC => DST : CONN`");
        let connections = read_connections(connections.trim());
        match (read_range(from), read_range(to)) {
            (Some(range), None) => {
                expected.outside.entry((to.to_owned(), false)).or_default().push((range, connections));
            }
            (None, Some(range)) => {
                expected.outside.entry((from.to_owned(), true)).or_default().push((range, connections));
            }
            _ => drop(expected.inside.insert((from.to_owned(), to.to_owned()), connections)),
        }
    }
    expected
}

fn read_range(text: &str) -> Option<AddrSet> {
    let range = text.strip_suffix("[External]")?;
    let (first, last) = range.split_once('-').unwrap_or((range, range));
    Some(AddrSet::range(first.parse().expect("an address"), last.parse().expect("an address")))
}

fn read_connections(text: &str) -> ConnSet {
    if text == "All Connections" {
        return ConnSet::all(v4());
    }
    let mut set = ConnSet::none();
    let mut protocol = None;
    for part in text.split(',') {
        let (named, ports) = part.split_once(' ').map_or((None, part), |(name, ports)| (Some(name), ports));
        if let Some(name) = named {
            protocol = Some(Protocol::from_api(name).unwrap_or_else(|| panic!("no protocol in {text}")));
        }
        let (first, last) = ports.split_once('-').unwrap_or((ports, ports));
        let number = |text: &str| text.parse().unwrap_or_else(|_| panic!("no port in {text}"));
        set = set.or(&ConnSet::ports(v4(), protocol.expect("a protocol"), number(first), number(last)));
    }
    set
}
