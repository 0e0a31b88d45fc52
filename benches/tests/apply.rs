//! Changes to a cluster of many classes give what compiling the changed cluster gives: as many pairs of each
//! verdict, from each namespace to each. (Small clusters, in every detail: `np-oracle/tests/apply.rs`.)

use np_benches::generate::{Cluster, Size};
use np_benches::{changes, verbs};
use np_model::apply::Changes;
use np_model::{Input, Model};
use np_sim::{By, Matrix, axis};

fn input() -> Input {
    verbs::load(Cluster::new(&Size::all_distinct(1_000, 300, 10)).json().into_bytes())
}

fn model(input: Input) -> Model {
    verbs::compile(input).expect("a generated cluster has no errors")
}

fn assert_same(what: &str, changed: &Model, fresh: &Model) {
    assert_eq!(verbs::summary(changed), verbs::summary(fresh), "{what}");
    let (mut matrix, mut right) = (Matrix::new(changed), Matrix::new(fresh));
    let ends = axis(fresh, By::Namespace);
    assert_eq!(axis(changed, By::Namespace), ends, "{what}");
    for from in &ends {
        for to in &ends {
            let (a, b) = (matrix.party(from), matrix.party(to));
            let (right_a, right_b) = (right.party(from), right.party(to));
            let (cell, right_cell) = (matrix.cell(&a, &b), right.cell(&right_a, &right_b));
            assert_eq!(matrix.outcome(cell), right.outcome(right_cell), "{what}: {from:?} to {to:?}");
        }
    }
}

#[test]
fn changed_as_compiled() {
    let base = model(input());
    let policies = base.apply(&changes::policies(&base));
    let mut other = input();
    for policy in &mut other.policies {
        let all = policies.rules().policies.iter();
        let mut all = all.filter(|one| (&one.namespace, &one.name) == (&policy.namespace, &policy.name));
        *policy = (**all.next().expect("no policy goes")).clone();
    }
    assert_same("policies", &policies, &model(other));

    // The same labels, on each model and on the facts; one after the other, so that numbers have moved before.
    let (mut changed, mut other) = (policies, input());
    other.policies = changed.rules().policies.iter().map(|policy| (**policy).clone()).collect();
    for (round, (key, value)) in
        [("app", Some("no-other")), ("tier", None), ("team", Some("none"))].into_iter().enumerate()
    {
        let ids: Vec<_> = changed.pod_ids().skip(round).step_by(97).collect();
        let mut labels = Changes::default();
        for id in ids {
            labels.label_pod(&changed, id, key, value);
            let pod = changed.pod(id);
            let namespace = &changed.namespace(pod.namespace).name;
            let mut facts = other.facts.pods.iter_mut();
            let fact = facts.find(|fact| fact.namespace == *namespace && fact.name == pod.name);
            let shape = &mut fact.expect("every pod is a fact").shape;
            shape.labels = shape.labels.with(key, value);
        }
        let namespace = changed.namespace_ids().nth(round).expect("there are ten");
        labels.label_namespace(&changed, namespace, "environment", Some("live"));
        let fact = &mut other.facts.namespaces;
        let fact = fact.iter_mut().find(|fact| fact.name == changed.namespace(namespace).name);
        let fact = fact.expect("every namespace has an object");
        fact.labels = fact.labels.with("environment", Some("live"));
        changed = changed.apply(&labels);
        let mut fresh = input();
        fresh.policies.clone_from(&other.policies);
        fresh.facts = other.facts.clone();
        assert_same(key, &changed, &model(fresh));
    }
}
