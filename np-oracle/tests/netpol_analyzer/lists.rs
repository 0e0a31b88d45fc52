//! What another tool's lists say, in np's terms.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use np_model::addr::{AddrSet, Families, Family};
use np_model::conn::{ConnSet, Protocol};

use crate::cells::Line;

/// What an API server refuses, and what is read instead, in manifests and in lists: names with
/// underscores, and controller references without a kind, whose pods the lists call `[Pod]`; the empty
/// status that NetworkPolicies had for a while; and a Service of several ports without names.
const REPAIRS: &[(&str, &str)] = &[
    ("name: use_common_labels_same_values", "name: use-common-labels-same-values"),
    ("name: use_match_exp_with_all_gap_values_of_app", "name: use-match-exp-with-all-gap-values-of-app"),
    (
        "- name: internal-security",
        "- apiVersion: apps/v1\n      kind: ReplicaSet\n      name: internal-security",
    ),
    ("\nstatus: {}", "\n"),
    ("\n      status: {}", "\n"),
    ("\n      port: 8000", "\n      name: p8000\n      port: 8000"),
    ("\n      port: 8050", "\n      name: p8050\n      port: 8050"),
    ("\n      port: 8090", "\n      name: p8090\n      port: 8090"),
    ("internal-security[Pod]", "internal-security[ReplicaSet]"),
];

pub(crate) fn repaired(file: &Path) -> String {
    let text = std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    REPAIRS.iter().fold(text, |text, (wrong, right)| text.replace(wrong, right))
}

/// The lists give IPv4 ranges alone.
pub(crate) fn v4() -> Families {
    Families::only(Family::V4)
}

/// What lists call a controller that is not in the manifests: a pod with unknown labels in an unknown
/// namespace.
const CONTROLLER: &str = "{ingress-controller}";

/// What a list says: connections between workloads, and of workloads with IPv4 ranges.
#[derive(Default)]
pub(crate) struct Expected {
    pub(crate) inside: BTreeMap<(String, String), ConnSet>,
    /// By workload, `true` for its egress.
    pub(crate) outside: BTreeMap<(String, bool), Vec<(AddrSet, ConnSet)>>,
    /// By workload, what reaches it from an ingress controller that is not in the manifests.
    pub(crate) entries: BTreeMap<String, ConnSet>,
}

impl Expected {
    /// The same by np's names: `app-HASH[ReplicaSet]` is `app[Deployment]` where np has that instead.
    pub(crate) fn renamed(self, lines: &[Line<'_>]) -> Self {
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
            entries: self.entries.into_iter().map(|(name, set)| (rename(name), set)).collect(),
            outside: self
                .outside
                .into_iter()
                .map(|((a, is_egress), set)| ((rename(a), is_egress), set))
                .collect(),
        }
    }
}

pub(crate) fn list_files(folder: &Path, files: &mut Vec<PathBuf>) {
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

pub(crate) fn read_list(text: &str) -> Expected {
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
            _ if from == CONTROLLER => drop(expected.entries.insert(to.to_owned(), connections)),
            _ => drop(expected.inside.insert((from.to_owned(), to.to_owned()), connections)),
        }
    }
    expected
}

pub(crate) fn read_range(text: &str) -> Option<AddrSet> {
    let range = text.strip_suffix("[External]")?;
    let (first, last) = range.split_once('-').unwrap_or((range, range));
    Some(AddrSet::range(first.parse().expect("an address"), last.parse().expect("an address")))
}

pub(crate) fn read_connections(text: &str) -> ConnSet {
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
