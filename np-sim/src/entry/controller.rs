//! Who sends the traffic of an entry to its backends: the pods of a controller, somebody outside
//! the cluster, or somebody that the input does not show.

use ipnet::IpNet;
use np_model::Model;
use np_model::facts::ingress::ClassRef;
use np_model::facts::{Gateway, Ingress, Lookup};
use np_model::model::{Pod, PodId};
use np_model::selector::Selector;
use np_model::truth::Truth;
use rustc_hash::FxHashMap;

use super::known::{GATEWAY_CLASS, GATEWAY_NAMES, PRODUCTS, Product, ROUTER, Runs};

/// What is said about controllers beside the input.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Controllers {
    /// The pods, of any namespace, that send the traffic of Ingresses and Routes, and of Gateways
    /// whose own pods the input does not show.
    pub selector: Option<Selector>,
}

/// Who sends the traffic of an entry to its backends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sender {
    /// Pods of the input.
    Pods {
        /// The controller that they are of, if np knows it.
        product: Option<&'static str>,
        /// How they are known to send it.
        how: How,
        /// The pods, ascending, of one workload each where any of the workloads may be the one that
        /// sends it; else in one list.
        pods: Vec<Vec<PodId>>,
    },
    /// Nobody in the cluster: the client, or a load balancer of the platform.
    Outside {
        /// The controller of the load balancer, if np knows it.
        product: Option<&'static str>,
        /// Whether pods may see the sender itself.
        direct: bool,
        /// Whether pods may see a node instead, which passes the traffic on.
        by_node: bool,
        /// Where the sender is; empty: anywhere outside.
        sources: Vec<IpNet>,
    },
    /// A proxy on the nodes that is no pod to policies; the controller that it is of.
    Nodes(&'static str),
    /// Somebody that the input does not show, or not as the one; why.
    Unseen(Unseen),
}

/// How pods are known to send the traffic of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum How {
    /// It was said so ([`Controllers::selector`]).
    Said,
    /// Their labels name the Gateway.
    GatewayLabels,
    /// Their labels are those of the controller that the class names.
    Class(String),
    /// Their labels are those of a controller that usually goes by this name of a class, which is
    /// not in the input.
    ClassName(String),
    /// They have the labels of the only controller that there is for such entries.
    Labels,
}

/// Why nobody in the input is known to send the traffic of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unseen {
    /// The selector that was given matches no pods.
    NoneSelected,
    /// The Ingress names no class, and no IngressClass of the input is the default; or several are.
    NoClass,
    /// The class of this name is not in the input.
    NoSuchClass(String),
    /// The class names this controller, which np does not know.
    UnknownController(String),
    /// It is this controller, and no pods of the input have its labels.
    NoPods(&'static str),
    /// The route is attached to nothing.
    NoGateway,
}

/// The annotation that says what AWS load balancers send to; `instance` if it is absent, unless the
/// controller was told otherwise.
const ALB_TARGETS: &str = "alb.ingress.kubernetes.io/target-type";

/// Finds senders; what depends on pods alone is found once.
pub(super) struct Finder<'m> {
    model: &'m Model,
    said: Option<Vec<PodId>>,
    /// By product: its pods, by workload.
    of_products: Vec<Vec<Vec<PodId>>>,
    /// By namespace and name of the Gateway.
    of_gateways: FxHashMap<(&'m str, &'m str), Vec<PodId>>,
    /// By name of the GatewayClass.
    of_classes: FxHashMap<&'m str, Vec<PodId>>,
}

/// Which kind of class a name is of, as a position in [`Product::words`].
#[derive(Clone, Copy)]
enum Kind {
    Ingress,
    Gateway,
}

impl<'m> Finder<'m> {
    pub(super) fn new(model: &'m Model, controllers: &Controllers) -> Self {
        let select = |selector: &Selector| {
            let is_meant = |id: &PodId| selector.matches(&model.pod(*id).labels) != Truth::No;
            model.pod_ids().filter(is_meant).collect()
        };
        let mut of_gateways: FxHashMap<_, Vec<PodId>> = FxHashMap::default();
        let mut of_classes: FxHashMap<_, Vec<PodId>> = FxHashMap::default();
        for id in model.pod_ids() {
            let pod = model.pod(id);
            if let Some(gateway) = gateway_of(model, pod) {
                of_gateways.entry(gateway).or_default().push(id);
            } else if let Lookup::Value(class) = pod.labels.get(GATEWAY_CLASS) {
                of_classes.entry(class).or_default().push(id);
            }
        }
        Self {
            model,
            said: controllers.selector.as_ref().map(select),
            of_products: PRODUCTS.iter().map(|product| by_workload(model, product)).collect(),
            of_gateways,
            of_classes,
        }
    }

    /// Who sends the traffic of an Ingress.
    pub(super) fn of_ingress(&self, ingress: &Ingress) -> Sender {
        let sender = self.said().unwrap_or_else(|| self.of_ingress_class(ingress));
        let target = ingress.annotations.get(ALB_TARGETS).map(String::as_str);
        match sender {
            // With targets of type `ip` the load balancer sends to pods, with `instance` to nodes.
            Sender::Outside { product, sources, .. } if target.is_some() => {
                let direct = target == Some("ip");
                Sender::Outside { product, direct, by_node: !direct, sources }
            }
            sender => sender,
        }
    }

    fn of_ingress_class(&self, ingress: &Ingress) -> Sender {
        let classes = &self.model.entries().ingress_classes;
        let Some(ClassRef::Class(name) | ClassRef::Annotation(name)) = &ingress.class else {
            let mut defaults = classes.iter().filter(|class| class.is_default);
            return match (defaults.next(), defaults.next()) {
                (Some(one), None) => self.of_controller(&one.controller),
                _ => Sender::Unseen(Unseen::NoClass),
            };
        };
        match classes.iter().find(|class| class.name == *name) {
            Some(class) => self.of_controller(&class.controller),
            None => self.of_class_name(name, Kind::Ingress),
        }
    }

    /// Who sends the traffic of a Gateway.
    pub(super) fn of_gateway(&self, gateway: &Gateway) -> Sender {
        let own = self.of_gateways.get(&(gateway.namespace.as_str(), gateway.name.as_str()));
        if let Some(pods) = own.or_else(|| self.of_classes.get(gateway.class.as_str())) {
            return Sender::Pods { product: None, how: How::GatewayLabels, pods: vec![pods.clone()] };
        }
        if let Some(said) = self.said() {
            return said;
        }
        let mut classes = self.model.entries().gateway_classes.iter();
        let Some(class) = classes.find(|class| class.name == gateway.class) else {
            return self.of_class_name(&gateway.class, Kind::Gateway);
        };
        self.of_controller(&class.controller)
    }

    /// Who sends the traffic of a Route of OpenShift.
    pub(super) fn of_route(&self) -> Sender {
        self.said().unwrap_or_else(|| match PRODUCTS.iter().position(|product| product.name == ROUTER) {
            Some(at) => self.of_product(at, How::Labels),
            None => Sender::Unseen(Unseen::NoPods(ROUTER)),
        })
    }

    fn said(&self) -> Option<Sender> {
        let pods = self.said.as_ref()?;
        Some(if pods.is_empty() {
            Sender::Unseen(Unseen::NoneSelected)
        } else {
            Sender::Pods { product: None, how: How::Said, pods: vec![pods.clone()] }
        })
    }

    fn of_controller(&self, controller: &str) -> Sender {
        match PRODUCTS.iter().position(|product| product.is_called(controller)) {
            Some(at) => self.of_product(at, How::Class(controller.to_owned())),
            None => Sender::Unseen(Unseen::UnknownController(controller.to_owned())),
        }
    }

    fn of_class_name(&self, name: &str, kind: Kind) -> Sender {
        match PRODUCTS.iter().position(|product| product.words[kind as usize].contains(&name)) {
            Some(at) => self.of_product(at, How::ClassName(name.to_owned())),
            None => Sender::Unseen(Unseen::NoSuchClass(name.to_owned())),
        }
    }

    fn of_product(&self, at: usize, how: How) -> Sender {
        let product = &PRODUCTS[at];
        match product.runs {
            Runs::Nodes => Sender::Nodes(product.name),
            Runs::Outside => Sender::Outside {
                product: Some(product.name),
                direct: true,
                by_node: true,
                sources: Vec::new(),
            },
            Runs::Pods(_) | Runs::PodsOfGateways if self.of_products[at].is_empty() => {
                Sender::Unseen(Unseen::NoPods(product.name))
            }
            Runs::Pods(_) | Runs::PodsOfGateways => {
                let pods = self.of_products[at].clone();
                Sender::Pods { product: Some(product.name), how, pods }
            }
        }
    }
}

/// The Gateway that the labels of a pod name.
fn gateway_of<'m>(model: &'m Model, pod: &'m Pod) -> Option<(&'m str, &'m str)> {
    let value = |key: &str| match pod.labels.get(key) {
        Lookup::Value(value) => Some(value),
        Lookup::Absent | Lookup::Unknown => None,
    };
    GATEWAY_NAMES.iter().find_map(|(name, namespace)| {
        let own = model.namespace(pod.namespace).name.as_str();
        let namespace = namespace.map_or(Some(own), value);
        Some((namespace?, value(name)?))
    })
}

/// The pods with the labels of a product, by workload.
fn by_workload(model: &Model, product: &Product) -> Vec<Vec<PodId>> {
    let Runs::Pods(alternatives) = product.runs else { return Vec::new() };
    let has = |pod: &Pod, (key, value): &(&str, &str)| matches!(pod.labels.get(key), Lookup::Value(known) if *value == "*" || known == *value);
    let is_of = |id: &PodId| {
        let pod = model.pod(*id);
        alternatives.iter().any(|labels| labels.iter().all(|label| has(pod, label)))
    };
    let mut groups: Vec<Vec<PodId>> = Vec::new();
    for id in model.pod_ids().filter(is_of) {
        let workload = |pod: PodId| (model.pod(pod).namespace, model.pod(pod).workload);
        match groups.iter_mut().find(|group| workload(group[0]) == workload(id)) {
            Some(group) => group.push(id),
            None => groups.push(vec![id]),
        }
    }
    groups
}
