//! The matrix as a graph, for paths, components and dominators with petgraph's algorithms.

use np_model::Model;
use np_model::conn::ConnSet;
use petgraph::graph::DiGraph;

use crate::axis::{By, Externals, axis, externals};
use crate::endpoint::Endpoint;
use crate::matrix::Matrix;

/// What connects two endpoints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    /// What passes for some pair of the two.
    pub passes: ConnSet,
    /// What may pass, depending on facts that the input does not show.
    pub open: ConnSet,
}

/// The reachability graph: nodes are workloads and bare pods (a workload's pods where the rules
/// tell them apart), and, if asked for, external addresses; an edge stands where something passes
/// or may pass. No edge leads from an endpoint to itself.
///
/// ```
/// use np_model::{Assumptions, Input, compile};
/// use petgraph::algo::has_path_connecting;
///
/// let model = compile(Input::new("default"), &Assumptions::default())?;
/// let graph = np_sim::graph::graph(&model, None);
/// assert_eq!(graph.node_count(), 0);
/// # Ok::<(), np_model::diag::Invalid>(())
/// ```
pub fn graph(model: &Model, external: Option<Externals>) -> DiGraph<Endpoint, Edge> {
    let mut matrix = Matrix::new(model);
    let mut endpoints = axis(model, By::Distinct);
    endpoints.extend(external.into_iter().flat_map(|how| externals(model, how)));
    let parties: Vec<_> = endpoints.iter().map(|endpoint| matrix.party(endpoint)).collect();

    let mut graph = DiGraph::with_capacity(endpoints.len(), 0);
    let is_external: Vec<bool> = endpoints.iter().map(|e| matches!(e, Endpoint::External(_))).collect();
    let nodes: Vec<_> = endpoints.into_iter().map(|endpoint| graph.add_node(endpoint)).collect();
    for (i, from) in parties.iter().enumerate() {
        for (j, to) in parties.iter().enumerate() {
            if i == j || (is_external[i] && is_external[j]) {
                continue;
            }
            let cell = matrix.cell(from, to);
            let (passes, open) = (matrix.connections(cell.passes), matrix.connections(cell.open));
            if !passes.is_empty() || !open.is_empty() {
                let edge = Edge { passes: passes.clone(), open: open.clone() };
                graph.add_edge(nodes[i], nodes[j], edge);
            }
        }
    }
    graph
}
