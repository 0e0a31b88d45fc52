//! Policies that cannot be evaluated for what is wrong with the input.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::diag::{Code, Diagnostic, Severity};
use crate::input::Input;
use crate::ir::{Effect, Scope, Unevaluated, Why};
use crate::origin::{Location, ObjectRef};

/// What the errors of an input may hide, as policies that cannot be evaluated.
///
/// A NetworkPolicy with an error that says its namespace is one more NetworkPolicy of it. One that is
/// among the `unplaced` may be of another than the default one, once it is mended. Of two with one
/// name, nobody knows which is meant, the one that was kept included. Any other error may hide any
/// policy, or a fact that policies decide by.
pub(super) fn broken(input: &Input) -> Vec<Unevaluated> {
    let Input { diagnostics, unplaced, broken, sources, .. } = input;
    let errors = || diagnostics.iter().filter(|problem| problem.severity == Severity::Error);
    let is_about_namespace = |problem: &&Diagnostic| {
        let field = problem.field.as_deref().unwrap_or_default();
        matches!(field, "metadata" | "metadata.namespace")
    };
    let misplaced: BTreeSet<&ObjectRef> =
        errors().filter(is_about_namespace).filter_map(|problem| problem.object.as_ref()).collect();
    let mut found = BTreeMap::new();
    for problem in errors() {
        let policy = problem.object.as_ref().filter(|object| {
            object.kind == "NetworkPolicy"
                && problem.code != Code::UnsupportedPolicy
                && !misplaced.contains(object)
                && !unplaced.contains(object)
        });
        let (scope, effect) = match policy.and_then(|object| object.namespace.clone()) {
            Some(namespace) if problem.code == Code::DuplicateObject => {
                (Scope::Namespace(namespace), Effect::Overrides)
            }
            Some(namespace) => (Scope::Namespace(namespace), Effect::Joins),
            None => (Scope::Cluster, Effect::Overrides),
        };
        let object = problem.object.clone();
        // Problems of one object are one; texts that are no objects are told apart by their places.
        let place = if object.is_none() { problem.at } else { None };
        found.entry((object, place, scope, effect)).or_insert(problem.at);
    }
    // Of what is no object, all of its text.
    let text = |at: Location| Arc::from(sources.text(at.source));
    let policy = |((object, _, scope, effect), at): ((Option<ObjectRef>, _, _, _), Option<Location>)| {
        let said = object.as_ref().map(|object| broken.get(object).map(|said| said.as_str().into()));
        Unevaluated {
            scope,
            content: said.unwrap_or_else(|| at.map(text)).unwrap_or_default(),
            object,
            why: Why::Broken,
            effect,
            concerns: [true; 2],
            at,
        }
    };
    found.into_iter().map(policy).collect()
}
