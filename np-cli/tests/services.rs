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
