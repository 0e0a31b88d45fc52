//! What is added to a text: parts of a policy as the API has them, in the style of what stands around.

use ipnet::IpNet;

use crate::ir::{Direction, Namespaces, Peer, PortMatch, PortSpec, Rule};
use crate::load::yaml::spans::is_plain;
use crate::selector::{Requirement, Selector};

/// A value to be written.
#[derive(Debug, Clone)]
pub(super) enum Written {
    Text(String),
    Number(u16),
    List(Vec<Written>),
    Map(Vec<(String, Written)>),
}

/// How a document is written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    /// Whether every string is in double quotes, as JSON has it.
    pub(super) is_json: bool,
    /// By how many columns entries stand behind what they belong to.
    pub(super) step: usize,
    /// By how many columns the dashes of a list stand behind its key.
    pub(super) dash: usize,
}

/// A map of these entries.
pub(super) fn map<const N: usize>(entries: [(&str, Written); N]) -> Written {
    Written::Map(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

pub(super) fn text(text: &(impl ToString + ?Sized)) -> Written {
    Written::Text(text.to_string())
}

/// A rule's item in `ingress` or `egress`.
pub(super) fn rule(rule: &Rule, direction: Direction) -> Written {
    let mut entries = Vec::new();
    if let Some(items) = &rule.peers {
        let peers = items.iter().map(|item| peer(&item.peer)).collect();
        entries.push((peers_key(direction).to_owned(), Written::List(peers)));
    }
    if let Some(items) = &rule.ports {
        let ports = items.iter().map(|item| port(&item.port)).collect();
        entries.push(("ports".to_owned(), Written::List(ports)));
    }
    Written::Map(entries)
}

/// The key of a rule's peers.
pub(super) fn peers_key(direction: Direction) -> &'static str {
    match direction {
        Direction::Egress => "to",
        Direction::Ingress => "from",
    }
}

/// A direction as `policyTypes` has it.
pub(super) fn policy_type(direction: Direction) -> &'static str {
    match direction {
        Direction::Egress => "Egress",
        Direction::Ingress => "Ingress",
    }
}

/// A peer's item in `from` or `to`.
pub(super) fn peer(peer: &Peer) -> Written {
    match peer {
        Peer::Block(block) => {
            let mut entries = vec![("cidr".to_owned(), text(&block.cidr()))];
            if !block.except().is_empty() {
                entries.push(("except".to_owned(), list(block.except())));
            }
            map([("ipBlock", Written::Map(entries))])
        }
        Peer::Pods { namespaces: Namespaces::Named(_), pods } => map([("podSelector", selector(pods))]),
        Peer::Pods { namespaces: Namespaces::Matching(namespaces), pods } if pods.is_everything() => {
            map([("namespaceSelector", selector(namespaces))])
        }
        Peer::Pods { namespaces: Namespaces::Matching(namespaces), pods } => {
            map([("namespaceSelector", selector(namespaces)), ("podSelector", selector(pods))])
        }
    }
}

fn list(networks: &[IpNet]) -> Written {
    Written::List(networks.iter().map(text).collect())
}

/// A port's item in `ports`; TCP is what an item without protocol means, and is written all the same.
pub(super) fn port(port: &PortMatch) -> Written {
    let protocol = ("protocol", text(port.protocol.api_name()));
    match &port.ports {
        PortSpec::All => map([protocol]),
        PortSpec::Range(first, last) if first == last => map([("port", Written::Number(*first)), protocol]),
        PortSpec::Range(first, last) => {
            map([("port", Written::Number(*first)), ("endPort", Written::Number(*last)), protocol])
        }
        PortSpec::Named(name) => map([("port", text(name)), protocol]),
    }
}

/// A label selector.
pub(super) fn selector(selector: &Selector) -> Written {
    let (mut labels, mut expressions): (Vec<(String, Written)>, Vec<Written>) = Default::default();
    for term in selector.requirements() {
        match single(term) {
            Some((key, value)) if labels.iter().all(|(known, _)| known != key) => {
                labels.push((key.to_owned(), text(value)));
            }
            _ => expressions.push(expression(term)),
        }
    }
    let mut entries = Vec::new();
    if !labels.is_empty() {
        entries.push(("matchLabels".to_owned(), Written::Map(labels)));
    }
    if !expressions.is_empty() {
        entries.push(("matchExpressions".to_owned(), Written::List(expressions)));
    }
    Written::Map(entries)
}

/// Key and value of a term that `matchLabels` can hold.
pub(super) fn single(term: &Requirement) -> Option<(&str, &str)> {
    match term {
        Requirement::In(key, values) if values.len() == 1 => Some((key, values.first()?)),
        _ => None,
    }
}

/// A term as an item of `matchExpressions`.
pub(super) fn expression(term: &Requirement) -> Written {
    let key = ("key", text(term.key()));
    let operator = ("operator", text(operator(term)));
    match term.values() {
        Some(values) => map([key, operator, ("values", Written::List(values.iter().map(text).collect()))]),
        None => map([key, operator]),
    }
}

pub(super) fn operator(term: &Requirement) -> &'static str {
    match term {
        Requirement::In(..) => "In",
        Requirement::NotIn(..) => "NotIn",
        Requirement::Exists(_) => "Exists",
        Requirement::DoesNotExist(_) => "DoesNotExist",
    }
}

/// A string as it is written: in `quote` if there is one, else without quotes where it may be.
pub(super) fn string(text: &str, quote: Option<char>) -> String {
    match quote {
        None if is_plain(text) => text.to_owned(),
        Some('\'') => format!("'{}'", text.replace('\'', "''")),
        // Names, labels, ports and networks have no characters that would have to be escaped otherwise.
        _ => format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")),
    }
}

impl Written {
    /// It on lines of its own, the first of which continues where it is put and the others stand behind as many
    /// columns as the first. `None` in the style of braces.
    pub(super) fn block(&self, style: Style) -> Vec<String> {
        match self {
            Self::Map(entries) if !entries.is_empty() => {
                entries.iter().flat_map(|(key, value)| value.entry(key, style)).collect()
            }
            Self::List(items) if !items.is_empty() => {
                items.iter().flat_map(|item| item.item(style)).collect()
            }
            simple => vec![simple.flow(style)],
        }
    }

    /// An entry of a map in block style.
    pub(super) fn entry(&self, key: &str, style: Style) -> Vec<String> {
        let key = string(key, None);
        let (is_nested, columns) = match self {
            Self::Map(entries) => (!entries.is_empty(), style.step),
            Self::List(items) => (!items.is_empty(), style.dash),
            Self::Text(_) | Self::Number(_) => (false, 0),
        };
        if !is_nested {
            return vec![format!("{key}: {}", self.flow(style))];
        }
        let inside = self.block(style).into_iter().map(|line| format!("{}{line}", " ".repeat(columns)));
        std::iter::once(format!("{key}:")).chain(inside).collect()
    }

    /// An item of a list in block style.
    pub(super) fn item(&self, style: Style) -> Vec<String> {
        let lines = self.block(style).into_iter().enumerate();
        lines.map(|(at, line)| format!("{}{line}", if at == 0 { "- " } else { "  " })).collect()
    }

    /// It on one line, in braces and brackets.
    pub(super) fn flow(&self, style: Style) -> String {
        let quote = style.is_json.then_some('"');
        match self {
            Self::Text(text) => string(text, quote),
            Self::Number(number) => number.to_string(),
            Self::List(items) => {
                let items: Vec<String> = items.iter().map(|item| item.flow(style)).collect();
                format!("[{}]", items.join(", "))
            }
            Self::Map(entries) => {
                let entries = entries
                    .iter()
                    .map(|(key, value)| format!("{}: {}", string(key, quote), value.flow(style)));
                format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
            }
        }
    }

    /// It in braces and brackets with a line for each part.
    pub(super) fn spread(&self, style: Style) -> Vec<String> {
        let quote = style.is_json.then_some('"');
        let (ends, parts): (_, Vec<Vec<String>>) = match self {
            Self::List(items) if !items.is_empty() => {
                (["[", "]"], items.iter().map(|item| item.spread(style)).collect())
            }
            Self::Map(entries) if !entries.is_empty() => {
                let part = |(key, value): &(String, Self)| {
                    let mut lines = value.spread(style);
                    lines[0] = format!("{}: {}", string(key, quote), lines[0]);
                    lines
                };
                (["{", "}"], entries.iter().map(part).collect())
            }
            simple => return vec![simple.flow(style)],
        };
        let mut lines = vec![ends[0].to_owned()];
        let last = parts.len() - 1;
        for (at, part) in parts.into_iter().enumerate() {
            lines.extend(part.into_iter().map(|line| format!("{}{line}", " ".repeat(style.step))));
            if at < last
                && let Some(line) = lines.last_mut()
            {
                line.push(',');
            }
        }
        lines.push(ends[1].to_owned());
        lines
    }
}
