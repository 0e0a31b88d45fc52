//! Ingresses and their classes: HTTP from outside, led to Services by host and path.
//!
//! The beta versions (`extensions/v1beta1`, `networking.k8s.io/v1beta1`) say the same in other
//! words, and are read into the same types.

mod backend;

pub use backend::{IngressBackend, IngressTarget};

use super::port::{self, Address};
use super::{Annotations, labels};
use crate::fields::{Field, Name, syntax};
use crate::origin::Location;

/// An Ingress.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ingress {
    /// `metadata.namespace`, or the default that was assumed.
    pub namespace: String,
    /// `metadata.name`.
    pub name: String,
    /// Which controller takes care of it; `None`: that of the default class.
    pub class: Option<ClassRef>,
    /// Where everything goes that no rule matches (`spec.defaultBackend`).
    pub default_backend: Option<IngressBackend>,
    /// `spec.rules`.
    pub rules: Vec<IngressRule>,
    /// `status.loadBalancer.ingress`: where it is reached.
    pub load_balancer: Vec<Address>,
    /// `metadata.annotations`, by which controllers are told what the API has no field for.
    pub annotations: Annotations,
    /// Where `metadata.name` stands.
    pub at: Option<Location>,
}

/// How an Ingress names its class.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ClassRef {
    /// An IngressClass (`spec.ingressClassName`).
    Class(String),
    /// The annotation `kubernetes.io/ingress.class`, which comes before the field. Each controller
    /// has words of its own for it; no IngressClass need have the name.
    Annotation(String),
}

/// What happens to the requests for a host (`spec.rules[]`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IngressRule {
    /// `host`, maybe with `*` for its first label; `None` is every host.
    pub host: Option<String>,
    /// `http.paths`; empty: what is done is up to the controller.
    pub paths: Vec<IngressPath>,
    /// Where the entry stands.
    pub at: Option<Location>,
}

/// What happens to the requests for a path (`http.paths[]`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IngressPath {
    /// `path`; `None` is every path.
    pub path: Option<String>,
    /// `pathType`; before v1, up to the controller if absent.
    pub kind: PathType,
    /// `backend`.
    pub backend: IngressBackend,
}

/// How a path is matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PathType {
    /// The very path.
    Exact,
    /// It and everything below it.
    Prefix,
    /// As the controller has it.
    ImplementationSpecific,
}

/// An IngressClass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IngressClass {
    /// `metadata.name`.
    pub name: String,
    /// `spec.controller`, such as `k8s.io/ingress-nginx`.
    pub controller: String,
    /// Whether Ingresses without a class have this one, by its annotation
    /// `ingressclass.kubernetes.io/is-default-class`.
    pub is_default: bool,
    /// Where `metadata.name` stands.
    pub at: Option<Location>,
}

const CLASS: &str = "kubernetes.io/ingress.class";
const IS_DEFAULT_CLASS: &str = "ingressclass.kubernetes.io/is-default-class";

impl Ingress {
    /// Reads an Ingress object, in the words of v1 or of the beta versions before it.
    pub(crate) fn read(object: &Field<'_>, beta: bool, namespace: String, name: Name) -> Self {
        let (metadata, spec) = (object.get("metadata").map(), object.get("spec").map());
        let (rules, class) = (spec.get("rules"), spec.get("ingressClassName"));
        let default_backend = spec.get(if beta { "backend" } else { "defaultBackend" }).map();
        let annotations = labels::annotations(&metadata);
        let annotated = annotations.get(CLASS).filter(|class| !class.is_empty());
        let named = class.text();
        for wrong in named.map(syntax::dns_subdomain).unwrap_or_default() {
            class.invalid(format!("the name of an IngressClass {wrong}"));
        }
        if default_backend.is_absent() && (rules.is_absent() || (rules.is_list() && rules.items().len() == 0))
        {
            rules.missing("an Ingress needs rules or a default backend");
        }
        Self {
            namespace,
            name: name.text.into(),
            class: annotated
                .map(|class| ClassRef::Annotation(class.clone()))
                .or_else(|| named.map(|class| ClassRef::Class(class.to_owned()))),
            default_backend: (!default_backend.is_absent())
                .then(|| IngressBackend::read(&default_backend, beta))
                .flatten(),
            rules: rules.items().map(|rule| IngressRule::read(&rule.map(), beta)).collect(),
            load_balancer: port::balanced(&object.get("status").map()),
            annotations,
            at: name.at,
        }
    }
}

impl IngressRule {
    fn read(rule: &Field<'_>, beta: bool) -> Self {
        let http = rule.get("http").map();
        let paths = http.get("paths");
        if !http.is_absent() && (paths.is_absent() || (paths.is_list() && paths.items().len() == 0)) {
            paths.missing("a rule for HTTP needs paths");
        }
        Self {
            host: rule.get("host").filled().map(str::to_owned),
            paths: paths.items().filter_map(|path| IngressPath::read(&path.map(), beta)).collect(),
            at: rule.at(),
        }
    }
}

impl IngressPath {
    fn read(entry: &Field<'_>, beta: bool) -> Option<Self> {
        let kind = PathType::read(&entry.get("pathType"), beta);
        let backend = entry.get("backend").map();
        if backend.is_absent() {
            backend.missing("a path needs a backend");
            return None;
        }
        let backend = IngressBackend::read(&backend, beta);
        let path = entry.get("path").filled().map(str::to_owned);
        Some(Self { path, kind: kind?, backend: backend? })
    }
}

impl PathType {
    fn read(field: &Field<'_>, beta: bool) -> Option<Self> {
        if beta && field.is_absent() {
            return Some(Self::ImplementationSpecific);
        }
        match field.required("a path needs the way it is matched: Exact, Prefix or ImplementationSpecific")? {
            "Exact" => Some(Self::Exact),
            "Prefix" => Some(Self::Prefix),
            "ImplementationSpecific" => Some(Self::ImplementationSpecific),
            text => {
                let help = "write Exact, Prefix or ImplementationSpecific";
                field.unsupported(format!("`{text}` is no way to match a path"), help);
                None
            }
        }
    }
}

impl IngressClass {
    /// Reads an IngressClass object.
    pub(crate) fn read(object: &Field<'_>, name: Name) -> Self {
        let (metadata, spec) = (object.get("metadata").map(), object.get("spec").map());
        let controller = spec.get("controller");
        let annotations = metadata.get("annotations").map();
        Self {
            name: name.text.into(),
            controller: controller
                .required("an IngressClass needs its controller")
                .unwrap_or_default()
                .into(),
            is_default: annotations.get(IS_DEFAULT_CLASS).text() == Some("true"),
            at: name.at,
        }
    }
}
