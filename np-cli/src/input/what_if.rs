//! The input as it would be: what the arguments change, applied to the model of what was read.

use np_model::apply::Changes;
use np_model::delta::Deltas;
use np_model::model::{NamespaceId, PodId, WorkloadId};
use np_model::origin::ObjectRef;
use np_model::{Input, Model};
use np_sim::review::unjudged;
use np_sim::{Endpoint, FindError, Finder, Object, diff};

use super::{read_into, refused};
use crate::args::{InputArgs, LabelChange, WhatIfArgs};
use crate::console::Console;
use crate::failure::{Failure, Message};
use crate::report::changes::WhatIf;

/// Applies what the arguments change, in the order: manifests, removals, labels. `default_namespace` is where
/// new objects go that do not say theirs, `namespace` where names are looked up.
pub(super) fn apply(
    model: &Model,
    args: &InputArgs,
    default_namespace: &str,
    namespace: Option<&str>,
    console: Console,
) -> Result<(Model, WhatIf), Failure> {
    let WhatIfArgs { with, without, label } = &args.what_if;
    let mut changes = Changes::default();
    if !with.is_empty() {
        let mut input = Input::new(default_namespace);
        input.sources = model.sources().clone();
        let (input, unread) = read_into(input, with, &args.model.files, args.model.strict, console);
        if input.has_errors() || !unread.is_empty() {
            return Err(refused(input.into_invalid(), unread));
        }
        note_live_pods(model, &input, console);
        if is_nothing(&input) {
            return Err(Message::new("what --with names holds nothing that np reads").into());
        }
        changes = Changes::of(input).map_err(|invalid| refused(invalid, Vec::new()))?;
    }
    let finder = Finder::new(model, namespace);
    all(without, |text| {
        remove(&mut changes, model, &finder.find_object(text).map_err(|error| told(&error))?)
    })?;
    let mut head = model.apply(&changes);
    if !label.is_empty() {
        let mut changes = Changes::default();
        let finder = Finder::new(&head, namespace);
        all(label, |one| {
            let object = finder.find_object(&one.object).map_err(|error| told(&error))?;
            relabel(&mut changes, &head, &object, one)
        })?;
        head = head.apply(&changes);
    }
    let difference = diff(model, &head);
    let unjudged = unjudged(&Deltas::of(model, &head), &difference).len();
    let report = WhatIf::of(model, &head, &difference, unjudged);
    Ok((head, report))
}

/// Does it for every item; what goes wrong is told all at once.
fn all<T>(items: &[T], each: impl FnMut(&T) -> Result<(), Message>) -> Result<(), Failure> {
    let messages: Vec<Message> = items.iter().map(each).filter_map(Result::err).collect();
    if messages.is_empty() { Ok(()) } else { Err(Failure::Told(messages)) }
}

fn told(error: &FindError) -> Message {
    Message::new(error.to_string())
}

/// Whether there is no object in it that np has a use for.
fn is_nothing(input: &Input) -> bool {
    let Input { facts, policies, unevaluated, .. } = input;
    let is_nobody = facts.pods.is_empty() && facts.workloads.is_empty() && facts.nodes.is_empty();
    is_nobody
        && facts.autoscalers.is_empty()
        && policies.is_empty()
        && unevaluated.is_empty()
        && facts.without_endpoints().next().is_none()
}

/// Says where a new template changes nothing, as pods in the input are there instead of it.
fn note_live_pods(model: &Model, input: &Input, console: Console) {
    for id in model.workload_ids() {
        let known = model.workload(id);
        let is_it = |new: &np_model::facts::Workload| {
            new.kind == known.kind
                && new.name == known.name
                && new.namespace == model.namespace(known.namespace).name
        };
        let is_live = known.pods.iter().any(|pod| model.pod(*pod).template.is_none());
        if is_live && input.facts.workloads.iter().any(is_it) {
            console.note(&format!(
                "the input has pods of {}, which stay as they are; --label changes their labels",
                model.workload_name(id)
            ));
        }
    }
}

fn remove(changes: &mut Changes, model: &Model, object: &Object) -> Result<(), Message> {
    match object {
        Object::Policy(id) => {
            let policy = model.policy(*id);
            delete(changes, "NetworkPolicy", Some(&policy.namespace), &policy.name);
        }
        Object::Service(id) => {
            let service = model.service(*id);
            delete(changes, "Service", Some(&service.namespace), &service.name);
        }
        Object::Namespace(id) => remove_namespace(changes, model, *id),
        Object::Endpoint(Endpoint::Pod(id)) => remove_pod(changes, model, *id),
        Object::Endpoint(Endpoint::Workload(id)) => remove_workload(changes, model, *id),
        Object::Endpoint(Endpoint::Node(id)) => delete(changes, "Node", None, &model.node(*id).name),
        Object::Endpoint(other) => {
            return Err(Message::new(format!("`{}` is no object", other.name(model))));
        }
    }
    Ok(())
}

fn delete(changes: &mut Changes, kind: &str, namespace: Option<&str>, name: &str) {
    let namespace = namespace.map(str::to_owned);
    changes.remove(ObjectRef { kind: kind.to_owned(), namespace, name: name.to_owned() });
}

fn remove_pod(changes: &mut Changes, model: &Model, id: PodId) {
    let pod = model.pod(id);
    if pod.template.is_none() {
        delete(changes, "Pod", Some(&model.namespace(pod.namespace).name), &pod.name);
    }
}

/// A workload goes with its pods.
fn remove_workload(changes: &mut Changes, model: &Model, id: WorkloadId) {
    let workload = model.workload(id);
    delete(changes, workload.kind.api(), Some(&model.namespace(workload.namespace).name), &workload.name);
    workload.pods.iter().for_each(|pod| remove_pod(changes, model, *pod));
}

/// A namespace goes with all that is in it.
fn remove_namespace(changes: &mut Changes, model: &Model, id: NamespaceId) {
    let name = &model.namespace(id).name;
    for policy in model.rules().policies.iter().filter(|policy| policy.namespace == *name) {
        delete(changes, "NetworkPolicy", Some(name), &policy.name);
    }
    for service in model.services().iter().filter(|service| service.namespace == *name) {
        delete(changes, "Service", Some(name), &service.name);
    }
    let workloads = model.workload_ids().filter(|workload| model.workload(*workload).namespace == id);
    workloads.for_each(|workload| remove_workload(changes, model, workload));
    let pods = model.pod_ids().filter(|pod| model.pod(*pod).namespace == id);
    pods.for_each(|pod| remove_pod(changes, model, pod));
    delete(changes, "Namespace", None, name);
}

fn relabel(
    changes: &mut Changes,
    model: &Model,
    object: &Object,
    LabelChange { key, value, .. }: &LabelChange,
) -> Result<(), Message> {
    let value = value.as_deref();
    match object {
        Object::Endpoint(Endpoint::Pod(id)) => changes.label_pod(model, *id, key, value),
        Object::Endpoint(Endpoint::Workload(id)) => changes.label_workload(model, *id, key, value),
        Object::Namespace(id) => changes.label_namespace(model, *id, key, value),
        Object::Policy(_) | Object::Service(_) | Object::Endpoint(_) => {
            return Err(Message::new("no rule asks for labels of policies, Services or nodes")
                .help("--label takes pods, workloads and namespaces"));
        }
    }
    Ok(())
}
