//! What is wrong with a way in, in words.

use np_model::Model;
use np_sim::entry::{Problem, Refusal};
use serde::Serialize;

use super::super::clean::clean;
use super::super::several::several;

/// How many names a sentence lists.
const NAMED: usize = 2;

/// A problem with an entry.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Trouble {
    /// Which problem.
    pub(crate) problem: &'static str,
    /// The same as a sentence.
    pub(crate) message: String,
    /// Whether nothing is led to the backend because of it.
    pub(crate) in_the_way: bool,
}

pub(super) fn trouble(model: &Model, problem: &Problem) -> Trouble {
    let (word, message) = told(model, problem);
    Trouble { problem: word, message: clean(&message).into_owned(), in_the_way: problem.is_in_the_way() }
}

fn told(model: &Model, problem: &Problem) -> (&'static str, String) {
    let say = |word, text: &str| (word, text.to_owned());
    match problem {
        Problem::NoService { elsewhere } => {
            let there = several(elsewhere, NAMED);
            let there = there.map(|names| format!("; there is one in {names}")).unwrap_or_default();
            ("no-service", format!("the Service is not in the input{there}"))
        }
        Problem::NoSuchPort(port) => {
            ("no-such-port", format!("the Service has no port {port} for this protocol"))
        }
        Problem::NoEndpoints => say("no-endpoints", "the Service has no endpoints"),
        Problem::UnseenEndpoints => say(
            "unseen-endpoints",
            "the Service has no selector, and its EndpointSlices are not in the input",
        ),
        Problem::ExternalName(host) => ("external-name", format!("the Service is another name for {host}")),
        Problem::NoTargetPort(pods) => {
            let names: Vec<String> = pods.iter().map(|pod| model.pod_name(*pod)).collect();
            let names = several(&names, NAMED).unwrap_or_default();
            ("no-target-port", format!("{names} has no port where the Service's port leads"))
        }
        Problem::Resource { kind, name, .. } => {
            ("resource", format!("the backend is {kind} {name}, which only the controller understands"))
        }
        Problem::NoBackend => say("no-backend", "it names no backend"),
        Problem::NoParent { kind, namespace, name } => {
            ("no-parent", format!("its parent, {kind} {namespace}/{name}, is not in the input"))
        }
        Problem::UnknownParent { kind, name, .. } => {
            ("unknown-parent", format!("its parent is {kind} {name}, a kind that np does not know"))
        }
        Problem::NoListener { section, port } => {
            let section = section.as_ref().map(|name| format!(" named {name}")).unwrap_or_default();
            let port = port.map(|port| format!(" on port {port}")).unwrap_or_default();
            ("no-listener", format!("the Gateway has no listener{section}{port}"))
        }
        Problem::Refused { listener, why } => {
            let why = match why {
                Refusal::Namespace => "takes no routes of this namespace (allowedRoutes.namespaces)",
                Refusal::Kind => "takes no routes of this kind",
                Refusal::Hostname => "has no host in common with it",
            };
            ("refused", format!("the listener {listener} {why}"))
        }
        Problem::SetRefused(name) => {
            ("set-refused", format!("the Gateway does not take listeners from ListenerSet {name}"))
        }
        Problem::MaybeRefused => say(
            "maybe-refused",
            "whether the listener takes it depends on labels of a namespace that has no object in the input",
        ),
        Problem::NoGrant => {
            say("no-grant", "the backend is in another namespace, and no ReferenceGrant there allows it")
        }
        Problem::NoShare => say("no-share", "the backend has the weight 0, and gets nothing"),
    }
}
