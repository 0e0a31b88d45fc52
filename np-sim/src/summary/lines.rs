//! Lines: pods that share a row in a direction and their families.

use np_model::Model;
use np_model::addr::Families;
use np_model::conn::ConnTable;
use np_model::groups::Groups;
use np_model::ir::Direction;
use np_model::model::{ClassId, ClassKind};
use rustc_hash::FxHashMap;

use crate::rows::{Bounds, Builder, Row, Sharing};

/// Names a line of one direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct LineId(u32);

impl LineId {
    pub(super) fn index(self) -> usize {
        self.0 as usize
    }

    pub(super) fn at(index: usize) -> Self {
        Self(u32::try_from(index).expect("no more lines than classes"))
    }
}

/// Ordinary pods that share a row and their families.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    /// The row; `None` if nothing isolates them.
    row: Option<u32>,
    families: Families,
}

/// A line and its members.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line {
    pub(super) families: Families,
    pub(super) pods: u64,
}

/// Classes of one line and size, among the 64 that a word of a set has bits for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Alike {
    pub(super) classes: u64,
    pub(super) line: LineId,
    /// How many pods each of them has.
    pub(super) pods: u32,
}

/// Who stands in which line of one direction.
pub(super) struct Lines {
    sharing: Sharing,
    /// By [`LineId`].
    pub(super) all: Vec<Line>,
    /// By [`LineId`]: its members.
    classes: Groups<ClassId>,
    /// By class of ordinary pods: its line, and how many pods it has.
    pub(super) of_class: Vec<(LineId, u32)>,
    /// By word of classes: those that are alike, if many are.
    alike: Vec<Option<Vec<Alike>>>,
    /// By row: its lines.
    of_row: Groups<LineId>,
}

impl Lines {
    pub(super) fn of(model: &Model, direction: Direction) -> Self {
        let sharing = Sharing::of(model, direction);
        let mut ids: FxHashMap<Key, LineId> = FxHashMap::default();
        let (mut all, mut of_row): (Vec<Line>, Vec<(usize, LineId)>) = Default::default();
        let classes = model.class_ids().len();
        let (mut of_class, mut members) = (Vec::with_capacity(classes), Vec::with_capacity(classes));
        // Classes of ordinary pods come first.
        for id in model.class_ids().take_while(|id| model.class(*id).kind == ClassKind::Pods) {
            let class = model.class(id);
            let key = Key { row: sharing.row(id), families: class.families };
            let next = LineId::at(all.len());
            let line = *ids.entry(key).or_insert(next);
            if line == next {
                of_row.push((key.row.map_or(sharing.len(), |row| row as usize), line));
                all.push(Line { families: class.families, pods: 0 });
            }
            let pods = u32::try_from(class.pods.len()).expect("fewer than 2^32 pods");
            of_class.push((line, pods));
            members.push((line.index(), id));
            all[line.index()].pods += u64::from(pods);
        }
        let classes = Groups::of(all.len(), &members, |member| *member);
        let of_row = Groups::of(sharing.len() + 1, &of_row, |line| *line);
        let alike = of_class.chunks(u64::BITS as usize).map(alike).collect();
        Self { sharing, all, classes, of_class, alike, of_row }
    }

    /// All lines.
    pub(super) fn ids(&self) -> impl Iterator<Item = LineId> + use<> {
        (0..self.all.len()).map(LineId::at)
    }

    /// How many rows there are, that of those whom nothing isolates among them, which is the last.
    pub(super) fn rows(&self) -> usize {
        self.sharing.len() + 1
    }

    /// The lines of a row.
    pub(super) fn of_row(&self, row: usize) -> &[LineId] {
        self.of_row.get(row)
    }

    /// The members of a line.
    pub(super) fn classes(&self, line: LineId) -> &[ClassId] {
        self.classes.get(line.index())
    }

    /// The classes that are alike among those of the word that starts with this one; `None` if they are better
    /// taken one by one.
    pub(super) fn alike(&self, first: usize) -> Option<&[Alike]> {
        self.alike.get(first / u64::BITS as usize)?.as_deref()
    }

    /// Builds a row.
    pub(super) fn build(&self, builder: &mut Builder<'_>, table: &mut ConnTable, row: usize) -> Row {
        match u32::try_from(row) {
            Ok(row) if (row as usize) < self.sharing.len() => self.sharing.build(builder, table, row),
            _ => Row::uniform(Bounds::ALL),
        }
    }

    /// The row of a class of hosts, whom policies that cannot be evaluated may select, but nothing else.
    pub(super) fn of_host(&self, builder: &mut Builder<'_>, table: &mut ConnTable, host: ClassId) -> Row {
        self.sharing
            .row(host)
            .map_or(Row::uniform(Bounds::ALL), |row| self.sharing.build(builder, table, row))
    }

    /// The policies that select the members of a line are those that select this class.
    pub(super) fn example(&self, line: LineId) -> ClassId {
        self.classes(line)[0]
    }
}

/// From how many on they are too many to be of use.
const MANY: usize = 16;

/// Those that are alike in one word; `None` if hardly any are.
fn alike(of_class: &[(LineId, u32)]) -> Option<Vec<Alike>> {
    let mut found: Vec<Alike> = Vec::new();
    for ((line, pods), bit) in of_class.iter().zip(0..) {
        // Those that are alike mostly follow each other.
        match found.iter().rposition(|alike| (alike.line, alike.pods) == (*line, *pods)) {
            Some(at) => found[at].classes |= 1 << bit,
            None if found.len() == MANY => return None,
            None => found.push(Alike { classes: 1 << bit, line: *line, pods: *pods }),
        }
    }
    Some(found)
}
