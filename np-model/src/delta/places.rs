//! Where a change stands in either text.

use super::{Delta, DeltaId, Deltas};
use crate::ir::PolicyId;
use crate::model::{Model, NamespaceId, NodeId, PodId};
use crate::origin::Location;
use crate::refine::Aligned;

impl Deltas<'_> {
    /// Where a change stands in the text of the base and in that of the head: the rule, the term, the label, or else
    /// the name of the object; of several pods, that of the first. For a label, the document is read again, if it is no
    /// longer than a megabyte.
    pub fn places(&self, id: DeltaId) -> [Option<Location>; 2] {
        let [base, head] = self.models;
        let both = |a: PolicyId, b: PolicyId, place: &dyn Fn(&Model, PolicyId) -> Option<Location>| {
            [place(base, a), place(head, b)]
        };
        let of_pods = |pods: &[Aligned<PodId>]| {
            sides(|side| pods.iter().find_map(|pod| self.models[side].pod(pod.sides()[side]?).at))
        };
        match self.get(id) {
            Delta::Policy(policy) => sides(|side| self.models[side].policy(policy.sides()[side]?).at),
            Delta::Subject(a, b) => both(*a, *b, &|model, id| {
                let policy = model.policy(id);
                policy.subject_at.get(0).or(policy.at)
            }),
            Delta::Type(a, b, _) => both(*a, *b, &|model, id| {
                let policy = model.policy(id);
                policy.inert.types_at.or(policy.at)
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

    /// Where a label of an object stands whose name stands at a place.
    fn label_at(&self, side: usize, name: Location, has_template: bool, key: &str) -> Option<Location> {
        #[cfg(feature = "yaml")]
        {
            super::labels::place(&self.models[side].sources, name, has_template, key)
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
