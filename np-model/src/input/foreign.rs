//! Documents that are YAML but another tool's: unrendered, encrypted, or about manifests rather
//! than one. What may hide something that an answer depends on is an error, the rest a warning.

use super::object::matters;
use crate::diag::{Code, Diagnostic};
use crate::fields::Field;
use crate::load::foreign::{RENDER, sops, unfinished};

/// Whether this document is made for another tool; reported.
pub(super) fn is_foreign(root: &Field<'_>, file: Option<&str>) -> bool {
    if !root.is_map() {
        return false;
    }
    let (api_version, kind) = (root.get("apiVersion"), root.get("kind"));
    if is_kustomization(&api_version, &kind, file) {
        root.report(kustomization());
        return true;
    }
    if is_chart(root, &api_version, &kind) {
        let problem =
            Diagnostic::warning(Code::ForeignFormat, "the description of a Helm chart, not a manifest");
        root.report(problem.help(RENDER));
        return true;
    }
    // An object whose kind can be read, and has nothing to do with reachability, hides nothing:
    // most of what SOPS encrypts is a Secret.
    if [&api_version, &kind].iter().all(|field| told(field).is_some_and(|text| unfinished(text).is_none()))
        && !matters(told(&api_version).unwrap_or_default(), told(&kind).unwrap_or_default())
    {
        return false;
    }
    let stamp = root.get("sops");
    if stamp.is_map() && ["mac", "version"].iter().any(|key| !stamp.get(key).is_absent()) {
        stamp.report(sops());
        return true;
    }
    let metadata = root.get("metadata");
    let names = ["name", "generateName", "namespace"].map(|key| metadata.get(key));
    for field in [api_version, kind].iter().chain(&names) {
        if let Some(problem) = told(field).and_then(unfinished) {
            field.report(problem);
            return true;
        }
    }
    false
}

/// The warning of a map without `apiVersion` and `kind`, by the name of its file.
pub(super) fn ignored(file: Option<&str>) -> Diagnostic {
    match file_name(file) {
        Some(name)
            if name.starts_with("values") && !name["values".len()..].starts_with(char::is_alphanumeric) =>
        {
            Diagnostic::warning(Code::ForeignFormat, "the values of a Helm chart, not a manifest")
                .help(RENDER)
        }
        Some("Chart.yaml") => {
            Diagnostic::warning(Code::ForeignFormat, "the description of a Helm chart, not a manifest")
                .help(RENDER)
        }
        _ => {
            let message = "not a Kubernetes object: it has no `apiVersion` and no `kind`";
            Diagnostic::warning(Code::NotAnObject, message)
                .help("it is ignored; leave the file out if it is no manifest")
        }
    }
}

/// The warning of a kustomization, which may add to the manifests around it, change them, or hold
/// some of them back.
pub(super) fn kustomization() -> Diagnostic {
    let message = "a kustomization, which np does not apply: manifests are read as they stand, \
                   also those that it changes or leaves out";
    Diagnostic::warning(Code::ForeignFormat, message)
        .help("build it first, and give np nothing else: `kustomize build DIR | np ... -f -`")
}

/// kustomize needs neither `apiVersion` nor `kind` in a file of this name.
fn is_kustomization(api_version: &Field<'_>, kind: &Field<'_>, file: Option<&str>) -> bool {
    let is_named =
        matches!(file_name(file), Some("kustomization.yaml" | "kustomization.yml" | "Kustomization"));
    let fits = |field: &Field<'_>, start: &str| {
        field.is_absent() || told(field).is_some_and(|text| text.starts_with(start))
    };
    is_named
        && (api_version.is_absent() || kind.is_absent())
        && fits(api_version, "kustomize.config.k8s.io/")
        && fits(kind, "Kustomization")
}

/// A chart has a name and a version, where an object has `kind` and `metadata`.
fn is_chart(root: &Field<'_>, api_version: &Field<'_>, kind: &Field<'_>) -> bool {
    matches!(told(api_version), Some("v1" | "v2"))
        && kind.is_absent()
        && ["metadata", "spec", "items"].iter().all(|key| root.get(key).is_absent())
        && ["name", "version"].iter().all(|key| !root.get(key).is_absent())
}

/// The string here, without a word about what else it may be.
fn told<'f>(field: &Field<'f>) -> Option<&'f str> {
    if field.is_text() { field.text() } else { None }
}

fn file_name(file: Option<&str>) -> Option<&str> {
    // A revision may stand before the path, as in `main:kustomization.yaml`.
    file.and_then(|file| file.rsplit(['/', '\\', ':']).next())
}
