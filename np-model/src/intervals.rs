//! Exact sets of points on a line, for ports and for addresses alike: one algebra, no copies.

use std::fmt::Debug;
use std::hash::Hash;

use smallvec::{Array, SmallVec, smallvec};

/// A point on a discrete line with a first and a last point.
pub trait Point: Copy + Ord + Debug {
    /// As many ranges as a set keeps in place.
    type Few: Array<Item = (Self, Self)> + Debug + Eq + Hash + Ord;
    /// The point after this one; `None` at the end of the line.
    fn next(self) -> Option<Self>;
    /// The point before this one; `None` at the start of the line.
    fn previous(self) -> Option<Self>;
}

impl Point for u16 {
    // Most sets of ports have no more.
    type Few = [(Self, Self); 4];
    fn next(self) -> Option<Self> {
        self.checked_add(1)
    }
    fn previous(self) -> Option<Self> {
        self.checked_sub(1)
    }
}

impl Point for u128 {
    // Ranges of addresses are large, and most sets of them empty.
    type Few = [(Self, Self); 0];
    fn next(self) -> Option<Self> {
        self.checked_add(1)
    }
    fn previous(self) -> Option<Self> {
        self.checked_sub(1)
    }
}

/// A set of points as sorted, disjoint, non-adjacent inclusive ranges; equal sets are equal values.
#[derive(Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Intervals<T: Point> {
    ranges: SmallVec<T::Few>,
}

impl<T: Point> Clone for Intervals<T> {
    fn clone(&self) -> Self {
        // Copies ranges, where the derived one would clone each.
        Self { ranges: SmallVec::from_slice(&self.ranges) }
    }
}

impl<T: Point> Default for Intervals<T> {
    fn default() -> Self {
        Self { ranges: SmallVec::new() }
    }
}

impl<T: Point> Intervals<T> {
    /// The set from `first` to `last`, both included; empty if `last` comes before `first`.
    pub fn range(first: T, last: T) -> Self {
        Self { ranges: if first <= last { smallvec![(first, last)] } else { SmallVec::new() } }
    }

    /// The union of ranges (`first`, `last`), both ends included, in any order, overlapping or not.
    pub fn from_ranges(ranges: impl IntoIterator<Item = (T, T)>) -> Self {
        let mut sorted: Vec<(T, T)> = ranges.into_iter().filter(|(first, last)| first <= last).collect();
        sorted.sort_unstable();
        let mut out = Self::default();
        for (first, last) in sorted {
            out.push(first, last);
        }
        out
    }

    /// The ranges (`first`, `last`), both ends included, ascending.
    pub fn ranges(&self) -> &[(T, T)] {
        &self.ranges
    }

    /// Whether there is no point in it.
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// Whether `point` is in it; logarithmic in the number of ranges.
    pub fn contains(&self, point: T) -> bool {
        let after = self.ranges.partition_point(|(first, _)| *first <= point);
        after > 0 && point <= self.ranges[after - 1].1
    }

    /// Whether every point of `other` is in it.
    pub fn covers(&self, other: &Self) -> bool {
        other.minus(self).is_empty()
    }

    /// Whether no point is in both.
    pub fn is_disjoint(&self, other: &Self) -> bool {
        self.and(other).is_empty()
    }

    /// The points in either; linear in the number of ranges, as the two below.
    #[must_use]
    pub fn or(&self, other: &Self) -> Self {
        if self.is_empty() {
            return other.clone();
        }
        if other.is_empty() {
            return self.clone();
        }
        let mut out = Self { ranges: SmallVec::with_capacity(self.ranges.len() + other.ranges.len()) };
        let (mut left, mut right) = (self.ranges.iter().peekable(), other.ranges.iter().peekable());
        while let Some(&&(first, last)) = match (left.peek(), right.peek()) {
            (Some(l), Some(r)) if r < l => right.next(),
            (Some(_), _) => left.next(),
            (None, _) => right.next(),
        }
        .as_ref()
        {
            out.push(first, last);
        }
        out
    }

    /// The points in both.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let mut out = Self::default();
        let (mut i, mut j) = (0, 0);
        while let (Some(&(a, b)), Some(&(c, d))) = (self.ranges.get(i), other.ranges.get(j)) {
            let (first, last) = (a.max(c), b.min(d));
            if first <= last {
                out.ranges.push((first, last));
            }
            if b < d { i += 1 } else { j += 1 }
        }
        out
    }

    /// The points in this but not in `other`.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        let mut out = Self::default();
        let mut j = 0;
        for &(first, last) in &self.ranges {
            let mut rest = Some(first);
            while let (Some(from), Some(&(c, d))) = (rest, other.ranges.get(j)) {
                if c > last {
                    break;
                }
                if d >= from {
                    if let Some(before) = c.previous().filter(|before| *before >= from) {
                        out.ranges.push((from, before));
                    }
                    rest = d.next().filter(|after| *after <= last);
                    if d > last {
                        break;
                    }
                }
                if d <= last {
                    j += 1;
                }
            }
            if let Some(from) = rest {
                out.ranges.push((from, last));
            }
        }
        out
    }

    /// Appends a range that starts no earlier than those before it.
    fn push(&mut self, first: T, last: T) {
        match self.ranges.last_mut() {
            Some((_, end)) if end.next().is_none_or(|after| first <= after) => *end = (*end).max(last),
            _ => self.ranges.push((first, last)),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Intervals;

    fn sets() -> impl Strategy<Value = (Vec<(u16, u16)>, Intervals<u16>)> {
        let edge = prop_oneof![0_u16..20, 65_516_u16..=65_535];
        prop::collection::vec((edge.clone(), edge), 0..6)
            .prop_map(|ranges| (ranges.clone(), Intervals::from_ranges(ranges)))
    }

    fn within(ranges: &[(u16, u16)], point: u16) -> bool {
        ranges.iter().any(|(first, last)| (*first..=*last).contains(&point))
    }

    proptest! {
        #[test]
        fn agrees_with_membership_point_by_point((a_ranges, a) in sets(), (b_ranges, b) in sets()) {
            let (or, and, minus) = (a.or(&b), a.and(&b), a.minus(&b));
            for point in (0..25).chain(65_510..=65_535) {
                let (in_a, in_b) = (within(&a_ranges, point), within(&b_ranges, point));
                prop_assert_eq!(a.contains(point), in_a);
                prop_assert_eq!(or.contains(point), in_a || in_b);
                prop_assert_eq!(and.contains(point), in_a && in_b);
                prop_assert_eq!(minus.contains(point), in_a && !in_b);
            }
            for set in [&a, &or, &and, &minus] {
                prop_assert_eq!(&Intervals::from_ranges(set.ranges().iter().copied()), set, "canonical");
            }
        }
    }
}
