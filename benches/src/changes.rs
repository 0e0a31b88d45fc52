//! Changes of a model, to be applied: a few of one kind, spread over the cluster.

use np_model::Model;
use np_model::apply::Changes;
use np_model::ir::Policy;

/// How many objects change at once.
const COUNT: usize = 5;

/// Five policies, each of which says from now on what the next one of its namespace says.
///
/// # Panics
/// If the model has no policies.
pub fn policies(model: &Model) -> Changes {
    let all = &model.rules().policies;
    let mut input = Changes::input(model);
    input.policies = spread(all.len())
        .map(|at| {
            let (old, next) = (&all[at], &all[(at + 1) % all.len()]);
            let next = if next.namespace == old.namespace { next } else { &all[at - 1] };
            Policy { name: old.name.clone(), ..Policy::clone(next) }
        })
        .collect();
    Changes::of(input).expect("policies are what changes are about")
}

/// Positions all over a list.
fn spread(len: usize) -> impl Iterator<Item = usize> {
    (0..COUNT).map(move |at| (2 * at + 1) * len / (2 * COUNT))
}
