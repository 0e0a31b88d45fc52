//! Writes trees as YAML and JSON in many dresses, and records where each key and value stands while it
//! writes: so it knows the truth without reading anything.

use crate::tree::{Choices, Tree};

/// A line and a column, both from 1.
pub(crate) type Place = (u32, u32);

/// A value as it was written.
#[derive(Debug, Clone)]
pub(crate) struct Placed {
    pub(crate) at: Place,
    /// What stands there, as far as it goes without a break.
    pub(crate) spelling: String,
    pub(crate) parts: Parts,
}

/// What a value holds.
#[derive(Debug, Clone)]
pub(crate) enum Parts {
    None,
    List(Vec<Placed>),
    /// Keys with their places and spellings, and the values.
    Map(Vec<(Place, String, Placed)>),
}

impl Placed {
    fn leaf(at: Place, spelling: impl Into<String>) -> Self {
        Self { at, spelling: spelling.into(), parts: Parts::None }
    }

    pub(crate) fn items(&self) -> &[Placed] {
        match &self.parts {
            Parts::List(items) => items,
            _ => &[],
        }
    }

    pub(crate) fn entries(&self) -> &[(Place, String, Placed)] {
        match &self.parts {
            Parts::Map(entries) => entries,
            _ => &[],
        }
    }
}

/// How a document is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Yaml,
    Compact,
    Pretty,
}

/// A text in the making.
pub(crate) struct Writer<'c> {
    choices: &'c mut Choices,
    text: String,
    here: Place,
    line_end: &'static str,
    format: Format,
    /// The anchors of this document: name, what was written there, and where.
    anchors: Vec<(String, Tree, Placed)>,
    named: usize,
    depth: usize,
}

/// Writes documents; gives the text, and where everything stands in each.
pub(crate) fn write(choices: &mut Choices, documents: &[Tree]) -> (String, Vec<Placed>) {
    let line_end = choices.pick(&["\n", "\r\n"]);
    let mut writer = Writer {
        choices,
        text: String::new(),
        here: (1, 1),
        line_end,
        format: Format::Yaml,
        anchors: Vec::new(),
        named: 0,
        depth: 0,
    };
    let mut placed = Vec::new();
    for (index, document) in documents.iter().enumerate() {
        let before = (index > 0).then_some(writer.format);
        writer.format = writer.choices.pick(&[Format::Yaml, Format::Yaml, Format::Compact, Format::Pretty]);
        writer.separate(before);
        placed.push(writer.document(document));
    }
    (writer.text, placed)
}

impl Writer<'_> {
    fn put(&mut self, text: &str) {
        for c in text.chars() {
            self.here = if c == '\n' { (self.here.0 + 1, 1) } else { (self.here.0, self.here.1 + 1) };
        }
        self.text.push_str(text);
    }

    fn blanks(&mut self, count: usize) {
        self.put(&" ".repeat(count));
    }

    fn break_line(&mut self) {
        self.put(self.line_end);
    }

    /// What stands between two documents, or before the first.
    fn separate(&mut self, before: Option<Format>) {
        let stream = before.is_some_and(|before| before != Format::Yaml) && self.format != Format::Yaml;
        if stream && self.choices.below(2) == 1 {
            return; // JSON values may follow each other.
        }
        if before.is_some() || self.choices.below(4) == 1 {
            self.put("---");
            self.end_line();
        }
    }

    fn document(&mut self, tree: &Tree) -> Placed {
        self.anchors.clear();
        let block = self.format == Format::Yaml && self.choices.below(4) != 3;
        match tree {
            Tree::Map(entries) if block => self.block_map(entries, 0),
            _ => {
                let placed = self.inline(tree);
                self.break_line();
                placed
            }
        }
    }

    /// Ends a line, with comments in YAML.
    fn end_line(&mut self) {
        if self.format == Format::Yaml {
            match self.choices.below(6) {
                4 => self.put(" # ü: [x"),
                // Behind a dash, YAML allows no tab.
                5 if !self.text.ends_with('-') => self.put("\t#"),
                _ => {}
            }
            self.break_line();
            match self.choices.below(8) {
                6 => self.put("   # - 🎉"),
                7 => {}
                _ => return,
            }
        }
        self.break_line();
    }

    /// A map whose first key stands here, at column `indent` counted from 0.
    fn block_map(&mut self, entries: &[(String, Tree)], indent: usize) -> Placed {
        let at = self.here;
        let mut parts = Vec::new();
        for (index, (key, value)) in entries.iter().enumerate() {
            if index > 0 {
                self.blanks(indent);
            }
            let key_at = self.here;
            let spelling = self.string(key);
            self.put(":");
            parts.push((key_at, spelling, self.block_value(value, indent, true)));
        }
        let spelling = parts.first().map(|(_, spelling, _)| spelling.clone()).unwrap_or_default();
        Placed { at, spelling, parts: Parts::Map(parts) }
    }

    fn block_list(&mut self, items: &[Tree], indent: usize) -> Placed {
        let at = self.here;
        let mut parts = Vec::new();
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.blanks(indent);
            }
            self.put("-");
            parts.push(self.block_value(item, indent, false));
        }
        Placed { at, spelling: "-".to_owned(), parts: Parts::List(parts) }
    }

    /// What stands behind a key's colon, or behind a dash, to the end of its last line.
    fn block_value(&mut self, tree: &Tree, indent: usize, of_key: bool) -> Placed {
        match tree {
            Tree::Map(entries) if !entries.is_empty() && self.choices.below(4) != 3 => {
                if !of_key && self.choices.below(3) != 2 {
                    let blanks = 1 + self.choices.below(3);
                    self.blanks(blanks);
                    return self.block_map(entries, indent + 1 + blanks);
                }
                let inner = indent + 1 + self.choices.below(4);
                self.below(tree, inner, |writer| writer.block_map(entries, inner))
            }
            Tree::List(items) if !items.is_empty() && self.choices.below(4) != 3 => {
                let inner = indent + usize::from(!of_key) + self.choices.below(4);
                self.below(tree, inner, |writer| writer.block_list(items, inner))
            }
            Tree::Null if self.choices.below(2) == 1 => {
                let placed = Placed::leaf(self.here, "");
                self.end_line();
                placed
            }
            Tree::Text(text) if text.contains('\n') && self.choices.below(2) == 1 => {
                self.put(" ");
                let placed = Placed::leaf(self.here, "|-");
                self.put("|-");
                for line in text.lines() {
                    self.break_line();
                    self.blanks(indent + 2);
                    self.put(line);
                }
                self.break_line();
                placed
            }
            _ => {
                let blank = if of_key { self.choices.pick(&[" ", "  ", "\t"]) } else { " " };
                self.put(blank);
                let placed = self.inline(tree);
                self.end_line();
                placed
            }
        }
    }

    /// A list or map on lines of its own, perhaps behind an anchor.
    fn below(&mut self, tree: &Tree, indent: usize, inside: impl FnOnce(&mut Self) -> Placed) -> Placed {
        let anchor = (self.choices.below(4) == 3).then(|| self.new_anchor());
        if let Some(anchor) = &anchor {
            self.put(&format!(" &{anchor}"));
        }
        self.end_line();
        self.blanks(indent);
        let placed = inside(self);
        self.keep(anchor, tree, &placed);
        placed
    }

    fn new_anchor(&mut self) -> String {
        self.named += 1;
        format!("a{}", self.named)
    }

    fn keep(&mut self, anchor: Option<String>, tree: &Tree, placed: &Placed) {
        self.anchors.extend(anchor.map(|anchor| (anchor, tree.clone(), placed.clone())));
    }

    /// A scalar, an alias, or a list or map between brackets or braces.
    fn inline(&mut self, tree: &Tree) -> Placed {
        let mut anchor = None;
        if self.format == Format::Yaml && *tree != Tree::Null {
            let same = self.anchors.iter().find(|(_, known, _)| known == tree);
            let same = same.map(|(name, _, placed)| (format!("*{name}"), placed.clone()));
            if let Some((alias, placed)) = same
                && self.choices.below(3) != 2
            {
                self.put(&alias);
                return placed;
            }
            if self.choices.below(6) == 5 {
                let name = self.new_anchor();
                self.put(&format!("&{name} "));
                anchor = Some(name);
            }
            if matches!(tree, Tree::Text(_)) && self.choices.below(12) == 11 {
                self.put("!!str ");
            }
        }
        let at = self.here;
        let placed = match tree {
            Tree::Null if self.choices_yaml(2) == 1 => self.leaf("~"),
            Tree::Null => self.leaf("null"),
            Tree::Bool(flag) => self.leaf(if *flag { "true" } else { "false" }),
            Tree::Int(80) if self.choices_yaml(4) == 3 => self.leaf("0x50"),
            Tree::Int(number) => self.leaf(&number.to_string()),
            Tree::Text(text) => Placed::leaf(at, self.string(text)),
            Tree::List(items) => {
                let mut parts = Vec::new();
                self.between('[', ']', items, |writer, item| parts.push(writer.inline(item)));
                Placed { at, spelling: "[".to_owned(), parts: Parts::List(parts) }
            }
            Tree::Map(entries) => {
                let mut parts = Vec::new();
                self.between('{', '}', entries, |writer, (key, value)| {
                    let key_at = writer.here;
                    let spelling = writer.string(key);
                    writer.put(if writer.format == Format::Compact { ":" } else { ": " });
                    parts.push((key_at, spelling, writer.inline(value)));
                });
                Placed { at, spelling: "{".to_owned(), parts: Parts::Map(parts) }
            }
        };
        self.keep(anchor, tree, &placed);
        placed
    }

    fn leaf(&mut self, spelling: &str) -> Placed {
        let placed = Placed::leaf(self.here, spelling);
        self.put(spelling);
        placed
    }

    /// A choice that JSON does not have.
    fn choices_yaml(&mut self, sides: usize) -> usize {
        if self.format == Format::Yaml { self.choices.below(sides) } else { 0 }
    }

    fn between<T>(&mut self, open: char, close: char, items: &[T], mut each: impl FnMut(&mut Self, &T)) {
        self.put(open.encode_utf8(&mut [0; 4]));
        self.depth += 1;
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.put(",");
            }
            self.gap();
            each(self, item);
        }
        self.depth -= 1;
        if !items.is_empty() {
            self.gap();
        }
        self.put(close.encode_utf8(&mut [0; 4]));
    }

    /// What may stand around the items between brackets.
    fn gap(&mut self) {
        match self.format {
            Format::Compact => {}
            Format::Pretty => {
                self.break_line();
                let indent = self.choices.pick(&["  ", "\t", " "]);
                self.put(&indent.repeat(self.depth));
            }
            Format::Yaml => match self.choices.below(8) {
                4 => self.put("  "),
                5 => self.put("\t"),
                6 => {
                    self.break_line();
                    self.blanks(2 + self.depth);
                }
                7 => {
                    self.put(" # ö, }");
                    self.break_line();
                    self.blanks(4);
                }
                _ => {}
            },
        }
    }

    /// Writes a string, and gives how it is spelled.
    fn string(&mut self, text: &str) -> String {
        let spelling = match self.choices_yaml(4) {
            _ if self.format != Format::Yaml => self.double_quoted(text),
            0 | 1 if is_plain(text) => text.to_owned(),
            2 if !text.contains(['\n', '\u{feff}']) => format!("'{}'", text.replace('\'', "''")),
            _ => self.double_quoted(text),
        };
        self.put(&spelling);
        spelling
    }

    /// As JSON has it, which is YAML as well; perhaps with a needless escape.
    fn double_quoted(&mut self, text: &str) -> String {
        let mut quoted = serde_json::to_string(text).expect("a string");
        if self.format == Format::Yaml {
            quoted = quoted.replace('\u{feff}', "\\ufeff");
        }
        match text.chars().next() {
            Some(first) if first.is_ascii_alphabetic() && self.choices.below(8) == 7 => {
                format!("\"\\u{:04x}{}", u32::from(first), &quoted[2..])
            }
            _ => quoted,
        }
    }
}

/// Whether a text means itself without quotes.
fn is_plain(text: &str) -> bool {
    let letters = text.chars().all(|c| c.is_ascii_alphanumeric() || "./-".contains(c));
    let word = text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.to_lowercase() != "true";
    letters && (word || text.contains('/'))
}
