//! Typed API objects as trees, by way of the JSON that they serialize to. They have no places.

use serde_json::Value as Json;

use super::tree::{Tree, What};

impl From<&Json> for Tree<'_> {
    fn from(json: &Json) -> Self {
        let mut tree = Self::default();
        add(&mut tree, json);
        tree
    }
}

fn add(tree: &mut Tree<'_>, json: &Json) {
    match json {
        Json::Null => tree.scalar(0, What::Null),
        Json::Bool(flag) => tree.scalar(0, What::Bool(*flag)),
        Json::Number(number) => tree.scalar(
            0,
            match number.as_i64() {
                Some(whole) => What::Int(whole),
                None => What::Float(number.as_f64().unwrap_or(f64::NAN)),
            },
        ),
        Json::String(text) => tree.respelled(0, text),
        Json::Array(items) => {
            tree.open_list(0);
            for item in items {
                add(tree, item);
            }
            tree.close();
        }
        Json::Object(fields) => {
            tree.open_map(0);
            for (key, value) in fields {
                tree.respelled_key(0, key);
                add(tree, value);
            }
            tree.close();
        }
    }
}
