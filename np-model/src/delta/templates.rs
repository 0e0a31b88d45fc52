//! Templates that change behind the backs of pods: where the input has the pods of a workload, they are what counts, and a
//! changed template shows nowhere.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::Deltas;
use crate::facts::{PodShape, WorkloadKind};
use crate::model::{Model, WorkloadId};

impl Deltas<'_> {
    /// Workloads of the head, ascending, whose template is another than in the base, and whose pods in the input do not all
    /// have the labels and the ports that it gives: what the change does once it is rolled out is not to be seen.
    pub fn covered_templates(&self) -> Vec<WorkloadId> {
        let [base, head] = self.models;
        if Arc::ptr_eq(&base.basis, &head.basis) {
            return Vec::new();
        }
        let [before, after] = [templates(base), templates(head)];
        let is_covered = |id: &WorkloadId| {
            let workload = head.workload(*id);
            let namespace = head.namespace(workload.namespace).name.as_str();
            let key = (namespace, workload.kind, workload.name.as_str());
            let (Some(old), Some(new)) = (before.get(&key), after.get(&key)) else { return false };
            let has_all = |pod: &crate::model::Pod| {
                new.labels.iter().all(|(key, value)| pod.labels.known(key) == Some(value))
                    && pod.ports[..] == new.ports[..]
                    && pod.host_network == new.host_network
            };
            is_other(old, new)
                && workload
                    .pods
                    .iter()
                    .map(|pod| head.pod(*pod))
                    .any(|pod| pod.template.is_none() && !has_all(pod))
        };
        head.workload_ids().filter(is_covered).collect()
    }
}

fn is_other(old: &PodShape, new: &PodShape) -> bool {
    old.labels != new.labels || old.ports != new.ports || old.host_network != new.host_network
}

/// The templates of a model's workloads, by namespace, kind and name.
fn templates(model: &Model) -> FxHashMap<(&str, WorkloadKind, &str), &PodShape> {
    let workloads = model.basis.facts().workloads.iter();
    workloads.map(|one| ((one.namespace.as_str(), one.kind, one.name.as_str()), &one.template)).collect()
}
