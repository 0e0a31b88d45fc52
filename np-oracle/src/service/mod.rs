//! Services: who stands behind one, and what can be said of a question about it.
//!
//! A Service is not an end. Its name leads to ends, its ports to theirs, and policies see only those: a question
//! about a Service is the questions about its endpoints, taken together.

mod ask;
mod backends;

pub use ask::{NoAnswer, PortOf, ServiceAnswer};

use crate::cluster::{Cluster, End, name_of, namespace_of};
use backends::Backend;
use k8s_openapi::api::core::v1::Service;

/// What stands behind a Service.
pub(crate) enum Behind<'a> {
    /// These endpoints, and no others.
    Endpoints(Vec<Backend<'a>>),
    /// Nobody knows: its endpoints are made by something that the input does not show.
    Unknown,
    /// A host outside the cluster, at addresses that nobody knows.
    Host,
}

impl Cluster {
    /// The Services, as namespace and name.
    pub fn service_names(&self) -> Vec<(&str, &str)> {
        self.services.iter().map(|one| (namespace_of(&one.metadata), name_of(&one.metadata))).collect()
    }

    pub(crate) fn service(&self, namespace: &str, name: &str) -> Option<&Service> {
        let is_it =
            |one: &&Service| namespace_of(&one.metadata) == namespace && name_of(&one.metadata) == name;
        self.services.iter().find(is_it)
    }

    /// The Service that is meant in the end, if its name is another's: the last one, or None for a circle.
    fn resolve<'a>(&'a self, service: &'a Service) -> Option<&'a Service> {
        let mut current = service;
        // A way longer than there are Services passes one of them twice.
        for _ in &self.services {
            match external_name(current).and_then(cluster_name) {
                Some((namespace, name)) => match self.service(namespace, name) {
                    Some(next) => current = next,
                    None => return Some(current),
                },
                None => return Some(current),
            }
        }
        None
    }

    pub(crate) fn behind<'a>(&'a self, service: &'a Service) -> Behind<'a> {
        if let Some(host) = external_name(service) {
            // A Service that the input does not have may lead anywhere.
            // So may a name in another domain, if that is the one of the cluster.
            let may_be_service = cluster_name(host).is_some() || host.split('.').nth(2) == Some("svc");
            return if may_be_service { Behind::Unknown } else { Behind::Host };
        }
        let slices = self.slices_of(service);
        if !slices.is_empty() {
            return Behind::Endpoints(
                slices.iter().flat_map(|slice| self.in_slice(service, slice)).collect(),
            );
        }
        let selector = service.spec.as_ref().and_then(|spec| spec.selector.as_ref());
        match selector.filter(|selector| !selector.is_empty()) {
            Some(selector) => {
                Behind::Endpoints(self.selected(namespace_of(&service.metadata), selector).collect())
            }
            None => Behind::Unknown,
        }
    }

    /// Whether the ports of a Service lead to others: those of a headless one, or of a host, are what they are.
    /// None where there is no such Service.
    pub fn translates(&self, namespace: &str, name: &str) -> Option<bool> {
        let named = self.service(namespace, name)?;
        let service = self.resolve(named).unwrap_or(named);
        Some(!is_headless(service) && external_name(service).is_none())
    }

    /// Who is behind a Service, by its own name or by that of another; None where that is not known.
    pub fn endpoints_of(&self, namespace: &str, name: &str) -> Option<Vec<End>> {
        let service = self.resolve(self.service(namespace, name)?)?;
        match self.behind(service) {
            Behind::Endpoints(backends) => Some(backends.into_iter().map(|one| one.end).collect()),
            Behind::Unknown | Behind::Host => None,
        }
    }
}

/// What a Service of type ExternalName is another name for.
fn external_name(service: &Service) -> Option<&str> {
    let spec = service.spec.as_ref()?;
    (spec.type_.as_deref() == Some("ExternalName")).then_some(spec.external_name.as_deref()?)
}

/// The namespace and name of the Service that a host name means in the cluster's own DNS.
fn cluster_name(host: &str) -> Option<(&str, &str)> {
    let host = host.strip_suffix('.').unwrap_or(host);
    let host = host.strip_suffix(".cluster.local").unwrap_or(host);
    let (name, namespace) = host.strip_suffix(".svc")?.split_once('.')?;
    (!namespace.contains('.')).then_some((namespace, name))
}

/// Whether a Service gives the addresses of its endpoints instead of one of its own.
fn is_headless(service: &Service) -> bool {
    service.spec.as_ref().and_then(|spec| spec.cluster_ip.as_deref()) == Some("None")
}
