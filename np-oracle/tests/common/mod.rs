//! What the tests share: one interface to whatever answers the questions, be it the judge itself or an
//! engine that is judged.

pub(crate) mod corpus;
pub(crate) mod judge;
pub(crate) mod np;
pub(crate) mod random;

use np_oracle::{Bounds, Cluster, Effect, End, Family, Point, PortOf, Protocol};
use serde_json::Value;
use std::collections::BTreeSet;

/// What an engine is given.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    /// API objects, as they would stand in files.
    pub(crate) manifests: Vec<Value>,
    /// `--pod-cidr`; empty: not given.
    pub(crate) pod_cidrs: Vec<String>,
    /// `--assume-bare-namespaces`.
    pub(crate) assume_bare_namespaces: bool,
    /// How many policies have a mistake in them; the manifests are read nevertheless.
    pub(crate) broken: usize,
}

impl From<&Cluster> for Case {
    fn from(cluster: &Cluster) -> Self {
        Self {
            manifests: cluster.manifests().expect("API objects can be written"),
            pod_cidrs: cluster.pod_cidrs.clone(),
            assume_bare_namespaces: cluster.assume_bare_namespaces,
            broken: cluster.unevaluated.iter().filter(|policy| policy.effect == Effect::Joins).count(),
        }
    }
}

/// Something that reads clusters.
pub(crate) trait Engine {
    /// For messages.
    fn name(&self) -> &'static str;

    /// Reads a cluster. It is valid, so that whatever goes wrong is a failed test: panic.
    fn build(&self, case: &Case) -> Box<dyn Built>;
}

/// Bounds at any point; None where the ends have no address of the point's family in common.
pub(crate) type Pair<'a> = Box<dyn Fn(Point) -> Option<Bounds> + 'a>;

/// A cluster that an engine has read. Ends exist and can be asked about; panic otherwise.
pub(crate) trait Built {
    /// All that can pass between two ends.
    fn between<'a>(&'a self, from: &End, to: &End) -> Pair<'a>;

    /// Whether an end reaches a Service; None where there is nothing to ask. `points` are those to look at.
    fn service(
        &self,
        from: &End,
        service: (&str, &str),
        asked: &PortOf,
        points: &[Point],
    ) -> Option<OfService>;

    /// One port, whatever the family. An engine with an answer of its own gives that.
    fn ask(&self, from: &End, to: &End, protocol: Protocol, port: u16) -> Answer {
        let pair = self.between(from, to);
        let bounds: Vec<Bounds> =
            Family::ALL.into_iter().filter_map(|family| pair(Point { family, protocol, port })).collect();
        Answer {
            verdict: Verdict4::of(bounds.iter().map(|one| one.pair())),
            egress: Verdict4::of(bounds.iter().map(|one| one.egress)),
            ingress: Verdict4::of(bounds.iter().map(|one| one.ingress)),
        }
    }
}

/// What `np query` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict4 {
    Allowed,
    Denied,
    /// Allowed in one family, denied in the other.
    Partial,
    Unknown,
}

impl Verdict4 {
    /// The verdict on several points; denied if there are none.
    fn of(bounds: impl Iterator<Item = np_oracle::Bound>) -> Self {
        let bounds: Vec<_> = bounds.collect();
        match () {
            () if bounds.iter().any(|one| one.possible && !one.certain) => Self::Unknown,
            () if bounds.iter().all(|one| !one.certain) => Self::Denied,
            () if bounds.iter().all(|one| one.certain) => Self::Allowed,
            () => Self::Partial,
        }
    }
}

impl From<bool> for Verdict4 {
    fn from(allowed: bool) -> Self {
        if allowed { Self::Allowed } else { Self::Denied }
    }
}

/// The answer about a Service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OfService {
    pub(crate) verdict: Verdict4,
    /// What passes, is open and is blocked; None where no pair of ends was asked.
    pub(crate) points: Option<[BTreeSet<Point>; 3]>,
}

/// A verdict, and the verdict of each direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) verdict: Verdict4,
    pub(crate) egress: Verdict4,
    pub(crate) ingress: Verdict4,
}
