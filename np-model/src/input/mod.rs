//! Everything read so far: texts and typed objects go in, facts and rules come out.
//!
//! Reading never fails; what is wrong is kept as diagnostics, and compiling refuses an input with
//! an error. Objects are decoded one at a time and forgotten, whatever the size of the input.

#[cfg(feature = "yaml")]
mod duplicate;
mod foreign;
mod kinds;
mod object;
mod typeless;

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;

use self::kinds::Role;
use self::object::TypeMeta;
use crate::diag::{Code, Diagnostic, Invalid, Severity};
use crate::dialect::unsupported::{IgnoredKind, Unsupported};
use crate::dialect::{Release, netpol};
use crate::facts::{self, Facts};
use crate::fields::{self, Field, Name, Report};
use crate::ir::{Policy, Unevaluated, Why};
use crate::load::Limits;
use crate::load::node::{Node, Value};
#[cfg(feature = "k8s-openapi")]
use crate::load::tree::Tree;
#[cfg(feature = "yaml")]
use crate::load::{self, Document, text};
use crate::origin::{Location, ObjectRef, Sources};

/// Everything read so far; grows by texts and typed objects, then is compiled.
#[derive(Debug)]
pub struct Input {
    /// The texts.
    pub sources: Sources,
    /// The state of the cluster.
    pub facts: Facts,
    /// The policies, lowered.
    pub policies: Vec<Policy>,
    /// Policies of kinds that np does not evaluate.
    pub unevaluated: Vec<Unevaluated>,
    /// What is wrong, in the order read.
    pub diagnostics: Vec<Diagnostic>,
    /// How many objects np had no use for, by `Kind.group`.
    pub ignored: BTreeMap<String, usize>,
    /// How many policies were left out because their kind was to be ignored, by `Kind.group`.
    pub ignored_kinds: BTreeMap<String, usize>,
    /// How many objects did not say their namespace and were given the default one.
    pub assumed_namespace: usize,
    /// How many objects were read, broken ones and those that np has no use for included.
    pub objects: usize,
    /// How many of them are policies, broken ones and those that np does not evaluate included.
    pub policies_met: usize,
    release: Release,
    unsupported: UnsupportedKinds,
    limits: Limits,
    default_namespace: String,
    /// Where each object stands, by `Kind/namespace/name`.
    seen: FxHashMap<String, Option<Location>>,
    repeated: usize,
    pool: facts::Pool,
    /// Objects with a problem that do not say their namespace: what is wrong may be just that.
    pub(crate) unplaced: BTreeSet<ObjectRef>,
}

/// What to do about policies of kinds that np does not evaluate.
#[derive(Debug, Clone, Default)]
pub struct UnsupportedKinds {
    /// Those to be left out, as if the input did not hold them.
    pub ignored: Vec<IgnoredKind>,
    /// Whether one of another kind is an error; else it makes answers unknown.
    pub are_errors: bool,
}

/// The entry of [`Input::ignored`] for maps that are no objects.
pub const NOT_AN_OBJECT: &str = "not a Kubernetes object";

/// How many repeated objects are told where the first one stands; finding a line takes time.
const PLACES_TOLD: usize = 20;

impl Default for Input {
    fn default() -> Self {
        Self::new("default")
    }
}

impl Input {
    /// Nothing yet; objects that do not say their namespace will be in `default_namespace`.
    pub fn new(default_namespace: &str) -> Self {
        Self {
            sources: Sources::default(),
            facts: Facts::default(),
            policies: Vec::new(),
            unevaluated: Vec::new(),
            diagnostics: Vec::new(),
            ignored: BTreeMap::new(),
            ignored_kinds: BTreeMap::new(),
            assumed_namespace: 0,
            objects: 0,
            policies_met: 0,
            release: Release::NEWEST,
            unsupported: UnsupportedKinds::default(),
            limits: Limits::default(),
            default_namespace: default_namespace.to_owned(),
            seen: FxHashMap::default(),
            repeated: 0,
            pool: facts::Pool::default(),
            unplaced: BTreeSet::new(),
        }
    }

    /// The same, reading manifests as this release of Kubernetes does.
    #[must_use]
    pub fn with_release(self, release: Release) -> Self {
        Self { release, ..self }
    }

    /// The same, doing this about policies of kinds that np does not evaluate.
    #[must_use]
    pub fn with_unsupported(self, unsupported: UnsupportedKinds) -> Self {
        Self { unsupported, ..self }
    }

    /// The same, reading no more than this.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Reads a text: documents of YAML or JSON. `name` is what diagnostics call it.
    #[cfg(feature = "yaml")]
    pub fn text(&mut self, name: &str, bytes: Vec<u8>) {
        let (text, problem) = match text::accept(bytes, &self.limits) {
            Ok(text) => (text, None),
            Err(problem) => (String::new(), Some(problem)),
        };
        let text: std::sync::Arc<str> = text.into();
        let source = match self.sources.add(name, std::sync::Arc::clone(&text)) {
            Ok(source) => source,
            Err(error) => {
                let message = format!("{name}: {error}");
                return self.diagnostics.push(Diagnostic::error(Code::LimitExceeded, message));
            }
        };
        if let Some(problem) = problem {
            return self.diagnostics.push(problem.at(Some(Location { source, offset: 0 })));
        }
        let first = self.diagnostics.len();
        let (limits, mut problems) = (self.limits, Vec::new());
        load::documents(source, &text, &limits, &mut |document| self.document(document), &mut problems);
        self.diagnostics.append(&mut problems);
        self.diagnostics[first..].sort_by_key(|diagnostic| diagnostic.at);
    }

    /// Takes note of a text that could not even be read, and that may hold any policy.
    pub fn unread(&mut self) {
        self.unevaluated.push(Unevaluated::unread());
    }

    /// Reads an API object, or a list of them, from its Rust type.
    #[cfg(feature = "k8s-openapi")]
    pub fn object<T: k8s_openapi::Resource + serde::Serialize>(&mut self, object: &T) {
        match serde_json::to_value(object) {
            Ok(value) => Tree::from(&value).root().into_iter().for_each(|root| self.node(root)),
            Err(error) => {
                let message = format!("a {} that cannot be written as JSON: {error}", T::KIND);
                self.diagnostics.push(Diagnostic::error(Code::NotAnObject, message));
            }
        }
    }

    /// Reads the root of one document; an empty one is nothing.
    pub fn node(&mut self, node: Node<'_>) {
        if !node.is_null() {
            self.object_or_list(node, None);
        }
    }

    /// Whether any problem is an error, so that there can be no answer.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// The problems, with the texts that they point into.
    pub fn into_invalid(self) -> Invalid {
        Invalid { diagnostics: self.diagnostics, sources: self.sources }
    }

    /// A key that stands twice is an error where it may have cost a rule, else a warning.
    #[cfg(feature = "yaml")]
    fn document(&mut self, document: Document<'_>) {
        for mut duplicate in document.duplicates {
            let serious = duplicate.at.is_none_or(|at| duplicate::rules_at(document.root, at));
            duplicate.severity = if serious { Severity::Error } else { Severity::Warning };
            self.diagnostics.push(duplicate);
        }
        self.node(document.root);
    }

    fn object_or_list(&mut self, node: Node<'_>, of_list: Option<&TypeMeta>) {
        let report = Report::within(&self.limits);
        let object = self.typed(node, &Field::root(node, &report), of_list);
        let problems = report.into_problems();
        if !problems.is_empty() {
            let object = object.map(|(kind, namespaced)| {
                object::reference(node, kind, namespaced.then_some(self.default_namespace.as_str()))
            });
            if !object::says_namespace(node) {
                self.unplaced.extend(object.clone());
            }
            self.diagnostics.extend(problems.into_iter().map(|problem| problem.object(object.clone())));
        }
    }

    /// Reads an object; gives its kind and whether that has namespaces, if it gets that far.
    fn typed(
        &mut self,
        node: Node<'_>,
        root: &Field<'_>,
        of_list: Option<&TypeMeta>,
    ) -> Option<(String, bool)> {
        let file = root.at().map(|at| self.sources.name(at.source));
        if foreign::is_foreign(root, file) || of_list.is_none() && typeless::is_typeless(node, root, file) {
            *self.ignored.entry(NOT_AN_OBJECT.to_owned()).or_default() += 1;
            return None;
        }
        let meta = TypeMeta::read(root, of_list)?;
        let role = meta.role(root);
        self.objects += usize::from(role != Some(Role::List));
        let is_policy = meta.is_policy();
        self.policies_met += usize::from(is_policy);
        let Some(role) = role else { return Some((meta.kind, false)) };
        match role {
            Role::List => self.list(node, root, &meta, of_list.is_some()),
            Role::Other => *self.ignored.entry(meta.full_kind()).or_default() += 1,
            Role::Unsupported(unsupported) => {
                self.unsupported(root, &meta, unsupported);
                return Some((meta.kind, unsupported.is_namespaced()));
            }
            Role::Namespace => self.cluster_fact(root, &meta.kind, |facts, name, pool| {
                facts.namespaces.push(facts::Namespace::read(root, name, pool));
            }),
            Role::Node => self.cluster_fact(root, &meta.kind, |facts, name, _| {
                facts.nodes.push(facts::Node::read(root, name));
            }),
            Role::IngressClass => self.cluster_fact(root, &meta.kind, |facts, name, _| {
                facts.entries.ingress_classes.push(facts::IngressClass::read(root, name));
            }),
            Role::GatewayClass => self.cluster_fact(root, &meta.kind, |facts, name, _| {
                facts.entries.gateway_classes.push(facts::GatewayClass::read(root, name));
            }),
            role => {
                self.namespaced(root, &meta, role);
                return Some((meta.kind, true));
            }
        }
        Some((meta.kind, false))
    }

    /// Reads the items of a list. As kubectl has it, none of them is a list.
    fn list(&mut self, node: Node<'_>, root: &Field<'_>, meta: &TypeMeta, nested: bool) {
        if nested {
            let problem = Diagnostic::error(Code::NotAnObject, "a list within a list, which kubectl refuses");
            return root.report(problem.help("move its items to the outer list"));
        }
        let field = root.get("items");
        if field.is_absent() {
            return field.missing("a list needs `items`; an empty one is `items: []`");
        }
        if let Some(Value::Seq(items)) = node.get("items").map(Node::value) {
            for item in items {
                self.object_or_list(item, Some(meta));
            }
        } else {
            field.wrong_type::<()>("a list");
        }
    }

    fn cluster_fact(
        &mut self,
        root: &Field<'_>,
        kind: &str,
        add: impl FnOnce(&mut Facts, Name, &mut facts::Pool),
    ) {
        if let Some(name) = Name::read(&root.get("metadata").map())
            && let Some(name) = self.claim(root, kind, None, name)
        {
            add(&mut self.facts, name, &mut self.pool);
        }
    }

    /// Takes note of a policy that np does not evaluate.
    fn unsupported(&mut self, root: &Field<'_>, meta: &TypeMeta, unsupported: &Unsupported) {
        if self.unsupported.ignored.iter().any(|kind| kind.is(&meta.group, &meta.kind)) {
            *self.ignored_kinds.entry(meta.full_kind()).or_default() += 1;
            return;
        }
        let metadata = root.get("metadata").map();
        let namespace = unsupported.is_namespaced().then(|| self.namespace(&metadata));
        let name = Name::read(&metadata)
            .and_then(|name| self.claim(root, &meta.full_kind(), namespace.as_deref(), name))
            .unwrap_or_default();
        let problem = unsupported.diagnostic(&meta.kind, self.unsupported.are_errors);
        root.get("apiVersion").report(problem);
        self.unevaluated.push(Unevaluated {
            scope: unsupported.scope(namespace.as_deref()),
            object: Some(ObjectRef { kind: meta.kind.clone(), namespace, name: name.text.into() }),
            why: Why::Kind,
            effect: unsupported.effect,
            concerns: unsupported.concerns,
            at: name.at,
        });
    }

    /// The namespace that an object says it is in, else the default one.
    fn namespace(&mut self, metadata: &Field<'_>) -> String {
        fields::namespace(metadata).map(str::to_owned).unwrap_or_else(|| {
            self.assumed_namespace += 1;
            self.default_namespace.clone()
        })
    }

    fn namespaced(&mut self, root: &Field<'_>, meta: &TypeMeta, role: Role) {
        let metadata = root.get("metadata").map();
        let name = Name::read(&metadata);
        let namespace = self.namespace(&metadata);
        // Without a name it is still read, so that all that is wrong with it is told.
        let name = match name {
            Some(name) => self.claim(root, &meta.kind, Some(&namespace), name),
            None => None,
        };
        let claimed = name.is_some();
        let name = name.unwrap_or_default();
        match role {
            Role::NetworkPolicy => {
                let policy = netpol::read(root, namespace, name, self.release);
                self.policies.extend(policy.filter(|_| claimed));
            }
            Role::Workload(kind) => {
                let workload =
                    facts::Workload::read(root, kind, self.pool.name(&namespace), name, &mut self.pool);
                self.facts.workloads.extend(claimed.then_some(workload));
            }
            Role::Autoscaler(kind) => {
                let autoscaler = facts::Autoscaler::read(root, kind, namespace);
                self.facts.autoscalers.extend(autoscaler.filter(|_| claimed));
            }
            Role::Entry(kind) => {
                kind.read(&mut self.facts, root, &meta.version, (namespace, name, claimed), &mut self.pool)
            }
            _ => {
                let pod = facts::Pod::read(root, self.pool.name(&namespace), name, &mut self.pool);
                self.facts.pods.extend(claimed.then_some(pod));
            }
        }
    }

    /// Takes a name for an object, unless another object of its kind has it, which is reported.
    /// Of several objects with one generated name, the later ones are numbered; no given name
    /// ends in a hyphen, so none of them meets one.
    fn claim(&mut self, root: &Field<'_>, kind: &str, namespace: Option<&str>, name: Name) -> Option<Name> {
        let identity = |name: &str| format!("{kind}/{}/{name}", namespace.unwrap_or_default());
        let Name { mut text, generated, at } = name;
        if generated {
            let prefix = text.trim_end_matches('-').to_owned();
            let numbered = (2..).map(|number| format!("{prefix}-{number}-"));
            let mut names = std::iter::once(format!("{prefix}-")).chain(numbered);
            text = names.find(|name| !self.seen.contains_key(&identity(name)))?.into();
        }
        match self.seen.entry(identity(&text)) {
            Entry::Vacant(free) => {
                free.insert(at);
                Some(Name { text, generated, at })
            }
            Entry::Occupied(first) => {
                let place = match first.get() {
                    Some(at) if self.repeated < PLACES_TOLD => format!("at {}", self.sources.position(*at)),
                    Some(_) => "further up".to_owned(),
                    None => "as a typed object".to_owned(),
                };
                self.repeated += 1;
                let message = format!("the {kind} is there already, {place}");
                let problem = Diagnostic::error(Code::DuplicateObject, message).at(at);
                root.get("metadata").get("name").report(problem.help("remove or rename one of the two"));
                None
            }
        }
    }
}
