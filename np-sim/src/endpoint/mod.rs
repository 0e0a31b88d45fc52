//! What a question can name, and the names it goes by.

mod destination;
mod find;
mod internet;
mod object;

pub use destination::Destination;
pub use find::{FindError, Finder, ranges};
pub use internet::internet;
pub use object::Object;

use np_model::Model;
use np_model::addr::AddrSet;
use np_model::model::{NamespaceId, NodeId, PodId, WorkloadId};

/// One side of a question.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Endpoint {
    /// A pod of its own, or the template that stands for a workload's pods.
    Pod(PodId),
    /// All pods of a workload.
    Workload(WorkloadId),
    /// All pods of a namespace.
    Namespace(NamespaceId),
    /// A node.
    Node(NodeId),
    /// External addresses.
    External(External),
}

/// External addresses under the name they were asked by.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct External {
    /// `external`, `internet`, an address, a CIDR, or ranges separated by commas.
    pub name: String,
    /// The addresses, known pods and nodes left out.
    pub addresses: AddrSet,
    /// Pods whose address is in the range that was asked for; they are no part of the answer. Empty
    /// for `external`, which is everything that is not known.
    pub pods_inside: Vec<PodId>,
    /// Nodes whose address is in the range that was asked for, likewise.
    pub nodes_inside: Vec<NodeId>,
}

impl External {
    /// The external addresses among `range`.
    pub fn new(model: &Model, name: impl Into<String>, range: &AddrSet) -> Self {
        let inside = |whereabouts: &np_model::model::Whereabouts| matches!(whereabouts, np_model::model::Whereabouts::At(ips) if ips.iter().any(|ip| range.contains(ip)));
        Self {
            name: name.into(),
            addresses: range.minus(model.known_addresses()),
            pods_inside: model.pod_ids().filter(|id| inside(&model.pod(*id).whereabouts)).collect(),
            nodes_inside: model.node_ids().filter(|id| inside(&model.node(*id).whereabouts)).collect(),
        }
    }

    /// All of them: every address of no known pod or node.
    pub fn everything(model: &Model) -> Self {
        let addresses = AddrSet::everything().minus(model.known_addresses());
        Self { name: "external".to_owned(), addresses, pods_inside: Vec::new(), nodes_inside: Vec::new() }
    }
}

impl Endpoint {
    /// The full name: `ns/kind/name`, `node/NAME`, a namespace (`namespace/NAME` where the name is a
    /// word with another meaning), or addresses. A question accepts it.
    pub fn name(&self, model: &Model) -> String {
        match self {
            Self::Pod(id) => model.pod_name(*id),
            Self::Workload(id) => model.workload_name(*id),
            Self::Namespace(id) => {
                let name = &model.namespace(*id).name;
                if find::WORDS.contains(&name.as_str()) { format!("namespace/{name}") } else { name.clone() }
            }
            Self::Node(id) => format!("node/{}", model.node(*id).name),
            Self::External(external) => external.name.clone(),
        }
    }

    /// The namespace it is in or is, if any.
    pub fn namespace(&self, model: &Model) -> Option<NamespaceId> {
        match self {
            Self::Pod(id) => Some(model.pod(*id).namespace),
            Self::Workload(id) => Some(model.workload(*id).namespace),
            Self::Namespace(id) => Some(*id),
            Self::Node(_) | Self::External(_) => None,
        }
    }

    /// Its pods, ascending; none for nodes and addresses.
    pub fn pods(&self, model: &Model) -> Vec<PodId> {
        match self {
            Self::Pod(id) => vec![*id],
            Self::Workload(id) => model.workload(*id).pods.clone(),
            Self::Namespace(id) => model.pod_ids().filter(|pod| model.pod(*pod).namespace == *id).collect(),
            Self::Node(_) | Self::External(_) => Vec::new(),
        }
    }
}
