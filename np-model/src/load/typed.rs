//! Typed API objects as nodes, by way of the JSON that they serialize to. They have no places.

use serde_json::Value as Json;

use super::node::{Entry, Node, Value};

impl<'j> From<&'j Json> for Node<'j> {
    fn from(json: &'j Json) -> Self {
        let value = match json {
            Json::Null => Value::Null,
            Json::Bool(flag) => Value::Bool(*flag),
            Json::Number(number) => match number.as_i64() {
                Some(whole) => Value::Int(whole),
                None => Value::Float(number.as_f64().unwrap_or(f64::NAN)),
            },
            Json::String(text) => Value::Str(text.as_str().into()),
            Json::Array(items) => Value::Seq(items.iter().map(Node::from).collect()),
            Json::Object(fields) => Value::Map(fields.iter().map(entry).collect()),
        };
        Self { value, at: None }
    }
}

fn entry<'j>((key, value): (&'j String, &'j Json)) -> Entry<'j> {
    Entry { key: key.as_str().into(), key_at: None, value: value.into() }
}
