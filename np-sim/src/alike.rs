//! Which cells are the same, a row at a time: so whoever lists very many of them asks for each but once.
//!
//! The cell of two different ordinary pods is decided by what the egress row of the source gives the
//! destination, what the ingress row of the destination gives the source, and the families that both
//! have. There are few different such triples. They get numbers here, class by class: what a row gives is
//! spread out once for all that share it, and what it takes is looked up once for each ingress row.

use np_model::Model;
use np_model::ir::Direction;
use np_model::model::ClassId;
use rustc_hash::FxHashMap;

use crate::rows::{Bounds, Rows};

/// Numbers for pairs of classes.
#[derive(Debug, Default)]
pub(crate) struct Alike {
    bounds: FxHashMap<Bounds, u32>,
    /// By what is given, taken, and the families.
    pairs: FxHashMap<(u32, u32, u8), u32>,
    /// By class: what the egress row of the last source gives it; empty if there was none.
    gives: Vec<u32>,
    /// That row.
    egress: Option<u32>,
    /// By ingress row: what it takes from the last source.
    takes: Vec<u32>,
}

impl Alike {
    /// Puts the numbers of the pairs of `source` with every class into `numbers`, by class.
    pub(crate) fn fill(&mut self, model: &Model, rows: &Rows, source: ClassId, numbers: &mut Vec<u32>) {
        let egress = rows.row(Direction::Egress, source);
        if self.gives.is_empty() || self.egress != egress {
            self.spread(rows, egress, model.classes().len());
        }
        let Self { bounds, pairs, gives, takes, .. } = self;
        let mut number = |of: Bounds| next(bounds, of);
        takes.clear();
        takes.extend(rows.all(Direction::Ingress).iter().map(|row| number(row.at(source))));
        let (open, families) = (number(Bounds::ALL), model.class(source).families);
        let mut last = ((u32::MAX, u32::MAX, 0), 0);
        numbers.clear();
        numbers.extend(model.class_ids().zip(gives).map(|(class, gives)| {
            let takes = rows.row(Direction::Ingress, class).map_or(open, |row| takes[row as usize]);
            let common = model.class(class).families.and(families);
            let bits = common.iter().fold(0, |bits, family| bits | 1 << family as u8);
            let key = (*gives, takes, bits);
            // Neighbours are mostly alike.
            if last.0 != key {
                last = (key, next(pairs, key));
            }
            last.1
        }));
    }

    /// Spreads out what a row gives to each class.
    fn spread(&mut self, rows: &Rows, row: Option<u32>, classes: usize) {
        self.egress = row;
        let row = row.map(|row| rows.get(Direction::Egress, row));
        let rest = next(&mut self.bounds, row.map_or(Bounds::ALL, |row| row.rest));
        self.gives.clear();
        self.gives.resize(classes, rest);
        for layer in row.iter().flat_map(|row| &row.layers) {
            let bounds = next(&mut self.bounds, layer.bounds);
            for class in layer.classes.iter() {
                self.gives[class.index()] = bounds;
            }
        }
    }
}

/// The number of a key, counted up as keys are met.
fn next<K: std::hash::Hash + Eq>(numbers: &mut FxHashMap<K, u32>, key: K) -> u32 {
    let next = u32::try_from(numbers.len()).expect("fewer than 2^32 different cells");
    *numbers.entry(key).or_insert(next)
}
