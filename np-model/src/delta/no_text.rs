//! Without a reader of text no document is read again: places in them are not known.
#![expect(clippy::unused_self, reason = "the same as with a reader")]

use std::marker::PhantomData;

use crate::origin::{Location, Sources};

/// Finds nothing.
pub(super) struct Reread<'m>(PhantomData<&'m Sources>);

impl<'m> Reread<'m> {
    pub(super) fn new(_sources: &'m Sources) -> Self {
        Self(PhantomData)
    }

    pub(super) fn label(&mut self, _name: Location, _has_template: bool, _key: &str) -> Option<Location> {
        None
    }

    pub(super) fn field(&mut self, _name: Location, _field: &str, _item: Option<&str>) -> Option<Location> {
        None
    }
}
