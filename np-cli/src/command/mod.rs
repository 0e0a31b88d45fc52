//! The verbs: each asks np-sim and chooses a renderer.

mod axes;
mod batch;
pub(crate) mod docs;
pub(crate) mod matrix;
pub(crate) mod query;
pub(crate) mod validate;

use np_sim::FindError;
use np_sim::reach::ReachError;

use crate::failure::Message;
use crate::input::Loaded;

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
            let more = available.len().saturating_sub(PORTS_NAMED);
            let names = available.iter().take(PORTS_NAMED).cloned().collect::<Vec<_>>().join(", ");
            message.help(match (available.is_empty(), more) {
                (true, _) => "it declares no named port; write the number".to_owned(),
                (false, 0) => format!("its named ports are {names}; else write the number"),
                (false, _) => format!("its named ports are {names} and {more} more; else write the number"),
            })
        }
    }
}
