//! Who stands in the rows and columns of a matrix, in which order.

use np_model::Model;
use np_model::addr::Families;
use np_model::model::{ClassKind, PodId};

use crate::endpoint::{Endpoint, External};

/// What one row or column of a matrix stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum By {
    /// Workloads and bare pods; a workload whose pods the rules tell apart by its pods.
    Distinct,
    /// Workloads and bare pods.
    Workload,
    /// Pods; a template stands for those that the input does not show.
    Pod,
    /// Namespaces that have pods.
    Namespace,
}

/// How external addresses take part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Externals {
    /// As one endpoint.
    Whole,
    /// One endpoint for each range that the rules distinguish, of the families that pods have.
    Ranges,
}

/// The endpoints of one axis, sorted by namespace, name and kind.
pub fn axis(model: &Model, by: By) -> Vec<Endpoint> {
    let bare = |id: &PodId| model.pod(*id).workload.is_none();
    let mut endpoints: Vec<Endpoint> = match by {
        By::Namespace => {
            let mut namespaces: Vec<_> = model.pods().iter().map(|pod| pod.namespace).collect();
            namespaces.dedup();
            namespaces.into_iter().map(Endpoint::Namespace).collect()
        }
        By::Pod => model.pod_ids().map(Endpoint::Pod).collect(),
        By::Workload => {
            let pods = model.pod_ids().filter(bare).map(Endpoint::Pod);
            pods.chain(model.workload_ids().map(Endpoint::Workload)).collect()
        }
        By::Distinct => {
            let pods = model.pod_ids().filter(bare).map(Endpoint::Pod);
            let workloads = model.workload_ids().flat_map(|id| {
                if is_told_apart(model, &model.workload(id).pods) {
                    model.workload(id).pods.iter().map(|pod| Endpoint::Pod(*pod)).collect()
                } else {
                    vec![Endpoint::Workload(id)]
                }
            });
            pods.chain(workloads).collect()
        }
    };
    endpoints.sort_by_cached_key(|endpoint| {
        let name = match endpoint {
            Endpoint::Pod(id) => model.pod(*id).name.as_str(),
            Endpoint::Workload(id) => model.workload(*id).name.as_str(),
            _ => "",
        };
        (endpoint.namespace(model), name, endpoint.clone())
    });
    endpoints
}

/// Whether the rules tell some of these pods apart.
pub fn is_told_apart(model: &Model, pods: &[PodId]) -> bool {
    pods.windows(2).any(|pair| model.tells_apart(model.pod(pair[0]).class, model.pod(pair[1]).class))
}

/// The external endpoints of an axis.
pub fn externals(model: &Model, externals: Externals) -> Vec<Endpoint> {
    match externals {
        Externals::Whole => vec![Endpoint::External(External::everything(model))],
        Externals::Ranges => {
            let of_pods = model.pods().iter().fold(Families::NONE, |families, pod| families.or(pod.families));
            let classes = model.classes().filter(|class| class.kind == ClassKind::External);
            let shown = classes.filter(|class| !class.families.and(of_pods).is_empty());
            let mut ranges: Vec<_> = shown.map(|class| &class.addresses).collect();
            ranges.sort();
            ranges
                .into_iter()
                .map(|range| {
                    let addresses = range.minus(model.known_addresses());
                    let (pods_inside, nodes_inside) = (Vec::new(), Vec::new());
                    let name = range.to_string().replace(' ', ",");
                    Endpoint::External(External { name, addresses, pods_inside, nodes_inside })
                })
                .collect()
        }
    }
}
