//! What runs in the CI of others: the scripts of `integrations/`, on a repository made for it, with changes that open,
//! that close, that do neither, and with a manifest that is broken.

#![expect(clippy::print_stdout, reason = "what is skipped is said")]

mod common;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use common::{Folder, policy};

/// The repository of np.
fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// What a change may be.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Opening,
    Closing,
    Nothing,
    Broken,
}

const CLUSTER: &str = "
{apiVersion: v1, kind: Namespace, metadata: {name: shop}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web}]}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: db, namespace: shop}
spec:
  selector: {matchLabels: {app: db}}
  template: {metadata: {labels: {app: db}}, spec: {containers: [{name: db}]}}
";

/// The policy of the database, with ingress on a port from web.
fn of_db(port: &str) -> String {
    let rule =
        format!("{{from: [{{podSelector: {{matchLabels: {{app: web}}}}}}], ports: [{{port: {port}}}]}}");
    policy("shop", "db", &format!("{{podSelector: {{matchLabels: {{app: db}}}}, ingress: [{rule}]}}"))
}

/// A repository with two commits: a base, and a change on top of it.
struct Repository(Folder);

impl Repository {
    /// Nothing, with the reason printed, where git is missing.
    fn with(kind: Kind) -> Option<Self> {
        if Command::new("git").arg("--version").output().is_err() {
            println!("skipped: no git here");
            return None;
        }
        let db = of_db("5432");
        let folder =
            Folder::with(&[("deploy/cluster.yaml", CLUSTER), ("deploy/db.yaml", &db), ("notes.txt", "a")]);
        let repository = Self(folder);
        repository.git(&["init", "--quiet", "--initial-branch=main"]);
        repository.commit();
        let changed = match kind {
            Kind::Opening => of_db("5432}, {port: 9999"),
            Kind::Closing => db.replace("podSelector: {matchLabels: {app: db}}", "podSelector: {}"),
            Kind::Nothing => db.replace("---\n", "---\n# The same.\n"),
            Kind::Broken => db.replace("podSelector: {matchLabels: {app: db}}", "podSelectr: {}"),
        };
        repository.0.write("deploy/db.yaml", changed);
        repository.0.write("notes.txt", "b");
        repository.commit();
        Some(repository)
    }

    fn git(&self, arguments: &[&str]) {
        let mut git = Command::new("git");
        git.current_dir(&self.0.path).args(["-c", "user.name=np", "-c", "user.email=np@example.com"]);
        let output = git.args(arguments).output().expect("git runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    fn commit(&self) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--no-gpg-sign", "--message=a change"]);
    }

    /// Runs a script of np here, with what is said by these variables.
    fn run(&self, script: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Ended {
        let mut command = Command::new("sh");
        command.arg(root().join(script)).args(arguments).current_dir(&self.0.path);
        command.env("NP", env!("CARGO_BIN_EXE_np")).env_remove("NO_COLOR");
        Ended::of(&command.envs(variables.iter().copied()).output().expect("it runs"))
    }

    /// What the jobs of GitHub and GitLab run.
    fn compare(&self, more: &[(&str, &str)]) -> Ended {
        let variables =
            [("NP_BASE", "HEAD^1"), ("NP_HEAD", "HEAD"), ("NP_PATHS", "deploy/"), ("NP_OUT", "out")];
        self.run("integrations/diff.sh", &[], &[&variables, more].concat())
    }

    fn file(&self, name: &str) -> String {
        let path: PathBuf = self.0.path.join("out").join(name);
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    fn json(&self, name: &str) -> serde_json::Value {
        serde_json::from_str(&self.file(name)).expect("JSON")
    }
}

#[derive(Debug)]
struct Ended {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Ended {
    fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
    }
}

#[test]
fn an_opening_is_told_in_every_report() {
    let Some(repository) = Repository::with(Kind::Opening) else { return };
    let ended = repository.compare(&[("NP_ANNOTATE", "github")]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let comment = repository.file("diff.md");
    assert!(comment.starts_with("<!-- np-diff"), "{comment}");
    assert!(comment.contains("tcp/9999") && comment.contains("shop/deploy/db"), "{comment}");
    assert_eq!(repository.json("diff.json")["kind"], "Diff");
    let sarif = repository.json("diff.sarif");
    assert_eq!(sarif["version"], "2.1.0");
    let place = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "deploy/db.yaml", "{sarif}");
    let quality = repository.json("code-quality.json");
    assert_eq!(quality[0]["location"]["path"], "deploy/db.yaml", "{quality}");
    assert!(repository.file("junit.xml").contains("<failure"));
    assert!(ended.out.contains("file=deploy/db.yaml,line="), "{}", ended.out);
}

#[test]
fn the_gate_decides_and_not_the_change() {
    for (kind, words, code) in [
        (Kind::Opening, "internet,dns", 0),
        (Kind::Opening, "opened", 1),
        (Kind::Closing, "opened,internet", 0),
        (Kind::Closing, "closed", 1),
        (Kind::Nothing, "any", 0),
        (Kind::Opening, "none", 0),
        (Kind::Broken, "none", 2),
    ] {
        let Some(repository) = Repository::with(kind) else { return };
        let ended = repository.compare(&[("NP_FAIL_ON", words)]);
        assert_eq!(ended.code, Some(code), "{kind:?} with {words}: {ended:?}");
    }
}

#[test]
fn a_closing_is_told() {
    let Some(repository) = Repository::with(Kind::Closing) else { return };
    let ended = repository.compare(&[]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(repository.file("diff.md").to_lowercase().contains("closed"), "{}", repository.file("diff.md"));
}

#[test]
fn without_a_change_nothing_fails() {
    let Some(repository) = Repository::with(Kind::Nothing) else { return };
    let ended = repository.compare(&[("NP_ANNOTATE", "github")]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(repository.json("diff.sarif")["runs"][0]["results"], serde_json::json!([]));
    assert_eq!(repository.json("code-quality.json"), serde_json::json!([]));
    assert!(!ended.out.contains("::error"), "{}", ended.out);
}

/// A broken manifest has file and line in the log and in the comment, which does not say that nothing changes.
#[test]
fn a_broken_manifest_is_no_answer() {
    let Some(repository) = Repository::with(Kind::Broken) else { return };
    for more in [&[][..], &[("NP_FAIL_ON", "internet")]] {
        let ended = repository.compare(more);
        assert_eq!(ended.code, Some(2), "{ended:?}");
        assert!(ended.err.contains("deploy/db.yaml:"), "{}", ended.err);
        let comment = repository.file("diff.md");
        assert!(comment.starts_with("<!-- np-diff -->\n### np: no answer\n"), "{comment}");
        assert!(comment.contains("deploy/db.yaml:") && comment.contains("podSelectr"), "{comment}");
        assert!(!comment.to_lowercase().contains("no change"), "{comment}");
    }
    // It takes the place of the comment that an answer would have.
    for arguments in ["--comment-id\nprod/eu", "--comment-id=prod/eu"] {
        repository.compare(&[("NP_ARGS", arguments)]);
        let comment = repository.file("diff.md");
        assert!(comment.starts_with("<!-- np-diff prod/eu -->\n### np: no answer\n"), "{comment}");
    }
}

#[test]
fn a_commit_is_held_against_the_last() {
    for (kind, code) in [(Kind::Opening, 1), (Kind::Closing, 0), (Kind::Nothing, 0), (Kind::Broken, 2)] {
        let Some(repository) = Repository::with(kind) else { return };
        // As when the change is about to be committed.
        repository.git(&["reset", "--quiet", "--soft", "HEAD^1"]);
        let ended =
            repository.run("integrations/pre-commit/diff.sh", &["-f", "deploy/", "--fail-on", "opened"], &[]);
        assert_eq!(ended.code, Some(code), "{kind:?}: {ended:?}");
        let ended = repository.run("integrations/pre-commit/validate.sh", &["-f", "deploy/"], &[]);
        assert_eq!(ended.code, Some(i32::from(kind == Kind::Broken)), "{kind:?}: {ended:?}");
    }
}

/// A stand-in for GitHub's program, which writes down what it is asked to do. The comments that there are come from a file.
const GH: &str = "#!/bin/sh
echo \"$*\" >>\"$CALLS\"
case \"$*\" in
  *--paginate*) cat \"$COMMENTS\" ;;
  *pulls*) echo 7 ;;
esac
";

#[test]
fn the_comment_is_written_once_and_then_kept_up_to_date() {
    let folder = Folder::with(&[
        ("bin/gh", GH),
        ("none", ""),
        ("one", "41\n"),
        ("diff.md", "<!-- np-diff -->\nOpened\n"),
    ]);
    let file = |name: &str| folder.path.join(name);
    make_runnable(&file("bin/gh"));
    let run = |comments: &str, comment: &str, more: &[(&str, &str)]| {
        let _ = std::fs::remove_file(file("calls"));
        let path = format!("{}:{}", file("bin").display(), std::env::var("PATH").unwrap_or_default());
        let mut command = Command::new("sh");
        command.arg(root().join("integrations/github/comment.sh")).current_dir(&folder.path);
        command.env("PATH", path).env("CALLS", file("calls")).env("COMMENTS", file(comments));
        command.env("NP_REPOSITORY", "example/shop").env("NP_COMMENT", comment);
        let ended = Ended::of(&command.envs(more.iter().copied()).output().expect("it runs"));
        (ended, std::fs::read_to_string(file("calls")).unwrap_or_default())
    };
    let pull = [("NP_PULL", "12")];
    let (ended, calls) = run("none", "diff.md", &pull);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(
        calls.contains("--method POST repos/example/shop/issues/12/comments -F body=@diff.md"),
        "{calls}"
    );
    let (ended, calls) = run("one", "diff.md", &pull);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(
        calls.contains("--method PATCH repos/example/shop/issues/comments/41 -F body=@diff.md"),
        "{calls}"
    );
    assert!(!calls.contains("POST"), "{calls}");
    folder.write("named.md", "<!-- np-diff prod/eu -->\nOpened\n");
    let (ended, calls) = run("one", "named.md", &pull);
    assert_eq!((ended.code, calls.contains("comments/41 -F body=@named.md")), (Some(0), true), "{ended:?}");
    // A fork: the pull request is found by its head.
    let head =
        [("NP_PULL", ""), ("NP_HEAD_OWNER", "someone"), ("NP_HEAD_BRANCH", "fix"), ("NP_HEAD_SHA", "abc123")];
    let (ended, calls) = run("none", "diff.md", &head);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(calls.contains("head=someone:fix") && calls.contains("issues/7/comments"), "{calls}");
    // What is not of np, or tries to be more, is refused before anything is asked.
    for text in ["Hello\n", "<!-- np-diff \\\") | halt -->\n", "<!-- np-diff $(id) -->\n", "<!-- other -->\n"]
    {
        folder.write("bad.md", text);
        let (ended, calls) = run("none", "bad.md", &pull);
        assert_eq!((ended.code, calls.as_str()), (Some(2), ""), "{text}");
    }
    let (ended, calls) = run("none", "diff.md", &[("NP_PULL", "12; true")]);
    assert_eq!((ended.code, calls.as_str()), (Some(2), ""), "{ended:?}");
    let (ended, calls) = run("none", "none", &pull);
    assert_eq!((ended.code, calls.as_str()), (Some(0), ""), "an empty file is no comment");
}

fn make_runnable(path: &Path) {
    let output = Command::new("chmod").arg("+x").arg(path).output().expect("chmod runs");
    assert!(output.status.success());
}
