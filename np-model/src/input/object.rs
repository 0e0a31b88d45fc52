//! What a document is, by its `apiVersion` and `kind`.
//!
//! A kind that np reads must not slip by under another spelling or version, so near misses are
//! errors; kinds that have nothing to do with reachability are merely counted.

use super::kinds::{KNOWN, OF_DEFINITIONS, Role};
use crate::diag::{Cause, Code, Diagnostic};
use crate::dialect::unsupported;
use crate::facts::workload::Versions;
use crate::fields::{Field, near};
use crate::load::node::Node;
use crate::origin::ObjectRef;

/// `apiVersion` and `kind` of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TypeMeta<'t> {
    pub(super) group: &'t str,
    /// The version, such as `v1`.
    pub(super) version: &'t str,
    /// The kind, as written.
    pub(super) kind: &'t str,
}

impl<'t> TypeMeta<'t> {
    /// Reads `apiVersion` and `kind`; what a typed list's item lacks, the list says.
    /// `None` if it is no object of Kubernetes, which has then been reported.
    pub(super) fn read(node: Node<'t>, root: &Field<'_>, of_list: Option<Self>) -> Option<Self> {
        if !root.is_map() {
            let message = format!("not a Kubernetes object but {}", root.kind());
            let help = "a manifest is a map with `apiVersion` and `kind`";
            root.report(Diagnostic::error(Code::NotAnObject, message).help(help));
            return None;
        }
        let (api_version, kind) = (root.get("apiVersion"), root.get("kind"));
        let typed = of_list.filter(|list| list.kind != "List");
        let (group, version) = match (api_version.is_absent(), typed) {
            (true, Some(list)) => (list.group, list.version),
            (true, None) => return half(root, "apiVersion", "such as `apiVersion: v1`"),
            (false, _) => split(&api_version, node.get("apiVersion")?)?,
        };
        let kind = match (kind.is_absent(), typed.and_then(|list| list.kind.strip_suffix("List"))) {
            (true, None) => return half(root, "kind", "such as `kind: NetworkPolicy`"),
            (true, Some(kind)) => kind,
            (false, _) => {
                let _ = kind.text()?;
                node.get("kind")?.as_str()?
            }
        };
        Some(Self { group, version, kind })
    }

    /// `kind.group`, as kubectl names a kind among others of the same name.
    pub(super) fn full_kind(&self) -> String {
        if self.group.is_empty() { self.kind.to_owned() } else { format!("{}.{}", self.kind, self.group) }
    }

    /// Whether it is a policy, evaluated or not.
    pub(super) fn is_policy(&self) -> bool {
        unsupported::is_policy(self.group, self.kind)
    }

    /// What to do with an object of this type. A near miss of a kind that np reads is reported.
    pub(super) fn role(&self, root: &Field<'_>) -> Option<Role> {
        if self.kind == "List" && self.group.is_empty() {
            return Some(Role::List);
        }
        if let Some(item) = self.kind.strip_suffix("List")
            && (!root.get("items").is_absent() || self.is_read_or_refused(item))
        {
            return Some(Role::List);
        }
        if (self.group, self.version, self.kind) == ("networking.k8s.io", "v1", "NetworkPolicy") {
            return Some(Role::NetworkPolicy);
        }
        if let Some(unsupported) = unsupported::find(self.group, self.kind) {
            return Some(Role::Unsupported(unsupported));
        }
        if self.kind == "NetworkPolicy" {
            let message = "there is no NetworkPolicy in this API version";
            root.get("apiVersion").report(
                Diagnostic::error(Code::UnsupportedPolicy, message)
                    .cause(Cause::Invalid)
                    .help("write `apiVersion: networking.k8s.io/v1`, the version that clusters serve"),
            );
            return None;
        }
        match KNOWN.iter().find(|(kind, ..)| *kind == self.kind) {
            Some((_, role, versions)) => self.known(root, *role, versions),
            None => self.unknown(root),
        }
    }

    /// A kind that np reads, if the group is one of Kubernetes: others may use the name as well.
    fn known(&self, root: &Field<'_>, role: Role, versions: Versions) -> Option<Role> {
        let served =
            |(group, versions): &(&str, &[&str])| *group == self.group && versions.contains(&self.version);
        if versions.iter().any(served) {
            return Some(role);
        }
        if self.group.contains('.') && !versions.iter().any(|(group, _)| *group == self.group) {
            return Some(Role::Other);
        }
        let (group, versions) = versions[0];
        let latest =
            if group.is_empty() { versions[0].to_owned() } else { format!("{group}/{}", versions[0]) };
        if OF_DEFINITIONS.contains(&self.group) {
            let message = format!("np does not know this version of {}, and ignores it", self.full_kind());
            let problem = Diagnostic::warning(Code::InvalidValue, message);
            root.get("apiVersion").report(problem.help(format!("np reads `apiVersion: {latest}`")));
            return Some(Role::Other);
        }
        let message = format!("there is no {} in this API version", self.kind);
        root.get("apiVersion").report(
            Diagnostic::error(Code::InvalidValue, message)
                .cause(Cause::Invalid)
                .help(format!("write `apiVersion: {latest}`")),
        );
        None
    }

    /// Whether the items of this list can decide an answer.
    pub(super) fn lists_what_matters(&self) -> bool {
        let item = self.kind.strip_suffix("List").unwrap_or(self.kind);
        item.is_empty() || self.is_read_or_refused(item)
    }

    /// Whether objects of this kind, in this group, can decide an answer.
    fn is_read_or_refused(&self, kind: &str) -> bool {
        let is_fact = KNOWN.iter().any(|(known, _, versions)| {
            *known == kind && versions.iter().any(|(group, _)| *group == self.group)
        });
        is_fact || unsupported::is_policy(self.group, kind)
    }

    fn unknown(&self, root: &Field<'_>) -> Option<Role> {
        let builtin = !self.group.contains('.');
        let is_of_group = |versions: Versions| versions.iter().any(|(group, _)| *group == self.group);
        let facts = KNOWN.iter().filter(|(.., versions)| builtin || is_of_group(versions));
        let facts = facts.map(|(kind, ..)| *kind).chain(["List"].into_iter().filter(|_| builtin));
        let meant = facts.chain(unsupported::kinds()).find(|kind| same_word(kind, self.kind));
        let Some(meant) = meant.or_else(|| self.near_policy()) else { return self.other(root) };
        if meant == self.kind {
            // Another product may use the word; in Kubernetes itself it means nothing.
            if !builtin {
                let Some(group) = unsupported::near_group(self.group, self.kind) else {
                    return self.other(root);
                };
                let message = format!("np knows no {} of the group `{}`", self.kind, self.group);
                let problem = Diagnostic::error(Code::InvalidValue, message).cause(Cause::Invalid);
                root.get("apiVersion").report(problem.help(format!("did you mean `{group}`?")));
                return None;
            }
            let message = format!("there is no {} in this API version", self.kind);
            root.get("apiVersion").report(
                Diagnostic::error(Code::InvalidValue, message)
                    .cause(Cause::Invalid)
                    .help("write the group of the policy's product, such as `cilium.io/v2`"),
            );
            return None;
        }
        let message = format!("there is no kind `{}`", self.kind);
        root.get("kind").report(
            Diagnostic::error(Code::InvalidValue, message)
                .cause(Cause::Invalid)
                .help(format!("did you mean `{meant}`?")),
        );
        None
    }
}

impl TypeMeta<'_> {
    /// The kind of policy that is a typing error away from this one, in a group that has policies.
    fn near_policy(&self) -> Option<&'static str> {
        let kinds: Vec<&'static str> = unsupported::kinds().collect();
        let has_policies = !self.group.contains('.') || unsupported::has_policies(self.group);
        near(self.kind, &kinds).filter(|_| has_policies)
    }
}

/// The kinds of the group of NetworkPolicy that change nothing about what can be reached.
const NEIGHBOURS: [&str; 4] = ["IPAddress", "ServiceCIDR", "ClusterCIDR", "ParentReference"];

impl TypeMeta<'_> {
    /// An object that np has no use for, unless it can hide one that it has.
    fn other(&self, root: &Field<'_>) -> Option<Role> {
        if self.group == "networking.k8s.io" && !NEIGHBOURS.contains(&self.kind) {
            let message = format!("there is no kind `{}` in networking.k8s.io", self.kind);
            let problem = Diagnostic::error(Code::InvalidValue, message).cause(Cause::Invalid);
            root.get("kind").report(problem.help("did you mean `NetworkPolicy`?"));
            return None;
        }
        for key in ["items", "objects"] {
            let held = root.get(key);
            let is_object = |item: &Field<'_>| item.is_map() && !item.get("kind").is_absent();
            if held.is_list() && held.items().any(|item| is_object(&item)) {
                let message = format!("a {} that holds other objects, which np does not read", self.kind);
                held.report(
                    Diagnostic::error(Code::NotAnObject, message)
                        .help("give np the objects themselves, or a `v1` List of them"),
                );
                return None;
            }
        }
        if self.group == "kustomize.config.k8s.io" {
            root.report(super::foreign::kustomization());
        }
        Some(Role::Other)
    }
}

/// Whether objects of this kind may decide an answer, or are meant to.
pub(super) fn matters(api_version: &str, kind: &str) -> bool {
    let item = kind.strip_suffix("List").unwrap_or(kind);
    let group = api_version.split_once('/').map_or("", |(group, _)| group);
    let kinds = KNOWN.iter().map(|(kind, ..)| *kind).chain(unsupported::kinds());
    item.is_empty()
        || item == "NetworkPolicy"
        || KNOWN.iter().any(|(kind, ..)| *kind == item)
        || unsupported::find(group, item).is_some()
        || kinds.into_iter().any(|known| same_word(known, item))
}

/// A string of an object's `metadata` that is not empty.
fn of_metadata<'n>(node: Node<'n>, key: &str) -> Option<&'n str> {
    let text = node.get("metadata").and_then(|metadata| metadata.get(key)).and_then(Node::as_str);
    text.filter(|text| !text.is_empty())
}

/// Whether an object says its namespace, which may be broken.
pub(super) fn says_namespace(node: Node<'_>) -> bool {
    of_metadata(node, "namespace").is_some()
}

/// What diagnostics call an object, which may be broken.
pub(super) fn reference(node: Node<'_>, kind: String, default_namespace: Option<&str>) -> ObjectRef {
    let text = |key| of_metadata(node, key);
    let namespace = text("namespace").or(default_namespace).map(str::to_owned);
    let name = text("name").or_else(|| text("generateName")).unwrap_or_default().to_owned();
    ObjectRef { kind, namespace, name }
}

fn half<T>(root: &Field<'_>, missing: &str, example: &str) -> Option<T> {
    let message = format!("not a Kubernetes object: it has no `{missing}`");
    root.report(Diagnostic::error(Code::NotAnObject, message).help(format!("add one, {example}")));
    None
}

fn split<'t>(api_version: &Field<'_>, node: Node<'t>) -> Option<(&'t str, &'t str)> {
    let _ = api_version.text()?;
    let text = node.as_str()?;
    let (group, version) = text.split_once('/').unwrap_or(("", text));
    if version.contains('/') || version.is_empty() {
        api_version.invalid("an API version is `group/version`, or `v1`");
        return None;
    }
    Some((group, version))
}

/// Whether two kinds differ in case or number only.
fn same_word(kind: &str, written: &str) -> bool {
    let same = |kind: &str, written: &[u8]| kind.as_bytes().eq_ignore_ascii_case(written);
    let written = written.as_bytes();
    let without = |end: &[u8]| {
        let at = written.len().checked_sub(end.len())?;
        written[at..].eq_ignore_ascii_case(end).then_some(&written[..at])
    };
    same(kind, written)
        || without(b"s").is_some_and(|stem| same(kind, stem))
        || kind
            .strip_suffix(['y', 'Y'])
            .is_some_and(|start| without(b"ies").is_some_and(|stem| same(start, stem)))
}

#[cfg(test)]
mod tests {
    use super::same_word;

    #[test]
    fn words_in_another_case_or_number() {
        for written in ["Pod", "pod", "PODS", "pods"] {
            assert!(same_word("Pod", written), "{written}");
        }
        assert!(same_word("NetworkPolicy", "networkpolicies") && same_word("Ingress", "ingresss"));
        for written in ["", "s", "Podd", "Podies", "Po", "Pödе"] {
            assert!(!same_word("Pod", written), "{written}");
        }
        assert!(!same_word("NetworkPolicy", "NetworkPolic") && !same_word("Policy", "ies"));
    }
}
