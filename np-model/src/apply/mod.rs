//! Changes: a model that differs in some objects, without compiling everything again.
//!
//! What-if questions, differences and watching all ask for a model that is almost the one there is. A
//! model is immutable and shares its parts, so the changed one is a new model that takes over what the
//! changes leave alone. They are made one kind after the other, each on the model that the one before gives:
//!
//! ```text
//!   namespaces   with other labels: peers that mean them now and did not are asked about their classes
//!   pods         who is there is settled (`plan`), then each pod asked alone how it looks to the rules: it joins the class that looks the same, or
//!                is one of its own; of addresses, what is external is found again where that changes
//!   policies     their selectors answered, the policies of their namespaces' classes edited, external
//!                addresses placed again if other blocks are in use
//! ```
//!
//! Where rules tell apart members of a class now, `refine` divides it; `renumber` moves what is behind. Classes
//! are never united, but for those that are left empty: they may be finer than a fresh compile has them, and
//! answers are the same. Ids of policies, pods and namespaces are positions in sorted lists as ever; other ids
//! are the model's own.
//!
//! Each gives up where a change is about everything, or too rare for a way of its own. Then all is compiled
//! again from the facts that the model keeps:
//!
//! - a namespace comes into being, or goes: with its object, its last pod or its last policy;
//! - a pod on its node's network is added, removed or replaced, or one that has finished;
//! - a pod of a workload finishes; a workload gets its first pod or loses its last, or a pod another workload:
//!   templates may stand, or fall, for it;
//! - the families of the cluster change, or where pods without an address lie;
//! - policies bring other port names into use that some pod has, or the last policy with one goes.

mod blocks;
mod changes;
mod graft;
mod look;
mod namespaces;
mod peers;
mod plan;
mod pods;
mod policies;
mod refine;
mod renumber;
mod selecting;
mod slots;

use std::sync::Arc;

pub use self::changes::{Changes, NoChange};
use crate::compile::{Told, build};
use crate::ir::Policy;
use crate::model::Model;

impl Model {
    /// The model of the changed input. What cannot be evaluated in this one is not in the changed one
    /// either: unevaluated policies and errors stay.
    ///
    /// Costs some bytes to copy for each class and policy, and for each pod if pods change or a class is
    /// divided. Beside that, policies that change cost in proportion to the pods of their namespaces and of
    /// those that their new peers mean; a pod, to the different selectors that concern its namespace; a
    /// namespace, to its classes and the peers that begin to mean it. Changes to more than that, which
    /// [the module](crate::apply) lists, cost a compile.
    #[must_use]
    pub fn apply(&self, changes: &Changes) -> Self {
        let told = changes.told(self);
        let merged = policies::Merged::of(&self.rules.policies, &changes.policies);
        let mut model = self.clone();
        let is_done = namespaces::apply(&mut model, changes)
            .and_then(|()| pods::apply(&mut model, changes))
            .and_then(|()| policies::apply(&mut model, &merged));
        if is_done.is_none() {
            return self.again(told, merged.all, changes);
        }
        let Told { sources, diagnostics, ignored_kinds } = told;
        Self { sources, diagnostics, ignored_kinds, ..model }
    }

    /// Compiles again from what the model keeps.
    fn again(&self, told: Told, policies: Vec<Arc<Policy>>, changes: &Changes) -> Self {
        let basis = self.basis.settled(|facts| changes.make(facts));
        build(told, Arc::new(basis), policies, self.rules.unevaluated.clone())
    }
}
