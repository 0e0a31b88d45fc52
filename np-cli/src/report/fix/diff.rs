//! A unified diff of one file, as `patch -p1` and `git apply` take it.

use std::fmt::Write as _;

use similar::TextDiff;

/// The diff of a file from `old` to `new`; `None` is a file that is not there yet. Lines end with their line feed, so that
/// a carriage return before it is a part of the line.
pub(super) fn unified(name: &str, old: Option<&str>, new: &str) -> String {
    let lines = |text: &'_ str| -> Vec<String> { text.split_inclusive('\n').map(str::to_owned).collect() };
    let (before, after) = (lines(old.unwrap_or_default()), lines(new));
    let before: Vec<&str> = before.iter().map(String::as_str).collect();
    let after: Vec<&str> = after.iter().map(String::as_str).collect();
    let from = if old.is_some() { header("a/", name) } else { "/dev/null".to_owned() };
    let diff = TextDiff::configure().newline_terminated(true).diff_slices(&before, &after);
    diff.unified_diff().context_radius(3).header(&from, &header("b/", name)).to_string()
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
