//! Steps as edits of texts: which text a policy stands in, and where a new one goes.

use np_model::Model;
use np_model::edit::{Edit, NoEdit, append, edit};
use np_model::ir::{Policy, PolicyId, Tier};
use np_model::origin::SourceId;

use super::Step;
use super::prove::{Question, by_policy};

/// A part of a fix as a change of texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Patch {
    /// An edit of a text.
    Edit(Edit),
    /// A new text, that of a policy, next to another: where policies have a text each, or no text can take it.
    New {
        /// The text that it belongs next to; `None` if no policy has one.
        beside: Option<SourceId>,
        /// What it says.
        policy: Box<Policy>,
    },
}

/// The steps as changes of texts: of each text the edits from its start to its end, which do not overlap.
pub(super) fn patches(question: &Question<'_>, steps: &[Step]) -> Result<Vec<Patch>, NoEdit> {
    let (model, mut edits, mut new) = (question.model, Vec::new(), Vec::new());
    for (policy, changes) in by_policy(steps) {
        edits.push(edit(model.sources(), model.policy(policy), &changes)?);
    }
    for step in steps {
        let Step::New(policy) = step else { continue };
        match neighbour(model, policy) {
            Some((source, true)) => match append(model.sources(), source, policy) {
                Ok(edit) => edits.push(edit),
                Err(_) => new.push(Patch::New { beside: Some(source), policy: policy.clone() }),
            },
            other => {
                let beside = other.map(|(source, _)| source);
                new.push(Patch::New { beside, policy: policy.clone() });
            }
        }
    }
    edits.sort_by_key(|edit| (edit.source, edit.range.start));
    Ok(edits.into_iter().map(Patch::Edit).chain(new).collect())
}

/// The text that a new policy belongs to or next to, and whether it goes in there: not where each policy has a text of its
/// own.
fn neighbour(model: &Model, new: &Policy) -> Option<(SourceId, bool)> {
    let ids = model.rules().tiers.iter().flat_map(|Tier::AnyAllow(ids)| ids);
    let all: Vec<(PolicyId, SourceId)> =
        ids.filter_map(|id| Some((*id, model.policy(*id).at?.source))).collect();
    let is_here = |id: PolicyId| model.policy(id).namespace == new.namespace;
    // Those for the same pods come first, then those for some, then those for all.
    let rank = |id: PolicyId| {
        let subject = &model.policy(id).subject;
        (*subject != new.subject, subject.is_everything())
    };
    let nearest = all.iter().filter(|(id, _)| is_here(*id)).min_by_key(|(id, _)| rank(*id));
    let source = nearest.or(all.first())?.1;
    let in_it = all.iter().filter(|(_, other)| *other == source).count();
    let is_alone = in_it == 1 && all.len() > 1;
    Some((source, nearest.is_some() && !is_alone))
}
