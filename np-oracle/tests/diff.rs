//! The difference of two models is the difference of the oracle's judgements on both, cell by cell: of random
//! clusters with random changes, and of clusters that have nothing to do with each other. Every pair of ends is
//! in at most one change, with what passed before and what does after; a pair that is in none has not changed.
//!
//! More of them, or others:
//!
//! ```text
//! NP_CASES=20000 NP_SEED=1 cargo test --release -p np-oracle --test diff -- --nocapture
//! ```

#[allow(dead_code, reason = "each test uses its part of what they share")]
mod common;
mod lines;

use std::collections::BTreeSet;

use common::Case;
use common::random::{on_some_clusters, pairs, points};
use k8s_openapi::api::networking::v1::NetworkPolicy;
use np_model::addr::Families;
use np_model::apply::Changes;
use np_model::conn::{ConnSet, Protocol as Transport};
use np_model::ir::Direction;
use np_model::model::{PodId, Selecting};
use np_model::origin::ObjectRef;
use np_model::{Assumptions, Input, Model, compile_anyway};
use np_oracle::{Bound, Bounds, Cluster, End, Family, Point, Protocol, complete, generate};
use np_sim::diff::{Change, Difference, End as Member, Example, Isolation, counterexample};
use np_sim::review::shows_all;
use np_sim::{Endpoint, Finder, Verdict, diff};
use proptest::prelude::*;
use proptest::{collection, sample};
use serde_json::Value;

/// Pairs of clusters by default.
const PAIRS: u32 = 100;

/// How many ways unknown facts are made up.
const COMPLETIONS: u64 = 3;

/// One change: a kind, and which object of another cluster is set, or which of this one removed.
#[derive(Debug, Clone)]
struct Step {
    kind: &'static str,
    which: usize,
    is_removal: bool,
}

#[test]
fn the_difference_is_that_of_all_cells() {
    // Policies change most, and half of the time alone.
    let policies = sample::select(&["NetworkPolicy"][..]).boxed();
    let any = sample::select(&["NetworkPolicy", "NetworkPolicy", "Pod", "Namespace", "Node"][..]).boxed();
    let steps = |kind: BoxedStrategy<&'static str>| {
        let step = (kind, 0..16_usize, prop::bool::weighted(0.3));
        let step = step.prop_map(|(kind, which, is_removal)| Step { kind, which, is_removal });
        collection::vec(step, 1..=4)
    };
    let with = (generate::cluster(), prop_oneof![steps(policies), steps(any)]);
    let check = |base: &Cluster, (other, steps): &(Cluster, Vec<Step>)| {
        let (head, changes) = change(base, other, steps);
        let models = [base, &head, other].map(compiled);
        let pair = |cluster, at: usize| Pair { clusters: [base, cluster], models: [&models[0], &models[at]] };
        pair(&head, 1).check("compiled")?;
        let applied = models[0].apply(&changes(&models[0]));
        Pair { clusters: [base, &head], models: [&models[0], &applied] }.check("applied")?;
        pair(other, 2).check("another cluster")
    };
    match on_some_clusters(PAIRS, with, check) {
        Ok(parameters) => println!("the differences are right: {parameters}"),
        Err(failure) => panic!("a difference is wrong: {failure}"),
    }
}

fn compiled(cluster: &Cluster) -> Model {
    let case = Case::from(cluster);
    let assumptions = Assumptions {
        pod_cidrs: case.pod_cidrs.iter().map(|cidr| cidr.parse().expect("a CIDR")).collect(),
        bare_namespaces: case.assume_bare_namespaces,
    };
    compile_anyway(read(Input::new("default"), &case.manifests), &assumptions)
}

fn read(mut input: Input, objects: &[Value]) -> Input {
    for object in objects {
        input.text("object.json", object.to_string().into_bytes());
    }
    input
}

/// Changes for a model of the base.
type ForModel = Box<dyn Fn(&Model) -> Changes>;

/// The changed cluster, and the same as changes.
fn change(base: &Cluster, other: &Cluster, steps: &[Step]) -> (Cluster, ForModel) {
    let mut head = base.clone();
    let mut gone = Vec::new();
    let before = head.manifests().expect("API objects can be written");
    for Step { kind, which, is_removal } in steps {
        match *kind {
            "NetworkPolicy" => step(&mut head.policies, &other.policies, *which, *is_removal, |policy| {
                (policy.metadata.namespace.clone(), policy.metadata.name.clone())
            }),
            "Pod" => step(&mut head.pods, &other.pods, *which, *is_removal, |pod| {
                (pod.metadata.namespace.clone(), pod.metadata.name.clone())
            }),
            "Namespace" => step(&mut head.namespaces, &other.namespaces, *which, *is_removal, |namespace| {
                namespace.metadata.name.clone()
            }),
            _ => step(&mut head.nodes, &other.nodes, *which, *is_removal, |node| node.metadata.name.clone()),
        }
    }
    let after = head.manifests().expect("API objects can be written");
    let name = |object: &Value| {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let metadata = &object["metadata"];
        (text(&object["kind"]), text(&metadata["namespace"]), text(&metadata["name"]))
    };
    let names: BTreeSet<_> = after.iter().map(name).collect();
    gone.extend(before.iter().map(name).filter(|name| !names.contains(name)));
    let new: Vec<Value> = after.into_iter().filter(|object| !before.contains(object)).collect();
    let changes = move |model: &Model| {
        let mut changes = Changes::of(read(Changes::input(model), &new)).expect("valid objects");
        for (kind, namespace, name) in gone.clone() {
            let (kind, name) = (kind.unwrap_or_default(), name.unwrap_or_default());
            assert!(changes.remove(ObjectRef { kind, namespace, name }), "what changes are about");
        }
        changes
    };
    (head, Box::new(changes))
}

fn step<T: Clone, K: PartialEq>(
    all: &mut Vec<T>,
    others: &[T],
    which: usize,
    is_removal: bool,
    key: impl Fn(&T) -> K,
) {
    if is_removal {
        if !all.is_empty() {
            all.remove(which % all.len());
        }
    } else if let Some(other) = others.get(which % others.len().max(1)) {
        all.retain(|one| key(one) != key(other));
        all.push(other.clone());
    }
}

/// A base and a head, as the oracle and as np has them.
struct Pair<'a> {
    clusters: [&'a Cluster; 2],
    models: [&'a Model; 2],
}

/// An end under its name in np.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Named {
    name: String,
    end: End,
}

impl Pair<'_> {
    fn check(&self, how: &str) -> Result<(), String> {
        let [base, head] = self.models;
        let difference = diff(base, head);
        self.check_cells(&difference).map_err(|problem| format!("{how}: {problem}\n{difference:#?}"))?;
        self.check_counts(&difference).map_err(|problem| format!("{how}: {problem}\n{difference:#?}"))?;
        self.check_isolation(&difference).map_err(|problem| format!("{how}: {problem}\n{difference:#?}"))?;
        self.check_counterexample(&difference)
            .map_err(|problem| format!("{how}: {problem}\n{difference:#?}"))?;
        self.check_proven(&difference).map_err(|problem| format!("{how}: {problem}\n{difference:#?}"))?;
        self.check_besides(&difference).map_err(|problem| format!("{how}: {problem}\n{difference:#?}"))?;
        lines::check(base, head, &difference).map_err(|problem| format!("{how}: {problem}\n{difference:#?}"))
    }

    fn check_cells(&self, difference: &Difference) -> Result<(), String> {
        let [base, head] = self.models;
        let ends = self.ends();
        let mut points: Vec<Point> = self.clusters.iter().flat_map(|cluster| points(cluster)).collect();
        points.sort_unstable();
        points.dedup();
        // By name of the ends, but for those that are addresses.
        let changes: Vec<(&Change, Vec<(Member<'_>, Member<'_>)>)> =
            difference.changes.iter().map(|change| (change, change.pairs(base, head).collect())).collect();
        for from in &ends {
            for to in &ends {
                let is_outside = |end: &Named| matches!(end.end, End::Address(_));
                // The judge takes a workload for one pod; between its pods it has nothing to say.
                let is_same_workload = from == to && matches!(from.end, End::Workload { .. });
                if is_outside(from) && is_outside(to) || is_same_workload {
                    continue;
                }
                let holds = |pairs: &[(Member<'_>, Member<'_>)]| {
                    pairs.iter().any(|(a, b)| self.is(*a, from) && self.is(*b, to))
                };
                let mut found = changes.iter().filter(|(_, pairs)| holds(pairs)).map(|(change, _)| *change);
                let change = found.next();
                let name = || format!("{} to {}", from.name, to.name);
                if let Some(again) = found.next() {
                    return Err(format!("{} is in two changes: {change:?} {again:?}", name()));
                }
                let between = self.clusters.map(|cluster| cluster.between(&from.end, &to.end));
                let mut is_different = false;
                for point in &points {
                    let [before, after] = [0, 1].map(|side| {
                        let bounds = between[side].as_ref().and_then(|between| between.at(*point));
                        bounds.map_or(Bound { certain: false, possible: false }, np_oracle::Bounds::pair)
                    });
                    is_different |= before != after;
                    let Some(change) = change else {
                        if before != after {
                            return Err(format!("{} differs on {point:?}: {before:?} {after:?}", name()));
                        }
                        continue;
                    };
                    let asked = point_set(*point);
                    for (right, passing) in [(before, &change.before), (after, &change.after)] {
                        let certain = passing.passes.covers(&asked);
                        let bound = Bound { certain, possible: certain || passing.open.covers(&asked) };
                        if bound != right {
                            let told = format!("{change:?}");
                            return Err(format!("{} on {point:?}: {right:?}, not {bound:?}: {told}", name()));
                        }
                    }
                }
                if change.is_some() && !is_different {
                    return Err(format!("{} does not differ, but is in {change:?}", name()));
                }
            }
        }
        Ok(())
    }

    /// How many pairs a change has is how many it gives, and none has none.
    fn check_counts(&self, difference: &Difference) -> Result<(), String> {
        let [base, head] = self.models;
        for change in &difference.changes {
            let pairs = change.pairs(base, head).count() as u64;
            if pairs != change.count || pairs == 0 || change.before == change.after {
                return Err(format!("{pairs} pairs in {change:?}"));
            }
        }
        Ok(())
    }

    /// A counterexample is there if and only if something differs, and differs itself as it says.
    fn check_counterexample(&self, difference: &Difference) -> Result<(), String> {
        let [base, head] = self.models;
        let found = match (counterexample(base, head, difference), difference.is_empty()) {
            (None, true) => return Ok(()),
            (Some(found), false) => found,
            (found, _) => return Err(format!("the counterexample is {found:?}")),
        };
        let ends = self.ends();
        let end = |example: Example| {
            let is = |member: Member<'_>| ends.iter().find(|end| self.is(member, end)).cloned();
            match example {
                Example::Address(address) => Some(Named { name: String::new(), end: End::Address(address) }),
                Example::Node(node) => is(Member::Node(node)),
                Example::Pod(pod) => is(Member::Pod(pod)),
            }
        };
        let (Some(from), Some(to)) = (end(found.from), end(found.to)) else {
            return Err(format!("{found:?} is about ends that are not there"));
        };
        if from == to && matches!(from.end, End::Workload { .. }) {
            return Ok(());
        }
        let between = self.clusters.map(|cluster| cluster.between(&from.end, &to.end));
        let mut met = 0;
        for family in [Family::V4, Family::V6] {
            for protocol in [Protocol::Tcp, Protocol::Udp, Protocol::Sctp] {
                let of_slot = Point { family, protocol, port: 1 };
                let every = point_set(of_slot).families();
                let slot = found.connection.within(every);
                let transport = Transport::from_api(protocol.name()).expect("the same three protocols");
                let ports =
                    every.iter().next().and_then(|family| slot.slot(family, transport).ranges().first());
                let Some((port, _)) = ports else { continue };
                let point = Point { port: *port, ..of_slot };
                met += 1;
                let [before, after] = between.each_ref().map(|between| {
                    let between = between.as_ref()?;
                    let bounds = between.at(point).map(np_oracle::Bounds::pair);
                    Some(match bounds {
                        Some(Bound { certain: true, .. }) => Verdict::Allowed,
                        Some(Bound { possible: true, .. }) => Verdict::Unknown,
                        _ => Verdict::Denied,
                    })
                });
                if before == after || (before, after) != (found.before, found.after) {
                    return Err(format!("{before:?} {after:?} on {point:?}, not as {found:?} says"));
                }
            }
        }
        if met == 0 { Err(format!("{found:?} is about no connection")) } else { Ok(()) }
    }

    /// Where policies alone change, and nothing does that np knows of or would have to know of, every cell is the same
    /// however the unknown facts are made up.
    fn check_proven(&self, difference: &Difference) -> Result<(), String> {
        let ([base, head], [one, other]) = (self.models, self.clusters);
        let others = |cluster: &Cluster| Cluster { policies: Vec::new(), ..cluster.clone() }.manifests().ok();
        let are_evaluated = one.unevaluated.is_empty() && other.unevaluated.is_empty();
        let is_proven = difference.is_empty() && shows_all(base, head, difference);
        if !is_proven || !are_evaluated || others(one) != others(other) {
            return Ok(());
        }
        let mut both = one.clone();
        both.policies.extend(other.policies.iter().cloned());
        for full in (0..COMPLETIONS).filter_map(|seed| complete(&both, seed)) {
            let with = |policies: &[NetworkPolicy]| Cluster { policies: policies.to_vec(), ..full.clone() };
            let (old, new) = (with(&one.policies), with(&other.policies));
            for (from, to) in pairs(&full) {
                let cells = [&old, &new].map(|cluster| {
                    let between = cluster.between(&from, &to);
                    let at = |point: &Point| between.as_ref()?.at(*point).map(Bounds::pair);
                    points(&full).iter().map(at).collect::<Vec<_>>()
                });
                if cells[0] != cells[1] {
                    return Err(format!("{from:?} to {to:?} is another where more is known"));
                }
            }
        }
        Ok(())
    }

    /// What there is besides some connections of some pairs is everything but these, pair by pair.
    fn check_besides(&self, difference: &Difference) -> Result<(), String> {
        let [base, head] = self.models;
        let ids: Vec<PodId> = base.pod_ids().collect();
        let (Some(first), Some(last)) = (ids.first(), ids.last()) else { return Ok(()) };
        let all = Endpoint::Namespace(base.pod(*first).namespace);
        let [first, last] = [*first, *last].map(Endpoint::Pod);
        let wanted = ConnSet::ports(Families::BOTH, Transport::Tcp, 1, 100);
        let cells = |difference: &Difference| -> BTreeSet<String> {
            let of = |change: &Change| {
                let pairs = change
                    .pairs(base, head)
                    .map(|pair| format!("{pair:?} {:?} {:?}", change.before, change.after));
                pairs.collect::<Vec<_>>()
            };
            difference.changes.iter().flat_map(of).collect()
        };
        for (from, to) in [(&first, &last), (&last, &first), (&all, &last), (&first, &all), (&all, &all)] {
            let is_of = |member: Member<'_>, end: &Endpoint| match member {
                Member::Pod(pod) => pod.base().is_some_and(|id| end.pods(base).contains(&id)),
                Member::Node(_) | Member::External(_) => false,
            };
            let mut expected = BTreeSet::new();
            for change in &difference.changes {
                for pair in change.pairs(base, head) {
                    let (mut before, mut after) = (change.before.clone(), change.after.clone());
                    if is_of(pair.0, from) && is_of(pair.1, to) {
                        for passing in [&mut before, &mut after] {
                            passing.passes = passing.passes.minus(&wanted);
                            passing.open = passing.open.minus(&wanted);
                        }
                    }
                    if before != after {
                        expected.insert(format!("{pair:?} {before:?} {after:?}"));
                    }
                }
            }
            let besides = difference.besides(base, head, from, to, &wanted);
            if cells(&besides) != expected {
                return Err(format!("besides {from:?} to {to:?}: {expected:#?}, not {besides:#?}"));
            }
            self.check_counts(&besides)?;
        }
        Ok(())
    }

    /// Isolation as the policies that select each pod have it.
    fn check_isolation(&self, difference: &Difference) -> Result<(), String> {
        let [base, head] = self.models;
        let isolation = |model: &Model, id: PodId, direction| {
            let Selecting { certain, maybe, interference, .. } =
                model.selecting(model.pod(id).class, direction);
            match (certain.is_empty(), maybe.is_empty() && !interference.joins) {
                (false, _) => Isolation::Isolated,
                (true, false) => Isolation::Maybe,
                (true, true) => Isolation::None,
            }
        };
        for direction in Direction::BOTH {
            for a in base.pod_ids() {
                let name = base.pod_name(a);
                let Some(b) = head.pod_ids().find(|id| head.pod_name(*id) == name) else { continue };
                let right = (isolation(base, a, direction), isolation(head, b, direction));
                let told = difference.isolation.iter().filter(|change| change.direction == direction);
                let told: Vec<_> = told
                    .filter(|change| change.pods.pods.iter().any(|pod| pod.base() == Some(a)))
                    .map(|change| (change.before, change.after))
                    .collect();
                let expected = if right.0 == right.1 { vec![] } else { vec![right] };
                if told != expected {
                    return Err(format!("isolation of {name} for {direction}: {expected:?}, not {told:?}"));
                }
            }
        }
        Ok(())
    }

    /// All ends of either cluster, and addresses that are external in both.
    fn ends(&self) -> Vec<Named> {
        let mut ends = BTreeSet::new();
        for (cluster, model) in self.clusters.iter().zip(self.models) {
            let named = |end: End| Named { name: name(model, &end), end };
            ends.extend(cluster.ends().into_iter().map(named));
            let is_external = |end: &End| self.clusters.iter().all(|other| other.families(end).is_some());
            let addresses = cluster.external_addresses().into_iter().map(End::Address).filter(is_external);
            ends.extend(addresses.map(|end| Named { name: format!("{end:?}"), end }));
        }
        ends.into_iter().collect()
    }

    fn is(&self, member: Member<'_>, end: &Named) -> bool {
        let [base, head] = self.models;
        match member {
            Member::External(addresses) => {
                matches!(end.end, End::Address(address) if addresses.contains(address))
            }
            Member::Node(node) => {
                let is_it = |model: &Model, id| format!("node/{}", model.node(id).name) == end.name;
                node.base()
                    .map_or_else(|| node.head().is_some_and(|id| is_it(head, id)), |id| is_it(base, id))
            }
            Member::Pod(pod) => {
                let is_it = |model: &Model, id| model.pod_name(id) == end.name;
                pod.base().map_or_else(|| pod.head().is_some_and(|id| is_it(head, id)), |id| is_it(base, id))
            }
        }
    }
}

/// The name of an end of a model's cluster.
fn name(model: &Model, end: &End) -> String {
    let text = match end {
        End::Pod { namespace, name } => format!("{namespace}/pod/{name}"),
        End::Workload { kind, namespace, name } => format!("{namespace}/{}/{name}", kind.name()),
        End::Node(name) => format!("node/{name}"),
        End::Address(address) => address.to_string(),
    };
    match Finder::new(model, None).find(&text).unwrap_or_else(|error| panic!("{error}")) {
        Endpoint::Workload(id) => model.pod_name(model.workload(id).pods[0]),
        other => other.name(model),
    }
}

fn point_set(point: Point) -> ConnSet {
    let family = match point.family {
        Family::V4 => np_model::addr::Family::V4,
        Family::V6 => np_model::addr::Family::V6,
    };
    let protocol = Transport::from_api(point.protocol.name()).expect("the same three protocols");
    ConnSet::ports(Families::only(family), protocol, point.port, point.port)
}
