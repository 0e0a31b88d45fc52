//! Endpoints projected to what the rules mention.
//!
//! A pod's labels shrink to the keys that some selector names, with the values it is compared to
//! (all other values of such a key are one), its addresses to atoms, its ports to the names in use.
//! Pods with the same projection form a group; selectors are answered for groups. Nearly all merging
//! happens here, with one hash per pod; [`super::classes`] merges the rest exactly.

use rustc_hash::FxHashMap;

use super::endpoints::Endpoints;
use super::rules::{Interner, Vocabulary};
use super::space::Space;
use crate::addr::{AddrSet, Families, Family};
use crate::conn::{ConnSet, PortSet};
use crate::facts::{ContainerPort, Labels, Lookup};
use crate::intervals::Intervals;
use crate::model::{ClassKind, NamespaceId, NodeId, PodId, PortNameId, ResolvedId, Whereabouts};

/// What a selector can see of one label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Seen<'r> {
    /// A value that some selector compares to.
    Value(&'r str),
    /// Some other value.
    Other,
    /// The key may be there, with any value.
    Unknown,
}

/// Endpoints with the same projection.
#[derive(Debug)]
pub(super) struct Group<'r> {
    pub(super) kind: ClassKind,
    pub(super) families: Families,
    /// The namespace, if the members are ordinary pods.
    pub(super) namespace: Option<NamespaceId>,
    pub(super) labels: Vec<(&'r str, Seen<'r>)>,
    pub(super) resolved: Vec<(PortNameId, ResolvedId)>,
    pub(super) whereabouts: Whereabouts,
    pub(super) pods: Vec<PodId>,
    pub(super) nodes: Vec<NodeId>,
    pub(super) addresses: AddrSet,
}

/// All groups: of pods and hosts in the order first met, then of external atoms.
#[derive(Debug)]
pub(super) struct Groups<'r> {
    pub(super) all: Vec<Group<'r>>,
    pub(super) resolutions: Vec<ConnSet>,
}

#[derive(PartialEq, Eq, Hash)]
struct Key<'r> {
    kind: ClassKind,
    namespace: Option<NamespaceId>,
    labels: Vec<(&'r str, Seen<'r>)>,
    resolved: Vec<(PortNameId, ResolvedId)>,
    place: Place,
}

/// An endpoint's addresses as far as blocks can tell.
#[derive(PartialEq, Eq, Hash)]
enum Place {
    Atoms(Vec<(Family, usize)>),
    PodSpace,
    Anywhere,
}

pub(super) fn project<'r>(endpoints: &Endpoints, space: &Space, vocabulary: &Vocabulary<'r>) -> Groups<'r> {
    let mut all: Vec<Group<'r>> = Vec::new();
    let mut ids: FxHashMap<Key<'r>, usize> = FxHashMap::default();
    let mut resolutions = Interner::default();
    let mut group_of =
        |key: Key<'r>, families: Families, whereabouts: &Whereabouts, all: &mut Vec<Group<'r>>| {
            *ids.entry(key).or_insert_with_key(|key| {
                all.push(Group {
                    kind: key.kind,
                    families,
                    namespace: key.namespace,
                    labels: key.labels.clone(),
                    resolved: key.resolved.clone(),
                    whereabouts: *whereabouts,
                    pods: Vec::new(),
                    nodes: Vec::new(),
                    addresses: AddrSet::default(),
                });
                all.len() - 1
            })
        };
    let host = |whereabouts: &Whereabouts| Key {
        kind: ClassKind::Hosts,
        namespace: None,
        labels: Vec::new(),
        resolved: Vec::new(),
        place: place(whereabouts, space),
    };
    for (at, pod) in endpoints.pods.iter().enumerate() {
        let key = if pod.host_network {
            host(&pod.whereabouts)
        } else {
            Key {
                kind: ClassKind::Pods,
                namespace: Some(pod.namespace),
                labels: visible_labels(&pod.labels, vocabulary),
                resolved: resolve(&pod.ports, vocabulary, &mut resolutions),
                place: place(&pod.whereabouts, space),
            }
        };
        let group = group_of(key, pod.families, &pod.whereabouts, &mut all);
        all[group].pods.push(PodId::at(at));
    }
    for (at, node) in endpoints.nodes.iter().enumerate() {
        let group = group_of(host(&node.whereabouts), node.families, &node.whereabouts, &mut all);
        all[group].nodes.push(NodeId::at(at));
    }
    all.extend(Family::BOTH.into_iter().flat_map(|family| {
        space.external_atoms(family).into_iter().map(move |(first, last)| Group {
            kind: ClassKind::External,
            families: Families::only(family),
            namespace: None,
            labels: Vec::new(),
            resolved: Vec::new(),
            // An atom is in the same blocks as its first address.
            whereabouts: Whereabouts::At([crate::addr::address(family, first)].into_iter().collect()),
            pods: Vec::new(),
            nodes: Vec::new(),
            addresses: AddrSet::default().with(family, Intervals::range(first, last)),
        })
    }));
    Groups { all, resolutions: resolutions.items }
}

fn visible_labels<'r>(labels: &Labels, vocabulary: &Vocabulary<'r>) -> Vec<(&'r str, Seen<'r>)> {
    let mut visible: Vec<_> = vocabulary
        .labels
        .iter()
        .filter_map(|(key, values)| match labels.get(key) {
            Lookup::Value(value) => {
                Some((*key, values.get(value).map_or(Seen::Other, |value| Seen::Value(value))))
            }
            Lookup::Unknown => Some((*key, Seen::Unknown)),
            Lookup::Absent => None,
        })
        .collect();
    visible.sort_unstable();
    visible
}

/// What each port name in use opens on a pod with these ports: every port of that name and
/// protocol.
fn resolve(
    ports: &[ContainerPort],
    vocabulary: &Vocabulary<'_>,
    resolutions: &mut Interner<ConnSet>,
) -> Vec<(PortNameId, ResolvedId)> {
    let mut found: Vec<(PortNameId, PortSet, crate::conn::Protocol)> = Vec::new();
    for port in ports {
        let Some(name) = &port.name else { continue };
        let Some(id) = vocabulary.port_names.get(&(name.as_str(), port.protocol)) else { continue };
        let number = PortSet::range(port.port, port.port);
        match found.iter_mut().find(|(other, ..)| other == id) {
            Some((_, numbers, _)) => *numbers = numbers.or(&number),
            None => found.push((*id, number, port.protocol)),
        }
    }
    found.sort_unstable();
    found
        .into_iter()
        .map(|(id, numbers, protocol)| {
            let set = ConnSet::of_ports(Families::BOTH, protocol, &numbers);
            (id, ResolvedId::at(resolutions.id(set)))
        })
        .collect()
}

fn place(whereabouts: &Whereabouts, space: &Space) -> Place {
    match whereabouts {
        Whereabouts::At(ips) => {
            let mut atoms: Vec<_> = ips.iter().map(|ip| (Family::of(ip), space.atom(ip))).collect();
            atoms.sort_unstable();
            Place::Atoms(atoms)
        }
        Whereabouts::PodSpace => Place::PodSpace,
        Whereabouts::Anywhere => Place::Anywhere,
    }
}
