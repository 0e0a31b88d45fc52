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

fn lines(text: &str) -> impl DoubleEndedIterator<Item = &str> {
    text.split_inclusive('\n')
}

/// Two texts from somewhat before their first difference to somewhat behind the last, and how many lines are before
/// that.
fn middle<'t>(old: &'t str, new: &'t str) -> (usize, &'t str, &'t str) {
    let same = || lines(old).zip(lines(new)).take_while(|(a, b)| a == b).map(|(line, _)| line.len());
    let above = same().count().saturating_sub(AROUND);
    let start = same().take(above).sum();
    let (old, new) = (&old[start..], &new[start..]);
    let same =
        || lines(old).rev().zip(lines(new).rev()).take_while(|(a, b)| a == b).map(|(line, _)| line.len());
    let below = same().count().saturating_sub(AROUND);
    let end: usize = same().take(below).sum();
    (above, &old[..old.len() - end], &new[..new.len() - end])
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
    use super::unified;

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
