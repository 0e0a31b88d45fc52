//! The cause of a change is what does it: the changes of the input that are named for some pairs, made to the
//! base, give these pairs what the head gives them, and no part of the named changes does; all changes together give a
//! model that answers as the head. The parts that a difference is divided into by cause are the same pairs, each once.
//!
//! What the pairs have is asked pair by pair, through `reach`, which the oracle judges (`random.rs`).
//!
//! More of them, or others:
//!
//! ```text
//! NP_CASES=20000 NP_SEED=1 cargo test --release -p np-oracle --test cause -- --nocapture
//! ```

#[allow(dead_code, reason = "each test uses its part of what they share")]
mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use common::Case;
use common::random::on_some_clusters;
use k8s_openapi::api::networking::v1::{NetworkPolicy, NetworkPolicySpec};
use np_model::addr::AddrSet;
use np_model::delta::{DeltaId, Deltas};
use np_model::{Assumptions, Input, Model, compile_anyway};
use np_oracle::{Cluster, generate};
use np_sim::cause::{Caused, causes};
use np_sim::diff::{Change, End, Passing};
use np_sim::{Endpoint, Finder, diff, reach};
use proptest::prelude::*;
use proptest::{collection, sample};

/// Pairs of clusters by default.
const PAIRS: u32 = 100;

/// Up to how many changes in a cause all parts of it are tried.
const PARTS: usize = 4;

/// One change; `which` of the objects that it can be about is counted round and round.
#[derive(Debug, Clone)]
enum Step {
    /// Sets an object of a kind to one of another cluster.
    Set { kind: &'static str, which: usize },
    /// Removes an object of a kind.
    Remove { kind: &'static str, which: usize },
    /// Takes over a part of a policy of another cluster.
    Part { which: usize, part: Part },
    /// Gives a pod or a namespace a label, or takes it away.
    Label { kind: &'static str, which: usize, key: &'static str, value: Option<&'static str> },
}

#[derive(Debug, Clone, Copy)]
enum Part {
    Subject,
    Types,
    Rules,
    MoreRules,
    LessRules,
}

fn step() -> impl Strategy<Value = Step> {
    let kinds = &["NetworkPolicy", "NetworkPolicy", "Pod", "Namespace", "Node", "Workload", "Unevaluated"];
    let kind = || sample::select(&kinds[..]);
    let parts = &[Part::Subject, Part::Types, Part::Rules, Part::MoreRules, Part::LessRules];
    let labeled = sample::select(&["Pod", "Pod", "Workload", "Namespace"][..]);
    let value = sample::select(&[None, Some(""), Some("a"), Some("b")][..]);
    let key = sample::select(&["app", "role", "env", "team"][..]);
    let which = || 0..16_usize;
    prop_oneof![
        3 => (kind(), which()).prop_map(|(kind, which)| Step::Set { kind, which }),
        2 => (kind(), which()).prop_map(|(kind, which)| Step::Remove { kind, which }),
        4 => (which(), sample::select(&parts[..])).prop_map(|(which, part)| Step::Part { which, part }),
        2 => (labeled, which(), key, value)
            .prop_map(|(kind, which, key, value)| Step::Label { kind, which, key, value }),
    ]
}

#[test]
fn causes_are_what_does_it() {
    let with = (generate::cluster(), collection::vec(step(), 1..=6));
    let check = |base: &Cluster, (other, steps): &(Cluster, Vec<Step>)| {
        let mut head = base.clone();
        for step in steps {
            take(&mut head, other, step);
        }
        let models = [base, &head, other].map(compiled);
        check([&models[0], &models[1]])?;
        check([&models[0], &models[2]]).map_err(|problem| format!("another cluster: {problem}"))
    };
    match on_some_clusters(PAIRS, with, check) {
        Ok(parameters) => println!("the causes are right: {parameters}"),
        Err(failure) => panic!("a cause is wrong: {failure}"),
    }
}

fn compiled(cluster: &Cluster) -> Model {
    let case = Case::from(cluster);
    let assumptions = Assumptions {
        pod_cidrs: case.pod_cidrs.iter().map(|cidr| cidr.parse().expect("a CIDR")).collect(),
        bare_namespaces: case.assume_bare_namespaces,
    };
    let mut input = Input::new("default");
    for object in &case.manifests {
        input.text("object.json", object.to_string().into_bytes());
    }
    compile_anyway(input, &assumptions)
}

fn take(head: &mut Cluster, other: &Cluster, step: &Step) {
    match step {
        Step::Set { kind, which } => match *kind {
            "NetworkPolicy" => set(&mut head.policies, &other.policies, *which, policy_name),
            "Pod" => set(&mut head.pods, &other.pods, *which, |pod| {
                (pod.metadata.namespace.clone(), pod.metadata.name.clone())
            }),
            "Namespace" => {
                set(&mut head.namespaces, &other.namespaces, *which, |one| one.metadata.name.clone());
            }
            "Workload" => set(&mut head.workloads, &other.workloads, *which, np_oracle::Workload::end),
            "Unevaluated" => head.unevaluated.extend(other.unevaluated.get(*which % 4).cloned()),
            _ => set(&mut head.nodes, &other.nodes, *which, |node| node.metadata.name.clone()),
        },
        Step::Remove { kind, which } => match *kind {
            "NetworkPolicy" => remove(&mut head.policies, *which),
            "Pod" => remove(&mut head.pods, *which),
            "Namespace" => remove(&mut head.namespaces, *which),
            "Workload" => remove(&mut head.workloads, *which),
            "Unevaluated" => remove(&mut head.unevaluated, *which),
            _ => remove(&mut head.nodes, *which),
        },
        Step::Part { which, part } => {
            let (count, others) = (head.policies.len().max(1), other.policies.len().max(1));
            let (old, new) = (head.policies.get_mut(which % count), other.policies.get(which % others));
            let new = new.and_then(|policy| policy.spec.clone());
            if let (Some(NetworkPolicy { spec: Some(old), .. }), Some(new)) = (old, new) {
                take_part(old, new, *part);
            }
        }
        Step::Label { kind, which, key, value } => {
            let metadata = match *kind {
                "Pod" => {
                    let count = head.pods.len().max(1);
                    head.pods.get_mut(which % count).map(|pod| &mut pod.metadata)
                }
                "Workload" => {
                    let count = head.workloads.len().max(1);
                    let one = head.workloads.get_mut(which % count);
                    one.and_then(|one| one.template.metadata.as_mut())
                }
                _ => {
                    let count = head.namespaces.len().max(1);
                    head.namespaces.get_mut(which % count).map(|one| &mut one.metadata)
                }
            };
            let Some(metadata) = metadata else { return };
            let labels = metadata.labels.get_or_insert_default();
            match value {
                Some(value) => drop(labels.insert((*key).to_owned(), (*value).to_owned())),
                None => drop(labels.remove(*key)),
            }
        }
    }
}

fn take_part(old: &mut NetworkPolicySpec, new: NetworkPolicySpec, part: Part) {
    match part {
        Part::Subject => old.pod_selector = new.pod_selector,
        Part::Types => old.policy_types = new.policy_types,
        Part::Rules => (old.ingress, old.egress) = (new.ingress, new.egress),
        Part::MoreRules => {
            old.ingress.get_or_insert_default().extend(new.ingress.into_iter().flatten());
            if let Some(egress) = &mut old.egress {
                egress.extend(new.egress.into_iter().flatten());
            }
        }
        Part::LessRules => {
            old.ingress.as_mut().and_then(Vec::pop);
            if let Some(egress) = old.egress.as_mut().filter(|egress| !egress.is_empty()) {
                egress.remove(0);
            }
        }
    }
}

fn policy_name(policy: &NetworkPolicy) -> (Option<String>, Option<String>) {
    (policy.metadata.namespace.clone(), policy.metadata.name.clone())
}

fn set<T: Clone, K: PartialEq>(all: &mut Vec<T>, others: &[T], which: usize, key: impl Fn(&T) -> K) {
    if let Some(other) = others.get(which % others.len().max(1)) {
        all.retain(|one| key(one) != key(other));
        all.push(other.clone());
    }
}

fn remove<T>(all: &mut Vec<T>, which: usize) {
    if !all.is_empty() {
        all.remove(which % all.len());
    }
}

fn check(models: [&Model; 2]) -> Result<(), String> {
    let [base, head] = models;
    let deltas = Deltas::of(base, head);
    let difference = diff(base, head);
    let all: Vec<DeltaId> = deltas.ids().collect();
    let applied = deltas.apply(&all);
    let left = diff(&applied, head);
    if !left.is_empty() {
        let left: Vec<_> = left.changes.iter().map(|one| told(one, [&applied, head])).collect();
        return Err(format!("all of {:?} leave {left:#?}", deltas.all));
    }
    let caused = causes(&deltas, &difference);
    let all = || difference.changes.iter().chain(caused.iter().map(|one| &one.change));
    let groups = all().flat_map(|change| [&change.from, &change.to]);
    let ends = groups.flat_map(|group| group.addresses.ranges()).flat_map(|(first, last)| [first, last]);
    let ends: BTreeSet<IpAddr> = ends.collect();
    let mut cells = Vec::new();
    for change in &difference.changes {
        cells.extend(cells_of(models, change, &ends)?);
    }
    let mut parts = Vec::new();
    for one in &caused {
        parts.extend(cells_of(models, &one.change, &ends)?);
    }
    cells.sort();
    parts.sort();
    if cells != parts {
        let listed = |all: &[String], others: &[String]| -> Vec<String> {
            all.iter().filter(|one| !others.contains(one)).cloned().collect()
        };
        let (missing, more) = (listed(&cells, &parts), listed(&parts, &cells));
        return Err(format!("other pairs: missing {missing:#?}, too many {more:#?}, of {:?}", deltas.all));
    }
    let mut known = Known { deltas: &deltas, models: BTreeMap::new() };
    for one in &caused {
        known.check(one).map_err(|problem| format!("{problem}: {:?} of {:?}", one.cause, deltas.all))?;
    }
    Ok(())
}

/// Pairs with what they had and have; of external addresses those at the ends of ranges.
fn cells_of(
    models: [&Model; 2],
    change: &Change,
    addresses: &BTreeSet<IpAddr>,
) -> Result<Vec<String>, String> {
    let [base, head] = models;
    let mut cells = Vec::new();
    let mut pairs = 0;
    for (from, to) in change.pairs(base, head) {
        pairs += 1;
        let name = |end: End<'_>| match end {
            End::External(own) => {
                let inside = addresses.iter().filter(|address| own.contains(**address));
                inside.map(ToString::to_string).collect()
            }
            other => vec![format!("{other:?}")],
        };
        for from in name(from) {
            for to in name(to) {
                cells.push(format!("{from} {to} {} {}", passing(&change.before), passing(&change.after)));
            }
        }
    }
    if pairs == change.count && pairs > 0 {
        Ok(cells)
    } else {
        Err(format!("{pairs} pairs, not {}, in {}", change.count, told(change, models)))
    }
}

fn passing(passing: &Passing) -> String {
    let text = |set: &np_model::conn::ConnSet| set.text(np_model::addr::Families::BOTH);
    format!("{} / {}", text(&passing.passes), text(&passing.open))
}

fn told(change: &Change, models: [&Model; 2]) -> String {
    let pairs: Vec<_> = change.pairs(models[0], models[1]).collect();
    format!("{pairs:?} {:?}: {} => {}", change.situation, passing(&change.before), passing(&change.after))
}

/// The base with some of the changes.
struct Known<'d> {
    deltas: &'d Deltas<'d>,
    models: BTreeMap<Vec<DeltaId>, Model>,
}

impl Known<'_> {
    fn check(&mut self, caused: &Caused) -> Result<(), String> {
        let Caused { change, cause, is_smallest } = caused;
        let [base, head] = self.deltas.models;
        if cause.is_empty() || !cause.is_sorted() {
            return Err("no cause".to_owned());
        }
        for pair in change.pairs(base, head) {
            let with = |known: &mut Self, some: &[DeltaId]| {
                let model = known.models.entry(some.to_vec());
                let model = model.or_insert_with(|| known.deltas.apply(some));
                outcome(model, [base, head], pair)
            };
            if outcome(head, [base, head], pair)
                != Some(change.after.clone()).filter(|_| change.situation.head.is_some())
            {
                return Err(format!("{pair:?} is otherwise in the head"));
            }
            let found = with(self, cause);
            if found.clone().unwrap_or_default() != change.after {
                let found = found.as_ref().map(passing);
                return Err(format!("{pair:?} has {found:?} by its cause, not {}", passing(&change.after)));
            }
            if !is_smallest || cause.len() > PARTS {
                continue;
            }
            for bits in 0..(1_usize << cause.len()) - 1 {
                let part = cause.iter().enumerate().filter(|(at, _)| bits & 1 << at != 0);
                let part: Vec<DeltaId> = part.map(|(_, id)| *id).collect();
                let found = with(self, &part);
                let is_there = found.is_some() == change.situation.head.is_some();
                if is_there && found.unwrap_or_default() == change.after {
                    return Err(format!("{part:?} is enough for {pair:?}"));
                }
            }
        }
        Ok(())
    }
}

/// What passes and is open between two ends of base and head in a model; `None` where one of them is not there.
fn outcome(model: &Model, models: [&Model; 2], (from, to): (End<'_>, End<'_>)) -> Option<Passing> {
    let find = |end: End<'_>| match end {
        End::External(addresses) => {
            let known = model.known_addresses();
            let outside = AddrSet::minus(addresses, known);
            assert!(outside == *addresses, "external everywhere");
            let finder = Finder::new(model, None);
            let (first, last) = addresses.ranges().next().expect("some addresses");
            finder.find(&format!("{first}-{last}")).ok()
        }
        End::Node(node) => {
            let side = usize::from(node.base().is_none());
            let id = node.sides()[side].expect("a side");
            model.same_node(models[side], id).map(Endpoint::Node)
        }
        End::Pod(pod) => {
            let side = usize::from(pod.base().is_none());
            let id = pod.sides()[side].expect("a side");
            model.same_pod(models[side], id).map(Endpoint::Pod)
        }
    };
    let (from, to) = (find(from)?, find(to)?);
    let outcome = reach(model, &from, &to, &[]).ok().map(|reach| reach.outcome);
    let outcome = outcome.map(|outcome| Passing { passes: outcome.passes, open: outcome.open });
    Some(outcome.unwrap_or_default())
}
