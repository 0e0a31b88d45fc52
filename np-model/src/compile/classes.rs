//! Endpoints projected to what the rules mention, and united into classes.
//!
//! A pod's labels shrink to what selectors see of them, its addresses to a place, its ports to what the
//! names in use open. Endpoints with the same projection form a class, found with one hash for each
//! endpoint; selectors are answered for classes only.
//!
//! Classes of ordinary pods come first, namespace by namespace, then nodes and pods on their network. External
//! addresses form classes of their own, which follow.

use std::ops::Range;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::endpoints::Endpoints;
use super::mentions::{KeyId, Mentions, Seen};
use super::places::{PlaceId, Places};
use super::rules::Interner;
use super::selecting::Selected;
use super::space::Space;
use crate::addr::{AddrSet, Families, Family};
use crate::conn::{ConnSet, PortSet, Protocol};
use crate::facts::ContainerPort;
use crate::intervals::Intervals;
use crate::model::{
    BlockId, Class, ClassId, ClassKind, NamespaceId, NodeId, Pod, PodId, PortNameId, ResolvedId,
    ResolvedNamesId,
};

/// What selectors see of a pod's labels, sorted by key.
type Visible = Arc<[(KeyId, Seen)]>;

/// The classes of pods and nodes, with what told them apart.
#[derive(Debug)]
pub(super) struct Classes {
    pub(super) all: Vec<Class>,
    /// By class of ordinary pods: what selectors see of its labels.
    pub(super) visible: Vec<u32>,
    pub(super) labels: Vec<Visible>,
    /// By class.
    pub(super) places: Vec<PlaceId>,
    /// By namespace: its classes of ordinary pods.
    pub(super) of_namespace: Vec<Range<usize>>,
    /// By [`ResolvedNamesId`].
    pub(super) resolved_names: Vec<Vec<(PortNameId, ResolvedId)>>,
    /// By [`ResolvedId`].
    pub(super) resolutions: Vec<ConnSet>,
    /// What is resolved where no name is.
    pub(super) no_names: ResolvedNamesId,
}

/// What the members of a class of ordinary pods have in common.
#[derive(PartialEq, Eq, Hash)]
struct Key {
    namespace: NamespaceId,
    labels: usize,
    resolved: ResolvedNamesId,
    place: PlaceId,
}

/// For how many classes there is room from the start, if there are as many pods: growing would hash all of them again.
const EXPECTED: usize = 1 << 11;

/// Finds the classes and tells each pod and node its own.
pub(super) fn unite(
    endpoints: &mut Endpoints,
    places: &mut Places<'_>,
    mentions: &Mentions<'_>,
    port_names: &FxHashMap<(&str, Protocol), PortNameId>,
) -> Classes {
    let mut names = Names::of(port_names);
    let mut classes = Classes {
        all: Vec::new(),
        visible: Vec::new(),
        labels: Vec::new(),
        places: Vec::new(),
        of_namespace: vec![0..0; endpoints.namespaces.len()],
        resolved_names: Vec::new(),
        resolutions: Vec::new(),
        no_names: names.none(),
    };
    let mut labels: Interner<Visible> = Interner::default();
    let mut by_key: FxHashMap<Key, ClassId> = FxHashMap::default();
    let expected = endpoints.pods.len().min(EXPECTED);
    labels.reserve(expected);
    by_key.reserve(expected);
    let mut seen = Vec::new();
    // The pod before, as replicas follow each other.
    let mut last: Option<(usize, usize)> = None;
    for at in 0..endpoints.pods.len() {
        let pod = &endpoints.pods[at];
        if pod.host_network {
            continue;
        }
        let is_replica = |last: &usize| {
            let before = &endpoints.pods[*last];
            let look = |pod: &Pod| (pod.namespace, pod.labels.content_id(), pod.labels.unknown());
            look(before) == look(pod)
        };
        let visible = if let Some((_, visible)) = last.filter(|(before, _)| is_replica(before)) {
            visible
        } else {
            mentions.see(&pod.labels, pod.namespace, &mut seen);
            labels.find(seen.as_slice())
        };
        last = Some((at, visible));
        let key = Key {
            namespace: pod.namespace,
            labels: visible,
            resolved: names.resolve(&pod.ports),
            place: places.of(&pod.whereabouts),
        };
        let (place, resolved) = (key.place, key.resolved);
        let next = ClassId::at(classes.all.len());
        let class = *by_key.entry(key).or_insert(next);
        if class == next {
            let range = &mut classes.of_namespace[pod.namespace.index()];
            if range.start == range.end {
                range.start = next.index();
            }
            range.end = next.index() + 1;
            classes.visible.push(u32::try_from(visible).expect("no more than pods"));
            classes.add(ClassKind::Pods, places.families(place), place, resolved);
            // Many stay alone.
            classes.all[class.index()].pods = vec![PodId::at(at)];
        } else {
            classes.all[class.index()].pods.push(PodId::at(at));
        }
        endpoints.pods[at].class = class;
    }
    classes.labels = labels.items;
    classes.hosts(endpoints, places);
    classes.resolved_names = names.sets.items;
    classes.resolutions = names.resolutions.items;
    classes
}

impl Classes {
    /// Renumbers the classes of each namespace, so that those that the same policies select follow each
    /// other: sets of them are then runs of bits.
    pub(super) fn order(&mut self, endpoints: &mut Endpoints, selected: &mut Selected) {
        let ordinary = self.visible.len();
        let mut order: Vec<usize> = (0..self.all.len()).collect();
        for range in &self.of_namespace {
            order[range.clone()].sort_by_key(|class| selected.of_class[*class]);
        }
        let mut all: Vec<Option<Class>> = std::mem::take(&mut self.all).into_iter().map(Some).collect();
        self.all = order.iter().filter_map(|class| all[*class].take()).collect();
        self.visible = order[..ordinary].iter().map(|class| self.visible[*class]).collect();
        self.places = order.iter().map(|class| self.places[*class]).collect();
        selected.of_class = order.iter().map(|class| selected.of_class[*class]).collect();
        for (class, id) in self.all[..ordinary].iter().zip((0..).map(ClassId::at)) {
            for pod in &class.pods {
                endpoints.pods[pod.index()].class = id;
            }
        }
    }

    fn add(&mut self, kind: ClassKind, families: Families, place: PlaceId, resolved_names: ResolvedNamesId) {
        self.places.push(place);
        self.all.push(class(kind, families, resolved_names));
    }

    /// Nodes, and pods on their network: told apart by their addresses alone.
    fn hosts(&mut self, endpoints: &mut Endpoints, places: &mut Places<'_>) {
        let no_names = self.no_names;
        let mut by_place: FxHashMap<PlaceId, ClassId> = FxHashMap::default();
        let mut class_of = |classes: &mut Self, place: PlaceId, families: Families| {
            let next = ClassId::at(classes.all.len());
            let class = *by_place.entry(place).or_insert(next);
            if class == next {
                classes.add(ClassKind::Hosts, families, place, no_names);
            }
            class
        };
        for (at, pod) in endpoints.pods.iter_mut().enumerate().filter(|(_, pod)| pod.host_network) {
            pod.class = class_of(self, places.of(&pod.whereabouts), pod.families);
            self.all[pod.class.index()].pods.push(PodId::at(at));
        }
        for (at, node) in endpoints.nodes.iter_mut().enumerate() {
            node.class = class_of(self, places.of(&node.whereabouts), node.families);
            self.all[node.class.index()].nodes.push(NodeId::at(at));
        }
    }
}

/// External addresses: atoms in the same blocks are one class. Each comes with those blocks.
pub(crate) fn externals<'p>(
    space: &Space,
    places: &'p Places<'_>,
    no_names: ResolvedNamesId,
) -> Vec<(&'p [BlockId], Class)> {
    let mut classes = Vec::new();
    for family in Family::BOTH {
        let mut by_blocks: FxHashMap<&[BlockId], usize> = FxHashMap::default();
        let mut ranges: Vec<(&[BlockId], Vec<_>)> = Vec::new();
        for (atom, (first, last)) in space.external_atoms(family) {
            let blocks = places.around(family, atom);
            let at = *by_blocks.entry(blocks).or_insert(ranges.len());
            if at == ranges.len() {
                ranges.push((blocks, Vec::new()));
            }
            ranges[at].1.push((first, last));
        }
        classes.extend(ranges.into_iter().map(|(blocks, ranges)| {
            let addresses = AddrSet::default().with(family, Intervals::from_ranges(ranges));
            let class = class(ClassKind::External, Families::only(family), no_names);
            (blocks, Class { addresses, ..class })
        }));
    }
    classes
}

/// A class without members.
fn class(kind: ClassKind, families: Families, resolved_names: ResolvedNamesId) -> Class {
    let (pods, nodes) = (Vec::new(), Vec::new());
    Class { kind, families, pods, nodes, addresses: AddrSet::default(), resolved_names }
}

/// What port names open on pods.
struct Names<'v> {
    in_use: &'v FxHashMap<(&'v str, Protocol), PortNameId>,
    sets: Interner<Vec<(PortNameId, ResolvedId)>>,
    resolutions: Interner<ConnSet>,
    /// What a single port is.
    by_port: FxHashMap<(Protocol, u16), ResolvedId>,
    /// What has been resolved, by the place of the list: pods with equal ports mostly share one.
    by_list: FxHashMap<usize, ResolvedNamesId>,
    /// Used again for pod after pod.
    found: Vec<(PortNameId, u16, Protocol)>,
    opened: Vec<(PortNameId, ResolvedId)>,
}

impl<'v> Names<'v> {
    fn of(port_names: &'v FxHashMap<(&'v str, Protocol), PortNameId>) -> Self {
        Self {
            in_use: port_names,
            sets: Interner::default(),
            resolutions: Interner::default(),
            by_port: FxHashMap::default(),
            by_list: FxHashMap::default(),
            found: Vec::new(),
            opened: Vec::new(),
        }
    }

    /// What is resolved where no name is.
    fn none(&mut self) -> ResolvedNamesId {
        ResolvedNamesId::at(self.sets.id(Vec::new()))
    }

    /// What each port name in use opens on a pod with these ports: every port of that name and
    /// protocol.
    fn resolve(&mut self, ports: &Arc<[ContainerPort]>) -> ResolvedNamesId {
        let list = Arc::as_ptr(ports).cast::<ContainerPort>().addr();
        if ports.is_empty() {
            return self.none();
        }
        if let Some(known) = self.by_list.get(&list) {
            return *known;
        }
        self.found.clear();
        for port in ports.iter() {
            let Some(name) = &port.name else { continue };
            let Some(id) = self.in_use.get(&(name.as_str(), port.protocol)) else { continue };
            self.found.push((*id, port.port, port.protocol));
        }
        self.found.sort_unstable();
        let Self { resolutions, by_port, found, opened, .. } = self;
        opened.clear();
        opened.extend(found.chunk_by(|(one, ..), (other, ..)| one == other).map(|of_name| {
            let (id, first, protocol) = of_name[0];
            let mut open = |numbers: &PortSet| {
                ResolvedId::at(resolutions.id(ConnSet::of_ports(Families::BOTH, protocol, numbers)))
            };
            let resolved = if of_name.len() == 1 {
                *by_port.entry((protocol, first)).or_insert_with(|| open(&PortSet::range(first, first)))
            } else {
                open(&PortSet::from_ranges(of_name.iter().map(|(_, port, _)| (*port, *port))))
            };
            (id, resolved)
        }));
        let names = ResolvedNamesId::at(self.sets.find(&self.opened));
        self.by_list.insert(list, names);
        names
    }
}
