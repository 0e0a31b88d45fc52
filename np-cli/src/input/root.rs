//! Where files are for tools that look at the repository: np names files as seen from where it runs, and such tools from
//! the root of the repository, in what is checked out.

use std::io;
use std::path::{Component, Path, PathBuf};

use crate::report::places::Place;

/// What the text that a command printed in a folder is called, behind the name of the folder; of the current one, without
/// the blank and the brackets.
pub(super) const RENDERED: &str = " (rendered)";

/// What commands make manifests of, as files of the folder that they run in.
const RECIPES: [&str; 4] = ["kustomization.yaml", "kustomization.yml", "Kustomization", "Chart.yaml"];

/// What the names of files are seen from.
#[derive(Debug, Clone)]
pub(crate) struct Root {
    /// Where np runs.
    here: PathBuf,
    /// The repository that this is in, or the same where it is in none.
    top: PathBuf,
}

impl Root {
    /// That of this process.
    ///
    /// # Errors
    /// If the current folder is gone.
    pub(crate) fn find() -> io::Result<Self> {
        let here = std::env::current_dir()?;
        let top = here.ancestors().find(|folder| folder.join(".git").exists()).unwrap_or(&here).to_owned();
        Ok(Self { here, top })
    }

    /// A place in the head as tools find it: in a file as seen from the root, with `/` between folders. Of what was
    /// rendered, the start of what it was rendered from; `None` for what is outside, or no file.
    pub(crate) fn pin(&self, place: &Place) -> Option<Place> {
        let folder = if place.file == "rendered" { Some("") } else { place.file.strip_suffix(RENDERED) };
        match folder {
            _ if place.file == "stdin" => None,
            Some(folder) => {
                let named = |recipe: &&str| Path::new(folder).join(recipe);
                let file = RECIPES.iter().map(named).find(|file| self.here.join(file).is_file())?;
                Some(Place { file: self.relative(&file)?, line: 1, column: 1 })
            }
            None => Some(Place { file: self.relative(Path::new(&place.file))?, ..place.clone() }),
        }
    }

    /// What a file of the base is called as seen from the root, as far as that can be said. A revision stands before the
    /// path as git writes it, seen from the root already.
    pub(crate) fn stood(&self, name: &str) -> Option<String> {
        match name.split_once(':') {
            Some((_, path)) => Some(path.to_owned()),
            None => self.relative(Path::new(name)),
        }
    }

    fn relative(&self, name: &Path) -> Option<String> {
        let mut path = PathBuf::new();
        for component in self.here.join(name).components() {
            match component {
                Component::CurDir => {}
                Component::ParentDir => {
                    path.pop();
                }
                other => path.push(other),
            }
        }
        let inside = path.strip_prefix(&self.top).ok()?;
        let parts: Vec<_> = inside.components().map(|part| part.as_os_str().to_string_lossy()).collect();
        (!parts.is_empty()).then(|| parts.join("/"))
    }
}

#[cfg(test)]
mod tests {
    use super::Root;
    use crate::report::places::Place;

    #[test]
    fn files_are_seen_from_the_repository() {
        let root = Root { here: "/repo/deploy".into(), top: "/repo".into() };
        for (name, expected) in [
            ("db.yaml", Some("deploy/db.yaml")),
            ("./a/../db.yaml", Some("deploy/db.yaml")),
            ("../db.yaml", Some("db.yaml")),
            ("/repo/x/y.yaml", Some("x/y.yaml")),
            ("../../etc/passwd", None),
            ("/elsewhere/dump.yaml", None),
            ("/repository/x.yaml", None),
            ("stdin", None),
            ("..", None),
            ("app (rendered)", None),
        ] {
            let place = root.pin(&Place { file: name.to_owned(), line: 3, column: 5 });
            let expected = expected.map(|file| Place { file: file.to_owned(), line: 3, column: 5 });
            assert_eq!(place, expected, "{name}");
        }
        assert_eq!(root.stood("main:deploy/db.yaml").as_deref(), Some("deploy/db.yaml"));
        assert_eq!(root.stood("db.yaml").as_deref(), Some("deploy/db.yaml"));
    }

    #[test]
    fn what_is_rendered_is_pinned_to_what_it_is_made_of() {
        let top = std::env::temp_dir().join(format!("np-root-{}", std::process::id()));
        std::fs::create_dir_all(top.join("app")).expect("a folder");
        std::fs::write(top.join("app/Chart.yaml"), "").expect("a file");
        let root = Root { here: top.clone(), top: top.clone() };
        let pin = |file: &str| root.pin(&Place { file: file.to_owned(), line: 900, column: 3 });
        assert_eq!(
            pin("app (rendered)").map(|place| place.to_string()).as_deref(),
            Some("app/Chart.yaml:1:1")
        );
        assert_eq!(pin("rendered"), None);
        std::fs::remove_dir_all(top).expect("gone");
    }
}
