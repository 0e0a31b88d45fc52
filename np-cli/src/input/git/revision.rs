//! Which commits the arguments name, and the trees that those hold.

use std::path::Path;

use gix::object::Kind;
use gix::{Commit, ObjectId, Repository};

use super::missing_object;
use crate::failure::Message;

/// How many digits of a hash name a commit that nothing else names.
const DIGITS: usize = 7;

/// What is asked for, as it is written.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::input) struct Asked<'a> {
    base: &'a str,
    /// `None` is the working tree.
    head: Option<&'a str>,
    /// Whether the base is the commit where the head left it.
    from_fork: bool,
}

/// A revision that is there.
#[derive(Debug)]
pub(super) struct Revision {
    /// What people call it.
    pub(super) name: String,
    /// What it holds.
    pub(super) tree: ObjectId,
}

impl<'a> Asked<'a> {
    /// Of the arguments BASE and HEAD.
    pub(in crate::input) fn new(base: Option<&'a Path>, head: Option<&'a Path>) -> Result<Self, Message> {
        let text = |path: &'a Path| {
            path.to_str().ok_or_else(|| Message::new(format!("`{}` is no revision", path.display())))
        };
        let (base, head) = (base.map(text).transpose()?, head.map(text).transpose()?);
        let plain = |base, head| Self { base, head, from_fork: false };
        let or_head = |text: &'a str| if text.is_empty() { "HEAD" } else { text };
        match (base, head) {
            (None, _) => Ok(plain("HEAD", None)),
            (Some(base), Some(head)) => match [base, head].into_iter().find(|text| text.contains("..")) {
                Some(range) => {
                    let message = Message::new(format!("`{range}` is a range, which has both sides already"));
                    Err(message.help("write A..B, or A B"))
                }
                None => Ok(plain(base, Some(head))),
            },
            (Some(range), None) => {
                if let Some((base, head)) = range.split_once("...") {
                    return Ok(Self { base: or_head(base), head: Some(or_head(head)), from_fork: true });
                }
                Ok(match range.split_once("..") {
                    Some((base, head)) => plain(or_head(base), Some(or_head(head))),
                    None => plain(range, None),
                })
            }
        }
    }
}

/// Finds both; without a head, the working tree is meant.
pub(super) fn resolve(repo: &Repository, asked: &Asked<'_>) -> Result<(Revision, Option<Revision>), Message> {
    if !asked.from_fork {
        return Ok((find(repo, asked.base)?, asked.head.map(|head| find(repo, head)).transpose()?));
    }
    let (base, head) = (asked.base, asked.head.unwrap_or("HEAD"));
    let commits = [commit(repo, base)?, commit(repo, head)?];
    let fork = repo.merge_base(commits[0].id, commits[1].id);
    let Ok(Some(fork)) = fork else {
        let message = Message::new(format!("`{base}` and `{head}` have no commit in common"));
        return Err(deepen(repo, message, "compare them as they are: A..B"));
    };
    let name = fork.to_hex_with_len(DIGITS).to_string();
    let object = fork.object().map_err(|error| missing_object(repo, &format!("`{name}`"), &error))?;
    Ok((Revision { tree: tree(repo, object, &name)?, name }, Some(find(repo, head)?)))
}

fn find(repo: &Repository, text: &str) -> Result<Revision, Message> {
    Ok(Revision { name: text.to_owned(), tree: tree(repo, object(repo, text)?, text)? })
}

fn tree(repo: &Repository, object: gix::Object<'_>, text: &str) -> Result<ObjectId, Message> {
    let tree = peel(repo, object, Kind::Tree, text)?.map(|tree| tree.id);
    tree.ok_or_else(|| {
        let message = Message::new(format!("`{text}` holds no files: it is neither a commit nor a tree"));
        message.help("name a commit, a branch or a tag")
    })
}

fn commit<'r>(repo: &'r Repository, text: &str) -> Result<Commit<'r>, Message> {
    let commit = peel(repo, object(repo, text)?, Kind::Commit, text)?.map(gix::Object::into_commit);
    commit.ok_or_else(|| Message::new(format!("`{text}` is no commit")))
}

/// Follows an object to one of a kind, or to where nothing leads on. Objects come from strangers, so that one which does
/// not say where it leads is an error, where gix panics.
fn peel<'r>(
    repo: &'r Repository,
    mut object: gix::Object<'r>,
    kind: Kind,
    text: &str,
) -> Result<Option<gix::Object<'r>>, Message> {
    while object.kind != kind {
        let next = match object.kind {
            Kind::Commit => object.try_to_commit_ref_iter().and_then(|mut fields| fields.tree_id().ok()),
            Kind::Tag => object.try_to_tag_ref_iter().and_then(|fields| fields.target_id().ok()),
            Kind::Tree | Kind::Blob => return Ok(None),
        };
        let broken = || {
            let message = Message::new(format!("`{text}` is broken: the {} {}", object.kind, object.id));
            message.help("`git fsck` tells more")
        };
        let next = next.ok_or_else(broken)?;
        object =
            repo.find_object(next).map_err(|error| missing_object(repo, &format!("`{text}`"), &error))?;
    }
    Ok(Some(object))
}

fn object<'r>(repo: &'r Repository, text: &str) -> Result<gix::Object<'r>, Message> {
    let found = repo.rev_parse_single(text).and_then(|id| id.object());
    found.map_err(|_| {
        let place = repo.workdir().unwrap_or_else(|| repo.git_dir()).display();
        let message = Message::new(format!("no such path, and no revision of `{place}`: `{text}`"));
        if std::env::var_os("GIT_QUARANTINE_PATH").is_some() {
            return message.help(
                "git keeps what is pushed apart until the hook ends, where np does not look: write both revisions \
                 out with `git archive`, and compare the folders",
            );
        }
        let is_hash = text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_hash && repo.object_hash() != gix::hash::Kind::Sha1 {
            // gix finds the start of a hash in packs alone.
            return message.help("in a repository with SHA-256, write the hash whole");
        }
        deepen(repo, message, "write a branch, a tag or a commit as git does; remote branches as origin/main")
    })
}

/// In a clone without its history, what is missing may be just there.
fn deepen(repo: &Repository, message: Message, otherwise: &str) -> Message {
    if repo.is_shallow().unwrap_or_default() {
        message.help(
            "the clone is shallow: `git fetch --deepen 100`, or in a workflow `fetch-depth: 0` of actions/checkout",
        )
    } else {
        message.help(otherwise)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::Asked;

    #[test]
    fn ranges_are_written_as_for_git() {
        let asked = |base: &'static str, head: Option<&'static str>, from_fork: bool| {
            Ok(Asked { base, head, from_fork })
        };
        let one = |text: &'static str| Asked::new(Some(Path::new(text)), None);
        assert_eq!(one("main..topic"), asked("main", Some("topic"), false));
        assert_eq!(one("main...topic"), asked("main", Some("topic"), true));
        assert_eq!(one("main.."), asked("main", Some("HEAD"), false));
        assert_eq!(one("...topic"), asked("HEAD", Some("topic"), true));
        assert_eq!(one("v1.2"), asked("v1.2", None, false));
        assert_eq!(Asked::new(None, None), asked("HEAD", None, false));
        let two =
            |base: &'static str, head: &'static str| Asked::new(Some(Path::new(base)), Some(Path::new(head)));
        assert_eq!(two("a", "b"), asked("a", Some("b"), false));
        assert!(two("a..b", "c").is_err());
    }
}
