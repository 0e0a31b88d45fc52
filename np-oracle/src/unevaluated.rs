//! Policies that nobody can evaluate, of other kinds or with mistakes in them: whose traffic each may decide,
//! and what it may do there. What it says is unknown, and any content of its kind is possible.

use crate::cluster::Cluster;
use crate::party::Role;
use k8s_openapi::api::networking::v1::{NetworkPolicy, NetworkPolicySpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

/// A policy of unknown content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unevaluated {
    /// Whose traffic it may decide.
    pub scope: Scope,
    /// What it may do to what the NetworkPolicies say there.
    pub effect: Effect,
    /// Whether it may decide what its subjects send.
    pub egress: bool,
    /// Whether it may decide what its subjects receive.
    pub ingress: bool,
}

/// Whose traffic a policy may decide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// That of the pods of one namespace.
    Namespace(String),
    /// That of every pod, and of nodes too if the policy overrides the others.
    Everybody,
}

/// What a policy may do to what the NetworkPolicies say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It is one more of them.
    Joins,
    /// It may deny whatever passes, and allows nothing.
    Restricts,
    /// It may deny whatever passes, and allow whatever does not.
    Overrides,
}

/// What the policies beside the NetworkPolicies may do to one direction of a connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Beside {
    pub(crate) may_deny: bool,
    pub(crate) may_allow: bool,
}

impl Unevaluated {
    /// Whether it may select this subject. What has no place in the cluster is nobody's subject.
    pub(crate) fn may_select(&self, subject: &Role<'_>) -> bool {
        match (subject, &self.scope) {
            (Role::Pod { namespace, .. }, Scope::Namespace(own)) => namespace == own,
            (Role::Pod { .. }, Scope::Everybody) => true,
            (Role::Host { .. }, scope) => *scope == Scope::Everybody && self.effect == Effect::Overrides,
            (Role::External, _) => false,
        }
    }
}

impl Beside {
    /// What all of these policies together may do, the joining ones aside.
    pub(crate) fn of(policies: &[&Unevaluated]) -> Self {
        let has = |effect| policies.iter().any(|policy| policy.effect == effect);
        Self { may_deny: has(Effect::Restricts) || has(Effect::Overrides), may_allow: has(Effect::Overrides) }
    }
}

impl Cluster {
    /// The cluster with contents for the policies that join the NetworkPolicies: each is a NetworkPolicy of its
    /// namespace with one of these specs, taken in turn. Without specs they say nothing.
    #[must_use]
    pub fn with_contents(&self, specs: &[Option<NetworkPolicySpec>]) -> Self {
        let mut cluster = self.clone();
        cluster.unevaluated.retain(|policy| policy.effect != Effect::Joins);
        let joining = self.unevaluated.iter().filter(|policy| policy.effect == Effect::Joins);
        for ((policy, spec), number) in joining.zip(specs.iter().cycle()).zip(0_u8..) {
            let Scope::Namespace(namespace) = &policy.scope else { continue };
            cluster.policies.push(NetworkPolicy {
                metadata: ObjectMeta {
                    name: Some(format!("joining-{number}")),
                    namespace: Some(namespace.clone()),
                    ..ObjectMeta::default()
                },
                spec: spec.clone(),
            });
        }
        cluster
    }
}
