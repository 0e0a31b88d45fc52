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
//! which policies select each class. Steps that do not depend on each other are taken at once.

mod basis;
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

use std::collections::BTreeMap;
use std::mem;
use std::sync::Arc;

use ipnet::IpNet;

pub(crate) use self::basis::Basis;
pub(crate) use self::classes::externals;
use self::index::LabelIndex;
pub(crate) use self::index::in_namespaces;
pub(crate) use self::mentions::Found;
use self::mentions::Mentions;
pub(crate) use self::owners::{Chains, Names};
pub(crate) use self::places::Places;
pub(crate) use self::rules::{Vocabulary, intern};
use self::selecting::Policies;
pub(crate) use self::space::Space;
use crate::diag::{Diagnostic, Invalid};
use crate::input::Input;
use crate::ir::{Policy, PolicyId, Rules, Scope, Tier, Unevaluated, Why};
use crate::model::{BlockId, Class, Model, Namespace, NamespaceId, PeerIndex};
use crate::origin::Sources;
use crate::parallel::{both, threads};

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
pub fn compile_anyway(input: Input, assumptions: &Assumptions) -> Model {
    let (told, basis, policies, unevaluated) = parts(input, assumptions);
    build(told, basis, policies, unevaluated)
}

/// What [`build`] takes.
fn parts(input: Input, assumptions: &Assumptions) -> (Told, Arc<Basis>, Vec<Arc<Policy>>, Vec<Unevaluated>) {
    let broken = unevaluated::broken(&input);
    let mut unevaluated = input.unevaluated;
    unevaluated.extend(broken);
    unevaluated.sort();
    let policies = sorted(input.policies);
    let mut facts = input.facts;
    facts.sort();
    let pod_cidrs = assumptions.pod_cidrs.iter().copied().map(crate::addr::canonical).collect();
    let told = Told {
        sources: input.sources,
        diagnostics: Arc::new(input.diagnostics),
        ignored_kinds: Arc::new(input.ignored_kinds),
    };
    let basis = Basis::new(facts, pod_cidrs, assumptions.bare_namespaces);
    (told, Arc::new(basis), policies, unevaluated)
}

/// The policies by namespace and name.
fn sorted(policies: Vec<Arc<Policy>>) -> Vec<Arc<Policy>> {
    // There are few namespaces, so that numbers are compared in place of most names.
    let mut names = Names::default();
    let numbers: Vec<u32> = policies.iter().map(|policy| names.number(&policy.namespace)).collect();
    let mut order: Vec<(&str, usize)> = names.all().iter().copied().zip(0..).collect();
    order.sort_unstable();
    let mut ranks = vec![0; order.len()];
    for (rank, (_, number)) in order.into_iter().enumerate() {
        ranks[number] = rank;
    }
    let ranks: Vec<usize> = numbers.into_iter().map(|number| ranks[number as usize]).collect();
    let mut ranked: Vec<(usize, Arc<Policy>)> = ranks.into_iter().zip(policies).collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    for of_namespace in ranked.chunk_by_mut(|(a, _), (b, _)| a == b) {
        of_namespace.sort_by(|(_, a), (_, b)| a.name.cmp(&b.name));
    }
    ranked.into_iter().map(|(_, policy)| policy).collect()
}

/// What a model passes on as it is.
pub(crate) struct Told {
    pub(crate) sources: Sources,
    pub(crate) diagnostics: Arc<Vec<Diagnostic>>,
    pub(crate) ignored_kinds: Arc<BTreeMap<String, usize>>,
}

/// From how many pods and policies on it is worth while to take two steps at once.
const MANY: usize = 1 << 12;

/// Compiles everything. The policies are sorted by namespace and name.
pub(crate) fn build(
    told: Told,
    basis: Arc<Basis>,
    policies: Vec<Arc<Policy>>,
    unevaluated: Vec<Unevaluated>,
) -> Model {
    let is_large = basis.facts().pods.len() + policies.len() >= MANY;
    build_on(is_large && threads().get() > 1, told, basis, policies, unevaluated)
}

/// The same; `at_once` says whether to take two steps at once, and changes nothing.
fn build_on(
    at_once: bool,
    told: Told,
    basis: Arc<Basis>,
    policies: Vec<Arc<Policy>>,
    unevaluated: Vec<Unevaluated>,
) -> Model {
    let facts = basis.facts();
    let may_lack_facts = may_lack_facts(&unevaluated);
    let finished = facts.pods.iter().filter(|pod| pod.phase.is_finished());
    let finished = finished.map(|pod| (pod.namespace.to_string(), pod.name.to_string()));
    let mut finished: Vec<(String, String)> = finished.collect();
    finished.sort();
    let ((mut vocabulary, names), (space, mut endpoints)) = both(
        at_once,
        || rules::intern_first(policies.iter().map(Arc::as_ref)),
        || {
            let space = Space::of(facts, &facts.pods.iter(), basis.pod_cidrs(), may_lack_facts);
            let endpoints = endpoints::resolve(facts, &policies, &space, basis.bare_namespaces());
            (space, endpoints)
        },
    );
    let id = |name| namespace(&endpoints.namespaces, name).expect("the namespaces of policies are there");
    vocabulary.settle(&names.into_iter().map(id).collect::<Vec<_>>());
    let ((found, mentions), (space, of_atoms)) = both(
        at_once,
        || {
            let wanted = vocabulary.namespaces.iter();
            let found: Vec<Found> = wanted.map(|wanted| Found::of(*wanted, &endpoints.namespaces)).collect();
            let mentions = Mentions::of(&vocabulary, &found);
            (found, mentions)
        },
        || {
            let space = space.cut_by(vocabulary.blocks.iter().copied());
            let of_atoms = places::of_atoms(&space, &vocabulary.blocks);
            (space, of_atoms)
        },
    );
    let mut places = Places::of_blocks(&space, &vocabulary.blocks, of_atoms);
    let mut classes = classes::unite(&mut endpoints, &mut places, &mentions, &vocabulary.port_names);
    let all = Policies { evaluated: &policies, unevaluated: &unevaluated };
    let no_names = classes.no_names;
    let (externals, mut selected) = both(
        at_once,
        || {
            let found = externals(&space, &places, no_names).into_iter();
            found.map(|(blocks, class)| (Box::from(blocks), class)).collect::<Vec<(Box<[BlockId]>, Class)>>()
        },
        || {
            // Who selects the classes gives their order, so all other selectors are answered behind it.
            let subjects = LabelIndex::of(&mentions, &classes).answer_subjects(&vocabulary);
            let id = |name: &str| namespace(&endpoints.namespaces, name);
            selecting::select(all, &vocabulary, &subjects, &classes, id)
        },
    );
    classes.order(&mut endpoints, &mut selected);
    let outside = externals.into_iter().map(|(blocks, class)| (places.within(class.families, blocks), class));
    let (of_externals, externals): (Vec<_>, Vec<Class>) = outside.unzip();
    selected.add_unselected(externals.len());
    let port_names = vocabulary.port_names();
    let (indexed, ports) = (mem::take(&mut vocabulary.rules), mem::take(&mut vocabulary.ports));
    let peers = mem::take(&mut vocabulary.peers);
    let ((pods, namespaces), (blocks, indexed, ports)) = both(
        at_once,
        || {
            let index = LabelIndex::of(&mentions, &classes);
            let pods = vocabulary.pods.iter().map(|selector| Arc::new(index.answer(selector))).collect();
            let in_namespaces = |found: &Found| Arc::new(index::in_namespaces(found, &classes.of_namespace));
            (pods, found.iter().map(in_namespaces).collect())
        },
        || {
            let blocks = places.matches(classes.places.iter().copied().chain(of_externals));
            let blocks = vocabulary.blocks.iter().map(|block| (*block).clone()).zip(blocks).collect();
            let indexed = indexed.into_iter().map(Arc::new).collect();
            (blocks, indexed, ports.into_iter().map(Arc::new).collect())
        },
    );
    let tiers = vec![Tier::AnyAllow((0..policies.len()).map(PolicyId::at).collect())];
    Model {
        basis,
        sources: told.sources,
        diagnostics: told.diagnostics,
        namespaces: Arc::new(endpoints.namespaces),
        pods: Arc::new(endpoints.pods),
        workloads: Arc::new(endpoints.workloads),
        nodes: Arc::new(endpoints.nodes),
        rules: Rules { policies, tiers, unevaluated },
        indexed,
        classes: Arc::new(classes.all),
        of_namespace: Arc::new(classes.of_namespace),
        externals: Arc::new(externals),
        selecting: Arc::new(selected.of_class),
        selecting_sets: selected.sets,
        peers: PeerIndex { keys: peers, pods, namespaces, blocks: Arc::new(blocks) },
        ports,
        resolved_names: Arc::new(classes.resolved_names),
        resolutions: Arc::new(classes.resolutions),
        port_names: Arc::new(port_names),
        finished: Arc::new(finished),
        space,
        ignored_kinds: told.ignored_kinds,
    }
}

/// Whether the input may have facts that could not be read.
pub(crate) fn may_lack_facts(unevaluated: &[Unevaluated]) -> bool {
    unevaluated.iter().any(|policy| policy.why == Why::Broken && policy.scope == Scope::Cluster)
}

fn namespace(namespaces: &[Namespace], name: &str) -> Option<NamespaceId> {
    namespaces.binary_search_by(|one| one.name.as_str().cmp(name)).ok().map(NamespaceId::at)
}

#[cfg(all(test, feature = "yaml"))]
mod tests {
    use super::{Assumptions, build_on, parts};
    use crate::input::Input;

    /// Something of everything that the steps find: namespaces with and without an object, replicas, a template,
    /// a node with a pod on its network, port names, blocks, and selectors of all kinds.
    const CLUSTER: &str = include_str!("cluster.yaml");

    #[test]
    fn steps_at_once_give_the_same_model() {
        let model = |at_once| {
            let mut input = Input::default();
            input.text("cluster.yaml", CLUSTER.as_bytes().to_vec());
            assert!(!input.has_errors());
            let (told, basis, policies, unevaluated) = parts(input, &Assumptions::default());
            build_on(at_once, told, basis, policies, unevaluated)
        };
        let (one, two) = (model(false), model(true));
        assert!(one.classes().len() > 8 && one.policy_ids().len() > 4);
        assert_eq!(format!("{one:#?}"), format!("{two:#?}"));
    }
}
