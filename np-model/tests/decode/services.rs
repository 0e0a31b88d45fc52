//! Services and the endpoints behind them, with the defaults that the API documentation gives.

use np_model::conn::Protocol;
use np_model::facts::{
    Address, EndpointSlice, PodRef, PortRef, Service, ServiceKind, SliceKind, TrafficPolicy,
};
use np_model::{Assumptions, compile};

use crate::{check, fine, object, read};

fn service(spec: &str) -> Service {
    fine(&object("v1", "Service", &format!("spec: {spec}"))).facts.services.remove(0)
}

#[track_caller]
fn refused(spec: &str, expected: &[&str]) {
    check(&object("v1", "Service", &format!("spec: {spec}")), expected);
}

fn slices(api: &str, kind: &str, rest: &str) -> Vec<EndpointSlice> {
    fine(&object(api, kind, rest)).facts.endpoint_slices
}

#[test]
fn a_service_by_default() {
    let text = object("v1", "Service", "spec:\n  selector: {app: web}\n  ports: [{port: 80}]");
    let input = fine(&text);
    let service = &input.facts.services[0];
    assert_eq!((service.namespace.as_str(), service.name.as_str()), ("a", "x"));
    assert_eq!(service.kind, ServiceKind::ClusterIp);
    assert_eq!(service.selector, Some([("app".to_owned(), "web".to_owned())].into()));
    assert_eq!((service.external_traffic, service.internal_traffic), Default::default());
    assert!(!service.publish_not_ready_addresses && service.allocates_node_ports);
    assert!(service.ips.is_empty() && service.load_balancer_source_ranges.is_empty());
    let port = &service.ports[0];
    assert_eq!((port.name.as_str(), port.protocol, port.port), ("", Protocol::Tcp, 80));
    assert_eq!((&port.target, port.node_port), (&PortRef::Number(80), None));
    let place = |at: Option<_>| input.sources.position(at.expect("a place")).to_string();
    assert_eq!((place(service.at), place(port.at)), ("m.yaml:3:18".to_owned(), "m.yaml:6:11".to_owned()));
    assert!(input.ignored.is_empty());
}

#[test]
fn a_service_that_says_everything() {
    let input = fine(
        "
apiVersion: v1
kind: Service
metadata:
  name: front
  annotations:
    networking.gke.io/load-balancer-type: Internal
    kubectl.kubernetes.io/last-applied-configuration: '{}'
spec:
  type: LoadBalancer
  clusterIP: 10.96.0.7
  clusterIPs: [10.96.0.7, 'fd00::7']
  externalIPs: [192.0.2.1]
  externalTrafficPolicy: Local
  internalTrafficPolicy: Local
  publishNotReadyAddresses: true
  allocateLoadBalancerNodePorts: false
  loadBalancerSourceRanges: [203.0.113.0/24, ' 198.51.100.0/24 ']
  selector: {app: web}
  ports:
  - {name: http, port: 80, targetPort: web, nodePort: 30080}
  - {name: dns, port: 53, protocol: UDP, targetPort: 5353}
  - {name: none, port: 90, targetPort: 0, nodePort: 0}
status:
  loadBalancer:
    ingress: [{ip: 34.1.2.3}, {hostname: lb.example.com}]
",
    );
    let service = &input.facts.services[0];
    assert_eq!(service.kind, ServiceKind::LoadBalancer);
    let ips: Vec<String> = service.ips.iter().map(ToString::to_string).collect();
    assert_eq!(ips, ["10.96.0.7", "34.1.2.3", "192.0.2.1", "fd00::7"]);
    assert_eq!(service.external_ips, ["192.0.2.1".parse::<std::net::IpAddr>().expect("an address")]);
    let balanced =
        [Address::Ip("34.1.2.3".parse().expect("an address")), Address::Host("lb.example.com".to_owned())];
    assert_eq!(service.load_balancer, balanced);
    let ranges: Vec<String> = service.load_balancer_source_ranges.iter().map(ToString::to_string).collect();
    assert_eq!(ranges, ["203.0.113.0/24", "198.51.100.0/24"]);
    assert_eq!(service.external_traffic, TrafficPolicy::Local);
    assert_eq!(service.internal_traffic, TrafficPolicy::Local);
    assert!(service.publish_not_ready_addresses && !service.allocates_node_ports);
    assert_eq!(service.annotations.len(), 1);
    let ports: Vec<(&str, Protocol, u16, String, Option<u16>)> = service
        .ports
        .iter()
        .map(|port| (port.name.as_str(), port.protocol, port.port, port.target.to_string(), port.node_port))
        .collect();
    assert_eq!(
        ports,
        [
            ("http", Protocol::Tcp, 80, "web".to_owned(), Some(30080)),
            ("dns", Protocol::Udp, 53, "5353".to_owned(), None),
            ("none", Protocol::Tcp, 90, "90".to_owned(), None),
        ]
    );
    assert_eq!(input.assumed_namespace, 1);
}

#[test]
fn the_kinds_of_service() {
    assert_eq!(service("{ports: [{port: 1}]}").selector, None);
    assert_eq!(service("{selector: {}, ports: [{port: 1}]}").selector, None);
    assert_eq!(service("{clusterIP: None}").kind, ServiceKind::Headless);
    assert_eq!(service("{clusterIPs: [None], type: ClusterIP}").kind, ServiceKind::Headless);
    assert!(service("{clusterIP: None}").ips.is_empty());
    assert_eq!(
        service("{clusterIP: None, ports: [{port: 80, targetPort: 8080}]}").ports[0].target,
        PortRef::Number(8080)
    );
    assert_eq!(service("{clusterIP: '', ports: [{port: 1}]}").kind, ServiceKind::ClusterIp);
    assert_eq!(service("{type: NodePort, ports: [{port: 1}]}").kind, ServiceKind::NodePort);
    let other = service("{type: ExternalName, externalName: db.example.com.}");
    assert_eq!(other.kind, ServiceKind::ExternalName("db.example.com".to_owned()));
}

#[test]
fn the_annotation_that_the_source_ranges_replace() {
    let text = "
apiVersion: v1
kind: Service
metadata:
  name: x
  annotations: {service.beta.kubernetes.io/load-balancer-source-ranges: '10.0.0.0/8, 192.0.2.0/24'}
spec: {type: LoadBalancer, ports: [{port: 80}]}
";
    assert_eq!(fine(text).facts.services[0].load_balancer_source_ranges.len(), 2);
}

#[test]
fn what_is_wrong_with_a_service() {
    refused("{}", &["4:7 error missing-field spec.ports"]);
    refused("{ports: {}}", &["4:15 error wrong-type spec.ports"]);
    refused("{ports: [{port: http}]}", &["4:23 error wrong-type spec.ports[0].port"]);
    refused("{ports: [{port: 0}]}", &["4:23 error invalid-value spec.ports[0].port"]);
    refused("{ports: [{name: http}]}", &["4:16 error missing-field spec.ports[0].port"]);
    refused(
        "{ports: [{port: 80, targetPort: '80'}]}",
        &["4:39 error invalid-value spec.ports[0].targetPort"],
    );
    refused("{ports: [{port: 1, protocol: tcp}]}", &["4:36 error invalid-value spec.ports[0].protocol"]);
    refused("{ports: [{port: 1, nodePort: 30000}]}", &["4:36 error invalid-value spec.ports[0].nodePort"]);
    refused("{ports: [{port: 1}, {name: b, port: 2}]}", &["4:16 error missing-field spec.ports[0].name"]);
    refused(
        "{ports: [{name: b, port: 1}, {name: b, port: 2}]}",
        &["4:43 error invalid-value spec.ports[1].name"],
    );
    refused("{type: Loadbalancer, ports: [{port: 1}]}", &["4:14 error invalid-value spec.type"]);
    refused(
        "{type: NodePort, clusterIP: None, ports: [{port: 1}]}",
        &["4:35 error invalid-value spec.clusterIP"],
    );
    refused("{type: ExternalName}", &["4:7 error missing-field spec.externalName"]);
    refused("{clusterIP: 10.0, ports: [{port: 1}]}", &["4:19 error wrong-type spec.clusterIP"]);
    refused("{clusterIP: 10.0.0, ports: [{port: 1}]}", &["4:19 error invalid-value spec.clusterIP"]);
    refused("{selector: {app: 1}, ports: [{port: 1}]}", &["4:24 error wrong-type spec.selector.app"]);
    refused("{selector: [a], ports: [{port: 1}]}", &["4:18 error wrong-type spec.selector"]);
    refused(
        "{loadBalancerSourceRanges: [10.0.0.0], ports: [{port: 1}]}",
        &["4:35 error invalid-value spec.loadBalancerSourceRanges[0]"],
    );
    refused(
        "{externalTrafficPolicy: local, ports: [{port: 1}]}",
        &["4:31 error invalid-value spec.externalTrafficPolicy"],
    );
    check(
        "{apiVersion: v1, kind: Service, spec: {ports: [{port: 1}]}}",
        &["1:1 error missing-field metadata.name"],
    );
}

#[test]
fn kinds_that_only_share_the_word_are_others() {
    let input = fine("{apiVersion: serving.knative.dev/v1, kind: Service, metadata: {name: x}}");
    assert_eq!((input.facts.services.len(), input.ignored["Service.serving.knative.dev"]), (0, 1));
    check("{apiVersion: v1, kind: service, metadata: {name: x}}", &["1:24 error invalid-value kind"]);
    check("{apiVersion: apps/v1, kind: Service}", &["1:14 error invalid-value apiVersion"]);
    check("{apiVersion: discovery.k8s.io/v2, kind: EndpointSlice}", &["1:14 error invalid-value apiVersion"]);
    check("{apiVersion: discovery.k8s.io/v1, kind: Endpointslice}", &["1:41 error invalid-value kind"]);
}

#[test]
fn two_services_of_one_name() {
    let text = object("v1", "Service", "spec: {ports: [{port: 1}]}");
    check(&format!("{text}---\n{text}"), &["8:18 error duplicate-object metadata.name"]);
    let list = "{apiVersion: v1, kind: ServiceList, items: [{metadata: {name: b}, spec: {clusterIP: None}}, \
                {metadata: {name: a}, spec: {clusterIP: None}}]}";
    let model = compile(fine(list), &Assumptions::default()).expect("a model");
    let names: Vec<&str> = model.services().iter().map(|service| service.name.as_str()).collect();
    assert_eq!(names, ["a", "b"]);
}

#[test]
fn an_endpoint_slice() {
    let input = fine(
        "
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  name: web-abc
  namespace: a
  labels: {kubernetes.io/service-name: web}
addressType: IPv4
ports:
- {name: http, port: 8080}
- {name: dns, port: 53, protocol: UDP}
- {name: any, port: null}
endpoints:
- addresses: [10.0.0.1, 10.0.0.2]
  conditions: {ready: false, serving: true, terminating: true}
  targetRef: {kind: Pod, name: web-1, namespace: b}
  nodeName: n1
- addresses: [10.0.0.3]
  targetRef: {kind: Pod, name: web-2}
- addresses: [10.0.0.4]
  conditions: {ready: false}
  targetRef: {kind: Node, name: n1}
",
    );
    let slice = &input.facts.endpoint_slices[0];
    assert_eq!((slice.kind, slice.service.as_deref()), (SliceKind::EndpointSlice, Some("web")));
    let ports: Vec<(&str, Protocol, Option<u16>)> =
        slice.ports.iter().map(|port| (port.name.as_str(), port.protocol, port.port)).collect();
    let expected =
        [("http", Protocol::Tcp, Some(8080)), ("dns", Protocol::Udp, Some(53)), ("any", Protocol::Tcp, None)];
    assert_eq!(ports, expected);
    let conditions: Vec<[bool; 3]> =
        slice.endpoints.iter().map(|one| [one.ready, one.serving, one.terminating]).collect();
    assert_eq!(conditions, [[false, true, true], [true, true, false], [false, false, false]]);
    let pods: Vec<Option<PodRef>> = slice.endpoints.iter().map(|one| one.pod.clone()).collect();
    let pod = |namespace: &str, name: &str| PodRef { namespace: namespace.to_owned(), name: name.to_owned() };
    assert_eq!(pods, [Some(pod("b", "web-1")), Some(pod("a", "web-2")), None]);
    assert_eq!(slice.endpoints[0].addresses.len(), 2);
    assert_eq!(slice.endpoints[0].node_name.as_deref(), Some("n1"));
    let at = slice.endpoints[1].at.expect("a place");
    assert_eq!(input.sources.position(at).to_string(), "m.yaml:18:3");
}

#[test]
fn other_endpoint_slices() {
    let read = |rest: &str| slices("discovery.k8s.io/v1", "EndpointSlice", rest).remove(0);
    let slice = read("addressType: FQDN\nendpoints: [{addresses: [db.example.com]}]");
    assert_eq!(slice.endpoints[0].addresses, [Address::Host("db.example.com".to_owned())]);
    assert_eq!((slice.service, slice.ports.len()), (None, 0));
    let beta =
        "addressType: IPv6\nendpoints: [{addresses: ['fd00::1'], topology: {kubernetes.io/hostname: n1}}]";
    let beta = slices("discovery.k8s.io/v1beta1", "EndpointSlice", beta).remove(0);
    assert_eq!(beta.endpoints[0].node_name.as_deref(), Some("n1"));
    let wrong = |rest: &str, expected: &[&str]| {
        check(&object("discovery.k8s.io/v1", "EndpointSlice", rest), expected);
    };
    wrong("endpoints: []", &["1:1 error missing-field addressType"]);
    wrong("addressType: IP", &["4:14 error invalid-value addressType"]);
    wrong(
        "addressType: IPv4\nendpoints: [{addresses: ['fd00::1', x]}, {}]",
        &[
            "5:26 error invalid-value endpoints[0].addresses[0]",
            "5:37 error invalid-value endpoints[0].addresses[1]",
            "5:42 error missing-field endpoints[1].addresses",
        ],
    );
    wrong("addressType: IPv4\nports: [{port: 0}]", &["5:16 error invalid-value ports[0].port"]);
}

#[test]
fn legacy_endpoints_are_slices() {
    let text = "
subsets:
- addresses: [{ip: 10.0.0.1, nodeName: n1, targetRef: {kind: Pod, name: p, namespace: a}}]
  notReadyAddresses: [{ip: 10.0.0.2}]
  ports: [{name: http, port: 80}]
- addresses: [{ip: 'fd00::3'}]
  ports: [{port: 81, protocol: UDP}]";
    let slices = slices("v1", "Endpoints", text);
    let told: Vec<(SliceKind, Option<&str>, usize, Option<u16>)> = slices
        .iter()
        .map(|slice| (slice.kind, slice.service.as_deref(), slice.endpoints.len(), slice.ports[0].port))
        .collect();
    let kind = SliceKind::Endpoints;
    assert_eq!(told, [(kind, Some("x"), 2, Some(80)), (kind, Some("x"), 1, Some(81))]);
    let ready: Vec<bool> = slices[0].endpoints.iter().map(|endpoint| endpoint.ready).collect();
    assert_eq!(ready, [true, false]);
    let none = read(&object("v1", "Endpoints", "subsets: []")).facts.endpoint_slices;
    assert!(none.len() == 1 && none[0].endpoints.is_empty());
    check(
        &object("v1", "Endpoints", "subsets: [{addresses: [{ip: x}, {}], ports: [{name: http}]}]"),
        &[
            "4:29 error invalid-value subsets[0].addresses[0].ip",
            "4:33 error missing-field subsets[0].addresses[1].ip",
            "4:46 error missing-field subsets[0].ports[0].port",
        ],
    );
}
