//! Rules by content: the same subject, peer or list of ports is one thing however often it is
//! written, and is matched once.

use std::hash::Hash;

use rustc_hash::FxHashMap;

use crate::addr::{Families, IpBlock};
use crate::conn::{ConnSet, Protocol, every_port};
use crate::ir::{Direction, Namespaces, Peer, Policy, PortItem, PortMatch, PortSpec};
use crate::model::{
    BlockId, IndexedRule, NamespaceId, NamespaceSelectorId, PeerId, PeerKey, PodSelectorId, PortNameId,
    Ports, PortsId,
};
use crate::selector::Selector;

/// Everything the rules mention, each thing once.
#[derive(Debug, Default)]
pub(crate) struct Vocabulary<'r> {
    /// By [`PodSelectorId`].
    pub(crate) pods: Vec<&'r Selector>,
    /// By [`NamespaceSelectorId`].
    pub(crate) namespaces: Vec<Wanted<'r>>,
    /// By [`BlockId`].
    pub(crate) blocks: Vec<&'r IpBlock>,
    /// By [`PeerId`].
    pub(crate) peers: Vec<PeerKey>,
    /// By [`PortsId`].
    pub(crate) ports: Vec<Ports>,
    /// Port names, by [`PortNameId`].
    pub(crate) port_names: FxHashMap<(&'r str, Protocol), PortNameId>,
    /// By policy: its namespace, and whom it selects there.
    pub(crate) subjects: Vec<(NamespaceId, PodSelectorId)>,
    /// By policy: its rules for egress and for ingress.
    pub(crate) rules: Vec<[Vec<IndexedRule>; 2]>,
}

/// Which namespaces a peer means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Wanted<'r> {
    Named(NamespaceId),
    Matching(&'r Selector),
}

/// Interns all policies, in order. `namespace_id` knows every namespace that a policy is in.
pub(crate) fn intern<'r>(
    policies: impl Iterator<Item = &'r Policy>,
    namespace_id: impl Fn(&str) -> NamespaceId,
) -> Vocabulary<'r> {
    let mut builder = Builder::default();
    for policy in policies {
        let namespace = namespace_id(&policy.namespace);
        let subject = PodSelectorId::at(builder.pods.id(&policy.subject));
        builder.done.subjects.push((namespace, subject));
        let rules = Direction::BOTH.map(|direction| {
            let rules = policy.rules(direction).unwrap_or_default().iter();
            rules
                .map(|rule| IndexedRule {
                    peers: rule
                        .peers
                        .as_ref()
                        .map(|items| items.iter().map(|item| builder.peer(&item.peer, namespace)).collect()),
                    ports: builder.ports_of(rule.ports.as_deref()),
                })
                .collect()
        });
        builder.done.rules.push(rules);
    }
    let Builder { pods, namespaces, blocks, peers, done, .. } = builder;
    Vocabulary {
        pods: pods.items,
        namespaces: namespaces.items,
        blocks: blocks.items,
        peers: peers.items,
        ..done
    }
}

#[derive(Default)]
struct Builder<'r> {
    pods: Interner<&'r Selector>,
    namespaces: Interner<Wanted<'r>>,
    blocks: Interner<&'r IpBlock>,
    peers: Interner<PeerKey>,
    ports: Interner<Option<Vec<&'r PortMatch>>>,
    done: Vocabulary<'r>,
}

impl<'r> Builder<'r> {
    /// The id of a peer in a policy of this namespace, which is the one that a peer means by name.
    fn peer(&mut self, peer: &'r Peer, own: NamespaceId) -> PeerId {
        let key = match peer {
            Peer::Pods { namespaces, pods } => {
                let wanted = match namespaces {
                    Namespaces::Named(_) => Wanted::Named(own),
                    Namespaces::Matching(selector) => Wanted::Matching(selector),
                };
                PeerKey::Pods {
                    namespaces: NamespaceSelectorId::at(self.namespaces.id(wanted)),
                    pods: PodSelectorId::at(self.pods.id(pods)),
                }
            }
            Peer::Block(block) => PeerKey::Block(BlockId::at(self.blocks.id(block))),
        };
        PeerId::at(self.peers.id(key))
    }

    fn ports_of(&mut self, items: Option<&'r [PortItem]>) -> PortsId {
        let key = items.map(|items| items.iter().map(|item| &item.port).collect());
        let id = self.ports.id(key);
        if id == self.done.ports.len() {
            let compiled = self.compile(items);
            self.done.ports.push(compiled);
        }
        PortsId::at(id)
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
                    let names = &mut self.done.port_names;
                    let next = PortNameId::at(names.len());
                    compiled.named.push(*names.entry((name, *protocol)).or_insert(next));
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

impl Vocabulary<'_> {
    /// The port names by [`PortNameId`].
    pub(crate) fn port_names(&self) -> Vec<(String, Protocol)> {
        let mut names: Vec<_> = self.port_names.iter().map(|(name, id)| (*id, *name)).collect();
        names.sort_unstable();
        names.into_iter().map(|(_, (name, protocol))| (name.to_owned(), protocol)).collect()
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

impl<T: Clone + Eq + Hash> Interner<Box<[T]>> {
    /// The position of a list.
    pub(super) fn find(&mut self, list: &[T]) -> usize {
        match self.ids.get(list) {
            Some(id) => *id,
            None => self.id(list.into()),
        }
    }
}
