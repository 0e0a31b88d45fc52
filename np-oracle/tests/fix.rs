//! Fixes against the judge, on random clusters written as text: the patch of every fix applies to that text, the
//! cluster that it then says lets the asked connection pass (or blocks it), and everything else that differs for the
//! judge is what the fix lists, no more and no less.
//!
//! More clusters, or others:
//!
//! ```text
//! NP_CASES=20000 NP_SEED=1 cargo test --release -p np-oracle --test fix -- --nocapture
//! ```

#[allow(dead_code, reason = "each test uses its part of what they share")]
mod common;

use std::cell::RefCell;
use std::collections::BTreeMap;

use common::np::{block, point_set, transport};
use common::random::{on_some_clusters, pairs, points};
use np_model::addr::Families;
use np_model::conn::{AskedPort, ConnSet};
use np_model::{Assumptions, Input, Model, compile};
use np_oracle::{Bound, Cluster, Effect, End, Family, Point, Protocol, Verdict};
use np_sim::diff::Group;
use np_sim::fix::{Aim, Fix, Patch, fixes};
use np_sim::{Endpoint, Finder, reach};
use proptest::prelude::*;
use serde_json::{Value, json};

/// Clusters by default.
const CLUSTERS: u32 = 60;

/// How many questions are asked about a cluster for each aim, and how many of their fixes are tried.
const QUESTIONS: usize = 3;
const FIXES: usize = 3;

/// What came of it, by aim: questions, those with a fix, fixes, those with a patch.
type Counts = BTreeMap<&'static str, [usize; 4]>;

#[test]
fn fixes_do_what_they_say_and_nothing_else() {
    let counts = RefCell::new(Counts::default());
    let with = (any::<bool>(), any::<u16>());
    let result = on_some_clusters(CLUSTERS, with, |cluster, (is_json, start)| {
        check(cluster, *is_json, usize::from(*start), &mut counts.borrow_mut())
    });
    match result {
        Ok(parameters) => {
            println!("fixes agree with the judge: {parameters}");
            for (aim, [asked, answered, fixes, patched]) in counts.into_inner() {
                println!(
                    "  {aim}: {asked} questions, {answered} with a fix, {fixes} fixes tried, {patched} with a patch"
                );
                assert!(answered > 0 && patched > 0, "nothing was tried");
            }
        }
        Err(failure) => panic!("fixes disagree with the judge: {failure}"),
    }
}

fn check(cluster: &Cluster, is_json: bool, start: usize, counts: &mut Counts) -> Result<(), String> {
    if cluster.unevaluated.iter().any(|policy| policy.effect == Effect::Joins) {
        // A broken policy refuses the whole input; what is allowed then is for other tests.
        return Ok(());
    }
    let text = written(&cluster.manifests().map_err(|error| error.to_string())?, is_json);
    let model = model(cluster, &text);
    let (pairs, points) = (pairs(cluster), points(cluster));
    for (aim, name, wanted) in [(Aim::Open, "open", Verdict::Denied), (Aim::Deny, "deny", Verdict::Allowed)] {
        let mut asked = 0;
        for number in 0..pairs.len() {
            let (from, to) = &pairs[(start + number * 31) % pairs.len()];
            let Point { protocol, port, .. } = points[(start / 7 + number * 13) % points.len()];
            let of_families =
                Family::ALL.map(|family| cluster.ask(from, to, Point { family, protocol, port }));
            let is_wanted = of_families.iter().flatten().all(|bounds| bounds.verdict() == wanted)
                && of_families.iter().flatten().count() > 0;
            if from == to || !is_wanted || asked == QUESTIONS {
                continue;
            }
            asked += 1;
            let count = counts.entry(name).or_default();
            count[0] += 1;
            let (a, b) = (find(&model, from), find(&model, to));
            let set = ConnSet::ports(Families::BOTH, transport(protocol), port, port);
            let found = fixes(&model, &a, &b, &[AskedPort::Connections(set)], aim)
                .map_err(|error| error.to_string())?;
            count[1] += usize::from(!found.is_empty());
            for fix in found.iter().take(FIXES) {
                count[2] += 1;
                let Ok(patches) = &fix.patches else { continue };
                count[3] += 1;
                let head = patched(cluster, &text, patches, is_json)?;
                let question =
                    format!("{name} {from:?} to {to:?} {} {port}: {:?}", protocol.name(), fix.steps);
                compare(&model, (cluster, &head), &pairs, &points, (from, to, (protocol, port)), (aim, fix))
                    .map_err(|error| format!("{question}:\n{error}"))?;
            }
        }
    }
    Ok(())
}

/// The manifests as one text: a List in JSON, or documents of YAML.
fn written(manifests: &[Value], is_json: bool) -> String {
    if is_json {
        return json!({"apiVersion": "v1", "kind": "List", "items": manifests}).to_string();
    }
    let texts: Vec<String> = manifests.iter().map(|manifest| block(manifest, 0)).collect();
    texts.join("\n---") + "\n"
}

fn model(cluster: &Cluster, text: &str) -> Model {
    let pod_cidrs = cluster.pod_cidrs.iter().map(|cidr| cidr.parse().expect("a CIDR")).collect();
    let assumptions = Assumptions { pod_cidrs, bare_namespaces: cluster.assume_bare_namespaces };
    let mut input = Input::new("default");
    input.text("cluster.yaml", text.into());
    compile(input, &assumptions).unwrap_or_else(|invalid| panic!("{invalid}"))
}

fn find(model: &Model, end: &End) -> Endpoint {
    let text = match end {
        End::Pod { namespace, name } => format!("{namespace}/pod/{name}"),
        End::Workload { kind, namespace, name } => format!("{namespace}/{}/{name}", kind.name()),
        End::Node(name) => format!("node/{name}"),
        End::Address(address) => address.to_string(),
    };
    Finder::new(model, None).find(&text).unwrap_or_else(|error| panic!("{error}"))
}

/// The cluster that the patched text says, as the judge reads it.
fn patched(cluster: &Cluster, text: &str, patches: &[Patch], is_json: bool) -> Result<Cluster, String> {
    let mut texts = vec![text.to_owned()];
    for patch in patches.iter().rev() {
        match patch {
            Patch::Edit(edit) => texts[0] = edit.apply(&texts[0]),
            Patch::New { text, .. } => texts.push(text.clone()),
        }
    }
    let mut manifests: Vec<Value> = Vec::new();
    for (at, text) in texts.iter().enumerate() {
        for document in text.split("\n---").filter(|document| !document.trim().is_empty()) {
            let value: Value = serde_yaml::from_str(document)
                .map_err(|error| format!("{error} in the patched text\n{text}"))?;
            match value.get("items") {
                Some(items) if at == 0 && is_json => {
                    manifests.extend(items.as_array().into_iter().flatten().cloned());
                }
                _ => manifests.push(value),
            }
        }
    }
    let head = Cluster::from_manifests(&manifests)?;
    Ok(Cluster {
        pod_cidrs: cluster.pod_cidrs.clone(),
        assume_bare_namespaces: cluster.assume_bare_namespaces,
        unevaluated: cluster.unevaluated.clone(),
        ..head
    })
}

/// Holds what the judge says of both clusters against a fix.
fn compare(
    model: &Model,
    (base, head): (&Cluster, &Cluster),
    pairs: &[(End, End)],
    points: &[Point],
    (from, to, (protocol, port)): (&End, &End, (Protocol, u16)),
    (aim, fix): (Aim, &Fix),
) -> Result<(), String> {
    for (a, b) in pairs.iter().filter(|(a, b)| a != b) {
        let between = |cluster: &Cluster, point| cluster.ask(a, b, point).map(|bounds| state(bounds.pair()));
        let is_asked_pair = (a, b) == (from, to);
        let listed = listed(model, a, b, fix);
        for point in points {
            let (Some(before), Some(after)) = (between(base, *point), between(head, *point)) else {
                continue;
            };
            if is_asked_pair && (point.protocol, point.port) == (protocol, port) {
                let wanted = if aim == Aim::Open { State::Passes } else { State::Blocked };
                if after != wanted {
                    return Err(format!("the judge says that it {after:?}"));
                }
                continue;
            }
            let expected = (before != after).then_some(after);
            let found =
                listed.iter().find(|(_, set)| set.covers(&point_set(*point))).map(|(state, _)| *state);
            if found != expected {
                return Err(format!(
                    "{a:?} to {b:?} at {point:?}: {before:?} before and {after:?} after, listed is {found:?}"
                ));
            }
        }
    }
    Ok(())
}

/// What becomes of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Passes,
    Open,
    Blocked,
}

fn state(bound: Bound) -> State {
    match bound {
        Bound { certain: true, .. } => State::Passes,
        Bound { possible: true, .. } => State::Open,
        Bound { .. } => State::Blocked,
    }
}

/// What a fix lists for a pair.
fn listed(model: &Model, a: &End, b: &End, fix: &Fix) -> Vec<(State, ConnSet)> {
    let (from, to) = (find(model, a), find(model, b));
    let Ok(answer) = reach(model, &from, &to, &[]) else { return Vec::new() };
    let has = |group: &Group, end: &Endpoint| match end {
        Endpoint::Node(node) => group.nodes.iter().any(|known| known.base() == Some(*node)),
        Endpoint::External(external) => !external.addresses.and(&group.addresses).is_empty(),
        other => {
            let is_in = |pod: &_| group.pods.iter().any(|known| known.base() == Some(*pod));
            other.pods(model).iter().all(is_in)
        }
    };
    let mut all = Vec::new();
    for change in &fix.effects.changes {
        let is_it = answer.pairs.iter().any(|pair| change.situation.base == Some(pair.relation));
        if is_it && has(&change.from, &from) && has(&change.to, &to) {
            all.push((State::Passes, change.opened()));
            all.push((State::Blocked, change.closed()));
            all.push((State::Open, change.unknown()));
        }
    }
    all
}
