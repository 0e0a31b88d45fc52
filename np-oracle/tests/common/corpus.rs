//! The corpus of verdicts that others gave (`$NP_CORPUS/reach`), read and put in a state that an API server
//! would accept, and the rows on which the API documentation is against it.

use super::{Answer, Built, Case, Engine, Verdict4};
use np_oracle::{End, Protocol};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The folders of the corpus that are about NetworkPolicy.
pub(crate) const FOLDERS: [&str; 3] = ["cyclonus", "random-v1", "kube-network-policies"];

/// A row on which the corpus is wrong, see `testdata/corpus-exceptions.md`.
struct Exception {
    case: &'static str,
    from: &'static str,
    to: &'static str,
    port: u16,
    answer: Verdict4,
}

const EXCEPTIONS: [Exception; 1] = [
    // A policy of type Ingress without rules "allows all" there.
    Exception {
        case: "NetworkPolicy-allow-all-override-deny-ingress",
        from: "foo/a",
        to: "bar/b",
        port: 80,
        answer: Verdict4::Denied,
    },
];

/// One file of the corpus.
pub(crate) struct CorpusCase {
    pub(crate) name: String,
    pub(crate) case: Case,
    pub(crate) rows: Vec<Row>,
    /// What had to be changed for an API server to accept the case, or for it to be a question at all.
    pub(crate) repairs: BTreeSet<&'static str>,
}

/// One question, and what the corpus answers.
pub(crate) struct Row {
    from: String,
    to: String,
    protocol: Protocol,
    port: u16,
    allowed: bool,
    /// Ingress and egress, where the corpus has them.
    sides: Option<(bool, bool)>,
}

/// The folder in `NP_CORPUS`, or None where that is not set.
pub(crate) fn root() -> Option<PathBuf> {
    let root = PathBuf::from(std::env::var_os("NP_CORPUS")?);
    // Tests run in their crate's folder, `.ci/run` and people in the workspace's.
    let root =
        if root.is_relative() { Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(root) } else { root };
    assert!(root.join("reach").is_dir(), "NP_CORPUS is set, but {} has no folder reach", root.display());
    Some(root)
}

/// Reads the cases of a folder that have no policies but NetworkPolicies.
pub(crate) fn read(folder: &Path) -> Vec<CorpusCase> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("a readable folder").path()).collect();
    paths.sort();
    paths.iter().filter_map(|path| read_case(path)).collect()
}

fn read_case(path: &Path) -> Option<CorpusCase> {
    let name = path.file_stem()?.to_str()?.to_owned();
    let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{name}: {error}"));
    let mut file: Value = serde_json::from_slice(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
    let mut take = |key: &str| file[key].as_array_mut().map(std::mem::take).unwrap_or_default();
    let (namespaces, pods, nodes) = (take("namespaces"), take("pods"), take("nodes"));
    let (mut policies, queries) = (take("policies"), take("queries"));
    if policies.iter().any(|policy| policy["kind"] != "NetworkPolicy") {
        return None;
    }
    let mut repairs = BTreeSet::new();
    repair_policies(&mut policies, &mut repairs);
    let stated: BTreeSet<_> = namespaces.iter().map(|one| one["metadata"]["name"].as_str()).collect();
    let assume_bare_namespaces =
        !pods.iter().all(|pod| stated.contains(&pod["metadata"]["namespace"].as_str()));
    if assume_bare_namespaces {
        repairs.insert("a namespace without an object: taken to be bare");
    }
    let rows = queries.iter().map(|row| read_row(row, &mut repairs)).collect();
    let manifests = [namespaces, nodes, pods, policies].concat();
    let case = Case { manifests, pod_cidrs: Vec::new(), assume_bare_namespaces, broken: 0 };
    Some(CorpusCase { name, case, rows, repairs })
}

fn repair_policies(policies: &mut [Value], repairs: &mut BTreeSet<&'static str>) {
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    for policy in policies {
        let metadata = &mut policy["metadata"];
        if let Some(name) = metadata["name"].as_str().filter(|name| name.chars().any(char::is_uppercase)) {
            metadata["name"] = json!(name.to_lowercase());
            repairs.insert("a policy name in upper case: lowered");
        }
        let times = seen.entry(format!("{}/{}", metadata["namespace"], metadata["name"])).or_default();
        *times += 1;
        if *times > 1 {
            metadata["name"] = json!(format!("{}-{times}", metadata["name"].as_str().unwrap_or_default()));
            repairs.insert("two policies of one name: the second renamed");
        }
        for direction in ["ingress", "egress"] {
            let rules = policy["spec"][direction].as_array_mut();
            let ports = rules.into_iter().flatten().filter_map(|rule| rule["ports"].as_array_mut());
            for port in ports.flatten().filter(|port| port["endPort"].as_u64() > Some(65535)) {
                port["endPort"] = json!(65535);
                repairs.insert("endPort above 65535: taken to be 65535");
            }
        }
    }
}

fn read_row(row: &Value, repairs: &mut BTreeSet<&'static str>) -> Row {
    let text = |index: usize| row[index].as_str().unwrap_or_else(|| panic!("no text in {row}"));
    let truth = |index: usize| row[index].as_bool().unwrap_or_else(|| panic!("no verdict in {row}"));
    let number = row[3]
        .as_u64()
        .and_then(|port| u16::try_from(port).ok())
        .unwrap_or_else(|| panic!("no port in {row}"));
    let protocol = Protocol::ALL.into_iter().find(|protocol| protocol.name() == text(2));
    if protocol.is_none() {
        assert!(text(2).is_empty() && number == 0, "{row}");
        repairs.insert("a row without protocol and port: asked for TCP 80");
    }
    Row {
        from: text(0).to_owned(),
        to: text(1).to_owned(),
        protocol: protocol.unwrap_or(Protocol::Tcp),
        port: if protocol.is_some() { number } else { 80 },
        allowed: truth(4),
        sides: row.get(5).map(|_| (truth(5), truth(6))),
    }
}

fn end(text: &str) -> End {
    if let Some(address) = text.strip_prefix("ip:") {
        return End::Address(address.parse().unwrap_or_else(|_| panic!("no address: {text}")));
    }
    let (namespace, name) = text.split_once('/').unwrap_or_else(|| panic!("no pod: {text}"));
    End::pod(namespace, name)
}

/// How a folder was judged.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) cases: usize,
    pub(crate) agreed: usize,
    pub(crate) exceptions: usize,
    /// For each kind of repair, in how many cases.
    pub(crate) repairs: BTreeMap<&'static str, usize>,
    pub(crate) wrong: Vec<String>,
}

/// Asks an engine every row of every case.
pub(crate) fn judge(engine: &dyn Engine, cases: &[CorpusCase]) -> Tally {
    let mut tally = Tally { cases: cases.len(), ..Tally::default() };
    for case in cases {
        for repair in &case.repairs {
            *tally.repairs.entry(repair).or_default() += 1;
        }
        let built = engine.build(&case.case);
        for row in &case.rows {
            judge_row(&*built, &case.name, row, &mut tally);
        }
    }
    tally
}

fn judge_row(built: &dyn Built, case: &str, row: &Row, tally: &mut Tally) {
    let answer = built.ask(&end(&row.from), &end(&row.to), row.protocol, row.port);
    let is_it = |one: &&Exception| {
        (one.case, one.from, one.to, one.port) == (case, row.from.as_str(), row.to.as_str(), row.port)
    };
    let exception = EXCEPTIONS.iter().find(is_it);
    let expected = exception.map_or(Verdict4::from(row.allowed), |exception| exception.answer);
    let sides_agree = row.sides.is_none_or(|(ingress, egress)| {
        let Answer { egress: its_egress, ingress: its_ingress, .. } = answer;
        its_ingress == ingress.into() && its_egress == egress.into()
    });
    if answer.verdict == expected && sides_agree {
        tally.agreed += usize::from(exception.is_none());
        tally.exceptions += usize::from(exception.is_some());
    } else {
        let Row { from, to, protocol, port, allowed, sides } = row;
        tally.wrong.push(format!(
            "{case}: {from} to {to} {protocol:?} {port}: {answer:?}, expected {expected:?} \
             (the corpus says {allowed}, its ingress and egress {sides:?})"
        ));
    }
}
