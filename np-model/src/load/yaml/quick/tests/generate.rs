//! Makes up documents: plain ones, ones with oddities in them, and changed ones.

use std::fmt::Write as _;

/// Numbers that look like chance and are the same for the same seed.
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `sides`.
    pub(super) fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap_or(0) % sides.max(1)
    }

    fn pick<'s>(&mut self, from: &[&'s str]) -> &'s str {
        from[self.roll(from.len())]
    }
}

const SCALARS: &[&str] = &[
    "a",
    "web",
    "10.0.0.1",
    "80",
    "yes",
    "~",
    "null",
    "0x1f",
    "1_000",
    "-1",
    "1.5",
    "-XX:a=b c",
    "a b  c",
    "a:b",
    "a#b",
    "x/y:1@sha256:0",
    "\"\"",
    "''",
    "\"a: b # c\"",
    "'it''s'",
    "\"\\n\\t\\\"\"",
    "'{}'",
    "{}",
    "[]",
    "[a, 'b', \"c\"]",
    "{a: b, 'c': [d]}",
    "[{a: 1}, {b: 2.5}]",
    "ü",
    "\"🎉\"",
    "--a",
    "-",
    "a-",
    "a - b",
    "\"a\n  b\"",
    "'a\n\n c'",
    "$(X)",
    "*",
    "2024-05-14T09:26:53Z",
    "1:20",
    "a'b",
    "a\"b\"",
    "%s",
];

const ODD: &[&str] = &[
    "- a",
    "a: b",
    "a:",
    ":a",
    ": a",
    "?",
    "? a",
    "&a b",
    "*a",
    "!a b",
    "!!str 1",
    "[a",
    "{a",
    "a]",
    "[a: b]",
    "[a?]",
    "['!', b]",
    "[a!, b]",
    "[a, ]",
    "{a}",
    "{a: }",
    "\"a",
    "'a",
    "\"\\z\"",
    "\"a\\\n b\"",
    "|",
    ">",
    "|2",
    ">-\n  a\n  b",
    "|\n",
    "|+\n\n",
    "|-\n  a\n b",
    "@a",
    "`a",
    "%a",
    "a\tb",
    "\ta",
    "a\t",
    "a #b",
    "a# b",
    "'a'#b",
    "'a' b",
    "\"a\": b",
    ".inf",
    "<<",
    "---",
    "...",
    "--- a",
    "- - a",
    "- a: b",
    "a\n b",
    "a\n\n b: c",
    "a\n# c\n b",
    "\u{85}",
    "\u{feff}",
    "\u{2028}",
    "\r",
    "a\r\n b",
    "{a: b}: c",
    "[]: a",
    "18446744073709551615",
    "#a",
    "[#a]",
    "[a #b]",
    "{a:b}",
    "{\"a\":b}",
    "[a,b]",
    "[-a]",
    "[-]",
    "[- a]",
    "{a: 1, a: 2}",
    "'a\n---\n'",
    "'a\n...\n'",
];

const KEYS: &[&str] = &[
    "a",
    "b",
    "c",
    "key",
    "app.kubernetes.io/name",
    "f:metadata",
    ".",
    "k:{\"ip\":\"1\"}",
    "\"q\"",
    "'s t'",
    "x y",
    "on",
    "1",
    "1.5",
    "-k",
    "ü",
    "k ",
    "\"r\" ",
    "d",
    "e",
    "f",
    "0x10",
];

const ODD_KEYS: &[&str] =
    &["~", "", "<<", "'<<'", "? a", "- a", "[a]", "{}", "a", "a", "\"a\"", "&a b", "*a", "|", "\"a\n b\""];

const COMMENTS: &[&str] = &["", "", "", "", "", " ", "  ", " # c", "   #c: d", " #"];

/// A document that is plain, unless it may be `odd`.
pub(super) fn document(dice: &mut Dice, odd: bool) -> String {
    let mut text = String::new();
    if dice.roll(4) == 0 {
        text.push_str("# comment\n\n");
    }
    let mut maker = Maker { dice, odd, text };
    let indent = if maker.dice.roll(8) == 0 { 2 } else { 0 };
    if maker.dice.roll(4) == 0 {
        maker.list(indent, 0, false);
    } else {
        maker.map(indent, 0, false);
    }
    let Maker { dice, mut text, .. } = maker;
    match dice.roll(8) {
        0 => text.truncate(text.trim_end().len()),
        1 => text = text.replace('\n', "\r\n"),
        _ => {}
    }
    text
}

struct Maker<'d> {
    dice: &'d mut Dice,
    odd: bool,
    text: String,
}

impl Maker<'_> {
    fn is_odd(&mut self) -> bool {
        self.odd && self.dice.roll(12) == 0
    }

    fn indent(&mut self, indent: usize) {
        let by = if self.is_odd() { self.dice.roll(3) } else { 1 };
        self.text.push_str(&" ".repeat((indent + by).saturating_sub(1)));
    }

    /// Ends a line.
    fn end(&mut self) {
        let comment = self.dice.pick(COMMENTS);
        let _ = writeln!(self.text, "{comment}");
        match self.dice.roll(24) {
            0 => self.text.push('\n'),
            1 => self.text.push_str("   \n"),
            2 => self.text.push_str("# c\n"),
            _ => {}
        }
    }

    fn map(&mut self, indent: usize, depth: usize, mut is_on_line: bool) {
        let first = self.dice.roll(KEYS.len());
        for at in 0..=self.dice.roll(4) {
            if !std::mem::take(&mut is_on_line) {
                self.indent(indent);
            }
            // No key twice, `1` and its like aside.
            let key = if self.is_odd() { self.dice.pick(ODD_KEYS) } else { KEYS[(first + at) % KEYS.len()] };
            let _ = write!(self.text, "{key}:");
            self.value(indent, depth, false);
        }
    }

    fn list(&mut self, indent: usize, depth: usize, mut is_on_line: bool) {
        for _ in 0..=self.dice.roll(3) {
            if !std::mem::take(&mut is_on_line) {
                self.indent(indent);
            }
            self.text.push('-');
            self.value(indent, depth, true);
        }
    }

    /// What stands behind the colon of a key or the dash of an item.
    fn value(&mut self, indent: usize, depth: usize, in_list: bool) {
        if self.is_odd() {
            let odd = self.dice.pick(ODD);
            let _ = write!(self.text, " {odd}");
            return self.end();
        }
        let deeper = indent + 1 + self.dice.roll(3);
        match self.dice.roll(if depth < 4 { 10 } else { 5 }) {
            0 => self.end(),
            1 => self.block(indent),
            2 if depth > 0 => {
                self.text.push_str(" long text\n");
                self.text.push_str(&" ".repeat(deeper));
                self.text.push_str("that goes on");
                self.end();
            }
            2..=4 => {
                let scalar = self.dice.pick(SCALARS);
                // A dash alone is an item.
                let scalar = if scalar == "-" || scalar == "*" || scalar == "%s" { "x" } else { scalar };
                let _ = write!(self.text, " {scalar}");
                self.end();
            }
            5 if !in_list => {
                self.end();
                self.list(indent, depth + 1, false);
            }
            5..=6 if in_list => {
                let more = 1 + self.dice.roll(3);
                self.text.push_str(&" ".repeat(more));
                let indent = indent + 1 + more;
                if self.dice.roll(3) == 0 {
                    self.list(indent, depth + 1, true);
                } else {
                    self.map(indent, depth + 1, true);
                }
            }
            5..=7 => {
                self.end();
                self.list(deeper, depth + 1, false);
            }
            _ => {
                self.end();
                self.map(deeper, depth + 1, false);
            }
        }
    }

    fn block(&mut self, indent: usize) {
        let header = self.dice.pick(&["|", "|-", "|+", "|  "]);
        let _ = writeln!(self.text, " {header}");
        let indent = indent + 1 + self.dice.roll(3);
        if self.dice.roll(4) == 0 {
            self.text.push('\n');
        }
        for at in 0..=self.dice.roll(3) {
            let line = self.dice.pick(&["{\"a\": 1}", "a: b", "# c", "- d", "", "   ", "  e", "\tf", "'g"]);
            let line =
                if at == 0 && (line.trim().is_empty() || line.starts_with([' ', '\t'])) { "x" } else { line };
            if line.is_empty() {
                self.text.push('\n');
            } else {
                let _ = writeln!(self.text, "{}{line}", " ".repeat(indent));
            }
        }
    }
}

/// Changes a text in one place.
pub(super) fn mutate(dice: &mut Dice, text: &str) -> String {
    const TOKENS: &[&str] = &[
        " ", "  ", "\n", "\n ", "\n  ", "\n- ", "- ", "-", ": ", ":", "#", " #", "'", "\"", "|\n", "[", "]",
        "{", "}", ",", "\\", "\t", "\r\n", "\r", "? ", "&a ", "*a", "!a ", "<<: ", "~", "ü", "\u{85}", "%",
        "@", "\n...\n", ">\n", "|2\n",
    ];
    let place = |dice: &mut Dice| {
        let mut at = dice.roll(text.len() + 1);
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let (a, b) = (place(dice), place(dice));
    let (from, to) = (a.min(b), a.max(b));
    let (start, end) =
        (text[..a].rfind('\n').map_or(0, |at| at + 1), text[a..].find('\n').map_or(text.len(), |at| a + at));
    match dice.roll(8) {
        // A line further in or out, or gone, or twice.
        0 => format!("{} {}", &text[..start], &text[start..]),
        1 if text[start..].starts_with(' ') => format!("{}{}", &text[..start], &text[start + 1..]),
        2 => format!("{}{}", &text[..start], &text[end..]),
        3 => format!("{}\n{}", &text[..end], &text[start..]),
        // A few characters gone, or a piece moved.
        4 if to - from < 16 => format!("{}{}", &text[..from], &text[to..]),
        5 if to - from < 64 => format!("{}{}{}", &text[..from], &text[from..to], &text[from..]),
        _ => format!("{}{}{}", &text[..a], dice.pick(TOKENS), &text[a..]),
    }
}
