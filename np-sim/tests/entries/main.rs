//! Ways into the cluster: what they lead to, who sends the traffic, and whether it arrives.
//!
//! Expected values come from the documentation of the APIs, and from what the shop in
//! `testdata/examples` says about itself.

mod gateways;
mod services;

use np_model::{Assumptions, Input, Model, compile};
use np_sim::entry::{Entry, Sender, Source, Unseen, Way};
use np_sim::{Controllers, Endpoint, Services, Verdict, entries};

fn compiled(texts: &[(&str, &str)]) -> Model {
    let mut input = Input::new("default");
    for (name, text) in texts {
        input.text(name, text.as_bytes().to_vec());
    }
    compile(input, &Assumptions::default()).unwrap_or_else(|invalid| panic!("{invalid}"))
}

/// A cluster with two pods of `app`, whose port `http` is 8080 and 8081, behind the Service `app/web`.
const APP: &str = "
{apiVersion: v1, kind: Namespace, metadata: {name: app, labels: {team: a}}}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: app, labels: {app: web}}
spec: {containers: [{name: c, ports: [{name: http, containerPort: 8080}]}]}
status: {podIP: 10.0.0.1}
---
apiVersion: v1
kind: Pod
metadata: {name: canary, namespace: app, labels: {app: web, track: canary}}
spec: {containers: [{name: c, ports: [{name: http, containerPort: 8081}]}]}
status: {podIP: 10.0.0.2}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: app}
spec: {selector: {app: web}, ports: [{name: main, port: 80, targetPort: http}]}
---
";

/// An Ingress of `app` to the Service's port by its number.
const INGRESS: &str = "
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: front, namespace: app}
spec:
  ingressClassName: nginx
  rules: [{host: a.example.com, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]
---
";

/// The controller of the class `nginx`.
const NGINX: &str = "
{apiVersion: networking.k8s.io/v1, kind: IngressClass, metadata: {name: nginx}, spec: {controller: k8s.io/ingress-nginx}}
---
apiVersion: v1
kind: Pod
metadata:
  name: controller
  namespace: edge
  labels: {app.kubernetes.io/name: ingress-nginx, app.kubernetes.io/component: controller}
spec: {containers: [{name: c}]}
status: {podIP: 10.0.1.1}
---
";

/// Nobody may enter `app`.
const DENY: &str = "
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny, namespace: app}
spec: {podSelector: {}, policyTypes: [Ingress]}
---
";

/// A policy for all of `app` with these ingress rules.
fn admit(rules: &str) -> String {
    format!(
        "\n{{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {{name: admit, namespace: app}}, spec: {{podSelector: {{}}, ingress: {rules}}}}}\n---\n"
    )
}

/// What a line says of an entry: its way, and what becomes of each target, or what is wrong.
fn told(model: &Model, entry: &Entry) -> Vec<String> {
    let way = match &entry.way {
        Way::Ingress { is_default: true, name, .. } => format!("{name} default"),
        Way::Ingress { host, path, .. } => {
            format!("{}{}", host.as_deref().unwrap_or("*"), path.as_deref().unwrap_or_default())
        }
        Way::Gateway { name, listener, .. } => {
            format!("{name}@{}", listener.as_ref().map_or("-", |listener| &listener.listener))
        }
        Way::Route { name, .. } => name.clone(),
        Way::Service { service, .. } => model.service_name(*service),
    };
    if !entry.is_open() {
        return vec![format!("{way} {:?}", entry.problems)];
    }
    let line = |target: &np_sim::entry::Target| {
        let (name, ports) = (target.endpoint.name(model), target.ports.text(model.families()));
        let readings: Vec<String> = target
            .readings
            .iter()
            .map(|one| format!("{} {}", who(&one.from), one.outcome.verdict()))
            .collect();
        format!("{way} {name} {ports}: {} ({})", target.verdict(&entry.sender), readings.join(", "))
    };
    entry.targets.iter().map(line).collect()
}

fn who(source: &Source) -> &'static str {
    match source {
        Source::Pods(_) => "pods",
        Source::Outside => "outside",
        Source::Node => "node",
        Source::NodeProxy => "proxy",
        Source::UnseenPod => "unseen",
    }
}

#[track_caller]
fn check(texts: &[&str], expected: &[&str]) -> Vec<Entry> {
    check_with(&Controllers::default(), texts, expected)
}

#[track_caller]
fn check_with(controllers: &Controllers, texts: &[&str], expected: &[&str]) -> Vec<Entry> {
    let model = compiled(&[("m.yaml", &texts.concat())]);
    let found = entries(&Services::new(&model), controllers);
    let lines: Vec<String> = found.iter().flat_map(|entry| told(&model, entry)).collect();
    assert_eq!(lines, expected);
    found
}

#[test]
fn the_controller_of_the_class_sends_and_policies_see_its_pods() {
    let allowed = [
        "a.example.com/ app/pod/canary tcp/8081: allowed (pods allowed)",
        "a.example.com/ app/pod/web tcp/8080: allowed (pods allowed)",
    ];
    let found = check(&[APP, INGRESS, NGINX], &allowed);
    assert!(matches!(&found[0].sender, Sender::Pods { product: Some("ingress-nginx"), .. }));
    let denied = [
        "a.example.com/ app/pod/canary tcp/8081: denied (pods denied)",
        "a.example.com/ app/pod/web tcp/8080: denied (pods denied)",
    ];
    check(&[APP, INGRESS, NGINX, DENY], &denied);
    // A number where the pods differ: the canary is cut off.
    let number = admit(
        "[{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: edge}}}], ports: [{port: 8080}]}]",
    );
    let half = [
        "a.example.com/ app/pod/canary tcp/8081: denied (pods denied)",
        "a.example.com/ app/pod/web tcp/8080: allowed (pods allowed)",
    ];
    check(&[APP, INGRESS, NGINX, &number], &half);
}

#[test]
fn egress_of_the_controller_counts() {
    let egress = "\n{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: e, namespace: edge}, spec: {podSelector: {}, policyTypes: [Egress]}}\n---\n";
    let denied = [
        "a.example.com/ app/pod/canary tcp/8081: denied (pods denied)",
        "a.example.com/ app/pod/web tcp/8080: denied (pods denied)",
    ];
    check(&[APP, INGRESS, NGINX, egress], &denied);
}

#[test]
fn a_controller_that_is_not_there_leaves_three_readings() {
    let line = |[outside, node, unseen]: [&str; 3]| {
        [("canary", 8081), ("web", 8080)].map(|(pod, port)| {
            format!("a.example.com/ app/pod/{pod} tcp/{port}: unknown (outside {outside}, node {node}, unseen {unseen})")
        })
    };
    let expect = |texts: &[&str], lines: [String; 2]| {
        let found = check(texts, &[&lines[0], &lines[1]]);
        assert_eq!(found[0].sender, Sender::Unseen(Unseen::NoPods("ingress-nginx")));
    };
    // Admitted, whoever it is; but its own egress is unknown.
    expect(&[APP, INGRESS], line(["allowed"; 3]));
    // Nobody is let in; but on the network of the pod's own node it always arrives.
    expect(&[APP, INGRESS, DENY], line(["denied", "unknown", "denied"]));
    let everyone = admit("[{from: [{namespaceSelector: {}}]}]");
    expect(&[APP, INGRESS, &everyone], line(["denied", "unknown", "allowed"]));
    let labelled = admit("[{from: [{namespaceSelector: {matchLabels: {ingress: 'yes'}}}]}]");
    expect(&[APP, INGRESS, &labelled], line(["denied", "unknown", "unknown"]));
    let addresses = admit("[{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}]");
    // A controller on the network of this node would be let in.
    let node = "\n{apiVersion: v1, kind: Node, metadata: {name: n1}, status: {addresses: [{type: InternalIP, address: 5.6.7.8}]}}\n---\n";
    let by_node = admit("[{from: [{ipBlock: {cidr: 5.6.7.8/32}}]}]");
    expect(&[APP, INGRESS, node, &by_node], line(["denied", "allowed", "denied"]));
    expect(&[APP, INGRESS, &addresses], line(["allowed"; 3]));
}

#[test]
fn a_selector_says_who_the_controller_is() {
    let said = |selector: &str| Controllers { selector: Some(selector.parse().expect("a selector")) };
    let other = "
apiVersion: v1
kind: Pod
metadata: {name: mine, namespace: edge, labels: {role: edge}}
spec: {containers: [{name: c}]}
status: {podIP: 10.0.3.1}
---
";
    let lines = [
        "a.example.com/ app/pod/canary tcp/8081: denied (pods denied)",
        "a.example.com/ app/pod/web tcp/8080: denied (pods denied)",
    ];
    check_with(&said("role=edge"), &[APP, INGRESS, other, DENY], &lines);
    let nobody = [
        "a.example.com/ app/pod/canary tcp/8081: unknown (outside allowed, node allowed, unseen allowed)",
        "a.example.com/ app/pod/web tcp/8080: unknown (outside allowed, node allowed, unseen allowed)",
    ];
    let found = check_with(&said("role=none"), &[APP, INGRESS, other], &nobody);
    assert_eq!(found[0].sender, Sender::Unseen(Unseen::NoneSelected));
}

#[test]
fn several_controllers_with_the_labels_of_one_are_several_readings() {
    let second = "
apiVersion: v1
kind: Pod
metadata:
  name: internal
  namespace: inside
  labels: {app.kubernetes.io/name: ingress-nginx, app.kubernetes.io/component: controller}
spec: {containers: [{name: c}]}
status: {podIP: 10.0.4.1}
---
";
    let edge = admit("[{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: edge}}}]}]");
    let lines = [
        "a.example.com/ app/pod/canary tcp/8081: unknown (pods allowed, pods denied)",
        "a.example.com/ app/pod/web tcp/8080: unknown (pods allowed, pods denied)",
    ];
    check(&[APP, INGRESS, NGINX, second, &edge], &lines);
}

#[test]
fn an_ingress_names_ports_of_services_of_its_namespace() {
    let ingress = |namespace: &str, class: &str, service: &str, port: &str| {
        format!(
            "
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {{name: i, namespace: {namespace}}}
spec: {{{class} defaultBackend: {{service: {{name: {service}, port: {port}}}}}}}
---
"
        )
    };
    let by_name = ingress("app", "", "web", "{name: main}");
    let lines = [
        "i default app/pod/canary tcp/8081: unknown (outside allowed, node allowed, unseen allowed)",
        "i default app/pod/web tcp/8080: unknown (outside allowed, node allowed, unseen allowed)",
    ];
    let found = check(&[APP, &by_name], &lines);
    assert_eq!(found[0].sender, Sender::Unseen(Unseen::NoClass));
    // The target port is not the Service's.
    let target = ingress("app", "", "web", "{number: 8080}");
    check(&[APP, &target], &["i default [NoSuchPort(Number(8080))]"]);
    let elsewhere = ingress("edge", "ingressClassName: mine,", "web", "{number: 80}");
    let found = check(&[APP, &elsewhere], &["i default [NoService { elsewhere: [\"app\"] }]"]);
    assert_eq!(found[0].sender, Sender::Unseen(Unseen::NoSuchClass("mine".to_owned())));
    let resource = "
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: i, namespace: app}
spec: {defaultBackend: {resource: {apiGroup: k8s.example.com, kind: Bucket, name: b}}}
";
    let expected = "i default [Resource { group: \"k8s.example.com\", kind: \"Bucket\", name: \"b\" }]";
    check(&[APP, resource], &[expected]);
}

/// The shop, whose README says who should talk to whom and what is wrong with it.
#[test]
fn the_shop_lets_customers_in_and_half_of_its_beta_testers() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../testdata/examples/shop");
    let mut texts = Vec::new();
    for file in std::fs::read_dir(folder).expect("the shop") {
        let path = file.expect("a file").path();
        if path.extension().is_some_and(|one| one == "yaml") {
            texts.push((path.display().to_string(), std::fs::read_to_string(&path).expect("a text")));
        }
    }
    let texts: Vec<(&str, &str)> = texts.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let model = compiled(&texts);
    let found = entries(&Services::new(&model), &Controllers::default());
    let mut lines: Vec<String> = found.iter().flat_map(|entry| told(&model, entry)).collect();
    lines.retain(|line| !line.contains("/svc/"));
    let expected = [
        "shop.example.com/ shop/deploy/web tcp/8080: allowed (pods allowed)",
        "shop.example.com/ shop/deploy/web-canary tcp/8081: allowed (pods allowed)",
        "shop.example.com/api shop/deploy/api tcp/8080: allowed (pods allowed)",
        "api.shop.example.com/ shop/deploy/api tcp/8080: allowed (pods allowed)",
        "beta@https shop/deploy/web tcp/8080: allowed (pods allowed)",
        // Mistake 3: `from-gateway` opens 8080, and the canary listens on 8081.
        "beta@https shop/deploy/web-canary tcp/8081: denied (pods denied)",
    ];
    assert_eq!(lines, expected);
    let outside: Vec<&Entry> =
        found.iter().filter(|entry| matches!(entry.way, Way::Service { .. })).collect();
    let to = |entry: &Entry| entry.targets.iter().map(|one| one.endpoint.name(&model)).collect::<Vec<_>>();
    let names: Vec<String> = outside.iter().flat_map(|entry| to(entry)).collect();
    assert!(names.contains(&"ingress-nginx/deploy/ingress-nginx-controller".to_owned()), "{names:?}");
    assert!(names.contains(&"monitoring/deploy/prometheus".to_owned()), "{names:?}");
    assert!(outside.iter().all(|entry| entry.targets.iter().all(|one| {
        matches!(one.endpoint, Endpoint::Workload(_)) && one.verdict(&entry.sender) == Verdict::Allowed
    })));
}
