//! Anchors and the aliases that copy them, within Kubernetes' limits.
//!
//! A few lines of aliases to aliases stand for billions of values. Go's yaml refuses a document
//! when too large a share of what it decodes comes from aliases; the same share is kept here, and
//! is checked before anything is copied.

use rustc_hash::FxHashMap;

use crate::load::reading::{Reading, quoted};
use crate::load::tree::What;

/// How large a value is: itself with everything in it, aliases written out.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Size {
    /// How many values Go decodes for it.
    pub(super) values: usize,
    /// How many levels it has.
    pub(super) depth: usize,
}

impl Size {
    /// A value without content.
    pub(super) const LEAF: Self = Self { values: 1, depth: 0 };
    /// An empty list or map.
    pub(super) const EMPTY: Self = Self { values: 1, depth: 1 };

    /// Adds a value that lies in this one.
    pub(super) fn add(&mut self, inner: Self) {
        self.values = self.values.saturating_add(inner.values);
        self.depth = self.depth.max(inner.depth + 1);
    }
}

/// The anchors of one document.
#[derive(Default)]
pub(super) struct Anchors {
    known: FxHashMap<String, Anchor>,
    /// How many anchors there were.
    opened: usize,
    /// How many values were decoded.
    decoded: usize,
    /// How many of these came from aliases.
    aliased: usize,
}

/// What an anchor stands for.
enum Anchor {
    /// A value that is still being read: the one that took the anchor as the so-manieth.
    Open(usize),
    /// A value and its size.
    Known(Anchored, Size),
}

/// Where what an anchor stands for is in the document read so far.
#[derive(Debug, Clone, Copy)]
pub(super) enum Anchored {
    /// A value, by its slot.
    Value(usize),
    /// The key of a map, as the value that it would be, and where it stands.
    Key(What, u32),
}

impl Anchors {
    /// Counts a value that is written out.
    pub(super) fn count(&mut self) -> Result<(), String> {
        self.decoded += 1;
        self.check()
    }

    /// From here on the anchor is that of a value being read, which [`close`](Self::close) takes
    /// by the number given here.
    pub(super) fn open(&mut self, anchor: &str) -> usize {
        self.opened += 1;
        self.known.insert(anchor.to_owned(), Anchor::Open(self.opened));
        self.opened
    }

    /// Keeps the value of an anchor, unless another value in it has taken the anchor over.
    ///
    /// Gives whether the text may still copy that much.
    pub(super) fn close(
        &mut self,
        reading: &mut Reading<'_>,
        anchor: &str,
        number: usize,
        value: Anchored,
        size: Size,
    ) -> bool {
        if let Some(known @ Anchor::Open(_)) = self.known.get_mut(anchor)
            && matches!(known, Anchor::Open(opened) if *opened == number)
        {
            reading.copies = reading.copies.saturating_add(size.values);
            if !reading.is_full() {
                *known = Anchor::Known(value, size);
            }
        }
        !reading.is_full()
    }

    /// The value that an alias stands for.
    pub(super) fn alias(
        &mut self,
        reading: &mut Reading<'_>,
        anchor: &str,
    ) -> Result<(Anchored, Size), String> {
        let size = match self.known.get(anchor) {
            None => return Err(format!("unknown anchor {}", quoted(anchor))),
            Some(Anchor::Open(_)) => return Err(format!("anchor {} contains itself", quoted(anchor))),
            Some(Anchor::Known(_, size)) => *size,
        };
        self.decoded = self.decoded.saturating_add(1).saturating_add(size.values);
        self.aliased = self.aliased.saturating_add(size.values);
        self.check()?;
        reading.copies = reading.copies.saturating_add(size.values);
        match self.known.get(anchor) {
            Some(Anchor::Known(value, _)) if !reading.is_full() => {
                Ok((*value, Size { values: size.values + 1, ..size }))
            }
            _ => Err("aliases copy too much".to_owned()),
        }
    }

    fn check(&self) -> Result<(), String> {
        if self.aliased > 100
            && self.decoded > 1000
            && share(self.aliased, self.decoded) > allowed(self.decoded)
        {
            return Err("excessive aliasing: nearly all of the document comes from aliases".to_owned());
        }
        Ok(())
    }
}

/// The share of aliased values that Go's yaml allows: 99% of up to 400,000 values, falling to 10%
/// of 4,000,000.
fn allowed(decoded: usize) -> f64 {
    const FEW: usize = 400_000;
    const MANY: usize = 4_000_000;
    let between = decoded.clamp(FEW, MANY) - FEW;
    0.99 - 0.89 * share(between, MANY - FEW)
}

#[expect(clippy::cast_precision_loss, reason = "a share need not be exact")]
fn share(part: usize, whole: usize) -> f64 {
    part as f64 / whole as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_allowed_share_falls() {
        let near = |decoded, share: f64| assert!((allowed(decoded) - share).abs() < 1e-9, "{decoded}");
        near(0, 0.99);
        near(400_000, 0.99);
        near(2_200_000, 0.545);
        near(4_000_000, 0.1);
        near(usize::MAX, 0.1);
    }
}
