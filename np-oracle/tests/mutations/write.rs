//! Clusters as texts, in the dialects in which people and tools write YAML: block and flow, indented lists or not,
//! quotes or none, with comments, one object in a file or all of them.

use np_oracle::Cluster;
use serde_json::Value;
use std::fmt::Write;

use super::random::Random;

/// A text and the name of its file.
pub(crate) type File = (String, String);

/// How a file is written.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "independent habits, each drawn on its own")]
struct Dialect {
    /// Whether items of a list stand deeper than its key.
    indents_items: bool,
    quotes: Quotes,
    /// Whether small lists and maps are written in one line.
    flow: bool,
    /// Whether keys are sorted, as tools do, or in the order people think in.
    sorted: bool,
    comments: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quotes {
    None,
    Single,
    Double,
}

/// Where the objects go.
#[derive(Debug, Clone, Copy)]
enum Layout {
    /// A file for each policy, one for the rest.
    FileEach,
    /// A file for the policies of a namespace.
    FilePerNamespace,
    /// One file with everything.
    OneFile,
    /// A List in YAML.
    YamlList,
    /// A List in JSON, as `kubectl get -o json` gives it.
    JsonList,
}

/// The cluster's files.
pub(crate) fn write(random: &mut Random, cluster: &Cluster) -> Vec<File> {
    let manifests = cluster.manifests().expect("API objects can be written");
    let (policies, others): (Vec<Value>, Vec<Value>) =
        manifests.into_iter().partition(|one| one["kind"] == "NetworkPolicy");
    let layout = random.pick(&[
        Layout::FileEach,
        Layout::FileEach,
        Layout::FilePerNamespace,
        Layout::FilePerNamespace,
        Layout::OneFile,
        Layout::YamlList,
        Layout::JsonList,
    ]);
    let dialect = Dialect::draw(random);
    let rest = ("cluster.yaml".to_owned(), dialect.documents(random, &others));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    match layout {
        Layout::FileEach => {
            let one = |policy: &Value| {
                let metadata = &policy["metadata"];
                let name = format!("{}/{}.yaml", text(&metadata["namespace"]), text(&metadata["name"]));
                (name, Dialect::draw(random).documents(random, std::slice::from_ref(policy)))
            };
            policies.iter().map(one).chain([rest]).collect()
        }
        Layout::FilePerNamespace => {
            let mut files = vec![rest];
            for of_one in policies.chunk_by(|a, b| a["metadata"]["namespace"] == b["metadata"]["namespace"]) {
                let name = format!("{}/policies.yaml", text(&of_one[0]["metadata"]["namespace"]));
                match files.iter_mut().find(|(other, _)| *other == name) {
                    Some((_, file)) => {
                        file.push_str("---\n");
                        file.push_str(&dialect.documents(random, of_one));
                    }
                    None => files.push((name, Dialect::draw(random).documents(random, of_one))),
                }
            }
            files
        }
        Layout::OneFile => {
            vec![("all.yaml".to_owned(), dialect.documents(random, &[others, policies].concat()))]
        }
        Layout::YamlList | Layout::JsonList => {
            let items = [others, policies].concat();
            let list = serde_json::json!({ "apiVersion": "v1", "kind": "List", "items": items });
            if matches!(layout, Layout::JsonList) {
                let mut text = serde_json::to_string_pretty(&list).expect("JSON can be written");
                text.push('\n');
                return vec![("all.json".to_owned(), text)];
            }
            vec![("all.yaml".to_owned(), dialect.documents(random, &[list]))]
        }
    }
}

impl Dialect {
    fn draw(random: &mut Random) -> Self {
        Self {
            indents_items: random.percent(50),
            quotes: random.pick(&[Quotes::None, Quotes::None, Quotes::None, Quotes::Single, Quotes::Double]),
            flow: random.percent(20),
            sorted: random.percent(40),
            comments: random.percent(40),
        }
    }

    fn documents(self, random: &mut Random, objects: &[Value]) -> String {
        let mut text = String::new();
        for (at, object) in objects.iter().enumerate() {
            if at > 0 || random.percent(20) {
                text.push_str("---\n");
            }
            if self.comments && random.percent(60) {
                text.push_str("# Kept by the platform team; ask before changing.\n");
            }
            self.map(random, object, 0, &mut text);
        }
        text
    }

    /// The entries of a map, each on its lines, the first without indentation.
    fn map(self, random: &mut Random, map: &Value, depth: usize, text: &mut String) {
        for (at, (key, value)) in self.entries(map).into_iter().enumerate() {
            if at > 0 {
                indent(depth, text);
            }
            let _ = write!(text, "{}:", self.scalar(&Value::from(key.as_str())));
            self.value(random, value, depth, text);
        }
    }

    /// What follows a key and its colon.
    fn value(self, random: &mut Random, value: &Value, depth: usize, text: &mut String) {
        let is_small = |value: &Value| value.to_string().len() < 60;
        match value {
            Value::Object(map) if map.is_empty() => text.push_str(" {}\n"),
            Value::Array(items) if items.is_empty() => text.push_str(" []\n"),
            Value::Object(_) | Value::Array(_) if self.flow && is_small(value) && random.percent(70) => {
                text.push(' ');
                self.inline(value, text);
                self.end_line(random, text);
            }
            Value::Object(_) => {
                self.end_line(random, text);
                indent(depth + 1, text);
                self.map(random, value, depth + 1, text);
            }
            Value::Array(items) => {
                self.end_line(random, text);
                let depth = depth + usize::from(self.indents_items);
                for item in items {
                    self.item(random, item, depth, text);
                }
            }
            scalar => {
                let _ = write!(text, " {}", self.scalar(scalar));
                self.end_line(random, text);
            }
        }
    }

    fn item(self, random: &mut Random, item: &Value, depth: usize, text: &mut String) {
        indent(depth, text);
        text.push('-');
        match item {
            Value::Object(map) if !map.is_empty() => {
                text.push(' ');
                self.map(random, item, depth + 1, text);
            }
            other => self.value(random, other, depth, text),
        }
    }

    fn inline(self, value: &Value, text: &mut String) {
        match value {
            Value::Object(_) => {
                text.push('{');
                for (at, (key, value)) in self.entries(value).into_iter().enumerate() {
                    let comma = if at > 0 { ", " } else { "" };
                    let _ = write!(text, "{comma}{}: ", self.scalar(&Value::from(key.as_str())));
                    self.inline(value, text);
                }
                text.push('}');
            }
            Value::Array(items) => {
                text.push('[');
                for (at, item) in items.iter().enumerate() {
                    text.push_str(if at > 0 { ", " } else { "" });
                    self.inline(item, text);
                }
                text.push(']');
            }
            scalar => text.push_str(&self.scalar(scalar)),
        }
    }

    fn end_line(self, random: &mut Random, text: &mut String) {
        if self.comments && random.percent(5) {
            text.push_str(random.pick(&["  # see the runbook", " # TODO: narrow this"]));
        }
        text.push('\n');
    }

    fn entries(self, map: &Value) -> Vec<(&String, &Value)> {
        let mut entries: Vec<_> = map.as_object().into_iter().flatten().collect();
        if !self.sorted {
            entries.sort_by_key(|(key, _)| thought_of(key));
        }
        entries
    }

    fn scalar(self, scalar: &Value) -> String {
        let Some(text) = scalar.as_str() else { return scalar.to_string() };
        let is_plain = text.starts_with(|letter: char| letter.is_ascii_alphabetic())
            && text.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_./".contains(letter))
            && !["y", "n", "yes", "no", "on", "off", "true", "false", "null"]
                .contains(&text.to_lowercase().as_str());
        match self.quotes {
            Quotes::None if is_plain => text.to_owned(),
            // Keys and words of the API are seldom quoted.
            _ if is_plain && text.starts_with(|letter: char| letter.is_ascii_uppercase()) => text.to_owned(),
            _ if is_plain && thought_of(text) < UNKNOWN => text.to_owned(),
            Quotes::Single => format!("'{text}'"),
            Quotes::None | Quotes::Double => format!("\"{text}\""),
        }
    }
}

fn indent(depth: usize, text: &mut String) {
    text.extend(std::iter::repeat_n("  ", depth));
}

const ORDER: [&str; 24] = [
    "apiVersion",
    "kind",
    "name",
    "namespace",
    "labels",
    "metadata",
    "podSelector",
    "policyTypes",
    "namespaceSelector",
    "ipBlock",
    "cidr",
    "from",
    "to",
    "key",
    "operator",
    "values",
    "protocol",
    "port",
    "ports",
    "matchLabels",
    "ingress",
    "egress",
    "spec",
    "items",
];

const UNKNOWN: usize = ORDER.len();

/// When people write this key.
fn thought_of(key: &str) -> usize {
    ORDER.iter().position(|one| *one == key).unwrap_or(UNKNOWN)
}

/// The cluster that files hold, as another reader of YAML reads them.
///
/// # Errors
/// Says what cannot be read.
pub(crate) fn read(files: &[File]) -> Result<Cluster, String> {
    use serde::Deserialize;
    let mut manifests = Vec::new();
    for (name, text) in files {
        for document in serde_yaml::Deserializer::from_str(text) {
            let document = Value::deserialize(document).map_err(|error| format!("{name}: {error}"))?;
            match document["items"].as_array() {
                Some(items) => manifests.extend(items.iter().cloned()),
                None if document.is_null() => {}
                None => manifests.push(document),
            }
        }
    }
    // API objects that a reader does not mean to keep.
    Cluster::from_manifests(&manifests)
}
