//! What a model is compiled from beside policies: kept, to compile again what changes.
//!
//! The facts of a large cluster are large, and most changes are about a few of them. So the facts stay as they
//! were read, shared by all models that come of them, and what has changed since lies over them.

use std::collections::BTreeMap;
use std::sync::Arc;

use ipnet::IpNet;

use crate::facts::{Facts, Labels, Namespace, Pod};

/// Facts with what has changed since they were read, and what was assumed.
#[derive(Debug, Clone)]
pub(crate) struct Basis {
    /// Services, endpoint slices and entries sorted, all else in the order read.
    facts: Arc<Facts>,
    /// By place among the pods of the facts, and behind them for new ones; `None` where one has gone.
    pods: BTreeMap<usize, Option<Pod>>,
    /// Labels of templates, by place among the workloads of the facts.
    templates: BTreeMap<usize, Labels>,
    /// By name; `None` where one has gone.
    namespaces: BTreeMap<String, Option<Namespace>>,
    pod_cidrs: Vec<IpNet>,
    bare_namespaces: bool,
}

impl Basis {
    pub(crate) fn new(facts: Facts, pod_cidrs: Vec<IpNet>, bare_namespaces: bool) -> Self {
        let (facts, pods) = (Arc::new(facts), BTreeMap::new());
        let (templates, namespaces) = (BTreeMap::new(), BTreeMap::new());
        Self { facts, pods, templates, namespaces, pod_cidrs, bare_namespaces }
    }

    /// The facts as they were read. What changes leave alone is as it is there.
    pub(crate) fn facts(&self) -> &Facts {
        &self.facts
    }

    /// Whether both lie over the same facts, so that neither was settled since.
    #[cfg(all(test, feature = "yaml"))]
    pub(crate) fn shares_facts(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.facts, &other.facts)
    }

    /// Where pods lie, as far as that was assumed.
    pub(crate) fn pod_cidrs(&self) -> &[IpNet] {
        &self.pod_cidrs
    }

    /// Whether namespaces without an object have no labels of their own.
    pub(crate) fn bare_namespaces(&self) -> bool {
        self.bare_namespaces
    }

    /// All pods as they are now.
    pub(crate) fn pods(&self) -> impl Iterator<Item = &Pod> + Clone {
        let all = self.facts.pods.iter().enumerate();
        let unchanged = all.filter(|(at, _)| self.pods.is_empty() || !self.pods.contains_key(at));
        unchanged.map(|(_, pod)| pod).chain(self.pods.values().flatten())
    }

    /// The same, each with its place.
    pub(crate) fn placed_pods(&self) -> impl Iterator<Item = (usize, &Pod)> {
        let all = self.facts.pods.iter().enumerate();
        let unchanged = all.filter(|(at, _)| self.pods.is_empty() || !self.pods.contains_key(at));
        unchanged.chain(self.pods.iter().filter_map(|(at, pod)| Some((*at, pod.as_ref()?))))
    }

    /// All namespaces with an object, as they are now.
    pub(crate) fn namespaces(&self) -> impl Iterator<Item = &Namespace> {
        let all = self.facts.namespaces.iter();
        let unchanged = all.filter(|one| !self.namespaces.contains_key(one.name.as_str()));
        unchanged.chain(self.namespaces.values().flatten())
    }

    /// A pod that is there.
    pub(crate) fn pod(&self, at: usize) -> Option<&Pod> {
        self.pods.get(&at).map_or_else(|| self.facts.pods.get(at), Option::as_ref)
    }

    /// The labels of a template.
    pub(crate) fn template(&self, at: usize) -> &Labels {
        self.templates.get(&at).unwrap_or_else(|| &self.facts.workloads[at].template.labels)
    }

    /// Puts a pod in the place of one, or takes that away.
    pub(crate) fn change_pod(&mut self, at: usize, pod: Option<Pod>) {
        self.pods.insert(at, pod);
    }

    /// Adds a pod; gives its place.
    pub(crate) fn add_pod(&mut self, pod: Pod) -> usize {
        let behind = self.pods.last_key_value().map_or(0, |(last, _)| last + 1);
        let at = behind.max(self.facts.pods.len());
        self.pods.insert(at, Some(pod));
        at
    }

    /// Gives a template other labels.
    pub(crate) fn change_template(&mut self, at: usize, labels: Labels) {
        self.templates.insert(at, labels);
    }

    /// Puts a namespace in the place of the one of that name, if there is one, or takes that away.
    pub(crate) fn change_namespace(&mut self, name: &str, namespace: Option<Namespace>) {
        self.namespaces.insert(name.to_owned(), namespace);
    }

    /// The same with all changes made to the facts themselves, and then these.
    pub(crate) fn settled(&self, change: impl FnOnce(&mut Facts)) -> Self {
        let mut facts = Facts::clone(&self.facts);
        if !self.pods.is_empty() {
            facts.pods = self.pods().cloned().collect();
        }
        for (at, labels) in &self.templates {
            facts.workloads[*at].template.labels = labels.clone();
        }
        facts.namespaces.retain(|namespace| !self.namespaces.contains_key(namespace.name.as_str()));
        facts.namespaces.extend(self.namespaces.values().flatten().cloned());
        change(&mut facts);
        Self::new(facts, self.pod_cidrs.clone(), self.bare_namespaces)
    }

    /// The same under the assumptions of another.
    pub(crate) fn assuming(self, other: &Self) -> Self {
        Self { pod_cidrs: other.pod_cidrs.clone(), bare_namespaces: other.bare_namespaces, ..self }
    }

    /// Whether both take the same for granted.
    pub(crate) fn assumes_alike(&self, other: &Self) -> bool {
        (&self.pod_cidrs, self.bare_namespaces) == (&other.pod_cidrs, other.bare_namespaces)
    }
}
