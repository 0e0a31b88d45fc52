//! Manifests as small trees of values, chosen by bytes: a byte that is 0 chooses the plainest, so that
//! proptest shrinks a failure to a plain one.

/// Bytes as choices; the first of each when none are left.
pub(crate) struct Choices(std::vec::IntoIter<u8>);

impl Choices {
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        Self(bytes.into_iter())
    }

    /// A number below `sides`.
    pub(crate) fn below(&mut self, sides: usize) -> usize {
        usize::from(self.0.next().unwrap_or(0)) % sides
    }

    pub(crate) fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }
}

/// A value of a manifest.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Tree {
    Null,
    Bool(bool),
    Int(i64),
    Text(String),
    List(Vec<Tree>),
    Map(Vec<(String, Tree)>),
}

impl Tree {
    pub(crate) fn get(&self, key: &str) -> Option<&Tree> {
        match self {
            Self::Map(entries) => entries.iter().find(|(name, _)| name == key).map(|(_, value)| value),
            _ => None,
        }
    }

    pub(crate) fn items(&self) -> &[Tree] {
        match self {
            Self::List(items) => items,
            _ => &[],
        }
    }

    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Text(text) => text,
            _ => "",
        }
    }
}

pub(crate) fn text(text: &str) -> Tree {
    Tree::Text(text.to_owned())
}

fn map<const N: usize>(entries: [(&str, Tree); N]) -> Tree {
    Tree::Map(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

/// The documents of a text: objects and lists of them.
pub(crate) fn documents(choices: &mut Choices) -> Vec<Tree> {
    let mut made = 0;
    let count = 1 + choices.below(3);
    (0..count).map(|_| document(choices, &mut made)).collect()
}

/// A document that is one policy.
pub(crate) fn lone_policy(choices: &mut Choices) -> Tree {
    policy(choices, &mut 0, false)
}

fn document(choices: &mut Choices, made: &mut usize) -> Tree {
    let (version, kind, typed) = match choices.below(4) {
        0 | 1 => return object(choices, made),
        2 => ("v1", "List", false),
        _ => ("networking.k8s.io/v1", "NetworkPolicyList", true),
    };
    let count = 1 + choices.below(3);
    let item = |index| if typed { policy(choices, made, index % 2 == 1) } else { object(choices, made) };
    let items = (0..count).map(item).collect();
    map([("apiVersion", text(version)), ("kind", text(kind)), ("items", Tree::List(items))])
}

fn object(choices: &mut Choices, made: &mut usize) -> Tree {
    match choices.below(5) {
        3 => pod(choices, made),
        4 => {
            let metadata = metadata(choices, made, false);
            map([("apiVersion", text("v1")), ("kind", text("Namespace")), ("metadata", metadata)])
        }
        _ => policy(choices, made, false),
    }
}

fn pod(choices: &mut Choices, made: &mut usize) -> Tree {
    let port = map([("name", text("http")), ("containerPort", Tree::Int(80))]);
    let container = map([("name", text("c")), ("ports", Tree::List(vec![port]))]);
    let metadata = metadata(choices, made, true);
    let spec = map([("containers", Tree::List(vec![container])), ("hostNetwork", Tree::Bool(false))]);
    map([("apiVersion", text("v1")), ("kind", text("Pod")), ("metadata", metadata), ("spec", spec)])
}

/// Texts that stand before others on a line, or take lines of their own.
const NOTES: &[&str] = &[
    "plain",
    "grün",
    "🎉 e\u{301}",
    "it's \"so\"",
    "two\nlines",
    "\\ # no comment",
    "a: b",
    "- x",
    "\u{feff}x",
];

fn metadata(choices: &mut Choices, made: &mut usize, namespaced: bool) -> Tree {
    *made += 1;
    let mut entries = vec![("name".to_owned(), text(&format!("o{made}")))];
    if namespaced && choices.below(2) == 1 {
        entries.push(("namespace".to_owned(), text("shop")));
    }
    if choices.below(2) == 1 {
        let note = text(choices.pick(NOTES));
        entries.insert(0, ("annotations".to_owned(), map([("note", note), ("example.com/n", text("1"))])));
    }
    if choices.below(3) == 1 {
        entries.push(("labels".to_owned(), map([("app", text(choices.pick(VALUES)))])));
    }
    Tree::Map(entries)
}

fn policy(choices: &mut Choices, made: &mut usize, untyped: bool) -> Tree {
    let metadata = metadata(choices, made, true);
    let mut spec = vec![("podSelector".to_owned(), selector(choices))];
    for (direction, end) in [("ingress", "from"), ("egress", "to")] {
        if let Some(rules) = some(choices, |choices| rule(choices, end)) {
            spec.push((direction.to_owned(), rules));
        }
    }
    if choices.below(2) == 1 {
        spec.insert(
            choices.below(2),
            ("policyTypes".to_owned(), Tree::List(vec![text("Ingress"), text("Egress")])),
        );
    }
    let mut entries = vec![("metadata".to_owned(), metadata), ("spec".to_owned(), Tree::Map(spec))];
    if !untyped {
        let at = choices.below(3);
        entries.insert(at.min(1), ("kind".to_owned(), text("NetworkPolicy")));
        entries.insert(at, ("apiVersion".to_owned(), text("networking.k8s.io/v1")));
    }
    Tree::Map(entries)
}

/// Up to three of what `one` makes.
fn some(choices: &mut Choices, one: impl Fn(&mut Choices) -> Tree) -> Option<Tree> {
    let count = choices.below(4);
    (count > 0).then(|| Tree::List((0..count).map(|_| one(choices)).collect()))
}

fn rule(choices: &mut Choices, end: &str) -> Tree {
    let mut entries = Vec::new();
    entries.extend(some(choices, peer).map(|peers| (end.to_owned(), peers)));
    entries.extend(some(choices, port).map(|ports| ("ports".to_owned(), ports)));
    if choices.below(2) == 1 {
        entries.reverse();
    }
    Tree::Map(entries)
}

const KEYS: &[&str] = &["app", "tier", "example.com/x"];
const VALUES: &[&str] = &["web", "db", "", "1", "true"];

fn selector(choices: &mut Choices) -> Tree {
    let mut entries = Vec::new();
    let count = choices.below(4);
    if count > 0 {
        let mut labels: Vec<(String, Tree)> = Vec::new();
        for key in &KEYS[..count] {
            let null = choices.below(8) == 1;
            let value = if null { Tree::Null } else { text(choices.pick(VALUES)) };
            labels.insert(choices.below(labels.len() + 1), ((*key).to_owned(), value));
        }
        entries.push(("matchLabels".to_owned(), Tree::Map(labels)));
    }
    if let Some(expressions) = some(choices, expression) {
        entries.insert(choices.below(entries.len() + 1), ("matchExpressions".to_owned(), expressions));
    }
    Tree::Map(entries)
}

fn expression(choices: &mut Choices) -> Tree {
    let (key, operator) = (choices.pick(KEYS), choices.pick(&["Exists", "DoesNotExist", "In", "NotIn"]));
    let mut entries = vec![("key".to_owned(), text(key)), ("operator".to_owned(), text(operator))];
    if operator.ends_with("In") {
        let values = (0..=choices.below(2)).map(|_| text(choices.pick(VALUES))).collect();
        entries.insert(choices.below(3), ("values".to_owned(), Tree::List(values)));
    }
    Tree::Map(entries)
}

fn peer(choices: &mut Choices) -> Tree {
    match choices.below(4) {
        0 => map([("podSelector", selector(choices))]),
        1 => map([("namespaceSelector", selector(choices))]),
        2 => map([("podSelector", selector(choices)), ("namespaceSelector", selector(choices))]),
        _ => {
            let mut block = vec![("cidr".to_owned(), text("10.0.0.0/8"))];
            let except =
                some(choices, |choices| text(choices.pick(&["10.1.0.0/16", "10.0.0.0/9", "10.2.0.0/16"])));
            block.extend(except.map(|except| ("except".to_owned(), except)));
            map([("ipBlock", Tree::Map(block))])
        }
    }
}

fn port(choices: &mut Choices) -> Tree {
    match choices.below(5) {
        0 => map([("port", Tree::Int(80))]),
        1 => map([("port", text("http")), ("protocol", text("UDP"))]),
        2 => map([("protocol", text("SCTP")), ("port", Tree::Int(53)), ("endPort", Tree::Int(60))]),
        3 => Tree::Null,
        _ => map([("protocol", text("TCP")), ("port", Tree::Null)]),
    }
}
