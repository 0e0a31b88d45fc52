//! The judge as an engine: it reads the same manifests as any other.

use super::{Built, Case, Engine, Pair};
use np_oracle::{Cluster, End};

/// The judge.
pub(crate) struct Judge;

impl Engine for Judge {
    fn name(&self) -> &'static str {
        "oracle"
    }

    fn build(&self, case: &Case) -> Box<dyn Built> {
        let mut cluster = Cluster::from_manifests(&case.manifests).expect("the judge reads its own kinds");
        cluster.pod_cidrs.clone_from(&case.pod_cidrs);
        cluster.assume_bare_namespaces = case.assume_bare_namespaces;
        Box::new(cluster)
    }
}

impl Built for Cluster {
    fn between<'a>(&'a self, from: &End, to: &End) -> Pair<'a> {
        let between = Cluster::between(self, from, to)
            .unwrap_or_else(|| panic!("{from:?} to {to:?} cannot be asked about"));
        Box::new(move |point| between.at(point))
    }
}
