//! The blocks of lines, counted as products of two histograms.

use np_model::Model;
use np_model::ir::Direction;
use np_model::model::ClassId;

use super::Summary;
use super::histogram::Histogram;
use super::hosts::Hosts;
use super::judge::{BoundsId, Judge};
use super::lines::{LineId, Lines};
use crate::rows::{Bounds, Builder};

/// So many pods of a line have these bounds to the egress row of another.
#[derive(Debug, Clone, Copy)]
pub(super) struct Met {
    from: LineId,
    bounds: BoundsId,
    pods: u32,
}

/// The lines of both directions.
pub(super) struct Blocks<'m> {
    model: &'m Model,
    builder: Builder<'m>,
    egress: Lines,
    ingress: Lines,
    /// By class of ordinary pods: what its egress says of itself.
    own: Vec<BoundsId>,
    hosts: Hosts<'m>,
}

impl<'m> Blocks<'m> {
    pub(super) fn new(model: &'m Model, judge: &mut Judge) -> Self {
        let builder = Builder::new(model, &mut judge.table);
        let [egress, ingress] = Direction::BOTH.map(|direction| Lines::of(model, direction));
        let own = vec![BoundsId::NONE; egress.of_class.len()];
        let hosts = Hosts::of(model, &egress, &ingress);
        Self { model, builder, egress, ingress, own, hosts }
    }

    /// By ingress line: how many of its pods the egress rows let something pass to.
    pub(super) fn sources(&mut self, judge: &mut Judge) -> Vec<Vec<Met>> {
        let mut found: Vec<Vec<Met>> = vec![Vec::new(); self.ingress.all.len()];
        let mut histogram = Histogram::default();
        for (at, lines) in self.egress.of_row.iter().enumerate().filter(|(_, lines)| !lines.is_empty()) {
            let row = self.egress.build(&mut self.builder, &mut judge.table, at);
            histogram.fill(&row, &self.ingress);
            for layer in histogram.layers() {
                let bounds = judge.id(layer.bounds);
                for to in &layer.met {
                    let pods = layer.pods[to.index()];
                    found[to.index()].extend(lines.iter().map(|from| Met { from: *from, bounds, pods }));
                }
            }
            for line in lines {
                for class in &self.egress.all[line.index()].classes {
                    self.own[class.index()] = judge.id(row.at(*class));
                }
                self.hosts.source(*line, &row);
            }
        }
        found
    }

    /// Counts the pairs of ordinary pods, ingress row by ingress row.
    pub(super) fn destinations(&mut self, judge: &mut Judge, found: &[Vec<Met>]) -> Summary {
        let mut summary = Summary::default();
        let mut histogram = Histogram::default();
        for (at, lines) in self.ingress.of_row.iter().enumerate().filter(|(_, lines)| !lines.is_empty()) {
            let row = self.ingress.build(&mut self.builder, &mut judge.table, at);
            histogram.fill(&row, &self.egress);
            for line in lines {
                let to = &self.ingress.all[line.index()];
                for layer in histogram.layers() {
                    let bounds = judge.id(layer.bounds);
                    for met in &found[line.index()] {
                        let sources = u64::from(layer.pods[met.from.index()]);
                        if sources > 0 {
                            let families = self.egress.all[met.from.index()].families.and(to.families);
                            let verdict = judge.verdict(met.bounds, bounds, families);
                            summary.add(verdict, sources * u64::from(met.pods));
                        }
                    }
                }
                for class in &to.classes {
                    self.without_itself(judge, &mut summary, *class, row.at(*class));
                }
                self.hosts.destination(*line, &row);
            }
        }
        // All other pairs have nothing that passes.
        let pods: u64 = self.egress.all.iter().map(|line| line.pods).sum();
        let alone: u64 =
            self.egress.all.iter().flat_map(|line| &line.classes).map(|class| self.alone(*class)).sum();
        summary.denied += pods * pods - alone - summary.pairs();
        summary
    }

    /// Takes out the pairs of a pod and itself, which have been counted as strangers.
    fn without_itself(&self, judge: &mut Judge, summary: &mut Summary, class: ClassId, ingress: Bounds) {
        let egress = self.own[class.index()];
        if egress != BoundsId::NONE && ingress != Bounds::NONE {
            let ingress = judge.id(ingress);
            let verdict = judge.verdict(egress, ingress, self.model.class(class).families);
            summary.take(verdict, self.alone(class));
        }
    }

    /// How many members of a class stand for one pod only.
    fn alone(&self, class: ClassId) -> u64 {
        let pods = self.model.class(class).pods.iter();
        pods.filter(|pod| !self.model.pod(**pod).is_several()).count() as u64
    }

    /// Counts the pairs with pods on their node's network.
    pub(super) fn hosts(&mut self, judge: &mut Judge, summary: &mut Summary) {
        self.hosts.count(&mut self.builder, judge, &self.egress, &self.ingress, summary);
    }
}
