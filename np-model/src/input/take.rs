//! Takes what came of reading objects, in the order of the input: who has which name, and counts.

use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::read::{Claim, Content, Met, Outcome};
use super::{Input, NOT_AN_OBJECT};
use crate::diag::{Code, Diagnostic};
use crate::origin::{Location, ObjectRef};

/// How many repeated objects are told where the first one stands; finding a line takes time.
const PLACES_TOLD: usize = 20;

/// The names that are taken, each with the place of its object.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    taken: FxHashMap<Identity, Option<Location>>,
    /// Kinds and namespaces by number, so that an object's identity is small.
    words: FxHashMap<SmolStr, u32>,
    /// The words that were looked up last: objects come by kind and namespace.
    last: [(SmolStr, u32); 2],
    repeated: usize,
}

/// Kind, namespace and name.
type Identity = (u32, u32, SmolStr);

impl Names {
    fn identity(&mut self, claim: &Claim, name: SmolStr) -> Identity {
        let namespace = claim.namespace.as_deref().unwrap_or_default();
        (self.number(0, &claim.kind), self.number(1, namespace), name)
    }

    fn number(&mut self, place: usize, word: &str) -> u32 {
        if word.is_empty() {
            return 0;
        }
        if self.last[place].0 != word {
            let next = u32::try_from(self.words.len() + 1).expect("fewer names than bytes of texts");
            let number = *self.words.entry(word.into()).or_insert(next);
            self.last[place] = (word.into(), number);
        }
        self.last[place].1
    }

    /// The name of an object that leaves it to the API server. Of several objects with one generated
    /// name the later ones are numbered; no given name ends in a hyphen, so none of them meets one.
    pub(super) fn generated(&mut self, claim: &Claim) -> SmolStr {
        let prefix = claim.name.text.trim_end_matches('-').to_owned();
        let mut name: SmolStr = format!("{prefix}-").into();
        let mut number = 2;
        loop {
            let identity = self.identity(claim, name);
            if !self.taken.contains_key(&identity) {
                return identity.2;
            }
            name = format!("{prefix}-{number}-").into();
            number += 1;
        }
    }
}

impl Input {
    /// Adds what came of an object to the input.
    pub(super) fn take(&mut self, outcome: Outcome<'_>) {
        let Outcome { met, mut problems, mut called, says_namespace, broken, .. } = outcome;
        self.objects += usize::from(outcome.is_object);
        self.policies_met += usize::from(outcome.is_policy);
        self.assumed_namespace += usize::from(outcome.assumes_namespace);
        match met {
            Met::Nothing | Met::Nameless | Met::List(_) => {}
            Met::NotAnObject => *self.ignored.entry(NOT_AN_OBJECT.to_owned()).or_default() += 1,
            Met::Ignored(kind) => *self.ignored.entry(kind).or_default() += 1,
            Met::IgnoredKind(kind) => *self.ignored_kinds.entry(kind).or_default() += 1,
            Met::Unevaluated(claim, mut policy) => {
                if !claim.is_some_and(|claim| self.claim(&claim, &mut problems)) {
                    policy.object.as_mut().into_iter().for_each(|object| object.name.clear());
                    policy.at = None;
                }
                self.unevaluated.push(*policy);
            }
            Met::Named(claim, content) => {
                if self.claim(&claim, &mut problems) {
                    match content {
                        Content::Fact(fact) => self.facts.add(fact),
                        Content::Policy(policy) => self.policies.push(policy),
                        Content::Nothing => {}
                    }
                } else if called.is_none() {
                    let Claim { kind, namespace, name, .. } = claim;
                    let namespace = namespace.map(String::from);
                    let name = name.text.into();
                    called = Some(Box::new(ObjectRef { kind: kind.into(), namespace, name }));
                }
            }
        }
        if !problems.is_empty() {
            let called = called.map(|called| *called);
            if let (Some(called), Some(broken)) = (&called, &broken) {
                self.broken.entry(called.clone()).or_default().push_str(broken);
            }
            if !says_namespace {
                self.unplaced.extend(called.clone());
            }
            self.diagnostics.extend(problems.into_iter().map(|problem| problem.object(called.clone())));
        }
    }

    /// Takes a name for an object, unless another object of its kind has it, which is a problem more.
    fn claim(&mut self, claim: &Claim, problems: &mut Vec<Diagnostic>) -> bool {
        let identity = self.names.identity(claim, claim.name.text.clone());
        let first = match self.names.taken.entry(identity) {
            std::collections::hash_map::Entry::Vacant(free) => {
                free.insert(claim.name.at);
                return true;
            }
            std::collections::hash_map::Entry::Occupied(first) => *first.get(),
        };
        let place = match first {
            Some(at) if self.names.repeated < PLACES_TOLD => format!("at {}", self.sources.position(at)),
            Some(_) => "further up".to_owned(),
            None => "as a typed object".to_owned(),
        };
        self.names.repeated += 1;
        let message = format!("the {} is there already, {place}", claim.kind);
        let problem = Diagnostic::error(Code::DuplicateObject, message).at(claim.name.at);
        if claim.ends_reading {
            problems.truncate(claim.problems_before);
        }
        let at = claim.problems_before.min(problems.len());
        problems.insert(at, problem.field("metadata.name").help("remove or rename one of the two"));
        false
    }
}
