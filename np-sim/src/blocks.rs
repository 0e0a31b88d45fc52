//! Cells over many pairs of ordinary pods, without looking at the pairs.
//!
//! Of two sides, let `A` be the classes of one that share an egress row, and `B` those of the other that
//! share an ingress row. What the row of `A` gives a destination depends on the destination alone, and
//! what the row of `B` gives a source on the source alone. So over `A × B` every value of the one meets
//! every value of the other, and which values there are is asked of sets of classes.

use np_model::Model;
use np_model::addr::Families;
use np_model::conn::{ConnId, ConnTable};
use np_model::ir::Direction;
use np_model::model::{ClassId, ClassKind, ClassSet, PodId};
use rustc_hash::FxHashMap;

use crate::members::Part;
use crate::rows::{Bounds, Rows};

/// Classes of one side that share a row and their families.
#[derive(Debug, Clone)]
struct Team {
    row: Option<u32>,
    families: Families,
    classes: ClassSet,
}

/// A side of ordinary pods, by what they share.
#[derive(Debug, Clone)]
pub(crate) struct Teams {
    egress: Vec<Team>,
    ingress: Vec<Team>,
    /// Classes that a single pod is all of on this side, if it does not stand for several.
    alone: FxHashMap<ClassId, PodId>,
    /// The same classes as a set.
    single: ClassSet,
}

impl Teams {
    /// Of the parts of a side; `None` if some of them are no ordinary pods.
    pub(crate) fn of(model: &Model, rows: &Rows, parts: &[Part]) -> Option<Self> {
        if parts.iter().any(|part| model.class(part.class).kind != ClassKind::Pods) {
            return None;
        }
        let [egress, ingress] = Direction::BOTH.map(|direction| {
            let mut teams: Vec<Team> = Vec::new();
            let mut by_key: FxHashMap<(Option<u32>, Families), usize> = FxHashMap::default();
            for part in parts {
                let (row, families) = (rows.row(direction, part.class), model.class(part.class).families);
                let at = *by_key.entry((row, families)).or_insert(teams.len());
                if at == teams.len() {
                    teams.push(Team { row, families, classes: ClassSet::default() });
                }
                teams[at].classes.insert(part.class);
            }
            teams
        });
        let single = |part: &Part| match part.pods.as_slice() {
            [pod] if !model.pod(*pod).is_several() => Some((part.class, *pod)),
            _ => None,
        };
        let mut alone: Vec<(ClassId, PodId)> = parts.iter().filter_map(single).collect();
        alone.sort_unstable();
        let single = alone.iter().map(|(class, _)| *class).collect();
        Some(Self { egress, ingress, alone: alone.into_iter().collect(), single })
    }
}

/// What becomes of the pairs of two sides.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Met {
    pub(crate) egress: Bounds,
    pub(crate) ingress: Bounds,
    pub(crate) families: Families,
}

/// Calls `each` once for all pairs of two sides that have the same bounds and families in common.
pub(crate) fn meet(rows: &Rows, from: &Teams, to: &Teams, mut each: impl FnMut(Met)) {
    let is_same = |class: &ClassId| from.alone.get(class) == to.alone.get(class);
    let shared: Vec<ClassId> = from.single.and(&to.single).iter().filter(is_same).collect();
    for a in &from.egress {
        for b in &to.ingress {
            let families = a.families.and(b.families);
            let gives = values(rows, Direction::Egress, a.row, &b.classes);
            let takes = values(rows, Direction::Ingress, b.row, &a.classes);
            for (egress, destinations) in &gives {
                for (ingress, sources) in &takes {
                    // A pod and itself is no pair.
                    let is_itself = |class: &&ClassId| {
                        a.classes.contains(**class)
                            && b.classes.contains(**class)
                            && rows.bounds(Direction::Egress, **class, **class) == *egress
                            && rows.bounds(Direction::Ingress, **class, **class) == *ingress
                    };
                    if destinations * sources > shared.iter().filter(is_itself).count() {
                        each(Met { egress: *egress, ingress: *ingress, families });
                    }
                }
            }
        }
    }
}

/// The different bounds that a row gives some classes, and how many of them have each.
fn values(rows: &Rows, direction: Direction, row: Option<u32>, classes: &ClassSet) -> Vec<(Bounds, usize)> {
    let mut left = classes.len();
    let Some(row) = row.map(|row| rows.get(direction, row)) else { return vec![(Bounds::ALL, left)] };
    let mut found = Vec::new();
    for layer in &row.layers {
        let count = layer.classes.count_common(classes);
        if count > 0 {
            found.push((layer.bounds, count));
            left -= count;
        }
    }
    if left > 0 {
        found.push((row.rest, left));
    }
    found
}

/// What certainly and possibly passes, is open and is blocked of `all`.
pub(crate) fn divide(table: &mut ConnTable, met: Met, all: ConnId) -> [ConnId; 3] {
    let Bounds { certain, possible } = met.egress.and(met.ingress, table);
    let (certain, possible) = (table.and(certain, all), table.and(possible, all));
    [certain, table.minus(possible, certain), table.minus(all, possible)]
}
