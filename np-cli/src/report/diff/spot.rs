//! Where a change is pinned: the one place, in a file that the head has, at which tools that show files are to show it.
//!
//! What is gone has no place in the head, and tools show nothing at a place that is not there. So the place is the
//! first of these that lies in the repository:
//!
//! 1. what decides the change, where that stands in the head; of a rule or policy of the base, the policy of that name;
//! 2. the changes of the input that are its cause, likewise;
//! 3. its destinations and sources, or the workloads that it is about;
//! 4. the first line of the file of the head that is nearest to where the cause stood.

use std::cell::OnceCell;

use np_model::delta::{Delta, DeltaId};
use np_model::ir::{PolicyId, RuleId};
use np_model::origin::Location;
use np_model::refine::Aligned;
use np_sim::review::{Decider, Line, Unit, What};

use super::Context;
use crate::report::places::Place;

/// Finds where changes are pinned.
pub(super) struct Spots<'r> {
    context: Context<'r>,
    /// The files that policies and pods of the head stand in, sorted.
    files: OnceCell<Vec<String>>,
}

impl<'r> Spots<'r> {
    pub(super) fn of(context: Context<'r>) -> Self {
        Self { context, files: OnceCell::new() }
    }

    /// Where a line is pinned; `None` if the head has no file in the repository.
    pub(super) fn spot(&self, line: &Line) -> Option<Place> {
        let of_deciders = line.deciders.iter().filter_map(|decider| self.decider(*decider, &line.cause));
        let of_cause = line.cause.iter().filter_map(|id| self.delta(*id));
        let [first, then]: [&[Unit]; 2] = match &line.what {
            What::Between(between) => [&between.to, &between.from],
            What::Alone(alone) => [&alone.units, &[]],
            What::Isolation(isolated) => [&isolated.units, &[]],
        };
        let of_ends = first.iter().chain(then).filter_map(|unit| self.unit(unit));
        let found = of_deciders.chain(of_cause).chain(of_ends).find_map(|at| self.place(at));
        found.or_else(|| self.nearest(line))
    }

    fn place(&self, at: Location) -> Option<Place> {
        self.context.root.pin(&self.context.places[1].place(at))
    }

    fn decider(&self, decider: Decider, cause: &[DeltaId]) -> Option<Location> {
        let head = self.context.deltas.models[1];
        match decider {
            Decider::Allows(rule) | Decider::MayAllow(rule) => head.rule(rule).at,
            Decider::Allowed(rule) => self.successor(rule, cause).or_else(|| self.namesake(rule.policy)),
            Decider::Isolates(policy, direction) => match self.context.switch(1, policy, direction, cause) {
                Some(id) => self.delta(id),
                None => head.policy(policy).at.filter(|_| self.is_touched(1, policy, cause)),
            },
            Decider::NoLongerIsolates(policy, direction) => {
                match self.context.switch(0, policy, direction, cause) {
                    Some(id) => self.delta(id),
                    None => self.namesake(policy).filter(|_| self.is_touched(0, policy, cause)),
                }
            }
            Decider::Delta(id) => self.delta(id),
        }
    }

    /// Whether a cause is about a policy of a side; else it is about the pods, whose places say more.
    fn is_touched(&self, side: usize, policy: PolicyId, cause: &[DeltaId]) -> bool {
        let of = |id: &DeltaId| self.context.deltas.policy(*id);
        cause.iter().filter_map(of).any(|of| of.sides()[side] == Some(policy))
    }

    /// The rule of the head that a cause says a rule of the base has become.
    fn successor(&self, rule: RuleId, cause: &[DeltaId]) -> Option<Location> {
        let become_of = |id: &DeltaId| match self.context.deltas.get(*id) {
            Delta::Rule(Aligned::Both(base, head)) if *base == rule => Some(*head),
            _ => None,
        };
        let rule = cause.iter().find_map(become_of).filter(|rule| self.context.is_listed(*rule))?;
        self.context.deltas.models[1].rule(rule).at
    }

    /// The policy of the head that is called as one of the base.
    fn namesake(&self, policy: PolicyId) -> Option<Location> {
        let [base, head] = self.context.deltas.models;
        let policy = base.policy(policy);
        head.policy(head.find_policy(&policy.namespace, &policy.name)?).at
    }

    fn delta(&self, id: DeltaId) -> Option<Location> {
        let Context { deltas, changed_at, .. } = self.context;
        changed_at[id.index()][1].or_else(|| match deltas.get(id) {
            Delta::Rule(Aligned::Base(rule)) => self.namesake(rule.policy),
            _ => None,
        })
    }

    fn unit(&self, unit: &Unit) -> Option<Location> {
        let pod = unit.pods().first()?.head()?;
        self.context.deltas.models[1].pod(pod).at
    }

    /// The start of the file whose folders are most like those of the file where the cause stood.
    fn nearest(&self, line: &Line) -> Option<Place> {
        let Context { changed_at, places, root, .. } = self.context;
        let stood = line.cause.iter().find_map(|id| changed_at[id.index()][0]);
        let stood = stood.and_then(|at| root.stood(&places[0].place(at).file)).unwrap_or_default();
        let files = self.files.get_or_init(|| self.files());
        // Of those that are as near, the first.
        let file = files.iter().rev().max_by_key(|file| nearness(file, &stood))?;
        Some(Place { file: file.clone(), line: 1, column: 1 })
    }

    fn files(&self) -> Vec<String> {
        let head = self.context.deltas.models[1];
        let of_policies = head.policy_ids().filter_map(|id| head.policy(id).at);
        let of_pods = head.pods().iter().filter_map(|pod| pod.at);
        let mut sources: Vec<Location> =
            of_policies.chain(of_pods).map(|at| Location { offset: 0, ..at }).collect();
        sources.sort_unstable();
        sources.dedup();
        let mut files: Vec<String> =
            sources.into_iter().filter_map(|at| self.place(at)).map(|place| place.file).collect();
        files.sort_unstable();
        files
    }
}

/// How many folders two paths have in common at their start and at their end.
fn nearness(a: &str, b: &str) -> usize {
    let [a, b] = [a, b].map(|path| path.rsplit_once('/').map_or("", |(folders, _)| folders));
    let at_start = a.split('/').zip(b.split('/')).take_while(|(a, b)| a == b).count();
    let at_end = a.rsplit('/').zip(b.rsplit('/')).take_while(|(a, b)| a == b).count();
    at_start + at_end
}
