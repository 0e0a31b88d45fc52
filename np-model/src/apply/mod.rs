//! Changes: a model that differs in some objects, without compiling everything again.
//!
//! What-if questions, differences and watching all ask for a model that is almost the one there is. A
//! model is immutable and shares its parts, so the changed one is a new model that takes over what the
//! changes leave alone. They are made one kind after the other, each on the model that the one before gives:
//!
//! ```text
//!   namespaces   with other labels: peers that mean them now and did not are asked about their classes
//!   pods         who is there is settled (`plan`); then each is asked alone how it looks to the rules (`look`),
//!                and joins the class that looks the same, or is one of its own; of addresses, what is
//!                external is found again where that changes
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
//! - an object of another kind is added, replaced or removed (`others`);
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
mod others;
mod peers;
mod plan;
mod pods;
mod policies;
mod refine;
mod renumber;
mod selecting;
mod slots;

use std::sync::Arc;

pub use self::changes::Changes;
pub(crate) use self::policies::Merged;
use crate::compile::{Told, build};
use crate::model::Model;

impl Model {
    /// The model of the changed input. What cannot be evaluated in this one is not in the changed one
    /// either: unevaluated policies and errors stay, but for policies that are replaced by others.
    ///
    /// Costs some bytes to copy for each class and policy, and for each pod if pods change or a class is
    /// divided. Beside that, policies that change cost in proportion to the pods of their namespaces and of
    /// those that their new peers mean; a pod, to the different selectors that concern its namespace; a
    /// namespace, to its classes and the peers that begin to mean it. Changes to more than that, which
    /// [the module](crate::apply) lists, cost a compile.
    #[must_use]
    pub fn apply(&self, changes: &Changes) -> Self {
        let told = changes.told(self);
        if !changes.others.is_empty() {
            return self.again(told, changes);
        }
        let mut model = self.clone();
        let is_done = namespaces::apply(&mut model, changes)
            .and_then(|()| pods::apply(&mut model, changes))
            .and_then(|()| policies::apply(&mut model, changes));
        if is_done.is_none() {
            return self.again(told, changes);
        }
        let Told { sources, diagnostics, ignored_kinds } = told;
        Self { sources, diagnostics, ignored_kinds, ..model }
    }

    /// Compiles again from what the model keeps.
    fn again(&self, told: Told, changes: &Changes) -> Self {
        let policies = policies::Merged::of(&self.rules.policies, &changes.policies).all;
        let basis = self.basis.settled(|facts| changes.make(facts));
        build(told, Arc::new(basis), policies, changes.others.unevaluated(&self.rules.unevaluated))
    }
}

#[cfg(all(test, feature = "yaml"))]
mod tests {
    use super::Changes;
    use crate::model::{Model, NamespaceId, PodId};
    use crate::origin::ObjectRef;
    use crate::{Assumptions, Input, compile};

    fn pod(name: &str, more: &str) -> String {
        let labels = "labels: {app: web, tier: front}";
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, namespace: shop, {labels}}}\n{more}---\n"
        )
    }

    fn policy(name: &str, rules: &str) -> String {
        let head = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy";
        format!("{head}\nmetadata: {{name: {name}, namespace: shop}}\nspec: {rules}\n---\n")
    }

    fn model() -> Model {
        let namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n---\n";
        let address = "status: {podIP: 10.0.0.1}\n";
        let pods =
            [pod("a", ""), pod("b", address), pod("c", address), pod("d", "spec: {hostNetwork: true}\n")];
        let policy = policy("web", "{podSelector: {matchLabels: {app: web}}}");
        let mut input = Input::new("default");
        input.text("cluster.yaml", format!("{namespace}{}{policy}", pods.concat()).into_bytes());
        compile(input, &Assumptions::default()).expect("no errors")
    }

    fn set(model: &Model, text: String) -> Changes {
        let mut input = Changes::input(model);
        input.text("change.yaml", text.into_bytes());
        Changes::of(input).expect("such objects can change")
    }

    fn label(change: impl FnOnce(&mut Changes, &Model)) -> impl FnOnce(&Model) -> Changes {
        |model| {
            let mut changes = Changes::default();
            change(&mut changes, model);
            changes
        }
    }

    fn remove(kind: &str, name: &str) -> Changes {
        let namespace = (kind != "Namespace").then(|| "shop".to_owned());
        let mut changes = Changes::default();
        changes.remove(ObjectRef { kind: kind.to_owned(), namespace, name: name.to_owned() });
        changes
    }

    /// Whether a change is made without compiling everything again.
    fn is_incremental(changes: impl FnOnce(&Model) -> Changes) -> bool {
        let model = model();
        let changes = changes(&model);
        model.apply(&changes).basis.shares_facts(&model.basis)
    }

    #[test]
    fn little_changes_do_not_compile_everything_again() {
        let first = PodId::at(0);
        assert!(is_incremental(label(|changes, model| changes.label_pod(model, first, "app", Some("db")))));
        let space = NamespaceId::at(0);
        assert!(is_incremental(label(|changes, model| changes.label_namespace(
            model,
            space,
            "a",
            Some("b")
        ))));
        assert!(is_incremental(|model| set(model, pod("e", "status: {podIP: 10.0.0.5}\n"))), "a new pod");
        assert!(is_incremental(|model| set(model, pod("a", "status: {podIP: 10.0.0.5}\n"))), "a new address");
        assert!(is_incremental(|_| remove("Pod", "a")));
        assert!(is_incremental(|_| remove("Namespace", "shop")), "pods refer to it");
        assert!(is_incremental(|_| remove("NetworkPolicy", "web")));
        let apart = "{podSelector: {matchLabels: {tier: front}}, \
                     ingress: [{from: [{ipBlock: {cidr: 10.0.0.1/32}}]}]}";
        assert!(is_incremental(|model| set(model, policy("apart", apart))), "it divides a class");
    }

    #[test]
    fn what_is_rare_or_about_everything_does() {
        assert!(!is_incremental(|model| set(model, pod("e", "spec: {hostNetwork: true}\n"))));
        assert!(!is_incremental(|_| remove("Pod", "d")), "a pod on its node's network");
        assert!(!is_incremental(|model| set(model, pod("a", "status: {podIP: \"fd00::1\"}\n"))), "a family");
        let elsewhere = pod("a", "").replace("shop", "bank");
        assert!(!is_incremental(|model| set(model, elsewhere)), "a namespace");
    }
}
