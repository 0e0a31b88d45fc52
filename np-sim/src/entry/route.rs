//! Routes of OpenShift: a host that routers lead to the endpoints of Services.

use np_model::facts::gateway::BackendUse;

use super::backend::{Asked, Backends, Named};
use super::controller::Finder;
use super::{Entry, Problem, Way};

/// Adds an entry for each Service of each Route.
pub(super) fn add(entries: &mut Vec<Entry>, backends: &mut Backends<'_, '_>, finder: &Finder<'_>) {
    for route in &backends.model().entries().routes {
        let sender = finder.of_route();
        for backend in &route.backends {
            let way = Way::Route {
                namespace: route.namespace.clone(),
                name: route.name.clone(),
                host: route.host.clone(),
            };
            let to = Named {
                namespace: &route.namespace,
                name: &backend.service,
                port: Asked::Endpoints(route.port.as_ref()),
                usage: BackendUse::Forward,
                at: backend.at,
            };
            let problems = (backend.weight == 0).then_some(Problem::NoShare);
            entries.push(backends.entry(way, &to, &sender, problems.into_iter().collect()));
        }
    }
}
