//! Connections: exact sets of (IP family, protocol, destination port), and how they are written.
//!
//! A [`ConnSet`] keeps per family and protocol a canonical list of disjoint port intervals, so
//! equal sets are equal values and every operation is exact. [`ConnTable`] interns them: the
//! matrix handles 32-bit [`ConnId`]s and computes each union and intersection once.

mod table;
mod text;

pub use table::{ConnId, ConnTable};
pub use text::{AskedPort, ParsePortError};

use crate::addr::{Families, Family};
use crate::intervals::Intervals;

/// A transport protocol that NetworkPolicy speaks about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Protocol {
    /// TCP, the default of the API.
    #[default]
    Tcp,
    /// UDP.
    Udp,
    /// SCTP.
    Sctp,
}

impl Protocol {
    /// Every protocol, in the order np prints them.
    pub const ALL: [Self; 3] = [Self::Tcp, Self::Udp, Self::Sctp];

    /// The name np writes: lower case.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Sctp => "sctp",
        }
    }

    /// The name in the API: upper case.
    pub fn api_name(self) -> &'static str {
        match self {
            Self::Tcp => "TCP",
            Self::Udp => "UDP",
            Self::Sctp => "SCTP",
        }
    }

    /// The protocol of a name in the API; `None` for any other spelling.
    pub fn from_api(name: &str) -> Option<Self> {
        match name {
            "TCP" => Some(Self::Tcp),
            "UDP" => Some(Self::Udp),
            "SCTP" => Some(Self::Sctp),
            _ => None,
        }
    }
}

/// Destination ports of one protocol, 1–65535; 0 is no port.
pub type PortSet = Intervals<u16>;

/// Every port.
pub fn every_port() -> PortSet {
    PortSet::range(1, u16::MAX)
}

/// An exact set of connections: per IP family and protocol, the destination ports.
///
/// ```
/// use np_model::addr::Families;
/// use np_model::conn::{ConnSet, Protocol};
///
/// let web = ConnSet::ports(Families::BOTH, Protocol::Tcp, 80, 80);
/// let all = ConnSet::all(Families::BOTH);
/// assert_eq!(all.and(&web), web);
/// assert_eq!(web.text(Families::BOTH), "tcp/80");
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnSet {
    slots: [[PortSet; 3]; 2],
}

impl ConnSet {
    /// No connection.
    pub fn none() -> Self {
        Self::default()
    }

    /// Every port of every protocol in `families`.
    pub fn all(families: Families) -> Self {
        Self::build(|family, _| if families.contains(family) { every_port() } else { PortSet::default() })
    }

    /// Ports `first` to `last` of one protocol, both included, in `families`.
    pub fn ports(families: Families, protocol: Protocol, first: u16, last: u16) -> Self {
        Self::of_ports(families, protocol, &PortSet::range(first.max(1), last))
    }

    /// A set of ports of one protocol in `families`.
    pub fn of_ports(families: Families, protocol: Protocol, ports: &PortSet) -> Self {
        let wanted = |family, other| families.contains(family) && other == protocol;
        Self::build(|family, other| if wanted(family, other) { ports.clone() } else { PortSet::default() })
    }

    /// The ports of one family and protocol.
    pub fn slot(&self, family: Family, protocol: Protocol) -> &PortSet {
        &self.slots[family as usize][protocol as usize]
    }

    /// Whether there is no connection in it.
    pub fn is_empty(&self) -> bool {
        self.slots.iter().flatten().all(PortSet::is_empty)
    }

    /// Whether every connection of `other` is in it.
    pub fn covers(&self, other: &Self) -> bool {
        other.minus(self).is_empty()
    }

    /// The connections in either.
    #[must_use]
    pub fn or(&self, other: &Self) -> Self {
        Self::build(|family, protocol| self.slot(family, protocol).or(other.slot(family, protocol)))
    }

    /// The connections in both.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        Self::build(|family, protocol| self.slot(family, protocol).and(other.slot(family, protocol)))
    }

    /// The connections in this but not in `other`.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        Self::build(|family, protocol| self.slot(family, protocol).minus(other.slot(family, protocol)))
    }

    /// The connections over `families` alone.
    #[must_use]
    pub fn within(&self, families: Families) -> Self {
        let keep = |family| families.contains(family);
        Self::build(
            |family, protocol| {
                if keep(family) { self.slot(family, protocol).clone() } else { PortSet::default() }
            },
        )
    }

    /// The families that it has connections over.
    pub fn families(&self) -> Families {
        let used = |family: &Family| self.slots[*family as usize].iter().any(|ports| !ports.is_empty());
        Family::BOTH.into_iter().filter(used).collect()
    }

    fn build(mut slot: impl FnMut(Family, Protocol) -> PortSet) -> Self {
        Self { slots: Family::BOTH.map(|family| Protocol::ALL.map(|protocol| slot(family, protocol))) }
    }
}
