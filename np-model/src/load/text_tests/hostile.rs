//! Hostile texts: too deep, too large, cut off, or no sense at all.

use proptest::prelude::*;

use super::*;

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
    let limits = Limits { depth: 3, nodes: 12, documents: 2, copies: 5, ..Limits::default() };
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
    assert_eq!(
        problems("a\n---\nb\n---\nc\n---\nd"),
        ["LimitExceeded 5:1 more than 2 documents in one text"]
    );
    assert_eq!(
        problems(&format!("[{}1]", "1, ".repeat(20)))[0],
        "LimitExceeded 1:35 more than 12 values in one text"
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
    assert_eq!(read(&format!("{}x", "- ".repeat(1_024))).roots.len(), 1);
    assert_eq!(read(&format!("- {}", list(200))).roots.len(), 1);
    assert_eq!(
        read(&format!("- {}", list(201))).problems[0].message,
        "brackets and braces nested deeper than 200 levels"
    );
}

#[test]
fn alias_bombs() {
    let mut lines = vec!["a0: &a0 [l,l,l,l,l,l,l,l,l]".to_owned()];
    for i in 1..9 {
        let aliases = vec![format!("*a{}", i - 1); 9].join(",");
        lines.push(format!("a{i}: &a{i} [{aliases}]"));
    }
    check_problems(
        &lines.join("\n"),
        0,
        &["4:22 excessive aliasing: nearly all of the document comes from aliases"],
    );
    // Many documents, each below that.
    let below = lines[..3].join("\n");
    let limits = Limits { copies: 10_000, ..Limits::default() };
    let read = read_within(&format!("{below}\n---\n").repeat(100), &limits);
    assert_eq!(read.problems.len(), 1);
    assert_eq!(read.problems[0].code, Code::LimitExceeded);
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
            prop_assert_eq!(&read.roots[0].json, &expected);
        }
    }
}
