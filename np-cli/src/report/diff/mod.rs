//! What `np diff` says: every line of a review in words, for every format.
//!
//! ```text
//!   names       what units are called, one by one and in a few words
//!   unjudged    what changes where no answer shows it
//!   decider     the rule, policy or change of the input behind a line, with its place
//!   spot        the place in a file of the head where a line is pinned
//!   row         a line in words
//!   fold        lines that say the same of many namespaces
//!   text        for people at a terminal
//!   markdown    for the comment on a pull request
//!   kind        the kinds of changes that tools list
//!   annotation  what the formats for tools have in common
//!   sarif       for code scanning
//!   github      for the log of GitHub Actions
//!   gitlab      for GitLab Code Quality
//!   junit       for whatever shows test results
//! ```
//!
//! [`Report`] is what JSON and YAML hold. Another format is one more file over it.

mod annotation;
mod decider;
mod fold;
pub(crate) mod github;
pub(crate) mod gitlab;
pub(crate) mod junit;
mod kind;
pub(crate) mod markdown;
mod names;
mod row;
pub(crate) mod sarif;
mod spot;
pub(crate) mod text;
mod unjudged;

use np_model::delta::Deltas;
use np_model::origin::Location;
use np_sim::review::Review;
use serde::Serialize;

use super::places::{Place, Places};
use super::summary::grouped;
use crate::gate::{Judged, Verdict};
use crate::input::Root;
use fold::{Folded, fold};
pub(crate) use row::Row;

/// A review in words, judged; `docs/json.md` explains the keys.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Report {
    api_version: &'static str,
    kind: &'static str,
    /// Whether the check passes.
    pub(crate) passes: bool,
    /// What it fails for, in the words of `--fail-on`.
    pub(crate) failed: Vec<&'static str>,
    /// How many pairs of units changed in which way, and how many did not.
    pub(crate) summary: Summary,
    /// The changes, the riskiest first; those that are accepted behind the others.
    pub(crate) changes: Vec<Row>,
    /// The changes for people: what says the same of many namespaces is one.
    #[serde(skip)]
    folded: Vec<Folded>,
    /// What changes where no answer shows it.
    pub(crate) unjudged: Vec<Note>,
    /// What there is to say about accepted changes.
    pub(crate) notes: Vec<Note>,
}

/// Counts of what changed, of pairs of units but for `added`, `removed`, `isolated` and `unprotected`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Summary {
    pub(crate) opened: u64,
    pub(crate) closed: u64,
    pub(crate) changed: u64,
    pub(crate) unknown: u64,
    /// Workloads, pods and nodes that only the head has.
    pub(crate) added: u64,
    /// Those that only the base has.
    pub(crate) removed: u64,
    /// Workloads that are isolated, in one direction, and were not.
    pub(crate) isolated: u64,
    /// Workloads that were isolated, in one direction, and are not.
    pub(crate) unprotected: u64,
    /// How many lines are accepted; what they are about is counted above too.
    pub(crate) accepted: u64,
    /// How much of the counts above is accepted, in the order of [`WORDS`].
    #[serde(skip)]
    accepts: [Accepts; WORDS.len()],
    /// Changes of the input that no answer shows.
    pub(crate) unjudged: u64,
    pub(crate) unchanged: u64,
}

/// What happens, in the words of the headline.
const WORDS: [(&str, &str); 8] = [
    ("opened", "opened"),
    ("closed", "closed"),
    ("changed", "changed"),
    ("unknown", "now unknown"),
    ("added", "added"),
    ("removed", "removed"),
    ("unprotected", "unprotected"),
    ("isolated", "isolated"),
];

/// How much of a count is accepted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Accepts {
    wholly: u64,
    /// Of pairs of which something else changes that is not.
    partly: u64,
}

/// Something to know beside the changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Note {
    /// What.
    pub(crate) message: String,
    /// Where that stands.
    #[serde(flatten)]
    pub(crate) place: Option<Place>,
    /// Where tools show it: a file of the head as seen from the root of the repository.
    #[serde(skip)]
    spot: Option<Place>,
}

impl Note {
    /// One that no file of the head shows.
    pub(crate) fn at(message: String, place: Option<Place>) -> Self {
        Self { message, place, spot: None }
    }
}

/// What a report is made of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Context<'r> {
    /// The changes of the input.
    pub(crate) deltas: &'r Deltas<'r>,
    /// Where each of them stands in the base and in the head.
    pub(crate) changed_at: &'r [[Option<Location>; 2]],
    /// The texts of the base and of the head.
    pub(crate) places: [&'r Places<'r>; 2],
    /// What files are seen from by tools.
    pub(crate) root: &'r Root,
    /// Of the base and of the head, whether everything was read; else it has errors.
    pub(crate) are_whole: [bool; 2],
}

impl Report {
    /// Puts judged lines into words.
    pub(crate) fn of(context: Context<'_>, review: &Review, verdict: &Verdict, judged: &[Judged]) -> Self {
        let names = names::Names::of(context.deltas.models);
        let spots = spot::Spots::of(context);
        let mut changes: Vec<Row> = judged.iter().map(|one| Row::of(context, &names, &spots, one)).collect();
        changes.sort_by_key(|row| row.accepted.is_some());
        let mut unjudged: Vec<Note> = review.unjudged.iter().map(|one| context.unjudged(*one)).collect();
        let Verdict { failed, notes } = verdict;
        let mut failed: Vec<&'static str> = failed.iter().map(|word| word.name()).collect();
        let hidden = context.hidden();
        failed.extend(hidden.is_some().then_some("errors"));
        unjudged.extend(hidden);
        let counted = Summary::of(review, judged);
        let summary = Summary { unchanged: review.unchanged, unjudged: unjudged.len() as u64, ..counted };
        Self {
            api_version: "np/v1",
            kind: "Diff",
            passes: failed.is_empty(),
            failed,
            summary,
            folded: fold(context.deltas.models, &names, &changes),
            changes,
            unjudged,
            notes: notes.clone(),
        }
    }

    /// Whether nothing changes.
    pub(crate) fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.unjudged.is_empty()
    }

    /// Everything that is told beside the changes.
    fn told(&self) -> impl Iterator<Item = &Note> {
        self.unjudged.iter().chain(&self.notes)
    }

    /// The verdict in a word, and why.
    pub(crate) fn verdict(&self) -> String {
        if self.passes { "PASS".to_owned() } else { format!("FAIL: {}", self.failed.join(", ")) }
    }
}

impl Summary {
    /// Counts the lines of a review, however they are divided by what is accepted.
    fn of(review: &Review, judged: &[Judged]) -> Self {
        let mut parts = vec![[0; 2]; review.lines.len()];
        for one in judged {
            parts[one.of][usize::from(one.accepted.is_some())] += row::count(&one.line);
        }
        let mut summary = Self::default();
        for (line, [open, accepted]) in review.lines.iter().zip(parts) {
            let (all, word) = (row::count(line), row::word(&line.what));
            let at = WORDS.iter().position(|(own, _)| *own == word).expect("all words are there");
            *summary.counts()[at] += all;
            // Parts of addresses count as one each.
            let (open, accepted) = (all.min(open), all.min(accepted));
            let accepts = &mut summary.accepts[at];
            accepts.wholly += all - open;
            accepts.partly += accepted.saturating_sub(all - open);
        }
        summary.accepted = judged.iter().filter(|one| one.accepted.is_some()).count() as u64;
        summary
    }

    /// The counts, in the order of [`WORDS`].
    fn counts(&mut self) -> [&mut u64; WORDS.len()] {
        let Self { opened, closed, changed, unknown, added, removed, unprotected, isolated, .. } = self;
        [opened, closed, changed, unknown, added, removed, unprotected, isolated]
    }

    /// The counts in one line, the unchanged last.
    pub(crate) fn line(&self) -> String {
        let counts = Self::clone(self).counts().map(|count| *count);
        let all = counts.into_iter().zip(WORDS).zip(self.accepts).filter(|((count, _), _)| *count > 0);
        let mut parts: Vec<String> = all
            .map(|((count, (_, word)), accepts)| format!("{} {word}{}", grouped(count), accepts.told()))
            .collect();
        if self.unjudged > 0 {
            parts.push(format!("{} not judged", grouped(self.unjudged)));
        }
        if parts.is_empty() {
            parts.push("nothing changes".to_owned());
        }
        parts.push(format!("{} unchanged", grouped(self.unchanged)));
        parts.join(" · ")
    }
}

impl Accepts {
    /// In parentheses, behind a blank; nothing if nothing is.
    fn told(self) -> String {
        match (self.wholly, self.partly) {
            (0, 0) => String::new(),
            (all, 0) => format!(" ({} accepted)", grouped(all)),
            (0, some) => format!(" ({} accepted in part)", grouped(some)),
            (all, some) => format!(" ({} accepted, {} in part)", grouped(all), grouped(some)),
        }
    }
}
