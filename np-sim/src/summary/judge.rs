//! Bounds and families to verdicts, each combination once.

use np_model::addr::Families;
use np_model::conn::{ConnId, ConnSet, ConnTable};
use rustc_hash::FxHashMap;

use crate::rows::Bounds;
use crate::verdict::{Outcome, Verdict};

/// Names bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct BoundsId(u32);

impl BoundsId {
    /// Of [`Bounds::NONE`].
    pub(super) const NONE: Self = Self(0);

    /// The id of the same bounds among those of another judge ([`Judge::adopt`]).
    pub(super) fn among(self, ids: &[Self]) -> Self {
        ids[self.0 as usize]
    }
}

/// What is asked, and what becomes of it.
#[derive(Clone)]
pub(super) struct Judge {
    pub(super) table: ConnTable,
    asked: ConnSet,
    bounds: Vec<Bounds>,
    ids: FxHashMap<Bounds, BoundsId>,
    verdicts: FxHashMap<(BoundsId, BoundsId, Families), Verdict>,
    /// By what certainly and possibly passes, as many bounds come to the same.
    outcomes: FxHashMap<(ConnId, ConnId, Families), Verdict>,
}

/// What a judge knows that others start from: what comes before these is the same with all of them.
#[derive(Clone, Copy)]
pub(super) struct Start {
    bounds: usize,
    sets: usize,
}

impl Judge {
    pub(super) fn new(asked: &ConnSet) -> Self {
        let mut judge = Self {
            table: ConnTable::default(),
            asked: asked.clone(),
            bounds: Vec::new(),
            ids: FxHashMap::default(),
            verdicts: FxHashMap::default(),
            outcomes: FxHashMap::default(),
        };
        judge.id(Bounds::NONE);
        judge
    }

    pub(super) fn id(&mut self, bounds: Bounds) -> BoundsId {
        let next = BoundsId(u32::try_from(self.bounds.len()).expect("fewer than 2^32 bounds"));
        *self.ids.entry(bounds).or_insert_with(|| {
            self.bounds.push(bounds);
            next
        })
    }

    /// The bounds behind an id.
    pub(super) fn bounds(&self, id: BoundsId) -> Bounds {
        self.bounds[id.0 as usize]
    }

    /// Where copies start.
    pub(super) fn start(&self) -> Start {
        Start { bounds: self.bounds.len(), sets: self.table.len() }
    }

    /// Takes over the bounds of another judge, which started here: by id there, the id here.
    pub(super) fn adopt(&mut self, other: &Self, start: Start) -> Vec<BoundsId> {
        let mut ids: Vec<BoundsId> = self.ids().take(start.bounds).collect();
        ids.extend(other.bounds[start.bounds..].iter().map(|bounds| {
            let mut own = |id: ConnId| {
                if id.index() < start.sets { id } else { self.table.adopt(&other.table, id) }
            };
            let bounds = Bounds { certain: own(bounds.certain), possible: own(bounds.possible) };
            self.id(bounds)
        }));
        ids
    }

    /// The ids of all bounds.
    pub(super) fn ids(&self) -> impl Iterator<Item = BoundsId> + use<> {
        (0..).map(BoundsId).take(self.bounds.len())
    }

    /// What becomes of it between two whose egress and ingress have these bounds.
    pub(super) fn verdict(&mut self, egress: BoundsId, ingress: BoundsId, families: Families) -> Verdict {
        if let Some(verdict) = self.verdicts.get(&(egress, ingress, families)) {
            return *verdict;
        }
        let [egress_bounds, ingress_bounds] = [egress, ingress].map(|id| self.bounds(id));
        let verdict = self.of(egress_bounds, ingress_bounds, families, false);
        self.verdicts.insert((egress, ingress, families), verdict);
        verdict
    }

    /// The same, not memoised; if they may be a pod and its own node, anything may pass.
    pub(super) fn of(
        &mut self,
        egress: Bounds,
        ingress: Bounds,
        families: Families,
        may_be_own_node: bool,
    ) -> Verdict {
        let Bounds { certain, possible } = egress.and(ingress, &mut self.table);
        let possible = if may_be_own_node { ConnId::ALL } else { possible };
        *self.outcomes.entry((certain, possible, families)).or_insert_with(|| {
            // Two without a common family have nothing of it.
            let asked = self.asked.within(families);
            Outcome::of(&asked, self.table.get(certain), self.table.get(possible)).verdict()
        })
    }
}
