//! A pseudo-random source of our own, so that a seed means the same cluster with any version of
//! any dependency.

/// SplitMix64: tiny, fast, and as random as a made-up cluster needs.
#[derive(Debug)]
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number less than `end`, which is not zero.
    pub(super) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).expect("less than a usize")
    }

    /// A number of a closed range.
    pub(super) fn within(&mut self, first: u16, last: u16) -> u16 {
        let offset = self.below(usize::from(last - first) + 1);
        first + u16::try_from(offset).expect("within 16 bits")
    }

    pub(super) fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }

    pub(super) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    /// Some of the items, none twice, in their order; all if there are no more.
    pub(super) fn some<'a, T>(&mut self, from: &'a [T], count: usize) -> Vec<&'a T> {
        let mut places: Vec<usize> = Vec::with_capacity(count);
        while places.len() < count.min(from.len()) {
            let place = self.below(from.len());
            if !places.contains(&place) {
                places.push(place);
            }
        }
        places.sort_unstable();
        places.into_iter().map(|place| &from[place]).collect()
    }
}
