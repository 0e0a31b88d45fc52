//! What the peers of rules say: a model knows them by id, and their content stands in the policies.

use std::sync::Arc;

use crate::facts::Labels;
use crate::ir::{Direction, Namespaces, Peer, Policy};
use crate::model::{IndexedRule, Model, NamespaceSelectorId, PeerId, PeerKey, PodSelectorId};
use crate::selector::Selector;
use crate::truth::Truth;

/// Calls `each` with the peers of a policy and their ids, in order.
pub(super) fn each_peer<'r>(
    policy: &'r Policy,
    indexed: &[Vec<IndexedRule>; 2],
    mut each: impl FnMut(&'r Peer, PeerId),
) {
    for direction in Direction::BOTH {
        let rules = policy.rules(direction).unwrap_or_default();
        for (rule, indexed) in rules.iter().zip(&indexed[direction as usize]) {
            let (Some(items), Some(ids)) = (&rule.peers, &indexed.peers) else { continue };
            for (item, id) in items.iter().zip(ids) {
                each(&item.peer, *id);
            }
        }
    }
}

/// Peers by labels, each once.
pub(super) struct LabelPeers<'r>(Vec<LabelPeer<'r>>);

/// A peer by labels: its parts, each with the id of its content.
#[derive(Clone, Copy)]
pub(super) struct LabelPeer<'r> {
    pub(super) namespaces: (NamespaceSelectorId, &'r Namespaces),
    pub(super) pods: (PodSelectorId, &'r Selector),
}

impl<'r> LabelPeers<'r> {
    /// Finds those of all policies of a model.
    pub(super) fn of(model: &Model, policies: &'r [Arc<Policy>]) -> Self {
        let mut is_found = vec![false; model.peers.keys.len()];
        let mut found = Vec::new();
        for (policy, indexed) in policies.iter().zip(&model.indexed) {
            each_peer(policy, indexed, |peer, id| {
                if std::mem::replace(&mut is_found[id.index()], true) {
                    return;
                }
                if let (Peer::Pods { namespaces, pods }, PeerKey::Pods { namespaces: of, pods: selector }) =
                    (peer, model.peers.keys[id.index()])
                {
                    found.push(LabelPeer { namespaces: (of, namespaces), pods: (selector, pods) });
                }
            });
        }
        Self(found)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = LabelPeer<'r>> {
        self.0.iter().copied()
    }
}

/// Whether a peer means a namespace of this name with these labels.
pub(super) fn means(namespaces: &Namespaces, name: &str, labels: &Labels) -> Truth {
    match namespaces {
        Namespaces::Named(own) => (own == name).into(),
        Namespaces::Matching(selector) => selector.matches(labels),
    }
}
