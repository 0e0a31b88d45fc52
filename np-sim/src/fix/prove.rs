//! Whether steps do what they are to do: the model is changed, asked again, and compared.

use std::collections::BTreeMap;

use np_model::Model;
use np_model::apply::Changes;
use np_model::conn::AskedPort;
use np_model::edit::{Change, changed};
use np_model::ir::{Policy, PolicyId};

use super::{Aim, Step};
use crate::diff::{Comparer, Difference};
use crate::endpoint::Endpoint;
use crate::reach::reach;
use crate::verdict::Verdict;

/// What is to be fixed.
pub(super) struct Question<'a> {
    pub(super) model: &'a Model,
    pub(super) from: &'a Endpoint,
    pub(super) to: &'a Endpoint,
    pub(super) asked: &'a [AskedPort],
    pub(super) aim: Aim,
}

/// The changes of each policy, in order.
pub(super) fn by_policy(steps: &[Step]) -> BTreeMap<PolicyId, Vec<Change>> {
    let mut changes: BTreeMap<PolicyId, Vec<Change>> = BTreeMap::new();
    for step in steps {
        if let Step::Change(policy, change) = step {
            changes.entry(*policy).or_default().push(change.clone());
        }
    }
    changes
}

impl Question<'_> {
    /// What the steps change besides what they are for; `None` if they are not possible or do not do that. The
    /// comparer is of the model.
    pub(super) fn prove(&self, comparer: &mut Comparer<'_>, steps: &[Step]) -> Option<Difference> {
        let mut policies: Vec<Policy> = Vec::new();
        for (policy, changes) in by_policy(steps) {
            policies.push(changed(self.model.policy(policy), &changes).ok()?);
        }
        policies.extend(steps.iter().filter_map(|step| match step {
            Step::New(policy) => Some((**policy).clone()),
            Step::Change(..) => None,
        }));
        let mut changes = Changes::default();
        for policy in policies {
            changes.put(policy);
        }
        let head = self.model.apply(&changes);
        let reach = reach(&head, self.from, self.to, self.asked).ok()?;
        let aimed = match self.aim {
            Aim::Open => Verdict::Allowed,
            Aim::Deny => Verdict::Denied,
        };
        if reach.verdict() != aimed {
            return None;
        }
        Some(comparer.diff(&head).besides(self.model, &head, self.from, self.to, &reach.asked))
    }
}
