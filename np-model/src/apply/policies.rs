//! Policies alone change: endpoints stay who they are, and most classes what they were.
//!
//! The new policies are interned by themselves and grafted on the model (`graft`), classes whose members
//! they tell apart are divided (`refine`), external addresses placed again if other blocks are in use
//! (`blocks`), and the classes of the namespaces concerned told who selects them now (`selecting`).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::blocks;
use super::changes::{Changes, Key};
use super::graft::Graft;
use super::selecting;
use crate::ir::{Policy, PolicyId, Tier};
use crate::model::{Model, NamespaceId};

/// The policies of the changed model, and what became of those there were.
#[derive(Debug)]
pub(crate) struct Merged {
    pub(crate) all: Vec<Arc<Policy>>,
    /// By the id that it had: the id that it has, if it has not changed.
    pub(super) moved: Vec<Option<PolicyId>>,
    /// Those that were taken away or replaced, by the ids that they had.
    pub(super) gone: Vec<PolicyId>,
    /// Those that are new or different.
    pub(super) fresh: Vec<PolicyId>,
}

impl Merged {
    /// Merges the changes into the policies, which are sorted by namespace and name.
    pub(crate) fn of(policies: &[Arc<Policy>], changes: &BTreeMap<Key, Option<Arc<Policy>>>) -> Self {
        let mut merged = Self {
            all: Vec::with_capacity(policies.len() + changes.len()),
            moved: Vec::with_capacity(policies.len()),
            gone: Vec::new(),
            fresh: Vec::new(),
        };
        let mut changes = changes.iter().peekable();
        for policy in policies {
            let name = (policy.namespace.as_str(), policy.name.as_str());
            while let Some((_, change)) =
                changes.next_if(|((space, one), _)| (space.as_str(), one.as_str()) < name)
            {
                merged.add(change.as_ref());
            }
            let change = changes.next_if(|((space, one), _)| (space.as_str(), one.as_str()) == name);
            if let Some((_, change)) = change {
                merged.gone.push(PolicyId::at(merged.moved.len()));
                merged.moved.push(None);
                merged.add(change.as_ref());
            } else {
                merged.moved.push(Some(PolicyId::at(merged.all.len())));
                merged.all.push(Arc::clone(policy));
            }
        }
        changes.for_each(|(_, change)| merged.add(change.as_ref()));
        merged
    }

    fn add(&mut self, change: Option<&Arc<Policy>>) {
        if let Some(policy) = change {
            self.fresh.push(PolicyId::at(self.all.len()));
            self.all.push(Arc::clone(policy));
        }
    }

    /// Whether some policy that has not changed has another id.
    pub(super) fn is_shifted(&self) -> bool {
        self.fresh.len() != self.gone.len()
            || self
                .moved
                .iter()
                .zip((0..).map(PolicyId::at))
                .any(|(new, old)| new.is_some_and(|new| new != old))
    }
}

/// Gives a model these policies. `None` if that takes a compile.
pub(super) fn apply(model: &mut Model, changes: &Changes) -> Option<()> {
    if changes.policies.is_empty() {
        return Some(());
    }
    let merged = &Merged::of(&model.rules.policies, &changes.policies);
    let namespaces = namespaces(model, merged)?;
    let fresh: Vec<&Policy> = merged.fresh.iter().map(|id| &*merged.all[id.index()]).collect();
    let graft = Graft::of(model, merged, &fresh)?;
    let are_others = graft.blocks.is_some();
    if let Some(blocks) = graft.blocks {
        blocks::replace(model, blocks);
    }
    let externals = are_others.then(|| model.externals.len());
    let selected = selecting::edit(model, merged, &namespaces, &graft.subjects, externals);
    model.rules.tiers = vec![Tier::AnyAllow((0..merged.all.len()).map(PolicyId::at).collect())];
    model.rules.policies.clone_from(&merged.all);
    model.indexed = graft.indexed;
    model.selecting = Arc::new(selected.of_class);
    model.selecting_sets = selected.sets;
    model.peers.keys = graft.keys;
    model.peers.pods = graft.pods;
    model.peers.namespaces = graft.namespaces;
    model.ports = graft.ports;
    model.port_names = graft.port_names;
    Some(())
}

/// The namespaces of the policies that change; `None` if the model would have others than it has.
fn namespaces(model: &Model, merged: &Merged) -> Option<BTreeSet<NamespaceId>> {
    let mut namespaces = BTreeSet::new();
    for id in &merged.fresh {
        namespaces.insert(namespace(model, &merged.all[id.index()])?);
    }
    for id in &merged.gone {
        let policy = &model.rules.policies[id.index()];
        let id = namespace(model, policy)?;
        let first = model.pods.partition_point(|pod| pod.namespace < id);
        let has_pods = model.pods.get(first).is_some_and(|pod| pod.namespace == id);
        let first = merged.all.partition_point(|other| other.namespace < policy.namespace);
        let has_policies = merged.all.get(first).is_some_and(|other| other.namespace == policy.namespace);
        if model.namespace(id).inferred && !has_pods && !has_policies {
            return None;
        }
        namespaces.insert(id);
    }
    Some(namespaces)
}

fn namespace(model: &Model, policy: &Policy) -> Option<NamespaceId> {
    let at = model.namespaces.binary_search_by(|one| one.name.as_str().cmp(&policy.namespace));
    at.ok().map(NamespaceId::at)
}
