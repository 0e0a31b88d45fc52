//! Ingresses, their classes and Routes of OpenShift, in the words of every version.

use np_model::facts::ingress::{ClassRef, IngressTarget, PathType};
use np_model::facts::{Address, Ingress, PortRef, Route};
use np_model::{Assumptions, compile};

use crate::{check, fine, object};

const V1: &str = "networking.k8s.io/v1";

fn ingress(api: &str, spec: &str) -> Ingress {
    fine(&object(api, "Ingress", &format!("spec: {spec}"))).facts.entries.ingresses.remove(0)
}

fn route(spec: &str) -> Route {
    fine(&object("route.openshift.io/v1", "Route", &format!("spec: {spec}"))).facts.entries.routes.remove(0)
}

#[track_caller]
fn refused(api: &str, kind: &str, spec: &str, expected: &[&str]) {
    check(&object(api, kind, &format!("spec: {spec}")), expected);
}

fn service(name: &str, port: PortRef) -> IngressTarget {
    IngressTarget::Service { name: name.to_owned(), port }
}

#[test]
fn an_ingress() {
    let input = fine(
        "
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: front
  namespace: a
  annotations: {alb.ingress.kubernetes.io/scheme: internal}
spec:
  ingressClassName: nginx
  defaultBackend: {service: {name: fallback, port: {name: http}}}
  rules:
  - host: '*.example.com'
    http:
      paths:
      - {path: /api, pathType: Prefix, backend: {service: {name: api, port: {number: 80}}}}
      - pathType: ImplementationSpecific
        backend: {resource: {apiGroup: k8s.example.com, kind: Bucket, name: icons}}
  - host: bare.example.com
status:
  loadBalancer: {ingress: [{hostname: lb.example.com}]}
",
    );
    let ingress = &input.facts.entries.ingresses[0];
    assert_eq!((ingress.namespace.as_str(), ingress.name.as_str()), ("a", "front"));
    assert_eq!(ingress.class, Some(ClassRef::Class("nginx".to_owned())));
    let default = ingress.default_backend.as_ref().map(|backend| &backend.to);
    assert_eq!(default, Some(&service("fallback", PortRef::Name("http".to_owned()))));
    assert_eq!(ingress.load_balancer, [Address::Host("lb.example.com".to_owned())]);
    assert_eq!(ingress.annotations["alb.ingress.kubernetes.io/scheme"], "internal");
    let [first, second] = &ingress.rules[..] else { panic!("two rules") };
    assert_eq!(
        (first.host.as_deref(), second.host.as_deref()),
        (Some("*.example.com"), Some("bare.example.com"))
    );
    assert!(second.paths.is_empty());
    let [api, icons] = &first.paths[..] else { panic!("two paths") };
    assert_eq!((api.path.as_deref(), api.kind), (Some("/api"), PathType::Prefix));
    assert_eq!(api.backend.to, service("api", PortRef::Number(80)));
    assert_eq!((icons.path.as_deref(), icons.kind), (None, PathType::ImplementationSpecific));
    let bucket = ("k8s.example.com".to_owned(), "Bucket".to_owned(), "icons".to_owned());
    let (group, kind, name) = bucket;
    assert_eq!(icons.backend.to, IngressTarget::Resource { group, kind, name });
    let at = api.backend.at.expect("a place");
    assert_eq!(input.sources.position(at).to_string(), "m.yaml:15:49");
}

#[test]
fn ingresses_of_the_beta_versions() {
    let spec = "{backend: {serviceName: web, servicePort: http}, rules: [{http: {paths: [\
                {path: /, backend: {serviceName: web, servicePort: 80}}]}}]}";
    for api in ["networking.k8s.io/v1beta1", "extensions/v1beta1"] {
        let ingress = ingress(api, spec);
        let default = ingress.default_backend.map(|backend| backend.to);
        assert_eq!(default, Some(service("web", PortRef::Name("http".to_owned()))));
        let path = &ingress.rules[0].paths[0];
        assert_eq!(
            (&path.backend.to, path.kind),
            (&service("web", PortRef::Number(80)), PathType::ImplementationSpecific)
        );
        assert_eq!(ingress.rules[0].host, None);
    }
    refused(
        "extensions/v1beta1",
        "Ingress",
        "{backend: {serviceName: web}}",
        &["4:17 error missing-field spec.backend.servicePort"],
    );
}

#[test]
fn the_class_of_an_ingress() {
    let class = |annotations: &str, class: &str| {
        let text = format!(
            "{{apiVersion: {V1}, kind: Ingress, metadata: {{name: x, annotations: {{{annotations}}}}}, \
             spec: {{{class} defaultBackend: {{service: {{name: w, port: {{number: 1}}}}}}}}}}"
        );
        fine(&text).facts.entries.ingresses.remove(0).class
    };
    assert_eq!(class("", ""), None);
    // "when that annotation is set, it must be given precedence over this field".
    let annotated = class("kubernetes.io/ingress.class: alb", "ingressClassName: nginx,");
    assert_eq!(annotated, Some(ClassRef::Annotation("alb".to_owned())));
}

#[test]
fn what_is_wrong_with_an_ingress() {
    let wrong = |spec: &str, expected: &[&str]| refused(V1, "Ingress", spec, expected);
    wrong("{}", &["4:7 error missing-field spec.rules"]);
    wrong("{rules: x}", &["4:15 error wrong-type spec.rules"]);
    wrong("{rules: [{http: {}}]}", &["4:23 error missing-field spec.rules[0].http.paths"]);
    let path = |path: &str| format!("{{rules: [{{http: {{paths: [{path}]}}}}]}}");
    wrong(
        &path("{backend: {service: {name: w, port: {number: 1}}}}"),
        &["4:32 error missing-field spec.rules[0].http.paths[0].pathType"],
    );
    wrong(&path("{pathType: Exact}"), &["4:32 error missing-field spec.rules[0].http.paths[0].backend"]);
    let backend = |backend: &str| format!("{{defaultBackend: {backend}}}");
    wrong(&backend("{}"), &["4:24 error missing-field spec.defaultBackend"]);
    wrong(&backend("{serviceName: w, servicePort: 80}"), &["4:24 error missing-field spec.defaultBackend"]);
    wrong(&backend("{service: {name: w}}"), &["4:34 error missing-field spec.defaultBackend.service.port"]);
    wrong(
        &backend("{service: {name: w, port: {number: 1, name: a}}}"),
        &["4:50 error invalid-value spec.defaultBackend.service.port"],
    );
    wrong(
        &backend("{service: {name: w, port: {number: '1'}}}"),
        &["4:59 error wrong-type spec.defaultBackend.service.port.number"],
    );
    wrong(
        &backend("{service: {name: w, port: {number: 1}}, resource: {kind: K, name: n}}"),
        &["4:24 error invalid-value spec.defaultBackend"],
    );
    check("{apiVersion: networking.k8s.io/v1, kind: ingress}", &["1:42 error invalid-value kind"]);
    check("{apiVersion: networking.k8s.io/v2, kind: Ingress}", &["1:14 error invalid-value apiVersion"]);
    check("{apiVersion: v1, kind: Ingress}", &["1:14 error invalid-value apiVersion"]);
    fine("{apiVersion: traefik.containo.us/v1alpha1, kind: IngressRoute}");
    fine("{apiVersion: config.openshift.io/v1, kind: Ingress}");
}

#[test]
fn ingress_classes() {
    let class = |annotations: &str, spec: &str| {
        format!(
            "apiVersion: {V1}\nkind: IngressClass\nmetadata: {{name: c, annotations: {{{annotations}}}}}\nspec: {spec}\n"
        )
    };
    let default = "ingressclass.kubernetes.io/is-default-class: 'true'";
    let read = fine(&class(default, "{controller: k8s.io/ingress-nginx}")).facts.entries.ingress_classes;
    assert_eq!((read[0].controller.as_str(), read[0].is_default), ("k8s.io/ingress-nginx", true));
    let read = fine(&class("", "{controller: c.example.com/x}")).facts.entries.ingress_classes;
    assert!(!read[0].is_default);
    check(&class("", "{}"), &["4:7 error missing-field spec.controller"]);
}

#[test]
fn a_route_of_openshift() {
    let text = "spec: {host: www.example.com, to: {kind: Service, name: web, weight: 0}, \
                alternateBackends: [{kind: Service, name: new}], port: {targetPort: http}}";
    for api in ["route.openshift.io/v1", "v1"] {
        let route = fine(&object(api, "Route", text)).facts.entries.routes.remove(0);
        assert_eq!(route.host.as_deref(), Some("www.example.com"));
        let backends: Vec<(&str, u16)> =
            route.backends.iter().map(|backend| (backend.service.as_str(), backend.weight)).collect();
        assert_eq!(backends, [("web", 0), ("new", 100)]);
        assert_eq!(route.port, Some(PortRef::Name("http".to_owned())));
    }
    assert_eq!((route("{to: {name: web}}").port, route("{to: {name: web}}").host), (None, None));
    let quoted = route("{to: {name: web}, port: {targetPort: '8080'}}");
    assert_eq!(quoted.port, Some(PortRef::Number(8080)));
    let wrong = |spec: &str, expected: &[&str]| refused("route.openshift.io/v1", "Route", spec, expected);
    wrong("{}", &["4:7 error missing-field spec.to"]);
    wrong("{to: {kind: Pod, name: p}}", &["4:19 error invalid-value spec.to.kind"]);
    wrong("{to: {name: w, weight: 257}}", &["4:30 error invalid-value spec.to.weight"]);
    wrong("{to: {name: w}, port: {}}", &["4:29 error missing-field spec.port.targetPort"]);
    fine("{apiVersion: serving.knative.dev/v1, kind: Route}");
    let later = "{apiVersion: route.openshift.io/v2, kind: Route}";
    check(later, &["1:14 warning invalid-value apiVersion"]);
}

#[test]
fn a_model_carries_them_sorted() {
    let one = |name: &str| {
        format!(
            "{{apiVersion: route.openshift.io/v1, kind: Route, metadata: {{name: {name}}}, spec: {{to: {{name: w}}}}}}\n"
        )
    };
    let input = fine(&format!("{}---\n{}", one("b"), one("a")));
    let model = compile(input, &Assumptions::default()).expect("a model");
    let names: Vec<&str> = model.entries().routes.iter().map(|route| route.name.as_str()).collect();
    assert_eq!(names, ["a", "b"]);
}
