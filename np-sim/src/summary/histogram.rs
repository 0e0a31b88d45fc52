//! How many pods of each line a row gives which bounds.

use super::lines::{Alike, LineId, Lines};
use crate::rows::{Bounds, Row};

/// The pods of each line that have some bounds.
#[derive(Debug)]
pub(super) struct Layer {
    pub(super) bounds: Bounds,
    /// By line.
    pub(super) pods: Vec<u32>,
    /// The lines that have any, in the order met.
    pub(super) met: Vec<LineId>,
}

/// The pods of all lines, by what a row says of them; those that it lets nothing pass with left out.
/// Used again for row after row.
#[derive(Debug, Default)]
pub(super) struct Histogram {
    layers: Vec<Layer>,
    used: usize,
}

impl Histogram {
    /// Counts what a row says of the members of `lines`; for each 64 classes, a step for each line among
    /// them, or for each class that the row lets something pass with.
    pub(super) fn fill(&mut self, row: &Row, lines: &Lines) {
        self.used = 0;
        for layer in row.layers.iter().filter(|layer| layer.bounds != Bounds::NONE) {
            let count = self.layer(layer.bounds, lines);
            for (base, word) in layer.classes.words() {
                let alike = lines.alike(base).filter(|alike| word.count_ones() as usize > alike.len());
                let Some(alike) = alike else {
                    count.each(word, &lines.of_class[base.min(lines.of_class.len())..]);
                    continue;
                };
                for Alike { classes, line, pods } in alike.iter().filter(|alike| word & alike.classes != 0) {
                    count.add(*line, (word & classes).count_ones() * pods);
                }
            }
        }
        if row.rest != Bounds::NONE {
            let counted = self.used;
            self.layer(row.rest, lines);
            let (layers, rest) = self.layers.split_at_mut(counted);
            for (line, id) in lines.all.iter().zip((0..).map(LineId::at)) {
                let all = u32::try_from(line.pods).expect("fewer than 2^32 pods");
                let others: u32 = layers.iter().map(|layer| layer.pods[id.index()]).sum();
                rest[0].add(id, all - others);
            }
        }
    }

    /// What was counted.
    pub(super) fn layers(&self) -> &[Layer] {
        &self.layers[..self.used]
    }

    /// An empty layer.
    fn layer(&mut self, bounds: Bounds, lines: &Lines) -> &mut Layer {
        if self.used == self.layers.len() {
            self.layers.push(Layer { bounds, pods: vec![0; lines.all.len()], met: Vec::new() });
        }
        let layer = &mut self.layers[self.used];
        self.used += 1;
        layer.bounds = bounds;
        for line in layer.met.drain(..) {
            layer.pods[line.index()] = 0;
        }
        layer
    }
}

impl Layer {
    /// Counts the classes of a word one by one. Those that are no ordinary pods come last.
    fn each(&mut self, mut word: u64, of_class: &[(LineId, u32)]) {
        while word != 0 {
            let Some((line, pods)) = of_class.get(word.trailing_zeros() as usize) else { return };
            self.add(*line, *pods);
            word &= word - 1;
        }
    }

    fn add(&mut self, line: LineId, pods: u32) {
        let count = &mut self.pods[line.index()];
        if *count == 0 {
            if pods == 0 {
                return;
            }
            self.met.push(line);
        }
        *count += pods;
    }
}
