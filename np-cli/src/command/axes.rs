//! The rows and columns of a matrix: who takes part, and which pairs are wanted.

use std::collections::BTreeSet;

use np_model::Model;
use np_model::model::NamespaceId;
use np_model::selector::Selector;
use np_model::truth::Truth;
use np_sim::axis::{self, By, axis, externals, is_told_apart};
use np_sim::{Endpoint, Finder};

use super::not_found;
use crate::args::{Divide, Externals, MatrixArgs};
use crate::failure::{Failure, Message};
use crate::input::Loaded;
use crate::report::grid::Taking;

/// Both axes, and what there is to say about them.
#[derive(Debug)]
pub(super) struct Axes {
    pub(super) rows: Vec<Taking>,
    pub(super) columns: Vec<Taking>,
    /// Workloads that were replaced by their pods; full names.
    pub(super) split: Vec<String>,
}

/// What one axis is made from.
struct Chooser<'a> {
    loaded: &'a Loaded,
    finder: Finder<'a>,
    by: By,
    /// Everyone of the kind that `--by` says.
    all: Vec<Endpoint>,
    external: Vec<Endpoint>,
    wanted: Wanted<'a>,
}

/// Which endpoints' pairs are shown; without any condition: all.
struct Wanted<'a> {
    namespace: Option<NamespaceId>,
    selector: Option<&'a Selector>,
}

/// Chooses who takes part.
pub(super) fn choose(loaded: &Loaded, args: &MatrixArgs) -> Result<Axes, Failure> {
    let model = &loaded.model;
    let by = match args.by {
        None => By::Distinct,
        Some(Divide::Workload) => By::Workload,
        Some(Divide::Pod) => By::Pod,
        Some(Divide::Namespace) => By::Namespace,
    };
    let external = match args.external {
        None => Vec::new(),
        Some(Externals::Whole) => externals(model, axis::Externals::Whole),
        Some(Externals::Ranges) => externals(model, axis::Externals::Ranges),
    };
    let finder = Finder::new(model, None);
    let namespace = args.namespace.as_deref().map(|name| namespace(loaded, &finder, name)).transpose()?;
    let wanted = Wanted { namespace, selector: args.selector.as_ref() };
    let chooser = Chooser { loaded, finder, by, all: axis(model, by), external, wanted };
    let (rows, columns) = (chooser.axis(&args.from), chooser.axis(&args.to));
    match (rows, columns) {
        (Ok(rows), Ok(columns)) => {
            let split = if by == By::Distinct { split(model, &rows, &columns) } else { Vec::new() };
            Ok(Axes { rows, columns, split })
        }
        (rows, columns) => {
            let mut messages = Vec::new();
            messages.extend(rows.err().into_iter().flatten());
            messages.extend(columns.err().into_iter().flatten());
            messages.dedup();
            Err(Failure::Told(messages))
        }
    }
}

fn namespace(loaded: &Loaded, finder: &Finder<'_>, name: &str) -> Result<NamespaceId, Failure> {
    match finder.find(name) {
        Ok(Endpoint::Namespace(id)) => Ok(id),
        Ok(_) => Err(Message::new(format!("`{name}` is no namespace of the input")).into()),
        Err(error) => Err(not_found(loaded, &error).into()),
    }
}

impl Chooser<'_> {
    /// Everyone, or those that the texts name.
    fn axis(&self, texts: &[String]) -> Result<Vec<Taking>, Vec<Message>> {
        let mut endpoints: Vec<Endpoint> = if texts.is_empty() {
            self.all.clone()
        } else {
            let (mut named, mut messages) = (Vec::new(), Vec::new());
            for text in texts {
                match self.finder.find(text) {
                    Ok(endpoint) => named.extend(self.members(endpoint)),
                    Err(error) => messages.push(not_found(self.loaded, &error)),
                }
            }
            if !messages.is_empty() {
                return Err(messages);
            }
            named
        };
        endpoints.extend(self.external.iter().cloned());
        let mut seen = BTreeSet::new();
        endpoints.retain(|endpoint| seen.insert(endpoint.clone()));
        let model = &self.loaded.model;
        endpoints.sort_by_cached_key(|endpoint| place(model, endpoint));
        Ok(endpoints.into_iter().map(|endpoint| self.taking(endpoint)).collect())
    }

    /// What a named endpoint stands for on an axis of this kind.
    fn members(&self, endpoint: Endpoint) -> Vec<Endpoint> {
        let model = &self.loaded.model;
        match &endpoint {
            Endpoint::Namespace(id) => {
                let inside = self.all.iter().filter(|member| member.namespace(model) == Some(*id));
                inside.cloned().collect()
            }
            Endpoint::Workload(id) => {
                let pods = &model.workload(*id).pods;
                let is_split = match self.by {
                    By::Pod => true,
                    By::Distinct => is_told_apart(model, pods),
                    By::Workload | By::Namespace => false,
                };
                if is_split { pods.iter().copied().map(Endpoint::Pod).collect() } else { vec![endpoint] }
            }
            Endpoint::Pod(_) | Endpoint::Node(_) | Endpoint::External(_) => vec![endpoint],
        }
    }

    fn taking(&self, endpoint: Endpoint) -> Taking {
        let short = self.finder.short_name(&endpoint);
        let is_wanted = self.wanted.is_met(&self.loaded.model, &endpoint);
        Taking { endpoint, short, is_wanted }
    }
}

impl Wanted<'_> {
    fn is_met(&self, model: &Model, endpoint: &Endpoint) -> bool {
        let is_there = self.namespace.is_none_or(|wanted| endpoint.namespace(model) == Some(wanted));
        is_there
            && self.selector.is_none_or(|selector| {
                endpoint.pods(model).iter().any(|pod| selector.matches(&model.pod(*pod).labels) == Truth::Yes)
            })
    }
}

/// Where an endpoint stands on an axis: by namespace and name, then nodes, then addresses.
fn place(model: &Model, endpoint: &Endpoint) -> (bool, Option<NamespaceId>, String, Endpoint) {
    let name = match endpoint {
        Endpoint::Pod(id) => model.pod(*id).name.to_string(),
        Endpoint::Workload(id) => model.workload(*id).name.clone(),
        Endpoint::Node(id) => model.node(*id).name.to_string(),
        Endpoint::Namespace(_) | Endpoint::External(_) => String::new(),
    };
    let namespace = endpoint.namespace(model);
    (namespace.is_none(), namespace, name, endpoint.clone())
}

/// The workloads whose pods stand in for them.
fn split(model: &Model, rows: &[Taking], columns: &[Taking]) -> Vec<String> {
    let pods = rows.iter().chain(columns).filter_map(|taking| match taking.endpoint {
        Endpoint::Pod(id) => model.pod(id).workload,
        _ => None,
    });
    let told_apart = pods.filter(|id| is_told_apart(model, &model.workload(*id).pods));
    let ids: BTreeSet<_> = told_apart.collect();
    ids.into_iter().map(|id| model.workload_name(id)).collect()
}
