//! Gateway API: classes, Gateways, listeners, routes of every kind and grants.

use np_model::facts::gateway::{
    BackendUse, GrantFrom, GrantTo, ListenerProtocol, NamespacesFrom, RouteKind, RouteKindRef,
};
use np_model::facts::{Address, Entries, Gateway, GatewayRoute};
use np_model::selector::{Requirement, Selector};

use crate::{check, fine, object};

const V1: &str = "gateway.networking.k8s.io/v1";

fn entries(api: &str, kind: &str, spec: &str) -> Entries {
    fine(&object(api, kind, &format!("spec: {spec}"))).facts.entries
}

fn gateway(spec: &str) -> Gateway {
    entries(V1, "Gateway", spec).gateways.remove(0)
}

fn route(kind: &str, spec: &str) -> GatewayRoute {
    entries(V1, kind, spec).gateway_routes.remove(0)
}

#[track_caller]
fn refused(kind: &str, spec: &str, expected: &[&str]) {
    check(&object(V1, kind, &format!("spec: {spec}")), expected);
}

#[test]
fn a_class() {
    let class = &entries(V1, "GatewayClass", "{controllerName: example.com/gw}").gateway_classes[0];
    assert_eq!((class.name.as_str(), class.controller.as_str()), ("x", "example.com/gw"));
    refused("GatewayClass", "{}", &["4:7 error missing-field spec.controllerName"]);
}

#[test]
fn a_gateway() {
    let input = fine(
        "
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: gw, namespace: infra}
spec:
  gatewayClassName: istio
  addresses: [{value: 192.0.2.1}, {type: Hostname, value: gw.example.com}, {type: NamedAddress, value: n}]
  infrastructure: {annotations: {networking.gke.io/load-balancer-type: Internal}}
  allowedListeners: {namespaces: {from: Same}}
  listeners:
  - {name: web, port: 80, protocol: http}
  - name: tls
    port: 443
    protocol: TLS
    hostname: '*.example.com'
    allowedRoutes:
      namespaces: {from: Selector, selector: {matchLabels: {shared: 'yes'}}}
      kinds: [{kind: TLSRoute}, {group: '', kind: Other}]
  - {name: own, port: 99, protocol: example.com/own, allowedRoutes: {namespaces: {from: All}}}
status:
  addresses: [{type: IPAddress, value: 34.1.2.3}]
",
    );
    let gateway = &input.facts.entries.gateways[0];
    assert_eq!((gateway.namespace.as_str(), gateway.class.as_str()), ("infra", "istio"));
    let ip = |text: &str| Address::Ip(text.parse().expect("an address"));
    assert_eq!(gateway.requested_addresses, [ip("192.0.2.1"), Address::Host("gw.example.com".to_owned())]);
    assert_eq!(gateway.addresses, [ip("34.1.2.3")]);
    assert_eq!(gateway.allowed_listeners, NamespacesFrom::Same);
    assert_eq!(gateway.infrastructure_annotations.len(), 1);
    let [web, tls, own] = &gateway.listeners[..] else { panic!("three listeners") };
    // "All core ProtocolType values MUST be treated case-insensitively".
    assert_eq!((web.port, &web.protocol, &web.hostname), (80, &ListenerProtocol::Http, &None));
    assert_eq!((&web.namespaces, web.kinds.len()), (&NamespacesFrom::Same, 0));
    assert_eq!((&tls.protocol, tls.hostname.as_deref()), (&ListenerProtocol::Tls, Some("*.example.com")));
    let shared = Selector::new([Requirement::In("shared".to_owned(), ["yes".to_owned()].into())]);
    assert_eq!(tls.namespaces, NamespacesFrom::Selector(shared));
    let kind = |group: &str, kind: &str| RouteKindRef { group: group.to_owned(), kind: kind.to_owned() };
    assert_eq!(tls.kinds, [kind("gateway.networking.k8s.io", "TLSRoute"), kind("", "Other")]);
    assert_eq!(own.protocol, ListenerProtocol::Other("example.com/own".to_owned()));
    assert_eq!(own.namespaces, NamespacesFrom::All);
    let at = tls.at.expect("a place");
    assert_eq!(input.sources.position(at).to_string(), "m.yaml:12:5");
}

#[test]
fn what_is_wrong_with_a_gateway() {
    let listener = "{name: web, port: 80, protocol: HTTP}";
    assert_eq!(
        gateway(&format!("{{gatewayClassName: c, listeners: [{listener}]}}")).allowed_listeners,
        NamespacesFrom::None
    );
    refused(
        "Gateway",
        "{listeners: []}",
        &["4:7 error missing-field spec.gatewayClassName", "4:19 error missing-field spec.listeners"],
    );
    let listeners = |listener: &str| format!("{{gatewayClassName: c, listeners: [{listener}]}}");
    refused(
        "Gateway",
        &listeners("{}"),
        &[
            "4:41 error missing-field spec.listeners[0].name",
            "4:41 error missing-field spec.listeners[0].protocol",
            "4:41 error missing-field spec.listeners[0].port",
        ],
    );
    let from = |namespaces: &str| {
        listeners(&format!(
            "{{name: w, port: 80, protocol: HTTP, allowedRoutes: {{namespaces: {namespaces}}}}}"
        ))
    };
    let path = "spec.listeners[0].allowedRoutes.namespaces";
    refused("Gateway", &from("{from: all}"), &[&format!("4:112 error invalid-value {path}.from")]);
    refused("Gateway", &from("{from: Selector}"), &[&format!("4:112 warning missing-field {path}.from")]);
    assert_eq!(
        gateway(&from("{from: Selector, selector: {}}")).listeners[0].namespaces,
        NamespacesFrom::Selector(Selector::default())
    );
}

#[test]
fn listener_sets() {
    let spec = "{parentRef: {name: gw, namespace: infra}, listeners: [{name: w, port: 80, protocol: HTTP}]}";
    for (api, kind) in [(V1, "ListenerSet"), ("gateway.networking.x-k8s.io/v1alpha1", "XListenerSet")] {
        let set = entries(api, kind, spec).listener_sets.remove(0);
        let parent = set.parent.expect("a parent");
        assert_eq!((parent.kind.as_str(), parent.namespace.as_deref()), ("Gateway", Some("infra")));
        assert_eq!(set.listeners[0].port, 80);
    }
    refused(
        "ListenerSet",
        "{listeners: [{name: w, port: 80, protocol: HTTP}]}",
        &["4:7 error missing-field spec.parentRef"],
    );
}

#[test]
fn an_http_route() {
    let route = route(
        "HTTPRoute",
        "
  parentRefs:
  - {name: gw, namespace: infra, sectionName: web, port: 80}
  - {group: '', kind: Service, name: mesh}
  hostnames: [a.example.com, '*.example.org']
  rules:
  - backendRefs:
    - {name: web, port: 80}
    - {name: old, port: 81, weight: 0, namespace: b}
    - name: filtered
      port: 82
      filters: [{type: RequestMirror, requestMirror: {backendRef: {name: copy, port: 83}}}]
    filters:
    - {type: ExternalAuth, externalAuth: {protocol: HTTP, backendRef: {name: auth, port: 84}}}
    - {type: RequestRedirect, requestRedirect: {scheme: https}}
  - backendRefs: [{group: example.com, kind: Bucket, name: icons}]
  - {}",
    );
    assert_eq!((route.namespace.as_str(), route.kind), ("a", RouteKind::Http));
    let [gateway, mesh] = &route.parents[..] else { panic!("two parents") };
    assert_eq!((gateway.group.as_str(), gateway.kind.as_str()), ("gateway.networking.k8s.io", "Gateway"));
    assert_eq!((gateway.section.as_deref(), gateway.port), (Some("web"), Some(80)));
    assert_eq!((mesh.group.as_str(), mesh.kind.as_str(), &mesh.namespace), ("", "Service", &None));
    assert_eq!(route.hostnames, ["a.example.com", "*.example.org"]);
    let told: Vec<(&str, Option<u16>, u32, BackendUse)> = route.rules[0]
        .backends
        .iter()
        .map(|backend| (backend.name.as_str(), backend.port, backend.weight, backend.usage))
        .collect();
    assert_eq!(
        told,
        [
            ("web", Some(80), 1, BackendUse::Forward),
            ("old", Some(81), 0, BackendUse::Forward),
            ("filtered", Some(82), 1, BackendUse::Forward),
            ("copy", Some(83), 1, BackendUse::Mirror),
            ("auth", Some(84), 1, BackendUse::Authorize),
        ]
    );
    assert_eq!(route.rules[0].backends[1].namespace.as_deref(), Some("b"));
    let bucket = &route.rules[1].backends[0];
    assert_eq!((bucket.group.as_str(), bucket.kind.as_str(), bucket.port), ("example.com", "Bucket", None));
    assert!(route.rules[2].backends.is_empty());
}

#[test]
fn routes_of_every_kind_and_version() {
    let spec = "{parentRefs: [{name: gw}], rules: [{backendRefs: [{name: w, port: 1}]}]}";
    for (kind, read) in [
        ("GRPCRoute", RouteKind::Grpc),
        ("HTTPRoute", RouteKind::Http),
        ("TCPRoute", RouteKind::Tcp),
        ("TLSRoute", RouteKind::Tls),
        ("UDPRoute", RouteKind::Udp),
    ] {
        for version in ["v1", "v1beta1", "v1alpha3", "v1alpha2"] {
            let api = format!("gateway.networking.k8s.io/{version}");
            let route = entries(&api, kind, spec).gateway_routes.remove(0);
            assert_eq!((route.kind, route.rules[0].backends.len()), (read, 1));
        }
    }
    let later = "{apiVersion: gateway.networking.k8s.io/v2, kind: HTTPRoute, metadata: {name: x}}";
    check(later, &["1:14 warning invalid-value apiVersion"]);
    check("{apiVersion: gateway.networking.k8s.io/v1, kind: HttpRoute}", &["1:50 error invalid-value kind"]);
    let istio = fine("{apiVersion: networking.istio.io/v1, kind: Gateway, metadata: {name: x}}");
    assert_eq!((istio.facts.entries.gateways.len(), istio.ignored["Gateway.networking.istio.io"]), (0, 1));
}

#[test]
fn what_is_wrong_with_a_route() {
    refused("HTTPRoute", "{parentRefs: [{}]}", &["4:21 error missing-field spec.parentRefs[0].name"]);
    let rule = |rule: &str| format!("{{rules: [{rule}]}}");
    let backend = "spec.rules[0].backendRefs[0]";
    refused(
        "TCPRoute",
        &rule("{backendRefs: [{name: w}]}"),
        &[&format!("4:31 error missing-field {backend}.port")],
    );
    refused(
        "TCPRoute",
        &rule("{backendRefs: [{port: 1}]}"),
        &[&format!("4:31 error missing-field {backend}.name")],
    );
    refused(
        "TCPRoute",
        &rule("{backendRefs: [{name: w, port: 1, weight: -1}]}"),
        &[&format!("4:58 error invalid-value {backend}.weight")],
    );
    refused(
        "TCPRoute",
        &rule("{backendRefs: {name: w}}"),
        &["4:30 error wrong-type spec.rules[0].backendRefs"],
    );
    refused(
        "HTTPRoute",
        &rule("{filters: [{type: RequestMirror, requestMirror: {}}]}"),
        &["4:64 error missing-field spec.rules[0].filters[0].requestMirror.backendRef"],
    );
}

#[test]
fn reference_grants() {
    let spec = "{from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: web}], \
                to: [{group: '', kind: Service}, {group: '', kind: Service, name: db}]}";
    for version in ["v1", "v1beta1", "v1alpha2"] {
        let api = format!("gateway.networking.k8s.io/{version}");
        let grant = entries(&api, "ReferenceGrant", spec).reference_grants.remove(0);
        let from = GrantFrom {
            group: "gateway.networking.k8s.io".to_owned(),
            kind: "HTTPRoute".to_owned(),
            namespace: "web".to_owned(),
        };
        assert_eq!(grant.from, [from]);
        let to = |name: Option<&str>| GrantTo {
            group: String::new(),
            kind: "Service".to_owned(),
            name: name.map(str::to_owned),
        };
        assert_eq!(grant.to, [to(None), to(Some("db"))]);
    }
    refused(
        "ReferenceGrant",
        "{from: [{kind: HTTPRoute, namespace: web}]}",
        &["4:7 error missing-field spec.to", "4:15 error missing-field spec.from[0].group"],
    );
}
