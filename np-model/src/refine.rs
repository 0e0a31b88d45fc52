//! Two models side by side: which of their endpoints are the same, and classes that suit both.
//!
//! Endpoints are the same if they have the same full name. Two of them that are in one class in the one model
//! may be in two in the other. So what holds of both is said of the *common refinement*:
//!
//! ```text
//!   base   {web-1, web-2}  {db-0}             refined   {web-1}  {web-2}  {db-0, only in base}  {db-1, only in head}
//!   head   {web-1}  {web-2, db-1}
//! ```
//!
//! Refined classes have ids of their own, which sets of classes can hold too. Models that share their endpoints,
//! as a model and one with other policies do, share the classes: then almost nothing is to be done.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::hash::Hash;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::addr::{AddrSet, Family};
use crate::facts::WorkloadKind;
use crate::intervals::Intervals;
use crate::model::{ClassId, ClassKind, ClassSet, Model, NamespaceId, NodeId, Pod, PodId, Whereabouts};

/// The same thing in two models, or a thing that is in one of them only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Aligned<Id> {
    /// It is in both: its ids in the base and in the head.
    Both(Id, Id),
    /// It is in the base only.
    Base(Id),
    /// It is in the head only.
    Head(Id),
}

impl<Id: Copy> Aligned<Id> {
    /// Its id in the base.
    pub fn base(self) -> Option<Id> {
        self.sides()[0]
    }

    /// Its id in the head.
    pub fn head(self) -> Option<Id> {
        self.sides()[1]
    }

    /// Its ids in the base and in the head.
    pub fn sides(self) -> [Option<Id>; 2] {
        match self {
            Self::Both(base, head) => [Some(base), Some(head)],
            Self::Base(base) => [Some(base), None],
            Self::Head(head) => [None, Some(head)],
        }
    }
}

/// The common refinement of two models.
#[derive(Debug)]
pub struct Refinement<'m> {
    models: [&'m Model; 2],
    pods: Vec<Aligned<PodId>>,
    nodes: Vec<Aligned<NodeId>>,
    /// Below this id, the classes of both models are the same, and none is divided.
    shared: usize,
    /// The classes from there on.
    others: Vec<Refined>,
    /// By side, and class from `shared` on: what it is divided into.
    divided: [Vec<Vec<ClassId>>; 2],
}

/// A class of the refinement.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Refined {
    key: Key,
    /// Positions in the lists of the refinement, ascending.
    pods: Vec<u32>,
    nodes: Vec<u32>,
}

/// What the members of a refined class have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    class: Aligned<ClassId>,
    is_changed: bool,
}

impl<'m> Refinement<'m> {
    /// Of a base and a head. A step for each endpoint, hardly any for those that the models share.
    pub fn of(base: &'m Model, head: &'m Model) -> Self {
        let models = [base, head];
        let mut refinement = if base.shares_endpoints(head) {
            Self {
                models,
                pods: base.pod_ids().map(|id| Aligned::Both(id, id)).collect(),
                nodes: base.node_ids().map(|id| Aligned::Both(id, id)).collect(),
                shared: base.classes.len(),
                others: Vec::new(),
                divided: Default::default(),
            }
        } else {
            Self::of_endpoints(models)
        };
        if refinement.shared > 0 && Arc::ptr_eq(&base.externals, &head.externals) {
            refinement.shared += base.externals.len();
        } else {
            let first = |model: &Model| model.classes.len();
            refinement.others.extend(
                externals(models).into_iter().map(|class| {
                    Refined::empty(Key { class, is_changed: false }, [first(base), first(head)])
                }),
            );
        }
        refinement.divide();
        refinement
    }

    fn of_endpoints(models: [&'m Model; 2]) -> Self {
        let [base, head] = models;
        let is_same_space = base.pod_space() == head.pod_space() && base.families() == head.families();
        let pods = if are_named_alike(models) {
            base.pod_ids().map(|id| Aligned::Both(id, id)).collect()
        } else {
            align(models.map(pod_keys))
        };
        let nodes = align(models.map(node_keys));
        let mut others: Vec<Refined> = Vec::new();
        let mut ids: FxHashMap<Key, usize> = FxHashMap::default();
        let mut refined = |key: Key| {
            *ids.entry(key).or_insert_with(|| {
                others.push(Refined { key, pods: Vec::new(), nodes: Vec::new() });
                others.len() - 1
            })
        };
        let mut of_pods = Vec::with_capacity(pods.len());
        for pod in &pods {
            let is_changed = match *pod {
                Aligned::Both(a, b) => !is_alike(base, base.pod(a), head, head.pod(b), is_same_space),
                _ => true,
            };
            let class = pod.map([&|id| base.pod(id).class, &|id| head.pod(id).class]);
            of_pods.push(refined(Key { class, is_changed }));
        }
        let mut of_nodes = Vec::with_capacity(nodes.len());
        for node in &nodes {
            let is_changed = match *node {
                Aligned::Both(a, b) => {
                    let (a, b) = (base.node(a), head.node(b));
                    !is_there(a.whereabouts, b.whereabouts, is_same_space) || a.families != b.families
                }
                _ => true,
            };
            let class = node.map([&|id| base.node(id).class, &|id| head.node(id).class]);
            of_nodes.push(refined(Key { class, is_changed }));
        }
        for (class, at) in of_pods.into_iter().zip(0..) {
            others[class].pods.push(at);
        }
        for (class, at) in of_nodes.into_iter().zip(0..) {
            others[class].nodes.push(at);
        }
        Self { models, pods, nodes, shared: 0, others, divided: Default::default() }
    }

    /// Notes what each class is divided into.
    fn divide(&mut self) {
        let shared = self.shared;
        let mut divided = self.models.map(|model| vec![Vec::new(); model.class_ids().len() - shared]);
        for (refined, id) in self.others.iter().zip((shared..).map(ClassId::at)) {
            for (divided, class) in divided.iter_mut().zip(refined.key.class.sides()) {
                if let Some(class) = class {
                    divided[class.index() - shared].push(id);
                }
            }
        }
        self.divided = divided;
    }

    /// Every pod of either model, by namespace and name.
    pub fn pods(&self) -> &[Aligned<PodId>] {
        &self.pods
    }

    /// Every node of either model, by name.
    pub fn nodes(&self) -> &[Aligned<NodeId>] {
        &self.nodes
    }

    /// The ids of the refined classes.
    pub fn class_ids(&self) -> impl ExactSizeIterator<Item = ClassId> + use<> {
        (0..self.shared + self.others.len()).map(ClassId::at)
    }

    /// Whether each of them is the same class, with the same id, in both models.
    pub fn is_shared(&self) -> bool {
        self.others.is_empty() && self.divided.iter().all(Vec::is_empty)
    }

    /// The classes that a refined class is part of.
    pub fn class(&self, id: ClassId) -> Aligned<ClassId> {
        self.other(id).map_or(Aligned::Both(id, id), |refined| refined.key.class)
    }

    /// Whether the facts about its members may differ between the models, so that what an unchanged policy
    /// says of them may too. What is in one model only is changed.
    pub fn is_changed(&self, id: ClassId) -> bool {
        self.other(id).is_some_and(|refined| refined.key.is_changed)
    }

    /// Whether there is nothing changed in this sense.
    pub fn is_unchanged(&self) -> bool {
        self.others.iter().all(|refined| !refined.key.is_changed)
    }

    /// The pods of a refined class: positions in [`Self::pods`], ascending.
    pub fn pods_of(&self, id: ClassId) -> Cow<'_, [u32]> {
        match self.other(id) {
            Some(refined) => (&refined.pods).into(),
            None => positions(&self.models[0].class(id).pods, |pod| pod.index()),
        }
    }

    /// The nodes of a refined class: positions in [`Self::nodes`], ascending.
    pub fn nodes_of(&self, id: ClassId) -> Cow<'_, [u32]> {
        match self.other(id) {
            Some(refined) => (&refined.nodes).into(),
            None => positions(&self.models[0].class(id).nodes, |node| node.index()),
        }
    }

    /// The addresses of a refined class, external in both models.
    pub fn addresses_of(&self, id: ClassId) -> AddrSet {
        let Aligned::Both(base, head) = self.class(id) else { return AddrSet::default() };
        let [a, b] = self.models;
        let both = a.class(base).addresses.and(&b.class(head).addresses);
        both.minus(a.known_addresses()).minus(b.known_addresses())
    }

    /// A set of classes of the base (0) or the head (1), in refined classes.
    pub fn refine<'s>(&self, side: usize, classes: &'s ClassSet) -> Cow<'s, ClassSet> {
        if self.is_shared() {
            return Cow::Borrowed(classes);
        }
        let shared = ClassSet::range(0..self.shared);
        let mut refined = classes.and(&shared);
        for class in classes.minus(&shared).iter() {
            for id in &self.divided[side][class.index() - self.shared] {
                refined.insert(*id);
            }
        }
        Cow::Owned(refined)
    }

    fn other(&self, id: ClassId) -> Option<&Refined> {
        id.index().checked_sub(self.shared).map(|at| &self.others[at])
    }
}

impl Refined {
    /// A class of external addresses, counted from the first of each model.
    fn empty(key: Key, first: [usize; 2]) -> Self {
        let class = match key.class {
            Aligned::Both(a, b) => {
                Aligned::Both(ClassId::at(first[0] + a.index()), ClassId::at(first[1] + b.index()))
            }
            one => one,
        };
        Self { key: Key { class, ..key }, pods: Vec::new(), nodes: Vec::new() }
    }
}

impl<Id: Copy> Aligned<Id> {
    fn map<T>(self, of: [&dyn Fn(Id) -> T; 2]) -> Aligned<T> {
        match self {
            Self::Both(base, head) => Aligned::Both(of[0](base), of[1](head)),
            Self::Base(base) => Aligned::Base(of[0](base)),
            Self::Head(head) => Aligned::Head(of[1](head)),
        }
    }
}

impl Model {
    /// The pod with the full name of a pod of another model; logarithmic in the number of pods.
    pub fn same_pod(&self, other: &Self, id: PodId) -> Option<PodId> {
        let wanted = other.pod(id);
        let name = &other.namespace(wanted.namespace).name;
        let at = self.namespaces.binary_search_by(|one| one.name.cmp(name)).ok()?;
        let key = (NamespaceId::at(at), wanted.name.as_str());
        let first = self.pods.partition_point(|pod| (pod.namespace, pod.name.as_str()) < key);
        let named = self.pods[first..].iter().take_while(|pod| (pod.namespace, pod.name.as_str()) == key);
        let kind = other.template_kind(wanted);
        (first..).zip(named).find(|(_, pod)| self.template_kind(pod) == kind).map(|(at, _)| PodId::at(at))
    }

    /// The node with the name of a node of another model; logarithmic in the number of nodes.
    pub fn same_node(&self, other: &Self, id: NodeId) -> Option<NodeId> {
        let name = &other.node(id).name;
        self.nodes.binary_search_by(|node| node.name.cmp(name)).ok().map(NodeId::at)
    }

    /// The namespace with the name of a namespace of another model; logarithmic in the number of namespaces.
    pub fn same_namespace(&self, other: &Self, id: NamespaceId) -> Option<NamespaceId> {
        self.find_namespace(&other.namespace(id).name)
    }

    /// The kind of the workload that a template is of; `None` for a pod of its own.
    fn template_kind(&self, pod: &Pod) -> Option<WorkloadKind> {
        pod.workload.filter(|_| pod.template.is_some()).map(|id| self.workload(id).kind)
    }

    /// Whether another model has the very same pods, nodes and namespaces in the same classes.
    fn shares_endpoints(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.pods, &other.pods)
            && Arc::ptr_eq(&self.nodes, &other.nodes)
            && Arc::ptr_eq(&self.namespaces, &other.namespaces)
            && Arc::ptr_eq(&self.workloads, &other.workloads)
            && Arc::ptr_eq(&self.classes, &other.classes)
            && self.pod_space() == other.pod_space()
            && self.families() == other.families()
    }
}

fn positions<Id>(ids: &[Id], index: impl Fn(&Id) -> usize) -> Cow<'static, [u32]> {
    ids.iter().map(|id| u32::try_from(index(id)).expect("ids have 32 bits")).collect::<Vec<_>>().into()
}

/// What names a pod: its namespace and name, and the kind of its workload if it is a template.
type PodKey<'m> = (&'m str, &'m str, Option<WorkloadKind>);

/// The pods of a model by name.
fn pod_keys(model: &Model) -> Vec<(PodKey<'_>, PodId)> {
    let key = |id: PodId| {
        let pod = model.pod(id);
        let kind = model.template_kind(pod);
        ((model.namespace(pod.namespace).name.as_str(), pod.name.as_str(), kind), id)
    };
    let mut keys: Vec<_> = model.pod_ids().map(key).collect();
    keys.sort_unstable();
    keys
}

/// Whether both models have pods of the same names at the same places, as those have that only differ in classes.
fn are_named_alike([base, head]: [&Model; 2]) -> bool {
    let is_same = |(a, b): (&Pod, &Pod)| {
        (a.namespace, a.workload, a.template.is_some()) == (b.namespace, b.workload, b.template.is_some())
            && a.name == b.name
    };
    Arc::ptr_eq(&base.namespaces, &head.namespaces)
        && Arc::ptr_eq(&base.workloads, &head.workloads)
        && base.pods.len() == head.pods.len()
        && base.pods.iter().zip(&*head.pods).all(is_same)
}

fn node_keys(model: &Model) -> Vec<(&str, NodeId)> {
    let mut keys: Vec<_> = model.node_ids().map(|id| (model.node(id).name.as_str(), id)).collect();
    keys.sort_unstable();
    keys
}

/// Merges two sorted lists.
fn align<K: Ord, Id: Copy>([base, head]: [Vec<(K, Id)>; 2]) -> Vec<Aligned<Id>> {
    let (mut base, mut head) = (base.into_iter().peekable(), head.into_iter().peekable());
    let mut all = Vec::with_capacity(base.len().max(head.len()));
    loop {
        let order = match (base.peek(), head.peek()) {
            (None, None) => return all,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some((a, _)), Some((b, _))) => a.cmp(b),
        };
        let base = base.next_if(|_| order != Ordering::Greater).map(|(_, id)| id);
        let head = head.next_if(|_| order != Ordering::Less).map(|(_, id)| id);
        all.extend(match (base, head) {
            (Some(base), Some(head)) => Some(Aligned::Both(base, head)),
            (Some(base), None) => Some(Aligned::Base(base)),
            (None, head) => head.map(Aligned::Head),
        });
    }
}

/// Whether everything that a policy, or what no policy can change, may depend on is the same.
fn is_alike(base: &Model, a: &Pod, head: &Model, b: &Pod, is_same_space: bool) -> bool {
    let of_namespace = (base.namespace(a.namespace), head.namespace(b.namespace));
    (a.host_network, a.template, a.families) == (b.host_network, b.template, b.families)
        && a.node_name == b.node_name
        && is_there(a.whereabouts, b.whereabouts, is_same_space)
        && a.labels == b.labels
        && (Arc::ptr_eq(&a.ports, &b.ports) || a.ports == b.ports)
        && of_namespace.0.labels == of_namespace.1.labels
}

fn is_there(a: Whereabouts, b: Whereabouts, is_same_space: bool) -> bool {
    a == b && (is_same_space || matches!(a, Whereabouts::At(_)))
}

/// Ranges of addresses of a model, each with its class counted among the external ones.
type Ranges = Vec<((u128, u128), ClassId)>;

/// The refined classes of the addresses that are external in both models, their classes counted from the first
/// of external addresses.
fn externals(models: [&Model; 2]) -> Vec<Aligned<ClassId>> {
    let known = models.map(Model::known_addresses);
    let mut met = BTreeSet::new();
    for family in Family::BOTH {
        let unknown =
            Intervals::range(0, family.last()).minus(known[0].of(family)).minus(known[1].of(family));
        let [base, head] = models.map(|model| ranges(model, family));
        let mut heads = head.iter().peekable();
        let mut free = unknown.ranges().iter().peekable();
        for ((first, last), a) in base {
            while heads.next_if(|((_, end), _)| *end < first).is_some() {}
            for ((start, end), b) in heads.clone().take_while(|((start, _), _)| *start <= last) {
                let (start, end) = (first.max(*start), last.min(*end));
                while free.next_if(|(_, end)| *end < start).is_some() {}
                if free.peek().is_some_and(|(first, _)| *first <= end) {
                    met.insert((a, *b));
                }
            }
        }
    }
    met.into_iter().map(|(a, b)| Aligned::Both(a, b)).collect()
}

fn ranges(model: &Model, family: Family) -> Ranges {
    let classes = model.externals.iter().zip((0..).map(ClassId::at));
    let mut ranges: Ranges = classes
        .filter(|(class, _)| class.kind == ClassKind::External)
        .flat_map(|(class, id)| class.addresses.of(family).ranges().iter().map(move |range| (*range, id)))
        .collect();
    ranges.sort_unstable();
    ranges
}

#[cfg(test)]
mod tests {
    use super::{Aligned, align};

    #[test]
    fn lists_are_merged_by_name() {
        let merged = align([vec![("a", 0), ("b", 1), ("d", 2)], vec![("b", 0), ("c", 1), ("d", 2)]]);
        let expected = [Aligned::Base(0), Aligned::Both(1, 0), Aligned::Head(1), Aligned::Both(2, 2)];
        assert_eq!(merged, expected);
    }
}
