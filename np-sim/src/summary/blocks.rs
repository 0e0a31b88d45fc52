//! The blocks of lines, counted as products of two histograms.
//!
//! First every egress row is met with the ingress lines, then every ingress row with the egress lines, and
//! what it meets there is multiplied with what was met before. Rows do not depend on each other, so any
//! number of threads can share them; the counts are the same.

use std::num::NonZero;
use std::thread;

use np_model::Model;
use np_model::ir::Direction;
use np_model::model::ClassId;
use np_model::parallel::both;

use super::Summary;
use super::histogram::Histogram;
use super::hosts::{self, Hosts};
use super::judge::{BoundsId, Judge};
use super::lines::{LineId, Lines};
use crate::rows::Builder;

/// The lines of both directions.
pub(super) struct Blocks<'m> {
    model: &'m Model,
    egress: Lines,
    ingress: Lines,
    hosts: Hosts<'m>,
    threads: usize,
}

/// So many pods of a line have these bounds to the egress row of another.
#[derive(Debug, Clone, Copy)]
struct Met {
    from: LineId,
    bounds: BoundsId,
    pods: u32,
}

/// What some egress rows say.
#[derive(Default)]
pub(super) struct Sources {
    /// By ingress line: how many of its pods something passes to.
    met: Vec<Vec<Met>>,
    /// What classes of ordinary pods say of themselves.
    own: Vec<(ClassId, BoundsId)>,
    hosts: Vec<hosts::Met>,
}

/// From how many steps on a second thread is worth while.
const MANY: usize = 1 << 20;

/// From how many classes on one is for finding the lines.
const LARGE: usize = 1 << 12;

impl<'m> Blocks<'m> {
    pub(super) fn new(model: &'m Model, threads: NonZero<usize>) -> Self {
        let is_large = threads.get() > 1 && model.class_ids().len() >= LARGE;
        let lines = |direction| move || Lines::of(model, direction);
        let (egress, ingress) = both(is_large, lines(Direction::Egress), lines(Direction::Ingress));
        let hosts = Hosts::of(model, &egress, &ingress);
        let steps = (egress.of_row.len() + ingress.of_row.len()) * egress.of_class.len();
        let threads = if steps < MANY { 1 } else { threads.get() };
        Self { model, egress, ingress, hosts, threads }
    }

    /// Counts all pairs.
    pub(super) fn count(&self, judge: Judge) -> Summary {
        let mut judge = judge;
        let rows = self.egress.of_row.len();
        let mut parts = self.share(rows, &mut judge, |rows, judge| self.sources(rows, judge)).into_iter();
        let (mut all, _) = parts.next().expect("one thread at least");
        for (part, ids) in parts {
            all.add(part, &ids);
        }
        let mut own = vec![BoundsId::NONE; self.egress.of_class.len()];
        for (class, bounds) in &all.own {
            own[class.index()] = *bounds;
        }
        let parts = self.share(self.ingress.of_row.len(), &mut judge, |rows, judge| {
            self.destinations(rows, judge, &all.met, &own)
        });
        let (mut summary, mut of_hosts) = (Summary::default(), Vec::new());
        for ((part, hosts), ids) in parts {
            summary = summary.plus(part);
            of_hosts.extend(hosts.into_iter().map(|met| met.among(&ids)));
        }
        // All other pairs of ordinary pods have nothing that passes.
        let pods: u64 = self.egress.all.iter().map(|line| line.pods).sum();
        let classes = self.egress.all.iter().flat_map(|line| &line.classes);
        let alone: u64 = classes.map(|class| self.alone(*class)).sum();
        summary.denied += pods * pods - alone - summary.pairs();
        let mut builder = Builder::without_externals(self.model, &mut judge.table);
        let met = [all.hosts.as_slice(), &of_hosts];
        summary.plus(self.hosts.count(&mut builder, &mut judge, [&self.egress, &self.ingress], met))
    }

    /// Shares rows among the threads. Each starts with what the judge knows, which then knows what they found
    /// out: with what each did come the ids here of the bounds that it knows.
    fn share<T: Send>(
        &self,
        rows: usize,
        judge: &mut Judge,
        work: impl Fn(&mut dyn Iterator<Item = usize>, &mut Judge) -> T + Sync,
    ) -> Vec<(T, Vec<BoundsId>)> {
        // Neighbours are alike, and their work too: each thread takes every so manieth row.
        let rows = |thread: usize| (thread..rows).step_by(self.threads);
        let (start, work) = (judge.start(), &work);
        thread::scope(|scope| {
            let others: Vec<_> = (1..self.threads)
                .map(|thread| {
                    let mut judge = judge.clone();
                    scope.spawn(move || (work(&mut rows(thread), &mut judge), judge))
                })
                .collect();
            let first = work(&mut rows(0), judge);
            let mut parts = vec![(first, judge.ids().collect())];
            for other in others {
                let (part, its) = other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
                parts.push((part, judge.adopt(&its, start)));
            }
            parts
        })
    }

    fn sources(&self, rows: &mut dyn Iterator<Item = usize>, judge: &mut Judge) -> Sources {
        let mut builder = Builder::without_externals(self.model, &mut judge.table);
        let mut sources = Sources { met: vec![Vec::new(); self.ingress.all.len()], ..Sources::default() };
        let mut histogram = Histogram::default();
        for at in rows {
            let lines = &self.egress.of_row[at];
            if lines.is_empty() {
                continue;
            }
            let row = self.egress.build(&mut builder, &mut judge.table, at);
            histogram.fill(&row, &self.ingress);
            for layer in histogram.layers() {
                let bounds = judge.id(layer.bounds);
                for to in &layer.met {
                    let pods = layer.pods[to.index()];
                    sources.met[to.index()].extend(lines.iter().map(|from| Met {
                        from: *from,
                        bounds,
                        pods,
                    }));
                }
            }
            for line in lines {
                let classes = self.egress.all[line.index()].classes.iter();
                sources.own.extend(classes.map(|class| (*class, judge.id(row.at(*class)))));
                sources.hosts.extend(self.hosts.meet(judge, *line, &row));
            }
        }
        sources
    }

    fn destinations(
        &self,
        rows: &mut dyn Iterator<Item = usize>,
        judge: &mut Judge,
        met: &[Vec<Met>],
        own: &[BoundsId],
    ) -> (Summary, Vec<hosts::Met>) {
        let mut builder = Builder::without_externals(self.model, &mut judge.table);
        let (mut summary, mut of_hosts) = (Summary::default(), Vec::new());
        let mut histogram = Histogram::default();
        for at in rows {
            let lines = &self.ingress.of_row[at];
            if lines.is_empty() {
                continue;
            }
            let row = self.ingress.build(&mut builder, &mut judge.table, at);
            histogram.fill(&row, &self.egress);
            for line in lines {
                let to = &self.ingress.all[line.index()];
                for layer in histogram.layers() {
                    let bounds = judge.id(layer.bounds);
                    for met in &met[line.index()] {
                        let sources = u64::from(layer.pods[met.from.index()]);
                        if sources > 0 {
                            let families = self.egress.all[met.from.index()].families.and(to.families);
                            let verdict = judge.verdict(met.bounds, bounds, families);
                            summary.add(verdict, sources * u64::from(met.pods));
                        }
                    }
                }
                for class in &to.classes {
                    // The pairs of a pod and itself have been counted as strangers.
                    let (egress, ingress) = (own[class.index()], judge.id(row.at(*class)));
                    if egress != BoundsId::NONE && ingress != BoundsId::NONE {
                        summary.take(judge.verdict(egress, ingress, to.families), self.alone(*class));
                    }
                }
                of_hosts.extend(self.hosts.meet(judge, *line, &row));
            }
        }
        (summary, of_hosts)
    }

    /// How many members of a class stand for one pod only.
    fn alone(&self, class: ClassId) -> u64 {
        let pods = self.model.class(class).pods.iter();
        pods.filter(|pod| !self.model.pod(**pod).is_several()).count() as u64
    }
}

impl Sources {
    /// Adds those that another thread found, with its bounds under these ids.
    fn add(&mut self, other: Self, ids: &[BoundsId]) {
        for (met, theirs) in self.met.iter_mut().zip(other.met) {
            met.extend(theirs.into_iter().map(|one| Met { bounds: one.bounds.among(ids), ..one }));
        }
        self.own.extend(other.own.into_iter().map(|(class, bounds)| (class, bounds.among(ids))));
        self.hosts.extend(other.hosts.into_iter().map(|met| met.among(ids)));
    }
}
