//! Which objects of a cluster are others: what a model is given to apply.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::others::Others;
use crate::compile::Told;
use crate::diag::{Diagnostic, Invalid, Severity};
use crate::facts::namespace::NAME_LABEL;
use crate::facts::{self, Facts, Labels, Pod, WorkloadKind};
use crate::input::Input;
use crate::ir::Policy;
use crate::model::{Model, Namespace, NamespaceId, PodId, WorkloadId};
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
///
/// // What if it were another, and the namespace had a label? New objects are read like any others.
/// let mut input = Changes::input(&model);
/// input.text("web.yaml", text.replace("{}", "{matchLabels: {app: web}}").into());
/// let mut changes = Changes::of(input).expect("a valid policy");
/// let shop = model.namespace_ids().next().expect("a namespace");
/// changes.label_namespace(&model, shop, "team", Some("web"));
/// let changed = model.apply(&changes);
/// assert_eq!(changed.rules().policies[0].subject.to_string(), "app=web");
/// assert_eq!(changed.namespaces()[0].labels.known("team"), Some("web"));
/// # Ok::<(), np_model::diag::Invalid>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Changes {
    pub(crate) policies: BTreeMap<Key, Option<Arc<Policy>>>,
    pub(crate) pods: BTreeMap<Key, Option<Pod>>,
    pub(crate) namespaces: BTreeMap<String, Option<facts::Namespace>>,
    /// Labels of pod templates, by the namespace, kind and name of the workload.
    pub(crate) templates: BTreeMap<(String, WorkloadKind, String), Labels>,
    /// Objects of all other kinds.
    pub(super) others: Others,
    /// Where the new objects stand, and what reading them had to say.
    read: Option<(Sources, Vec<Diagnostic>)>,
}

/// A namespace, and a name in it.
pub(crate) type Key = (String, String);

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
    /// [`Invalid`] if the input has errors: a policy that is not understood must not count as unchanged, nor as
    /// absent.
    pub fn of(mut input: Input) -> Result<Self, Invalid> {
        if input.has_errors() {
            return Err(input.into_invalid());
        }
        let (pods, namespaces) =
            (std::mem::take(&mut input.facts.pods), std::mem::take(&mut input.facts.namespaces));
        let Input { sources, facts, policies, unevaluated, diagnostics, .. } = input;
        let others = Others::new(facts, unevaluated);
        let mut changes = Self { others, read: Some((sources, diagnostics)), ..Self::default() };
        changes.policies.extend(policies.into_iter().map(|policy| {
            let key = (policy.namespace.to_string(), policy.name.to_string());
            (key, Some(policy))
        }));
        changes.pods.extend(pods.into_iter().map(|pod| (key_of(&pod), Some(pod))));
        let named = namespaces.into_iter().map(|one| (one.name.to_string(), Some(one)));
        changes.namespaces.extend(named);
        Ok(changes)
    }

    /// A policy is added, or put in the place of that with its name.
    pub fn put(&mut self, policy: Policy) {
        let key = (policy.namespace.to_string(), policy.name.to_string());
        self.policies.insert(key, Some(Arc::new(policy)));
    }

    /// Takes an object away, a workload with all that it made; one that is not there is none the less. `false` if
    /// it is no NetworkPolicy, pod, namespace, workload, Service or node, or does not say its namespace.
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
            (kind, namespace) => return self.others.remove(kind, namespace, object.name),
        }
        true
    }

    /// Gives a pod a label, or with `None` takes it away: with a workload standing for its pods, from its
    /// template.
    pub fn label_pod(&mut self, model: &Model, pod: PodId, key: &str, value: Option<&str>) {
        let pod = model.pod(pod);
        if pod.template.is_some() {
            return self.label_template(model, pod.fact, key, value);
        }
        let Some(fact) = model.basis.pod(pod.fact) else { return };
        let changed = self.pods.entry(key_of(fact)).or_insert_with(|| Some(fact.clone()));
        if let Some(changed) = changed {
            changed.shape.labels = changed.shape.labels.with(key, value);
        }
    }

    /// Gives all pods of a workload a label, and its template, or takes it away.
    pub fn label_workload(&mut self, model: &Model, workload: WorkloadId, key: &str, value: Option<&str>) {
        let workload = model.workload(workload);
        for pod in workload.pods.iter().filter(|pod| model.pod(**pod).template.is_none()) {
            self.label_pod(model, *pod, key, value);
        }
        let namespace = &model.namespace(workload.namespace).name;
        let is_own = |fact: &facts::Workload| {
            fact.namespace == *namespace && fact.kind == workload.kind && fact.name == workload.name
        };
        let stands = |at: usize| {
            let mut pods = workload.pods.iter().map(|pod| model.pod(*pod));
            pods.any(|pod| pod.template.is_some() && pod.fact == at)
        };
        for (at, fact) in model.basis.facts().workloads.iter().enumerate() {
            if is_own(fact) || stands(at) {
                self.label_template(model, at, key, value);
            }
        }
    }

    /// Gives a namespace a label, or takes it away; that with its name it keeps. If the namespace has no object,
    /// its other labels stay as unknown as they are.
    pub fn label_namespace(&mut self, model: &Model, namespace: NamespaceId, key: &str, value: Option<&str>) {
        let Namespace { name, labels, .. } = model.namespace(namespace);
        if key == NAME_LABEL {
            return;
        }
        let shown = || facts::Namespace { name: name.into(), labels: labels.clone(), at: None };
        let changed = self.namespaces.entry(name.clone()).or_insert_with(|| Some(shown()));
        if let Some(changed) = changed {
            changed.labels = changed.labels.with(key, value);
        }
    }

    fn label_template(&mut self, model: &Model, at: usize, key: &str, value: Option<&str>) {
        let fact = &model.basis.facts().workloads[at];
        let name = (fact.namespace.to_string(), fact.kind, fact.name.to_string());
        let labels = self.templates.entry(name).or_insert_with(|| model.basis.template(at).clone());
        *labels = labels.with(key, value);
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
    pub(crate) fn told(&self, model: &Model) -> Told {
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

    /// Makes the changes to facts.
    pub(crate) fn make(&self, facts: &mut Facts) {
        self.others.make(facts);
        merge(&mut facts.pods, &self.pods, key_of);
        merge(&mut facts.namespaces, &self.namespaces, |namespace| namespace.name.to_string());
        for workload in facts.workloads.iter_mut().filter(|_| !self.templates.is_empty()) {
            let name = (workload.namespace.to_string(), workload.kind, workload.name.to_string());
            if let Some(labels) = self.templates.get(&name) {
                workload.template.labels = labels.clone();
            }
        }
    }
}

fn key_of(pod: &Pod) -> Key {
    (pod.namespace.to_string(), pod.name.to_string())
}

/// Takes the changes over into a list.
fn merge<K: Ord, T: Clone>(all: &mut Vec<T>, changes: &BTreeMap<K, Option<T>>, key: impl Fn(&T) -> K) {
    if !changes.is_empty() {
        all.retain(|one| !changes.contains_key(&key(one)));
        all.extend(changes.values().flatten().cloned());
    }
}
