//! What a newcomer relies on: every source file opens with why it exists, and none grows beyond
//! what can be read in one sitting.

use std::fs;
use std::path::{Path, PathBuf};

/// Lines beyond which a file is no longer one thing.
const LONGEST: usize = 500;

/// Folders that hold nothing of ours.
const SKIPPED: [&str; 3] = ["target", ".git", "node_modules"];

/// The workspace's folder.
pub(crate) fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Checks every Rust file below `root`; gives their number, or what is wrong, sorted.
pub(crate) fn check(root: &Path) -> Result<usize, Vec<String>> {
    let (mut files, mut problems, mut folders) = (0, Vec::new(), vec![root.to_path_buf()]);
    while let Some(folder) = folders.pop() {
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries.flatten(),
            Err(error) => {
                problems.push(format!("{}: {error}", folder.display()));
                continue;
            }
        };
        for path in entries.map(|entry| entry.path()) {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if path.is_dir() && !SKIPPED.contains(&name) {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files += 1;
                let shown = path.strip_prefix(root).unwrap_or(&path).display().to_string();
                match fs::read_to_string(&path) {
                    Ok(text) => {
                        problems.extend(problems_of(&text).map(|problem| format!("{shown}: {problem}")));
                    }
                    Err(error) => problems.push(format!("{shown}: {error}")),
                }
            }
        }
    }
    problems.sort();
    if problems.is_empty() { Ok(files) } else { Err(problems) }
}

fn problems_of(text: &str) -> impl Iterator<Item = String> + use<> {
    let opening = (!text.starts_with("//!")).then(|| "does not open with `//!` and why it exists".to_owned());
    let lines = text.lines().count();
    let length = (lines > LONGEST).then(|| format!("{lines} lines; split it, {LONGEST} is the most"));
    opening.into_iter().chain(length)
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, problems_of};

    #[test]
    fn finds_files_without_a_reason_and_files_too_long() {
        assert_eq!(problems_of("//! Why.\n").count(), 0);
        assert_eq!(problems_of("use std::fs;\n").count(), 1);
        assert_eq!(problems_of(&format!("//! Why.\n{}", "\n".repeat(LONGEST))).count(), 1);
    }
}
