//! Sets of classes, as bits: what peers match, and what rows are made of.
//!
//! Classes are numbered namespace by namespace, so most sets lie close together. A set keeps the words
//! of bits from its first to its last member only: one class costs a word, the pods of a namespace a few,
//! and whoever is everywhere one bit for each class. All algebra is on whole words.

use std::ops::Range;

use smallvec::SmallVec;

use super::ClassId;

/// A set of classes.
///
/// Equal sets are equal values: no word at either end is empty.
#[derive(Debug, Default, PartialEq, Eq, Hash)]
pub struct ClassSet {
    /// How many words of zeros come before.
    first: usize,
    words: Words,
}

/// Most sets are of one namespace, and fit into the two words that need no memory of their own.
type Words = SmallVec<[u64; 2]>;

const BITS: usize = u64::BITS as usize;

impl Clone for ClassSet {
    fn clone(&self) -> Self {
        // Copies words, where the derived one would clone each.
        Self { first: self.first, words: Words::from_slice(&self.words) }
    }
}

impl ClassSet {
    /// The classes with these positions.
    pub fn range(range: Range<usize>) -> Self {
        if range.is_empty() {
            return Self::default();
        }
        let (first, last) = (range.start / BITS, (range.end - 1) / BITS);
        let mut words = Words::from_elem(u64::MAX, last + 1 - first);
        words[0] &= u64::MAX << (range.start % BITS);
        words[last - first] &= u64::MAX >> (BITS - 1 - (range.end - 1) % BITS);
        Self { first, words }
    }

    /// Whether a class is in it.
    pub fn contains(&self, class: ClassId) -> bool {
        let (word, bit) = (class.index() / BITS, class.index() % BITS);
        let word = word.checked_sub(self.first).and_then(|at| self.words.get(at));
        word.is_some_and(|word| word >> bit & 1 == 1)
    }

    /// Whether there is no class in it.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// How many classes are in it.
    pub fn len(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Its words of bits that are not all zero: the position of the first class of each, and the bits,
    /// lowest first.
    pub fn words(&self) -> impl Iterator<Item = (usize, u64)> {
        let words = self.words.iter().zip(self.first..).map(|(word, at)| (at * BITS, *word));
        words.filter(|(_, word)| *word != 0)
    }

    /// The classes, ascending.
    pub fn iter(&self) -> impl Iterator<Item = ClassId> {
        self.words().flat_map(|(base, word)| Ones { word, base })
    }

    /// The classes with positions in this range, ascending; takes a step for each 64 of the range.
    pub fn within(&self, range: &Range<usize>) -> impl Iterator<Item = ClassId> {
        let (start, end) = (range.start, range.end);
        let words = start / BITS..end.div_ceil(BITS);
        let words = words.start.max(self.first)..words.end.min(self.first + self.words.len());
        words.flat_map(move |at| {
            let base = at * BITS;
            let mut word = self.words[at - self.first];
            if start > base {
                word &= u64::MAX << (start - base);
            }
            if end < base + BITS {
                word &= !(u64::MAX << (end - base));
            }
            Ones { word, base }
        })
    }

    /// Adds a class.
    pub fn insert(&mut self, class: ClassId) {
        let word = class.index() / BITS;
        self.cover(word..word + 1);
        self.words[word - self.first] |= 1 << (class.index() % BITS);
    }

    /// Adds the classes of another set.
    pub fn unite(&mut self, other: &Self) {
        if other.is_empty() {
            return;
        }
        if self.is_empty() {
            self.clone_from(other);
            return;
        }
        self.cover(other.window());
        let start = other.first - self.first;
        for (word, other) in self.words[start..].iter_mut().zip(&other.words) {
            *word |= other;
        }
    }

    /// Adds the classes that are in both of two other sets.
    pub fn unite_both(&mut self, a: &Self, b: &Self) {
        let Some(mut common) = a.common(b) else { return };
        let both = |at: usize| a.words[at - a.first] & b.words[at - b.first];
        while !common.is_empty() && both(common.start) == 0 {
            common.start += 1;
        }
        while !common.is_empty() && both(common.end - 1) == 0 {
            common.end -= 1;
        }
        if common.is_empty() {
            return;
        }
        self.cover(common.clone());
        let own = &mut self.words[common.start - self.first..common.end - self.first];
        let theirs = a.words[common.start - a.first..].iter().zip(&b.words[common.start - b.first..]);
        for (word, (a, b)) in own.iter_mut().zip(theirs) {
            *word |= a & b;
        }
    }

    /// Takes out the classes of another set.
    pub fn remove(&mut self, other: &Self) {
        let Some(common) = self.common(other) else { return };
        let theirs = &other.words[common.start - other.first..common.end - other.first];
        let own = &mut self.words[common.start - self.first..common.end - self.first];
        for (word, other) in own.iter_mut().zip(theirs) {
            *word &= !other;
        }
        self.trim();
    }

    /// Whether a class is in both.
    pub fn meets(&self, other: &Self) -> bool {
        self.common(other).is_some_and(|common| {
            let own = &self.words[common.start - self.first..common.end - self.first];
            let theirs = &other.words[common.start - other.first..common.end - other.first];
            own.iter().zip(theirs).any(|(word, other)| word & other != 0)
        })
    }

    /// How many classes are in both.
    pub fn count_common(&self, other: &Self) -> usize {
        let Some(common) = self.common(other) else { return 0 };
        let own = &self.words[common.start - self.first..common.end - self.first];
        let theirs = &other.words[common.start - other.first..common.end - other.first];
        own.iter().zip(theirs).map(|(word, other)| (word & other).count_ones() as usize).sum()
    }

    /// The classes in both.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let Some(common) = self.common(other) else { return Self::default() };
        let own = &self.words[common.start - self.first..common.end - self.first];
        let theirs = &other.words[common.start - other.first..common.end - other.first];
        let mut both = Self { first: common.start, words: Words::from_slice(own) };
        both.words.iter_mut().zip(theirs).for_each(|(word, other)| *word &= other);
        both.trim();
        both
    }

    /// The classes in either.
    #[must_use]
    pub fn or(&self, other: &Self) -> Self {
        let mut either = self.clone();
        either.unite(other);
        either
    }

    /// The classes in this but not in `other`.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        let mut rest = self.clone();
        rest.remove(other);
        rest
    }

    /// The same classes under other numbers: each run of positions begins anew at the position beside it. A
    /// class in several runs is in the set as often.
    #[must_use]
    pub(crate) fn renumbered(&self, runs: &[(Range<usize>, usize)]) -> Self {
        let mut set = Self::default();
        for (run, start) in runs {
            set.copy(self, run.clone(), *start);
        }
        set
    }

    /// Takes out the classes from a position on.
    pub(crate) fn truncate(&mut self, end: usize) {
        if end < self.end() {
            *self = self.renumbered(&[(0..end, 0)]);
        }
    }

    /// The position behind the last word: no class is there or beyond.
    pub(crate) fn end(&self) -> usize {
        self.window().end * BITS
    }

    /// Adds the classes of a run of positions of another set, from `start` on.
    fn copy(&mut self, other: &Self, run: Range<usize>, start: usize) {
        let window = other.window();
        for at in (run.start / BITS).max(window.start)..run.end.div_ceil(BITS).min(window.end) {
            let first = run.start.max(at * BITS);
            let mut word = other.words[at - other.first] >> (first % BITS);
            if run.end - first < BITS {
                word &= (1 << (run.end - first)) - 1;
            }
            let (at, bit) = ((first - run.start + start) / BITS, (first - run.start + start) % BITS);
            let beyond = if bit == 0 { 0 } else { word >> (BITS - bit) };
            for (at, word) in [(at, word << bit), (at + 1, beyond)] {
                if word != 0 {
                    self.cover(at..at + 1);
                    self.words[at - self.first] |= word;
                }
            }
        }
    }

    fn window(&self) -> Range<usize> {
        self.first..self.first + self.words.len()
    }

    /// The words that both have; `None` if there are none.
    fn common(&self, other: &Self) -> Option<Range<usize>> {
        let (own, theirs) = (self.window(), other.window());
        let common = own.start.max(theirs.start)..own.end.min(theirs.end);
        (!common.is_empty()).then_some(common)
    }

    /// Makes room for these words.
    #[inline]
    fn cover(&mut self, window: Range<usize>) {
        let own = self.window();
        if window.start < own.start || window.end > own.end {
            self.widen(window);
        }
    }

    fn widen(&mut self, window: Range<usize>) {
        if self.words.is_empty() {
            self.first = window.start;
            self.words = Words::from_elem(0, window.len());
            return;
        }
        if window.start < self.first {
            let missing = self.first - window.start;
            self.words.insert_many(0, std::iter::repeat_n(0, missing));
            self.first = window.start;
        }
        let end = window.end - self.first;
        if end > self.words.len() {
            self.words.resize(end, 0);
        }
    }

    /// Gives up the empty words at both ends.
    fn trim(&mut self) {
        let Some(last) = self.words.iter().rposition(|word| *word != 0) else {
            self.words.clear();
            self.first = 0;
            return;
        };
        self.words.truncate(last + 1);
        let empty = self.words.iter().take_while(|word| **word == 0).count();
        if empty > 0 {
            self.words.drain(..empty);
            self.first += empty;
        }
    }
}

/// The classes of one word.
struct Ones {
    word: u64,
    /// The class of its first bit.
    base: usize,
}

impl Iterator for Ones {
    type Item = ClassId;

    fn next(&mut self) -> Option<ClassId> {
        if self.word == 0 {
            return None;
        }
        let bit = self.word.trailing_zeros() as usize;
        self.word &= self.word - 1;
        Some(ClassId::at(self.base + bit))
    }
}

impl FromIterator<ClassId> for ClassSet {
    fn from_iter<I: IntoIterator<Item = ClassId>>(classes: I) -> Self {
        let mut set = Self::default();
        for class in classes {
            set.insert(class);
        }
        set
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::ClassSet;
    use crate::model::ClassId;

    fn sets() -> impl Strategy<Value = (BTreeSet<usize>, ClassSet)> {
        let edge = prop_oneof![0_usize..4, 62_usize..66, 126_usize..130, 640_usize..645];
        prop::collection::btree_set(edge, 0..8).prop_map(|members| {
            let set = members.iter().rev().copied().map(ClassId::at).collect();
            (members, set)
        })
    }

    fn members(set: &ClassSet) -> BTreeSet<usize> {
        set.iter().map(ClassId::index).collect()
    }

    proptest! {
        #[test]
        fn agrees_with_sets_of_numbers((a_members, a) in sets(), (b_members, b) in sets()) {
            prop_assert_eq!(members(&a), a_members.clone());
            prop_assert_eq!(a.len(), a_members.len());
            prop_assert_eq!(members(&a.or(&b)), &a_members | &b_members);
            prop_assert_eq!(members(&a.and(&b)), &a_members & &b_members);
            prop_assert_eq!(members(&a.minus(&b)), &a_members - &b_members);
            prop_assert_eq!(a.count_common(&b), (&a_members & &b_members).len());
            prop_assert_eq!(a.meets(&b), !a_members.is_disjoint(&b_members));
            for range in [0..0, 0..3, 2..64, 63..65, 64..128, 100..641, 642..700, 700..800] {
                let inside: BTreeSet<usize> =
                    a_members.iter().copied().filter(|member| range.contains(member)).collect();
                prop_assert_eq!(a.within(&range).map(ClassId::index).collect::<BTreeSet<_>>(), inside);
            }
            for class in 0..700 {
                prop_assert_eq!(a.contains(ClassId::at(class)), a_members.contains(&class));
            }
            for set in [&a, &a.or(&b), &a.and(&b), &a.minus(&b)] {
                let again: ClassSet = set.iter().collect();
                prop_assert_eq!(set.is_empty(), members(set).is_empty());
                prop_assert_eq!(&again, set, "canonical");
            }
        }

        #[test]
        fn runs_move(
            (members, set) in sets(),
            runs in prop::collection::vec((0_usize..700, 0_usize..200, 0_usize..700), 0..4),
        ) {
            let runs: Vec<_> = runs.into_iter().map(|(old, len, new)| (old..old + len, new)).collect();
            let moved: BTreeSet<usize> = runs
                .iter()
                .flat_map(|(old, new)| {
                    members.iter().filter(|at| old.contains(at)).map(move |at| at - old.start + new)
                })
                .collect();
            let set = set.renumbered(&runs);
            prop_assert_eq!(&set, &moved.iter().copied().map(ClassId::at).collect(), "canonical");
            prop_assert!(moved.iter().all(|at| *at < set.end()));
        }

        #[test]
        fn both_are_added((_, a) in sets(), (_, b) in sets(), (_, c) in sets()) {
            let mut set = c.clone();
            set.unite_both(&a, &b);
            prop_assert_eq!(set, c.or(&a.and(&b)));
        }

        #[test]
        fn ranges_hold_what_lies_in_them(first in 0_usize..200, len in 0_usize..200) {
            prop_assert_eq!(members(&ClassSet::range(first..first + len)), (first..first + len).collect());
        }
    }
}
