//! Policies that cannot be evaluated: which they are, and which classes each may concern.

use std::collections::{BTreeMap, BTreeSet};

use super::classes::Classes;
use super::index::Answers;
use crate::diag::{Code, Diagnostic, Severity};
use crate::ir::{Direction, Effect, Scope, Unevaluated, UnevaluatedId, Why};
use crate::model::{Class, ClassId, ClassKind, Selecting};
use crate::origin::ObjectRef;

/// What the errors of an input may hide, as policies that cannot be evaluated.
///
/// A NetworkPolicy with an error that says its namespace is one more NetworkPolicy of it. One that is
/// among the `unplaced` may be of another than the default one, once it is mended. Of two with one
/// name, nobody knows which is meant, the one that was kept included. Any other error may hide any
/// policy, or a fact that policies decide by.
pub(super) fn broken(diagnostics: &[Diagnostic], unplaced: &BTreeSet<ObjectRef>) -> Vec<Unevaluated> {
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
    let policy = |((object, _, scope, effect), at)| Unevaluated {
        scope,
        object,
        why: Why::Broken,
        effect,
        concerns: [true; 2],
        at,
    };
    found.into_iter().map(policy).collect()
}

/// Adds the policies to what selects each class. `subjects` has the answer that holds the pods of
/// each policy's namespace; `None` for one that is bound to none.
pub(super) fn select(
    policies: &[Unevaluated],
    subjects: &[Option<usize>],
    answers: &Answers,
    classes: &Classes,
    selecting: &mut [[Selecting; 2]],
) {
    for ((policy, subject), id) in policies.iter().zip(subjects).zip((0..).map(UnevaluatedId::at)) {
        let may_select = |class: &Class| match class.kind {
            ClassKind::Pods => true,
            ClassKind::Hosts => policy.may_select_hosts(),
            ClassKind::External => false,
        };
        let concerned: Vec<ClassId> = if let Some(subject) = subject {
            classes.project(&answers.subjects[*subject]).certain().collect()
        } else {
            let all = classes.all.iter().zip((0..).map(ClassId::at));
            all.filter(|(class, _)| may_select(class)).map(|(_, id)| id).collect()
        };
        for direction in Direction::BOTH.into_iter().filter(|direction| policy.concerns(*direction)) {
            for class in &concerned {
                let selecting = &mut selecting[class.index()][direction as usize];
                selecting.unevaluated.push(id);
                selecting.interference = selecting.interference.with(policy.effect);
            }
        }
    }
}
