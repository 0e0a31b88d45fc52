//! Changes of the input that no answer shows, in words: what is not known about them, and what would help.

use np_model::addr::Family;
use np_model::delta::DeltaId;
use np_model::ir::UnevaluatedId;
use np_model::refine::Aligned;
use np_sim::review::Unjudged;

use super::decider::Told;
use super::{Context, Note};
use crate::report::clean::clean;

impl Context<'_> {
    /// One of them, with its place in the head if it has one there, else in the base.
    pub(crate) fn unjudged(self, unjudged: Unjudged) -> Note {
        match unjudged {
            Unjudged::Unknown(id) => self.about(
                id,
                "and answers that it bears on are unknown before and after (np explain says for lack of what)",
            ),
            Unjudged::Family(id, family) => {
                let family = match family {
                    Family::V4 => "IPv4",
                    Family::V6 => "IPv6",
                };
                self.about(
                    id,
                    &format!(
                        "and names addresses of {family}, which nothing in the input shows pods to have or \
                         not to have (--pod-cidr says what they have)"
                    ),
                )
            }
            Unjudged::Template(id) => {
                let name = self.deltas.models[1].workload_name(id);
                let message = format!(
                    "not judged: the template of {name} changed, and its pods in the input are as before \
                     (leave pods out of the input, and the template stands for them)"
                );
                Note::at(clean(&message).into_owned(), None)
            }
            Unjudged::Unread(policy) => self.unread(policy),
        }
    }

    /// What errors that were passed over hide.
    pub(crate) fn hidden(self) -> Option<Note> {
        let who = match self.are_whole {
            [true, true] => return None,
            [false, true] => "the base has errors",
            [true, false] => "the head has errors",
            [false, false] => "both sides have errors",
        };
        Some(Note::at(format!("{who}: what they hide is not compared"), None))
    }

    /// A policy that is not evaluated says something else.
    fn unread(self, policy: Aligned<UnevaluatedId>) -> Note {
        let Told { message, base, head } = self.unevaluated(policy);
        let spot = head.as_ref().and_then(|place| self.root.pin(place));
        let message = format!("not judged: {message}: what it says is not compared");
        Note { message, place: head.or(base), spot }
    }

    fn about(self, id: DeltaId, why: &str) -> Note {
        let Told { message, head, .. } = self.told(id);
        let spot = head.and_then(|place| self.root.pin(&place));
        Note { message: format!("not judged: {message}, {why}"), place: self.seen(id).1, spot }
    }
}
