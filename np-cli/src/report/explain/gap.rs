//! A fact that fails in words, with the places of both sides.

use np_model::conn::{ConnSet, Protocol};
use np_model::facts::PortRef;
use np_model::ir::{Namespaces, Peer, PeerItem, PeerPlaces, Policy, PortItem, PortSpec};
use np_model::model::{Pod, PodId, ServiceId, Whereabouts};
use np_model::origin::Location;
use np_model::selector::Requirement;
use np_sim::Endpoint;
use np_sim::explain::{Gap, Half, LabelGap, Miss, Near, PortGap};
use serde::Serialize;

use super::focus::Focus;
use crate::report::clean::clean;
use crate::report::members::End;
use crate::report::places::Place;
use crate::report::reason::{NAMED, View};
use crate::report::several::several;

/// A fact that fails.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GapTold {
    /// Which kind of fact.
    pub(super) gap: &'static str,
    /// What a rule does, to be read after its name: `wants app=front-end; shop/pod/web has app=frontend`.
    pub(super) message: String,
    /// What the policy says.
    #[serde(skip_serializing_if = "Option::is_none")]
    wants: Option<String>,
    /// What the cluster says instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    has: Option<String>,
    /// What the policy would have to say, if it is likely that this was meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    did_you_mean: Option<String>,
    /// Where the policy says it.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub(super) place: Option<Place>,
    /// The object that does not fit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) object: Option<Object>,
    /// What of the line is marked.
    #[serde(skip)]
    pub(super) focus: Option<Focus>,
    /// What is said below the mark.
    #[serde(skip)]
    pub(super) hint: Option<String>,
}

/// An object and where its name stands.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Object {
    pub(super) name: String,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub(super) place: Option<Place>,
}

/// What is said of a gap, before it has its places.
#[derive(Default)]
struct Words {
    message: String,
    wants: Option<String>,
    has: Option<String>,
    did_you_mean: Option<String>,
    hint: Option<String>,
    focus: Option<Focus>,
    object: Option<Object>,
}

impl View<'_> {
    /// One gap of a miss.
    pub(super) fn gap(&self, miss: &Miss, gap: &Gap) -> GapTold {
        let model = self.model();
        let policy = model.policy(miss.policy);
        let rule = miss.rule_of(model);
        let item = miss.peer.and_then(|at| rule.peers.as_ref().map(|peers| &peers[at as usize]));
        let peer_at = item.and_then(|item| item.at).or(rule.at);
        let (kind, words) = match gap {
            Gap::Direction | Gap::Subject(_) | Gap::PolicyNamespace(_) => {
                return self.policy_gap(policy, gap);
            }
            Gap::Pod(gap) => {
                let (requirement, at) = term(item, gap, Half::Pods);
                ("pod-label", self.label(gap, requirement, at.or(peer_at), "wants", self.object(&self.other)))
            }
            Gap::Namespace(gap) => {
                let (requirement, at) = term(item, gap, Half::Namespaces);
                let object = Object { name: self.namespace(&self.other), place: None };
                (
                    "namespace-label",
                    self.label(gap, requirement, at.or(peer_at), "wants a namespace with", object),
                )
            }
            Gap::OtherNamespace(id) => {
                let (own, has) = (name(&policy.namespace), name(&model.namespace(*id).name));
                let other = self.object(&self.other);
                let words = Words {
                    message: format!(
                        "means pods of its own namespace, {own}, as it has no namespaceSelector; {} is in {has}",
                        other.name
                    ),
                    hint: Some(format!("a namespaceSelector for {has} is missing")),
                    wants: Some(own),
                    has: Some(has),
                    focus: self.focus(peer_at, "", None),
                    object: Some(other),
                    ..Words::default()
                };
                ("other-namespace", words)
            }
            Gap::Joined(half) => {
                let (matching, other) = match half {
                    Half::Namespaces => ("namespaceSelector", "podSelector"),
                    Half::Pods => ("podSelector", "namespaceSelector"),
                };
                let words = Words {
                    message: format!(
                        "wants both its selectors to match, as they are one list item; {} matches its {matching} alone",
                        self.other.label(NAMED)
                    ),
                    hint: Some(format!(
                        "did you mean a dash before `{other}` too? two items are alternatives"
                    )),
                    focus: self.focus(peer_at, "", None),
                    object: Some(self.object(&self.other)),
                    ..Words::default()
                };
                ("joined", words)
            }
            Gap::Block => ("block", self.block(item, None)),
            Gap::Except(at) => ("except", self.block(item, Some(*at as usize))),
            Gap::HostNetwork => {
                let words = Words {
                    message: format!(
                        "matches the labels of {}, but selectors match no pod on its node's network",
                        self.other.label(NAMED)
                    ),
                    focus: self.focus(peer_at, "", None),
                    object: Some(self.object(&self.other)),
                    ..Words::default()
                };
                ("host-network", words)
            }
            Gap::Port { item, how } => {
                let items = rule.ports.as_deref().unwrap_or_default();
                self.port(&items[*item as usize], how, &miss.opens)
            }
        };
        self.gap_told(kind, words)
    }

    /// A gap between a policy and the subject, whatever the rule.
    pub(super) fn policy_gap(&self, policy: &Policy, gap: &Gap) -> GapTold {
        let (kind, words) = match gap {
            Gap::Subject(gap) => {
                let requirement = &policy.subject.requirements()[gap.requirement as usize];
                let at = policy.subject_at.get(gap.requirement as usize).or(policy.at);
                let words = self.label(gap, requirement, at, "is for pods with", self.object(&self.subject));
                ("subject-label", words)
            }
            Gap::PolicyNamespace(id) => {
                let (own, has) = (name(&policy.namespace), name(&self.model().namespace(*id).name));
                let subject = self.object(&self.subject);
                let words = Words {
                    message: format!("is in namespace {own}; {} is in {has}", subject.name),
                    did_you_mean: Some(has.clone()),
                    hint: Some(format!("did you mean it for namespace `{has}`?")),
                    wants: Some(own),
                    has: Some(has),
                    focus: self.focus(policy.at, "", None),
                    object: Some(subject),
                };
                ("policy-namespace", words)
            }
            _ => ("direction", self.direction_gap(policy.inert.types_at)),
        };
        self.gap_told(kind, words)
    }

    fn gap_told(&self, kind: &'static str, words: Words) -> GapTold {
        let Words { message, wants, has, did_you_mean, hint, focus, object } = words;
        let place = self.place(focus.map(|focus| focus.at));
        GapTold { gap: kind, message, wants, has, did_you_mean, place, object, focus, hint }
    }

    fn direction_gap(&self, types_at: Option<Location>) -> Words {
        let word = match self.direction {
            np_model::ir::Direction::Egress => "Egress",
            np_model::ir::Direction::Ingress => "Ingress",
        };
        Words {
            message: format!("is inert, as policyTypes does not list {word}"),
            wants: None,
            has: None,
            did_you_mean: Some(word.to_owned()),
            hint: Some(format!("did you mean to list `{word}` too?")),
            focus: self.focus(types_at, "", None),
            object: None,
        }
    }

    fn label(
        &self,
        gap: &LabelGap,
        requirement: &Requirement,
        at: Option<Location>,
        verb: &str,
        object: Object,
    ) -> Words {
        let key = requirement.key();
        let has = gap.has.as_ref().map(|value| name(&format!("{key}={value}")));
        let told = match &has {
            Some(has) => format!("has {has}"),
            None => format!("has no label {}", name(key)),
        };
        let wants = name(&requirement.to_string());
        let (did_you_mean, hint, text) = match (&gap.near, &gap.has) {
            (Some(Near::Value(value)), Some(has)) => {
                (Some(name(has)), Some(format!("did you mean `{}`?", name(has))), Some(value.as_str()))
            }
            (Some(Near::Key(other)), _) => {
                let other = name(other);
                (Some(other.clone()), Some(format!("did you mean the label `{other}`?")), None)
            }
            _ => (
                None,
                None,
                requirement
                    .values()
                    .filter(|values| values.len() == 1)
                    .and_then(|values| values.first().map(String::as_str)),
            ),
        };
        let skipped = if text.is_some() { key } else { "" };
        Words {
            message: format!("{verb} {wants}; {} {told}", object.name),
            wants: Some(wants),
            has,
            did_you_mean,
            hint,
            focus: self.focus(at, skipped, text),
            object: Some(object),
        }
    }

    fn block(&self, item: Option<&PeerItem>, except: Option<usize>) -> Words {
        let (Some(Peer::Block(block)), Some(PeerPlaces::Block { cidr, except: places })) =
            (item.map(|item| &item.peer), item.map(|item| &item.parts_at))
        else {
            return Words::default();
        };
        let (range, at, verb) = match except {
            Some(index) => (block.except()[index], places.get(index), "leaves out"),
            None => (block.cidr(), *cidr, "is for"),
        };
        let (object, addresses) = (self.object(&self.other), self.addresses());
        let is = addresses.as_ref().map_or(String::new(), |at| format!("; {} is at {at}", object.name));
        Words {
            message: format!("{verb} {range}{is}"),
            wants: Some(range.to_string()),
            has: addresses,
            focus: self.focus(at.or_else(|| item.and_then(|item| item.at)), "", None),
            object: Some(object),
            ..Words::default()
        }
    }

    fn port(&self, item: &PortItem, how: &PortGap, asked: &ConnSet) -> (&'static str, Words) {
        let protocol = item.port.protocol;
        let wants = match &item.port.ports {
            PortSpec::All => protocol.name().to_owned(),
            PortSpec::Range(first, last) if first == last => format!("{}/{first}", protocol.name()),
            PortSpec::Range(first, last) => format!("{}/{first}-{last}", protocol.name()),
            PortSpec::Named(port) if *how == PortGap::Protocol => {
                name(&format!("{}/{port}", protocol.name()))
            }
            PortSpec::Named(port) => name(port),
        };
        let asked_text = asked.text(self.families);
        let numbers = asked_text.split_once('/').map(|(_, numbers)| numbers.to_owned());
        let written = match &item.port.ports {
            PortSpec::Range(first, _) => Some(first.to_string()),
            PortSpec::Named(port) => Some(port.clone()),
            PortSpec::All => None,
        };
        let at = item.port_at.or(item.at);
        let mut words = Words {
            message: format!("opens {wants}; asked is {asked_text}"),
            wants: Some(wants.clone()),
            has: Some(asked_text.clone()),
            focus: self.focus(at, "", written.as_deref()),
            ..Words::default()
        };
        let mean = |words: &mut Words, what: String| {
            words.hint = Some(format!("did you mean `{what}`?"));
            words.did_you_mean = Some(what);
        };
        let kind = match how {
            PortGap::Protocol => {
                let asked =
                    Protocol::ALL.into_iter().find(|protocol| asked_text.starts_with(protocol.name()));
                words.focus = self.focus(item.at, "protocol", Some(&protocol.name().to_uppercase()));
                if let Some(asked) = asked {
                    mean(&mut words, asked.name().to_uppercase());
                }
                "protocol"
            }
            PortGap::Service(id) => {
                let service = name(&self.model().service_name(*id));
                words.message = format!(
                    "opens {wants}, a port of {service}; policies see the port that it leads to, {asked_text}"
                );
                if let Some(target) = self.target(*id, &item.port.ports).or(numbers) {
                    mean(&mut words, target);
                }
                "service-port"
            }
            PortGap::Number { distance, .. } => {
                if let Some(numbers) = numbers.filter(|_| *distance <= 10) {
                    mean(&mut words, numbers);
                }
                "port"
            }
            PortGap::Name { leads_to, near, available } => {
                let subject = match self.direction {
                    np_model::ir::Direction::Egress => &self.other,
                    np_model::ir::Direction::Ingress => &self.subject,
                };
                let object = self.object(subject);
                let numbers: Vec<String> = leads_to.iter().map(ToString::to_string).collect();
                words.message = match several(&numbers, 3) {
                    Some(numbers) => format!(
                        "opens the port named {wants}, in {} {numbers}; asked is {asked_text}",
                        object.name
                    ),
                    None => format!("opens the port named {wants}, which {} does not have", object.name),
                };
                words.object = Some(object);
                if let Some(meant) = near.as_ref().or(available.first()) {
                    mean(&mut words, name(meant));
                }
                "port-name"
            }
        };
        (kind, words)
    }

    /// The target port that the first port of a Service in a range leads to.
    fn target(&self, id: ServiceId, ports: &PortSpec) -> Option<String> {
        let PortSpec::Range(first, last) = ports else { return None };
        let mut own = self.model().service(id).ports.iter();
        own.find(|port| (*first..=*last).contains(&port.port)).map(|port| match &port.target {
            PortRef::Number(number) => number.to_string(),
            PortRef::Name(target) => name(target),
        })
    }

    /// The object that facts are of: of a whole namespace, the first of its pods that are meant.
    fn object(&self, end: &End<'_>) -> Object {
        let (model, id) = (self.model(), end.members.pods.first().copied());
        let pod = id.map(|pod| model.pod(pod));
        let one = id.zip(pod).filter(|_| matches!(end.endpoint, Some(Endpoint::Namespace(_))));
        let of_one = |(id, pod): (PodId, &Pod)| {
            let workload = pod.workload.map(|workload| model.workload_name(workload));
            name(&workload.unwrap_or_else(|| model.pod_name(id)))
        };
        let name = one.map_or_else(|| end.label(NAMED), of_one);
        Object { name, place: self.place(pod.and_then(|pod| pod.at)) }
    }

    fn namespace(&self, end: &End<'_>) -> String {
        let pod = end.members.pods.first().map(|pod| self.model().pod(*pod).namespace);
        let namespace = pod.map_or("", |id| self.model().namespace(id).name.as_str());
        format!("namespace {}", name(namespace))
    }

    /// The addresses of the other end, if they are few.
    fn addresses(&self) -> Option<String> {
        let (model, members) = (self.model(), self.other.members);
        let of_pod = |pod: &PodId| model.pod(*pod).whereabouts;
        let first = members.pods.first().map(of_pod);
        match first.or_else(|| members.nodes.first().map(|node| model.node(*node).whereabouts)) {
            Some(Whereabouts::At(ips)) => {
                several(&ips.iter().map(|ip| ip.to_string()).collect::<Vec<_>>(), 2)
            }
            Some(Whereabouts::PodSpace | Whereabouts::Anywhere) => None,
            None => {
                let text = members.addresses.to_string();
                several(&text.split_whitespace().collect::<Vec<_>>(), 2)
            }
        }
    }
}

/// The requirement of a peer that a gap is about, and where it stands.
fn term<'a>(item: Option<&'a PeerItem>, gap: &LabelGap, half: Half) -> (&'a Requirement, Option<Location>) {
    let item = item.expect("a gap of labels is one of a peer");
    let (Peer::Pods { namespaces, pods }, PeerPlaces::Pods { namespaces: namespaces_at, pods: pods_at }) =
        (&item.peer, &item.parts_at)
    else {
        panic!("a gap of labels is one of a peer with selectors");
    };
    let (selector, places) = match (half, namespaces) {
        (Half::Namespaces, Namespaces::Matching(selector)) => (selector, namespaces_at),
        _ => (pods, pods_at),
    };
    let at = gap.requirement as usize;
    (&selector.requirements()[at], places.get(at))
}

fn name(text: &str) -> String {
    clean(text).into_owned()
}
