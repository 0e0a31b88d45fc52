//! Markdown to cases. Fences are found by hand; only blocks whose info string has a known word count.

use super::documents::{self, Document};
use super::raw::{OneOrMany, RawRefusal, expectations};
use super::{Case, Options, Refusal, Step, WayExpectation};
use std::path::Path;

/// Reads the cases of one file, which must hold at least one.
pub(crate) fn read(path: &Path) -> Result<Vec<Case>, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    parse(&file, &text, path.parent().unwrap_or(Path::new(".")))
}

/// Reads the cases in a text. References to other files are relative to `folder`.
pub(crate) fn parse(file: &str, text: &str, folder: &Path) -> Result<Vec<Case>, String> {
    let mut shared = Draft { file: file.to_owned(), ..Draft::default() };
    let mut drafts: Vec<Draft> = Vec::new();
    for (line, piece) in pieces(file, text)? {
        match piece {
            Piece::Heading(title) => drafts.push(Draft { line, title, ..shared.clone() }),
            Piece::Block { info, text } => {
                let is_shared = drafts.is_empty();
                let draft = drafts.last_mut().unwrap_or(&mut shared);
                draft
                    .block(is_shared, line, &info, &text, folder)
                    .map_err(|error| format!("{file}:{line}: {error}"))?;
            }
        }
    }
    if drafts.is_empty() {
        return Err(format!("{file}: there is no case"));
    }
    drafts.into_iter().map(Draft::finish).collect()
}

enum Piece {
    Heading(String),
    Block { info: String, text: String },
}

/// The `## ` headings and fenced blocks of a text, with the lines on which they begin.
fn pieces(file: &str, text: &str) -> Result<Vec<(usize, Piece)>, String> {
    let mut pieces = Vec::new();
    let mut lines = text.lines().zip(1..);
    while let Some((line, number)) = lines.next() {
        let ticks = line.chars().take_while(|&c| c == '`').count();
        if let Some(title) = line.strip_prefix("## ") {
            pieces.push((number, Piece::Heading(title.trim().to_owned())));
        } else if ticks >= 3 {
            let mut text = String::new();
            loop {
                let Some((line, _)) = lines.next() else {
                    return Err(format!("{file}:{number}: the block has no end"));
                };
                if line.trim_end().len() >= ticks && line.trim_end().chars().all(|c| c == '`') {
                    break;
                }
                text.push_str(line);
                text.push('\n');
            }
            pieces.push((number, Piece::Block { info: line[ticks..].trim().to_owned(), text }));
        }
    }
    Ok(pieces)
}

/// A case while it is read.
#[derive(Clone, Default)]
struct Draft {
    file: String,
    line: usize,
    title: String,
    options: Options,
    documents: Vec<Document>,
    steps: Vec<Step>,
    /// The documents are no longer those of the last step.
    changed: bool,
    refusal: Option<Refusal>,
}

impl Draft {
    fn block(
        &mut self,
        shared: bool,
        line: usize,
        info: &str,
        text: &str,
        folder: &Path,
    ) -> Result<(), String> {
        let words: Vec<_> = info.split_whitespace().collect();
        let yaml = |error: serde_yaml::Error| error.to_string();
        match words[..] {
            ["yaml", "cluster", ref from @ ..] => {
                if !self.steps.is_empty() {
                    return Err("a cluster after expectations: write `yaml apply`".to_owned());
                }
                for word in from {
                    let path =
                        word.strip_prefix("from=").ok_or_else(|| format!("`{word}` is not from=PATH"))?;
                    self.documents.extend(documents::read(&folder.join(path))?);
                }
                self.documents.extend(documents::split(&self.file, Some(line + 1), text));
            }
            ["yaml", "options"] => self.options = serde_yaml::from_str(text).map_err(yaml)?,
            ["yaml", _] if shared => return Err(format!("`{info}` belongs below a heading")),
            ["yaml", "apply"] => {
                let new = documents::split(&self.file, Some(line + 1), text);
                documents::apply(&mut self.documents, new, &self.options);
                self.changed = true;
            }
            ["yaml", "delete"] => {
                let objects: Vec<String> = serde_yaml::from_str(text).map_err(yaml)?;
                for object in objects {
                    documents::delete(&mut self.documents, &object, &self.options)?;
                }
                self.changed = true;
            }
            ["yaml", "expect"] => {
                let expectations = expectations(line + 1, text)?;
                self.step().expectations.extend(expectations);
            }
            ["yaml", "entries"] => {
                let ways: Vec<WayExpectation> = serde_yaml::from_str(text).map_err(yaml)?;
                self.step().ways.extend(ways.into_iter().map(|way| (line, way)));
            }
            ["yaml", "error"] => {
                let raw: RawRefusal = serde_yaml::from_str(text).map_err(yaml)?;
                let says = raw
                    .code
                    .into_iter()
                    .chain(raw.message_contains.map(OneOrMany::list).into_iter().flatten());
                let says = says.collect();
                self.refusal = Some(Refusal { line, documents: self.documents.clone(), says });
            }
            ["yaml", ..] if words.len() > 1 => return Err(format!("`{info}` is no kind of block")),
            _ => {}
        }
        Ok(())
    }

    /// The step that expectations are about: the last one, or one of the documents that have changed.
    fn step(&mut self) -> &mut Step {
        if self.changed || self.steps.is_empty() {
            let documents = self.documents.clone();
            self.steps.push(Step { documents, expectations: Vec::new(), ways: Vec::new() });
        }
        self.changed = false;
        self.steps.last_mut().expect("a step was just added")
    }

    fn finish(self) -> Result<Case, String> {
        let Self { file, line, title, options, steps, refusal, changed, .. } = self;
        let has_expectations =
            steps.iter().any(|step| !step.expectations.is_empty() || !step.ways.is_empty());
        if !has_expectations && refusal.is_none() {
            return Err(format!("{file}:{line}: the case `{title}` expects nothing"));
        }
        if changed && refusal.is_none() {
            return Err(format!("{file}:{line}: the case `{title}` expects nothing of its last step"));
        }
        Ok(Case { file, line, title, options, steps, refusal })
    }
}
