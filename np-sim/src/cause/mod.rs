//! Causes: which changes of the input bring a change of connectivity about, found by making them.
//!
//! Most changes of the input cannot concern a pair at all: a policy that selects neither end, a rule that matches no peer of
//! theirs, labels of others. So the pairs that change alike are first divided by what can concern them. Where that is
//! one thing, it is the cause. Else the base is changed by a part of these things, fewest first, and compared with what
//! it was: the pairs that have what the head gives them by then have found their cause.
//!
//! ```text
//!   concern  what can concern one end of a pair
//!   divide   groups of pairs by what can concern them
//!   try_out  the base with some changes, and which pairs then have what the head gives them
//!   search   the smallest sets of changes, fewest first
//!   region   products of two groups: common parts, what is left, how many pairs there are
//! ```

mod concern;
mod divide;
mod region;
mod search;
mod try_out;

use np_model::delta::{DeltaId, Deltas};

use self::concern::Concerns;
use self::divide::Divide;
use self::region::Region;
use self::search::{Search, WORK};
use crate::diff::{Change, Difference};

/// A change with what brings it about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caused {
    /// Pairs that change alike, for the same cause.
    pub change: Change,
    /// The smallest set of changes of the input that does it: made to the base, they give these pairs what the head
    /// gives them, and no part of them does. Ascending.
    pub cause: Vec<DeltaId>,
    /// Whether that no part of them does is proven. It is, but where very many changes concern the same pairs
    /// ([`causes`]): then these are all that concern the pairs.
    pub is_smallest: bool,
}

/// The changes of a difference, divided by cause; together they are the same pairs. Of several causes of one size, the
/// first in the order of [`Deltas::all`] counts, as far as its changes concern the pair: an end, its namespace, a
/// policy that selects the source for egress or the destination for ingress, or a rule of one that may mean the other end.
///
/// Costs about what it costs to apply and compare each of the changes that meet others in a pair. At most 256 sets
/// of changes are tried (32 where that takes a compile, as objects come or go), fewer where very much changes: eight
/// million steps are made, for pods, members of groups, and each class for each rule of what is tried. Groups are divided
/// into at most 4,096 parts by what concerns them. For what is left, all that concerns the pairs stands. None of this
/// depends on the clock.
///
/// The difference must be that of the models of the deltas.
pub fn causes(deltas: &Deltas<'_>, difference: &Difference) -> Vec<Caused> {
    causes_within(deltas, difference, WORK)
}

/// The same with so much work.
fn causes_within(deltas: &Deltas<'_>, difference: &Difference, most_work: u64) -> Vec<Caused> {
    let concerns = Concerns::of(deltas);
    let mut divide = Divide::new(&concerns);
    let mut search = Search::new(deltas, most_work);
    let mut found = Vec::new();
    for change in &difference.changes {
        let mut parts: Vec<(Vec<DeltaId>, bool, Region)> = Vec::new();
        for share in divide.shares(change) {
            search.causes(change, share, &mut parts);
        }
        found.extend(region::collect(deltas.models, change, parts));
    }
    found
}

#[cfg(test)]
mod tests {
    use np_model::delta::Deltas;
    use np_model::{Assumptions, Input, Model, compile_anyway};

    use super::{WORK, causes_within};
    use crate::diff;

    /// Two pods, and policies that select the second: `p` and `q` isolate it, `z` closes most of its egress.
    fn model(policies: &[&str]) -> Model {
        let pod = |name: &str| {
            format!(
                "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, namespace: space, labels: {{app: {name}}}}}\nspec: {{}}\nstatus: {{phase: Running}}\n---\n"
            )
        };
        let policy = |name: &&str| {
            let rules =
                if *name == "z" { ", egress: [{ports: [{port: 80}]}], policyTypes: [Egress]" } else { "" };
            format!(
                "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: {name}, namespace: space}}\nspec: {{podSelector: {{matchLabels: {{app: b}}}}{rules}}}\n---\n"
            )
        };
        let text = pod("a") + &pod("b") + &policies.iter().map(policy).collect::<String>();
        let mut input = Input::default();
        input.text("a.yaml", text.into_bytes());
        assert!(!input.has_errors(), "{:?}", input.into_invalid().diagnostics);
        compile_anyway(input, &Assumptions::default())
    }

    #[test]
    fn without_work_all_that_concerns_a_pair_is_its_cause() {
        let (base, head) = (model(&["p", "q", "z"]), model(&[]));
        let (deltas, difference) = (Deltas::of(&base, &head), diff(&base, &head));
        let found = |most_work| {
            let found = causes_within(&deltas, &difference, most_work);
            assert!(!found.is_empty());
            found.into_iter().map(|one| (one.cause.len(), one.is_smallest)).collect::<Vec<_>>()
        };
        let (all, none) = (found(WORK), found(0));
        assert!(all.iter().all(|(_, is_smallest)| *is_smallest), "{all:?}");
        assert!(none.iter().any(|(_, is_smallest)| !is_smallest), "{none:?}");
        let changes: usize = none.iter().map(|(changes, _)| *changes).max().unwrap_or_default();
        assert!(all.iter().all(|(own, _)| *own <= changes), "{all:?} {none:?}");
    }
}
