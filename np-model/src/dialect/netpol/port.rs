//! One entry of a rule's `ports`: a number, a range or a name, of one protocol.

use crate::conn::Protocol;
use crate::fields::Field;
use crate::fields::syntax;
use crate::ir::{PortItem, PortMatch, PortSpec};

/// Reads an entry; `None` if it has an error, which is reported.
pub(super) fn read(item: Field<'_>) -> Option<PortItem> {
    let at = item.at();
    let item = item.map_of(&["endPort", "port", "protocol"]);
    let (protocol, port, end) = (item.get("protocol"), item.get("port"), item.get("endPort"));
    let protocol = self::protocol(&protocol);
    let ports = if port.is_absent() {
        refuse(&end, "`endPort` needs a `port` to start from");
        Some(PortSpec::All)
    } else if port.is_text() {
        refuse(&end, "`endPort` needs a `port` that is a number");
        name(&port)
    } else {
        range(&port, &end)
    };
    let port_at = if port.is_absent() { None } else { port.at() };
    Some(PortItem { at, port_at, port: PortMatch { protocol: protocol?, ports: ports? } })
}

fn protocol(field: &Field<'_>) -> Option<Protocol> {
    if field.is_absent() {
        return Some(Protocol::Tcp);
    }
    let text = field.text()?;
    let protocol = Protocol::from_api(text);
    if protocol.is_none() {
        field.unsupported(format!("`{text}` is no protocol of a NetworkPolicy"), "write TCP, UDP or SCTP");
    }
    protocol
}

fn name(port: &Field<'_>) -> Option<PortSpec> {
    let text = port.text()?;
    let wrong = syntax::port_name(text);
    let help = text.parse::<u16>().is_ok().then(|| format!("remove the quotes: in quotes, {text} is a name"));
    for wrong in &wrong {
        port.invalid_with(format!("the name of a port {wrong}"), help.as_deref());
    }
    wrong.is_empty().then(|| PortSpec::Named(text.to_owned()))
}

fn range(port: &Field<'_>, end: &Field<'_>) -> Option<PortSpec> {
    let (first, last) = (port.int(), end.int());
    if let (Some(first), Some(last)) = (first, last)
        && last < first
    {
        end.invalid(format!("`endPort` {last} lies before `port` {first}"));
    }
    let first = first.and_then(|first| number(port, first));
    if end.is_absent() {
        return first.map(|port| PortSpec::Range(port, port));
    }
    let last = last.and_then(|last| number(end, last));
    Some(PortSpec::Range(first?, last?))
}

fn number(field: &Field<'_>, number: i32) -> Option<u16> {
    let port = u16::try_from(number).ok().filter(|port| *port > 0);
    if port.is_none() {
        field.invalid(format!("{number} is no port: ports are 1 to 65535"));
    }
    port
}

/// Reports a field that must not be there, given the others; its type is checked all the same.
fn refuse(end: &Field<'_>, message: &str) {
    if end.int().is_some() {
        end.invalid(message);
    }
}
