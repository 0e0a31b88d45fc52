//! How much np reads: each limit stops a run with its place, its figure and the flag that raises
//! it, and each flag does what it says.

#![cfg(unix)]

mod common;

use std::fs::File;
use std::io::Read;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use common::{Folder, Ran, command, np, np_in, np_with, pod};

/// A run on `a.yaml` is refused with these lines, and goes through with `raised`.
#[track_caller]
fn check(text: &str, lowered: &str, expected: &str, raised: &str) {
    let folder = Folder::with(&[("a.yaml", text)]);
    let ran = np_in(&folder, &format!("matrix -f a.yaml {lowered}"));
    assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{}", ran.err);
    assert_eq!(ran.told(), format!("{expected}\nnp: 1 error\n"));
    let ran = np_in(&folder, &format!("matrix -f a.yaml {raised}"));
    assert_eq!(ran.code, 0, "{}", ran.err);
}

#[test]
fn file_size() {
    // A pod in YAML with a comment, together 2 KiB.
    let pod = pod("x", "a", "");
    let text = format!("{pod}#{}\n", "-".repeat(2_048 - pod.len() - 2));
    assert_eq!(text.len(), 2_048);
    let expected =
        "error: `a.yaml` holds more than 2047 bytes\nhelp: it is not read; `--max-file-size` allows more";
    check(&text, "--max-file-size 2047", expected, "--max-file-size 2KiB");
    let expected =
        "error: `a.yaml` holds more than 1KiB\nhelp: it is not read; `--max-file-size` allows more";
    check(&text, "--max-file-size 1KiB", expected, "--max-file-size 1MiB");
    let folder = Folder::with(&[("a.yaml", &text)]);
    let ran = np_with(&folder, "matrix -f - --max-file-size 1KiB", &text);
    assert_eq!(ran.code, 2);
    assert!(ran.err.starts_with("error: stdin holds more than 1KiB\n"), "{}", ran.err);
    assert_eq!(np_with(&folder, "matrix -f - --max-file-size 2KiB", &text).code, 0);
    assert!(np_in(&folder, "matrix --max-file-size 1KiB").err.contains("`./a.yaml` holds more than 1KiB"));
    let ran = np_in(&folder, "validate --max-file-size 1KiB -f a.yaml");
    assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{}", ran.err);
}

#[test]
fn documents() {
    let text = pod("x", "a", "") + &pod("x", "b", "") + &pod("x", "c", "");
    let line = 1 + pod("x", "a", "").lines().count() * 2 + 1;
    let expected = format!(
        "error[limit-exceeded]: more than 2 documents in one text\n--> a.yaml:{line}:1\n\
         help: the rest is not read; split the input; `--max-documents` allows more"
    );
    check(&text, "--max-documents 2", &expected, "--max-documents 3");
}

#[test]
fn depth() {
    // `metadata` is the second level, `labels` the third.
    let text = pod("x", "a", "");
    let column = "metadata: {name: a, namespace: x, labels: ".len() + 1;
    let expected = format!(
        "error[limit-exceeded]: nested deeper than 2 levels\n--> a.yaml:4:{column}\n\
         help: no Kubernetes object is that deep; the document is not read; `--max-depth` allows more"
    );
    check(&text, "--max-depth 2", &expected, "--max-depth 3");
}

#[test]
fn copies() {
    let text = pod("x", "a", "spec: {nodeSelector: &s {a: b, c: d}, extra: [*s, *s, *s]}");
    let folder = Folder::with(&[("a.yaml", &text)]);
    let ran = np_in(&folder, "matrix -f a.yaml --max-copies 10");
    assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{}", ran.err);
    assert!(ran.err.starts_with("error[limit-exceeded]: aliases copy more than 10 values in one text\n"));
    assert!(ran.told().contains("\n--> a.yaml:5:") && ran.told().contains("; `--max-copies` allows more\n"));
    assert_eq!(np_in(&folder, "matrix -f a.yaml --max-copies 100").code, 0);
}

#[test]
fn values() {
    let text = pod("x", "a", "");
    let folder = Folder::with(&[("a.yaml", &text)]);
    let ran = np_in(&folder, "matrix -f a.yaml --max-values 5");
    assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{}", ran.err);
    assert!(ran.err.starts_with("error[limit-exceeded]: more than 5 values in one text\n"), "{}", ran.err);
    assert!(ran.told().contains("\n--> a.yaml:") && ran.told().contains("; `--max-values` allows more\n"));
    assert_eq!(np_in(&folder, "matrix -f a.yaml --max-values 100").code, 0);
}

#[test]
fn labels() {
    let labels: Vec<String> = (0..20).map(|number| format!("l{number}: v")).collect();
    let with = |kind: &str, spec: &str| {
        let labels = labels.join(", ");
        let version = if kind == "NetworkPolicy" { "networking.k8s.io/v1" } else { "v1" };
        format!("apiVersion: {version}\nkind: {kind}\nmetadata: {{name: a, labels: {{{labels}}}}}\n{spec}")
    };
    let column = "metadata: {name: a, labels: ".len() + 1;
    for text in [with("Pod", ""), with("Namespace", ""), with("NetworkPolicy", "spec: {podSelector: {}}\n")] {
        let kind = text.lines().nth(1).and_then(|line| line.strip_prefix("kind: ")).expect("a kind");
        let name = if kind == "Namespace" { "a" } else { "default/a" };
        let text = text.clone() + &pod("x", "b", "");
        let expected = format!(
            "error[limit-exceeded]: 20 labels, and 19 are allowed\n--> a.yaml:3:{column}\nnote: in {kind} {name}, metadata.labels\n\
             help: no object needs that many; look for what made it; `--max-labels` allows more"
        );
        check(&text, "--max-labels 19", &expected, "--max-labels 20");
    }
    // The template of a workload is read like a pod.
    let template = format!("{{template: {{metadata: {{labels: {{{}}}}}}}}}", labels.join(", "));
    let workload =
        format!("apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: w}}\nspec: {template}\n");
    let folder = Folder::with(&[("a.yaml", &workload)]);
    assert!(np_in(&folder, "matrix --max-labels 19").err.contains("spec.template.metadata.labels"));
    assert_eq!(np_in(&folder, "matrix --max-labels 20").code, 0);
    // Ten thousand by default.
    let labels: Vec<String> = (0..=10_000).map(|number| format!("l{number}: v")).collect();
    let text =
        format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: a, labels: {{{}}}}}\n", labels.join(", "));
    let ran = np_in(&Folder::with(&[("a.yaml", &text)]), "matrix");
    assert!(ran.err.contains("10001 labels, and 10000 are allowed"), "{}", ran.err);
}

/// At the highest `--max-depth` nothing overflows, in the build that tests run: not dropping, and not
/// copying by an alias.
#[test]
fn the_deepest_of_all() {
    let block =
        |levels: usize| format!("a: &x\n  {}x\nb: *x\nc: {:?}\n", "- ".repeat(levels), vec![0; 30_000]);
    for (text, is_read) in [
        (format!("{}1{}", "{\"a\":".repeat(2_048), "}".repeat(2_048)), true),
        (format!("{}1{}", "{\"a\":".repeat(2_049), "}".repeat(2_049)), false),
        (format!("{}x", "- ".repeat(2_048)), true),
        (format!("{}x", "- ".repeat(2_049)), false),
        (block(2_047), true),
        (block(2_048), false),
    ] {
        let folder = Folder::with(&[("a.yaml", &text)]);
        let ran = np_in(&folder, "validate --max-depth 2048");
        let (code, words) = if is_read {
            (0, "warning[not-an-object]")
        } else {
            (1, "error[limit-exceeded]: nested deeper than 2048 levels")
        };
        assert_eq!(ran.code, code, "{}", ran.err);
        assert!(ran.out.starts_with(words), "{}", ran.out);
        assert!(!ran.out.contains("--max-depth"), "it cannot be raised further");
    }
}

#[test]
fn flags_are_checked() {
    for (words, expected) in [
        ("--max-file-size 1GB", "write a number of bytes, or a size such as 512MiB or 2GiB"),
        ("--max-file-size 4GiB", "np reads no file of 4GiB or more"),
        ("--max-depth 2049", "write a whole number from 1 to 2048"),
        ("--max-depth 0", "write a whole number from 1 to 2048"),
        ("--max-documents 0", "write a whole number from 1"),
        ("--max-values many", "write a whole number from 1"),
    ] {
        let ran = np(&format!("matrix -f $T {words}"));
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{words}");
        assert!(ran.err.contains(expected), "{words}: {}", ran.err);
    }
    let (short, long) = (np("matrix -h").out, np("matrix --help").out);
    for flag in
        ["--max-file-size", "--max-documents", "--max-depth", "--max-copies", "--max-values", "--max-labels"]
    {
        assert!(!short.contains(flag) && long.contains(flag), "{flag} is for the long help");
    }
    assert!(long.contains("\nLimits:\n") && !short.contains("Limits:"), "{short}");
}

/// Runs np with 256 MiB of address space, and no longer than twenty seconds.
#[cfg(target_os = "linux")]
#[track_caller]
fn in_little_memory(folder: &Folder, line: &str, stdin: Stdio) -> Ran {
    let start = Instant::now();
    let mut child = Command::new("sh")
        .args(["-c", "ulimit -v 262144 && exec \"$@\"", "sh"])
        .arg(command().get_program())
        .args(line.split_whitespace())
        .current_dir(&folder.path)
        .stdin(stdin)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("np runs");
    let code = loop {
        if let Some(status) = child.try_wait().expect("np is there") {
            break status.code().expect("no signal ended np");
        }
        if start.elapsed() > Duration::from_secs(20) {
            child.kill().expect("np ends");
            panic!("`np {line}` has not ended");
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    let text = |pipe: Option<&mut dyn Read>| {
        let mut text = String::new();
        pipe.expect("a pipe").read_to_string(&mut text).expect("np prints UTF-8");
        text
    };
    let out = text(child.stdout.as_mut().map(|pipe| pipe as &mut dyn Read));
    let err = text(child.stderr.as_mut().map(|pipe| pipe as &mut dyn Read));
    Ran { code, out, err }
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_of_2_gib_is_refused_unread() {
    let folder = Folder::with(&[("m/pods.yaml", &pod("x", "a", ""))]);
    let file = File::create(folder.path.join("m/large.yaml")).expect("a file");
    file.set_len(2 << 30).expect("a sparse file");
    for line in ["matrix -f m", "matrix -f m/large.yaml", "query -f m/large.yaml -f m/pods.yaml x/a x/a"] {
        let ran = in_little_memory(&folder, line, Stdio::null());
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{}", ran.err);
        let expected = "\
error: `m/large.yaml` holds more than 1GiB
help: it is not read; `--max-file-size` allows more
np: 1 error
";
        assert_eq!(ran.err, expected);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn endless_input_is_cut() {
    let folder = Folder::with(&[]);
    let mut yes = Command::new("yes").stdout(Stdio::piped()).spawn().expect("yes runs");
    let endless = yes.stdout.take().expect("a pipe");
    let ran = in_little_memory(&folder, "matrix -f - --max-file-size 8MiB", endless.into());
    assert_eq!(ran.code, 2);
    assert!(ran.err.starts_with("error: stdin holds more than 8MiB\n"), "{}", ran.err);
    yes.wait().expect("yes ends with its reader");
    let ran = in_little_memory(&folder, "matrix -f /dev/zero --max-file-size 8MiB", Stdio::null());
    assert_eq!(ran.code, 2);
    assert!(ran.err.starts_with("error: `/dev/zero` holds more than 8MiB\n"), "{}", ran.err);
    let pipe = folder.path.join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().expect("mkfifo runs").success());
    let mut yes =
        Command::new("sh").args(["-c", "exec yes > \"$1\"", "sh"]).arg(&pipe).spawn().expect("sh runs");
    let ran = in_little_memory(&folder, "matrix -f pipe --max-file-size 8MiB", Stdio::null());
    assert_eq!(ran.code, 2);
    assert!(ran.err.starts_with("error: `pipe` holds more than 8MiB\n"), "{}", ran.err);
    yes.wait().expect("yes ends with its reader");
}

/// A few thousand bytes that unpack to a gigabyte are refused in little memory, and little more of it
/// is needed where they are allowed to.
#[cfg(target_os = "linux")]
#[test]
fn bombs_are_refused() {
    let piece = vec![b'#'; 8 << 20];
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..128 {
        std::io::Write::write_all(&mut encoder, &piece).expect("memory");
    }
    let gzip = encoder.finish().expect("memory");
    // One frame of blocks that say a byte and how often; its window is as large as it may be.
    let mut zstd = vec![0x28, 0xb5, 0x2f, 0xfd, 0, (27 - 10) << 3];
    let block = |last: u32| ((128 << 10) << 3 | 1 << 1 | last).to_le_bytes();
    for _ in 0..8_191 {
        zstd.extend_from_slice(&block(0)[..3]);
        zstd.push(b'#');
    }
    zstd.extend_from_slice(&block(1)[..3]);
    zstd.push(b'#');
    for (name, packed) in [("a.yaml.gz", gzip), ("a.yaml.zst", zstd)] {
        assert!(packed.len() < 2 << 20);
        let folder = Folder::with(&[("m/pods.yaml", &pod("x", "a", ""))]);
        folder.write(&format!("m/{name}"), &packed);
        for line in ["matrix -f m --max-file-size 16MiB", "validate -f m --max-file-size 16MiB"] {
            let ran = in_little_memory(&folder, line, Stdio::null());
            let expected = format!(
                "error: `m/{name}` holds more than 16MiB\nhelp: it is not read; `--max-file-size` allows more\n"
            );
            assert_eq!(ran.code, 2);
            assert!(ran.err.starts_with(&expected), "{}", ran.err);
        }
        let stdin = File::open(folder.path.join("m").join(name)).expect("a file");
        let ran = in_little_memory(&folder, "matrix -f - --max-file-size 16MiB", stdin.into());
        assert!(ran.err.starts_with("error: stdin holds more than 16MiB\n"), "{}", ran.err);
    }
}
