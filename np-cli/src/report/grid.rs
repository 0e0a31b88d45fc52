//! The cells of a matrix, as every format asks for them: by row and column, each different content
//! put into words once.

use std::collections::BTreeMap;
use std::mem;

use np_model::addr::Families;
use np_model::conn::{ConnId, ConnSet};
use np_sim::matrix::{Cell, DeniedBy};
use np_sim::{Endpoint, Matrix, Verdict};
use rustc_hash::FxHashMap;

use super::changes::WhatIf;
use super::line::{Kind, Kinds};
pub(crate) use super::line::{Line, Taking};
use crate::progress::Progress;

/// What to show in cells and which to show.
#[derive(Debug)]
pub(crate) struct Grid<'m> {
    matrix: Matrix<'m>,
    /// The sources.
    pub(crate) rows: Vec<Line>,
    /// The destinations.
    pub(crate) columns: Vec<Line>,
    asked: Option<ConnSet>,
    /// What was asked about, in the matrix's table.
    asked_id: ConnId,
    known: FxHashMap<Key, ContentId>,
    contents: Vec<Content>,
    /// Contents of the last row by the columns' signatures: rows that are alike follow each other.
    alike: Alike,
    /// The last key looked up, as neighbours mostly repeat it.
    last: Option<(Key, ContentId)>,
    /// Cells in which something is unknown, a few of them.
    open: Vec<(usize, usize)>,
    /// What decides of each column how its cells are found.
    looks: Vec<Look>,
    /// By class: which pairs with that of the row are alike.
    numbers: Vec<u32>,
    /// Contents by those numbers.
    numbered: Vec<Option<ContentId>>,
    /// How many rows have been asked for.
    progress: Progress,
    /// What changes of the input do that were asked for.
    pub(crate) what_if: Option<&'m WhatIf>,
}

/// How the cells of a column are found.
#[derive(Debug, Clone, Copy)]
struct Look {
    kind: Kind,
    is_wanted: bool,
}

/// What is known of the cells of rows with one signature.
#[derive(Debug, Default)]
struct Alike {
    row: Option<u32>,
    /// By the signature of the column.
    contents: Vec<Option<ContentId>>,
}

impl Alike {
    /// What a cell holds, if it is known.
    fn get(&mut self, row: u32, column: u32) -> Option<ContentId> {
        if self.row.replace(row) != Some(row) {
            self.contents.fill(None);
        }
        self.contents.get(column as usize).copied().flatten()
    }

    fn set(&mut self, column: u32, content: ContentId) {
        let column = column as usize;
        if self.contents.len() <= column {
            self.contents.resize(column + 1, None);
        }
        self.contents[column] = Some(content);
    }
}

/// What makes two cells the same in words.
type Key = (Cell, Families, Option<By>);

/// How many cells with something unknown are remembered.
const OPEN_CELLS: usize = 500;

/// Which directions deny, as a key.
type By = (bool, bool);

/// Names what a cell holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ContentId(u32);

impl ContentId {
    /// Contents are numbered from 0 as they are met.
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// What a cell holds, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Content {
    /// What passes for every pair.
    pub(crate) every: String,
    /// What passes for some pairs.
    pub(crate) some: String,
    /// What is unknown for some pair.
    pub(crate) unknown: String,
    /// If a port was asked about: what becomes of it.
    pub(crate) verdict: Option<Verdict>,
    /// If it is denied: by which directions.
    pub(crate) denied_by: Option<DeniedBy>,
    /// Whether the only pair is one pod and itself.
    pub(crate) is_itself: bool,
    /// Whether something is unknown, of what was asked.
    is_open: bool,
}

impl Content {
    /// Whether nothing passes and nothing is unknown.
    pub(crate) fn is_nothing(&self) -> bool {
        [&self.every, &self.some, &self.unknown].into_iter().all(|set| set == "-")
    }
}

impl<'m> Grid<'m> {
    /// How many policies were left out on request, by kind.
    pub(crate) fn ignored_kinds(&self) -> &'m BTreeMap<String, usize> {
        self.matrix.model().ignored_kinds()
    }

    /// A grid of sources and destinations; `asked` are the connections to ask about.
    pub(crate) fn new(
        mut matrix: Matrix<'m>,
        from: &[Taking],
        to: &[Taking],
        asked: Option<ConnSet>,
        progress: Progress,
    ) -> Self {
        let mut kinds = Kinds::default();
        let mut lines = |ends: &[Taking]| ends.iter().map(|end| kinds.line(&matrix, end)).collect::<Vec<_>>();
        let (rows, columns) = (lines(from), lines(to));
        let looks = columns.iter().map(|to| Look { kind: to.kind, is_wanted: to.is_wanted }).collect();
        Self {
            asked_id: asked.clone().map_or(ConnId::ALL, |asked| matrix.intern(asked)),
            matrix,
            rows,
            columns,
            asked,
            known: FxHashMap::default(),
            contents: Vec::new(),
            alike: Alike::default(),
            last: None,
            open: Vec::new(),
            looks,
            numbers: Vec::new(),
            numbered: Vec::new(),
            progress,
            what_if: None,
        }
    }

    /// Puts what the cells of a row hold into `cells`, a cell for each column; nothing for those that are
    /// not to be shown.
    ///
    /// Cells that are alike are computed once, by the first of them.
    pub(crate) fn row(&mut self, row: usize, cells: &mut Vec<Option<ContentId>>) {
        self.progress.done(row);
        cells.clear();
        let Line { kind, is_wanted, .. } = self.rows[row];
        let Some(class) = kind.class else {
            return cells.extend((0..self.columns.len()).map(|column| self.cell(row, column)));
        };
        let (looks, mut numbers) = (mem::take(&mut self.looks), mem::take(&mut self.numbers));
        self.matrix.alike(class, &mut numbers);
        cells.extend(looks.iter().enumerate().map(|(column, look)| {
            let number = match look.kind.class {
                Some(class) if look.kind.is_apart(kind) => numbers[class.index()] as usize,
                _ => return self.cell(row, column),
            };
            if !(is_wanted || look.is_wanted) {
                return None;
            }
            if let Some(id) = self.numbered.get(number).copied().flatten() {
                if self.contents[id.index()].is_open {
                    self.remember_open(row, column);
                }
                return Some(id);
            }
            let id = self.cell(row, column);
            self.numbered.resize(self.numbered.len().max(number + 1), None);
            self.numbered[number] = id;
            id
        }));
        (self.looks, self.numbers) = (looks, numbers);
    }

    /// Ends what is shown of the progress: all rows have been written.
    pub(crate) fn end(&mut self) {
        self.progress = Progress::default();
    }

    /// What the cell of a row and a column holds; nothing if it is not to be shown.
    fn cell(&mut self, row: usize, column: usize) -> Option<ContentId> {
        let (from, to) = (&self.rows[row], &self.columns[column]);
        if from.is_external && to.is_external || !(from.is_wanted || to.is_wanted) {
            return None;
        }
        let signatures = match (from.kind.signature, to.kind.signature) {
            (Some(a), Some(b)) if from.kind.is_apart(to.kind) => Some((a, b)),
            _ => None,
        };
        if let Some(id) = signatures.and_then(|(row, column)| self.alike.get(row, column)) {
            return Some(id);
        }
        let cell = self.matrix.ask(&from.party, &to.party, self.asked_id);
        let families = from.families.and(to.families);
        let denied_by = self.denied_by(row, column, cell);
        let key = (cell, families, denied_by.map(|by| (by.egress, by.ingress)));
        let id = self.named(key, denied_by)?;
        if cell.open != ConnId::NONE {
            self.remember_open(row, column);
        }
        if let Some((_, column)) = signatures {
            self.alike.set(column, id);
        }
        Some(id)
    }

    fn remember_open(&mut self, row: usize, column: usize) {
        if self.open.len() < OPEN_CELLS {
            self.open.push((row, column));
        }
    }

    /// Some cells in which something is unknown.
    pub(crate) fn open_cells(&self) -> impl Iterator<Item = (&Endpoint, &Endpoint)> {
        self.open.iter().map(|(row, column)| (&self.rows[*row].endpoint, &self.columns[*column].endpoint))
    }

    /// Which directions deny what was asked; nothing unless all of it is denied.
    fn denied_by(&mut self, row: usize, column: usize, cell: Cell) -> Option<DeniedBy> {
        if self.asked.is_none() || cell.is_itself || [cell.passes, cell.open] != [ConnId::NONE; 2] {
            return None;
        }
        Some(self.matrix.denied_by(&self.rows[row].party, &self.columns[column].party, self.asked_id))
    }

    /// The id of a content, which is put into words if it is new.
    fn named(&mut self, key: Key, denied_by: Option<DeniedBy>) -> Option<ContentId> {
        if let Some((last, id)) = self.last
            && last == key
        {
            return Some(id);
        }
        let id = if let Some(id) = self.known.get(&key) {
            *id
        } else {
            let content = self.put(key.0, key.1, denied_by);
            let id = ContentId(u32::try_from(self.contents.len()).ok()?);
            self.contents.push(content);
            self.known.insert(key, id);
            id
        };
        self.last = Some((key, id));
        Some(id)
    }

    /// The content that an id names.
    pub(crate) fn content(&self, id: ContentId) -> &Content {
        &self.contents[id.index()]
    }

    /// The connections asked about, if not everything.
    pub(crate) fn port(&self) -> Option<String> {
        self.asked.as_ref().map(|asked| asked.text(Families::BOTH))
    }

    fn put(&self, cell: Cell, families: Families, denied_by: Option<DeniedBy>) -> Content {
        let outcome = self.matrix.outcome(cell);
        let text = |set: &ConnSet| set.text(families);
        Content {
            every: text(&outcome.every()),
            some: text(&outcome.some()),
            unknown: text(&outcome.open),
            verdict: self.asked.as_ref().map(|_| outcome.verdict()),
            denied_by,
            is_itself: cell.is_itself,
            is_open: cell.open != ConnId::NONE,
        }
    }
}
