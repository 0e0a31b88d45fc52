//! How connections are written and read: `tcp/80,443 udp/53`, `tcp/8000-8100`, `all`, `-`.
//!
//! The family is written only where it matters, as a prefix: `v4:tcp/80`. `80/TCP` and a bare `80`
//! (TCP) are read too; a port name is left to be looked up in the destination.

use std::fmt::{self, Write};
use std::str::FromStr;

use super::{ConnSet, PortSet, Protocol, every_port};
use crate::addr::{Families, Family};

impl ConnSet {
    /// The set as np writes it, for a pair that has `families` in common: `all` if it holds every
    /// connection over them, `-` if none, and family prefixes only if the families differ.
    pub fn text(&self, families: Families) -> String {
        let present: Vec<Family> = families.or(self.families()).iter().collect();
        let list = |family: Family| {
            let protocols =
                Protocol::ALL.map(|protocol| protocol_text(protocol, self.slot(family, protocol)));
            protocols.into_iter().flatten().collect::<Vec<_>>()
        };
        let everything =
            |family: &Family| Protocol::ALL.iter().all(|p| *self.slot(*family, *p) == every_port());
        if self.is_empty() {
            return "-".to_owned();
        }
        if present.iter().all(everything) {
            return "all".to_owned();
        }
        let lists: Vec<Vec<String>> = present.iter().map(|family| list(*family)).collect();
        if lists.windows(2).all(|pair| pair[0] == pair[1]) {
            return lists[0].join(" ");
        }
        let mut out = Vec::new();
        for (family, list) in present.iter().zip(&lists) {
            let prefix = match family {
                Family::V4 => "v4:",
                Family::V6 => "v6:",
            };
            if everything(family) {
                out.push(format!("{prefix}all"));
            } else {
                out.extend(list.iter().map(|item| format!("{prefix}{item}")));
            }
        }
        out.join(" ")
    }
}

fn protocol_text(protocol: Protocol, ports: &PortSet) -> Option<String> {
    if ports.is_empty() {
        return None;
    }
    let mut text = protocol.name().to_owned();
    if *ports != every_port() {
        for (i, (first, last)) in ports.ranges().iter().enumerate() {
            text.push(if i == 0 { '/' } else { ',' });
            // Writing to a string cannot fail.
            let _ = if first == last { write!(text, "{first}") } else { write!(text, "{first}-{last}") };
        }
    }
    Some(text)
}

/// A port as a question names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AskedPort {
    /// Connections spelled out.
    Connections(ConnSet),
    /// A container port name, to be looked up in the destination.
    Named(String),
}

/// A text that names no port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParsePortError {
    text: String,
}

impl fmt::Display for ParsePortError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is not a port; write 443, udp/53, tcp/80,443, tcp/8000-8100, tcp, all or a port name",
            self.text
        )
    }
}

impl std::error::Error for ParsePortError {}

/// Reads one item: `443`, `53/UDP`, `udp/53`, `tcp/80,443`, `tcp/8000-8100`, `tcp`, `all`, `-`,
/// each with `v4:` or `v6:` in front if wanted, or a port name.
impl FromStr for AskedPort {
    type Err = ParsePortError;

    fn from_str(text: &str) -> Result<Self, ParsePortError> {
        let error = || ParsePortError { text: text.to_owned() };
        let (families, rest) = match text.split_once(':') {
            Some(("v4", rest)) => (Families::only(Family::V4), rest),
            Some(("v6", rest)) => (Families::only(Family::V6), rest),
            Some(_) => return Err(error()),
            None => (Families::BOTH, text),
        };
        let lower = rest.to_ascii_lowercase();
        let set = match lower.as_str() {
            "all" => Some(ConnSet::all(families)),
            "-" => Some(ConnSet::none()),
            _ => {
                let (protocol, ports) = match lower.split_once('/') {
                    Some((a, b)) => match (protocol(a), protocol(b)) {
                        (Some(protocol), None) => (protocol, Some(b)),
                        (None, Some(protocol)) => (protocol, Some(a)),
                        _ => return Err(error()),
                    },
                    None => match protocol(&lower) {
                        Some(protocol) => (protocol, None),
                        None => (Protocol::Tcp, Some(lower.as_str())),
                    },
                };
                match ports {
                    None => Some(ConnSet::of_ports(families, protocol, &every_port())),
                    Some(ports) => {
                        port_list(ports).map(|ports| ConnSet::of_ports(families, protocol, &ports))
                    }
                }
            }
        };
        match set {
            Some(set) => Ok(Self::Connections(set)),
            None if families == Families::BOTH && is_port_name(text) => Ok(Self::Named(text.to_owned())),
            None => Err(error()),
        }
    }
}

fn protocol(text: &str) -> Option<Protocol> {
    Protocol::ALL.into_iter().find(|protocol| protocol.name() == text)
}

/// `80`, `80,443`, `8000-8100`, and mixtures; `None` unless every part is within 1–65535.
fn port_list(text: &str) -> Option<PortSet> {
    let number = |text: &str| -> Option<u16> {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse().ok()).flatten().filter(|port| *port > 0)
    };
    let range = |text: &str| match text.split_once('-') {
        Some((first, last)) => Some((number(first)?, number(last)?)).filter(|(first, last)| first <= last),
        None => number(text).map(|port| (port, port)),
    };
    Some(PortSet::from_ranges(text.split(',').map(range).collect::<Option<Vec<_>>>()?))
}

/// Whether `text` is a valid container port name (IANA_SVC_NAME of the API).
fn is_port_name(text: &str) -> bool {
    let shape = !text.is_empty() && text.len() <= 15 && !text.contains("--");
    let edges = !text.starts_with('-') && !text.ends_with('-');
    let letters = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    shape && edges && letters && text.bytes().any(|b| b.is_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::AskedPort;
    use crate::addr::{Families, Family};
    use crate::conn::{ConnSet, Protocol};

    fn read(text: &str) -> Option<String> {
        match text.parse() {
            Ok(AskedPort::Connections(set)) => Some(set.text(Families::BOTH)),
            Ok(AskedPort::Named(name)) => Some(format!("name {name}")),
            Err(_) => None,
        }
    }

    #[test]
    fn reads_every_spelling_of_the_notation() {
        for (text, expected) in [
            ("80", "tcp/80"),
            ("80/TCP", "tcp/80"),
            ("53/udp", "udp/53"),
            ("udp/53", "udp/53"),
            ("tcp/443,80", "tcp/80,443"),
            ("tcp/80,81", "tcp/80-81"),
            ("tcp/8000-8100", "tcp/8000-8100"),
            ("tcp", "tcp"),
            ("all", "all"),
            ("-", "-"),
            ("v4:tcp/80", "v4:tcp/80"),
            ("v6:all", "v6:all"),
            ("http", "name http"),
        ] {
            assert_eq!(read(text).as_deref(), Some(expected), "{text}");
        }
        for text in [
            "0", "65536", "tcp/0", "80-70", "tcp/", "/80", "icmp/1", "HTTP_", "a--b", "80,", "+80", "x:80",
            "",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn families_are_written_only_where_they_matter() {
        let v4 = Families::only(Family::V4);
        assert_eq!(ConnSet::all(v4).text(v4), "all");
        assert_eq!(ConnSet::all(v4).text(Families::BOTH), "v4:all");
        assert_eq!(ConnSet::ports(v4, Protocol::Sctp, 7, 9).text(v4), "sctp/7-9");
    }
}
