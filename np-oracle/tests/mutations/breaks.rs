//! One fact of a rule, broken as people break them, and what the fact was.

use k8s_openapi::api::core::v1::ServicePort;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use np_model::ir::Direction;
use np_model::selector::Requirement;
use np_oracle::{Cluster, End, Protocol};
use serde_json::{Value, json};

use super::case::{Case, Sole, fields, to_value, with_policy};
use super::random::Random;
use super::typo::{other_key, slip};

/// What is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    LabelValue,
    LabelKey,
    NamespaceLabel,
    Port,
    Protocol,
    /// Two items made one: OR becomes AND.
    Joined,
    PolicyType,
    ServicePort,
    Except,
    /// Two digits of a port exchanged. Not in the measure.
    PortDigits,
    /// The policy in another namespace. Not in the measure.
    PolicyNamespace,
    /// The label of the namespace itself, not the rule's. Not in the measure.
    NamespaceObject,
}

impl Kind {
    /// The kinds of the measure.
    pub(crate) const MEASURED: [Self; 9] = [
        Self::LabelValue,
        Self::LabelKey,
        Self::NamespaceLabel,
        Self::Port,
        Self::Protocol,
        Self::Joined,
        Self::PolicyType,
        Self::ServicePort,
        Self::Except,
    ];

    /// What else is asked and reported, without a target.
    pub(crate) const BEYOND: [Self; 3] = [Self::PortDigits, Self::PolicyNamespace, Self::NamespaceObject];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::LabelValue => "label value",
            Self::LabelKey => "label key",
            Self::NamespaceLabel => "namespace label",
            Self::Port => "port off by one",
            Self::Protocol => "protocol",
            Self::Joined => "OR made AND",
            Self::PolicyType => "policy type missing",
            Self::ServicePort => "port of the Service",
            Self::Except => "except",
            Self::PortDigits => "digits of a port",
            Self::PolicyNamespace => "policy's namespace",
            Self::NamespaceObject => "namespace's own label",
        }
    }
}

/// A broken cluster, and where the fact is.
#[derive(Debug, Clone)]
pub(crate) struct Broken {
    pub(crate) cluster: Cluster,
    /// The namespace and name of the policy as it now is.
    pub(crate) policy: (String, String),
    pub(crate) direction: Direction,
    pub(crate) rule: usize,
    /// The peer item, where the fact is in one, or the policy has one that matched.
    pub(crate) peer: Option<usize>,
    pub(crate) fact: Fact,
    /// What kind of mistake within its kind.
    pub(crate) how: &'static str,
}

/// The fact that is broken, as it now stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fact {
    Subject(Requirement),
    Pod(Requirement),
    Namespace(Requirement),
    Direction,
    Joined,
    /// The exception.
    Except(String),
    Port {
        item: usize,
        how: PortFact,
    },
    PolicyNamespace,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PortFact {
    Number,
    Protocol,
    Service,
}

/// Breaks a fact of this kind in a rule that the case's connection needs; None if the rule has no such fact.
pub(crate) fn break_fact(kind: Kind, random: &mut Random, case: &Case, sole: Sole) -> Option<Broken> {
    let mut policy = to_value(&case.cluster.policies[sole.policy]);
    let mut breaking = Breaking { random, case, sole, policy: &mut policy };
    if kind == Kind::NamespaceObject {
        return breaking.namespace_object();
    }
    let (fact, how) = match kind {
        Kind::LabelValue => breaking.label(|random, terms| terms.break_value(random)),
        Kind::LabelKey => breaking.label(|random, terms| terms.break_key(random)),
        Kind::NamespaceLabel => breaking.namespace_label(),
        Kind::Port => {
            breaking.port(|random, port, _| Some((one_off(random, port)?, PortFact::Number, "one off")))
        }
        Kind::PortDigits => breaking
            .port(|random, port, _| Some((swapped(random, port)?, PortFact::Number, "digits swapped"))),
        Kind::Protocol => breaking.port(|random, port, _| Some(other_protocol(random, port))),
        Kind::ServicePort => breaking.port(|_, port, case| service_port(port, case)),
        Kind::Joined => breaking.join(),
        Kind::PolicyType => breaking.policy_type(),
        Kind::Except => breaking.except(),
        Kind::PolicyNamespace => breaking.policy_namespace(),
        Kind::NamespaceObject => None,
    }?;
    let text = |field: &str| policy["metadata"][field].as_str().expect("a name").to_owned();
    let peer = match &fact {
        // Two items became one, at the place of the first.
        Fact::Joined => {
            let (of_policy, of_rule) = fields(sole.direction);
            let peers = policy["spec"][of_policy][sole.rule][of_rule].as_array()?;
            peers.iter().position(|peer| !peer["joined"].is_null())
        }
        _ => sole.peer,
    };
    let name = (text("namespace"), text("name"));
    forget_marks(&mut policy, sole);
    Some(Broken {
        cluster: with_policy(&case.cluster, sole.policy, &policy),
        policy: name,
        direction: sole.direction,
        rule: sole.rule,
        peer,
        fact,
        how,
    })
}

fn forget_marks(policy: &mut Value, sole: Sole) {
    let (of_policy, of_rule) = fields(sole.direction);
    for peer in policy["spec"][of_policy][sole.rule][of_rule].as_array_mut().into_iter().flatten() {
        if let Some(peer) = peer.as_object_mut() {
            peer.remove("joined");
        }
    }
}

struct Breaking<'b> {
    random: &'b mut Random,
    case: &'b Case,
    sole: Sole,
    policy: &'b mut Value,
}

type Made = Option<(Fact, &'static str)>;

impl Breaking<'_> {
    fn rule(&mut self) -> &mut Value {
        &mut self.policy["spec"][fields(self.sole.direction).0][self.sole.rule]
    }

    fn peers(&mut self) -> &mut Value {
        let field = fields(self.sole.direction).1;
        &mut self.rule()[field]
    }

    /// A label of a pod: of the policy's subject, or of the peer.
    fn label(
        &mut self,
        break_term: fn(&mut Random, Terms<'_>) -> Option<(Requirement, &'static str)>,
    ) -> Made {
        if self.random.percent(25) {
            let subject = Terms(&mut self.policy["spec"]["podSelector"]);
            return break_term(self.random, subject).map(|(term, how)| (Fact::Subject(term), how));
        }
        let (peer, field) = (self.sole.peer?, fields(self.sole.direction));
        let selector = &mut self.policy["spec"][field.0][self.sole.rule][field.1][peer]["podSelector"];
        break_term(self.random, Terms(selector)).map(|(term, how)| (Fact::Pod(term), how))
    }

    fn namespace_label(&mut self) -> Made {
        let (peer, field) = (self.sole.peer?, fields(self.sole.direction));
        let selector = &mut self.policy["spec"][field.0][self.sole.rule][field.1][peer]["namespaceSelector"];
        let terms = Terms(selector);
        let made = if self.random.percent(50) {
            terms.break_value(self.random)
        } else {
            terms.break_key(self.random)
        };
        made.map(|(term, how)| (Fact::Namespace(term), how))
    }

    fn port(
        &mut self,
        change: impl Fn(&mut Random, &Value, &Case) -> Option<(Value, PortFact, &'static str)>,
    ) -> Made {
        let item = self.sole.port?;
        let case = self.case;
        let before = self.rule()["ports"][item].clone();
        let (port, fact, how) = change(self.random, &before, case)?;
        self.rule()["ports"][item] = port;
        Some((Fact::Port { item, how: fact }, how))
    }

    fn join(&mut self) -> Made {
        let needed = self.sole.peer?;
        let peers = self.peers().as_array_mut()?;
        let is_only = |peer: &Value, field: &str| {
            peer.as_object().is_some_and(|peer| peer.len() == 1 && peer.contains_key(field))
        };
        let at = (0..peers.len().saturating_sub(1)).find(|at| {
            let (one, next) = (&peers[*at], &peers[at + 1]);
            let fields = ["namespaceSelector", "podSelector"];
            let apart = |a: &str, b: &str| is_only(one, a) && is_only(next, b);
            (apart(fields[0], fields[1]) || apart(fields[1], fields[0]))
                && (*at == needed || at + 1 == needed)
        })?;
        let next = peers.remove(at + 1);
        for (field, selector) in next.as_object()? {
            peers[at][field] = selector.clone();
        }
        peers[at]["joined"] = json!(true);
        Some((Fact::Joined, "two items in one"))
    }

    fn policy_type(&mut self) -> Made {
        let types = self.policy["spec"]["policyTypes"].as_array_mut()?;
        let own = match self.sole.direction {
            Direction::Ingress => "Ingress",
            Direction::Egress => "Egress",
        };
        types.retain(|one| one != own);
        (!types.is_empty()).then_some((Fact::Direction, "policyTypes lacks it"))
    }

    /// An exception that covers the connection's other end.
    fn except(&mut self) -> Made {
        let peer = self.sole.peer?;
        let other = match self.sole.direction {
            Direction::Ingress => &self.case.connection.from,
            Direction::Egress => &self.case.connection.to,
        };
        let End::Address(address) = other else { return None };
        let octets = address.to_string();
        let octets: Vec<&str> = octets.split('.').collect();
        let [a, b, c, _] = octets[..] else { return None };
        let mut block = self.peers()[peer].get("ipBlock")?.clone();
        let length: u8 = block["cidr"].as_str()?.split_once('/')?.1.parse().ok()?;
        let mut holes = vec![(format!("{address}/32"), 32)];
        holes.extend([(format!("{a}.{b}.{c}.0/24"), 24), (format!("{a}.{b}.0.0/16"), 16)]);
        holes.retain(|(_, hole)| *hole > length);
        let (hole, _) = self.random.one_of(&holes)?.clone();
        let mut excepts = block["except"].as_array().cloned().unwrap_or_default();
        let at = self.random.below(excepts.len() + 1);
        excepts.insert(at, json!(hole));
        block["except"] = json!(excepts);
        self.peers()[peer]["ipBlock"] = block;
        Some((Fact::Except(hole), "an exception covers it"))
    }

    /// The policy stands in another namespace, where it selects others or nobody.
    fn policy_namespace(&mut self) -> Made {
        let own = self.policy["metadata"]["namespace"].as_str()?.to_owned();
        let all = self.case.cluster.namespaces.iter().filter_map(|one| one.metadata.name.clone());
        let others: Vec<String> = all.filter(|name| *name != own).collect();
        let other = self.random.one_of(&others)?.clone();
        let name = &self.policy["metadata"]["name"];
        let is_taken = self.case.cluster.policies.iter().any(|policy| {
            policy.metadata.namespace.as_ref() == Some(&other)
                && policy.metadata.name.as_deref() == name.as_str()
        });
        if is_taken {
            return None;
        }
        self.policy["metadata"]["namespace"] = json!(other);
        Some((Fact::PolicyNamespace, "in another namespace"))
    }

    /// The namespace of the other end loses the label that the rule asks for, or has a slip in it.
    fn namespace_object(&mut self) -> Option<Broken> {
        let peer = self.sole.peer?;
        let other = match self.sole.direction {
            Direction::Ingress => &self.case.connection.from,
            Direction::Egress => &self.case.connection.to,
        };
        let (End::Pod { namespace, .. } | End::Workload { namespace, .. }) = other else {
            return None;
        };
        let mut selector = self.peers()[peer]["namespaceSelector"].clone();
        let (key, value) = Terms(&mut selector).first_own()?;
        let mut cluster = self.case.cluster.clone();
        let object =
            cluster.namespaces.iter_mut().find(|one| one.metadata.name.as_ref() == Some(namespace))?;
        let labels = object.metadata.labels.as_mut()?;
        let how = if self.random.percent(50) {
            labels.remove(&key)?;
            "label missing"
        } else {
            labels.insert(key.clone(), slip(self.random, labels.get(&key)?)?.0)?;
            "a slip in the label"
        };
        let text = |field: &str| self.policy["metadata"][field].as_str().map(str::to_owned);
        Some(Broken {
            cluster,
            policy: (text("namespace")?, text("name")?),
            direction: self.sole.direction,
            rule: self.sole.rule,
            peer: Some(peer),
            fact: Fact::Namespace(Requirement::In(key, [value].into())),
            how,
        })
    }
}

/// The terms of a selector, as it is written.
struct Terms<'t>(&'t mut Value);

impl Terms<'_> {
    fn break_value(self, random: &mut Random) -> Option<(Requirement, &'static str)> {
        let (at, key, value) = self.any(random)?;
        let (value, how) = slip(random, &value)?;
        match at {
            Some(at) => self.0["matchExpressions"][at]["values"][0] = json!(value),
            None => self.0["matchLabels"][&key] = json!(value),
        }
        Some((Requirement::In(key, [value].into()), how))
    }

    fn break_key(self, random: &mut Random) -> Option<(Requirement, &'static str)> {
        let (at, key, value) = self.any(random)?;
        let (other, how) = other_key(random, &key)?;
        if let Some(at) = at {
            self.0["matchExpressions"][at]["key"] = json!(other);
        } else {
            let labels = self.0["matchLabels"].as_object_mut()?;
            if labels.contains_key(&other) {
                return None;
            }
            labels.remove(&key);
            labels.insert(other.clone(), json!(value));
        }
        Some((Requirement::In(other, [value].into()), how))
    }

    /// One of the terms that ask for one value: its position if it is an expression, its key and the value.
    fn any(&self, random: &mut Random) -> Option<(Option<usize>, String, String)> {
        random.one_of(&self.all()).cloned()
    }

    /// The first whose label people set on the namespace themselves.
    fn first_own(&self) -> Option<(String, String)> {
        let own = self.all().into_iter().find(|(_, key, _)| key != "kubernetes.io/metadata.name");
        own.map(|(_, key, value)| (key, value))
    }

    fn all(&self) -> Vec<(Option<usize>, String, String)> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let labels = self.0["matchLabels"].as_object().into_iter().flatten();
        let mut all: Vec<_> = labels.map(|(key, value)| (None, key.clone(), text(value))).collect();
        for (at, term) in self.0["matchExpressions"].as_array().into_iter().flatten().enumerate() {
            if term["operator"] == "In" && term["values"].as_array().is_some_and(|values| values.len() == 1) {
                all.push((Some(at), text(&term["key"]), text(&term["values"][0])));
            }
        }
        all
    }
}

fn one_off(random: &mut Random, port: &Value) -> Option<Value> {
    let number = port["port"].as_u64().filter(|_| port["endPort"].is_null())?;
    let number = if random.percent(50) { number + 1 } else { number - 1 };
    Some(with(port, "port", json!(number)))
}

fn swapped(random: &mut Random, port: &Value) -> Option<Value> {
    let mut digits: Vec<char> = port["port"].as_u64()?.to_string().chars().collect();
    let at = random.below(digits.len() - 1);
    digits.swap(at, at + 1);
    let number: u16 = digits.into_iter().collect::<String>().parse().ok()?;
    (number > 0 && port["port"] != number).then(|| with(port, "port", json!(number)))
}

fn other_protocol(random: &mut Random, port: &Value) -> (Value, PortFact, &'static str) {
    let is_tcp = port["protocol"].as_str().is_none_or(|protocol| protocol == Protocol::Tcp.name());
    let (value, how) = match (is_tcp, random.percent(70)) {
        (true, true) => (json!("UDP"), "UDP for TCP"),
        (true, false) => (json!("SCTP"), "SCTP for TCP"),
        (false, true) => (json!("TCP"), "TCP for UDP"),
        (false, false) => (Value::Null, "no protocol, for UDP"),
    };
    (with(port, "protocol", value), PortFact::Protocol, how)
}

/// The port of a Service instead of the one that it leads to.
fn service_port(port: &Value, case: &Case) -> Option<(Value, PortFact, &'static str)> {
    let (End::Pod { namespace, name } | End::Workload { namespace, name, .. }) = &case.connection.to else {
        return None;
    };
    // A Service has the name of its workload, and pods names that begin with it.
    let services = case.cluster.services.iter().filter(|service| {
        let own = service.metadata.name.as_deref().unwrap_or_default();
        service.metadata.namespace.as_ref() == Some(namespace)
            && (own == name || name.rsplitn(3, '-').nth(2) == Some(own))
    });
    let ports = services.flat_map(|service| service.spec.iter().flat_map(|spec| spec.ports.iter().flatten()));
    let target = i32::from(case.connection.port);
    let leads = |one: &&ServicePort| match &one.target_port {
        Some(IntOrString::Int(number)) => *number == target,
        Some(IntOrString::String(name)) => container_port(case, name) == Some(target),
        None => false,
    };
    let number = ports.filter(leads).map(|one| one.port).find(|number| *number != target)?;
    let how = if port["port"].is_string() { "for a name" } else { "for a number" };
    port["endPort"].is_null().then(|| (with(port, "port", json!(number)), PortFact::Service, how))
}

/// The number that a name of a port has at the connection's destination.
fn container_port(case: &Case, name: &str) -> Option<i32> {
    let of_pods = case.cluster.pods.iter().filter(|pod| {
        let (namespace, name) = (pod.metadata.namespace.as_deref(), pod.metadata.name.as_deref());
        namespace.zip(name).is_some_and(|(namespace, name)| End::pod(namespace, name) == case.connection.to)
    });
    let workloads = case.cluster.workloads.iter().filter(|one| one.end() == case.connection.to);
    let specs = of_pods.map(|pod| pod.spec.as_ref()).chain(workloads.map(|one| one.template.spec.as_ref()));
    let containers = specs.flatten().flat_map(|spec| &spec.containers);
    let mut ports = containers.flat_map(|one| one.ports.iter().flatten());
    ports.find(|port| port.name.as_deref() == Some(name)).map(|port| port.container_port)
}

fn with(object: &Value, field: &str, value: Value) -> Value {
    let mut object = object.clone();
    if value.is_null() {
        object.as_object_mut().expect("an object").remove(field);
    } else {
        object[field] = value;
    }
    object
}
