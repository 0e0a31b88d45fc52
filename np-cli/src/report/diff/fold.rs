//! Lines that say the same of one namespace after another, as one for people to read: a policy that every namespace has
//! changes in all of them alike.

use np_model::Model;
use np_sim::review::Unit;
use rustc_hash::{FxHashMap, FxHashSet};

use super::Row;
use super::decider::Who;
use super::names::Names;

/// Lines told as one.
#[derive(Debug, Clone)]
pub(crate) struct Folded {
    /// By position among the lines, the first one first.
    rows: Vec<usize>,
    /// The ends of all of them in a few words.
    pub(super) ends: [String; 2],
}

/// Which end is in another namespace from line to line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Over {
    From,
    To,
    /// Both, which are in the same one.
    Both,
}

/// What lines have in common that become one: what happens, who decides it, and the end that stays.
type Key<'r> = (Over, [Option<&'r str>; 5], [&'r [&'static str]; 2], Vec<String>, [Vec<&'r str>; 2]);

/// Folds lines: those that say the same of several namespaces where the first of them stands.
pub(super) fn fold(models: [&Model; 2], names: &Names<'_>, rows: &[Row]) -> Vec<Folded> {
    let mut groups: Vec<(Option<Over>, Vec<usize>)> = Vec::new();
    let mut places: FxHashMap<Key<'_>, usize> = FxHashMap::default();
    for (at, row) in rows.iter().enumerate() {
        let Some((over, namespace)) = varying(models, row) else {
            groups.push((None, vec![at]));
            continue;
        };
        let place = *places.entry(key(row, over, namespace)).or_insert(groups.len());
        match groups.get_mut(place) {
            Some((_, group)) => group.push(at),
            None => groups.push((Some(over), vec![at])),
        }
    }
    let told = |(over, group): (Option<Over>, Vec<usize>)| Folded {
        ends: match over.filter(|_| group.len() > 1) {
            Some(over) => ends(models, names, rows, (over, &group)),
            None => rows[group[0]].ends.clone(),
        },
        rows: group,
    };
    groups.into_iter().map(told).collect()
}

/// The end that may differ between lines, and the namespace that it is in.
fn varying<'m>(models: [&'m Model; 2], row: &Row) -> Option<(Over, &'m str)> {
    let namespaces = row.units.each_ref().map(|units| only_namespace(models, units));
    match namespaces {
        _ if row.accepted.is_some() => None,
        [Some(from), Some(to)] if from == to => Some((Over::Both, from)),
        [Some(from), _] => Some((Over::From, from)),
        [None, Some(to)] => Some((Over::To, to)),
        [None, None] => None,
    }
}

/// The namespace that all of some units are in.
fn only_namespace<'m>([base, head]: [&'m Model; 2], units: &[Unit]) -> Option<&'m str> {
    let mut all = units.iter().map(|unit| unit.namespace(base, head));
    let first = all.next()??;
    all.all(|other| other == Some(first)).then_some(first)
}

fn key<'r>(row: &'r Row, over: Over, namespace: &str) -> Key<'r> {
    let deciders = row.changed_by().map(|who| shape(who, namespace)).collect();
    let all = |names: &'r [String]| names.iter().map(String::as_str).collect();
    let stays = match over {
        Over::From => [Vec::new(), all(&row.to)],
        Over::To => [all(&row.from), Vec::new()],
        // Who talks to whom must be the same, the namespace aside.
        Over::Both => [within(&row.from, namespace), within(&row.to, namespace)],
    };
    let words = [Some(row.change), Some(row.short.as_str()), row.direction, row.relation, Some(row.which)];
    (over, words, [&row.risks, &row.fails], deciders, stays)
}

/// Names without the namespace that they are all in.
fn within<'r>(names: &'r [String], namespace: &str) -> Vec<&'r str> {
    let inside = |name: &'r String| name.strip_prefix(namespace)?.strip_prefix('/');
    names.iter().map(|name| inside(name).unwrap_or(name)).collect()
}

/// A decider without the namespace that differs.
fn shape(who: &Who, namespace: &str) -> String {
    let own = who.policy.as_deref().and_then(|policy| policy.strip_prefix(namespace)?.strip_prefix('/'));
    let said = who.message.strip_prefix(namespace).filter(|_| own.is_some()).unwrap_or(&who.message);
    format!("{said} {} {}", who.side, who.direction.unwrap_or_default())
}

/// Up to how many names are told.
const FEW: usize = 3;

fn ends(
    models: [&Model; 2],
    names: &Names<'_>,
    rows: &[Row],
    (over, group): (Over, &[usize]),
) -> [String; 2] {
    let united = |end: usize| {
        let mut units: Vec<Unit> = group.iter().flat_map(|at| rows[*at].units[end].iter().cloned()).collect();
        units.sort_unstable();
        units.dedup();
        names.few(&units)
    };
    let first = &rows[group[0]];
    let [from, to] = first.ends.clone();
    match over {
        Over::From => [united(0), to],
        Over::To => [from, united(1) + first.which],
        Over::Both if to.is_empty() => [united(0), to],
        Over::Both => {
            let namespace = only_namespace(models, &first.units[1]).unwrap_or_default();
            let inside = match within(&first.to, namespace).as_slice() {
                few if few.len() <= FEW => few.join(", "),
                many => format!("{} of those", many.len()),
            };
            [united(0), format!("{inside} in their own namespace{}", first.which)]
        }
    }
}

impl Folded {
    /// The first of the lines.
    pub(super) fn first<'r>(&self, rows: &'r [Row]) -> &'r Row {
        &rows[self.rows[0]]
    }

    /// How many deciders there are behind the first one.
    pub(super) fn further(&self, rows: &[Row]) -> usize {
        let all = self.rows.iter().flat_map(|at| rows[*at].changed_by());
        let distinct: FxHashSet<_> = all.map(|who| (&who.message, who.direction)).collect();
        distinct.len().saturating_sub(1)
    }

    /// Who is meant by each end.
    pub(super) fn names(&self, rows: &[Row]) -> [Vec<String>; 2] {
        let of = |end: for<'r> fn(&'r Row) -> &'r Vec<String>| {
            let mut names: Vec<String> =
                self.rows.iter().flat_map(|at| end(&rows[*at]).iter().cloned()).collect();
            if self.rows.len() > 1 {
                names.sort_unstable();
                names.dedup();
            }
            names
        };
        [of(|row| &row.from), of(|row| &row.to)]
    }
}
