//! One row: what a subject may exchange with each class of peers, in layers.
//!
//! A rule says the same about all classes that a peer matches, so a row has few different values. It keeps
//! for each the set of classes that have it, and is built by adding what a rule gives to a set at a time:
//! all algebra is on words of bits.

use np_model::conn::{ConnId, ConnTable};
use np_model::model::{ClassId, ClassSet};

/// What certainly and possibly passes in one direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Bounds {
    pub(crate) certain: ConnId,
    pub(crate) possible: ConnId,
}

impl Default for Bounds {
    fn default() -> Self {
        Self::NONE
    }
}

impl Bounds {
    /// No policy: everything passes.
    pub(crate) const ALL: Self = Self { certain: ConnId::ALL, possible: ConnId::ALL };

    /// Nothing passes.
    pub(crate) const NONE: Self = Self { certain: ConnId::NONE, possible: ConnId::NONE };

    /// It is not known whether anything passes.
    pub(crate) const OPEN: Self = Self { certain: ConnId::NONE, possible: ConnId::ALL };

    /// These certainly pass.
    pub(crate) fn certain(connections: ConnId) -> Self {
        Self { certain: connections, possible: connections }
    }

    /// These may pass.
    pub(crate) fn maybe(connections: ConnId) -> Self {
        Self { certain: ConnId::NONE, possible: connections }
    }

    pub(crate) fn or(self, other: Self, table: &mut ConnTable) -> Self {
        Self {
            certain: table.or(self.certain, other.certain),
            possible: table.or(self.possible, other.possible),
        }
    }

    pub(crate) fn and(self, other: Self, table: &mut ConnTable) -> Self {
        Self {
            certain: table.and(self.certain, other.certain),
            possible: table.and(self.possible, other.possible),
        }
    }
}

/// Classes that have the same bounds.
#[derive(Debug, Clone)]
pub(crate) struct Layer {
    pub(crate) bounds: Bounds,
    pub(crate) classes: ClassSet,
}

/// A row: disjoint layers, and what all other classes have.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) rest: Bounds,
    pub(crate) layers: Vec<Layer>,
}

impl Row {
    /// The same with everybody.
    pub(crate) fn uniform(bounds: Bounds) -> Self {
        Self { rest: bounds, layers: Vec::new() }
    }

    /// What a class has; a step for each layer.
    pub(crate) fn at(&self, class: ClassId) -> Bounds {
        let layer = self.layers.iter().find(|layer| layer.classes.contains(class));
        layer.map_or(self.rest, |layer| layer.bounds)
    }

    /// Adds what some classes gain.
    pub(super) fn add(&mut self, table: &mut ConnTable, classes: ClassSet, gained: Bounds) {
        if gained.possible == ConnId::NONE || classes.is_empty() {
            return;
        }
        let mut left = classes;
        for at in 0..self.layers.len() {
            let layer = &mut self.layers[at];
            if !layer.classes.meets(&left) {
                continue;
            }
            let bounds = layer.bounds.or(gained, table);
            if bounds == layer.bounds {
                left.remove(&layer.classes);
            } else {
                let common = layer.classes.and(&left);
                left.remove(&common);
                if common == layer.classes {
                    layer.bounds = bounds;
                } else {
                    layer.classes.remove(&common);
                    self.layers.push(Layer { bounds, classes: common });
                }
            }
            if left.is_empty() {
                return;
            }
        }
        let bounds = self.rest.or(gained, table);
        if bounds != self.rest {
            self.layers.push(Layer { bounds, classes: left });
        }
    }

    /// The same with every value replaced.
    pub(super) fn map(mut self, mut value: impl FnMut(Bounds) -> Bounds) -> Self {
        self.rest = value(self.rest);
        for layer in &mut self.layers {
            layer.bounds = value(layer.bounds);
        }
        self.tidied()
    }

    /// Two rows, class by class.
    pub(super) fn zip(&self, other: &Self, mut value: impl FnMut(Bounds, Bounds) -> Bounds) -> Self {
        let mut zipped = Self::uniform(value(self.rest, other.rest));
        let mut add = |bounds, classes: ClassSet| {
            if !classes.is_empty() {
                zipped.layers.push(Layer { bounds, classes });
            }
        };
        let all =
            |row: &Self| row.layers.iter().fold(ClassSet::default(), |all, layer| all.or(&layer.classes));
        let (own, theirs) = (all(self), all(other));
        for layer in &self.layers {
            for other in &other.layers {
                add(value(layer.bounds, other.bounds), layer.classes.and(&other.classes));
            }
            add(value(layer.bounds, other.rest), layer.classes.minus(&theirs));
        }
        for layer in &other.layers {
            add(value(self.rest, layer.bounds), layer.classes.minus(&own));
        }
        zipped.tidied()
    }

    /// The same with one layer for each value, and none for that of the rest.
    pub(super) fn tidied(mut self) -> Self {
        let rest = self.rest;
        self.layers.retain(|layer| layer.bounds != rest);
        self.layers.sort_by_key(|layer| layer.bounds);
        self.layers.dedup_by(|again, first| {
            let is_same = again.bounds == first.bounds;
            if is_same {
                first.classes.unite(&again.classes);
            }
            is_same
        });
        self
    }
}
