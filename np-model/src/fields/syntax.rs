//! How names, label keys, label values and port names must be written
//! (`k8s.io/apimachinery/pkg/util/validation`).
//!
//! Each function gives everything that is wrong with a text; nothing means that it is fine.

/// What is wrong with an RFC 1123 label, as namespaces are named.
pub(crate) fn dns_label(text: &str) -> Vec<&'static str> {
    problems(&[
        (text.len() <= 63, "must be no more than 63 characters"),
        (
            is_dns_label(text),
            "must consist of lower case letters, digits and `-`, and start and end with a letter or digit",
        ),
    ])
}

/// What is wrong with an RFC 1123 subdomain, as most objects are named.
pub(crate) fn dns_subdomain(text: &str) -> Vec<&'static str> {
    problems(&[
        (text.len() <= 253, "must be no more than 253 characters"),
        (
            text.split('.').all(is_dns_label),
            "must consist of lower case letters, digits, `-` and `.`, and start and end with a letter or digit",
        ),
    ])
}

/// What is wrong with a qualified name, as label keys are: `name` or `prefix/name`.
pub(crate) fn label_key(text: &str) -> Vec<&'static str> {
    let (mut wrong, name) = match text.split_once('/') {
        None => (Vec::new(), text),
        Some((_, rest)) if rest.contains('/') => return vec!["must have at most one `/`"],
        Some(("", name)) => (vec!["must have a prefix before the `/`"], name),
        Some((prefix, name)) if dns_subdomain(prefix).is_empty() => (Vec::new(), name),
        Some((_, name)) => (vec!["must have a DNS subdomain in lower case before the `/`"], name),
    };
    wrong.extend(problems(&[
        (!name.is_empty(), "must have a name"),
        (name.len() <= 63, "must have a name of no more than 63 characters"),
        (
            name.is_empty() || is_label_text(name),
            "must have a name of letters, digits, `-`, `_` and `.` that starts and ends with a letter or digit",
        ),
    ]));
    wrong
}

/// What is wrong with a label value.
pub(crate) fn label_value(text: &str) -> Vec<&'static str> {
    problems(&[
        (text.len() <= 63, "must be no more than 63 characters"),
        (
            text.is_empty() || is_label_text(text),
            "must be empty, or letters, digits, `-`, `_` and `.` that start and end with a letter or digit",
        ),
    ])
}

/// What is wrong with the name of a port (RFC 6335).
pub(crate) fn port_name(text: &str) -> Vec<&'static str> {
    let in_set = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    problems(&[
        (text.len() <= 15, "must be no more than 15 characters"),
        (!text.is_empty() && text.bytes().all(in_set), "must consist of lower case letters, digits and `-`"),
        (text.bytes().any(|byte| byte.is_ascii_lowercase()), "must contain at least one letter (a-z)"),
        (!text.contains("--"), "must not contain two hyphens in a row"),
        (!text.starts_with('-') && !text.ends_with('-'), "must not start or end with a hyphen"),
    ])
}

fn problems(rules: &[(bool, &'static str)]) -> Vec<&'static str> {
    rules.iter().filter(|(holds, _)| !holds).map(|(_, wrong)| *wrong).collect()
}

/// One part of a DNS name; its length is the caller's business, as it is the API server's.
fn is_dns_label(text: &str) -> bool {
    let edge = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    framed(text, edge, |byte| edge(byte) || *byte == b'-')
}

fn is_label_text(text: &str) -> bool {
    framed(text, u8::is_ascii_alphanumeric, |byte| byte.is_ascii_alphanumeric() || b"-_.".contains(byte))
}

/// Whether `text` starts and ends with an `edge`, with only `inner` bytes between.
fn framed(text: &str, edge: impl Fn(&u8) -> bool, inner: impl Fn(&u8) -> bool) -> bool {
    let bytes = text.as_bytes();
    bytes.first().is_some_and(&edge) && bytes.last().is_some_and(&edge) && bytes.iter().all(inner)
}

#[cfg(test)]
mod tests {
    use super::{dns_label, dns_subdomain, label_key, label_value, port_name};

    /// How many things are wrong with each text.
    fn wrong<const N: usize>(rule: fn(&str) -> Vec<&'static str>, texts: [&str; N]) -> [usize; N] {
        texts.map(|text| rule(text).len())
    }

    #[test]
    fn names() {
        let long = "a".repeat(64);
        assert_eq!(wrong(dns_label, ["a", "a-1", "", "-a", "A", "a.b", &long]), [0, 0, 1, 1, 1, 1, 1]);
        // The parts of a subdomain may be longer than a label.
        assert_eq!(wrong(dns_subdomain, ["a.b-c", &long, "a..b", "a_b"]), [0, 0, 1, 1]);
        assert_eq!(wrong(dns_subdomain, [&"a.".repeat(127)]), [2]);
    }

    #[test]
    fn labels() {
        let long = "a".repeat(64);
        assert_eq!(wrong(label_key, ["app", "App_1.x", "example.com/app", "1"]), [0; 4]);
        assert_eq!(wrong(label_key, ["", "a/", "/a", "a/b/c", "Example.com/a", "-a", "a b", &long]), [1; 8]);
        assert_eq!(wrong(label_value, ["", "a", "A_b.c-1", "-a", "a b", &long]), [0, 0, 0, 1, 1, 1]);
    }

    #[test]
    fn ports() {
        assert_eq!(wrong(port_name, ["http", "a1-b", "80", "a--b", "-a", "HTTP", ""]), [0, 0, 1, 1, 1, 2, 2]);
    }
}
