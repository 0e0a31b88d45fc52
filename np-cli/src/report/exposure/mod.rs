//! What is exposed as every format shows it: names, notation and places instead of ids.

mod admission;
mod entries;
mod problem;
pub(crate) mod text;
mod way;
mod ways_in;

use std::collections::BTreeMap;

use np_model::Model;
use np_model::ir::Direction;
use np_model::model::Whereabouts;
use np_sim::entry::Entry;
use np_sim::exposure::{Exposed, Exposure, Inferred, Level};
use np_sim::{Endpoint, Finder};
use serde::Serialize;

use super::changes::WhatIf;
use super::clean::clean;
use super::places::Places;
use admission::Admissions;
pub(crate) use entries::{Shown, WayIn};
pub(crate) use way::Way;

/// How much is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Detail {
    /// A line for each workload.
    Overview,
    /// Who passes by which rule.
    Full,
}

/// The exposure of some workloads, the worst first.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Report {
    api_version: &'static str,
    kind: &'static str,
    pub(crate) summary: Summary,
    /// What np took for granted about all pods.
    assumed: Vec<&'static str>,
    /// Namespaces that are only referred to, so their labels are unknown.
    pub(crate) inferred_namespaces: Vec<String>,
    /// How many policies were left out on request, by kind.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    ignored_kinds: BTreeMap<String, usize>,
    /// What the changes do that were asked for; only with `--with`, `--without` or `--label`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) what_if: Option<WhatIf>,
    pub(crate) workloads: Vec<Workload>,
    /// The short names of those that no policy selects, also of those left out.
    #[serde(skip)]
    pub(crate) wide_open: Vec<String>,
    /// What leads to them from outside the cluster.
    pub(crate) entries: Vec<WayIn>,
}

/// How many workloads there are of each sort, those included that `--top` leaves out.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Summary {
    pub(crate) workloads: usize,
    pub(crate) open_to_internet: usize,
    pub(crate) open_to_some_internet: usize,
    pub(crate) maybe_open_to_internet: usize,
    pub(crate) not_isolated: NotIsolated,
    pub(crate) open_to_chosen_labels: usize,
    pub(crate) on_node_network: usize,
    pub(crate) templates: usize,
}

/// How many workloads no policy selects, by direction.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct NotIsolated {
    pub(crate) ingress: usize,
    pub(crate) egress: usize,
}

/// One workload, or a pod.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Workload {
    pub(crate) name: String,
    /// The shortest name that a query takes.
    #[serde(skip)]
    pub(crate) short: String,
    /// What is not in the input about it.
    pub(crate) inferred: Vec<&'static str>,
    /// Whether it uses its node's network, so that no policy governs it.
    pub(crate) host_network: bool,
    pub(crate) ingress: Way,
    pub(crate) egress: Way,
    /// Whether something about pods without an address is unknown.
    #[serde(skip)]
    hangs_on_addresses: bool,
}

/// Puts an exposure into words, the `top` worst of it, and the entries of `shown`.
pub(crate) fn report(
    model: &Model,
    places: &Places<'_>,
    finder: &Finder<'_>,
    exposure: &Exposure,
    (entries, shown): (&[Entry], Shown<'_>),
    (detail, top): (Detail, Option<usize>),
) -> Report {
    let mut admissions = Admissions::new(model, places);
    let worst = exposure.subjects.iter().take(top.unwrap_or(usize::MAX));
    let workloads = worst.map(|subject| {
        let mut way = |direction| Way::of(model, places, &mut admissions, subject, direction, detail);
        let (ingress, egress) = (way(Direction::Ingress), way(Direction::Egress));
        Workload {
            name: clean(&subject.endpoint.name(model)).into_owned(),
            short: clean(&finder.short_name(&subject.endpoint)).into_owned(),
            inferred: subject.inferred.iter().copied().map(inferred).collect(),
            host_network: subject.profile.is_host,
            ingress,
            egress,
            hangs_on_addresses: hangs_on_addresses(subject),
        }
    });
    let workloads = workloads.collect();
    let is_open = |subject: &&Exposed| {
        let profile = &subject.profile;
        !profile.is_host && profile.ingress.is_not_isolated() && profile.egress.is_not_isolated()
    };
    let wide_open = exposure.subjects.iter().filter(is_open);
    let namespaces = model.namespaces().iter().filter(|namespace| namespace.inferred);
    let assumed = [(model.families_assumed(), "families"), (model.pod_space_assumed(), "pod-space")];
    let is_unplaced = model.pods().iter().any(|pod| pod.whereabouts == Whereabouts::PodSpace);
    Report {
        api_version: "np/v1",
        kind: "Exposure",
        summary: Summary::of(exposure),
        assumed: assumed
            .into_iter()
            .filter_map(|(is_so, word)| (is_so && is_unplaced).then_some(word))
            .collect(),
        inferred_namespaces: namespaces.map(|namespace| clean(&namespace.name).into_owned()).collect(),
        ignored_kinds: model.ignored_kinds().clone(),
        what_if: None,
        workloads,
        wide_open: wide_open
            .map(|subject| clean(&finder.short_name(&subject.endpoint)).into_owned())
            .collect(),
        entries: entries::led(model, places, entries, shown),
    }
}

impl Report {
    /// Whether something is unknown as pods without an address may be anywhere.
    pub(crate) fn hangs_on_addresses(&self) -> bool {
        self.workloads.iter().any(|workload| workload.hangs_on_addresses)
    }
}

impl Summary {
    fn of(exposure: &Exposure) -> Self {
        let count = |test: &dyn Fn(&Exposed) -> bool| {
            exposure.subjects.iter().filter(|subject| test(subject)).count()
        };
        let is_open = |subject: &Exposed, is_meant: &dyn Fn(Level) -> bool, is_certain: bool| {
            let severity = subject.profile.ingress.severity;
            is_meant(severity.level) && severity.is_certain == is_certain
        };
        let is_template =
            |subject: &Exposed| subject.inferred.iter().any(|it| matches!(it, Inferred::Template(_)));
        let is_free = |subject: &Exposed, direction| {
            subject.profile.facing(direction).is_not_isolated() && !subject.profile.is_host
        };
        let is_chosen = |subject: &Exposed| {
            let admissions = &subject.profile.ingress.admits.admissions;
            admissions.iter().any(|it| matches!(it.needs.namespace, np_sim::admit::Home::Any { .. }))
        };
        Self {
            workloads: exposure.subjects.len(),
            open_to_internet: count(&|subject| is_open(subject, &|level| level == Level::Internet, true)),
            open_to_some_internet: count(&|subject| {
                is_open(subject, &|level| level == Level::SomeInternet, true)
            }),
            maybe_open_to_internet: count(&|subject| {
                is_open(subject, &|level| level <= Level::SomeInternet, false)
            }),
            not_isolated: NotIsolated {
                ingress: count(&|subject| is_free(subject, Direction::Ingress)),
                egress: count(&|subject| is_free(subject, Direction::Egress)),
            },
            open_to_chosen_labels: count(&is_chosen),
            on_node_network: count(&|subject| subject.profile.is_host),
            templates: count(&is_template),
        }
    }
}

fn inferred(what: Inferred) -> &'static str {
    match what {
        Inferred::Template(_) => "template",
        Inferred::Namespace => "namespace",
    }
}

/// Whether what is open to all pods alike depends on where pods are.
fn hangs_on_addresses(subject: &Exposed) -> bool {
    Direction::BOTH.into_iter().any(|direction| {
        let facing = subject.profile.facing(direction);
        let is_known = facing.selecting.unevaluated.is_empty() && facing.selecting.maybe.is_empty();
        is_known && !facing.admits.everyone.open.is_empty()
    })
}

/// The name of a level in JSON.
fn level(level: Level) -> &'static str {
    match level {
        Level::Internet => "internet",
        Level::SomeInternet => "some-internet",
        Level::EveryPod => "every-pod",
        Level::ChosenLabels => "chosen-labels",
        Level::Outside => "outside",
        Level::OtherNamespaces => "other-namespaces",
        Level::OwnNamespace => "own-namespace",
        Level::Nobody => "nobody",
    }
}

/// Whether an endpoint is a namespace that a subject is in.
fn is_home(model: &Model, subject: &Exposed, namespace: &Endpoint) -> bool {
    subject.endpoint.namespace(model) == namespace.namespace(model)
}
