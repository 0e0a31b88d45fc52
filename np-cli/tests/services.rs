//! Services as destinations: what their ports lead to, and what is said of those that lead nowhere.

mod common;

use std::path::Path;

use common::{Folder, Ran, command, np_in, pod, policy};
use serde_json::Value;

/// Runs a query on the example of a shop, whose README says who should talk to whom.
fn shop(question: &str) -> Ran {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata/examples/shop");
    let output = command()
        .current_dir(folder)
        .arg("query")
        .args(question.split_whitespace())
        .output()
        .expect("np runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    Ran { code: output.status.code().expect("a code"), out: text(output.stdout), err: text(output.stderr) }
}

/// `web` opens port 80 of api, where the Service listens; the pods listen on 8080.
#[test]
fn the_port_of_a_service_is_translated() {
    let ran = shop("shop/web shop/svc/api:80");
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(
        ran.out.starts_with("DENIED  shop/deploy/web → shop/svc/api  tcp/80 → targetPort 8080\n"),
        "{}",
        ran.out
    );
    for question in ["shop/web shop/svc/api http", "shop/web shop/svc/api 80", "-n shop web svc/api:http"] {
        let again = shop(question);
        assert_eq!((again.code, again.out), (1, ran.out.clone()), "{question}");
    }
    let ran = shop("shop/web shop/svc/api 8080");
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert!(ran.err.contains("`shop/svc/api` has no port tcp/8080"), "{}", ran.err);
    assert!(ran.err.contains("tcp/8080 is where its port 80 leads"), "{}", ran.err);
    assert_eq!(shop("shop/web shop/svc/api:80 80").code, 2, "the port is given twice");
}

#[test]
fn pods_asked_for_the_port_of_their_service() {
    let ran = shop("shop/web shop/api 80");
    assert_eq!(ran.code, 1);
    let note = "tcp/80 is the port of shop/svc/api, which leads to tcp/8080: policies see that one\n";
    assert!(ran.out.contains(note), "{}", ran.out);
    for question in ["shop/web shop/api 8080", "shop/web shop/api tcp", "shop/api shop/db 5432"] {
        let ran = shop(question);
        assert!(!ran.out.contains("policies see that one"), "{}", ran.out);
    }
}

/// Web listens on 8080, its canary on 8081, and both call it `http`.
#[test]
fn one_port_of_a_service_leads_to_several() {
    let ran = shop("ingress-nginx/ingress-nginx-controller shop/svc/web http -o json");
    assert_eq!(ran.code, 0, "{}", ran.err);
    let answer: Value = serde_json::from_str(&ran.out).expect("JSON");
    assert_eq!((&answer["to"], &answer["asked"]), (&"shop/svc/web".into(), &"tcp/8080-8081".into()));
    let service = serde_json::json!({"type": "ClusterIP", "endpoints": "selector",
        "ports": [{"name": "http", "port": "tcp/80", "targets": ["tcp/8080", "tcp/8081"]}]});
    assert_eq!(answer["service"], service);
    let ran = shop("gateway/public-envoy shop/svc/web http");
    assert_eq!(ran.code, 3, "8081 is not open to the gateway: {}", ran.out);
}

#[test]
fn services_without_pods() {
    let erp = shop("shop/worker shop/svc/erp");
    assert_eq!(erp.code, 0, "its EndpointSlice says where it leads: {}{}", erp.out, erp.err);
    assert!(erp.out.contains("tcp/443 → targetPort 8443"), "{}", erp.out);
    let payments = shop("shop/worker shop/svc/payments 443");
    assert_eq!(payments.code, 3, "public addresses are open, private ones are not: {}", payments.out);
    assert!(payments.out.contains("api.payments.example.com"), "{}", payments.out);
    let denied = shop("shop/web shop/svc/payments 443");
    assert_eq!(denied.code, 1, "{}", denied.out);
    let dns = shop("shop/web 10.96.0.10 53");
    assert!(dns.code == 0 && dns.out.contains("kube-system/svc/kube-dns"), "{}", dns.out);
    let unknown = shop("shop/api shop/erp 443");
    assert!(unknown.err.contains("did you mean shop/svc/erp?"), "{}", unknown.err);
}

fn service(name: &str, spec: &str) -> String {
    format!("---\napiVersion: v1\nkind: Service\nmetadata: {{name: {name}, namespace: x}}\nspec: {spec}\n")
}

#[test]
fn services_that_lead_nowhere() {
    let pods = pod("x", "a", "") + &pod("x", "b", "") + &policy("x", "closed", "{podSelector: {}}");
    let services = service("none", "{selector: {app: nobody}, ports: [{port: 80}]}")
        + &service("unseen", "{ports: [{port: 80}]}")
        + &service("named", "{selector: {app: b}, ports: [{port: 80, targetPort: http}]}")
        + &service("ring", "{type: ExternalName, externalName: gnir.x.svc}")
        + &service("gnir", "{type: ExternalName, externalName: ring.x.svc.cluster.local}");
    let folder = Folder::with(&[("a.yaml", &(pods + &services))]);
    for (name, code, said) in [
        ("none", 1, "has no endpoints: its selector app=nobody matches no pod"),
        ("named", 1, "has no endpoints: none of its pods has the port"),
        ("unseen", 3, "has no selector, and the input no EndpointSlice of it"),
    ] {
        let ran = np_in(&folder, &format!("query x/a x/svc/{name} 80"));
        assert_eq!(ran.code, code, "{name}: {}{}", ran.out, ran.err);
        assert!(ran.out.contains(said), "{}", ran.out);
    }
    let ran = np_in(&folder, "query x/a x/svc/ring 80");
    assert!(ran.code == 2 && ran.err.contains("leads back to itself"), "{}", ran.err);
    for line in ["query x/svc/none x/a 80", "matrix --to x/svc/none"] {
        let ran = np_in(&folder, line);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{line}");
        assert!(ran.err.contains("only the destination of a query"), "{}", ran.err);
    }
}

/// Both ports have the number 53, and the pod has the name of their target port for UDP alone.
#[test]
fn a_port_that_no_pod_has_is_said_beside_those_that_lead_somewhere() {
    let pods = pod("x", "a", "")
        + &pod(
            "x",
            "b",
            "spec: {containers: [{name: c, ports: [{name: dns, containerPort: 5353, protocol: UDP}]}]}",
        );
    let ports = "{name: t, port: 53, protocol: TCP, targetPort: dns}, {name: u, port: 53, protocol: UDP, targetPort: dns}";
    let dns = service("dns", &format!("{{selector: {{app: b}}, ports: [{ports}]}}"));
    let folder = Folder::with(&[("a.yaml", &(pods + &dns))]);
    let ran = np_in(&folder, "query x/a x/svc/dns:53");
    assert!(ran.out.contains("tcp/53 → no target port, udp/53 → targetPort 5353\n"), "{}", ran.out);
    assert!(ran.out.contains("1 of its pods has no port for tcp/53 of x/svc/dns"), "{}", ran.out);
}

/// While no endpoint is ready, kube-proxy sends to those that end and still serve (KEP-1669).
#[test]
fn endpoints_that_end_serve_while_none_is_ready() {
    let slice = |name: &str, ready: &str| {
        format!(
            "---\n{{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {{name: {name}, namespace: x, labels: {{kubernetes.io/service-name: s}}}}, addressType: IPv4, ports: [{{port: 80}}], endpoints: [{{addresses: [10.0.0.9], conditions: {{{ready}}}, targetRef: {{kind: Pod, name: {name}, namespace: x}}}}]}}\n"
        )
    };
    let ending = slice("b", "ready: false, serving: true, terminating: true");
    let pods = pod("x", "a", "") + &pod("x", "b", "") + &pod("x", "c", "");
    let closed = policy("x", "c", "{podSelector: {matchLabels: {app: c}}, policyTypes: [Ingress]}");
    let ports = "selector: {app: s}, ports: [{port: 80}]";
    for (spec, more, code) in [
        (format!("{{{ports}}}"), String::new(), 0),
        // Headless: DNS names the endpoints that are ready, and nobody else.
        (format!("{{clusterIP: None, {ports}}}"), String::new(), 1),
        (format!("{{{ports}}}"), slice("c", "ready: true"), 1),
    ] {
        let text = [pods.clone(), closed.clone(), service("s", &spec), ending.clone(), more].concat();
        let ran = np_in(&Folder::with(&[("a.yaml", &text)]), "query x/a x/svc/s 80");
        assert_eq!(ran.code, code, "{text}\n{}{}", ran.out, ran.err);
    }
}

/// A number behind the colon is of the protocols that the Service has it in, else of TCP.
#[test]
fn a_headless_service_asked_for_a_number() {
    let closed =
        policy("x", "b", "{podSelector: {matchLabels: {app: b}}, ingress: [{ports: [{port: 8080}]}]}");
    let headless =
        service("b", "{clusterIP: None, selector: {app: b}, ports: [{port: 80, targetPort: 8080}]}");
    let folder = Folder::with(&[("a.yaml", &(pod("x", "a", "") + &pod("x", "b", "") + &closed + &headless))]);
    for (port, code) in [(8080, 0), (9090, 1), (80, 1)] {
        let ran = np_in(&folder, &format!("query x/a x/svc/b:{port}"));
        assert_eq!(ran.code, code, "{port}: {}{}", ran.out, ran.err);
        assert!(ran.out.contains("headless: clients talk to its pods directly"), "{}", ran.out);
    }
}

/// An autoscaler makes `api` several pods, which no policy lets reach each other.
#[test]
fn an_autoscaled_workload_is_several_pods() {
    let ran = shop("shop/api shop/api 8080");
    assert_eq!(ran.code, 1, "{}", ran.out);
}
