//! Which labels the rules ask pods about, and in which namespaces.
//!
//! A policy's subject concerns pods of its own namespace alone, and a peer those of the namespaces that
//! it means. So what one team's rules say about `version` does not tell another team's pods apart.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::rules::{Vocabulary, Wanted};
use crate::facts::Labels;
use crate::facts::namespace::NAME_LABEL;
use crate::model::{Namespace, NamespaceId, PeerKey, PodSelectorId};
use crate::selector::{Requirement, Selector};
use crate::truth::Truth;

/// Names a label key that some selector asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct KeyId(u32);

/// Names a key with a value that some selector compares it to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct ValueId(u32);

impl KeyId {
    pub(super) fn index(self) -> usize {
        self.0 as usize
    }
}

impl ValueId {
    pub(super) fn index(self) -> usize {
        self.0 as usize
    }
}

/// What a selector can see of one label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Seen {
    /// A value that some selector compares to.
    Value(ValueId),
    /// The key, where some selector asks whether it is there, with any other value.
    Other,
    /// The key may be there, with any value.
    Unknown,
}

/// The labels that selectors ask for.
#[derive(Debug, Default)]
pub(super) struct Mentions<'r> {
    keys: FxHashMap<&'r str, KeyId>,
    by_key: Vec<Mentioned<'r>>,
    /// By value: where it is compared to.
    values: Vec<Extent>,
}

#[derive(Debug, Default)]
struct Mentioned<'r> {
    values: FxHashMap<&'r str, ValueId>,
    /// Where somebody asks whether the key is there.
    asked: Extent,
}

/// Namespaces: all of them, or those listed.
#[derive(Debug, Clone, Default)]
struct Extent {
    everywhere: bool,
    /// Most are asked for in few.
    namespaces: SmallVec<[NamespaceId; 4]>,
}

/// From how many namespaces on a peer counts as one that concerns all of them.
const MANY: usize = 16;

impl Extent {
    fn add(&mut self, other: &Self) {
        self.everywhere |= other.everywhere;
        if self.everywhere {
            self.namespaces = SmallVec::new();
        } else {
            self.namespaces.extend_from_slice(&other.namespaces);
        }
    }

    fn sort(&mut self) {
        self.namespaces.sort_unstable();
        self.namespaces.dedup();
    }

    fn covers(&self, namespace: NamespaceId) -> bool {
        self.everywhere || self.namespaces.binary_search(&namespace).is_ok()
    }
}

/// The namespaces that a peer means: for certain, and those whose labels leave it open.
#[derive(Debug, Clone, Default)]
pub(crate) struct Found {
    pub(crate) certain: Vec<NamespaceId>,
    pub(crate) maybe: Vec<NamespaceId>,
}

impl Found {
    /// Looks for the namespaces.
    pub(crate) fn of(wanted: Wanted<'_>, namespaces: &[Namespace]) -> Self {
        let mut found = Self::default();
        let selector = match wanted {
            Wanted::Named(id) => return Self { certain: vec![id], maybe: Vec::new() },
            Wanted::Matching(selector) => selector,
        };
        let mut ask = |at: usize| match selector.matches(&namespaces[at].labels) {
            Truth::Yes => found.certain.push(NamespaceId::at(at)),
            Truth::Maybe => found.maybe.push(NamespaceId::at(at)),
            Truth::No => {}
        };
        match names(selector) {
            // Every namespace has its name for a label, and they are sorted by it.
            Some(names) => {
                let by_name = |name: &str| namespaces.binary_search_by(|other| other.name.as_str().cmp(name));
                names.filter_map(|name| by_name(name).ok()).for_each(ask);
            }
            None => (0..namespaces.len()).for_each(&mut ask),
        }
        found
    }
}

/// The names that a namespace must have one of, if a selector asks for that.
fn names(selector: &Selector) -> Option<impl Iterator<Item = &str>> {
    selector.requirements().iter().find_map(|requirement| match requirement {
        Requirement::In(key, values) if key == NAME_LABEL => Some(values.iter().map(String::as_str)),
        _ => None,
    })
}

impl<'r> Mentions<'r> {
    /// Collects them from all selectors. `found` has the namespaces by selector.
    pub(super) fn of(vocabulary: &Vocabulary<'r>, found: &[Found]) -> Self {
        let mut extents = vec![Extent::default(); vocabulary.pods.len()];
        let mut concern = |pods: PodSelectorId, namespaces: &[NamespaceId]| {
            let extent = &mut extents[pods.index()];
            extent.everywhere |= namespaces.len() >= MANY;
            if !extent.everywhere {
                extent.namespaces.extend_from_slice(namespaces);
            }
        };
        for (namespace, pods) in &vocabulary.subjects {
            concern(*pods, &[*namespace]);
        }
        for peer in &vocabulary.peers {
            if let PeerKey::Pods { namespaces, pods } = peer {
                let Found { certain, maybe } = &found[namespaces.index()];
                concern(*pods, certain);
                concern(*pods, maybe);
            }
        }
        let mut mentions = Self::default();
        for (selector, extent) in vocabulary.pods.iter().zip(&extents) {
            for requirement in selector.requirements() {
                mentions.mention(requirement, extent);
            }
        }
        mentions.by_key.iter_mut().for_each(|key| key.asked.sort());
        mentions.values.iter_mut().for_each(Extent::sort);
        mentions
    }

    fn mention(&mut self, requirement: &'r Requirement, extent: &Extent) {
        let next = id(self.by_key.len());
        let key = *self.keys.entry(requirement.key()).or_insert(KeyId(next));
        if key.0 == next {
            self.by_key.push(Mentioned::default());
        }
        let mentioned = &mut self.by_key[key.index()];
        match requirement.values() {
            None => mentioned.asked.add(extent),
            Some(values) => {
                for value in values {
                    let next = ValueId(id(self.values.len()));
                    let value = *mentioned.values.entry(value).or_insert(next);
                    if value == next {
                        self.values.push(Extent::default());
                    }
                    self.values[value.index()].add(extent);
                }
            }
        }
    }

    /// How many keys and values there are.
    pub(super) fn counts(&self) -> (usize, usize) {
        (self.by_key.len(), self.values.len())
    }

    /// A key that some selector asks for.
    pub(super) fn key(&self, key: &str) -> Option<KeyId> {
        self.keys.get(key).copied()
    }

    /// A value that some selector compares a key to.
    pub(super) fn value(&self, key: KeyId, value: &str) -> Option<ValueId> {
        self.by_key[key.index()].values.get(value).copied()
    }

    /// Every value that some selector compares a key to.
    pub(super) fn values(&self, key: KeyId) -> impl Iterator<Item = ValueId> {
        self.by_key[key.index()].values.values().copied()
    }

    /// What selectors can see of a pod's labels, in this namespace; sorted, into `seen`.
    pub(super) fn see(&self, labels: &Labels, namespace: NamespaceId, seen: &mut Vec<(KeyId, Seen)>) {
        seen.clear();
        for (key, value) in labels.iter() {
            let Some(key) = self.key(key) else { continue };
            let mentioned = &self.by_key[key.index()];
            let value = mentioned.values.get(value).copied();
            match value.filter(|value| self.values[value.index()].covers(namespace)) {
                Some(value) => seen.push((key, Seen::Value(value))),
                None if mentioned.asked.covers(namespace) => seen.push((key, Seen::Other)),
                None => {}
            }
        }
        seen.extend(self.unknown(labels).map(|key| (key, Seen::Unknown)));
        seen.sort_unstable();
    }

    /// The keys that a pod may have with a value that the input does not show.
    fn unknown(&self, labels: &Labels) -> impl Iterator<Item = KeyId> {
        use crate::facts::{Lookup, UnknownKeys};
        let is_unknown = |key: &&str| labels.get(key) == Lookup::Unknown;
        let of_all = (labels.unknown() == UnknownKeys::Any).then(|| self.keys.keys().copied());
        let listed = match labels.unknown() {
            UnknownKeys::These(keys) => keys,
            UnknownKeys::None | UnknownKeys::Any => &[],
        };
        let all = of_all.into_iter().flatten().chain(listed.iter().copied());
        all.filter(is_unknown).filter_map(|key| self.key(key))
    }
}

/// There are fewer than 2³² labels in texts of 4 GiB.
fn id(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}
