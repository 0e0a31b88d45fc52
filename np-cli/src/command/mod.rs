//! The verbs: each asks np-sim and chooses a renderer.

mod axes;
mod batch;
pub(crate) mod diff;
pub(crate) mod docs;
pub(crate) mod explain;
pub(crate) mod exposure;
mod fix;
pub(crate) mod matrix;
pub(crate) mod query;
mod review;
pub(crate) mod validate;

use np_sim::FindError;
use np_sim::reach::ReachError;
use np_sim::service::ServiceError;

use crate::failure::Message;
use crate::input::Loaded;
use crate::report::several::several;

/// How many port names an error lists.
const PORTS_NAMED: usize = 8;

/// What to say about a name that names nothing.
fn not_found(loaded: &Loaded, error: &FindError) -> Message {
    let message = Message::new(error.to_string());
    match (error, &loaded.assumed_namespace) {
        (FindError::Unknown { .. }, Some(namespace)) => message.help(format!(
            "objects that do not say their namespace are taken to be in `{namespace}`; --default-namespace says otherwise"
        )),
        _ => message,
    }
}

/// What to say about a question without an answer.
fn unanswerable(error: &ReachError) -> Message {
    match error {
        ReachError::BothExternal => {
            Message::new("both ends are outside the cluster, where no NetworkPolicy applies")
                .help("ask about a pod, a workload, a namespace or a node on one side")
        }
        ReachError::NoMembers(name) => Message::new(format!("`{name}` has no pods and no addresses")),
        ReachError::NoSuchPort { end, name, available } => {
            let message = Message::new(format!("`{end}` has no port named `{name}`"));
            message.help(match several(available, PORTS_NAMED) {
                Some(names) => format!("its named ports are {names}; else write the number"),
                None => "it declares no named port; write the number".to_owned(),
            })
        }
    }
}

/// What to say about a question about a Service without an answer.
fn unanswerable_service(error: &ServiceError) -> Message {
    match error {
        ServiceError::Reach(error) => unanswerable(error),
        ServiceError::NoSuchPort { service, asked, ports, leads_here } => {
            let message = Message::new(format!("`{service}` has no port {asked}"));
            let ports = several(ports, PORTS_NAMED).unwrap_or_default();
            message.help(match leads_here {
                Some(port) => format!(
                    "{asked} is where its port {port} leads: ask for that, or ask the pods for {asked}"
                ),
                None => format!("its ports are {ports}"),
            })
        }
        ServiceError::Circle(_) => Message::new(error.to_string()),
    }
}
