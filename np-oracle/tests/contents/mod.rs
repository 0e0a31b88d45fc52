//! Contents for the policies that cannot be evaluated and are no NetworkPolicies: what such a policy may say of
//! one connection, drawn and applied here without the judge's words for it.

use np_oracle::{Bound, Bounds, Cluster, Effect, End, Point, Scope, Unevaluated};
use std::hash::{DefaultHasher, Hash, Hasher};

/// What they say between two ends.
pub(crate) struct Contents {
    egress: Vec<Content>,
    ingress: Vec<Content>,
}

/// One policy that has the end of a direction among its subjects.
struct Content {
    overrides: bool,
    seed: (u64, u64, usize, bool),
}

/// Who a policy may have among its subjects.
enum Subject {
    PodOf(String),
    Host,
    Nobody,
}

fn subject(full: &Cluster, end: &End) -> Subject {
    match end {
        End::Pod { namespace, name } => {
            let is_it = |metadata: &k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta| {
                metadata.name.as_ref() == Some(name) && metadata.namespace.as_ref() == Some(namespace)
            };
            let pod = full.pods.iter().find(|pod| is_it(&pod.metadata));
            let on_host = pod.and_then(|pod| pod.spec.as_ref()?.host_network) == Some(true);
            if on_host { Subject::Host } else { Subject::PodOf(namespace.clone()) }
        }
        End::Node(_) => Subject::Host,
        End::Workload { .. } | End::Address(_) => Subject::Nobody,
    }
}

impl Contents {
    /// What each policy says between two ends of a full cluster.
    pub(crate) fn draw(
        policies: &[Unevaluated],
        full: &Cluster,
        (from, to): (&End, &End),
        (seed, pair): (u64, u64),
    ) -> Self {
        let direction = |end: &End, is_egress: bool| -> Vec<Content> {
            if from == to || policies.is_empty() {
                return Vec::new();
            }
            let subject = subject(full, end);
            let concerns = |policy: &Unevaluated| {
                let selects = match (&policy.scope, &subject) {
                    (Scope::Namespace(own), Subject::PodOf(namespace)) => own == namespace,
                    (Scope::Everybody, Subject::PodOf(_)) => true,
                    (Scope::Everybody, Subject::Host) => policy.effect == Effect::Overrides,
                    (Scope::Namespace(_), Subject::Host) | (_, Subject::Nobody) => false,
                };
                selects && if is_egress { policy.egress } else { policy.ingress }
            };
            let numbered = policies.iter().enumerate().filter(|(_, policy)| concerns(policy));
            numbered
                .map(|(number, policy)| Content {
                    overrides: policy.effect == Effect::Overrides,
                    seed: (seed, pair, number, is_egress),
                })
                .collect()
        };
        Self { egress: direction(from, true), ingress: direction(to, false) }
    }

    /// What passes in the end, of what passes by the NetworkPolicies.
    pub(crate) fn apply(&self, by_policies: Bounds, point: Point) -> Bounds {
        let direction = |contents: &[Content], bound: Bound| {
            if contents.is_empty() || bound.certain != bound.possible {
                return bound;
            }
            let passes = decide(contents, bound.certain, point);
            Bound { certain: passes, possible: passes }
        };
        Bounds {
            egress: direction(&self.egress, by_policies.egress),
            ingress: direction(&self.ingress, by_policies.ingress),
        }
    }
}

/// The first that is asked before the NetworkPolicies and has something to say decides, else they do; what
/// then passes must pass all of those behind them.
fn decide(contents: &[Content], by_policies: bool, point: Point) -> bool {
    let mut before = contents.iter().filter(|content| content.overrides);
    let decided = before.find_map(|content| content.says(point));
    let mut behind = contents.iter().filter(|content| !content.overrides);
    decided.unwrap_or(by_policies) && behind.all(|content| content.says(point) != Some(false))
}

impl Content {
    /// Whether it allows or denies a connection; None if it says nothing of it.
    fn says(&self, point: Point) -> Option<bool> {
        let mut hasher = DefaultHasher::new();
        (self.seed, point.family, point.protocol, point.port).hash(&mut hasher);
        [None, Some(true), Some(false)][usize::try_from(hasher.finish() % 3).unwrap_or_default()]
    }
}
