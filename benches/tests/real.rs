//! The real profile has the proportions of the published cluster, counted from its objects by a
//! matcher that has nothing to do with np.

use std::collections::{BTreeMap, BTreeSet};

use np_benches::floor::{self, Expression, List, Object, Selector, Spec};
use np_benches::generate::{Cluster, Profile};

/// How far a mean may be from the published one, in hundredths of it.
const TOLERANCE: usize = 10;

fn fits(labels: &[(&str, &str)], selector: &Selector<'_>) -> bool {
    let value = |key: &str| labels.iter().find(|(known, _)| *known == key).map(|(_, value)| *value);
    let holds = |Expression { key, operator, values }: &Expression<'_>| match (*operator, value(key)) {
        ("In", value) => value.is_some_and(|value| values.contains(&value)),
        ("NotIn", value) => value.is_none_or(|value| !values.contains(&value)),
        ("Exists", value) => value.is_some(),
        ("DoesNotExist", value) => value.is_none(),
        (other, _) => panic!("no operator: {other}"),
    };
    let equals = |(key, wanted): &(&str, &str)| value(key) == Some(*wanted);
    selector.match_labels.0.iter().all(equals) && selector.match_expressions.iter().all(holds)
}

fn space<'t>(object: &Object<'t>) -> &'t str {
    object.metadata.namespace.expect("pods and policies have one")
}

/// A cluster as it is written.
struct Plain<'t> {
    namespaces: BTreeMap<&'t str, &'t Object<'t>>,
    pods: BTreeMap<&'t str, Vec<&'t Object<'t>>>,
    policies: Vec<&'t Object<'t>>,
}

impl<'t> Plain<'t> {
    fn new(list: &'t List<'t>) -> Self {
        let mut plain = Self { namespaces: BTreeMap::new(), pods: BTreeMap::new(), policies: Vec::new() };
        for object in &list.items {
            match object.kind {
                "Namespace" => drop(plain.namespaces.insert(object.metadata.name, object)),
                "Pod" => plain.pods.entry(space(object)).or_default().push(object),
                "NetworkPolicy" => plain.policies.push(object),
                other => panic!("no kind of the profile: {other}"),
            }
        }
        plain
    }

    fn selected(&self, policy: &Object<'_>) -> usize {
        let pods = self.pods.get(space(policy)).map(Vec::as_slice).unwrap_or_default();
        let selector = policy.spec.pod_selector.as_ref().expect("policies have one");
        pods.iter().filter(|pod| fits(&pod.metadata.labels.0, selector)).count()
    }

    /// How many different pods the peers of all rules match.
    fn peers(&self, policy: &Object<'_>) -> usize {
        let mut matched = BTreeSet::new();
        for peer in rules(&policy.spec).flat_map(|rule| &rule.peers) {
            if let Some(block) = &peer.ip_block {
                // Blocks of the profile hold no pods: those are all in 10.0.0.0/8.
                assert!(!block.cidr.starts_with("10."));
                continue;
            }
            for (name, namespace) in &self.namespaces {
                let is_meant = match &peer.namespace_selector {
                    Some(selector) => fits(&namespace.metadata.labels.0, selector),
                    None => *name == space(policy),
                };
                let pods = self.pods.get(name).filter(|_| is_meant).map(Vec::as_slice).unwrap_or_default();
                let is_peer = |pod: &&&Object<'_>| {
                    peer.pod_selector.as_ref().is_none_or(|selector| fits(&pod.metadata.labels.0, selector))
                };
                matched.extend(pods.iter().filter(is_peer).map(|pod| (*name, pod.metadata.name)));
            }
        }
        matched.len()
    }
}

fn rules<'t>(spec: &'t Spec<'t>) -> impl Iterator<Item = &'t floor::Rule<'t>> {
    spec.ingress.iter().chain(&spec.egress)
}

/// The median and the largest, of counts whose mean must be about what it should be.
fn spread(mut counts: Vec<usize>, mean: usize) -> (usize, usize) {
    counts.sort_unstable();
    let (sum, wanted) = (counts.iter().sum::<usize>(), mean * counts.len());
    let is_near = sum.abs_diff(wanted) * 100 <= wanted * TOLERANCE;
    assert!(is_near, "{sum} in {} is no mean of about {mean}", counts.len());
    (counts[counts.len() / 2], counts[counts.len() - 1])
}

#[test]
fn the_real_profile_has_the_proportions_of_the_published_cluster() {
    let text = Cluster::of(&Profile::Real).json();
    let list = floor::read(text.as_bytes()).unwrap();
    let plain = Plain::new(&list);
    assert_eq!(plain.pods.values().map(Vec::len).sum::<usize>(), 5_413);
    assert_eq!(plain.namespaces.len(), 604);
    assert_eq!(plain.policies.len(), 13_678);

    let (open, empty): (Vec<&Object<'_>>, Vec<&Object<'_>>) =
        plain.policies.iter().copied().partition(|policy| rules(&policy.spec).next().is_some());
    assert_eq!(empty.len(), 3_559);

    let selected = plain.policies.iter().map(|policy| plain.selected(policy)).collect();
    assert_eq!(spread(selected, 13), (6, 154));

    // Policies without rules have no peers, and say nothing about how many peers match.
    let peers = open.into_iter().map(|policy| plain.peers(policy)).collect();
    assert_eq!(spread(peers, 35), (2, 3_578));
}

#[test]
fn a_few_namespaces_hold_most_pods() {
    let text = Cluster::of(&Profile::Real).json();
    let list = floor::read(text.as_bytes()).unwrap();
    let mut sizes: Vec<usize> = Plain::new(&list).pods.values().map(Vec::len).collect();
    sizes.sort_unstable_by(|a, b| b.cmp(a));
    assert_eq!((sizes[0], sizes.len()), (154, 604), "every namespace has pods");
    assert!(sizes.iter().take(60).sum::<usize>() * 2 > 5_413, "a tenth has half of them");
}

#[test]
fn every_name_is_used_once() {
    let text = Cluster::of(&Profile::Real).json();
    let list = floor::read(text.as_bytes()).unwrap();
    let name = |object: &Object<'_>| {
        (
            object.kind.to_owned(),
            object.metadata.namespace.map(str::to_owned),
            object.metadata.name.to_owned(),
        )
    };
    assert_eq!(list.items.iter().map(name).collect::<BTreeSet<_>>().len(), list.items.len());
}
