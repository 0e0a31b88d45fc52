//! Files of accepted changes: YAML that is reviewed with the change it accepts.
//!
//! ```yaml
//! accepted:
//! - from: internet
//!   to: shop/deploy/web
//!   ports: tcp/443
//!   kind: opened
//!   reason: the shop is public
//!   expires: 2027-01-31
//! ```

use std::path::{Path, PathBuf};

use np_model::addr::{AddrSet, Families};
use np_model::conn::{AskedPort, ConnSet};
use np_model::diag::{Code, Diagnostic};
use np_model::facts::WorkloadKind;
use np_model::load::node::{Node, Value};
use np_model::load::{Limits, text};
use np_model::origin::{Location, Sources};
use np_sim::endpoint::internet;

use super::date::{Date, Day, today};
use crate::failure::{Failure, Message};
use crate::report::clean::clean;
use crate::report::places::{Place, Places};

/// What some files accept.
#[derive(Debug, Clone)]
pub(crate) struct Allowed {
    /// Their entries, in order.
    pub(super) entries: Vec<Entry>,
}

/// One accepted change.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// What it is about.
    pub(super) about: About,
    /// Why it is accepted.
    pub(super) reason: String,
    /// The last day that it holds on.
    pub(super) expires: Option<Date>,
    /// Whether that day is over.
    pub(super) is_over: bool,
    /// Where it stands.
    pub(super) place: Place,
}

/// What an entry is about.
#[expect(clippy::large_enum_variant, reason = "a file has few entries, most of them large")]
#[derive(Debug, Clone)]
pub(super) enum About {
    /// Connections between two ends.
    Pairs {
        /// The sources.
        from: Named,
        /// The destinations.
        to: Named,
        /// Which connections.
        ports: ConnSet,
        /// What may happen to them; `None` for anything.
        kind: Option<PairKind>,
    },
    /// Workloads, pods or nodes on their own.
    Alone {
        /// Which.
        workload: Pattern,
        /// What may happen to them; `None` for anything.
        kind: Option<AloneKind>,
    },
}

/// What happens to a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PairKind {
    Opened,
    Closed,
    Unknown,
}

/// What happens to a workload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AloneKind {
    Added,
    Removed,
    Isolated,
    Unprotected,
}

/// Whom an end means.
#[derive(Debug, Clone)]
pub(super) enum Named {
    /// External addresses, as far as they are among these.
    Addresses(AddrSet),
    /// Pods, workloads and nodes by name.
    Names(Pattern),
}

/// A name, in which `*` stands for anything. The kind may be left out.
#[derive(Debug, Clone)]
pub(super) struct Pattern(String);

const FIELDS: [&str; 7] = ["from", "to", "ports", "workload", "kind", "reason", "expires"];

impl Allowed {
    /// Reads files of accepted changes.
    ///
    /// # Errors
    /// If one cannot be read, or says something that is not understood: nothing is accepted by mistake.
    pub(crate) fn read(paths: &[PathBuf]) -> Result<Self, Failure> {
        let today = today()?;
        let (mut sources, mut unread) = (Sources::default(), Vec::new());
        let (mut problems, mut found) = (Vec::new(), Vec::new());
        for path in paths {
            match bytes(path) {
                Err(message) => unread.push(message),
                Ok(bytes) => match text::decode(bytes) {
                    Err(problem) => {
                        unread.push(Message::new(format!("`{}`: {}", path.display(), problem.message)));
                    }
                    Ok(text) => {
                        let name = path.to_string_lossy();
                        if let Ok(source) = sources.add(&name, text) {
                            let text = sources.shared_text(source);
                            let (entries, wrong) = (&mut found, &mut Vec::new());
                            let mut each = |document: np_model::load::Document<'_>| {
                                wrong.extend(document.duplicates);
                                entries.extend(read(document.root, wrong));
                            };
                            text::documents(source, &text, &Limits::default(), &mut each, &mut problems);
                            problems.append(wrong);
                        }
                    }
                },
            }
        }
        if !unread.is_empty() || !problems.is_empty() {
            return Err(Failure::Refused { unread, diagnostics: problems, sources });
        }
        let places = Places::new(&sources);
        let entries = found.into_iter().map(|raw: Raw| raw.entry(&places, today)).collect();
        Ok(Self { entries })
    }
}

fn bytes(path: &Path) -> Result<Vec<u8>, Message> {
    let unreadable = |error: &std::io::Error| {
        Message::new(format!("the file of accepted changes `{}` cannot be read: {error}", path.display()))
    };
    let size = std::fs::metadata(path).map_err(|error| unreadable(&error))?.len();
    if size > Limits::default().bytes {
        return Err(Message::new(format!(
            "`{}` is too large for a file of accepted changes",
            path.display()
        )));
    }
    std::fs::read(path).map_err(|error| unreadable(&error))
}

/// An entry whose place has not been looked up.
struct Raw {
    about: About,
    reason: String,
    expires: Option<Date>,
    at: Option<Location>,
}

impl Raw {
    fn entry(self, places: &Places<'_>, today: Day) -> Entry {
        let Self { about, reason, expires, at } = self;
        let nowhere = Place { file: String::new(), line: 0, column: 0 };
        let place = at.map_or(nowhere, |at| places.place(at));
        let is_over = expires.is_some_and(|date| date.day() < today);
        Entry { about, reason: crate::report::clean::clip(&reason).into_owned(), expires, is_over, place }
    }
}

/// The entries of a document, and what is wrong with it.
fn read(root: Node<'_>, problems: &mut Vec<Diagnostic>) -> Vec<Raw> {
    let Value::Map(entries) = root.value() else {
        problems.push(wrong_type("a map with `accepted`", root));
        return Vec::new();
    };
    for entry in entries {
        if entry.key != "accepted" {
            problems.push(unknown(entry.key, entry.key_at, &["accepted"]));
        }
    }
    let Some(list) = root.get("accepted") else { return Vec::new() };
    match list.value() {
        Value::Null => Vec::new(),
        Value::Seq(items) => items.filter_map(|item| one(item, problems)).collect(),
        _ => {
            problems.push(wrong_type("a list", list));
            Vec::new()
        }
    }
}

/// One entry.
fn one(item: Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Raw> {
    let Value::Map(entries) = item.value() else {
        problems.push(wrong_type("a map", item));
        return None;
    };
    let before = problems.len();
    for entry in entries {
        if !FIELDS.contains(&entry.key) {
            problems.push(unknown(entry.key, entry.key_at, &FIELDS));
        }
    }
    let mut text = |key: &str| {
        let node = item.get(key)?;
        let found = node.as_str().filter(|text| !text.trim().is_empty());
        if found.is_none() {
            problems.push(wrong_type("a string", node).field(key));
        }
        found.map(|text| (text, node.place()))
    };
    let [from, to, workload, kind, reason, expires] =
        ["from", "to", "workload", "kind", "reason", "expires"].map(&mut text);
    let ports = item.get("ports");
    if reason.is_none() && item.get("reason").is_none() {
        problems.push(missing("reason", item).help("say why it is accepted, for those who review it"));
    }
    let expires = expires.and_then(|(text, at)| {
        let date = text.parse::<Date>();
        if date.is_err() {
            let problem = invalid(format!("`{text}` is not a day"), at);
            problems.push(problem.help("write YYYY-MM-DD, such as 2027-01-31"));
        }
        date.ok()
    });
    let about = match (from, to, workload) {
        (Some(from), Some(to), None) => {
            let [from, to] = [from, to].map(|one| end(one, problems));
            let ports = match ports {
                Some(ports) => connections(ports, problems),
                None => Some(ConnSet::all(Families::BOTH)),
            };
            let kind = kind.and_then(|kind| word(kind, PAIR_KINDS, problems));
            from.zip(to).zip(ports).map(|((from, to), ports)| About::Pairs { from, to, ports, kind })
        }
        (None, None, Some(workload)) => {
            if let Some(ports) = ports {
                problems.push(invalid("an entry for a workload has no ports".to_owned(), ports.place()));
            }
            let kind = kind.and_then(|kind| word(kind, ALONE_KINDS, problems));
            name(workload, problems).map(|workload| About::Alone { workload, kind })
        }
        _ => {
            if problems.len() == before {
                problems.push(missing("from` and `to", item).help(
                    "an entry names the pairs that it accepts by `from` and `to`, or what is added, removed or isolated by `workload`",
                ));
            }
            None
        }
    };
    if problems.len() > before {
        return None;
    }
    Some(Raw { about: about?, reason: reason?.0.to_owned(), expires, at: item.place() })
}

const PAIR_KINDS: &[(&str, PairKind)] =
    &[("opened", PairKind::Opened), ("closed", PairKind::Closed), ("unknown", PairKind::Unknown)];

const ALONE_KINDS: &[(&str, AloneKind)] = &[
    ("added", AloneKind::Added),
    ("removed", AloneKind::Removed),
    ("isolated", AloneKind::Isolated),
    ("unprotected", AloneKind::Unprotected),
];

/// A word of a list.
fn word<T: Copy>(
    (text, at): (&str, Option<Location>),
    words: &[(&str, T)],
    problems: &mut Vec<Diagnostic>,
) -> Option<T> {
    let found = words.iter().find(|(word, _)| *word == text).map(|(_, kind)| *kind);
    if found.is_none() {
        let known = words.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ");
        problems.push(
            invalid(format!("`{text}` is no kind of change here"), at).help(format!("write one of {known}")),
        );
    }
    found
}

/// Ports: one text, a number, or a list of them.
fn connections(node: Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<ConnSet> {
    let mut items = Vec::new();
    match node.value() {
        Value::Seq(list) => items.extend(list),
        _ => items.push(node),
    }
    let mut all = ConnSet::none();
    for item in items {
        let text = match item.value() {
            Value::Str(text) => text.to_owned(),
            Value::Int(number) => number.to_string(),
            _ => {
                problems.push(wrong_type("ports, such as tcp/80,443", item));
                return None;
            }
        };
        for word in text.split_whitespace() {
            match word.parse::<AskedPort>() {
                Ok(AskedPort::Connections(set)) => all = all.or(&set),
                Ok(AskedPort::Named(_)) | Err(_) => {
                    let problem = invalid(format!("`{word}` is not a port"), item.place());
                    problems.push(problem.help("write 443, udp/53, tcp/80,443, tcp/8000-8100, tcp or all"));
                    return None;
                }
            }
        }
    }
    Some(all)
}

/// An end of pairs: addresses, or a name.
fn end((text, at): (&str, Option<Location>), problems: &mut Vec<Diagnostic>) -> Option<Named> {
    match text {
        "external" => Some(Named::Addresses(AddrSet::everything())),
        "internet" => Some(Named::Addresses(internet())),
        _ => match np_sim::endpoint::ranges(text) {
            Some(addresses) => Some(Named::Addresses(addresses)),
            None => name((text, at), problems).map(Named::Names),
        },
    }
}

/// A name that something could have.
fn name((text, at): (&str, Option<Location>), problems: &mut Vec<Diagnostic>) -> Option<Pattern> {
    let pattern = Pattern(text.to_owned());
    if pattern.is_a_name() {
        return Some(pattern);
    }
    let problem = invalid(format!("nothing is called `{}`", clean(text)), at);
    problems.push(problem.help(
        "write shop/deploy/api, shop/api, shop/*, node/a, *, external, internet, 10.0.0.0/8 or 10.0.0.1-10.0.0.9",
    ));
    None
}

impl Pattern {
    /// What it was written as.
    pub(super) fn text(&self) -> &str {
        &self.0
    }

    /// Whether something could be called so: namespace, kind and name, the kind left out, or a node.
    fn is_a_name(&self) -> bool {
        let is_word = |word: &str, others: &str| {
            let is_meant = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || others.contains(c);
            !word.is_empty() && word.chars().all(is_meant)
        };
        let is_kind = |word: &str| {
            let known = WorkloadKind::ALL.iter().map(|kind| kind.short()).chain(["pod"]);
            word.contains('*') && is_word(word, "*") || known.into_iter().any(|kind| kind == word)
        };
        let (namespace, name) = ("-*", "-.*");
        match self.0.split('/').collect::<Vec<_>>().as_slice() {
            ["*"] => true,
            [first, last] => is_word(first, namespace) && is_word(last, name),
            [first, kind, last] => is_word(first, namespace) && is_kind(kind) && is_word(last, name),
            _ => false,
        }
    }

    /// Whether it means a name such as `shop/deploy/api`: `shop/deploy/api`, `shop/api`, `shop/*`. A star stands for
    /// anything within a part, and alone for any name.
    pub(super) fn means(&self, name: &str) -> bool {
        if self.0 == "*" {
            return true;
        }
        let (own, parts): (Vec<&str>, Vec<&str>) = (self.0.split('/').collect(), name.split('/').collect());
        let are_like = |texts: &[&str]| {
            own.len() == texts.len() && own.iter().zip(texts).all(|(own, text)| is_like(own, text))
        };
        match parts.as_slice() {
            // `node/a` is the node; a workload of a namespace that is called so goes by its kind too.
            [namespace, _, last] => are_like(&parts) || own[0] != "node" && are_like(&[namespace, last]),
            _ => are_like(&parts),
        }
    }
}

/// Whether a text is like a pattern; a step for each pair of characters at most.
fn is_like(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    true
}

fn unknown(key: &str, at: Option<Location>, known: &[&str]) -> Diagnostic {
    Diagnostic::error(Code::UnknownField, format!("unknown field `{key}`"))
        .at(at)
        .help(format!("the fields here are {}", known.join(", ")))
}

fn wrong_type(wanted: &str, node: Node<'_>) -> Diagnostic {
    Diagnostic::error(Code::WrongType, format!("must be {wanted}, not {}", node.kind())).at(node.place())
}

fn missing(field: &str, item: Node<'_>) -> Diagnostic {
    Diagnostic::error(Code::MissingField, format!("needs `{field}`")).at(item.place())
}

fn invalid(message: String, at: Option<Location>) -> Diagnostic {
    Diagnostic::error(Code::InvalidValue, message).at(at)
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn patterns_mean_names() {
        let means = |pattern: &str, name: &str| Pattern(pattern.to_owned()).means(name);
        assert!(means("shop/deploy/api", "shop/deploy/api"));
        assert!(means("shop/api", "shop/deploy/api"));
        assert!(means("shop/*", "shop/deploy/api"));
        assert!(means("*", "node/a"));
        assert!(means("*/deploy/*-api", "shop/deploy/web-api"));
        assert!(!means("shop/api", "shop/deploy/api-2"));
        assert!(!means("shop/a*b", "shop/deploy/ab-c"));
        assert!(!means("shop", "shop/deploy/api"));
        assert!(!means("deploy/api", "shop/deploy/api"));
        assert!(!means("a*a", "a"));
        assert!(means("shop/d*", "shop/deploy/db") && !means("shop/d*", "shop/deploy/web"));
        assert!(!means("shop/d*b", "shop/deploy/web") && !means("s*b", "shop/deploy/web"));
        assert!(means("node/a", "node/a") && !means("node/a", "node/deploy/a"));
        assert!(means("node/deploy/a", "node/deploy/a"));
    }
}
