//! The controllers that np knows: by which names classes call them, and where their traffic comes
//! from.
//!
//! Labels are those that each project's own manifests or chart put on the pods. A chart can be told
//! to use others: where no pod has them, the controller counts as one that the input does not show.
//! So it does where they are words that anybody may use, such as `app: envoy`: a stranger's pod must
//! not stand for the controller.

/// A controller of Ingresses, Gateways or Routes.
pub(super) struct Product {
    /// What people call it.
    pub(super) name: &'static str,
    /// `spec.controller` of an IngressClass, `spec.controllerName` of a GatewayClass. Several
    /// projects let the name be followed by `/` and one of the user's own.
    pub(super) controllers: &'static [&'static str],
    /// Names of IngressClasses that mean it where the class itself is not in the input, which are
    /// also words of the annotation `kubernetes.io/ingress.class`; then names of GatewayClasses.
    pub(super) words: [&'static [&'static str]; 2],
    /// Where its traffic comes from.
    pub(super) runs: Runs,
}

/// Where the traffic of a controller comes from.
pub(super) enum Runs {
    /// From pods with all labels of one of these lists; `*` is any value.
    Pods(&'static [&'static [(&'static str, &'static str)]]),
    /// From pods that it makes for each Gateway, and that name it ([`GATEWAY_NAMES`]).
    PodsOfGateways,
    /// From a proxy on the nodes that is no pod to policies.
    Nodes,
    /// From outside the cluster: straight to the pods, or else by way of a node.
    Outside,
}

/// Labels of pods that serve one Gateway, by its name: the label with the name, and the one with
/// its namespace if the pods may be in another one.
///
/// The first is that of Gateway API itself (GEP-1762); then those of Istio before it, Envoy Gateway
/// (`internal/gatewayapi`), and Contour's provisioner.
pub(super) const GATEWAY_NAMES: &[(&str, Option<&str>)] = &[
    ("gateway.networking.k8s.io/gateway-name", None),
    ("istio.io/gateway-name", None),
    ("gateway.envoyproxy.io/owning-gateway-name", Some("gateway.envoyproxy.io/owning-gateway-namespace")),
    ("projectcontour.io/owning-gateway-name", None),
];

/// The label of Envoy Gateway's pods that serve all Gateways of a class (`mergeGateways`).
pub(super) const GATEWAY_CLASS: &str = "gateway.envoyproxy.io/owning-gatewayclass";

/// The router of OpenShift: the ingress operator selects its pods by this label, whose value is the
/// name of an IngressController. It serves Routes, and Ingresses by making Routes of them.
pub(super) const ROUTER: &str = "OpenShift router";

const NAME: &str = "app.kubernetes.io/name";
const COMPONENT: &str = "app.kubernetes.io/component";

/// Every controller that np knows.
#[rustfmt::skip]
pub(super) const PRODUCTS: &[Product] = &[
    // kubernetes/ingress-nginx: its chart and the manifests made from it; RKE2 renames it.
    Product { name: "ingress-nginx", controllers: &["k8s.io/ingress-nginx"], words: [&["nginx"], &[]],
        runs: Runs::Pods(&[&[(NAME, "ingress-nginx"), (COMPONENT, "controller")],
            &[(NAME, "rke2-ingress-nginx"), (COMPONENT, "controller")]]) },
    // nginx/kubernetes-ingress: the chart, and `deployments/`.
    Product { name: "NGINX Ingress Controller", controllers: &["nginx.org/ingress-controller"], words: [&[], &[]],
        runs: Runs::Pods(&[&[(NAME, "nginx-ingress")]]) },
    // nginx/nginx-gateway-fabric: since 2.0 it makes pods for each Gateway; before, its own proxied.
    Product { name: "NGINX Gateway Fabric", controllers: &["gateway.nginx.org/nginx-gateway-controller"],
        words: [&[], &["nginx"]], runs: Runs::Pods(&[&[(NAME, "nginx-gateway")], &[(NAME, "nginx-gateway-fabric")]]) },
    // traefik/traefik-helm-chart; k3s brings it.
    Product { name: "Traefik", controllers: &["traefik.io/ingress-controller", "traefik.io/gateway-controller"],
        words: [&["traefik"], &["traefik"]], runs: Runs::Pods(&[&[(NAME, "traefik")]]) },
    // haproxytech/kubernetes-ingress: the chart, and `deploy/haproxy-ingress.yaml`.
    Product { name: "HAProxy Kubernetes Ingress Controller",
        controllers: &["haproxy.org/ingress-controller", "haproxy.org/gateway-controller"], words: [&[], &[]],
        runs: Runs::Pods(&[&[(NAME, "kubernetes-ingress")], &[("run", "haproxy-ingress")]]) },
    // jcmoraisjr/haproxy-ingress: its chart and its older manifests.
    Product { name: "HAProxy Ingress", controllers: &["haproxy-ingress.github.io/controller"], words: [&[], &[]],
        runs: Runs::Pods(&[&[(NAME, "haproxy-ingress")], &[("run", "haproxy-ingress")]]) },
    // projectcontour/contour: Bitnami's chart; in the project's own examples Envoy has only `app: envoy`.
    Product { name: "Contour",
        controllers: &["projectcontour.io/ingress-controller", "projectcontour.io/ingress-contour",
            "projectcontour.io/gateway-controller"],
        words: [&["contour"], &["contour"]],
        runs: Runs::Pods(&[&[(NAME, "contour"), (COMPONENT, "envoy")]]) },
    // istio/istio: the ingress gateway for Ingresses; Gateways get pods of their own.
    Product { name: "Istio", controllers: &["istio.io/ingress-controller"], words: [&["istio"], &[]],
        runs: Runs::Pods(&[&[("istio", "ingressgateway")]]) },
    Product { name: "Istio", controllers: &["istio.io/gateway-controller"], words: [&[], &["istio"]],
        runs: Runs::PodsOfGateways },
    Product { name: "Envoy Gateway", controllers: &["gateway.envoyproxy.io/gatewayclass-controller"],
        words: [&[], &["eg"]], runs: Runs::PodsOfGateways },
    // Kong/charts: `kong` has proxy and controller in one, `ingress` a gateway of its own.
    Product { name: "Kong",
        controllers: &["ingress-controllers.konghq.com/kong", "konghq.com/kic-gateway-controller"],
        words: [&["kong"], &["kong"]],
        runs: Runs::Pods(&[&[(NAME, "kong"), (COMPONENT, "app")], &[(NAME, "gateway"), (COMPONENT, "app")],
            &[("app", "proxy-kong")], &[("app", "ingress-kong")]]) },
    Product { name: "Kong", controllers: &["konghq.com/gateway-operator"], words: [&[], &[]],
        runs: Runs::PodsOfGateways },
    Product { name: ROUTER, controllers: &["openshift.io/ingress-to-route"], words: [&["openshift-default"], &[]],
        runs: Runs::Pods(&[&[("ingresscontroller.operator.openshift.io/deployment-ingresscontroller", "*")]]) },
    // docs.cilium.io, "Ingress and Network Policy Example": the Envoy of each node sends, with an
    // identity of its own (`ingress`) that is neither a pod's nor its node's.
    Product { name: "Cilium", controllers: &["cilium.io/ingress-controller", "io.cilium/gateway-controller"],
        words: [&["cilium"], &["cilium"]], runs: Runs::Nodes },
    // Load balancers of platforms send to pods (target type `ip`, NEGs) or to ports of nodes.
    Product { name: "AWS Load Balancer Controller",
        controllers: &["ingress.k8s.aws/alb", "eks.amazonaws.com/alb", "gateway.k8s.aws/alb", "gateway.k8s.aws/nlb"],
        words: [&["alb"], &[]], runs: Runs::Outside },
    Product { name: "Amazon VPC Lattice", controllers: &["application-networking.k8s.aws/gateway-api-controller"],
        words: [&[], &["amazon-vpc-lattice"]], runs: Runs::Outside },
    Product { name: "GKE", controllers: &["networking.gke.io/gateway"],
        words: [&["gce", "gce-internal"], &["gke-l7-global-external-managed", "gke-l7-regional-external-managed", "gke-l7-rilb", "gke-l7-gxlb"]],
        runs: Runs::Outside },
    Product { name: "Azure Application Gateway",
        controllers: &["azure/application-gateway", "alb.networking.azure.io/alb-controller"],
        words: [&["azure/application-gateway", "azure-application-gateway"], &["azure-alb-external"]],
        runs: Runs::Outside },
];

impl Product {
    /// Whether `controller` is a name of it, or one of the user's own behind such a name.
    pub(super) fn is_called(&self, controller: &str) -> bool {
        self.controllers.iter().any(|name| {
            controller.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::PRODUCTS;

    #[test]
    fn no_name_means_two_controllers() {
        let names: Vec<&str> = PRODUCTS.iter().flat_map(|product| product.controllers).copied().collect();
        for name in &names {
            let called = PRODUCTS.iter().filter(|product| product.is_called(name)).count();
            assert_eq!(called, 1, "{name}");
        }
    }
}
