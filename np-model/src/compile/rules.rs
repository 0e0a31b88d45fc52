//! Rules by content: the same subject, peer or list of ports is one thing however often it is
//! written, and is matched once.

use rustc_hash::{FxHashMap, FxHashSet};
use std::hash::Hash;

use crate::addr::Families;
use crate::conn::{ConnSet, Protocol, every_port};
use crate::ir::{Direction, Peer, Policy, PortItem, PortMatch, PortSpec};
use crate::model::{IndexedRule, PeerId, PortNameId, Ports, PortsId};
use crate::selector::Selector;

/// Everything the rules mention, each thing once.
#[derive(Debug, Default)]
pub(super) struct Vocabulary<'r> {
    /// Subjects: the pods of one namespace that a selector matches.
    pub(super) subjects: Vec<(&'r str, &'r Selector)>,
    /// Peers, by [`PeerId`].
    pub(super) peers: Vec<&'r Peer>,
    /// Lists of ports, by [`PortsId`].
    pub(super) ports: Vec<Ports>,
    /// Port names, by [`PortNameId`].
    pub(super) port_names: FxHashMap<(&'r str, Protocol), PortNameId>,
    /// Pod label keys with the values they are compared to.
    pub(super) labels: FxHashMap<&'r str, FxHashSet<&'r str>>,
    /// By policy: its subject and rules.
    pub(super) policies: Vec<InternedPolicy>,
    /// By policy that cannot be evaluated: its subject, if it is bound to a namespace.
    pub(super) scopes: Vec<Option<usize>>,
}

/// A policy in terms of the vocabulary.
#[derive(Debug)]
pub(super) struct InternedPolicy {
    pub(super) subject: usize,
    pub(super) rules: [Vec<IndexedRule>; 2],
}

/// The families of the connections that a peer gives.
pub(super) fn families(peer: &Peer) -> Families {
    match peer {
        Peer::Block(block) => Families::only(block.family()),
        Peer::Pods { .. } => Families::BOTH,
    }
}

/// Interns all policies, in order, and the subjects of those that cannot be evaluated.
pub(super) fn intern<'r>(
    policies: &'r [Policy],
    scopes: impl Iterator<Item = Option<(&'r str, &'r Selector)>>,
) -> Vocabulary<'r> {
    let mut vocabulary = Vocabulary::default();
    let (mut subjects, mut peers, mut ports) =
        (Interner::default(), Interner::default(), Interner::default());
    for policy in policies {
        let subject = subjects.id((policy.namespace.as_str(), &policy.subject));
        vocabulary.mention(&policy.subject);
        let rules = Direction::BOTH.map(|direction| {
            let rules = policy.rules(direction).unwrap_or_default().iter();
            rules
                .map(|rule| IndexedRule {
                    peers: rule
                        .peers
                        .as_ref()
                        .map(|items| items.iter().map(|item| PeerId::at(peers.id(&item.peer))).collect()),
                    ports: {
                        let list = rule.ports.as_deref();
                        let key: Option<Vec<&PortMatch>> =
                            list.map(|items| items.iter().map(|item| &item.port).collect());
                        let id = ports.id(key);
                        if id == vocabulary.ports.len() {
                            let compiled = vocabulary.compile(list);
                            vocabulary.ports.push(compiled);
                        }
                        PortsId::at(id)
                    },
                })
                .collect()
        });
        vocabulary.policies.push(InternedPolicy { subject, rules });
    }
    vocabulary.scopes = scopes.map(|subject| subject.map(|subject| subjects.id(subject))).collect();
    for peer in &peers.items {
        if let Peer::Pods { pods, .. } = peer {
            vocabulary.mention(pods);
        }
    }
    vocabulary.subjects = subjects.items;
    vocabulary.peers = peers.items;
    vocabulary
}

impl<'r> Vocabulary<'r> {
    /// The port names by [`PortNameId`].
    pub(super) fn port_names(&self) -> Vec<(String, Protocol)> {
        let mut names: Vec<_> = self.port_names.iter().map(|(name, id)| (*id, *name)).collect();
        names.sort_unstable();
        names.into_iter().map(|(_, (name, protocol))| (name.to_owned(), protocol)).collect()
    }

    fn mention(&mut self, selector: &'r Selector) {
        for requirement in selector.requirements() {
            let values = self.labels.entry(requirement.key()).or_default();
            values.extend(requirement.values().into_iter().flatten().map(String::as_str));
        }
    }

    fn compile(&mut self, ports: Option<&'r [PortItem]>) -> Ports {
        let Some(items) = ports else {
            return Ports { fixed: ConnSet::all(Families::BOTH), named: Vec::new() };
        };
        let mut compiled = Ports { fixed: ConnSet::none(), named: Vec::new() };
        for PortMatch { protocol, ports } in items.iter().map(|item| &item.port) {
            let fixed = match ports {
                PortSpec::All => ConnSet::of_ports(Families::BOTH, *protocol, &every_port()),
                PortSpec::Range(first, last) => ConnSet::ports(Families::BOTH, *protocol, *first, *last),
                PortSpec::Named(name) => {
                    let next = PortNameId::at(self.port_names.len());
                    compiled.named.push(*self.port_names.entry((name, *protocol)).or_insert(next));
                    continue;
                }
            };
            compiled.fixed = compiled.fixed.or(&fixed);
        }
        compiled.named.sort_unstable();
        compiled.named.dedup();
        compiled
    }
}

/// Positions by content, in the order first met.
pub(super) struct Interner<T> {
    ids: FxHashMap<T, usize>,
    pub(super) items: Vec<T>,
}

impl<T> Default for Interner<T> {
    fn default() -> Self {
        Self { ids: FxHashMap::default(), items: Vec::new() }
    }
}

impl<T: Clone + Eq + Hash> Interner<T> {
    /// The position of `item`, which is the last one if it is new.
    pub(super) fn id(&mut self, item: T) -> usize {
        if let Some(id) = self.ids.get(&item) {
            return *id;
        }
        let id = self.items.len();
        self.items.push(item.clone());
        self.ids.insert(item, id);
        id
    }
}
