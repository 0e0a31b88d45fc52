//! `np diff` of git revisions: what is compared, what it is called, and what cannot be read.

mod common;

use common::git::{Repository, git};
use common::{Folder, Ran, command, np_with, pod, policy};

/// Runs `np` in a folder below.
fn np_below(repository: &Repository, folder: &str, line: &str) -> Ran {
    let mut command = command();
    command.current_dir(repository.folder.path.join(folder)).args(line.split_whitespace());
    common::ran(command.output().expect("np runs"))
}

fn pods() -> String {
    pod("x", "a", "") + &pod("x", "b", "")
}

/// A policy that lets the port in, from anywhere.
fn opens(port: u16) -> String {
    policy("x", "p", &format!("{{podSelector: {{}}, ingress: [{{ports: [{{port: {port}}}]}}]}}"))
}

/// On `main` port 80 is open, on `topic` ports 80 and 81, and not committed 82.
fn example() -> Option<Repository> {
    let repository = Repository::with(&[
        ("deploy/pods.yaml", &pods()),
        ("deploy/sub/p.yaml", &opens(80)),
        ("readme.md", "# x\n"),
        ("broken/elsewhere.yaml", "kind: [\n"),
    ])?;
    repository.git("checkout -q -b topic");
    let more = opens(81).replace("name: p,", "name: q,");
    repository.write("deploy/sub/q.yaml", &more);
    repository.commit();
    repository.write("deploy/sub/r.yaml", &opens(82).replace("name: p,", "name: r,"));
    Some(repository)
}

#[test]
fn revisions_and_the_working_tree() {
    let Some(repository) = example() else { return };
    let changes = [
        ("diff main..topic -f deploy", Some("tcp/81")),
        ("diff main topic -f deploy", Some("tcp/81")),
        ("diff main.. -f deploy/", Some("tcp/81")),
        ("diff main...topic -f ./deploy", Some("tcp/81")),
        ("diff main -f deploy", Some("tcp/81-82")),
        ("diff topic -f deploy", Some("tcp/82")),
        ("diff --git -f deploy", Some("tcp/82")),
        ("diff --git HEAD~1 -f deploy", Some("tcp/81-82")),
        ("diff topic..topic -f deploy", None),
        ("diff topic...main -f deploy", None),
    ];
    for (line, opened) in changes {
        let ran = repository.np(line);
        assert_eq!(ran.code, i32::from(opened.is_some()), "{line}: {}{}", ran.out, ran.err);
        assert_eq!(ran.err, "", "{line}");
        match opened {
            Some(ports) => assert!(ran.out.contains(&format!("  {ports}  ")), "{line}: {}", ran.out),
            None => assert!(ran.out.starts_with("nothing changes · "), "{line}: {}", ran.out),
        }
    }
    // The same from below, where paths are seen from.
    for line in
        ["diff main..topic", "diff main..topic -f .", "diff main..topic -f sub -f ../deploy/pods.yaml"]
    {
        let ran = np_below(&repository, "deploy", line);
        assert_eq!((ran.code, ran.err.as_str()), (1, ""), "{line}");
        assert!(ran.out.contains("  tcp/81  "), "{line}: {}", ran.out);
    }
    let absolute = format!("diff main..topic -f {}", repository.folder.path.join("deploy").display());
    assert!(np_with(&repository.folder, &absolute, "").out.contains("  tcp/81  "));
}

#[test]
fn topics_that_left_main_are_compared_from_there() {
    let Some(repository) = example() else { return };
    repository.git("stash -q -u");
    repository.git("checkout -q main");
    repository.write("deploy/s.yaml", &opens(90).replace("name: p,", "name: s,"));
    repository.commit();
    let fork = repository.np("diff main...topic -f deploy");
    assert!(fork.out.contains("  tcp/81  ") && !fork.out.contains("90"), "{}", fork.out);
    let both = repository.np("diff main..topic -f deploy");
    assert!(both.out.contains("90"), "{}", both.out);
}

#[test]
fn what_exists_is_a_path() {
    let Some(repository) = example() else { return };
    repository.git("branch deploy main");
    repository.git("branch other topic");
    repository.write("other/pods.yaml", &pods());
    // Two folders: the policies are gone.
    let ran = repository.np("diff deploy other");
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(ran.out.starts_with("4 opened · 2 unprotected · "), "{}", ran.out);
    let ran = repository.np("diff --git deploy other -f deploy");
    assert!(ran.out.contains("  tcp/81  "), "{}", ran.out);
    for (line, said) in [
        ("diff deploy topic", "no such file or folder: `topic`"),
        ("diff deploy", "`deploy` is one path"),
        ("diff", "a comparison needs BASE and HEAD"),
        ("diff nowhere -f deploy", "`nowhere`"),
        ("diff nowhere..main -f deploy", "`nowhere`"),
        ("diff main..nowhere -f deploy", "`nowhere`"),
        ("diff main..topic topic -f deploy", "is a range"),
        ("diff main..topic -f nowhere", "no such file or folder: `nowhere`"),
        ("diff main..topic -f readme", "neither `main` nor `topic` has it"),
        ("diff main -f nowhere", "neither `main` nor the working tree has it"),
    ] {
        let ran = repository.np(line);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{line}");
        assert!(ran.err.contains(said), "{line}: {}", ran.err);
    }
}

#[test]
fn what_is_broken_is_named_by_its_side() {
    let Some(repository) = example() else { return };
    let broken = opens(80).replace("port: 80", "port: 99999");
    repository.write("deploy/sub/q.yaml", &broken);
    repository.commit();
    let ran = repository.np("diff main..topic -f deploy");
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert!(ran.err.contains(" --> deploy/sub/q.yaml:5:"), "{}", ran.err);
    let ran = np_below(&repository, "deploy/sub", "diff topic..main -f ..");
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert!(ran.err.contains(" --> topic:deploy/sub/q.yaml:5:"), "{}", ran.err);
    // What both have is told once, as the head calls it.
    let ran = repository.np("diff main..main -f broken");
    assert_eq!(ran.code, 2);
    assert!(
        ran.err.contains(" --> broken/elsewhere.yaml:") && ran.err.ends_with("np: 1 error\n"),
        "{}",
        ran.err
    );
}

/// What is not there before the change is no error; it is said all the same.
#[test]
fn the_first_policies_and_the_last() {
    let Some(repository) = Repository::with(&[("readme.md", "# x\n")]) else { return };
    repository.write("deploy/pods.yaml", &(pods() + &opens(80)));
    let ran = repository.np("diff --git -f deploy");
    assert_eq!((ran.code, ran.err.as_str()), (1, "note: `deploy` is not in `HEAD`\n"), "{}", ran.out);
    repository.commit();
    let ran = repository.np("diff HEAD~1..HEAD -f deploy");
    assert_eq!((ran.code, ran.err.as_str()), (1, "note: `deploy` is not in `HEAD~1`\n"));
    let ran = repository.np("diff HEAD..HEAD~1 -f deploy");
    assert_eq!((ran.code, ran.err.as_str()), (1, "note: `deploy` is not in `HEAD~1`\n"));
    let ran = repository.np("diff HEAD~1..HEAD~1");
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("no manifests in `.`"), "{}", ran.err);
}

#[test]
fn what_is_outside_belongs_to_both() {
    let Some(repository) = Repository::with(&[("p.yaml", &opens(80))]) else { return };
    repository.write("p.yaml", &opens(81));
    let pods = pods();
    let ran = np_with(&repository.folder, "diff --git -f p.yaml -f -", &pods);
    assert_eq!((ran.code, ran.err.as_str()), (1, ""));
    let outside = std::env::temp_dir().join(format!("np-diff-git-{}.yaml", std::process::id()));
    std::fs::write(&outside, &pods).expect("a file");
    let same = repository.np(&format!("diff --git -f p.yaml -f {}", outside.display()));
    let nothing = repository.np(&format!("diff --git -f {}", outside.display()));
    let _ = std::fs::remove_file(&outside);
    assert_eq!((same.code, same.out.as_str()), (1, ran.out.as_str()));
    assert!(same.err.ends_with("is outside the repository: it belongs to both sides\n"), "{}", same.err);
    assert_eq!(nothing.code, 2);
    assert!(nothing.err.contains("is in no git repository"), "{}", nothing.err);
}

/// The rules of folders hold for trees: endings, hidden folders, charts.
#[test]
fn trees_are_searched_as_folders_are() {
    let files = [
        ("d/a.yaml", pods()),
        ("d/.hidden/b.yaml", opens(80)),
        ("d/b.txt", opens(80)),
        ("d/.c.yml", opens(80)),
    ];
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let Some(repository) = Repository::with(&files) else { return };
    let ran = repository.np("diff HEAD~0..HEAD -f d");
    let same = repository.np("diff --git -f d");
    let note = "note: the hidden folder `d/.hidden` is not read; name it with -f if it holds manifests\n";
    for ran in [ran, same] {
        assert!(ran.code == 0 && ran.out.starts_with("nothing changes · "), "{}", ran.out);
        assert!(ran.err.contains("`d/.hidden`"), "{} for {note}", ran.err);
    }
    repository.write("d/chart/Chart.yaml", "name: x\n");
    repository.write("d/chart/templates/x.yaml", "{{ x }}\n");
    repository.commit();
    let ran = repository.np("diff HEAD~1..HEAD -f d");
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert!(ran.err.contains("error: `d/chart` is a Helm chart, not manifests\n"), "{}", ran.err);
}

#[cfg(unix)]
#[test]
fn links_are_followed_in_the_tree() {
    use std::os::unix::fs::symlink;
    let Some(repository) = Repository::with(&[("base/pods.yaml", &pods()), ("d/p.yaml", &opens(80))]) else {
        return;
    };
    let link = |target: &str, name: &str| symlink(target, repository.folder.path.join(name)).expect("a link");
    // A link to a folder is read as one, also if -f goes through it; what links name twice is read once.
    link("base", "linked");
    link("p.yaml", "d/again.yaml");
    repository.commit();
    repository.write("d/p.yaml", &opens(81));
    repository.commit();
    let ran = repository.np("diff HEAD~1..HEAD -f linked/ -f d");
    assert_eq!((ran.code, ran.err.as_str()), (1, ""), "{}", ran.out);
    // Links that lead out of the folder, or nowhere, on the side that has them.
    for (target, name, said) in [
        ("../base/pods.yaml", "d/out.yaml", "`d/out.yaml` is a link that leads out of the folder"),
        ("/etc/hostname", "d/far.yaml", "`d/far.yaml` is a link that leads out of the repository"),
        ("../../x.yaml", "d/up.yaml", "`d/up.yaml` is a link that leads out of the repository"),
        ("nowhere.yaml", "d/gone.yaml", "`d/gone.yaml` is a link that leads nowhere"),
        ("self.yaml", "d/self.yaml", "`d/self.yaml` is a link that leads in a circle"),
    ] {
        link(target, name);
        repository.commit();
        let ran = repository.np("diff HEAD~1..HEAD -f d");
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{target}");
        assert!(ran.err.contains(said), "{target}: {}", ran.err);
        std::fs::remove_file(repository.folder.path.join(name)).expect("a link");
        repository.commit();
    }
}

#[test]
fn what_a_tree_does_not_hold_itself_is_an_error() {
    let Some(repository) = Repository::with(&[("d/pods.yaml", &pods())]) else { return };
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12\n";
    repository.write("d/big.yaml", pointer);
    repository.commit();
    for line in ["diff HEAD~1..HEAD -f d", "diff HEAD~1 -f d"] {
        let ran = repository.np(line);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""));
        assert!(ran.err.contains("`d/big.yaml` is a pointer of git-lfs"), "{}", ran.err);
    }
    std::fs::remove_file(repository.folder.path.join("d/big.yaml")).expect("a file");
    let Some(other) = Repository::with(&[("p.yaml", &opens(80))]) else { return };
    let id = other.git("rev-parse HEAD");
    repository.git(&format!("update-index --add --cacheinfo 160000,{id},d/module"));
    repository.git("commit -q -m module");
    let ran = repository.np("diff HEAD~1..HEAD -f d");
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert!(ran.err.contains("`d/module` is in a submodule"), "{}", ran.err);
    let ran = repository.np("diff HEAD~1..HEAD -f d/pods.yaml -f d/module/p.yaml");
    assert!(ran.err.contains("`d/module/p.yaml` is in a submodule"), "{}", ran.err);
}

#[test]
fn a_shallow_clone_lacks_history() {
    let Some(repository) = example() else { return };
    let clone = Folder::with(&[]);
    let url = format!("file://{}", repository.folder.path.canonicalize().expect("a path").display());
    git(&clone.path, &format!("clone -q --depth 1 -b topic {url} here"));
    let here = Repository { folder: Folder { path: clone.path.join("here") } };
    for line in ["diff origin/main..HEAD -f deploy", "diff HEAD~1 -f deploy", "diff --git HEAD~1 -f deploy"] {
        let ran = here.np(line);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{line}");
        assert!(ran.err.contains("help: the clone is shallow: `git fetch --deepen"), "{line}: {}", ran.err);
    }
    assert_eq!(here.np("diff --git -f deploy").code, 0);
}

#[test]
fn packed_and_compressed_files_and_limits_hold() {
    let Some(repository) = Repository::with(&[("d/pods.yaml", &pods()), ("d/p.yaml", &opens(80))]) else {
        return;
    };
    repository.write("d/p.yaml", &opens(81));
    repository.commit();
    repository.git("gc -q --aggressive --prune=now");
    assert_eq!(repository.np("diff HEAD~1..HEAD -f d").code, 1);
    let ran = repository.np("diff HEAD~1..HEAD -f d --max-file-size 100");
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    for file in ["`HEAD~1:d/p.yaml`", "`d/p.yaml`", "`d/pods.yaml`"] {
        assert!(ran.err.contains(&format!("error: {file} holds more than 100 bytes\n")), "{}", ran.err);
    }
    assert!(ran.err.ends_with("np: 3 errors\n"), "{}", ran.err);
}

/// A command sees the whole revision, in the folder that is named, and nothing of it stays.
#[cfg(unix)]
#[test]
fn what_is_rendered_is_compared() {
    let Some(repository) = Repository::with(&[
        ("base/pods.yaml", &pods()),
        ("over/run.sh", "#!/bin/sh\ncat ../base/*.yaml policy.txt\n"),
        ("over/policy.txt", &opens(80)),
    ]) else {
        return;
    };
    repository.git("update-index --chmod=+x over/run.sh");
    repository.git("commit -q -m mode");
    repository.git("checkout -q -- .");
    repository.write("over/policy.txt", &opens(81));
    repository.commit();
    let np = |line: &str, render: &str| {
        let mut command = command();
        command.current_dir(&repository.folder.path).args(line.split_whitespace()).args(["--render", render]);
        common::ran(command.output().expect("np runs"))
    };
    let ran = np("diff HEAD~1..HEAD -f over", "./run.sh");
    assert_eq!((ran.code, ran.err.as_str()), (1, ""), "{}", ran.out);
    assert!(ran.out.contains("  tcp/80 → tcp/81  "), "{}", ran.out);
    let ran = np("diff HEAD~1 -f over", "./run.sh; echo '{'");
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains(" --> HEAD~1:over (rendered):"), "{}", ran.err);
    assert!(ran.err.contains(" --> over (rendered):"), "{}", ran.err);
    // A command that fails is no answer, whatever it printed before; what it says is shown, and harmless.
    let ran = np("diff HEAD~1..HEAD -f over", "./run.sh; printf 'no \\033[2Jsuch\\nvalue\\n' >&2; exit 3");
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert!(ran.err.contains("fails in `HEAD~1:over`: exit status: 3\n"), "{}", ran.err);
    assert!(ran.err.contains("\n  | no \\u{1b}[2Jsuch\n  | value\n"), "{}", ran.err);
    // More than it may be, and without end.
    let ran = np("diff HEAD~1..HEAD -f over --max-file-size 1KiB", "yes");
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("what `yes` prints in `HEAD~1:over` holds more than 1KiB"), "{}", ran.err);
    let ran = np("diff HEAD~1..HEAD -f over/run.sh", "cat");
    assert!(ran.code == 2 && ran.err.contains("--render runs in a folder"), "{}", ran.err);
    // What it says and goes on is passed on, with the side; it cannot forge a line.
    let ran = np("diff HEAD~1..HEAD -f over", "./run.sh; printf 'old \\033[2Jfield\\n\\nand more\\n' >&2");
    assert_eq!(ran.code, 1, "{}", ran.err);
    let line = |side: &str, text: &str| format!("note: rendering `{side}`: {text}\n");
    let said =
        ["HEAD~1:over", "over"].map(|side| line(side, "old \\u{1b}[2Jfield") + &line(side, "and more"));
    assert_eq!(ran.err, said.concat());
    let ran = np("diff HEAD~1..HEAD -f over", "./run.sh; head -c 100000 /dev/zero | tr '\\0' x >&2");
    assert!(ran.code == 1 && ran.err.len() < 140_000, "{} bytes", ran.err.len());
    assert!(ran.err.ends_with("note: rendering `over`: and 34464 bytes more\n"), "{}", ran.err);
    // Two paths, in place.
    let ran = np("diff over base", "cat ../base/pods.yaml policy.txt 2>/dev/null; pwd >&2");
    assert_eq!(ran.code, 1, "{}", ran.err);
    let ran = np("diff over over", "./run.sh");
    assert!(ran.code == 0 && ran.out.starts_with("nothing changes · "), "{}{}", ran.out, ran.err);
}
