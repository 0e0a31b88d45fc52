//! Policies written in many ways: random objects, and an emitter for each style that people use.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// How a text is written.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "styles that do not depend on each other")]
pub(crate) struct Style {
    /// JSON on one line, JSON on many, or YAML.
    form: Form,
    /// Whether dashes stand behind the key of their list.
    indented: bool,
    /// By how many columns maps stand behind their key.
    step: usize,
    comments: bool,
    crlf: bool,
    /// Whether objects are items of a List.
    list: bool,
    /// Whether the text ends with a line feed.
    ends: bool,
    /// How likely a value is written in flow style, of 8.
    flow: u64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Form {
    Compact,
    Pretty,
    Yaml,
}

impl Style {
    pub(crate) fn any() -> impl Strategy<Value = Self> {
        let form = prop_oneof![1 => Just(Form::Compact), 1 => Just(Form::Pretty), 4 => Just(Form::Yaml)];
        (form, any::<[bool; 5]>(), prop_oneof![Just(2_usize), Just(4)], 0_u64..4).prop_map(
            |(form, [indented, comments, crlf, list, ends], step, flow)| Self {
                form,
                indented,
                step,
                comments,
                crlf,
                list,
                ends,
                flow,
            },
        )
    }
}

/// Numbers that look random, the same for the same seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    fn one<T: Clone>(&mut self, of: &[T]) -> T {
        let at = usize::try_from(self.below(of.len() as u64)).expect("below a length");
        of[at].clone()
    }
}

/// A text with a pod and three policies.
pub(crate) fn text_of(seed: u64, style: Style) -> String {
    let mut dice = Dice(seed);
    let pod =
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": []}});
    let mut objects = vec![pod];
    objects.extend((0..3).map(|number| policy(&mut dice, number)));
    let text = match style.form {
        Form::Compact | Form::Pretty => {
            let list = json!({"apiVersion": "v1", "kind": "List", "items": objects});
            match (style.form, style.list) {
                (Form::Compact, true) => list.to_string(),
                (Form::Compact, false) => {
                    objects.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
                }
                (_, true) => serde_json::to_string_pretty(&list).expect("JSON"),
                (_, false) => {
                    let texts =
                        objects.iter().map(|object| serde_json::to_string_pretty(object).expect("JSON"));
                    texts.collect::<Vec<_>>().join("\n---\n")
                }
            }
        }
        Form::Yaml => {
            let mut emitter = Emitter { dice, style, notes: 0 };
            if style.list {
                let list = json!({"apiVersion": "v1", "kind": "List", "items": objects});
                emitter.block(&list).join("\n")
            } else {
                let texts: Vec<String> =
                    objects.iter().map(|object| emitter.block(object).join("\n")).collect();
                texts.join("\n---\n")
            }
        }
    };
    let text = if style.ends { text + "\n" } else { text };
    if style.crlf { text.replace('\n', "\r\n") } else { text }
}

fn selector(dice: &mut Dice) -> Value {
    let mut selector = Map::new();
    if dice.below(3) > 0 {
        let mut labels = Map::new();
        for _ in 0..=dice.below(3) {
            let value = dice.one(&["web", "on", "1", "1e3", "true", "a.b", ""]);
            labels.insert(dice.one(&["app", "tier", "example.com/x", "y"]).into(), value.into());
        }
        selector.insert("matchLabels".into(), Value::Object(labels));
    }
    if dice.below(3) == 0 {
        let operator = dice.one(&["In", "NotIn", "Exists", "DoesNotExist"]);
        let mut term = json!({"key": dice.one(&["env", "zone"]), "operator": operator});
        if operator.ends_with("In") {
            term["values"] = dice.one(&[json!(["prod"]), json!(["dev", "no"]), json!(["a", "b", "c"])]);
        }
        selector.insert("matchExpressions".into(), json!([term]));
    }
    Value::Object(selector)
}

fn peer(dice: &mut Dice) -> Value {
    let (pods, namespaces) = (selector(dice), selector(dice));
    match dice.below(6) {
        0 => json!({"podSelector": pods}),
        1 => json!({"namespaceSelector": namespaces}),
        2 => json!({"ipBlock": {"cidr": "10.0.0.0/8"}}),
        3 => {
            json!({"ipBlock": {"cidr": "10.0.0.0/8", "except": dice.one(&[json!(["10.0.0.0/16"]), json!(["10.3.0.0/16", "10.2.0.0/16"])])}})
        }
        4 => json!({"podSelector": pods, "namespaceSelector": namespaces}),
        _ => json!({"namespaceSelector": namespaces, "podSelector": pods}),
    }
}

fn rules(dice: &mut Dice, peers: &str) -> Value {
    let mut rules = Vec::new();
    for _ in 0..dice.below(3) {
        let mut rule = Map::new();
        if dice.below(4) > 0 {
            let list: Vec<Value> = (0..=dice.below(3)).map(|_| peer(dice)).collect();
            rule.insert(peers.into(), list.into());
        }
        if dice.below(3) > 0 {
            let port = |dice: &mut Dice| {
                dice.one(&[
                    json!({"port": 80}),
                    json!({"port": "http", "protocol": "TCP"}),
                    json!({"protocol": "UDP", "port": 53}),
                    json!({"port": 8000, "endPort": 8100}),
                    json!({"protocol": "SCTP"}),
                    json!({}),
                ])
            };
            let list: Vec<Value> = (0..=dice.below(2)).map(|_| port(dice)).collect();
            rule.insert("ports".into(), list.into());
        }
        rules.push(Value::Object(rule));
    }
    rules.into()
}

fn policy(dice: &mut Dice, number: usize) -> Value {
    let mut spec = Map::new();
    spec.insert("podSelector".into(), selector(dice));
    if dice.below(3) > 0 {
        let types = [json!(["Ingress"]), json!(["Egress"]), json!(["Ingress", "Egress"])];
        spec.insert("policyTypes".into(), dice.one(&types));
    }
    for (key, peers) in [("ingress", "from"), ("egress", "to")] {
        if dice.below(3) > 0 {
            spec.insert(key.into(), rules(dice, peers));
        }
    }
    let metadata =
        json!({"name": format!("policy-{number}"), "annotations": {"note": "a: [b] # no comment"}});
    json!({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata, "spec": spec})
}

struct Emitter {
    dice: Dice,
    style: Style,
    notes: usize,
}

impl Emitter {
    fn note(&mut self) -> Option<String> {
        (self.style.comments && self.dice.below(4) == 0).then(|| {
            self.notes += 1;
            format!("# c{}: it's [a] comment - {{x}}", self.notes)
        })
    }

    /// Lines whose first stands where it is put.
    fn block(&mut self, value: &Value) -> Vec<String> {
        let (step, dash) = (self.style.step, if self.style.indented { 2 } else { 0 });
        match value {
            Value::Object(map) if !map.is_empty() => {
                let mut lines = Vec::new();
                let mut entries: Vec<_> = map.iter().collect();
                if self.dice.below(2) == 0 {
                    entries.reverse();
                }
                for (key, value) in entries {
                    if !lines.is_empty() {
                        lines.extend(self.note());
                    }
                    let (is_nested, columns) = match value {
                        Value::Object(map) => (!map.is_empty(), step),
                        Value::Array(list) => (!list.is_empty(), dash),
                        _ => (false, 0),
                    };
                    let key = self.scalar(key);
                    // Objects and their metadata as everyone writes them, what is in them also between braces.
                    let is_top = matches!(key.trim_matches(['"', '\'']), "items" | "spec" | "metadata");
                    if !is_nested || !is_top && self.dice.below(8) < self.style.flow {
                        let note = self.note().map(|note| format!(" {note}")).unwrap_or_default();
                        lines.push(format!("{key}: {}{note}", self.flow(value)));
                    } else {
                        let note = self.note().map(|note| format!(" {note}")).unwrap_or_default();
                        lines.push(format!("{key}:{note}"));
                        let inner = self.block(value);
                        lines.extend(self.note().map(|note| format!("{}{note}", " ".repeat(columns))));
                        lines.extend(inner.into_iter().map(|line| format!("{}{line}", " ".repeat(columns))));
                    }
                }
                lines
            }
            Value::Array(list) if !list.is_empty() => {
                let mut lines = Vec::new();
                for item in list {
                    if !lines.is_empty() {
                        lines.extend(self.note());
                    }
                    let is_object = item.get("kind").is_some();
                    let inner = if !is_object && self.dice.below(8) < self.style.flow {
                        vec![self.flow(item)]
                    } else {
                        self.block(item)
                    };
                    lines.extend(
                        inner
                            .into_iter()
                            .enumerate()
                            .map(|(at, line)| format!("{}{line}", if at == 0 { "- " } else { "  " })),
                    );
                }
                lines
            }
            simple => vec![self.flow(simple)],
        }
    }

    fn flow(&mut self, value: &Value) -> String {
        match value {
            Value::Object(map) => {
                let entries: Vec<String> = map
                    .iter()
                    .map(|(key, value)| format!("{}: {}", self.scalar(key), self.flow(value)))
                    .collect();
                format!("{{{}}}", entries.join(", "))
            }
            Value::Array(list) => {
                let items: Vec<String> = list.iter().map(|item| self.flow(item)).collect();
                format!("[{}]", items.join(", "))
            }
            Value::String(text) => self.scalar(text),
            other => other.to_string(),
        }
    }

    fn scalar(&mut self, text: &str) -> String {
        let is_word = text.starts_with(|c: char| c.is_ascii_alphabetic())
            && !["on", "true", "y", "no"].contains(&text)
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-./".contains(&byte));
        match self.dice.below(8) {
            0 => format!("'{text}'"),
            1 => format!("\"{text}\""),
            _ if is_word => text.to_owned(),
            _ => format!("\"{text}\""),
        }
    }
}
