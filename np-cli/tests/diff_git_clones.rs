//! `np diff` in repositories of every kind: bare, partial, shallow, with SHA-256, with several working trees, as a
//! submodule, and as hooks see them. What is there is read, and what is not is an error that says how to get it.

mod common;

use std::path::{Path, PathBuf};

use common::git::{Repository, git};
use common::{Folder, Ran, command, pod, policy, ran};

/// A pod, and in the last commit of `main` a policy that isolates it.
fn example() -> Option<Repository> {
    let repository = Repository::with(&[("d/pod.yaml", &pod("x", "a", "")), ("e/pod.yaml", "kind: [\n")])?;
    repository.write("d/p.yaml", &policy("x", "p", "{podSelector: {}}"));
    repository.commit();
    Some(repository)
}

/// A folder with a clone of it, made with these options.
fn cloned(repository: &Repository, options: &str) -> (Folder, PathBuf) {
    let folder = Folder::with(&[]);
    git(&folder.path, &format!("clone -q {options} {} here", url(repository)));
    let here = folder.path.join("here");
    (folder, here)
}

fn url(repository: &Repository) -> String {
    format!("file://{}", repository.folder.path.canonicalize().expect("a path").display())
}

/// Runs `np` in a folder, with something in the environment.
fn np(folder: &Path, line: &str, environment: &[(&str, &str)]) -> Ran {
    let mut command = command();
    command.current_dir(folder).args(line.split_whitespace()).envs(environment.iter().copied());
    ran(command.output().expect("np runs"))
}

/// The policy of the last commit is what changes.
#[track_caller]
fn closes(ran: &Ran, file: &str) {
    assert_eq!((ran.code, ran.err.as_str()), (1, ""), "{}", ran.out);
    assert!(ran.out.starts_with("1 closed · 1 isolated · 1 unchanged"), "{}", ran.out);
    assert!(ran.out.contains(&format!("  x/p isolates  {file}:4:18")), "{}", ran.out);
}

/// There is no answer, and everything of this is said.
#[track_caller]
fn fails(ran: &Ran, said: &[&str]) {
    assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{}", ran.err);
    for said in said {
        assert!(ran.err.contains(said), "{said}: {}", ran.err);
    }
}

#[test]
fn bare() {
    let Some(repository) = example() else { return };
    let (folder, here) = cloned(&repository, "--bare");
    closes(&np(&here, "diff main~1..main -f d", &[]), "d/p.yaml");
    closes(&np(&folder.path, "diff main~1..main -f here/d", &[]), "here/d/p.yaml");
    fails(&np(&here, "diff main~1..main", &[]), &["--> e/pod.yaml:1:"]);
    for line in ["diff main -f d", "diff --git -f d"] {
        fails(&np(&here, line, &[]), &["the repository is bare", "name two revisions"]);
    }
    // Where the environment names it, paths are seen from where np is run, and no more is read than they name.
    let outside = Outside::new("bare");
    let git_dir = [("GIT_DIR", here.to_str().expect("UTF-8"))];
    closes(&np(&outside.0, "diff main~1..main -f d", &git_dir), "d/p.yaml");
    fails(&np(&outside.0, "diff main~1..main -f nowhere", &git_dir), &["neither `main~1` nor `main` has it"]);
}

/// Objects that a partial clone lacks are errors, with commands that do get them.
#[test]
fn partial() {
    let Some(repository) = example() else { return };
    repository.git("config uploadpack.allowFilter true");
    for filter in ["blob:none", "tree:0"] {
        let (_folder, here) = cloned(&repository, &format!("--no-checkout --filter={filter}"));
        let help =
            ["cannot be read from the repository", "help: the clone is partial", "refetch --no-filter"];
        for line in ["diff main~1..main -f d", "diff main~1...main -f d", "diff main~1 -f d"] {
            fails(&np(&here, line, &[]), &help);
        }
        for revision in ["main~1", "main"] {
            git(&here, &format!("archive -o {}.tar {revision}", here.display()));
        }
        closes(&np(&here, "diff main~1..main -f d", &[]), "d/p.yaml");
        let (_folder, here) = cloned(&repository, &format!("--no-checkout --filter={filter}"));
        git(&here, "fetch -q --refetch --no-filter");
        closes(&np(&here, "diff main~1..main -f d", &[]), "d/p.yaml");
    }
}

/// Where a base is cut off, even by name, help says how to get it; where it has been fetched, it is read.
#[test]
fn shallow() {
    let Some(repository) = example() else { return };
    repository.git("branch old HEAD~1");
    let old = repository.git("rev-parse old");
    let (_folder, here) = cloned(&repository, "--depth 1");
    for base in ["main~1", "origin/old", &old] {
        for dots in ["..", "..."] {
            let ran = np(&here, &format!("diff {base}{dots}main -f d"), &[]);
            fails(&ran, &[base, "help: the clone is shallow: `git fetch --deepen 100`", "fetch-depth: 0"]);
        }
    }
    git(&here, "fetch -q --depth 1 origin old:refs/remotes/origin/old");
    closes(&np(&here, "diff origin/old..main -f d", &[]), "d/p.yaml");
}

#[test]
fn sha256() {
    let Some(repository) = example() else { return };
    let folder = Folder::with(&[("d/pod.yaml", &pod("x", "a", ""))]);
    git(&folder.path, "init -q -b main --object-format=sha256");
    let other = Repository { folder };
    other.commit();
    other.write("d/p.yaml", &policy("x", "p", "{podSelector: {}}"));
    other.commit();
    let base = other.git("rev-parse HEAD~1");
    assert_eq!(base.len(), 64);
    fails(
        &other.np(&format!("diff {}..main -f d", &base[..9])),
        &["help: in a repository with SHA-256, write the hash"],
    );
    for base in ["main~1", base.as_str()] {
        for dots in ["..", "..."] {
            closes(&other.np(&format!("diff {base}{dots}main -f d")), "d/p.yaml");
        }
    }
    other.git("gc -q --prune=now");
    closes(&other.np("diff main~1 -f d"), "d/p.yaml");
    drop(repository);
}

#[test]
fn several_working_trees() {
    let Some(repository) = example() else { return };
    let folder = Folder::with(&[]);
    let here = folder.path.join("here");
    repository.git(&format!("worktree add -q -b topic {}", here.display()));
    closes(&np(&here, "diff main~1..topic -f d", &[]), "d/p.yaml");
    closes(&np(&folder.path, "diff main~1 -f here/d", &[]), "here/d/p.yaml");
    // The working tree is that which -f is in.
    std::fs::write(here.join("d/p.yaml"), policy("x", "p", "{podSelector: {}, ingress: [{}]}"))
        .expect("a file");
    let ran = np(&here, "diff --git -f d", &[]);
    assert!(ran.code == 1 && ran.out.starts_with("1 opened · "), "{}{}", ran.out, ran.err);
    assert_eq!(repository.np("diff --git -f d").code, 0);
    // A hook is run with the folder of the working tree's own.
    let git_dir = git(&here, "rev-parse --absolute-git-dir");
    let ran = np(&here, "diff --git -f d", &[("GIT_DIR", &git_dir), ("GIT_PREFIX", "")]);
    assert!(ran.code == 1 && ran.out.starts_with("1 opened · "), "{}{}", ran.out, ran.err);
}

/// A folder in no repository.
struct Outside(PathBuf);

impl Outside {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("np-diff-git-clones-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }
}

impl Drop for Outside {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Hooks name the repository in the environment; what is outside of it still belongs to both sides.
#[test]
fn hooks() {
    let Some(repository) = example() else { return };
    let here = &repository.folder.path;
    let from_top = [("GIT_DIR", ".git"), ("GIT_INDEX_FILE", ".git/index"), ("GIT_PREFIX", "")];
    closes(&np(here, "diff main~1..main -f d", &from_top), "d/p.yaml");
    closes(&np(here, "diff main~1 -f d", &from_top), "d/p.yaml");
    let from_below = [("GIT_DIR", "../.git"), ("GIT_WORK_TREE", "..")];
    closes(&np(&here.join("d"), "diff main~1..main", &from_below), "p.yaml");
    let outside = Outside::new("hooks");
    std::fs::write(outside.0.join("pods.yaml"), pod("x", "a", "")).expect("a file");
    let dump = outside.0.join("pods.yaml");
    for environment in [&from_top[..], &[]] {
        let ran = np(here, &format!("diff main~1..main -f d/p.yaml -f {}", dump.display()), environment);
        assert!(ran.code == 1 && ran.out.starts_with("1 closed · "), "{}{}", ran.out, ran.err);
        assert!(ran.err.contains("is outside the repository: it belongs to both sides\n"), "{}", ran.err);
    }
    // What is pushed is kept apart until the hook has agreed to it.
    let pushed = "1".repeat(40);
    let ran = np(here, &format!("diff main..{pushed} -f d"), &[("GIT_QUARANTINE_PATH", "/x")]);
    fails(&ran, &[&pushed, "help: git keeps what is pushed apart until the hook ends", "`git archive`"]);
}

/// A submodule is a repository like others where np is run in it, or -f names it alone.
#[test]
fn submodules() {
    let Some(repository) = example() else { return };
    let Some(outer) = Repository::with(&[("readme.md", "# x\n")]) else { return };
    outer.git(&format!("-c protocol.file.allow=always submodule add -q {} module", url(&repository)));
    outer.commit();
    closes(&np(&outer.folder.path.join("module"), "diff main~1..main -f d", &[]), "d/p.yaml");
    closes(&outer.np("diff main~1..main -f module/d"), "module/d/p.yaml");
    fails(&outer.np("diff HEAD~1..HEAD"), &["`module` is in a submodule", "help: run np in the submodule"]);
    fails(&outer.np("diff --git -f module/d -f readme.md"), &["-f names files of two repositories"]);
}

/// Objects come from strangers; what does not follow git's format is an error, whatever it is.
#[test]
fn broken_objects() {
    let Some(repository) = example() else { return };
    for (kind, text) in [
        ("commit", "nonsense\n"),
        ("commit", ""),
        ("commit", "tree 123\n\n"),
        ("tag", "nonsense\n"),
        ("tag", "object 1111111111111111111111111111111111111111\ntype commit\ntag x\n\nx\n"),
        ("tree", "100644 x"),
        ("blob", "text\n"),
    ] {
        repository.write("object", text);
        let id = repository.git(&format!("hash-object -w -t {kind} --literally object"));
        for line in
            [format!("diff {id}..main -f d"), format!("diff {id}...main -f d"), format!("diff {id} -f d")]
        {
            fails(&repository.np(&line), &["error: "]);
        }
    }
}
