//! Which pods of a model come, go and change, and what they are then.

use std::sync::Arc;

use super::changes::Changes;
use crate::compile::{Basis, Chains, Names, Space};
use crate::facts::{self, Phase};
use crate::model::{ClassId, Model, NamespaceId, Pod, PodId, Workload, WorkloadId};

/// The pods that change, and the facts with them.
pub(super) struct Plan {
    pub(super) basis: Basis,
    /// Namespace and name of those that have finished.
    pub(super) finished: Vec<(String, String)>,
    pub(super) gone: Vec<PodId>,
    pub(super) changed: Vec<(PodId, Pod)>,
    pub(super) added: Vec<Pod>,
    /// Whether addresses come or go, or a pod is on another node.
    pub(super) moves: bool,
}

impl Plan {
    /// `None` if the changes are more than pods taking the places of pods.
    pub(super) fn of(model: &Model, changes: &Changes) -> Option<Self> {
        let mut plan = Self {
            basis: Basis::clone(&model.basis),
            finished: Vec::new(),
            gone: Vec::new(),
            changed: Vec::new(),
            added: Vec::new(),
            moves: false,
        };
        let mut owners = Owners::of(model);
        for ((namespace, name), change) in &changes.pods {
            let key = (namespace.as_str(), name.as_str());
            let has_finished = model
                .finished
                .binary_search_by(|(space, pod)| (space.as_str(), pod.as_str()).cmp(&key))
                .is_ok();
            if has_finished {
                return None;
            }
            let old = namespace_of(model, namespace).and_then(|id| find(model, id, name));
            match change {
                Some(new) if new.phase == Phase::Live => match old {
                    Some(old) => plan.change(model, &mut owners, old, new)?,
                    None => plan.add(model, &mut owners, new)?,
                },
                Some(new) => plan.finish(model, old, new)?,
                None => plan.remove(model, old)?,
            }
        }
        for ((namespace, kind, name), labels) in &changes.templates {
            let is_it =
                |one: &facts::Workload| one.namespace == *namespace && one.kind == *kind && one.name == *name;
            let Some(fact) = model.basis.facts().workloads.iter().position(is_it) else { continue };
            plan.basis.change_template(fact, labels.clone());
            let Some(namespace) = namespace_of(model, namespace) else { continue };
            let is_it = |pod: &Pod| pod.template.is_some() && pod.fact == fact;
            if let Some(id) = named(model, namespace, name).find(|id| is_it(model.pod(*id))) {
                if model.pod(id).host_network {
                    return None;
                }
                plan.changed.push((id, Pod { labels: labels.clone(), ..model.pod(id).clone() }));
            }
        }
        Some(plan)
    }

    fn change(&mut self, model: &Model, owners: &mut Owners<'_>, id: PodId, new: &facts::Pod) -> Option<()> {
        let (old, before) = (model.pod(id), model.basis.pod(model.pod(id).fact)?);
        let hash = |pod: &facts::Pod| pod.shape.labels.known("pod-template-hash").map(str::to_owned);
        let is_owned_as_before =
            before.owner == new.owner && (new.owner.is_none() || hash(before) == hash(new));
        if old.host_network
            || new.shape.host_network
            || !(is_owned_as_before || owners.workload(old.namespace, new)? == old.workload)
        {
            return None;
        }
        self.moves |= before.ips != new.ips || before.shape.node_name != new.shape.node_name;
        let pod = pod(model, old.namespace, old.workload, new, old.fact);
        self.changed.push((id, Pod { class: old.class, ..pod }));
        self.basis.change_pod(old.fact, Some(new.clone()));
        Some(())
    }

    fn add(&mut self, model: &Model, owners: &mut Owners<'_>, new: &facts::Pod) -> Option<()> {
        let namespace = namespace_of(model, &new.namespace)?;
        if new.shape.host_network {
            return None;
        }
        let workload = owners.workload(namespace, new)?;
        let fact = self.basis.add_pod(new.clone());
        self.moves = true;
        self.added.push(pod(model, namespace, workload, new, fact));
        Some(())
    }

    fn finish(&mut self, model: &Model, old: Option<PodId>, new: &facts::Pod) -> Option<()> {
        if new.owner.is_some() {
            return None;
        }
        self.finished.push((new.namespace.to_string(), new.name.to_string()));
        match old {
            Some(old) => {
                self.remove(model, Some(old))?;
                self.basis.change_pod(model.pod(old).fact, Some(new.clone()));
            }
            None => drop(self.basis.add_pod(new.clone())),
        }
        Some(())
    }

    fn remove(&mut self, model: &Model, old: Option<PodId>) -> Option<()> {
        if let Some(old) = old {
            if model.pod(old).host_network {
                return None;
            }
            self.gone.push(old);
            self.basis.change_pod(model.pod(old).fact, None);
            self.moves = true;
        }
        Some(())
    }
}

/// An ordinary pod, as the facts show it.
fn pod(
    model: &Model,
    namespace: NamespaceId,
    workload: Option<WorkloadId>,
    new: &facts::Pod,
    fact: usize,
) -> Pod {
    let whereabouts = Space::of_pod(new.ips);
    Pod {
        namespace,
        name: new.name.clone(),
        template: None,
        workload,
        labels: new.shape.labels.clone(),
        ports: Arc::clone(&new.shape.ports),
        host_network: false,
        node_name: new.shape.node_name.clone(),
        families: model.space.families_of(&whereabouts),
        whereabouts,
        class: ClassId::at(0),
        at: new.at,
        fact,
    }
}

fn namespace_of(model: &Model, name: &str) -> Option<NamespaceId> {
    model.namespaces.binary_search_by(|one| one.name.as_str().cmp(name)).ok().map(NamespaceId::at)
}

/// The pod of that name that is no template.
fn find(model: &Model, namespace: NamespaceId, name: &str) -> Option<PodId> {
    named(model, namespace, name).find(|id| model.pod(*id).template.is_none())
}

fn named(model: &Model, namespace: NamespaceId, name: &str) -> impl Iterator<Item = PodId> {
    let key = move |pod: &Pod| (pod.namespace, pod.name.as_str()).cmp(&(namespace, name));
    let first = model.pods.partition_point(|pod| key(pod).is_lt());
    (first..model.pods.len()).take_while(move |at| key(&model.pods[*at]).is_eq()).map(PodId::at)
}

/// Finds the workloads that pods belong to.
struct Owners<'m> {
    model: &'m Model,
    /// Made for the first pod that has an owner.
    chains: Option<(Names<'m>, Chains<'m>)>,
}

impl<'m> Owners<'m> {
    fn of(model: &'m Model) -> Self {
        Self { model, chains: None }
    }

    /// The workload of a pod, or that it has none. `None` if it is not one that has pods already.
    fn workload(&mut self, namespace: NamespaceId, pod: &facts::Pod) -> Option<Option<WorkloadId>> {
        let Some(owner) = &pod.owner else { return Some(None) };
        let model = self.model;
        let (names, chains) = self.chains.get_or_insert_with(|| {
            let mut names = Names::default();
            let chains = Chains::of(&mut names, &model.basis.facts().workloads);
            (names, chains)
        });
        let number = names.number(&model.namespace(namespace).name);
        let (_, kind, name) = chains.above(number, pod, owner);
        let order =
            |one: &Workload| (one.namespace, one.kind, one.name.as_str()).cmp(&(namespace, kind, name));
        let id = model.workloads.binary_search_by(order).ok().map(WorkloadId::at)?;
        let is_template = |pod: &PodId| model.pod(*pod).template.is_some();
        let stands = model.workload(id).pods.iter().any(is_template);
        (!stands).then_some(Some(id))
    }
}
