//! Runs the built `np` on the three-tier example and on folders made for one test.

#![allow(dead_code, reason = "each test file uses its part")]

pub(crate) mod git;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// The example of the README.
pub(crate) fn three_tier() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata/examples/three-tier")
}

/// What a run of `np` printed.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    /// What it said on stderr, without the lines that it shows and the way it is laid out.
    pub(crate) fn told(&self) -> String {
        let lines = self.err.lines().map(|line| line.trim_start().trim_start_matches("= "));
        let told = lines.filter(|line| !line.is_empty() && (!line.contains('|') || line.contains("help")));
        told.flat_map(|line| [line, "\n"]).collect()
    }
}

/// The command `np`, without anything from the environment that changes its output.
pub(crate) fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_np"));
    command.env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE").env("TERM", "xterm");
    command.env_remove("GIT_DIR").env_remove("GIT_WORK_TREE").env_remove("GIT_INDEX_FILE");
    command
}

/// Runs `np` with arguments separated by blanks, `$T` standing for the three-tier example and `$S` for
/// the shop.
pub(crate) fn np(line: &str) -> Ran {
    let example = three_tier();
    let words = line.split_whitespace().map(|word| match word {
        "$T" => example.clone().into_os_string(),
        "$S" => example.with_file_name("shop").into_os_string(),
        word => word.into(),
    });
    ran(command().args(words).output().expect("np runs"))
}

/// The same on a folder, which it is run in.
pub(crate) fn np_in(folder: &Folder, line: &str) -> Ran {
    ran(command().current_dir(&folder.path).args(line.split_whitespace()).output().expect("np runs"))
}

/// The same, with text or other bytes on stdin.
pub(crate) fn np_with(folder: &Folder, line: &str, stdin: impl AsRef<[u8]>) -> Ran {
    let mut command = command();
    command.current_dir(&folder.path).args(line.split_whitespace());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("np runs");
    let mut pipe = child.stdin.take().expect("a pipe");
    let bytes = stdin.as_ref().to_owned();
    let writer = std::thread::spawn(move || {
        let _ = pipe.write_all(&bytes);
    });
    let output = child.wait_with_output().expect("np ends");
    writer.join().expect("the writer ends");
    ran(output)
}

pub(crate) fn ran(output: Output) -> Ran {
    let text = |bytes| String::from_utf8(bytes).expect("np prints UTF-8");
    Ran { code: output.status.code().expect("np exits"), out: text(output.stdout), err: text(output.stderr) }
}

/// A folder that goes when the test ends.
#[derive(Debug)]
pub(crate) struct Folder {
    pub(crate) path: PathBuf,
}

impl Folder {
    /// A new folder with these files.
    pub(crate) fn with(files: &[(&str, &str)]) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("np-cli-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let folder = Self { path: Path::new(env!("CARGO_TARGET_TMPDIR")).join(name) };
        std::fs::create_dir_all(&folder.path).expect("a folder");
        for (name, text) in files {
            folder.write(name, text);
        }
        folder
    }

    /// Adds a file.
    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path.join(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.path);
    }
}

/// A pod in YAML, with more lines of its `spec` or `status` behind.
pub(crate) fn pod(namespace: &str, name: &str, rest: &str) -> String {
    format!(
        "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, namespace: {namespace}, labels: {{app: {name}}}}}\n{rest}\n"
    )
}

/// A NetworkPolicy in YAML with this `spec`.
pub(crate) fn policy(namespace: &str, name: &str, spec: &str) -> String {
    format!(
        "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: {name}, namespace: {namespace}}}\nspec: {spec}\n"
    )
}
