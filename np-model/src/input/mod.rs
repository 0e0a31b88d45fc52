//! Everything read so far: texts and typed objects go in, facts and rules come out.
//!
//! Reading never fails; what is wrong is kept as diagnostics, and compiling refuses an input with
//! an error. Objects are decoded one at a time and forgotten, whatever the size of the input.

mod content;
#[cfg(feature = "yaml")]
mod duplicate;
mod foreign;
mod kinds;
#[cfg(feature = "yaml")]
mod list;
mod object;
mod read;
mod take;
mod typeless;

use std::collections::{BTreeMap, BTreeSet};
#[cfg(feature = "yaml")]
use std::num::NonZero;
use std::sync::Arc;
#[cfg(feature = "yaml")]
use std::sync::atomic::{AtomicU64, Ordering};

use self::object::TypeMeta;
use self::read::{Met, Reader, Settings};
use self::take::Names;
#[cfg(any(feature = "yaml", feature = "k8s-openapi"))]
use crate::diag::Code;
use crate::diag::{Diagnostic, Invalid, Severity};
use crate::dialect::Release;
use crate::dialect::unsupported::IgnoredKind;
use crate::facts::{self, Facts};
use crate::ir::{Policy, Unevaluated};
use crate::load::Limits;
use crate::load::node::Node;
#[cfg(feature = "k8s-openapi")]
use crate::load::tree::Tree;
#[cfg(feature = "yaml")]
use crate::load::{self, Document, text};
#[cfg(feature = "yaml")]
use crate::origin::Location;
use crate::origin::{ObjectRef, SourceId, Sources};

/// Everything read so far; grows by texts and typed objects, then is compiled. A clone shares the texts and
/// policies, and copies the facts.
#[derive(Debug, Clone)]
pub struct Input {
    /// The texts.
    pub sources: Sources,
    /// The state of the cluster.
    pub facts: Facts,
    /// The policies, lowered.
    pub policies: Vec<Arc<Policy>>,
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
    settings: Settings,
    #[cfg(feature = "yaml")]
    threads: Option<NonZero<usize>>,
    #[cfg(feature = "yaml")]
    progress: Option<Arc<AtomicU64>>,
    names: Names,
    pool: facts::Pool,
    /// Objects with a problem that do not say their namespace: what is wrong may be just that.
    pub(crate) unplaced: BTreeSet<ObjectRef>,
    /// What objects with an error say.
    pub(crate) broken: BTreeMap<ObjectRef, String>,
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
            settings: Settings {
                release: Release::NEWEST,
                unsupported: UnsupportedKinds::default(),
                limits: Limits::default(),
                default_namespace: default_namespace.to_owned(),
            },
            #[cfg(feature = "yaml")]
            threads: None,
            #[cfg(feature = "yaml")]
            progress: None,
            names: Names::default(),
            pool: facts::Pool::default(),
            unplaced: BTreeSet::new(),
            broken: BTreeMap::new(),
        }
    }

    /// The same, reading manifests as this release of Kubernetes does.
    #[must_use]
    pub fn with_release(self, release: Release) -> Self {
        Self { settings: Settings { release, ..self.settings }, ..self }
    }

    /// The same, doing this about policies of kinds that np does not evaluate.
    #[must_use]
    pub fn with_unsupported(self, unsupported: UnsupportedKinds) -> Self {
        Self { settings: Settings { unsupported, ..self.settings }, ..self }
    }

    /// The same, reading no more than this.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { settings: Settings { limits, ..self.settings }, ..self }
    }

    /// The same, reading on at most so many threads; by default, as many as the machine has. What is read
    /// does not depend on it.
    #[cfg(feature = "yaml")]
    #[must_use]
    pub fn with_threads(self, threads: NonZero<usize>) -> Self {
        Self { threads: Some(threads), ..self }
    }

    /// The same, counting in `progress` about how many bytes of the text that is being read are done, for
    /// another thread to look at.
    #[cfg(feature = "yaml")]
    #[must_use]
    pub fn with_progress(self, progress: Arc<AtomicU64>) -> Self {
        Self { progress: Some(progress), ..self }
    }

    /// Reads a text: documents of YAML or JSON. `name` is what diagnostics call it.
    #[cfg(feature = "yaml")]
    pub fn text(&mut self, name: &str, bytes: Vec<u8>) {
        let (text, problem) = match text::accept(bytes, &self.settings.limits) {
            Ok(text) => (text, None),
            Err(problem) => (String::new(), Some(problem)),
        };
        let source = match self.sources.add(name, text) {
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
        let text = self.sources.shared_text(source);
        if !self.list(source, &text) && !self.stream(source, &text) {
            self.whole(source, &text);
        }
        self.diagnostics[first..].sort_by_key(|diagnostic| diagnostic.at);
    }

    /// Reads a text of any kind, document by document.
    #[cfg(feature = "yaml")]
    fn whole(&mut self, source: SourceId, text: &str) {
        let (limits, mut problems) = (self.settings.limits, Vec::new());
        load::documents(source, text, &limits, &mut |document| self.document(document), &mut problems);
        self.diagnostics.append(&mut problems);
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
        if let (Some(progress), Some(at)) = (&self.progress, document.root.place()) {
            progress.store(u64::from(at.offset), Ordering::Relaxed);
        }
        for mut duplicate in document.duplicates {
            let serious = duplicate.at.is_none_or(|at| duplicate::rules_at(document.root, at));
            duplicate.severity = if serious { Severity::Error } else { Severity::Warning };
            self.diagnostics.push(duplicate);
        }
        self.node(document.root);
    }

    fn object_or_list(&mut self, node: Node<'_>, of_list: Option<TypeMeta<'_>>) {
        let file = node.place().map(|at| at.source);
        let mut outcome = self.reader(file).object(node, of_list, None);
        let generated = match &outcome.met {
            Met::Named(claim, _) | Met::Unevaluated(Some(claim), _) if claim.name.generated => {
                Some(self.names.generated(claim))
            }
            _ => None,
        };
        if generated.is_some() {
            outcome = self.reader(file).object(node, of_list, generated.as_deref());
        }
        if let Met::List(meta) = outcome.met {
            for item in node.get("items").map(Node::items).unwrap_or_default() {
                self.object_or_list(item, Some(meta));
            }
        }
        self.take(outcome);
    }

    fn reader(&mut self, source: Option<SourceId>) -> Reader<'_> {
        let file = source.map(|source| self.sources.name(source));
        Reader { settings: &self.settings, file, pool: &mut self.pool }
    }
}
