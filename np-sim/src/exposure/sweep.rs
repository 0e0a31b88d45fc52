//! What a class may exchange with all peers at once, group by group.
//!
//! Peers are grouped by where they are (a namespace, the internet, elsewhere outside) and by what
//! they say themselves: the row of their own direction. Within a group the peers' side is the same
//! for any subject, and the subject's side depends on its row alone. So the union over a group is
//! found once for each row, and a subject costs one step for each group:
//!
//! ```text
//!   ∪ over P in group (theirs[S] ∩ mine[P])  =  theirs[S] ∩ (∪ over P in group mine[P])
//! ```

use std::rc::Rc;

use np_model::Model;
use np_model::addr::{AddrSet, Families};
use np_model::conn::{ConnId, ConnTable};
use np_model::ir::Direction;
use np_model::model::{ClassId, ClassKind, NamespaceId};
use rustc_hash::FxHashMap;

use crate::endpoint::{Endpoint, External, internet};
use crate::matrix::{Cell, Matrix, Party};
use crate::members::divide;
use crate::rows::{Bounds, Rows};
use crate::verdict::Outcome;

/// Where peers are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Place {
    Internet,
    Outside,
    Namespace(NamespaceId),
}

/// Peers of one place that say the same.
#[derive(Debug)]
struct Group {
    place: Place,
    families: Families,
    members: Vec<ClassId>,
}

/// What the members of a group are to a row: unions and one intersection over them.
#[derive(Debug, Clone, Copy)]
struct Total {
    certain: ConnId,
    possible: ConnId,
    open: ConnId,
    /// What is possible with each of them.
    every: ConnId,
}

/// The groups of which something passes or may as far as a row goes, ascending. The others are most of
/// them, and all the same.
type Live = Rc<[(usize, Total)]>;

/// The three sets so far, by id.
#[derive(Debug, Clone, Copy)]
struct Sum {
    passes: ConnId,
    open: ConnId,
    blocked: ConnId,
}

impl Sum {
    const NOTHING: Self = Self { passes: ConnId::NONE, open: ConnId::NONE, blocked: ConnId::NONE };
}

/// What one direction of a subject meets.
pub(super) struct Found {
    pub(super) internet: Outcome,
    pub(super) outside: Outcome,
    pub(super) others: Outcome,
    pub(super) namespaces: Vec<NamespaceId>,
    pub(super) own: Outcome,
}

/// All peers in groups, for each direction of the subjects.
pub(super) struct Sweep<'m> {
    model: &'m Model,
    matrix: Matrix<'m>,
    groups: [Vec<Group>; 2],
    /// By direction and row.
    totals: [FxHashMap<u32, Live>; 2],
    /// How many pods of a class a namespace has.
    members: FxHashMap<(NamespaceId, ClassId), usize>,
}

impl<'m> Sweep<'m> {
    pub(super) fn new(model: &'m Model) -> Self {
        let mut matrix = Matrix::new(model);
        let mut members = FxHashMap::default();
        for pod in model.pods() {
            *members.entry((pod.namespace, pod.class)).or_insert(0) += 1;
        }
        let mut peers: Vec<(Place, ClassId)> = Vec::new();
        for (place, addresses) in [(Place::Internet, internet()), (Place::Outside, elsewhere())] {
            let external = Endpoint::External(External::new(model, "", &addresses));
            peers.extend(divide(model, &external).into_iter().map(|part| (place, part.class)));
        }
        let ordinary = |(_, class): &&(NamespaceId, ClassId)| model.class(*class).kind == ClassKind::Pods;
        let of_pods = members.keys().filter(ordinary);
        peers.extend(of_pods.map(|(namespace, class)| (Place::Namespace(*namespace), *class)));
        peers.sort_unstable();
        let (rows, _) = matrix.parts();
        let groups = Direction::BOTH.map(|direction| groups(model, rows, opposite(direction), &peers));
        Self { model, matrix, groups, totals: Default::default(), members }
    }

    /// How many pods of a class a namespace has.
    pub(super) fn members(&self, namespace: NamespaceId, class: ClassId) -> usize {
        self.members.get(&(namespace, class)).copied().unwrap_or(0)
    }

    /// What an ordinary pod meets; if it is `alone`, it is the only one of its class in its namespace.
    pub(super) fn pods(
        &mut self,
        class: ClassId,
        own: NamespaceId,
        is_alone: bool,
        direction: Direction,
    ) -> Found {
        let [mut internet, mut outside, mut others, mut at_home] = [Sum::NOTHING; 4];
        let mut namespaces = Vec::new();
        let subject = self.model.class(class).families;
        let (rows, table) = self.matrix.parts();
        let (groups, totals) = (&self.groups[direction as usize], &mut self.totals[direction as usize]);
        let live = rows.row(direction, class).map(|row| {
            let mut of_row = || {
                let over =
                    |group: &Group| Total::over(rows, table, direction, class, group.members.iter().copied());
                let totals = groups.iter().map(over).enumerate();
                totals.filter(|(_, total)| total.possible != ConnId::NONE).collect()
            };
            Rc::clone(totals.entry(row).or_insert_with(&mut of_row))
        });
        let mut live = live.as_deref().map(|totals| totals.iter().peekable());
        for (at, group) in groups.iter().enumerate() {
            let of_group = live.as_mut().map_or(Total::ALL, |live| {
                live.next_if(|(live, _)| *live == at).map_or(Total::NONE, |(_, total)| *total)
            });
            let families = group.families.and(subject);
            let is_own = group.place == Place::Namespace(own);
            let members = group.members.iter().copied();
            let total = if is_own && is_alone && group.members.contains(&class) {
                if group.members.len() == 1 {
                    continue;
                }
                Total::over(rows, table, direction, class, members.filter(|peer| *peer != class))
            } else {
                of_group
            };
            let sum = match group.place {
                // Of addresses only those take part that share a family with the subject.
                Place::Internet | Place::Outside if families.is_empty() => continue,
                Place::Internet => &mut internet,
                Place::Outside => &mut outside,
                Place::Namespace(_) if is_own => &mut at_home,
                Place::Namespace(_) => &mut others,
            };
            if total.possible == ConnId::NONE {
                let blocked = if families.is_empty() { ConnId::ALL } else { ConnId::all(families) };
                sum.blocked = table.or(sum.blocked, blocked);
                continue;
            }
            let theirs = rows.bounds(opposite(direction), group.members[0], class);
            let met = meet(table, theirs, total, families);
            sum.passes = table.or(sum.passes, met.passes);
            sum.open = table.or(sum.open, met.open);
            sum.blocked = table.or(sum.blocked, met.blocked);
            if let Place::Namespace(namespace) = group.place
                && !is_own
                && [met.passes, met.open] != [ConnId::NONE; 2]
                && namespaces.last() != Some(&namespace)
            {
                namespaces.push(namespace);
            }
        }
        let outcome = |sum: Sum| {
            let set = |id| table.get(id).clone();
            Outcome { passes: set(sum.passes), open: set(sum.open), blocked: set(sum.blocked) }
        };
        Found {
            internet: outcome(internet),
            outside: outcome(outside),
            others: outcome(others),
            namespaces,
            own: outcome(at_home),
        }
    }

    /// What a pod on its node's network meets, or all of a workload's. Nodes and the pods they run always
    /// reach each other, which pods alone tell, so these few are looked at one by one.
    pub(super) fn host(&mut self, endpoint: &Endpoint, own: NamespaceId, direction: Direction) -> Found {
        let subject = self.matrix.party(endpoint);
        let [internet, outside] = [internet(), elsewhere()].map(|addresses| {
            let external = Endpoint::External(External::new(self.model, "", &addresses));
            let party = self.matrix.party(&external);
            self.outcome(&subject, &party, direction)
        });
        let mut found = Found {
            internet,
            outside,
            others: Outcome::default(),
            namespaces: Vec::new(),
            own: Outcome::default(),
        };
        let mut places: Vec<NamespaceId> = self.members.keys().map(|(namespace, _)| *namespace).collect();
        places.sort_unstable();
        places.dedup();
        for namespace in places {
            let party = self.ordinary(namespace);
            let outcome = self.outcome(&subject, &party, direction);
            if namespace == own {
                found.own = outcome;
                continue;
            }
            if !outcome.passes.is_empty() || !outcome.open.is_empty() {
                found.namespaces.push(namespace);
            }
            found.others = found.others.or(&outcome);
        }
        found
    }

    /// Egress to and ingress from the ordinary pods of a namespace.
    pub(super) fn with_namespace(&mut self, endpoint: &Endpoint, namespace: NamespaceId) -> [Outcome; 2] {
        let (subject, party) = (self.matrix.party(endpoint), self.ordinary(namespace));
        Direction::BOTH.map(|direction| self.outcome(&subject, &party, direction))
    }

    fn ordinary(&self, namespace: NamespaceId) -> Party {
        let mut parts = divide(self.model, &Endpoint::Namespace(namespace));
        parts.retain(|part| self.model.class(part.class).kind == ClassKind::Pods);
        self.matrix.party_of(parts)
    }

    fn outcome(&mut self, subject: &Party, peer: &Party, direction: Direction) -> Outcome {
        let cell = match direction {
            Direction::Egress => self.matrix.cell(subject, peer),
            Direction::Ingress => self.matrix.cell(peer, subject),
        };
        // A pod and itself is no pair of two.
        if cell.is_itself {
            return Outcome::default();
        }
        let Cell { passes, open, blocked, .. } = cell;
        self.matrix.outcome(Cell { passes, open, blocked, is_itself: false })
    }
}

impl Total {
    /// Nothing isolates the subject.
    const ALL: Self =
        Self { certain: ConnId::ALL, possible: ConnId::ALL, open: ConnId::NONE, every: ConnId::ALL };

    /// Nothing passes.
    const NONE: Self =
        Self { certain: ConnId::NONE, possible: ConnId::NONE, open: ConnId::NONE, every: ConnId::NONE };

    /// What the row of `subject` says about some peers.
    fn over(
        rows: &Rows,
        table: &mut ConnTable,
        direction: Direction,
        subject: ClassId,
        peers: impl Iterator<Item = ClassId>,
    ) -> Self {
        let mut total = Self { every: ConnId::ALL, ..Self::NONE };
        // Neighbours mostly repeat each other.
        let mut last = None;
        for peer in peers {
            let bounds = rows.bounds(direction, subject, peer);
            if last.replace(bounds) == Some(bounds) {
                continue;
            }
            let Bounds { certain, possible } = bounds;
            total.certain = table.or(total.certain, certain);
            total.every = table.and(total.every, possible);
            total.possible = table.or(total.possible, possible);
            if certain != possible {
                let open = table.minus(possible, certain);
                total.open = table.or(total.open, open);
            }
        }
        total
    }
}

/// The union over a group: `theirs` is what its members say about the subject, `mine` what the
/// subject says about them.
fn meet(table: &mut ConnTable, theirs: Bounds, mine: Total, families: Families) -> Sum {
    if families.is_empty() {
        return Sum { blocked: ConnId::ALL, ..Sum::NOTHING };
    }
    let all = ConnId::all(families);
    if theirs.possible == ConnId::NONE {
        return Sum { blocked: all, ..Sum::NOTHING };
    }
    let certain = table.and(theirs.certain, mine.certain);
    // possible − certain, pair by pair: open on their side, or on mine.
    let mut open = table.and(theirs.possible, mine.open);
    if theirs.certain != theirs.possible {
        let doubted = table.minus(theirs.possible, theirs.certain);
        let doubted = table.and(doubted, mine.possible);
        open = table.or(open, doubted);
    }
    let every = table.and(theirs.possible, mine.every);
    Sum { passes: table.and(certain, all), open: table.and(open, all), blocked: table.minus(all, every) }
}

/// Groups of peers by place and by the row of what they say, in the order of places.
fn groups(model: &Model, rows: &Rows, theirs: Direction, peers: &[(Place, ClassId)]) -> Vec<Group> {
    let mut by_key: FxHashMap<(Place, Option<u32>, Families), usize> = FxHashMap::default();
    let mut groups: Vec<Group> = Vec::new();
    for (place, class) in peers {
        let families = model.class(*class).families;
        let key = (*place, rows.row(theirs, *class), families);
        let at = *by_key.entry(key).or_insert_with(|| {
            groups.push(Group { place: *place, families, members: Vec::new() });
            groups.len() - 1
        });
        groups[at].members.push(*class);
    }
    groups
}

fn opposite(direction: Direction) -> Direction {
    match direction {
        Direction::Egress => Direction::Ingress,
        Direction::Ingress => Direction::Egress,
    }
}

/// The addresses that are not routed globally.
fn elsewhere() -> AddrSet {
    AddrSet::everything().minus(&internet())
}
