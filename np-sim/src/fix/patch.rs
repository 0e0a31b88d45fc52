//! Steps as edits of texts: which text a policy stands in, and where a new one goes.

use np_model::Model;
use np_model::edit::{Edit, NoEdit, append, edit, manifest};
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
        /// The name of the policy, and so of the text.
        name: String,
        /// What it says.
        text: String,
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
        let Neighbour { source: beside, like, takes_it } = neighbour(model, policy);
        let like = like.map(|id| model.policy(id));
        let edit =
            beside.filter(|_| takes_it).and_then(|source| append(model.sources(), source, like, policy).ok());
        if let Some(edit) = edit {
            edits.push(edit);
        } else {
            let text = manifest(model.sources(), like, policy)?;
            new.push(Patch::New { beside, name: policy.name.clone(), text });
        }
    }
    edits.sort_by_key(|edit| (edit.source, edit.range.start));
    Ok(edits.into_iter().map(Patch::Edit).chain(new).collect())
}

/// Where a new policy belongs.
struct Neighbour {
    /// The text that it goes in or beside, if the input has one.
    source: Option<SourceId>,
    /// The policy that it is written like.
    like: Option<PolicyId>,
    /// Whether it goes in that text: not where each policy has a text of its own.
    takes_it: bool,
}

fn neighbour(model: &Model, new: &Policy) -> Neighbour {
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
    let Some((like, source)) = nearest.or(all.first()).copied() else {
        // Without any policy, beside what is in its namespace.
        let mut pods = model.pods().iter().filter(|pod| model.namespace(pod.namespace).name == new.namespace);
        let source = pods.find_map(|pod| pod.at).map(|at| at.source);
        return Neighbour { source, like: None, takes_it: false };
    };
    let in_it = all.iter().filter(|(_, other)| *other == source).count();
    let is_alone = in_it == 1 && all.len() > 1;
    Neighbour { source: Some(source), like: Some(like), takes_it: nearest.is_some() && !is_alone }
}
