//! Lines of a review held against accepted changes: a line is divided where only part of it is accepted.

use np_model::Model;
use np_model::addr::Families;
use np_model::conn::ConnSet;
use np_model::model::PodId;
use np_model::refine::Aligned;
use np_sim::diff::Change;
use np_sim::review::{Line, Presence, Unit, What};

use super::allow::{About, AloneKind, Entry, Named, PairKind, Pattern};
use super::{Accepted, Allowed, Judged};
use crate::report::clean::clean;
use crate::report::diff::Note;

/// The lines in order, with what accepts them, and what there is to say about entries.
pub(super) fn lines(models: [&Model; 2], lines: &[Line], allowed: &Allowed) -> (Vec<Judged>, Vec<Note>) {
    let mut notes = Vec::new();
    let mut used = vec![false; allowed.entries.len()];
    let mut judged = Vec::new();
    for (of, line) in lines.iter().enumerate() {
        let mut left = vec![line.clone()];
        for (entry, is_used) in allowed.entries.iter().zip(&mut used) {
            let mut rest = Vec::new();
            for line in left {
                match divided(models, &line, entry) {
                    None => rest.push(line),
                    Some((accepted, others)) => {
                        *is_used = true;
                        if entry.is_over {
                            rest.push(line);
                        } else {
                            judged.push(Judged {
                                line: accepted,
                                of,
                                accepted: Some(entry.accepted()),
                                fails: Vec::new(),
                            });
                            rest.extend(others);
                        }
                    }
                }
            }
            left = rest;
        }
        judged.extend(left.into_iter().map(|line| Judged { line, of, accepted: None, fails: Vec::new() }));
    }
    for (entry, is_used) in allowed.entries.iter().zip(used) {
        let message = match (&entry.expires, is_used) {
            (Some(date), _) if entry.is_over => format!("expired on {date}, and accepts nothing any more"),
            (_, false) => match entry.about.nobody(models) {
                Some(name) => format!("accepts nothing: neither side has `{}`", clean(name)),
                None => "accepts nothing: no change is as it says".to_owned(),
            },
            _ => continue,
        };
        notes.push(Note::at(format!("accepted change {message}"), Some(entry.place.clone())));
    }
    (judged, notes)
}

impl Entry {
    fn accepted(&self) -> Accepted {
        Accepted {
            reason: self.reason.clone(),
            expires: self.expires.map(|date| date.to_string()),
            place: self.place.clone(),
        }
    }
}

impl About {
    /// A name of it that is nobody's in either model.
    fn nobody(&self, models: [&Model; 2]) -> Option<&str> {
        let patterns: Vec<&Pattern> = match self {
            Self::Alone { workload, .. } => vec![workload],
            Self::Pairs { from, to, .. } => {
                let names = [from, to].into_iter().filter_map(|end| match end {
                    Named::Names(pattern) => Some(pattern),
                    Named::Addresses(_) => None,
                });
                names.collect()
            }
        };
        let is_nobody = |pattern: &&Pattern| !models.iter().any(|model| means_somebody(model, pattern));
        patterns.into_iter().find(is_nobody).map(Pattern::text)
    }
}

/// Whether a pattern is like the name of a workload, a pod or a node; a star means no pods of workloads.
fn means_somebody(model: &Model, pattern: &Pattern) -> bool {
    let is_named = |id: &PodId| model.pod(*id).workload.is_none() || !pattern.text().contains('*');
    model.workload_ids().any(|id| pattern.means(&model.workload_name(id)))
        || model.pod_ids().filter(is_named).any(|id| pattern.means(&model.pod_name(id)))
        || model.nodes().iter().any(|node| pattern.means(&format!("node/{}", node.name)))
}

/// The part of a line that an entry accepts, and the rest; `None` if it accepts nothing of it.
fn divided(models: [&Model; 2], line: &Line, entry: &Entry) -> Option<(Line, Vec<Line>)> {
    let all = ConnSet::all(Families::BOTH);
    let part = |from: &[Unit], to: &[Unit], connections: &ConnSet| line.part(models, from, to, connections);
    match (&entry.about, &line.what) {
        (About::Pairs { from, to, ports, kind }, What::Between(between)) => {
            let [sources, others] = split(models, from, &between.from);
            let [destinations, beyond] = split(models, to, &between.to);
            let (wanted, changed) = changed(&between.change, *kind);
            let wanted = wanted.and(ports);
            let is_all = wanted.covers(&changed);
            let kept = if is_all { &all } else { &wanted };
            let accepted = part(&sources, &destinations, kept)?;
            let rest = [
                (!is_all).then(|| part(&sources, &destinations, &all.minus(&wanted))).flatten(),
                part(&sources, &beyond, &all),
                part(&others, &between.to, &all),
            ];
            Some((accepted, rest.into_iter().flatten().collect()))
        }
        (About::Alone { workload, kind }, What::Alone(alone)) => {
            let of_line = match alone.presence {
                Presence::Added => AloneKind::Added,
                Presence::Removed => AloneKind::Removed,
            };
            kind.is_none_or(|kind| kind == of_line).then(|| of_units(models, line, workload, &alone.units))?
        }
        (About::Alone { workload, kind }, What::Isolation(isolated)) => {
            let of_line = if isolated.is_gained() { AloneKind::Isolated } else { AloneKind::Unprotected };
            kind.is_none_or(|kind| kind == of_line)
                .then(|| of_units(models, line, workload, &isolated.units))?
        }
        _ => None,
    }
}

fn of_units(
    models: [&Model; 2],
    line: &Line,
    pattern: &Pattern,
    units: &[Unit],
) -> Option<(Line, Vec<Line>)> {
    let all = ConnSet::all(Families::BOTH);
    let (mut these, mut others) = (Vec::new(), Vec::new());
    for [inside, outside] in units.iter().map(|unit| by_name(models, pattern, unit)) {
        these.extend(inside);
        others.extend(outside);
    }
    let accepted = line.part(models, &these, &[], &all)?;
    Some((accepted, line.part(models, &others, &[], &all).into_iter().collect()))
}

/// The units that an end means, and the others.
fn split(models: [&Model; 2], named: &Named, units: &[Unit]) -> [Vec<Unit>; 2] {
    let (mut these, mut others) = (Vec::new(), Vec::new());
    for unit in units {
        let (inside, outside) = match (named, unit) {
            (Named::Addresses(range), _) => unit.split(range).into(),
            (Named::Names(pattern), _) => by_name(models, pattern, unit).into(),
        };
        these.extend(inside);
        others.extend(outside);
    }
    [these, others]
}

/// A unit that a pattern means, and what of it that does not: a workload's pods, where one of them is named.
fn by_name([base, head]: [&Model; 2], pattern: &Pattern, unit: &Unit) -> [Option<Unit>; 2] {
    match unit {
        Unit::External(_) => [None, Some(unit.clone())],
        _ if pattern.means(&unit.name(base, head)) => [Some(unit.clone()), None],
        // A star stands for workloads and pods of none.
        Unit::Workload { workload, pods, .. } if !pattern.text().contains('*') => {
            let is_meant = |pod: &Aligned<PodId>| pattern.means(&Unit::Pod(*pod).name(base, head));
            let (these, others): (Vec<_>, Vec<_>) = pods.iter().copied().partition(is_meant);
            let some =
                |pods: Vec<Aligned<PodId>>| Unit::Workload { workload: *workload, pods, is_whole: false };
            if these.is_empty() {
                [None, Some(unit.clone())]
            } else {
                [these, others].map(|pods| (!pods.is_empty()).then(|| some(pods)))
            }
        }
        _ => [None, Some(unit.clone())],
    }
}

/// The connections that change in a way, and all that change.
fn changed(change: &Change, kind: Option<PairKind>) -> (ConnSet, ConnSet) {
    let before = change.before.passes.or(&change.before.open);
    let after = change.after.passes.or(&change.after.open);
    let opened = change.opened().or(&after.minus(&before));
    let (closed, unknown) = (change.closed(), change.unknown());
    let all = opened.or(&closed).or(&unknown);
    let wanted = match kind {
        None => all.clone(),
        Some(PairKind::Opened) => opened,
        Some(PairKind::Closed) => closed,
        Some(PairKind::Unknown) => unknown,
    };
    (wanted, all)
}
