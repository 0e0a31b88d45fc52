//! Closing gaps in objects of the API, without np's help: the change that a gap stands for.

use std::collections::BTreeMap;
use std::str::FromStr;

use k8s_openapi::api::networking::v1::{
    IPBlock, NetworkPolicy, NetworkPolicyEgressRule, NetworkPolicyIngressRule, NetworkPolicyPeer,
    NetworkPolicyPort, NetworkPolicySpec,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use np_model::addr::Family;
use np_model::conn::{ConnSet, Protocol};
use np_model::ir::{Direction, Namespaces, Peer};
use np_model::selector::{Requirement, Selector};
use np_sim::explain::{Gap, Half, LabelGap, Miss};

use super::Asked;

/// Whether a change of the policy closes the gap.
pub(super) fn is_closable(gap: &Gap) -> bool {
    !matches!(gap, Gap::HostNetwork)
}

/// The directions that a policy concerns, said or not.
pub(super) fn types(spec: &NetworkPolicySpec) -> Vec<String> {
    if let Some(types) = spec.policy_types.as_ref().filter(|types| !types.is_empty()) {
        return types.clone();
    }
    let has_egress = spec.egress.as_ref().is_some_and(|rules| !rules.is_empty());
    let egress = has_egress.then(|| "Egress".to_owned());
    std::iter::once("Ingress".to_owned()).chain(egress).collect()
}

/// The cluster's policies with these gaps of a miss closed, and without the other rules of its policy in its
/// direction, which a type that the policy lacks would put in force too.
pub(super) fn closed(asked: &Asked<'_>, miss: &Miss, gaps: &[Gap]) -> Result<Vec<NetworkPolicy>, String> {
    let mut policies = asked.cluster.policies.clone();
    let at = asked.position(miss.policy);
    let of_np = asked.model.policy(miss.policy);
    let policy = &mut policies[at];
    let spec = policy.spec.as_mut().ok_or("a policy without a spec has no rules")?;
    spec.policy_types = Some(types(spec));
    let mut rule = RuleOf::take(spec, miss).ok_or("there is no such rule")?;
    // The last first, so that those before keep their places.
    for gap in gaps.iter().rev() {
        match gap {
            Gap::Direction => {
                let name = match miss.direction {
                    Direction::Ingress => "Ingress",
                    Direction::Egress => "Egress",
                };
                spec.policy_types.get_or_insert_default().push(name.to_owned());
            }
            Gap::Subject(gap) => {
                let selector = spec.pod_selector.as_mut().ok_or("no podSelector")?;
                drop_requirement(selector, &of_np.subject, gap)?;
            }
            Gap::PolicyNamespace(_) => {
                let subject = match miss.direction {
                    Direction::Ingress => asked.to,
                    Direction::Egress => asked.from,
                };
                policy.metadata.namespace = namespace_of(subject);
                policy.metadata.name = Some("moved".to_owned());
            }
            Gap::Port { item, .. } => rule.replace_port(*item as usize, &miss.opens)?,
            Gap::HostNetwork => return Err("no policy closes it".to_owned()),
            of_peer => close_peer(asked, miss, &mut rule, of_peer)?,
        }
    }
    rule.put(spec);
    Ok(policies)
}

/// A gap of the miss's peer.
fn close_peer(asked: &Asked<'_>, miss: &Miss, rule: &mut RuleOf, gap: &Gap) -> Result<(), String> {
    let at = miss.peer.ok_or("a gap of no peer")? as usize;
    let of_rule = miss.rule_of(asked.model).peers.as_ref().ok_or("a rule without peers")?;
    let of_np_peer = &of_rule.get(at).ok_or("there is no such peer")?.peer;
    let peer = rule.peers.get_mut(at).ok_or("there is no such peer")?;
    match (gap, of_np_peer) {
        (Gap::Pod(gap), Peer::Pods { pods, .. }) => {
            drop_requirement(peer.pod_selector.as_mut().ok_or("no podSelector")?, pods, gap)
        }
        (Gap::Namespace(gap), Peer::Pods { namespaces: Namespaces::Matching(selector), .. }) => {
            drop_requirement(peer.namespace_selector.as_mut().ok_or("no namespaceSelector")?, selector, gap)
        }
        (Gap::OtherNamespace(_), Peer::Pods { .. }) if peer.namespace_selector.is_none() => {
            let other = match miss.direction {
                Direction::Ingress => asked.from,
                Direction::Egress => asked.to,
            };
            let name = namespace_of(other).ok_or("the other end has no namespace")?;
            let labels = BTreeMap::from([("kubernetes.io/metadata.name".to_owned(), name)]);
            peer.namespace_selector =
                Some(LabelSelector { match_labels: Some(labels), ..LabelSelector::default() });
            Ok(())
        }
        (Gap::Joined(half), Peer::Pods { .. }) => {
            let other = match half {
                Half::Namespaces => NetworkPolicyPeer {
                    pod_selector: peer.pod_selector.take(),
                    ..NetworkPolicyPeer::default()
                },
                Half::Pods => NetworkPolicyPeer {
                    namespace_selector: peer.namespace_selector.take(),
                    ..NetworkPolicyPeer::default()
                },
            };
            rule.peers.insert(at + 1, other);
            Ok(())
        }
        (Gap::Block, Peer::Block(block)) => {
            let cidr = match block.family() {
                Family::V4 => "0.0.0.0/0",
                Family::V6 => "::/0",
            };
            peer.ip_block = Some(IPBlock { cidr: cidr.to_owned(), except: None });
            Ok(())
        }
        (Gap::Except(index), Peer::Block(block)) => {
            let except = block.except().get(*index as usize).ok_or("no such exception")?;
            let of_api = peer.ip_block.as_mut().and_then(|block| block.except.as_mut()).ok_or("no except")?;
            let before = of_api.len();
            of_api.retain(|one| parse_as(one, except).map(|one| one.trunc()) != Some(*except));
            if of_api.len() < before { Ok(()) } else { Err(format!("{except} is no exception of the block")) }
        }
        (gap, peer) => Err(format!("{gap:?} is no gap of {peer:?}")),
    }
}

/// A text as what another value is.
fn parse_as<T: FromStr>(text: &str, _: &T) -> Option<T> {
    text.parse().ok()
}

fn namespace_of(end: &np_oracle::End) -> Option<String> {
    match end {
        np_oracle::End::Pod { namespace, .. } | np_oracle::End::Workload { namespace, .. } => {
            Some(namespace.clone())
        }
        _ => None,
    }
}

/// Takes a requirement out of a selector of the API.
fn drop_requirement(selector: &mut LabelSelector, of_np: &Selector, gap: &LabelGap) -> Result<(), String> {
    let wanted = of_np.requirements().get(gap.requirement as usize).ok_or("there is no such requirement")?;
    let mut found = false;
    let mut is_other = |requirement: &Requirement| {
        found |= requirement == wanted;
        requirement != wanted
    };
    if let Some(labels) = &mut selector.match_labels {
        labels.retain(|key, value| is_other(&Requirement::In(key.clone(), [value.clone()].into())));
    }
    if let Some(terms) = &mut selector.match_expressions {
        terms.retain(|term| {
            let (key, values) = (term.key.clone(), term.values.iter().flatten().cloned().collect());
            is_other(&match term.operator.as_str() {
                "In" => Requirement::In(key, values),
                "NotIn" => Requirement::NotIn(key, values),
                "Exists" => Requirement::Exists(key),
                _ => Requirement::DoesNotExist(key),
            })
        });
    }
    if found { Ok(()) } else { Err(format!("the selector has no {wanted:?}")) }
}

/// A rule of either direction, taken out of its policy.
struct RuleOf {
    direction: Direction,
    has_peers: bool,
    peers: Vec<NetworkPolicyPeer>,
    ports: Option<Vec<NetworkPolicyPort>>,
}

impl RuleOf {
    fn take(spec: &NetworkPolicySpec, miss: &Miss) -> Option<Self> {
        let index = miss.rule as usize;
        let (peers, ports) = match miss.direction {
            Direction::Ingress => {
                let NetworkPolicyIngressRule { from, ports } = spec.ingress.as_ref()?.get(index)?.clone();
                (from, ports)
            }
            Direction::Egress => {
                let NetworkPolicyEgressRule { to, ports } = spec.egress.as_ref()?.get(index)?.clone();
                (to, ports)
            }
        };
        let has_peers = peers.is_some();
        Some(Self { direction: miss.direction, has_peers, peers: peers.unwrap_or_default(), ports })
    }

    fn put(self, spec: &mut NetworkPolicySpec) {
        let Self { direction, has_peers, peers, ports } = self;
        let peers = has_peers.then_some(peers);
        match direction {
            Direction::Ingress => spec.ingress = Some(vec![NetworkPolicyIngressRule { from: peers, ports }]),
            Direction::Egress => spec.egress = Some(vec![NetworkPolicyEgressRule { to: peers, ports }]),
        }
    }

    /// Puts ports for these connections in an item's place.
    fn replace_port(&mut self, item: usize, connections: &ConnSet) -> Result<(), String> {
        let ports = self.ports.as_mut().filter(|ports| item < ports.len()).ok_or("there is no such port")?;
        let mut wanted = Vec::new();
        for protocol in Protocol::ALL {
            let [v4, v6] = Family::BOTH.map(|family| connections.slot(family, protocol));
            for (first, last) in v4.or(v6).ranges() {
                wanted.push(NetworkPolicyPort {
                    protocol: Some(protocol.name().to_uppercase()),
                    port: Some(IntOrString::Int(i32::from(*first))),
                    end_port: Some(i32::from(*last)),
                });
            }
        }
        ports.splice(item..=item, wanted);
        Ok(())
    }
}
