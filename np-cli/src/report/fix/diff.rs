//! A unified diff of one file, as `patch -p1` and `git apply` take it.

use std::fmt::Write as _;

use similar::udiff::UnifiedHunkHeader;
use similar::{DiffOp, TextDiff};

/// How many lines around a change are shown.
const CONTEXT: usize = 3;

/// How many lines around all changes are looked at: more than are shown, as what is added may as well stand further up
/// where it says what stands there.
const AROUND: usize = 100;

/// The diff of a file from `old` to `new`; `None` is a file that is not there yet. Lines end with their line feed, so that
/// a carriage return before it is a part of the line. Of a long text, only the lines from the first change to the last are
/// held against each other.
pub(super) fn unified(name: &str, old: Option<&str>, new: &str) -> String {
    let from = if old.is_some() { header("a/", name) } else { "/dev/null".to_owned() };
    let (above, old, new) = middle(old.unwrap_or_default(), new);
    let [before, after] = [old, new].map(|text| lines(text).collect::<Vec<_>>());
    let diff = TextDiff::configure().newline_terminated(true).diff_slices(&before, &after);
    let mut text = String::new();
    for hunk in diff.unified_diff().context_radius(CONTEXT).iter_hunks() {
        if text.is_empty() {
            text = format!("--- {from}\n+++ {}\n", header("b/", name));
        }
        let ops: Vec<DiffOp> = hunk.ops().iter().map(|op| below(*op, above)).collect();
        let (hunk, header) = (hunk.to_string(), UnifiedHunkHeader::new(&ops));
        let changes = hunk.split_once('\n').map_or("", |(_, changes)| changes);
        _ = write!(text, "{header}\n{changes}");
    }
    text
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive('\n')
}

/// Two texts from somewhat before their first difference to somewhat behind the last, and how many lines are before
/// that. Of long texts with few differences this is most of the work, so nothing is asked of single lines but near these.
fn middle<'t>(old: &'t str, new: &'t str) -> (usize, &'t str, &'t str) {
    let first = match same(old.as_bytes(), new.as_bytes()) {
        all if all == old.len() && all == new.len() => all,
        some => line_start(&old.as_bytes()[..some]),
    };
    let start = (0..AROUND).fold(first, |at, _| line_start(&old.as_bytes()[..at.saturating_sub(1)]));
    let above = old[..start].matches('\n').count();
    let (old, new) = (&old[start..], &new[start..]);
    let same = same_end(old.as_bytes(), new.as_bytes());
    let starts_line = |text: &str| text.len() == same || text.as_bytes()[text.len() - same - 1] == b'\n';
    let last = &old.as_bytes()[old.len() - same..];
    let last = if starts_line(old) && starts_line(new) { last } else { next_line(last) };
    let end = (0..AROUND).fold(last, |rest, _| next_line(rest)).len();
    (above, &old[..old.len() - end], &new[..new.len() - end])
}

/// How many bytes are compared at once.
const CHUNK: usize = 4096;

/// How many bytes both have in common at their start.
fn same(a: &[u8], b: &[u8]) -> usize {
    let chunks = a.chunks_exact(CHUNK).zip(b.chunks_exact(CHUNK)).take_while(|(a, b)| a == b).count();
    let at = chunks * CHUNK;
    at + a[at..].iter().zip(&b[at..]).take_while(|(a, b)| a == b).count()
}

/// How many bytes both have in common at their end.
fn same_end(a: &[u8], b: &[u8]) -> usize {
    let chunks = a.rchunks_exact(CHUNK).zip(b.rchunks_exact(CHUNK)).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[..a.len() - chunks * CHUNK], &b[..b.len() - chunks * CHUNK]);
    let rest = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
    chunks * CHUNK + rest
}

/// Where the last line of a text starts: at its end, if the text ends with a line feed.
fn line_start(text: &[u8]) -> usize {
    text.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1)
}

/// A text without its first line.
fn next_line(text: &[u8]) -> &[u8] {
    text.iter().position(|byte| *byte == b'\n').map_or(&[], |at| &text[at + 1..])
}

/// An operation on a text as one on the text with so many lines above.
fn below(mut op: DiffOp, above: usize) -> DiffOp {
    match &mut op {
        DiffOp::Equal { old_index, new_index, .. }
        | DiffOp::Delete { old_index, new_index, .. }
        | DiffOp::Insert { old_index, new_index, .. }
        | DiffOp::Replace { old_index, new_index, .. } => {
            *old_index += above;
            *new_index += above;
        }
    }
    op
}

/// A name behind its prefix as git writes it: in quotes if it has characters that need them, and with a tab behind it if it
/// has blanks, so that it is known where it ends.
fn header(prefix: &str, name: &str) -> String {
    let needs_quotes = |byte: u8| !(0x20..0x7f).contains(&byte) || byte == b'"' || byte == b'\\';
    if !name.bytes().any(needs_quotes) {
        return format!("{prefix}{name}{}", if name.contains(' ') { "\t" } else { "" });
    }
    let mut quoted = format!("\"{prefix}");
    for byte in name.bytes() {
        match byte {
            b'"' | b'\\' => quoted.extend(['\\', char::from(byte)]),
            b'\t' => quoted.push_str("\\t"),
            b'\n' => quoted.push_str("\\n"),
            byte if needs_quotes(byte) => _ = write!(quoted, "\\{byte:03o}"),
            byte => quoted.push(char::from(byte)),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::{AROUND, middle, unified};

    #[track_caller]
    fn check(name: &str, old: Option<&str>, new: &str, expected: &str) {
        assert_eq!(unified(name, old, new), expected);
    }

    #[test]
    fn lines_and_their_ends() {
        check(
            "x.yaml",
            Some("a\nb\n"),
            "a\nc\n",
            "--- a/x.yaml\n+++ b/x.yaml\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n",
        );
        check(
            "x.yaml",
            Some("a\r\nb"),
            "a\r\nc",
            "--- a/x.yaml\n+++ b/x.yaml\n@@ -1,2 +1,2 @@\n a\r\n-b\n\\ No newline at end of file\n+c\n\\ No newline at end of file\n",
        );
        check("x.yaml", None, "a\n", "--- /dev/null\n+++ b/x.yaml\n@@ -0,0 +1 @@\n+a\n");
    }

    #[test]
    fn long_texts_count_their_lines_from_the_top() {
        let lines = |range: std::ops::Range<u32>| {
            let lines: Vec<String> = range.map(|number| format!("{number}\n")).collect();
            lines.concat()
        };
        let (old, new) = (lines(1..1001), format!("{}new\n{}", lines(1..501), lines(501..1001)));
        let expected = "@@ -498,6 +498,7 @@\n 498\n 499\n 500\n+new\n 501\n 502\n 503\n";
        check("x", Some(&old), &new, &format!("--- a/x\n+++ b/x\n{expected}"));
        let two = format!("0\n{new}1001\n");
        let expected = format!(
            "@@ -1,3 +1,4 @@\n+0\n 1\n 2\n 3\n@@ -498,6 +499,7 @@\n{}@@ -998,3 +1000,4 @@\n 998\n 999\n 1000\n+1001\n",
            expected.split_once('\n').expect("lines").1
        );
        check("x", Some(&old), &two, &format!("--- a/x\n+++ b/x\n{expected}"));
        // Of lines that are all the same, one more.
        let expected = "--- a/x\n+++ b/x\n";
        let diff = unified("x", Some(&"a\n".repeat(1000)), &"a\n".repeat(1001));
        assert!(diff.starts_with(expected) && diff.matches("\n+a").count() == 1, "{diff}");
    }

    /// The middle of two texts is what is left when their lines are held against each other one by one.
    #[test]
    fn what_both_have_is_left_out_line_by_line() {
        let check = |old: &str, new: &str| {
            let (above, a, b) = middle(old, new);
            let same = |one: &str, other: &str| {
                one.split_inclusive('\n').zip(other.split_inclusive('\n')).take_while(|(a, b)| a == b).count()
            };
            let first = same(old, new);
            assert_eq!(above, first.saturating_sub(AROUND), "{old:?} {new:?}");
            let skip =
                |text: &str| text.split_inclusive('\n').skip(above).map(str::to_owned).collect::<Vec<_>>();
            let (old, new) = (skip(old), skip(new));
            let same = old.iter().rev().zip(new.iter().rev()).take_while(|(a, b)| a == b).count();
            let below = same.saturating_sub(AROUND);
            let left = |lines: &[String]| lines[..lines.len() - below].concat();
            assert_eq!((a, b), (left(&old).as_str(), left(&new).as_str()));
        };
        let parts = ["", "a\n", "b\n", "a", "\n", "aa\n", "xa\n", "ä\n", "é"];
        let many = ["", &"a\n".repeat(99), &"a\n".repeat(100), &"a\n".repeat(101), &"ab\n".repeat(5000)];
        for (before, behind) in many.iter().flat_map(|before| many.map(|behind| (before, behind))) {
            for (old, new) in parts.iter().flat_map(|old| parts.map(|new| (old, new))) {
                check(&format!("{before}{old}{behind}"), &format!("{before}{new}{behind}"));
                check(&format!("{before}{old}{behind}x"), &format!("{before}{new}{behind}x"));
                check(&format!("{before}{old}{behind}x"), &format!("{before}{new}{behind}"));
            }
        }
    }

    #[test]
    fn names() {
        check("a b", Some(""), "a\n", "--- a/a b\t\n+++ b/a b\t\n@@ -0,0 +1 @@\n+a\n");
        check(
            "é\"\\\t",
            Some(""),
            "a\n",
            "--- \"a/\\303\\251\\\"\\\\\\t\"\n+++ \"b/\\303\\251\\\"\\\\\\t\"\n@@ -0,0 +1 @@\n+a\n",
        );
    }
}
