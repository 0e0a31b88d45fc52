//! Workloads: objects that make pods and, where the pods are not in the input, stand for them.

use smol_str::SmolStr;

use super::{PodShape, Pool, UnknownKeys};
use crate::fields::Field;
use crate::fields::Name;
use crate::origin::Location;

/// A controller of pods, with the template that its pods are made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workload {
    /// `metadata.namespace`, or the default that was assumed.
    pub namespace: SmolStr,
    /// Which kind.
    pub kind: WorkloadKind,
    /// `metadata.name`.
    pub name: SmolStr,
    /// Labels, ports and placement of the pods it makes, from its pod template.
    pub template: PodShape,
    /// How many pods it makes.
    pub replicas: Replicas,
    /// The workload that made this one, such as the Deployment of a ReplicaSet.
    pub owner: Option<Owner>,
    /// Where `metadata.name` stands.
    pub at: Option<Location>,
}

/// A reference from a pod or workload to its controller (`metadata.ownerReferences`), in the same
/// namespace.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Owner {
    /// Which kind.
    pub kind: WorkloadKind,
    /// Its `metadata.name`.
    pub name: SmolStr,
}

/// How many pods a workload makes, as far as a verdict can depend on it: whether there is another
/// pod of it for a pod to talk to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Replicas {
    /// At most one at a time (`replicas: 0` included: the pod it would make).
    One,
    /// Several, or a number that the input does not fix.
    Several,
}

/// The kinds of workload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum WorkloadKind {
    /// CronJob (`cj`).
    CronJob,
    /// Deployment (`deploy`).
    Deployment,
    /// DaemonSet (`ds`).
    DaemonSet,
    /// Job (`job`).
    Job,
    /// ReplicationController (`rc`).
    ReplicationController,
    /// ReplicaSet (`rs`).
    ReplicaSet,
    /// StatefulSet (`sts`).
    StatefulSet,
}

impl WorkloadKind {
    /// Every kind there is.
    pub const ALL: [Self; 7] = [
        Self::CronJob,
        Self::Deployment,
        Self::DaemonSet,
        Self::Job,
        Self::ReplicationController,
        Self::ReplicaSet,
        Self::StatefulSet,
    ];

    /// The short name that kubectl takes: `deploy`, `sts`, `ds`, `rs`, `rc`, `job`, `cj`.
    pub fn short(self) -> &'static str {
        match self {
            Self::CronJob => "cj",
            Self::Deployment => "deploy",
            Self::DaemonSet => "ds",
            Self::Job => "job",
            Self::ReplicationController => "rc",
            Self::ReplicaSet => "rs",
            Self::StatefulSet => "sts",
        }
    }

    /// The API kind.
    pub const fn api(self) -> &'static str {
        match self {
            Self::CronJob => "CronJob",
            Self::Deployment => "Deployment",
            Self::DaemonSet => "DaemonSet",
            Self::Job => "Job",
            Self::ReplicationController => "ReplicationController",
            Self::ReplicaSet => "ReplicaSet",
            Self::StatefulSet => "StatefulSet",
        }
    }
}

/// API groups, each with the versions it has had of a kind, latest first.
pub(crate) type Versions = &'static [(&'static str, &'static [&'static str])];

impl WorkloadKind {
    /// The groups that it is or was in.
    pub(crate) const fn versions(self) -> Versions {
        match self {
            Self::CronJob => &[("batch", &["v1", "v1beta1", "v2alpha1"])],
            Self::Deployment => &[("apps", &["v1", "v1beta2", "v1beta1"]), ("extensions", &["v1beta1"])],
            Self::DaemonSet | Self::ReplicaSet => {
                &[("apps", &["v1", "v1beta2"]), ("extensions", &["v1beta1"])]
            }
            Self::Job => &[("batch", &["v1"])],
            Self::ReplicationController => &[("", &["v1"])],
            Self::StatefulSet => &[("apps", &["v1", "v1beta2", "v1beta1"])],
        }
    }

    /// The kind that an owner reference names.
    fn of_reference(api_version: &str, kind: &str) -> Option<Self> {
        let group = api_version.split_once('/').map_or("", |(group, _)| group);
        let known = Self::ALL.into_iter().find(|known| known.api() == kind)?;
        known.versions().iter().any(|(known, _)| *known == group).then_some(known)
    }
}

impl Workload {
    /// Reads a workload of one of the kinds.
    pub(crate) fn read(
        object: &Field<'_>,
        kind: WorkloadKind,
        namespace: SmolStr,
        name: Name,
        pool: &mut Pool,
    ) -> Self {
        let (metadata, spec) = (object.get("metadata").map(), object.get("spec").map());
        let jobs = spec.get("jobTemplate").map();
        let job_spec = jobs.get("spec").map();
        let maker = if kind == WorkloadKind::CronJob { &job_spec } else { &spec };
        let template = maker.get("template").map();
        if template.is_absent() {
            template.missing(format!("a {} needs a template for its pods", kind.api()));
        }
        let mut template = PodShape::read(&template, pool);
        // "When true, the user is responsible for picking unique labels" (JobSpec.manualSelector).
        let is_manual = kind == WorkloadKind::Job && spec.get("manualSelector").flag() == Some(true);
        let added = if is_manual { INDEX_LABEL } else { kind.added_labels() };
        let mut labels = template.labels.with_unknown(UnknownKeys::These(added));
        if kind == WorkloadKind::Job && !is_manual {
            labels = labels.or(JOB_NAME_LABELS.map(|key| (key.into(), name.text.clone())));
        }
        template.labels = labels;
        let replicas = Replicas::read(kind, &spec, maker);
        Self {
            namespace,
            kind,
            name: name.text,
            template,
            replicas,
            owner: Owner::read(&metadata, pool),
            at: name.at,
        }
    }
}

/// The label of a pod's place in an indexed Job.
const INDEX_LABEL: &[&str] = &["batch.kubernetes.io/job-completion-index"];

/// The labels that the Job controller sets to the name of the Job.
const JOB_NAME_LABELS: [&str; 2] = ["job-name", "batch.kubernetes.io/job-name"];

impl WorkloadKind {
    /// The labels that its controllers add to pods, with values that only the pods show.
    fn added_labels(self) -> &'static [&'static str] {
        match self {
            Self::Deployment => &["pod-template-hash"],
            Self::StatefulSet => &[
                "statefulset.kubernetes.io/pod-name",
                "apps.kubernetes.io/pod-index",
                "controller-revision-hash",
            ],
            Self::DaemonSet => &["controller-revision-hash", "pod-template-generation"],
            Self::Job => &[
                "controller-uid",
                "batch.kubernetes.io/controller-uid",
                "batch.kubernetes.io/job-completion-index",
            ],
            Self::CronJob => &[
                "controller-uid",
                "batch.kubernetes.io/controller-uid",
                "batch.kubernetes.io/job-completion-index",
                "job-name",
                "batch.kubernetes.io/job-name",
            ],
            Self::ReplicaSet | Self::ReplicationController => &[],
        }
    }
}

impl Replicas {
    /// Reads the number of pods from the specs of the workload and of what makes its pods.
    fn read(kind: WorkloadKind, spec: &Field<'_>, maker: &Field<'_>) -> Self {
        let at_most_one = |field: Field<'_>| field.int().is_none_or(|number| number <= 1);
        let one = match kind {
            WorkloadKind::DaemonSet => false,
            WorkloadKind::Job => at_most_one(maker.get("parallelism")),
            WorkloadKind::CronJob => {
                let single_jobs = matches!(spec.get("concurrencyPolicy").text(), Some("Forbid" | "Replace"));
                at_most_one(maker.get("parallelism")) && single_jobs
            }
            WorkloadKind::Deployment
            | WorkloadKind::ReplicaSet
            | WorkloadKind::ReplicationController
            | WorkloadKind::StatefulSet => at_most_one(spec.get("replicas")),
        };
        if one { Self::One } else { Self::Several }
    }
}

impl Owner {
    /// Reads the controller from `metadata.ownerReferences`: the one that says so, else the only
    /// one of a kind that np knows.
    pub(crate) fn read(metadata: &Field<'_>, pool: &mut Pool) -> Option<Self> {
        let references = metadata.get("ownerReferences");
        let mut known = Vec::new();
        for reference in references.items() {
            let reference = reference.map();
            let text = |key| reference.get(key).text().unwrap_or_default();
            let owner = WorkloadKind::of_reference(text("apiVersion"), text("kind"))
                .map(|kind| Self { kind, name: pool.name(text("name")) })
                .filter(|owner| !owner.name.is_empty());
            if reference.get("controller").flag() == Some(true) {
                return owner;
            }
            known.extend(owner);
        }
        known.pop().filter(|_| known.is_empty())
    }
}
