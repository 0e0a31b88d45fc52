//! NetworkPolicy v1 (`networking.k8s.io`): read exactly as the API server stores it, with every
//! rule of its validation, and lowered to the rule IR on the way.
//!
//! The checks follow `ValidateNetworkPolicy` of Kubernetes 1.37 and its strict decoding (unknown
//! fields are errors). All problems of a policy are reported, at the paths that the API server
//! gives; a policy with an error is no policy at all.

mod peer;
mod port;

use smol_str::SmolStr;

use super::meta;
use crate::diag::{Code, Diagnostic};
use crate::dialect::release::Release;
use crate::facts::Pool;
use crate::fields::Field;
use crate::fields::Name;
use crate::fields::label_selector;
use crate::ir::{Direction, Inert, PeerItem, Policy, PortItem, Rule};

/// What the parts of a policy need to know about the whole.
struct Context<'c> {
    /// The namespace of the policy.
    namespace: &'c SmolStr,
    /// Whether a cluster has stored it, so that what only newer versions refuse has to be read.
    stored: bool,
    /// The release that is to take it.
    release: Release,
}

/// Reads a NetworkPolicy; `None` if it has an error, which is reported.
pub(crate) fn read(
    object: &Field<'_>,
    namespace: SmolStr,
    name: Name,
    release: Release,
    pool: &mut Pool,
) -> Option<Policy> {
    let object_at = object.at();
    let stored = meta::check(object.get("metadata"));
    let object = object.map_of(&["apiVersion", "kind", "metadata", "spec", "status"]);
    status(&object.get("status"), stored);
    let spec = object.get("spec").map_of(&["egress", "ingress", "podSelector", "policyTypes"]);
    let context = Context { namespace: &namespace, stored, release };
    let (subject, subject_at) = label_selector::read(spec.get("podSelector"), pool).unwrap_or_default();
    let ingress = rules(&spec.get("ingress"), Direction::Ingress, &context, pool);
    let egress = rules(&spec.get("egress"), Direction::Egress, &context, pool);
    let types_field = spec.get("policyTypes");
    let types = policy_types(&types_field);
    // Without policyTypes a policy is about ingress, and about egress if it has a rule for that.
    let concerns =
        |direction, by_default| types.as_ref().map_or(by_default, |types| types.contains(&direction));
    let (in_ingress, in_egress) =
        (concerns(Direction::Ingress, true), concerns(Direction::Egress, !egress.is_empty()));
    (!object.has_errors()).then(|| {
        let (egress, no_egress) = divided(in_egress, egress);
        let (ingress, no_ingress) = divided(in_ingress, ingress);
        let inert_egress = no_egress.map(|rules| (Direction::Egress, rules));
        let inert_rules = inert_egress.or_else(|| no_ingress.map(|rules| (Direction::Ingress, rules)));
        let types_at = types.as_ref().and_then(|_| types_field.at());
        Policy {
            kind: "NetworkPolicy",
            name: name.text,
            at: name.at,
            subject,
            subject_at,
            egress,
            ingress,
            namespace,
            inert: Inert { object_at, types_at, rules: inert_rules },
        }
    })
}

/// The rules of a direction as those in force, if the policy concerns it, or else as those that are not.
fn divided(is_concerned: bool, rules: Vec<Rule>) -> (Option<Vec<Rule>>, Option<Vec<Rule>>) {
    if is_concerned { (Some(rules), None) } else { (None, Some(rules).filter(|rules| !rules.is_empty())) }
}

/// Kubernetes 1.24 to 1.27 had a status; newer versions do not know it.
fn status(status: &Field<'_>, stored: bool) {
    if status.is_given() {
        let message = "a NetworkPolicy has no `status`";
        let help = "remove it: the API server no longer knows the field";
        status.report(if stored {
            Diagnostic::warning(Code::UnknownField, message).help(help)
        } else {
            Diagnostic::error(Code::UnknownField, message).help(help)
        });
    }
}

/// The directions that `policyTypes` lists; `None` if it lists none.
fn policy_types(list: &Field<'_>) -> Option<Vec<Direction>> {
    let items = list.items();
    if items.len() == 0 {
        return None;
    }
    if items.len() > 2 {
        list.invalid("there are only two policy types: Ingress and Egress");
        return None;
    }
    Some(items.filter_map(|item| policy_type(&item)).collect())
}

fn policy_type(item: &Field<'_>) -> Option<Direction> {
    let text = if item.is_absent() { "" } else { item.text()? };
    match text {
        "Ingress" => Some(Direction::Ingress),
        "Egress" => Some(Direction::Egress),
        _ => {
            item.unsupported(format!("`{text}` is no policy type"), "write Ingress or Egress");
            None
        }
    }
}

fn rules(list: &Field<'_>, direction: Direction, context: &Context<'_>, pool: &mut Pool) -> Vec<Rule> {
    list.items().map(|rule| self::rule(rule, direction, context, pool)).collect()
}

/// Reads one rule. Nothing at all is a rule that allows everything.
fn rule(rule: Field<'_>, direction: Direction, context: &Context<'_>, pool: &mut Pool) -> Rule {
    let (peers, other) = match direction {
        Direction::Ingress => ("from", "to"),
        Direction::Egress => ("to", "from"),
    };
    let rule = rule.map_of_or(&["ports", peers], |key| {
        (key == other).then(|| format!("an {direction} rule has `{peers}`"))
    });
    let (ports, peers) = (rule.get("ports"), rule.get(peers));
    let ports: Vec<PortItem> = ports.items().filter_map(port::read).collect();
    let peers: Vec<PeerItem> = peers.items().filter_map(|item| peer::read(item, context, pool)).collect();
    Rule {
        at: rule.at(),
        peers: (!peers.is_empty()).then_some(peers),
        ports: (!ports.is_empty()).then_some(ports),
    }
}
