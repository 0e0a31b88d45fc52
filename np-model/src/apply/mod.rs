//! Changes: a model that differs in some objects, without compiling everything again.
//!
//! What-if questions, differences and watching all ask for a model that is almost the one there is. A
//! model is immutable and shares its parts, so the changed one is a new model that takes over what the
//! changes leave alone:
//!
//! ```text
//!   policies alone   policies   their selectors answered, the policies of their namespaces' classes
//!                               edited, blocks placed again if others are in use
//!   anything else    mod        everything compiled again from the facts that the model keeps
//! ```
//!
//! The first gives up, and leaves it to the second, where a change would tell apart members of one class,
//! or the namespaces or port names are not those there were. Either way the answers are those of a fresh
//! compile of the changed input; ids of policies are positions as ever, and other ids are the model's own.

mod blocks;
mod graft;
mod policies;
mod selecting;
mod slots;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::compile::{Told, build};
use crate::diag::{Diagnostic, Invalid, Severity};
use crate::facts::{Facts, Namespace, Pod};
use crate::input::Input;
use crate::ir::Policy;
use crate::model::Model;
use crate::origin::{ObjectRef, Sources};

/// Changes of a cluster, to be applied at once: of several to one object, the last counts.
///
/// ```
/// use np_model::apply::Changes;
/// use np_model::origin::ObjectRef;
/// use np_model::{Assumptions, Input, compile};
///
/// let text = "apiVersion: networking.k8s.io/v1
/// kind: NetworkPolicy
/// metadata: {name: deny, namespace: shop}
/// spec: {podSelector: {}}
/// ";
/// let mut input = Input::new("default");
/// input.text("deny.yaml", text.into());
/// let model = compile(input, &Assumptions::default())?;
///
/// // What if it were not there?
/// let mut changes = Changes::default();
/// changes.remove(ObjectRef {
///     kind: "NetworkPolicy".to_owned(),
///     namespace: Some("shop".to_owned()),
///     name: "deny".to_owned(),
/// });
/// assert!(model.apply(&changes).rules().policies.is_empty());
/// # Ok::<(), np_model::diag::Invalid>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Changes {
    policies: BTreeMap<Key, Option<Arc<Policy>>>,
    pods: BTreeMap<Key, Option<Pod>>,
    namespaces: BTreeMap<String, Option<Namespace>>,
    /// Where the new objects stand, and what reading them had to say.
    read: Option<(Sources, Vec<Diagnostic>)>,
}

/// A namespace, and a name in it.
type Key = (String, String);

/// Why an input cannot be taken for changes.
#[derive(Debug)]
pub enum NoChange {
    /// It has errors: a policy that is not understood must not count as unchanged, nor as absent.
    Invalid(Invalid),
    /// It holds something else than NetworkPolicies, Pods and Namespaces.
    OtherObjects,
}

impl Changes {
    /// An input for the objects that will be new or different in `model`: places in its texts will be
    /// places of the changed model.
    pub fn input(model: &Model) -> Input {
        let mut input = Input::default();
        input.sources = model.sources().clone();
        input
    }

    /// Every object of an input, which began as [`Changes::input`], added or put in the place of that with
    /// its name.
    ///
    /// # Errors
    /// [`NoChange`] if the input has errors, or objects that are none of these kinds.
    pub fn of(input: Input) -> Result<Self, NoChange> {
        if input.has_errors() {
            return Err(NoChange::Invalid(input.into_invalid()));
        }
        let Input { sources, facts, policies, unevaluated, diagnostics, .. } = input;
        let others = [
            facts.workloads.len(),
            facts.autoscalers.len(),
            facts.nodes.len(),
            unevaluated.len(),
            facts.without_endpoints().filter(|(kind, _)| *kind != "Namespace").count(),
        ];
        if others != [0; 5] {
            return Err(NoChange::OtherObjects);
        }
        let mut changes = Self { read: Some((sources, diagnostics)), ..Self::default() };
        changes.policies.extend(policies.into_iter().map(|policy| {
            let key = (policy.namespace.clone(), policy.name.clone());
            (key, Some(Arc::new(policy)))
        }));
        changes.pods.extend(facts.pods.into_iter().map(|pod| (key_of(&pod), Some(pod))));
        let named = facts.namespaces.into_iter().map(|one| (one.name.to_string(), Some(one)));
        changes.namespaces.extend(named);
        Ok(changes)
    }

    /// A policy is added, or put in the place of that with its name.
    pub fn put(&mut self, policy: Policy) {
        let key = (policy.namespace.clone(), policy.name.clone());
        self.policies.insert(key, Some(Arc::new(policy)));
    }

    /// Takes an object away; one that is not there is none the less. `false` if it is of a kind that
    /// changes are not about, or does not say its namespace.
    pub fn remove(&mut self, object: ObjectRef) -> bool {
        match (object.kind.as_str(), object.namespace) {
            ("NetworkPolicy", Some(namespace)) => {
                self.policies.insert((namespace, object.name), None);
            }
            ("Pod", Some(namespace)) => {
                self.pods.insert((namespace, object.name), None);
            }
            ("Namespace", None) => {
                self.namespaces.insert(object.name, None);
            }
            _ => return false,
        }
        true
    }

    /// Whether a problem is about an object that is changed.
    fn settle(&self, problem: &Diagnostic) -> bool {
        let Some(object) = &problem.object else { return false };
        let key = || (object.namespace.clone().unwrap_or_default(), object.name.clone());
        match object.kind.as_str() {
            "NetworkPolicy" => self.policies.contains_key(&key()),
            "Pod" => self.pods.contains_key(&key()),
            "Namespace" => self.namespaces.contains_key(&object.name),
            _ => false,
        }
    }

    /// What the changed model passes on as it is. An error of the model stays: with the object changed,
    /// what it hid may still be there, as with one of two objects of one name.
    fn told(&self, model: &Model) -> Told {
        let mut diagnostics = Arc::clone(&model.diagnostics);
        let stays = |problem: &Diagnostic| problem.severity == Severity::Error || !self.settle(problem);
        let read = self.read.as_ref().map_or(&[][..], |(_, read)| read);
        if !read.is_empty() || !diagnostics.iter().all(stays) {
            let all = Arc::make_mut(&mut diagnostics);
            all.retain(stays);
            all.extend(read.iter().cloned());
        }
        Told {
            sources: self.read.as_ref().map_or(&model.sources, |(sources, _)| sources).clone(),
            diagnostics,
            ignored_kinds: Arc::clone(&model.ignored_kinds),
        }
    }
}

fn key_of(pod: &Pod) -> Key {
    (pod.namespace.to_string(), pod.name.to_string())
}

impl Model {
    /// The model of the changed input. What cannot be evaluated in this one is not in the changed one
    /// either: unevaluated policies and errors stay.
    ///
    /// Policies that change cost in proportion to the pods of their namespaces and of those that their new
    /// peers mean, and a few bytes to copy for each class and policy; other changes, and policies that tell
    /// apart pods which no rule did, a compile.
    #[must_use]
    pub fn apply(&self, changes: &Changes) -> Self {
        let told = changes.told(self);
        let merged = policies::Merged::of(&self.rules.policies, &changes.policies);
        if changes.pods.is_empty()
            && changes.namespaces.is_empty()
            && let Some(model) = policies::apply(self, &merged)
        {
            let Told { sources, diagnostics, ignored_kinds } = told;
            return Self { sources, diagnostics, ignored_kinds, ..model };
        }
        self.again(told, merged.all, changes)
    }

    /// Compiles again from what the model keeps.
    fn again(&self, told: Told, policies: Vec<Arc<Policy>>, changes: &Changes) -> Self {
        let mut basis = Arc::clone(&self.basis);
        if !changes.pods.is_empty() || !changes.namespaces.is_empty() {
            let Facts { pods, namespaces, .. } = &mut Arc::make_mut(&mut basis).facts;
            merge(pods, &changes.pods, key_of);
            merge(namespaces, &changes.namespaces, |namespace| namespace.name.to_string());
        }
        build(told, basis, policies, self.rules.unevaluated.clone())
    }
}

/// Takes the changes over into a list.
fn merge<K: Ord, T: Clone>(all: &mut Vec<T>, changes: &BTreeMap<K, Option<T>>, key: impl Fn(&T) -> K) {
    if !changes.is_empty() {
        all.retain(|one| !changes.contains_key(&key(one)));
        all.extend(changes.values().flatten().cloned());
    }
}
