//! `np diff` of files that git does not hold as they are meant: compressed, with other ends of lines, kept elsewhere or
//! encrypted; of links from one path to another; and of sides that are empty. None of them becomes "no policies".

mod common;

use std::io::Write;

use common::git::Repository;
use common::{Folder, np_in, pod, policy};
use flate2::Compression;
use flate2::write::GzEncoder;

fn pods() -> String {
    pod("x", "a", "")
}

fn isolates() -> String {
    policy("x", "p", "{podSelector: {}}")
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).expect("memory");
    encoder.finish().expect("memory")
}

#[test]
fn compressed() {
    let Some(repository) = Repository::with(&[("d/pods.yaml", &pods())]) else { return };
    repository.folder.write("d/p.yaml.gz", gzip(&isolates()));
    repository.commit();
    for (line, file) in
        [("diff HEAD~1..HEAD -f d", "d/p.yaml.gz:4:18"), ("diff HEAD..HEAD~1 -f d", "HEAD:d/p.yaml.gz:4:18")]
    {
        let ran = repository.np(line);
        assert_eq!((ran.code, ran.err.as_str()), (1, ""), "{}", ran.out);
        assert!(ran.out.contains(&format!("  {file}")), "{}", ran.out);
    }
    // More than it may be once it is unpacked, cut off, or not what its name says.
    let whole = gzip(&format!("{}# {}\n", isolates(), "x".repeat(100_000)));
    let cut = &whole[..whole.len() - 9];
    for (bytes, options, said) in [
        (whole.as_slice(), " --max-file-size 1KiB", "`d/p.yaml.gz` holds more than 1KiB"),
        (cut, "", "`d/p.yaml.gz` cannot be unpacked as gzip"),
        (isolates().as_bytes(), "", "`d/p.yaml.gz` is no gzip archive, as its name says"),
    ] {
        repository.folder.write("d/p.yaml.gz", bytes);
        repository.commit();
        let ran = repository.np(&format!("diff HEAD~1..HEAD -f d{options}"));
        assert_eq!((ran.code, ran.out.as_str()), (2, ""));
        assert!(ran.err.contains(said), "{said}: {}", ran.err);
    }
}

/// Filters do not run: the ends of lines may differ between a revision and the working tree, and nothing else does.
#[test]
fn ends_of_lines() {
    let files = [
        ("d/pods.yaml", pods()),
        ("d/p.yaml", isolates()),
        (".gitattributes", "*.yaml text eol=crlf\n".to_owned()),
    ];
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let Some(repository) = Repository::with(&files) else { return };
    std::fs::remove_dir_all(repository.folder.path.join("d")).expect("a folder");
    repository.git("checkout -q .");
    let there = std::fs::read_to_string(repository.folder.path.join("d/p.yaml")).expect("a file");
    assert_eq!(there.matches("\r\n").count(), 5, "git writes the ends of lines");
    let ran = repository.np("diff --git -f d");
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{}", ran.out);
    repository.write("d/p.yaml", &there.replace("podSelector: {}", "podSelector: {}, ingress: [{}]"));
    for line in ["diff --git -f d", "diff HEAD~1..HEAD -f d"] {
        let ran = repository.np(line);
        assert_eq!((ran.code, ran.err.as_str()), (1, ""), "{line}: {}", ran.out);
        assert!(ran.out.contains("  x/p rule 1  d/p.yaml:5:35"), "{line}: {}", ran.out);
        repository.commit();
    }
}

/// What stands for a file is not the file, on either side and on both.
#[test]
fn kept_elsewhere_or_encrypted() {
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12\n";
    for (name, text, said) in [
        ("d/p.yaml", pointer, "`d/p.yaml` is a pointer of git-lfs"),
        ("d/p.yaml.gz", pointer, "`d/p.yaml.gz` is a pointer of git-lfs"),
        ("d/p.yaml", "\0GITCRYPT\0\u{1}\u{2}abc", "encrypted with git-crypt"),
    ] {
        let Some(repository) = Repository::with(&[("d/pods.yaml", &pods())]) else { return };
        repository.write(name, text);
        repository.commit();
        repository.commit();
        for line in ["diff HEAD~2..HEAD", "diff HEAD~1..HEAD", "diff HEAD~2", "diff --git"] {
            for options in ["", " --exit-zero", " --prove"] {
                let ran = repository.np(&format!("{line} -f d{options}"));
                assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{line}");
                assert!(ran.err.contains(said), "{line}: {}", ran.err);
            }
        }
        let ran = repository.np("diff HEAD..HEAD~2 -f d");
        assert_eq!((ran.code, ran.out.as_str()), (2, ""));
        assert!(ran.err.contains(&format!("HEAD:{name}")), "{}", ran.err);
    }
}

/// A link leads where -f leads, or it is an error; doing what the error says helps.
#[cfg(unix)]
#[test]
fn links_from_one_path_to_another() {
    let Some(repository) = Repository::with(&[("base/pods.yaml", &pods()), ("d/p.yaml", &isolates())]) else {
        return;
    };
    let link = |target: &str, name: &str| {
        std::os::unix::fs::symlink(target, repository.folder.path.join(name)).expect("a link");
    };
    link("../base/pods.yaml", "d/pods.yaml");
    repository.commit();
    repository.write("d/p.yaml", &isolates().replace("podSelector: {}", "podSelector: {}, ingress: [{}]"));
    repository.commit();
    for line in ["diff HEAD~1..HEAD", "diff HEAD~1", "matrix"] {
        let ran = repository.np(&format!("{line} -f d"));
        assert_eq!((ran.code, ran.out.as_str()), (2, ""));
        assert!(ran.err.contains("`d/pods.yaml` is a link that leads out of the folder\n"), "{}", ran.err);
        assert!(ran.err.contains("help: name its target with -f too if it is meant"), "{}", ran.err);
        for more in ["base", "base/pods.yaml"] {
            for paths in [format!("-f d -f {more}"), format!("-f {more} -f d")] {
                let ran = repository.np(&format!("{line} {paths}"));
                let code = i32::from(line != "matrix");
                assert_eq!((ran.code, ran.err.as_str()), (code, ""), "{line} {paths}: {}", ran.out);
                assert!(line == "matrix" || ran.out.starts_with("1 opened · "), "{}", ran.out);
            }
        }
    }
    // What no -f can name in a revision.
    link("/etc/hostname", "d/far.yaml");
    repository.commit();
    let ran = repository.np("diff HEAD~1..HEAD -f d -f base -f /etc/hostname");
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert!(ran.err.contains("`d/far.yaml` is a link that leads out of the repository\n"), "{}", ran.err);
}

/// A side that holds no manifests is told, though what belongs to both does.
#[test]
fn an_empty_side_is_told() {
    let Some(repository) = Repository::with(&[("d/readme.md", "# x\n"), ("e/x.md", "")]) else { return };
    repository.write("d/p.yaml", &isolates());
    repository.commit();
    let outside = std::env::temp_dir().join(format!("np-diff-git-files-{}.yaml", std::process::id()));
    std::fs::write(&outside, pods()).expect("a file");
    let both = format!("note: `{}` is outside the repository: it belongs to both sides\n", outside.display());
    let empty = |side: &str| format!("note: {side} holds no pods, workloads or policies\n");
    for (line, code, notes) in [
        ("diff HEAD~1..HEAD -f d", 1, empty("`HEAD~1`")),
        ("diff HEAD~1 -f d", 1, empty("`HEAD~1`")),
        ("diff HEAD..HEAD~1 -f d", 1, empty("`HEAD~1`")),
        ("diff HEAD~1..HEAD -f d/p.yaml", 1, "note: `d/p.yaml` is not in `HEAD~1`\n".to_owned()),
        ("diff HEAD..HEAD -f d", 0, String::new()),
    ] {
        let ran = repository.np(&format!("{line} -f {}", outside.display()));
        assert_eq!((ran.code, ran.err), (code, notes + &both), "{line}: {}", ran.out);
    }
    // Neither side has any: there is nothing to compare, whatever belongs to both.
    let ran = repository.np(&format!("diff HEAD~1..HEAD -f e -f {}", outside.display()));
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert!(ran.err.contains("no manifests in `e`"), "{}", ran.err);
    let _ = std::fs::remove_file(&outside);
    let folder = Folder::with(&[
        ("pods.yaml", &pods()),
        ("old/readme.md", ""),
        ("new/p.yaml", &isolates()),
        ("blank/x.yaml", "\n"),
    ]);
    for (line, side) in [
        ("diff old new", "`old`"),
        ("diff new old", "`old`"),
        ("diff blank new", "`blank`"),
        ("diff old new --render cat${IFS}*.yaml||true", "`old`"),
    ] {
        let ran = np_in(&folder, &format!("{line} -f pods.yaml"));
        assert_eq!(ran.code, 1, "{line}: {}{}", ran.out, ran.err);
        assert!(ran.err.ends_with(&empty(side)), "{line}: {}", ran.err);
    }
}
