//! Builds rows from the rules of the policies that select a subject.

use std::rc::Rc;

use np_model::Model;
use np_model::conn::{ConnId, ConnTable};
use np_model::ir::{Direction, PolicyId};
use np_model::model::{ClassId, ClassKind, ClassSet, Interference, Match, Ports, PortsId, Selecting};
use rustc_hash::FxHashMap;

use super::row::{Bounds, Row};

/// Builds rows over one table of connection sets.
pub(crate) struct Builder<'m> {
    model: &'m Model,
    /// The classes that rows are about, all ordinary pods among them.
    peers: ClassSet,
    /// What each port name opens where it is resolved.
    resolutions: Vec<ConnId>,
    /// By [`PortsId`]: lists of ports without their names.
    fixed: Vec<Option<ConnId>>,
    /// Lists of ports that have names, by destination.
    opened: FxHashMap<PortsId, Rc<Row>>,
    /// What [`alike`] finds, once that is needed.
    alike: Option<Rc<[(ClassId, ClassSet)]>>,
    /// Used again for row after row.
    gains: Gains,
}

/// What a list of ports opens by destination.
struct Opens {
    rest: ConnId,
    /// More, on some classes.
    more: Option<Rc<Row>>,
}

impl<'m> Builder<'m> {
    /// Builds rows about all classes.
    pub(crate) fn new(model: &'m Model, table: &mut ConnTable) -> Self {
        Self::about(model, model.class_ids().len(), table)
    }

    /// Builds rows about pods and nodes alone.
    pub(crate) fn without_externals(model: &'m Model, table: &mut ConnTable) -> Self {
        // Those of external addresses come last.
        let is_known = |id: &ClassId| model.class(*id).kind != ClassKind::External;
        Self::about(model, model.class_ids().take_while(is_known).count(), table)
    }

    fn about(model: &'m Model, classes: usize, table: &mut ConnTable) -> Self {
        Self {
            model,
            peers: ClassSet::range(0..classes),
            resolutions: model.resolutions().iter().map(|set| table.intern(set.clone())).collect(),
            fixed: Vec::new(),
            opened: FxHashMap::default(),
            alike: None,
            gains: Gains::default(),
        }
    }

    /// Takes over what this one knows of a model that has the same classes.
    pub(crate) fn learn(&mut self, other: &mut Builder<'_>) {
        self.alike = Some(other.alike());
    }

    fn alike(&mut self) -> Rc<[(ClassId, ClassSet)]> {
        Rc::clone(self.alike.get_or_insert_with(|| alike(self.model).into()))
    }

    /// The row of a subject.
    pub(crate) fn row(&mut self, table: &mut ConnTable, subject: ClassId, direction: Direction) -> Row {
        let model = self.model;
        let selecting = model.selecting(subject, direction);
        let Interference { joins, restricts, permits } = selecting.interference;
        let row = if selecting.certain.is_empty() && joins {
            // One more policy may isolate, and may then allow anything.
            Row::uniform(Bounds::OPEN)
        } else {
            self.row_of_policies(table, selecting, subject, direction)
        };
        if !(joins || restricts || permits) {
            return row;
        }
        row.map(|Bounds { certain, possible }| Bounds {
            certain: if restricts { ConnId::NONE } else { certain },
            possible: if joins || permits { ConnId::ALL } else { possible },
        })
    }

    /// What the policies say that can be evaluated.
    fn row_of_policies(
        &mut self,
        table: &mut ConnTable,
        selecting: &Selecting,
        subject: ClassId,
        direction: Direction,
    ) -> Row {
        if selecting.certain.is_empty() {
            // Isolated by some of the policies that may select it, or by none.
            let mut row = Row::uniform(Bounds::ALL);
            for policy in &selecting.maybe {
                let mut one = Gains::default();
                self.add(table, &mut one, *policy, subject, direction, true);
                row = row.zip(&one.take(table), |all, one| Bounds {
                    certain: table.and(all.certain, one.certain),
                    possible: ConnId::ALL,
                });
            }
            return row;
        }
        let mut gains = std::mem::take(&mut self.gains);
        for policy in &selecting.certain {
            self.add(table, &mut gains, *policy, subject, direction, true);
        }
        for policy in &selecting.maybe {
            self.add(table, &mut gains, *policy, subject, direction, false);
        }
        let row = gains.take(table).tidied();
        self.gains = gains;
        row
    }

    /// Adds what a policy allows; `is_certain` if it certainly selects the subject.
    fn add(
        &mut self,
        table: &mut ConnTable,
        gains: &mut Gains,
        policy: PolicyId,
        subject: ClassId,
        direction: Direction,
        is_certain: bool,
    ) {
        let model = self.model;
        for rule in model.indexed_rules(policy, direction) {
            let opens = self.opens(table, rule.ports, subject, direction);
            let layers = opens.more.as_ref().map_or(&[][..], |row| &row.layers);
            let Some(peers) = &rule.peers else {
                // What is open on a port name comes on top of what is open to all.
                gains.to_all = gains.to_all.or(gain(table, opens.rest, ConnId::ALL, is_certain), table);
                for layer in layers {
                    let gained = gain(table, layer.bounds.certain, ConnId::ALL, is_certain);
                    gains.of(gained).unite(&layer.classes);
                }
                continue;
            };
            for peer in peers {
                let mask = ConnId::all(model.peer_families(*peer));
                let mut add = |[one, other]: [&ClassSet; 2], is_certain| {
                    for layer in layers {
                        let gained = gain(table, layer.bounds.certain, mask, is_certain);
                        gains.of(gained).unite_both(&one.and(&layer.classes), other);
                    }
                    if opens.rest != ConnId::NONE {
                        let gained = gain(table, opens.rest, mask, is_certain);
                        gains.of(gained).unite_both(one, other);
                    }
                };
                if let Some(both) = model.peer_in_both(*peer, &self.peers) {
                    add(both, is_certain);
                } else {
                    let Match { yes, maybe } = model.peer_match(*peer);
                    add([&yes, &self.peers], is_certain);
                    add([&maybe, &self.peers], false);
                }
            }
        }
    }

    /// What a list of ports opens by destination: on its subject, or on each of its peers.
    fn opens(&mut self, table: &mut ConnTable, id: PortsId, subject: ClassId, direction: Direction) -> Opens {
        let ports = self.model.ports(id);
        if self.fixed.len() <= id.index() {
            self.fixed.resize(id.index() + 1, None);
        }
        let rest = *self.fixed[id.index()].get_or_insert_with(|| table.intern(ports.fixed.clone()));
        if ports.named.is_empty() {
            return Opens { rest, more: None };
        }
        if direction == Direction::Ingress {
            return Opens { rest: self.resolved(table, ports, rest, subject), more: None };
        }
        if let Some(more) = self.opened.get(&id) {
            return Opens { rest, more: Some(Rc::clone(more)) };
        }
        let mut gains = Gains::default();
        for (example, classes) in self.alike().iter() {
            let opened = self.resolved(table, ports, rest, *example);
            if opened != rest {
                gains.of(Bounds::certain(opened)).unite(classes);
            }
        }
        let more = Rc::new(gains.take(table));
        self.opened.insert(id, Rc::clone(&more));
        Opens { rest, more: Some(more) }
    }

    /// What ports open where their names mean what they do on a class.
    fn resolved(&self, table: &mut ConnTable, ports: &Ports, fixed: ConnId, class: ClassId) -> ConnId {
        let resolved = ports.named.iter().filter_map(|name| self.model.resolve(class, *name));
        resolved.fold(fixed, |set, id| table.or(set, self.resolutions[id.index()]))
    }
}

/// Classes on which port names mean the same, if they mean anything: one of them, and all.
fn alike(model: &Model) -> Vec<(ClassId, ClassSet)> {
    let mut at: Vec<Option<usize>> = Vec::new();
    let mut alike: Vec<(ClassId, ClassSet)> = Vec::new();
    for class in model.class_ids() {
        let names = model.resolved_names_id(class).index();
        if at.len() <= names {
            at.resize(names + 1, None);
        }
        if let Some(at) = at[names] {
            alike[at].1.insert(class);
        } else if !model.resolved_names(class).is_empty() {
            at[names] = Some(alike.len());
            alike.push((class, ClassSet::from_iter([class])));
        }
    }
    alike
}

/// What the rules of a row add up to: first united by what they let pass, which is mostly the same for many
/// rules, then laid over each other once.
#[derive(Default)]
struct Gains {
    to_all: Bounds,
    /// Few enough to look through.
    sets: Vec<(Bounds, ClassSet)>,
}

impl Gains {
    /// Those who gain this.
    fn of(&mut self, gained: Bounds) -> &mut ClassSet {
        let known = self.sets.iter().position(|(bounds, _)| *bounds == gained);
        let at = known.unwrap_or(self.sets.len());
        if at == self.sets.len() {
            self.sets.push((gained, ClassSet::default()));
        }
        &mut self.sets[at].1
    }

    /// The row; nothing is left.
    fn take(&mut self, table: &mut ConnTable) -> Row {
        let mut row = Row::uniform(std::mem::take(&mut self.to_all));
        for (gained, classes) in self.sets.drain(..) {
            row.add(table, classes, gained);
        }
        row
    }
}

fn gain(table: &mut ConnTable, connections: ConnId, mask: ConnId, is_certain: bool) -> Bounds {
    let connections = table.and(connections, mask);
    if is_certain { Bounds::certain(connections) } else { Bounds::maybe(connections) }
}
