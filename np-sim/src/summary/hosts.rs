//! Pairs with pods that share their node's network.
//!
//! A pod and its own node always reach each other, so what decides such a pair depends on where both run.
//! These pods form few classes, and policies do not select them.

use np_model::Model;
use np_model::addr::Families;
use np_model::ir::Direction;
use np_model::model::{ClassId, ClassKind, PodId};
use rustc_hash::FxHashMap;

use super::Summary;
use super::judge::{BoundsId, Judge};
use super::lines::{LineId, Lines};
use crate::reach::may_come_between;
use crate::rows::{Bounds, Builder, Row};

/// How many pods run on each node, and (`None`) how many may run anywhere.
type Placement<'m> = FxHashMap<Option<&'m str>, u64>;

/// A class of hosts that has pods.
struct Host<'m> {
    class: ClassId,
    families: Families,
    placement: Placement<'m>,
    /// How many pods, and how many of them stand for one only.
    pods: u64,
    alone: u64,
}

/// A line and a host: what the line's row says of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Met {
    line: LineId,
    host: usize,
    bounds: BoundsId,
}

impl Met {
    /// The same, with bounds under other ids.
    pub(super) fn among(self, ids: &[BoundsId]) -> Self {
        Self { bounds: self.bounds.among(ids), ..self }
    }
}

pub(super) struct Hosts<'m> {
    model: &'m Model,
    all: Vec<Host<'m>>,
    /// By direction and line; nothing if there are no hosts.
    placements: [Vec<Placement<'m>>; 2],
}

impl<'m> Hosts<'m> {
    pub(super) fn of(model: &'m Model, egress: &Lines, ingress: &Lines) -> Self {
        let place = |placement: &mut Placement<'m>, pod: &PodId| {
            *placement.entry(model.pod(*pod).node_name.as_deref()).or_default() += 1;
        };
        let is_host =
            |id: &ClassId| model.class(*id).kind == ClassKind::Hosts && !model.class(*id).pods.is_empty();
        let host = |id: ClassId| {
            let class = model.class(id);
            let mut placement = Placement::default();
            class.pods.iter().for_each(|pod| place(&mut placement, pod));
            let alone = class.pods.iter().filter(|pod| !model.pod(**pod).is_several()).count() as u64;
            Host { class: id, families: class.families, placement, pods: class.pods.len() as u64, alone }
        };
        let all: Vec<Host<'m>> = model.class_ids().filter(is_host).map(host).collect();
        let mut hosts = Self { model, all, placements: Default::default() };
        if !hosts.all.is_empty() {
            hosts.placements = [egress, ingress].map(|lines| {
                let of_line = |classes: &[ClassId]| {
                    let mut placement = Placement::default();
                    let pods = classes.iter().flat_map(|class| &model.class(*class).pods);
                    pods.for_each(|pod| place(&mut placement, pod));
                    placement
                };
                lines.ids().map(|line| of_line(lines.classes(line))).collect()
            });
        }
        hosts
    }

    /// What a row says of the hosts.
    pub(super) fn meet(&self, judge: &mut Judge, line: LineId, row: &Row) -> impl Iterator<Item = Met> {
        let all = self.all.iter().enumerate();
        all.map(move |(host, of)| Met { line, host, bounds: judge.id(row.at(of.class)) })
    }

    /// Counts the pairs, given what the lines of both directions say of hosts.
    pub(super) fn count(
        &self,
        builder: &mut Builder<'_>,
        judge: &mut Judge,
        [egress, ingress]: [&Lines; 2],
        [from_lines, to_lines]: [&[Met]; 2],
    ) -> Summary {
        let mut summary = Summary::default();
        // Nobody but policies that cannot be evaluated selects a host, and what these may do is the same
        // with everyone.
        let mut own = |lines: &Lines| -> Vec<Bounds> {
            let rows = self.all.iter().map(|host| lines.of_host(builder, &mut judge.table, host.class).rest);
            rows.collect()
        };
        let (own_egress, own_ingress) = (own(egress), own(ingress));
        for met in from_lines {
            let apart = self.are_apart(egress.example(met.line), self.all[met.host].class);
            let bounds = (judge.bounds(met.bounds), own_ingress[met.host]);
            self.with_line(judge, &mut summary, met, Direction::Egress, egress, bounds, apart);
        }
        for met in to_lines {
            let apart = self.are_apart(self.all[met.host].class, ingress.example(met.line));
            let bounds = (own_egress[met.host], judge.bounds(met.bounds));
            self.with_line(judge, &mut summary, met, Direction::Ingress, ingress, bounds, apart);
        }
        for (from, egress) in self.all.iter().zip(&own_egress) {
            for (to, ingress) in self.all.iter().zip(&own_ingress) {
                let itself = if from.class == to.class { from.alone } else { 0 };
                let families = from.families.and(to.families);
                summary.add(judge.of(*egress, *ingress, families, false), from.pods * to.pods - itself);
            }
        }
        summary
    }

    #[expect(clippy::too_many_arguments, reason = "a pair of groups, and what is known about it")]
    fn with_line(
        &self,
        judge: &mut Judge,
        summary: &mut Summary,
        met: &Met,
        direction: Direction,
        lines: &Lines,
        (egress, ingress): (Bounds, Bounds),
        are_apart: bool,
    ) {
        let (host, line) = (&self.all[met.host], &lines.all[met.line.index()]);
        let placement = &self.placements[direction as usize][met.line.index()];
        let on = |placement: &Placement<'_>, node| placement.get(&node).copied().unwrap_or(0);
        let shared = placement.iter().filter(|(node, _)| node.is_some());
        let own_node: u64 = shared.map(|(node, pods)| pods * on(&host.placement, *node)).sum();
        let (unplaced, unplaced_hosts) = (on(placement, None), on(&host.placement, None));
        let maybe = unplaced * host.pods + line.pods * unplaced_hosts - unplaced * unplaced_hosts;
        let families = host.families.and(line.families);
        summary.add(judge.of(egress, ingress, families, true), maybe);
        summary.add(judge.of(egress, ingress, families, false), line.pods * host.pods - own_node - maybe);
        let at_home = if are_apart { Bounds::OPEN } else { Bounds::ALL };
        summary.add(judge.of(at_home, at_home, families, false), own_node);
    }

    /// Whether a policy that cannot be evaluated may come between a pod and its own node.
    fn are_apart(&self, from: ClassId, to: ClassId) -> bool {
        may_come_between(self.model.selecting(from, Direction::Egress))
            || may_come_between(self.model.selecting(to, Direction::Ingress))
    }
}
