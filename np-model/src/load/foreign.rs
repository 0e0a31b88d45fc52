//! Texts that another tool has to work on before they are manifests: templates, and what is
//! encrypted. They are recognised, so that np says what they are instead of where YAML broke.

use crate::diag::{Code, Diagnostic};

/// What a file starts with that is encrypted as a whole, the tool that did it, and what undoes it.
#[cfg(feature = "yaml")]
const ENCRYPTED: &[(&[u8], &str, &str)] = &[
    (b"\0GITCRYPT\0", "git-crypt", "unlock the repository first: `git-crypt unlock`"),
    (b"$ANSIBLE_VAULT;", "Ansible Vault", "decrypt it first: `ansible-vault view FILE | np ... -f -`"),
    (b"-----BEGIN PGP MESSAGE-----", "PGP", "decrypt it first: `gpg --decrypt FILE | np ... -f -`"),
    (b"-----BEGIN AGE ENCRYPTED FILE-----", "age", AGE),
    (b"age-encryption.org/", "age", AGE),
];

#[cfg(feature = "yaml")]
const AGE: &str = "decrypt it first: `age --decrypt -i KEY FILE | np ... -f -`";

/// What SOPS writes in place of a value.
const SOPS_VALUE: &str = "ENC[AES256_GCM,";

/// Words that only a template of Helm has between its braces.
const HELM_WORDS: [&str; 11] = [
    ".Values",
    ".Release",
    ".Chart",
    ".Capabilities",
    ".Files",
    "{{ include ",
    "{{- include ",
    "{{ template ",
    "{{- template ",
    "{{ define ",
    "{{- define ",
];

/// The error of a file that is encrypted as a whole.
#[cfg(feature = "yaml")]
pub(super) fn encrypted(bytes: &[u8]) -> Option<Diagnostic> {
    let start = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    let (_, tool, help) = ENCRYPTED.iter().find(|(mark, ..)| start.starts_with(mark))?;
    Some(sealed(tool, help))
}

/// The error of a template, if this text is one, with the byte where its first braces are.
/// `broken` is where it cannot be read as YAML: text with braces may be broken for other reasons.
#[cfg(feature = "yaml")]
pub(super) fn template(text: &str, broken: usize) -> Option<(usize, Diagnostic)> {
    let at = text.find("{{")?;
    let (before, behind) = text.split_at_checked(broken).unwrap_or((text, ""));
    // The line that is broken and the one before it, which may be what broke it.
    let start = before.rmatch_indices('\n').nth(1).map_or(0, |(at, _)| at);
    let end = behind.find('\n').map_or(text.len(), |at| before.len() + at);
    let is_broken_by_it = text[start..end].contains("{{");
    let is_template = text[at..].contains("}}") && (is_broken_by_it || is_helm(&text[at..]));
    is_template.then(|| (at, unrendered(&text[at..])))
}

/// What is wrong with a text that np relies on, if a tool has yet to replace it.
pub(crate) fn unfinished(text: &str) -> Option<Diagnostic> {
    if text.starts_with(SOPS_VALUE) {
        return Some(sops());
    }
    // Every name and label is asked, and they are short: a search would take longer to prepare.
    let at = text.as_bytes().windows(2).position(|pair| pair == b"{{")?;
    text[at + 2..].contains("}}").then(|| unrendered(text))
}

/// The error of what SOPS has encrypted.
pub(crate) fn sops() -> Diagnostic {
    sealed("SOPS", "decrypt it first: `sops decrypt FILE | np ... -f -`")
}

fn sealed(tool: &str, help: &str) -> Diagnostic {
    let message = format!("encrypted with {tool}, so np cannot tell what it holds");
    Diagnostic::error(Code::ForeignFormat, message).help(help)
}

fn unrendered(text: &str) -> Diagnostic {
    if is_helm(text) || text.contains("{{-") {
        let message = "this is a Helm template, not a manifest";
        return Diagnostic::error(Code::ForeignFormat, message).help(RENDER);
    }
    let message = "this is a template, not a manifest: something has to fill in what `{{ ... }}` stands for";
    Diagnostic::error(Code::ForeignFormat, message)
        .help("render it first; if it is one of Helm: `helm template CHART | np ... -f -`")
}

fn is_helm(text: &str) -> bool {
    HELM_WORDS.iter().any(|word| text.contains(word))
}

/// What to do about a chart.
pub(crate) const RENDER: &str = "render it first: `helm template CHART | np ... -f -`";

#[cfg(all(test, feature = "yaml"))]
mod tests {
    use super::{encrypted, template, unfinished};

    #[test]
    fn what_is_encrypted_starts_with_a_mark() {
        for text in [
            "\0GITCRYPT\0\u{1}\u{2}",
            "$ANSIBLE_VAULT;1.1;AES256\n6162\n",
            "\u{feff}\n-----BEGIN PGP MESSAGE-----\n\nabc",
            "-----BEGIN AGE ENCRYPTED FILE-----\nabc",
            "age-encryption.org/v1\n-> X25519 abc",
        ] {
            assert!(encrypted(text.as_bytes()).is_some(), "{text:?}");
        }
        for text in ["", "kind: Pod", "# $ANSIBLE_VAULT;1.1", "-----BEGIN CERTIFICATE-----\n"] {
            assert!(encrypted(text.as_bytes()).is_none(), "{text:?}");
        }
    }

    #[test]
    fn templates_have_pairs_of_braces() {
        let at =
            |text, broken| template(text, broken).map(|(at, problem)| (at, problem.message.contains("Helm")));
        let message = |text| at(text, 0);
        assert_eq!(message("a: {{ .Values.a }}"), Some((3, true)));
        assert_eq!(message("{{- if eq 1 2 }}\na: 1\n{{- end }}"), Some((0, true)));
        assert_eq!(message("a: {{ cluster }}"), Some((3, false)));
        assert_eq!(message("a: {b: {c: d}}"), None);
        assert_eq!(message("a: {{ b"), None);
        // Broken elsewhere, so that the braces may be meant, unless only Helm writes such.
        assert_eq!(at("a: '{{ b }}'\nc: d\ne: f: g\n", 21), None);
        assert_eq!(at("a: {{ b }}", 4), Some((3, false)));
        assert_eq!(at("a: {{ b }}\nc: d\n", 11), Some((3, false)));
        assert_eq!(at("a: '{{ .Values.b }}'\nc: d\ne: f: g\n", 29), Some((4, true)));
    }

    #[test]
    fn values_may_be_unfinished() {
        assert!(
            unfinished("web-{{ .Release.Name }}").is_some_and(|problem| problem.message.contains("Helm"))
        );
        assert!(unfinished("ENC[AES256_GCM,data:abc=,type:str]").is_some());
        assert_eq!(unfinished("web}}{{"), None);
        assert_eq!(unfinished("ENC"), None);
    }
}
