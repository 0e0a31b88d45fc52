//! `np exposure`: what is open to whom, on the two examples, by what their policies say.

mod common;

use common::{Folder, np, np_in, pod, policy};
use serde_json::Value;

fn json(line: &str) -> Value {
    let ran = np(&format!("exposure -o json {line}"));
    assert_eq!(ran.code, 0, "{}", ran.err);
    serde_json::from_str(&ran.out).expect("JSON")
}

fn workload<'v>(report: &'v Value, name: &str) -> &'v Value {
    let all = report["workloads"].as_array().expect("workloads");
    all.iter().find(|it| it["name"] == name).unwrap_or_else(|| panic!("{name} in {report}"))
}

/// The sentences of the admissions of a direction.
fn admitted(way: &Value) -> Vec<&str> {
    let all = way["admissions"].as_array().expect("admissions").iter();
    all.map(|it| it["message"].as_str().expect("a sentence")).collect()
}

#[test]
fn the_frontend_is_wide_open_both_ways() {
    let report = json("-f $T");
    let web = workload(&report, "frontend/deploy/web");
    for direction in ["ingress", "egress"] {
        let way = &web[direction];
        assert_eq!((&way["isolated"], &way["severity"]), (&"no".into(), &"internet".into()), "{direction}");
        assert_eq!(way["internet"]["every"], "all");
        assert_eq!(way["everyPod"]["every"], "all");
        assert_eq!(way["policies"], Value::Array(vec![]));
    }
    // Nobody in backend may send there.
    let others: Vec<&str> =
        web["ingress"]["namespaces"].as_array().expect("names").iter().filter_map(Value::as_str).collect();
    assert_eq!(others, ["dev", "kube-system", "production", "staging"]);
    let ran = np("exposure -f $T");
    assert!(ran.out.contains("wide open both ways"), "{}", ran.out);
    assert!(ran.out.lines().any(|line| line.contains("wide open") && line.contains("frontend/web")));
}

#[test]
fn any_namespace_that_is_labelled_so_gets_into_production() {
    let report = json("-f $T production/shop");
    let shop = workload(&report, "production/deploy/shop");
    let [admission] = shop["ingress"]["admissions"].as_array().expect("admissions").as_slice() else {
        panic!("one rule with one peer")
    };
    let message = admission["message"].as_str().expect("a sentence");
    assert!(message.starts_with("any namespace that someone labels environment=production"), "{message}");
    assert_eq!(admission["policy"], "production/restrict-ingress-to-production");
    assert_eq!(admission["namespaces"]["labels"], "environment=production");
    assert_eq!(admission["namespaces"]["now"], serde_json::json!(["backend", "frontend", "production"]));
    assert_eq!((&admission["connections"], &admission["line"]), (&"all".into(), &13.into()));
    assert_eq!(shop["ingress"]["severity"], "chosen-labels");
    // Of the namespaces with the label, backend may not send.
    assert_eq!(shop["ingress"]["namespaces"], serde_json::json!(["frontend"]));
    for line in ["exposure -f $T", "exposure -f $T production/shop"] {
        let out = np(line).out;
        assert!(out.contains("any namespace that someone labels environment=production"), "{out}");
        assert!(out.contains("restrict-ingress-to-production.yaml:13:7"), "{out}");
    }
}

#[test]
fn the_backend_admits_what_its_policies_name() {
    let report = json("-f $T");
    let api = workload(&report, "backend/deploy/api");
    assert_eq!(admitted(&api["ingress"]), ["any pod labelled app=frontend of namespace frontend"]);
    assert_eq!(api["ingress"]["otherNamespaces"]["some"], "tcp/8080");
    let postgres = workload(&report, "backend/sts/postgres");
    assert_eq!(postgres["ingress"]["severity"], "nobody");
    assert_eq!(postgres["egress"]["namespaces"], serde_json::json!(["kube-system"]));
}

#[test]
fn the_worst_comes_first() {
    let report = json("-f $T");
    let order: Vec<&str> =
        report["workloads"].as_array().expect("all").iter().filter_map(|it| it["name"].as_str()).collect();
    assert_eq!(
        order,
        [
            "dev/deploy/playground",
            "frontend/deploy/web",
            "kube-system/deploy/coredns",
            "staging/deploy/shop",
            "production/deploy/shop",
            "backend/deploy/api",
            "backend/sts/postgres",
        ]
    );
    let summary = &report["summary"];
    assert_eq!((&summary["workloads"], &summary["openToInternet"]), (&7.into(), &4.into()));
    assert_eq!(summary["notIsolated"], serde_json::json!({"ingress": 4, "egress": 5}));
    assert_eq!((&summary["openToChosenLabels"], &summary["templates"]), (&1.into(), &7.into()));
    let top = json("-f $T --top 2");
    assert_eq!(top["workloads"].as_array().map(Vec::len), Some(2));
    assert_eq!(top["summary"], *summary);
}

#[test]
fn every_pod_of_a_production_namespace_gets_to_the_database() {
    let report = json("-f $S --pod-cidr 10.244.0.0/16");
    let db = workload(&report, "shop/sts/db");
    assert_eq!(db["ingress"]["namespaces"], serde_json::json!(["gateway", "ingress-nginx", "monitoring"]));
    let admissions = admitted(&db["ingress"]);
    let meant = "any namespace that someone labels environment=production (now gateway, ingress-nginx, shop)";
    assert!(admissions.contains(&meant), "{admissions:?}");
    assert_eq!(db["ingress"]["severity"], "chosen-labels");
    assert_eq!(db["ingress"]["internet"]["every"], "-");
    // The nightly cleanup admits nobody: it has no port that Prometheus could ask.
    let cleanup = workload(&report, "shop/cj/cleanup");
    assert_eq!((&cleanup["ingress"]["severity"], admitted(&cleanup["ingress"]).len()), (&"nobody".into(), 0));
    // The worker calls the payment provider at any public address.
    let worker = workload(&report, "shop/deploy/worker");
    assert_eq!(worker["egress"]["internet"]["every"], "tcp/443");
    assert_eq!(worker["egress"]["severity"], "internet");
    let exporter = workload(&report, "monitoring/ds/node-exporter");
    assert_eq!((&exporter["hostNetwork"], &exporter["ingress"]["isolated"]), (&true.into(), &"host".into()));
}

#[test]
fn a_backend_that_the_policies_cut_off_is_told_first() {
    // Mistake 3 of the example: the canary listens on 8081, and the gateway is let in on 8080.
    let report = json("-f $S");
    let entry = &report["entries"][0];
    assert_eq!(entry["entry"], "HTTPRoute gateway/beta");
    let targets = entry["targets"].as_array().expect("targets").iter();
    let told: Vec<_> = targets.map(|it| (it["endpoint"].as_str(), it["verdict"].as_str())).collect();
    assert_eq!(
        told,
        [(Some("shop/deploy/web"), Some("allowed")), (Some("shop/deploy/web-canary"), Some("denied"))]
    );
    let only = json("-f $S shop/cache");
    assert_eq!(only["entries"], Value::Array(vec![]), "nothing leads to the cache");
}

#[test]
fn a_controller_can_be_named() {
    let folder = Folder::with(&[]);
    folder.write(
        "pods.yaml",
        [pod("shop", "web", "spec: {containers: [{name: c}]}"), pod("edge", "proxy", "")].concat(),
    );
    folder.write("policy.yaml", policy("shop", "none", "{podSelector: {}, policyTypes: [Ingress]}"));
    let rest = "---
{apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop}, spec: {selector: {app: web}, ports: [{port: 80}]}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: shop}
spec: {defaultBackend: {service: {name: web, port: {number: 80}}}}
";
    folder.write("ingress.yaml", rest);
    let unseen = np_in(&folder, "exposure shop/web");
    assert!(unseen.out.contains("a controller that the input does not show"), "{}", unseen.out);
    let named = np_in(&folder, "exposure shop/web --ingress-controller app=proxy");
    assert!(named.out.contains("denied   shop/pod/web tcp/80 from edge/pod/proxy"), "{}", named.out);
}

/// The cluster may be an IPv6 one, in which the whole internet gets in.
#[test]
fn rules_about_ipv6_count_for_nothing_only_by_assumption() {
    let assumed = "pods are taken to have IPv4 alone";
    let open = |block: &str| {
        let spec = format!("{{podSelector: {{}}, ingress: [{{from: [{{ipBlock: {{cidr: '{block}'}}}}]}}]}}");
        Folder::with(&[("a.yaml", &(pod("shop", "web", "") + &policy("shop", "open", &spec)))])
    };
    let ran = np_in(&open("::/0"), "exposure");
    assert!(ran.err.contains(assumed), "{}", ran.err);
    let told = np_in(&open("::/0"), "exposure --pod-cidr fd00::/8 -o json");
    assert!(!told.err.contains(assumed), "{}", told.err);
    let report: Value = serde_json::from_str(&told.out).expect("JSON");
    assert_eq!(report["summary"]["openToInternet"], 1);
    assert!(!np_in(&open("0.0.0.0/0"), "exposure").err.contains(assumed));
}

/// A policy that np does not evaluate may deny what the other lets in.
#[test]
fn who_only_maybe_gets_in_is_said_so() {
    let spec = "{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {env: prod}}}]}]}";
    let cilium = "---\napiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: c, namespace: shop}\nspec: {endpointSelector: {}, ingressDeny: [{fromEntities: [all]}]}\n";
    let text = [pod("shop", "web", ""), policy("shop", "prod", spec), cilium.to_owned()].concat();
    let folder = Folder::with(&[("a.yaml", &text)]);
    let line = "any namespace that someone labels env=prod: all of shop/web";
    let ran = np_in(&folder, "exposure");
    assert!(ran.out.contains(&format!("  maybe {line}\n")), "{}", ran.out);
    let ran = np_in(&folder, "exposure --ignore-kind CiliumNetworkPolicy");
    assert!(ran.out.contains(&format!("  {line}\n")), "{}", ran.out);
}

#[test]
fn a_partner_is_not_the_internet() {
    let folder = Folder::with(&[]);
    folder.write("pods.yaml", pod("shop", "web", ""));
    let spec = "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 8.8.8.8/32}}], ports: [{port: 443}]}]}";
    folder.write("policy.yaml", policy("shop", "partner", spec));
    let report: Value = serde_json::from_str(&np_in(&folder, "exposure -o json").out).expect("JSON");
    let summary = &report["summary"];
    assert_eq!((&summary["openToInternet"], &summary["openToSomeInternet"]), (&0.into(), &1.into()));
    let way = &report["workloads"][0]["ingress"];
    assert_eq!((&way["internet"]["every"], &way["internet"]["some"]), (&"-".into(), &"tcp/443".into()));
    assert_eq!((&way["severity"], &way["certain"]), (&"some-internet".into(), &true.into()));
    assert_eq!(way["everyPod"]["unknown"], "-", "no pod has that address");
}

#[test]
fn namespaces_without_an_object_are_marked() {
    let folder = Folder::with(&[]);
    folder.write("pods.yaml", pod("shop", "web", ""));
    let report: Value = serde_json::from_str(&np_in(&folder, "exposure -o json").out).expect("JSON");
    assert_eq!(report["inferredNamespaces"], serde_json::json!(["shop"]));
    assert_eq!(report["assumed"], serde_json::json!(["families", "pod-space"]));
    assert_eq!(report["workloads"][0]["inferred"], serde_json::json!(["namespace"]));
}

#[test]
fn yaml_is_the_same_as_json() {
    let yaml: Value = serde_yaml::from_str(&np("exposure -f $T -o yaml").out).expect("YAML");
    assert_eq!(yaml, json("-f $T"));
}

#[test]
fn what_is_shown_can_be_chosen() {
    let names = |line: &str| -> Vec<String> {
        let report = json(line);
        let all = report["workloads"].as_array().expect("all").iter();
        all.filter_map(|it| it["name"].as_str()).map(str::to_owned).collect()
    };
    assert_eq!(names("-f $T -n backend"), ["backend/deploy/api", "backend/sts/postgres"]);
    assert_eq!(names("-f $T backend"), ["backend/deploy/api", "backend/sts/postgres"]);
    assert_eq!(names("-f $T -l app=api"), ["backend/deploy/api"]);
    assert_eq!(np("exposure -f $T external").code, 2);
    assert_eq!(np("exposure -f $T backend/api --top 3").code, 2);
}

#[test]
fn the_example_of_the_readme() {
    let readme = include_str!("../../README.md");
    let (_, shown) =
        readme.split_once("$ np exposure -f testdata/examples/three-tier\n").expect("the example");
    let (shown, _) = shown.split_once("```").expect("its end");
    assert_eq!(np("exposure -f $T").out, shown);
}

#[test]
fn a_pod_on_its_node_s_network_gets_to_the_pods_of_its_own_node() {
    // "Traffic to and from the node where a Pod is running is always allowed": agents on two nodes, and one that
    // may be on any, towards an isolated pod on the second.
    let on = |name: &str, node: &str, owner: &str| {
        format!(
            "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, namespace: a{owner}}}\nspec: {{hostNetwork: true{node}, containers: [{{name: c, image: i}}]}}\nstatus: {{phase: Running}}\n"
        )
    };
    let owner =
        ", ownerReferences: [{apiVersion: apps/v1, kind: DaemonSet, name: agent, uid: u, controller: true}]";
    let files = [
        "apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n".to_owned(),
        on("agent-1", ", nodeName: n1", owner),
        on("agent-2", ", nodeName: n2", owner),
        on("first", ", nodeName: n1", ""),
        on("second", ", nodeName: n2", ""),
        on("somewhere", "", ""),
        pod("a", "web", "spec: {nodeName: n2}\nstatus: {podIP: 10.1.2.3}"),
        policy("a", "deny", "{podSelector: {}, policyTypes: [Ingress]}"),
    ];
    let folder = Folder::with(&[("a.yaml", &files.concat())]);
    let ran = np_in(&folder, "exposure -o json");
    let report: Value = serde_json::from_str(&ran.out).expect("JSON");
    let own = |name: &str| {
        let own = &workload(&report, name)["egress"]["ownNamespace"];
        ["every", "some", "unknown"].map(|how| own[how].as_str().expect("ports").to_owned())
    };
    assert_eq!(own("a/pod/first"), ["-", "-", "-"]);
    assert_eq!(own("a/pod/second"), ["all", "-", "-"]);
    assert_eq!(own("a/ds/agent"), ["-", "all", "-"], "one of the two");
    assert_eq!(own("a/pod/somewhere"), ["-", "-", "all"], "which node it is on decides");
}
