//! Edits within policies that are not evaluated: they make the same answers unknown as before, and show nowhere else.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::Deltas;
use crate::ir::{Unevaluated, UnevaluatedId};
use crate::model::Model;
use crate::refine::Aligned;

impl Deltas<'_> {
    /// Policies that are in both models and evaluated in neither, and that say something else in the head: by their ids in
    /// both, ascending. What comes and goes, or is about others than before, is among [`Deltas::all`].
    pub fn unread_edits(&self) -> Vec<Aligned<UnevaluatedId>> {
        let [before, after] = self.models.map(by_object);
        let mut found = Vec::new();
        for (object, mut old) in before {
            let mut new = after.get(&object).cloned().unwrap_or_default();
            let [base, head] = self.models;
            // Texts that are no objects are all called alike.
            old.retain(|id| {
                let same =
                    |other: &UnevaluatedId| head.unevaluated(*other).content == base.unevaluated(*id).content;
                let same = new.iter().position(same);
                same.map(|at| new.remove(at)).is_none()
            });
            found.extend(old.into_iter().zip(new).map(|(a, b)| Aligned::Both(a, b)));
        }
        found.sort_unstable();
        found
    }
}

fn by_object(model: &Model) -> FxHashMap<Unevaluated, Vec<UnevaluatedId>> {
    let mut found: FxHashMap<Unevaluated, Vec<UnevaluatedId>> = FxHashMap::default();
    for (one, id) in model.rules().unevaluated.iter().zip((0..).map(UnevaluatedId::at)) {
        found.entry(bare(one)).or_default().push(id);
    }
    found
}

/// Whom it concerns and how, without what it says and where it stands.
pub(super) fn bare(one: &Unevaluated) -> Unevaluated {
    Unevaluated { at: None, content: Arc::default(), ..one.clone() }
}
