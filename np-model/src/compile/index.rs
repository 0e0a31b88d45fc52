//! Every selector and block answered for all groups at once, on sets of groups.
//!
//! A posting is the set of groups that have a label. A requirement is a union or complement of
//! postings, a selector their intersection: a few words of bits per 64 groups, whatever the number
//! of pods behind them.

use fixedbitset::FixedBitSet;
use rustc_hash::FxHashMap;

use super::endpoints::Endpoints;
use super::groups::{Groups, Seen};
use super::rules::Vocabulary;
use super::space::Space;
use crate::ir::{Namespaces, Peer};
use crate::model::ClassKind;
use crate::selector::{Requirement, Selector};
use crate::truth::Truth;

/// The groups that something matches: for certain, and (disjoint) as far as the facts can tell.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) yes: FixedBitSet,
    pub(super) maybe: FixedBitSet,
}

/// The answers to everything in the vocabulary, in its order.
#[derive(Debug)]
pub(super) struct Answers {
    pub(super) subjects: Vec<Answer>,
    pub(super) peers: Vec<Answer>,
}

pub(super) fn answer(
    endpoints: &Endpoints,
    groups: &Groups<'_>,
    space: &Space,
    vocabulary: &Vocabulary<'_>,
) -> Answers {
    let mut index = LabelIndex::of(endpoints, groups);
    let subjects =
        vocabulary.subjects.iter().map(|(namespace, pods)| index.in_namespace(namespace, pods)).collect();
    let peers = vocabulary
        .peers
        .iter()
        .map(|peer| match peer {
            Peer::Pods { namespaces: Namespaces::Named(namespace), pods } => {
                index.in_namespace(namespace, pods)
            }
            Peer::Pods { namespaces: Namespaces::Matching(namespaces), pods } => {
                index.namespaces(namespaces).and(&index.pods(pods))
            }
            Peer::Block(block) => {
                let addresses = block.addresses();
                Answer::of(groups.all.len(), |group| {
                    space.is_within(&groups.all[group].whereabouts, &addresses, block.family())
                })
            }
        })
        .collect();
    Answers { subjects, peers }
}

impl Answer {
    fn none(len: usize) -> Self {
        Self { yes: FixedBitSet::with_capacity(len), maybe: FixedBitSet::with_capacity(len) }
    }

    fn of(len: usize, truth: impl Fn(usize) -> Truth) -> Self {
        let mut answer = Self::none(len);
        for at in 0..len {
            match truth(at) {
                Truth::Yes => answer.yes.insert(at),
                Truth::Maybe => answer.maybe.insert(at),
                Truth::No => {}
            }
        }
        answer
    }

    /// Three-valued AND, group by group.
    fn and(mut self, other: &Self) -> Self {
        let mut possible = self.yes.clone();
        possible.union_with(&self.maybe);
        let mut other_possible = other.yes.clone();
        other_possible.union_with(&other.maybe);
        possible.intersect_with(&other_possible);
        self.yes.intersect_with(&other.yes);
        possible.difference_with(&self.yes);
        self.maybe = possible;
        self
    }
}

/// Which groups have which labels, and which namespace.
struct LabelIndex<'g> {
    len: usize,
    everyone: FixedBitSet,
    by_key: FxHashMap<&'g str, Postings<'g>>,
    endpoints: &'g Endpoints,
    by_namespace: FxHashMap<&'g str, FixedBitSet>,
    selectors: FxHashMap<Selector, Answer>,
    namespace_selectors: FxHashMap<Selector, Answer>,
}

/// The groups that have a key.
struct Postings<'g> {
    by_value: FxHashMap<&'g str, FixedBitSet>,
    present: FixedBitSet,
    unknown: FixedBitSet,
}

impl<'g> LabelIndex<'g> {
    fn of(endpoints: &'g Endpoints, groups: &'g Groups<'_>) -> Self {
        let len = groups.all.len();
        let empty = || FixedBitSet::with_capacity(len);
        let mut index = Self {
            len,
            everyone: empty(),
            by_key: FxHashMap::default(),
            endpoints,
            by_namespace: FxHashMap::default(),
            selectors: FxHashMap::default(),
            namespace_selectors: FxHashMap::default(),
        };
        for (at, group) in groups.all.iter().enumerate().filter(|(_, group)| group.kind == ClassKind::Pods) {
            index.everyone.insert(at);
            if let Some(namespace) = group.namespace {
                let name = endpoints.namespaces[namespace.index()].name.as_str();
                index.by_namespace.entry(name).or_insert_with(empty).insert(at);
            }
            for (key, seen) in &group.labels {
                let postings = index.by_key.entry(key).or_insert_with(|| Postings {
                    by_value: FxHashMap::default(),
                    present: empty(),
                    unknown: empty(),
                });
                match seen {
                    Seen::Unknown => postings.unknown.insert(at),
                    Seen::Other => postings.present.insert(at),
                    Seen::Value(value) => {
                        postings.present.insert(at);
                        postings.by_value.entry(value).or_insert_with(empty).insert(at);
                    }
                }
            }
        }
        index
    }

    /// Pods of one namespace by labels.
    fn in_namespace(&mut self, namespace: &str, pods: &Selector) -> Answer {
        let Some(members) = self.by_namespace.get(namespace).cloned() else { return Answer::none(self.len) };
        let mut answer = self.pods(pods);
        answer.yes.intersect_with(&members);
        answer.maybe.intersect_with(&members);
        answer
    }

    /// Pods of any namespace by labels.
    fn pods(&mut self, selector: &Selector) -> Answer {
        if let Some(answer) = self.selectors.get(selector) {
            return answer.clone();
        }
        let everyone = Answer { yes: self.everyone.clone(), maybe: FixedBitSet::with_capacity(self.len) };
        let requirements = selector.requirements().iter().map(|requirement| self.requirement(requirement));
        let answer = requirements.fold(everyone, |answer, requirement| answer.and(&requirement));
        self.selectors.insert(selector.clone(), answer.clone());
        answer
    }

    /// All pods of the namespaces that a selector matches.
    fn namespaces(&mut self, selector: &Selector) -> Answer {
        if let Some(answer) = self.namespace_selectors.get(selector) {
            return answer.clone();
        }
        let mut answer = Answer::none(self.len);
        for namespace in &self.endpoints.namespaces {
            let Some(members) = self.by_namespace.get(namespace.name.as_str()) else { continue };
            match selector.matches(&namespace.labels) {
                Truth::Yes => answer.yes.union_with(members),
                Truth::Maybe => answer.maybe.union_with(members),
                Truth::No => {}
            }
        }
        self.namespace_selectors.insert(selector.clone(), answer.clone());
        answer
    }

    fn requirement(&self, requirement: &Requirement) -> Answer {
        let mut answer = Answer::none(self.len);
        let postings = self.by_key.get(requirement.key());
        if let Some(postings) = postings {
            answer.maybe.union_with(&postings.unknown);
            match requirement {
                Requirement::In(_, values) | Requirement::NotIn(_, values) => {
                    for posting in values.iter().filter_map(|value| postings.by_value.get(value.as_str())) {
                        answer.yes.union_with(posting);
                    }
                }
                Requirement::Exists(_) | Requirement::DoesNotExist(_) => {
                    answer.yes.union_with(&postings.present);
                }
            }
        }
        if matches!(requirement, Requirement::NotIn(..) | Requirement::DoesNotExist(_)) {
            let mut rest = self.everyone.clone();
            rest.difference_with(&answer.yes);
            rest.difference_with(&answer.maybe);
            answer.yes = rest;
        }
        answer
    }
}
