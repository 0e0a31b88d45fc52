//! Builds rows from the rules of the policies that select a subject.

use std::borrow::Cow;
use std::rc::Rc;

use np_model::Model;
use np_model::conn::{ConnId, ConnTable};
use np_model::ir::{Direction, PolicyId};
use np_model::model::{ClassId, ClassSet, IndexedRule, Interference, Match, PortsId, Selecting};
use rustc_hash::FxHashMap;

use super::row::{Bounds, Row};

/// Builds rows over one table of connection sets.
pub(crate) struct Builder<'m> {
    model: &'m Model,
    /// What each port name opens where it is resolved.
    resolutions: Vec<ConnId>,
    /// Lists of ports without their names.
    fixed: FxHashMap<PortsId, ConnId>,
    /// Lists of ports that have names, by destination.
    opened: FxHashMap<PortsId, Rc<Row>>,
}

impl<'m> Builder<'m> {
    pub(crate) fn new(model: &'m Model, table: &mut ConnTable) -> Self {
        Self {
            model,
            resolutions: model.resolutions().iter().map(|set| table.intern(set.clone())).collect(),
            fixed: FxHashMap::default(),
            opened: FxHashMap::default(),
        }
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
                let mut one = Row::uniform(Bounds::NONE);
                self.add(table, &mut one, *policy, subject, direction, true);
                row = row.zip(&one, |all, one| Bounds {
                    certain: table.and(all.certain, one.certain),
                    possible: ConnId::ALL,
                });
            }
            return row;
        }
        let mut row = Row::uniform(Bounds::NONE);
        for policy in &selecting.certain {
            self.add(table, &mut row, *policy, subject, direction, true);
        }
        for policy in &selecting.maybe {
            self.add(table, &mut row, *policy, subject, direction, false);
        }
        row.tidied()
    }

    /// Adds what a policy allows; `is_certain` if it certainly selects the subject.
    fn add(
        &mut self,
        table: &mut ConnTable,
        row: &mut Row,
        policy: PolicyId,
        subject: ClassId,
        direction: Direction,
        is_certain: bool,
    ) {
        let model = self.model;
        for rule in model.indexed_rules(policy, direction) {
            let opens = self.opens(table, rule, subject, direction);
            let Some(peers) = &rule.peers else {
                // What is open on a port name comes on top of what is open to all.
                let to_all = gain(table, opens.rest.certain, ConnId::ALL, is_certain);
                row.add_to_all(table, to_all);
                for layer in &opens.layers {
                    let gained = gain(table, layer.bounds.certain, ConnId::ALL, is_certain);
                    row.add(table, Cow::Borrowed(&layer.classes), gained);
                }
                continue;
            };
            for peer in peers {
                let (Match { yes, maybe }, mask) =
                    (model.peer_match(*peer), ConnId::all(model.peer_families(*peer)));
                for (classes, is_certain) in [(yes, is_certain), (maybe, false)] {
                    for layer in &opens.layers {
                        let gained = gain(table, layer.bounds.certain, mask, is_certain);
                        row.add(table, Cow::Owned(classes.and(&layer.classes)), gained);
                    }
                    let gained = gain(table, opens.rest.certain, mask, is_certain);
                    row.add(table, Cow::Owned(classes), gained);
                }
            }
        }
    }

    /// What a rule opens by destination: to its subject, or to each of its peers.
    fn opens(
        &mut self,
        table: &mut ConnTable,
        rule: &IndexedRule,
        subject: ClassId,
        direction: Direction,
    ) -> Rc<Row> {
        let model = self.model;
        let ports = model.ports(rule.ports);
        let fixed = *self.fixed.entry(rule.ports).or_insert_with(|| table.intern(ports.fixed.clone()));
        if ports.named.is_empty() {
            return Rc::new(Row::uniform(Bounds::certain(fixed)));
        }
        if direction == Direction::Ingress {
            let resolved = ports.named.iter().filter_map(|name| model.resolve(subject, *name));
            let all = resolved.fold(fixed, |set, id| table.or(set, self.resolutions[id.index()]));
            return Rc::new(Row::uniform(Bounds::certain(all)));
        }
        if let Some(opened) = self.opened.get(&rule.ports) {
            return Rc::clone(opened);
        }
        let mut members: FxHashMap<ConnId, ClassSet> = FxHashMap::default();
        let mut by_names = FxHashMap::default();
        for class in model.class_ids() {
            let names = model.resolved_names_id(class);
            let opened = *by_names.entry(names).or_insert_with(|| {
                let resolved = ports.named.iter().filter_map(|name| model.resolve(class, *name));
                resolved.fold(fixed, |set, id| table.or(set, self.resolutions[id.index()]))
            });
            if opened != fixed {
                members.entry(opened).or_default().insert(class);
            }
        }
        let mut row = Row::uniform(Bounds::certain(fixed));
        for (opened, classes) in members {
            row.add(table, Cow::Owned(classes), Bounds::certain(opened));
        }
        let row = Rc::new(row.tidied());
        self.opened.insert(rule.ports, Rc::clone(&row));
        row
    }
}

fn gain(table: &mut ConnTable, connections: ConnId, mask: ConnId, is_certain: bool) -> Bounds {
    let connections = table.and(connections, mask);
    if is_certain { Bounds::certain(connections) } else { Bounds::maybe(connections) }
}
