//! The quick reader against the strict one: the same tree with the same places, or none.

mod generate;

use std::path::{Path, PathBuf};

use self::generate::{Dice, document, mutate};
use crate::load::Limits;
use crate::load::reading::Reading;
use crate::load::tree::Tree;
use crate::load::yaml::Reader;
use crate::origin::Sources;

/// What the quick reader makes of a text must be what the strict one does; gives whether it reads it.
#[track_caller]
fn check_within(text: &str, limits: Limits) -> bool {
    let source = Sources::default().add("text", text).expect("short");
    let reading = Reading::new(source, text, limits);
    let (tree, is_read) = super::read(&reading, 0..text.len(), Tree::new(text, Some(source)));
    if !is_read {
        return false;
    }
    let (mut strict, mut problems, mut documents) = (Reading::new(source, text, limits), Vec::new(), 0);
    let mut each = |document: crate::load::Document<'_>| {
        documents += 1;
        assert!(tree.root() == Some(document.root), "{text}\n{:#?}\n{:#?}", tree.root(), document.root);
        assert!(document.duplicates.is_empty(), "a key stands twice: {text}");
    };
    let read = Reader::new().read_any(&mut strict, 0..text.len(), &mut each, &mut problems);
    assert!(read.is_ok() && problems.is_empty(), "wrong: {text:?}\n{read:?} {problems:?}");
    assert_eq!(documents, usize::from(tree.root().is_some()), "{text:?}");
    assert_eq!(strict.values(), tree.len(), "values of {text:?}");
    true
}

#[track_caller]
fn check(text: &str) -> bool {
    check_within(text, Limits::default())
}

#[test]
fn plain_documents_are_read() {
    for text in [
        "",
        "# nothing\n\n  # at all",
        "a: 1",
        "a: b\r\nc:\r\n- d # e\r\n- \"f\"\r\n",
        "a:\n- b\n- c\nd: {}\n",
        "a:\n  - b\n  - c\nd: []\n",
        "- a\n-\n- - b\n  - c\n  -\n-   d: e\n    f: g\n- \n  h: i\n",
        "a:\nb:\n  c:\nd: # e\n  f\n",
        "a:\n-\n-\nb:\n-\n  c: d\n-\n",
        "a :  b  # c\nd e : f g\n\"h\" : 'i'\n'j': \"k\"\n",
        "a: -b\nc: --- d\ne: a:b\nf: a#b\ng: ?\nh: http://x/?y=z#k\n".replace("g: ?\n", "").as_str(),
        "a: [b, 'c', \"d\", {e: f, \"g\": [1, 2.5, null]}, {}]\nh: {i: {j: [k]}} # l\n",
        "yes: no\n1: 0x10\n1.5: ~\n017: 1_000\n.: .5\nnull a: 1e3\n",
        "a: b\n  c\n\n  d: e\n".replace("d: e", "d").as_str(),
        "a: b\n c # d\ne:\n  f\n  g\n\n\n  h\n- i\n".replace("- i\n", "").as_str(),
        "- a\n b\n- c\n\n  d\n",
        "a: 'it''s\n  b\n\n  c'\nd: \"e \\\"\\n\\x41\\u263a\\\\ f\n g\"\nh: 'a\\b'\n",
        "a: |\n  {\"b\": 1}\nc: |\n   d\n  \n    e\n\n\nf: |-\n  g\nh: |+\n  i\n\n\nj: k\n",
        "a: |2-\n    b\n   c\nd:\n- |\n  e\n  # f\n# g\n- |1\n  h\n",
        "a: |\n\n  b\n",
        "a: |\n  b",
        "a: |+\n  b\n  ",
        "ä: ü\n\"ö\": '🎉'\n- ß\n".replace("- ß\n", "").as_str(),
        "metadata:\n  managedFields:\n  - fieldsV1:\n      f:metadata:\n        .: {}\n        k:{\"ip\":\"1\"}:\n          f:ip: {}\n",
    ] {
        assert!(check(text), "given up on {text:?}");
    }
}

#[test]
fn whatever_is_not_plain_or_is_wrong_is_left_to_the_strict_reader() {
    for text in [
        "a",
        "[a]",
        "{a: b}",
        "- a\nb: c\n",
        "a: b\n- c\n",
        "a: - b\n",
        "a: b: c\n",
        "a: 'b' c\n",
        "a: 'b'#c\n",
        "a: b\na: c\n",
        "a: {b: 1, b: 2}\n",
        "a: &b c\n",
        "a: *b\n",
        "*a : b\n",
        "a: !b c\n",
        "<<: {a: b}\n",
        "? a\n: b\n",
        "? a\n",
        ": a\n",
        "a: ?\n",
        "a: @b\n",
        "a: `b\n",
        "a: %b\n",
        "%a\n",
        "a: >\n  b\n",
        "a:\tb\n",
        "a: b\t\n",
        "\ta: b\n",
        "a:\n\tb: c\n",
        "a: b\n  c: d\n",
        "a:\n  b: c\n d: e\n",
        "a:\n    b: c\n  d: e\n",
        "- a\n  - b: c\n",
        "- a: b\n c: d\n",
        " a: b\nc: d\n",
        "a: \"b\n",
        "a: 'b\n",
        "a: [b\n",
        "a: [b]]\n",
        "a: [b c: d]\n",
        "a: {b}\n",
        "a: [,]\n",
        "a: [b, ]\n",
        "a: ['b': c]\n",
        "a: [b?]\n",
        "a: \"\\y\"\n",
        "a: \"b\\\n  c\"\n",
        "a: \"\n...\n\"\n",
        "a: .inf\n",
        "~: a\n",
        "18446744073709551615: a\n",
        "a: b\r",
        "a: b\u{85}c: d\n",
        "a: b\u{2028}\n",
        "\u{feff}a: b\n",
        "a: \u{7}\n",
        "---\na: b\n",
        "a: b\n...\n",
        "a: b # c\n  d\n",
        "a: b\n  # c\n  d\n",
        "a\nb: c\n",
        "a\n b: c\n",
        "a: 'b\n c'\n d: e\n",
        "'a\n b': c\n",
        "a: |\nb: c\n",
        "a: |\n    \n  b\n",
        "a: |0\n  b\n",
        "a: |x\n  b\n",
        "a: |\n  b\n c\n",
        "a: |\n\tb\n",
        "- !a\n",
        "a: {}: b\n",
        "a: [] b\n",
        "- ]\n",
        "- ,\n",
        "- }\n",
        "a: {b: c}d\n",
        "a:\n{b: c}\n",
        "'a' 'b': c\n",
    ] {
        assert!(!check(text), "read {text:?}");
    }
    assert!(check(&format!("{}: b\n", "a".repeat(900))));
    for key in ["a".repeat(1_025), format!("{}\"", "\"a".repeat(1_025)), format!("a{}", " ".repeat(1_025))] {
        assert!(!check(&format!("{key}: b\n")));
    }
}

#[test]
fn limits_are_the_same() {
    let text = "a:\n- b: [{c: d}]\n  e: f\n";
    for limit in 0..16 {
        check_within(text, Limits { nodes: limit, ..Limits::default() });
        check_within(text, Limits { depth: limit, ..Limits::default() });
    }
    assert!(check_within(text, Limits { nodes: 12, depth: 6, ..Limits::default() }));
    assert!(!check_within(text, Limits { nodes: 9, ..Limits::default() }));
    assert!(!check_within(text, Limits { depth: 4, ..Limits::default() }));
}

#[test]
fn what_is_made_up() {
    let number = |name| std::env::var(name).ok().and_then(|number| number.parse::<u64>().ok());
    let (cases, first) = (number("NP_CASES").unwrap_or(1_500), number("NP_SEED").unwrap_or(0));
    let mut read = 0;
    for seed in first..first + cases {
        let text = document(&mut Dice::new(seed), false);
        assert!(check(&text), "given up on\n{text}");
        read += u64::from(check(&document(&mut Dice::new(seed), true)));
        let mut dice = Dice::new(seed ^ 0xabcd);
        let mut text = text;
        for _ in 0..3 {
            text = mutate(&mut dice, &text);
            read += u64::from(check(&text));
        }
    }
    assert!(read > cases, "of {} odd documents {read} are read", cases * 4);
}

#[test]
fn manifests_and_what_becomes_of_them() {
    let texts = manifests(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata"));
    assert!(texts.len() > 100, "{} documents", texts.len());
    let read = texts.iter().filter(|text| check(text)).count();
    assert!(read * 10 > texts.len() * 9, "{read} of {} are read", texts.len());
    mutate_all(&texts, 10);
}

#[test]
fn documents_of_the_corpus() {
    let Some(root) = std::env::var_os("NP_CORPUS").map(PathBuf::from) else {
        println!("skipped: NP_CORPUS is not set");
        return;
    };
    for folder in ["yaml", "validation"] {
        let texts = manifests(&root.join(folder));
        assert!(texts.len() > 20, "{} documents in {folder}", texts.len());
        let read = texts.iter().filter(|text| check(text)).count();
        assert!(read > texts.len() / 4, "{read} of {} in {folder} are read", texts.len());
        mutate_all(&texts, 3);
    }
}

fn mutate_all(texts: &[String], times: u64) {
    for (at, text) in texts.iter().enumerate().filter(|(_, text)| text.len() < 4_096) {
        for time in 0..times {
            let mut dice = Dice::new(at as u64 * 1_000 + time);
            let mut text = text.clone();
            for _ in 0..=dice.roll(3) {
                text = mutate(&mut dice, &text);
                check(&text);
            }
        }
    }
}

/// The documents of all files of YAML below a folder, and of the blocks in its Markdown.
fn manifests(root: &Path) -> Vec<String> {
    let (mut folders, mut texts) = (vec![root.to_owned()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let Ok(text) = std::fs::read_to_string(&path) else { continue };
            if text.len() > 1 << 16 {
                continue;
            }
            match path.extension().and_then(|end| end.to_str()) {
                Some("yaml" | "yml") => texts.push(text),
                Some("md") => {
                    let blocks = text.split("\n```yaml").skip(1).filter_map(|block| block.split_once('\n'));
                    texts.extend(
                        blocks.map(|(_, body)| body.split("```").next().unwrap_or_default().to_owned()),
                    );
                }
                _ => {}
            }
        }
    }
    let mut documents: Vec<String> =
        texts.iter().flat_map(|text| text.split("\n---\n")).map(|text| format!("{text}\n")).collect();
    documents.retain(|text| !text.trim_start().starts_with("---") && !text.contains('\0'));
    documents.sort();
    documents.dedup();
    documents
}
