//! Places of a list that nobody refers to, to be used again.

/// The places, lowest first.
pub(super) struct Slots {
    is_used: Vec<bool>,
    next: usize,
}

impl Slots {
    /// By place: whether it is in use.
    pub(super) fn of(is_used: Vec<bool>) -> Self {
        Self { is_used, next: 0 }
    }

    /// Puts an item in the first free place, or at the end; gives the place.
    pub(super) fn put<T>(&mut self, items: &mut Vec<T>, item: T) -> usize {
        while self.is_used.get(self.next) == Some(&true) {
            self.next += 1;
        }
        let at = self.next;
        self.next += 1;
        match items.get_mut(at) {
            Some(place) => *place = item,
            None => items.push(item),
        }
        at
    }
}

#[cfg(test)]
mod tests {
    use super::Slots;

    #[test]
    fn fills_the_gaps_and_then_grows() {
        let mut items = vec!["a", "b", "c", "d"];
        let mut slots = Slots::of(vec![true, false, true, false]);
        let places = ["x", "y", "z", "w"].map(|item| slots.put(&mut items, item));
        assert_eq!(places, [1, 3, 4, 5]);
        assert_eq!(items, ["a", "x", "c", "y", "z", "w"]);
    }
}
