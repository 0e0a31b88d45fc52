//! `metadata` of a policy: everything the API server checks, so that a policy np accepts is one
//! that a cluster would. (Name and namespace are read with every object.)

use super::label_selector::check_labels;
use crate::diag::{Cause, Code, Diagnostic};
use crate::fields::Field;
use crate::fields::syntax;

const FIELDS: &[&str] = &[
    "annotations",
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "finalizers",
    "generateName",
    "generation",
    "labels",
    "managedFields",
    "name",
    "namespace",
    "ownerReferences",
    "resourceVersion",
    "selfLink",
    "uid",
];
const REFERENCE_FIELDS: &[&str] = &["apiVersion", "blockOwnerDeletion", "controller", "kind", "name", "uid"];
const MANAGED_FIELDS: &[&str] =
    &["apiVersion", "fieldsType", "fieldsV1", "manager", "operation", "subresource", "time"];
/// Annotations may have this many bytes, keys and values together.
const ANNOTATION_BYTES: usize = 256 * 1024;

/// Checks the metadata; tells whether a cluster has stored the object.
pub(super) fn check(metadata: Field<'_>) -> bool {
    let metadata = metadata.map_of(FIELDS);
    for key in ["generateName", "selfLink"] {
        let _ = metadata.get(key).text();
    }
    for key in ["creationTimestamp", "deletionTimestamp"] {
        time(&metadata.get(key));
    }
    let _ = metadata.get("deletionGracePeriodSeconds").int();
    let generation = metadata.get("generation");
    if generation.int().is_some_and(|generation| generation < 0) {
        generation.invalid("a generation must not be negative");
    }
    check_labels(&metadata.get("labels")).for_each(drop);
    annotations(&metadata.get("annotations"));
    owners(&metadata.get("ownerReferences"));
    finalizers(&metadata.get("finalizers"));
    for entry in metadata.get("managedFields").items() {
        let entry = entry.map_of(MANAGED_FIELDS);
        for key in ["apiVersion", "fieldsType", "manager", "operation", "subresource"] {
            let _ = entry.get(key).text();
        }
        time(&entry.get("time"));
    }
    let given = |key| metadata.get(key).text().is_some_and(|text| !text.is_empty());
    // Both are read whatever the first says, so that a wrong type is reported in either.
    given("uid") | given("resourceVersion")
}

fn annotations(annotations: &Field<'_>) {
    let mut bytes = 0;
    for (key, value) in annotations.entries() {
        bytes += key.len() + value.text().unwrap_or_default().len();
        for wrong in syntax::label_key(&key.to_lowercase()) {
            let message = format!("the annotation key `{key}` {wrong}");
            annotations.report(
                Diagnostic::error(Code::InvalidValue, message).cause(Cause::Invalid).at(value.key_at()),
            );
        }
    }
    if bytes > ANNOTATION_BYTES {
        let message = format!("the annotations have {bytes} bytes, and {ANNOTATION_BYTES} are allowed");
        annotations.report(Diagnostic::error(Code::InvalidValue, message).cause(Cause::TooLong));
    }
}

fn owners(references: &Field<'_>) {
    let mut controllers = 0;
    for reference in references.items() {
        let reference = reference.map_of(REFERENCE_FIELDS);
        for key in ["apiVersion", "kind", "name", "uid"] {
            let field = reference.get(key);
            if field.is_absent() || field.text() == Some("") {
                field.missing("an owner reference needs this");
            }
        }
        let _ = reference.get("blockOwnerDeletion").flag();
        controllers += usize::from(reference.get("controller").flag() == Some(true));
    }
    if controllers > 1 {
        references.invalid("only one owner can be the controller");
    }
}

fn finalizers(finalizers: &Field<'_>) {
    let standard = ["kubernetes", "orphan", "foregroundDeletion"];
    for finalizer in finalizers.items() {
        let name = finalizer.text().unwrap_or_default();
        let wrong = syntax::label_key(name);
        for wrong in &wrong {
            finalizer.invalid(format!("the name of a finalizer {wrong}"));
        }
        if wrong.is_empty() && !name.contains('/') && !standard.contains(&name) {
            finalizer.invalid(format!("`{name}` is no standard finalizer, so it needs a `prefix/`"));
        }
    }
}

/// Checks a time: RFC 3339, such as `2024-01-31T08:00:00Z`.
fn time(field: &Field<'_>) {
    if let Some(text) = field.text()
        && !is_rfc_3339(text)
    {
        let message = format!("`{text}` is no time as RFC 3339 writes it");
        field.report(Diagnostic::error(Code::WrongType, message).help("such as 2024-01-31T08:00:00Z"));
    }
}

fn is_rfc_3339(text: &str) -> bool {
    let shaped = |text: &str, shape: &str| {
        text.len() == shape.len()
            && text.bytes().zip(shape.bytes()).all(|(byte, shape)| match shape {
                b'0' => byte.is_ascii_digit(),
                other => byte == other,
            })
    };
    let Some((date, rest)) = text.split_at_checked("0000-00-00T00:00:00".len()) else { return false };
    let fraction = rest.strip_prefix(['.', ',']);
    let zone = fraction.map_or(rest, |digits| digits.trim_start_matches(|c: char| c.is_ascii_digit()));
    let fraction_given = fraction.is_none_or(|digits| digits.len() > zone.len());
    shaped(date, "0000-00-00T00:00:00")
        && fraction_given
        && (zone == "Z" || shaped(zone, "+00:00") || shaped(zone, "-00:00"))
}

#[cfg(test)]
mod tests {
    use super::is_rfc_3339;

    #[test]
    fn times_are_those_of_rfc_3339() {
        for time in ["2024-01-31T08:00:00Z", "2024-01-31T08:00:00.123Z", "2024-01-31T08:00:00+02:00"] {
            assert!(is_rfc_3339(time), "{time}");
        }
        for time in [
            "yesterday",
            "2024-01-31",
            "2024-01-31T08:00:00",
            "2024-01-31T08:00:00.Z",
            "2024-01-31 08:00:00Z",
        ] {
            assert!(!is_rfc_3339(time), "{time}");
        }
    }
}
