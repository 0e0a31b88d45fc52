//! A line of a review in words.

use std::sync::Arc;

use np_model::addr::Families;
use np_model::conn::ConnSet;
use np_model::ir::Direction;
use np_sim::diff::{Change, ChangeKind, Isolation, Passing, Situation};
use np_sim::reach::Relation;
use np_sim::review::{Alone, Between, Isolated, Line, Presence, Risk, Unit, What};
use serde::Serialize;

use super::Context;
use super::decider::{Told, Who};
use super::names::Names;
use super::spot::Spots;
use crate::gate::{Accepted, Judged};
use crate::report::answer;
use crate::report::places::Place;

/// Stands before connections that are not those of each of several peers, but of all of them together.
const TOGETHER: &str = "±";

/// What that sign says.
pub(super) const LEGEND: &str = "± is what all of them have together: each of them has some of it";

/// One thing that changes, in words; `docs/json.md` explains the keys.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Row {
    /// What happens, in a word.
    pub(crate) change: &'static str,
    /// Of isolation, in which direction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) direction: Option<&'static str>,
    /// The sources; of what is added, removed or isolated, it.
    pub(crate) from: Vec<String>,
    /// The destinations.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) to: Vec<String>,
    /// What both ends are to each other.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) relation: Option<&'static str>,
    /// What they were, if that is something else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) relation_before: Option<&'static str>,
    /// How many pairs of units.
    pub(crate) pairs: u64,
    #[serde(flatten)]
    changed: Option<Changed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<Sets>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<Sets>,
    /// With whom what is added or removed may talk.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    talks: Vec<TalkTold>,
    /// What makes it worth reading, the highest first.
    pub(crate) risks: Vec<&'static str>,
    /// Which words of `--fail-on` it fails the check for.
    pub(crate) fails: Vec<&'static str>,
    /// Who decides it: those that the change touched, then the others.
    pub(crate) decided_by: Vec<Who>,
    /// The changes of the input that bring it about.
    pub(crate) cause: Vec<Told>,
    /// Whether no part of the cause does it alone.
    cause_is_smallest: bool,
    /// Why it is accepted, if it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) accepted: Option<Accepted>,
    /// The ends.
    #[serde(skip)]
    pub(super) units: [Arc<[Unit]>; 2],
    /// The ends in a few words.
    #[serde(skip)]
    pub(crate) ends: [String; 2],
    /// Which pairs of the ends are meant, where not all are or that is the reason; stands behind the ends.
    #[serde(skip)]
    pub(super) which: &'static str,
    /// What happens to what, in a few words.
    #[serde(skip)]
    pub(crate) short: String,
    /// Where tools show it: a file of the head as seen from the root of the repository.
    #[serde(skip)]
    pub(super) spot: Option<Place>,
}

/// What changes of a connection.
#[derive(Debug, Clone, Serialize)]
struct Changed {
    opened: String,
    closed: String,
    unknown: String,
}

/// What passes, and may.
#[derive(Debug, Clone, Serialize)]
struct Sets {
    passes: String,
    open: String,
}

/// With whom a workload may talk.
#[derive(Debug, Clone, Serialize)]
struct TalkTold {
    direction: String,
    with: Vec<String>,
    relation: &'static str,
    #[serde(flatten)]
    sets: Sets,
}

impl Row {
    pub(super) fn of(context: Context<'_>, names: &Names<'_>, spots: &Spots<'_>, judged: &Judged) -> Self {
        let line = &judged.line;
        let row = match &line.what {
            What::Between(between) => of_between(names, between, line.risks.contains(&Risk::Dns)),
            What::Alone(alone) => of_alone(names, alone),
            What::Isolation(isolated) => of_isolation(names, isolated),
        };
        let mut decided_by: Vec<Who> = Vec::new();
        let changed = line.deciders.iter().map(|decider| (decider, false));
        for (decider, unchanged) in changed.chain(line.with.iter().map(|decider| (decider, true))) {
            // A rule that opens one port in the place of another is told once.
            let who = Who { unchanged, ..context.who(*decider, &line.cause) };
            let is_told = |told: &Who| {
                (&told.policy, told.rule, told.direction, &told.place)
                    == (&who.policy, who.rule, who.direction, &who.place)
            };
            if who.policy.is_none() || !decided_by.iter().any(is_told) {
                decided_by.push(who);
            }
        }
        Self {
            change: word(&line.what),
            risks: line.risks.iter().map(|risk| risk.name()).collect(),
            fails: judged.fails.iter().map(|word| word.name()).collect(),
            decided_by,
            cause: line.cause.iter().map(|id| context.told(*id)).collect(),
            cause_is_smallest: line.is_smallest,
            accepted: judged.accepted.clone(),
            units: units(&line.what),
            spot: spots.spot(line),
            ..row
        }
    }

    fn new(from: Vec<String>, ends: [String; 2], short: String) -> Self {
        Self {
            change: "",
            direction: None,
            from,
            to: Vec::new(),
            relation: None,
            relation_before: None,
            pairs: 0,
            changed: None,
            before: None,
            after: None,
            talks: Vec::new(),
            risks: Vec::new(),
            fails: Vec::new(),
            decided_by: Vec::new(),
            cause: Vec::new(),
            cause_is_smallest: false,
            accepted: None,
            units: Default::default(),
            ends,
            which: "",
            short,
            spot: None,
        }
    }

    /// Whether it has a sign that [`LEGEND`] explains.
    pub(super) fn needs_legend(&self) -> bool {
        self.short.contains(TOGETHER)
    }

    /// Who decides it of those that the change touched.
    pub(super) fn changed_by(&self) -> impl Iterator<Item = &Who> {
        self.decided_by.iter().filter(|who| !who.unchanged)
    }

    /// What changes of connections, in full.
    pub(super) fn connections(&self) -> Vec<&str> {
        let changed =
            self.changed.iter().flat_map(|changed| [&changed.opened, &changed.closed, &changed.unknown]);
        let talks = self.talks.iter().flat_map(|talk| {
            let sets = [&talk.direction, &talk.sets.passes, &talk.sets.open];
            sets.into_iter().chain(&talk.with)
        });
        changed.chain(talks).map(String::as_str).collect()
    }

    /// A sign for what happens: `!` where something opens towards the internet or another environment, or isolation is
    /// lost, else `+` more, `-` less, `~` other, `?` unknown, `·` accepted.
    pub(crate) fn sign(&self) -> &'static str {
        let alarming =
            [Risk::InternetIngress, Risk::InternetEgress, Risk::Unprotected, Risk::CrossEnvironment]
                .map(Risk::name);
        let is_alarming = self.risks.iter().any(|risk| alarming.contains(risk));
        match self.change {
            _ if self.accepted.is_some() => "·",
            "closed" | "removed" | "isolated" => "-",
            _ if is_alarming => "!",
            "unknown" => "?",
            "opened" | "added" => "+",
            _ => "~",
        }
    }
}

/// What happens, in a word.
pub(super) fn word(what: &What) -> &'static str {
    match what {
        What::Between(between) => match between.change.kind() {
            ChangeKind::Opened => "opened",
            ChangeKind::Closed => "closed",
            ChangeKind::Changed => "changed",
            ChangeKind::Unknown => "unknown",
        },
        What::Alone(Alone { presence: Presence::Added, .. }) => "added",
        What::Alone(Alone { presence: Presence::Removed, .. }) => "removed",
        What::Isolation(isolated) if isolated.is_gained() => "isolated",
        What::Isolation(_) => "unprotected",
    }
}

/// The ends of a line; of what has one end, it.
fn units(what: &What) -> [Arc<[Unit]>; 2] {
    match what {
        What::Between(between) => [Arc::clone(&between.from), Arc::clone(&between.to)],
        What::Alone(Alone { units, .. }) | What::Isolation(Isolated { units, .. }) => {
            [Arc::clone(units), Arc::default()]
        }
    }
}

/// How much a line is about: pairs of units, or of lines with one end those that it is about.
pub(super) fn count(line: &Line) -> u64 {
    let of = |unit: &Unit| match unit {
        Unit::Workload { pods, is_whole: false, .. } => pods.len() as u64,
        _ => 1,
    };
    match &line.what {
        What::Between(between) => between.pairs,
        What::Alone(Alone { units, .. }) | What::Isolation(Isolated { units, .. }) => {
            units.iter().map(of).sum()
        }
    }
}

fn of_between(names: &Names<'_>, between: &Between, is_dns: bool) -> Row {
    let Between { change, from, to, pairs, is_product } = between;
    let families = names.families(change);
    let text = |set: &ConnSet| set.text(families);
    let short = match change.kind() {
        ChangeKind::Opened => brief(&more(change), families),
        ChangeKind::Closed => brief(&change.closed(), families),
        ChangeKind::Changed => {
            let [before, after] =
                [&change.before, &change.after].map(|passing| brief(&passing.passes, families));
            format!("{before} → {after}")
        }
        ChangeKind::Unknown => brief(&change.unknown(), families),
    };
    let Situation { base, head } = change.situation;
    let which = which(change.situation, *is_product);
    let to_few = if is_dns { "cluster DNS".to_owned() } else { names.few(to) };
    let ends = [names.few(from), to_few + which];
    Row {
        to: names.all(to),
        which,
        relation: head.or(base).map(answer::relation),
        relation_before: base.filter(|base| head.is_some_and(|head| head != *base)).map(answer::relation),
        pairs: *pairs,
        changed: Some(Changed {
            opened: text(&change.opened()),
            closed: text(&change.closed()),
            unknown: text(&change.unknown()),
        }),
        before: Some(sets(&change.before, families)),
        after: Some(sets(&change.after, families)),
        ..Row::new(names.all(from), ends, short)
    }
}

/// Which pairs are in a situation, if that are not simply all.
fn which(situation: Situation, is_product: bool) -> &'static str {
    use Relation::{Itself, MaybeOwnNode, OwnNode, Strangers};
    let Situation { base, head } = situation;
    let Some(now) = head.or(base) else { return "" };
    match (base.unwrap_or(now), now) {
        (OwnNode, OwnNode) => " on the same node",
        (MaybeOwnNode, MaybeOwnNode) => " perhaps on the same node",
        (Strangers, Strangers) if !is_product => " on another node",
        (OwnNode, MaybeOwnNode) => " on the same node before, perhaps now",
        (MaybeOwnNode, OwnNode) => " on the same node now, perhaps before",
        (OwnNode, Strangers) => " on the same node before, not now",
        (MaybeOwnNode, Strangers) => " perhaps on the same node before, not now",
        (Strangers, OwnNode) => " on the same node now, not before",
        (Strangers, MaybeOwnNode) => " perhaps on the same node now, not before",
        (Strangers, Strangers) | (Itself, _) | (_, Itself) => "",
    }
}

/// What passes more, or at least may; where it only passes for certain now, that.
fn more(change: &Change) -> ConnSet {
    let opened = change.opened();
    if opened.is_empty() {
        change.after.passes.or(&change.after.open).minus(&change.before.open)
    } else {
        opened
    }
}

fn of_alone(names: &Names<'_>, alone: &Alone) -> Row {
    let Alone { presence, units, talks, pairs } = alone;
    let passing = |change: &Change| match presence {
        Presence::Added => change.after.clone(),
        Presence::Removed => change.before.clone(),
    };
    let told = talks.iter().map(|talk| {
        let families = names.families(&talk.change);
        TalkTold {
            direction: talk.direction.to_string(),
            with: names.all(&talk.peers),
            relation: talk.change.situation.head.or(talk.change.situation.base).map_or("", answer::relation),
            sets: sets(&passing(&talk.change), families),
        }
    });
    let mut parts = Vec::new();
    for direction in [Direction::Ingress, Direction::Egress] {
        let mut with: Vec<Unit> = Vec::new();
        let (mut all, mut families) = (Vec::new(), Families::NONE);
        let (mut certain, mut open) = (false, false);
        for talk in talks.iter().filter(|talk| talk.direction == direction && !talk.is_itself()) {
            with.extend(talk.peers.iter().cloned());
            let passing = passing(&talk.change);
            certain |= !passing.passes.is_empty();
            open |= !passing.open.is_empty();
            all.push(passing.passes.or(&passing.open));
            families = families.or(names.families(&talk.change));
        }
        with.sort_unstable();
        with.dedup();
        all.dedup();
        if !with.is_empty() {
            let union = all.iter().fold(ConnSet::none(), |union, set| union.or(set));
            let sign = if all.len() > 1 { TOGETHER } else { "" };
            let doubt = match (certain, open) {
                (_, false) => "",
                (false, true) => ", perhaps",
                (true, true) => ", some of it perhaps",
            };
            let preposition = if direction == Direction::Ingress { "from" } else { "to" };
            parts.push(format!(
                "{sign}{} {preposition} {}{doubt}",
                brief(&union, families),
                names.few(&with)
            ));
        }
    }
    let short = if parts.is_empty() { "talks to nobody".to_owned() } else { parts.join("; ") };
    let talks = told.collect();
    Row { pairs: *pairs, talks, ..Row::new(names.all(units), [names.few(units), String::new()], short) }
}

fn of_isolation(names: &Names<'_>, isolated: &Isolated) -> Row {
    let Isolated { direction, units, before, after } = isolated;
    let name = match direction {
        Direction::Egress => "egress",
        Direction::Ingress => "ingress",
    };
    let maybe = match (before, after) {
        (_, Isolation::Maybe) => ", perhaps",
        (Isolation::Maybe, _) => ", for certain",
        _ => "",
    };
    let short = format!("for {name}{maybe}");
    let row = Row::new(names.all(units), [names.few(units), String::new()], short);
    Row { direction: Some(name), ..row }
}

fn sets(passing: &Passing, families: Families) -> Sets {
    Sets { passes: passing.passes.text(families), open: passing.open.text(families) }
}

/// Connections in a few words: what they leave out, where that is shorter.
fn brief(set: &ConnSet, families: Families) -> String {
    let text = set.text(families);
    let others = ConnSet::all(families).minus(set);
    if others.is_empty() || set.is_empty() {
        return text;
    }
    let rest = format!("all but {}", others.text(families));
    if rest.len() < text.len() { rest } else { text }
}
