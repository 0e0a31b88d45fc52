//! Documents from texts: what they say, where they say it, and what is wrong with them.

use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::*;
use crate::diag::Severity;
use crate::load::node::Entry;
use crate::origin::{Location, Sources};

/// What a text was read as: documents, with the lines of their duplicate keys, and the problems.
struct Read {
    sources: Sources,
    roots: Vec<Node<'static>>,
    duplicates: Vec<Diagnostic>,
    problems: Vec<Diagnostic>,
}

fn read_within(text: &str, limits: &Limits) -> Read {
    let mut sources = Sources::default();
    let source = sources.add("f", Arc::from(text)).unwrap();
    let (mut roots, mut duplicates, mut problems) = (Vec::new(), Vec::new(), Vec::new());
    let mut each = |document: Document<'_>| {
        roots.push(owned(&document.root));
        duplicates.extend(document.duplicates);
    };
    documents(source, text, limits, &mut each, &mut problems);
    Read { sources, roots, duplicates, problems }
}

fn read(text: &str) -> Read {
    read_within(text, &Limits::default())
}

fn owned(node: &Node<'_>) -> Node<'static> {
    let value = match &node.value {
        Value::Null => Value::Null,
        Value::Bool(value) => Value::Bool(*value),
        Value::Int(whole) => Value::Int(*whole),
        Value::Float(float) => Value::Float(*float),
        Value::Str(text) => Value::Str(text.clone().into_owned().into()),
        Value::Seq(items) => Value::Seq(items.iter().map(owned).collect()),
        Value::Map(entries) => Value::Map(
            entries
                .iter()
                .map(|entry| Entry {
                    key: entry.key.clone().into_owned().into(),
                    key_at: entry.key_at,
                    value: owned(&entry.value),
                })
                .collect(),
        ),
    };
    Node { value, at: node.at }
}

fn as_json(node: &Node<'_>) -> Json {
    match &node.value {
        Value::Null => Json::Null,
        Value::Bool(value) => (*value).into(),
        Value::Int(whole) => (*whole).into(),
        Value::Float(float) => (*float).into(),
        Value::Str(text) => text.as_ref().into(),
        Value::Seq(items) => items.iter().map(as_json).collect(),
        Value::Map(entries) => {
            entries.iter().map(|entry| (entry.key.to_string(), as_json(&entry.value))).collect()
        }
    }
}

/// What a text is read as, without any problem.
#[track_caller]
fn check(text: &str, expected: &[Json]) {
    let read = read(text);
    assert_eq!(read.problems, [], "{text}");
    assert_eq!(read.duplicates, [], "{text}");
    assert_eq!(read.roots.iter().map(as_json).collect::<Vec<_>>(), expected, "{text}");
}

/// The problems of a text, each with its place.
#[track_caller]
fn check_problems(text: &str, documents: usize, expected: &[&str]) {
    let read = read(text);
    let shown: Vec<_> = read.problems.iter().map(|problem| read.show(problem)).collect();
    assert_eq!(shown, expected, "{text}");
    assert_eq!(read.roots.len(), documents, "{text}");
}

/// The duplicate keys of a text, each with its place, and what is read all the same.
#[track_caller]
fn check_duplicates(text: &str, value: &Json, expected: &[&str]) {
    let read = read(text);
    let shown: Vec<_> = read.duplicates.iter().map(|problem| read.show(problem)).collect();
    assert_eq!(shown, expected, "{text}");
    assert_eq!(as_json(&read.roots[0]), *value, "{text}");
    assert_eq!(read.problems, [], "{text}");
}

/// Where values stand: paths like `a.b[0]` in the first document, `2:a` in the second; `#` behind
/// a path means its key.
#[track_caller]
fn check_places(text: &str, expected: &[(&str, &str)]) {
    let read = read(text);
    assert_eq!(read.problems, [], "{text}");
    for (path, place) in expected {
        assert_eq!(read.place(path), *place, "{path} in {text}");
    }
}

impl Read {
    fn show(&self, problem: &Diagnostic) -> String {
        assert_eq!(
            problem.severity,
            if problem.message.starts_with("what follows") { Severity::Warning } else { Severity::Error }
        );
        let at = problem.at.map(|at| self.line_and_column(at));
        format!("{} {}", at.unwrap_or_default(), problem.message)
    }

    fn line_and_column(&self, at: Location) -> String {
        let position = self.sources.position(at);
        format!("{}:{}", position.line, position.column)
    }

    fn place(&self, path: &str) -> String {
        let (document, path) = path.split_once(':').unwrap_or(("1", path));
        let (path, of_key) = path.strip_suffix('#').map_or((path, false), |path| (path, true));
        let mut node = &self.roots[document.parse::<usize>().unwrap() - 1];
        let mut at = node.at;
        for step in path.split(['.', '[']).filter(|step| !step.is_empty()) {
            match &node.value {
                Value::Seq(items) => node = &items[step.trim_end_matches(']').parse::<usize>().unwrap()],
                Value::Map(entries) => {
                    let entry = entries.iter().find(|entry| entry.key == step).unwrap();
                    node = &entry.value;
                    at = entry.key_at;
                    if of_key {
                        continue;
                    }
                }
                _ => panic!("{path} leads nowhere"),
            }
            at = node.at;
        }
        self.line_and_column(at.unwrap())
    }
}

#[test]
fn encodings() {
    let utf16 = |text: &str, bytes: fn(u16) -> [u8; 2]| {
        "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(bytes).collect::<Vec<u8>>()
    };
    let text = "a: grün 🎉\n";
    assert_eq!(decode(text.into()).unwrap(), text);
    assert_eq!(decode(format!("\u{feff}{text}").into()).unwrap(), text);
    assert_eq!(decode(utf16(text, u16::to_le_bytes)).unwrap(), text);
    assert_eq!(decode(utf16(text, u16::to_be_bytes)).unwrap(), text);
    assert_eq!(decode(Vec::new()).unwrap(), "");
}

#[test]
fn what_is_no_text() {
    assert_eq!(decode(b"a: 1\nb: \xff".to_vec()).unwrap_err().message, "not valid UTF-8 at line 2, byte 8");
    assert_eq!(decode(b"a: \0".to_vec()).unwrap_err().message, "a NUL character at line 1, byte 3");
    assert!(decode(b"\xff\xfea".to_vec()).is_err());
    assert!(decode(b"\xff\xfe\x00\xd8".to_vec()).is_err());
}

#[test]
fn nothing() {
    for text in ["", "\n", "# a\n", "---", "---\n---\n# b\n---\n", "null", "~\n", "\u{feff}"] {
        check(text, &[]);
    }
}

#[test]
fn scalars_mean_what_kubernetes_takes_them_for() {
    check(
        "a: on\nb: 'on'\nc: 017\nd: 80.0\ne: 1.5\nf:\n",
        &[json!({"a": true, "b": "on", "c": 15, "d": 80, "e": 1.5, "f": null})],
    );
    check(
        "- 2026-01-01\n- 1:20\n- 12e3456\n- 1e3\n- =",
        &[json!(["2026-01-01", "1:20", "12e3456", 1000, "="])],
    );
    check(
        "- !!str 80\n- !!int '80'\n- !foo 80\n- !!binary aGk=\n- ! 80",
        &[json!(["80", 80, "80", "hi", "80"])],
    );
    check("- |\n x\n  y\n- >-\n x\n y\n- \"\\u0041\\\n  b\"", &[json!(["x\n y\n", "x y", "Ab"])]);
    check("18446744073709551615", &[json!(18_446_744_073_709_551_615.0)]);
}

#[test]
fn keys_are_strings() {
    check(
        "80: a\nyes: b\n1.5: c\n2026-01-01: d\n0x10: e",
        &[json!({"80": "a", "true": "b", "1.5": "c", "2026-01-01": "d", "16": "e"})],
    );
    check("{80: a, y: b}", &[json!({"80": "a", "true": "b"})]);
    check(
        "- &k yes\n- *k : 1\n- &s x\n- *s : 2\n- ? &e 7\n  : 3",
        &[json!([true, {"true": 1}, "x", {"x": 2}, {"7": 3}])],
    );
    check_problems("~: a", 0, &["1:1 ~ as the key of a map"]);
    check_problems("?\n: b", 0, &["1:2 nothing as the key of a map"]);
    check_problems("? [a]\n: b", 0, &["1:3 a list as the key of a map"]);
    check_problems("{{a: b}: c}", 0, &["1:2 a map as the key of a map"]);
    check_problems("a: &a [b]\n*a : c", 0, &["2:1 a list as the key of a map"]);
    check_problems("18446744073709551615: a", 0, &["1:1 18446744073709551615 as the key of a map"]);
}

#[test]
fn anchors() {
    check("a: &x [1, 2]\nb: *x", &[json!({"a": [1, 2], "b": [1, 2]})]);
    check("a: &x 1\nb: &x 2\nc: *x", &[json!({"a": 1, "b": 2, "c": 2})]);
    check("a: &x\n  b: &x c\nd: *x", &[json!({"a": {"b": "c"}, "d": "c"})]);
    check("a: &x\nb: *x", &[json!({"a": null, "b": null})]);
    check_problems("a: *x", 0, &["1:4 unknown anchor \"x\""]);
    check_problems("a: &x 1\n---\nb: *x", 1, &["3:4 unknown anchor \"x\""]);
    check_problems("a: &x [*x]", 0, &["1:8 anchor \"x\" contains itself"]);
}

#[test]
fn merges() {
    check("a: &a {x: 1}\nb: {<<: *a, z: 2}", &[json!({"a": {"x": 1}, "b": {"x": 1, "z": 2}})]);
    check("a: &a {x: 1}\nb: {<<: [*a, {z: 3}]}", &[json!({"a": {"x": 1}, "b": {"x": 1, "z": 3}})]);
    check("<<: {a: 1}\n<<: {b: 2}", &[json!({"a": 1, "b": 2})]);
    check("'<<': {a: 1}", &[json!({"<<": {"a": 1}})]);
    check("- <<", &[json!(["<<"])]);
    let message = "`<<` merges maps: its value must be a map, an alias of one, or a list of these";
    check_problems("<<: 1", 0, &[&format!("1:1 {message}")]);
    check_problems("<<: [{a: 1}, 2]", 0, &[&format!("1:1 {message}")]);
    check_problems("a: &a [{b: 1}]\nc:\n  <<: *a", 0, &[&format!("3:7 {message}")]);
}

#[test]
fn a_key_given_twice() {
    check_duplicates(
        "a: 1\nb: 2\na: 3",
        &json!({"a": 3, "b": 2}),
        &["3:1 key \"a\" stands twice in this map, first at line 1"],
    );
    check_duplicates(
        "{\"a\": 1,\n \"\\u0061\": 2}",
        &json!({"a": 2}),
        &["2:2 key \"a\" stands twice in this map, first at line 1"],
    );
    check_duplicates(
        "1: a\n'1': b",
        &json!({"1": "b"}),
        &["2:1 key \"1\" stands twice in this map, first at line 1"],
    );
    check_duplicates(
        "a: &a {x: 1}\nb:\n  x: 2\n  <<: *a",
        &json!({"a": {"x": 1}, "b": {"x": 1}}),
        &["4:3 `<<` merges in key \"x\", which this map already has at line 3"],
    );
    check_duplicates(
        "a: &a {x: 1}\nb:\n  <<: *a\n  x: 2",
        &json!({"a": {"x": 1}, "b": {"x": 2}}),
        &["4:3 key \"x\" was already merged into this map, by `<<` at line 3"],
    );
    // Of a list of maps Go's yaml takes the last first, so the first has the last word.
    check_duplicates(
        "<<: [{x: 1}, {x: 2}]",
        &json!({"x": 1}),
        &["1:1 `<<` merges in key \"x\", which `<<` at line 1 already did"],
    );
}

#[test]
fn a_key_given_twice_among_many() {
    let mut text: String = (0..100).map(|i| format!("k{i}: {i}\n")).collect();
    text.push_str("k7: x\nk99: y\n");
    let read = read(&text);
    assert_eq!(read.duplicates.len(), 2);
    assert_eq!(read.show(&read.duplicates[0]), "101:1 key \"k7\" stands twice in this map, first at line 8");
    assert_eq!(
        read.show(&read.duplicates[1]),
        "102:1 key \"k99\" stands twice in this map, first at line 100"
    );
    assert_eq!(as_json(&read.roots[0])["k7"], "x");
}

#[test]
fn separators() {
    check("a: 1\n---\nb: 2\n--- # c\n[d]\n", &[json!({"a": 1}), json!({"b": 2}), json!(["d"])]);
    check("{\"a\": 1}\n---\nb: 2", &[json!({"a": 1}), json!({"b": 2})]);
    check("%YAML 1.1\n---\na: 1", &[json!({"a": 1})]);
    check("a: 1\r\n---\r\nb: 2\r\n", &[json!({"a": 1}), json!({"b": 2})]);
    check_problems("---a: 1\n---\nb: 2", 2, &["1:4 text behind the document separator `---`"]);
    check_problems("%YAML 1.2\n---\na: 1", 0, &["1:1 YAML 1.2, which Kubernetes does not read"]);
    let ignored = "what follows the end of the document is not read, as kubectl does not";
    check_problems("a: 1\n...\nb: 2", 1, &[&format!("3:1 {ignored}")]);
    check_problems("{a: 1} b", 1, &[&format!("1:8 {ignored}")]);
    check_problems("a: 1\r---\rb: 2", 1, &[&format!("1:6 {ignored}")]);
}

#[test]
fn json() {
    check(
        "{\"a\": [1, -2.5, \"x\\n\", true, null, {}, []]}",
        &[json!({"a": [1, -2.5, "x\n", true, null, {}, []]})],
    );
    check(" [1]\n{\"a\": 1}{\"b\": 2} ", &[json!([1]), json!({"a": 1}), json!({"b": 2})]);
    check(
        "{\"a\": 9223372036854775807, \"b\": 9223372036854775808}",
        &[json!({"a": i64::MAX, "b": 9_223_372_036_854_775_808.0})],
    );
    check("\u{feff}{\"a\": \"ü\"}", &[json!({"a": "ü"})]);
    // What starts like JSON may still be YAML.
    check("{a: 1, b: [c, d,],}", &[json!({"a": 1, "b": ["c", "d"]})]);
    check("{\"a\": 1} # b", &[json!({"a": 1})]);
    check("[a]: b".replace("[a]", "{\"a\": 1,\n\"b\": yes}\n#").as_str(), &[json!({"a": 1, "b": true})]);
    check_problems("{\"a\": 1,\n \"b\": tru]", 0, &["2:10 not JSON: expected ident"]);
    check_problems("{\"a\": [1, 2}", 0, &["1:12 not JSON: expected `,` or `]`"]);
    check_problems("{\"a\": 1}\n{\"b\": tru}", 1, &["2:10 not JSON: expected ident"]);
    check_problems("{\"a\": 1e400}", 1, &[]);
    check_problems("[\"a\"", 0, &["1:5 not JSON: the text ends while parsing a list"]);
}

#[test]
fn what_is_no_yaml() {
    check_problems(
        "a:\n  b: 1\n c: 2",
        0,
        &["3:2 did not find expected key while parsing a block mapping that starts 2 lines before"],
    );
    check_problems(
        "a:\n\tb: 1",
        0,
        &["2:1 found character that cannot start any token while scanning for the next token"],
    );
    check_problems(
        "a: @b",
        0,
        &["1:4 found character that cannot start any token while scanning for the next token"],
    );
    check_problems("a: b: c", 0, &["1:5 mapping values are not allowed in this context"]);
    check_problems("a: .inf", 0, &["1:4 .inf is no number that an object can hold"]);
    check_problems("a: !!int b", 0, &["1:10 \"b\" is no !!int"]);
    check_problems("ü: \u{1}", 0, &["1:4 a control character, U+0001"]);
    check_problems("a: 1\n\u{feff}b: 2", 0, &["2:1 a byte order mark within the text"]);
    check_problems("a: [b?]", 0, &["1:5 `?` in a value without quotes, between brackets or braces"]);
    check_problems(
        "a: [!b, c]",
        0,
        &["1:7 did not find expected whitespace or line break while scanning a tag"],
    );
    check_problems(
        "a: 1\n---\nb: [\n---\nc: 3",
        2,
        &["3:5 did not find expected node content while parsing a flow node"],
    );
    check("[\"!a, !b,\", 'c!d,'] # !e,", &[json!(["!a, !b,", "c!d,"])]);
}

/// Texts on which the parser would panic if it were given them as they are.
#[test]
fn ends_within_something() {
    check("a: |\n  b", &[json!({"a": "b\n"})]);
    check("a: >\n  b", &[json!({"a": "b\n"})]);
    check("a: |+", &[json!({"a": ""})]);
    for text in [
        "\"a\\",
        "'a",
        "\"a\\x4",
        "a: [",
        "{",
        "!<",
        "!<a",
        "&",
        "*",
        "%",
        "%YAML",
        "%TAG ! ",
        "? ",
        "[!a,",
        "!a!%c3%a4,",
    ] {
        assert_eq!(read(text).roots.len() + read(text).problems.len(), 1, "{text}");
    }
}

#[test]
fn limits() {
    let list = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let limits = Limits { depth: 3, nodes: 12, documents: 2, copies: 5 };
    let problems = |text: &str| {
        let read = read_within(text, &limits);
        read.problems
            .iter()
            .map(|problem| format!("{:?} {}", problem.code, read.show(problem)))
            .collect::<Vec<_>>()
    };
    assert_eq!(problems(&list(3)), [""; 0]);
    let too_deep = "LimitExceeded 1:4 nested deeper than 3 levels";
    assert_eq!(problems(&list(4)), [too_deep]);
    assert_eq!(problems(&list(4).replace('[', "[ ")), ["LimitExceeded 1:7 nested deeper than 3 levels"]);
    assert_eq!(problems("[[[[a]]]]"), [too_deep], "YAML");
    assert_eq!(problems("[&a [b], [[*a]]]"), ["LimitExceeded 1:12 nested deeper than 3 levels"]);
    assert_eq!(problems("a\n---\nb\n---\nc\n---\nd"), ["LimitExceeded  more than 2 documents in one text"]);
    assert_eq!(
        problems(&format!("[{}1]", "1, ".repeat(20)))[0],
        "LimitExceeded  more than 12 values in one text"
    );
    assert_eq!(
        problems("[&a 1, *a, *a, *a, *a, *a, *a]")[0],
        "LimitExceeded 1:24 aliases copy more than 5 values in one text"
    );
    // Deep enough to exhaust a stack, were reading recursive.
    for text in [list(100_000), "{\"a\":".repeat(100_000), "- ".repeat(100_000), "{a: ".repeat(100_000)] {
        assert_eq!(read(&text).problems[0].code, Code::LimitExceeded);
    }
    assert_eq!(read(&list(1_024)).roots.len(), 1);
    assert_eq!(read(&format!("- x\n- {}", list(1_023))).roots.len(), 1, "YAML");
}

#[test]
fn alias_bombs() {
    let mut bomb = "a0: &a0 [l,l,l,l,l,l,l,l,l]\n".to_owned();
    for i in 1..9 {
        let aliases = vec![format!("*a{}", i - 1); 9].join(",");
        bomb.push_str(&format!("a{i}: &a{i} [{aliases}]\n"));
    }
    check_problems(&bomb, 0, &["4:22 excessive aliasing: nearly all of the document comes from aliases"]);
    // Many documents, each below that.
    let below: String = bomb.lines().take(3).map(|line| format!("{line}\n")).collect();
    let limits = Limits { copies: 10_000, ..Limits::default() };
    let read = read_within(&format!("{below}---\n").repeat(100), &limits);
    assert_eq!(read.problems.len(), 1);
    assert_eq!(read.problems[0].code, Code::LimitExceeded);
}

#[test]
fn places_in_block_style() {
    check_places(
        "# first\napiVersion: v1\nspec:\n  list:\n  -   a\n  - b: 'c'\n    d:\n      - \"e\"\n  empty:\n  text: |\n    x\n",
        &[
            ("", "2:1"),
            ("apiVersion#", "2:1"),
            ("apiVersion", "2:13"),
            ("spec#", "3:1"),
            ("spec", "4:3"),
            ("spec.list", "5:3"),
            ("spec.list[0]", "5:7"),
            ("spec.list[1]", "6:5"),
            ("spec.list[1].b", "6:8"),
            ("spec.list[1].d", "8:7"),
            ("spec.list[1].d[0]", "8:9"),
            ("spec.empty#", "9:3"),
            ("spec.empty", "9:9"),
            ("spec.text", "10:9"),
        ],
    );
}

#[test]
fn places_in_flow_style() {
    check_places(
        "a: {b: [c, \"d\",\n  {e: f}]}",
        &[
            ("a", "1:4"),
            ("a.b#", "1:5"),
            ("a.b", "1:8"),
            ("a.b[0]", "1:9"),
            ("a.b[1]", "1:12"),
            ("a.b[2]", "2:3"),
            ("a.b[2].e", "2:7"),
        ],
    );
}

#[test]
fn places_behind_anchors_and_tags() {
    check_places(
        "a: &x b\nc: !!str &y 'd'\ne: &z\n  # f\n  g: &é h\ni: *z\nj: &m !!seq\n- k\nl: &n [o]\np:\n  <<: *z\n  q: &r\n"
            .replace('é', "e")
            .as_str(),
        &[
            ("a", "1:7"),
            ("c", "2:13"),
            ("e", "5:3"),
            ("e.g", "5:9"),
            ("i", "5:3"),
            ("i.g", "5:9"),
            ("j", "8:1"),
            ("j[0]", "8:3"),
            ("l", "9:7"),
            ("l[0]", "9:8"),
            ("p", "11:3"),
            ("p.g#", "5:3"),
            ("p.g", "5:9"),
            ("p.q", "12:6"),
        ],
    );
}

#[test]
fn places_in_several_documents_beyond_ascii() {
    check_places(
        "\u{feff}ä: ö # ü\n--- # ß\né: 🎉\nm: [🎉, 'x']\n---\r\n{\"ñ\": [\"ö\",\r\n 2]}\r\n",
        &[
            ("1:ä#", "1:1"),
            ("1:ä", "1:4"),
            ("2:é#", "3:1"),
            ("2:é", "3:4"),
            ("2:m[0]", "4:5"),
            ("2:m[1]", "4:8"),
            ("3:", "6:1"),
            ("3:ñ#", "6:2"),
            ("3:ñ", "6:7"),
            ("3:ñ[0]", "6:8"),
            ("3:ñ[1]", "7:2"),
        ],
    );
    check_places("a: 1\r\nb:\r\n  - c\r\n", &[("b#", "2:1"), ("b[0]", "3:5")]);
    check_places("a: '!b, !c,'\nd: [e, f]\n", &[("a", "1:4"), ("d[0]", "2:5"), ("d[1]", "2:8")]);
}

#[test]
fn strings_are_borrowed() {
    let text = "a: b\n'c': \"d\"\n\"e\": {\"f\": \"g\"}";
    for text in [text, "{\"a\": \"b\", \"c\": [\"d\"]}"] {
        let mut sources = Sources::default();
        let source = sources.add("f", Arc::from(text)).unwrap();
        let mut each = |document: Document<'_>| all_borrowed(&document.root);
        documents(source, text, &Limits::default(), &mut each, &mut Vec::new());
    }
}

fn all_borrowed(node: &Node<'_>) {
    let borrowed = |text: &std::borrow::Cow<'_, str>| matches!(text, std::borrow::Cow::Borrowed(_));
    match &node.value {
        Value::Str(text) => assert!(borrowed(text), "{text}"),
        Value::Seq(items) => items.iter().for_each(all_borrowed),
        Value::Map(entries) => {
            for entry in entries {
                assert!(borrowed(&entry.key), "{}", entry.key);
                all_borrowed(&entry.value);
            }
        }
        _ => {}
    }
}

/// A text of pieces that mean something to YAML.
fn soup() -> impl Strategy<Value = String> {
    const PIECES: &[&str] = &[
        "a",
        "b: ",
        "c:\n",
        "\n",
        "\n  ",
        "- ",
        "\n- ",
        "? ",
        ": ",
        "[",
        "]",
        "{",
        "}",
        ", ",
        ",",
        "\t",
        "&x ",
        "*x",
        "<<: ",
        "!!str ",
        "!!int ",
        "!f,",
        "!",
        "!<a>,",
        "%41",
        "'",
        "\"",
        "|",
        "|+\n",
        ">-\n ",
        "# c",
        "1",
        "0x",
        ".5",
        "yes",
        "~",
        "\n...\n",
        "\n---\n",
        "\n--- a",
        "%YAML 1.1\n",
        "%TAG !a! b\n",
        "ü",
        "🎉",
        "\u{2028}",
        "\u{85}",
        "\u{feff}",
        "\r\n",
        "\r",
        "@",
        "\\",
        "\\x4",
        "\u{7f}",
        "{\"a\": ",
        "\"b\"",
        "1e999",
        "null",
        "\u{e000}",
    ];
    prop::collection::vec(prop::sample::select(PIECES), 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(text) = decode(bytes) {
            read(&text);
        }
    }

    #[test]
    fn soup_never_panics(text in soup()) {
        let read = read(&text);
        // Every place is within the text and between characters.
        for at in read.problems.iter().chain(&read.duplicates).filter_map(|problem| problem.at) {
            prop_assert!(text.is_char_boundary(at.offset as usize));
        }
    }

    #[test]
    fn json_reads_like_serde_json(text in "[\\[\\]{}:, \"a1.e\\-\\\\n]{0,12}") {
        if text.trim_start().starts_with(['{', '[']) && let Ok(expected) = serde_json::from_str::<Json>(&text) {
            let read = read(&text);
            prop_assert_eq!(&read.problems, &[]);
            prop_assert_eq!(as_json(&read.roots[0]), expected);
        }
    }
}
