//! Clusters as lists of manifests, in and out.

use crate::cluster::{Cluster, Workload, WorkloadKind};
use crate::unreadable;
use serde_json::{Value, json};

impl Cluster {
    /// Reads API objects of the kinds the judge knows.
    ///
    /// # Errors
    /// Says which manifest is of another kind, or cannot be read as its kind.
    pub fn from_manifests(manifests: &[Value]) -> Result<Self, String> {
        let mut cluster = Self::default();
        for manifest in manifests {
            let error = |error: serde_json::Error| format!("{error} in {manifest}");
            if let Some(policy) = unreadable::read(manifest) {
                cluster.unevaluated.push(policy);
                continue;
            }
            let object = manifest.clone();
            match manifest["kind"].as_str() {
                Some("Namespace") => cluster.namespaces.push(serde_json::from_value(object).map_err(error)?),
                Some("Pod") => cluster.pods.push(serde_json::from_value(object).map_err(error)?),
                Some("Node") => cluster.nodes.push(serde_json::from_value(object).map_err(error)?),
                Some("Service") => cluster.services.push(serde_json::from_value(object).map_err(error)?),
                Some("EndpointSlice") => cluster.slices.push(serde_json::from_value(object).map_err(error)?),
                Some("Endpoints") => cluster.endpoints.push(serde_json::from_value(object).map_err(error)?),
                Some("NetworkPolicy") => {
                    cluster.policies.push(serde_json::from_value(object).map_err(error)?);
                }
                Some(kind) if WorkloadKind::ALL.iter().any(|one| one.name() == kind) => {
                    cluster.workloads.push(Workload::from_manifest(manifest)?);
                }
                kind => return Err(format!("the judge knows no kind {kind:?}")),
            }
        }
        Ok(cluster)
    }

    /// Every object of the cluster as a manifest.
    ///
    /// # Errors
    /// Says what cannot be written; API objects always can.
    pub fn manifests(&self) -> serde_json::Result<Vec<Value>> {
        let mut manifests = Vec::new();
        for one in &self.namespaces {
            manifests.push(serde_json::to_value(one)?);
        }
        for one in &self.nodes {
            manifests.push(serde_json::to_value(one)?);
        }
        for one in &self.workloads {
            manifests.push(one.manifest()?);
        }
        for one in &self.pods {
            manifests.push(serde_json::to_value(one)?);
        }
        for one in &self.services {
            manifests.push(serde_json::to_value(one)?);
        }
        for one in &self.slices {
            manifests.push(serde_json::to_value(one)?);
        }
        for one in &self.endpoints {
            manifests.push(serde_json::to_value(one)?);
        }
        for one in &self.policies {
            manifests.push(serde_json::to_value(one)?);
        }
        manifests.extend(self.unevaluated.iter().zip(0..).filter_map(|(one, at)| unreadable::write(one, at)));
        Ok(manifests)
    }
}

impl Workload {
    fn from_manifest(manifest: &Value) -> Result<Self, String> {
        let kind = WorkloadKind::ALL.into_iter().find(|kind| manifest["kind"] == kind.name());
        let kind = kind.ok_or("not a workload")?;
        let text = |value: &Value, default: &str| value.as_str().unwrap_or(default).to_owned();
        let template = match kind {
            WorkloadKind::CronJob => &manifest["spec"]["jobTemplate"]["spec"]["template"],
            _ => &manifest["spec"]["template"],
        };
        Ok(Self {
            kind,
            namespace: text(&manifest["metadata"]["namespace"], "default"),
            name: text(&manifest["metadata"]["name"], ""),
            template: serde_json::from_value(template.clone()).map_err(|error| error.to_string())?,
        })
    }

    fn manifest(&self) -> serde_json::Result<Value> {
        let mut template = serde_json::to_value(&self.template)?;
        let selector = json!({ "matchLabels": template["metadata"]["labels"] });
        let (version, spec) = match self.kind {
            WorkloadKind::Deployment | WorkloadKind::ReplicaSet => {
                ("apps/v1", json!({ "replicas": 1, "selector": selector, "template": template }))
            }
            WorkloadKind::ReplicationController => (
                "v1",
                json!({ "replicas": 1, "selector": template["metadata"]["labels"], "template": template }),
            ),
            WorkloadKind::StatefulSet => (
                "apps/v1",
                json!({ "replicas": 1, "serviceName": self.name, "selector": selector, "template": template }),
            ),
            WorkloadKind::DaemonSet => ("apps/v1", json!({ "selector": selector, "template": template })),
            WorkloadKind::Job | WorkloadKind::CronJob => {
                template["spec"]["restartPolicy"] = "Never".into();
                let job = json!({ "template": template });
                match self.kind {
                    WorkloadKind::Job => ("batch/v1", job),
                    _ => ("batch/v1", json!({ "schedule": "0 0 * * *", "jobTemplate": { "spec": job } })),
                }
            }
        };
        Ok(json!({
            "apiVersion": version,
            "kind": self.kind.name(),
            "metadata": { "name": self.name, "namespace": self.namespace },
            "spec": spec,
        }))
    }
}
