//! Documentation that is made from the code: written by `docs write`, and held against it by
//! `docs check` in CI, so that the two cannot drift apart.

use std::fs;
use std::path::Path;

use np_model::diag::Code;

/// Every generated file, with its text.
fn generated() -> [(&'static str, String); 1] {
    [("docs/codes.md", Code::pages())]
}

/// Writes every generated file below `root`; gives their number, or what went wrong.
pub(crate) fn write(root: &Path) -> Result<usize, Vec<String>> {
    each(root, |path, text| {
        path.parent().map_or(Ok(()), fs::create_dir_all)?;
        fs::write(path, text)?;
        Ok(true)
    })
}

/// Checks that every generated file below `root` is as it would be written.
pub(crate) fn check(root: &Path) -> Result<usize, Vec<String>> {
    each(root, |path, text| Ok(fs::read_to_string(path)? == text))
}

fn each(root: &Path, act: impl Fn(&Path, &str) -> std::io::Result<bool>) -> Result<usize, Vec<String>> {
    let (mut files, mut problems) = (0, Vec::new());
    for (name, text) in generated() {
        files += 1;
        match act(&root.join(name), &text) {
            Ok(true) => {}
            Ok(false) => {
                problems.push(format!("{name}: is not up to date: run `cargo run -p xtask -- docs write`"));
            }
            Err(error) => problems.push(format!("{name}: {error}")),
        }
    }
    if problems.is_empty() { Ok(files) } else { Err(problems) }
}
