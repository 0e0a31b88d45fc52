//! Whether a change passes: what it fails for, and what of it is accepted.
//!
//! ```text
//!   word    the words of --fail-on, and which lines they mean
//!   allow   files of accepted changes: reading them
//!   accept  lines of a review held against them, divided where only part is accepted
//!   date    days, and which one is today
//! ```

mod accept;
pub(crate) mod allow;
mod date;
mod word;

use np_model::Model;
use np_sim::review::{Line, Review};
use serde::Serialize;

use crate::report::diff::Note;
use crate::report::places::Place;
pub(crate) use allow::Allowed;
pub(crate) use word::Word;

/// A line of a review, or the part of one that is accepted or is not.
#[derive(Debug, Clone)]
pub(crate) struct Judged {
    /// The line.
    pub(crate) line: Line,
    /// Which line of the review it is, or is part of.
    pub(crate) of: usize,
    /// Why it is accepted, if it is.
    pub(crate) accepted: Option<Accepted>,
    /// What it fails the check for.
    pub(crate) fails: Vec<Word>,
}

/// Why a change is accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Accepted {
    /// What the entry gives as the reason.
    pub(crate) reason: String,
    /// Until which day, if that is limited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) expires: Option<String>,
    /// Where the entry stands.
    #[serde(flatten)]
    pub(crate) place: Place,
}

/// How a check ends.
#[derive(Debug, Clone, Default)]
pub(crate) struct Verdict {
    /// What it fails for; nothing if it passes.
    pub(crate) failed: Vec<Word>,
    /// What there is to say about entries of accepted changes.
    pub(crate) notes: Vec<Note>,
}

/// Judges a review: `fail_on` are the words that it fails for (none: any change of a connection).
pub(crate) fn judge(
    models: [&Model; 2],
    review: &Review,
    fail_on: &[Word],
    allowed: &Allowed,
) -> (Verdict, Vec<Judged>) {
    let words = Word::meant(fail_on);
    let (mut judged, notes) = accept::lines(models, &review.lines, allowed);
    for one in judged.iter_mut().filter(|one| one.accepted.is_none()) {
        one.fails = words.iter().copied().filter(|word| word.means(&one.line)).collect();
    }
    // What cannot be seen may be anything that a connection can do.
    let is_blind = !review.unjudged.is_empty() && words.iter().any(|word| Word::ANY.contains(word));
    let fails = |word: &Word| judged.iter().any(|one| one.fails.contains(word));
    let mut failed: Vec<Word> = words.into_iter().filter(fails).collect();
    failed.extend((is_blind && !failed.contains(&Word::Unknown)).then_some(Word::Unknown));
    failed.sort_unstable();
    (Verdict { failed, notes }, judged)
}
