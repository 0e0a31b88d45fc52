//! A difference without what was wanted: what a change does besides.

use std::sync::Arc;

use np_model::Model;
use np_model::addr::AddrSet;
use np_model::conn::ConnSet;
use np_model::refine::Aligned;

use super::{Change, Difference, Group, Passing};
use crate::endpoint::Endpoint;

impl Difference {
    /// The same without what happens to the `wanted` connections from one endpoint of the base to another:
    /// groups are divided where only part of their pairs is meant.
    #[must_use]
    pub fn besides(
        &self,
        base: &Model,
        head: &Model,
        from: &Endpoint,
        to: &Endpoint,
        wanted: &ConnSet,
    ) -> Self {
        let mut changes = Vec::new();
        for change in &self.changes {
            let (sources, others) = split(base, &change.from, from);
            let (destinations, beyond) = split(base, &change.to, to);
            if sources.is_empty() || destinations.is_empty() {
                changes.push(change.clone());
                continue;
            }
            let less = |passing: &Passing| Passing {
                passes: passing.passes.minus(wanted),
                open: passing.open.minus(wanted),
            };
            let is_divided =
                |one: &Group, other: &Group| !one.addresses.is_empty() && !other.addresses.is_empty();
            let is_divided = [is_divided(&sources, &others), is_divided(&destinations, &beyond)];
            let part = |from: &Arc<Group>, to: &Arc<Group>| Change {
                from: Arc::clone(from),
                to: Arc::clone(to),
                ..change.clone()
            };
            let (sources, others) = (Arc::new(sources), Arc::new(others));
            let (destinations, beyond) = (Arc::new(destinations), Arc::new(beyond));
            // Those of one endpoint are counted, the many others are what is left. Addresses that are divided
            // count once in either part.
            let count = |part: &Change| part.pairs(base, head).count() as u64;
            let mut met = Change {
                before: less(&change.before),
                after: less(&change.after),
                ..part(&sources, &destinations)
            };
            met.count = count(&met);
            let mut of_sources = part(&sources, &change.to);
            of_sources.count = count(&of_sources);
            let mut missed = part(&sources, &beyond);
            missed.count = if is_divided[1] { count(&missed) } else { of_sources.count - met.count };
            let mut rest = part(&others, &change.to);
            rest.count = if is_divided[0] { count(&rest) } else { change.count - of_sources.count };
            changes.extend(
                [met, missed, rest].into_iter().filter(|part| part.count > 0 && part.before != part.after),
            );
        }
        Self { changes, ..self.clone() }
    }
}

/// The members of a group that an endpoint of the base is or stands for, and the others.
fn split(base: &Model, group: &Group, endpoint: &Endpoint) -> (Group, Group) {
    let pods = endpoint.pods(base);
    let is_pod = |pod: &Aligned<_>| pod.base().is_some_and(|id| pods.binary_search(&id).is_ok());
    let is_node = |node: &Aligned<_>| matches!(endpoint, Endpoint::Node(id) if node.base() == Some(*id));
    let addresses = match endpoint {
        Endpoint::External(external) => group.addresses.and(&external.addresses),
        _ => AddrSet::default(),
    };
    let (of_pods, other_pods) = group.pods.iter().partition(|pod| is_pod(pod));
    let (of_nodes, other_nodes) = group.nodes.iter().partition(|node| is_node(node));
    let others = group.addresses.minus(&addresses);
    (
        Group { addresses, nodes: of_nodes, pods: of_pods },
        Group { addresses: others, nodes: other_nodes, pods: other_pods },
    )
}
