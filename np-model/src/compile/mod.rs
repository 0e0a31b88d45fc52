//! From facts and rules to a [`Model`]: who the endpoints are, and which of them no rule can tell
//! apart.
//!
//! Two pods that differ only in a label that no selector mentions, or in addresses that no block
//! separates, get the same answers to every question. So the maths is done on *endpoint classes*.
//! A cluster of
//!
//! ```text
//!   web-1  app=web  track=stable  10.0.0.1        rules mention:  app=web, app=db
//!   web-2  app=web  track=canary  10.0.0.2                        10.0.0.0/8
//!   db-0   app=db   track=stable  10.0.0.3
//! ```
//!
//! has two classes of pods, `{web-1, web-2}` and `{db-0}`: nobody asks for `track`, and one block
//! holds all three addresses. A matrix over 10,000 replicas of 800 workloads is one over 800
//! classes, and pods are expanded only when they are printed.
//!
//! The steps, one module each: `endpoints` says who there is, `space` where their addresses lie
//! and which atoms the blocks cut, `groups` projects endpoints to what rules mention, `index`
//! answers every selector for all groups at once, and `classes` merges the groups that got the
//! same answers.

mod classes;
mod endpoints;
mod groups;
mod index;
mod owners;
mod rules;
mod space;
mod unevaluated;

use ipnet::IpNet;

use crate::diag::Invalid;
use crate::input::Input;
use crate::ir::{Direction, PolicyId, Rules, Scope, Tier, Why};
use crate::model::{ClassId, Model, PeerIndex, Selecting};
use crate::selector::Selector;

/// What is taken for granted where the input is silent.
#[derive(Debug, Clone, Default)]
pub struct Assumptions {
    /// Where pods without a known IP lie; replaces `Node.spec.podCIDRs`.
    pub pod_cidrs: Vec<IpNet>,
    /// Namespaces without an object have no labels but `kubernetes.io/metadata.name`; otherwise
    /// their other labels are unknown.
    pub bare_namespaces: bool,
}

/// Compiles an input into a model.
///
/// # Errors
/// [`Invalid`] with every diagnostic, if any of them is an error: a policy that is not understood
/// must never count as absent.
pub fn compile(input: Input, assumptions: &Assumptions) -> Result<Model, Invalid> {
    if input.has_errors() { Err(input.into_invalid()) } else { Ok(compile_anyway(input, assumptions)) }
}

/// Compiles an input whatever is wrong with it. Every answer that an error could change is unknown:
/// of a broken NetworkPolicy that says its namespace those about the pods there, of any other error all.
pub fn compile_anyway(mut input: Input, assumptions: &Assumptions) -> Model {
    let mut unevaluated = input.unevaluated;
    unevaluated.extend(unevaluated::broken(&input.diagnostics, &input.unplaced));
    unevaluated.sort();
    let mut policies = input.policies;
    policies.sort_by(|a, b| (&a.namespace, &a.name).cmp(&(&b.namespace, &b.name)));

    let pod_cidrs: Vec<IpNet> = assumptions.pod_cidrs.iter().copied().map(crate::addr::canonical).collect();
    let may_lack_facts =
        unevaluated.iter().any(|policy| policy.why == Why::Broken && policy.scope == Scope::Cluster);
    let space = space::Space::of(&input.facts, &pod_cidrs, &policies, may_lack_facts);
    let mut services = std::mem::take(&mut input.facts.services);
    services.sort_by(|a, b| (&a.namespace, &a.name).cmp(&(&b.namespace, &b.name)));
    let mut endpoint_slices = std::mem::take(&mut input.facts.endpoint_slices);
    endpoint_slices.sort_by(|a, b| (&a.namespace, &a.name, a.kind).cmp(&(&b.namespace, &b.name, b.kind)));
    let mut entries = std::mem::take(&mut input.facts.entries);
    entries.sort();
    let finished = input.facts.pods.iter().filter(|pod| pod.phase.is_finished());
    let finished = finished.map(|pod| (pod.namespace.to_string(), pod.name.to_string())).collect();
    let mut endpoints = endpoints::resolve(input.facts, &policies, &space, assumptions.bare_namespaces);
    let everyone = Selector::default();
    let namespaces = unevaluated.iter().map(|policy| match &policy.scope {
        Scope::Namespace(namespace) => Some((namespace.as_str(), &everyone)),
        Scope::Cluster => None,
    });
    let vocabulary = rules::intern(&policies, namespaces);
    let groups = groups::project(&endpoints, &space, &vocabulary);
    let answers = index::answer(&endpoints, &groups, &space, &vocabulary);
    let classes = classes::merge(&mut endpoints, &groups, &answers);

    let tiers = vec![Tier::AnyAllow((0..policies.len()).map(PolicyId::at).collect())];
    let onto_classes = |set: &index::Answer| classes.project(set);
    let mut selecting = vec![<[Selecting; 2]>::default(); classes.all.len()];
    // One tier, one variant: another of either brings its evaluator with it, and starts here.
    for Tier::AnyAllow(tier) in &tiers {
        for id in tier {
            let matched = onto_classes(&answers.subjects[vocabulary.policies[id.index()].subject]);
            let policy = &policies[id.index()];
            for direction in
                Direction::BOTH.into_iter().filter(|direction| policy.rules(*direction).is_some())
            {
                for class in matched.certain() {
                    selecting[ClassId::index(class)][direction as usize].certain.push(*id);
                }
                for class in matched.maybe() {
                    selecting[ClassId::index(class)][direction as usize].maybe.push(*id);
                }
            }
        }
    }
    unevaluated::select(&unevaluated, &vocabulary.scopes, &answers, &classes, &mut selecting);
    let peers = vocabulary.peers.iter().zip(&answers.peers);
    let peers = peers
        .map(|(peer, answer)| PeerIndex { matches: onto_classes(answer), families: rules::families(peer) })
        .collect();
    let port_names = vocabulary.port_names();
    let rules::Vocabulary { policies: interned, ports, .. } = vocabulary;
    let resolutions = groups.resolutions;
    Model {
        sources: input.sources,
        diagnostics: input.diagnostics,
        namespaces: endpoints.namespaces,
        pods: endpoints.pods,
        workloads: endpoints.workloads,
        nodes: endpoints.nodes,
        rules: Rules { policies, tiers, unevaluated },
        indexed: interned.into_iter().map(|policy| policy.rules).collect(),
        selecting,
        peers,
        ports,
        resolved_names: classes.resolved_names,
        resolutions,
        port_names,
        finished,
        services,
        endpoint_slices,
        entries,
        classes: classes.all,
        known: space.known,
        pod_space: space.pods,
        pod_space_assumed: space.pods_assumed,
        families: space.families,
        families_assumed: space.families_assumed,
        ignored_kinds: input.ignored_kinds,
    }
}
