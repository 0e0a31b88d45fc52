//! `metadata` of a policy: everything the API server checks, so that a policy np accepts is one
//! that a cluster would. (Name and namespace are read with every object.)

use crate::diag::{Cause, Code, Diagnostic};
use crate::fields::Field;
use crate::fields::label_selector::check_labels;
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
    let _ = metadata.get("selfLink").text();
    for key in ["creationTimestamp", "deletionTimestamp"] {
        time(&metadata.get(key));
    }
    // What they say means nothing: the API server sets both.
    for key in ["deletionGracePeriodSeconds", "generation"] {
        metadata.get(key).check_long();
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
        let readable = reference.is_readable();
        let reference = reference.map_of(REFERENCE_FIELDS);
        if !readable {
            continue;
        }
        for key in ["apiVersion", "kind", "name", "uid"] {
            let field = reference.get(key);
            if field.is_absent() || field.text() == Some("") {
                field.missing("an owner reference needs this");
            }
        }
        let (version, kind) = (reference.get("apiVersion"), reference.get("kind"));
        if let Some(text) = version.text().filter(|text| !text.is_empty()) {
            // `group/version`, or the version alone.
            let parts: Vec<&str> = text.split('/').collect();
            if parts.len() > 2 || parts.last() == Some(&"") {
                version.invalid(format!("`{text}` is no API version"));
            }
            if (text, kind.text()) == ("v1", Some("Event")) {
                reference.invalid("an Event cannot own anything");
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
    let mut given = Vec::new();
    for finalizer in finalizers.items() {
        let name = match finalizer.text() {
            Some(name) => name,
            None if finalizer.is_absent() => "",
            None => continue,
        };
        // The API server blames the list for a bad name, and the item for one that is not its own.
        for wrong in syntax::label_key(name) {
            finalizers.invalid_at(format!("the name of a finalizer {wrong}"), finalizer.at());
        }
        if !name.contains('/') && !standard.contains(&name) {
            finalizer.invalid(format!("`{name}` is no standard finalizer, so it needs a `prefix/`"));
        }
        given.push(name);
    }
    if ["orphan", "foregroundDeletion"].iter().all(|name| given.contains(name)) {
        finalizers.invalid("the finalizers orphan and foregroundDeletion exclude each other");
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
        && exists(date)
        && (zone == "Z" || (number(zone, 1) <= 24 && number(zone, 4) < 60))
}

/// Whether a date and time of the right shape is one of the calendar and the clock.
fn exists(date: &str) -> bool {
    let year = number(date, 0) * 100 + number(date, 2);
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match number(date, 5) {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u32::from(leap),
        _ => return false,
    };
    (1..=days).contains(&number(date, 8))
        && number(date, 11) < 24
        && number(date, 14) < 60
        && number(date, 17) < 60
}

/// The number of two digits at a byte.
fn number(text: &str, at: usize) -> u32 {
    text.get(at..at + 2).and_then(|digits| digits.parse().ok()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::is_rfc_3339;

    #[test]
    fn times_are_those_of_rfc_3339() {
        for time in [
            "2024-01-31T08:00:00Z",
            "2024-02-29T23:59:59Z",
            "2024-01-31T08:00:00.123Z",
            "2024-01-31T08:00:00+02:00",
        ] {
            assert!(is_rfc_3339(time), "{time}");
        }
        for time in [
            "yesterday",
            "2024-01-31",
            "2024-01-31T08:00:00",
            "2024-01-31T08:00:00.Z",
            "2024-01-31 08:00:00Z",
            "2024-13-31T08:00:00Z",
            "2023-02-29T08:00:00Z",
            "2024-01-00T08:00:00Z",
            "2024-01-31T24:00:00Z",
            "2024-01-31T08:60:00Z",
            "2024-01-31T08:00:60Z",
            "2024-01-31T08:00:00+25:00",
        ] {
            assert!(!is_rfc_3339(time), "{time}");
        }
    }
}
