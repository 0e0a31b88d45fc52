//! Rows: for a class as subject in one direction, what each peer class may exchange with it.
//!
//! Classes that the same policies select share a row (for ingress, if their ports also resolve the
//! names that those policies use alike), so there are far fewer rows than classes. A cell of the
//! matrix is `egress_row(from)[to] ∩ ingress_row(to)[from]`, computed when asked for.

mod build;
mod row;

use np_model::Model;
use np_model::conn::ConnTable;
use np_model::ir::Direction;
use np_model::model::{ClassId, PortNameId, ResolvedId, ResolvedNamesId, SelectingId};
use rustc_hash::FxHashMap;

pub(crate) use build::Builder;
pub(crate) use row::{Bounds, Row};

/// Which classes share a row in one direction.
#[derive(Debug)]
pub(crate) struct Sharing {
    direction: Direction,
    /// By class: its row; `None` if nothing isolates it.
    of_class: Vec<Option<u32>>,
    /// By row: a class that has it.
    examples: Vec<ClassId>,
}

impl Sharing {
    /// Finds it out; a step for each class.
    pub(crate) fn of(model: &Model, direction: Direction) -> Self {
        let of_class = Vec::with_capacity(model.class_ids().len());
        let mut sharing = Self { direction, of_class, examples: Vec::new() };
        let uses_names = policies_with_names(model, direction);
        let mut by_selecting: FxHashMap<SelectingId, Shared> = FxHashMap::default();
        let mut by_look: FxHashMap<(SelectingId, ResolvedNamesId), u32> = FxHashMap::default();
        let mut by_key: FxHashMap<(SelectingId, Vec<(PortNameId, ResolvedId)>), u32> = FxHashMap::default();
        for class in model.class_ids() {
            let selecting = model.selecting_id(class, direction);
            let examples = &mut sharing.examples;
            let next = u32::try_from(examples.len()).expect("no more rows than classes");
            let shared = by_selecting.entry(selecting).or_insert_with(|| {
                let set = model.selecting_set(selecting);
                let mut policies = set.certain.iter().chain(&set.maybe);
                if set.is_empty() {
                    Shared::NoRow
                } else if policies.any(|policy| uses_names[policy.index()]) {
                    Shared::ByNames(names(model, selecting, direction))
                } else {
                    examples.push(class);
                    Shared::Row(next)
                }
            });
            sharing.of_class.push(match shared {
                Shared::NoRow => None,
                Shared::Row(row) => Some(*row),
                Shared::ByNames(names) => {
                    let look = (selecting, model.resolved_names_id(class));
                    Some(*by_look.entry(look).or_insert_with(|| {
                        let resolved =
                            names.iter().filter_map(|name| Some((*name, model.resolve(class, *name)?)));
                        let row = *by_key.entry((selecting, resolved.collect())).or_insert(next);
                        if row == next {
                            examples.push(class);
                        }
                        row
                    }))
                }
            });
        }
        sharing
    }

    /// How many rows there are.
    pub(crate) fn len(&self) -> usize {
        self.examples.len()
    }

    /// The row of a class, the same for classes that share it; `None` if nothing isolates it.
    pub(crate) fn row(&self, class: ClassId) -> Option<u32> {
        self.of_class[class.index()]
    }

    /// Builds a row.
    pub(crate) fn build(&self, builder: &mut Builder<'_>, table: &mut ConnTable, row: u32) -> Row {
        builder.row(table, self.examples[row as usize], self.direction)
    }
}

/// What classes share that the same policies select.
enum Shared {
    /// Nothing isolates them.
    NoRow,
    Row(u32),
    /// Their ingress rows are told apart by what these mean on them.
    ByNames(Vec<PortNameId>),
}

/// By policy: whether it opens port names on its subjects.
fn policies_with_names(model: &Model, direction: Direction) -> Vec<bool> {
    let uses_names = |policy| {
        let rules = model.indexed_rules(policy, Direction::Ingress).iter();
        direction == Direction::Ingress
            && rules.into_iter().any(|rule| !model.ports(rule.ports).named.is_empty())
    };
    model.policy_ids().map(uses_names).collect()
}

/// The port names that the policies which select an ingress subject use.
pub(crate) fn names(model: &Model, selecting: SelectingId, direction: Direction) -> Vec<PortNameId> {
    if direction == Direction::Egress {
        return Vec::new();
    }
    let selecting = model.selecting_set(selecting);
    let policies = selecting.certain.iter().chain(&selecting.maybe);
    let rules = policies.flat_map(|policy| model.indexed_rules(*policy, direction));
    let mut names: Vec<_> = rules.flat_map(|rule| &model.ports(rule.ports).named).copied().collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The rows of both directions, over one table of connection sets.
#[derive(Debug)]
pub(crate) struct Rows {
    directions: [(Sharing, Vec<Row>); 2],
}

impl Rows {
    /// Computes all rows; for each, a few words of bits per 64 classes and peer of its policies.
    pub(crate) fn build(model: &Model, table: &mut ConnTable) -> Self {
        let mut builder = Builder::new(model, table);
        Self {
            directions: Direction::BOTH.map(|direction| {
                let sharing = Sharing::of(model, direction);
                let ids = 0..u32::try_from(sharing.len()).expect("no more rows than classes");
                let rows = ids.map(|row| sharing.build(&mut builder, table, row)).collect();
                (sharing, rows)
            }),
        }
    }

    /// The row of a class, the same for classes that share it; `None` if nothing isolates it.
    pub(crate) fn row(&self, direction: Direction, class: ClassId) -> Option<u32> {
        self.directions[direction as usize].0.row(class)
    }

    /// A row.
    pub(crate) fn get(&self, direction: Direction, row: u32) -> &Row {
        &self.directions[direction as usize].1[row as usize]
    }

    /// All rows of a direction, by number.
    pub(crate) fn all(&self, direction: Direction) -> &[Row] {
        &self.directions[direction as usize].1
    }

    /// What `subject`'s policies in `direction` let pass with `peer`.
    pub(crate) fn bounds(&self, direction: Direction, subject: ClassId, peer: ClassId) -> Bounds {
        let (sharing, rows) = &self.directions[direction as usize];
        sharing.row(subject).map_or(Bounds::ALL, |row| rows[row as usize].at(peer))
    }
}
