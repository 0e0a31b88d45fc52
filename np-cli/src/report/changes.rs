//! What a change of the input changes: counts and the changes themselves, by name, for every format.

use std::io::{self, Write};

use np_model::Model;
use np_model::addr::{AddrSet, Families};
use np_model::ir::Direction;
use np_model::model::{PodId, WorkloadId};
use np_sim::diff::{Change, ChangeKind, Difference, Group, Isolation, Passing};
use np_sim::endpoint::internet;
use rustc_hash::FxHashMap;
use serde::Serialize;

use super::answer::relation;
use super::clean::clean;
use super::paint::{Paint, Tone};
use super::several::several;

/// How many changes are shown to people who asked for something else.
pub(crate) const SHOWN: usize = 5;

/// How many members of a group are named to people.
const NAMED: usize = 2;

/// What changes; `docs/json.md` explains the keys.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct WhatIf {
    opened: u64,
    closed: u64,
    changed: u64,
    unknown: u64,
    added: Vec<String>,
    removed: Vec<String>,
    isolation: Vec<IsolationLine>,
    changes: Vec<Line>,
    /// How many changes of the input no answer shows, as it is unknown before and after.
    unjudged: usize,
}

/// Pairs that change alike.
#[derive(Debug, Clone, Serialize)]
struct Line {
    change: &'static str,
    from: Vec<String>,
    to: Vec<String>,
    relation: &'static str,
    pairs: u64,
    before: Sets,
    after: Sets,
    #[serde(skip)]
    is_external: bool,
    #[serde(skip)]
    kind: ChangeKind,
    /// What to show of it in a few words.
    #[serde(skip)]
    short: String,
}

#[derive(Debug, Clone, Serialize)]
struct Sets {
    passes: String,
    open: String,
}

#[derive(Debug, Clone, Serialize)]
struct IsolationLine {
    direction: String,
    pods: Vec<String>,
    before: &'static str,
    after: &'static str,
}

impl WhatIf {
    /// Puts a difference into words, with how many changes of the input it does not show.
    pub(crate) fn of(base: &Model, head: &Model, difference: &Difference, unjudged: usize) -> Self {
        let names = Names::of(base, head);
        let isolation = difference.isolation.iter().map(|change| IsolationLine {
            direction: Direction::to_string(&change.direction),
            pods: names.group(&change.pods),
            before: word(change.before),
            after: word(change.after),
        });
        let mut changes: Vec<Line> = difference.changes.iter().map(|change| line(&names, change)).collect();
        // What leads outside first, then what opens, then the most pairs; else in the order of names.
        changes.sort_by_key(|line| (!line.is_external, line.kind, std::cmp::Reverse(line.pairs)));
        Self {
            opened: difference.count(ChangeKind::Opened),
            closed: difference.count(ChangeKind::Closed),
            changed: difference.count(ChangeKind::Changed),
            unknown: difference.count(ChangeKind::Unknown),
            added: names.group(&difference.added),
            removed: names.group(&difference.removed),
            isolation: isolation.collect(),
            changes,
            unjudged,
        }
    }

    /// The counts in one line.
    pub(crate) fn headline(&self) -> String {
        let counts = [
            (self.opened, "opened"),
            (self.closed, "closed"),
            (self.changed, "changed"),
            (self.unknown, "now unknown"),
        ];
        let mut parts: Vec<String> = Vec::new();
        for (count, word) in counts.into_iter().filter(|(count, _)| *count > 0) {
            let noun = match (parts.is_empty(), count) {
                (false, _) => "",
                (true, 1) => "pair ",
                (true, _) => "pairs ",
            };
            parts.push(format!("{count} {noun}{word}"));
        }
        if parts.is_empty() {
            parts.push("no pair changes".to_owned());
        }
        for (names, word) in [(&self.added, "added"), (&self.removed, "removed")] {
            parts.extend(several(names, NAMED).map(|names| format!("{word}: {names}")));
        }
        if self.unjudged > 0 {
            parts.push(format!(
                "{} not judged, as what hangs on it is unknown before and after",
                self.unjudged
            ));
        }
        parts.join(", ")
    }

    /// Writes the largest changes, a line each, at most so many.
    pub(crate) fn lines(&self, out: &mut dyn Write, paint: Paint, most: usize) -> io::Result<()> {
        for line in self.changes.iter().take(most) {
            let (sign, tone) = match line.kind {
                ChangeKind::Opened => ("+", Tone::Good),
                ChangeKind::Closed => ("-", Tone::Bad),
                ChangeKind::Changed => ("~", Tone::Open),
                ChangeKind::Unknown => ("?", Tone::Open),
            };
            let label = |names: &[String]| several(names, NAMED).unwrap_or_default();
            let (from, to) = (label(&line.from), label(&line.to));
            writeln!(out, "  {} {from} → {to}  {}", paint.tint(tone, sign), line.short)?;
        }
        match self.changes.len().saturating_sub(most) {
            0 => Ok(()),
            more => writeln!(out, "  and {more} more; -o json lists all"),
        }
    }
}

fn word(isolation: Isolation) -> &'static str {
    match isolation {
        Isolation::None => "none",
        Isolation::Maybe => "unknown",
        Isolation::Isolated => "isolated",
    }
}

fn line(names: &Names<'_>, change: &Change) -> Line {
    let [base, head] = names.models;
    let families = change.families(base, head);
    let text =
        |passing: &Passing| Sets { passes: passing.passes.text(families), open: passing.open.text(families) };
    let (kind, before, after) = (change.kind(), text(&change.before), text(&change.after));
    let (word, short) = match kind {
        ChangeKind::Opened => ("opened", change.opened().text(families)),
        ChangeKind::Closed => ("closed", change.closed().text(families)),
        ChangeKind::Changed => ("changed", format!("{}, was {}", after.passes, before.passes)),
        ChangeKind::Unknown => ("unknown", change.unknown().text(families)),
    };
    let is_external = [&change.from, &change.to].iter().any(|group| !group.addresses.is_empty());
    let (from, to) = (names.group(&change.from), names.group(&change.to));
    let relation = change.situation.head.or(change.situation.base).map_or("", relation);
    Line { change: word, from, to, relation, pairs: change.count, before, after, is_external, kind, short }
}

/// Names for the members of groups.
struct Names<'m> {
    models: [&'m Model; 2],
    external: AddrSet,
    /// The families that pods have.
    families: Families,
}

impl<'m> Names<'m> {
    fn of(base: &'m Model, head: &'m Model) -> Self {
        let external = AddrSet::everything().minus(base.known_addresses()).minus(head.known_addresses());
        let pods = base.pods().iter().chain(head.pods());
        let families = pods.fold(Families::NONE, |families, pod| families.or(pod.families));
        Self { models: [base, head], external, families }
    }

    /// A workload where all of its pods are meant, else pods one by one; nodes; addresses.
    fn group(&self, group: &Group) -> Vec<String> {
        let mut names: Vec<String> = self.addresses(&group.addresses);
        for node in &group.nodes {
            let name = |model: &Model, id| format!("node/{}", model.node(id).name);
            let [base, head] = self.models;
            names.extend(node.head().map(|id| name(head, id)).or(node.base().map(|id| name(base, id))));
        }
        for (at, model) in [(1, self.models[1]), (0, self.models[0])] {
            // What the head has goes by its names, the rest by those of the base.
            let ids = group.pods.iter().filter_map(|pod| match at {
                1 => pod.head(),
                _ => pod.base().filter(|_| pod.head().is_none()),
            });
            let ids: Vec<PodId> = ids.collect();
            let mut met: FxHashMap<WorkloadId, usize> = FxHashMap::default();
            for workload in ids.iter().filter_map(|id| model.pod(*id).workload) {
                *met.entry(workload).or_default() += 1;
            }
            let mut called: Vec<String> = Vec::new();
            for id in ids {
                let whole = model
                    .pod(id)
                    .workload
                    .filter(|workload| met[workload] == model.workload(*workload).pods.len());
                let name = whole.map_or_else(|| model.pod_name(id), |workload| model.workload_name(workload));
                called.push(name);
            }
            called.sort_unstable();
            called.dedup();
            names.extend(called);
        }
        names.iter().map(|name| clean(name).into_owned()).collect()
    }

    fn addresses(&self, addresses: &AddrSet) -> Vec<String> {
        if addresses.is_empty() {
            return Vec::new();
        }
        let is_all_of = |all: &AddrSet| {
            let mut relevant = self.families.iter();
            relevant.all(|family| addresses.of(family) == all.and(&self.external).of(family))
        };
        if is_all_of(&AddrSet::everything()) {
            return vec!["external".to_owned()];
        }
        if is_all_of(&internet()) {
            return vec!["internet".to_owned()];
        }
        addresses.to_string().split_whitespace().map(str::to_owned).collect()
    }
}
