//! A model to which changes are applied answers as one compiled from the changed objects: after each of a
//! random sequence of changes, every pair of ends has the same outcome for the same reasons, through `reach`
//! and through the matrix, and the endpoints, the summary and the exposure are the same.
//!
//! More sequences, or others:
//!
//! ```text
//! NP_CASES=20000 NP_SEED=1 cargo test --release -p np-oracle --test apply -- --nocapture
//! ```

#[allow(dead_code, reason = "each test uses its part of what they share")]
mod common;

use std::collections::BTreeMap;

use common::random::on_some_clusters;
use np_model::addr::Families;
use np_model::apply::Changes;
use np_model::conn::{ConnSet, Protocol};
use np_model::ir::Direction;
use np_model::model::PodId;
use np_model::origin::ObjectRef;
use np_model::{Assumptions, Input, Model, compile_anyway};
use np_oracle::{Cluster, generate};
use np_sim::{By, Endpoint, Externals, Matrix, axis, exposure, externals, reach, summary};
use proptest::prelude::*;
use proptest::{collection, sample};
use serde_json::{Value, json};

/// Sequences by default.
const SEQUENCES: u32 = 200;

/// One change; `which` of the objects that it can be about is counted round and round.
#[derive(Debug, Clone)]
enum Step {
    /// Sets an object of a kind to one of another cluster.
    Set { kind: &'static str, which: usize },
    /// Removes an object of a kind.
    Remove { kind: &'static str, which: usize },
    /// Gives a pod an address, or takes all from it.
    Move { which: usize, to: Option<&'static str> },
    /// Gives something a label, or takes it away.
    Label { what: What, which: usize, key: &'static str, value: Option<&'static str> },
}

/// What gets a label.
#[derive(Debug, Clone, Copy)]
enum What {
    Pod,
    Workload,
    Namespace,
}

/// Objects by kind, namespace and name.
type Objects = BTreeMap<Key, Value>;
type Key = (String, Option<String>, String);

fn step() -> impl Strategy<Value = Step> {
    // Policies and pods change most.
    let kind = || sample::select(&["NetworkPolicy", "NetworkPolicy", "Pod", "Pod", "Namespace"][..]);
    let addresses = &[None, Some("10.0.0.9"), Some("10.1.0.9"), Some("192.168.0.9"), Some("fd00::9")][..];
    let what = sample::select(&[What::Pod, What::Pod, What::Workload, What::Namespace][..]);
    let value = sample::select(&[None, Some(""), Some("a"), Some("b")][..]);
    let key = sample::select(&["app", "role", "env", "team"][..]);
    prop_oneof![
        4 => (kind(), 0..16_usize).prop_map(|(kind, which)| Step::Set { kind, which }),
        2 => (kind(), 0..16_usize).prop_map(|(kind, which)| Step::Remove { kind, which }),
        1 => (0..16_usize, sample::select(addresses)).prop_map(|(which, to)| Step::Move { which, to }),
        3 => (what, 0..16_usize, key, value)
            .prop_map(|(what, which, key, value)| Step::Label { what, which, key, value }),
    ]
}

#[test]
fn changes_give_the_model_of_the_changed_objects() {
    let at_once = collection::vec(step(), 1..=3);
    let with = (generate::cluster(), collection::vec(at_once, 1..=4));
    match on_some_clusters(SEQUENCES, with, |cluster, (other, steps)| follow(cluster, other, steps)) {
        Ok(parameters) => println!("changes and compiling agree: {parameters}"),
        Err(failure) => panic!("changes and compiling disagree: {failure}"),
    }
}

fn follow(cluster: &Cluster, other: &Cluster, sequence: &[Vec<Step>]) -> Result<(), String> {
    let assumptions = Assumptions {
        pod_cidrs: cluster.pod_cidrs.iter().map(|cidr| cidr.parse().expect("a CIDR")).collect(),
        bare_namespaces: cluster.assume_bare_namespaces,
    };
    let (mut objects, others) = (objects(cluster), objects(other));
    let mut model = compile_anyway(read(Input::new("default"), objects.values()), &assumptions);
    for steps in sequence {
        let changes = change(&model, &mut objects, &others, steps)?;
        model = model.apply(&changes);
        let fresh = compile_anyway(read(Input::new("default"), objects.values()), &assumptions);
        compare(&model, &fresh).map_err(|difference| format!("after {steps:?}: {difference}"))?;
    }
    Ok(())
}

/// Makes changes to the objects, and the same ones for their model: first whole objects, then labels.
fn change(model: &Model, objects: &mut Objects, others: &Objects, steps: &[Step]) -> Result<Changes, String> {
    let mut set = Objects::new();
    let mut removed: Vec<Key> = Vec::new();
    let pick = |from: &Objects, kind: &str, which: usize| {
        // A broken policy stays as it is.
        let is_sound = |object: &Value| object["spec"]["unknown"].is_null();
        let all = from.iter().filter(|((other, ..), object)| other == kind && is_sound(object));
        let all: Vec<_> = all.collect();
        all.get(which % all.len().max(1)).map(|(key, object)| ((*key).clone(), (*object).clone()))
    };
    for step in steps {
        let picked = match step {
            Step::Set { kind, which } => pick(others, kind, *which),
            Step::Remove { kind, which } => pick(objects, kind, *which),
            Step::Move { which, to } => pick(objects, "Pod", *which).map(|(key, mut object)| {
                let addresses: Vec<Value> = to.iter().map(|ip| json!({ "ip": ip })).collect();
                object["status"]["podIP"] = json!(to);
                object["status"]["podIPs"] = json!(addresses);
                (key, object)
            }),
            Step::Label { .. } => None,
        };
        let Some((key, object)) = picked else { continue };
        set.remove(&key);
        removed.retain(|other| *other != key);
        if matches!(step, Step::Remove { .. }) {
            removed.push(key);
        } else {
            set.insert(key, object);
        }
    }
    let read = read(Changes::input(model), set.values());
    let mut changes = Changes::of(read).map_err(|why| format!("{why:?}"))?;
    for key in removed {
        objects.remove(&key);
        let (kind, namespace, name) = key;
        assert!(changes.remove(ObjectRef { kind, namespace, name }), "such objects can change");
    }
    objects.extend(set);
    for step in steps {
        if let Step::Label { what, which, key, value } = step {
            label(model, objects, &mut changes, (*what, *which), (key, *value));
        }
    }
    Ok(changes)
}

/// Gives one of the pods, workloads or namespaces of a model a label, and the objects behind it.
fn label(
    model: &Model,
    objects: &mut Objects,
    changes: &mut Changes,
    (what, which): (What, usize),
    (key, value): (&str, Option<&str>),
) {
    let mut write = |kind: &str, namespace: Option<&str>, name: &str| {
        let object = (kind.to_owned(), namespace.map(str::to_owned), name.to_owned());
        let Some(object) = objects.get_mut(&object) else { return };
        let metadata = match kind {
            "Pod" | "Namespace" => &mut object["metadata"],
            "CronJob" => &mut object["spec"]["jobTemplate"]["spec"]["template"]["metadata"],
            _ => &mut object["spec"]["template"]["metadata"],
        };
        match value {
            Some(value) => metadata["labels"][key] = json!(value),
            None => drop(metadata["labels"].as_object_mut().map(|labels| labels.remove(key))),
        }
    };
    let space = |pod: PodId| model.namespace(model.pod(pod).namespace).name.as_str();
    match what {
        What::Pod => {
            let Some(id) = model.pod_ids().nth(which % model.pods().len().max(1)) else { return };
            let pod = model.pod(id);
            match (pod.template, pod.workload) {
                (Some(_), Some(workload)) => {
                    let kind = model.workload(workload).kind.api();
                    write(kind, Some(space(id)), &pod.name);
                }
                _ => write("Pod", Some(space(id)), &pod.name),
            }
            changes.label_pod(model, id, key, value);
        }
        What::Workload => {
            let count = model.workloads().len().max(1);
            let Some(id) = model.workload_ids().nth(which % count) else { return };
            let workload = model.workload(id);
            let namespace = &model.namespace(workload.namespace).name;
            write(workload.kind.api(), Some(namespace), &workload.name);
            for pod in workload.pods.iter().filter(|pod| model.pod(**pod).template.is_none()) {
                write("Pod", Some(space(*pod)), &model.pod(*pod).name);
            }
            changes.label_workload(model, id, key, value);
        }
        What::Namespace => {
            let all: Vec<_> = model.namespace_ids().collect();
            let Some(id) = all.get(which % all.len().max(1)) else { return };
            // What else an object would show of a namespace without one is not known.
            if !model.namespace(*id).inferred {
                write("Namespace", None, &model.namespace(*id).name);
                changes.label_namespace(model, *id, key, value);
            }
        }
    }
}

fn objects(cluster: &Cluster) -> Objects {
    let manifests = cluster.manifests().expect("API objects can be written");
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let key = |object: &Value| {
        let metadata = &object["metadata"];
        (
            text(&object["kind"]).unwrap_or_default(),
            text(&metadata["namespace"]),
            text(&metadata["name"]).unwrap_or_default(),
        )
    };
    manifests.into_iter().map(|object| (key(&object), object)).collect()
}

fn read<'v>(mut input: Input, objects: impl Iterator<Item = &'v Value>) -> Input {
    for object in objects {
        input.text("object.json", object.to_string().into_bytes());
    }
    input
}

#[expect(clippy::needless_pass_by_value, reason = "both are made for the comparison")]
fn same<T: PartialEq + std::fmt::Debug>(what: &str, changed: T, fresh: T) -> Result<(), String> {
    if changed == fresh {
        Ok(())
    } else {
        Err(format!("{what}:\n  changed {changed:?}\n  fresh   {fresh:?}"))
    }
}

/// What a model holds, in words.
type Listing<'l> = &'l dyn Fn(&Model) -> String;

/// Whether two models answer alike. Their ids are positions in sorted lists, so equal answers are equal
/// values, but for those of classes.
fn compare(changed: &Model, fresh: &Model) -> Result<(), String> {
    let both = |of: &dyn Fn(&Model) -> String| (of(changed), of(fresh));
    let listed: [(&str, Listing<'_>); 6] = [
        ("namespaces", &|model| format!("{:?}", model.namespaces())),
        ("pods", &|model| {
            let pod = |id| {
                let pod = model.pod(id);
                let place = (pod.node_name.as_deref(), pod.whereabouts, pod.families);
                let ports: Vec<_> = pod.ports.iter().collect();
                format!("{} {:?} {place:?} {ports:?} {:?}\n", model.pod_name(id), pod.labels, pod.workload)
            };
            model.pod_ids().map(pod).collect()
        }),
        ("workloads", &|model| format!("{:?}", model.workloads())),
        ("finished pods", &|model| format!("{:?}", model.finished_pods())),
        ("policies", &|model| {
            let policies = model.rules().policies.iter();
            format!("{:?}", policies.map(|policy| (**policy).clone().without_places()).collect::<Vec<_>>())
        }),
        ("address space", &|model| {
            let known = (model.known_addresses(), model.pod_space(), model.pod_space_assumed());
            format!("{known:?} {:?} {:?}", model.families(), model.families_assumed())
        }),
    ];
    classes_hold_their_members(changed)?;
    for (what, of) in listed {
        let (changed, fresh) = both(of);
        same(what, changed, fresh)?;
    }
    for how in [By::Distinct, By::Namespace] {
        same("an axis", axis(changed, how), axis(fresh, how))?;
    }
    let ranges = externals(fresh, Externals::Ranges);
    same("external ranges", &externals(changed, Externals::Ranges), &ranges)?;
    for asked in [ConnSet::all(Families::BOTH), ConnSet::ports(Families::BOTH, Protocol::Tcp, 80, 80)] {
        same("the summary", summary(changed, &asked), summary(fresh, &asked))?;
    }
    compare_pairs(changed, fresh, ranges)?;
    compare_exposure(changed, fresh)
}

fn classes_hold_their_members(model: &Model) -> Result<(), String> {
    let members = model.class_ids().flat_map(|id| model.class(id).pods.iter().map(move |pod| (*pod, id)));
    let mut members: Vec<_> = members.collect();
    members.sort_unstable();
    same("members", members, model.pod_ids().map(|id| (id, model.pod(id).class)).collect())
}

fn compare_pairs(changed: &Model, fresh: &Model, ranges: Vec<Endpoint>) -> Result<(), String> {
    let mut ends = axis(fresh, By::Pod);
    ends.extend(fresh.node_ids().map(Endpoint::Node));
    ends.extend(ranges);
    let (mut matrix, mut right) = (Matrix::new(changed), Matrix::new(fresh));
    let parties: Vec<_> = ends.iter().map(|end| (matrix.party(end), right.party(end))).collect();
    for (from, (a, right_a)) in ends.iter().zip(&parties) {
        for (to, (b, right_b)) in ends.iter().zip(&parties) {
            if matches!((from, to), (Endpoint::External(_), Endpoint::External(_))) {
                continue;
            }
            let name = || format!("{} to {}", from.name(fresh), to.name(fresh));
            let (cell, right_cell) = (matrix.cell(a, b), right.cell(right_a, right_b));
            same(&name(), matrix.outcome(cell), right.outcome(right_cell))?;
            same(&name(), reach(changed, from, to, &[]), reach(fresh, from, to, &[]))?;
        }
    }
    Ok(())
}

fn compare_exposure(changed: &Model, fresh: &Model) -> Result<(), String> {
    let subjects = |model| exposure(model, &axis(model, By::Distinct)).subjects;
    let (subjects, right) = (subjects(changed), subjects(fresh));
    same("exposed", subjects.len(), right.len())?;
    for (one, right) in subjects.iter().zip(&right) {
        same("exposed", &one.endpoint, &right.endpoint)?;
        same("inferred", &one.inferred, &right.inferred)?;
        for direction in Direction::BOTH {
            let facing = [(changed, one), (fresh, right)].map(|(model, one)| {
                let mut facing = one.profile.facing(direction).clone();
                // Ids of port names depend on the order in which they came into use.
                let names = facing.admits.admissions.iter_mut().map(|admission| {
                    let ids = std::mem::take(&mut admission.names);
                    let mut names: Vec<_> = ids.into_iter().map(|id| model.port_name(id)).collect();
                    names.sort_unstable();
                    format!("{names:?}")
                });
                let names: Vec<String> = names.collect();
                (names, facing)
            });
            let [facing, right] = facing;
            same("exposure", facing, right)?;
        }
    }
    Ok(())
}

#[test]
fn changes_know_what_they_are_about() {
    let refused = |text: &str| {
        let mut input = Input::new("default");
        input.text("change.yaml", text.as_bytes().to_vec());
        Changes::of(input).is_err()
    };
    let policy = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: a}\nspec: ";
    assert!(!refused(&format!("{policy}{{podSelector: {{}}}}")));
    assert!(refused(&format!("{policy}{{podSelektor: {{}}}}")), "a policy with an error");
    let mut changes = Changes::default();
    let mut remove = |kind: &str, namespace: Option<&str>| {
        let namespace = namespace.map(str::to_owned);
        changes.remove(ObjectRef { kind: kind.to_owned(), namespace, name: "b".to_owned() })
    };
    assert!(
        ["NetworkPolicy", "Pod", "Deployment", "Service"].map(|kind| remove(kind, Some("a"))) == [true; 4]
    );
    assert!(["Namespace", "Node"].map(|kind| remove(kind, None)) == [true; 2]);
    assert!(!remove("ConfigMap", Some("a")) && !remove("Deployment", None) && !remove("Node", Some("a")));
}

#[test]
fn objects_of_other_kinds_change_too() {
    let deployment = |name: &str, label: &str| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}, namespace: a}}\nspec:\n  selector: {{matchLabels: {{app: {label}}}}}\n  template:\n    metadata: {{labels: {{app: {label}}}}}\n    spec: {{containers: [{{name: c, image: i}}]}}\n"
        )
    };
    let node = |ip: &str| {
        format!(
            "apiVersion: v1\nkind: Node\nmetadata: {{name: node-1}}\nstatus: {{addresses: [{{type: InternalIP, address: {ip}}}]}}\n"
        )
    };
    let cilium = "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: c, namespace: a}\nspec: {endpointSelector: {}}\n".to_owned();
    let compiled = |texts: &[String]| {
        let mut input = Input::new("default");
        for text in texts {
            input.text("a.yaml", text.clone().into_bytes());
        }
        compile_anyway(input, &Assumptions::default())
    };
    let model = compiled(&[deployment("web", "old"), deployment("old", "old"), node("10.0.0.1")]);
    let mut input = Changes::input(&model);
    for text in [deployment("web", "new"), node("10.0.0.2"), cilium.clone()] {
        input.text("b.yaml", text.into_bytes());
    }
    let mut changes = Changes::of(input).expect("no errors");
    let old =
        ObjectRef { kind: "Deployment".to_owned(), namespace: Some("a".to_owned()), name: "old".to_owned() };
    assert!(changes.remove(old));
    let fresh = compiled(&[deployment("web", "new"), node("10.0.0.2"), cilium]);
    compare(&model.apply(&changes), &fresh).expect("the same");
    assert!(compare(&model, &fresh).is_err());
}
