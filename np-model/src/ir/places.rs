//! Where the parts of a policy stand that are values without a place of their own.
//!
//! Selectors and blocks are compared and interned by what they mean, so their places lie beside them:
//! a list parallel to the parts, eight bytes each and nothing for a selector without terms.

use super::{Direction, Policy};
use crate::origin::Location;
use crate::selector::{Requirement, Selector};

/// A place for each part of a value, in the order of its parts.
///
/// For a [`Selector`], the parts are its terms in the order of [`Selector::requirements`]: the key of
/// an entry of `matchLabels`, or the start of an item of `matchExpressions`. Of a term written twice,
/// the first counts. Parts of an object that came without text have no place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Places(Box<[Option<Location>]>);

impl Places {
    /// The place of the part with this index.
    pub fn get(&self, index: usize) -> Option<Location> {
        self.0.get(index).copied().flatten()
    }

    /// The place of each part.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Option<Location>> {
        self.0.iter().copied()
    }

    /// The conjunction of terms that stand at these places, and the places in its order.
    pub(crate) fn of_terms(mut terms: Vec<(Requirement, Option<Location>)>) -> (Selector, Self) {
        terms.sort();
        terms.dedup_by(|again, first| again.0 == first.0);
        let places = terms.iter().map(|(_, at)| *at).collect();
        (Selector::new(terms.into_iter().map(|(term, _)| term)), places)
    }
}

impl FromIterator<Option<Location>> for Places {
    fn from_iter<I: IntoIterator<Item = Option<Location>>>(places: I) -> Self {
        Self(places.into_iter().collect())
    }
}

/// Where the parts of a [`Peer`](super::Peer) stand, in its shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PeerPlaces {
    /// Of [`Peer::Pods`](super::Peer::Pods).
    Pods {
        /// The terms of its `namespaceSelector`; empty where it has none.
        namespaces: Places,
        /// The terms of its `podSelector`; empty where it has none.
        pods: Places,
    },
    /// Of [`Peer::Block`](super::Peer::Block).
    Block {
        /// The value of `cidr`.
        cidr: Option<Location>,
        /// Each exception, in the order of [`IpBlock::except`](crate::addr::IpBlock::except).
        except: Places,
    },
}

impl PeerPlaces {
    fn forget(&mut self) {
        match self {
            Self::Pods { namespaces, pods } => (*namespaces, *pods) = Default::default(),
            Self::Block { cidr, except } => (*cidr, *except) = Default::default(),
        }
    }
}

impl Policy {
    /// The same policy without any place: two that are equal then say the same.
    #[must_use]
    pub fn without_places(mut self) -> Self {
        (self.at, self.subject_at) = Default::default();
        (self.inert.object_at, self.inert.types_at) = Default::default();
        let inert = self.inert.rules.iter_mut().map(|(_, rules)| rules);
        for rule in self.ingress.iter_mut().chain(&mut self.egress).chain(inert).flatten() {
            rule.at = None;
            for peer in rule.peers.iter_mut().flatten() {
                peer.at = None;
                peer.parts_at.forget();
            }
            for port in rule.ports.iter_mut().flatten() {
                (port.at, port.port_at) = (None, None);
            }
        }
        self
    }

    /// Whether two say the same in a direction, wherever it stands.
    pub fn says_the_same(&self, other: &Self, direction: Direction) -> bool {
        fn both<T>(one: Option<&[T]>, other: Option<&[T]>, is_same: impl Fn(&T, &T) -> bool) -> bool {
            match (one, other) {
                (Some(one), Some(other)) => {
                    one.len() == other.len() && one.iter().zip(other).all(|(a, b)| is_same(a, b))
                }
                (one, other) => one.is_none() && other.is_none(),
            }
        }
        both(self.rules(direction), other.rules(direction), |a, b| {
            both(a.peers.as_deref(), b.peers.as_deref(), |a, b| a.peer == b.peer)
                && both(a.ports.as_deref(), b.ports.as_deref(), |a, b| a.port == b.port)
        })
    }
}
