//! Files that mean harm: np ends in time, says what is wrong, and prints nothing that could drive a
//! terminal, hide text or run in a spreadsheet. Each test reads what the binary really printed.

#![cfg(unix)]

mod common;

use std::fs::File;
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use common::{Folder, command, pod, policy};

/// The longest that any of these may take, generous to a busy machine.
const LONGEST: Duration = Duration::from_secs(20);

const MATRICES: [&str; 5] =
    ["matrix", "matrix -o json", "matrix -o yaml", "matrix -o csv", "matrix --port 80"];

/// What a run printed.
struct Ran {
    code: i32,
    out: String,
    err: String,
}

/// Runs `np` on a folder; ends it if it does not end, and checks every character of both outputs.
#[track_caller]
fn np(folder: &Folder, words: &[&str]) -> Ran {
    let here = folder.path.with_extension("printed");
    std::fs::create_dir_all(&here).expect("a folder");
    let files = [here.join("out"), here.join("err")];
    let [out, err] = files.each_ref().map(|path| Stdio::from(File::create(path).expect("a file")));
    let start = Instant::now();
    let mut child = command()
        .current_dir(&folder.path)
        .args(words)
        .stdin(Stdio::null())
        .stdout(out)
        .stderr(err)
        .spawn()
        .expect("np runs");
    let status = loop {
        if let Some(status) = child.try_wait().expect("np is there") {
            break status;
        }
        if start.elapsed() > LONGEST {
            child.kill().expect("np ends");
            panic!("`np {}` has not ended after {LONGEST:?}", words.join(" "));
        }
        sleep(Duration::from_millis(5));
    };
    let read = |path| String::from_utf8(std::fs::read(path).expect("a file")).expect("np prints UTF-8");
    let [out, err] = files.each_ref().map(read);
    let _ = std::fs::remove_dir_all(&here);
    for text in [&out, &err] {
        let harmful = text.chars().find(|character| is_harmful(*character));
        assert_eq!(harmful, None, "`np {}` printed it:\n{}", words.join(" "), text.escape_debug());
    }
    Ran { code: status.code().expect("no signal ended np"), out, err }
}

/// Controls but the line end, and what turns or hides text.
fn is_harmful(character: char) -> bool {
    (character.is_control() && character != '\n')
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Every matrix and a query are refused, with these words.
#[track_caller]
fn refuses(folder: &Folder, expected: &[&str]) {
    for line in MATRICES {
        refuses_to(folder, &line.split(' ').collect::<Vec<_>>(), expected);
    }
    refuses_to(folder, &["query", "x/a", "x/b"], expected);
}

#[track_caller]
fn refuses_to(folder: &Folder, words: &[&str], expected: &[&str]) {
    let ran = np(folder, words);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{}", ran.err);
    for part in expected {
        assert!(ran.err.contains(part), "no `{part}` in:\n{}", ran.err);
    }
}

/// Two pods, and this text behind them.
fn with(name: &str, text: &str) -> Folder {
    Folder::with(&[(name, &(pod("x", "a", "") + &pod("x", "b", "") + text))])
}

/// A folder that can be answered about.
fn sound() -> Folder {
    with("pods.yaml", "")
}

#[test]
fn an_alias_bomb() {
    let mut lines = vec!["a0: &a0 [l,l,l,l,l,l,l,l,l]".to_owned()];
    for i in 1..20 {
        lines.push(format!("a{i}: &a{i} [{}]", vec![format!("*a{}", i - 1); 9].join(",")));
    }
    refuses(&with("a.yaml", &format!("---\n{}\n", lines.join("\n"))), &["a.yaml:", "excessive aliasing"]);
}

#[test]
fn a_hundred_thousand_levels() {
    let deep = 100_000;
    for (name, text) in [
        ("flow.yaml", format!("{}{}", "[".repeat(deep), "]".repeat(deep))),
        ("maps.yaml", format!("{}{}", "{a: ".repeat(deep), "}".repeat(deep))),
        ("block.yaml", format!("{}x", "- ".repeat(deep))),
        ("deep.json", format!("{}1{}", "{\"a\":".repeat(deep), "}".repeat(deep))),
        ("lists.json", format!("{}{}", "[".repeat(deep), "]".repeat(deep))),
    ] {
        let folder = Folder::with(&[(name, &text)]);
        refuses(&folder, &[&format!("--> {name}:1:"), "nested deeper than "]);
    }
}

#[test]
fn a_block_map_of_thousands_of_levels() {
    let text: String = (0..5_000).flat_map(|depth| [" ".repeat(depth), "a:\n".to_owned()]).collect();
    refuses_to(&Folder::with(&[("a.yaml", &text)]), &["matrix"], &["a.yaml:1025:", "nested deeper"]);
}

#[test]
fn a_pipe_in_a_folder() {
    let folder = sound();
    let made = Command::new("mkfifo").arg(folder.path.join("pipe.yaml")).status().expect("mkfifo runs");
    assert!(made.success());
    refuses(&folder, &["pipe.yaml` is no regular file"]);
}

#[test]
fn links_in_a_circle_are_followed_once() {
    let folder = sound();
    std::fs::create_dir(folder.path.join("sub")).expect("a folder");
    symlink("..", folder.path.join("sub/up")).expect("a link");
    symlink(".", folder.path.join("same")).expect("a link");
    let ran = np(&folder, &["query", "x/a", "x/b", "80"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{}", ran.out);
    symlink("loop.yaml", folder.path.join("loop.yaml")).expect("a link");
    refuses(&folder, &["loop.yaml` cannot be read"]);
}

#[test]
fn links_out_of_the_folder() {
    let outside = sound();
    let folder = sound();
    symlink(outside.path.join("pods.yaml"), folder.path.join("file.yaml")).expect("a link");
    refuses(&folder, &["file.yaml` is a link that leads out of the folder"]);
    let folder = sound();
    symlink(&outside.path, folder.path.join("folder")).expect("a link");
    refuses(&folder, &["folder` is a link that leads out of the folder"]);
}

#[test]
fn no_text() {
    let folder = sound();
    folder.write("nul.yaml", "a: 1\nb: \0\n");
    folder.write("utf8.yaml", b"a: 1\nb: \xff\n");
    folder.write("utf16.yaml", b"\xff\xfea\x00\x00\xd8");
    refuses(
        &folder,
        &[
            "a NUL character at line 2, byte 8",
            "not valid UTF-8 at line 2, byte 8",
            "not valid UTF-16",
            "np: 3 errors",
        ],
    );
}

#[test]
fn utf16_is_read() {
    let text = pod("x", "a", "") + &pod("x", "b", "") + &policy("x", "closed", "{podSelector: {}}");
    for (mark, bytes) in
        [([0xff, 0xfe], u16::to_le_bytes as fn(u16) -> [u8; 2]), ([0xfe, 0xff], u16::to_be_bytes)]
    {
        let folder = Folder::with(&[]);
        let encoded: Vec<u8> = mark.into_iter().chain(text.encode_utf16().flat_map(bytes)).collect();
        folder.write("a.yaml", encoded);
        let ran = np(&folder, &["query", "x/a", "x/b"]);
        assert_eq!(ran.code, 1, "{}{}", ran.out, ran.err);
        assert!(ran.out.contains("x/closed") && ran.out.contains("a.yaml:"), "{}", ran.out);
    }
}

/// Names that no API server would store are refused, and shown without their teeth.
#[test]
fn names_that_mean_harm() {
    for (name, shown) in [
        (r"p\e[31mred", r"p\u{1b}[31mred"),
        (r"p\e]8;;http://example.com\a", r"p\u{1b}]8;;http://example.com\u{7}"),
        (r"a\u202Eb\u2066c", r"a\u{202e}b\u{2066}c"),
        (r"a\u200Bb\uFEFF", r"a\u{200b}b\u{feff}"),
        (r"a\r\nerror: b", r"a\u{d}\u{a}error: b"),
        ("=cmd()", "=cmd()"),
        ("+1", "+1"),
        ("@a", "@a"),
        ("<script>alert(1)</script>", "<script>"),
        ("![a](http://example.com)|`b`", "![a](http://example.com)|`b`"),
    ] {
        let quoted = format!("\"{name}\"");
        for text in
            [policy("x", &quoted, "{podSelector: {}}"), pod("x", "\"NAME\"", "").replace("\"NAME\"", &quoted)]
        {
            refuses(&with("a.yaml", &text), &["error[invalid-value]: the name must consist of", shown]);
        }
        let text = pod("NAMESPACE", "c", "").replace("NAMESPACE", &quoted);
        refuses(&with("a.yaml", &text), &["error[invalid-value]: the name of a namespace", shown]);
    }
}

#[test]
fn labels_that_hide_what_they_are() {
    let raw = "a\u{202e}\u{200b}b";
    let closed = format!("{{podSelector: {{matchLabels: {{app: \"{raw}\"}}}}}}");
    refuses(
        &with("a.yaml", &policy("x", "p", &closed)),
        &[r#"{app: "a\u{202e}\u{200b}b"}"#, "the value of label `app` must be empty, or letters"],
    );
    let unknown = "{podSelector: {}, \"bo\\e[31mgus\\u202E\": 1}";
    refuses(&with("a.yaml", &policy("x", "p", unknown)), &[r"unknown field `bo\u{1b}[31mgus\u{202e}`"]);
    let kind = "---\n{apiVersion: v1, kind: \"K\\e[31m\\u202E\", metadata: {name: k}}\n";
    let ran = np(&Folder::with(&[("a.yaml", kind)]), &["matrix"]);
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert!(ran.err.contains(r"K\u{1b}[31m\u{202e}"), "{}", ran.err);
}

/// What is read as it stands, because no server checks it for np: labels of pods, names of files
/// and of ports. Whatever of it an answer shows is written out.
#[test]
fn answers_show_no_teeth() {
    let text = "---\napiVersion: v1\nkind: Pod\nmetadata: {name: c, namespace: x, labels: {app: \"w\\u202E\\u200B\\e[31m\"}}\nspec: {nodeName: \"n\\e[31m\", containers: [{name: \"=cmd()\", ports: [{name: \"\\e[31m<script>\", containerPort: 80}]}]}\n";
    let folder = with("pods.yaml", text);
    folder.write("p\u{1b}[31m\u{202e}=.yaml", policy("x", "closed", "{podSelector: {}}"));
    for format in ["text", "json", "yaml"] {
        let ran = np(&folder, &["query", "x/a", "x/c", "-o", format]);
        assert_eq!(ran.code, 1, "{}{}", ran.out, ran.err);
        let file =
            if format == "json" { r"p\\u{1b}[31m\\u{202e}=.yaml" } else { r"p\u{1b}[31m\u{202e}=.yaml" };
        assert!(ran.out.contains(file), "{}", ran.out);
    }
    for line in MATRICES {
        np(&folder, &line.split(' ').collect::<Vec<_>>());
        np(&folder, &line.split(' ').chain(["--external=ranges", "--by", "pod"]).collect::<Vec<_>>());
    }
    refuses_to(&folder, &["query", "x/a", "x/c", "http"], &["no port named `http`", r"\u{1b}[31m<script>"]);
    for word in ["x/\u{1b}[31m\u{202e}", "\u{202e}", "=cmd()", "x/y/\u{7}"] {
        assert_eq!(np(&folder, &["query", word, "x/a"]).code, 2);
        assert_eq!(np(&folder, &["matrix", "--from", word]).code, 2);
    }
}

#[test]
fn very_long_names() {
    let long = "a".repeat(100_000);
    refuses(&with("a.yaml", &pod("x", &long, "")), &["the name must be no more than 253 characters"]);
    refuses(&with("a.yaml", &policy("x", &long, "{podSelector: {}}")), &["no more than 253 characters"]);
    let ran = np(&sound(), &["query", &format!("x/{long}"), "x/a"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("no endpoint") && ran.err.len() < 2_000, "{} bytes", ran.err.len());
}

#[test]
fn a_million_documents() {
    let folder = Folder::with(&[("a.yaml", &"---\n".repeat(1_000_000))]);
    refuses_to(&folder, &["matrix"], &["nothing found: the input is empty"]);
    let folder = with("a.yaml", &"---\n".repeat(1_000_000));
    assert_eq!(np(&folder, &["query", "x/a", "x/b", "80"]).code, 0);
}
