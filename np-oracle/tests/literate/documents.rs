//! Manifests as texts with an identity, so that a later step can replace or delete them.
//!
//! The texts go to the judges as they are written; the parsed value only says which object a text is.

use super::Options;
use serde_yaml::Value;
use std::path::Path;

/// One YAML document.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    /// Where it stands: the file, and the line if it is in a case.
    pub(crate) name: String,
    pub(crate) text: String,
    /// Null if it is not YAML: a case may be about that.
    pub(crate) value: Value,
}

impl Document {
    /// The kind in lower case, the namespace (empty for kinds without one) and the name.
    pub(crate) fn identity(&self, options: &Options) -> Option<(String, String, String)> {
        let kind = self.value.get("kind")?.as_str()?.to_lowercase();
        let metadata = self.value.get("metadata")?;
        let name = metadata.get("name")?.as_str()?.to_owned();
        let namespace = match kind.as_str() {
            "namespace" | "node" => "",
            _ => match metadata.get("namespace").and_then(Value::as_str) {
                Some(namespace) => namespace,
                None => options.default_namespace.as_deref().unwrap_or("default"),
            },
        };
        Some((kind, namespace.to_owned(), name))
    }
}

/// The documents of a text that begins at a line of a file.
pub(crate) fn split(file: &str, first_line: Option<usize>, text: &str) -> Vec<Document> {
    let mut documents = Vec::new();
    let mut current = String::new();
    let mut start = 0;
    for (number, line) in text.lines().chain(["---"]).enumerate() {
        if line.trim_end() != "---" {
            current.push_str(line);
            current.push('\n');
            continue;
        }
        let is_blank = |line: &str| line.trim().is_empty() || line.trim_start().starts_with('#');
        if !current.lines().all(is_blank) {
            let name = first_line.map_or(file.to_owned(), |first| format!("{file}:{}", first + start));
            let value = serde_yaml::from_str(&current).unwrap_or(Value::Null);
            documents.push(Document { name, text: std::mem::take(&mut current), value });
        }
        current.clear();
        start = number + 1;
    }
    documents
}

/// The documents of a file, or of all `.yaml` files of a folder in the order of their names.
pub(crate) fn read(path: &Path) -> Result<Vec<Document>, String> {
    let error = |error: std::io::Error| format!("{}: {error}", path.display());
    if path.is_dir() {
        let entries = std::fs::read_dir(path).map_err(error)?;
        let mut paths: Vec<_> =
            entries.map(|entry| entry.map(|one| one.path())).collect::<Result<_, _>>().map_err(error)?;
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
        paths.sort();
        return paths
            .iter()
            .map(|path| read(path))
            .collect::<Result<Vec<_>, _>>()
            .map(|lists| lists.concat());
    }
    let text = std::fs::read_to_string(path).map_err(error)?;
    Ok(split(&path.file_name().unwrap_or_default().to_string_lossy(), None, &text))
}

/// Adds objects, each in the place of one with the same identity if there is one.
pub(crate) fn apply(documents: &mut Vec<Document>, new: Vec<Document>, options: &Options) {
    for document in new {
        let identity = document.identity(options);
        match documents.iter_mut().find(|old| identity.is_some() && old.identity(options) == identity) {
            Some(old) => *old = document,
            None => documents.push(document),
        }
    }
}

/// Takes away the object that `kind/namespace/name` or `kind/name` means.
pub(crate) fn delete(documents: &mut Vec<Document>, object: &str, options: &Options) -> Result<(), String> {
    let wanted = match object.split('/').collect::<Vec<_>>()[..] {
        [kind, namespace, name] => (kind, namespace, name),
        [kind, name] => (kind, "", name),
        _ => return Err(format!("`{object}` is not kind/namespace/name")),
    };
    let wanted = Some((wanted.0.to_lowercase(), wanted.1.to_owned(), wanted.2.to_owned()));
    let before = documents.len();
    documents.retain(|document| document.identity(options) != wanted);
    if documents.len() == before { Err(format!("there is no `{object}` to delete")) } else { Ok(()) }
}

/// The pods in the manifests, as `namespace/name`.
pub(crate) fn pods(documents: &[Document], options: &Options) -> Vec<String> {
    let identities = documents.iter().filter_map(|document| document.identity(options));
    identities
        .filter(|(kind, ..)| kind == "pod")
        .map(|(_, namespace, name)| format!("{namespace}/{name}"))
        .collect()
}
