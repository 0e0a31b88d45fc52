//! Groups that every rule answers alike, merged into endpoint classes.
//!
//! Partition refinement: all groups that differ in nothing structural start as one class, and each
//! answer splits the classes it cuts. The work is one step per member of each answer, and the
//! result is exact: two endpoints share a class if and only if no rule in force tells them apart.

use fixedbitset::FixedBitSet;
use rustc_hash::FxHashMap;

use super::endpoints::Endpoints;
use super::groups::Groups;
use super::index::{Answer, Answers};
use crate::addr::{AddrSet, Families};
use crate::model::{Class, ClassId, ClassKind, Match, PortNameId, ResolvedId};

/// The classes, and how groups lead to them.
#[derive(Debug)]
pub(super) struct Classes {
    pub(super) all: Vec<Class>,
    pub(super) resolved_names: Vec<Vec<(PortNameId, ResolvedId)>>,
    /// By group: its class, if it is the first group of it.
    represents: Vec<Option<ClassId>>,
}

impl Classes {
    /// An answer about groups as one about classes.
    pub(super) fn project(&self, answer: &Answer) -> Match {
        let onto = |groups: &FixedBitSet| {
            let mut classes = FixedBitSet::with_capacity(self.all.len());
            classes.extend(groups.ones().filter_map(|group| self.represents[group]).map(ClassId::index));
            classes
        };
        Match { yes: onto(&answer.yes), maybe: onto(&answer.maybe) }
    }
}

/// Merges the groups and tells each pod and node its class.
pub(super) fn merge(endpoints: &mut Endpoints, groups: &Groups<'_>, answers: &Answers) -> Classes {
    let mut partition = Partition::of(groups);
    for answer in answers.subjects.iter().chain(&answers.peers) {
        partition.split(&answer.yes);
        partition.split(&answer.maybe);
    }

    let mut ids: FxHashMap<u32, ClassId> = FxHashMap::default();
    let mut classes = Classes { all: Vec::new(), resolved_names: Vec::new(), represents: Vec::new() };
    for (group, block) in groups.all.iter().zip(&partition.block_of) {
        let next = ClassId::at(classes.all.len());
        let id = *ids.entry(*block).or_insert(next);
        classes.represents.push((id == next).then_some(id));
        if id == next {
            classes.all.push(Class {
                kind: group.kind,
                families: group.families,
                pods: Vec::new(),
                nodes: Vec::new(),
                addresses: AddrSet::default(),
            });
            classes.resolved_names.push(group.resolved.clone());
        }
        let class = &mut classes.all[id.index()];
        class.pods.extend(&group.pods);
        class.nodes.extend(&group.nodes);
        class.addresses = class.addresses.or(&group.addresses);
    }
    for (at, class) in classes.all.iter_mut().enumerate() {
        class.pods.sort_unstable();
        class.nodes.sort_unstable();
        for pod in &class.pods {
            endpoints.pods[pod.index()].class = ClassId::at(at);
        }
        for node in &class.nodes {
            endpoints.nodes[node.index()].class = ClassId::at(at);
        }
    }
    classes
}

/// Groups divided into blocks; each split refines it.
struct Partition {
    block_of: Vec<u32>,
    sizes: Vec<usize>,
}

impl Partition {
    /// One block for each kind, set of families and resolution of port names.
    fn of(groups: &Groups<'_>) -> Self {
        type Structure<'a> = (ClassKind, Families, &'a [(PortNameId, ResolvedId)]);
        let mut blocks: FxHashMap<Structure<'_>, u32> = FxHashMap::default();
        let mut partition = Self { block_of: Vec::with_capacity(groups.all.len()), sizes: Vec::new() };
        for group in &groups.all {
            let fresh = partition.fresh();
            let block = *blocks.entry((group.kind, group.families, &group.resolved)).or_insert(fresh);
            if block == fresh {
                partition.sizes.push(0);
            }
            partition.sizes[block as usize] += 1;
            partition.block_of.push(block);
        }
        partition
    }

    /// Divides every block into its members in `set` and the others.
    fn split(&mut self, set: &FixedBitSet) {
        let mut inside: FxHashMap<u32, usize> = FxHashMap::default();
        for group in set.ones() {
            *inside.entry(self.block_of[group]).or_default() += 1;
        }
        let mut moved: FxHashMap<u32, u32> = FxHashMap::default();
        for (block, count) in inside {
            if count < self.sizes[block as usize] {
                let fresh = self.fresh();
                moved.insert(block, fresh);
                self.sizes.push(count);
                self.sizes[block as usize] -= count;
            }
        }
        if moved.is_empty() {
            return;
        }
        for group in set.ones() {
            if let Some(fresh) = moved.get(&self.block_of[group]) {
                self.block_of[group] = *fresh;
            }
        }
    }

    fn fresh(&self) -> u32 {
        u32::try_from(self.sizes.len()).expect("fewer blocks than groups")
    }
}
