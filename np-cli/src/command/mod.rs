//! The verbs: each asks np-sim and chooses a renderer.

mod axes;
mod batch;
pub(crate) mod docs;
pub(crate) mod exposure;
pub(crate) mod matrix;
pub(crate) mod query;
pub(crate) mod validate;

use np_sim::FindError;
use np_sim::reach::ReachError;

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
