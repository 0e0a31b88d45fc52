//! Who could come to be let in: each peer of a rule in words, found once for all that it admits to.

use std::rc::Rc;

use np_model::Model;
use np_model::ir::RuleId;
use np_model::selector::{Requirement, Selector};
use np_model::truth::Truth;
use np_sim::admit::{self, Home, Needs};
use rustc_hash::FxHashMap;
use serde::{Serialize, Serializer};

use super::super::clean::clean;
use super::super::places::{Place, Places};
use super::super::several::several;

/// How many names a sentence lists.
const NAMED: usize = 3;

/// A peer that could come to be matched.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Admission {
    #[serde(flatten, serialize_with = "shared")]
    pub(crate) whom: Rc<Whom>,
    /// What the rule opens to it.
    pub(crate) connections: String,
    /// Port names that it opens besides, wherever the other end has them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) port_names: Vec<String>,
    /// Whether whoever matches passes for certain.
    pub(crate) certain: bool,
}

/// A peer of a rule in words.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Whom {
    /// Who could match.
    pub(crate) message: String,
    /// `namespace/name` of the policy.
    pub(crate) policy: String,
    /// Which rule of its direction, from 1.
    pub(crate) rule: u32,
    /// Which peer of that, from 1.
    peer: u32,
    /// Where the peer stands.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub(crate) place: Option<Place>,
    namespaces: Where,
    /// The labels that a pod must have, as a selector.
    pods: String,
    /// Whether labels alone decide, whatever the namespace is named.
    #[serde(skip)]
    pub(crate) is_by_labels: bool,
}

/// Which namespaces will do.
#[derive(Debug, Clone, Serialize)]
struct Where {
    /// The names that will do; left out if any will.
    #[serde(skip_serializing_if = "Option::is_none")]
    names: Option<Vec<String>>,
    /// The names that will not do.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    except: Vec<String>,
    /// The labels that it must have, as a selector.
    labels: String,
    /// Those in the input that will do as they are.
    now: Vec<String>,
}

fn shared<S: Serializer>(whom: &Rc<Whom>, serializer: S) -> Result<S::Ok, S::Error> {
    Whom::serialize(whom, serializer)
}

/// The peers put into words so far.
pub(super) struct Admissions<'a> {
    model: &'a Model,
    places: &'a Places<'a>,
    known: FxHashMap<(RuleId, u32), Rc<Whom>>,
}

impl<'a> Admissions<'a> {
    pub(super) fn new(model: &'a Model, places: &'a Places<'a>) -> Self {
        Self { model, places, known: FxHashMap::default() }
    }

    /// One in words.
    pub(super) fn put(&mut self, admission: &admit::Admission) -> Admission {
        let (model, places) = (self.model, self.places);
        let key = (admission.rule, admission.peer);
        let whom = self.known.entry(key).or_insert_with(|| Rc::new(whom(model, places, admission)));
        let name = |id: &_| {
            let (name, protocol) = model.port_name(*id);
            clean(&format!("{}/{name}", protocol.name())).into_owned()
        };
        Admission {
            whom: Rc::clone(whom),
            connections: admission.connections.text(model.families()),
            port_names: admission.names.iter().map(name).collect(),
            certain: admission.is_certain,
        }
    }
}

/// Names as they may be shown.
fn all(names: Vec<String>) -> Vec<String> {
    names.into_iter().map(|name| clean(&name).into_owned()).collect()
}

fn whom(model: &Model, places: &Places<'_>, admission: &admit::Admission) -> Whom {
    let (policy, rule) = (model.policy(admission.rule.policy), model.rule(admission.rule));
    let peers = rule.peers.as_deref().unwrap_or_default();
    let at = peers.get(admission.peer as usize).and_then(|peer| peer.at).or(rule.at);
    let needs = &*admission.needs;
    let (names, except, labels) = match &needs.namespace {
        Home::Named { names, labels } => (Some(names.clone()), Vec::new(), labels),
        Home::Any { except, labels } => (None, except.clone(), labels),
    };
    let will_do =
        |name: &String| names.as_ref().is_none_or(|names| names.contains(name)) && !except.contains(name);
    let now =
        model.namespaces().iter().filter(|it| will_do(&it.name) && labels.matches(&it.labels) == Truth::Yes);
    let now: Vec<String> = now.map(|namespace| clean(&namespace.name).into_owned()).collect();
    Whom {
        message: clean(&sentence(model, needs, &policy.namespace, &now)).into_owned(),
        policy: clean(&format!("{}/{}", policy.namespace, policy.name)).into_owned(),
        rule: admission.rule.index + 1,
        peer: admission.peer + 1,
        place: at.map(|at| places.place(at)),
        namespaces: Where {
            names: names.map(all),
            except: all(except),
            labels: clean(&labels.to_string()).into_owned(),
            now,
        },
        pods: clean(&needs.pod.to_string()).into_owned(),
        is_by_labels: matches!(needs.namespace, Home::Any { .. }),
    }
}

/// Who could match, such as `any namespace that someone labels env=prod`.
fn sentence(model: &Model, needs: &Needs, own: &str, now: &[String]) -> String {
    let pods = (!needs.pod.is_everything()).then(|| format!("any pod {}", chosen(&needs.pod, "labelled")));
    match &needs.namespace {
        Home::Named { names, labels } => {
            let is_there = |name: &&String| model.namespaces().iter().any(|it| it.name == **name);
            let missing: Vec<&String> = names.iter().filter(|name| !is_there(name)).collect();
            let place = match names.as_slice() {
                [one] if one == own => "its own namespace".to_owned(),
                [one] => format!("namespace {one}"),
                several => format!("namespaces {}", list(several)),
            };
            let missing = match missing.as_slice() {
                [] => "",
                [_] if names.len() == 1 => ", which is not in the input",
                _ => ", of which some are not in the input",
            };
            let labels = if labels.is_everything() {
                String::new()
            } else {
                format!(", if {}", chosen(labels, "it is labelled"))
            };
            format!("{} of {place}{missing}{labels}", pods.unwrap_or_else(|| "any pod".to_owned()))
        }
        Home::Any { except, labels } => {
            let but = if except.is_empty() { String::new() } else { format!(" but {}", list(except)) };
            if labels.is_everything() {
                return format!("{} of any namespace{but}", pods.unwrap_or_else(|| "any pod".to_owned()));
            }
            let space = format!("any namespace{but} {}", chosen(labels, "that someone labels"));
            let space = match several(now, NAMED) {
                Some(now) => format!("{space} (now {now})"),
                None => space,
            };
            pods.map_or_else(|| space.clone(), |pods| format!("{pods} of {space}"))
        }
    }
}

/// What has to be chosen: a label each, or more than that.
fn chosen(selector: &Selector, labelled: &str) -> String {
    let requirements = selector.requirements();
    let is_plain = |it: &Requirement| matches!(it, Requirement::In(_, values) if values.len() == 1);
    let is_absence = |it: &Requirement| matches!(it, Requirement::NotIn(..) | Requirement::DoesNotExist(_));
    if requirements.iter().all(is_plain) {
        format!("{labelled} {selector}")
    } else if requirements.iter().all(is_absence) {
        format!("matching {selector}, as one without labels does")
    } else {
        format!("{labelled} to match {selector}")
    }
}

fn list(names: &[String]) -> String {
    several(names, NAMED).unwrap_or_default()
}
