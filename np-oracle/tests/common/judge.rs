//! The judge as an engine: it reads the same manifests as any other.

use super::{Built, Case, Engine, OfService, Pair, Verdict4};
use np_oracle::{Cluster, End, Point, PortOf, ServiceAnswer};

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

    fn service(
        &self,
        from: &End,
        service: (&str, &str),
        asked: &PortOf,
        points: &[Point],
    ) -> Option<OfService> {
        let (verdict, points) = match self.ask_service(from, service, asked, points).ok()? {
            ServiceAnswer::NoEndpoint => (Verdict4::Denied, None),
            ServiceAnswer::Unknown => (Verdict4::Unknown, None),
            ServiceAnswer::Points { passes, open, blocked } => {
                let verdict = match (open.is_empty(), passes.is_empty(), blocked.is_empty()) {
                    (false, ..) => Verdict4::Unknown,
                    (true, true, _) => Verdict4::Denied,
                    (true, false, true) => Verdict4::Allowed,
                    (true, false, false) => Verdict4::Partial,
                };
                (verdict, Some([passes, open, blocked]))
            }
        };
        Some(OfService { verdict, points })
    }
}
