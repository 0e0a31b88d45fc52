//! Pods come, go, and get other labels, addresses or ports; templates get other labels.
//!
//! First it is settled who is there (`plan`), then each pod that is new or different joins the class that looks
//! like it, or is one of its own.

use std::sync::Arc;

use super::blocks;
use super::changes::Changes;
use super::look::Look;
use super::namespaces::is_referred_to;
use super::peers::LabelPeers;
use super::plan::Plan;
use super::renumber::{Others, renumber};
use super::selecting;
use crate::addr::{AddrSet, Family};
use crate::compile::{Space, may_lack_facts};
use crate::ir::Direction;
use crate::model::{Class, ClassId, ClassKind, Model, Pod, PodId, ResolvedId, ResolvedNamesId, SelectingId};
use crate::truth::Truth;

/// Gives a model its changed pods. `None` if that takes a compile.
pub(super) fn apply(model: &mut Model, changes: &Changes) -> Option<()> {
    if changes.pods.is_empty() && changes.templates.is_empty() {
        return Some(());
    }
    let mut plan = Plan::of(model, changes)?;
    let are_externals_others = plan.moves && move_addresses(model, &mut plan)?;
    let mut touched = Vec::new();
    let fresh = settle(model, plan, &mut touched)?;
    classify(model, &fresh, touched);
    if are_externals_others {
        blocks::place(model);
        selecting::cover_externals(model);
    }
    Some(())
}

/// Looks again where addresses are known, and says whether others are external. `None` if it is to be assumed
/// of others what they are.
fn move_addresses(model: &mut Model, plan: &mut Plan) -> Option<bool> {
    let (basis, old) = (&plan.basis, &model.space);
    let may_lack_facts = may_lack_facts(&model.rules.unevaluated);
    let new = Space::of(basis.facts(), basis.pods(), basis.pod_cidrs(), may_lack_facts);
    let assumed = |space: &Space| (space.pods_assumed, space.families, space.families_assumed);
    if assumed(&new) != assumed(old) || new.pods != old.pods {
        return None;
    }
    let new = old.clone().knowing(new.known);
    let is_other =
        Family::BOTH.iter().any(|family| new.external_atoms(*family) != old.external_atoms(*family));
    model.space = new;
    Some(is_other)
}

/// Puts the pods in their lists, takes those that change out of their classes, and gives the ids of those that
/// are new or different. `None` if a namespace or a template comes or goes with them.
fn settle(model: &mut Model, plan: Plan, touched: &mut Vec<ClassId>) -> Option<Vec<PodId>> {
    let Plan { basis, finished, gone, changed, mut added, .. } = plan;
    model.basis = Arc::new(basis);
    if !finished.is_empty() {
        let list = Arc::make_mut(&mut model.finished);
        list.extend(finished);
        list.sort();
    }
    let out: Vec<PodId> = gone.iter().copied().chain(changed.iter().map(|(id, _)| *id)).collect();
    if !out.is_empty() {
        let classes = Arc::make_mut(&mut model.classes);
        for id in &out {
            let class = model.pods[id.index()].class;
            touched.push(class);
            classes[class.index()].pods.retain(|pod| pod != id);
        }
    }
    let namespaces: Vec<_> = gone.iter().map(|id| model.pod(*id).namespace).collect();
    let mut fresh: Vec<PodId> = Vec::new();
    let pods = Arc::make_mut(&mut model.pods);
    for (id, pod) in changed {
        fresh.push(id);
        pods[id.index()] = pod;
    }
    if !gone.is_empty() || !added.is_empty() {
        let order = |pod: &Pod| (pod.namespace, pod.name.clone(), pod.workload);
        added.sort_by_key(order);
        let mut added = added.into_iter().peekable();
        let mut ids = Vec::with_capacity(pods.len());
        let mut listed = Vec::with_capacity(pods.len() + added.len());
        let mut new = Vec::new();
        for (pod, id) in std::mem::take(pods).into_iter().zip((0..).map(PodId::at)) {
            let is_before = |one: &Pod| {
                (one.namespace, &one.name, one.workload) < (pod.namespace, &pod.name, pod.workload)
            };
            while let Some(one) = added.next_if(is_before) {
                new.push(PodId::at(listed.len()));
                listed.push(one);
            }
            if gone.contains(&id) {
                ids.push(None);
            } else {
                ids.push(Some(PodId::at(listed.len())));
                listed.push(pod);
            }
        }
        for one in added {
            new.push(PodId::at(listed.len()));
            listed.push(one);
        }
        *pods = listed;
        let renamed = |list: &mut Vec<PodId>| {
            *list = list.iter().filter_map(|id| ids[id.index()]).collect();
        };
        Arc::make_mut(&mut model.classes).iter_mut().for_each(|class| renamed(&mut class.pods));
        let workloads = Arc::make_mut(&mut model.workloads);
        workloads.iter_mut().for_each(|workload| renamed(&mut workload.pods));
        renamed(&mut fresh);
        for id in &new {
            if let Some(workload) = model.pods[id.index()].workload {
                let list = &mut workloads[workload.index()].pods;
                list.insert(list.partition_point(|other| other < id), *id);
            }
        }
        if workloads.iter().any(|workload| workload.pods.is_empty()) {
            return None;
        }
        fresh.extend(new);
    }
    let stays = |id| !model.namespace(id).inferred || is_referred_to(model, id);
    namespaces.into_iter().all(stays).then_some(fresh)
}

/// Gives each pod its class. `touched` are classes that may have lost members.
fn classify(model: &mut Model, fresh: &[PodId], mut touched: Vec<ClassId>) {
    let policies = model.rules.policies.clone();
    let peers = LabelPeers::of(model, &policies);
    let mut looks: Vec<(Look, Class)> = Vec::new();
    let mut joined: Vec<(PodId, ClassId)> = Vec::new();
    for id in fresh {
        let pod = model.pod(*id);
        let look = Look::of(model, &peers, pod);
        let alike = look.classes(model);
        if let Some(class) = alike.iter().find(|class| **class == pod.class).or(alike.first()) {
            joined.push((*id, *class));
            continue;
        }
        match looks.iter_mut().find(|(other, _)| *other == look) {
            Some((_, class)) => class.pods.push(*id),
            None => {
                let class = Class {
                    kind: ClassKind::Pods,
                    families: look.families,
                    pods: vec![*id],
                    nodes: Vec::new(),
                    addresses: AddrSet::default(),
                    resolved_names: ResolvedNamesId::at(0),
                };
                looks.push((look, class));
            }
        }
    }
    let (pods, classes) = (Arc::make_mut(&mut model.pods), Arc::make_mut(&mut model.classes));
    for (id, class) in joined {
        pods[id.index()].class = class;
        let list = &mut classes[class.index()].pods;
        list.insert(list.partition_point(|other| *other < id), id);
    }
    touched.sort_unstable();
    touched.dedup();
    touched.retain(|id| {
        let class = &classes[id.index()];
        class.pods.is_empty() && class.nodes.is_empty()
    });
    if looks.is_empty() && touched.is_empty() {
        return;
    }
    let mut others = Others::default();
    others.parts.extend(touched.into_iter().map(|id| (id, Vec::new())));
    // A stable order by namespace, which is that of their ids.
    looks.sort_by_key(|(look, _)| look.namespace);
    let (looks, classes): (Vec<Look>, Vec<Class>) = looks.into_iter().unzip();
    for (look, mut class) in looks.iter().zip(classes) {
        class.pods.sort_unstable();
        class.resolved_names = names(model, look);
        others.added.entry(look.namespace).or_default().push(class);
    }
    renumber(model, others);
    for of_namespace in looks.chunk_by(|a, b| a.namespace == b.namespace) {
        let end = model.of_namespace[of_namespace[0].namespace.index()].end;
        for (look, at) in of_namespace.iter().zip(end - of_namespace.len()..) {
            show(model, look, ClassId::at(at));
        }
    }
}

/// What the port names open on a class that looks so.
fn names(model: &mut Model, look: &Look) -> ResolvedNamesId {
    let resolutions = Arc::make_mut(&mut model.resolutions);
    let opened = look.names.iter().map(|(name, set)| {
        (*name, ResolvedId::at(place_of(resolutions, |other| other == set, || set.clone())))
    });
    let opened: Vec<_> = opened.collect();
    let all = Arc::make_mut(&mut model.resolved_names);
    ResolvedNamesId::at(place_of(all, |other| *other == opened, || opened.clone()))
}

/// Lets all selectors, blocks and policies know of a new class.
fn show(model: &mut Model, look: &Look, class: ClassId) {
    for (id, truth) in look.selectors.iter().filter(|(_, truth)| *truth != Truth::No) {
        Arc::make_mut(&mut model.peers.pods[id.index()]).add(class, *truth);
    }
    for (id, truth) in look.namespaces.iter().filter(|(_, truth)| *truth != Truth::No) {
        Arc::make_mut(&mut model.peers.namespaces[id.index()]).add(class, *truth);
    }
    for ((_, matched), truth) in Arc::make_mut(&mut model.peers.blocks).iter_mut().zip(&look.blocks) {
        matched.add(class, *truth);
    }
    let sets = &mut model.selecting_sets;
    let ids = Direction::BOTH.map(|direction| {
        let set = &look.selecting[direction as usize];
        SelectingId::at(place_of(sets, |other| **other == *set, || Arc::new(set.clone())))
    });
    Arc::make_mut(&mut model.selecting)[class.index()] = ids;
}

/// The place of an item in a list, which it is put at the end of if it is new.
pub(super) fn place_of<T>(list: &mut Vec<T>, is_it: impl Fn(&T) -> bool, item: impl FnOnce() -> T) -> usize {
    let at = list.iter().position(is_it).unwrap_or(list.len());
    if at == list.len() {
        list.push(item());
    }
    at
}
