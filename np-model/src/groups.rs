//! Lists one behind the other, where many are short: two blocks of memory in place of one for each list.

/// Lists, by number.
#[derive(Debug, Clone, Default)]
pub struct Groups<T> {
    /// Where each ends.
    ends: Vec<usize>,
    items: Vec<T>,
}

impl<T: Copy> Groups<T> {
    /// Deals all to so many lists, each in the order given; `split` says which list one belongs to, and what is
    /// kept of it. Linear.
    ///
    /// ```
    /// use np_model::groups::Groups;
    ///
    /// let groups = Groups::of(3, &[(2, 'a'), (0, 'b'), (2, 'c')], |one| *one);
    /// assert_eq!((groups.get(0), groups.get(1), groups.get(2)), (&['b'][..], &[][..], &['a', 'c'][..]));
    /// ```
    ///
    /// # Panics
    /// If one belongs to a list that is not there.
    pub fn of<A>(groups: usize, all: &[A], split: impl Fn(&A) -> (usize, T)) -> Self {
        let mut ends = vec![0; groups];
        for one in all {
            ends[split(one).0] += 1;
        }
        let mut start = 0;
        for end in &mut ends {
            // For now where each starts, which moves as it fills.
            (*end, start) = (start, start + *end);
        }
        let mut items = all.first().map_or_else(Vec::new, |first| vec![split(first).1; all.len()]);
        for one in all {
            let (group, item) = split(one);
            items[ends[group]] = item;
            ends[group] += 1;
        }
        Self { ends, items }
    }

    /// One list.
    ///
    /// # Panics
    /// If there is no list of this number.
    pub fn get(&self, group: usize) -> &[T] {
        let start = group.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.items[start..self.ends[group]]
    }

    /// The lists, in order.
    pub fn iter(&self) -> impl Iterator<Item = &[T]> {
        (0..self.ends.len()).map(|group| self.get(group))
    }
}
