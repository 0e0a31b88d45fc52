//! A made-up cluster as objects of the API: pods with addresses, or workloads that stand for them.

use k8s_openapi::api::core::v1::{Namespace, Pod, PodTemplateSpec, Service};
use np_oracle::{Cluster, End, Workload, WorkloadKind};
use serde_json::{Value, json};

use super::estate::{Crew, Estate, Labels, Port, Side};

impl Estate {
    /// The end of a connection that a side stands for.
    pub(crate) fn end(&self, side: Side) -> End {
        match side {
            Side::Outside(address, _) => End::Address(address.parse().expect("an address")),
            Side::Crew(at) if self.is_live => End::pod(&self.space_of(at).name, &self.pod_name(at, 0)),
            Side::Crew(at) => End::Workload {
                kind: self.kind(at),
                namespace: self.space_of(at).name.clone(),
                name: self.crews[at].name.clone(),
            },
        }
    }

    fn kind(&self, crew: usize) -> WorkloadKind {
        let keeps_state = self.crews[crew].labels.iter().any(|(_, value)| value == "data");
        if keeps_state { WorkloadKind::StatefulSet } else { WorkloadKind::Deployment }
    }

    fn pod_name(&self, crew: usize, replica: usize) -> String {
        format!("{}-{}-{}", self.crews[crew].name, hash(crew), hash(1000 + crew * 10 + replica))
    }

    /// The cluster as objects of the API, without policies.
    pub(crate) fn cluster(&self) -> Cluster {
        let read = |value: Value| serde_json::from_value(value).expect("an object of its kind");
        let mut cluster = Cluster::default();
        for space in self.spaces.iter().filter(|space| space.has_object) {
            let metadata = json!({ "name": space.name, "labels": space.labels });
            let namespace: Namespace =
                serde_json::from_value(json!({ "metadata": metadata })).expect("a namespace");
            cluster.namespaces.push(namespace);
        }
        for (at, crew) in self.crews.iter().enumerate() {
            let namespace = &self.space_of(at).name;
            if self.is_live {
                cluster.pods.extend((0..=at % 2).map(|replica| self.pod(at, replica)));
            } else {
                let template: PodTemplateSpec = read(json!({
                    "metadata": { "labels": crew.all_labels() },
                    "spec": { "containers": [crew.container()] },
                }));
                let (kind, name) = (self.kind(at), crew.name.clone());
                cluster.workloads.push(Workload { kind, namespace: namespace.clone(), name, template });
            }
            cluster.services.extend(crew.service(namespace));
        }
        cluster
    }

    fn pod(&self, at: usize, replica: usize) -> Pod {
        let crew = &self.crews[at];
        let mut labels = crew.all_labels();
        labels.insert("pod-template-hash".to_owned(), hash(at));
        let address = format!("10.244.{}.{}", at, 10 + replica);
        let owner = json!({
            "apiVersion": "apps/v1",
            "kind": "ReplicaSet",
            "name": format!("{}-{}", crew.name, hash(at)),
            "uid": format!("00000000-0000-0000-0000-{at:012}"),
            "controller": true,
        });
        let pod = json!({
            "metadata": {
                "name": self.pod_name(at, replica),
                "namespace": self.space_of(at).name,
                "labels": labels,
                "ownerReferences": [owner],
            },
            "spec": { "nodeName": format!("node-{}", at % 3), "containers": [crew.container()] },
            "status": { "phase": "Running", "podIP": address, "podIPs": [{ "ip": address }] },
        });
        serde_json::from_value(pod).expect("a pod")
    }
}

impl Crew {
    fn all_labels(&self) -> Labels {
        self.labels.iter().cloned().collect()
    }

    fn container(&self) -> Value {
        let port = |port: &Port| json!({ "name": port.name, "containerPort": port.number, "protocol": port.protocol.name() });
        // Two ports of one pod have two names.
        let mut ports: Vec<Value> = self.ports.iter().map(port).collect();
        if let [_, second] = ports.as_mut_slice()
            && second["name"] == "dns"
        {
            second["name"] = "dns-tcp".into();
        }
        json!({ "name": "main", "image": "registry.example/app:1", "ports": ports })
    }

    fn service(&self, namespace: &str) -> Option<Service> {
        let port = |(at, port): (usize, &Port)| {
            let number = port.service?;
            let target = if port.number % 2 == 0 && port.name != "dns" {
                json!(port.name)
            } else {
                json!(port.number)
            };
            Some(
                json!({ "name": format!("{}-{at}", port.name), "port": number, "targetPort": target, "protocol": port.protocol.name() }),
            )
        };
        let ports: Vec<Value> = self.ports.iter().enumerate().filter_map(port).collect();
        let (key, value) = &self.labels[0];
        let spec = json!({ "selector": { key.clone(): value }, "ports": ports });
        let service = json!({ "metadata": { "name": self.name, "namespace": namespace }, "spec": spec });
        (!ports.is_empty()).then(|| serde_json::from_value(service).expect("a Service"))
    }
}

/// Letters as those that controllers add to names.
fn hash(of: usize) -> String {
    let letters = b"bcdfghjklmnpqrstvwxz2456789";
    let mut number = of * 2_654_435_761 % 1_000_003 + 531_441;
    let mut text = String::new();
    for _ in 0..5 {
        text.push(char::from(letters[number % letters.len()]));
        number /= letters.len();
    }
    text
}
