//! One case: a made-up cluster with its policies, and a connection in it that passes thanks to one rule alone.

use k8s_openapi::api::networking::v1::NetworkPolicy;
use np_model::ir::Direction;
use np_oracle::{Bounds, Cluster, End, Family, Point, Protocol, Verdict};
use serde_json::Value;

use super::estate::Estate;
use super::policies::policies;
use super::random::Random;

/// A cluster and a connection.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) cluster: Cluster,
    pub(crate) connection: Connection,
}

/// A connection.
#[derive(Debug, Clone)]
pub(crate) struct Connection {
    pub(crate) from: End,
    pub(crate) to: End,
    pub(crate) protocol: Protocol,
    pub(crate) port: u16,
}

/// A rule without which a connection does not pass.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sole {
    /// The policy's position in the cluster.
    pub(crate) policy: usize,
    pub(crate) direction: Direction,
    pub(crate) rule: usize,
    /// The peer item without which it does not pass; None if the rule is for everyone, or several match.
    pub(crate) peer: Option<usize>,
    /// The port item likewise.
    pub(crate) port: Option<usize>,
}

impl Connection {
    /// What the judge says of it.
    pub(crate) fn verdict(&self, cluster: &Cluster) -> Verdict {
        let point = Point { family: Family::V4, protocol: self.protocol, port: self.port };
        cluster.ask(&self.from, &self.to, point).map_or(Verdict::Denied, Bounds::verdict)
    }
}

/// A cluster with connections that are meant to pass, in the order drawn.
pub(crate) fn draw(random: &mut Random) -> (Cluster, Vec<Connection>) {
    let estate = Estate::draw(random);
    let mut cluster = estate.cluster();
    cluster.policies = policies(random, &estate);
    let mut connections: Vec<Connection> = estate
        .flows
        .iter()
        .map(|flow| Connection {
            from: estate.end(flow.from),
            to: estate.end(flow.to),
            protocol: flow.protocol,
            port: flow.number,
        })
        .collect();
    random.shuffle(&mut connections);
    (cluster, connections)
}

/// The field of a policy's rules, and that of a rule's peers.
pub(crate) fn fields(direction: Direction) -> (&'static str, &'static str) {
    match direction {
        Direction::Ingress => ("ingress", "from"),
        Direction::Egress => ("egress", "to"),
    }
}

pub(crate) fn to_value(policy: &NetworkPolicy) -> Value {
    serde_json::to_value(policy).expect("a policy can be written")
}

pub(crate) fn from_value(policy: &Value) -> NetworkPolicy {
    serde_json::from_value(policy.clone()).expect("a policy")
}

/// The cluster with another policy in a place.
pub(crate) fn with_policy(cluster: &Cluster, at: usize, policy: &Value) -> Cluster {
    let mut changed = cluster.clone();
    changed.policies[at] = from_value(policy);
    changed
}

/// The rules without which a connection that passes is denied.
pub(crate) fn soles(cluster: &Cluster, connection: &Connection) -> Vec<Sole> {
    let mut soles = Vec::new();
    let mut scratch = cluster.clone();
    let mut denied_with = |at: usize, policy: &Value| {
        let before = std::mem::replace(&mut scratch.policies[at], from_value(policy));
        let verdict = connection.verdict(&scratch);
        scratch.policies[at] = before;
        verdict == Verdict::Denied
    };
    let concerned = |policy: &NetworkPolicy, direction: Direction| {
        let subject = match direction {
            Direction::Egress => &connection.from,
            Direction::Ingress => &connection.to,
        };
        matches!(subject, End::Pod { namespace, .. } | End::Workload { namespace, .. }
            if policy.metadata.namespace.as_ref() == Some(namespace))
    };
    for (at, policy) in cluster.policies.iter().enumerate() {
        for direction in Direction::BOTH.into_iter().filter(|direction| concerned(policy, *direction)) {
            let value = types_said(to_value(policy));
            let (of_policy, of_rule) = fields(direction);
            let rules = value["spec"][of_policy].as_array().map_or(0, Vec::len);
            for rule in 0..rules {
                let path = ["spec", of_policy];
                if !denied_with(at, &without(&value, &path, None, rule)) {
                    continue;
                }
                // In a rule that is needed, an item is if the rule does without the others and not without it.
                let mut needed = |field: &str| {
                    let items = value["spec"][of_policy][rule][field].as_array().map_or(0, Vec::len);
                    let is_needed = |item: &usize| {
                        items == 1 || denied_with(at, &without(&value, &path, Some((rule, field)), *item))
                    };
                    (0..items).find(is_needed)
                };
                let (peer, port) = (needed(of_rule), needed("ports"));
                soles.push(Sole { policy: at, direction, rule, peer, port });
            }
        }
    }
    soles
}

/// The policy with its types said, so that taking its last rule away does not change them.
fn types_said(mut policy: Value) -> Value {
    if policy["spec"]["policyTypes"].is_null() {
        let has_egress = policy["spec"]["egress"].as_array().is_some_and(|rules| !rules.is_empty());
        policy["spec"]["policyTypes"] =
            if has_egress { vec!["Ingress", "Egress"] } else { vec!["Ingress"] }.into();
    }
    policy
}

/// The policy without an item of its rules, or of a field of one of them.
fn without(policy: &Value, path: &[&str; 2], within: Option<(usize, &str)>, item: usize) -> Value {
    let mut policy = policy.clone();
    let mut list = &mut policy[path[0]][path[1]];
    if let Some((rule, field)) = within {
        list = &mut list[rule][field];
    }
    list.as_array_mut().expect("a list").remove(item);
    policy
}
