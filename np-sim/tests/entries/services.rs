//! Ways in without a controller in the cluster, and Routes of OpenShift: Services that are open to the
//! outside themselves, and what leads to none.

use np_sim::entry::{Sender, Unseen};

use crate::{APP, DENY, admit, check};

#[test]
fn services_without_endpoints_lead_nowhere() {
    let service = |spec: &str| {
        format!(
            "\n{{apiVersion: v1, kind: Service, metadata: {{name: s, namespace: app}}, spec: {{type: NodePort, ports: [{{port: 80}}], {spec}}}}}\n---\n"
        )
    };
    check(&[APP, &service("selector: {app: nobody}")], &["app/svc/s [NoEndpoints]"]);
    check(&[APP, &service("")], &["app/svc/s [UnseenEndpoints]"]);
}

#[test]
fn a_service_that_is_open_itself_is_seen_from_outside_or_from_a_node() {
    let service = |spec: &str| {
        format!(
            "\n{{apiVersion: v1, kind: Service, metadata: {{name: s, namespace: app}}, spec: {{selector: {{track: canary}}, ports: [{{port: 80, targetPort: http}}], {spec}}}}}\n---\n"
        )
    };
    let line = |rest: &str| format!("app/svc/s app/pod/canary tcp/8081: {rest}");
    check(&[APP, &service("type: NodePort")], &[&line("allowed (outside allowed, node allowed)")]);
    // Without a node in the input, the one that passes traffic on may be the pod's own.
    check(&[APP, &service("type: NodePort"), DENY], &[&line("unknown (outside denied, node unknown)")]);
    let local = service("type: NodePort, externalTrafficPolicy: Local");
    check(&[APP, &local, DENY], &[&line("denied (outside denied)")]);
    let nodes = "\n{apiVersion: v1, kind: Node, metadata: {name: node-a}, status: {addresses: [{type: InternalIP, address: 192.168.0.1}]}}\n---\n";
    let from_nodes = admit("[{from: [{ipBlock: {cidr: 192.168.0.1/32}}]}]");
    check(
        &[APP, nodes, &service("externalIPs: [203.0.113.9]"), &from_nodes],
        &[&line("unknown (outside denied, node allowed)")],
    );
    let ranges =
        "type: LoadBalancer, externalTrafficPolicy: Local, loadBalancerSourceRanges: [203.0.113.0/24]";
    let range = admit("[{from: [{ipBlock: {cidr: 203.0.113.0/24}}]}]");
    // Clients outside the ranges come through node ports, if there are any.
    check(&[APP, &service(ranges), &range], &[&line("partial (outside partial)")]);
    let without = format!("{ranges}, allocateLoadBalancerNodePorts: false");
    check(&[APP, &service(&without), &range], &[&line("allowed (outside allowed)")]);
}

#[test]
fn routes_of_openshift_name_the_port_of_the_endpoints() {
    let route = |port: &str| {
        format!(
            "\n{{apiVersion: route.openshift.io/v1, kind: Route, metadata: {{name: r, namespace: app}}, spec: {{to: {{kind: Service, name: web}}{port}}}}}\n---\n"
        )
    };
    let router = "
apiVersion: v1
kind: Pod
metadata:
  name: router-default-1
  namespace: openshift-ingress
  labels: {ingresscontroller.operator.openshift.io/deployment-ingresscontroller: default}
spec: {containers: [{name: c}]}
status: {podIP: 10.0.5.1}
---
";
    let web = "r app/pod/web tcp/8080: allowed (pods allowed)";
    let canary = "r app/pod/canary tcp/8081: allowed (pods allowed)";
    check(&[APP, router, &route("")], &[canary, web]);
    check(&[APP, router, &route(", port: {targetPort: main}")], &[canary, web]);
    check(&[APP, router, &route(", port: {targetPort: 8080}")], &[web]);
    check(&[APP, router, &route(", port: {targetPort: 80}")], &["r [NoSuchPort(Number(80))]"]);
    let found = check(
        &[APP, &route(", port: {targetPort: 8080}"), DENY],
        &["r app/pod/web tcp/8080: unknown (outside denied, node unknown, unseen denied)"],
    );
    assert_eq!(found[0].sender, Sender::Unseen(Unseen::NoPods("OpenShift router")));
}

#[test]
fn names_for_other_hosts_lead_nowhere_that_is_known() {
    let service = "
apiVersion: v1
kind: Service
metadata: {name: s, namespace: app}
spec: {type: ExternalName, externalName: db.example.com}
---
apiVersion: route.openshift.io/v1
kind: Route
metadata: {name: r, namespace: app}
spec: {to: {kind: Service, name: s}}
";
    check(&[APP, service], &["r [ExternalName(\"db.example.com\")]"]);
}

#[test]
fn load_balancers_of_platforms_send_from_outside_or_through_a_node() {
    let ingress = |class: &str, annotations: &str| {
        format!(
            "\n{{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {{name: i, namespace: app, annotations: {{{annotations}}}}}, spec: {{ingressClassName: {class}, defaultBackend: {{service: {{name: web, port: {{number: 80}}}}}}}}}}\n---\n"
        )
    };
    let lines = |rest: &str| {
        [("canary", 8081), ("web", 8080)]
            .map(|(pod, port)| format!("i default app/pod/{pod} tcp/{port}: {rest}"))
    };
    let both = lines("unknown (outside denied, node unknown)");
    check(&[APP, &ingress("alb", ""), DENY], &[&both[0], &both[1]]);
    let direct = lines("denied (outside denied)");
    check(
        &[APP, &ingress("alb", "alb.ingress.kubernetes.io/target-type: ip"), DENY],
        &[&direct[0], &direct[1]],
    );
    // Cilium's proxy is neither a pod nor the pod's own node: a block may match it, or not.
    let proxy = lines("denied (proxy denied)");
    check(&[APP, &ingress("cilium", ""), DENY], &[&proxy[0], &proxy[1]]);
    let block = admit("[{from: [{ipBlock: {cidr: 0.0.0.0/0}}, {namespaceSelector: {}}]}]");
    let maybe = lines("unknown (proxy unknown)");
    check(&[APP, &ingress("cilium", ""), &block], &[&maybe[0], &maybe[1]]);
}
