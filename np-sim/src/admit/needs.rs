//! What a pod and its namespace must be for a peer to match them: what they may choose, told apart
//! from the one label of a namespace that nobody chooses, its name.

use std::collections::BTreeSet;

use np_model::ir::{Namespaces, Peer};
use np_model::selector::{Requirement, Selector};

/// The label that says a namespace's name: the API server sets it, whatever a manifest says.
const NAME: &str = "kubernetes.io/metadata.name";

/// What it takes to match a peer that selects pods by labels.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Needs {
    /// The namespace that a pod must be in.
    pub namespace: Home,
    /// The labels that the pod must carry; whoever makes a pod chooses them.
    pub pod: Selector,
}

/// Which namespaces will do.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Home {
    /// One with one of these names, that also carries these labels. A name that nobody has yet is
    /// free for a namespace to come.
    Named {
        /// The names, sorted; there is at least one.
        names: Vec<String>,
        /// The labels, its name aside.
        labels: Selector,
    },
    /// Any that carries these labels, whatever its name.
    Any {
        /// Names that will not do, sorted.
        except: Vec<String>,
        /// The labels, its name aside.
        labels: Selector,
    },
}

impl Needs {
    /// What it takes to match a peer; `None` if nobody can, or if the peer is a block of addresses.
    pub fn of(peer: &Peer) -> Option<Self> {
        let Peer::Pods { namespaces, pods } = peer else { return None };
        let namespace = match namespaces {
            Namespaces::Named(name) => {
                Home::Named { names: vec![name.to_string()], labels: Selector::default() }
            }
            Namespaces::Matching(selector) => Home::of(selector)?,
        };
        is_satisfiable(pods.requirements()).then(|| Self { namespace, pod: pods.clone() })
    }

    /// Whether every pod of every namespace matches, whatever it chooses.
    pub fn is_nothing(&self) -> bool {
        let is_anywhere = matches!(&self.namespace, Home::Any { except, labels } if except.is_empty() && labels.is_everything());
        is_anywhere && self.pod.is_everything()
    }
}

impl Home {
    fn of(selector: &Selector) -> Option<Self> {
        let (of_name, labels): (Vec<_>, Vec<_>) =
            selector.requirements().iter().cloned().partition(|requirement| requirement.key() == NAME);
        let is_impossible =
            of_name.iter().any(|requirement| matches!(requirement, Requirement::DoesNotExist(_)));
        if is_impossible || !is_satisfiable(&labels) {
            return None;
        }
        let (allowed, except) = values(&of_name);
        let labels = Selector::new(labels);
        match allowed {
            None => Some(Self::Any { except: except.into_iter().collect(), labels }),
            Some(names) => {
                let is_free = |name: &String| !except.contains(name) && is_name(name);
                let names: Vec<String> = names.into_iter().filter(is_free).collect();
                (!names.is_empty()).then_some(Self::Named { names, labels })
            }
        }
    }
}

/// Whether some labels meet all requirements.
fn is_satisfiable(requirements: &[Requirement]) -> bool {
    let keys: BTreeSet<&str> = requirements.iter().map(Requirement::key).collect();
    keys.into_iter().all(|key| {
        let of_key: Vec<Requirement> = requirements.iter().filter(|it| it.key() == key).cloned().collect();
        let is_there = |it: &Requirement| matches!(it, Requirement::In(..) | Requirement::Exists(_));
        let is_absent = |it: &Requirement| matches!(it, Requirement::DoesNotExist(_));
        if of_key.iter().any(is_absent) {
            return !of_key.iter().any(is_there);
        }
        // There are more values than any requirement can rule out.
        let (allowed, ruled_out) = values(&of_key);
        allowed.is_none_or(|allowed| allowed.iter().any(|value| !ruled_out.contains(value)))
    })
}

/// Over requirements of one key: the values that all of its `In` allow, if it has one, and those that
/// its `NotIn` rule out.
fn values(requirements: &[Requirement]) -> (Option<BTreeSet<String>>, BTreeSet<String>) {
    let (mut allowed, mut ruled_out) = (None::<BTreeSet<String>>, BTreeSet::new());
    for requirement in requirements {
        match requirement {
            Requirement::In(_, values) => {
                allowed = Some(allowed.map_or_else(|| values.clone(), |allowed| &allowed & values));
            }
            Requirement::NotIn(_, values) => ruled_out.extend(values.iter().cloned()),
            Requirement::Exists(_) | Requirement::DoesNotExist(_) => {}
        }
    }
    (allowed, ruled_out)
}

/// Whether a namespace can have this name.
fn is_name(text: &str) -> bool {
    let is_fine = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !text.is_empty() && text.bytes().all(is_fine) && !text.starts_with('-') && !text.ends_with('-')
}

#[cfg(test)]
mod tests {
    use np_model::ir::{Namespaces, Peer};

    use super::{Home, Needs};

    /// What it takes to match pods `pods` of namespaces `namespaces`, selectors as people type them.
    fn needs(namespaces: &str, pods: &str) -> Option<Needs> {
        let selector = |text: &str| text.parse().expect("a selector");
        Needs::of(&Peer::Pods {
            namespaces: Namespaces::Matching(selector(namespaces)),
            pods: selector(pods),
        })
    }

    fn named(names: &[&str], labels: &str) -> Home {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        Home::Named { names, labels: labels.parse().expect("a selector") }
    }

    #[test]
    fn contradictions_admit_nobody() {
        for (namespaces, pods) in [
            ("a in (x),a notin (x)", ""),
            ("", "a in (x),a in (y)"),
            ("", "a,!a"),
            ("", "a=x,!a"),
            ("!kubernetes.io/metadata.name", ""),
            ("kubernetes.io/metadata.name in (x),kubernetes.io/metadata.name notin (x)", ""),
            ("kubernetes.io/metadata.name=No_Namespace", ""),
        ] {
            assert_eq!(needs(namespaces, pods), None, "{namespaces} {pods}");
        }
        for (namespaces, pods) in [
            ("a in (x,y),a notin (x)", ""),
            ("a notin (x),!a", ""),
            ("", "a,a notin (x)"),
            ("", "a in (x),b notin (x)"),
        ] {
            assert!(needs(namespaces, pods).is_some(), "{namespaces} {pods}");
        }
    }

    #[test]
    fn the_name_of_a_namespace_is_no_label_that_is_chosen() {
        let home = |selector: &str| needs(selector, "").expect("somebody").namespace;
        assert_eq!(home("kubernetes.io/metadata.name=a"), named(&["a"], ""));
        assert_eq!(
            home("kubernetes.io/metadata.name in (b,a,c),kubernetes.io/metadata.name notin (c),env=x"),
            named(&["a", "b"], "env=x")
        );
        let except = |names: &[&str]| Home::Any {
            except: names.iter().map(|name| (*name).to_owned()).collect(),
            labels: "".parse().expect("a selector"),
        };
        assert_eq!(home("kubernetes.io/metadata.name notin (a)"), except(&["a"]));
        assert_eq!(home("kubernetes.io/metadata.name"), except(&[]));
    }

    #[test]
    fn only_two_selectors_without_terms_need_nothing() {
        let is_nothing = |namespaces, pods| needs(namespaces, pods).expect("somebody").is_nothing();
        assert!(is_nothing("", ""));
        assert!(is_nothing("kubernetes.io/metadata.name", ""));
        assert!(!is_nothing("", "a notin (b)"), "a pod can carry what it must not");
        assert!(!is_nothing("!a", ""));
        assert!(!is_nothing("kubernetes.io/metadata.name notin (a)", ""));
    }
}
