//! Namespaces with other labels: peers may mean other namespaces than they did.

use std::sync::Arc;

use super::changes::Changes;
use super::peers::{LabelPeers, means};
use super::refine::{Answers, Asked, refine};
use crate::facts::namespace::name_label;
use crate::facts::{self, Labels, UnknownKeys};
use crate::model::{ClassSet, Match, Model, NamespaceId};
use crate::truth::Truth;

/// Gives the namespaces of a model their changed labels. `None` if that takes a compile.
pub(super) fn apply(model: &mut Model, changes: &Changes) -> Option<()> {
    for (name, change) in &changes.namespaces {
        let at = model.namespaces.binary_search_by(|one| one.name.cmp(name));
        match (at, change) {
            (Err(_), None) => {}
            (Err(_), Some(_)) => return None,
            (Ok(at), _) => one(model, NamespaceId::at(at), change.as_ref())?,
        }
    }
    Some(())
}

fn one(model: &mut Model, id: NamespaceId, object: Option<&facts::Namespace>) -> Option<()> {
    let name = model.namespace(id).name.clone();
    let labels = match object {
        Some(object) => object.labels.clone(),
        None if model.namespace(id).inferred => return Some(()),
        None if !is_referred_to(model, id) => return None,
        None => {
            let is_bare = model.basis.bare_namespaces();
            name_label(&name).with_unknown(if is_bare { UnknownKeys::None } else { UnknownKeys::Any })
        }
    };
    Arc::make_mut(&mut model.basis).change_namespace(&name, object.cloned());
    let namespace = &mut Arc::make_mut(&mut model.namespaces)[id.index()];
    namespace.inferred = object.is_none();
    if namespace.labels != labels {
        let old = std::mem::replace(&mut namespace.labels, labels);
        ask_again(model, id, &old);
    }
    Some(())
}

/// Whether the namespace is there without an object: it has pods or policies.
pub(super) fn is_referred_to(model: &Model, id: NamespaceId) -> bool {
    let first = model.pods.partition_point(|pod| pod.namespace < id);
    let name = &model.namespace(id).name;
    let policies = &model.rules.policies;
    model.pods.get(first).is_some_and(|pod| pod.namespace == id)
        || policies.binary_search_by(|policy| policy.namespace.cmp(name)).is_ok()
}

/// Which peers mean the namespace, and which of its pods, now that its labels are others.
fn ask_again(model: &mut Model, id: NamespaceId, old: &Labels) {
    let policies = model.rules.policies.clone();
    let peers = LabelPeers::of(model, &policies);
    let (name, labels) = (model.namespace(id).name.clone(), model.namespace(id).labels.clone());
    let mut truths = vec![None; model.peers.namespaces.len()];
    let mut is_new = vec![false; model.peers.pods.len()];
    let mut asked = Vec::new();
    let inside = ClassSet::range(model.of_namespace[id.index()].clone());
    for peer in peers.iter() {
        let (of, namespaces) = peer.namespaces;
        let (before, now) = *truths[of.index()]
            .get_or_insert_with(|| (means(namespaces, &name, old), means(namespaces, &name, &labels)));
        let (selector_id, selector) = peer.pods;
        let is_met = before == Truth::No && now != Truth::No;
        if is_met && !std::mem::replace(&mut is_new[selector_id.index()], true) {
            asked.push((selector_id, (selector, inside.clone())));
        }
    }
    let (ids, selectors): (Vec<_>, Vec<_>) = asked.into_iter().unzip();
    let Answers { selectors, .. } = refine(model, Asked { selectors, blocks: Vec::new() });
    let inside = ClassSet::range(model.of_namespace[id.index()].clone());
    let replace = |matched: &mut Arc<Match>, answer: Match| {
        let matched = Arc::make_mut(matched);
        matched.yes.remove(&inside);
        matched.maybe.remove(&inside);
        matched.yes.unite(&answer.yes);
        matched.maybe.unite(&answer.maybe);
    };
    for (id, answer) in ids.into_iter().zip(selectors) {
        replace(&mut model.peers.pods[id.index()], answer);
    }
    for (matched, truths) in model.peers.namespaces.iter_mut().zip(truths) {
        let Some((before, now)) = truths else { continue };
        if before != now {
            let answer = match now {
                Truth::Yes => Match { yes: inside.clone(), maybe: ClassSet::default() },
                Truth::Maybe => Match { yes: ClassSet::default(), maybe: inside.clone() },
                Truth::No => Match::default(),
            };
            replace(matched, answer);
        }
    }
}
