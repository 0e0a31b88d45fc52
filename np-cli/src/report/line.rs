//! The rows and columns of a matrix, and which of them are alike, so that a cell is computed once
//! for all lines whose pods are of the same classes.

use np_model::addr::Families;
use np_model::model::{ClassId, PodId};
use np_sim::matrix::Party;
use np_sim::{Endpoint, Matrix};
use rustc_hash::FxHashMap;

use super::clean::clean;

/// One row or column.
#[derive(Debug)]
pub(crate) struct Line {
    /// The full name, cleaned.
    pub(crate) name: String,
    /// The shortest name that a query takes, cleaned.
    pub(crate) short: String,
    /// What it stands for.
    pub(crate) endpoint: Endpoint,
    pub(super) party: Party,
    pub(super) families: Families,
    pub(super) is_external: bool,
    /// Whether its pairs are shown whatever the other side is.
    pub(super) is_wanted: bool,
    pub(super) kind: Kind,
}

/// What a line is, to find cells that are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kind {
    /// The one class of all its pods, if they are ordinary ones.
    pub(super) class: Option<ClassId>,
    /// Lines with the same number are of the same classes of pods; `None` if placement on nodes may
    /// matter too.
    pub(super) signature: Option<u32>,
    /// Lines with different numbers have no pod in common.
    members: u32,
    /// If it is one.
    pod: Option<PodId>,
}

impl Kind {
    /// Whether two lines certainly have no pod in common.
    pub(super) fn is_apart(self, other: Self) -> bool {
        let are_two = self.pod.is_some() && other.pod.is_some() && self.pod != other.pod;
        are_two || self.members != other.members
    }
}

/// An endpoint that takes part.
#[derive(Debug, Clone)]
pub(crate) struct Taking {
    pub(crate) endpoint: Endpoint,
    /// The shortest name.
    pub(crate) short: String,
    /// Whether its pairs are shown whatever the other side is.
    pub(crate) is_wanted: bool,
}

/// Numbers for [`Kind`].
#[derive(Debug, Default)]
pub(super) struct Kinds {
    signatures: FxHashMap<Vec<ClassId>, u32>,
    members: FxHashMap<Endpoint, u32>,
}

impl Kinds {
    /// Prepares an endpoint.
    pub(super) fn line(&mut self, matrix: &Matrix<'_>, end: &Taking) -> Line {
        let model = matrix.model();
        let party = matrix.party(&end.endpoint);
        let families = matrix.families(&party, &party);
        let pods = end.endpoint.pods(model);
        let is_plain = !pods.is_empty() && pods.iter().all(|pod| !model.pod(*pod).host_network);
        let is_one = matches!(end.endpoint, Endpoint::Pod(_) | Endpoint::Workload(_));
        let mut classes: Vec<_> = pods.iter().map(|pod| model.pod(*pod).class).collect();
        classes.sort_unstable();
        classes.dedup();
        let class = classes.first().copied().filter(|_| is_plain && is_one && classes.len() == 1);
        let signature = (is_plain && is_one).then(|| {
            let next = self.signatures.len();
            *self.signatures.entry(classes).or_insert_with(|| u32::try_from(next).unwrap_or(u32::MAX))
        });
        let pod = match &end.endpoint {
            Endpoint::Pod(id) => Some(*id),
            _ => None,
        };
        // A pod and its workload share pods.
        let group = match &end.endpoint {
            Endpoint::Pod(id) => {
                model.pod(*id).workload.map_or_else(|| end.endpoint.clone(), Endpoint::Workload)
            }
            other => other.clone(),
        };
        let next = self.members.len();
        let members = *self.members.entry(group).or_insert_with(|| u32::try_from(next).unwrap_or(u32::MAX));
        Line {
            name: clean(&end.endpoint.name(model)).into_owned(),
            short: clean(&end.short).into_owned(),
            endpoint: end.endpoint.clone(),
            party,
            families,
            is_external: matches!(end.endpoint, Endpoint::External(_)),
            is_wanted: end.is_wanted,
            kind: Kind { class, signature, members, pod },
        }
    }
}
