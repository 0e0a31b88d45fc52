//! A rule in a few words: whom it lets pass, on what.

use np_model::Model;
use np_model::facts::namespace::NAME_LABEL;
use np_model::ir::{Direction, Namespaces, Peer, Policy, PortItem, PortSpec, Rule};
use np_model::selector::{Requirement, Selector};
use serde::Serialize;

use crate::report::clean::clean;
use crate::report::places::{Place, Places};
use crate::report::several::several;

/// How many peers and ports are named.
const NAMED: usize = 4;

/// A rule of a policy.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct RuleTold {
    /// `namespace/name` of the policy.
    pub(super) policy: String,
    /// Which rule, from 1.
    pub(super) rule: u32,
    pub(super) message: String,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub(super) place: Option<Place>,
}

/// The rules of a policy for a direction.
pub(super) fn rules(places: &Places<'_>, policy: &Policy, direction: Direction) -> Vec<RuleTold> {
    let name = policy_name(policy);
    let rules = policy.rules(direction).unwrap_or_default().iter().zip(1..);
    rules
        .map(|(rule, number)| RuleTold {
            policy: name.clone(),
            rule: number,
            message: sentence(policy, rule, direction),
            place: rule.at.map(|at| places.place(at)),
        })
        .collect()
}

/// `namespace/name` of a policy.
pub(super) fn policy_name(policy: &Policy) -> String {
    clean(&format!("{}/{}", policy.namespace, policy.name)).into_owned()
}

/// `namespace/name, ingress rule 2` of a rule.
pub(super) fn rule_name(model: &Model, id: np_model::ir::RuleId) -> String {
    format!("{}, {} rule {}", policy_name(model.policy(id.policy)), id.direction, id.index + 1)
}

/// Such as `from pods app=web of namespace shop on tcp/80`.
fn sentence(policy: &Policy, rule: &Rule, direction: Direction) -> String {
    let preposition = match direction {
        Direction::Ingress => "from",
        Direction::Egress => "to",
    };
    let peers = match &rule.peers {
        None => "everyone".to_owned(),
        Some(peers) => {
            let peers: Vec<String> = peers.iter().map(|item| peer(policy, &item.peer)).collect();
            several(&peers, NAMED).unwrap_or_default()
        }
    };
    clean(&format!("{preposition} {peers} on {}", ports(rule.ports.as_deref()))).into_owned()
}

/// Whom a peer means.
pub(super) fn peer(policy: &Policy, peer: &Peer) -> String {
    match peer {
        Peer::Block(block) => {
            let except: Vec<String> = block.except().iter().map(ToString::to_string).collect();
            match several(&except, NAMED) {
                Some(except) => format!("{} except {except}", block.cidr()),
                None => block.cidr().to_string(),
            }
        }
        Peer::Pods { namespaces, pods } => {
            let pods = if pods.is_everything() { "every pod".to_owned() } else { format!("pods {pods}") };
            match namespaces {
                Namespaces::Named(_) => format!("{pods} of {}", policy.namespace),
                Namespaces::Matching(selector) if selector.is_everything() => {
                    format!("{pods} of every namespace")
                }
                Namespaces::Matching(selector) => match named(selector) {
                    Some(name) => format!("{pods} of {name}"),
                    None => format!("{pods} of namespaces {selector}"),
                },
            }
        }
    }
}

/// The one namespace that a selector asks for by name.
fn named(selector: &Selector) -> Option<&str> {
    match selector.requirements() {
        [Requirement::In(key, values)] if key == NAME_LABEL && values.len() == 1 => {
            values.first().map(String::as_str)
        }
        _ => None,
    }
}

fn ports(items: Option<&[PortItem]>) -> String {
    let Some(items) = items else { return "every port".to_owned() };
    let items: Vec<String> = items.iter().map(port).collect();
    several(&items, NAMED).unwrap_or_default()
}

/// A port of a rule in np's notation, a name in the place of its number.
pub(super) fn port(item: &PortItem) -> String {
    let protocol = item.port.protocol.name();
    match &item.port.ports {
        PortSpec::All => protocol.to_owned(),
        PortSpec::Range(first, last) if first == last => format!("{protocol}/{first}"),
        PortSpec::Range(first, last) => format!("{protocol}/{first}-{last}"),
        PortSpec::Named(name) => format!("{protocol}/{name}"),
    }
}
