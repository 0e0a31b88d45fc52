//! Autoscalers: workloads whose number of pods somebody else sets.
//!
//! A chart that leaves `replicas` to an autoscaler says nothing of it in the workload, where that
//! would mean one pod.

use super::{Owner, WorkloadKind};
use crate::fields::Field;

/// An object that may give a workload of its namespace several pods: a HorizontalPodAutoscaler, or
/// a ScaledObject of KEDA, which makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Autoscaler {
    /// `metadata.namespace`, or the default that was assumed.
    pub namespace: String,
    /// `spec.scaleTargetRef`: which workload.
    pub target: Owner,
}

/// The kinds of autoscaler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AutoscalerKind {
    /// `autoscaling`: `maxReplicas` must be there.
    Horizontal,
    /// `keda.sh`: `maxReplicaCount` is 100 by default, and the kind of the target Deployment.
    Keda,
}

impl Autoscaler {
    /// Reads an autoscaler; `None` if it gives no workload that np knows more than one pod.
    pub(crate) fn read(object: &Field<'_>, kind: AutoscalerKind, namespace: String) -> Option<Self> {
        let spec = object.get("spec").map();
        let (target, most) = (spec.get("scaleTargetRef").map(), spec.get(kind.most()));
        let most = most.int().unwrap_or(match kind {
            AutoscalerKind::Horizontal => 1,
            AutoscalerKind::Keda => 100,
        });
        let word = target.get("kind").filled().unwrap_or("Deployment");
        let target_kind = WorkloadKind::ALL.into_iter().find(|known| known.api() == word)?;
        let name = target.get("name").filled()?.into();
        (most > 1).then_some(Self { namespace, target: Owner { kind: target_kind, name } })
    }
}

impl AutoscalerKind {
    fn most(self) -> &'static str {
        match self {
            Self::Horizontal => "maxReplicas",
            Self::Keda => "maxReplicaCount",
        }
    }
}
