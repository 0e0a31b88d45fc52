//! How many pods of each line a row gives which bounds.

use super::lines::{LineId, Lines};
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
    /// Counts what a row says of the members of `lines`; a step for each class that it lets something
    /// pass with.
    pub(super) fn fill(&mut self, row: &Row, lines: &Lines) {
        self.used = 0;
        for layer in row.layers.iter().filter(|layer| layer.bounds != Bounds::NONE) {
            let count = self.layer(layer.bounds, lines);
            layer.classes.iter().take_while(|class| class.index() < lines.of_class.len()).for_each(|class| {
                let (line, pods) = lines.of_class[class.index()];
                count.add(line, pods);
            });
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
    fn add(&mut self, line: LineId, pods: u32) {
        let count = &mut self.pods[line.index()];
        if *count == 0 && pods > 0 {
            self.met.push(line);
        }
        *count += pods;
    }
}
