//! What a pod looks like to the rules: who selects and matches it, what its port names open.
//!
//! Pods that look alike can be in one class, whatever their labels. A look is found from the pod alone, and then
//! held against the classes of its namespace.

use crate::addr::Families;
use crate::conn::ConnSet;
use crate::ir::{Direction, PolicyId, Scope, UnevaluatedId};
use crate::model::{
    ClassId, ClassSet, Match, Model, NamespaceId, NamespaceSelectorId, Pod, PodSelectorId, PortNameId,
    Selecting,
};
use crate::truth::Truth;

use super::peers::{LabelPeers, means};

/// What a pod looks like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Look {
    pub(super) namespace: NamespaceId,
    pub(super) families: Families,
    /// The selectors of peers that mean its namespace, each once.
    pub(super) selectors: Vec<(PodSelectorId, Truth)>,
    /// Whether peers mean its namespace.
    pub(super) namespaces: Vec<(NamespaceSelectorId, Truth)>,
    /// By [`BlockId`](crate::model::BlockId).
    pub(super) blocks: Vec<Truth>,
    /// What the port names in use open on it, ascending.
    pub(super) names: Vec<(PortNameId, ConnSet)>,
    /// Who selects it, by direction.
    pub(super) selecting: [Selecting; 2],
}

impl Look {
    /// Takes a step for each different peer of the rules, each block, and each policy of the namespace.
    pub(super) fn of(model: &Model, peers: &LabelPeers<'_>, pod: &Pod) -> Self {
        let namespace = model.namespace(pod.namespace);
        let mut of_namespace = vec![None; model.peers.namespaces.len()];
        let mut is_asked = vec![false; model.peers.pods.len()];
        let (mut selectors, mut namespaces) = (Vec::new(), Vec::new());
        for peer in peers.iter() {
            let (id, wanted) = peer.namespaces;
            let truth = *of_namespace[id.index()].get_or_insert_with(|| {
                let truth = means(wanted, &namespace.name, &namespace.labels);
                namespaces.push((id, truth));
                truth
            });
            let (id, selector) = peer.pods;
            if truth != Truth::No && !std::mem::replace(&mut is_asked[id.index()], true) {
                selectors.push((id, selector.matches(&pod.labels)));
            }
        }
        let blocks = model.peers.blocks.iter();
        let blocks = blocks
            .map(|(block, _)| model.space.is_within(&pod.whereabouts, &block.addresses(), block.family()));
        Self {
            namespace: pod.namespace,
            families: pod.families,
            selectors,
            namespaces,
            blocks: blocks.collect(),
            names: names(model, pod),
            selecting: selecting(model, pod),
        }
    }

    /// The classes of its namespace that look the same.
    pub(super) fn classes(&self, model: &Model) -> Vec<ClassId> {
        let mut left = ClassSet::range(model.of_namespace[self.namespace.index()].clone());
        let mut keep = |Match { yes, maybe }: &Match, truth| match truth {
            Truth::Yes => left = left.and(yes),
            Truth::Maybe => left = left.and(maybe),
            Truth::No => {
                left.remove(yes);
                left.remove(maybe);
            }
        };
        for (id, truth) in &self.selectors {
            keep(&model.peers.pods[id.index()], *truth);
        }
        for ((_, matched), truth) in model.peers.blocks.iter().zip(&self.blocks) {
            keep(matched, *truth);
        }
        let is_same = |id: &ClassId| {
            let names = model.resolved_names(*id).iter();
            model.class(*id).families == self.families
                && Direction::BOTH.map(|direction| model.selecting(*id, direction))
                    == self.selecting.each_ref()
                && names
                    .map(|(name, opened)| (*name, &model.resolutions[opened.index()]))
                    .eq(self.names.iter().map(|(name, opened)| (*name, opened)))
        };
        left.iter().filter(is_same).collect()
    }
}

/// What each port name in use opens on a pod: every port of that name and protocol.
fn names(model: &Model, pod: &Pod) -> Vec<(PortNameId, ConnSet)> {
    let mut found: Vec<(PortNameId, ConnSet)> = Vec::new();
    for port in pod.ports.iter() {
        let Some(name) = &port.name else { continue };
        let is_it = |(other, protocol): &(String, _)| other == name && *protocol == port.protocol;
        let Some(id) = model.port_names.iter().position(is_it).map(PortNameId::at) else { continue };
        let opened = ConnSet::ports(Families::BOTH, port.protocol, port.port, port.port);
        match found.iter_mut().find(|(other, _)| *other == id) {
            Some((_, set)) => *set = set.or(&opened),
            None => found.push((id, opened)),
        }
    }
    found.sort();
    found
}

fn selecting(model: &Model, pod: &Pod) -> [Selecting; 2] {
    let namespace = &model.namespace(pod.namespace).name;
    let policies = &model.rules.policies;
    let first = policies.partition_point(|policy| policy.namespace < *namespace);
    let own = policies[first..].iter().take_while(|policy| policy.namespace == *namespace);
    let truths: Vec<_> = (first..)
        .map(PolicyId::at)
        .zip(own)
        .map(|(id, policy)| (id, policy, policy.subject.matches(&pod.labels)))
        .collect();
    let unevaluated = model.rules.unevaluated.iter().zip((0..).map(UnevaluatedId::at));
    let unevaluated: Vec<_> = unevaluated
        .filter(|(policy, _)| match &policy.scope {
            Scope::Namespace(name) => name == namespace,
            Scope::Cluster => true,
        })
        .collect();
    Direction::BOTH.map(|direction| {
        let mut selecting = Selecting::default();
        for (id, _, truth) in truths.iter().filter(|(_, policy, _)| policy.rules(direction).is_some()) {
            match truth {
                Truth::Yes => selecting.certain.push(*id),
                Truth::Maybe => selecting.maybe.push(*id),
                Truth::No => {}
            }
        }
        for (policy, id) in unevaluated.iter().filter(|(policy, _)| policy.concerns(direction)) {
            selecting.unevaluated.push(*id);
            selecting.interference = selecting.interference.with(policy.effect);
        }
        selecting
    })
}
