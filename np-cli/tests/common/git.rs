//! Repositories made for one test, with the `git` that is installed.

use std::path::Path;
use std::process::Command;

use super::{Folder, Ran, np_in};

/// A repository that goes when the test ends.
pub(crate) struct Repository {
    pub(crate) folder: Folder,
}

impl Repository {
    /// A new one with these files committed on `main`; none, and a word about it, where there is no git.
    #[expect(clippy::print_stdout, reason = "a test that is skipped says so")]
    pub(crate) fn with(files: &[(&str, &str)]) -> Option<Self> {
        let is_there =
            Command::new("git").arg("--version").output().is_ok_and(|output| output.status.success());
        if !is_there {
            println!("skipped: git is not installed, and these tests make repositories with it");
            return None;
        }
        let repository = Self { folder: Folder::with(files) };
        repository.git("init -q -b main .");
        repository.commit();
        Some(repository)
    }

    /// Runs git in it, with arguments separated by blanks.
    pub(crate) fn git(&self, line: &str) -> String {
        git(&self.folder.path, line)
    }

    /// Commits everything there is.
    pub(crate) fn commit(&self) {
        self.git("add -A");
        self.git("commit -q --allow-empty -m change");
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        self.folder.write(name, text);
    }

    pub(crate) fn np(&self, line: &str) -> Ran {
        np_in(&self.folder, line)
    }
}

/// Runs git in a folder, with arguments separated by blanks and nothing from the machine's configuration.
pub(crate) fn git(folder: &Path, line: &str) -> String {
    let mut command = Command::new("git");
    command.current_dir(folder).args(line.split_whitespace()).env("GIT_CONFIG_GLOBAL", "/dev/null");
    for (name, value) in [("NAME", "np"), ("EMAIL", "np@example.com")] {
        command.env(format!("GIT_AUTHOR_{name}"), value).env(format!("GIT_COMMITTER_{name}"), value);
    }
    command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_ALLOW_PROTOCOL", "file");
    command.env_remove("GIT_DIR").env_remove("GIT_WORK_TREE").env_remove("GIT_INDEX_FILE");
    let output = command.output().expect("git runs");
    assert!(output.status.success(), "git {line}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("git prints UTF-8").trim().to_owned()
}
