//! Interned connection sets: equal sets have equal ids, and operations on ids are computed once.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::ConnSet;
use crate::addr::{Families, Family};

/// Names a connection set of one [`ConnTable`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnId(u32);

impl ConnId {
    /// The empty set, in every table.
    pub const NONE: Self = Self(0);
    /// Every connection of both families, in every table.
    pub const ALL: Self = Self(1);
    /// Every connection over IPv4, in every table.
    const ALL_V4: Self = Self(2);
    /// Every connection over IPv6, in every table.
    const ALL_V6: Self = Self(3);

    /// Every connection over `families`, in every table.
    pub fn all(families: Families) -> Self {
        match (families.contains(Family::V4), families.contains(Family::V6)) {
            (false, false) => Self::NONE,
            (true, true) => Self::ALL,
            (true, false) => Self::ALL_V4,
            (false, true) => Self::ALL_V6,
        }
    }

    /// A number below the count of different sets in its table.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// Connection sets by id, with the operations on them memoised.
#[derive(Debug, Clone)]
pub struct ConnTable {
    /// Shared with the copies that other threads work on.
    sets: Vec<Arc<ConnSet>>,
    ids: FxHashMap<Arc<ConnSet>, ConnId>,
    or: FxHashMap<(ConnId, ConnId), ConnId>,
    and: FxHashMap<(ConnId, ConnId), ConnId>,
}

impl Default for ConnTable {
    fn default() -> Self {
        let mut table = Self {
            sets: Vec::new(),
            ids: FxHashMap::default(),
            or: FxHashMap::default(),
            and: FxHashMap::default(),
        };
        let families =
            [Families::NONE, Families::BOTH, Families::only(Family::V4), Families::only(Family::V6)];
        for families in families {
            let id = table.intern(ConnSet::all(families));
            debug_assert_eq!(id, ConnId::all(families), "the first ids are fixed");
        }
        table
    }
}

impl ConnTable {
    /// The id of a set, the same for equal sets.
    ///
    /// # Panics
    /// If there are more than 2³² different sets, which would not fit in memory.
    pub fn intern(&mut self, set: ConnSet) -> ConnId {
        if let Some(id) = self.ids.get(&set) {
            return *id;
        }
        self.add(Arc::new(set))
    }

    /// Adds a set that is not there.
    fn add(&mut self, set: Arc<ConnSet>) -> ConnId {
        let id = ConnId(u32::try_from(self.sets.len()).expect("fewer than 2^32 connection sets"));
        self.sets.push(Arc::clone(&set));
        self.ids.insert(set, id);
        id
    }

    /// The id here of a set of another table.
    ///
    /// # Panics
    /// As [`Self::intern`].
    pub fn adopt(&mut self, other: &Self, id: ConnId) -> ConnId {
        let set = &other.sets[id.index()];
        match self.ids.get(set) {
            Some(id) => *id,
            None => self.add(Arc::clone(set)),
        }
    }

    /// How many sets there are: those with lower ids are the same in every copy of the table.
    pub fn len(&self) -> usize {
        self.sets.len()
    }

    /// Whether there are no sets, which is never so.
    pub fn is_empty(&self) -> bool {
        self.sets.is_empty()
    }

    /// The set behind an id.
    pub fn get(&self, id: ConnId) -> &ConnSet {
        &self.sets[id.index()]
    }

    /// The union; computed once for each pair.
    pub fn or(&mut self, a: ConnId, b: ConnId) -> ConnId {
        match (a, b) {
            _ if a == b => a,
            (ConnId::NONE, other) | (other, ConnId::NONE) => other,
            (ConnId::ALL, _) | (_, ConnId::ALL) => ConnId::ALL,
            _ => {
                let key = (a.min(b), a.max(b));
                if let Some(id) = self.or.get(&key) {
                    return *id;
                }
                let id = self.intern(self.get(a).or(self.get(b)));
                self.or.insert(key, id);
                id
            }
        }
    }

    /// The intersection; computed once for each pair.
    pub fn and(&mut self, a: ConnId, b: ConnId) -> ConnId {
        match (a, b) {
            _ if a == b => a,
            (ConnId::NONE, _) | (_, ConnId::NONE) => ConnId::NONE,
            (ConnId::ALL, other) | (other, ConnId::ALL) => other,
            _ => {
                let key = (a.min(b), a.max(b));
                if let Some(id) = self.and.get(&key) {
                    return *id;
                }
                let id = self.intern(self.get(a).and(self.get(b)));
                self.and.insert(key, id);
                id
            }
        }
    }

    /// The first without the second; not memoised.
    pub fn minus(&mut self, a: ConnId, b: ConnId) -> ConnId {
        match (a, b) {
            (_, ConnId::NONE) => a,
            (_, ConnId::ALL) | (ConnId::NONE, _) => ConnId::NONE,
            _ if a == b => ConnId::NONE,
            _ => self.intern(self.get(a).minus(self.get(b))),
        }
    }
}
