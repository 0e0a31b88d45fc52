//! Reads one object: what it is, what it says and what is wrong with it, whatever else the input holds.
//!
//! This needs nothing but settings, so that objects can be read in any order and on any thread. What
//! depends on the others, such as whose name it is, is for [`take`](super::take) to settle.

use std::sync::Arc;

use super::kinds::Role;
use super::object::{self, TypeMeta};
use super::{UnsupportedKinds, content, foreign, typeless};
use crate::diag::{Code, Diagnostic, Severity};
use crate::dialect::unsupported::Unsupported;
use crate::dialect::{Release, netpol};
use crate::facts::{self, Fact, Pool};
use crate::fields::{self, Field, Name, Report};
use crate::ir::{Policy, Unevaluated, Why};
use crate::load::Limits;
use crate::load::node::Node;
use crate::origin::ObjectRef;

/// How objects are read, the same for a whole input.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    pub(super) release: Release,
    pub(super) unsupported: UnsupportedKinds,
    pub(super) limits: Limits,
    pub(super) default_namespace: String,
}

/// Reads the objects of a text.
pub(super) struct Reader<'s> {
    pub(super) settings: &'s Settings,
    /// The name of the text.
    pub(super) file: Option<&'s str>,
    pub(super) pool: &'s mut Pool,
}

/// What came of reading an object.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "facts that do not depend on each other")]
pub(super) struct Outcome<'t> {
    pub(super) met: Met<'t>,
    /// Whether it counts as an object, broken ones and those that np has no use for included.
    pub(super) is_object: bool,
    /// Whether it is a policy, broken ones and those that np does not evaluate included.
    pub(super) is_policy: bool,
    /// Whether it is in the default namespace because it does not say its own.
    pub(super) assumes_namespace: bool,
    /// What is wrong with it, in the order found.
    pub(super) problems: Vec<Diagnostic>,
    /// What diagnostics call it; there if something is wrong with it, and it gets that far.
    pub(super) called: Option<Box<ObjectRef>>,
    /// Whether it says its namespace.
    pub(super) says_namespace: bool,
    /// All that it says, if there is an error in it.
    pub(super) broken: Option<String>,
}

/// What an object is, as far as others depend on it.
#[derive(Debug, Default)]
#[expect(clippy::large_enum_variant, reason = "nearly all are of the largest")]
pub(super) enum Met<'t> {
    /// No object of Kubernetes, or a broken one.
    #[default]
    Nothing,
    /// A file of another tool.
    NotAnObject,
    /// An object that np has no use for, by `Kind.group`.
    Ignored(String),
    /// A policy of a kind that is to be ignored, by `Kind.group`.
    IgnoredKind(String),
    /// A list, with its type: its items are objects.
    List(TypeMeta<'t>),
    /// An object without a name that it could go by: it counts for nothing.
    Nameless,
    /// A fact or rule, if no other object has its name.
    Named(Claim, Content),
    /// A policy that np does not evaluate, with its name if it has one.
    Unevaluated(Option<Claim>, Box<Unevaluated>),
}

/// The name that an object goes by, of which there is one of a kind in a namespace.
#[derive(Debug)]
pub(super) struct Claim {
    /// The kind; of a policy that np does not evaluate `Kind.group`.
    pub(super) kind: smol_str::SmolStr,
    pub(super) namespace: Option<smol_str::SmolStr>,
    pub(super) name: Name,
    /// How many of the problems were found before the name was looked at.
    pub(super) problems_before: usize,
    /// Whether the object is read no further where another has its name.
    pub(super) ends_reading: bool,
}

/// What an object adds to the input.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "most objects are pods")]
pub(super) enum Content {
    Fact(Fact),
    Policy(Arc<Policy>),
    /// Nothing: it is broken, or changes no answer.
    Nothing,
}

impl Reader<'_> {
    /// Reads an object. `given` is the name that it goes by if it leaves that to the API server.
    pub(super) fn object<'t>(
        &mut self,
        node: Node<'t>,
        of_list: Option<TypeMeta<'t>>,
        given: Option<&str>,
    ) -> Outcome<'t> {
        let report = Report::within(&self.settings.limits);
        let mut outcome = Outcome::default();
        let root = Field::root(node, &report);
        let kind = self.typed(node, &root, of_list, given, &mut outcome);
        outcome.problems = report.into_problems();
        outcome.says_namespace = object::says_namespace(node);
        let is_broken = outcome.problems.iter().any(|problem| problem.severity == Severity::Error);
        outcome.broken = is_broken.then(|| content::whole(node));
        let is_told_apart = matches!(&outcome.met, Met::Named(Claim { namespace: None, .. }, _));
        if !outcome.problems.is_empty() || is_told_apart && outcome.says_namespace {
            outcome.called = kind.map(|(kind, namespaced)| {
                let namespace = namespaced.then_some(self.settings.default_namespace.as_str());
                Box::new(object::reference(node, kind.to_owned(), namespace))
            });
        }
        outcome
    }

    /// Reads an object; gives its kind and whether that has namespaces, if it gets that far.
    fn typed<'t>(
        &mut self,
        node: Node<'t>,
        root: &Field<'_>,
        of_list: Option<TypeMeta<'t>>,
        given: Option<&str>,
        outcome: &mut Outcome<'t>,
    ) -> Option<(&'t str, bool)> {
        if foreign::is_foreign(root, self.file)
            || of_list.is_none() && typeless::is_typeless(node, root, self.file)
        {
            outcome.met = Met::NotAnObject;
            return None;
        }
        let meta = TypeMeta::read(node, root, of_list)?;
        let role = meta.role(root);
        outcome.is_object = role != Some(Role::List);
        outcome.is_policy = meta.is_policy();
        match role {
            Some(Role::List) if is_list_of_items(root, of_list.is_some()) => {
                if meta.lists_what_matters() {
                    refuse_page(root);
                }
                outcome.met = Met::List(meta);
            }
            None | Some(Role::List) => {}
            Some(Role::Other) => outcome.met = Met::Ignored(meta.full_kind()),
            Some(Role::Unsupported(unsupported)) => {
                self.unsupported((node, root), &meta, unsupported, given, outcome);
                return Some((meta.kind, unsupported.is_namespaced()));
            }
            Some(role @ (Role::Namespace | Role::Node | Role::IngressClass | Role::GatewayClass)) => {
                self.of_cluster(root, &meta, role, given, outcome);
            }
            Some(role) => {
                self.of_namespace(root, &meta, role, given, outcome);
                return Some((meta.kind, true));
            }
        }
        Some((meta.kind, false))
    }

    fn of_cluster(
        &mut self,
        root: &Field<'_>,
        meta: &TypeMeta<'_>,
        role: Role,
        given: Option<&str>,
        outcome: &mut Outcome<'_>,
    ) {
        let Some(name) = read_name(&root.get("metadata").map(), given) else { return };
        let claim = self.claim(root, meta.kind, None, &name, true);
        let fact = match role {
            Role::Namespace => Fact::Namespace(Box::new(facts::Namespace::read(root, name, self.pool))),
            Role::Node => Fact::Node(Box::new(facts::Node::read(root, name))),
            Role::IngressClass => Fact::IngressClass(Box::new(facts::IngressClass::read(root, name))),
            _ => Fact::GatewayClass(Box::new(facts::GatewayClass::read(root, name))),
        };
        outcome.met = Met::Named(claim, Content::Fact(fact));
    }

    /// Takes note of a policy that np does not evaluate.
    fn unsupported(
        &mut self,
        (node, root): (Node<'_>, &Field<'_>),
        meta: &TypeMeta<'_>,
        unsupported: &Unsupported,
        given: Option<&str>,
        outcome: &mut Outcome<'_>,
    ) {
        let settings = self.settings;
        if settings.unsupported.ignored.iter().any(|kind| kind.is(meta.group, meta.kind)) {
            outcome.met = Met::IgnoredKind(meta.full_kind());
            return;
        }
        let metadata = root.get("metadata").map();
        let namespace = unsupported.is_namespaced().then(|| self.namespace(&metadata, outcome));
        let name = read_name(&metadata, given);
        let kind = meta.full_kind();
        let claim = name.as_ref().map(|name| self.claim(root, &kind, namespace, name, false));
        let name = name.unwrap_or_default();
        let problem = unsupported.diagnostic(meta.kind, settings.unsupported.are_errors);
        root.get("apiVersion").report(problem);
        let object = ObjectRef {
            kind: meta.kind.to_owned(),
            namespace: namespace.map(str::to_owned),
            name: name.text.into(),
        };
        let unevaluated = Unevaluated {
            scope: unsupported.scope(namespace),
            object: Some(object),
            why: Why::Kind,
            effect: unsupported.effect,
            concerns: unsupported.concerns,
            at: name.at,
            content: content::demanded(node).into(),
        };
        outcome.met = Met::Unevaluated(claim, Box::new(unevaluated));
    }

    /// The namespace that an object says it is in, else the default one.
    fn namespace<'f>(&self, metadata: &'f Field<'f>, outcome: &mut Outcome<'_>) -> &'f str
    where
        Self: 'f,
    {
        fields::namespace(metadata).unwrap_or_else(|| {
            outcome.assumes_namespace = true;
            &self.settings.default_namespace
        })
    }

    fn of_namespace(
        &mut self,
        root: &Field<'_>,
        meta: &TypeMeta<'_>,
        role: Role,
        given: Option<&str>,
        outcome: &mut Outcome<'_>,
    ) {
        let metadata = root.get("metadata").map();
        let name = read_name(&metadata, given);
        let namespace = self.namespace(&metadata, outcome);
        let claim = name.as_ref().map(|name| self.claim(root, meta.kind, Some(namespace), name, false));
        // Without a name it is still read, so that all that is wrong with it is told.
        let name = name.unwrap_or_default();
        let shared = self.pool.name(namespace);
        let content = match role {
            Role::NetworkPolicy => netpol::read(root, shared, name, self.settings.release, self.pool)
                .map_or(Content::Nothing, |policy| Content::Policy(Arc::new(policy))),
            Role::Workload(kind) => {
                let workload = facts::Workload::read(root, kind, shared, name, self.pool);
                Content::Fact(Fact::Workload(Box::new(workload)))
            }
            Role::Autoscaler(kind) => facts::Autoscaler::read(root, kind, namespace.to_owned())
                .map_or(Content::Nothing, |scaler| Content::Fact(Fact::Autoscaler(Box::new(scaler)))),
            Role::Entry(kind) => {
                Content::Fact(kind.read(root, meta.version, (namespace.to_owned(), name), self.pool))
            }
            _ => Content::Fact(Fact::Pod(facts::Pod::read(root, shared, name, self.pool))),
        };
        outcome.met = claim.map_or(Met::Nameless, |claim| Met::Named(claim, content));
    }

    fn claim(
        &mut self,
        root: &Field<'_>,
        kind: &str,
        namespace: Option<&str>,
        name: &Name,
        ends_reading: bool,
    ) -> Claim {
        Claim {
            kind: self.pool.name(kind),
            namespace: namespace.map(|namespace| self.pool.name(namespace)),
            name: name.clone(),
            problems_before: root.problems(),
            ends_reading,
        }
    }
}

/// The name from `metadata`, or the one that was given for it.
fn read_name(metadata: &Field<'_>, given: Option<&str>) -> Option<Name> {
    let name = Name::read(metadata)?;
    Some(match given {
        Some(given) => Name { text: given.into(), ..name },
        None => name,
    })
}

/// A list that says it goes on elsewhere is an error: what it lacks may be a policy.
fn refuse_page(root: &Field<'_>) {
    let metadata = root.get("metadata");
    let field = metadata.get("continue");
    if field.filled().is_some() {
        let problem =
            Diagnostic::error(Code::PartialList, "this is one page of a list, and objects are missing");
        field.report(problem.help(
            "fetch the whole list, as `kubectl get` does; if all pages are in the input, remove this field",
        ));
    }
}

/// Whether a list holds items that can be read. As kubectl has it, none of them is a list.
fn is_list_of_items(root: &Field<'_>, nested: bool) -> bool {
    let field = root.get("items");
    if nested {
        let problem = Diagnostic::error(Code::NotAnObject, "a list within a list, which kubectl refuses");
        root.report(problem.help("move its items to the outer list"));
    } else if field.is_absent() {
        field.missing("a list needs `items`; an empty one is `items: []`");
    } else if !field.is_list() {
        field.wrong_type::<()>("a list");
    }
    !nested && field.is_list()
}
