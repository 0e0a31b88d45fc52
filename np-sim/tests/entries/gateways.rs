//! Gateways: which routes their listeners take, where those may lead, and whose pods send.

use np_sim::entry::{Problem, Refusal, Sender, Unseen};

use crate::{APP, DENY, check};

/// A Gateway in `edge` that takes routes as `routes` says.
fn gateway(routes: &str) -> String {
    format!(
        "
{{apiVersion: gateway.networking.k8s.io/v1, kind: GatewayClass, metadata: {{name: eg}}, spec: {{controllerName: gateway.envoyproxy.io/gatewayclass-controller}}}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {{name: public, namespace: edge}}
spec:
  gatewayClassName: eg
  listeners: [{{name: web, port: 80, protocol: HTTP, hostname: '*.example.com', allowedRoutes: {routes}}}]
---
apiVersion: v1
kind: Pod
metadata:
  name: proxy
  namespace: envoy-gateway-system
  labels: {{gateway.envoyproxy.io/owning-gateway-name: public, gateway.envoyproxy.io/owning-gateway-namespace: edge}}
spec: {{containers: [{{name: c}}]}}
status: {{podIP: 10.0.2.1}}
---
"
    )
}

/// A route of `namespace` that names the Gateway, and leads to `app/web`.
fn route(namespace: &str, kind: &str, rest: &str) -> String {
    format!(
        "
apiVersion: gateway.networking.k8s.io/v1
kind: {kind}
metadata: {{name: r, namespace: {namespace}}}
spec:
  parentRefs: [{{name: public, namespace: edge}}]
  rules: [{{backendRefs: [{{name: web, namespace: app, port: 80}}]}}]
  {rest}
---
"
    )
}

const GRANT: &str = "
apiVersion: gateway.networking.k8s.io/v1beta1
kind: ReferenceGrant
metadata: {name: g, namespace: app}
spec:
  from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: edge}]
  to: [{group: '', kind: Service}]
---
";

#[test]
fn a_route_needs_a_grant_to_lead_to_another_namespace() {
    let (gateway, route) = (gateway("{namespaces: {from: Same}}"), route("edge", "HTTPRoute", ""));
    check(&[APP, &gateway, &route], &["r@web [NoGrant]"]);
    let lines = [
        "r@web app/pod/canary tcp/8081: denied (pods denied)",
        "r@web app/pod/web tcp/8080: denied (pods denied)",
    ];
    let found = check(&[APP, &gateway, &route, GRANT, DENY], &lines);
    let Sender::Pods { pods, .. } = &found[0].sender else { panic!("{:?}", found[0].sender) };
    assert_eq!(pods.concat().len(), 1, "the proxy that Envoy Gateway made for the Gateway");
    // For routes of another kind, of another namespace, to another Service: no grant.
    for (from, to) in [
        ("HTTPRoute", "GRPCRoute"),
        ("namespace: edge", "namespace: other"),
        ("kind: Service", "kind: Service, name: db"),
    ] {
        check(&[APP, &gateway, &route, &GRANT.replace(from, to)], &["r@web [NoGrant]"]);
    }
}

#[test]
fn listeners_choose_their_routes() {
    let open = |pod: &str, port: u16| format!("r@web app/pod/{pod} tcp/{port}: allowed (pods allowed)");
    let (canary, web) = (open("canary", 8081), open("web", 8080));
    let both: [&str; 2] = [&canary, &web];
    let refused =
        |why: Refusal| format!("r@- {:?}", vec![Problem::Refused { listener: "web".to_owned(), why }]);
    let own = |rest: &str| route("app", "HTTPRoute", rest);
    check(&[APP, &gateway("{namespaces: {from: All}}"), &own("")], &both);
    check(
        &[APP, &gateway("{namespaces: {from: Selector, selector: {matchLabels: {team: a}}}}"), &own("")],
        &both,
    );
    let same = refused(Refusal::Namespace);
    for routes in [
        "{}",
        "{namespaces: {from: Same}}",
        "{namespaces: {from: Selector, selector: {matchLabels: {team: b}}}}",
    ] {
        check(&[APP, &gateway(routes), &own("")], &[&same]);
    }
    let all = gateway("{namespaces: {from: All}}");
    check(&[APP, &all, &own("hostnames: [shop.example.com, shop.example.org]")], &both);
    check(&[APP, &all, &own("hostnames: [example.org]")], &[&refused(Refusal::Hostname)]);
    check(&[APP, &all, &route("app", "GRPCRoute", "")], &both);
    check(&[APP, &all, &route("app", "TCPRoute", "")], &[&refused(Refusal::Kind)]);
    let only = gateway("{namespaces: {from: All}, kinds: [{kind: GRPCRoute}]}");
    check(&[APP, &only, &own("")], &[&refused(Refusal::Kind)]);
    let missing = Problem::NoParent {
        kind: "Gateway".to_owned(),
        namespace: "edge".to_owned(),
        name: "public".to_owned(),
    };
    check(&[APP, &own("")], &[&format!("r@- {:?}", vec![missing])]);
    let section = own("").replace("namespace: edge}", "namespace: edge, sectionName: tls}");
    let none = Problem::NoListener { section: Some("tls".to_owned()), port: None };
    check(&[APP, &all, &section], &[&format!("r@- {:?}", vec![none])]);
}

#[test]
fn a_backend_without_a_share_gets_nothing() {
    let gateway = gateway("{namespaces: {from: All}}");
    let split = route("app", "HTTPRoute", "")
        .replace("port: 80}]", "port: 80, weight: 0}, {name: other, namespace: app, port: 80}]");
    let other = Problem::NoService { elsewhere: Vec::new() };
    check(&[APP, &gateway, &split], &["r@web [NoShare]", &format!("r@web {:?}", vec![other])]);
}

#[test]
fn a_listener_set_needs_to_be_allowed() {
    let set = "
apiVersion: gateway.networking.k8s.io/v1
kind: ListenerSet
metadata: {name: more, namespace: app}
spec:
  parentRef: {name: public, namespace: edge}
  listeners: [{name: own, port: 8000, protocol: HTTP}]
---
";
    let route = route("app", "HTTPRoute", "")
        .replace("name: public, namespace: edge", "name: more, kind: ListenerSet");
    let closed = gateway("{}");
    check(&[APP, &closed, set, &route], &["r@- [SetRefused(\"more\")]"]);
    let open = closed.replace(
        "gatewayClassName: eg",
        "gatewayClassName: eg\n  allowedListeners: {namespaces: {from: All}}",
    );
    let lines = [
        "r@own app/pod/canary tcp/8081: allowed (pods allowed)",
        "r@own app/pod/web tcp/8080: allowed (pods allowed)",
    ];
    check(&[APP, &open, set, &route], &lines);
}

#[test]
fn the_label_of_gateway_api_says_which_pods_serve_a_gateway() {
    // Of the Gateway's namespace alone, and before what its class says.
    let gateway = gateway("{namespaces: {from: All}}").replace("eg}", "eg2}");
    let proxy = |namespace: &str| {
        format!(
            "\n{{apiVersion: v1, kind: Pod, metadata: {{name: p, namespace: {namespace}, labels: {{gateway.networking.k8s.io/gateway-name: public}}}}, spec: {{containers: [{{name: c}}]}}, status: {{podIP: 10.0.6.1}}}}\n---\n"
        )
    };
    let gateway = gateway.replace("owning-gateway-name: public", "owning-gateway-name: other");
    let route = route("app", "HTTPRoute", "");
    let lines = |rest: &str| {
        [("canary", 8081), ("web", 8080)].map(|(pod, port)| format!("r@web app/pod/{pod} tcp/{port}: {rest}"))
    };
    let own = lines("denied (pods denied)");
    check(&[APP, &gateway, &route, &proxy("edge"), DENY], &[&own[0], &own[1]]);
    let other = lines("unknown (outside allowed, node allowed, unseen allowed)");
    let found = check(&[APP, &gateway, &route, &proxy("app")], &[&other[0], &other[1]]);
    assert!(
        matches!(&found[0].sender, Sender::Unseen(Unseen::NoPods("Envoy Gateway"))),
        "{:?}",
        found[0].sender
    );
}
