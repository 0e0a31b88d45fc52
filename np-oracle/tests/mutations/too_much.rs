//! AND made OR: a rule that allows more than it did, and a connection by which that is noticed.

use np_model::ir::Direction;
use np_oracle::{Cluster, End, Protocol, Verdict};
use serde_json::{Value, json};

use super::case::{Connection, fields, to_value, with_policy};
use super::random::Random;

/// A cluster in which a rule allows too much, and a connection that it opens.
pub(crate) struct Opened {
    pub(crate) cluster: Cluster,
    pub(crate) connection: Connection,
    /// What the connection comes through.
    pub(crate) how: &'static str,
}

/// Makes two items of one for namespaces and pods, in a rule where that opens something.
pub(crate) fn open_too_much(random: &mut Random, cluster: &Cluster) -> Option<Opened> {
    let mut places = Vec::new();
    for (at, policy) in cluster.policies.iter().enumerate() {
        let policy = to_value(policy);
        for direction in Direction::BOTH {
            let (of_policy, of_rule) = fields(direction);
            for (rule, value) in policy["spec"][of_policy].as_array().into_iter().flatten().enumerate() {
                let peers = value[of_rule].as_array().into_iter().flatten().enumerate();
                let both = peers.filter(|(_, peer)| peer.as_object().is_some_and(|peer| peer.len() == 2));
                let is_of_pods =
                    |peer: &Value| !peer["namespaceSelector"].is_null() && !peer["podSelector"].is_null();
                places.extend(
                    both.filter(|(_, peer)| is_of_pods(peer)).map(|(peer, _)| (at, direction, rule, peer)),
                );
            }
        }
    }
    random.shuffle(&mut places);
    places.into_iter().find_map(|(at, direction, rule, peer)| {
        let mut policy = to_value(&cluster.policies[at]);
        let (of_policy, of_rule) = fields(direction);
        let rule = &mut policy["spec"][of_policy][rule];
        let ports = rule["ports"].clone();
        let peers = rule[of_rule].as_array_mut()?;
        let pods = peers[peer].as_object_mut()?.remove("podSelector")?;
        // The stray dash stands before the selector that was written second.
        peers.insert(peer + random.below(2), json!({ "podSelector": pods }));
        let opened = with_policy(cluster, at, &policy);
        let own = policy["metadata"]["namespace"].as_str()?.to_owned();
        let connection = newly_open(random, cluster, &opened, (direction, &own), &ports)?;
        let other = match direction {
            Direction::Ingress => &connection.from,
            Direction::Egress => &connection.to,
        };
        let is_home = matches!(other, End::Pod { namespace, .. } | End::Workload { namespace, .. } if *namespace == own);
        let how = if is_home { "through the pods" } else { "through the namespaces" };
        Some(Opened { cluster: opened, connection, how })
    })
}

/// A connection of a pod in the policy's namespace that passes now and did not.
fn newly_open(
    random: &mut Random,
    before: &Cluster,
    after: &Cluster,
    (direction, own): (Direction, &str),
    ports: &Value,
) -> Option<Connection> {
    let is_own = |end: &&End| matches!(end, End::Pod { namespace, .. } | End::Workload { namespace, .. } if namespace == own);
    let ends = before.ends();
    let (subjects, numbers): (Vec<_>, Vec<u16>) = (ends.iter().filter(is_own).collect(), numbers(ports));
    let mut found = Vec::new();
    for subject in subjects {
        for other in ends.iter().filter(|other| *other != subject) {
            let (from, to) = match direction {
                Direction::Ingress => (other, subject),
                Direction::Egress => (subject, other),
            };
            for port in &numbers {
                let connection =
                    Connection { from: from.clone(), to: to.clone(), protocol: Protocol::Tcp, port: *port };
                let verdicts = (connection.verdict(before), connection.verdict(after));
                if verdicts == (Verdict::Denied, Verdict::Allowed) {
                    found.push(connection);
                }
            }
        }
    }
    random.one_of(&found).cloned()
}

/// Ports that a rule may be about.
fn numbers(ports: &Value) -> Vec<u16> {
    let number = |port: &Value| port["port"].as_u64().and_then(|number| u16::try_from(number).ok());
    let named: Vec<u16> = ports.as_array().into_iter().flatten().filter_map(number).collect();
    if named.is_empty() { vec![80, 8080, 5432, 9090, 6379, 9102] } else { named }
}
