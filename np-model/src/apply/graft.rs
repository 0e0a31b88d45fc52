//! What new policies say, in the ids of a model.
//!
//! They are interned by themselves, as compiling does it. A peer that some policy has already keeps its
//! id; what is new takes ids that no rule uses any more, so a model does not grow by being changed.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::peers::each_peer;
use super::policies::Merged;
use super::refine::{Asked, refine};
use super::slots::Slots;
use crate::addr::IpBlock;
use crate::compile::{Found, Vocabulary, in_namespaces, intern};
use crate::conn::Protocol;
use crate::ir::{Peer, Policy, PolicyId};
use crate::model::{
    BlockId, ClassSet, IndexedRule, Match, Model, NamespaceId, NamespaceSelectorId, PeerId, PeerKey,
    PodSelectorId, PortNameId, Ports, PortsId,
};
use crate::selector::Selector;

/// What the rules of a changed model are.
pub(super) struct Graft {
    pub(super) indexed: Vec<Arc<[Vec<IndexedRule>; 2]>>,
    pub(super) keys: Vec<PeerKey>,
    pub(super) pods: Vec<Arc<Match>>,
    pub(super) namespaces: Vec<Arc<Match>>,
    /// The blocks in use with the pods and nodes in them, by [`BlockId`]; `None` if they are those there were.
    pub(super) blocks: Option<Vec<(IpBlock, Match)>>,
    pub(super) ports: Vec<Arc<Ports>>,
    pub(super) port_names: PortNames,
    /// By new policy: whom it selects in its namespace.
    pub(super) subjects: Vec<Match>,
}

/// What rules that stay use.
struct Used {
    peers: Vec<bool>,
    ports: Vec<bool>,
}

impl Graft {
    /// Divides the classes whose members the new policies tell apart. `None` if they use other port names.
    pub(super) fn of(model: &mut Model, merged: &Merged, fresh: &[&Policy]) -> Option<Self> {
        let id = |name: &str| {
            let at = model.namespaces.binary_search_by(|one| one.name.as_str().cmp(name));
            NamespaceId::at(at.expect("every namespace of a policy has been looked up"))
        };
        let vocabulary = intern(fresh.iter().copied(), id);
        let mut used = Used::of(model, merged);
        let contents = contents(&vocabulary, fresh);
        let known = known(model, merged, &contents);
        let found: Vec<Found> =
            vocabulary.namespaces.iter().map(|wanted| Found::of(*wanted, &model.namespaces)).collect();
        let new_blocks: Vec<&IpBlock> = new_blocks(model, &vocabulary, &known);
        let selectors = extents(model, &vocabulary, &found, &known);
        let answers = refine(model, Asked { selectors, blocks: new_blocks.clone() });
        let model = &*model;

        let mut keys = model.peers.keys.clone();
        for id in known.iter().flatten() {
            used.peers[id.index()] = true;
        }
        let (mut pods, mut namespaces) = (model.peers.pods.clone(), model.peers.namespaces.clone());
        let (mut is_pods, mut is_namespaces) = (vec![false; pods.len()], vec![false; namespaces.len()]);
        for (key, is_used) in keys.iter_mut().zip(&used.peers) {
            match key {
                _ if !is_used => *key = PeerKey::Unused,
                PeerKey::Pods { namespaces, pods } => {
                    is_namespaces[namespaces.index()] = true;
                    is_pods[pods.index()] = true;
                }
                PeerKey::Block(_) | PeerKey::Unused => {}
            }
        }
        let mut free_pods = Slots::of(is_pods);
        let mut free_namespaces = Slots::of(is_namespaces);
        let mut free_peers = Slots::of(used.peers);
        let old_blocks = model.peers.blocks.len();
        let mut pods_ids: FxHashMap<PodSelectorId, PodSelectorId> = FxHashMap::default();
        let mut namespace_ids: FxHashMap<NamespaceSelectorId, NamespaceSelectorId> = FxHashMap::default();
        let mut peer_ids = Vec::new();
        for (key, known) in vocabulary.peers.iter().zip(&known) {
            if let Some(known) = known {
                peer_ids.push(*known);
                continue;
            }
            let key = match key {
                PeerKey::Unused => PeerKey::Unused,
                PeerKey::Block(block) => {
                    let block = vocabulary.blocks[block.index()];
                    let old = model.peers.blocks.iter().position(|(other, _)| other == block);
                    let new = || new_blocks.iter().position(|other| *other == block);
                    PeerKey::Block(BlockId::at(old.or_else(|| Some(old_blocks + new()?))?))
                }
                PeerKey::Pods { namespaces: of, pods: selector } => PeerKey::Pods {
                    namespaces: *namespace_ids.entry(*of).or_insert_with(|| {
                        let answer = in_namespaces(&found[of.index()], &model.of_namespace);
                        NamespaceSelectorId::at(free_namespaces.put(&mut namespaces, Arc::new(answer)))
                    }),
                    pods: *pods_ids.entry(*selector).or_insert_with(|| {
                        let answer = answers.selectors[selector.index()].clone();
                        PodSelectorId::at(free_pods.put(&mut pods, Arc::new(answer)))
                    }),
                },
            };
            peer_ids.push(PeerId::at(free_peers.put(&mut keys, key)));
        }
        let kept = in_use(&mut keys, old_blocks + new_blocks.len());
        let blocks = (!kept.iter().copied().eq(0..old_blocks)).then(|| {
            let block = |at: usize| match at.checked_sub(old_blocks) {
                None => model.peers.blocks[at].clone(),
                Some(new) => (new_blocks[new].clone(), answers.blocks[new].clone()),
            };
            kept.into_iter().map(block).collect()
        });

        let Opened { port_names, ports, ids: ports_ids } = Opened::of(model, &vocabulary, used.ports)?;
        let rename = |rule: &IndexedRule| IndexedRule {
            peers: rule.peers.as_ref().map(|peers| peers.iter().map(|id| peer_ids[id.index()]).collect()),
            ports: ports_ids[rule.ports.index()],
        };
        let renamed = vocabulary.rules.iter().map(|both| {
            Arc::new([0, 1].map(|direction: usize| both[direction].iter().map(rename).collect::<Vec<_>>()))
        });
        let subject = |(namespace, subject): &(NamespaceId, PodSelectorId)| {
            let inside = ClassSet::range(model.of_namespace[namespace.index()].clone());
            let Match { yes, maybe } = &answers.selectors[subject.index()];
            Match { yes: yes.and(&inside), maybe: maybe.and(&inside) }
        };
        let subjects = vocabulary.subjects.iter().map(subject).collect();
        let indexed = place(model, merged, renamed);
        Some(Self { indexed, keys, pods, namespaces, blocks, ports, port_names, subjects })
    }
}

/// What the lists of ports of a changed model are.
struct Opened {
    port_names: PortNames,
    ports: Vec<Arc<Ports>>,
    /// Of the new policies' lists.
    ids: Vec<PortsId>,
}

impl Opened {
    /// `used` has the lists of policies that stay. `None` if port names come into use, or go out of it.
    fn of(model: &Model, vocabulary: &Vocabulary<'_>, used: Vec<bool>) -> Option<Self> {
        let (port_names, name_ids) = port_names(model, vocabulary)?;
        let mut ports = model.ports.clone();
        let mut is_named = vec![false; port_names.len()];
        for (ports, _) in model.ports.iter().zip(&used).filter(|(_, is_used)| **is_used) {
            for name in &ports.named {
                is_named[name.index()] = true;
            }
        }
        let mut free_ports = Slots::of(used);
        let mut ports_ids = Vec::new();
        for list in &vocabulary.ports {
            let mut named: Vec<PortNameId> = list.named.iter().map(|name| name_ids[name.index()]).collect();
            named.sort_unstable();
            for name in &named {
                is_named[name.index()] = true;
            }
            let list = Ports { fixed: list.fixed.clone(), named };
            ports_ids.push(PortsId::at(free_ports.put(&mut ports, Arc::new(list))));
        }
        if !is_named.iter().all(|is_used| *is_used) {
            // Pods that only its meaning tells apart are not told apart any more.
            return None;
        }
        Some(Self { port_names, ports, ids: ports_ids })
    }
}

impl Used {
    fn of(model: &Model, merged: &Merged) -> Self {
        let mut used =
            Self { peers: vec![false; model.peers.keys.len()], ports: vec![false; model.ports.len()] };
        for (both, _) in model.indexed.iter().zip(&merged.moved).filter(|(_, moved)| moved.is_some()) {
            for rules in &**both {
                for rule in rules {
                    used.ports[rule.ports.index()] = true;
                    if let Some(peers) = &rule.peers {
                        for peer in peers {
                            used.peers[peer.index()] = true;
                        }
                    }
                }
            }
        }
        used
    }
}

/// The rules of all policies by their new ids.
fn place(
    model: &Model,
    merged: &Merged,
    fresh: impl Iterator<Item = Arc<[Vec<IndexedRule>; 2]>>,
) -> Vec<Arc<[Vec<IndexedRule>; 2]>> {
    let mut fresh = merged.fresh.iter().zip(fresh).peekable();
    let mut placed: Vec<Arc<[Vec<IndexedRule>; 2]>> = Vec::with_capacity(merged.all.len());
    let stay = model.indexed.iter().zip(&merged.moved).filter(|(_, moved)| moved.is_some());
    for (both, _) in stay {
        while let Some((_, new)) = fresh.next_if(|(id, _)| id.index() == placed.len()) {
            placed.push(new);
        }
        placed.push(Arc::clone(both));
    }
    placed.extend(fresh.map(|(_, new)| new));
    placed
}

/// What each peer of the new policies says, by its id among them.
fn contents<'r>(vocabulary: &'r Vocabulary<'r>, fresh: &[&'r Policy]) -> Vec<Option<&'r Peer>> {
    let mut contents = vec![None; vocabulary.peers.len()];
    for (policy, rules) in fresh.iter().zip(&vocabulary.rules) {
        each_peer(policy, rules, |peer, id| contents[id.index()] = Some(peer));
    }
    contents
}

/// The ids in the model of peers that some policy has: first those are asked that are replaced.
fn known(model: &Model, merged: &Merged, contents: &[Option<&Peer>]) -> Vec<Option<PeerId>> {
    // Few are wanted of many, so comparing is quicker than hashing each.
    let mut wanted: Vec<(usize, &Peer)> =
        contents.iter().enumerate().filter_map(|(at, peer)| Some((at, (*peer)?))).collect();
    let mut ids = vec![None; contents.len()];
    let everyone = (0..model.rules.policies.len()).map(PolicyId::at);
    let mut is_asked = vec![false; model.peers.keys.len()];
    for id in merged.gone.iter().copied().chain(everyone) {
        if wanted.is_empty() {
            break;
        }
        each_peer(&model.rules.policies[id.index()], &model.indexed[id.index()], |peer, id| {
            if !std::mem::replace(&mut is_asked[id.index()], true) {
                wanted.retain(|(at, other)| {
                    let is_it = *other == peer;
                    if is_it {
                        ids[*at] = Some(id);
                    }
                    !is_it
                });
            }
        });
    }
    ids
}

/// The blocks of the new policies that no rule has had.
fn new_blocks<'r>(model: &Model, vocabulary: &Vocabulary<'r>, known: &[Option<PeerId>]) -> Vec<&'r IpBlock> {
    let blocks = vocabulary.peers.iter().zip(known).filter_map(|(peer, known)| match peer {
        PeerKey::Block(block) if known.is_none() => Some(vocabulary.blocks[block.index()]),
        _ => None,
    });
    blocks.filter(|block| !model.peers.blocks.iter().any(|(other, _)| other == *block)).collect()
}

/// The selectors of the new policies, with the classes of the namespaces that each is meant for.
fn extents<'r>(
    model: &Model,
    vocabulary: &Vocabulary<'r>,
    found: &[Found],
    known: &[Option<PeerId>],
) -> Vec<(&'r Selector, ClassSet)> {
    let mut extents: Vec<(&Selector, ClassSet)> =
        vocabulary.pods.iter().map(|selector| (*selector, ClassSet::default())).collect();
    for (namespace, subject) in &vocabulary.subjects {
        let inside = ClassSet::range(model.of_namespace[namespace.index()].clone());
        extents[subject.index()].1.unite(&inside);
    }
    for (peer, known) in vocabulary.peers.iter().zip(known) {
        if let (PeerKey::Pods { namespaces, pods }, None) = (peer, known) {
            let Match { yes, maybe } = in_namespaces(&found[namespaces.index()], &model.of_namespace);
            extents[pods.index()].1.unite(&yes);
            extents[pods.index()].1.unite(&maybe);
        }
    }
    extents
}

/// The blocks that peers have, of so many: the place of each. Their ids become positions in the list.
fn in_use(keys: &mut [PeerKey], blocks: usize) -> Vec<usize> {
    let mut ids: Vec<Option<BlockId>> = vec![None; blocks];
    for key in keys.iter() {
        if let PeerKey::Block(block) = key {
            ids[block.index()] = Some(*block);
        }
    }
    let mut kept = Vec::new();
    for (at, id) in ids.iter_mut().enumerate() {
        if let Some(id) = id {
            *id = BlockId::at(kept.len());
            kept.push(at);
        }
    }
    for key in keys {
        if let PeerKey::Block(block) = key {
            *block = ids[block.index()].unwrap_or(*block);
        }
    }
    kept
}

type PortNames = Arc<Vec<(String, Protocol)>>;

/// The port names, and the id of each of the new policies' own; `None` if a new one means something.
fn port_names(model: &Model, vocabulary: &Vocabulary<'_>) -> Option<(PortNames, Vec<PortNameId>)> {
    let mut names = Arc::clone(&model.port_names);
    let mut ids = Vec::new();
    for (name, protocol) in vocabulary.port_names() {
        let known = names.iter().position(|(other, of)| *other == name && *of == protocol);
        ids.push(PortNameId::at(known.unwrap_or(names.len())));
        if known.is_none() {
            let is_declared = model.pods.iter().flat_map(|pod| pod.ports.iter());
            if is_declared
                .into_iter()
                .any(|port| port.name.as_deref() == Some(&name) && port.protocol == protocol)
            {
                return None;
            }
            Arc::make_mut(&mut names).push((name, protocol));
        }
    }
    Some((names, ids))
}
