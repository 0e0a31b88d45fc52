//! Where a change stands in either text.

use super::{Delta, DeltaId, Deltas};
use crate::ir::{Direction, Policy, PolicyId};
use crate::model::{NamespaceId, NodeId, PodId};
use crate::origin::Location;
use crate::refine::Aligned;

impl Deltas<'_> {
    /// Where a change stands in the text of the base and in that of the head: the rule, the term that only this side has,
    /// the field, the label, or else the name of the object; of several pods, that of the first. For a label or a field, the
    /// document is read again, if it is no longer than a megabyte.
    pub fn places(&self, id: DeltaId) -> [Option<Location>; 2] {
        let of_pods = |pods: &[Aligned<PodId>]| {
            sides(|side| pods.iter().find_map(|pod| self.models[side].pod(pod.sides()[side]?).at))
        };
        match self.get(id) {
            Delta::Policy(policy) => sides(|side| self.models[side].policy(policy.sides()[side]?).at),
            Delta::Subject(a, b) => sides(|side| {
                let policy = self.models[side].policy([*a, *b][side]);
                let own = self.own_terms([*a, *b])[side].and_then(|at| policy.subject_at.get(at));
                own.or_else(|| self.field_at(side, policy.at?, "podSelector", None)).or(policy.at)
            }),
            Delta::Type(a, b, direction) => sides(|side| {
                let policy = self.models[side].policy([*a, *b][side]);
                self.type_at(side, policy, *direction).or(policy.at)
            }),
            Delta::Rule(rule) => sides(|side| {
                let (model, id) = (self.models[side], rule.sides()[side]?);
                model.rule(id).at.or(model.policy(id.policy).at)
            }),
            Delta::Namespace(namespace) => sides(|side| self.namespace_at(side, namespace.sides()[side]?)),
            Delta::NamespaceLabel(a, b, key) => {
                let ids = [*a, *b];
                sides(|side| {
                    let name = self.namespace_at(side, ids[side])?;
                    Some(self.label_at(side, name, false, key).unwrap_or(name))
                })
            }
            Delta::PodLabel(pods, key) => sides(|side| {
                let pod = self.models[side].pod(pods.first()?.sides()[side]?);
                Some(self.label_at(side, pod.at?, pod.template.is_some(), key).unwrap_or(pod.at?))
            }),
            Delta::Pods(pods) => of_pods(pods),
            Delta::Node(node) => sides(|side| self.node_at(side, node.sides()[side]?)),
            Delta::Unevaluated(policy) => {
                sides(|side| self.models[side].unevaluated(policy.sides()[side]?).at)
            }
            Delta::Rest => [None, None],
        }
    }

    /// The side on which a change is to be seen: that of the head for what is new or another, that of the base for what
    /// is gone.
    pub fn side(&self, id: DeltaId) -> usize {
        let [base, head] = self.models;
        let is_gone = match self.get(id) {
            Delta::Subject(a, b) => matches!(self.own_terms([*a, *b]), [Some(_), None]),
            Delta::Type(a, b, direction) => {
                // A list that is new leaves out what was concerned without one.
                let [before, after] = [base.policy(*a), head.policy(*b)].map(|policy| policy.inert.types_at);
                head.policy(*b).rules(*direction).is_none() && !(before.is_none() && after.is_some())
            }
            Delta::NamespaceLabel(_, b, key) => head.namespace(*b).labels.known(key).is_none(),
            Delta::PodLabel(pods, key) => {
                let after = pods.first().and_then(|pod| pod.head());
                after.is_none_or(|id| head.pod(id).labels.known(key).is_none())
            }
            Delta::Policy(Aligned::Base(_))
            | Delta::Rule(Aligned::Base(_))
            | Delta::Namespace(Aligned::Base(_))
            | Delta::Node(Aligned::Base(_))
            | Delta::Unevaluated(Aligned::Base(_)) => true,
            Delta::Pods(pods) => matches!(pods.first(), Some(Aligned::Base(_))),
            _ => false,
        };
        usize::from(!is_gone)
    }

    /// By side, the first term of a policy's subject that the other side lacks, by position.
    fn own_terms(&self, policies: [PolicyId; 2]) -> [Option<usize>; 2] {
        let terms = [0, 1].map(|side| self.models[side].policy(policies[side]).subject.requirements());
        [0, 1].map(|side| terms[side].iter().position(|term| !terms[1 - side].contains(term)))
    }

    /// Where a policy says whether it concerns a direction: the entry of the list, the list that lacks it, or the rules that
    /// make it so without a list.
    fn type_at(&self, side: usize, policy: &Policy, direction: Direction) -> Option<Location> {
        let name = policy.at?;
        let (word, rules) = match direction {
            Direction::Egress => ("Egress", "egress"),
            Direction::Ingress => ("Ingress", "ingress"),
        };
        let is_concerned = policy.rules(direction).is_some();
        match policy.inert.types_at {
            Some(list) => {
                let item = is_concerned.then_some(word);
                self.field_at(side, name, "policyTypes", item).or(Some(list))
            }
            None => self.field_at(side, name, rules, None).filter(|_| is_concerned),
        }
    }

    /// Where a field of `spec` of an object stands whose name stands at a place, or an item of it.
    fn field_at(&self, side: usize, name: Location, field: &str, item: Option<&str>) -> Option<Location> {
        #[cfg(feature = "yaml")]
        {
            super::reread::field(&self.models[side].sources, name, field, item)
        }
        #[cfg(not(feature = "yaml"))]
        {
            let _ = (side, name, field, item);
            None
        }
    }

    /// Where a label of an object stands whose name stands at a place.
    fn label_at(&self, side: usize, name: Location, has_template: bool, key: &str) -> Option<Location> {
        #[cfg(feature = "yaml")]
        {
            super::reread::label(&self.models[side].sources, name, has_template, key)
        }
        #[cfg(not(feature = "yaml"))]
        {
            let _ = (side, name, has_template, key);
            None
        }
    }

    fn namespace_at(&self, side: usize, id: NamespaceId) -> Option<Location> {
        let model = self.models[side];
        let name = &model.namespace(id).name;
        model.basis.namespaces().find(|one| one.name == *name).and_then(|one| one.at)
    }

    fn node_at(&self, side: usize, id: NodeId) -> Option<Location> {
        let model = self.models[side];
        let name = &model.node(id).name;
        model.basis.facts().nodes.iter().find(|one| one.name == *name).and_then(|one| one.at)
    }
}

fn sides(place: impl Fn(usize) -> Option<Location>) -> [Option<Location>; 2] {
    [place(0), place(1)]
}
