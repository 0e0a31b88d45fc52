//! How many pairs there are of each verdict, in every format.

use std::collections::BTreeMap;
use std::io::{self, Write};

use np_model::Model;
use np_model::addr::Families;
use np_model::conn::ConnSet;
use np_sim::Summary;
use serde::Serialize;

use super::changes::WhatIf;
use super::yaml;

/// A summary, and what it is about.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Report<'m> {
    api_version: &'static str,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    port: Option<String>,
    /// How many policies were left out on request, by kind.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    ignored_kinds: &'m BTreeMap<String, usize>,
    /// What the changes do that were asked for; only with `--with`, `--without` or `--label`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) what_if: Option<&'m WhatIf>,
    pods: usize,
    pairs: u64,
    allowed: u64,
    partial: u64,
    denied: u64,
    unknown: u64,
}

impl<'m> Report<'m> {
    /// Of what becomes of `asked`, or of all connections.
    pub(crate) fn new(model: &'m Model, asked: Option<&ConnSet>, summary: Summary) -> Self {
        let Summary { allowed, denied, partial, unknown } = summary;
        Self {
            api_version: "np/v1",
            kind: "MatrixSummary",
            port: asked.map(|asked| asked.text(Families::BOTH)),
            ignored_kinds: model.ignored_kinds(),
            what_if: None,
            pods: model.pods().len(),
            pairs: summary.pairs(),
            allowed,
            partial,
            denied,
            unknown,
        }
    }

    fn counts(&self) -> [(&'static str, u64); 4] {
        let Self { allowed, partial, denied, unknown, .. } = *self;
        [("allowed", allowed), ("partial", partial), ("denied", denied), ("unknown", unknown)]
    }

    /// Writes it for people.
    pub(crate) fn table(&self, out: &mut dyn Write) -> io::Result<()> {
        let (pods, pairs) = (grouped(self.pods as u64), grouped(self.pairs));
        match &self.port {
            Some(port) => writeln!(out, "{pods} pods, {pairs} pairs, {port}:")?,
            None => writeln!(out, "{pods} pods, {pairs} pairs:")?,
        }
        for (verdict, count) in self.counts() {
            writeln!(out, "  {verdict:<7}  {:>width$}", grouped(count), width = pairs.len())?;
        }
        Ok(())
    }

    /// Writes it as JSON.
    pub(crate) fn json(&self, out: &mut dyn Write) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut *out, self)?;
        writeln!(out)
    }

    /// Writes it as YAML.
    pub(crate) fn yaml(&self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(yaml::text(self)?.as_bytes())
    }

    /// Writes it for spreadsheets: a verdict and how many pairs, a line each.
    pub(crate) fn csv(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "verdict,pairs")?;
        self.counts().iter().try_for_each(|(verdict, count)| writeln!(out, "{verdict},{count}"))
    }
}

/// A number with its thousands apart.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn thousands_stand_apart() {
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (1_234_567, "1,234,567"),
            (9_999_900_000, "9,999,900,000"),
        ] {
            assert_eq!(grouped(number), text);
        }
    }
}
