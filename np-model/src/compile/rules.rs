//! Rules by content: the same subject, peer or list of ports is one thing however often it is
//! written, and is matched once.

use std::borrow::Borrow;
use std::hash::{Hash, Hasher};

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

/// Interns all policies, in order. `namespace_id` is asked for the namespace of each.
pub(crate) fn intern<'r>(
    policies: impl Iterator<Item = &'r Policy>,
    mut namespace_id: impl FnMut(&'r str) -> NamespaceId,
) -> Vocabulary<'r> {
    let mut builder = Builder::default();
    for policy in policies {
        let namespace = namespace_id(&policy.namespace);
        let subject = builder.pods(&policy.subject);
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
    ports: Interner<List<'r>>,
    /// By [`Selector::content_id`], as most equal selectors share their content: what need not be hashed.
    known_pods: FxHashMap<usize, PodSelectorId>,
    known_namespaces: FxHashMap<usize, NamespaceSelectorId>,
    done: Vocabulary<'r>,
}

/// A list of ports by what they mean, wherever they stand.
#[derive(Clone, Copy)]
struct List<'r>(Option<&'r [PortItem]>);

impl<'r> List<'r> {
    fn meaning(self) -> impl Iterator<Item = &'r PortMatch> {
        self.0.unwrap_or_default().iter().map(|item| &item.port)
    }
}

impl PartialEq for List<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.0.is_some() == other.0.is_some() && self.meaning().eq(other.meaning())
    }
}

impl Eq for List<'_> {}

impl Hash for List<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.map(<[PortItem]>::len).hash(state);
        self.meaning().for_each(|port| port.hash(state));
    }
}

impl<'r> Builder<'r> {
    fn pods(&mut self, selector: &'r Selector) -> PodSelectorId {
        let Self { pods, known_pods, .. } = self;
        *known_pods.entry(selector.content_id()).or_insert_with(|| PodSelectorId::at(pods.id(selector)))
    }

    fn namespaces(&mut self, selector: &'r Selector) -> NamespaceSelectorId {
        let Self { namespaces, known_namespaces, .. } = self;
        let known = known_namespaces.entry(selector.content_id());
        *known.or_insert_with(|| NamespaceSelectorId::at(namespaces.id(Wanted::Matching(selector))))
    }

    /// The id of a peer in a policy of this namespace, which is the one that a peer means by name.
    fn peer(&mut self, peer: &'r Peer, own: NamespaceId) -> PeerId {
        let key = match peer {
            Peer::Pods { namespaces, pods } => PeerKey::Pods {
                namespaces: match namespaces {
                    Namespaces::Named(_) => NamespaceSelectorId::at(self.namespaces.id(Wanted::Named(own))),
                    Namespaces::Matching(selector) => self.namespaces(selector),
                },
                pods: self.pods(pods),
            },
            Peer::Block(block) => PeerKey::Block(BlockId::at(self.blocks.id(block))),
        };
        PeerId::at(self.peers.id(key))
    }

    fn ports_of(&mut self, items: Option<&'r [PortItem]>) -> PortsId {
        let id = self.ports.id(List(items));
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
            compiled.fixed = if compiled.fixed.is_empty() { fixed } else { compiled.fixed.or(&fixed) };
        }
        compiled.named.sort_unstable();
        compiled.named.dedup();
        compiled
    }
}

/// The same, with namespaces numbered in the order met, before it is known which there are; and their names.
pub(super) fn intern_first<'r>(policies: impl Iterator<Item = &'r Policy>) -> (Vocabulary<'r>, Vec<&'r str>) {
    let mut names: Vec<&str> = Vec::new();
    // The policies are sorted by it.
    let vocabulary = intern(policies, |name| {
        if names.last() != Some(&name) {
            names.push(name);
        }
        NamespaceId::at(names.len() - 1)
    });
    (vocabulary, names)
}

impl Vocabulary<'_> {
    /// Gives namespaces their ids, by the number that they have.
    pub(super) fn settle(&mut self, ids: &[NamespaceId]) {
        for (namespace, _) in &mut self.subjects {
            *namespace = ids[namespace.index()];
        }
        for wanted in &mut self.namespaces {
            if let Wanted::Named(namespace) = wanted {
                *namespace = ids[namespace.index()];
            }
        }
    }

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
    /// Makes room for so many more.
    pub(super) fn reserve(&mut self, more: usize) {
        self.ids.reserve(more);
    }

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

impl<T> Interner<T> {
    /// The position of a list.
    pub(super) fn find<I>(&mut self, list: &[I]) -> usize
    where
        I: Clone + Eq + Hash,
        T: Clone + Eq + Hash + Borrow<[I]> + for<'l> From<&'l [I]>,
    {
        match self.ids.get(list) {
            Some(id) => *id,
            None => self.id(list.into()),
        }
    }
}
