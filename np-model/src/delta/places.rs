//! Where a change stands in either text.

use super::reread::Reread;
use super::{Delta, DeltaId, Deltas};
use crate::ir::{Direction, Policy, PolicyId};
use crate::model::{NamespaceId, NodeId};
use crate::origin::Location;
use crate::refine::Aligned;

impl Deltas<'_> {
    /// Where each change stands in the text of the base and in that of the head, by [`DeltaId::index`]: the rule, the term
    /// that only this side has, the field, the label, or else the name of the object; of several pods, that of the first.
    /// For labels and fields, documents are read again that are no longer than a megabyte, each once on either side.
    pub fn places(&self) -> Vec<[Option<Location>; 2]> {
        let read = self.models.map(|model| Reread::new(&model.sources));
        let mut finder = Finder { deltas: self, read };
        self.ids().map(|id| finder.places(id)).collect()
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
}

/// Finds places; documents that were read again are kept.
struct Finder<'d, 'm> {
    deltas: &'d Deltas<'m>,
    /// By side.
    read: [Reread<'m>; 2],
}

impl Finder<'_, '_> {
    fn places(&mut self, id: DeltaId) -> [Option<Location>; 2] {
        [self.place(id, 0), self.place(id, 1)]
    }

    fn place(&mut self, id: DeltaId, side: usize) -> Option<Location> {
        let model = self.deltas.models[side];
        match self.deltas.get(id) {
            Delta::Policy(policy) => model.policy(policy.sides()[side]?).at,
            Delta::Subject(a, b) => {
                let policy = model.policy([*a, *b][side]);
                let own = self.deltas.own_terms([*a, *b])[side].and_then(|at| policy.subject_at.get(at));
                own.or_else(|| self.read[side].field(policy.at?, "podSelector", None)).or(policy.at)
            }
            Delta::Type(a, b, direction) => {
                let policy = model.policy([*a, *b][side]);
                self.type_at(side, policy, *direction).or(policy.at)
            }
            Delta::Rule(rule) => {
                let id = rule.sides()[side]?;
                model.rule(id).at.or(model.policy(id.policy).at)
            }
            Delta::Namespace(namespace) => self.namespace_at(side, namespace.sides()[side]?),
            Delta::NamespaceLabel(a, b, key) => {
                let name = self.namespace_at(side, [*a, *b][side])?;
                self.read[side].label(name, false, key).or(Some(name))
            }
            Delta::PodLabel(pods, key) => {
                let pod = model.pod(pods.first()?.sides()[side]?);
                self.read[side].label(pod.at?, pod.template.is_some(), key).or(pod.at)
            }
            Delta::Pods(pods) => pods.iter().find_map(|pod| model.pod(pod.sides()[side]?).at),
            Delta::Node(node) => self.node_at(side, node.sides()[side]?),
            Delta::Unevaluated(policy) => model.unevaluated(policy.sides()[side]?).at,
            Delta::Rest => None,
        }
    }

    /// Where a policy says whether it concerns a direction: the entry of the list, the list that lacks it, or the rules that
    /// make it so without a list.
    fn type_at(&mut self, side: usize, policy: &Policy, direction: Direction) -> Option<Location> {
        let name = policy.at?;
        let (word, rules) = match direction {
            Direction::Egress => ("Egress", "egress"),
            Direction::Ingress => ("Ingress", "ingress"),
        };
        let is_concerned = policy.rules(direction).is_some();
        match policy.inert.types_at {
            Some(list) => {
                let item = is_concerned.then_some(word);
                self.read[side].field(name, "policyTypes", item).or(Some(list))
            }
            None => self.read[side].field(name, rules, None).filter(|_| is_concerned),
        }
    }

    fn namespace_at(&self, side: usize, id: NamespaceId) -> Option<Location> {
        let model = self.deltas.models[side];
        let name = &model.namespace(id).name;
        model.basis.namespaces().find(|one| one.name == *name).and_then(|one| one.at)
    }

    fn node_at(&self, side: usize, id: NodeId) -> Option<Location> {
        let model = self.deltas.models[side];
        let name = &model.node(id).name;
        model.basis.facts().nodes.iter().find(|one| one.name == *name).and_then(|one| one.at)
    }
}
