//! A List as `kubectl get -A -o yaml` prints it: in its notation, and with what a cluster adds to
//! objects on the way: who manages which field, the environment of containers, volumes,
//! tolerations, conditions. That is most of the text, and nothing that np needs.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

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
    let container = &mut object["spec"]["containers"][0];
    let secret = |name: &str, key: &str| json!({ "name": name, "valueFrom": { "secretKeyRef": { "key": key, "name": "settings" } } });
    let field = |name: &str, path: &str| json!({ "name": name, "valueFrom": { "fieldRef": { "apiVersion": "v1", "fieldPath": path } } });
    let said = |name: &str, value: &str| json!({ "name": name, "value": value });
    container["env"] = json!([
        field("POD_NAME", "metadata.name"),
        field("POD_IP", "status.podIP"),
        secret("DATABASE_URL", "url"),
        said("LOG_LEVEL", "info"),
        said("JAVA_TOOL_OPTIONS", "-XX:MaxRAMPercentage=75.0 -Dfile.encoding=UTF-8 -Djava.security.egd=file:/dev/./urandom"),
        said("ENABLED", "true"),
        said("WORKERS", "4"),
    ]);
    container["imagePullPolicy"] = json!("IfNotPresent");
    let probe = |path: &str| {
        json!({
            "failureThreshold": 3,
            "httpGet": { "path": path, "port": "http", "scheme": "HTTP" },
            "initialDelaySeconds": 10,
            "periodSeconds": 10,
            "successThreshold": 1,
            "timeoutSeconds": 1,
        })
    };
    container["livenessProbe"] = probe("/healthz");
    container["readinessProbe"] = probe("/ready");
    container["resources"] = json!({ "limits": { "memory": "512Mi" }, "requests": { "cpu": "100m", "memory": "256Mi" } });
    container["securityContext"] =
        json!({ "allowPrivilegeEscalation": false, "capabilities": { "drop": ["ALL"] }, "runAsNonRoot": true });
    container["terminationMessagePath"] = json!("/dev/termination-log");
    container["terminationMessagePolicy"] = json!("File");
    let volume = format!("kube-api-access-{:05x}", at * 7919 % 0x10_0000);
    let token = "/var/run/secrets/kubernetes.io/serviceaccount";
    container["volumeMounts"] = json!([
        { "mountPath": "/etc/settings", "name": "settings", "readOnly": true },
        { "mountPath": token, "name": volume, "readOnly": true },
    ]);
    let tolerated = |key: &str| json!({ "effect": "NoExecute", "key": key, "operator": "Exists", "tolerationSeconds": 300 });
    extend(&mut object["spec"], json!({
        "dnsPolicy": "ClusterFirst",
        "enableServiceLinks": true,
        "preemptionPolicy": "PreemptLowerPriority",
        "priority": 0,
        "restartPolicy": "Always",
        "schedulerName": "default-scheduler",
        "securityContext": { "fsGroup": 1000, "seccompProfile": { "type": "RuntimeDefault" } },
        "serviceAccount": "default",
        "serviceAccountName": "default",
        "terminationGracePeriodSeconds": 30,
        "tolerations": [tolerated("node.kubernetes.io/not-ready"), tolerated("node.kubernetes.io/unreachable")],
        "volumes": [
            { "configMap": { "defaultMode": 420, "name": "settings" }, "name": "settings" },
            { "name": volume, "projected": { "defaultMode": 420, "sources": [
                { "serviceAccountToken": { "expirationSeconds": 3607, "path": "token" } },
                { "configMap": { "items": [{ "key": "ca.crt", "path": "ca.crt" }], "name": "kube-root-ca.crt" } },
            ] } },
        ],
    }));
    let condition = |kind: &str| json!({ "lastProbeTime": null, "lastTransitionTime": TIME, "status": "True", "type": kind });
    let digest = format!("{:016x}", (at as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15)).repeat(4);
    let host = object["status"]["hostIP"].clone();
    extend(&mut object["status"], json!({
        "conditions": [
            condition("PodReadyToStartContainers"),
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
    }));
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
    let metadata = json!({ "labels": object["metadata"]["labels"], "ownerReferences": object["metadata"]["ownerReferences"] });
    json!({ "f:metadata": owned(&metadata, 2), "f:spec": owned(&object["spec"], 4) })
}

/// The names of the fields down to a depth; lists with names are maps by name.
fn owned(value: &Value, depth: usize) -> Value {
    let mut fields = Map::new();
    if depth == 0 {
        return Value::Object(fields);
    }
    match value {
        Value::Object(map) => {
            let present = map.iter().filter(|(_, value)| !value.is_null());
            fields.extend(present.map(|(key, value)| (format!("f:{key}"), owned(value, depth - 1))));
        }
        Value::Array(items) => {
            for item in items {
                if let Some(name) = item["name"].as_str() {
                    fields.insert(format!("k:{{\"name\":\"{name}\"}}"), owned(item, depth - 1));
                }
            }
        }
        _ => {}
    }
    if !fields.is_empty() {
        fields.insert(".".to_owned(), json!({}));
    }
    Value::Object(fields)
}

fn extend(object: &mut Value, with: Value) {
    if let (Value::Object(object), Value::Object(with)) = (object, with) {
        object.extend(with);
    }
}

fn uid(at: usize) -> String {
    let bits = (at as u64).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    format!("{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}", bits >> 32, bits >> 16 & 0xffff, bits & 0xfff, at & 0xfff, bits >> 16)
}

/// Writes a value that begins where the text ends, in blocks. Further lines are indented by so many
/// columns; lists stand below their key, not to the right of it, as kubectl has it.
fn block(text: &mut String, value: &Value, indent: usize) {
    let pad = " ".repeat(indent);
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (at, (key, value)) in map.iter().enumerate() {
                if at > 0 {
                    text.push_str(&pad);
                }
                scalar(text, key, indent);
                text.push(':');
                match value {
                    Value::Object(inner) if !inner.is_empty() => {
                        text.push('\n');
                        text.push_str(&pad);
                        text.push_str("  ");
                        block(text, value, indent + 2);
                    }
                    Value::Array(inner) if !inner.is_empty() => {
                        text.push('\n');
                        text.push_str(&pad);
                        block(text, value, indent);
                    }
                    _ => {
                        text.push(' ');
                        block(text, value, indent + 2);
                    }
                }
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    text.push_str(&pad);
                }
                text.push_str("- ");
                block(text, item, indent + 2);
            }
        }
        Value::String(one) => {
            scalar(text, one, indent);
            text.push('\n');
        }
        other => {
            text.push_str(&other.to_string());
            text.push('\n');
        }
    }
}

/// Writes a text as Go's writer does: plain where that is read as the same text, quoted where it
/// would be something else, and as it stands if it is of lines.
fn scalar(text: &mut String, value: &str, indent: usize) {
    if let Some(line) = value.strip_suffix('\n') {
        text.push_str("|\n");
        text.push_str(&" ".repeat(indent));
        text.push_str(line);
        return;
    }
    let begins_like_a_number = value.starts_with(|first: char| first.is_ascii_digit());
    let is_number = begins_like_a_number && value.parse::<f64>().is_ok();
    let is_word = matches!(value, "" | "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "y" | "n" | "~");
    if is_number || is_word || value == TIME {
        text.push_str(&format!("\"{value}\""));
        return;
    }
    let is_indicator = |first: char| "-?:,[]{}#&*!|>'\"%@`".contains(first);
    let bare_dash = value.starts_with('-') && !value.starts_with("- ") && value.len() > 1;
    if value.starts_with(is_indicator) && !bare_dash || value.contains(": ") || value.contains(" #") || value.ends_with(':') {
        text.push_str(&format!("'{}'", value.replace('\'', "''")));
        return;
    }
    text.push_str(value);
}
