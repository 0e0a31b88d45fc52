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
//! The steps, one module each: `space` says where addresses lie and which atoms the blocks cut,
//! `endpoints` who there is, `rules` what the policies say, each thing once, `mentions` which labels
//! that asks for and where, `places` which addresses it tells apart. `classes` unites the endpoints
//! that look the same, `index` answers every selector for all classes at once, and `selecting` says
//! which policies select each class.

mod classes;
mod endpoints;
mod index;
mod mentions;
mod owners;
mod places;
mod rules;
mod selecting;
mod space;
mod unevaluated;

use ipnet::IpNet;
use rustc_hash::FxHashMap;

use self::index::LabelIndex;
use self::mentions::{Found, Mentions};
use self::places::Places;
use self::rules::Vocabulary;
use self::selecting::Policies;
use crate::addr::Families;
use crate::diag::Invalid;
use crate::input::Input;
use crate::ir::{PolicyId, Rules, Scope, Tier, Why};
use crate::model::{Model, NamespaceId, PeerIndex};

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
    let ids: FxHashMap<String, NamespaceId> =
        endpoints.namespaces.iter().map(|found| found.name.clone()).zip((0..).map(NamespaceId::at)).collect();
    let vocabulary = rules::intern(&policies, |name| ids[name]);
    let found: Vec<Found> =
        vocabulary.namespaces.iter().map(|wanted| Found::of(*wanted, &endpoints.namespaces)).collect();
    let mentions = Mentions::of(&vocabulary, &found);
    let mut places = Places::new(&space, &vocabulary.blocks);
    let mut classes = classes::unite(&mut endpoints, &space, &mut places, &mentions, &vocabulary.port_names);
    let all = Policies { evaluated: &policies, unevaluated: &unevaluated };
    let find = |name: &str| ids.get(name).copied();
    let subjects = LabelIndex::of(&mentions, &classes).answer_subjects(&vocabulary);
    let mut selected = selecting::select(all, &vocabulary, &subjects, &classes, find);
    classes.order(&mut endpoints, &mut selected);
    let index = LabelIndex::of(&mentions, &classes);
    let pods = vocabulary.pods.iter().map(|selector| index.answer(selector)).collect();
    let namespaces = found.iter().map(|found| index::in_namespaces(found, &classes)).collect();
    let blocks = places.matches(classes.places.iter().copied());
    let families = vocabulary.blocks.iter().map(|block| Families::only(block.family()));
    let blocks = blocks.into_iter().zip(families).collect();
    let port_names = vocabulary.port_names();
    let Vocabulary { peers, ports, rules: indexed, .. } = vocabulary;
    let tiers = vec![Tier::AnyAllow((0..policies.len()).map(PolicyId::at).collect())];
    Model {
        sources: input.sources,
        diagnostics: input.diagnostics,
        namespaces: endpoints.namespaces,
        pods: endpoints.pods,
        workloads: endpoints.workloads,
        nodes: endpoints.nodes,
        rules: Rules { policies, tiers, unevaluated },
        indexed,
        selecting: selected.of_class,
        selecting_sets: selected.sets,
        peers: PeerIndex { keys: peers, pods, namespaces, blocks },
        ports,
        resolved_names: classes.resolved_names,
        resolutions: classes.resolutions,
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
