//! YAML as Kubernetes reads it: scalars, keys, anchors, merges, and what it refuses.

use super::*;

/// The duplicate keys of a text, each with its place, and what is read all the same.
#[track_caller]
fn check_duplicates(text: &str, value: &Json, expected: &[&str]) {
    let read = read(text);
    let shown: Vec<_> = read.duplicates.iter().map(|problem| read.show(problem)).collect();
    assert_eq!(shown, expected, "{text}");
    assert_eq!(read.roots[0].json, *value, "{text}");
    assert_eq!(read.problems, [], "{text}");
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

/// As sigs.k8s.io/yaml 1.6 reads it; but of `[!b, c]`, which it reads as `[c]`, nobody can mean that.
#[test]
fn exclamation_marks_before_commas() {
    for (text, items) in [
        ("['!', 'x']", json!(["!", "x"])),
        ("[\"!\",\"b\"]", json!(["!", "b"])),
        ("[a!, b]", json!(["a!", "b"])),
        ("[a !b, c]", json!(["a !b", "c"])),
        ("['!b, c', d, '!', !e f, '!', a !, g]", json!(["!b, c", "d", "!", "f", "!", "a !", "g"])),
        ("{b!: c!, d: '!', e: f}", json!({"b!": "c!", "d": "!", "e": "f"})),
    ] {
        // An anchor keeps it from being read as plain.
        for start in ["", "&a "] {
            check(&format!("a: {start}{text}"), &[json!({"a": items})]);
        }
    }
    for text in ["[!b, c]", "[!!str, c]", "['x'!b, c]", "[!<x>, c]", "['!', !b, c]", "[a !b, !c, d]"] {
        let read = read(&format!("a: {text}"));
        assert_eq!((read.roots.len(), read.problems.len()), (0, 1), "{text}");
    }
    // Too many to be read again for each.
    let many = format!("a: &a [{}]", "'!', ".repeat(20_000));
    assert_eq!(read(&many).problems.len(), 1);
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
    let mut lines: Vec<_> = (0..100).map(|i| format!("k{i}: {i}")).collect();
    lines.extend(["k7: x".to_owned(), "k99: y".to_owned()]);
    let read = read(&lines.join("\n"));
    assert_eq!(read.duplicates.len(), 2);
    assert_eq!(read.show(&read.duplicates[0]), "101:1 key \"k7\" stands twice in this map, first at line 8");
    assert_eq!(
        read.show(&read.duplicates[1]),
        "102:1 key \"k99\" stands twice in this map, first at line 100"
    );
    assert_eq!(read.roots[0].json["k7"], "x");
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
