//! Fixes as people and machines read them: what changes, what else that opens or closes, and the patch.

mod diff;
mod files;
mod pinned;
mod text;
mod words;

use np_model::Model;
use np_sim::diff::{Change, Group};
use np_sim::fix::{Counts, Fix};
use np_sim::reach::Members;
use serde::Serialize;

pub(crate) use files::Files;
pub(crate) use text::{Look, line, markdown, patch, write};

use super::clean::clean;
use super::members::End;

/// A fix; `docs/json.md` explains the keys.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct FixTold {
    /// Whether it corrects what looks like a slip of a rule that was meant to allow this.
    pub(super) slip: bool,
    /// Whether it does that without closing anything that anyone meant to be open.
    pub(super) confident: bool,
    /// What changes, in words.
    pub(super) steps: Vec<String>,
    /// For how many pairs something else passes that did not.
    pub(super) opened: u64,
    /// For how many pairs something else is blocked that was not.
    pub(super) closed: u64,
    /// For how many pairs something else has become unknown.
    pub(super) unknown: u64,
    /// Everything else that it changes.
    pub(super) effects: Vec<EffectTold>,
    /// Whether that is all: nothing that is unknown with and without it may hang on it.
    pub(super) judged: bool,
    /// The unified diff.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) patch: Option<String>,
    /// Why there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) no_patch: Option<String>,
    /// What to know before it is applied.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) notes: Vec<String>,
}

impl FixTold {
    /// What to know before the patch is applied.
    pub(crate) fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Why there is no patch.
    pub(crate) fn no_patch(&self) -> Option<&str> {
        self.no_patch.as_deref()
    }
}

/// Something else that a fix changes.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct EffectTold {
    pub(super) from: Vec<String>,
    pub(super) to: Vec<String>,
    pub(super) pairs: u64,
    pub(super) opened: String,
    pub(super) closed: String,
    pub(super) unknown: String,
    /// Both ends as people read them.
    #[serde(skip)]
    pub(super) ends: [String; 2],
}

/// How many members of an end are named to people.
const NAMED: usize = 3;

/// Fixes with all that there is to say about each.
pub(crate) fn told(model: &Model, files: &Files<'_>, found: &[Fix]) -> Vec<FixTold> {
    found.iter().map(|fix| one(model, files, fix)).collect()
}

fn one(model: &Model, files: &Files<'_>, fix: &Fix) -> FixTold {
    let (patch, no_patch, notes) = match &fix.patches {
        Err(reason) => (None, Some(reason.to_string()), Vec::new()),
        Ok(patches) => match files.patch(model.sources(), patches) {
            Ok((patch, notes)) => (Some(patch), None, notes),
            Err(reason) => (None, Some(reason), Vec::new()),
        },
    };
    let notes = notes.into_iter().chain(pinned::note(model, &fix.steps)).collect();
    let Counts { opened, closed, unknown } = fix.counts();
    let mut changes: Vec<&Change> = fix.effects.changes.iter().collect();
    changes.sort_by_key(|change| std::cmp::Reverse(change.count));
    FixTold {
        slip: fix.is_slip,
        confident: fix.is_confident(),
        steps: fix.steps.iter().map(|step| words::step(model, step)).collect(),
        opened,
        closed,
        unknown,
        effects: changes.into_iter().map(|change| effect(model, change)).collect(),
        judged: fix.is_judged,
        patch,
        no_patch,
        notes,
    }
}

fn effect(model: &Model, change: &Change) -> EffectTold {
    let text = |set: &np_model::conn::ConnSet| set.text(model.families());
    let (from, to) = (members(&change.from), members(&change.to));
    let end = |members| End { model, endpoint: None, members, is_whole: false };
    let (from, to) = (end(&from), end(&to));
    EffectTold {
        from: from.names(),
        to: to.names(),
        pairs: change.count,
        opened: text(&change.opened()),
        closed: text(&change.closed()),
        unknown: text(&change.unknown()),
        ends: [from.label(NAMED), to.label(NAMED)],
    }
}

fn members(group: &Group) -> Members {
    Members {
        pods: group.pods.iter().filter_map(|pod| pod.base()).collect(),
        nodes: group.nodes.iter().filter_map(|node| node.base()).collect(),
        addresses: group.addresses.clone(),
        is_host: false,
    }
}

/// The name of a policy as it is shown.
fn name_of(policy: &np_model::ir::Policy) -> String {
    clean(&format!("{}/{}", policy.namespace, policy.name)).into_owned()
}
