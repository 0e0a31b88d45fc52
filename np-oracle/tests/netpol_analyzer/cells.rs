//! np's side of the comparison: the rows and columns of a case, and every cell of them.

use std::path::Path;

use np_model::addr::AddrSet;
use np_model::conn::{ConnSet, Protocol};
use np_model::diag::Invalid;
use np_model::model::{ClassKind, Pod};
use np_model::{Assumptions, Input, Model, compile};
use np_oracle::{Cluster, End, Point, boundary_points};
use np_sim::axis::{By, axis};
use np_sim::endpoint::External;
use np_sim::matrix::{Matrix, Party};
use np_sim::{Endpoint, Outcome};
use serde::Deserialize;
use serde_json::Value;

use crate::lists::{Expected, list_files, read_list, repaired, v4};
use crate::{Tally, entries};

/// Compares every cell of a case.
pub(crate) fn judge(root: &Path, entry: &Value, tally: &mut Tally) {
    let case = entry["name"].as_str().expect("a name");
    let expected = read_list(&repaired(&root.join(entry["expected"].as_str().expect("a path"))));
    let arguments: Vec<&str> =
        entry["args"].as_array().expect("arguments").iter().filter_map(Value::as_str).collect();
    let focus = arguments.iter().position(|one| *one == "--focusworkload").map(|at| arguments[at + 1]);

    let folders: Vec<&str> =
        entry["dirs"].as_array().expect("folders").iter().map(|one| one.as_str().expect("a path")).collect();
    let (model, texts) = input(root, &folders).unwrap_or_else(|invalid| panic!("{case}: {invalid}"));

    let oracle = read_for_oracle(&texts);
    let judged = (case, &oracle);

    let mut matrix = Matrix::new(&model);
    let endpoints = axis(&model, By::Workload);
    let lines: Vec<Line<'_>> =
        endpoints.iter().map(|endpoint| Line::new(&model, &matrix, endpoint)).collect();
    // A Deployment that is not in the input is listed as the ReplicaSet that it made.
    let expected = expected.renamed(&lines);
    let in_focus = |line: &Line<'_>| {
        let name = line.side.name.split(['/', '[']).nth(1);
        let deployment = focus.and_then(|focus| focus.rsplit_once('-')).map(|(deployment, _)| deployment);
        let is_deployment = line.side.name.ends_with("[Deployment]") && name == deployment;
        focus.is_none() || name == focus || is_deployment
    };
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
    entries::judge(case, &model, &lines, &expected, in_focus, tally);
    let classes = model.classes().filter(|class| class.kind == ClassKind::External);
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

/// What the folders of a case hold, as np reads it, and the texts; what is wrong with them if it refuses them.
pub(crate) fn input(root: &Path, folders: &[&str]) -> Result<(Model, Vec<String>), Invalid> {
    let mut input = Input::new("default");
    let mut texts = Vec::new();
    for folder in folders {
        let mut files = Vec::new();
        list_files(&root.join(folder), &mut files);
        for file in files {
            texts.push(repaired(&file));
            input.text(&file.display().to_string(), repaired(&file).into_bytes());
        }
    }
    let assumptions = Assumptions { bare_namespaces: true, ..Assumptions::default() };
    Ok((compile(input, &assumptions)?, texts))
}

/// A workload or pod as a row and column of the comparison.
pub(crate) struct Line<'m> {
    pub(crate) side: Side,
    pub(crate) pods: Vec<&'m Pod>,
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

/// A side of a cell: what the list calls it, and who is there for the oracle.
pub(crate) struct Side {
    pub(crate) name: String,
    pub(crate) ends: Vec<End>,
}

/// Whether the oracle, asked about every pair of a cell at every port that matters, unites to the same sets.
pub(crate) fn agrees(oracle: &Cluster, from: &Side, to: &Side, outcome: &Outcome) -> bool {
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

/// What lists call an endpoint.
pub(crate) fn list_name(model: &Model, endpoint: &Endpoint) -> String {
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

/// The manifests as the oracle reads them.
pub(crate) fn read_for_oracle(texts: &[String]) -> Cluster {
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
