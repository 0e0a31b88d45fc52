//! The YAML inside `expect` and `error` blocks, as it is written.

use super::{Connections, Expectation, Expected, Verdict};
use serde::Deserialize;

/// Reads a list of expectations. Each item begins with a dash in the first column, which gives its line.
pub(super) fn expectations(first_line: usize, text: &str) -> Result<Vec<Expectation>, String> {
    let raw: Vec<RawExpectation> = serde_yaml::from_str(text).map_err(|error| error.to_string())?;
    let lines =
        (first_line..).zip(text.lines()).filter(|(_, line)| line.starts_with("- ")).map(|(line, _)| line);
    let lines: Vec<_> = lines.collect();
    if lines.len() != raw.len() {
        return Err("each expectation must begin with `- ` in the first column".to_owned());
    }
    let expectations = raw.into_iter().zip(lines).map(|(raw, line)| Expectation {
        line,
        from: raw.from.list(),
        to: raw.to.list(),
        ports: raw.ports.map_or_else(|| vec!["all".to_owned()], OneOrMany::list),
        expect: raw.expect,
        egress: raw.egress,
        ingress: raw.ingress,
        connections: raw.connections,
    });
    Ok(expectations.collect())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawExpectation {
    from: OneOrMany,
    to: OneOrMany,
    ports: Option<OneOrMany>,
    expect: Expected,
    egress: Option<Verdict>,
    ingress: Option<Verdict>,
    #[serde(default)]
    connections: Connections,
}

/// What an error block says.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRefusal {
    pub(super) code: Option<String>,
    #[serde(rename = "message contains")]
    pub(super) message_contains: Option<OneOrMany>,
}

/// One text, or a list of them.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum OneOrMany {
    One(Text),
    Many(Vec<Text>),
}

/// A text; a bare port is one too.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Text {
    Text(String),
    Number(u64),
}

impl OneOrMany {
    pub(super) fn list(self) -> Vec<String> {
        let texts = match self {
            Self::One(text) => vec![text],
            Self::Many(texts) => texts,
        };
        texts
            .into_iter()
            .map(|text| match text {
                Text::Text(text) => text,
                Text::Number(number) => number.to_string(),
            })
            .collect()
    }
}
