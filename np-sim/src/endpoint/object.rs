//! What a change can name: endpoints, and objects that are none.

use np_model::ir::PolicyId;
use np_model::model::{NamespaceId, ServiceId};

use super::find::{Kind, SUGGESTIONS};
use super::{Endpoint, FindError, Finder};

/// An object of the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Object {
    /// A NetworkPolicy.
    Policy(PolicyId),
    /// A Service.
    Service(ServiceId),
    /// A namespace, whether it has pods or not.
    Namespace(NamespaceId),
    /// A pod, a workload or a node.
    Endpoint(Endpoint),
}

impl Finder<'_> {
    /// The object that a text names: what [`Self::find`] takes, but addresses; `ns/netpol/name`, `ns/svc/name`,
    /// and `namespace/name`. With `-n`, also without the namespace. `ns/name` names a namespace too, where no
    /// namespace is called `ns`.
    ///
    /// # Errors
    /// [`FindError`] if it names nothing, or several things.
    pub fn find_object(&self, text: &str) -> Result<Object, FindError> {
        let segments: Vec<&str> = text.split('/').collect();
        let is_word = |word: &str| !self.has_namespace(word);
        // A kind and a name, in the finder's own namespace.
        let own = self.namespace();
        match (segments.as_slice(), own.as_ref()) {
            ([namespace, kind, name], _) | ([kind, name], Some(namespace)) if is_policy(kind) => {
                self.policy(text, namespace, name)
            }
            ([namespace, kind, name], _) | ([kind, name], Some(namespace))
                if matches!(Kind::read(kind), Some(Kind::Service)) =>
            {
                let found = self.service(namespace, name).map(Object::Service);
                found.ok_or_else(|| no_object(self.unknown(text)))
            }
            (["namespace" | "namespaces" | "ns", name], _) if is_word(segments[0]) => {
                self.namespace_object(text, name)
            }
            ([name], None) if self.has_namespace(name) => self.namespace_object(text, name),
            _ => match self.find(text).map_err(no_object)? {
                Endpoint::Namespace(id) => Ok(Object::Namespace(id)),
                Endpoint::External(_) => {
                    Err(FindError::NoObject { text: text.to_owned(), suggestions: vec![] })
                }
                endpoint => Ok(Object::Endpoint(endpoint)),
            },
        }
    }

    fn namespace_object(&self, text: &str, name: &str) -> Result<Object, FindError> {
        self.model().find_namespace(name).map(Object::Namespace).ok_or_else(|| {
            let names = self.model().namespaces().iter().map(|one| (one.name.clone(), one.name.clone()));
            nearest(text, name, names.collect())
        })
    }

    fn policy(&self, text: &str, namespace: &str, name: &str) -> Result<Object, FindError> {
        let model = self.model();
        let policies = || model.policy_ids().map(|id| (id, model.policy(id)));
        let mut found = policies().filter(|(_, one)| one.namespace == namespace && one.name == name);
        found.next().map(|(id, _)| Object::Policy(id)).ok_or_else(|| {
            // The right name elsewhere first, and then those that are nearly so called.
            let near = policies().map(|(_, one)| {
                let full = format!("{}/netpol/{}", one.namespace, one.name);
                let written = if one.name == name {
                    name.to_owned()
                } else {
                    format!("{}/{}", one.namespace, one.name)
                };
                (written, full)
            });
            let near: Vec<_> = near.collect();
            let is_same = near.iter().any(|(written, _)| written == name);
            let asked = if is_same { name.to_owned() } else { format!("{namespace}/{name}") };
            nearest(text, &asked, near)
        })
    }
}

fn is_policy(kind: &str) -> bool {
    ["netpol", "networkpolicy", "networkpolicies"].contains(&kind.to_ascii_lowercase().as_str())
}

/// Nothing has the name: those that are near, of pairs of what is compared and the full name.
fn nearest(text: &str, asked: &str, names: Vec<(String, String)>) -> FindError {
    let distance = |(written, full): (String, String)| (strsim::damerau_levenshtein(asked, &written), full);
    let mut near: Vec<(usize, String)> = names.into_iter().map(distance).collect();
    near.retain(|(distance, _)| *distance <= 1 + asked.len() / 4);
    near.sort();
    let suggestions = near.into_iter().map(|(_, name)| name).take(SUGGESTIONS).collect();
    FindError::NoObject { text: text.to_owned(), suggestions }
}

fn no_object(error: FindError) -> FindError {
    match error {
        FindError::Unknown { text, suggestions } => FindError::NoObject { text, suggestions },
        FindError::Syntax(text) => FindError::NoObject { text, suggestions: Vec::new() },
        other => other,
    }
}
