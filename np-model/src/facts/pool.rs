//! What many objects say alike, kept once: label sets, port lists, selectors and long names.
//!
//! The replicas of a workload differ in little but name and address. A pool remembers what was read
//! lately, so that of equal values one is made and the others share it. It only ever saves room: two
//! equal values that are not shared mean the same.

use std::hash::{BuildHasher, Hash};
use std::sync::Arc;

use rustc_hash::{FxBuildHasher, FxHashMap};
use smol_str::SmolStr;

use super::ContainerPort;
use super::labels::Label;
use crate::selector::{Requirement, Selector};

/// Values read lately.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pool {
    names: Recent<SmolStr>,
    labels: Recent<Arc<[Label]>>,
    ports: Recent<Arc<[ContainerPort]>>,
    /// Those that ask for labels only, by these; and others.
    by_labels: Recent<Selector>,
    selectors: Recent<Selector>,
}

impl Pool {
    /// A name that other objects probably say as well.
    pub(crate) fn name(&mut self, text: &str) -> SmolStr {
        name(&mut self.names, text)
    }

    /// Labels sorted by key, each key once.
    pub(super) fn labels(&mut self, labels: &[(&str, &str)]) -> Arc<[Label]> {
        let Self { names, labels: known, .. } = self;
        let is_same = |known: &Arc<[Label]>| {
            let pairs = known.iter().map(|(key, value)| (key.as_str(), value.as_str()));
            pairs.eq(labels.iter().copied())
        };
        let mut make = |&(key, value): &(&str, &str)| (name(names, key), name(names, value));
        known.find_or(labels, is_same, || labels.iter().map(&mut make).collect())
    }

    /// A selector that asks for these labels, which are sorted by key, each key once.
    pub(crate) fn by_labels(&mut self, labels: &[(&str, &str)]) -> Selector {
        let is_same = |known: &Selector| {
            let terms = known.requirements().iter().map(|term| match term {
                Requirement::In(key, values) => (key.as_str(), values.first().map(String::as_str)),
                _ => (term.key(), None),
            });
            terms.eq(labels.iter().map(|(key, value)| (*key, Some(*value))))
        };
        let make = || {
            let term =
                |&(key, value): &(&str, &str)| Requirement::In(key.to_owned(), [value.to_owned()].into());
            Selector::new(labels.iter().map(term))
        };
        if labels.is_empty() { Selector::default() } else { self.by_labels.find_or(labels, is_same, make) }
    }

    /// A selector of any terms.
    pub(crate) fn selector(&mut self, selector: &Selector) -> Selector {
        self.selectors.find_or(selector, |known| known == selector, || selector.clone())
    }

    /// The ports of a pod.
    pub(super) fn ports(&mut self, ports: &[ContainerPort]) -> Arc<[ContainerPort]> {
        self.ports.find_or(ports, |known| **known == *ports, || ports.into())
    }
}

/// Short names need no room of their own.
fn name(names: &mut Recent<SmolStr>, text: &str) -> SmolStr {
    let name = || SmolStr::new(text);
    if text.len() <= INLINE { name() } else { names.find_or(text, |known| known == text, name) }
}

/// How many bytes a [`SmolStr`] holds itself.
const INLINE: usize = 23;

/// Values by their hash: of two with one hash, the later.
#[derive(Debug, Clone)]
struct Recent<T> {
    by_hash: FxHashMap<u64, T>,
}

/// How many values are remembered before all are forgotten.
const MANY: usize = 1 << 16;

impl<T> Default for Recent<T> {
    fn default() -> Self {
        Self { by_hash: FxHashMap::default() }
    }
}

impl<T: Clone> Recent<T> {
    /// The value equal to `key`, made if it is not there.
    fn find_or<K: Hash + ?Sized>(
        &mut self,
        key: &K,
        is_same: impl Fn(&T) -> bool,
        make: impl FnOnce() -> T,
    ) -> T {
        let hash = FxBuildHasher.hash_one(key);
        if let Some(known) = self.by_hash.get(&hash).filter(|known| is_same(known)) {
            return known.clone();
        }
        if self.by_hash.len() == MANY {
            self.by_hash.clear();
        }
        let new = make();
        self.by_hash.insert(hash, new.clone());
        new
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::Pool;

    #[test]
    fn equal_values_are_shared_and_others_are_not() {
        let mut pool = Pool::default();
        let one = pool.labels(&[("app", "web"), ("tier", "front")]);
        assert!(Arc::ptr_eq(&one, &pool.labels(&[("app", "web"), ("tier", "front")])));
        for other in [&[("app", "web"), ("tier", "back")][..], &[("app", "web")], &[]] {
            let found = pool.labels(other);
            let pairs: Vec<_> = found.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
            assert_eq!(pairs, other);
        }
        let long = "a-name-that-is-longer-than-what-fits-a-small-string";
        assert_eq!(pool.name(long).as_ptr(), pool.name(long).as_ptr());
        assert_eq!((pool.name(long).as_str(), pool.name("web").as_str()), (long, "web"));
    }
}
