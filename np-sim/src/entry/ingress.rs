//! Ingresses: by host and path to a port of a Service of their own namespace.

use np_model::conn::Protocol;
use np_model::facts::Ingress;
use np_model::facts::gateway::BackendUse;
use np_model::facts::ingress::{IngressBackend, IngressTarget};

use super::backend::{Asked, Backends, Named};
use super::controller::{Finder, Sender};
use super::{Entry, Problem, Way};

/// Adds an entry for each path of each Ingress, then one for its default backend.
pub(super) fn add(entries: &mut Vec<Entry>, backends: &mut Backends<'_, '_>, finder: &Finder<'_>) {
    for ingress in &backends.model().entries().ingresses {
        let sender = finder.of_ingress(ingress);
        let way = |host: Option<&String>, path: Option<&String>, is_default| Way::Ingress {
            namespace: ingress.namespace.clone(),
            name: ingress.name.clone(),
            host: host.cloned(),
            path: path.cloned(),
            is_default,
        };
        for rule in &ingress.rules {
            let host = rule.host.as_ref();
            for path in &rule.paths {
                let way = way(host, path.path.as_ref(), false);
                entries.push(entry(backends, ingress, way, &path.backend, &sender));
            }
            // Requests for a host without paths go to the default backend.
            if rule.paths.is_empty() && ingress.default_backend.is_none() {
                let problems = vec![Problem::NoBackend];
                entries.push(Backends::nowhere(way(host, None, false), rule.at, &sender, problems));
            }
        }
        if let Some(backend) = &ingress.default_backend {
            entries.push(entry(backends, ingress, way(None, None, true), backend, &sender));
        }
    }
}

fn entry(
    backends: &mut Backends<'_, '_>,
    ingress: &Ingress,
    way: Way,
    backend: &IngressBackend,
    sender: &Sender,
) -> Entry {
    match &backend.to {
        IngressTarget::Service { name, port } => {
            let to = Named {
                namespace: &ingress.namespace,
                name,
                port: Asked::Service(Some(port), Protocol::Tcp),
                usage: BackendUse::Forward,
                at: backend.at,
            };
            backends.entry(way, &to, sender, Vec::new())
        }
        IngressTarget::Resource { group, kind, name } => {
            let (group, kind, name) = (group.clone(), kind.clone(), name.clone());
            Backends::nowhere(way, backend.at, sender, vec![Problem::Resource { group, kind, name }])
        }
    }
}
