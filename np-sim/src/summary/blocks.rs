//! The blocks of lines, counted as products of two histograms.
//!
//! First every egress row is met with the ingress lines, then every ingress row with the egress lines, and
//! what it meets there is multiplied with what was met before. Rows do not depend on each other, so any
//! number of threads can share them; the counts are the same.

use std::num::NonZero;
use std::thread;

use np_model::Model;
use np_model::groups::Groups;
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
    /// How many pods of an ingress line something passes to.
    met: Vec<(LineId, Met)>,
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
        let steps = (egress.rows() + ingress.rows()) * egress.of_class.len();
        let threads = if steps < MANY { 1 } else { threads.get() };
        Self { model, egress, ingress, hosts, threads }
    }

    /// Counts all pairs.
    pub(super) fn count(&self, judge: Judge) -> Summary {
        let mut judge = judge;
        let mut parts =
            self.share(self.egress.rows(), &mut judge, |rows, judge| self.sources(rows, judge)).into_iter();
        let (mut all, _) = parts.next().expect("one thread at least");
        for (part, ids) in parts {
            all.add(part, &ids);
        }
        let mut own = vec![BoundsId::NONE; self.egress.of_class.len()];
        for (class, bounds) in &all.own {
            own[class.index()] = *bounds;
        }
        let met = Groups::of(self.ingress.all.len(), &all.met, |(to, met)| (to.index(), *met));
        let parts = self
            .share(self.ingress.rows(), &mut judge, |rows, judge| self.destinations(rows, judge, &met, &own));
        let (mut summary, mut of_hosts) = (Summary::default(), Vec::new());
        for ((part, hosts), ids) in parts {
            summary = summary.plus(part);
            of_hosts.extend(hosts.into_iter().map(|met| met.among(&ids)));
        }
        // All other pairs of ordinary pods have nothing that passes.
        let pods: u64 = self.egress.all.iter().map(|line| line.pods).sum();
        let classes = self.model.class_ids().take(self.egress.of_class.len());
        let alone: u64 = classes.map(|class| self.alone(class)).sum();
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
        let mut sources = Sources::default();
        let mut histogram = Histogram::default();
        for at in rows {
            let lines = self.egress.of_row(at);
            if lines.is_empty() {
                continue;
            }
            let row = self.egress.build(&mut builder, &mut judge.table, at);
            histogram.fill(&row, &self.ingress);
            for layer in histogram.layers() {
                let bounds = judge.id(layer.bounds);
                for from in lines {
                    let met = |to: &LineId| (*to, Met { from: *from, bounds, pods: layer.pods[to.index()] });
                    sources.met.extend(layer.met.iter().map(met));
                }
            }
            for line in lines {
                let classes = self.egress.classes(*line).iter();
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
        met: &Groups<Met>,
        own: &[BoundsId],
    ) -> (Summary, Vec<hosts::Met>) {
        let mut builder = Builder::without_externals(self.model, &mut judge.table);
        let (mut summary, mut of_hosts) = (Summary::default(), Vec::new());
        let mut histogram = Histogram::default();
        for at in rows {
            let lines = self.ingress.of_row(at);
            if lines.is_empty() {
                continue;
            }
            let row = self.ingress.build(&mut builder, &mut judge.table, at);
            histogram.fill(&row, &self.egress);
            for line in lines {
                let to = &self.ingress.all[line.index()];
                for layer in histogram.layers() {
                    let bounds = judge.id(layer.bounds);
                    for met in met.get(line.index()) {
                        let sources = u64::from(layer.pods[met.from.index()]);
                        if sources > 0 {
                            let families = self.egress.all[met.from.index()].families.and(to.families);
                            let verdict = judge.verdict(met.bounds, bounds, families);
                            summary.add(verdict, sources * u64::from(met.pods));
                        }
                    }
                }
                for class in self.ingress.classes(*line) {
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
        let met = |(to, met): (LineId, Met)| (to, Met { bounds: met.bounds.among(ids), ..met });
        self.met.extend(other.met.into_iter().map(met));
        self.own.extend(other.own.into_iter().map(|(class, bounds)| (class, bounds.among(ids))));
        self.hosts.extend(other.hosts.into_iter().map(|met| met.among(ids)));
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZero;

    use np_model::addr::Families;
    use np_model::conn::ConnSet;
    use np_model::{Assumptions, Input, Model, compile_anyway};

    use super::Blocks;
    use crate::Summary;
    use crate::summary::judge::Judge;

    /// Twelve pods with a policy each, all with other ports, to and from half of the others; one is on its node.
    fn model() -> Model {
        let one = |at: u32| {
            let (half, host) = (at % 2, at == 11);
            format!(
                "---
apiVersion: v1
kind: Pod
metadata: {{name: p{at}, namespace: a, labels: {{at: p{at}, half: h{half}}}}}
spec: {{hostNetwork: {host}, nodeName: n{half}, containers: [{{name: main, ports: [{{name: own, containerPort: 90{at}}}]}}]}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{name: p{at}, namespace: a}}
spec:
  podSelector: {{matchLabels: {{at: p{at}}}}}
  policyTypes: [Ingress, Egress]
  ingress: [{{from: [{{podSelector: {{matchLabels: {{half: h{half}}}}}}}], ports: [{{port: own}}, {{port: 8{at}}}]}}]
  egress: [{{to: [{{podSelector: {{}}}}], ports: [{{port: 80, endPort: 8{at}}}, {{port: own}}]}}]
"
            )
        };
        let text: Vec<String> = (0..12).map(one).collect();
        let mut input = Input::default();
        input.text("twelve.yaml", text.concat().into_bytes());
        assert!(!input.has_errors());
        compile_anyway(input, &Assumptions::default())
    }

    #[test]
    fn any_number_of_threads_counts_the_same() {
        let (model, asked) = (model(), ConnSet::all(Families::BOTH));
        let count = |threads| {
            let blocks = Blocks { threads, ..Blocks::new(&model, NonZero::<usize>::MIN) };
            blocks.count(Judge::new(&asked))
        };
        let one: Summary = count(1);
        assert_eq!(one.pairs(), 12 * 11);
        assert!(one.partial > 0 && one.denied > 0);
        for threads in 2..5 {
            assert_eq!(count(threads), one);
        }
    }
}
