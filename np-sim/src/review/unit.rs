//! What a line names: workloads where they can be named, as a reviewer thinks of them and not of their pods.

use std::sync::Arc;

use np_model::Model;
use np_model::model::{PodId, WorkloadId};
use np_model::refine::Aligned;
use rustc_hash::FxHashMap;

use super::Unit;
use crate::diff::{Difference, Group, Situation};

/// Makes units of groups.
pub(super) struct Units<'m> {
    pub(super) models: [&'m Model; 2],
    /// By workload of the base, how many of its pods the head lacks; by workload of the head, how many the base lacks.
    lone: [FxHashMap<WorkloadId, usize>; 2],
}

impl<'m> Units<'m> {
    pub(super) fn of(base: &'m Model, head: &'m Model, difference: &Difference) -> Self {
        let count = |model: &Model, ids: &mut dyn Iterator<Item = PodId>| {
            let mut counts = FxHashMap::default();
            for workload in ids.filter_map(|id| model.pod(id).workload) {
                *counts.entry(workload).or_insert(0) += 1;
            }
            counts
        };
        let removed = count(base, &mut difference.removed.pods.iter().filter_map(|pod| pod.base()));
        let added = count(head, &mut difference.added.pods.iter().filter_map(|pod| pod.head()));
        Self { models: [base, head], lone: [removed, added] }
    }

    /// The members of a group, sorted: addresses, workloads, pods, nodes. Pods that both models have are a workload if they are
    /// all of it that both have.
    pub(super) fn group(&self, group: &Group) -> Arc<[Unit]> {
        self.named(group, |workload, pods| self.is_whole(workload, pods))
    }

    /// The same as the model of a side has them: a workload is all of its pods there.
    pub(super) fn group_of(&self, side: usize, group: &Group) -> Arc<[Unit]> {
        self.named(group, |workload, pods| {
            let all = workload.sides()[side].map(|id| self.models[side].workload(id).pods.len());
            all == Some(pods.len())
        })
    }

    fn named(
        &self,
        group: &Group,
        is_whole: impl Fn(Aligned<WorkloadId>, &[Aligned<PodId>]) -> bool,
    ) -> Arc<[Unit]> {
        let mut units = Vec::new();
        if !group.addresses.is_empty() {
            units.push(Unit::External(group.addresses.clone()));
        }
        let mut of_workload: FxHashMap<Aligned<WorkloadId>, Vec<Aligned<PodId>>> = FxHashMap::default();
        for pod in &group.pods {
            match self.workload(*pod) {
                Some(workload) => of_workload.entry(workload).or_default().push(*pod),
                None => units.push(Unit::Pod(*pod)),
            }
        }
        units.extend(of_workload.into_iter().map(|(workload, pods)| {
            let is_whole = is_whole(workload, &pods);
            Unit::Workload { workload, pods, is_whole }
        }));
        units.extend(group.nodes.iter().map(|node| Unit::Node(*node)));
        units.sort_unstable();
        units.into()
    }

    /// The workload of a pod, on the sides where the pod is.
    fn workload(&self, pod: Aligned<PodId>) -> Option<Aligned<WorkloadId>> {
        let [base, head] = self.models;
        let of_base = pod.base().and_then(|id| base.pod(id).workload);
        let of_head = pod.head().and_then(|id| head.pod(id).workload);
        match (of_base, of_head) {
            (Some(of_base), Some(of_head)) => Some(Aligned::Both(of_base, of_head)),
            (_, Some(id)) => Some(Aligned::Head(id)),
            (Some(id), _) => Some(Aligned::Base(id)),
            (None, None) => None,
        }
    }

    /// Whether these are all pods of a workload: on one side, or, of pods that both sides have, all of those.
    fn is_whole(&self, workload: Aligned<WorkloadId>, pods: &[Aligned<PodId>]) -> bool {
        let all =
            |side: usize| workload.sides()[side].map_or(0, |id| self.models[side].workload(id).pods.len());
        let lone = |side: usize| {
            let id = workload.sides()[side];
            id.and_then(|id| self.lone[side].get(&id)).copied().unwrap_or(0)
        };
        let side = usize::from(workload.head().is_some());
        let are_shared = matches!(pods.first(), Some(Aligned::Both(..)));
        pods.len() == if are_shared { all(side) - lone(side) } else { all(side) }
    }
}

impl Unit {
    /// Its name as a question takes it, but for addresses: those of the head, or else of the base.
    pub fn name(&self, base: &Model, head: &Model) -> String {
        match self {
            Self::External(addresses) => addresses.to_string(),
            Self::Workload { workload, .. } => match (workload.head(), workload.base()) {
                (Some(id), _) => head.workload_name(id),
                (None, Some(id)) => base.workload_name(id),
                (None, None) => String::new(),
            },
            Self::Pod(pod) => match (pod.head(), pod.base()) {
                (Some(id), _) => head.pod_name(id),
                (None, Some(id)) => base.pod_name(id),
                (None, None) => String::new(),
            },
            Self::Node(node) => {
                let name = node.head().map(|id| &head.node(id).name);
                let name = name.or(node.base().map(|id| &base.node(id).name));
                format!("node/{}", name.map_or("", |name| name.as_str()))
            }
        }
    }

    /// Its pods; none of addresses and nodes.
    pub fn pods(&self) -> &[Aligned<PodId>] {
        match self {
            Self::Workload { pods, .. } => pods,
            Self::Pod(pod) => std::slice::from_ref(pod),
            Self::External(_) | Self::Node(_) => &[],
        }
    }

    /// The name of the namespace that it is in, if it is in one.
    pub fn namespace<'m>(&self, base: &'m Model, head: &'m Model) -> Option<&'m str> {
        let pod = self.pods().first()?;
        let of = |model: &'m Model, id: PodId| model.namespace(model.pod(id).namespace).name.as_str();
        pod.head().map(|id| of(head, id)).or(pod.base().map(|id| of(base, id)))
    }

    /// Whether it can talk to itself, being several pods.
    fn is_several(&self, base: &Model, head: &Model) -> bool {
        let is_several = |pod: &Aligned<PodId>| match (pod.head(), pod.base()) {
            (Some(id), _) => head.pod(id).is_several(),
            (None, Some(id)) => base.pod(id).is_several(),
            (None, None) => false,
        };
        match self.pods() {
            [] => false,
            [one] => is_several(one),
            _ => true,
        }
    }
}

/// How many pairs of units there are in a situation: at most `most`, the number of pairs of pods.
pub fn pairs(models: [&Model; 2], from: &[Unit], to: &[Unit], situation: Situation, most: u64) -> u64 {
    let [base, head] = models;
    let common = from.iter().filter(|unit| to.binary_search(unit).is_ok());
    if situation.is_identity() {
        return (common.count() as u64).min(most);
    }
    let alone = common.filter(|unit| !unit.is_several(base, head)).count();
    let all = from.len() as u64 * to.len() as u64 - alone as u64;
    all.min(most)
}
