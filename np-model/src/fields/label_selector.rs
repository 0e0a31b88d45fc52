//! `LabelSelector` of `meta/v1`, as policies of every dialect and Gateways write it.

use std::collections::BTreeSet;

use super::Field;
use super::syntax;
use crate::diag::{Cause, Code, Diagnostic};
use crate::facts::Pool;
use crate::ir::Places;
use crate::origin::Location;
use crate::selector::{Requirement, Selector};

/// Reads a selector and the places of its terms; `None` if there is none. Problems are reported.
pub(crate) fn read(field: Field<'_>, pool: &mut Pool) -> Option<(Selector, Places)> {
    if field.is_absent() {
        return None;
    }
    let selector = field.map_of_or(&["matchExpressions", "matchLabels"], |key| {
        let misspelt = key.to_ascii_lowercase().starts_with("match");
        (!misspelt).then(|| "labels are written under `matchLabels`".to_owned())
    });
    let (labels, expressions) = (selector.get("matchLabels"), selector.get("matchExpressions"));
    let mut labels: Vec<Label<'_>> = check_labels(&labels).collect();
    let expressions = expressions.items();
    if expressions.len() == 0 {
        // The most there are, and mostly like one before.
        labels.sort_unstable_by_key(|label| label.key);
        let pairs: Vec<(&str, &str)> = labels.iter().map(|label| (label.key, label.value)).collect();
        return Some((pool.by_labels(&pairs), labels.iter().map(|label| label.at).collect()));
    }
    let mut terms: Vec<(Requirement, Option<Location>)> = labels
        .into_iter()
        .map(|label| (Requirement::In(label.key.to_owned(), [label.value.to_owned()].into()), label.at))
        .collect();
    for expression in expressions {
        let at = expression.at();
        terms.extend(requirement(expression).map(|term| (term, at)));
    }
    let (selector, places) = Places::of_terms(terms);
    Some((pool.selector(&selector), places))
}

/// A label in a map.
pub(crate) struct Label<'f> {
    pub(crate) key: &'f str,
    pub(crate) value: &'f str,
    /// Where the key stands.
    pub(crate) at: Option<Location>,
}

/// The labels in a map. Problems are reported at the path of the map, as the API server does, and
/// at the place of the key or value.
pub(crate) fn check_labels<'f>(labels: &'f Field<'f>) -> impl Iterator<Item = Label<'f>> {
    labels.labels().map(|(key, value)| {
        let text = value.text().unwrap_or_default();
        let at = value.key_at();
        for wrong in syntax::label_key(key) {
            labels.report(invalid(format!("the label key `{key}` {wrong}")).at(at));
        }
        for wrong in syntax::label_value(text) {
            labels.report(invalid(format!("the value of label `{key}` {wrong}")).at(value.at()));
        }
        Label { key, value: text, at }
    })
}

fn requirement(expression: Field<'_>) -> Option<Requirement> {
    let readable = expression.is_readable();
    let expression = expression.map_of(&["key", "operator", "values"]);
    if !readable {
        return None;
    }
    let (key, operator, list) = (expression.get("key"), expression.get("operator"), expression.get("values"));
    let name = key.text().unwrap_or_default().to_owned();
    let values: BTreeSet<String> = list.items().map(|value| label_value(&value)).collect();
    if key.is_absent() || key.is_text() {
        for wrong in syntax::label_key(&name) {
            key.invalid(format!("the label key {wrong}"));
        }
    }
    match operator.text() {
        Some("In" | "NotIn") if values.is_empty() => {
            if list.is_absent() || list.is_list() {
                list.missing("the operators In and NotIn need values");
            }
            None
        }
        Some("Exists" | "DoesNotExist") if !values.is_empty() => {
            let problem =
                Diagnostic::error(Code::InvalidValue, "the operators Exists and DoesNotExist take no values");
            list.report(problem.cause(Cause::Forbidden));
            None
        }
        Some("In") => Some(Requirement::In(name, values)),
        Some("NotIn") => Some(Requirement::NotIn(name, values)),
        Some("Exists") => Some(Requirement::Exists(name)),
        Some("DoesNotExist") => Some(Requirement::DoesNotExist(name)),
        None if !operator.is_absent() => None,
        other => {
            let message = format!("`{}` is no operator of a selector", other.unwrap_or_default());
            operator.report(invalid(message).help("write In, NotIn, Exists or DoesNotExist"));
            None
        }
    }
}

fn label_value(value: &Field<'_>) -> String {
    let text = value.text().unwrap_or_default();
    for wrong in syntax::label_value(text) {
        value.invalid(format!("a label value {wrong}"));
    }
    text.to_owned()
}

fn invalid(message: String) -> Diagnostic {
    Diagnostic::error(Code::InvalidValue, message).cause(Cause::Invalid)
}
