//! Every selector answered for all classes at once, on sets of classes.
//!
//! A posting is the set of classes that have a label. A requirement is a union or complement of
//! postings, a selector their intersection: a few words of bits per 64 classes, whatever the number
//! of pods behind them. An answer holds in the namespaces that the selector is meant for, and means
//! nothing elsewhere.

use std::ops::Range;

use super::classes::Classes;
use super::mentions::{Found, Mentions, Seen};
use super::rules::Vocabulary;
use crate::model::{ClassId, ClassSet, Match};
use crate::selector::{Requirement, Selector};

/// Which classes have which labels.
pub(super) struct LabelIndex<'r> {
    mentions: &'r Mentions<'r>,
    /// Every class of ordinary pods.
    everyone: ClassSet,
    /// By value.
    values: Vec<ClassSet>,
    /// By key: the classes that have it with any other value.
    others: Vec<ClassSet>,
    /// By key: the classes that may have it.
    unknown: Vec<ClassSet>,
}

impl<'r> LabelIndex<'r> {
    pub(super) fn of(mentions: &'r Mentions<'r>, classes: &Classes) -> Self {
        let (keys, values) = mentions.counts();
        let mut index = Self {
            mentions,
            everyone: ClassSet::range(0..classes.visible.len()),
            values: vec![ClassSet::default(); values],
            others: vec![ClassSet::default(); keys],
            unknown: vec![ClassSet::default(); keys],
        };
        for (visible, class) in classes.visible.iter().zip((0..).map(ClassId::at)) {
            for (key, seen) in classes.labels[*visible as usize].iter() {
                match seen {
                    Seen::Unknown => index.unknown[key.index()].insert(class),
                    Seen::Other => index.others[key.index()].insert(class),
                    Seen::Value(value) => index.values[value.index()].insert(class),
                }
            }
        }
        index
    }

    /// The classes that a selector matches, in the namespaces that it is meant for.
    pub(super) fn answer(&self, selector: &Selector) -> Match {
        let mut requirements =
            selector.requirements().iter().map(|requirement| self.requirement(requirement));
        match requirements.next() {
            None => Match { yes: self.everyone.clone(), maybe: ClassSet::default() },
            Some(first) => requirements.fold(first, |answer, requirement| answer.and(&requirement)),
        }
    }

    /// The same for each selector that some policy has for its subject, and nothing for the others.
    pub(super) fn answer_subjects(&self, vocabulary: &Vocabulary<'_>) -> Vec<Match> {
        let mut answers: Vec<Option<Match>> = vec![None; vocabulary.pods.len()];
        for (_, subject) in &vocabulary.subjects {
            answers[subject.index()].get_or_insert_with(|| self.answer(vocabulary.pods[subject.index()]));
        }
        answers.into_iter().map(Option::unwrap_or_default).collect()
    }

    fn requirement(&self, requirement: &Requirement) -> Match {
        let mut answer = Match::default();
        if let Some(key) = self.mentions.key(requirement.key()) {
            answer.maybe = self.unknown[key.index()].clone();
            match requirement {
                Requirement::In(_, values) | Requirement::NotIn(_, values) => {
                    for value in values.iter().filter_map(|value| self.mentions.value(key, value)) {
                        answer.yes.unite(&self.values[value.index()]);
                    }
                }
                Requirement::Exists(_) | Requirement::DoesNotExist(_) => {
                    answer.yes.unite(&self.others[key.index()]);
                    for value in self.mentions.values(key) {
                        answer.yes.unite(&self.values[value.index()]);
                    }
                }
            }
        }
        if matches!(requirement, Requirement::NotIn(..) | Requirement::DoesNotExist(_)) {
            let mut rest = self.everyone.minus(&answer.yes);
            rest.remove(&answer.maybe);
            answer.yes = rest;
        }
        answer
    }
}

/// The classes of ordinary pods in these namespaces, given those of each namespace.
pub(crate) fn in_namespaces(found: &Found, of_namespace: &[Range<usize>]) -> Match {
    let of = |namespaces: &[crate::model::NamespaceId]| {
        let mut set = ClassSet::default();
        for namespace in namespaces {
            set.unite(&ClassSet::range(of_namespace[namespace.index()].clone()));
        }
        set
    };
    Match { yes: of(&found.certain), maybe: of(&found.maybe) }
}
