//! Namespaces, pods, nodes and workloads: what they are read as, and what is no object at all.

use np_model::Input;
use np_model::diag::Code;
use np_model::facts::{Lookup, Owner, Phase, Replicas, WorkloadKind};
use np_model::input::NOT_AN_OBJECT;

use crate::{check, fine, policy, read, workload};

#[test]
fn lists_hold_objects() {
    let list = "
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: Namespace, metadata: {name: a}}
- {apiVersion: v1, kind: Pod, metadata: {name: p, namespace: a}}
";
    let input = fine(list);
    assert_eq!((input.facts.namespaces.len(), input.facts.pods.len()), (1, 1));
    let typed =
        "{apiVersion: apps/v1, kind: DeploymentList, items: [{metadata: {name: d}, spec: {template: {}}}]}";
    assert_eq!(fine(typed).facts.workloads[0].kind, WorkloadKind::Deployment);
    fine("{apiVersion: v1, kind: List, items: []}");
    check("{apiVersion: v1, kind: List, items: null}", &["1:37 error missing-field items"]);
    check("{apiVersion: v1, kind: List, items: {}}", &["1:37 error wrong-type items"]);
    check("{apiVersion: v1, kind: List, items: [null]}", &["1:38 error not-an-object"]);
    check("{apiVersion: v1, kind: List, items: [{metadata: {name: p}}]}", &["1:38 error not-an-object"]);
    let nested = "{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: List, items: []}]}";
    check(nested, &["1:38 error not-an-object"]);
}

#[test]
fn what_is_no_object() {
    fine("---\n# nothing\n---\n");
    check("hello", &["1:1 error not-an-object"]);
    check("[1]", &["1:1 warning not-an-object"]);
    check("[{op: add, path: /spec}]", &["1:1 warning not-an-object"]);
    check("[{apiVersion: v1, kind: Pod}]", &["1:1 error not-an-object"]);
    check("kind: Pod\nmetadata: {name: p}", &["1:1 error not-an-object"]);
    check("apiVersion: v1\nmetadata: {name: p}", &["1:1 error not-an-object"]);
    check("ApiVersion: v1\nKind: Pod", &["1:1 error not-an-object"]);
    check("apiVersion: a/b/c\nkind: Pod", &["1:13 error invalid-value apiVersion"]);
    check("replicaCount: 1", &["1:1 warning not-an-object"]);
    // Shaped as an object, which kubectl refuses and nobody means to be ignored.
    check("metadata: {name: p}\nspec: {}", &["1:1 error not-an-object"]);
    check("apiVerion: v1\nknd: Pod\nmetadata: {name: p}", &["1:1 error not-an-object"]);
    check("bind: 0.0.0.0", &["1:1 warning not-an-object"]);
    assert_eq!(read("replicaCount: 1").ignored[NOT_AN_OBJECT], 1);
}

#[test]
fn other_kinds_are_counted() {
    let input = fine(
        "{apiVersion: v1, kind: ConfigMap}\n---\n{apiVersion: networking.k8s.io/v1, kind: IPAddress}\n---\n\
         {apiVersion: longhorn.io/v1beta2, kind: Node}\n---\n{apiVersion: v1, kind: ConfigMap}",
    );
    let counted: Vec<(&str, usize)> =
        input.ignored.iter().map(|(kind, count)| (kind.as_str(), *count)).collect();
    assert_eq!(counted, [("ConfigMap", 2), ("IPAddress.networking.k8s.io", 1), ("Node.longhorn.io", 1)]);
}

#[test]
fn a_near_miss_of_a_kind_is_an_error() {
    check("{apiVersion: apps/v3, kind: Deployment}", &["1:14 error invalid-value apiVersion"]);
    check("{apiVersion: v1, kind: Deployment}", &["1:14 error invalid-value apiVersion"]);
    check("{apiVersion: apps/v1, kind: deployment}", &["1:29 error invalid-value kind"]);
    check("{apiVersion: networking.k8s.io/v1, kind: NetworkPolicies}", &["1:42 error invalid-value kind"]);
    check("{apiVersion: networking.k8s.io/v1, kind: NetPol}", &["1:42 error invalid-value kind"]);
    check("{apiVersion: v1, kind: list, items: []}", &["1:24 error invalid-value kind"]);
    check("{apiVersion: extensions/v1beta1, kind: NetworkPolcy}", &["1:40 error invalid-value kind"]);
    check("{apiVersion: cilium.io/v2, kind: CiliumNetworkPolcy}", &["1:34 error invalid-value kind"]);
    check(
        "{apiVersion: security.istio.o/v1, kind: AuthorizationPolicy}",
        &["1:14 error invalid-value apiVersion"],
    );
    check("{apiVersion: v1, kind: EgressNetworkPolicy}", &["1:14 error invalid-value apiVersion"]);
    fine("{apiVersion: auth.example.com/v1, kind: AuthorizationPolicy}");
}

#[test]
fn what_holds_policies_is_not_skipped() {
    let policy = "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy}";
    check(&format!("items: [{policy}]"), &["1:1 error not-an-object"]);
    check(&format!("[[{policy}]]"), &["1:1 error not-an-object"]);
    check(&format!("extraObjects:\n- a: {policy}"), &["1:1 error not-an-object"]);
    let item = "{apiVersion: v1, kind: List, items: [{apiVersion: '{{ .Values.api }}', kind: Some}]}";
    check(item, &["1:51 error foreign-format apiVersion"]);
    check(
        &format!("{{apiVersion: template.openshift.io/v1, kind: Template, objects: [{policy}]}}"),
        &["1:65 error not-an-object objects"],
    );
    check(
        "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicyList, Items: []}",
        &["1:1 error missing-field items"],
    );
    check(
        "{apiVersion: kustomize.config.k8s.io/v1beta1, kind: Kustomization}",
        &["1:1 warning foreign-format"],
    );
}

#[test]
fn a_namespace_has_its_name_as_a_label() {
    let input =
        fine("{apiVersion: v1, kind: Namespace, metadata: {name: a, labels: {team: x, empty: null}}}");
    let labels = &input.facts.namespaces[0].labels;
    assert_eq!(labels.get("kubernetes.io/metadata.name"), Lookup::Value("a"));
    assert_eq!(labels.get("team"), Lookup::Value("x"));
    assert_eq!(labels.get("empty"), Lookup::Value(""));
    assert_eq!(labels.get("other"), Lookup::Absent);
    check(
        "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: a\n  labels: {kubernetes.io/metadata.name: b}",
        &["5:41 warning namespace-name-label metadata.labels.kubernetes.io/metadata.name"],
    );
    fine("{apiVersion: v1, kind: Namespace, metadata: {name: a, labels: {kubernetes.io/metadata.name: a}}}");
}

#[test]
fn labels_are_strings() {
    check(
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: p\n  labels: {a: yes, b: 1, c: '1'}",
        &["5:15 error wrong-type metadata.labels.a", "5:23 error wrong-type metadata.labels.b"],
    );
    let input = read("{apiVersion: v1, kind: Pod, metadata: {name: p, labels: {a: on}}}");
    assert!(input.diagnostics[0].help.as_deref().is_some_and(|help| help.contains("quote")));
}

#[test]
fn a_pod() {
    let input = fine(
        "
apiVersion: v1
kind: Pod
metadata:
  name: p
  namespace: a
  labels: {app: web}
  ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: r, uid: u, controller: true}]
spec:
  nodeName: n1
  containers:
  - ports: [{name: http, containerPort: 80}, {containerPort: 53, protocol: UDP}]
  - {name: none}
  initContainers:
  - ports: [{containerPort: 1}]
  - {restartPolicy: Always, ports: [{name: side, containerPort: 15000}]}
status:
  phase: Running
  podIP: 10.0.0.1
  podIPs: [{ip: 10.0.0.1}, {ip: 'fd00::1'}, {ip: 10.0.0.2}]
  hostIP: 192.168.0.1
",
    );
    let pod = &input.facts.pods[0];
    assert_eq!((pod.namespace.as_str(), pod.name.as_str()), ("a", "p"));
    assert_eq!(pod.shape.labels.get("app"), Lookup::Value("web"));
    let ports: Vec<u16> = pod.shape.ports.iter().map(|port| port.port).collect();
    assert_eq!(ports, [80, 53, 15000]);
    assert_eq!(pod.shape.node_name.as_deref(), Some("n1"));
    assert!(!pod.shape.host_network && pod.phase == Phase::Live);
    let ips: Vec<String> = pod.ips.iter().map(|ip| ip.to_string()).collect();
    assert_eq!(ips, ["10.0.0.1", "fd00::1"]);
    assert_eq!(pod.host_ips.iter().count(), 1);
    assert_eq!(pod.owner, Some(Owner { kind: WorkloadKind::ReplicaSet, name: "r".into() }));
    assert_eq!(input.sources.position(pod.at.expect("a place")).to_string(), "m.yaml:5:9");
    assert_eq!(input.assumed_namespace, 0);
}

#[test]
fn pods_that_are_less_or_more() {
    let bare = fine("{apiVersion: v1, kind: Pod, metadata: {name: p}}");
    assert_eq!(bare.facts.pods[0].namespace, "default");
    assert_eq!(bare.assumed_namespace, 1);
    assert!(bare.facts.pods[0].ips.is_empty());
    let pod = "{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {hostNetwork: true}, status: {phase: Failed, podIP: 10.0.0.9}}";
    let pod = &fine(pod).facts.pods[0];
    assert!(pod.phase.is_finished() && pod.shape.host_network);
    assert_eq!(pod.ips.iter().count(), 1);
    let mut input = Input::new("prod");
    input.text("m.yaml", b"{apiVersion: v1, kind: Pod, metadata: {name: p}}".to_vec());
    assert_eq!(input.facts.pods[0].namespace, "prod");
}

#[test]
fn what_is_wrong_with_a_pod() {
    let pod = |rest: &str| format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\n{rest}\n");
    check(&pod("status: {podIP: 10.0.0}"), &["4:17 error invalid-value status.podIP"]);
    check(&pod("spec: {hostNetwork: 'true'}"), &["4:21 error wrong-type spec.hostNetwork"]);
    check(
        &pod("spec: {containers: [{ports: [{name: http}]}]}"),
        &["4:30 error missing-field spec.containers[0].ports[0].containerPort"],
    );
    check(
        &pod("spec: {containers: [{ports: [{containerPort: 0}, {containerPort: 1, protocol: tcp}]}]}"),
        &[
            "4:46 error invalid-value spec.containers[0].ports[0].containerPort",
            "4:79 error invalid-value spec.containers[0].ports[1].protocol",
        ],
    );
    check(&pod("spec: {containers: {}}"), &["4:20 error wrong-type spec.containers"]);
    check("{apiVersion: v1, kind: Pod, metadata: {}}", &["1:39 error missing-field metadata.name"]);
    check("{apiVersion: v1, kind: Pod, metadata: {name: A}}", &["1:46 error invalid-value metadata.name"]);
    // What np does not read is not looked at.
    fine(&pod("spec: {containers: [{image: 5}], tolerations: 7}"));
}

#[test]
fn owners() {
    let owner = |references: &str| {
        let text =
            format!("{{apiVersion: v1, kind: Pod, metadata: {{name: p, ownerReferences: {references}}}}}");
        fine(&text).facts.pods.remove(0).owner.map(|owner| (owner.kind, owner.name))
    };
    let job = "{apiVersion: batch/v1, kind: Job, name: j}";
    let custom = "{apiVersion: argoproj.io/v1alpha1, kind: Rollout, name: r, controller: true}";
    assert_eq!(owner(&format!("[{job}]")), Some((WorkloadKind::Job, "j".into())));
    assert_eq!(owner(&format!("[{job}, {job}]")), None);
    assert_eq!(owner(&format!("[{job}, {custom}]")), None);
    assert_eq!(owner("[{apiVersion: example.com/v1, kind: Job, name: j, controller: true}]"), None);
    let old = "[{apiVersion: extensions/v1beta1, kind: DaemonSet, name: d, controller: true}]";
    assert_eq!(owner(old), Some((WorkloadKind::DaemonSet, "d".into())));
}

#[test]
fn nodes() {
    let input = fine(
        "
apiVersion: v1
kind: Node
metadata: {name: n1}
spec: {podCIDR: 10.0.0.0/24, podCIDRs: [10.0.0.0/24, 'fd00::/64']}
status:
  addresses:
  - {type: Hostname, address: n1}
  - {type: ExternalIP, address: 1.2.3.4}
  - {type: InternalIP, address: 192.168.0.1}
  - {type: InternalIP, address: 192.168.0.2}
",
    );
    let node = &input.facts.nodes[0];
    assert_eq!(
        node.ips.iter().collect::<Vec<_>>(),
        ["192.168.0.1".parse::<std::net::IpAddr>().expect("an address")]
    );
    assert_eq!(node.pod_cidrs.len(), 2);
    let single = "{apiVersion: v1, kind: Node, metadata: {name: n1}, spec: {podCIDR: 10.0.0.0/24}}";
    assert_eq!(fine(single).facts.nodes[0].pod_cidrs.len(), 1);
    let broken = "{apiVersion: v1, kind: Node, metadata: {name: n1}, spec: {podCIDR: x}}";
    check(broken, &["1:68 error invalid-value spec.podCIDR"]);
}

#[test]
fn workloads_of_every_version() {
    for (api, kind) in [
        ("apps/v1", "Deployment"),
        ("apps/v1beta1", "Deployment"),
        ("apps/v1beta2", "Deployment"),
        ("extensions/v1beta1", "Deployment"),
        ("apps/v1", "DaemonSet"),
        ("extensions/v1beta1", "DaemonSet"),
        ("apps/v1", "ReplicaSet"),
        ("extensions/v1beta1", "ReplicaSet"),
        ("apps/v1", "StatefulSet"),
        ("apps/v1beta1", "StatefulSet"),
        ("v1", "ReplicationController"),
        ("batch/v1", "Job"),
    ] {
        let spec = "{template: {metadata: {labels: {app: x}}, spec: {containers: [{ports: [{containerPort: 80}]}]}}}";
        let input = fine(&workload(api, kind, spec));
        let workload = &input.facts.workloads[0];
        assert_eq!(workload.kind.api(), kind);
        assert_eq!(workload.template.labels.get("app"), Lookup::Value("x"));
        assert_eq!(workload.template.ports[0].port, 80);
    }
    for api in ["batch/v1", "batch/v1beta1", "batch/v2alpha1"] {
        let spec = "{jobTemplate: {spec: {template: {metadata: {labels: {app: x}}}}}}";
        let input = fine(&workload(api, "CronJob", spec));
        assert_eq!(input.facts.workloads[0].template.labels.get("app"), Lookup::Value("x"));
    }
    check(&workload("apps/v1", "Deployment", "{}"), &["4:7 error missing-field spec.template"]);
    let missing = &["4:21 error missing-field spec.jobTemplate.spec.template"];
    check(&workload("batch/v1", "CronJob", "{jobTemplate: {}}"), missing);
}

#[test]
fn labels_that_controllers_add_are_unknown() {
    let lookup = |api: &str, kind: &str, key: &str, stated: &str| {
        let template = format!("template: {{metadata: {{labels: {{{stated}}}}}}}");
        let spec = if kind == "CronJob" {
            format!("{{jobTemplate: {{spec: {{{template}}}}}}}")
        } else {
            format!("{{{template}}}")
        };
        let input = fine(&workload(api, kind, &spec));
        match input.facts.workloads[0].template.labels.get(key) {
            Lookup::Value(value) => value.to_owned(),
            Lookup::Absent => "absent".to_owned(),
            Lookup::Unknown => "unknown".to_owned(),
        }
    };
    assert_eq!(lookup("apps/v1", "Deployment", "pod-template-hash", ""), "unknown");
    assert_eq!(lookup("apps/v1", "Deployment", "pod-template-hash", "pod-template-hash: x"), "x");
    assert_eq!(lookup("apps/v1", "ReplicaSet", "pod-template-hash", ""), "absent");
    assert_eq!(lookup("apps/v1", "StatefulSet", "apps.kubernetes.io/pod-index", ""), "unknown");
    assert_eq!(lookup("apps/v1", "DaemonSet", "pod-template-generation", ""), "unknown");
    assert_eq!(lookup("batch/v1", "Job", "batch.kubernetes.io/controller-uid", ""), "unknown");
    assert_eq!(lookup("batch/v1", "Job", "job-name", ""), "w");
    assert_eq!(lookup("batch/v1", "CronJob", "job-name", ""), "unknown");
    assert_eq!(lookup("batch/v1", "CronJob", "app", ""), "absent");
}

#[test]
fn how_many_pods_a_workload_makes() {
    let replicas = |api: &str, kind: &str, spec: &str| {
        fine(&workload(api, kind, &format!("{{template: {{}}, {spec}}}"))).facts.workloads[0].replicas
    };
    assert_eq!(replicas("apps/v1", "Deployment", ""), Replicas::One);
    assert_eq!(replicas("apps/v1", "Deployment", "replicas: 0"), Replicas::One);
    assert_eq!(replicas("apps/v1", "Deployment", "replicas: 2"), Replicas::Several);
    assert_eq!(replicas("apps/v1", "StatefulSet", "replicas: 3"), Replicas::Several);
    assert_eq!(replicas("apps/v1", "DaemonSet", ""), Replicas::Several);
    assert_eq!(replicas("batch/v1", "Job", ""), Replicas::One);
    assert_eq!(replicas("batch/v1", "Job", "parallelism: 2"), Replicas::Several);
    let cron = |policy: &str, parallelism: u32| {
        let spec =
            format!("{{{policy} jobTemplate: {{spec: {{parallelism: {parallelism}, template: {{}}}}}}}}");
        fine(&workload("batch/v1", "CronJob", &spec)).facts.workloads[0].replicas
    };
    assert_eq!(cron("concurrencyPolicy: Forbid,", 1), Replicas::One);
    assert_eq!(cron("concurrencyPolicy: Replace,", 1), Replicas::One);
    assert_eq!(cron("concurrencyPolicy: Forbid,", 2), Replicas::Several);
    assert_eq!(cron("", 1), Replicas::Several);
    check(
        &workload("apps/v1", "Deployment", "{replicas: two, template: {}}"),
        &["4:18 error wrong-type spec.replicas"],
    );
}

#[test]
fn two_objects_with_one_identity() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n";
    let input = read(&format!("{pod}---\n{pod}"));
    let problem = &input.diagnostics[0];
    assert_eq!(problem.code, Code::DuplicateObject);
    assert!(problem.message.contains("m.yaml:3:18"), "{}", problem.message);
    assert_eq!(input.sources.position(problem.at.expect("a place")).line, 7);
    // Another API version of a kind is the same object, another namespace is not.
    let deployment = |api: &str, ns: &str| {
        format!(
            "{{apiVersion: {api}, kind: Deployment, metadata: {{name: d, namespace: {ns}}}, spec: {{template: {{}}}}}}\n"
        )
    };
    let both = |a: String, b: String| read(&format!("{a}---\n{b}")).has_errors();
    assert!(both(deployment("apps/v1", "default"), deployment("extensions/v1beta1", "default")));
    assert!(!both(deployment("apps/v1", "a"), deployment("apps/v1", "b")));
    // Two objects may share a prefix for their generated names.
    let job = "{apiVersion: batch/v1, kind: Job, metadata: {generateName: j-}, spec: {template: {}}}\n";
    let names: Vec<String> =
        fine(&format!("{job}---\n{job}")).facts.workloads.into_iter().map(|job| job.name.into()).collect();
    assert_eq!(names, ["j-", "j-2-"]);
}

#[test]
fn a_key_given_twice() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {a: 1, a: 2}\n";
    check(pod, &["4:14 warning duplicate-key"]);
    check(&policy("{podSelector: {}, podSelector: {}}"), &["4:25 error duplicate-key"]);
    let list = "
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: Pod, metadata: {name: p, name: p}}
- {apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: p, name: p}}
";
    check(list, &["5:51 warning duplicate-key", "6:79 error duplicate-key"]);
    // Two manifests run together: only one of them would be left.
    let together = "apiVersion: v1\nkind: NetworkPolicy\napiVersion: v1\nkind: ConfigMap\n";
    check(together, &["3:1 error duplicate-key", "4:1 error duplicate-key"]);
}

/// HorizontalPodAutoscalerSpec.maxReplicas: "the upper limit for the number of replicas to which
/// the autoscaler can scale up"; of KEDA `maxReplicaCount` is 100 by default.
#[test]
fn autoscalers_give_workloads_several_pods() {
    let scaler = |kind: &str, spec: &str| {
        let group = if kind == "ScaledObject" { "keda.sh/v1alpha1" } else { "autoscaling/v2" };
        let text = format!(
            "{{apiVersion: {group}, kind: {kind}, metadata: {{name: a, namespace: ns}}, spec: {spec}}}"
        );
        let input = fine(&text);
        input
            .facts
            .autoscalers
            .iter()
            .map(|found| format!("{}/{}/{}", found.namespace, found.target.kind.short(), found.target.name))
            .collect::<Vec<_>>()
    };
    let hpa = "HorizontalPodAutoscaler";
    assert_eq!(scaler(hpa, "{scaleTargetRef: {kind: StatefulSet, name: w}, maxReplicas: 2}"), ["ns/sts/w"]);
    assert!(scaler(hpa, "{scaleTargetRef: {kind: Deployment, name: w}, maxReplicas: 1}").is_empty());
    assert!(scaler(hpa, "{scaleTargetRef: {kind: Rollout, name: w}, maxReplicas: 9}").is_empty());
    assert_eq!(scaler("ScaledObject", "{scaleTargetRef: {name: w}}"), ["ns/deploy/w"]);
    assert!(scaler("ScaledObject", "{scaleTargetRef: {name: w}, maxReplicaCount: 1}").is_empty());
}
