//! Fixes as people and machines read them: what changes, what else that opens or closes, and the patch.

mod diff;
mod files;
mod text;
mod words;

use np_model::Model;
use np_sim::fix::{Effect, Fix};
use serde::Serialize;

pub(crate) use files::Files;
pub(crate) use text::{patch, write};

use super::clean::clean;
use super::members::End;

/// A fix; `docs/json.md` explains the keys.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct FixTold {
    /// Whether it corrects what looks like a slip of a rule that was meant to allow this.
    pub(super) slip: bool,
    /// What changes, in words.
    pub(super) steps: Vec<String>,
    /// For how many other pairs something passes that did not.
    pub(super) opened: u64,
    /// For how many other pairs something is blocked that was not.
    pub(super) closed: u64,
    /// For how many other pairs something has become unknown.
    pub(super) unknown: u64,
    /// Everything else that it changes.
    pub(super) effects: Vec<EffectTold>,
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
pub(crate) fn told(model: &Model, files: &Files<'_>, fixes: &[Fix]) -> Vec<FixTold> {
    fixes.iter().map(|fix| one(model, files, fix)).collect()
}

fn one(model: &Model, files: &Files<'_>, fix: &Fix) -> FixTold {
    let (patch, no_patch, notes) = match &fix.patches {
        Err(reason) => (None, Some(reason.to_string()), Vec::new()),
        Ok(patches) => match files.patch(model.sources(), patches) {
            Ok((patch, notes)) => (Some(patch), None, notes),
            Err(reason) => (None, Some(reason), Vec::new()),
        },
    };
    FixTold {
        slip: fix.is_slip,
        steps: fix.steps.iter().map(|step| words::step(model, step)).collect(),
        opened: fix.effects.opened,
        closed: fix.effects.closed,
        unknown: fix.effects.unsure,
        effects: fix.effects.all.iter().map(|effect| self::effect(model, effect)).collect(),
        patch,
        no_patch,
        notes,
    }
}

fn effect(model: &Model, effect: &Effect) -> EffectTold {
    let end = |members| End { model, endpoint: None, members, is_whole: false };
    let (from, to) = (end(&effect.from), end(&effect.to));
    let text = |set: &np_model::conn::ConnSet| set.text(model.families());
    EffectTold {
        from: from.names(),
        to: to.names(),
        pairs: effect.pairs,
        opened: text(&effect.opened),
        closed: text(&effect.closed),
        unknown: text(&effect.unsure),
        ends: [from.label(NAMED), to.label(NAMED)],
    }
}

/// The name of a policy as it is shown.
fn name_of(policy: &np_model::ir::Policy) -> String {
    clean(&format!("{}/{}", policy.namespace, policy.name)).into_owned()
}
