//! Rows: for a class as subject in one direction, what each peer class may exchange with it.
//!
//! Classes that the same policies select share a row (for ingress, if their ports also resolve the
//! names that those policies use alike), so there are far fewer rows than classes. A cell of the
//! matrix is `egress_row(from)[to] ∩ ingress_row(to)[from]`, computed when asked for.

use np_model::Model;
use np_model::conn::{ConnId, ConnTable};
use np_model::ir::{Direction, PolicyId};
use np_model::model::{ClassId, Interference, PortNameId, PortsId, ResolvedId, Selecting};
use rustc_hash::FxHashMap;

/// What certainly and possibly passes in one direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bounds {
    pub(crate) certain: ConnId,
    pub(crate) possible: ConnId,
}

impl Bounds {
    /// No policy: everything passes.
    pub(crate) const ALL: Self = Self { certain: ConnId::ALL, possible: ConnId::ALL };
}

/// By peer class; `possible` only where it differs from `certain` somewhere.
#[derive(Debug)]
struct Row {
    certain: Vec<ConnId>,
    possible: Option<Vec<ConnId>>,
}

/// The rows of both directions, over one table of connection sets.
#[derive(Debug)]
pub(crate) struct Rows {
    directions: [Directed; 2],
}

#[derive(Debug)]
struct Directed {
    /// By class: its row; `None` if nothing isolates it.
    of_class: Vec<Option<u32>>,
    rows: Vec<Row>,
}

impl Rows {
    /// Computes all rows; linear in rows × the peers that their policies match.
    pub(crate) fn build(model: &Model, table: &mut ConnTable) -> Self {
        let resolutions: Vec<ConnId> =
            model.resolutions().iter().map(|set| table.intern(set.clone())).collect();
        let mut builder = Builder { model, table, resolutions, fixed: FxHashMap::default() };
        Self { directions: Direction::BOTH.map(|direction| builder.directed(direction)) }
    }

    /// The row of a class, the same for classes that share it; `None` if nothing isolates it.
    pub(crate) fn row(&self, direction: Direction, class: ClassId) -> Option<u32> {
        self.directions[direction as usize].of_class[class.index()]
    }

    /// What `subject`'s policies in `direction` let pass with `peer`.
    pub(crate) fn bounds(&self, direction: Direction, subject: ClassId, peer: ClassId) -> Bounds {
        let directed = &self.directions[direction as usize];
        match directed.of_class[subject.index()] {
            None => Bounds::ALL,
            Some(row) => {
                let row = &directed.rows[row as usize];
                let certain = row.certain[peer.index()];
                let possible = row.possible.as_ref().map_or(certain, |possible| possible[peer.index()]);
                Bounds { certain, possible }
            }
        }
    }
}

struct Builder<'m> {
    model: &'m Model,
    table: &'m mut ConnTable,
    resolutions: Vec<ConnId>,
    /// Lists of ports without their names.
    fixed: FxHashMap<PortsId, ConnId>,
}

/// Subjects with the same row: the policies that select them and, for ingress, what the names that
/// those use resolve to.
type RowKey<'m> = (&'m Selecting, Vec<(PortNameId, ResolvedId)>);

impl<'m> Builder<'m> {
    fn directed(&mut self, direction: Direction) -> Directed {
        let model = self.model;
        let mut ids: FxHashMap<RowKey<'m>, u32> = FxHashMap::default();
        let mut directed = Directed { of_class: Vec::with_capacity(model.classes().len()), rows: Vec::new() };
        for class in model.class_ids() {
            let selecting = model.selecting(class, direction);
            let row = (!selecting.is_empty()).then(|| {
                let next = u32::try_from(directed.rows.len()).expect("no more rows than classes");
                let key = (selecting, self.resolved_names(selecting, class, direction));
                *ids.entry(key).or_insert_with(|| {
                    directed.rows.push(self.row(selecting, class, direction));
                    next
                })
            });
            directed.of_class.push(row);
        }
        directed
    }

    /// What tells apart the ingress rows of classes that the same policies select.
    fn resolved_names(
        &self,
        selecting: &Selecting,
        class: ClassId,
        direction: Direction,
    ) -> Vec<(PortNameId, ResolvedId)> {
        if direction == Direction::Egress || self.model.resolved_names(class).is_empty() {
            return Vec::new();
        }
        let policies = selecting.certain.iter().chain(&selecting.maybe);
        let rules = policies.flat_map(|policy| self.model.indexed_rules(*policy, direction));
        let names = rules.flat_map(|rule| &self.model.ports(rule.ports).named);
        let mut resolved: Vec<_> =
            names.filter_map(|name| self.model.resolve(class, *name).map(|id| (*name, id))).collect();
        resolved.sort_unstable();
        resolved.dedup();
        resolved
    }

    fn row(&mut self, selecting: &Selecting, subject: ClassId, direction: Direction) -> Row {
        let classes = self.model.classes().len();
        let Interference { joins, restricts, permits } = selecting.interference;
        let mut row = if selecting.certain.is_empty() && joins {
            // One more policy may isolate, and may then allow anything.
            Row { certain: vec![ConnId::NONE; classes], possible: Some(vec![ConnId::ALL; classes]) }
        } else {
            self.row_of_policies(selecting, subject, direction)
        };
        if joins || permits {
            row.possible = Some(vec![ConnId::ALL; classes]);
        }
        if restricts {
            row.possible.get_or_insert_with(|| row.certain.clone());
            row.certain.fill(ConnId::NONE);
        }
        row
    }

    /// What the policies say that can be evaluated.
    fn row_of_policies(&mut self, selecting: &Selecting, subject: ClassId, direction: Direction) -> Row {
        let classes = self.model.classes().len();
        if selecting.certain.is_empty() {
            if selecting.maybe.is_empty() {
                return Row { certain: vec![ConnId::ALL; classes], possible: None };
            }
            // Isolated by some of the policies that may select it, or by none.
            let mut certain = vec![ConnId::ALL; classes];
            for policy in &selecting.maybe {
                let mut one = Accumulator::new(classes);
                self.add(&mut one, *policy, subject, direction, true);
                for (all, one) in certain.iter_mut().zip(&one.certain) {
                    *all = self.table.and(*all, *one);
                }
            }
            return Row { certain, possible: Some(vec![ConnId::ALL; classes]) };
        }
        let mut sum = Accumulator::new(classes);
        for policy in &selecting.certain {
            self.add(&mut sum, *policy, subject, direction, true);
        }
        for policy in &selecting.maybe {
            self.add(&mut sum, *policy, subject, direction, false);
        }
        if sum.extra.is_empty() {
            return Row { certain: sum.certain, possible: None };
        }
        let mut possible = sum.certain.clone();
        for (class, connections) in sum.extra {
            possible[class.index()] = self.table.or(possible[class.index()], connections);
        }
        Row { certain: sum.certain, possible: Some(possible) }
    }

    /// Adds what a policy allows; `is_certain` if it certainly selects the subject.
    fn add(
        &mut self,
        sum: &mut Accumulator,
        policy: PolicyId,
        subject: ClassId,
        direction: Direction,
        is_certain: bool,
    ) {
        let model = self.model;
        for rule in model.indexed_rules(policy, direction) {
            let ports = model.ports(rule.ports);
            let fixed =
                *self.fixed.entry(rule.ports).or_insert_with(|| self.table.intern(ports.fixed.clone()));
            let opens = |table: &mut ConnTable, peer: ClassId| {
                let destination = if direction == Direction::Egress { peer } else { subject };
                ports
                    .named
                    .iter()
                    .filter_map(|name| model.resolve(destination, *name))
                    .fold(fixed, |set, id| table.or(set, self.resolutions[id.index()]))
            };
            // Without names, or seen from the destination, a rule opens the same to all its peers.
            let same = (ports.named.is_empty() || direction == Direction::Ingress)
                .then(|| opens(self.table, subject));
            let Some(peers) = &rule.peers else {
                for peer in model.class_ids() {
                    let connections = same.unwrap_or_else(|| opens(self.table, peer));
                    sum.add(self.table, peer, connections, is_certain);
                }
                continue;
            };
            for item in peers {
                let mask = ConnId::all(model.peer_families(*item));
                let same = same.map(|connections| self.table.and(connections, mask));
                let matches = model.peer_match(*item);
                let certain = matches.certain().map(|peer| (peer, is_certain));
                for (peer, is_certain) in certain.chain(matches.maybe().map(|peer| (peer, false))) {
                    let connections = same.unwrap_or_else(|| {
                        let opened = opens(self.table, peer);
                        self.table.and(opened, mask)
                    });
                    sum.add(self.table, peer, connections, is_certain);
                }
            }
        }
    }
}

/// A row in the making.
struct Accumulator {
    certain: Vec<ConnId>,
    extra: Vec<(ClassId, ConnId)>,
    /// The last union, as neighbours mostly repeat it.
    last: (ConnId, ConnId, ConnId),
}

impl Accumulator {
    fn new(classes: usize) -> Self {
        Self {
            certain: vec![ConnId::NONE; classes],
            extra: Vec::new(),
            last: (ConnId::NONE, ConnId::NONE, ConnId::NONE),
        }
    }

    fn add(&mut self, table: &mut ConnTable, peer: ClassId, connections: ConnId, is_certain: bool) {
        if !is_certain {
            if connections != ConnId::NONE {
                self.extra.push((peer, connections));
            }
            return;
        }
        let slot = &mut self.certain[peer.index()];
        if (*slot, connections) != (self.last.0, self.last.1) {
            self.last = (*slot, connections, table.or(*slot, connections));
        }
        *slot = self.last.2;
    }
}
