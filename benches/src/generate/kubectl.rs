//! A List as `kubectl get -A -o yaml` prints it: in its notation, and with what a cluster adds to
//! objects on the way: who manages which field, the environment of containers, volumes,
//! tolerations, conditions. That is most of the text, and nothing that np needs.

use std::io::{self, Write};
use std::iter;

use serde_json::{Map, Value, json};

use super::block::block;

/// When everything happened.
const TIME: &str = "2024-05-14T09:26:53Z";

/// Writes a List of these objects.
pub(super) fn list(out: &mut dyn Write, objects: impl Iterator<Item = Value>) -> io::Result<()> {
    writeln!(out, "apiVersion: v1\nitems:")?;
    for (at, mut object) in objects.enumerate() {
        dress(&mut object, at);
        let mut text = String::from("- ");
        block(&mut text, &object, 2);
        out.write_all(text.as_bytes())?;
    }
    writeln!(out, "kind: List\nmetadata:\n  resourceVersion: \"\"")
}

/// Adds what a cluster adds to the object at this position.
fn dress(object: &mut Value, at: usize) {
    let kind = object["kind"].as_str().unwrap_or_default().to_owned();
    if kind == "NetworkPolicy" {
        let applied = format!("{object}\n");
        object["metadata"]["annotations"] =
            json!({ "kubectl.kubernetes.io/last-applied-configuration": applied });
    }
    let metadata = &mut object["metadata"];
    metadata["creationTimestamp"] = json!(TIME);
    metadata["resourceVersion"] = json!((48_000_000 + at * 37).to_string());
    metadata["uid"] = json!(uid(at));
    match kind.as_str() {
        "Pod" => pod(object, at),
        "NetworkPolicy" => {
            object["metadata"]["generation"] = json!(1);
            manage(object, &[("kubectl-client-side-apply", None)]);
        }
        _ => {
            object["spec"] = json!({ "finalizers": ["kubernetes"] });
            object["status"] = json!({ "phase": "Active" });
            manage(object, &[("kubectl-create", None)]);
        }
    }
}

fn pod(object: &mut Value, at: usize) {
    let ip = object["status"]["podIP"].clone();
    let image = object["spec"]["containers"][0]["image"].clone();
    let volume = format!("kube-api-access-{:05x}", at * 7919 % 0x10_0000);
    container(&mut object["spec"]["containers"][0], &volume);
    let tolerated = |key: &str| json!({ "effect": "NoExecute", "key": key, "operator": "Exists" });
    extend(
        &mut object["spec"],
        json!({
            "dnsPolicy": "ClusterFirst",
            "enableServiceLinks": true,
            "preemptionPolicy": "PreemptLowerPriority",
            "priority": 0,
            "restartPolicy": "Always",
            "schedulerName": "default-scheduler",
            "securityContext": { "fsGroup": 1000, "seccompProfile": { "type": "RuntimeDefault" } },
            "serviceAccount": "default",
            "serviceAccountName": "default",
            "tolerations": [tolerated("node.kubernetes.io/not-ready"), tolerated("node.kubernetes.io/unreachable")],
            "volumes": [
                { "configMap": { "defaultMode": 420, "name": "settings" }, "name": "settings" },
                { "name": volume, "projected": { "defaultMode": 420, "sources": [
                    { "serviceAccountToken": { "expirationSeconds": 3607, "path": "token" } },
                    ] } },
            ],
        }),
    );
    let condition = |kind: &str| json!({ "lastProbeTime": null, "lastTransitionTime": TIME, "status": "True", "type": kind });
    let digest = format!("{:016x}", (at as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15)).repeat(4);
    let host = object["status"]["hostIP"].clone();
    extend(
        &mut object["status"],
        json!({
            "conditions": [
                    condition("Initialized"),
                condition("Ready"),
                condition("ContainersReady"),
                condition("PodScheduled"),
            ],
            "containerStatuses": [{
                "containerID": format!("containerd://{digest}"),
                "image": image,
                "imageID": format!("registry.example/app@sha256:{digest}"),
                "lastState": {},
                "name": "main",
                "ready": true,
                "restartCount": 0,
                "started": true,
                "state": { "running": { "startedAt": TIME } },
            }],
            "hostIPs": [{ "ip": host }],
            "qosClass": "Burstable",
            "startTime": TIME,
        }),
    );
    object["metadata"]["annotations"] = json!({
        "kubectl.kubernetes.io/restartedAt": TIME,
        "prometheus.io/scrape": "true",
    });
    let ready = format!("k:{{\"ip\":{ip}}}");
    let status = json!({ "f:status": {
        "f:conditions": {
            "k:{\"type\":\"Ready\"}": { ".": {}, "f:lastProbeTime": {}, "f:status": {}, "f:type": {} },
        },
        "f:containerStatuses": {},
        "f:phase": {},
        "f:podIP": {},
        "f:podIPs": { ".": {}, ready: { ".": {}, "f:ip": {} } },
        "f:startTime": {},
    } });
    manage(object, &[("kube-controller-manager", None), ("kubelet", Some(status))]);
}

fn container(container: &mut Value, volume: &str) {
    let secret = |name: &str, key: &str| json!({ "name": name, "valueFrom": { "secretKeyRef": { "key": key, "name": "settings" } } });
    let said = |name: &str, value: &str| json!({ "name": name, "value": value });
    container["env"] = json!([
        secret("DATABASE_URL", "url"),
        said("LOG_LEVEL", "info"),
        said(
            "JAVA_TOOL_OPTIONS",
            "-XX:MaxRAMPercentage=75.0 -Dfile.encoding=UTF-8 -Djava.security.egd=file:/dev/./urandom"
        ),
        said("ENABLED", "true"),
    ]);
    container["imagePullPolicy"] = json!("IfNotPresent");
    container["readinessProbe"] = json!({
            "failureThreshold": 3,
            "httpGet": { "path": "/ready", "port": "http", "scheme": "HTTP" },
            "initialDelaySeconds": 10,
            "periodSeconds": 10,
            "successThreshold": 1,
            "timeoutSeconds": 1,
    });
    container["resources"] =
        json!({ "limits": { "memory": "512Mi" }, "requests": { "cpu": "100m", "memory": "256Mi" } });
    container["terminationMessagePath"] = json!("/dev/termination-log");
    container["terminationMessagePolicy"] = json!("File");
    let token = "/var/run/secrets/kubernetes.io/serviceaccount";
    container["volumeMounts"] = json!([
        { "mountPath": "/etc/settings", "name": "settings", "readOnly": true },
        { "mountPath": token, "name": volume, "readOnly": true },
    ]);
}

/// Adds who manages which fields: those that the object has, or those that are said.
fn manage(object: &mut Value, managers: &[(&str, Option<Value>)]) {
    let entry = |(manager, said): &(&str, Option<Value>)| {
        let mut entry = json!({
            "apiVersion": object["apiVersion"],
            "fieldsType": "FieldsV1",
            "fieldsV1": said.clone().unwrap_or_else(|| set(object)),
            "manager": manager,
            "operation": "Update",
            "time": TIME,
        });
        if said.is_some() {
            entry["subresource"] = json!("status");
        }
        entry
    };
    let entries: Vec<Value> = managers.iter().map(entry).collect();
    object["metadata"]["managedFields"] = json!(entries);
}

/// The fields that somebody sets of an object's metadata and spec.
fn set(object: &Value) -> Value {
    let metadata = ["labels", "ownerReferences"].into_iter().filter(|key| !object["metadata"][key].is_null());
    let spec = object["spec"].as_object().into_iter().flat_map(Map::keys);
    json!({ "f:metadata": owned(metadata), "f:spec": owned(spec.map(String::as_str)) })
}

fn owned<'k>(keys: impl Iterator<Item = &'k str>) -> Value {
    let fields = keys.map(|key| format!("f:{key}")).chain(iter::once(".".to_owned()));
    fields.map(|key| (key, json!({}))).collect::<Map<_, _>>().into()
}

fn extend(object: &mut Value, with: Value) {
    if let (Value::Object(object), Value::Object(with)) = (object, with) {
        object.extend(with);
    }
}

fn uid(at: usize) -> String {
    let bits = (at as u64).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    format!(
        "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
        bits >> 32,
        bits >> 16 & 0xffff,
        bits & 0xfff,
        at & 0xfff,
        bits >> 16
    )
}
