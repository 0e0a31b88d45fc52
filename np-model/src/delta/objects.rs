//! What changes in namespaces, pods, workloads and nodes.
//!
//! Changes are found in the objects as they were read, and told by the pods of the models that come of them.
//! Objects that show in neither model, such as the ReplicaSets of a Deployment, go with those of their workload.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::Hash;

use rustc_hash::FxHashMap;

use super::{Delta, unread};
use crate::compile::Basis;
use crate::facts::{self, Facts, Labels, Owner, WorkloadKind};
use crate::ir::{Unevaluated, UnevaluatedId};
use crate::model::{Model, NodeId, PodId};
use crate::refine::Aligned;

/// The objects that a change is about.
#[derive(Debug, Clone, Default)]
pub(super) struct Objects {
    pub(super) pods: Vec<Object>,
    pub(super) workloads: Vec<Object>,
}

/// An object of one kind, by its places in the facts of the base and the head.
#[derive(Debug, Clone, Copy)]
pub(super) struct Object {
    pub(super) sides: [Option<usize>; 2],
    /// Whether its labels change with the rest of it.
    pub(super) is_whole: bool,
}

/// What a pod belongs to, or a pod by itself: its namespace, the kind of the workload, the name.
type Family<'m> = (&'m str, Option<WorkloadKind>, &'m str);

/// A label that becomes another, or comes or goes.
type Relabel<'m> = (&'m str, [Option<&'m str>; 2]);

/// All changes of objects.
pub(super) fn deltas(models: [&Model; 2]) -> Vec<(Delta, Objects)> {
    let bases = models.map(|model| &model.basis);
    let mut found = Vec::new();
    let mut rest = Objects::default();
    if !super::is_shared(bases[0], bases[1]) {
        found.extend(namespaces(models).into_iter().map(|delta| (delta, Objects::default())));
        let (of_pods, hidden) = pods(models);
        found.extend(of_pods);
        rest = hidden;
        found.extend(nodes(models).into_iter().map(|delta| (delta, Objects::default())));
    }
    let is_rest =
        !(rest.pods.is_empty() && rest.workloads.is_empty()) || is_anything_else(bases.map(|a| &**a));
    found.extend(is_rest.then_some((Delta::Rest, rest)));
    found.extend(unevaluated(models).into_iter().map(|delta| (delta, Objects::default())));
    found
}

fn is_anything_else([base, head]: [&Basis; 2]) -> bool {
    let addresses =
        |facts: &Facts| facts.services.iter().flat_map(|one| &one.ips).copied().collect::<BTreeSet<_>>();
    let [a, b] = [base.facts(), head.facts()];
    !base.assumes_alike(head)
        || !std::ptr::eq(a, b) && (a.autoscalers != b.autoscalers || addresses(a) != addresses(b))
}

/// Pairs what has the same key; in the order of the base, then what only the head has.
fn pair<T, K: Eq + Hash>(
    base: impl Iterator<Item = T>,
    head: impl Iterator<Item = T>,
    key: impl Fn(&T) -> K,
) -> Vec<[Option<T>; 2]> {
    let (mut base, mut head) = (base.peekable(), head.peekable());
    let mut found = Vec::new();
    // Mostly, both are in the same order.
    while let (Some(a), Some(b)) = (base.peek(), head.peek())
        && key(a) == key(b)
    {
        found.push([base.next(), head.next()]);
    }
    let mut heads: FxHashMap<K, usize> = FxHashMap::default();
    let mut left: Vec<Option<T>> = head.map(Some).collect();
    for (at, one) in left.iter().enumerate() {
        heads.extend(one.as_ref().map(|one| (key(one), at)));
    }
    for one in base {
        let other = heads.get(&key(&one)).and_then(|at| left[*at].take());
        found.push([Some(one), other]);
    }
    found.extend(left.into_iter().flatten().map(|one| [None, Some(one)]));
    found
}

fn namespaces(models: [&Model; 2]) -> Vec<Delta> {
    let id = |side: usize, name: &str| {
        models[side].find_namespace(name).expect("a namespace with an object is there")
    };
    let [base, head] = models.map(|model| model.basis.namespaces());
    let mut found = Vec::new();
    for sides in pair(base, head, |one| one.name.as_str()) {
        match sides {
            [Some(a), Some(b)] => {
                let ids = (id(0, &a.name), id(1, &b.name));
                let keys = relabels([&a.labels, &b.labels]).into_iter();
                found.extend(keys.map(|(key, _)| Delta::NamespaceLabel(ids.0, ids.1, key.to_owned())));
            }
            [Some(a), None] => found.push(Delta::Namespace(Aligned::Base(id(0, &a.name)))),
            [None, Some(b)] => found.push(Delta::Namespace(Aligned::Head(id(1, &b.name)))),
            [None, None] => {}
        }
    }
    found
}

fn nodes(models: [&Model; 2]) -> Vec<Delta> {
    let id = |side: usize, name: &str| {
        let at = models[side].nodes().binary_search_by(|one| one.name.as_str().cmp(name));
        NodeId::at(at.expect("the nodes of the facts are there"))
    };
    let [base, head] = models.map(|model| model.basis.facts().nodes.iter());
    let mut found = Vec::new();
    for sides in pair(base, head, |one| one.name.as_str()) {
        match sides {
            [Some(a), Some(b)] if (a.ips, &a.pod_cidrs) != (b.ips, &b.pod_cidrs) => {
                found.push(Delta::Node(Aligned::Both(id(0, &a.name), id(1, &b.name))));
            }
            [Some(a), None] => found.push(Delta::Node(Aligned::Base(id(0, &a.name)))),
            [None, Some(b)] => found.push(Delta::Node(Aligned::Head(id(1, &b.name)))),
            _ => {}
        }
    }
    found
}

/// Policies that are not evaluated, of which it says nothing where they stand, nor what is in them ([`unread`]).
fn unevaluated([base, head]: [&Model; 2]) -> Vec<Delta> {
    let mut heads: Vec<(Option<Unevaluated>, UnevaluatedId)> =
        (head.rules().unevaluated.iter().map(unread::bare).map(Some))
            .zip((0..).map(UnevaluatedId::at))
            .collect();
    let mut left = Vec::new();
    for (one, id) in base.rules().unevaluated.iter().map(unread::bare).zip((0..).map(UnevaluatedId::at)) {
        match heads.iter_mut().find(|(other, _)| other.as_ref() == Some(&one)) {
            Some((other, _)) => *other = None,
            None => left.push((one, id)),
        }
    }
    let mut found = Vec::new();
    for (one, id) in left {
        let is_it = |other: &Unevaluated| one.object.is_some() && other.object == one.object;
        let other = heads.iter_mut().find(|(other, _)| other.as_ref().is_some_and(is_it));
        found.push(Delta::Unevaluated(match other {
            Some((other, of_head)) => {
                *other = None;
                Aligned::Both(id, *of_head)
            }
            None => Aligned::Base(id),
        }));
    }
    let new = heads.into_iter().filter(|(one, _)| one.is_some());
    found.extend(new.map(|(_, id)| Delta::Unevaluated(Aligned::Head(id))));
    found
}

/// Labels that are not the same, by key.
fn relabels([base, head]: [&Labels; 2]) -> Vec<Relabel<'_>> {
    if base.content_id() == head.content_id() {
        return Vec::new();
    }
    let gone = base.iter().filter(|(key, value)| head.known(key) != Some(value));
    let mut found: Vec<Relabel<'_>> =
        gone.map(|(key, value)| (key, [Some(value), head.known(key)])).collect();
    let new = head.iter().filter(|(key, _)| base.known(key).is_none());
    found.extend(new.map(|(key, value)| (key, [None, Some(value)])));
    found
}

/// Which pods of a model come of which facts.
struct Shown<'m> {
    model: &'m Model,
    pods: Vec<Option<PodId>>,
    workloads: Vec<Option<PodId>>,
}

impl<'m> Shown<'m> {
    fn of(model: &'m Model) -> Self {
        let facts = model.basis.facts();
        let mut shown =
            Self { model, pods: vec![None; facts.pods.len()], workloads: vec![None; facts.workloads.len()] };
        for id in model.pod_ids() {
            let pod = model.pod(id);
            let list = if pod.template.is_some() { &mut shown.workloads } else { &mut shown.pods };
            if list.len() <= pod.fact {
                list.resize(pod.fact + 1, None);
            }
            list[pod.fact] = Some(id);
        }
        shown
    }

    fn family(&self, id: PodId) -> Family<'m> {
        let pod = self.model.pod(id);
        let namespace = self.model.namespace(pod.namespace).name.as_str();
        match pod.workload.map(|id| self.model.workload(id)) {
            Some(workload) => (namespace, Some(workload.kind), workload.name.as_str()),
            None => (namespace, None, pod.name.as_str()),
        }
    }
}

/// Objects, and the pods that come of them.
type Told = (Objects, BTreeSet<Aligned<PodId>>);

/// What is found of pods and workloads.
#[derive(Default)]
struct Found<'m> {
    /// What changes in more than labels.
    whole: BTreeMap<Family<'m>, Told>,
    labels: BTreeMap<(Family<'m>, Relabel<'m>), Told>,
    /// Families of one and the same pod.
    united: Vec<[Family<'m>; 2]>,
}

/// One fact in both models: its places, who comes of it, its family if nobody does, and what changes.
struct Both<'m> {
    sides: [Option<usize>; 2],
    shown: [Option<PodId>; 2],
    hidden: Family<'m>,
    relabels: Vec<Relabel<'m>>,
    is_other: bool,
}

fn pods(models: [&Model; 2]) -> (Vec<(Delta, Objects)>, Objects) {
    let shown = models.map(Shown::of);
    let mut found = Found::default();
    let mut hidden: Vec<(bool, Both<'_>)> = Vec::new();
    let [base, head] = models.map(|model| model.basis.placed_pods());
    for sides in pair(base, head, |(_, pod)| (pod.namespace.as_str(), pod.name.as_str())) {
        let at = sides.map(|side| side.map(|(at, _)| at));
        let pods = sides.map(|side| side.map(|(_, pod)| pod));
        let both = Both {
            sides: at,
            shown: [0, 1].map(|side| shown[side].pods.get(at[side]?).copied()?),
            hidden: family_of(
                pods.iter()
                    .flatten()
                    .next_back()
                    .map(|pod| (pod.namespace.as_str(), pod.owner.as_ref(), None, pod.name.as_str())),
            ),
            relabels: changed_labels(pods.map(|pod| Some(&pod?.shape.labels))),
            is_other: match pods {
                [Some(a), Some(b)] => is_other_pod(a, b),
                _ => true,
            },
        };
        found.note(&shown, false, both, &mut hidden);
    }
    let [base, head] = models.map(|model| model.basis.facts().workloads.iter().enumerate());
    for sides in pair(base, head, |(_, one)| (one.namespace.as_str(), one.kind, one.name.as_str())) {
        let at = sides.map(|side| side.map(|(at, _)| at));
        let all = sides.map(|side| side.map(|(_, one)| one));
        let labels = [0, 1].map(|side| Some(models[side].basis.template(at[side]?)));
        let both =
            Both {
                sides: at,
                shown: [0, 1].map(|side| shown[side].workloads.get(at[side]?).copied()?),
                hidden: family_of(all.iter().flatten().next_back().map(|one| {
                    (one.namespace.as_str(), one.owner.as_ref(), Some(one.kind), one.name.as_str())
                })),
                relabels: changed_labels(labels),
                is_other: match all {
                    [Some(a), Some(b)] => is_other_workload(a, b),
                    _ => true,
                },
            };
        found.note(&shown, true, both, &mut hidden);
    }
    let rest = found.hide(hidden);
    found.into_deltas(&shown, rest)
}

fn changed_labels(labels: [Option<&Labels>; 2]) -> Vec<Relabel<'_>> {
    match labels {
        [Some(a), Some(b)] => relabels([a, b]),
        _ => Vec::new(),
    }
}

/// The family of an object that shows in no model.
fn family_of<'m>(object: Option<(&'m str, Option<&'m Owner>, Option<WorkloadKind>, &'m str)>) -> Family<'m> {
    let (namespace, owner, kind, name) = object.expect("one of the two is there");
    owner.map_or((namespace, kind, name), |owner| (namespace, Some(owner.kind), owner.name.as_str()))
}

fn is_other_pod(a: &facts::Pod, b: &facts::Pod) -> bool {
    let is_host = a.shape.host_network || b.shape.host_network;
    is_other_shape(&a.shape, &b.shape)
        || a.ips != b.ips
        || is_host && a.host_ips != b.host_ips
        || a.phase != b.phase
        || a.owner != b.owner
}

fn is_other_workload(a: &facts::Workload, b: &facts::Workload) -> bool {
    is_other_shape(&a.template, &b.template) || a.replicas != b.replicas || a.owner != b.owner
}

fn is_other_shape(a: &facts::PodShape, b: &facts::PodShape) -> bool {
    a.labels.unknown() != b.labels.unknown()
        || a.ports != b.ports
        || a.host_network != b.host_network
        || a.node_name != b.node_name
}

impl<'m> Found<'m> {
    /// Sorts a change in; what shows in neither model is put by.
    fn note(
        &mut self,
        shown: &[Shown<'m>; 2],
        is_workload: bool,
        both: Both<'m>,
        hidden: &mut Vec<(bool, Both<'m>)>,
    ) {
        if !both.is_other && both.relabels.is_empty() && both.shown[0].is_some() == both.shown[1].is_some() {
            return;
        }
        let families = [0, 1].map(|side| Some(shown[side].family(both.shown[side]?)));
        let Some(family) = families[1].or(families[0]) else {
            hidden.push((is_workload, both));
            return;
        };
        if let [Some(a), Some(b)] = families
            && a != b
        {
            self.united.push([a, b]);
        }
        let are_shown = both.shown.iter().all(Option::is_some);
        let pod = match both.shown {
            [Some(a), Some(b)] => Aligned::Both(a, b),
            [Some(a), None] => Aligned::Base(a),
            [None, Some(b)] => Aligned::Head(b),
            [None, None] => unreachable!("it has a family"),
        };
        if both.is_other || !are_shown {
            let (objects, pods) = self.whole.entry(family).or_default();
            objects.list(is_workload).push(Object { sides: both.sides, is_whole: !are_shown });
            pods.insert(pod);
        }
        if are_shown {
            for relabel in both.relabels {
                let (objects, pods) = self.labels.entry((family, relabel)).or_default();
                objects.list(is_workload).push(Object { sides: both.sides, is_whole: false });
                pods.insert(pod);
            }
        }
    }

    /// Lets what shows in neither model go with what does; what is left.
    fn hide(&mut self, hidden: Vec<(bool, Both<'m>)>) -> Objects {
        let mut rest = Objects::default();
        for (is_workload, both) in hidden {
            let object = |is_whole| Object { sides: both.sides, is_whole };
            let is_same = |relabel: &Relabel<'m>| self.labels.contains_key(&(both.hidden, *relabel));
            if !both.is_other && both.relabels.iter().all(is_same) {
                for relabel in both.relabels {
                    if let Some((objects, _)) = self.labels.get_mut(&(both.hidden, relabel)) {
                        objects.list(is_workload).push(object(false));
                    }
                }
            } else if let Some((objects, _)) = self.whole.get_mut(&both.hidden) {
                objects.list(is_workload).push(object(true));
            } else {
                rest.list(is_workload).push(object(true));
            }
        }
        rest
    }

    fn into_deltas(mut self, shown: &[Shown<'m>; 2], rest: Objects) -> (Vec<(Delta, Objects)>, Objects) {
        for [a, b] in std::mem::take(&mut self.united) {
            let Some((objects, pods)) = self.whole.remove(&a) else { continue };
            let (all, together) = self.whole.entry(b).or_default();
            all.pods.extend(objects.pods);
            all.workloads.extend(objects.workloads);
            together.extend(pods);
            together.extend(templates(shown, a));
        }
        let mut found = Vec::new();
        for (family, (objects, mut pods)) in self.whole {
            pods.extend(templates(shown, family));
            found.push((Delta::Pods(pods.into_iter().collect()), objects));
        }
        for ((_, (key, _)), (objects, pods)) in self.labels {
            found.push((Delta::PodLabel(pods.into_iter().collect(), key.to_owned()), objects));
        }
        (found, rest)
    }
}

impl Objects {
    fn list(&mut self, is_workload: bool) -> &mut Vec<Object> {
        if is_workload { &mut self.workloads } else { &mut self.pods }
    }
}

/// The templates that stand for pods of a workload in one model only.
fn templates(shown: &[Shown<'_>; 2], (namespace, kind, name): Family<'_>) -> Vec<Aligned<PodId>> {
    let Some(kind) = kind else { return Vec::new() };
    let [base, head] = shown.each_ref().map(|Shown { model, .. }| -> Vec<PodId> {
        let Some(namespace) = model.find_namespace(namespace) else { return Vec::new() };
        let key = (namespace, kind, name);
        let workloads = model.workloads();
        let at = workloads.binary_search_by(|one| (one.namespace, one.kind, one.name.as_str()).cmp(&key));
        let pods = at.map_or(&[][..], |at| &workloads[at].pods);
        pods.iter().copied().filter(|id| model.pod(*id).template.is_some()).collect()
    });
    let is_in = |list: &[PodId], model: &Model, name: &str| list.iter().any(|id| model.pod(*id).name == name);
    let [old, new] = shown.each_ref().map(|shown| shown.model);
    let gone = base.iter().filter(|id| !is_in(&head, new, &old.pod(**id).name)).map(|id| Aligned::Base(*id));
    let come = head.iter().filter(|id| !is_in(&base, old, &new.pod(**id).name)).map(|id| Aligned::Head(*id));
    gone.chain(come).collect()
}
