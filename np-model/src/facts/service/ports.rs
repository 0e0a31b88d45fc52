//! The ports of a Service, each with the port of the pods that it leads to.

use std::collections::BTreeSet;

use super::ServiceKind;
use crate::conn::Protocol;
use crate::diag::{Cause, Code, Diagnostic};
use crate::facts::port::{self, PortRef};
use crate::fields::{Field, syntax};
use crate::origin::Location;

/// A port of a Service (`spec.ports[]`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServicePort {
    /// `name`; empty if it has none, as the only port of a Service may.
    pub name: String,
    /// `protocol`, TCP if absent.
    pub protocol: Protocol,
    /// `port`, where the Service listens.
    pub port: u16,
    /// `targetPort`, where its pods do: by default the same. A name is looked up in each pod.
    pub target: PortRef,
    /// `nodePort`, if it is fixed.
    pub node_port: Option<u16>,
    /// Where the entry stands.
    pub at: Option<Location>,
}

/// Reads `spec.ports`.
pub(super) fn read_all(list: &Field<'_>, kind: &ServiceKind) -> Vec<ServicePort> {
    let portless = matches!(kind, ServiceKind::Headless | ServiceKind::ExternalName(_));
    let entries = list.items();
    if entries.len() == 0 && !portless && (list.is_absent() || list.is_list()) {
        list.missing("a Service needs a port, unless it is headless");
    }
    let several = entries.len() > 1;
    let mut names = BTreeSet::new();
    let mut ports = Vec::new();
    for entry in entries {
        let entry = entry.map();
        let name = entry.get("name");
        let text = name.text().unwrap_or_default();
        if text.is_empty() && several && (name.is_absent() || name.is_text()) {
            name.missing("of several ports, each needs a name");
        } else if !text.is_empty() {
            for wrong in syntax::dns_label(text) {
                name.invalid(format!("the name of a port {wrong}"));
            }
            if !names.insert(text.to_owned()) {
                name.invalid(format!("another port of the Service is named `{text}` too"));
            }
        }
        ports.extend(ServicePort::read(&entry, text, kind));
    }
    ports
}

impl ServicePort {
    fn read(entry: &Field<'_>, name: &str, kind: &ServiceKind) -> Option<Self> {
        let protocol = port::protocol(&entry.get("protocol"));
        let port = port::required(&entry.get("port"), "a port of a Service needs its number");
        let (target, node) = (entry.get("targetPort"), entry.get("nodePort"));
        // The API server takes 0 and the empty name for none, and the pods' port is the Service's.
        let same = target.is_absent() || target.is_zero() || target.is("");
        let target = if same { port.map(PortRef::Number) } else { port::reference(&target) };
        let node_port = if node.is_zero() { None } else { port::number(&node) };
        if node_port.is_some() && matches!(kind, ServiceKind::ClusterIp | ServiceKind::Headless) {
            let message = "a Service of type ClusterIP has no node ports";
            node.report(Diagnostic::error(Code::InvalidValue, message).cause(Cause::Forbidden));
        }
        let (name, at) = (name.to_owned(), entry.at());
        Some(Self { name, protocol: protocol?, port: port?, target: target?, node_port, at })
    }
}
